"""Traces by hand of what stands for several primitive steps: approvals, bots, classification, lanes."""

import pytest

from tests.engines.trace import agents, check, model

ONE = {"g": agents(1)}
DONE = {"done": {"end": "solved"}}
SERVE = {"work": "s", "talk": "10 s"}

# Approvals -------------------------------------------------------------------------------------------------------

BOSSES = {"g": agents(1), "lead": agents(1, "leads"), "manager": agents(1, "manages"), "director": agents(1, "directs")}
LEVELS = [
    {"by": "leads", "up to": {"amount": 100}, "takes": "10 s"},
    {"by": "manages", "up to": {"amount": 1000}, "takes": "20 s"},
    {"by": "directs", "takes": "30 s"},
]


def refunds(amounts, levels, people=BOSSES, step=None, **top):
    """Streams a, b ... with one case each, a hundred seconds apart, and these amounts."""
    demand = {
        name: {"at": [100 * place], "attributes": {"amount": amount}}
        for place, (name, amount) in enumerate(zip("abc", amounts, strict=False))
    }
    steps = {"serve": SERVE, "refund": {"approve": "refunds"} | (step or {})} | DONE | {"declined": {"end": "unsolved"}}
    if not {"rejected", "returned"} & set(step or {}):
        del steps["declined"]
    used = {name: group for name, group in people.items() if name == "g" or group["skills"][0] in str(levels)}
    return model(demand, used, {"t": steps}, approvals={"refunds": levels}, **top)


def test_three_levels_of_approval(engine):
    """50 is for the lead to decide (10 s), 500 for lead and manager (10 + 20), 5,000 for all three (10 + 20 + 30)."""
    check(
        engine,
        refunds((50, 500, 5000), LEVELS),
        visits="""
            a0 serve g0             0   0  10  10 served
            a0 refund: level 1 lead0      10  10  20  20 served
            b0 serve g0           100 100 110 110 served
            b0 refund: level 1 lead0     110 110 120 120 served
            b0 refund: level 2 manager0  120 120 140 140 served
            c0 serve g0           200 200 210 210 served
            c0 refund: level 1 lead0     210 210 220 220 served
            c0 refund: level 2 manager0  220 220 240 240 served
            c0 refund: level 3 director0 240 240 270 270 served
        """,
        cases="""
            a0   0   0  20 solved 1 2 1 0 20
            b0 100 100 140 solved 1 3 2 0 40
            c0 200 200 270 solved 1 4 3 0 70
        """,
    )


def test_a_limit_is_still_decided(engine):
    """Up to 100 means 100 too."""
    check(engine, refunds((100,), LEVELS), cases="a0 0 0 20 solved 1 2 1 0 20")


def test_nobody_is_asked_below_what_is_delegated(engine):
    """200 and 201 beside a delegation up to 200: straight on, and all the way to the manager."""
    approval = {"levels": LEVELS, "delegated": {"amount": 200}}
    check(
        engine,
        refunds((200, 201), approval),
        cases="""
            a0   0   0  10 solved 1 1 0 0 10
            b0 100 100 140 solved 1 3 2 0 40
        """,
    )


def test_a_level_that_is_asked_only_then(engine):
    """The manager only where the amount is above 300: a0 skips from the lead to the director."""
    levels = [LEVELS[0], LEVELS[1] | {"when": "amount > 300"}, LEVELS[2]]
    check(
        engine,
        refunds((200, 2000), levels),
        cases="""
            a0   0   0  50 solved 1 3 2 0 50
            b0 100 100 170 solved 1 4 3 0 70
        """,
    )


def test_approval_round_at_ten(engine):
    """It is 09:50. a0 is there at 10 s and waits until 10:00 (600 s); b0, at 610 s, until the next day (87,000 s)."""
    levels = [{"by": "leads", "takes": "10 s", "rounds at": ["10:00"]}]
    demand = {"a": {"at": [0]}, "b": {"at": [600]}}
    steps = {"t": {"serve": SERVE, "refund": {"approve": "refunds"}} | DONE}
    made = model(demand, {"g": agents(1), "lead": agents(1, "leads")}, steps, approvals={"refunds": levels},
                 start="2026-03-02 09:50", horizon="2 days")  # fmt: skip
    check(
        engine,
        made,
        visits="""
            a0 serve g0                      0     0    10    10 served
            a0 refund: level 1 round -      10    10   600     - delayed
            a0 refund: level 1 lead0       600   600   610   610 served
            b0 serve g0                    600   600   610   610 served
            b0 refund: level 1 round -     610   610 87000     - delayed
            b0 refund: level 1 lead0     87000 87000 87010 87010 served
        """,
    )


@pytest.mark.parametrize("verdict", ["rejects", "returns"])
@pytest.mark.parametrize(("share", "ended"), [("0 %", "20 solved"), ("100 %", "20 unsolved")])
def test_rejected_and_returned(engine, verdict, share, ended):
    """Nobody or everybody is turned down by the only level, at 20."""
    levels = [{"by": "leads", "takes": "10 s", verdict: share}]
    step = {"rejected": "declined", "returned": "declined", "next": "done"}
    check(engine, refunds((50,), levels, step=step), cases=f"a0 0 0 {ended} 1 2 1 0 20")


def test_deputy_of_a_level_after_a_wait(engine):
    """The lead is never there: after 40 s, at 50, the deputy may decide."""
    levels = [{"by": "leads", "takes": "10 s", "deputies": {"group": "deputy", "after": "40 s"}}]
    people = {"g": agents(1), "lead": agents(0, "leads"), "deputy": agents(1, "leads")}
    check(
        engine,
        refunds((50,), levels, people),
        visits="a0 serve g0 0 0 10 10 served\na0 refund: level 1 deputy0 10 50 60 60 served",
    )


# Bots ------------------------------------------------------------------------------------------------------------


def bot(demand=None, **fields):
    steps = {
        "robot": {"bot": {"covers": "100 %", "contains": "100 %", "turn": "40 s"} | fields, "next": "serve"},
        "serve": SERVE,
    }
    return model(demand or {"a": {"at": [0]}}, ONE, {"t": steps | DONE})


def test_a_bot_that_settles_everything(engine):
    """No person: no response, solved after a turn."""
    check(engine, bot(), cases="a0 0 - 40 solved 1 1 0 0 0")


@pytest.mark.parametrize("nothing", [{"covers": "0 %"}, {"contains": "0 %"}])
def test_a_bot_that_settles_nothing(engine, nothing):
    """A turn of 40 s, and the person."""
    check(engine, bot(**nothing), cases="a0 0 40 50 solved 1 2 0 0 10")


def test_a_bot_of_three_turns_gives_up_after_the_last_and_at_once_on_what_it_does_not_cover(engine):
    check(engine, bot(contains="0 %", turns=3), cases="a0 0 120 130 solved 1 4 0 0 10")
    check(engine, bot(covers="0 %", turns=3), cases="a0 0 40 50 solved 1 2 0 0 10")


def test_falsely_contained_cases_come_back_to_a_person(engine):
    """It seems settled at 40; the customer is back 100 s later."""
    check(
        engine,
        bot(falsely="100 %", **{"comes back after": "100 s"}),
        visits="""
            a0 robot: turn 1     -    0   0  40   - delayed
            a0 robot: comes back -   40  40 140   - delayed
            a0 serve             g0 140 140 150 150 served
        """,
        cases="a0 0 140 150 solved 1 3 0 0 10",
    )


def test_urgent_contacts_do_not_talk_to_the_bot(engine):
    demand = {"a": {"at": [0], "attributes": {"words": "fire"}}, "b": {"at": [100], "attributes": {"words": "bill"}}}
    check(
        engine,
        bot(demand, urgent="words = fire"),
        cases="a0 0 0 10 solved 1 1 0 0 10\nb0 100 - 140 solved 1 1 0 0 0",
    )


def test_who_is_handed_over_by_the_bot_gets_its_priority(engine):
    """a1 waits from 41 on with priority 2; b0 is handed over at 42 with priority 1 and passes it at 50."""
    process = {
        "t": {"serve": SERVE | {"talk": "50 s"}} | DONE,
        "v": {
            "robot": {"bot": {"covers": "0 %", "contains": "0 %", "turn": "40 s", "hand over priority": 1}},
            "serve": SERVE,
        }
        | DONE,
    }
    demand = {"a": {"at": [0, 41], "priority": 2}, "b": {"at": [2], "type": "v", "priority": 3}}
    check(
        engine,
        model(demand, ONE, process),
        visits="""
            b0 robot: turn 1 -  2  2  42   - delayed
            a0 serve        g0  0  0  50  50 served
            b0 serve        g0 42 50  60  60 served
            a1 serve        g0 41 60 110 110 served
        """,
    )


# Classification --------------------------------------------------------------------------------------------------


def classified(right, wrong=("logistics",)):
    rule = {"right": right, "wrong": list(wrong), "diagnosis": "20 s", "transfer": "5 s"}
    people = {"g": agents(1)} | {skill[0]: agents(1, skill) for skill in wrong}
    return model({"a": {"at": [0]}}, people, {"t": {"sort": {"classify": rule}, "serve": SERVE} | DONE})


def test_classified_right(engine):
    check(engine, classified("100 %"), visits="a0 serve g0 0 0 10 10 served")


def test_classified_wrong(engine):
    """20 s at the wrong desk to find out, 5 s for the transfer (the agent's); then the right queue."""
    check(
        engine,
        classified("0 %"),
        visits="""
            a0 sort: at logistics l0  0  0 20 25 served
            a0 serve              g0 20 20 30 30 served
        """,
        cases="a0 0 0 30 solved 1 2 1 0 35",
    )


@pytest.mark.parametrize(("right", "step"), [("100 %", "serve"), ("0 %", "repair")])
def test_misrouted_cases_go_on_elsewhere(engine, right, step):
    """Sent the right way: served from 0 to 10. The wrong way: 20 s at the wrong desk, then repaired until 30."""
    rule = {"right": right, "wrong": ["logistics"], "diagnosis": "20 s"}
    steps = {"sort": {"classify": rule, "misrouted": "repair"}, "serve": SERVE | {"next": "done"}, "repair": SERVE}
    made = model({"a": {"at": [0]}}, {"g": agents(1), "l": agents(1, "logistics")}, {"t": steps | DONE})
    visits = "a0 sort: at logistics l0 0 0 20 20 served\n" if step == "repair" else ""
    begin = 20 if visits else 0
    check(engine, made, visits=f"{visits}a0 {step} g0 {begin} {begin} {begin + 10} {begin + 10} served")


# Lanes -----------------------------------------------------------------------------------------------------------


def test_a_lane_for_labelled_customers(engine):
    """At 10 b0, an enterprise, passes a1, which came earlier: lanes set priority 1, the streams say 2."""
    lanes = [{"when": "customer = enterprise", "priority": 1}]
    demand = {
        "a": {"at": [0, 1], "priority": 2, "attributes": {"customer": "private"}},
        "b": {"at": [2], "priority": 2, "attributes": {"customer": "enterprise"}},
    }
    made = model(demand, ONE, {"t": {"serve": SERVE} | DONE}, lanes=lanes)
    check(
        engine,
        made,
        visits="""
            a0 serve g0 0  0 10 10 served
            b0 serve g0 2 10 20 20 served
            a1 serve g0 1 20 30 30 served
        """,
    )


def test_a_case_open_at_the_start_has_its_lane(engine):
    """a-0 finds the agent free; then b-0, an enterprise, goes before a-1, although that has waited for longer."""
    lanes = [{"when": "customer = enterprise", "priority": 1}]
    opened = (
        [{"arrived": "2026-03-01 23:58:00", "at": "serve", "count": 2}],
        [{"arrived": "2026-03-01 23:59:00", "at": "serve"}],
    )
    demand = {
        "a": {"at": [900], "priority": 2, "attributes": {"customer": "private"}, "open cases": opened[0]},
        "b": {"at": [900], "priority": 2, "attributes": {"customer": "enterprise"}, "open cases": opened[1]},
    }
    process = {"t": {"sort": {"delay": "1 h"}, "serve": SERVE} | DONE}
    made = model(demand, ONE, process, lanes=lanes)
    check(
        engine,
        made,
        visits="""
            a-0 serve g0 -120  0 10 10 served
            b-0 serve g0  -60 10 20 20 served
            a-1 serve g0 -120 20 30 30 served
        """,
    )


def test_the_first_lane_that_fits_counts(engine):
    """Both lanes fit b0; the first says 3, so a1 with 2 stays ahead."""
    lanes = [{"when": "customer = enterprise", "priority": 3}, {"when": "amount > 5", "priority": 1}]
    demand = {
        "a": {"at": [0, 1], "priority": 2, "attributes": {"customer": "private", "amount": 1}},
        "b": {"at": [2], "priority": 2, "attributes": {"customer": "enterprise", "amount": 9}},
    }
    made = model(demand, ONE, {"t": {"serve": SERVE} | DONE}, lanes=lanes)
    check(
        engine,
        made,
        visits="""
            a0 serve g0 0  0 10 10 served
            a1 serve g0 1 10 20 20 served
            b0 serve g0 2 20 30 30 served
        """,
    )
