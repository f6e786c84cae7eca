"""What a pilot can show: the effect that it would find, and the smallest that it can tell from chance.

A phase's cases are compared with those that arrive meanwhile and are not in it. How much that difference varies is
taken from runs in which the phase changes nothing: cases of one day share its rush and its absences, so they say less
than as many independent ones would.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scenarios.estimate import checked_confidence, half_width
from scenarios.interventions import apply
from scenarios.logs import Runs, reduce_logs
from scenarios.power import checked_power, detectable_with, power_of_error
from scenarios.replications import Progress
from sim.codes import Case, Outcome
from sim.errors import ParameterError, Problem, ScenarioError
from sim.log import Log
from sim.phases import PhasedModel, Variant, combine
from sim.schema import Document
from sim.units import NEVER, SECOND_US

Values = NDArray[np.float64]
_LOST = (Outcome.ABANDONED, Outcome.BLOCKED)
_NOT_ENDED = (Outcome.OPEN, Outcome.GONE)


def _seconds(rows: NDArray[np.int64], column: Case) -> Values:
    """Seconds from arrival; NaN where it has not come."""
    return np.where(rows[:, column] < NEVER, (rows[:, column] - rows[:, Case.ARRIVED]) / SECOND_US, np.nan)


def _among_ended(rows: NDArray[np.int64], holds: NDArray[np.bool_]) -> Values:
    return np.where(np.isin(rows[:, Case.OUTCOME], _NOT_ENDED), np.nan, holds.astype(np.float64))


MEASURES: Mapping[str, tuple[str, Callable[[NDArray[np.int64]], Values]]] = {
    "first response time": ("s", lambda rows: _seconds(rows, Case.FIRST_RESPONSE)),
    "time to solve": ("s", lambda rows: _seconds(rows, Case.SOLVED)),
    "solved at the first attempt": ("share", lambda rows: _among_ended(
        rows, (rows[:, Case.OUTCOME] == Outcome.SOLVED) & (rows[:, Case.ATTEMPTS] == 1) & (rows[:, Case.REOPENED] == 0)
    )),
    "lost": ("share", lambda rows: _among_ended(rows, np.isin(rows[:, Case.OUTCOME], _LOST))),
    "hand-overs": ("per case", lambda rows: rows[:, Case.HANDOVERS].astype(np.float64)),
    "work": ("s", lambda rows: rows[:, Case.WORKED] / SECOND_US),
}  # fmt: skip
"""What is known of each case, by name: its unit, and its value (NaN: none) from rows of the log."""


@dataclass(frozen=True, slots=True)
class Detection:
    """One measure of a pilot.

    Attributes
    ----------
    measure, unit : str
    pilot, others : float
        Cases with a value in each, mean of the runs.
    usual : float or None
        Mean of the others.
    error : float or None
        Standard error of the difference, from the runs in which the phase changes nothing; None if it never varied.
    alone : float or None
        The same, if every case stood alone.
    detectable : float or None
        The smallest difference that is seen with the power asked for.
    effect, low, high : float or None
        The difference that the phase makes, with its interval over the runs.
    power : float or None
        Chance that a pilot shows this effect.
    """

    measure: str
    unit: str
    pilot: float
    others: float
    usual: float | None
    error: float | None
    alone: float | None
    detectable: float | None
    effect: float | None
    low: float | None
    high: float | None
    power: float | None


@dataclass(frozen=True, slots=True)
class Pilot:
    """What a phase can show.

    Attributes
    ----------
    phase : str
    detections : tuple of Detection
    power, confidence : float
    n, asked : int
        Replications with and without the phase, and how many were asked for.
    method : str
    """

    phase: str
    detections: tuple[Detection, ...]
    power: float
    confidence: float
    n: int
    asked: int
    method: str

    def get(self, measure: str) -> Detection:
        """One measure.

        Raises
        ------
        ParameterError
            If it was not studied.
        """
        for one in self.detections:
            if one.measure == measure:
                return one
        allowed = ", ".join(one.measure for one in self.detections)
        raise ParameterError(Problem("not a measure of this pilot", allowed=allowed, given=measure))

    def plain(self) -> dict[str, Any]:
        """As JSON has it: ``{"phase": name, "measures": {name: {...}}, ...}``."""
        measures = {one.measure: asdict(one) for one in self.detections}
        for values in measures.values():
            del values["measure"]
        return {"phase": self.phase, "power": self.power, "confidence": self.confidence, "replications": self.n,
                "method": self.method, "measures": measures}  # fmt: skip

    def table(self) -> pd.DataFrame:
        """One row per measure, columns as the fields of `Detection`."""
        return pd.DataFrame([asdict(one) for one in self.detections], columns=[one.name for one in fields(Detection)])


def study_pilot(
    document: Document,
    phase: str,
    runs: Runs | None = None,
    *,
    power: float = 0.8,
    confidence: float = 0.95,
    progress: Progress | None = None,
) -> Pilot:
    """What a phase of a scenario can show, compared with cases that arrive meanwhile.

    Parameters
    ----------
    document : Document
    phase : str
        It must leave part of the cases out.
    runs : Runs, optional
        Each is made twice: without what the phase changes, and with it. 20 or more.
    power : float
        The chance with which an effect is to be seen.
    confidence : float
    progress : callable, optional

    Raises
    ------
    ScenarioError
        If there is no such phase, or it leaves nobody out to compare with.
    KeyboardInterrupt
        If two replications with and without the phase had not finished when it came.
    """
    runs = runs or Runs(50)
    checked_power(power), checked_confidence(confidence)
    if runs.replications < 2:
        raise ParameterError(Problem("too few replications", allowed="2 or more", given=str(runs.replications)))
    without, with_ = _models(document, phase)
    nothing, changed = _pairs((without, with_), phase, runs, progress)
    if not (nothing[:, :, 2] > 0).any() or not (nothing[:, :, 3] > 0).any():
        what = "nobody to compare with: the phase has all cases, or none"
        raise ScenarioError(document.problem(("phases", phase), what, fix="Give it 'regions', 'when' or a 'share'."))
    detections = [
        _detection(name, unit, nothing[:, place], changed[:, place], (power, confidence))
        for place, (name, (unit, _)) in enumerate(MEASURES.items())
    ]
    n = len(nothing)
    method = (
        f"cases of the phase against those that arrive meanwhile, n = {n} runs; "
        f"detectable with a power of {power:.0%} at {confidence:.0%}, normal approximation"
    )
    return Pilot(phase, tuple(detections), power, confidence, n, runs.replications, method)


def _pairs(
    models: tuple[PhasedModel, PhasedModel], phase: str, runs: Runs, progress: Progress | None
) -> tuple[Values, Values]:
    """Replications without what the phase changes and with it (runs x measures x columns), as many of each."""
    without, with_ = models
    nothing = reduce_logs(without, runs, partial(_compared, without, phase), progress)
    if len(nothing) < 2:
        raise KeyboardInterrupt
    changed = reduce_logs(with_, replace(runs, replications=len(nothing)), partial(_compared, with_, phase), progress)
    if len(changed) < 2:
        raise KeyboardInterrupt
    return np.array(nothing[: len(changed)]), np.array(changed)


def _models(document: Document, phase: str) -> tuple[PhasedModel, PhasedModel]:
    """The scenario with a phase that changes nothing, and with the phase as it is."""
    base = document.scenario
    if phase not in base.phases:
        allowed = ", ".join(base.phases) or "none exist"
        raise ScenarioError(Problem(f"no such phase: {phase!r}", file=document.file, allowed=allowed, given=phase))
    scenario = apply(document, base.phases[phase].interventions).scenario
    return (
        combine(base, [Variant(phase, base.phases[phase], base)]),
        combine(base, [Variant(phase, base.phases[phase], scenario)]),
    )


def _compared(model: PhasedModel, phase: str, log: Log) -> list[list[float]]:
    """For each measure: mean and number of the phase's cases and of the others, and the variance inside both."""
    rows = log.cases
    begin, end = Variant(phase, model.scenario.phases[phase], model.scenario).span(model.clock)
    arrived = rows[:, Case.ARRIVED]
    rows = rows[(max(begin, model.frame.warm_up_us) <= arrived) & (arrived < end)]
    names = [model.ways[stream] for stream in model.names.streams]
    inside = np.array([names[s][v] == phase for s, v in rows[:, [Case.STREAM, Case.VARIANT]].tolist()], np.bool_)
    return [_two_means(of(rows), inside) for _, of in MEASURES.values()]


def _two_means(values: Values, inside: NDArray[np.bool_]) -> list[float]:
    one, other = values[inside & ~np.isnan(values)], values[~inside & ~np.isnan(values)]
    variances = [part.var(ddof=1) / len(part) if len(part) > 1 else math.nan for part in (one, other)]
    means = [part.mean() if len(part) else math.nan for part in (one, other)]
    return [*map(float, means), float(len(one)), float(len(other)), float(sum(variances))]


def _detection(name: str, unit: str, nothing: Values, changed: Values, limits: tuple[float, float]) -> Detection:
    """Columns: mean of the phase's cases, of the others, how many each, variance of their difference."""
    power, confidence = limits
    sizes = float(nothing[:, 2].mean()), float(nothing[:, 3].mean())
    both = ~np.isnan(nothing[:, :2]).any(axis=1) & ~np.isnan(changed[:, :2]).any(axis=1)
    nothing, changed = nothing[both], changed[both]
    differences = nothing[:, 0] - nothing[:, 1]
    usual = float(nothing[:, 1].mean()) if len(nothing) else None
    if len(nothing) < 2:
        return Detection(name, unit, *sizes, usual, None, None, None, None, None, None, None)
    error = float(differences.std(ddof=1))
    effects = changed[:, 0] - changed[:, 1] - differences
    effect, half = float(effects.mean()), float(half_width((effects - effects.mean())[:, None], confidence)[0])
    alone = math.sqrt(nothing[:, 4].mean())
    return Detection(
        measure=name,
        unit=unit,
        pilot=sizes[0],
        others=sizes[1],
        usual=usual,
        error=error or None,
        alone=None if math.isnan(alone) else alone,
        detectable=detectable_with(error, power, confidence) if error else None,
        effect=effect,
        low=effect - half,
        high=effect + half,
        power=power_of_error(effect, error, confidence) if error else None,
    )
