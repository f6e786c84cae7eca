"""From the scenario file to what is judged: numbers, places of errors, and agreement with what engines draw."""

import numpy as np
import pytest

from scenarios.replications import replicate
from sim.build import build
from sim.codes import Case, Visit
from sim.errors import ScenarioError
from sim.metrics.service import EFFECTS
from sim.run import run
from sim.schema import Document
from sim.units import HOUR_US, MINUTE_US

TEXT = """
queuewise: 1
name: judged
start: 2026-03-02
horizon: 1 week
interval: 1 h
calendars:
  office: {mon-fri: "09:00-17:00"}
demand:
  calls:
    type: help
    per hour: {mon-fri: {"09:00-16:00": 12}}
    tier: {urgent: 30 %, ordinary: otherwise}
    attributes: {amount: {median: 100, spread: 2}}
people:
  desk: {agents: 4, skills: [help, decide], cost: 40}
approvals:
  refunds:
    - {by: decide, takes: 1 min, up to: {amount: 100}, catches: 30 %}
    - {by: decide, takes: 1 min, rounds at: ["10:00"], catches: 60 %}
process:
  help:
    sort: {classify: {right: 75 %, wrong: [help], diagnosis: 2 min, wrong tier: ordinary}}
    which: {branch: {fast: tier = urgent, slow: otherwise}}
    fast: {work: help, talk: 1 min, next: refund}
    slow: {work: help, talk: 2 min}
    papers: {delay: 1 h, awaits: customer}
    refund: {approve: refunds, next: pay}
    pay: {work: help, talk: 1 min}
    close: {end: solved}
tiers:
  urgent: {respond within: 5 min, offer within: 2 h, offered at: [refund, "help: fast"], goal: 90 %}
  ordinary: {solve within: 8 h, clock: office, pauses: [customer]}
satisfaction:
  base: 95
  loses:
    hand-overs: {points: 3, range: [1, 5]}
    unsolved: 20
    cold: {points: 4, chance: 10 %, at most: 7}
repeat within: 2 days
money:
  per contact: {phone: 0.5}
  payments: {at: [pay], amount: amount, overpaid: 10 %, by: 20 %}
  budget: {systems: 36500}
scorecard:
  content: {weight: 40, measure: satisfaction}
  ideas: {weight: 5, given: 50}
"""


def model(text=TEXT):
    return build(Document.from_text(text).scenario)


@pytest.fixture(scope="module")
def built():
    return model()


def names(built, numbers):
    return {built.names.steps[number] for number in numbers}


def test_what_is_judged_is_numbered(built):
    service = built.frame.service
    urgent, ordinary = service.tiers
    assert urgent.limits_us == (5 * MINUTE_US, 2 * HOUR_US, None)
    assert (urgent.calendar, urgent.goal, urgent.pauses) == (-1, 0.9, ())
    assert names(built, urgent.offered_at) == {"help: fast", "help: refund: level 1", "help: refund: level 2"}
    assert ordinary.calendar == 0
    assert names(built, ordinary.pauses) == {"help: papers"}
    assert [(names(built, [step]), tier) for step, tier in service.wrong_tier] == [({"help: sort: at help"}, 1)]
    assert names(built, service.approvals) == {
        *("help: refund: level 1", "help: refund: level 2", "help: refund: level 2 round"),
    }
    caught = [(built.names.steps[step], share) for step, share in service.money.catches]
    assert caught == [("help: refund: level 1", 0.3), ("help: refund: level 2", 0.6)]
    assert names(built, service.money.paid_at) == {"help: pay"}
    assert service.money.budget == (("budget: systems", pytest.approx(700)),)
    assert service.money.people == (40.0,)
    assert built.frame.repeat_us == 48 * HOUR_US


def test_losses_have_their_most(built):
    effects = dict(zip(EFFECTS, built.frame.service.opinion.effects, strict=True))
    assert (effects["hand-overs"].most, effects["hand-overs"].lowest, effects["hand-overs"].highest) == (25, 1, 5)
    assert effects["unsolved"].most == 20
    assert (effects["cold"].most, effects["cold"].chance) == (7, 0.1)
    assert effects["wait"].most == 0


def test_a_scenario_without_any_of_it_is_judged_by_nobody():
    text = TEXT[: TEXT.index("tiers:")]
    text = text[: text.index("approvals:")] + text[text.index("process:") :]
    for more in (", wrong tier: ordinary", ", cost: 40", ", decide"):
        text = text.replace(more, "")
    plain = model(text.replace("{approve: refunds, next: pay}", "{work: help, talk: 1 min}"))
    assert plain.frame.service is None
    assert not plain.frame.follows
    assert not plain.frame.parts & {"money", "satisfaction", "respond within", "paid hours"}


def test_the_tier_is_the_one_that_the_engines_drew(built):
    log = run(built, seed=5)
    fast = [n for n, name in enumerate(built.names.steps) if name == "help: fast"]
    came = {tuple(row) for row in log.visits[np.isin(log.visits[:, Visit.STEP], fast)][:, [Visit.STREAM, Visit.CASE]]}
    result = replicate(built, 1, seed=5)
    urgent = result.estimate("respond_promises", tier="urgent").mean
    assert 0 < urgent < len(log.cases)
    assert urgent == len(came)
    assert result.estimate("solve_attainment", tier="urgent").mean is None


def test_paid_out_is_the_amount_that_the_engines_drew(built):
    result = replicate(built, 1, seed=5)
    log = run(built, seed=5)
    asked = [n for n, name in enumerate(built.names.steps) if name == "help: refund: level 2"]
    higher = len(np.unique(log.visits[np.isin(log.visits[:, Visit.STEP], asked)][:, Visit.CASE]))
    paid = result.estimate("cost", cost_line="payments").mean
    assert paid > 100 * higher  # whoever came to the second level is paid more than 100
    assert result.estimate("cost", cost_line="desk").mean == pytest.approx(4 * 168 * 40)
    everything = sum(result.estimate("cost", cost_line=line).mean for line in result.owners("cost line"))
    assert result.estimate("cost").mean == pytest.approx(everything)


def test_chunks_of_the_slower_engine_give_the_same_sums(built):
    fast, slow = (replicate(built, 1, seed=3, engine=engine).totals[0] for engine in ("kernel", "reference"))
    for name in ("queue", "group", "case", "tier", "opinion", "money", "agent"):
        assert np.array_equal(getattr(fast, name), getattr(slow, name)), name
    assert len(run(built, seed=3).cases[:, Case.CASE]) > 100


@pytest.mark.parametrize(
    ("written", "instead", "place", "says"),
    [
        ("clock: office", "clock: offise", "tiers.ordinary.clock", "no such calendar: 'offise'"),
        ("respond within: 5 min, offer within: 2 h, offered at: [refund, \"help: fast\"], ", "", "tiers.urgent",
         "a tier without a promise"),
        (", offered at: [refund, \"help: fast\"]", "", "tiers.urgent.offer within", "go together"),
        ("[refund, \"help: fast\"]", "[refunt]", "tiers.urgent.offered at[0]", "no such step in any process: 'refunt'"),
        ("[refund, \"help: fast\"]", "[which]", "tiers.urgent.offered at[0]", "leaves no trace in the log"),
        ("pauses: [customer]", "pauses: [vendor]", "tiers.ordinary.pauses[0]", "no delay step awaits the vendor"),
        ("tier: {urgent: 30 %, ordinary", "tier: {urgend: 30 %, ordinary", "demand.calls.tier", "'urgend'"),
        ("wrong tier: ordinary", "wrong tier: odd", "classify.wrong tier", "no such tier: 'odd'"),
        ("range: [1, 5]", "range: [4, 5]", "loses.hand-overs.range", "points outside their range"),
        ("cold: {points: 4, chance: 10 %, at most: 7}", "cold: 4", "loses.cold", "'cold' needs a 'chance'"),
        ("unsolved: 20", "unsolved: {points: 20, chance: 5 %}", "loses.unsolved.chance", "goes with inconsistent"),
        ("base: 95", "base: 195", "satisfaction.base", "100"),
        ("per contact: {phone: 0.5}", "per contact: {fone: 0.5}", "per contact.fone", "no such channel: 'fone'"),
        ("amount: amount", "amount: amout", "payments.amount", "no such attribute: 'amout'"),
        ("at: [pay]", "at: [pai]", "payments.at[0]", "no such step in any process: 'pai'"),
        ("measure: satisfaction}", "measure: satisfaction, given: 3}", "scorecard.content", "exactly one of"),
        ("measure: satisfaction}", "measure: contacts per hour}", "scorecard.content", "needs 'worst' and 'best'"),
        ("given: 50}", "given: 50, best: 3}", "scorecard.ideas", "go with 'measure' only"),
    ],
)  # fmt: skip
def test_errors_say_where_and_what(written, instead, place, says):
    assert written in TEXT
    with pytest.raises(ScenarioError) as error:
        _ = Document.from_text(TEXT.replace(written, instead)).scenario
    text = str(error.value)
    assert place in text
    assert says in text


def test_late_and_broken_promises_need_promises():
    text = (
        TEXT[: TEXT.index("tiers:")].replace(", wrong tier: ordinary", "")
        + "satisfaction: {base: 90, loses: {late: 5}}\n"
    )
    with pytest.raises(ScenarioError, match="nothing is promised that could be broken"):
        _ = Document.from_text(text).scenario
