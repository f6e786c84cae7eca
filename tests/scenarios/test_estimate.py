"""Intervals against hand computation, and their coverage where the truth is known."""

import math

import numpy as np
import pytest
from scipy import stats

from scenarios.estimate import Linear, checked_confidence, estimate_of, limits, linear, no_difference, share_estimate
from sim.errors import ParameterError
from sim.metrics import find


def column(*values):
    return np.array(values, float).reshape(-1, 1)


def test_a_ratio_of_sums_by_hand():
    # Three runs: 2 of 4, 6 of 8, 4 of 12. Ratio 12 / 24 = 0.5; mean below the line 8.
    # Residuals (2 - 2) / 8, (6 - 4) / 8, (4 - 6) / 8 = 0, 0.25, -0.25; variance (0.0625 + 0.0625) / 2 = 0.0625;
    # standard error sqrt(0.0625 / 3) = 0.1443376; t(0.975, 2) = 4.302653; half-width 0.621034. The cubes add up to
    # nothing, so there is no skewness to correct.
    found = linear(column(2, 6, 4), column(4, 8, 12))
    assert found.mean[0] == 0.5
    assert found.residuals[:, 0].tolist() == [0, 0.25, -0.25]
    assert [side[0] for side in found.interval(0.95)] == pytest.approx([0.5 - 0.621034, 0.5 + 0.621034], abs=1e-6)


def test_an_even_sample_has_the_textbook_interval():
    half = np.random.default_rng(3).normal(0, 2, (6, 1))
    values = 7 + np.concatenate([half, -half])
    found = linear(values, np.ones_like(values))
    low, high = stats.t.interval(0.9, 11, values.mean(), values.std(ddof=1) / math.sqrt(12))
    assert [side[0] for side in found.interval(0.9)] == pytest.approx([low, high])


@pytest.mark.parametrize(
    "values", [(4, 5, 6, 7, 8, 10, 5, 6, 7), (-5, -1, 2, 3, 4, 5, 0, 2, 6, 1), (1, 2, 3, 3, 4, 6, 2, 5)]
)
def test_the_limits_of_a_skewed_sample_solve_halls_equation(values):
    # Hall 1992: T + g T^2 / (3 root n) + g^2 T^3 / (27 n) + g / (6 root n) is Student's, T = (mean - truth) / error,
    # g the sample skewness (adjusted, as spreadsheets have it).
    n, mean, error = len(values), np.mean(values), stats.sem(values)
    g = stats.skew(values, bias=False)
    t = stats.t.ppf(0.975, n - 1)
    assert 0.1 < abs(g) * t / n**0.5 < 0.9  # in the range in which it counts in full

    def upright_at(truth):
        far = (mean - truth) / error
        return far + g * far**2 / (3 * n**0.5) + g**2 * far**3 / (27 * n) + g / (6 * n**0.5)

    low, high = (side[0] for side in linear(column(*values), np.ones((n, 1))).interval(0.95))
    assert (upright_at(low), upright_at(high)) == pytest.approx((t, -t))
    assert low < mean < high
    assert (high - mean > mean - low) == (g > 0)


def test_a_lean_that_few_replications_claim_counts_only_so_far():
    # One far value among five: g = 2.2 and g t / root n = 2.7. Hall's equation with 0.9 instead has, for t and -t,
    # T = (t / 0.3) (cbrt(1 + 0.9 - 0.135 / t^2) - 1) and (t / 0.3) (cbrt(1 - 0.9 - 0.135 / t^2) - 1).
    values = (1.0, 1.1, 0.9, 1.0, 9.0)
    t, mean, error = stats.t.ppf(0.975, 4), np.mean(values), stats.sem(values)
    low, high = (side[0] for side in linear(column(*values), np.ones((5, 1))).interval(0.95))
    below, above = (t / 0.3 * (np.cbrt(1 + 0.9 * way - 0.135 / t**2) - 1) for way in (1, -1))
    assert (low, high) == pytest.approx((mean - error * below, mean - error * above))


@pytest.mark.parametrize("values", [(1, 2, 9), (3, 3, 3, 4, 20, 5, 2), (-50, 1, 2, 3, 4, 5), (5, 5, 5, 5.1)])
def test_the_p_value_is_the_confidence_at_which_the_interval_reaches_0(values):
    found = linear(column(*values), np.ones((len(values), 1)))
    p = no_difference(found.mean[0], found.residuals)
    sides = [side[0] for side in found.interval(1 - p)]
    assert min(abs(side) for side in sides) == pytest.approx(0, abs=1e-6 * (sides[1] - sides[0]))


def test_the_p_value_of_an_even_sample_is_that_of_the_t_test():
    values = np.array([-1.0, 0.0, 1.0, 2.0, 3.0])
    found = linear(values.reshape(-1, 1), np.ones((5, 1)))
    assert no_difference(1.0, found.residuals) == pytest.approx(stats.ttest_1samp(values, 0).pvalue)


def test_two_replications_have_students_interval():
    low, high = (side[0] for side in linear(column(1, 3), np.ones((2, 1))).interval(0.95))
    assert (low, high) == pytest.approx((2 - 12.706205, 2 + 12.706205))


def test_limits_are_cut_to_what_a_metric_can_be():
    even = Linear(np.array([0.98]), column(-0.5, 0.5))  # standard error 0.5, t(0.975, 1) = 12.706205
    assert [side[0] for side in limits(find("occupancy"), even, 0.95)] == [0, 1]
    assert [side[0] for side in limits(find("asa"), even, 0.95)] == pytest.approx([0, 0.98 + 6.353102])


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
    low, high = found.interval(confidence)
    covered = (low <= truth) & (truth <= high)
    low, high = stats.binomtest(int(covered.sum()), trials).proportion_ci(0.999)
    assert low - 0.01 < confidence < high + 0.01  # the delta method is exact in the limit; a hundredth for its bias


def test_paired_residuals_cancel_what_runs_share():
    rng = np.random.default_rng(4)
    shared, below = rng.normal(50, 10, (30, 1)), np.ones((30, 1))
    one, other = linear(shared, below), linear(shared + 2, below)
    low, high = Linear(other.mean - one.mean, other.residuals - one.residuals).interval(0.95)
    assert high[0] - low[0] < 1e-9
    low, high = one.interval(0.95)
    assert high[0] - low[0] > 4


@pytest.mark.parametrize(("law", "least"), [("normal", 0.94), ("exponential", 0.935), ("lognormal", 0.91)])
def test_skewed_numbers_are_covered_nearly_as_often_as_even_ones(law, least):
    # Without the correction 20 exponential numbers are covered 91.8 % of the time and 20 lognormal ones 86.7 %.
    rng = np.random.default_rng(5)
    values = getattr(rng, law)(size=(20, 20_000))
    truth = {"normal": 0, "exponential": 1, "lognormal": math.exp(0.5)}[law]
    low, high = linear(values, np.ones_like(values)).interval(0.95)
    covered = ((low <= truth) & (truth <= high)).mean()
    assert least <= covered <= 0.96


def test_a_share_of_runs_by_hand():
    # None of 20: the exact upper limit solves (1 - p)^20 = 0.025.
    none = share_estimate(0, 20, 0.95)
    assert (none.mean, none.low) == (0, 0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 20))
    assert share_estimate(0, 0, 0.95).mean is None
