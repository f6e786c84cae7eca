"""The search for head counts: simulate, add where the target is missed, take where somebody can be spared."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scenarios.estimate import Estimate, Values
from scenarios.replications import Progress, Result, replicate
from sim.build import build
from sim.distributions import law_of
from sim.errors import ParameterError, Problem
from sim.schema import Document, Scenario
from sim.schema.daytable import WEEKDAYS, clock
from sim.schema.distribution import Distribution
from sim.theory.impatience import ImpatientQueue
from sim.units import MINUTE_US, SECOND_US, exact_duration

Key = tuple[str, str]
"""Weekday and time of day at which an interval starts."""
Heads = dict[Key, int]

_ROUNDS = 30
_CHECKS = 6
_LEVEL_STEPS = 9
_POINTS = 2000


@dataclass(frozen=True, slots=True)
class Target:
    """What service must reach.

    Attributes
    ----------
    service_level : float
        Between 0 and 1.
    within_us : int
        Acceptable wait, microseconds.
    confidence : float
        With which each interval, or the whole, must reach it (one-sided).
    overall : bool
        Whether the whole run must reach it, with the same level asked of every interval, rather than each interval.
    """

    service_level: float = 0.8
    within_us: int = 20 * SECOND_US
    confidence: float = 0.95
    overall: bool = False


@dataclass(frozen=True, slots=True)
class Demand:
    """What arrives in each interval and how the formula sees it."""

    queues: dict[Key, ImpatientQueue]
    offered: dict[Key, float]  # contacts per hour
    aht_s: float
    impatient: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """One simulation: service level of each interval and of the whole run."""

    result: Result
    table: Mapping[Key, tuple[float, float, float]]  # mean, low, high
    overall: Estimate

    def short(self, target: Target) -> list[Key]:
        """Intervals that do not surely reach the target; those without contacts do."""
        return [key for key, (_, low, _) in self.table.items() if low < target.service_level]


@dataclass
class Search:
    """A search under way; `rounds` counts its simulations.

    The target is asked of the intervals in `open_at`, those with new contacts: after closing only redials come.
    """

    document: Document
    group: str
    queue: str
    target: Target
    replications: int
    seed: int
    progress: Progress | None
    rounds: int = field(default=0)
    open_at: frozenset[Key] = field(default=frozenset())

    def run(self, document: Document, seed: int) -> Result:
        """Replications of a scenario."""

        def tell(done: int, asked: int, part: float) -> None:
            if self.progress:
                self.progress(self.rounds, _ROUNDS + _CHECKS, (done + part) / asked)

        result = replicate(build(document.scenario), self.replications, seed, progress=tell)
        if not result.complete:
            raise KeyboardInterrupt  # half a search has no answer
        self.rounds += 1
        return result

    def measure(self) -> Demand:
        """Contacts and handling time where nobody waits."""
        people = 64
        while True:
            data = self.with_people(people).data
            result = self.run(self.document.with_data({**data, "warm-up": "0 s"}), self.seed)
            wait = result.estimate("mean_wait").mean
            if wait is None:
                raise ParameterError(Problem("nothing arrives, so nobody is needed", fix="Check the demand."))
            if wait == 0:
                break
            people *= 4
        aht_s = float(result.estimate("aht").mean or 0.0)
        patience = patience_of(self.document.scenario, result)
        offered = offered_per_hour(result)
        self.open_at = frozenset(key for key, number in offered.items() if number > 0)
        per_s = {key: number / 3600 for key, number in offered.items()}
        within_s, formula = self.target.within_us / SECOND_US, result.frame.formula[0]
        queues = {key: ImpatientQueue(rate, aht_s, within_s, patience, formula) for key, rate in per_s.items()}
        return Demand(queues, offered, aht_s, bool(np.isfinite(patience).any()))

    def with_people(self, heads: Heads | int) -> Document:
        """The scenario with head counts and the target's service level."""
        scenario = self.document.scenario
        data = copy.deepcopy(self.document.data)
        group = {key: value for key, value in data["people"][self.group].items() if key not in ("agents", "shifts")}
        group["agents"] = heads if isinstance(heads, int) else head_table(heads, scenario.interval // MINUTE_US)
        data["people"] = {self.group: group}
        routing = scenario.routing.get(self.queue)
        level = (routing.service_level if routing else None) or scenario.service_level
        own = dict((data.get("routing") or {}).get(self.queue) or {})
        own["service level"] = {
            "within": exact_duration(self.target.within_us),
            "formula": level.formula,
            "goal": self.target.service_level,
        }
        data["routing"] = {self.queue: own}
        return self.document.with_data(data)

    def trial(self, heads: Heads, seed: int | None = None) -> Trial:
        """Simulate head counts; limits are one-sided at the target's confidence."""
        result = self.run(self.with_people(heads), self.seed if seed is None else seed)
        two_sided = 2 * self.target.confidence - 1
        found = result.by_time_of_day("service_level", confidence=two_sided)
        rows = zip(found["weekday"], found["time"], found["mean"], found["low"], found["high"], strict=True)
        table = {
            (day, time): (mean, low, high)
            for day, time, mean, low, high in rows
            if (day, time) in self.open_at and not math.isnan(mean)
        }
        return Trial(result, table, result.estimate("service_level", confidence=two_sided))

    def by_interval(self, guess: Heads) -> Heads:
        """Raise what falls short, then lower what can spare somebody."""
        heads = self.raised(dict(guess))
        settled = {key for key, people in heads.items() if people == 0}
        side = 0
        while self.rounds < _ROUNDS and len(settled) < len(heads):
            spare = [key for key in heads if key not in settled][side % 2 :: 2]
            side += 1
            lower = {key: people - (key in spare) for key, people in heads.items()}
            heads = self.restored(lower, set(spare), settled)
        return self.raised(heads)

    def raised(self, heads: Heads) -> Heads:
        """One more person wherever the target is missed, until it is missed nowhere."""
        while self.rounds < _ROUNDS and (short := self.trial(heads).short(self.target)):
            heads = {key: people + (key in short) for key, people in heads.items()}
        return heads

    def restored(self, lower: Heads, spare: set[Key], settled: set[Key]) -> Heads:
        """Give back whom an interval, or the one after it, cannot spare, and settle those; others may fall further."""
        keys = list(lower)
        short = self.trial(lower).short(self.target)
        for key in short:
            before = keys[keys.index(key) - 1]
            for place in (key, before):
                if place in spare:
                    lower[place] += 1
                    spare.remove(place)
                    settled.add(place)
                    break
        settled |= {key for key in spare if lower[key] == 0}
        return lower

    def by_level(self, demand: Demand) -> Heads:
        """The least level which, asked of every interval by formula, makes the whole run reach the target."""
        low, high = 0.0, 1 - 1e-4
        best = {key: one.people_for(high) for key, one in demand.queues.items()}
        for _ in range(_LEVEL_STEPS):
            middle = (low + high) / 2
            heads = {key: one.people_for(middle) for key, one in demand.queues.items()}
            enough = heads == best or self.reaches(self.trial(heads))
            low, high, best = (low, middle, heads) if enough else (middle, high, best)
        return best

    def reaches(self, trial: Trial) -> bool:
        """Whether the whole run surely reaches the target."""
        return trial.overall.low is not None and trial.overall.low >= self.target.service_level

    def check(self, heads: Heads) -> tuple[Heads, Trial]:
        """Try the answer under other chance than it was found with, and add people where it does not hold there."""
        for number in range(_CHECKS):
            trial = self.trial(heads, self.seed + 1)
            short = [] if self.target.overall and self.reaches(trial) else trial.short(self.target)
            if not short or number == _CHECKS - 1:
                break
            if self.target.overall:
                short = sorted(short, key=lambda key: trial.table[key][0])[: max(len(short) // 10, 1)]
            heads = {key: people + (key in short) for key, people in heads.items()}
        return heads, trial


def offered_per_hour(result: Result, metric: str = "offered") -> dict[Key, float]:
    """Contacts per hour, or another count; wall times off the grid, after a change of clocks, are left out."""
    table = result.by_time_of_day(metric)
    minutes = result.frame.interval_us // MINUTE_US
    first = _minute(f"{result.frame.wall_starts()[0]}"[11:16])
    keys = zip(table["weekday"], table["time"], strict=True)
    per_hour = table["mean"] * 60 / minutes
    return {key: float(n) for key, n in zip(keys, per_hour, strict=True) if (_minute(key[1]) - first) % minutes == 0}


def _minute(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:5])


def patience_of(scenario: Scenario, result: Result) -> Values:
    """Equally likely patiences (seconds, sorted) of all streams in proportion to their cases; empty without any."""
    cases = {name: one["cases"].mean or 0.0 for name, one in result.by_stream().items()}
    whole = sum(cases.values())
    found = []
    for name, stream in scenario.demand.items():
        step = next((step for step in scenario.expanded.process[stream.type].values() if step.work), None)
        spec = step.patience if step is not None and step.patience is not None else stream.patience
        points = round(_POINTS * cases[name] / whole)
        if not isinstance(spec, Distribution):
            found.append(np.full(points, math.inf))
        else:
            found.append(_midpoints(spec, points))
    values = np.sort(np.concatenate(found))
    return values if np.isfinite(values).any() else np.zeros(0)


def _midpoints(spec: Distribution, points: int) -> Values:
    shares = (np.arange(points) + 0.5) / max(points, 1)
    values = np.full(points, math.inf)
    for piece in law_of(spec):
        inside = (shares >= piece.start) & (shares < piece.end)
        values[inside] = piece.at(shares[inside], 1 - shares[inside])
    return values


def head_table(heads: Heads, minutes: int) -> dict[str, Any]:
    """Head counts as a scenario file has them; intervals that follow each other with the same number are one."""
    table: dict[str, Any] = {}
    for day in WEEKDAYS:
        hours: list[list[int]] = []
        for time, people in ((_minute(time), people) for (one, time), people in heads.items() if one == day):
            if hours and hours[-1][1] == time and hours[-1][2] == people:
                hours[-1][1] = time + minutes
            else:
                hours.append([time, time + minutes, people])
        table[day] = {f"{clock(a)}-{clock(b)}": people for a, b, people in hours if people} or 0
    return table
