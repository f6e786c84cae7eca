"""Control charts and trends against worked figures, and against chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from scenarios.controlcharts import Sample, beyond_chance, mean_limits, share_limits, trend


def test_xmr_chart_by_hand():
    # mean 12; moving ranges 2, 3, 1, 4, 5: mean 3; 2.66 x 3 = 7.98
    found = mean_limits(np.array([10.0, 12, 9, 10, 14, 19]) - 1 / 3)
    assert found.centre == pytest.approx(12)
    assert (found.low, found.high) == pytest.approx((12 - 3 / 1.128 * 3, 12 + 3 / 1.128 * 3))


def test_xmr_limits_do_not_fall_below_zero_and_need_six_periods():
    assert mean_limits(np.array([0.0, 9, 0, 9, 0, 9])).low == 0
    assert mean_limits(np.arange(5.0)) is None
    assert mean_limits(np.array([1.0, np.nan, 2, 3, 4, 5])) is None


def test_p_chart_is_shewharts_where_periods_differ_by_chance_only():
    over, under = np.array([10.0, 11, 10, 9, 10, 10]), np.full(6, 100.0)
    found = share_limits(over, under, 100)
    assert found.centre == pytest.approx(0.1)
    assert found.high == pytest.approx(0.1 + 3 * (0.1 * 0.9 / 100) ** 0.5)
    assert found.low == pytest.approx(0.1 - 3 * (0.1 * 0.9 / 100) ** 0.5)


def test_p_chart_is_wider_where_periods_differ_by_more():
    # z-scores are -10/3, 10/3 in turn (s = 0.03): moving ranges 20/3, so 20/3 / 1.128 times as wide; cut at 0
    found = share_limits(np.array([0.0, 20, 0, 20, 0, 20]), np.full(6, 100.0), 400)
    assert found.high == pytest.approx(0.1 + 3 * 0.015 * (20 / 3) / 1.128)
    assert found.low == 0


def test_p_chart_of_nothing_and_of_too_little():
    laplace = 1 / 302  # nothing among 6 x 50: the first of 50 is no alarm, two of 50 are
    high = share_limits(np.zeros(6), np.full(6, 50.0), 50).high
    assert high == pytest.approx(3 * (laplace * (1 - laplace) / 50) ** 0.5)
    assert 1 / 50 < high < 2 / 50
    assert share_limits(np.full(6, 50.0), np.full(6, 50.0), 50).low == pytest.approx(1 - high)
    assert share_limits(np.ones(5), np.full(5, 50.0), 50) is None
    assert share_limits(np.ones(7), np.array([50.0] * 5 + [0, 0]), 50) is None


def test_false_alarms_of_the_p_chart_are_rare():
    chance = np.random.default_rng(3)
    alarms = 0
    for _ in range(400):
        over = chance.binomial(500, 0.2, 13).astype(float)
        found = share_limits(over[:12], np.full(12, 500.0), 500)
        alarms += not found.low <= over[12] / 500 <= found.high
    assert alarms <= 12  # three sigma, with the centre itself estimated: well below 3 %


def test_theil_sen_by_hand_and_unmoved_by_one_wild_period():
    values = np.array([1.0, 3, 5, 7, 9, 11, 13])
    assert trend(values).slope == 2
    assert trend(values).clear
    wild = values.copy()
    wild[6] = 500
    assert trend(wild).slope == pytest.approx(2)
    assert trend(np.array([5.0, 6, 5, 6, 5, 6])).clear is False
    assert trend(values[:4]) is None


def test_beyond_chance_is_the_two_sample_z_test():
    before, after = np.repeat([1.0, 0], [40, 360]), np.repeat([1.0, 0], [75, 425])
    found = beyond_chance(Sample(400, 40, 40), Sample(500, 75, 75))
    assert found == pytest.approx(
        stats.ttest_ind(before, after, equal_var=False).pvalue, rel=0.015
    )  # normal for Student
    assert beyond_chance(Sample(1, 1, 1), Sample(500, 75, 75)) is None
    assert beyond_chance(Sample(10, 0, 0), Sample(10, 0, 0)) is None
