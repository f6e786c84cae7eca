"""The risk register on an operation whose every number is known by hand."""

import pytest

from scenarios.logs import Runs
from scenarios.risks import register, with_risk
from sim.errors import ScenarioError
from sim.schema import Document

EVERY_TEN_MINUTES = [f"2026-03-02 {hour:02d}:{minute:02d}" for hour in range(8, 20) for minute in range(0, 60, 10)]
RISKS = {
    "leak": {"from": "2026-03-02", "for": "1 h", "likelihood": "1 %", "costs": 90_000, "response": "transfer",
             "measure": "insurance", "owner": "legal"},
    "outage": {"from": "2026-03-02 09:55", "for": "30 min", "no work on": ["call"], "likelihood": "20 %",
               "response": "reduce", "by": ["spare system"]},
    "flu": {"from": "2026-03-02", "for": "1 day", "absence": "100 %", "likelihood": "5 %"},
}  # fmt: skip
DATA = {
    "queuewise": 1,
    "name": "by the clock",
    "start": "2026-03-02",
    "horizon": "1 day",
    "ends": "drain",
    "demand": {"calls": {"type": "call", "recorded": EVERY_TEN_MINUTES, "patience": "1 h"}},
    "people": {"front": {"shifts": {"day": {"hours": "07:00-21:00", "agents": 3}}, "skills": ["call"]}},
    "process": {"call": {"answer": {"work": "call", "talk": "1 min"}, "close": {"end": "solved"}}},
    "interventions": {"spare system": {"set": {"risks.outage.for": "15 min"}}},
    "risks": RISKS,
}


@pytest.fixture(scope="module")
def found():
    return register(Document.from_data(DATA), ["first_response_time", "lost_rate"], Runs(2))


def test_an_outage_by_hand(found):
    """Of 72 calls those of 10:00, 10:10 and 10:20 wait 25, 15 and 5 minutes: 2,700 s / 72, a fifth."""
    one = found.get("outage", "first_response_time")
    assert one.usual == 0
    assert (one.effect, one.low, one.high) == pytest.approx((37.5, 37.5, 37.5))
    assert (one.expected, one.expected_low, one.expected_high) == pytest.approx((7.5, 7.5, 7.5))
    assert found.get("outage", "lost_rate").effect == 0


def test_what_is_left_with_the_response(found):
    """Fifteen minutes, not thirty: 10:00 waits 10 minutes, 10:10 is served as the era begins. 600 s / 72, a fifth."""
    one = found.get("outage", "first_response_time")
    assert one.rest == pytest.approx(600 / 72)
    assert one.expected_rest == pytest.approx(600 / 72 / 5)


def test_nobody_there_loses_all(found):
    one = found.get("flu", "lost_rate")
    assert (one.usual, one.effect, one.expected) == (0, 1, pytest.approx(0.05))
    assert one.rest is None


def test_costs_alone_need_no_run(found):
    one = found.get("leak", "lost_rate")
    assert (one.effect, one.expected, one.rest) == (None, None, None)


def test_the_heaviest_stands_first(found):
    """Under the flu nobody is left whose response could be measured; then 7.5 s of the outage; then costs alone."""
    assert list(found.risks) == ["flu", "outage", "leak"]
    table = found.table()
    assert list(table["risk"])[::2] == ["flu", "outage", "leak"]
    leak = table[table["risk"] == "leak"].iloc[0]
    assert (leak["expected_costs"], leak["response"], leak["owner"]) == (900, "transfer", "legal")


def test_plain_runs_know_nothing_of_risks():
    document = Document.from_data(DATA)
    assert document.scenario.disruptions == {}
    happened = with_risk(document, "outage")
    assert list(happened.scenario.disruptions) == ["risk: outage"]
    planned = {"works": {"from": "2026-03-02 12:00", "for": "1 h", "slower": "10 %"}}
    both = with_risk(Document.from_data({**DATA, "disruptions": planned}), "flu")
    assert list(both.scenario.disruptions) == ["works", "risk: flu"]


def test_nothing_to_weigh():
    with pytest.raises(ScenarioError, match="no risks to weigh"):
        register(Document.from_data({**DATA, "risks": {}, "interventions": {}}))
