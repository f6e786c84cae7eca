"""Traces by hand, from docs/semantics.md alone: waiting, ties, blocking, overflow, priorities, redial."""

import pytest

from tests.engines.trace import agents, check, model, serve

ONE = {"g": agents(1)}
TWO_GROUPS = {"g": agents(1), "h": agents(1)}
AFTER_30 = {"s": {"to": ["g", {"h": "after 30 s"}]}}


def test_the_trace_of_the_page_on_the_meaning(engine):
    made = model(
        {"a": {"at": [0, 10, 60, 80], "patience": "45 s"}},
        {"g": agents({"every day": {"00:00-00:02": 1}})},
        serve(wrap="10 s"),
        start="2026-03-02 00:00:20",
        horizon="200 s",
    )
    check(
        engine,
        made,
        visits="""
            a1 serve -  10  -  55   -  abandoned
            a0 serve g0  0  0  60  70  served
            a3 serve -  80  - 125   -  abandoned
            a2 serve g0 60 70 130 140  served
        """,
        cases="""
            a1 10  -  55 abandoned 1 1 0 45  0
            a0  0  0  60 solved    1 1 0  0 70
            a3 80  - 125 abandoned 1 1 0 45  0
            a2 60 70 130 solved    1 1 0 10 70
        """,
        sessions="g0 0 140",
    )


def test_service_that_starts_at_the_very_end_of_patience_happens(engine):
    made = model({"a": {"at": [0, 10], "patience": "50 s"}}, ONE)
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0  0  60  60 served
            a1 serve g0 10 60 120 120 served
        """,
    )


def test_an_agent_who_comes_at_the_end_of_patience_is_in_time(engine):
    made = model({"a": {"at": [0], "patience": "60 s"}}, {"g": agents({"every day": {"00:01-00:05": 1}})})
    check(engine, made, visits="a0 serve g0 0 60 120 120 served")


def test_who_leaves_gives_the_place_to_who_arrives_at_that_instant(engine):
    made = model(
        {"a": {"at": [0, 10, 60], "patience": "50 s"}},
        ONE,
        serve(talk="100 s"),
        routing={"s": {"waiting places": 1}},
    )
    check(
        engine,
        made,
        visits="""
            a1 serve -  10   -  60   - abandoned
            a0 serve g0  0   0 100 100 served
            a2 serve g0 60 100 200 200 served
        """,
    )


def test_who_arrives_as_the_agent_is_released_is_not_blocked(engine):
    made = model({"a": {"at": [0, 60]}}, ONE, routing={"s": {"waiting places": 0}})
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0  0  60  60 served
            a1 serve g0 60 60 120 120 served
        """,
    )


def test_patience_of_nothing_meets_a_free_agent(engine):
    made = model({"a": {"at": [5], "patience": "0 s"}}, ONE)
    check(engine, made, visits="a0 serve g0 5 5 65 65 served")


def test_patience_of_nothing_without_a_free_agent(engine):
    made = model({"a": {"at": [0, 5], "patience": "0 s"}}, ONE)
    check(
        engine,
        made,
        visits="""
            a1 serve -  5 -  5  - abandoned
            a0 serve g0 0 0 60 60 served
        """,
        cases="""
            a1 5 -  5 abandoned 1 1 0 0  0
            a0 0 0 60 solved    1 1 0 0 60
        """,
    )


def test_two_places_and_the_third_who_waits_is_blocked(engine):
    made = model({"a": {"at": [0, 10, 20, 30]}}, ONE, routing={"s": {"waiting places": 2}})
    check(
        engine,
        made,
        visits="""
            a3 serve -  30   -  30   - blocked
            a0 serve g0  0   0  60  60 served
            a1 serve g0 10  60 120 120 served
            a2 serve g0 20 120 180 180 served
        """,
        cases="""
            a3 30   -  30 blocked 1 1 0   0  0
            a0  0   0  60 solved  1 1 0   0 60
            a1 10  60 120 solved  1 1 0  50 60
            a2 20 120 180 solved  1 1 0 100 60
        """,
    )


def test_no_place_at_all(engine):
    made = model({"a": {"at": [0, 10, 60]}}, ONE, routing={"s": {"waiting places": 0}})
    check(
        engine,
        made,
        visits="""
            a1 serve -  10  -  10   - blocked
            a0 serve g0  0  0  60  60 served
            a2 serve g0 60 60 120 120 served
        """,
    )


def test_overflow_after_a_wait(engine):
    made = model({"a": {"at": [0, 10]}}, TWO_GROUPS, routing=AFTER_30)
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0  0  60  60 served
            a1 serve h0 10 40 100 100 served
        """,
    )


def test_completion_comes_before_an_overflow_at_that_instant(engine):
    made = model({"a": {"at": [0, 30]}}, TWO_GROUPS, routing=AFTER_30)
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0  0  60  60 served
            a1 serve g0 30 60 120 120 served
        """,
        sessions="""
            g0 0 300
            h0 0 300
        """,
    )


def test_overflow_comes_before_the_end_of_patience_at_that_instant(engine):
    made = model({"a": {"at": [0, 10], "patience": "30 s"}}, TWO_GROUPS, routing=AFTER_30)
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0  0  60  60 served
            a1 serve h0 10 40 100 100 served
        """,
    )


def test_overflow_to_a_busy_group_stands_in_both_lines(engine):
    """h is busy with case b0 until 50, before g is free at 60; a1 may go to h from 40."""
    process = {
        "t": {"serve": {"work": "s", "talk": "60 s"}, "done": {"end": "solved"}},
        "v": {"other": {"work": "u", "talk": "50 s"}, "done": {"end": "solved"}},
    }
    made = model(
        {"a": {"at": [0, 10, 20]}, "b": {"at": [0], "type": "v"}},
        {"g": agents(1), "h": agents(1, "s", "u")},
        process,
        routing=AFTER_30,
    )
    check(
        engine,
        made,
        visits="""
            b0 other h0  0  0  50  50 served
            a0 serve g0  0  0  60  60 served
            a1 serve h0 10 50 110 110 served
            a2 serve g0 20 60 120 120 served
        """,
    )


def test_before_its_overflow_a_case_is_not_for_the_second_group(engine):
    """h is free at 35, but a1 may go to it from 40 only; the timer finds it free."""
    made = model(
        {"a": {"at": [0, 10]}, "b": {"at": [0], "type": "v"}},
        {"g": agents(1), "h": agents(1, "s", "u")},
        {
            "t": {"serve": {"work": "s", "talk": "60 s"}, "done": {"end": "solved"}},
            "v": {"other": {"work": "u", "talk": "35 s"}, "done": {"end": "solved"}},
        },
        routing=AFTER_30,
    )
    check(
        engine,
        made,
        visits="""
            b0 other h0  0  0  35  35 served
            a0 serve g0  0  0  60  60 served
            a1 serve h0 10 40 100 100 served
        """,
    )


def test_three_lines_each_after_its_wait(engine):
    made = model(
        {"a": {"at": [0, 0, 0, 0]}},
        {"g": agents(1), "h": agents(1), "k": agents(1)},
        routing={"s": {"to": ["g", {"h": "after 20 s"}, {"k": "after 30 s"}]}},
    )
    check(
        engine,
        made,
        visits="""
            a0 serve g0 0  0  60  60 served
            a1 serve h0 0 20  80  80 served
            a2 serve k0 0 30  90  90 served
            a3 serve g0 0 60 120 120 served
        """,
    )


def test_a_lower_priority_number_goes_first(engine):
    made = model({"a": {"at": [0]}, "b": {"at": [10], "priority": 2}, "c": {"at": [20], "priority": 1}}, ONE)
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0   0  60  60 served
            c0 serve g0 20  60 120 120 served
            b0 serve g0 10 120 180 180 served
        """,
    )


@pytest.mark.parametrize(("head_start", "first"), [("30 s", "b"), ("20 s", "a"), ("10 s", "a")])
def test_a_head_start_counts_as_waiting_and_a_tie_goes_to_the_lower_address(engine, head_start, first):
    """a1 joins at 10, b0 at 30."""
    made = model({"a": {"at": [0, 10]}, "b": {"at": [30], "head start": head_start}}, ONE)
    rows = {
        "b": "a0 serve g0 0 0 60 60 served \n b0 serve g0 30 60 120 120 served \n a1 serve g0 10 120 180 180 served",
        "a": "a0 serve g0 0 0 60 60 served \n a1 serve g0 10 60 120 120 served \n b0 serve g0 30 120 180 180 served",
    }
    check(engine, made, visits=rows[first])


def test_recorded_arrivals_at_equal_times_come_in_the_order_of_their_streams(engine):
    made = model({"b": {"at": [7, 7]}, "a": {"at": [7]}}, ONE)
    check(
        engine,
        made,
        visits="""
            b0 serve g0 7   7  67  67 served
            b1 serve g0 7  67 127 127 served
            a0 serve g0 7 127 187 187 served
        """,
    )


def test_arrivals_before_the_start_and_from_the_end_on_do_not_happen(engine):
    made = model({"a": {"at": [-1, 0, 299.5, 300]}}, {"g": agents(2)})
    check(
        engine,
        made,
        cases="""
            a0     0     0 60 solved 1 1 0 0 60
            a1 299.5 299.5  - open   1 1 0 0  0
        """,
    )


def test_redials_until_the_attempts_are_used_up(engine):
    """Nobody is there: patience 10 s, again after 20 s, three attempts."""
    made = model(
        {"a": {"at": [0], "patience": "10 s", "redial": {"share": "100 %", "after": "20 s", "attempts": 3}}},
        {"g": agents(0)},
    )
    check(
        engine,
        made,
        visits="""
            a0 serve -  0 - 10 - abandoned
            a0 serve - 30 - 40 - abandoned
            a0 serve - 60 - 70 - abandoned
        """,
        cases="a0 0 - 70 abandoned 3 3 0 30 0",
        sessions="",
    )


def test_who_is_blocked_redials(engine):
    made = model(
        {"a": {"at": [0]}, "b": {"at": [10], "redial": {"share": 1, "after": "20 s", "attempts": 4}}},
        ONE,
        routing={"s": {"waiting places": 0}},
    )
    check(
        engine,
        made,
        visits="""
            b0 serve -  10  -  10   - blocked
            b0 serve -  30  -  30   - blocked
            b0 serve -  50  -  50   - blocked
            a0 serve g0  0  0  60  60 served
            b0 serve g0 70 70 130 130 served
        """,
        cases="""
            a0  0  0  60 solved 1 1 0 0 60
            b0 10 70 130 solved 4 4 0 0 60
        """,
    )


def test_a_redial_comes_before_an_arrival_at_that_instant(engine):
    """a0 hangs up at 10 and redials at 60, when the agent comes; b0 arrives at 60 as well."""
    made = model(
        {"b": {"at": [60]}, "a": {"at": [0], "patience": "10 s", "redial": {"share": 1, "after": "50 s"}}},
        {"g": agents({"every day": {"00:01-00:10": 1}})},
    )
    check(
        engine,
        made,
        visits="""
            a0 serve -   0   -  10   - abandoned
            a0 serve g0 60  60 120 120 served
            b0 serve g0 60 120 180 180 served
        """,
    )


def test_no_redial_without_a_chance(engine):
    made = model({"a": {"at": [0], "patience": "10 s", "redial": {"share": 0, "after": "20 s"}}}, {"g": agents(0)})
    check(engine, made, cases="a0 0 - 10 abandoned 1 1 0 10 0")


def test_patience_of_the_step_replaces_the_streams(engine):
    nobody_leaves = model({"a": {"at": [0, 10], "patience": "5 s"}}, ONE, serve(patience="none"))
    check(
        engine,
        nobody_leaves,
        visits="""
            a0 serve g0  0  0  60  60 served
            a1 serve g0 10 60 120 120 served
        """,
    )
    shorter = model({"a": {"at": [0, 10], "patience": "90 s"}}, ONE, serve(patience="20 s"))
    check(
        engine,
        shorter,
        visits="""
            a1 serve -  10 - 30  - abandoned
            a0 serve g0  0 0 60 60 served
        """,
    )
