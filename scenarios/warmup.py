"""Whether a scenario needs a warm-up, and how long: Welch's moving mean to look at, MSER-5 to decide.

A run that begins empty says too little about an operation that never is. Welch's plot (1983) shows each interval's
mean over the replications, smoothed. MSER-5 (White 1997; White, Cobb and Spratt 2000) takes the averaged series in
batches of five and cuts off as many as make the mean of the rest surest: least squared error over the number left,
squared. A cut in the second half of a run means that it was too short to tell.

An operation that closes and is empty whenever it opens again begins as each of its days does: it is *terminating*, and
a warm-up would throw real mornings away. One that starts from today's open cases asks what becomes of these: nothing is
cut either. All others run on, and what is asked is their *steady state*.

Where demand or staffing follow the clock, single intervals differ for that reason. Then a value is the mean of a whole
day or week, and MSER looks at these singly, as there are few.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from scenarios.estimate import Values
from scenarios.logs import Runs, reduce_logs
from scenarios.replications import Progress
from sim.build import Model, build
from sim.codes import Case, Outcome
from sim.codes import Kind as EventKind
from sim.errors import ParameterError, Problem
from sim.log import Log
from sim.metrics import Metric, Totals, find, metrics_of, owner, parts
from sim.metrics.sums import GroupSum
from sim.metrics.tally import spread
from sim.schema import Document
from sim.units import DAY_US, WEEK_US, exact_duration

Kind = Literal["terminating", "from today's cases", "steady state"]
KINDS: tuple[Kind, ...] = ("terminating", "from today's cases", "steady state")
OPEN_CASES = "open_cases"
"""Cases open, averaged over an interval: what is in the system, waiting or not. Made for this, no metric of results."""
SERIES = (OPEN_CASES, "queue_length", "mean_wait", "occupancy")
BATCH = 5
FEWEST = 10
"""Fewest values by which a cut can be judged."""
_LEFT_OVER = 0.01
"""Share of closings with something left at the reopening up to which an operation counts as emptied."""
_ALIKE = 1e-9
_DRIFT = 0.02


@dataclass(frozen=True, slots=True)
class Nature:
    """What kind of question a scenario asks.

    Attributes
    ----------
    kind : {"terminating", "from today's cases", "steady state"}
    why : str
    given : bool
        Whether the user said so, against or before the rule.
    """

    kind: Kind
    why: str
    given: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """The warm-up that one series asks for.

    Attributes
    ----------
    series, unit : str
    starts_us : int array (values)
        Start of each value, microseconds since the scenario's start.
    values : float array (values)
        Means over replications, a value per interval or cycle.
    smoothed : float array (values)
        Welch's moving mean; shorter windows towards the ends.
    batch : int
        Values that MSER takes together.
    warm_up_us : int or None
        None where the run is too short to tell.
    settled : float or None
        Mean of what is left.
    """

    series: str
    unit: str
    starts_us: np.ndarray
    values: Values
    smoothed: Values
    batch: int
    warm_up_us: int | None
    settled: float | None


@dataclass(frozen=True)
class WarmUp:
    """What is to be left out at the beginning of a scenario's runs.

    Attributes
    ----------
    name : str
    nature : Nature
    given_us, horizon_us : int
        The scenario's own warm-up and length.
    step_us : int
        Length of a value of the series.
    cycle : {"", "day", "week"}
        What the clock repeats.
    drift : float
        Largest part by which expected arrivals of a week differ from those of all weeks.
    cuts : tuple of Cut
    replications : int
    """

    name: str
    nature: Nature
    given_us: int
    horizon_us: int
    step_us: int
    cycle: str
    drift: float
    cuts: tuple[Cut, ...]
    replications: int

    @property
    def needed_us(self) -> int | None:
        """The longest warm-up that a series asks for; 0 where nothing is cut; None: the run is too short to tell."""
        if self.nature.kind != "steady state":
            return 0
        found = [cut.warm_up_us for cut in self.cuts]
        return None if not found or None in found else max(one for one in found if one is not None)

    @property
    def words(self) -> str:
        """The verdict."""
        if self.nature.kind == "terminating":
            return f"No warm-up: {self.nature.why}." + self._given_for_nothing()
        if self.nature.kind == "from today's cases":
            return f"No warm-up: {self.nature.why}." + self._given_for_nothing()
        needed = self.needed_us
        if needed is None:
            short = [cut.series for cut in self.cuts if cut.warm_up_us is None]
            return (
                f"Too short a run to tell ({length_text(self.horizon_us)}): {self._why_short(short)}. "
                "Make the horizon longer (twice as long to begin with) and look again."
            )
        found = f"A warm-up of {length_text(needed)} is enough" if needed else "No warm-up is needed"
        return f"{found}, by {self._rule()} on {len(self.cuts)} series. {self._beside_given(needed)}{self._drifts()}"

    def _drifts(self) -> str:
        if self.drift <= _DRIFT:
            return ""
        return (
            f" Demand itself differs from week to week (by up to {self.drift:.0%}), so the cut may follow that and not "
            "the empty start: judge it by the plot, or without season, trend and special days."
        )

    def _rule(self) -> str:
        return f"MSER-{self.cuts[0].batch}" if self.cuts[0].batch > 1 else f"MSER on whole {self.cycle}s"

    def _why_short(self, short: Sequence[str]) -> str:
        values = len(self.cuts[0].values) if self.cuts else 0
        if values < FEWEST * (self.cuts[0].batch if self.cuts else 1):
            return f"it has {values} values of {length_text(self.step_us)}, too few to judge"
        return f"{', '.join(short)} had not settled in its first half"

    def _beside_given(self, needed: int) -> str:
        if self.given_us >= needed:
            covers = f"The scenario leaves out {length_text(self.given_us)}, which covers it."
            return covers if self.given_us else "The scenario leaves out nothing."
        return f"The scenario leaves out {length_text(self.given_us)}: write 'warm-up: {length_text(needed)}'."

    def _given_for_nothing(self) -> str:
        if not self.given_us:
            return ""
        return f" The scenario leaves out {length_text(self.given_us)}, which throws away what is asked about."

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "nature": {"kind": self.nature.kind, "why": self.nature.why, "given": self.nature.given},
            "warm_up_us": self.needed_us,
            "given_us": self.given_us,
            "cycle": self.cycle or None,
            "drift": self.drift,
            "step_us": self.step_us,
            "replications": self.replications,
            "words": self.words,
            "series": [
                {"series": cut.series, "unit": cut.unit, "warm_up_us": cut.warm_up_us, "batch": cut.batch,
                 "settled": cut.settled, "start_us": cut.starts_us.tolist(), "mean": cut.values.tolist(),
                 "smoothed": cut.smoothed.tolist()}
                for cut in self.cuts
            ],
        }  # fmt: skip


def length_text(microseconds: int) -> str:
    """A length in the largest whole unit, as a scenario file takes it."""
    for name, unit in (("weeks", WEEK_US), ("days", DAY_US)):
        if microseconds and microseconds % unit == 0:
            return f"{microseconds // unit} {name if microseconds > unit else name[:-1]}"
    return exact_duration(microseconds)


def warm_up(
    document: Document,
    runs: Runs | None = None,
    series: Sequence[str] = SERIES,
    kind: Kind | None = None,
    progress: Progress | None = None,
) -> WarmUp:
    """Run a scenario from its very beginning and see when it has settled.

    Parameters
    ----------
    document : Document
        Its own warm-up is set aside.
    runs : Runs, optional
    series : sequence of str
        Metrics that exist by interval, and ``open_cases``; the longest warm-up of them counts.
    kind : str, optional
        What the user says the scenario is; by the rule unless given.
    progress : callable, optional

    Raises
    ------
    ParameterError
        If a series does not exist by interval.
    """
    runs, model = (runs or Runs()), build(_from_its_beginning(document))
    chosen = [_checked(name, model) for name in series]
    fresh = (model.totals(runs.seed, number) for number in itertools.count())
    seen = reduce_logs(model, runs, lambda log: _seen(model, log, next(fresh), chosen), progress)
    if not seen:
        raise ParameterError(Problem("stopped before the first replication had finished"))
    nature = Nature(kind, "you said so", True) if kind else _nature(model, seen)
    cycle = _cycle(model)
    step_us = {"": model.frame.interval_us, "day": DAY_US, "week": WEEK_US}[cycle]
    cuts = tuple(_cut(name, np.array([one.sums[place] for one in seen]), model, step_us)
                 for place, name in enumerate(series))  # fmt: skip
    scenario = document.scenario
    return WarmUp(
        scenario.name, nature, scenario.warm_up, scenario.horizon, step_us, cycle, _drift(model),
        cuts, len(seen),
    )  # fmt: skip


def _from_its_beginning(document: Document) -> Any:
    return document.with_data({**document.data, "warm-up": "0 s"}).scenario


def _checked(name: str, model: Model) -> Metric | None:
    """The metric of a series; None for open cases."""
    if name == OPEN_CASES:
        return None
    metric = find(name)
    if not metric.by_interval:
        known = [OPEN_CASES, *(one.name for one in metrics_of(model.frame) if one.by_interval)]
        raise ParameterError(
            Problem(f"{name} exists for whole runs only", "--series", allowed=", ".join(known), given=name)
        )
    return metric


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one replication shows: sums of each series (2 x intervals); by interval who was there, what was open."""

    sums: list[Values]
    staffed: Values
    arrived: Values
    open_at_end: np.ndarray


def _seen(model: Model, log: Log, totals: Totals, chosen: Sequence[Metric | None]) -> _Seen:
    frame = model.frame
    totals.add(log, frame.end_us)
    sums = [_open_cases(log, model) if metric is None else _sums(metric, totals) for metric in chosen]
    begins, ends = _open_stretches(log, frame.end_us)
    borders = np.minimum(frame.starts_us() + frame.interval_us, frame.end_us)
    open_at_end = np.searchsorted(np.sort(begins), borders, "left") - np.searchsorted(np.sort(ends), borders, "left")
    first = np.clip(begins // frame.interval_us, 0, frame.intervals - 1)
    arrived = np.bincount(first, minlength=frame.intervals).astype(np.float64)
    return _Seen(sums, totals.group[GroupSum.STAFFED].sum(axis=0)[:-1].astype(np.float64), arrived, open_at_end)


def _sums(metric: Metric, totals: Totals) -> Values:
    above, below = parts(metric, totals, owner(totals.frame, metric, None))
    return np.array([above[:-1], below[:-1]])


def _open_stretches(log: Log, end_us: int) -> tuple[np.ndarray, np.ndarray]:
    """When each case came and went, up to the end; what is open then is taken to go just after it."""
    rows = log.cases[log.cases[:, Case.OUTCOME] != Outcome.GONE]
    return np.maximum(rows[:, Case.ARRIVED], 0), np.minimum(rows[:, Case.ENDED], end_us + 1)


def _open_cases(log: Log, model: Model) -> Values:
    """Case time in each interval, over the interval's length."""
    begins, ends = _open_stretches(log, model.frame.end_us)
    sums = np.zeros((1, model.frame.intervals + 1), np.int64)
    spread(sums, np.zeros(len(begins), np.int64), begins, ends, model.frame)
    return np.array([sums[0, :-1].astype(np.float64), model.frame.lengths_us().astype(np.float64)])


# --- What kind of question -------------------------------------------------------------------------------------------


def _nature(model: Model, seen: Sequence[_Seen]) -> Nature:
    """By the rule: today's cases; closes and is empty at each reopening; else steady state."""
    if len(model.network.initials):
        return Nature(
            "from today's cases", "it starts from the cases that are open today, and asks what becomes of them"
        )
    closed = ~np.any([one.staffed > 0 for one in seen], axis=0) & ~np.any([one.arrived > 0 for one in seen], axis=0)
    frame = model.frame
    if not _closes_often(closed, frame.interval_us):
        return Nature("steady state", "somebody is on duty, or somebody comes, round the clock: it never closes")
    last = np.flatnonzero(closed & ~np.append(closed[1:], False))
    left = np.array([one.open_at_end[last] > 0 for one in seen]).mean()
    if left > _LEFT_OVER:
        return Nature("steady state", f"it closes, but in {left:.0%} of the openings work was left from before")
    return Nature("terminating", "it closes and is empty whenever it opens again, as a run begins")


def _closes_often(closed: np.ndarray, interval_us: int) -> bool:
    """Whether no stretch without a closed interval is longer than a week."""
    if not closed.any():
        return False
    borders = np.concatenate([[-1], np.flatnonzero(closed), [len(closed)]])
    return bool((np.diff(borders) * interval_us <= WEEK_US).all())


def _cycle(model: Model) -> str:
    """What the clock repeats, by expected arrivals and people on duty: nothing, a day, or a week."""
    curves = _curves(model)
    per_day, per_week = DAY_US // model.frame.interval_us, WEEK_US // model.frame.interval_us
    if all(np.allclose(curve, curve[0], rtol=_ALIKE, atol=0) for curve in curves):
        return ""
    return "day" if all(_repeats(curve, per_day, per_week) for curve in curves) else "week"


def _repeats(curve: Values, per_day: int, per_week: int) -> bool:
    """Whether each day of the first week is like the first one."""
    days = curve[: min(len(curve), per_week)]
    whole = days[: len(days) // per_day * per_day].reshape(-1, per_day)
    return bool(len(whole)) and bool(np.allclose(whole, whole[0], rtol=1e-6, atol=0))


def _drift(model: Model) -> float:
    """By how much the expected arrivals of a whole week differ from the mean of all."""
    width = WEEK_US // model.frame.interval_us
    curves = [curve[: len(curve) // width * width].reshape(-1, width).sum(axis=1) for curve in _curves(model)[:-1]]
    weeks = np.sum(curves, axis=0)
    if np.size(weeks) < 2 or not np.any(weeks):
        return 0.0
    return float(np.abs(weeks / weeks.mean() - 1).max())


def _curves(model: Model) -> list[Values]:
    """Expected arrivals of each stream by interval, and people rostered in the middle of it, whoever is away."""
    frame, rates = model.frame, model.rates
    borders = np.append(frame.starts_us(), frame.end_us)
    found = []
    for first, last in zip(rates.first, rates.last, strict=True):
        if last > first:
            times, expected = rates.time[first:last], rates.expected[first:last]
            found.append(np.diff(np.interp(borders, times, np.cumsum(expected))) / np.diff(borders))
    return [*found, _on_duty(model)]


def _on_duty(model: Model) -> Values:
    rows = model.chance(0, 0).roster
    middles = model.frame.starts_us() + model.frame.interval_us // 2
    change = np.where(rows["kind"] == EventKind.LOG_ON, 1, np.where(rows["kind"] == EventKind.LOG_OFF, -1, 0))
    count = np.concatenate([[0], np.cumsum(change)])
    return count[np.searchsorted(rows["time"], middles, "right")].astype(np.float64)


# --- Welch and MSER --------------------------------------------------------------------------------------------------


def _cut(name: str, sums: Values, model: Model, step_us: int) -> Cut:
    """Series of one metric from its sums (replications x 2 x intervals)."""
    frame = model.frame
    width = step_us // frame.interval_us
    count = frame.end_us // step_us
    above, below = (sums[:, side, : count * width].reshape(len(sums), count, width).sum(axis=2).sum(axis=0)
                    for side in (0, 1))  # fmt: skip
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(below > 0, above / below, np.nan)
    starts = np.arange(count, dtype=np.int64) * step_us
    known = ~np.isnan(values)
    starts, values = starts[known], values[known]
    batch = BATCH if width == 1 else 1
    place = mser(values, batch)
    return Cut(
        series=name,
        unit="cases" if name == OPEN_CASES else find(name).unit,
        starts_us=starts,
        values=values,
        smoothed=welch(values, window_of(len(values))),
        batch=batch,
        warm_up_us=int(starts[place]) if place else place,  # nothing cut: 0, whenever the first value is from
        settled=None if place is None else float(values[place:].mean()),
    )


def mser(values: Values, batch: int = BATCH) -> int | None:
    """How many values to leave out at the beginning: MSER, values taken ``batch`` together.

    The cut d makes (sum over the n - d batch means left of their squared distance from their mean) / (n - d)² least; it
    is looked for over all d that leave more than five means.

    Returns
    -------
    int or None
        None if there are fewer than ten batches, or the best cut lies in the second half.
    """
    means = values[: len(values) // batch * batch].reshape(-1, batch).mean(axis=1)
    n = len(means)
    if n < FEWEST:
        return None
    left, apart = n - np.arange(n), means - means.mean()
    total, squares = apart[::-1].cumsum()[::-1], (apart**2)[::-1].cumsum()[::-1]
    errors = np.maximum(squares - total**2 / left, 0.0)
    errors[errors <= _ALIKE * squares[0]] = 0.0  # rounding
    criterion = (errors / left**2)[: n - BATCH]
    best = int(np.argmin(criterion))
    return best * batch if best <= n // 2 else None


def window_of(number: int) -> int:
    """Half-width of Welch's window: a twentieth of the series, at most a quarter of it."""
    return max(1, min(number // 20, number // 4))


def welch(values: Values, window: int) -> Values:
    """Welch's moving mean over 2 w + 1 values; near the ends over as many as lie evenly on both sides."""
    n = len(values)
    upto = np.concatenate([[0.0], np.cumsum(values)])
    places = np.arange(n)
    reach = np.minimum(np.minimum(places, n - 1 - places), window)
    found: Values = (upto[places + reach + 1] - upto[places - reach]) / (2 * reach + 1)
    return found
