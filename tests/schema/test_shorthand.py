"""Steps that stand for several: what they become, by hand; and that one change leaves other steps' addresses alone."""

import pytest

from sim.schema.condition import Condition
from tests.schema.small import WORK, call, document, model, stream

ATTRIBUTES = {"customer": {"firm": "20 %", "home": "otherwise"}, "amount": {"values": [0, 500, 9000]}}
PEOPLE = {
    "desk": {"agents": 2, "skills": ["talk", "logistics"]},
    "bosses": {"agents": 1, "skills": ["supervise", "manage"]},
}


def expanded(steps, **changes):
    """Primitive steps in a few words each."""
    changes.setdefault("people", PEOPLE)
    found = document(demand=stream(attributes=ATTRIBUTES, tier={"urgent": 0.1, "other": 0.9}),
                     process=call(steps), **changes).scenario.expanded  # fmt: skip
    return {name: _words(step) for name, step in found.process["call"].items()}, found


def _words(step):
    ways = ", ".join(f"{to} {_way(way)}" for to, way in (step.branch or {}).items())
    mark = f"{step.mark.priority} {step.mark.due}" if step.mark else None
    parts = (step.work, step.delay and "delay", step.rounds_at and "round", ways, mark, step.end)
    said = " ".join(part for part in parts if part)
    return said + (f" > {step.next}" if step.next else "")


def _way(way):
    return way.text if isinstance(way, Condition) else way if isinstance(way, str) else f"{way:.3g}"


USED = {"other": {"work": "supervise", "talk": "1 min"}, "more": {"work": "manage", "talk": "1 min"},
        "log": {"work": "logistics", "talk": "1 min"}}  # fmt: skip


def test_when_leads_past_a_step():
    """To its next, or to the step below; all conditions of a list must hold; others lead to the condition."""
    steps, found = expanded({
        "go": {"branch": {"gift": "1 %", "again": "otherwise"}},
        "gift": {**WORK, "when": "amount > 0"},
        **USED,
        "again": {**WORK, "when": ["amount > 5", "customer = firm"], "next": "close"},
    })  # fmt: skip
    assert steps["go"] == "gift: when 0.01, again: when otherwise"
    assert steps["gift: when"] == "gift amount > 0, other otherwise"
    assert steps["again: when"] == "again: when 2 amount > 5, close otherwise"
    assert steps["again: when 2"] == "again customer = firm, close otherwise"
    assert found.places["call", "again: when 2"] == ("process", "call", "again")


BOT = {"covers": "50 %", "contains": "75 %", "turn": "40 s"}


def test_a_plain_bot():
    steps, _ = expanded({"bot": {"bot": BOT}, "answer": WORK, **USED})
    assert steps["bot: turn 1"] == "delay > bot: turn 1 answer"
    assert steps["bot: turn 1 answer"] == "close 0.375, answer otherwise"


def test_a_bot_of_two_turns_that_settles_falsely_and_hands_over():
    """Half of the rest is settled in each turn: 75 % after two. Half is understood at all."""
    bot = {**BOT, "turns": 2, "falsely": "10 %", "comes back after": "4 h", "hand over priority": 2,
           "urgent": ["tier = urgent", "amount > 600"]}  # fmt: skip
    steps, found = expanded({
        "bot": {"bot": bot, "contained": "done"}, "answer": WORK, **USED, "over": {**WORK, "next": "close"},
        "done": {"end": "unsolved"},
    })  # fmt: skip
    assert steps["bot: urgent"] == "bot: hand over tier = urgent, bot: urgent 2 otherwise"
    assert steps["bot: urgent 2"] == "bot: hand over amount > 600, bot: turn 1 otherwise"
    assert steps["bot: turn 1 answer"] == "bot: settled 0.25, bot: turn 2 0.25, bot: hand over otherwise"
    assert steps["bot: turn 2 answer"] == "bot: settled 0.5, bot: hand over otherwise"
    assert steps["bot: settled"] == "bot: comes back 0.1, done otherwise"
    assert steps["bot: comes back"] == "delay > answer"
    assert steps["bot: hand over"] == "2 None > answer"
    assert found.process["call"]["bot: turn 1 answer"].easy_first
    assert not found.process["call"]["bot: turn 2 answer"].easy_first


def test_classification():
    sort = {
        "classify": {"right": "75 %", "wrong": ["logistics", "supervise"], "diagnosis": "6 min", "transfer": "2 min"}
    }
    steps, found = expanded({"sort": sort, "answer": WORK, **USED})
    assert steps["sort"] == "sort: at logistics 0.125, sort: at supervise 0.125, answer otherwise"
    assert steps["sort: at logistics"] == "logistics > answer"
    desk = found.process["call"]["sort: at logistics"]
    assert (desk.talk.constant, desk.wrap.constant, desk.patience) == (360_000_000, 120_000_000, "none")


LEVELS = [
    {"by": "supervise", "takes": "8 min", "up to": {"amount": 1000}, "rounds at": ["10:00", "15:00"], "days": "mon-fri",
     "returns": "5 %", "rejects": "3 %"},
    {"by": "manage", "takes": "5 min", "when": "customer = firm"},
]  # fmt: skip
REFUND = {"refund": {"approve": "refunds", "returned": "answer", "rejected": "declined", "next": "close"}}


def test_levels_of_approval():
    steps, _ = expanded({
        "answer": WORK, "sometimes": {"branch": {"log": "1 %", "refund": "otherwise"}}, **REFUND,
        "declined": {"end": "unsolved"}, "log": USED["log"],
    }, approvals={"refunds": LEVELS})  # fmt: skip
    assert steps["sometimes"] == "log 0.01, refund: level 1 round otherwise"
    assert steps["refund: level 1 round"] == "round > refund: level 1"
    assert steps["refund: level 1"] == "supervise > refund: level 1 verdict"
    assert steps["refund: level 1 verdict"] == "answer 0.05, declined 0.03, refund: level 1 enough otherwise"
    assert steps["refund: level 1 enough"] == "close amount <= 1000, refund: level 2 when otherwise"
    assert steps["refund: level 2 when"] == "refund: level 2 customer = firm, close otherwise"
    assert steps["refund: level 2"] == "manage > close"


def test_returned_cases_are_asked_again_and_small_ones_are_delegated():
    approval = {"delegated": {"amount": 200}, "levels": [{"by": "supervise", "takes": "1 min", "returns": "5 %"}]}
    steps, _ = expanded({"refund": {"approve": "refunds"}, "answer": WORK, "more": USED["more"], "log": USED["log"]},
                        approvals={"refunds": approval})  # fmt: skip
    assert steps["refund: delegated"] == "answer amount <= 200, refund: level 1 otherwise"
    assert steps["refund: level 1 verdict"] == "refund: level 1 0.05, answer otherwise"


@pytest.mark.parametrize("share", ["0 %", "100 %"])
def test_shares_may_go_all_the_way(share):
    """So that a claim can be swept from nothing to everything."""
    bot = {"covers": share, "contains": share, "turn": "1 s", "turns": 3, "falsely": share, "comes back after": "1 h"}
    sort = {"classify": {"right": share, "wrong": ["logistics"], "diagnosis": "1 min"}}
    steps = {"bot": {"bot": bot}, "sort": sort, "which": {"branch": {"answer": share, "refund": "otherwise"}},
             "answer": WORK, **REFUND, "declined": {"end": "unsolved"}}  # fmt: skip
    levels = [{"by": "supervise", "takes": "1 min", "returns": "0 %", "rejects": "0 %"},
              {"by": "manage", "takes": "1 min", "returns": "0 %", "rejects": share}]  # fmt: skip
    assert expanded(steps, approvals={"refunds": levels})


def test_deputies_serve_after_a_wait():
    people = {**PEOPLE, "deputies": {"agents": 1, "skills": ["manage"]}}
    levels = [{"by": "manage", "takes": "1 min", "deputies": {"group": "deputies", "after": "4 h"}}]
    _, found = expanded({"refund": {"approve": "refunds"}, "answer": WORK, **USED}, people=people,
                        approvals={"refunds": levels})  # fmt: skip
    targets = [(one.group, one.after) for one in found.routing["manage"].targets]
    assert targets == [("bosses", 0), ("deputies", 4 * 3600 * 1_000_000)]


def test_the_first_lane_that_fits_counts():
    lanes = [{"when": "customer = firm", "priority": 1, "due": "4 h"},
             {"when": ["amount > 5", "tier = urgent"], "priority": 2}]  # fmt: skip
    steps, found = expanded({"answer": WORK, **USED}, lanes=lanes)
    assert next(iter(steps)) == "lane 1: when"
    assert steps["lane 1: when"] == "lane 1 customer = firm, lane 2: when otherwise"
    assert steps["lane 1"] == "1 14400000000 > answer"
    assert steps["lane 2: when"] == "lane 2: when 2 amount > 5, answer otherwise"
    assert steps["lane 2: when 2"] == "lane 2 tier = urgent, answer otherwise"
    assert steps["lane 2"] == "2 None > answer"
    assert found.places["call", "lane 2"] == ("lanes", 1)


def test_streams_without_a_lanes_attribute_pass_by():
    one = {"type": "call", "per hour": 1}
    demand = {"calls": {**one, "attributes": {"customer": "firm"}}, "mail": one}
    made = model(demand=demand, lanes=[{"when": "customer = firm", "priority": 1}])
    first = made.network.steps[made.network.entries["step"][1]]
    (way,) = made.network.branches[first["branch_first"] : first["branch_last"]]
    assert made.names.steps[way["target"]] == "call: answer"


@pytest.mark.parametrize("change", ["when", "bot", "approval", "lanes"])
def test_what_is_switched_on_leaves_the_addresses_of_other_steps(change):
    """So all their draws stay: the same customers, patience and talks."""
    plain, _ = {"answer": WORK, **USED}, None
    before = model(demand=stream(attributes=ATTRIBUTES), people=PEOPLE, process=call(plain))
    steps, more = dict(plain), {}
    if change == "when":
        steps["log"] = {**steps["log"], "when": "amount > 100"}
    if change == "bot":
        steps = {"bot": {"bot": BOT}, **steps}
    if change == "approval":
        steps, more = {**steps, "refund": {"approve": "refunds"}}, {"approvals": {"refunds": [LEVELS[1]]}}
    if change == "lanes":
        more = {"lanes": [{"when": "customer = firm", "priority": 1}]}
    after = model(demand=stream(attributes=ATTRIBUTES), people=PEOPLE, process=call(steps), **more)
    old = dict(zip(before.names.steps, before.network.steps["id"].tolist(), strict=True))
    new = dict(zip(after.names.steps, after.network.steps["id"].tolist(), strict=True))
    assert old.items() < new.items()
    assert before.network.attributes["id"].tolist() == after.network.attributes["id"].tolist()
