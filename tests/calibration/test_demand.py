"""Arrivals: level, spread of days, shapes of days."""

import numpy as np
import pytest
from scipy import stats

from calibration.demand import Days, Level, Volume, lean, observed_days, profiles

MEAN = np.array([500, 450, 450, 450, 400, 100, 0])


def days(weeks, seed, cv=0.0, growth=0.0):
    random = np.random.default_rng(seed)
    weekday = np.arange(7 * weeks) % 7
    factor = random.gamma(1 / cv**2, cv**2, len(weekday)) if cv else np.ones(len(weekday))
    mean = MEAN[weekday] * factor * np.exp(growth * np.arange(len(weekday)) / 7)
    total = random.poisson(mean).astype(float)
    return Days(total, weekday, observed_days(total, weekday))


def test_days_without_contacts_on_a_busy_weekday_were_not_recorded():
    total = np.array([500.0, 0, 450, 450, 400, 100, 0, 500, 440, 450, 450, 400, 100, 0])
    assert np.flatnonzero(~observed_days(total, np.arange(14) % 7)).tolist() == [1]


def test_weekday_means_are_sums_over_days():
    some = Days(np.array([10.0, 30.0, 5.0]), np.array([0, 0, 3]), np.ones(3, dtype=bool))
    fitted = Volume().fit(some, np.ones(3))
    assert fitted.per_day_.tolist() == [20, 0, 0, 5, 0, 0, 0]
    # Pearson by hand: (10-20)^2/20 + (30-20)^2/20 = 10 on one degree of freedom
    assert fitted.dispersion_ == pytest.approx(10)
    assert fitted.p_value_ == pytest.approx(stats.chi2.sf(10, 1))


def test_busyness_solves_pearsons_equation():
    """Two days of 100 and 300: 2 x 100^2 / (200 + cv^2 200^2) = 1, so cv^2 = (20000 - 200) / 40000."""
    fitted = Volume().fit(Days(np.array([100.0, 300.0]), np.zeros(2, dtype=int), np.ones(2, dtype=bool)), np.ones(2))
    assert fitted.busyness_[0] == pytest.approx(np.sqrt(19800 / 40000))


def test_poisson_days_show_no_busyness():
    fitted = Volume().fit(days(20, 1), np.ones(140))
    assert fitted.busyness_[1] == 0.0
    assert fitted.p_value_ > 0.01


@pytest.mark.parametrize("cv", [0.05, 0.12, 0.3])
def test_busyness_lies_in_its_interval(cv):
    estimate, low, high = Volume().fit(days(12, 2, cv), np.ones(84)).busyness_
    assert low < cv < high
    assert low < estimate < high


def test_intervals_are_wider_where_days_differ():
    plain, busy = (Volume().fit(days(8, 3, cv), np.ones(56)) for cv in (0.0, 0.3))
    width = [one.per_week_[2] - one.per_week_[1] for one in (plain, busy)]
    assert width[1] > 3 * width[0]


def test_odd_days_are_found():
    some = days(8, 4)
    some.total[9] = 900.0
    assert Volume().fit(some, np.ones(56)).odd_days().tolist() == [9]


def test_a_steady_history_is_projected_as_it_is():
    level = Level().fit(days(6, 5, 0.1))
    assert level.method_ == "steady"
    assert (level.factor_ == 1).all()
    assert level.weekly_change_[1] < 0 < level.weekly_change_[2]


def test_a_trend_is_found_and_continued():
    some = days(6, 6, 0.03, growth=-0.1)
    level = Level().fit(some)
    assert level.method_ == "trend"
    assert level.weekly_change_[1] < np.expm1(-0.1) < level.weekly_change_[2]
    expected = MEAN.sum() * np.exp(-0.1 * (42 + 3) / 7)  # the middle of the week after
    assert Volume().fit(some, level.factor_).per_week_[0] == pytest.approx(expected, rel=0.05)


def test_too_few_days_say_nothing_about_a_trend():
    level = Level().fit(days(1, 7))
    assert level.method_ == "steady"
    assert level.errors_ == {}


def test_shapes_that_agree_lean_and_others_do_not():
    random = np.random.default_rng(8)
    shape, other = np.ones(20) / 20, np.r_[np.ones(5), np.zeros(15)] / 5
    counts = np.array([random.multinomial(300, other if day == 4 else shape) for day in range(7)], dtype=float)
    shares, weight = profiles(counts)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert weight[4] < 10 < 100 < min(weight[day] for day in range(7) if day != 4)
    alike = [day for day in range(7) if day != 4]
    raw = counts / 300
    assert np.abs(shares[alike] - shape).mean() < 0.6 * np.abs(raw[alike] - shape).mean()
    assert np.abs(shares[4] - other).max() < 0.1


def test_leaning_moves_between_counts_and_base():
    counts, base = np.array([[8.0, 2.0]]), np.array([[0.5, 0.5]])
    shares, weight = lean(counts, base)
    assert 0.5 < shares[0, 0] < 0.8
    assert shares[0, 0] == pytest.approx((8 + weight * 0.5) / (10 + weight), rel=1e-3)


def test_nobody_comes_in_hours_that_are_always_empty():
    counts = np.zeros((7, 48))
    counts[:5, 16:40] = np.random.default_rng(9).poisson(3, (5, 24)) + 1
    shares, _ = profiles(counts)
    assert (shares[:, :16] == 0).all()
    assert (shares[:, 40:] == 0).all()
    assert (shares[5:] == 0).all()
