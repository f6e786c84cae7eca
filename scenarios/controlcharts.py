"""Which value of a series is out of the ordinary, and whether it moves: control charts and a robust trend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

FEWEST_BASELINE = 6
"""Periods before the judged one from which on limits are given."""
FEWEST_TREND = 5
_D2 = 1.128
"""Mean range of two standard normal numbers, 2 ÷ √π."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Centre and three-sigma limits of what the next value should be if nothing has changed; and how they were made."""

    centre: float
    low: float
    high: float
    method: str


def share_limits(over: Floats, under: Floats, size: float) -> Limits | None:
    """Limits of the next period's share: a p-chart with Laney's correction (p′-chart).

    With the share p̄ of all periods before, a period of n would spread by s = √(p̄ (1 − p̄) ÷ n) if its contacts were
    alike and independent (Shewhart's p-chart; Montgomery, Introduction to Statistical Quality Control, section 7.2).
    They are not: so s is multiplied by the spread that the periods before really had, the mean moving range of their
    z-scores ÷ 1.128 (Laney, Improved control charts for attributes, Quality Engineering 14, 2002), but never made less.
    If nothing, or everything, was counted in all periods before, the first contact that differs is no alarm: s is then
    that of (x + 1) ÷ (n + 2) (Laplace's rule).

    Parameters
    ----------
    over, under : float arrays (periods before)
        Counts above and below the line.
    size : float
        Contacts below the line in the period to judge.

    Returns
    -------
    Limits or None
        p̄ ± 3 s times that spread, cut to 0 and 1; none for fewer than six periods before.
    """
    counted = under > 0
    over, under = over[counted], under[counted]
    if len(under) < FEWEST_BASELINE or size <= 0:
        return None
    centre = float(over.sum() / under.sum())
    known = centre if 0 < centre < 1 else (over.sum() + 1) / (under.sum() + 2)
    one = np.sqrt(known * (1 - known))
    z = (over / under - centre) / (one / np.sqrt(under))
    wide = max(float(np.abs(np.diff(z)).mean()) / _D2, 1.0)
    reach = 3 * wide * one / size**0.5
    text = f"p′-chart over {len(under)} periods, spread {wide:.2g} times the binomial"
    return Limits(centre, max(centre - reach, 0.0), min(centre + reach, 1.0), text)


def mean_limits(values: Floats) -> Limits | None:
    """Limits of the next period's mean or count: an XmR chart (individual values and moving range).

    Mean of the periods before ± 2.66 times their mean moving range, 2.66 = 3 ÷ 1.128 (Wheeler, Understanding
    Variation, 1993). Not below zero. None for fewer than six periods before.
    """
    values = values[np.isfinite(values)]
    if len(values) < FEWEST_BASELINE:
        return None
    centre, reach = float(values.mean()), 3 / _D2 * float(np.abs(np.diff(values)).mean())
    return Limits(centre, max(centre - reach, 0.0), centre + reach, f"XmR chart over {len(values)} periods")


@dataclass(frozen=True, slots=True)
class Trend:
    """Change per period with its 95 % limits."""

    slope: float
    low: float
    high: float
    periods: int

    @property
    def clear(self) -> bool:
        """Whether the limits leave out zero."""
        return self.low > 0 or self.high < 0


def trend(values: Floats) -> Trend | None:
    """Theil–Sen slope of a series: the median of the slopes between all pairs of periods, with Sen's 95 % interval.

    A single wild period moves it hardly at all (Sen, Journal of the American Statistical Association 63, 1968). None
    for fewer than five periods.
    """
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < FEWEST_TREND:
        return None
    found = stats.theilslopes(values[known], known, alpha=0.95)
    return Trend(float(found.slope), float(found.low_slope), float(found.high_slope), len(known))


def beyond_chance(before: Sample, after: Sample) -> float | None:
    """p-value, two-sided, that two means differ this much if nothing has changed: Welch's z.

    None where it cannot be said. Contacts count as independent, which they are not on a busy day: a small p-value is a
    reason to look, no proof.
    """
    if min(before.n, after.n) < 2:
        return None
    error = (before.variance / before.n + after.variance / after.n) ** 0.5
    if not error:
        return None
    return float(2 * stats.norm.sf(abs(after.mean - before.mean) / error))


@dataclass(frozen=True, slots=True)
class Sample:
    """Number, sum and sum of squares of values."""

    n: float
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """Mean of the values."""
        return self.total / self.n

    @property
    def variance(self) -> float:
        """Variance of the values, n − 1 below the line."""
        return max(self.squares - self.total**2 / self.n, 0.0) / (self.n - 1)
