"""Traces by hand, from docs/semantics.md alone: service, hand-overs, delays, who comes and goes."""

import pytest

from tests.engines.trace import SERVE, agents, check, model, serve

ONE = {"g": agents(1)}


# Service ---------------------------------------------------------------------------------------------------------


def test_wrap_is_the_agents_time_and_not_the_customers(engine):
    """The case goes on to the next step at 60, the only agent follows at 80."""
    process = {
        "t": {
            "first": {"work": "s", "talk": "60 s", "wrap": "20 s"},
            "second": {"work": "s", "talk": "30 s"},
            "done": {"end": "solved"},
        }
    }
    check(
        engine,
        model({"a": {"at": [0]}}, ONE, process),
        visits="""
            a0 first  g0  0  0  60  80 served
            a0 second g0 60 80 110 110 served
        """,
        cases="a0 0 0 110 solved 1 2 0 20 110",
    )


def test_at_a_completion_without_wrap_the_agent_takes_the_next_case_before_this_one_goes_on(engine):
    """At 60 the agent is released first and takes b0, who waits; a0 joins the queue behind."""
    process = {
        "t": {
            "first": {"work": "s", "talk": "60 s"},
            "second": {"work": "s", "talk": "30 s"},
            "done": {"end": "solved"},
        }
    }
    check(
        engine,
        model({"a": {"at": [0]}, "b": {"at": [50], "priority": 3}}, ONE, process),
        visits="""
            a0 first  g0   0   0  60  60 served
            b0 first  g0  50  60 120 120 served
            a0 second g0  60 120 150 150 served
            b0 second g0 120 150 180 180 served
        """,
    )


def test_speed_and_hold(engine):
    """At half the speed everything takes twice as long: talk 120, hold 40, wrap 20."""
    people = {"g": {"agents": 1, "skills": {"s": {"speed": 0.5}}}}
    made = model({"a": {"at": [5]}}, people, serve(hold="20 s", wrap="10 s"))
    check(engine, made, visits="a0 serve g0 5 5 165 185 served", cases="a0 5 5 165 solved 1 1 0 0 180")


def test_service_of_no_time(engine):
    made = model({"a": {"at": [5, 5]}}, ONE, serve(talk="0 s"))
    check(
        engine,
        made,
        visits="""
            a0 serve g0 5 5 5 5 served
            a1 serve g0 5 5 5 5 served
        """,
        sessions="g0 0 300",
    )


@pytest.mark.parametrize(("picks", "agent"), [("longest idle", "g1"), ("listed order", "g0")])
def test_which_free_agent(engine, picks, agent):
    """At 130 the second agent has been free since 70, the first since 125."""
    made = model({"a": {"at": [0, 10, 65, 130]}}, {"g": agents(2, picks=picks)})
    check(
        engine,
        made,
        visits=f"""
            a0 serve g0        0   0  60  60 served
            a1 serve g1       10  10  70  70 served
            a2 serve g0       65  65 125 125 served
            a3 serve {agent} 130 130 190 190 served
        """,
    )


def test_of_two_queues_the_longest_wait_goes_first_whatever_the_order_of_queues(engine):
    process = SERVE | {"v": {"other": {"work": "u", "talk": "30 s"}, "done": {"end": "solved"}}}
    made = model({"a": {"at": [0, 20]}, "b": {"at": [10], "type": "v"}}, {"g": agents(1, "s", "u")}, process)
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0  0  60  60 served
            b0 other g0 10 60  90  90 served
            a1 serve g0 20 90 150 150 served
        """,
    )


def test_priority_of_a_step_replaces_the_streams(engine):
    """The stream's priority is 1, the second step's 3: b0, with 2, goes before a0's second step."""
    process = {
        "t": {
            "first": {"work": "s", "talk": "60 s"},
            "second": {"work": "s", "talk": "60 s", "priority": 3},
            "done": {"end": "solved"},
        }
    }
    made = model({"c": {"at": [0]}, "b": {"at": [70], "priority": 2}}, ONE, process)
    check(
        engine,
        made,
        visits="""
            c0 first  g0   0   0  60  60 served
            c0 second g0  60  60 120 120 served
            b0 first  g0  70 120 180 180 served
            b0 second g0 180 180 240 240 served
        """,
    )
    waiting = model({"c": {"at": [0, 5]}, "b": {"at": [70], "priority": 2}}, ONE, process)
    check(
        engine,
        waiting,
        visits="""
            c0 first  g0  0   0  60  60 served
            c1 first  g0  5  60 120 120 served
            b0 first  g0 70 120 180 180 served
            c0 second g0 60 180 240 240 served
            c1 second g0 120 240 -   - still-in-service
            b0 second -  180  -   -   - still-waiting
        """,
    )


# Steps -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("skills", "handovers"), [("sss", 0), ("sus", 2), ("suu", 1)])
def test_hand_overs_are_changes_of_group(engine, skills, handovers):
    steps = {f"step {i}": {"work": skill, "talk": "10 s"} for i, skill in enumerate(skills)}
    people = {"g": agents(1, "s")} | ({"h": agents(1, "u")} if "u" in skills else {})
    made = model({"a": {"at": [0]}}, people, {"t": steps | {"done": {"end": "solved"}}})
    check(engine, made, cases=f"a0 0 0 30 solved 1 3 {handovers} 0 30")


def test_the_next_attempt_is_no_hand_over(engine):
    """Served by g at 0, lost at h's queue at 20, back to g at 30, lost again at 50."""
    process = {
        "t": {
            "first": {"work": "s", "talk": "10 s"},
            "second": {"work": "u", "talk": "10 s", "patience": "10 s"},
            "done": {"end": "solved"},
        }
    }
    redial = {"share": "100 %", "after": "10 s", "attempts": 2}
    made = model({"a": {"at": [0], "redial": redial}}, {"g": agents(1), "h": agents(0, "u")}, process)
    check(
        engine,
        made,
        visits="""
            a0 first  g0  0  0 10 10 served
            a0 second -  10  - 20  - abandoned
            a0 first  g0 30 30 40 40 served
            a0 second -  40  - 50  - abandoned
        """,
        cases="a0 0 0 50 abandoned 2 4 0 20 20",
    )


def test_patience_and_wait_begin_anew_at_a_hand_over(engine):
    """Patience 50 s: a1 waits 40 s at the first step and 40 s at the second, and stays."""
    process = {
        "t": {
            "first": {"work": "s", "talk": "40 s"},
            "second": {"work": "u", "talk": "80 s"},
            "done": {"end": "unsolved"},
        }
    }
    made = model({"a": {"at": [0, 0], "patience": "50 s"}}, {"g": agents(1), "h": agents(1, "u")}, process)
    check(
        engine,
        made,
        visits="""
            a0 first  g0  0   0  40  40 served
            a1 first  g0  0  40  80  80 served
            a0 second h0 40  40 120 120 served
            a1 second h0 80 120 200 200 served
        """,
        cases="""
            a0 0  0 120 unsolved 1 2 1  0 120
            a1 0 40 200 unsolved 1 2 1 80 120
        """,
    )


def test_a_delay_needs_nobody_and_its_end_comes_before_an_arrival_at_that_instant(engine):
    process = {
        "t": {
            "first": {"work": "s", "talk": "10 s"},
            "parcel": {"delay": "30 s"},
            "second": {"work": "s", "talk": "20 s"},
            "done": {"end": "solved"},
        }
    }
    made = model({"b": {"at": [40]}, "a": {"at": [0]}}, ONE, process, horizon="65 s")
    check(
        engine,
        made,
        visits="""
            a0 first  g0  0  0 10 10 served
            a0 parcel -  10 10 40  - delayed
            a0 second g0 40 40 60 60 served
            b0 first  g0 40 60  -  - still-in-service
        """,
        cases="""
            a0  0  0 60 solved 1 3 0 0 30
            b0 40 60  - open   1 1 0 0  0
        """,
    )


def test_a_branch_without_a_chance_is_never_taken(engine):
    steps = {
        "serve": {"work": "s", "talk": "1 s"},
        "check": {"branch": {"serve": "0 %", "done": "100 %"}},
        "done": {"end": "solved"},
    }
    made = model({"a": {"at": list(range(0, 300, 2))}}, ONE, {"t": steps})
    check(engine, made, cases="\n".join(f"a{n} {2 * n} {2 * n} {2 * n + 1} solved 1 1 0 0 1" for n in range(150)))


# People ----------------------------------------------------------------------------------------------------------


def test_a_head_count_that_falls_while_all_are_busy_falls_at_the_release(engine):
    made = model({"a": {"at": [0, 10]}}, {"g": agents({"every day": {"00:00-00:01": 1}})}, serve(talk="150 s"))
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0 0 150 150 served
            a1 serve -  10 -   -   - still-waiting
        """,
        sessions="g0 0 150",
    )


def test_a_head_count_that_rises_again_before_the_release_keeps_the_agent(engine):
    heads = agents({"every day": {"00:00-00:01": 1, "00:02-01:00": 1}})
    made = model({"a": {"at": [0, 10]}}, {"g": heads}, serve(talk="150 s"))
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0   0 150 150 served
            a1 serve g0 10 150   -   - still-in-service
        """,
        sessions="g0 0 300",
    )


def test_a_head_count_that_rises_after_the_release_brings_the_agent_back(engine):
    heads = agents({"every day": {"00:00-00:01": 1, "00:03-01:00": 1}})
    made = model({"a": {"at": [0, 10]}}, {"g": heads}, serve(talk="100 s"))
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0   0 100 100 served
            a1 serve g0 10 180 280 280 served
        """,
        sessions="""
            g0   0 100
            g0 180 300
        """,
    )


@pytest.mark.parametrize(("arrivals", "gone", "stays"), [([], "g1", "g0"), ([0], "g0", "g1"), ([0, 5], "g1", "g0")])
def test_of_the_free_agents_the_last_to_become_free_goes(engine, arrivals, gone, stays):
    """Nobody worked: the second logged on last. One call: the first is free last. Two: the second is."""
    heads = agents({"every day": {"00:00-00:01": 2, "00:01-01:00": 1}})
    made = model({"a": {"at": arrivals}} if arrivals else {"a": {"at": [400]}}, {"g": heads}, serve(talk="30 s"))
    check(engine, made, sessions=f"{gone} 0 60\n{stays} 0 300")


def test_a_break_while_free_and_while_busy(engine):
    """Free: off from 60 to 120. Busy from 30 to 90: off from 90. The case of 100 waits for the break's end."""
    shift = {"hours": "00:00-00:10", "break": {"at": "00:01", "for": "1 min"}, "agents": 1}
    people = {"g": {"shifts": {"early": shift}, "skills": ["s"]}}
    free = model({"a": {"at": [400]}}, people)
    check(engine, free, sessions="g0 0 60\ng0 120 300")
    busy = model({"a": {"at": [30, 100]}}, people)
    check(
        engine,
        busy,
        visits="""
            a0 serve g0  30  30  90  90 served
            a1 serve g0 100 120 180 180 served
        """,
        sessions="g0 0 90\ng0 120 300",
    )


def test_a_break_that_is_over_before_the_release_is_not_taken(engine):
    shift = {"hours": "00:00-00:10", "break": {"at": "00:01", "for": "1 min"}, "agents": 1}
    made = model({"a": {"at": [30, 40]}}, {"g": {"shifts": {"early": shift}, "skills": ["s"]}}, serve(talk="120 s"))
    check(
        engine,
        made,
        visits="""
            a0 serve g0 30  30 150 150 served
            a1 serve g0 40 150 270 270 served
        """,
        sessions="g0 0 300",
    )


def test_who_is_due_to_leave_goes_after_the_wrap(engine):
    shift = {"hours": "00:00-00:01", "agents": 1}
    made = model({"a": {"at": [30, 40]}}, {"g": {"shifts": {"early": shift}, "skills": ["s"]}}, serve(wrap="10 s"))
    check(
        engine,
        made,
        visits="""
            a0 serve g0 30 30 90 100 served
            a1 serve -  40  -  -   - still-waiting
        """,
        sessions="g0 0 100",
    )


def test_at_one_instant_who_goes_leaves_before_who_comes(engine):
    """At 60 the early agent is gone when the late one comes; the case of 60 meets the late one."""
    shifts = {"late": {"hours": "00:01-00:04", "agents": 1}, "early": {"hours": "00:00-00:01", "agents": 1}}
    made = model({"a": {"at": [60]}}, {"g": {"shifts": shifts, "skills": ["s"]}})
    check(engine, made, visits="a0 serve g0 60 60 120 120 served", sessions="g1 0 60\ng0 60 240")


def test_who_comes_takes_the_case_that_waits(engine):
    made = model({"a": {"at": [10, 60]}}, {"g": agents({"every day": {"00:01-00:05": 1}})})
    check(
        engine,
        made,
        visits="""
            a0 serve g0 10  60 120 120 served
            a1 serve g0 60 120 180 180 served
        """,
        sessions="g0 60 300",
    )


# The end ---------------------------------------------------------------------------------------------------------


def test_stop_writes_where_every_case_is(engine):
    """At 100: b1 in service, b2 waiting, a0 between attempts, a1 delayed; in order of address."""
    process = {
        "t": {"never": {"work": "u", "talk": "1 s"}, "done": {"end": "solved"}},
        "v": {"serve": {"work": "s", "talk": "60 s"}, "done": {"end": "solved"}},
        "w": {"parcel": {"delay": "50 s"}, "done": {"end": "solved"}},
    }
    demand = {
        "c": {"at": [90], "type": "w"},
        "b": {"at": [0, 10, 70], "type": "v"},
        "a": {"at": [20], "patience": "30 s", "redial": {"share": 1, "after": "60 s"}},
    }
    made = model(demand, {"g": agents(1), "h": agents(0, "u")}, process, horizon="100 s")
    check(
        engine,
        made,
        visits="""
            a0 never  -  20  - 50  - abandoned
            b0 serve  g0  0  0 60 60 served
            c0 parcel -  90 90  -  - still-delayed
            b1 serve  g0 10 60  -  - still-in-service
            b2 serve  -  70  -  -  - still-waiting
        """,
        cases="""
            b0  0  0 60 solved 1 1 0  0 60
            c0 90  -  - open   1 1 0  0  0
            b1 10 60  - open   1 1 0  0  0
            b2 70  -  - open   1 1 0  0  0
            a0 20  -  - open   1 1 0 30  0
        """,
        sessions="g0 0 100",
    )


def test_an_event_at_the_horizon_does_not_happen(engine):
    made = model({"a": {"at": [0]}}, ONE, horizon="60 s")
    check(engine, made, visits="a0 serve g0 0 0 - - still-in-service", sessions="g0 0 60")


def test_drain_goes_on_with_whoever_is_on_duty(engine):
    """Log-off at 240 and the arrival at 210, beyond the horizon of 200, do not happen; the last wrap ends at 320."""
    made = model(
        {"a": {"at": [190, 195, 210], "patience": "500 s"}},
        {"g": agents({"every day": {"00:00-00:04": 1}})},
        serve(wrap="5 s"),
        horizon="200 s",
        ends="drain",
    )
    check(
        engine,
        made,
        visits="""
            a0 serve g0 190 190 250 255 served
            a1 serve g0 195 255 315 320 served
        """,
        sessions="g0 0 320",
    )


def test_an_idle_timer_does_not_move_the_closing_time(engine):
    """The patience of a1 would end at 510; it was served at 60, and the last event is its completion at 120."""
    made = model({"a": {"at": [0, 10], "patience": "500 s"}}, ONE, horizon="100 s", ends="drain")
    check(engine, made, sessions="g0 0 120")


def test_drain_leaves_who_waits_for_nobody_open(engine):
    heads = agents({"every day": {"00:00-00:01": 1}})
    made = model({"a": {"at": [0, 10]}}, {"g": heads}, serve(talk="100 s"), horizon="70 s", ends="drain")
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0 0 100 100 served
            a1 serve -  10 -   -   - still-waiting
        """,
        cases="""
            a0  0 0 100 solved 1 1 0 0 100
            a1 10 -   - open   1 1 0 0   0
        """,
        sessions="g0 0 100",
    )
