"""Handling times and shapes, against closed forms and scipy's own fits."""

import numpy as np
import pytest
from scipy import stats

from calibration.durations import Durations, law_data, share_interval
from calibration.laws import LAWS, LawFit, fit_laws, sample
from sim.distributions import law_of
from sim.schema.distribution import Distribution

EXPONENTIAL, LOGNORMAL, GAMMA, WEIBULL = LAWS


@pytest.fixture(scope="module")
def times():
    return stats.lognorm(0.7, 0, 180).rvs(4000, random_state=np.random.default_rng(1))


def test_exponential_is_the_mean_with_its_known_error(times):
    fit = LawFit(EXPONENTIAL).fit(sample(times))
    mean, low, high = fit.mean()
    assert mean == pytest.approx(times.mean(), rel=1e-6)
    # information of the log mean: n
    assert np.log(high / low) / 2 == pytest.approx(1.959964 / np.sqrt(len(times)), rel=1e-3)


def test_lognormal_is_mean_and_deviation_of_the_logarithms(times):
    fit = LawFit(LOGNORMAL).fit(sample(times))
    assert fit.theta_[0] == pytest.approx(np.log(times).mean(), abs=1e-5)
    assert np.exp(fit.theta_[1]) == pytest.approx(np.log(times).std(), rel=1e-5)


def test_lognormal_mean_has_the_interval_of_the_closed_form(times):
    """Variance of the log mean: s^2/n + s^4/(2n) (Cox, in Zhou and Gao 1997)."""
    mean, low, high = LawFit(LOGNORMAL).fit(sample(times)).mean()
    variance = np.log(times).var()
    error = np.sqrt(variance / len(times) + variance**2 / (2 * len(times)))
    assert mean == pytest.approx(np.exp(np.log(times).mean() + variance / 2), rel=1e-5)
    assert np.log(high / low) / 2 == pytest.approx(1.959964 * error, rel=1e-3)


@pytest.mark.parametrize(("law", "theirs"), [(GAMMA, stats.gamma), (WEIBULL, stats.weibull_min)])
def test_other_shapes_agree_with_scipy(times, law, theirs):
    shape, _, scale = theirs.fit(times, floc=0)
    assert LawFit(law).fit(sample(times)).frozen.mean() == pytest.approx(theirs(shape, 0, scale).mean(), rel=1e-4)


@pytest.mark.parametrize("law", LAWS)
def test_density_and_survival_are_those_of_the_named_law(law):
    theta, at = np.array([3.0, 0.4])[: law.parameters], np.array([0.5, 10.0, 60.0])
    frozen = law.frozen(theta)
    np.testing.assert_allclose(law.log_density(at, theta), frozen.logpdf(at), rtol=1e-9)
    np.testing.assert_allclose(law.log_survival(at, theta), frozen.logsf(at), rtol=1e-9)


def test_many_observations_are_put_together_without_moving_the_fit():
    times = stats.lognorm(0.7, 0, 180).rvs(50_000, random_state=np.random.default_rng(2))
    fit = LawFit(LOGNORMAL).fit(sample(times))
    assert len(sample(times).seconds) < 5_000
    assert fit.theta_[0] == pytest.approx(np.log(times).mean(), abs=1e-4)


@pytest.mark.parametrize("law", LAWS)
def test_a_fitted_shape_reads_the_same_in_a_scenario(law, times):
    fit = LawFit(law).fit(sample(times))
    pieces = law_of(Distribution.model_validate(law_data(fit)))
    below = np.array([0.05, 0.5, 0.95])
    values = np.concatenate([piece.at(below, 1 - below) for piece in pieces])
    np.testing.assert_allclose(values, fit.frozen.ppf(below), rtol=2e-3)


def test_the_shape_that_made_the_times_is_found(times):
    fitted = Durations().fit(times)
    assert fitted.law_.law is LOGNORMAL
    assert fitted.data["spread"] == pytest.approx(0.7, abs=0.03)


def test_where_no_shape_fits_the_measured_curve_keeps_the_mean():
    random = np.random.default_rng(3)
    times = np.concatenate([random.normal(60, 3, 3000), random.normal(600, 30, 1000)])
    fitted = Durations().fit(times)
    assert fitted.law_ is None
    spec = Distribution.model_validate(fitted.data)
    pieces = law_of(spec)
    below = (np.arange(200_000) + 0.5) / 200_000
    values = np.concatenate(
        [
            p.at(below[(below >= p.start) & (below < p.end)], 1 - below[(below >= p.start) & (below < p.end)])
            for p in pieces
        ]
    )
    assert values.mean() == pytest.approx(times.mean(), rel=1e-3)
    assert "the measured curve is used" in fitted.fit_text


def test_times_of_zero_are_a_share_of_their_own(times):
    fitted = Durations().fit(np.concatenate([times, np.zeros(1000)]))
    assert fitted.zero_ == 0.2
    assert fitted.data["zero"] == 0.2
    assert fitted.mean_[0] == pytest.approx(0.8 * times.mean())


def test_wilson_interval_by_hand():
    """8 of 10: (0.8 + 1.9208/10 +- 1.96 sqrt(0.016 + 0.009604)) / 1.38416 (Wilson 1927)."""
    share, low, high = share_interval(0.8, 10)
    assert share == 0.8
    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)


def test_best_shape_comes_first(times):
    fits = fit_laws(sample(times))
    assert [one.bic_ for one in fits] == sorted(one.bic_ for one in fits)


def test_a_constant_is_a_constant():
    fitted = Durations().fit(np.full(100, 90.0))
    assert fitted.data == {"constant": "90 s"}
    assert fitted.mean_ == (90, 90, 90)


def test_little_variation_is_no_trouble():
    times = 90 + 2 * np.random.default_rng(4).random(500)
    fitted = Durations().fit(times)
    assert fitted.mean_[0] == pytest.approx(times.mean(), rel=1e-4)
    assert fitted.laws_[0].cv()[0] == pytest.approx(times.std() / times.mean(), rel=0.02)
