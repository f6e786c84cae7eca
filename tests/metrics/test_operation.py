"""Rows of the whole operation: what is a contact, what is work, what is a case."""

import pytest

from sim.codes import Ending, Flag, Outcome
from sim.metrics import METRICS, Totals, find, metrics_of, value
from sim.metrics.sums import CaseSum
from sim.units import SECOND_US
from tests.metrics.rows import case, frame, log, session, visit

CLOSING = 200 * SECOND_US


def counted(*chunks, **changes):
    totals = Totals.empty(frame(**changes))
    for rows in chunks:
        totals.add(rows, CLOSING)
    return totals


def numbers(totals, *names):
    return {name: value(find(name), totals) for name in names}


def test_work_that_is_taken_up_again_is_one_contact():
    rows = log(
        visits=[
            visit(0, 10, 40, ending=Ending.SUSPENDED, released=40),
            visit(40, 100, 130, 140, flags=Flag.RESUMED, visit=1),
            visit(50, 50, 60, 60, case=1),
        ],
        sessions=[session(0, 200)],
    )
    by_hand = {
        "offered": 2,
        "answered": 2,
        "asa": 5,  # 10 and 0: the wait of the rest is no wait for an answer
        "aht": (30 + 40 + 10) / 2,
        "talk_time": (30 + 30 + 10) / 2,
        "wrap_time": 5,
        "suspended": 1,
        "suspended_share": 1 / 3,
        "queue_length": (10 + 60) / 200,  # the rest does wait in the queue
        "occupancy": (30 + 40 + 10) / 200,
        "still_waiting": 0,
    }
    assert numbers(counted(rows), *by_hand) == pytest.approx(by_hand)


def test_a_suspended_contact_whose_rest_still_waits_was_answered():
    rows = log([
        visit(0, 10, 40, ending=Ending.SUSPENDED, released=40),
        visit(40, None, None, None, ending=Ending.STILL_WAITING, flags=Flag.RESUMED, visit=1),
    ])  # fmt: skip
    by_hand = {"offered": 1, "answered": 1, "still_waiting": 0, "asa": 10, "service_level": 1, "wait_p50": 10}
    assert numbers(counted(rows), *by_hand) == pytest.approx(by_hand, rel=0.01)


def test_who_holds_and_briefs_is_busy_without_a_contact():
    rows = log(
        visits=[
            visit(0, 0, 30, 30),
            visit(30, 30, 60, ending=Ending.HANDING, released=60, agent=0),
            visit(30, 50, 90, 90, agent=1, visit=1),
        ],
        sessions=[session(0, 100), session(0, 100, agent=1)],
    )
    by_hand = {"offered": 2, "answered": 2, "aht": 35, "busy_hours": (30 + 30 + 40) / 3600, "queue_length": 20 / 200}
    assert numbers(counted(rows), *by_hand) == pytest.approx(by_hand)


def test_balked_and_unanswered_contacts_are_offered_and_lost():
    rows = log(
        visits=[
            visit(0, None, 0, ending=Ending.BALKED),
            visit(0, 30, 50, ending=Ending.UNANSWERED, released=50, flags=Flag.CALLBACK),
            visit(0, 30, 50, flags=Flag.CALLBACK),
            visit(0, None, 10, ending=Ending.ABANDONED),
            visit(0, 10, 15, flags=Flag.ESCALATED | Flag.LOOKED_UP),
            visit(0, 10, 15, flags=Flag.UNSOLVED),
        ]
    )
    by_hand = {
        "offered": 6,
        "answered": 3,
        "balked": 1,
        "balking_rate": 1 / 6,
        "callbacks": 2,
        "callback_share": 2 / 6,
        "unanswered_callbacks": 1 / 2,
        "escalated": 1,
        "escalated_share": 1 / 6,
        "lookups_per_contact": 1 / 3,
        "passed_on_share": 1 / 3,
        "abandonment_rate": 1 / 4,  # of those whose wait ended by answer or by giving up
        "asa": 50 / 3,
        "aht": 10,
        "service_level": 2 / 3,  # SL4: 2 of (3 + 1 - 1)
    }
    assert numbers(counted(rows), *by_hand) == pytest.approx(by_hand)


def test_contacts_that_overlap_keep_an_agent_busy_once():
    rows = log(
        visits=[visit(0, 0, 40, 50), visit(0, 10, 30), visit(0, 60, 80), visit(0, 70, 90, agent=1)],
        sessions=[session(0, 100), session(0, 100, agent=1)],
    )
    assert numbers(counted(rows, several=(0,)), "busy_hours", "aht") == pytest.approx(
        {"busy_hours": (50 + 20 + 20) / 3600, "aht": (50 + 20 + 20 + 20) / 4}
    )
    assert value(find("busy_hours"), counted(rows)) == pytest.approx(110 / 3600)  # one at a time: nothing to join


def test_overlapping_contacts_are_joined_across_chunks():
    first = log(visits=[visit(0, 10, 30), visit(0, 0, 5)])
    second = log(visits=[visit(0, 0, 90, 95)], sessions=[session(0, 100)])
    third = log(visits=[visit(0, 120, 130)], sessions=[session(110, 140)])
    totals = counted(first, second, third, several=(0,), interval_us=100 * SECOND_US)
    assert value(find("busy_hours"), totals) == pytest.approx((95 + 10) / 3600)
    assert totals.pending.contacts.rows.shape[1] == 0


def test_contacts_of_a_later_session_wait_for_its_end():
    early = log(visits=[visit(0, 10, 30), visit(0, 120, 130)], sessions=[session(0, 100)])
    late = log(visits=[visit(0, 115, 140)], sessions=[session(110, 140)])
    assert value(find("busy_hours"), counted(early, late, several=(0,))) == pytest.approx((20 + 25) / 3600)


def test_cases_that_come_back_are_chased_and_leave():
    rows = log(
        cases=[
            case(0, 10, 50),
            case(0, 10, 120, reopened=1, solved=50, case=1),
            case(0, 10, 60, handovers=2, case=2),
            case(0, 10, 60, attempts=2, case=3),
            case(0, 10, 60, chases=3, customer=7, left=1, case=4),
            case(0, 10, 60, Outcome.UNSOLVED, customer=8, case=5),
            case(0, None, None, Outcome.OPEN, chases=1, customer=9, case=6),
            case(70, None, 70, Outcome.GONE, customer=7, attempts=0, case=7),
        ]
    )
    by_hand = {
        "cases": 7,
        "gone": 1,
        "solved_rate": 5 / 6,
        "first_contact_resolution": 1 / 6,
        "handovers_per_case": 2 / 7,
        "handovers_per_handed_over": 2,
        "handed_over_share": 1 / 7,
        "reopened_share": 1 / 6,
        "reopenings_per_case": 1 / 6,
        "chases_per_case": 4 / 7,
        "chased_share": 2 / 7,
        "repeat_rate": (1 + 4 + 1) / (8 + 4 + 1),
        "time_to_resolve": (50 + 120 + 60 + 60 + 60) / 5,
        "time_to_first_solution": (50 + 50 + 60 + 60 + 60) / 5,
        "customers_left": 1,
        "leaving_rate": 1 / 2,
        "backlog": 1,
    }
    assert numbers(counted(rows), *by_hand) == pytest.approx(by_hand)


def test_a_case_open_before_the_start_counts_in_the_backlog_alone():
    totals = counted(log(cases=[case(-100, None, None, Outcome.OPEN), case(-50, 10, 30)]), interval_us=50 * SECOND_US)
    assert numbers(totals, "cases", "backlog", "backlog_age") == {"cases": 0, "backlog": 1, "backlog_age": 300}
    assert totals.case[CaseSum.BACKLOG].tolist() == [[1, 0, 0, 0, 0]]


def test_only_metrics_that_say_something_belong_to_a_scenario():
    plain = {metric.name for metric in metrics_of(frame())}
    assert "offered" in plain
    assert not plain & {"balked", "chases_per_case", "gone"}
    with_chasing = {metric.name for metric in metrics_of(frame(parts=frozenset({"chasing", "repeats"})))}
    assert with_chasing - plain == {m.name for m in METRICS if m.part in ("chasing", "repeats")}


def test_a_kept_agent_that_is_never_released_is_busy_to_the_end():
    rows = log(visits=[visit(0, 0, 30, 30), visit(30, 30, None, ending=Ending.HANDING, released=None)])
    assert value(find("busy_hours"), counted(rows)) == pytest.approx(200 / 3600)


def test_first_contact_has_its_window():
    # Solved at 50, back at 70 or at 140; within 40 s the first was no solution, the second was one.
    visits = [
        visit(0, 10, 50, case=0),
        visit(70, 80, 90, case=0, visit=1),
        visit(0, 10, 50, case=1),
        visit(140, 150, 160, case=1, visit=1),
        visit(60, 60, 70, case=1, visit=2, strand=1),  # somebody asks: that is no coming back
    ]
    cases = [
        case(0, 10, 90, reopened=1, solved=50),
        case(0, 10, 160, Outcome.UNSOLVED, reopened=1, solved=50, case=1),
        case(0, 10, 50, case=2),
        case(0, 10, 50, Outcome.UNSOLVED, case=3),
        case(0, 10, None, Outcome.OPEN, case=4),
        case(170, 170, 175, case=5),  # too late to know
    ]
    assert value(find("first_contact_resolution"), counted(log(visits, cases), repeat_us=40 * SECOND_US)) == 2 / 4
    assert value(find("first_contact_resolution"), counted(log(visits, cases))) == 2 / 5
    pieces = [log(visits[:3]), log(visits[3:], cases[2:]), log([], cases[:2])]
    assert value(find("first_contact_resolution"), counted(*pieces, repeat_us=40 * SECOND_US)) == 2 / 4


def test_look_ups_belong_to_cases():
    visits = [
        visit(0, 0, 9, flags=Flag.LOOKED_UP),
        visit(9, 9, 20, flags=Flag.LOOKED_UP, visit=1),
        visit(0, 0, 9, case=1),
    ]
    rows = log(visits, [case(0, 0, 20), case(0, 0, 9, case=1)])
    assert value(find("lookups_per_case"), counted(rows, parts=frozenset({"look-up"}))) == 1
