"""Sums against counts and times worked out by hand."""

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.codes import Ending, Outcome
from sim.errors import ParameterError
from sim.log import Log
from sim.metrics import METRICS, Totals, find, owner, parts, value
from sim.metrics.sums import CaseSum, GroupSum, QueueSum
from sim.metrics.tally import spread
from sim.units import NEVER, SECOND_US
from tests.metrics.rows import case, frame, log, session, trace, visit

CLOSING = 200 * SECOND_US


def counted(rows, **changes):
    totals = Totals.empty(frame(**changes))
    totals.add(rows, CLOSING)
    return totals


def number(totals, name, of=None):
    return value(find(name), totals, of)


def test_the_trace_of_the_semantics_page():
    totals = counted(trace())
    by_hand = {
        "offered": 4,
        "answered": 2,
        "abandoned": 2,
        "blocked": 0,
        "still_waiting": 0,
        "asa": 5,  # waits 0 and 10
        "wait_abandoned": 45,
        "mean_wait": 25,  # (0 + 10 + 45 + 45) / 4
        "abandonment_rate": 0.5,
        "service_level": 0.5,  # SL4: 2 / (2 + 2 - 0)
        "service_level_sl1": 0.5,
        "service_level_sl2": 1.0,
        "aht": 70,
        "talk_time": 60,
        "wrap_time": 10,
        "hold_time": 0,
        "queue_length": 0.5,  # 100 s of waiting in 200 s
        "occupancy": 1.0,  # 140 s of 140 s
        "staffed_people": 0.7,
        "staffed_hours": 140 / 3600,
        "cases": 4,
        "solved": 2,
        "solved_rate": 0.5,
        "lost_rate": 0.5,
        "first_response_time": 5,
        "time_to_resolve": 65,  # 60 and 70
        "attempts_per_case": 1,
        "redial_rate": 0,
        "backlog": 0,
    }
    assert {name: number(totals, name) for name in by_hand} == pytest.approx(by_hand)
    assert number(totals, "wait_p50") == pytest.approx(10, rel=0.01)
    assert number(totals, "wait_p90") == pytest.approx(45, rel=0.01)


def test_formulas_of_the_service_level_differ_as_written():
    waits = [(0, "answered")] * 6 + [(30, "answered")] * 2 + [(10, "abandoned")] * 3 + [(50, "abandoned")]
    rows = [
        visit(0, wait, wait + 5) if what == "answered" else visit(0, None, wait, ending=Ending.ABANDONED)
        for wait, what in waits
    ]
    totals = counted(log(rows))
    by_hand = {"sl1": 9 / 12, "sl2": 6 / 8, "sl3": 6 / 12, "sl4": 6 / 9}
    for name, expected in by_hand.items():
        assert number(totals, f"service_level_{name}") == pytest.approx(expected)
        chosen = counted(log(rows), formula=(name.upper(),))
        assert number(chosen, "service_level") == pytest.approx(expected)


def test_service_level_over_queues_adds_each_queue_by_its_own_formula_and_wait():
    two = {
        "queues": ("billing", "repair"),
        "threshold_us": (20 * SECOND_US, 5 * SECOND_US),
        "formula": ("SL2", "SL3"),
        "goal": (None, None),
    }
    rows = [
        visit(0, 10, 20, queue=0),
        visit(0, 30, 40, queue=0),
        visit(0, 10, 20, queue=1),
        visit(0, 5, 20, queue=1),  # exactly the acceptable wait is within it
        visit(0, None, 1, ending=Ending.ABANDONED, queue=1),
    ]
    totals = counted(log(rows), **two)
    assert number(totals, "service_level", 0) == pytest.approx(1 / 2)
    assert number(totals, "service_level", 1) == pytest.approx(1 / 3)
    assert number(totals, "service_level") == pytest.approx(2 / 5)


def test_contacts_belong_to_the_interval_in_which_they_join():
    totals = counted(trace(), interval_us=60 * SECOND_US)
    offered, _ = parts(find("offered"), totals)
    assert offered.tolist() == [2, 2, 0, 0, 0]  # at 0, 10 | 60, 80
    wait, answered = parts(find("asa"), totals)
    assert wait.tolist() == [0, 10, 0, 0, 0]
    assert answered.tolist() == [1, 1, 0, 0, 0]


def test_time_is_split_over_the_intervals_in_which_it_passes():
    totals = counted(trace(), interval_us=60 * SECOND_US)
    # Waits 10-55, 60-70, 80-125; work 0-70, 70-140; session 0-140.
    assert (totals.queue[QueueSum.WAITING_TIME][0] / SECOND_US).tolist() == [45, 50, 5, 0, 0]
    assert (totals.group[GroupSum.BUSY][0] / SECOND_US).tolist() == [60, 60, 20, 0, 0]
    assert (totals.group[GroupSum.STAFFED][0] / SECOND_US).tolist() == [60, 60, 20, 0, 0]


def test_warm_up_drops_contacts_and_cuts_time():
    totals = counted(trace(), warm_up_us=50 * SECOND_US)
    assert number(totals, "offered") == 2  # those at 60 and 80
    assert number(totals, "cases") == 2
    assert number(totals, "asa") == 10
    assert number(totals, "queue_length") == pytest.approx((5 + 10 + 45) / 150)  # contact 1 waits on until 55
    assert number(totals, "staffed_hours") == pytest.approx(90 / 3600)


def test_what_is_open_at_the_end_is_counted_and_censored():
    rows = log(
        visits=[
            visit(150, None, None, ending=Ending.STILL_WAITING, case=0),
            visit(160, 170, None, None, ending=Ending.STILL_IN_SERVICE, case=1),
            visit(100, 130, 170, 210, case=2),
        ],
        cases=[
            case(150, None, None, Outcome.OPEN, case=0),
            case(160, 170, None, Outcome.OPEN, case=1),
            case(100, 130, 170, case=2),
        ],
        sessions=[session(0, 200), session(0, 200, agent=1)],
    )
    totals = counted(rows)
    by_hand = {
        "offered": 3,
        "answered": 2,
        "still_waiting": 1,
        "asa": 20,
        "mean_wait": 30,  # (50 so far + 10 + 30) / 3
        "aht": 80,  # the finished one, its wrap beyond the end included
        "occupancy": (30 + 70) / 400,  # 170-200 and 130-200
        "queue_length": (50 + 10 + 30) / 200,
        "backlog": 2,
        "backlog_age": 45,
        "first_response_time": 20,
        "solved_rate": 1.0,
    }
    assert {name: number(totals, name) for name in by_hand} == pytest.approx(by_hand)
    # Of three waits, 10 and 30 s ended and one was cut at 50 s: 2/3 have ended, so the 90th percentile is unknown.
    assert number(totals, "wait_p50") == pytest.approx(30, rel=0.01)
    assert math.isnan(number(totals, "wait_p90"))
    assert totals.case[CaseSum.OPEN].sum() == 2


def test_a_run_that_drains_keeps_outcomes_and_measures_time_to_the_horizon():
    rows = log(
        visits=[visit(190, 220, 260), visit(260, 300, 310, queue=0, visit=1)],
        cases=[case(190, 220, 310, handovers=1)],
        sessions=[session(0, 310)],
    )
    totals = Totals.empty(frame())
    totals.add(rows, 310 * SECOND_US)
    assert totals.queue[QueueSum.OFFERED].tolist() == [[1, 1]]  # the second joined after the end
    assert number(totals, "asa") == 35
    assert number(totals, "occupancy") == 0
    assert number(totals, "staffed_hours") == pytest.approx(200 / 3600)
    assert number(totals, "queue_length") == pytest.approx(10 / 200)
    assert number(totals, "time_to_resolve") == 120
    assert number(totals, "backlog") == 1  # it was open at the horizon's end
    assert number(totals, "handovers_per_case") == 1


def test_redials_and_blocked_contacts():
    rows = log(
        visits=[
            visit(0, None, 0, ending=Ending.BLOCKED),
            visit(40, None, 40, ending=Ending.BLOCKED, attempt=1),
            visit(90, 90, 100, attempt=2),
        ],
        cases=[case(0, 90, 100, attempts=3)],
    )
    totals = counted(rows)
    assert number(totals, "blocking_rate") == pytest.approx(2 / 3)
    assert number(totals, "redials") == 2
    assert number(totals, "redial_rate") == pytest.approx(2 / 3)
    assert number(totals, "attempts_per_case") == 3
    assert number(totals, "service_level") == 1  # blocked contacts enter no denominator
    assert number(totals, "mean_wait") == 0


def test_delays_are_no_contacts():
    rows = log([visit(0, None, 50, ending=Ending.DELAYED, queue=-1, group=-1)])
    totals = counted(rows)
    assert number(totals, "offered") == 0
    assert number(totals, "queue_length") == 0


@pytest.mark.parametrize(
    "metric", [metric for metric in METRICS if metric.under or metric.quantile], ids=lambda m: m.name
)
def test_without_anything_below_the_line_a_metric_is_not_defined(metric):
    found = value(metric, Totals.empty(frame()))
    if metric.under == "window":
        assert found == 0  # an empty queue over a window that has a length
    else:
        assert math.isnan(found)


def test_merging_chunks_gives_the_whole():
    whole = trace()
    once = counted(whole, interval_us=60 * SECOND_US)
    pieces = [
        Log(whole.visits[first:last], whole.cases[first:last], whole.sessions[first:last])
        for first, last in ((0, 1), (1, 3), (3, 4))
    ]
    merged = sum((counted(piece, interval_us=60 * SECOND_US) for piece in pieces[1:]),
                 counted(pieces[0], interval_us=60 * SECOND_US))  # fmt: skip
    step_by_step = Totals.empty(once.frame)
    for piece in pieces:
        step_by_step.add(piece, CLOSING)
    for other in (merged, step_by_step):
        assert np.array_equal(once.queue, other.queue)
        assert np.array_equal(once.group, other.group)
        assert np.array_equal(once.case, other.case)
        assert all(map(np.array_equal, once.observed + once.censored, other.observed + other.censored))


def test_totals_of_different_windows_do_not_merge():
    with pytest.raises(ValueError, match="different scenarios or windows"):
        counted(trace()) + counted(trace(), warm_up_us=1)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1000), st.integers(0, 1200)), max_size=30),
    st.integers(1, 300),
    st.integers(0, 400),
)
def test_splitting_keeps_every_microsecond(stretches, width, warm_up):
    window = frame(interval_us=width, warm_up_us=warm_up, end_us=1000)
    owners, begins, lengths = np.array(stretches, np.int64).reshape(-1, 3).T
    sums = np.zeros((3, window.intervals + 1), np.int64)
    spread(sums, owners, begins, begins + lengths, window)
    for group in range(3):
        for interval in range(window.intervals + 1):
            low, high = max(interval * width, warm_up), min((interval + 1) * width, 1000)
            by_hand = sum(
                max(min(begin + length, high) - max(begin, low), 0)
                for one, begin, length in stretches
                if one == group and low < high
            )
            assert sums[group, interval] == by_hand


def test_open_ends_are_cut_not_overflown():
    window = frame()
    sums = np.zeros((1, 2), np.int64)
    spread(sums, np.array([0]), np.array([150 * SECOND_US]), np.array([NEVER]), window)
    assert sums.tolist() == [[50 * SECOND_US, 0]]


def test_intervals_are_labelled_by_the_clock_on_the_wall():
    hour = 3600 * SECOND_US
    window = frame(
        start_utc=dt.datetime(2026, 3, 28, 23, tzinfo=dt.UTC), zone="Europe/Berlin", interval_us=hour, end_us=5 * hour
    )  # clocks go forward at 02:00 on 29 March
    assert [str(wall)[11:16] for wall in window.wall_starts()] == ["00:00", "01:00", "03:00", "04:00", "05:00"]


def test_the_last_interval_may_be_short():
    window = frame(interval_us=60, warm_up_us=70, end_us=150)
    assert window.intervals == 3
    assert window.lengths_us().tolist() == [0, 50, 30]


def test_asking_for_what_is_not_there():
    with pytest.raises(ParameterError, match="no such metric: 'servicelevel'; allowed: offered, answered"):
        find("servicelevel")
    with pytest.raises(ParameterError, match="no such queue for asa; allowed: billing; given: 'bill'"):
        owner(frame(), find("asa"), "bill")
