"""Traces by hand, from docs/semantics.md alone: who serves, which case is taken, deadlines and escalation."""

import numpy as np
import pytest

from sim.codes import Visit
from sim.run import run
from tests.engines.trace import agents, check, model, serve

ONE = {"g": agents(1)}
DONE = {"done": {"end": "solved"}}
SHORT = {"v": {"other": {"work": "u", "talk": "10 s"}} | DONE}
SERVE = serve()


# Who serves ------------------------------------------------------------------------------------------------------


def test_reserved_agents_stay_free(engine):
    """Of two free agents one must stay: a1 waits beside it. At 60 the one released leaves one free, and takes a1."""
    made = model({"a": {"at": [0, 10]}}, {"g": agents(2)}, routing={"s": {"to": [{"g": {"reserve": 1}}]}})
    check(engine, made, visits="a0 serve g0 0 0 60 60 served\na1 serve g0 10 60 120 120 served")


def test_agents_reserved_from_one_queue_serve_the_other(engine):
    """One of two stays free for u, so b0 is served at 20 beside a0; at 30 nobody else is free, and a1 waits on."""
    demand = {"a": {"at": [0, 10]}, "b": {"at": [20], "type": "v"}}
    made = model(demand, {"g": agents(2, "s", "u")}, SERVE | SHORT, routing={"s": {"to": [{"g": {"reserve": 1}}]}})
    check(
        engine,
        made,
        visits="""
            b0 other g1 20 20  30  30 served
            a0 serve g0  0  0  60  60 served
            a1 serve g0 10 60 120 120 served
        """,
    )


@pytest.mark.parametrize(("ask", "who", "end"), [("listed order", "g0", 60), ("best skilled", "h0", 30)])
def test_whom_a_case_asks_first(engine, ask, who, end):
    people = {"g": agents(1), "h": {"agents": 1, "skills": {"s": {"speed": 2}}}}
    made = model({"a": {"at": [0]}}, people, routing={"s": {"ask": ask}})
    check(engine, made, visits=f"a0 serve {who} 0 0 {end} {end} served")


@pytest.mark.parametrize(("picks", "who"), [("longest idle", "g0"), ("least loaded", "g1"), ("listed order", "g0")])
def test_who_has_worked_least(engine, picks, who):
    """At 100 the first has been free since 60 with 60 s of work, the second since 65 with 10 s."""
    demand = {"a": {"at": [0, 100]}, "b": {"at": [55], "type": "v"}}
    made = model(demand, {"g": agents(2, "s", "u", picks=picks)}, SERVE | SHORT)
    check(
        engine,
        made,
        visits=f"""
            a0 serve g0      0   0  60  60 served
            b0 other g1     55  55  65  65 served
            a1 serve {who} 100 100 160 160 served
        """,
    )


def test_a_deputy_after_a_wait(engine):
    """The manager is busy until 60; at 50, 40 s after a1 came, the deputy may serve it."""
    people = {"g": agents(1), "h": agents(1)}
    made = model({"a": {"at": [0, 10, 55]}}, people, routing={"s": {"to": ["g", {"h": "after 40 s"}]}})
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0  0  60  60 served
            a1 serve h0 10 50 110 110 served
            a2 serve g0 55 60 120 120 served
        """,
    )


# Which case is taken ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("takes", "first"), [("priority", "b0"), ("longest wait", "a1"), ("weighted wait", "b0")])
def test_which_queue_a_free_agent_takes_from(engine, takes, first):
    """At 60 a1 has waited 50 s with priority 2, b0 20 s with priority 1; weighted 50 x 1 against 20 x 3 = 60."""
    demand = {"a": {"at": [0, 10], "priority": 2}, "b": {"at": [40], "type": "v"}}
    people = {"g": agents(1, "s", "u", takes=takes)}
    made = model(demand, people, SERVE | SHORT, routing={"u": {"weight": 3}})
    rows = {"a1": "a1 serve g0 10 60 120 120 served", "b0": "b0 other g0 40 60 70 70 served"}
    second = {"a1": "b0 other g0 40 120 130 130 served", "b0": "a1 serve g0 10 70 130 130 served"}
    check(engine, made, visits=f"a0 serve g0 0 0 60 60 served\n{rows[first]}\n{second[first]}")


def test_more_priorities_than_a_line_has_tiers(engine):
    """Ten streams come, the worst priority first and the best last, and at 20 all once more; priority decides."""
    worse = dict(enumerate("bcdefghijk", start=1))
    demand = {name: {"at": [11 - priority, 20], "priority": priority, "type": "v"} for priority, name in worse.items()}
    made = model({"a": {"at": [0]}} | demand, {"g": agents(1, "s", "u")}, SERVE | SHORT)
    visits = ["a0 serve g0 0 0 60 60 served"]
    for priority, name in worse.items():
        for case, came in enumerate((11 - priority, 20)):
            start = 60 + 20 * (priority - 1) + 10 * case
            visits.append(f"{name}{case} other g0 {came} {start} {start + 10} {start + 10} served")
    check(engine, made, visits="\n".join(visits))


@pytest.mark.parametrize(("came", "first"), [(2, "a1"), (0, "a1"), (4, "b0")])
def test_weighted_waits(engine, came, first):
    """At 60 b0, weight 2, has waited 29 s: 58. a1, weight 1, has waited 58, 60 or 56 s; of equals the earlier goes."""
    demand = {"a": {"at": [0, came]}, "b": {"at": [31], "type": "v"}}
    made = model(demand, {"g": agents(1, "s", "u", takes="weighted wait")}, SERVE | SHORT, routing={"u": {"weight": 2}})
    log = run(made, engine=engine)
    second = log.visits[np.argsort(log.visits[:, Visit.STARTED], kind="stable")][1]
    assert made.names.streams[second[Visit.STREAM]] + str(second[Visit.CASE]) == first


def test_earliest_deadline(engine):
    """At 60: a1 must be served by 10 + 200, b0, marked, by 40 + 100 = 140: b0 first."""
    process = SERVE | {"v": {"promise": {"mark": {"due": "100 s"}}, "serve": {"work": "s", "talk": "10 s"}} | DONE}
    routing = {"s": {"order": "earliest deadline", "within": "200 s"}}
    made = model({"a": {"at": [0, 10]}, "b": {"at": [40], "type": "v"}}, ONE, process, routing=routing)
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0  0  60  60 served
            b0 serve g0 40 60  70  70 served
            a1 serve g0 10 70 130 130 served
        """,
    )


def test_priority_goes_before_the_deadline(engine):
    process = SERVE | {"v": {"promise": {"mark": {"due": "100 s"}}, "serve": {"work": "s", "talk": "10 s"}} | DONE}
    routing = {"s": {"order": "earliest deadline", "within": "200 s"}}
    demand = {"a": {"at": [0, 10]}, "b": {"at": [40], "type": "v", "priority": 2}}
    check(
        engine,
        model(demand, ONE, process, routing=routing),
        visits="""
            a0 serve g0  0   0  60  60 served
            a1 serve g0 10  60 120 120 served
            b0 serve g0 40 120 130 130 served
        """,
    )


# Escalation ------------------------------------------------------------------------------------------------------


DUE = SERVE | {"v": {"promise": {"mark": {"due": "80 s"}}, "serve": {"work": "s", "talk": "60 s"}} | DONE}
EQUALS = {"a": {"at": [0, 10], "priority": 2}, "b": {"at": [20], "type": "v", "priority": 2}}


def test_escalation_before_a_deadline(engine):
    """b0 is due at 100. 60 s before, at 40, it gets priority 1 and passes a1, which came earlier."""
    routing = {"s": {"escalate": {"before deadline": "60 s", "priority": 1}}}
    check(
        engine,
        model(EQUALS, ONE, DUE, routing=routing),
        visits="""
            a0 serve g0  0   0  60  60 served
            b0 serve g0 20  60 120 120 served escalated
            a1 serve g0 10 120 180 180 served
        """,
    )


def test_escalation_that_comes_too_late(engine):
    """20 s before, at 80, a1 has been taken."""
    routing = {"s": {"escalate": {"before deadline": "20 s", "priority": 1}}}
    check(
        engine,
        model(EQUALS, ONE, DUE, routing=routing),
        visits="""
            a0 serve g0  0   0  60  60 served
            a1 serve g0 10  60 120 120 served
            b0 serve g0 20 120 180 180 served escalated
        """,
    )


def test_no_escalation_to_a_worse_priority(engine):
    routing = {"s": {"escalate": {"before deadline": "70 s", "priority": 3}}}
    check(
        engine,
        model(EQUALS, ONE, DUE, routing=routing),
        visits="""
            a0 serve g0  0   0  60  60 served
            a1 serve g0 10  60 120 120 served
            b0 serve g0 20 120 180 180 served
        """,
    )
