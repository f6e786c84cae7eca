"""Replications until intervals are as narrow as wanted.

After each replication from the ``first`` on, in the order of their numbers, the half-width of every wanted interval is
looked at (the sequential procedure of Chow and Robbins 1965; Law 2015, section 9.4.1). A rule that stops at the first
narrow interval stops too often where the spread happens to look small, and covers less than it says. Two things keep
that small: no look before twenty replications, and the look-ahead of Hoad, Robinson and Davies (2010): the
interval must stay narrow for 5 further replications, or 5 % of those run if that is more. What is left is measured
(`tests.repeated.coverage`). Because looks follow the numbers of replications and not the time at which they finish,
the answer does not depend on how many processes worked on it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from scenarios.estimate import Linear, checked_confidence, linear
from scenarios.replications import Progress, Result, Stop, replicate
from sim.build import Model
from sim.errors import ParameterError, Problem
from sim.metrics import METRICS, Frame, Metric, Totals, find, metrics_of, owner, quantile, total
from sim.run import Engine
from sim.units import SECOND_US, parse_duration

FIRST = 20
"""Fewest replications before a look."""
LOOK_AHEAD = 5
"""Replications for which the precision must hold on; of more than 100 replications so many per cent."""
MOST = 1000
_RELATIVE = "relative"
_FORM = "a metric and a half-width, such as 'service level 1 %', 'asa 2 s', 'asa of orders 5 % relative'"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How narrow an interval is to be.

    Attributes
    ----------
    metric : str
    half_width : float
        Of the interval's longer side. In the metric's unit; of a relative one, as a share of the mean.
    relative : bool
    of : str or None
        Queue, group, stream, tier or cost line; all together unless given.
    """

    metric: str
    half_width: float
    relative: bool = False
    of: str | None = None

    def reached(self, mean: float, half: float) -> bool:
        """Whether an interval is narrow enough.

        A relative half-width g is compared with g / (1 + g), so that it holds against the true mean and not only
        against the estimate (Law 2015, section 9.4.1).
        """
        return half <= self._allowed(mean)

    def missing(self, mean: float, half: float) -> float:
        """By which factor replications must grow, as far as one can tell: half-widths shrink with their root."""
        allowed = self._allowed(mean)
        if half == 0:
            return 0.0
        return (half / allowed) ** 2 if allowed > 0 else math.inf

    def _allowed(self, mean: float) -> float:
        return abs(mean) * self.half_width / (1 + self.half_width) if self.relative else self.half_width


@dataclass(frozen=True, slots=True)
class Plan:
    """From which replication on one looks, and how many there may be."""

    first: int = FIRST
    most: int = MOST

    def checked(self) -> Plan:
        """The same, if it can be followed.

        Raises
        ------
        ParameterError
            If the first look comes too early, or after the last replication.
        """
        if self.first < FIRST:
            fix = "With fewer, the spread itself is too uncertain to stop by it."
            raise ParameterError(
                Problem("too few replications before the first look", "--replications", allowed=f"{FIRST} or more",
                        given=str(self.first), fix=fix)
            )  # fmt: skip
        if self.most < self.first:
            raise ParameterError(
                Problem("fewer replications at most than at first", "--most", allowed=f"{self.first} or more",
                        given=str(self.most))
            )  # fmt: skip
        return self


@dataclass(frozen=True, slots=True)
class Precision:
    """A wanted interval and what became of it.

    Attributes
    ----------
    metric, unit : str
    of : str or None
    wanted : float
    relative : bool
    mean, half_width : float or None
        At the end, the longer side of the interval; None where not defined.
    reached : bool
    needed : int or None
        Replications that it would take, by the spread seen so far; None where that cannot be told.
    """

    metric: str
    unit: str
    of: str | None
    wanted: float
    relative: bool
    mean: float | None
    half_width: float | None
    reached: bool
    needed: int | None


@dataclass(frozen=True)
class Precise:
    """A result and the precision that it has.

    Attributes
    ----------
    result : Result
        Of the replications up to the one at which the rule held.
    precisions : tuple of Precision
    reached : bool
        Whether the rule held before the most replications allowed.
    confidence : float
        Of each interval by itself.
    plan : Plan
    """

    result: Result
    precisions: tuple[Precision, ...]
    reached: bool
    confidence: float
    plan: Plan

    @property
    def method(self) -> str:
        """How it was decided when to stop, in words."""
        return (
            f"looked at after each replication from number {self.plan.first} on; stopped once every wanted interval "
            f"had stayed narrow for {LOOK_AHEAD} more replications, or {LOOK_AHEAD} % of them if that is more "
            f"(Hoad, Robinson and Davies 2010); at most {self.plan.most:,}; {self.confidence:.0%} for each interval "
            "by itself"
        )

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "reached": self.reached,
            "replications": len(self.result.totals),
            "first": self.plan.first,
            "most": self.plan.most,
            "confidence": self.confidence,
            "method": self.method,
            "wanted": [asdict(one) for one in self.precisions],
        }


def look_ahead(n: int) -> int:
    """For how many replications after number n an interval must stay narrow."""
    return LOOK_AHEAD * max(n, 100) // 100


def read_wanted(text: str, frame: Frame) -> Wanted:
    """Read what a user wants: ``service level 1 %``, ``asa of orders 2 s``, ``cases 5 % relative``.

    Per cent of a share are percentage points, per cent of anything else are of its mean; ``relative`` makes them of the
    mean in any case.

    Raises
    ------
    ParameterError
        If it names no metric of the scenario, no half-width, or one with the wrong unit.
    """
    match = re.fullmatch(r"\s*(?P<what>.+?)\s+(?P<size>[0-9.]+\s*\S*?)(?P<rel> relative)?\s*", text)
    if match is None:
        raise ParameterError(Problem("not a precision", "--precision", allowed=_FORM, given=repr(text)))
    metric, of = _metric_and_owner(match["what"], frame)
    size, relative = match["size"].replace(" ", ""), match["rel"] is not None
    if size.endswith("%") and (relative or metric.unit != "share"):
        return Wanted(metric.name, _number(size[:-1], "--precision") / 100, True, of)
    if relative:
        raise ParameterError(Problem("a relative half-width without %", "--precision", allowed=_FORM, given=repr(text)))
    return Wanted(metric.name, read_size(size, metric, "--precision"), False, of)


def _metric_and_owner(text: str, frame: Frame) -> tuple[Metric, str | None]:
    """``asa of orders`` taken apart where a metric's name or label ends; names of queues and labels may hold "of"."""
    pieces = text.split(" of ")
    for end in range(len(pieces), 0, -1):
        if _name(" of ".join(pieces[:end])) in _NAMES:
            metric, of = read_metric(" of ".join(pieces[:end]), frame, "--precision"), " of ".join(pieces[end:]) or None
            owner(frame, metric, of)
            return metric, of
    return read_metric(pieces[0], frame, "--precision"), None


def _name(text: str) -> str:
    return text.strip().lower().replace("-", "_").replace(" ", "_")


_NAMES = {_name(metric.label): metric.name for metric in METRICS} | {metric.name: metric.name for metric in METRICS}
"""From names and labels of metrics, as `_name` writes them, to names."""


def read_metric(text: str, frame: Frame, option: str) -> Metric:
    """A metric of the scenario, by its name or its label.

    Raises
    ------
    ParameterError
        If there is none, or it says nothing about the scenario.
    """
    metric = find(_NAMES.get(_name(text), _name(text)))
    if metric not in metrics_of(frame):
        raise ParameterError(Problem(f"{metric.name} says nothing about this scenario", option, given=repr(text)))
    return metric


def read_size(text: str, metric: Metric, option: str) -> float:
    """A difference in a metric's unit: ``1 %`` or ``1 pp`` of a share, ``2 s`` of a time, a number of anything else.

    Raises
    ------
    ParameterError
        If it is none, or not above 0.
    """
    size = text.replace(" ", "")
    if metric.unit == "share":
        bare = size.removesuffix("pp").removesuffix("%")
        return _number(bare, option) / (100 if bare != size else 1)
    if metric.unit == "s":
        return _positive(_duration(size, option), option)
    return _number(size.removesuffix("h") if metric.unit == "h" else size, option)


def _number(text: str, option: str) -> float:
    try:
        return _positive(float(text), option)
    except ValueError:
        raise ParameterError(Problem("not a number", option, allowed=_FORM, given=repr(text))) from None


def _duration(text: str, option: str) -> float:
    try:
        return parse_duration(text) / SECOND_US
    except ParameterError as error:
        raise ParameterError(*(replace(problem, path=option) for problem in error.problems)) from None


def _positive(value: float, option: str) -> float:
    if 0 < value < math.inf:
        return value
    raise ParameterError(Problem("not a width", option, allowed="above 0", given=f"{value:g}"))


def replicate_to(
    model: Model,
    wanted: Sequence[Wanted],
    plan: Plan | None = None,
    seed: int = 1,
    engine: Engine = "kernel",
    *,
    confidence: float = 0.95,
    workers: int = 1,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Precise:
    """Run replications 0, 1, ... until every wanted interval is narrow enough, workers running ahead.

    Parameters
    ----------
    model : Model
    wanted : sequence of Wanted
        All of them must hold.
    plan : Plan, optional
    seed, engine, workers, progress, stop
        As in `scenarios.replications.replicate`; progress tells how many replications are expected so far.
    confidence : float
        Of each interval by itself.

    Raises
    ------
    ParameterError
        If nothing is wanted, a metric is not one of the scenario's, or the plan cannot be followed.
    """
    plan = (plan or Plan()).checked()
    if not wanted:
        raise ParameterError(Problem("no precision wanted", "--precision", allowed=_FORM))
    watch = _Watch(model.frame, tuple(wanted), plan, checked_confidence(confidence))

    def told(done: int, asked: int, part: float) -> None:
        if progress:
            progress(done, max(watch.expected, done), part)

    found = replicate(
        model, plan.most, seed, engine, workers=workers, progress=told, each=watch.add,
        stop=lambda: watch.enough is not None or bool(stop and stop()),
    )  # fmt: skip
    return _precise(found, watch)


def _precise(found: Result, watch: _Watch) -> Precise:
    """The result without what workers ran ahead of the rule."""
    enough = watch.enough
    kept = len(found.totals) if enough is None else enough
    numbers = found.replications[:kept]
    asked = watch.plan.most if enough is None else kept
    result = replace(found, totals=found.totals[:kept], replications=numbers, asked=asked)
    precisions = tuple(_precision(one, result, watch.plan.most, watch.confidence) for one in watch.wanted)
    return Precise(result, precisions, enough is not None, watch.confidence, watch.plan)


def _precision(one: Wanted, result: Result, most: int, confidence: float) -> Precision:
    metric = find(one.metric)
    said = linear(*_columns([_reading(metric, one.of, totals) for totals in result.totals]))
    mean, half = float(said.mean[0]), _half(said, confidence)
    shown = not math.isnan(half)
    factor = one.missing(mean, half) if shown else math.nan
    return Precision(
        metric=one.metric,
        unit=metric.unit,
        of=one.of,
        wanted=one.half_width,
        relative=one.relative,
        mean=None if math.isnan(mean) else mean,
        half_width=half if shown else None,
        reached=shown and one.reached(mean, half),
        needed=math.ceil(len(result.totals) * factor) if math.isfinite(factor) else None,
    )


def _reading(metric: Metric, of: str | None, totals: Totals) -> tuple[float, float]:
    """One replication's sums above and below the line."""
    number = owner(totals.frame, metric, of)
    return (quantile(metric, totals, number), 1.0) if metric.quantile else total(metric, totals, number)


def _half(said: Linear, confidence: float) -> float:
    """The longer half of the interval."""
    low, high = (float(limit[0]) for limit in said.interval(confidence))
    return max(said.mean[0] - low, high - said.mean[0])


def _columns(readings: Sequence[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(readings, np.float64).reshape(-1, 2)
    return both[:, :1], both[:, 1:]


@dataclass
class _Watch:
    """Looks at the replications in the order of their numbers, whenever the next one is there."""

    frame: Frame
    wanted: tuple[Wanted, ...]
    plan: Plan
    confidence: float
    waiting: dict[int, Totals] = field(default_factory=dict)
    readings: list[list[tuple[float, float]]] = field(default_factory=list)
    since: int | None = None
    enough: int | None = None
    expected: int = 0

    def __post_init__(self) -> None:
        self.readings = [[] for _ in self.wanted]
        self.expected = self.plan.first + look_ahead(self.plan.first)
        for one in self.wanted:
            owner(self.frame, find(one.metric), one.of)

    def add(self, number: int, totals: Totals) -> None:
        """Take the sums of a replication."""
        self.waiting[number] = totals
        while self.enough is None and (following := len(self.readings[0])) in self.waiting:
            self._take(self.waiting.pop(following))

    def _take(self, totals: Totals) -> None:
        for one, readings in zip(self.wanted, self.readings, strict=True):
            readings.append(_reading(find(one.metric), one.of, totals))
        n = len(self.readings[0])
        if n >= self.plan.first:
            self._look(n)

    def _look(self, n: int) -> None:
        factors = [self._factor(one, readings) for one, readings in zip(self.wanted, self.readings, strict=True)]
        if not all(factor <= 1 for factor in factors):
            self.since = None
            most = max((factor for factor in factors if math.isfinite(factor)), default=1.0)
            self.expected = min(math.ceil(n * most) + look_ahead(math.ceil(n * most)), self.plan.most)
            return
        self.since = n if self.since is None else self.since
        self.expected = self.since + look_ahead(self.since)
        if n >= self.expected:
            self.enough = n

    def _factor(self, one: Wanted, readings: list[tuple[float, float]]) -> float:
        """By how much replications would have to grow; not above 1: narrow enough."""
        said = linear(*_columns(readings))
        return one.missing(float(said.mean[0]), _half(said, self.confidence))
