"""Intervals against hand computation, and their coverage where the truth is known."""

import math

import numpy as np
import pytest
from scipy import stats

from scenarios.estimate import Linear, checked_confidence, estimate_of, limits, linear, share_estimate
from sim.errors import ParameterError
from sim.metrics import find


def column(*values):
    return np.array(values, float).reshape(-1, 1)


def test_a_ratio_of_sums_by_hand():
    # Three runs: 2 of 4, 6 of 8, 4 of 12. Ratio 12 / 24 = 0.5; mean below the line 8.
    # Residuals (2 - 2) / 8, (6 - 4) / 8, (4 - 6) / 8 = 0, 0.25, -0.25; variance (0.0625 + 0.0625) / 2 = 0.0625;
    # standard error sqrt(0.0625 / 3) = 0.1443376; t(0.975, 2) = 4.302653; half-width 0.621034.
    found = linear(column(2, 6, 4), column(4, 8, 12))
    assert found.mean[0] == 0.5
    assert found.residuals[:, 0].tolist() == [0, 0.25, -0.25]
    assert found.half_width(0.95)[0] == pytest.approx(0.621034, abs=1e-6)


def test_a_mean_has_the_textbook_interval():
    values = np.random.default_rng(3).normal(7, 2, (12, 1))
    found = linear(values, np.ones_like(values))
    low, high = stats.t.interval(0.9, 11, values.mean(), values.std(ddof=1) / math.sqrt(12))
    half = found.half_width(0.9)[0]
    assert (found.mean[0] - half, found.mean[0] + half) == pytest.approx((low, high))


def test_limits_are_cut_to_what_a_metric_can_be():
    mean, half = np.array([0.98]), np.array([1.5])
    assert [side[0] for side in limits(find("occupancy"), mean, half)] == [0, 1]
    assert [side[0] for side in limits(find("asa"), mean, half)] == [0, 2.48]


def test_one_replication_has_no_interval_and_says_so():
    found = estimate_of(find("asa"), linear(column(30), column(3)), 0.95)
    assert (found.mean, found.low, found.high) == (10, None, None)
    assert found.plain() == {
        "mean": 10, "low": None, "high": None, "unit": "s", "reason": "one replication: no confidence interval",
    }  # fmt: skip


def test_nothing_below_the_line_is_null_with_a_reason():
    found = estimate_of(find("asa"), linear(column(0, 0), column(0, 0)), 0.95)
    assert found.mean is None
    assert found.method == "not defined: nothing was counted below the line (answered)"


def test_no_finished_replication_is_null_with_a_reason():
    found = estimate_of(find("asa"), linear(np.zeros((0, 1)), np.zeros((0, 1))), 0.95)
    assert (found.mean, found.method) == (None, "not defined: no replication has finished")


def test_a_confidence_lies_between_0_and_1():
    with pytest.raises(ParameterError, match=r"not a confidence; allowed: between 0 and 1, such as 0.95; given: 95"):
        checked_confidence(95)


@pytest.mark.parametrize("runs", [5, 20])
def test_intervals_of_ratios_cover_the_truth_as_often_as_they_say(runs):
    # Calls per run Poisson(400); each answered late with chance 0.3, the chance itself varying between runs.
    rng = np.random.default_rng(11)
    trials, truth, confidence = 4000, 0.3, 0.9
    calls = rng.poisson(400, (runs, trials))
    late = rng.binomial(calls, rng.beta(30, 70, (runs, trials)))
    found = linear(late.astype(float), calls.astype(float))
    covered = np.abs(found.mean - truth) <= found.half_width(confidence)
    low, high = stats.binomtest(int(covered.sum()), trials).proportion_ci(0.999)
    assert low - 0.01 < confidence < high + 0.01  # the delta method is exact in the limit; a hundredth for its bias


def test_paired_residuals_cancel_what_runs_share():
    rng = np.random.default_rng(4)
    shared, below = rng.normal(50, 10, (30, 1)), np.ones((30, 1))
    one, other = linear(shared, below), linear(shared + 2, below)
    assert Linear(other.mean - one.mean, other.residuals - one.residuals).half_width(0.95)[0] < 1e-9
    assert one.half_width(0.95)[0] > 2


def test_a_share_of_runs_by_hand():
    # None of 20: the exact upper limit solves (1 - p)^20 = 0.025.
    none = share_estimate(0, 20, 0.95)
    assert (none.mean, none.low) == (0, 0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 20))
    assert share_estimate(0, 0, 0.95).mean is None
