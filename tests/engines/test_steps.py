"""Traces by hand, from docs/semantics.md alone: delays in calendars, branches, marks, forks, what comes back."""

import numpy as np
import pytest

from sim.codes import Case, Visit
from sim.run import run
from tests.engines.trace import agents, check, model

ONE = {"g": agents(1)}
DONE = {"done": {"end": "solved"}}
WORK = {"work": "s", "talk": "10 s", "patience": "none"}
HOUR = 3600


def chain(**steps):
    """A process of some steps, and a last one that anybody can do."""
    return {"t": {name.replace("_", " "): step for name, step in steps.items()} | {"last": WORK} | DONE}


# Delays ----------------------------------------------------------------------------------------------------------

MINUTES = {"pulse": {"every day": ["00:01-00:02", "00:03-00:05"]}}
"""Open from 60 to 120 and from 180 to 300."""


def test_delay_in_working_time(engine):
    """80 s of open time: 60 s from 60 to 120, the other 20 s from 180; from 100 on: 20 s and 60 s from 180."""
    made = model({"a": {"at": [0, 100]}}, ONE, chain(wait={"delay": "80 s", "in": "pulse"}), calendars=MINUTES)
    check(
        engine,
        made,
        visits="""
            a0 wait -    0   0 200   - delayed
            a0 last g0 200 200 210 210 served
            a1 wait -  100 100 240   - delayed
            a1 last g0 240 240 250 250 served
        """,
    )


def test_delay_of_no_working_time_ends_at_once(engine):
    made = model({"a": {"at": [10]}}, ONE, chain(wait={"delay": "0 s", "in": "pulse"}), calendars=MINUTES)
    check(engine, made, visits="a0 wait - 10 10 10 - delayed\na0 last g0 10 10 20 20 served")


def test_delay_in_working_time_over_holidays(engine):
    """Thursday 2 April 16:30: 1 h until 17:30; Good Friday, the weekend and Easter Monday are closed; then Tuesday.

    Tuesday 09:00 is 4 days 16.5 h = 112.5 h after the start, and there the second hour begins.
    """
    office = {"office": {"mon-fri": "09:00-17:30", "holidays": "DE"}}
    steps = chain(wait={"delay": "2 h", "in": "office"})
    made = model({"a": {"at": [0]}}, ONE, steps, calendars=office, start="2026-04-02 16:30", horizon="6 days")
    check(engine, made, HOUR, cases=f"a0 0 113.5 {113.5 + 10 / HOUR:g} solved 1 2 0 0 {10 / HOUR:g}")


def test_a_working_saturday_counts(engine):
    """Friday 8 May 2026 16:30 in China; Saturday the 9th is worked for the holidays before: an hour on each day."""
    office = {"office": {"mon-fri": "09:00-17:30", "holidays": "CN"}}
    steps = chain(wait={"delay": "2 h", "in": "office"})
    made = model({"a": {"at": [0]}}, ONE, steps, calendars=office, start="2026-05-08 16:30", horizon="3 days")
    check(engine, made, HOUR, cases=f"a0 0 17.5 {17.5 + 10 / HOUR:g} solved 1 2 0 0 {10 / HOUR:g}")


def test_until_a_calendar_is_open(engine):
    """At 10 closed until 60; at 70 open, so no time; at 120 the first stretch has just ended: until 180."""
    made = model({"a": {"at": [10, 70, 120]}}, ONE, chain(wait={"until open": "pulse"}), calendars=MINUTES)
    check(
        engine,
        made,
        visits="""
            a0 wait -   10  10  60   - delayed
            a0 last g0  60  60  70  70 served
            a1 wait -   70  70  70   - delayed
            a1 last g0  70  70  80  80 served
            a2 wait -  120 120 180   - delayed
            a2 last g0 180 180 190 190 served
        """,
    )


def test_rounds_at_set_hours(engine):
    """Rounds at 60 and 180: who comes at 60 makes this one, who comes at 61 the next; after 180 none is left."""
    steps = chain(wait={"rounds at": ["00:01", "00:03"], "days": "mon"})
    made = model({"a": {"at": [20, 60, 61, 181]}}, ONE, steps)
    check(
        engine,
        made,
        visits="""
            a0 wait -   20  20  60   - delayed
            a1 wait -   60  60  60   - delayed
            a0 last g0  60  60  70  70 served
            a1 last g0  60  70  80  80 served
            a2 wait -   61  61 180   - delayed
            a2 last g0 180 180 190 190 served
            a3 wait -  181 181   -   - still-delayed
        """,
    )


# Branches --------------------------------------------------------------------------------------------------------


def ways(condition, **top):
    """Cases for which the condition holds are lost, the others solved."""
    steps = {"ask": {"branch": {"lost": condition, "done": "otherwise"}}, **DONE, "lost": {"end": "unsolved"}}
    return model(top.pop("demand", {"a": {"at": [0, 100]}}), ONE, {"t": {"first": WORK, **steps}}, **top)


def outcomes(engine, made):
    return [("solved", "unsolved")[row[Case.OUTCOME]] for row in run(made, engine=engine).cases.tolist()]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("amount > 5", ["solved", "unsolved"]), ("amount >= 5", ["unsolved", "unsolved"]),
        ("amount < 9", ["unsolved", "solved"]), ("amount <= 9", ["unsolved", "unsolved"]),
        ("amount = 9", ["solved", "unsolved"]), ("kind = big", ["solved", "unsolved"]),
        ("kind is not big", ["unsolved", "solved"]),
    ],
)  # fmt: skip
def test_branch_on_an_attribute(engine, condition, expected):
    """Stream a has amount 5 and is small, stream b amount 9 and big."""
    demand = {
        "a": {"at": [0], "attributes": {"amount": 5, "kind": "small"}},
        "b": {"at": [20], "attributes": {"amount": 9, "kind": "big"}},
    }
    assert outcomes(engine, ways(condition, demand=demand)) == expected


def test_branch_on_who_served_last(engine):
    """The first case is served by g, the second, while g is busy, by h."""
    steps = {"first": {"work": "s", "talk": "30 s"}, "ask": {"branch": {"lost": "served by h", "done": "otherwise"}}}
    people = {"g": agents(1), "h": agents(1)}
    made = model({"a": {"at": [0, 10]}}, people, {"t": steps | DONE | {"lost": {"end": "unsolved"}}})
    assert outcomes(engine, made) == ["solved", "unsolved"]


def test_branch_on_an_open_calendar(engine):
    """Asked at 10 (closed) and at 110 (open from 60 to 120)."""
    assert outcomes(engine, ways("open pulse", calendars=MINUTES)) == ["solved", "unsolved"]


def test_branch_on_the_time_of_arrival(engine):
    assert outcomes(engine, ways("arrived before 2026-03-02 00:01")) == ["unsolved", "solved"]


def test_branch_on_how_often_a_case_was_here(engine):
    """Back at the first and second time, on at the third: three visits."""
    steps = {"first": WORK, "ask": {"branch": {"first": "times < 2", "done": "otherwise"}}}
    made = model({"a": {"at": [0]}}, ONE, {"t": steps | DONE})
    check(engine, made, cases="a0 0 0 30 solved 1 3 0 0 30")


def test_conditions_hold_in_their_order(engine):
    """Amount 9 is above 5 and above 8: the first listed way is taken."""
    steps = {
        "first": WORK,
        "ask": {"branch": {"second": "amount > 5", "last": "amount > 8", "done": "otherwise"}},
        "second": WORK | {"next": "done"},
        "last": WORK,
    }
    made = model({"a": {"at": [0], "attributes": {"amount": 9}}}, ONE, {"t": steps | DONE})
    check(engine, made, visits="a0 first g0 0 0 10 10 served\na0 second g0 10 10 20 20 served")


def test_when_skips_a_step(engine):
    steps = {"first": WORK, "extra": WORK | {"when": "amount > 5"}, "last": WORK}
    demand = {name: {"at": [at], "attributes": {"amount": amount}} for name, at, amount in (("a", 0, 9), ("b", 50, 5))}
    made = model(demand, ONE, {"t": steps | DONE})
    check(
        engine,
        made,
        visits="""
            a0 first g0  0  0 10 10 served
            a0 extra g0 10 10 20 20 served
            a0 last  g0 20 20 30 30 served
            b0 first g0 50 50 60 60 served
            b0 last  g0 60 60 70 70 served
        """,
    )


@pytest.mark.parametrize(("difficulty", "together"), [("100 %", 1.0), ("0 %", 0.5)])
def test_what_is_easy_once_is_easy_again_as_far_as_difficulty_says(engine, difficulty, together):
    """Two branches on ease, 50 % each: with latent difficulty alone both go the same way, without by chance.

    Of 1,000 cases 1,000 or 500 (standard deviation 16) go the same way; half take the first way in either case.
    """
    steps = {
        "one": {"branch": {"quick": "50 %", "slow": "otherwise"}, "easy first": True},
        "quick": {"delay": "1 s", "next": "two"},
        "slow": {"delay": "2 s"},
        "two": {"branch": {"last": "50 %", "lost": "otherwise"}, "easy first": True},
        "last": WORK | {"talk": "0 s"},
    }
    ends = {**DONE, "lost": {"end": "unsolved"}}
    made = model({"a": {"at": [0] * 1000, "difficulty": difficulty}}, ONE, {"t": steps | ends})
    log = run(made, engine=engine)
    delays = log.visits[log.visits[:, Visit.AGENT] < 0]
    quick = dict(delays[:, [Visit.CASE, Visit.ENDED]].tolist())
    same = [(quick[row[Case.CASE]] == 1_000_000) == (row[Case.OUTCOME] == 0) for row in log.cases.tolist()]
    assert abs(np.mean(same) - together) <= (0 if together == 1 else 4 * 0.016)
    assert abs(np.mean(log.cases[:, Case.OUTCOME] == 0) - 0.5) <= 4 * 0.016


# Marks, spawned cases, forks -------------------------------------------------------------------------------------


def test_a_marks_priority_holds_from_there_on(engine):
    """b, marked 1 on its way in, passes a, whose stream has 2, though it came later."""
    process = {
        "t": {"serve": WORK | {"talk": "60 s"}} | DONE,
        "v": {"sort": {"mark": {"priority": 1}}, "serve": WORK} | DONE,
    }
    made = model({"a": {"at": [0, 10], "priority": 2}, "b": {"at": [20], "type": "v", "priority": 2}}, ONE, process)
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0  0  60  60 served
            b0 serve g0 20 60  70  70 served
            a1 serve g0 10 70 130 130 served
        """,
    )


def test_a_marks_priority_goes_before_the_steps(engine):
    """The step says 1, the mark before it 3: a1, unmarked with the stream's 2, goes first."""
    process = {
        "t": {"serve": WORK | {"talk": "60 s"}} | DONE,
        "v": {"sort": {"mark": {"priority": 3}}, "serve": WORK | {"priority": 1}} | DONE,
    }
    made = model({"a": {"at": [0, 20], "priority": 2}, "b": {"at": [10], "type": "v"}}, ONE, process)
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0  0  60  60 served
            a1 serve g0 20 60 120 120 served
            b0 serve g0 10 120 130 130 served
        """,
    )


def test_a_marks_deadline_counts_a_calendars_time(engine):
    """Due 70 s of open time after 0: 60 s until 120, 10 s from 180: 190. The other one is due at 150 and goes first."""
    process = {
        "t": {"serve": WORK | {"talk": "60 s"}} | DONE,
        "v": {"sort": {"mark": {"due": "70 s", "in": "pulse"}}, "serve": WORK} | DONE,
        "w": {"sort": {"mark": {"due": "140 s"}}, "serve": WORK} | DONE,
    }
    demand = {"c": {"at": [0]}, "a": {"at": [0], "type": "v"}, "b": {"at": [10], "type": "w"}}
    routing = {"s": {"order": "earliest deadline", "within": "500 s"}}
    made = model(demand, ONE, process, calendars=MINUTES, routing=routing)
    check(
        engine,
        made,
        visits="""
            c0 serve g0  0  0 60 60 served
            b0 serve g0 10 60 70 70 served
            a0 serve g0  0 70 80 80 served
        """,
    )


def test_a_case_gives_rise_to_another_after_a_time(engine):
    """a0 passes the spawn at 10 and is done; 30 s later b's first such case arrives, served until 50."""
    process = {"t": {"serve": WORK, "survey": {"spawn": "b", "after": "30 s"}} | DONE, "v": {"ask": WORK} | DONE}
    made = model({"a": {"at": [0]}, "b": {"type": "v"}}, ONE, process)
    check(
        engine,
        made,
        visits="a0 serve g0 0 0 10 10 served\nb+0 ask g0 40 40 50 50 served",
        cases="a0 0 0 10 solved 1 1 0 0 10\nb+0 40 40 50 solved 1 1 0 0 10",
    )


def test_a_case_gives_rise_to_another_once_per_step(engine):
    """Three times through the loop, one follow-up; a1's has the number 1."""
    process = {
        "t": {
            "serve": WORK,
            "follow": {"spawn": "b", "after": "50 s"},
            "again": {"branch": {"serve": "times < 2", "done": "otherwise"}},
            **DONE,
        },
        "v": {"ask": WORK} | DONE,
    }
    made = model({"a": {"at": [0, 100]}, "b": {"type": "v"}}, ONE, process)
    check(
        engine,
        made,
        cases="""
            a0    0   0  30 solved 1 3 0 0 30
            b+0  60  60  70 solved 1 1 0 0 10
            a1  100 100 130 solved 1 3 0 0 30
            b+1 160 160 170 solved 1 1 0 0 10
        """,
    )


def test_a_spawned_case_beyond_the_horizon_does_not_arrive(engine):
    process = {"t": {"serve": WORK, "survey": {"spawn": "b", "after": "290 s"}} | DONE, "v": {"ask": WORK} | DONE}
    made = model({"a": {"at": [0]}, "b": {"type": "v"}}, ONE, process, ends="drain")
    check(engine, made, cases="a0 0 0 10 solved 1 1 0 0 10")


FORK = {
    "split": {"fork": ["logistics", "product"]},
    "logistics": {"work": "s", "talk": "20 s", "patience": "none", "next": "both"},
    "product": {"work": "u", "talk": "50 s", "patience": "none", "next": "both"},
    "both": {"join": True},
}


def test_a_fork_of_two_and_their_join(engine):
    """Both begin at 0; the join waits for the longer one, until 50; then the last step. Hand-overs: g to h and back."""
    people = {"g": agents(1), "h": agents(1, "u")}
    made = model({"a": {"at": [0]}}, people, {"t": FORK | {"last": WORK} | DONE})
    check(
        engine,
        made,
        visits="""
            a0 logistics g0  0  0 20 20 served strand 1
            a0 product   h0  0  0 50 50 served strand 2
            a0 last      g0 50 50 60 60 served
        """,
        cases="a0 0 50 60 solved 1 3 2 0 80",
    )


def test_branches_of_a_fork_wait_for_one_agent_in_their_order(engine):
    people = {"g": agents(1, "s", "u")}
    made = model({"a": {"at": [0], "patience": "5 s"}}, people, {"t": FORK | DONE})
    check(
        engine,
        made,
        visits="""
            a0 logistics g0 0  0 20 20 served strand 1
            a0 product   g0 0 20 70 70 served strand 2
        """,
        cases="a0 0 - 70 solved 1 2 0 20 70",
    )


def test_a_fork_inside_a_fork(engine):
    """One branch waits 30 s and forks into delays of 10 s and 40 s; the other takes 50 s: all are joined at 70."""
    steps = {
        "outer": {"fork": ["first", "other"]},
        "first": {"delay": "30 s"},
        "inner": {"fork": ["short", "long"]},
        "short": {"delay": "10 s", "next": "inner join"},
        "long": {"delay": "40 s", "next": "inner join"},
        "inner join": {"join": True, "next": "outer join"},
        "other": {"delay": "50 s", "next": "outer join"},
        "outer join": {"join": True},
    }
    made = model({"a": {"at": [0]}}, ONE, {"t": steps | {"last": WORK} | DONE})
    check(
        engine,
        made,
        visits="""
            a0 first -   0  0 30  - delayed strand 1
            a0 short -  30 30 40  - delayed strand 3
            a0 other -   0  0 50  - delayed strand 2
            a0 long  -  30 30 70  - delayed strand 4
            a0 last  g0 70 70 80 80 served
        """,
    )


def test_branches_of_a_fork_are_written_where_they_are_at_the_end(engine):
    people = {"g": agents(1), "h": agents(0, "u")}
    made = model({"a": {"at": [0]}}, people, {"t": FORK | DONE}, horizon="10 s")
    check(
        engine,
        made,
        visits="""
            a0 logistics g0 0 0 - - still-in-service strand 1
            a0 product   -  0 - - - still-waiting strand 2
        """,
        cases="a0 0 - - open 1 2 0 0 0",
    )


# On site, and what comes back ------------------------------------------------------------------------------------


def test_on_site_visit_with_travel(engine):
    """There from 0 to 40, at work until 100, back until 130: then the technician takes the next."""
    visit = {"visit": {"work": "s", "travel": "40 s", "talk": "60 s", "travel back": "30 s"}}
    made = model({"a": {"at": [0, 10]}}, ONE, {"t": visit | DONE})
    check(
        engine,
        made,
        visits="""
            a0 visit g0  0   0 100 130 served looked-up
            a1 visit g0 10 130 230 260 served looked-up
        """,
    )


def reopening(**fields):
    end = {"end": "solved", "reopens": {"share": "100 %", "after": "60 s", "at": "serve"} | fields}
    return {"t": {"serve": WORK, "done": end}}


def test_an_ended_case_comes_back(engine):
    """Solved at 10, back at 70, solved at 80, back at 140, solved at 150: at most twice."""
    made = model({"a": {"at": [0]}}, ONE, reopening(**{"at most": 2}))
    check(
        engine,
        made,
        visits="""
            a0 serve g0   0   0  10  10 served
            a0 serve g0  70  70  80  80 served
            a0 serve g0 140 140 150 150 served
        """,
        cases="a0 0 0 150 solved 1 3 0 0 30 solved 10 reopened 2",
    )


def test_a_case_that_waits_to_come_back_has_ended(engine):
    """At the end of the run, 50, its row says solved at 10."""
    made = model({"a": {"at": [0]}}, ONE, reopening(**{"at most": 2}), horizon="50 s")
    check(engine, made, cases="a0 0 0 10 solved 1 1 0 0 10")


@pytest.mark.parametrize("share", ["0 %", "100 %"])
def test_nobody_or_everybody_comes_back(engine, share):
    made = model({"a": {"at": [0, 20]}}, ONE, reopening(share=share, **{"at most": 1}))
    rows = run(made, engine=engine).cases
    assert (rows[:, Case.REOPENED] == (share == "100 %")).all()


def test_hard_cases_come_back(engine):
    """With latent difficulty alone, those 30 % come back that also take the hard way out of a branch of 70 %."""
    steps = {
        "sort": {"branch": {"easy": "70 %", "hard": "otherwise"}, "easy first": True},
        "easy": {"delay": "1 s", "next": "last"},
        "hard": {"delay": "2 s", "next": "last"},
        "last": WORK | {"talk": "0 s"},
        "done": {"end": "solved", "reopens": {"share": "30 %", "after": "60 s", "at": "hard", "at most": 1}},
    }
    made = model({"a": {"at": [0] * 500, "difficulty": "100 %"}}, ONE, {"t": steps})
    log = run(made, engine=engine)
    hard = {row[Visit.CASE] for row in log.visits.tolist() if row[Visit.ENDED] == 2_000_000}
    back = {row[Case.CASE] for row in log.cases.tolist() if row[Case.REOPENED]}
    assert hard == back
    assert 100 < len(back) < 200
