"""Numbers of one month of one variant, as functions of its run. They are objects, so that worker processes get them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.build import Model
from sim.codes import CASE_BITS, FIRST_INITIAL, FIRST_SPAWNED, Case, Ending, Outcome, Visit
from sim.log import Log
from sim.metrics import Totals, find, owner, value
from sim.metrics.service import Calendar
from sim.units import DAY_US, HOUR_US, NEVER

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Run:
    """One month of one variant: what a measure may look at."""

    model: Model
    totals: Totals
    log: Log

    def cases(self, processes: tuple[str, ...]) -> Ints:
        """Rows of the measured cases of some processes."""
        wanted = [stream.type in processes for stream in self.model.scenario.demand.values()]
        rows = self.log.cases
        window = self.model.frame
        arrived = rows[:, Case.ARRIVED]
        inside = (arrived >= window.warm_up_us) & (arrived < window.end_us)
        known = (rows[:, Case.OUTCOME] != Outcome.GONE) & (rows[:, Case.CASE] < FIRST_INITIAL)
        return rows[np.array(wanted)[rows[:, Case.STREAM]] & inside & known]

    def visits(self, pattern: str) -> Ints:
        """Rows of visits to the steps whose name fits."""
        fits = [bool(re.fullmatch(pattern, name)) for name in self.model.names.steps]
        rows = self.log.visits
        return rows[np.array(fits)[rows[:, Visit.STEP]] & (rows[:, Visit.ENDING] != Ending.HANDING)]


def _keys(rows: Ints, stream: int, case: int) -> Ints:
    found: Ints = rows[:, stream] << CASE_BITS | rows[:, case]
    return found


def _ratio(above: float, below: float) -> float:
    return above / below if below else math.nan


@dataclass(frozen=True, slots=True)
class OfMetric:
    """A metric of the registry, of everything or of one queue, stream, tier ... by its name."""

    metric: str
    of: str | None = None

    def __call__(self, run: Run) -> float:
        """The metric's number, as the registry has it."""
        known = find(self.metric)
        return value(known, run.totals, owner(run.totals.frame, known, self.of))


@dataclass(frozen=True, slots=True)
class Response:
    """Mean time (s) from the first contact to the first reply by a person, of some processes' cases that had one."""

    processes: tuple[str, ...]

    def __call__(self, run: Run) -> float:
        """The mean."""
        rows = run.cases(self.processes)
        rows = rows[rows[:, Case.FIRST_RESPONSE] != NEVER]
        waits = rows[:, Case.FIRST_RESPONSE] - rows[:, Case.ARRIVED]
        return float(waits.mean()) / 1e6 if len(rows) else math.nan


@dataclass(frozen=True, slots=True)
class Answer:
    """Mean wait (s) of contacts at some steps from asking for a person until one answers."""

    steps: str

    def __call__(self, run: Run) -> float:
        """The mean, over contacts that began after the warm-up and were answered."""
        rows = run.visits(self.steps)
        rows = rows[(rows[:, Visit.ENQUEUED] >= run.model.frame.warm_up_us) & (rows[:, Visit.STARTED] != NEVER)]
        waits = rows[:, Visit.STARTED] - rows[:, Visit.ENQUEUED]
        return float(waits.mean()) / 1e6 if len(rows) else math.nan


@dataclass(frozen=True, slots=True)
class HandOvers:
    """Mean hand-overs of the cases that came to some steps (``at``) and not to others (``without``)."""

    processes: tuple[str, ...]
    at: str
    without: str

    def __call__(self, run: Run) -> float:
        """The mean."""
        rows = run.cases(self.processes)
        keys = _keys(rows, Case.STREAM, Case.CASE)
        chosen, out = (_keys(run.visits(steps), Visit.STREAM, Visit.CASE) for steps in (self.at, self.without))
        over = rows[np.isin(keys, chosen) & ~np.isin(keys, out), Case.HANDOVERS]
        return float(over.mean()) if len(over) else math.nan


@dataclass(frozen=True, slots=True)
class Spent:
    """Mean time (h) that a case spends at some steps, all its visits together, while a calendar is open.

    Cases count that came there after the warm-up and a week or more before the end, so that long times are not missed.
    """

    steps: str
    calendar: str
    left_us: int = 7 * DAY_US

    def __call__(self, run: Run) -> float:
        """The mean."""
        rows = run.visits(self.steps)
        if not len(rows):
            return math.nan
        _, of = np.unique(_keys(rows, Visit.STREAM, Visit.CASE), return_inverse=True)
        begun, ended = np.full(of.max() + 1, NEVER), np.zeros(of.max() + 1, np.int64)
        np.minimum.at(begun, of, rows[:, Visit.ENQUEUED])
        np.maximum.at(ended, of, rows[:, Visit.ENDED])
        window, opened = run.model.frame, _calendar(run.model, self.calendar)
        spent = opened.opened_us(rows[:, Visit.ENDED]) - opened.opened_us(rows[:, Visit.ENQUEUED])
        counted = (begun >= window.warm_up_us) & (begun < window.end_us - self.left_us) & (ended < NEVER)
        return _ratio(float(np.bincount(of, spent)[counted].sum()) / HOUR_US, float(counted.sum()))


def _calendar(model: Model, name: str) -> Calendar:
    row = model.network.calendars[list(model.scenario.calendars).index(name)]
    part = model.network.openings[row["first"] : row["last"]]
    return Calendar(part["begin"].copy(), part["end"].copy(), part["before"].copy())


@dataclass(frozen=True, slots=True)
class WithoutPerson:
    """Share of some processes' cases that ended solved without a person, in some channels."""

    processes: tuple[str, ...]
    channels: tuple[str, ...]

    def __call__(self, run: Run) -> float:
        """The share."""
        rows = run.cases(self.processes)
        streams = run.model.scenario.demand.values()
        rows = rows[np.array([stream.channel in self.channels for stream in streams])[rows[:, Case.STREAM]]]
        over = rows[:, Case.OUTCOME] != Outcome.OPEN
        alone = (rows[:, Case.OUTCOME] == Outcome.SOLVED) & (rows[:, Case.FIRST_RESPONSE] == NEVER)
        return _ratio(float(alone.sum()), float(over.sum()))


@dataclass(frozen=True, slots=True)
class FirstAttempt:
    """Share of some processes' cases that were solved at the first attempt: solved, and not back within a time."""

    processes: tuple[str, ...]
    within_us: int = 7 * DAY_US

    def __call__(self, run: Run) -> float:
        """The share, of cases that first ended at least that time before the run did."""
        rows = run.cases(self.processes)
        first = np.minimum(rows[:, Case.SOLVED], rows[:, Case.ENDED])
        rows = rows[first < run.model.frame.end_us - self.within_us]
        return _ratio(float(_solved_at_once(rows).sum()), float(len(rows)))


def _solved_at_once(rows: Ints) -> Mask:
    found: Mask = (rows[:, Case.SOLVED] != NEVER) & (rows[:, Case.REOPENED] == 0)
    return found


@dataclass(frozen=True, slots=True)
class Caused:
    """Share of some processes' cases that other cases gave rise to; ``by``: only at these steps, among those."""

    processes: tuple[str, ...]
    by: str = ""

    def __call__(self, run: Run) -> float:
        """The share."""
        rows = run.cases(self.processes)
        spawned = rows[rows[:, Case.CASE] >= FIRST_SPAWNED]
        if not self.by:
            return _ratio(float(len(spawned)), float(len(rows)))
        steps = run.model.network.steps
        named = [n for n, name in enumerate(run.model.names.steps) if re.fullmatch(self.by, name)]
        places = {int(steps["spawn_place"][n]) for n in named}
        width = max(int(steps["spawn_width"].max()), 1)
        place = (spawned[:, Case.CASE] - FIRST_SPAWNED) % width
        return _ratio(float(np.isin(place, list(places)).sum()), float(len(spawned)))


@dataclass(frozen=True, slots=True)
class PerMonth:
    """Cases of some processes, per month of 30 days."""

    processes: tuple[str, ...]

    def __call__(self, run: Run) -> float:
        """The number."""
        window = run.model.frame
        return len(run.cases(self.processes)) * 30 * DAY_US / (window.end_us - window.warm_up_us)
