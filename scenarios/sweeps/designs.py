"""Which combinations of values a sweep runs."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from scipy.stats import qmc

from scenarios.sweeps.factors import Factor, Span
from scenarios.sweeps.fractions import Fraction

Point = dict[str, Any]
"""A value for each factor, by its name."""


def grid(factors: Sequence[Factor], steps: Mapping[str, int]) -> list[Point]:
    """Every combination; the last factor changes fastest."""
    names, levels = [factor.name for factor in factors], _levels(factors, steps)
    return [dict(zip(names, values, strict=True)) for values in product(*levels)]


def grid_size(factors: Sequence[Factor], steps: Mapping[str, int]) -> int:
    """Number of combinations of a grid."""
    return math.prod(len(values) for values in _levels(factors, steps))


def _levels(factors: Sequence[Factor], steps: Mapping[str, int]) -> list[Sequence[Any]]:
    return [
        factor.values.steps(steps.get(factor.name, 2)) if isinstance(factor.values, Span) else factor.values
        for factor in factors
    ]


def latin_hypercube(factors: Sequence[Factor], samples: int, seed: int) -> list[Point]:
    """A Latin hypercube: each factor's range is cut into as many parts as there are samples, each used once."""
    places = qmc.LatinHypercube(len(factors), rng=seed).random(samples)
    return [_at(factors, row) for row in places]


def sobol(factors: Sequence[Factor], samples: int, seed: int) -> list[Point]:
    """Scrambled Sobol points; balanced for a power of two."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        places = qmc.Sobol(len(factors), rng=seed).random(samples)
    return [_at(factors, row) for row in places]


def two_level(factors: Sequence[Factor], fraction: Fraction) -> list[Point]:
    """Low and high values by a full or fractional factorial design."""
    ends = [factor.ends for factor in factors]
    return [
        {factor.name: end[level] for factor, end, level in zip(factors, ends, row, strict=True)}
        for row in fraction.levels()
    ]


def _at(factors: Sequence[Factor], places: Sequence[float]) -> Point:
    return {factor.name: factor.at(float(place)) for factor, place in zip(factors, places, strict=True)}
