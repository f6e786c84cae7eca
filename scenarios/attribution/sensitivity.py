"""On which assumptions a result rests: Morris screening and Sobol indices over the ranges that a scenario states.

Designs and indices are SALib's (extra ``sensitivity``). Each trajectory of Morris and each base sample of Sobol is run
with a replication of its own, the same customers at all its points, so what the customers' chance adds is neither
mistaken for an effect nor left out of the intervals. For Sobol's indices that chance is an input of its own: it appears
beside the assumptions, and its interactions with an assumption count as the assumption's.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scenarios.attribution.orders import Floats, Ints
from scenarios.attribution.outcomes import Outcomes
from scenarios.attribution.runs import Bench, Group
from scenarios.estimate import Estimate, checked_confidence
from scenarios.programme.parameters import Parameter, parameters, values_at, with_values
from sim.errors import ParameterError, Problem, ScenarioError, UnsupportedError
from sim.schema import Document

LEVELS = 4
CHANCE = "chance of a single run"
_RESAMPLES = 1000

Ask = Callable[[Floats, Ints], Floats]
"""Values (points x outcomes) at points of the unit cube (points x inputs), each in its replication."""


@dataclass(frozen=True, slots=True)
class Effect:
    """An assumption by Morris.

    Attributes
    ----------
    name : str
    size : Estimate
        Mean of the absolute elementary effects (mu*): change of the outcome for the whole range.
    mean, spread : float
        Mean and standard deviation of the effects: a spread beyond the size means bends or interactions.
    """

    name: str
    size: Estimate
    mean: float
    spread: float


@dataclass(frozen=True, slots=True)
class Index:
    """An assumption by Sobol: parts of the outcome's variance that it explains alone, and with its interactions."""

    name: str
    first: Estimate
    total: Estimate


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What was found for one outcome, the most important assumption first; an empty list: not asked for."""

    outcome: str
    unit: str
    effects: list[Effect]
    indices: list[Index]

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Design:
    """How much is run.

    Attributes
    ----------
    trajectories : int
        Of Morris; 0: none.
    samples : int
        Base samples of Sobol, a power of two; 0: none.
    confidence : float
    """

    trajectories: int
    samples: int
    confidence: float = 0.95

    def runs(self, inputs: int) -> int:
        """How many runs that takes."""
        return self.trajectories * (inputs + 1) + self.samples * (inputs + 2)

    def checked(self) -> Design:
        """The same, if it makes sense.

        Raises
        ------
        ParameterError
            If it does not.
        """
        checked_confidence(self.confidence)
        if self.trajectories < 0 or self.trajectories == 1:
            what, given = "too few trajectories", str(self.trajectories)
            raise ParameterError(Problem(what, "--morris", allowed="0, or 2 or more", given=given))
        if self.samples < 0 or self.samples == 1 or self.samples & (self.samples - 1):
            what, allowed = "not a number of base samples", "0, or a power of two such as 64"
            raise ParameterError(Problem(what, "--sobol", allowed=allowed, given=str(self.samples)))
        if not self.trajectories and not self.samples:
            raise ParameterError(Problem("nothing to do", allowed="--morris or --sobol above 0"))
        return self


def assumptions(document: Document) -> list[Parameter]:
    """Assumptions with a range, those that studies hold apart.

    Raises
    ------
    ScenarioError
        If there are none.
    """
    found = parameters(document)
    if not found:
        problem = document.problem(
            ("sources",), "no assumption with a range, so there is nothing to vary",
            allowed="'assumed LOW to HIGH: why' or 'assumed x LOW to x HIGH: why'",
            fix="Give paths of the scenario such sources; those with ', held' are not varied.",
        )  # fmt: skip
        raise ScenarioError(problem)
    return found


def asking(
    document: Document, chosen: Sequence[Parameter], outcomes: Outcomes, bench: Bench,
    prepared: Callable[[Document], Document],
) -> Ask:  # fmt: skip
    """A scenario at points of the cube of its assumptions' ranges.

    Parameters
    ----------
    document : Document
    chosen : sequence of Parameter
    outcomes : Outcomes
    bench : Bench
    prepared : callable
        From a scenario with these values to the one that is run: with interventions, for instance.
    """

    def ask(points: Floats, numbers: Ints) -> Floats:
        def values(row: int) -> list[float]:
            return values_at(chosen, points[row])

        def said(row: int) -> dict[str, str]:
            return {one.name: str(one.written(value)) for one, value in zip(chosen, values(row), strict=True)}

        found = np.empty((len(points), len(outcomes.names)))
        for row, _, run in bench.run(
            _together(numbers), outcomes, lambda row: prepared(with_values(document, chosen, values(row))), said
        ):
            found[row] = run[0]
        return found

    return ask


def _together(numbers: Ints) -> list[Group]:
    """Rows of the same replication."""
    return [
        (range(int(number), int(number) + 1), tuple(np.flatnonzero(numbers == number).tolist()))
        for number in np.unique(numbers)
    ]


def analyse(ask: Ask, names: Sequence[str], units: Mapping[str, str], design: Design, seed: int) -> list[Sensitivity]:
    """Sensitivities of outcomes to inputs that lie evenly between 0 and 1.

    Parameters
    ----------
    ask : callable
    names : sequence of str
        Of the inputs.
    units : mapping of str to str
        Of the outcomes, in their order.
    design : Design
    seed : int

    Raises
    ------
    UnsupportedError
        If SALib is not installed.
    ParameterError
        If an outcome is not defined in a run.
    """
    design.checked()
    problem = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    effects = _morris(problem, ask, units, (design, seed)) if design.trajectories else [[] for _ in units]
    indices = _sobol(problem, ask, units, (design, seed)) if design.samples else [[] for _ in units]
    return [
        Sensitivity(name, unit, own, shares)
        for (name, unit), own, shares in zip(units.items(), effects, indices, strict=True)
    ]


def salib(module: str) -> Any:
    """A module of SALib.

    Raises
    ------
    UnsupportedError
        If it is not installed.
    """
    try:
        return importlib.import_module(f"SALib.{module}")
    except ImportError:
        what = "SALib is not installed"
        raise UnsupportedError(Problem(what, fix="Install it with: pip install 'queuewise[sensitivity]'.")) from None


def _defined(values: Floats, units: Mapping[str, str]) -> Floats:
    bad = np.flatnonzero(~np.isfinite(values).all(axis=0))
    if len(bad):
        raise ParameterError(Problem(f"{list(units)[int(bad[0])]} is not defined in some run",
                                     fix="Choose another metric, or measure a longer time."))  # fmt: skip
    return values


def _morris(problem: dict[str, Any], ask: Ask, units: Mapping[str, str], how: tuple[Design, int]) -> list[list[Effect]]:
    design, seed = how
    points = salib("sample.morris").sample(problem, design.trajectories, num_levels=LEVELS, seed=seed)
    numbers = np.repeat(np.arange(design.trajectories), problem["num_vars"] + 1)
    values = _defined(ask(points, numbers), units)
    return [_effects(problem, points, column, (unit, design, seed))
            for column, unit in zip(values.T, units.values(), strict=True)]  # fmt: skip


def _effects(problem: dict[str, Any], points: Floats, values: Floats, how: tuple[str, Design, int]) -> list[Effect]:
    unit, design, seed = how
    found = salib("analyze.morris").analyze(
        problem, points, values, num_resamples=_RESAMPLES, conf_level=design.confidence, num_levels=LEVELS, seed=seed
    )
    method = f"{design.confidence:.0%}: bootstrap over {design.trajectories} trajectories"
    effects = [
        Effect(name, _around(size, half, unit, (design.trajectories, method), 0.0), float(mean), float(spread))
        for name, size, half, mean, spread in zip(
            problem["names"], found["mu_star"], found["mu_star_conf"], found["mu"], found["sigma"], strict=True
        )
    ]
    return sorted(effects, key=lambda one: -(one.size.mean or 0.0))


def _around(value: float, half: float, unit: str, how: tuple[int, str], least: float = -math.inf) -> Estimate:
    n, method = how
    if not math.isfinite(value):
        return Estimate(None, None, None, unit, n, "not defined")
    return Estimate(float(value), max(float(value - half), least), float(value + half), unit, n, method)


def _sobol(problem: dict[str, Any], ask: Ask, units: Mapping[str, str], how: tuple[Design, int]) -> list[list[Index]]:
    design, seed = how
    points = salib("sample.sobol").sample(problem, design.samples, calc_second_order=False, seed=seed)
    numbers = np.repeat(np.arange(design.samples), problem["num_vars"] + 2)
    values = _defined(ask(points, numbers), units)
    return [_indices(problem, column, (design, seed)) for column in values.T]


def _indices(problem: dict[str, Any], values: Floats, how: tuple[Design, int]) -> list[Index]:
    design, seed = how
    aside = (design.samples, f"{design.confidence:.0%}: bootstrap over {design.samples} base samples")
    if np.ptp(values) == 0:
        nothing = _around(0.0, 0.0, "share", aside)
        return [Index(name, nothing, nothing) for name in problem["names"]]
    found = salib("analyze.sobol").analyze(
        problem, values, calc_second_order=False, num_resamples=_RESAMPLES, conf_level=design.confidence, seed=seed
    )
    indices = [
        Index(name, _around(first, one, "share", aside), _around(total, other, "share", aside, 0.0))
        for name, first, one, total, other in zip(
            problem["names"], found["S1"], found["S1_conf"], found["ST"], found["ST_conf"], strict=True
        )
    ]
    chance = _chance(values.reshape(design.samples, -1), aside, (design, seed))
    return [*sorted(indices, key=lambda one: -(one.total.mean or 0.0)), Index(CHANCE, chance, chance)]


def _chance(rows: Floats, aside: tuple[int, str], how: tuple[Design, int]) -> Estimate:
    """Part of the variance that both ends of a base sample share: they have nothing in common but the replication."""
    design, seed = how
    ends = rows[:, [0, -1]]
    picks = np.random.default_rng(seed).integers(0, len(ends), (_RESAMPLES, len(ends)))
    drawn = ends[picks]
    spread = float(np.std(_correlated(drawn)))
    half = spread * float(_normal((1 + design.confidence) / 2))
    return _around(float(_correlated(ends[None])[0]), half, "share", aside)


def _correlated(ends: Floats) -> Floats:
    """Covariance of first and last column over the variance of both (resamples x samples x 2)."""
    apart = ends - ends.mean(axis=(1, 2), keepdims=True)
    own = (apart**2).mean(axis=(1, 2))
    found: Floats = (apart[..., 0] * apart[..., 1]).mean(axis=1) / np.where(own > 0, own, 1.0)
    return found


def _normal(share: float) -> float:
    from scipy.stats import norm

    return float(norm.ppf(share))
