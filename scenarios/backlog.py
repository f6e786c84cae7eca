"""When today's open cases will be done: median and 90th percentile of each one's completion time, by simulation.

Each replication goes on from the same open cases with other chance. A case is done at its first solution, or at its end
if it ends unsolved or lost. Runs in which it is still open at the end are censored there; percentiles come from the
Kaplan–Meier estimate (Kaplan and Meier 1958) and do not exist beyond it. Their limits are order statistics of the
completion times, which hold whatever the distribution (Conover, Practical Nonparametric Statistics, section 3.2);
a censored time counts as longer than every other, which is so because all runs are censored at the horizon's end.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from scenarios.estimate import Estimate, checked_confidence, share_estimate
from scenarios.logs import Runs, reduce_logs
from scenarios.replications import Progress
from sim.build import Model
from sim.calendars import to_utc
from sim.codes import FIRST_INITIAL, Case, Outcome
from sim.errors import ParameterError, Problem
from sim.log import Log
from sim.units import NEVER, SECOND_US

Ints = NDArray[np.int64]
QUANTILES = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Completion:
    """A percentile of a completion time: seconds after the start, with limits; None where it lies beyond the runs."""

    seconds: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class OpenCase:
    """An open case and when it will be done.

    Attributes
    ----------
    stream : str
    number : int
        Among the open cases of its stream, from 1.
    name : str
        What the operation calls it; empty if it was not said.
    arrived, since : datetime
        Local wall time of its arrival, and of joining the step where it is.
    step : str
        Where it is.
    runs, unfinished : int
        Replications, and those in which it was still open at the end.
    lost : float
        Share of runs in which it ended otherwise than solved.
    median, p90 : Completion
    in_time : Estimate or None
        Chance that it is done by the time asked for.
    """

    stream: str
    number: int
    arrived: dt.datetime
    since: dt.datetime
    step: str
    runs: int
    unfinished: int
    lost: float
    median: Completion
    p90: Completion
    in_time: Estimate | None
    name: str = ""

    @property
    def label(self) -> str:
        """Its name, or stream and number."""
        return self.name or f"{self.stream} {self.number}"


@dataclass(frozen=True)
class Backlog:
    """Completion times of all open cases.

    Attributes
    ----------
    name : str
    start, end : datetime
        Local wall time of the scenario's start and its horizon's end.
    zone : str
    replications, asked : int
    confidence : float
    by : datetime or None
        The time asked for.
    cases : list of OpenCase
    all_done : dict of str to Completion
        Of the last of them: ``median`` and ``p90``.
    """

    name: str
    start: dt.datetime
    end: dt.datetime
    zone: str
    replications: int
    asked: int
    confidence: float
    by: dt.datetime | None
    cases: list[OpenCase]
    all_done: dict[str, Completion]
    model: Model

    def named(self, names: Mapping[tuple[str, int], str]) -> Backlog:
        """The same, with what the operation calls its cases: by stream and number."""
        cases = [replace(one, name=names.get((one.stream, one.number), "")) for one in self.cases]
        return replace(self, cases=cases)

    def wall(self, seconds: float | None) -> dt.datetime | None:
        """Local wall time of a completion."""
        return None if seconds is None else self.model.clock.wall(round(seconds * SECOND_US))

    def table(self) -> pd.DataFrame:
        """One row per case."""
        return pd.DataFrame([self._row(case) for case in self.cases])

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "time zone": self.zone,
            "replications": self.replications,
            "asked": self.asked,
            "confidence": self.confidence,
            "by": self.by and self.by.isoformat(),
            "all_done": {name: _dated(self._completion(one)) for name, one in self.all_done.items()},
            "cases": [_dated(self._row(case)) for case in self.cases],
        }

    def _row(self, case: OpenCase) -> dict[str, Any]:
        row: dict[str, Any] = {
            "stream": case.stream,
            "number": case.number,
            "case": case.name,
            "arrived": case.arrived,
            "step": case.step,
            "since": case.since,
        }
        for name, one in (("median", case.median), ("p90", case.p90)):
            row |= {f"{name}_{key}": value for key, value in self._completion(one).items()}
        row |= {"not_solved": case.lost, "runs": case.runs, "unfinished": case.unfinished}
        if case.in_time is not None:
            row |= {"in_time": case.in_time.mean, "in_time_low": case.in_time.low, "in_time_high": case.in_time.high}
        return row

    def _completion(self, one: Completion) -> dict[str, Any]:
        return {"s": one.seconds, "low_s": one.low, "high_s": one.high, "at": self.wall(one.seconds)}


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    """The same with times as ISO 8601 has them."""
    return {name: value.isoformat() if isinstance(value, dt.datetime) else value for name, value in row.items()}


def backlog(
    model: Model,
    runs: Runs,
    by: dt.datetime | None = None,
    confidence: float = 0.95,
    progress: Progress | None = None,
) -> Backlog:
    """Simulate what becomes of a scenario's open cases.

    Parameters
    ----------
    model : Model
    runs : Runs
    by : datetime, optional
        Local wall time; the chance to be done by then is given for each case.
    confidence : float
    progress : callable, optional

    Raises
    ------
    ParameterError
        If the scenario has no open cases, or ``by`` does not lie between its start and its end.
    """
    checked_confidence(confidence)
    known = open_cases(model)
    limit = None if by is None else _checked(model, by)
    runs_done = reduce_logs(model, runs, lambda log: done_at(log, known), progress, _Watch(len(known)).enough)
    times = np.array([done for done, _ in runs_done]).reshape(-1, len(known))
    solved = np.array([well for _, well in runs_done]).reshape(-1, len(known))
    clock, end = model.clock, model.frame.end_us
    return Backlog(
        name=model.scenario.name,
        start=clock.wall(0),
        end=clock.wall(end),
        zone=model.frame.zone,
        replications=len(times),
        asked=runs.replications,
        confidence=confidence,
        by=by,
        cases=[
            _case(model, one, (times[:, number], solved[:, number]), limit, confidence)
            for number, one in enumerate(known)
        ],
        all_done={_name(q): completion(times.max(axis=1), q, confidence) for q in QUANTILES} if len(times) else {},
        model=model,
    )


def _name(quantile: float) -> str:
    return "median" if quantile == 0.5 else f"p{100 * quantile:g}"


@dataclass(frozen=True, slots=True)
class Initial:
    """An open case of a network: its address, and times in microseconds since the start (at or before 0)."""

    stream: int
    case: int
    arrived: int
    since: int
    step: int


def open_cases(model: Model) -> list[Initial]:
    """The cases open at a scenario's start, by stream.

    Raises
    ------
    ParameterError
        If there are none.
    """
    network, found = model.network, []
    for stream, row in enumerate(network.streams):
        for number, place in enumerate(range(row["initial_first"], row["initial_last"])):
            one = network.initials[place]
            times = int(one["arrived"]), int(one["since"])
            found.append(Initial(stream, FIRST_INITIAL + number, *times, int(one["step"])))
    if not found:
        raise ParameterError(
            Problem(
                "no open cases",
                "demand",
                allowed="a scenario that says which cases are open at its start",
                fix="Write them as 'open cases' of a stream (docs/open-cases.md).",
            )
        )
    return found


def _checked(model: Model, by: dt.datetime) -> int:
    """A local wall time as microseconds since the start."""
    at = (to_utc(by, model.clock.zone) - model.clock.start_utc) // dt.timedelta(microseconds=1)
    if not 0 < at <= model.frame.end_us:
        start, end = model.clock.wall(0), model.clock.wall(model.frame.end_us)
        allowed = f"after {start}, up to {end}"
        raise ParameterError(Problem("outside the run", "--by", allowed=allowed, given=str(by)))
    return at


class _Watch:
    """Whether all open cases of a replication have their row: then the rest of it need not be run."""

    def __init__(self, cases: int) -> None:
        self.cases, self.seen = cases, 0

    def enough(self, log: Log) -> bool:
        """Count the rows of a chunk."""
        self.seen += int((log.cases[:, Case.CASE] >= FIRST_INITIAL).sum())
        if self.seen < self.cases:
            return False
        self.seen = 0
        return True


def done_at(log: Log, known: list[Initial]) -> tuple[Ints, NDArray[np.bool_]]:
    """When each open case was done in one log (microseconds, `NEVER`: not), and whether it was solved."""
    rows = log.cases[log.cases[:, Case.CASE] >= FIRST_INITIAL]
    ended = np.where(rows[:, Case.OUTCOME] == Outcome.OPEN, NEVER, rows[:, Case.ENDED])
    done = np.minimum(rows[:, Case.SOLVED], ended)
    place = {(int(row[Case.STREAM]), int(row[Case.CASE])): number for number, row in enumerate(rows)}
    order = [place[one.stream, one.case] for one in known]
    return done[order], (rows[:, Case.SOLVED] != NEVER)[order]


def _case(
    model: Model, one: Initial, runs: tuple[Ints, NDArray[np.bool_]], limit: int | None, confidence: float
) -> OpenCase:
    times, solved = runs
    clock, finished = model.clock, times < NEVER
    return OpenCase(
        stream=model.names.streams[one.stream],
        number=one.case - FIRST_INITIAL + 1,
        arrived=clock.wall(one.arrived),
        since=clock.wall(one.since),
        step=model.names.steps[one.step],
        runs=len(times),
        unfinished=int((~finished).sum()),
        lost=float((finished & ~solved).mean()) if len(times) else math.nan,
        median=completion(times, 0.5, confidence),
        p90=completion(times, 0.9, confidence),
        in_time=None if limit is None else share_estimate(int((times <= limit).sum()), len(times), confidence),
    )


def completion(times_us: Ints, quantile: float, confidence: float = 0.95) -> Completion:
    """A percentile of completion times, `NEVER` being censored at the horizon's end.

    All censored times are as long as can be seen, so the Kaplan–Meier curve steps down by 1 ÷ n at each completion, and
    the percentile is the first completion at which it has come down far enough. The limits are the order statistics
    whose ranks enclose the percentile's with the given confidence.
    """
    n, ordered = len(times_us), np.sort(times_us)
    if n == 0:
        return Completion(None, None, None)
    rank = math.ceil(n * quantile - 1e-9)
    tail = (1 - confidence) / 2
    below, above = int(stats.binom.ppf(tail, n, quantile)), int(stats.binom.ppf(1 - tail, n, quantile)) + 1
    return Completion(*(_at(ordered, place) for place in (rank, below, above)))


def _at(ordered: Ints, rank: int) -> float | None:
    """Order statistic of a rank from 1, in seconds; None where there is none, or it lies beyond the runs."""
    if not 1 <= rank <= len(ordered) or ordered[rank - 1] >= NEVER:
        return None
    return float(ordered[rank - 1]) / SECOND_US
