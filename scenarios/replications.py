"""Independent replications of a scenario, reduced to sums as they run, and the estimates from them."""

from __future__ import annotations

import importlib.metadata
import signal
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from zoneinfo import TZPATH

import numpy as np
import pandas as pd

from scenarios.estimate import Estimate, Linear, Values, checked_confidence, estimate_of, limits, linear, share_estimate
from sim.build import Model
from sim.errors import ParameterError, Problem
from sim.metrics import Frame, Metric, RunSums, Totals, find, metrics_of, owner, owners, parts, value
from sim.metrics.periods import Length, periods_met
from sim.metrics.registry import OWNER
from sim.metrics.scorecard import Score, scores
from sim.metrics.service import TARGETS
from sim.run import Engine, chunks
from sim.schema.daytable import WEEKDAYS

Progress = Callable[[int, int, float], None]
"""Called with (replications done, replications asked for, part of the present one that is done)."""
Stop = Callable[[], bool]
Each = Callable[[int, Totals], None]
"""Called with the number and the sums of each replication as it finishes, in whatever order that is."""
Finished = Generator[tuple[int, Totals], None, None]

_SPREAD = (0.05, 0.95)
_POLL_S = 0.2


@dataclass(frozen=True)
class Result:
    """What replications of one scenario gave.

    Attributes
    ----------
    name : str
        The scenario's name.
    frame : Frame
        Names, window and intervals behind the sums.
    totals : list of Totals
        One per finished replication, in the order of their numbers.
    replications : tuple of int
        Numbers of the finished replications.
    asked : int
        How many were asked for.
    seed : int
    engine : str
    elapsed_s : float
    versions : dict of str to str
        Versions of what decides the numbers.
    first_agents : tuple of int
        Number of each group's first agent in the log.
    """

    name: str
    frame: Frame
    totals: list[Totals]
    replications: tuple[int, ...]
    asked: int
    seed: int
    engine: str
    elapsed_s: float
    versions: dict[str, str]
    first_agents: tuple[int, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every replication asked for has finished."""
        return len(self.totals) == self.asked

    def linear(self, metric: Metric, of: int | None = None) -> Linear:
        """A metric over the whole run (one point), with each replication's residual."""
        if not self.totals:
            return linear(np.empty((0, 1)), np.empty((0, 1)))
        column = [0 if of is None else 1 + of]
        above, below = self._sums.of(metric)
        return linear(above[:, column], below[:, column])

    @cached_property
    def _sums(self) -> RunSums:
        return RunSums(self.totals)

    def estimate(
        self,
        metric: str,
        *,
        queue: str | None = None,
        group: str | None = None,
        stream: str | None = None,
        tier: str | None = None,
        cost_line: str | None = None,
        confidence: float = 0.95,
    ) -> Estimate:
        """One metric, over all or for one queue, group, stream, tier or cost line.

        Raises
        ------
        ParameterError
            If there is no such metric, queue, group ..., or if the metric is not one of that kind of thing.
        """
        known = find(metric)
        given = {"queue": queue, "group": group, "stream": stream, "tier": tier, "cost line": cost_line}
        by = OWNER[known.scope]
        name = given.pop(by)
        for kind, other in given.items():
            if other is not None:
                what = f"{metric} is counted by {by}, not by {kind}"
                raise ParameterError(Problem(what, allowed=by, given=other))
        of = owner(self.frame, known, name)
        return estimate_of(known, self.linear(known, of), checked_confidence(confidence))

    def estimates(self, confidence: float = 0.95) -> dict[str, Estimate]:
        """Every metric that says something about the scenario, over all queues, groups and streams."""
        return {metric.name: self.estimate(metric.name, confidence=confidence) for metric in metrics_of(self.frame)}

    def by_queue(self, confidence: float = 0.95) -> dict[str, dict[str, Estimate]]:
        """Queue metrics: from the queue's name to the metric's name to its estimate."""
        return self.by("queue", confidence)

    def by_group(self, confidence: float = 0.95) -> dict[str, dict[str, Estimate]]:
        """Group metrics, as in `by_queue`."""
        return self.by("group", confidence)

    def by_stream(self, confidence: float = 0.95) -> dict[str, dict[str, Estimate]]:
        """Case metrics, as in `by_queue`."""
        return self.by("stream", confidence)

    def owners(self, kind: str) -> tuple[str, ...]:
        """Names of the queues, groups, streams, tiers or cost lines."""
        return next(owners(self.frame, scope) for scope, by in OWNER.items() if by == kind)

    def by_interval(self, metric: str, of: str | None = None, confidence: float = 0.95) -> pd.DataFrame:
        """One metric by interval, from the end of the warm-up on.

        Parameters
        ----------
        metric : str
            A count or a ratio; percentiles, and what needs all of a run, exist for whole runs only.
        of : str, optional
            Queue, group or stream; all together unless given.

        Returns
        -------
        DataFrame
            ``start`` (local wall time), ``start_us`` (microseconds since the start), ``mean`` with its confidence
            limits ``low`` and ``high``, and ``spread_low`` and ``spread_high``: 5th and 95th percentile of the
            replications' own values, how far single runs differ.
        """
        known, above, below = self._columns(metric, of)
        shown = self.frame.lengths_us() > 0
        if not known.under:
            below = np.ones_like(below)
        labels = {"start": self.frame.wall_starts()[shown], "start_us": self.frame.starts_us()[shown]}
        return _bands(known, labels, above[:, shown], below[:, shown], confidence)

    def by_time_of_day(
        self, metric: str, of: str | None = None, *, weekdays: bool = True, confidence: float = 0.95
    ) -> pd.DataFrame:
        """One metric by weekday and local time of day, all weeks of a run together; a count is per interval.

        Parameters
        ----------
        metric, of
            As in `by_interval`.
        weekdays : bool
            Whether weekdays stand apart or together.

        Returns
        -------
        DataFrame
            ``weekday`` (mon ... sun, unless together), ``time`` (HH:MM), and mean, low, high, spread_low, spread_high.
        """
        known, above, below = self._columns(metric, of)
        shown = self.frame.lengths_us() > 0
        starts = self.frame.wall_starts()[shown]
        days = starts.astype("datetime64[D]")
        minutes = (starts - days).astype("timedelta64[m]").astype(np.int64)
        weekday = (days.astype(np.int64) + 3) % 7 if weekdays else np.zeros_like(minutes)
        keys, member = np.unique(weekday * 10_000 + minutes, return_inverse=True)
        labels = {"weekday": [WEEKDAYS[key // 10_000] for key in keys]} if weekdays else {}
        labels["time"] = [f"{key % 10_000 // 60:02d}:{key % 10_000 % 60:02d}" for key in keys]
        pooled = [_pool(columns[:, shown], member, len(keys)) for columns in (above, below)]
        return _bands(known, labels, pooled[0], pooled[1], confidence)

    def goals(self, confidence: float = 0.95) -> dict[str, Estimate]:
        """Chance that a single run meets each goal of queues and tiers; the mean may meet it and runs may not."""
        return {
            name: self._chance(metric, number, goal, confidence) for name, metric, number, goal in goals_of(self.frame)
        }

    def _chance(self, metric: Metric, number: int, goal: float, confidence: float) -> Estimate:
        levels = [value(metric, one, number) for one in self.totals]
        counted = [level for level in levels if level == level]  # NaN: a run in which nothing was counted
        return share_estimate(sum(level >= goal for level in counted), len(counted), confidence)

    def scorecard(self) -> list[Score]:
        """Weighted scores of teams, channels and agents, over all replications; empty without a scorecard."""
        return scores(self.totals, self.first_agents) if self.totals else []

    def periods(self, metric: str, of: str | None, goal: float, length: Length = "month") -> Estimate:
        """Share of whole days, weeks or months of single runs in which a ratio meets a goal.

        "This month meets" is another thing than "the mean meets". Parts of a period at either end do not count, nor do
        periods in which nothing was counted. The interval takes periods as independent.

        Parameters
        ----------
        metric, of
            As in `by_interval`.
        goal : float
            The least value that meets it, or the greatest where lower is better.
        length : {"day", "week", "month"}
        """
        known = find(metric)
        number = owner(self.frame, known, of)
        each = [periods_met(known, one, goal, length, number) for one in self.totals]
        return share_estimate(sum(met for met, _ in each), sum(counted for _, counted in each), 0.95)

    def by(self, kind: str, confidence: float = 0.95) -> dict[str, dict[str, Estimate]]:
        """Metrics of each queue, group, stream, tier or cost line: from its name to the metric's to its estimate."""
        checked_confidence(confidence)
        chosen = [metric for metric in metrics_of(self.frame) if OWNER[metric.scope] == kind]
        return {
            name: {metric.name: estimate_of(metric, self.linear(metric, number), confidence) for metric in chosen}
            for number, name in enumerate(self.owners(kind))
        }

    def _columns(self, name: str, of: str | None) -> tuple[Metric, Values, Values]:
        """Sums above and below the line (replications x intervals)."""
        metric = find(name)
        if not metric.by_interval:
            allowed = ", ".join(
                other.name for other in metrics_of(self.frame) if other.scope == metric.scope and other.by_interval
            )
            raise ParameterError(Problem(f"{name} exists for whole runs only", allowed=allowed, given=name))
        number = owner(self.frame, metric, of)
        both = np.array([parts(metric, one, number) for one in self.totals])
        both = both.reshape(-1, 2, self.frame.intervals + 1)[:, :, :-1]
        return metric, both[:, 0], both[:, 1]


def goals_of(frame: Frame) -> Iterator[tuple[str, Metric, int, float]]:
    """Every goal of the scenario: its name, the metric, the number of the queue or tier, the share aimed at."""
    for number, (name, goal) in enumerate(zip(frame.queues, frame.goal, strict=True)):
        if goal is not None:
            yield name, find("service_level"), number, goal
    for number, tier in enumerate(frame.service.tiers if frame.service else ()):
        for target, limit_us in zip(TARGETS, tier.limits_us, strict=True):
            if tier.goal is not None and limit_us is not None:
                yield f"{tier.name}: {target}", find(f"{target}_attainment"), number, tier.goal


def _pool(columns: Values, member: np.ndarray, number: int) -> Values:
    pooled = np.zeros((number, len(columns)))
    np.add.at(pooled, member, columns.T)
    return pooled.T


def _bands(metric: Metric, labels: dict, above: Values, below: Values, confidence: float) -> pd.DataFrame:
    found = linear(above, below)
    low, high = limits(metric, found, checked_confidence(confidence))
    with np.errstate(invalid="ignore", divide="ignore"):
        runs = pd.DataFrame(np.where(below > 0, above / below, np.nan))
    spread = runs.quantile(list(_SPREAD)).to_numpy()
    bands = {"mean": found.mean, "low": low, "high": high, "spread_low": spread[0], "spread_high": spread[1]}
    return pd.DataFrame({**labels, **bands})


def replicate(
    model: Model,
    replications: int = 20,
    seed: int = 1,
    engine: Engine = "kernel",
    *,
    workers: int = 1,
    progress: Progress | None = None,
    stop: Stop | None = None,
    each: Each | None = None,
) -> Result:
    """Run replications 0, 1, ... of a model and keep their sums; rows of a log are dropped once counted.

    Parameters
    ----------
    model : Model
    replications : int
        At least 1.
    seed : int
        Results of the same seed have the same customers, replication by replication, and can be compared in pairs.
    engine : {"kernel", "reference"}
    workers : int
        Processes; 1 runs in this one.
    progress : callable, optional
        Called with replications done, replications asked for, and the part done of the present one.
    stop : callable, optional
        Asked often; once true, what is finished is returned. An interrupt from the keyboard does the same.
    each : callable, optional
        Called with each replication's number and sums as it finishes.

    Raises
    ------
    ParameterError
        If a number of replications or workers is below 1.
    """
    for what, number in (("replications", replications), ("workers", workers)):
        if number < 1:
            raise ParameterError(Problem(f"no {what}", allowed="1 or more", given=str(number)))
    task = _Task(model, seed, engine)
    reports = _Reports(replications, progress, stop)
    begun = time.perf_counter()
    found: dict[int, Totals] = {}
    run = _here(task, reports) if workers == 1 else _elsewhere(task, reports, min(workers, replications))
    try:
        for number, totals in run:
            found[number] = totals
            if each:
                each(number, totals)
            reports.show(len(found), 0.0)
    except KeyboardInterrupt:
        pass
    finally:
        run.close()
    numbers = tuple(sorted(found))
    return Result(
        name=model.scenario.name,
        frame=model.frame,
        totals=[found[number] for number in numbers],
        replications=numbers,
        asked=replications,
        seed=seed,
        engine=engine,
        elapsed_s=time.perf_counter() - begun,
        versions=versions(),
        first_agents=first_agents(model),
    )


def first_agents(model: Model) -> tuple[int, ...]:
    """Number of each group's first agent in the log."""
    return tuple(model.network.groups["agent_first"].tolist())


@dataclass(frozen=True, slots=True)
class _Task:
    model: Model
    seed: int
    engine: Engine

    def run(self, number: int, keep_on: Callable[[float], bool]) -> Totals | None:
        """Sums of one replication; None if told to stop before its end."""
        totals = self.model.totals(self.seed, number)
        for reached_us, log in chunks(self.model, self.seed, number, self.engine, lend=True):
            totals.add(log, reached_us)
            if not keep_on(min(reached_us / self.model.frame.end_us, 1.0)):
                return None
        return totals


@dataclass(frozen=True, slots=True)
class _Reports:
    asked: int
    progress: Progress | None
    stop: Stop | None

    def show(self, done: int, part: float) -> None:
        if self.progress:
            self.progress(done, self.asked, part)

    def stopped(self) -> bool:
        return bool(self.stop and self.stop())


def _here(task: _Task, reports: _Reports) -> Finished:
    for number in range(reports.asked):

        def keep_on(part: float, number: int = number) -> bool:
            reports.show(number, part)
            return not reports.stopped()

        totals = None if reports.stopped() else task.run(number, keep_on)
        if totals is None:
            return
        yield number, totals


_task: _Task
_halt: Event


def _enter(task: _Task, halt: Event) -> None:
    """Prepare a worker: it is given the model once, and leaves interrupts to the process that started it."""
    global _task, _halt
    _task, _halt = task, halt
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _work(number: int) -> tuple[int, Totals | None]:
    return number, _task.run(number, lambda part: not _halt.is_set())


def _elsewhere(task: _Task, reports: _Reports, workers: int) -> Finished:
    task.run(0, lambda part: False)  # compiles the kernel once, into the cache that the workers read
    context = get_context("spawn")
    halt = context.Event()
    with ProcessPoolExecutor(workers, context, initializer=_enter, initargs=(task, halt)) as pool:
        try:
            waiting = {pool.submit(_work, number) for number in range(reports.asked)}
            while waiting and not reports.stopped():
                done, waiting = wait(waiting, _POLL_S, FIRST_COMPLETED)
                yield from _finished(done)
        finally:
            halt.set()
            pool.shutdown(wait=True, cancel_futures=True)


def _finished(done: set[Future[tuple[int, Totals | None]]]) -> Iterator[tuple[int, Totals]]:
    for future in done:
        number, totals = future.result()
        if totals is not None:
            yield number, totals


def versions() -> dict[str, str]:
    """Versions of what decides the numbers of a run."""
    found = {}
    for package in ("queuewise", "numpy", "scipy", "numba", "simpy", "holidays"):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {**found, "tzdata": _zones_version()}


def _zones_version() -> str:
    """Version of the time zones in use: the system's if it has them, else the package's."""
    for folder in TZPATH:
        file = Path(folder, "tzdata.zi")
        if file.exists():
            with file.open(encoding="utf-8") as lines:
                return lines.readline().removeprefix("# version").strip()
        if Path(folder).is_dir():
            return "system"
    return importlib.metadata.version("tzdata")
