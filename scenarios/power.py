"""How large an effect can be seen with so many cases: power of comparisons of means and shares.

Two-sided tests. Means: noncentral t (Cohen 1988, section 2.2). Shares: normal approximation, pooled under the
hypothesis (Fleiss, Levin and Paik 2003, section 4.2). Everything else is the same formula turned round.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import optimize, stats

from scenarios.estimate import checked_confidence
from sim.errors import ParameterError, Problem

LARGEST = 1e12
"""Sizes beyond this are given up."""


def power_of_means(effect: float, spread: float, sizes: tuple[float, float], confidence: float = 0.95) -> float:
    """Chance to see a difference of two means.

    Parameters
    ----------
    effect : float
        The true difference.
    spread : float
        Standard deviation of a single value, the same in both samples.
    sizes : (float, float)
        Values in each sample.
    confidence : float
    """
    one, other = _sizes(sizes)
    error = _positive(spread, "spread") * math.sqrt(1 / one + 1 / other)
    return _power_of_t(effect / error, one + other - 2, confidence)


def power_of_pairs(effect: float, spread: float, pairs: float, confidence: float = 0.95) -> float:
    """Chance to see a mean difference of pairs; ``spread`` is the standard deviation of a pair's difference."""
    (pairs,) = _sizes((pairs,))
    return _power_of_t(effect * math.sqrt(pairs) / _positive(spread, "spread"), pairs - 1, confidence)


def power_of_shares(shares: tuple[float, float], sizes: tuple[float, float], confidence: float = 0.95) -> float:
    """Chance to see that two shares differ, among so many cases each."""
    (p, q), (one, other) = shares, _sizes(sizes)
    pooled = (p * one + q * other) / (one + other)
    usual = math.sqrt(pooled * (1 - pooled) * (1 / one + 1 / other))
    error = math.sqrt(p * (1 - p) / one + q * (1 - q) / other)
    if error == 0:
        return float(p != q)
    z = stats.norm.ppf((1 + checked_confidence(confidence)) / 2)
    return float(stats.norm.sf((z * usual - abs(p - q)) / error) + stats.norm.cdf((-z * usual - abs(p - q)) / error))


def detectable_mean(spread: float, sizes: tuple[float, float], power: float = 0.8, confidence: float = 0.95) -> float:
    """The smallest difference of two means that is seen with a power."""
    return _least(lambda effect: power_of_means(effect, spread, sizes, confidence), spread, power)


def detectable_pair(spread: float, pairs: float, power: float = 0.8, confidence: float = 0.95) -> float:
    """The smallest mean difference of pairs that is seen with a power."""
    return _least(lambda effect: power_of_pairs(effect, spread, pairs, confidence), spread, power)


def detectable_share(
    share: float, sizes: tuple[float, float], power: float = 0.8, confidence: float = 0.95, rises: bool = True
) -> float:
    """The smallest rise (or fall) of a share that is seen with a power; NaN if none is.

    ``share`` is that of the first sample.
    """
    room = 1 - share if rises else share
    sign = 1 if rises else -1

    def reached(effect: float) -> float:
        return power_of_shares((share, share + sign * effect), sizes, confidence) - checked_power(power)

    return float(optimize.brentq(reached, 1e-12, room)) if room > 0 and reached(room) > 0 else math.nan


def size_for_means(effect: float, spread: float, power: float = 0.8, confidence: float = 0.95) -> float:
    """Values that each of two samples needs (not rounded) for a difference of means to be seen with a power."""
    return _least_size(lambda size: power_of_means(effect, spread, (size, size), confidence), power)


def size_for_shares(shares: tuple[float, float], power: float = 0.8, confidence: float = 0.95) -> float:
    """Cases that each of two samples needs (not rounded) for two shares to be told apart with a power."""
    return _least_size(lambda size: power_of_shares(shares, (size, size), confidence), power)


def power_of_error(effect: float, error: float, confidence: float = 0.95) -> float:
    """Chance to see an effect whose standard error is known."""
    z = stats.norm.ppf((1 + checked_confidence(confidence)) / 2)
    ratio = abs(effect) / _positive(error, "standard error")
    return float(stats.norm.sf(z - ratio) + stats.norm.cdf(-z - ratio))


def detectable_with(error: float, power: float = 0.8, confidence: float = 0.95) -> float:
    """The smallest effect that is seen with a power, from its standard error."""
    return _least(lambda effect: power_of_error(effect, error, confidence), error, power)


def _power_of_t(shift: float, freedom: float, confidence: float) -> float:
    t = stats.t.ppf((1 + checked_confidence(confidence)) / 2, freedom)
    both = stats.nct.sf(t, freedom, abs(shift)), stats.nct.cdf(-t, freedom, abs(shift))
    return float(np.nansum(both))


def _least(power_at: Callable[[float], float], scale: float, power: float) -> float:
    high = _positive(scale, "spread")
    while power_at(high) < checked_power(power):
        high *= 2
    return float(optimize.brentq(lambda effect: power_at(effect) - power, 0.0, high, xtol=scale * 1e-9))


def _least_size(power_at: Callable[[float], float], power: float) -> float:
    high = 4.0
    while power_at(high) < checked_power(power):
        high *= 2
        if high > LARGEST:
            return math.inf
    low = 2.0
    return low if power_at(low) >= power else float(optimize.brentq(lambda size: power_at(size) - power, low, high))


def _sizes(sizes: tuple[float, ...]) -> tuple[float, ...]:
    for size in sizes:
        if not size >= 2:
            raise ParameterError(Problem("too few for a comparison", allowed="2 or more", given=f"{size:g}"))
    return sizes


def _positive(value: float, what: str) -> float:
    if not 0 < value < math.inf:
        raise ParameterError(Problem(f"not a {what}", allowed="above 0", given=f"{value:g}"))
    return value


def checked_power(power: float) -> float:
    """The power, if it is one.

    Raises
    ------
    ParameterError
        If it does not lie above 0.05 and below 1.
    """
    if not 0.05 < power < 1:
        raise ParameterError(Problem("not a power", allowed="above 0.05 and below 1, such as 0.8", given=f"{power:g}"))
    return power
