"""Patience from censored waits, against hand computations and statsmodels."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from calibration.patience import KaplanMeier, Patience, censored_mean
from sim.distributions import law_of
from sim.schema.distribution import Distribution


def test_kaplan_meier_by_hand():
    """Waits 1, 2+, 3, 3, 4+, 5 (+: served): 5/6, then 5/6 x 2/4, then 0."""
    curve = KaplanMeier().fit(np.array([1.0, 2, 3, 3, 4, 5]), np.array([True, False, True, True, False, True]))
    assert curve.time_.tolist() == [1, 3, 5]
    assert curve.at_risk_.tolist() == [6, 4, 1]
    np.testing.assert_allclose(curve.survival_, [5 / 6, 5 / 12, 0])
    # Greenwood: S^2 x (1/(6x5) + 2/(4x2))
    np.testing.assert_allclose(curve.spread_[:2], [5 / 6 * np.sqrt(1 / 30), 5 / 12 * np.sqrt(1 / 30 + 2 / 8)])


def test_kaplan_meier_agrees_with_statsmodels():
    random = np.random.default_rng(4)
    patience, wait = random.lognormal(5, 1, 500).round(), random.exponential(60, 500).round()
    time, event = np.minimum(patience, wait), patience <= wait
    ours, theirs = KaplanMeier().fit(time, event), SurvfuncRight(time, event.astype(int))
    np.testing.assert_array_equal(ours.time_, theirs.surv_times)
    np.testing.assert_allclose(ours.survival_, theirs.surv_prob)
    np.testing.assert_allclose(ours.spread_, np.nan_to_num(theirs.surv_prob_se))


def test_exponential_mean_is_total_wait_over_hang_ups():
    """20 hang-ups in 6,000 s: 300 s; 95 % from tables of chi-square (42 and 40 degrees: 61.777, 24.433)."""
    mean, low, high = censored_mean(6000, 20)
    assert mean == 300
    assert low == pytest.approx(12000 / 61.777, rel=1e-4)
    assert high == pytest.approx(12000 / 24.433, rel=1e-4)


def queue(n, law, seed, offered=150.0):
    random = np.random.default_rng(seed)
    patience, wait = law.rvs(n, random_state=random), random.exponential(offered, n)
    return np.minimum(patience, wait), patience < wait


def test_censoring_does_not_bias_patience():
    law = stats.lognorm(1.0, 0, 180)
    wait, abandoned = queue(4000, law, 5)
    fitted = Patience().fit(wait, abandoned)
    median, low, high = fitted.law_.median()
    assert fitted.law_.law.name == "lognormal"
    assert abs(np.log(median / 180)) < 3 * np.log(high / low) / (2 * 1.96)
    assert median == pytest.approx(180, rel=0.1)
    assert wait[abandoned].mean() < 0.5 * law.mean()  # what ignoring the served would have said


def test_who_meets_a_free_agent_says_nothing():
    wait, abandoned = queue(1000, stats.expon(scale=200), 6)
    one = Patience().fit(wait, abandoned)
    other = Patience().fit(
        np.concatenate([wait, np.zeros(5000)]), np.concatenate([abandoned, np.zeros(5000, dtype=bool)])
    )
    assert one.data == other.data
    assert one.n_ == other.n_ == 1000


def test_who_gives_up_at_once_is_a_share_of_its_own():
    wait, abandoned = queue(2000, stats.expon(scale=200), 7)
    fitted = Patience().fit(
        np.concatenate([wait, np.zeros(500)]), np.concatenate([abandoned, np.ones(500, dtype=bool)])
    )
    assert fitted.zero_ == 0.2
    assert fitted.data["zero"] == 0.2
    assert fitted.law_.median()[1] < 200 * np.log(2) < fitted.law_.median()[2]


def test_a_curve_that_no_shape_follows_is_used_with_its_tail():
    random = np.random.default_rng(8)
    patience = np.where(random.random(6000) < 0.5, random.normal(30, 2, 6000), random.normal(300, 20, 6000))
    wait = random.exponential(400, 6000)
    fitted = Patience().fit(np.minimum(patience, wait), patience < wait)
    assert fitted.law_ is None
    pieces = law_of(Distribution.model_validate(fitted.data))
    for share in (0.1, 0.3, 0.7):
        value = np.concatenate(
            [p.at(np.array([share]), np.array([1 - share])) for p in pieces if p.start <= share < p.end]
        )
        assert value[0] == pytest.approx(np.quantile(patience, share), rel=0.05)


def test_beyond_what_was_seen_the_hazard_of_the_end_goes_on():
    wait, abandoned = queue(3000, stats.expon(scale=200), 9)
    fitted = Patience().fit(wait, abandoned)
    assert fitted.tail_hazard_ == pytest.approx(1 / 200, rel=0.25)


def test_nobody_hung_up():
    fitted = Patience().fit(np.array([5.0, 10.0]), np.array([False, False]))
    assert fitted.data is None
    assert fitted.exponential_mean_[0] == float("inf")
