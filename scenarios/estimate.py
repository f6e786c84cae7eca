"""From the sums of replications to numbers with confidence intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Values = NDArray[np.float64]


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

    def half_width(self, confidence: float) -> Values:
        """Half the confidence interval's width (points); NaN for one replication."""
        return half_width(self.residuals, confidence)


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
