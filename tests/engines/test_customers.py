"""Traces by hand, from docs/semantics.md alone: who balks, is called back, asks again, has left, was there before."""

import pytest

from sim.run import run
from tests.engines.trace import agents, check, model

ONE = {"g": agents(1)}
DONE = {"done": {"end": "solved"}}
MINUTE = 60


# Balking and callbacks -------------------------------------------------------------------------------------------


def test_who_sees_a_queue_does_not_join(engine):
    """a1 waits; a2 sees one waiting and balks; a3 sees none any more and waits."""
    routing = {"s": {"balking": {"when waiting": 1, "share": "100 %"}}}
    made = model({"a": {"at": [0, 10, 20, 70], "patience": "90 s"}}, ONE, routing=routing)
    check(
        engine,
        made,
        visits="""
            a2 serve -  20   -  20   - balked
            a0 serve g0  0   0  60  60 served
            a1 serve g0 10  60 120 120 served
            a3 serve g0 70 120 180 180 served
        """,
        cases="""
            a2 20   -  20 abandoned 1 1 0  0  0
            a0  0   0  60 solved    1 1 0  0 60
            a1 10  60 120 solved    1 1 0 50 60
            a3 70 120 180 solved    1 1 0 50 60
        """,
    )


def test_who_balks_may_try_again(engine):
    routing = {"s": {"balking": {"when waiting": 0, "share": "100 %"}}}
    redial = {"share": "100 %", "after": "50 s", "attempts": 2}
    made = model({"a": {"at": [0, 20], "patience": "90 s", "redial": redial}}, ONE, routing=routing)
    check(
        engine,
        made,
        visits="""
            a1 serve -  20  -  20   - balked
            a0 serve g0  0  0  60  60 served
            a1 serve g0 70 70 130 130 served
        """,
    )


def callback(**fields):
    return {"s": {"callback": {"when waiting": 0, "accepted": "100 %"} | fields}}


def test_callback_keeps_the_place_and_has_no_patience(engine):
    """With patience 5 s both would have left; they are called at 60 and 120."""
    made = model({"a": {"at": [0, 10, 20], "patience": "5 s"}}, ONE, routing=callback())
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0   0  60  60 served
            a1 serve g0 10  60 120 120 served callback
            a2 serve g0 20 120 180 180 served callback
        """,
    )


def test_callback_from_a_number_of_waiting_on(engine):
    """a1 sees nobody waiting: no callback, and leaves at 15 - so a2 at 20 is not offered one either."""
    made = model({"a": {"at": [0, 10, 20], "patience": "5 s"}}, ONE, routing=callback(**{"when waiting": 1}))
    check(
        engine,
        made,
        visits="""
            a1 serve -  10 - 15  - abandoned
            a2 serve -  20 - 25  - abandoned
            a0 serve g0  0 0 60 60 served
        """,
    )


def test_callback_that_nobody_answers(engine):
    """15 s are lost at 60; it is no response; the customer is lost, as if having hung up, and a2 is tried."""
    made = model({"a": {"at": [0, 10, 20], "patience": "5 s"}}, ONE, routing=callback(answers="0 %", unanswered="15 s"))
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0  0 60 60 served
            a1 serve g0 10 60 75 75 unanswered callback
            a2 serve g0 20 75 90 90 unanswered callback
        """,
        cases="""
            a0  0 0 60 solved    1 1 0  0 60
            a1 10 - 75 abandoned 1 1 0 50 15
            a2 20 - 90 abandoned 1 1 0 55 15
        """,
    )


# Chasing ---------------------------------------------------------------------------------------------------------


def chasing(delay, **fields):
    process = {
        "t": {"wait": {"delay": delay}, "serve": {"work": "s", "talk": "5 min", "patience": "none"}} | DONE,
        "ask": {"answer": {"work": "s", "talk": "5 min"}, "over": {"end": "solved"}},
    }
    every = {"first after": "1 h", "every": "1 h", "share": "100 %", "at most": 10, "type": "ask"}
    return model({"a": {"at": [0], "chasing": every | fields}}, ONE, process, horizon="10 h")


def test_a_chasing_call_every_hour(engine):
    """Calls at 1 h and 3 h. The timer of 2 h was set at 1 h, and since then a call was answered: not silent.

    The timer of 4 h, set at 3 h, meets the answer of 3:05; that of 5 h calls; the delay is over at 5 h 30 min.
    """
    check(
        engine,
        chasing("5.5 h"),
        MINUTE,
        visits="""
            a0 answer g0  60  60  65  65 served strand 1
            a0 answer g0 180 180 185 185 served strand 2
            a0 answer g0 300 300 305 305 served strand 3
            a0 wait   -    0   0 330   - delayed
            a0 serve  g0 330 330 335 335 served
        """,
        cases="a0 0 330 335 solved 1 5 0 0 20 chases 3",
    )


def test_chasing_at_most_so_many_timers(engine):
    check(engine, chasing("5.5 h", **{"at most": 1}), MINUTE, cases="a0 0 330 335 solved 1 3 0 0 10 chases 1")


def test_nobody_chases_without_a_share(engine):
    check(engine, chasing("5.5 h", share="0 %"), MINUTE, cases="a0 0 330 335 solved 1 2 0 0 5")


def test_who_waits_with_patience_does_not_chase(engine):
    """On the line from 0 to 90 min: no second call. A letter that waits without patience is asked after at 60."""
    people = {"g": agents({"every day": {"01:30-10:00": 1}}), "h": agents(1, "u")}
    calls = {"first after": "1 h", "every": "1 h", "share": "100 %", "type": "ask"}
    for patience, chases in (("5 h", ""), ("none", "chases 1")):
        process = {
            "t": {"serve": {"work": "s", "talk": "5 min", "patience": patience}} | DONE,
            "ask": {"answer": {"work": "u", "talk": "5 min"}} | DONE,
        }
        made = model({"a": {"at": [0], "chasing": calls}}, people, process, horizon="10 h")
        visits, worked = (2, 10) if chases else (1, 5)
        check(engine, made, MINUTE, cases=f"a0 0 90 95 solved 1 {visits} 0 90 {worked} {chases}")


# Customers -------------------------------------------------------------------------------------------------------


def base(solved, **top):
    stream = {"at": [0, 50, 100], "customers": {"base": 1}, "leaves": {"solved": solved}}
    return model({"a": stream}, {"g": agents(2)}, **top)


def test_who_has_left_does_not_come_again(engine):
    """One customer, who leaves at 60 with the case of 0; that of 50 had begun before; that of 100 comes to nothing."""
    check(
        engine,
        base("100 %"),
        cases="""
            a0   0  0  60 solved 1 1 0 0 60 customer 0 left
            a2 100  - 100 gone   1 0 0 0  0 customer 0
            a1  50 50 110 solved 1 1 0 0 60 customer 0 left
        """,
    )


def test_nobody_leaves_without_a_chance(engine):
    check(
        engine,
        base("0 %"),
        cases="""
            a0   0   0  60 solved 1 1 0 0 60 customer 0
            a1  50  50 110 solved 1 1 0 0 60 customer 0
            a2 100 100 160 solved 1 1 0 0 60 customer 0
        """,
    )


@pytest.mark.parametrize(
    ("leaves", "left"),
    [
        ({"unsolved": "100 %"}, ""), ({"lost": "100 %"}, ""),
        ({"solved": "100 %"}, "left"), ({"late": "100 %"}, "left"),
    ],
)  # fmt: skip
def test_why_customers_leave(engine, leaves, left):
    """Solved at 60, due at 30: late."""
    steps = {"promise": {"mark": {"due": "30 s"}}, "serve": {"work": "s", "talk": "60 s"}} | DONE
    stream = {"at": [0], "customers": {"base": 1}, "leaves": leaves}
    check(engine, model({"a": stream}, ONE, {"t": steps}), cases=f"a0 0 0 60 solved 1 1 0 0 60 customer 0 {left}")


def test_in_time_is_not_late(engine):
    """Solved at the very instant at which it was due."""
    steps = {"promise": {"mark": {"due": "60 s"}}, "serve": {"work": "s", "talk": "60 s"}} | DONE
    stream = {"at": [0], "customers": {"base": 1}, "leaves": {"late": "100 %"}}
    check(engine, model({"a": stream}, ONE, {"t": steps}), cases="a0 0 0 60 solved 1 1 0 0 60 customer 0")


# Contacts that do not arise, and those that were there before ----------------------------------------------------


@pytest.mark.parametrize(("spared", "served"), [("0 %", 20), ("100 %", 0)])
def test_contacts_that_no_longer_arise(engine, spared, served):
    made = model({"a": {"at": list(range(20)), "spared": spared}}, {"g": agents(20)})
    assert len(run(made, engine=engine).cases) == served


def test_easy_contacts_are_spared_first(engine):
    """With latent difficulty alone: who is easy (70 %) at the branch is spared (30 %) first, so of those who come

    4/7 are easy: of 1,000 cases 700 come (deviation 14), of these 400 go the easy way (deviation 16).
    """
    steps = {
        "sort": {"branch": {"serve": "70 %", "lost": "otherwise"}, "easy first": True},
        "serve": {"work": "s", "talk": "0 s"},
        "done": {"end": "solved"},
        "lost": {"end": "unsolved"},
    }
    stream = {"at": [0] * 1000, "difficulty": "100 %", "spared": "30 %"}
    outcomes = run(model({"a": stream}, ONE, {"t": steps}), engine=engine).cases[:, 5]
    assert abs(len(outcomes) - 700) < 4 * 14
    assert abs((outcomes == 0).sum() - 400) < 4 * 16


OPENED = [
    {"arrived": "2026-03-01 23:57", "at": "serve", "since": "2026-03-01 23:59"},
    {"arrived": "2026-03-01 23:58", "at": "serve"},
]
TWO_STEPS = {"t": {"first": {"work": "u", "talk": "10 s"}, "serve": {"work": "s", "talk": "50 s"}} | DONE}


def test_cases_open_before_the_start(engine):
    """Both of Sunday stand at the second step, one since 23:59 (-60), one since its arrival at 23:58 (-120).

    The first of them finds an agent at 0; then the other goes before a0, who comes to this queue at 20.
    """
    made = model({"a": {"at": [10], "open cases": OPENED}}, {"g": agents(1), "h": agents(1, "u")}, TWO_STEPS)
    check(
        engine,
        made,
        visits="""
            a0  first h0   10  10  20  20 served
            a-0 serve g0  -60   0  50  50 served
            a-1 serve g0 -120  50 100 100 served
            a0  serve g0   20 100 150 150 served
        """,
        cases="""
            a-0 -180   0  50 solved 1 1 0  60 50
            a-1 -120  50 100 solved 1 1 0 170 50
            a0    10  10 150 solved 1 2 1  80 60
        """,
    )


def test_patience_of_an_open_case_counts_from_when_it_joined(engine):
    """Patience 150 s: over at 90 for who joined at -60, at 30 for who joined at -120; at 0 for who joined at -200."""
    opened = [*OPENED, {"arrived": "2026-03-01 23:56:40", "at": "serve"}]
    people = {"g": agents(0), "h": agents(1, "u")}
    made = model({"a": {"at": [400], "patience": "150 s", "open cases": opened}}, people, TWO_STEPS)
    check(
        engine,
        made,
        visits="""
            a-2 serve - -200 -  0 - abandoned
            a-1 serve - -120 - 30 - abandoned
            a-0 serve -  -60 - 90 - abandoned
        """,
    )


def test_so_many_open_cases_of_a_kind(engine):
    """Three of one kind at a delay that begins anew at 0."""
    process = {"t": {"wait": {"delay": "30 s"}, "serve": {"work": "s", "talk": "5 s"}} | DONE}
    opened = [{"count": 3, "arrived": "2026-03-01", "at": "wait"}]
    made = model({"a": {"at": [400], "open cases": opened}}, {"g": agents(3)}, process)
    check(
        engine,
        made,
        cases="""
            a-0 -86400 30 35 solved 1 2 0 0 5
            a-1 -86400 30 35 solved 1 2 0 0 5
            a-2 -86400 30 35 solved 1 2 0 0 5
        """,
    )
