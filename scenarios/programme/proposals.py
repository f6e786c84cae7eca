"""Parameter sets to try: a Latin hypercube over the ranges, then moved to where the baseline should show the facts.

This is approximate Bayesian computation by rejection. A first hypercube is run as it stands; a ridge regression of the
facts on the parameters then moves each point of a second one, along the shortest way, to where the facts are expected
to hold. Whatever is proposed, a set is kept only if its own run shows every fact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from scenarios.programme.parameters import Floats

_RIDGE = 0.02
_ROUNDS = 12
_INNER = 0.7
"""Part of a fact's range, around its middle, that a proposal aims at."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the baseline must show.

    Attributes
    ----------
    name : str
    measure : str
        Which measure of a run.
    low, high : float
        Range in which the measure must lie; infinite on an open side.
    words : str
        As the case puts it.
    """

    name: str
    measure: str
    low: float
    high: float
    words: str = ""

    def holds(self, measures: Mapping[str, float]) -> bool:
        """Whether a run shows it; an undefined measure does not."""
        return self.low <= measures[self.measure] <= self.high


def shows(facts: Sequence[Fact], measures: Mapping[str, float]) -> bool:
    """Whether a run shows every fact."""
    return all(fact.holds(measures) for fact in facts)


def hypercube(number: int, parameters: int, seed: int) -> Floats:
    """Points of a Latin hypercube (number x parameters), scrambled."""
    cube: Floats = qmc.LatinHypercube(max(parameters, 1), rng=np.random.default_rng(seed)).random(number)
    return cube[:, :parameters]


@dataclass(frozen=True, slots=True)
class Surface:
    """A linear picture of the facts' measures over the unit cube.

    Attributes
    ----------
    level : float array (facts)
        Measures at the centre of the cube.
    slope : float array (facts x parameters)
    spread : float array (facts)
        Standard deviation of what the picture leaves unexplained.
    """

    level: Floats
    slope: Floats
    spread: Floats


def fit(cube: Floats, seen: Floats) -> Surface:
    """Ridge regression of measures (sets x facts) on points of the cube (sets x parameters)."""
    known = np.isfinite(seen).all(axis=1)
    cube, seen = cube[known] - 0.5, seen[known]
    level = seen.mean(axis=0)
    penalty = _RIDGE * len(cube) / 12 * np.eye(cube.shape[1])
    centre = cube.mean(axis=0)
    moved = cube - centre
    slope = np.linalg.solve(moved.T @ moved + penalty, moved.T @ (seen - level)).T
    left = seen - level - moved @ slope.T
    return Surface(level - slope @ centre, slope, left.std(axis=0))


def aimed(cube: Floats, surface: Surface, facts: Sequence[Fact], seed: int, inner: float = _INNER) -> Floats:
    """Points moved, as little as possible, to where the facts are expected to hold.

    Parameters
    ----------
    cube : float array (sets x parameters)
    surface : Surface
    facts : sequence of Fact
    seed : int
        Decides at which place inside each fact's range a point aims.
    inner : float
        Part of a closed range, around its middle, in which that place lies.
    """
    chance = np.random.default_rng(seed)
    return np.array([_moved(point, surface, _aims(facts, surface, inner * chance.uniform(-1, 1, len(facts))))
                     for point in cube])  # fmt: skip


def _aims(facts: Sequence[Fact], surface: Surface, places: Floats) -> tuple[Floats, Floats]:
    """A range to aim at for each fact: a point inside a closed one, a safe distance from the end of an open one."""
    low, high = [], []
    for fact, spread, place in zip(facts, surface.spread, places, strict=True):
        if np.isfinite(fact.low) and np.isfinite(fact.high) and fact.low > 0:
            middle, half = (fact.low + fact.high) / 2, (fact.high - fact.low) / 2
            aim = middle + half * place
            low.append(aim)
            high.append(aim)
        else:
            low.append(fact.low + spread)
            high.append(fact.high - spread)
    return np.array(low), np.array(high)


def _moved(point: Floats, surface: Surface, aims: tuple[Floats, Floats]) -> Floats:
    """Least-squares steps towards the aims, with what leaves the cube put back on its border."""
    low, high = aims
    for _ in range(_ROUNDS):
        expected = surface.level + surface.slope @ (point - 0.5)
        gap = np.clip(expected, low, high) - expected
        free = (surface.slope != 0) & ((point > 0) & (point < 1))
        slope = np.where(free, surface.slope, 0.0)
        active = np.abs(gap) > 1e-9
        if not active.any():
            break
        step, *_rest = np.linalg.lstsq(slope[active], gap[active], rcond=None)
        point = np.clip(point + step, 0.0, 1.0)
    return point
