"""Power against published values, turned round, and as laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.power import (
    detectable_mean,
    detectable_pair,
    detectable_share,
    detectable_with,
    power_of_error,
    power_of_means,
    power_of_pairs,
    power_of_shares,
    size_for_means,
    size_for_shares,
)
from sim.errors import ParameterError


def test_examples_of_r():
    """The examples in R's help pages of power.t.test and power.prop.test (R counts the nearer tail alone)."""
    assert power_of_means(1, 1, (20, 20)) == pytest.approx(0.8689528, abs=1e-6)
    assert size_for_means(1, 1, 0.9) == pytest.approx(22.02110, abs=1e-4)
    assert size_for_shares((0.5, 0.75), 0.9) == pytest.approx(76.7, abs=0.05)
    assert power_of_shares((0.5, 0.75), (50, 50)) == pytest.approx(0.740, abs=0.0005)


def test_cohens_medium_effect():
    """Cohen (1988), tables 2.3.5 and 2.4.1: d = 0.5 needs 64 in each group; a pair's d = 0.5 needs 34 pairs."""
    assert 63 < size_for_means(0.5, 1) < 64
    assert power_of_pairs(0.5, 1, 34) > 0.8 > power_of_pairs(0.5, 1, 33)


def test_the_known_error():
    """1.96 + 0.84 standard errors."""
    assert detectable_with(2.0) == pytest.approx(2 * (1.959964 + 0.841621), abs=1e-5)
    assert power_of_error(0, 1) == pytest.approx(0.05)


@given(st.floats(0.1, 100), st.integers(2, 5000), st.integers(2, 5000), st.floats(0.3, 0.99))
def test_the_least_effect_has_the_power(spread, one, other, power):
    effect = detectable_mean(spread, (one, other), power)
    assert power_of_means(effect, spread, (one, other)) == pytest.approx(power, abs=1e-6)
    assert detectable_mean(spread, (one + 1, other), power) < effect
    assert effect == pytest.approx(spread * detectable_mean(1, (one, other), power), rel=1e-6)


@given(st.floats(0.02, 0.9), st.integers(20, 100_000), st.booleans())
def test_the_least_change_of_a_share(share, size, rises):
    change = detectable_share(share, (size, size), rises=rises)
    target = share + change if rises else share - change
    if math.isnan(change):
        assert power_of_shares((share, 1.0 if rises else 0.0), (size, size)) < 0.8
    else:
        assert 0 <= target <= 1
        assert power_of_shares((share, target), (size, size)) == pytest.approx(0.8, abs=1e-6)
        assert size_for_shares((share, target)) == pytest.approx(size, rel=1e-3)


def test_shares_by_simulation():
    """Rejections of the pooled test in 4,000 trials, five standard errors."""
    rng = np.random.default_rng(7)
    n, p, q = 400, 0.30, 0.38
    one, other = rng.binomial(n, p, 4000) / n, rng.binomial(n, q, 4000) / n
    pooled = (one + other) / 2
    seen = np.abs(one - other) / np.sqrt(pooled * (1 - pooled) * 2 / n) > 1.959964
    expected = power_of_shares((p, q), (n, n))
    assert abs(seen.mean() - expected) < 5 * math.sqrt(expected * (1 - expected) / 4000)


def test_pairs_and_means_go_together():
    """Pairs without correlation have a difference of twice the variance."""
    assert detectable_pair(math.sqrt(2), 10_000) == pytest.approx(detectable_mean(1, (10_000, 10_000)), rel=1e-4)


def test_no_size_tells_equal_things_apart():
    assert size_for_means(0, 1) == math.inf


@pytest.mark.parametrize(
    ("call", "message"),
    [(lambda: power_of_means(1, 0, (5, 5)), "not a spread; allowed: above 0; given: 0"),
     (lambda: power_of_means(1, 1, (1, 5)), "too few for a comparison; allowed: 2 or more; given: 1"),
     (lambda: detectable_with(1, power=1), "not a power"),
     (lambda: power_of_error(1, math.nan), "not a standard error"),
     (lambda: power_of_shares((0.1, 0.2), (50, 50), confidence=1), "not a confidence")],
)  # fmt: skip
def test_what_has_no_power(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
