"""Completion times of open cases: percentiles and limits against binomial arithmetic, censored runs, hand-made rows."""

from __future__ import annotations

import numpy as np
import pytest
from handmade import case, log
from scipy import stats

from scenarios.backlog import Initial, completion, done_at
from sim.codes import FIRST_INITIAL, Outcome
from sim.units import MINUTE_US, NEVER, SECOND_US


def us(*seconds):
    return np.array([NEVER if one is None else one * SECOND_US for one in seconds], np.int64)


def test_percentiles_are_where_the_kaplan_meier_curve_has_come_down():
    times = us(50, 10, 40, 20, 30, 90, 60, 80, 70, 100)
    assert completion(times, 0.5).seconds == 50
    assert completion(times, 0.9).seconds == 90
    assert completion(us(7), 0.9).seconds == 7


def test_censored_runs_count_as_longer_and_may_hide_a_percentile():
    times = us(10, 20, 30, 40, 50, 60, 70, 80, None, None)
    assert completion(times, 0.8).seconds == 80
    found = completion(times, 0.9)
    assert (found.seconds, found.high) == (None, None)
    assert completion(us(*[None] * 4), 0.5).seconds is None
    assert completion(us(), 0.5).low is None


def test_limits_are_order_statistics_that_hold_for_any_distribution():
    found = completion(us(*range(1, 101)), 0.5, 0.95)
    low, high = found.low, found.high
    cover = stats.binom.cdf(high - 1, 100, 0.5) - stats.binom.cdf(low - 1, 100, 0.5)
    assert cover >= 0.95
    assert stats.binom.cdf(high - 2, 100, 0.5) - stats.binom.cdf(low, 100, 0.5) < 0.95
    few = completion(us(1, 2, 3), 0.9, 0.95)
    assert few.high is None  # three runs cannot bound a 90th percentile from above


def test_limits_cover_the_true_percentile_often_enough():
    chance, covered = np.random.default_rng(1), 0
    for _ in range(400):
        found = completion((chance.exponential(size=60) * 1e9).astype(np.int64), 0.5, 0.9)
        covered += found.low <= np.log(2) * 1000 <= found.high
    assert covered / 400 >= 0.87  # 90 % at least, less what 400 runs may miss by


def test_done_is_the_first_solution_or_the_end():
    first = FIRST_INITIAL
    solved_again = case(first, -60, 500, reopened=1)
    solved_again[11] = 30 * MINUTE_US
    rows = [
        case(first + 2, -10, None, Outcome.OPEN),
        solved_again,
        case(first + 1, -30, 45, Outcome.UNSOLVED),
        case(0, 5, 9),
        case(first, -5, 12, stream=1),
    ]
    known = [Initial(0, first + n, 0, 0, 0) for n in range(3)] + [Initial(1, first, 0, 0, 0)]
    done, solved = done_at(log([], rows), known)
    assert done.tolist() == [30 * MINUTE_US, 45 * MINUTE_US, NEVER, 12 * MINUTE_US]
    assert solved.tolist() == [True, False, False, True]


def test_waiting_for_the_last_open_case_ends_each_run_anew():
    from scenarios.backlog import _Watch

    watch = _Watch(2)
    some = log([], [case(FIRST_INITIAL, 0, 1), case(4, 0, 1)])
    assert [watch.enough(some) for _ in range(4)] == [False, True, False, True]


@pytest.mark.parametrize("quantile", [0.5, 0.9])
def test_more_confidence_is_never_narrower(quantile):
    times = us(*range(1, 301))
    wide, narrow = completion(times, quantile, 0.99), completion(times, quantile, 0.8)
    assert wide.low <= narrow.low <= narrow.seconds <= narrow.high <= wide.high
