"""From the sums of replications to numbers with confidence intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from sim.errors import ParameterError, Problem
from sim.metrics import Metric

Values = NDArray[np.float64]
STUDENT = "Student t corrected for skewness"
_MOST_LEAN = 0.9


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and how sure it is.

    Attributes
    ----------
    mean, low, high : float or None
        The estimate and its confidence limits; None where it is not defined, `method` says why.
    unit : str
    n : int
        Replications behind it.
    method : str
        How the interval was made, or why there is none.
    """

    mean: float | None
    low: float | None
    high: float | None
    unit: str
    n: int
    method: str

    def plain(self) -> dict[str, Any]:
        """As JSON has it: ``{mean, low, high, unit}``, and the reason where something is not defined."""
        data: dict[str, Any] = {"mean": self.mean, "low": self.low, "high": self.high, "unit": self.unit}
        if self.mean is None or self.low is None:
            data["reason"] = self.method
        return data


@dataclass(frozen=True, slots=True)
class Linear:
    """A ratio of sums over replications and each replication's share in its error.

    Attributes
    ----------
    mean : float array (points)
        Sum of numerators over sum of denominators; NaN where nothing is below the line.
    residuals : float array (replications x points)
        (y - mean * x) / mean of x: their mean is zero, and their spread is that of the ratio.
    """

    mean: Values
    residuals: Values

    def interval(self, confidence: float) -> tuple[Values, Values]:
        """Confidence limits (points); NaN for one replication."""
        return interval(self.mean, self.residuals, confidence)


def interval(mean: Values, residuals: Values, confidence: float) -> tuple[Values, Values]:
    """Limits of a mean with these residuals (replications x points): Student's, corrected for skewness."""
    n = len(residuals)
    if n < 2:
        nothing = np.full(residuals.shape[1:], math.nan)
        return nothing, nothing
    return skewed(mean, *error_and_lean(residuals), float(stats.t.ppf((1 + confidence) / 2, n - 1)))


def error_and_lean(residuals: Values) -> tuple[Values, Values]:
    """Standard error of a mean (points), and how far its law leans: skewness over the root of n; 0 below three."""
    n = len(residuals)
    squares, cubes = (residuals**2).sum(axis=0), (residuals**3).sum(axis=0)
    error = np.sqrt(squares / (n - 1) / n)
    if n < 3:
        return error, np.zeros_like(error)
    with np.errstate(invalid="ignore", divide="ignore"):
        lean = math.sqrt(n * (n - 1)) / (n - 2) * cubes / squares**1.5
    return error, np.where(squares > 0, lean, 0.0)


def skewed(mean: Values, error: Values, lean: Values, t: Values | float) -> tuple[Values, Values]:
    """Limits of a mean whose studentised law leans (Hall 1992, Journal of the Royal Statistical Society B 54, 221-228).

    Parameters
    ----------
    mean, error, lean : float arrays (points)
        As from `error_and_lean`. Without a lean these are Student's limits.
    t : float or float array
        Student's quantile.
    """
    return mean - error * _leaning(t, lean), mean - error * _leaning(-t, lean)


def _leaning(t: Values | float, lean: Values) -> Values:
    """By how many standard errors the truth lies below the mean, where a symmetric law would say ``t``.

    T solves T + g T² / 3 + g² T³ / 27 + g / 6 = t (Hall 1992), g the lean. In a far tail few replications tell more of
    a lean than they know, and the equation then leads anywhere: |g t| counts up to 0.9 only.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        most = _MOST_LEAN / np.abs(t)
        kept = np.clip(lean, -most, most)
        inverse = 3 / kept * (np.cbrt(1 + kept * (t - kept / 6)) - 1)
    return np.where(np.abs(kept) > 1e-6, inverse, t)


def no_difference(mean: float, residuals: Values) -> float:
    """P value of a mean that is truly 0: one less the confidence at which the interval begins to reach 0."""
    error, lean = error_and_lean(residuals)
    if not error[0]:
        return 1.0 if mean == 0 else 0.0
    away, lean = abs(mean) / float(error[0]), lean * math.copysign(1.0, mean)

    def beyond(t: float) -> float:
        return float(_leaning(t, lean)[0]) - away

    if beyond(1e-9) >= 0:
        return 1.0
    end = 1.0
    while beyond(end) < 0:
        end *= 2
    return float(2 * stats.t.sf(optimize.brentq(beyond, 1e-9, end), len(residuals) - 1))


def half_width(residuals: Values, confidence: float) -> Values:
    """Half-width of the Student interval of a mean with these residuals (replications x points)."""
    n = len(residuals)
    if n < 2:
        return np.full(residuals.shape[1:], math.nan)
    error: Values = np.sqrt((residuals**2).sum(axis=0) / (n - 1) / n)
    return error * stats.t.ppf((1 + confidence) / 2, n - 1)


def linear(above: Values, below: Values) -> Linear:
    """Linearise a ratio of sums (the delta method; Cochran 1977, equation 2.45).

    Parameters
    ----------
    above, below : float arrays (replications x points)
        Numerators and denominators.
    """
    total, size = above.sum(axis=0), below.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(size > 0, total / size, math.nan)
        residuals = (above - mean * below) / (size / len(below))
    return Linear(mean, residuals)


def checked_confidence(confidence: float) -> float:
    """The confidence, if it is one.

    Raises
    ------
    ParameterError
        If it does not lie between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ParameterError(
            Problem("not a confidence", allowed="between 0 and 1, such as 0.95", given=str(confidence))
        )
    return confidence


def limits(metric: Metric, found: Linear, confidence: float) -> tuple[Values, Values]:
    """Confidence limits (points), cut to what the metric can be."""
    low, high = found.interval(confidence)
    return np.clip(low, *metric.span), np.clip(high, *metric.span)


def estimate_of(metric: Metric, found: Linear, confidence: float) -> Estimate:
    """The first point of a linearised ratio as an estimate."""
    n, mean = len(found.residuals), float(found.mean[0])
    if math.isnan(mean):
        return Estimate(None, None, None, metric.unit, n, _why_undefined(metric, n))
    if n == 1:
        return Estimate(mean, None, None, metric.unit, n, "one replication: no confidence interval")
    low, high = limits(metric, found, confidence)
    return Estimate(mean, float(low[0]), float(high[0]), metric.unit, n, f"{confidence:.0%}: {metric.method}")


def _why_undefined(metric: Metric, n: int) -> str:
    if n == 0:
        return "not defined: no replication has finished"
    if metric.quantile:
        return "not defined: in some replication nothing was counted, or too much was still open at the end"
    return f"not defined: nothing was counted below the line ({metric.under})"


def share_estimate(times: int, n: int, confidence: float) -> Estimate:
    """Share of runs in which something happened, with the exact binomial interval (Clopper and Pearson 1934)."""
    checked_confidence(confidence)
    if n == 0:
        return Estimate(None, None, None, "share", 0, "not defined: no replication counts")
    interval = stats.binomtest(times, n).proportion_ci(confidence, method="exact")
    method = f"{confidence:.0%}: share of replications, Clopper and Pearson"
    return Estimate(times / n, float(interval.low), float(interval.high), "share", n, method)
