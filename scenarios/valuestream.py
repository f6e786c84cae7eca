"""Value-stream map of a scenario: what happens to a case, how long it takes, and how much of that adds value.

A case's lead time runs from its arrival to its end. Every instant of it is one of: worked on, waiting for people,
delayed, or apart (between two attempts, or before it came back). Where branches of a fork run side by side, the first
of these that holds for any of them counts, so that the parts add up to the lead time exactly. Process-cycle
efficiency is the part of the lead time in which somebody does what adds value (Rother and Shook, Learning to See,
1999; George, Lean Six Sigma, 2002). Work that goes on after the customer's part (wrap) is touch time of the step; the
case has gone on by then. Counted are cases that arrived after the warm-up and have ended; how many have not is said
beside it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scenarios.estimate import Estimate, linear
from scenarios.logs import Runs, reduce_logs
from scenarios.replications import Progress
from sim.build import Model
from sim.codes import Case, Ending, Flag, Outcome, Visit
from sim.log import Log
from sim.schema.model import Scenario
from sim.units import NEVER, SECOND_US

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Value = Literal["adds", "necessary", "none"]
VALUES: tuple[Value, ...] = ("adds", "necessary", "none")
VALUE_WORDS: dict[Value, str] = {"adds": "adds value", "necessary": "necessary", "none": "adds no value"}

_CLOSED = (Outcome.SOLVED, Outcome.UNSOLVED, Outcome.ABANDONED, Outcome.BLOCKED)
_LOST = (Ending.ABANDONED, Ending.BLOCKED, Ending.BALKED, Ending.UNANSWERED)


class Part(IntEnum):
    """What an instant of a case's lead time is; of several at once the first counts."""

    ADDS = 0
    NECESSARY = 1
    OTHER = 2  # worked on, without adding value
    WAIT = 3
    DELAY = 4
    APART = 5  # nothing: between two attempts, or ended for the time being


PARTS = {
    Part.ADDS: "work that adds value",
    Part.NECESSARY: "necessary work",
    Part.OTHER: "work that adds no value",
    Part.WAIT: "waiting for people",
    Part.DELAY: "delayed",
    Part.APART: "between attempts, or ended for the time being",
}


class Mark(IntEnum):
    """Places of the map that are no steps; they are numbered after the steps."""

    ARRIVES = 0
    TRIES_AGAIN = 1
    COMES_BACK = 2
    ASKS = 3
    SOLVED = 4
    UNSOLVED = 5
    GAVE_UP = 6
    TURNED_AWAY = 7


MARKS = {
    Mark.ARRIVES: "arrives",
    Mark.TRIES_AGAIN: "tries again",
    Mark.COMES_BACK: "comes back",
    Mark.ASKS: "asks where it stands",
    Mark.SOLVED: "solved",
    Mark.UNSOLVED: "unsolved",
    Mark.GAVE_UP: "gave up",
    Mark.TURNED_AWAY: "turned away",
}
_END_MARK = {
    Outcome.SOLVED: Mark.SOLVED,
    Outcome.UNSOLVED: Mark.UNSOLVED,
    Outcome.ABANDONED: Mark.GAVE_UP,
    Outcome.BLOCKED: Mark.TURNED_AWAY,
}


@dataclass(frozen=True, slots=True)
class Outline:
    """What a map needs to know of a scenario.

    Attributes
    ----------
    processes : tuple of str
    process_of_stream : tuple of int
    steps : tuple of str
        Names of the map's steps.
    step_of : tuple of int
        For each step of the log, the map's: streams may go through copies of a process, whose steps have one name.
    values : tuple of {"adds", "necessary", "none"}
        Of each step.
    works : tuple of bool
        Whether people work at a step, or a case is only delayed there.
    chasing : tuple of bool
        Steps of chasing contacts.
    warm_up_us : int
    """

    processes: tuple[str, ...]
    process_of_stream: tuple[int, ...]
    steps: tuple[str, ...]
    values: tuple[Value, ...]
    works: tuple[bool, ...]
    chasing: tuple[bool, ...]
    step_of: tuple[int, ...]
    warm_up_us: int = 0

    def node(self, number: int) -> str:
        """Name of a step or mark."""
        return self.steps[number] if number < len(self.steps) else MARKS[Mark(number - len(self.steps))]


# --- sums of one replication -----------------------------------------------------------------------------------------

STEP_SUMS = (
    *("cases", "once", "visits", "served", "lost", "unsolved"),
    *("touch_us", "wait_us", "delay_us", "line_us"),
)
"""By process and step: cases that came by and those that did once only; visits, served ones, lost ones, ones that the
agent could not solve; time of people's work, of waiting, of delay, and work in the customer's presence."""


@dataclass(frozen=True)
class Sums:
    """Counts and microseconds of one replication.

    Attributes
    ----------
    steps : dict of str to int array (processes x steps)
        By the names of `STEP_SUMS`.
    closed, left_open, lead_us, right : int arrays (processes)
        Cases that ended and that did not, lead times, and cases that were nowhere twice.
    parts_us : int array (processes x len(Part))
    moves : Counter of (process, from, to)
        Steps by number, marks after them.
    """

    steps: dict[str, Ints]
    closed: Ints
    left_open: Ints
    lead_us: Ints
    right: Ints
    parts_us: Ints
    moves: Counter[tuple[int, int, int]]


@dataclass(frozen=True)
class _Rows:
    """Visits of closed cases in the order of case, strand and visit, with the number of their case."""

    outline: Outline
    cases: Ints
    visits: Ints
    case: Ints
    process: Ints

    def column(self, column: Visit) -> Ints:
        return self.visits[:, column]

    @cached_property
    def resumed(self) -> Flags:
        return (self.visits[:, Visit.FLAGS] & Flag.RESUMED) != 0

    @cached_property
    def began(self) -> Flags:
        return (self.visits[:, Visit.STARTED] != NEVER) & (self.visits[:, Visit.QUEUE] >= 0)

    @cached_property
    def forked(self) -> Flags:
        """Which cases have branches of a fork."""
        found = np.zeros(len(self.cases), bool)
        found[self.case[(self.visits[:, Visit.STRAND] > 0) & ~self.chasing]] = True
        return found

    @cached_property
    def chasing(self) -> Flags:
        of_chase = np.array(self.outline.chasing, bool)[self.visits[:, Visit.STEP]]
        return of_chase & (self.visits[:, Visit.STRAND] > 0)


def tally(log: Log, outline: Outline) -> Sums:
    """Sums of one log."""
    counted = log.cases[log.cases[:, Case.ARRIVED] >= outline.warm_up_us]
    counted = counted[counted[:, Case.OUTCOME] != Outcome.GONE]
    process = np.array(outline.process_of_stream, np.int64)
    number = len(outline.processes)
    closed = np.isin(counted[:, Case.OUTCOME], _CLOSED)
    left_open = np.bincount(process[counted[~closed, Case.STREAM]], minlength=number)
    rows = _rows(log, counted[closed], outline, process)
    of_case = process[rows.cases[:, Case.STREAM]]
    lead = rows.cases[:, Case.ENDED] - rows.cases[:, Case.ARRIVED]
    steps, right = _step_sums(rows, of_case)
    parts = _parts(rows, lead)
    return Sums(
        steps=steps,
        closed=np.bincount(of_case, minlength=number),
        left_open=left_open,
        lead_us=_total(of_case, lead, number),
        right=right,
        parts_us=np.stack([_total(of_case, part, number) for part in parts], axis=1),
        moves=_moves(rows, of_case),
    )


def _total(keys: Ints, weights: Ints, number: int) -> Ints:
    sums = np.zeros(number, np.int64)
    np.add.at(sums, keys, weights)
    return sums


def _key(rows: Ints, stream: int, case: int) -> Ints:
    return rows[:, stream] << 32 | rows[:, case]


def _rows(log: Log, cases: Ints, outline: Outline, process: Ints) -> _Rows:
    keys = _key(cases, Case.STREAM, Case.CASE)
    order = np.argsort(keys)
    cases, keys = cases[order], keys[order]
    visits = log.visits[(log.visits[:, Visit.ENDING] != Ending.HANDING) & (log.visits[:, Visit.ENDED] != NEVER)]
    place = np.searchsorted(keys, own := _key(visits, Visit.STREAM, Visit.CASE))
    place = np.minimum(place, max(len(keys) - 1, 0))
    known = keys[place] == own if len(keys) else np.zeros(len(own), bool)
    visits, place = visits[known], place[known]
    order = np.argsort(place << 32 | visits[:, Visit.STRAND] << 16 | visits[:, Visit.VISIT])  # both below 2**16
    visits, place = visits[order], place[order]
    visits[:, Visit.STEP] = np.array(outline.step_of, np.int64)[visits[:, Visit.STEP]]
    return _Rows(outline, cases, visits, place, process[visits[:, Visit.STREAM]])


def _step_sums(rows: _Rows, of_case: Ints) -> tuple[dict[str, Ints], Ints]:
    processes, steps = len(rows.outline.processes), len(rows.outline.steps)
    step, enqueued, started = (rows.column(c) for c in (Visit.STEP, Visit.ENQUEUED, Visit.STARTED))
    ended, released = rows.column(Visit.ENDED), rows.column(Visit.RELEASED)
    works, began, fresh = rows.column(Visit.QUEUE) >= 0, rows.began, ~rows.resumed
    keys = rows.process * steps + step

    def sums(of: Flags, weights: Ints | None = None) -> Ints:
        chosen = np.ones(int(of.sum()), np.int64) if weights is None else weights[of]
        return _total(keys[of], chosen, processes * steps).reshape(processes, steps)

    both, times = np.unique(rows.case[fresh] * steps + step[fresh], return_counts=True)
    case_step = of_case[both // steps] * steps + both % steps if len(both) else both
    grid = (processes, steps)
    repeated = np.zeros(len(rows.cases), bool)
    repeated[both[times > 1] // steps] = True
    found = {
        "cases": np.bincount(case_step, minlength=processes * steps).reshape(grid),
        "once": np.bincount(case_step[times == 1], minlength=processes * steps).reshape(grid),
        "visits": sums(fresh),
        "served": sums(fresh & (began | ~works)),
        "lost": sums(np.isin(rows.column(Visit.ENDING), _LOST)),
        "unsolved": sums((rows.column(Visit.FLAGS) & Flag.UNSOLVED) != 0),
        "touch_us": sums(began, np.where(released == NEVER, ended, released) - started),
        "wait_us": sums(works, np.minimum(started, ended) - enqueued),
        "delay_us": sums(~works, ended - enqueued),
        "line_us": sums(began, ended - started),
    }
    return found, np.bincount(of_case[~repeated], minlength=processes)


# --- what an instant of a case is ------------------------------------------------------------------------------------


def _parts(rows: _Rows, lead: Ints) -> Ints:
    """Time of each case that is of each `Part` (parts x cases)."""
    own = ~rows.chasing
    case, step = rows.case[own], rows.column(Visit.STEP)[own]
    enqueued, started, ended = (rows.column(c)[own] for c in (Visit.ENQUEUED, Visit.STARTED, Visit.ENDED))
    work = np.array([_PART_OF[value] for value in rows.outline.values], np.int64)[step]
    works = rows.column(Visit.QUEUE)[own] >= 0
    begins = np.where(works, np.minimum(started, ended), ended)
    idle = np.where(works, Part.WAIT, np.where(work == Part.ADDS, Part.ADDS, Part.DELAY))
    stretches = [(case, idle, enqueued, begins), (case, work, begins, ended)]
    owner, part, begin, end = (np.concatenate(columns) for columns in zip(*stretches, strict=True))
    begin = np.maximum(begin, rows.cases[owner, Case.ARRIVED])
    end = np.minimum(end, rows.cases[owner, Case.ENDED])
    several = rows.forked[owner]
    alone, beside = ~several & (end > begin), several & (end > begin)
    found = _added(owner[alone], part[alone], (end - begin)[alone], len(rows.cases))
    found += _sweep(owner[beside], part[beside], begin[beside], end[beside], len(rows.cases))
    found[Part.APART] = lead - found.sum(axis=0)
    return found


_PART_OF = {"adds": Part.ADDS, "necessary": Part.NECESSARY, "none": Part.OTHER}


def _added(owner: Ints, part: Ints, length: Ints, owners: int) -> Ints:
    return _total(part * owners + owner, length, len(Part) * owners).reshape(len(Part), owners)


def _sweep(owner: Ints, part: Ints, begin: Ints, end: Ints, owners: int) -> Ints:
    """Length of the union of an owner's stretches, by the first part that holds (parts x owners).

    Between two borders of an owner's stretches, whatever has begun more often than it has ended holds.
    """
    who, when = np.concatenate([owner, owner]), np.concatenate([begin, end])
    change, which = np.repeat([1, -1], len(owner)), np.concatenate([part, part])
    order = np.lexsort((when, who))
    who, when, which, change = who[order], when[order], which[order], change[order]
    at_once = np.cumsum(np.where(which == np.arange(Part.APART)[:, None], change, 0), axis=1)
    length = np.append(np.diff(when), 0)
    holds = np.append(who[1:] == who[:-1], False)[: len(who)] & at_once.any(axis=0)
    first = (at_once > 0).argmax(axis=0)
    return _added(who[holds], first[holds], length[holds], owners)


# --- moves from step to step -----------------------------------------------------------------------------------------


def _moves(rows: _Rows, of_case: Ints) -> Counter[tuple[int, int, int]]:
    """How often a case of a process went from one place of the map to another."""
    fresh = ~rows.resumed
    forked = rows.forked
    simple = ~forked[rows.case]
    found: Counter[tuple[int, int, int]] = Counter()
    places = len(rows.outline.steps) + len(Mark)
    _count(found, _straight(rows, of_case, fresh & simple & (rows.column(Visit.STRAND) == 0), ~forked), places)
    _count(found, _asking(rows, fresh & rows.chasing), places)
    own, table = rows.case[fresh & ~rows.chasing], rows.visits[fresh & ~rows.chasing]
    for case in np.flatnonzero(forked):
        first, last = np.searchsorted(own, [case, case + 1])
        end = len(rows.outline.steps) + _END_MARK[Outcome(int(rows.cases[case, Case.OUTCOME]))]
        begin = len(rows.outline.steps) + Mark.ARRIVES
        found.update((int(of_case[case]), *move) for move in _forked(table[first:last], begin, end))
    return found


def _count(found: Counter[tuple[int, int, int]], moves: Ints, places: int) -> None:
    process, origin, target = moves.T
    codes, times = np.unique((process * places + origin) * places + target, return_counts=True)
    for code, number in zip(codes.tolist(), times.tolist(), strict=True):
        found[code // places**2, code // places % places, code % places] += number


def _straight(rows: _Rows, of_case: Ints, own: Flags, cases: Flags) -> Ints:
    """Moves (process, from, to) of cases that never fork."""
    steps, table = len(rows.outline.steps), rows.visits[own]
    case, step, process = rows.case[own], table[:, Visit.STEP], rows.process[own]
    same = case[1:] == case[:-1]
    first, last = np.append(True, ~same)[: len(case)], np.append(~same, True)[: len(case)]
    alone = cases.copy()
    alone[case] = False
    marks = np.array([_END_MARK.get(Outcome(o), Mark.ARRIVES) for o in rows.cases[:, Case.OUTCOME]], np.int64) + steps
    begin = steps + Mark.ARRIVES
    again = same & (table[1:, Visit.ATTEMPT] > table[:-1, Visit.ATTEMPT])
    back = same & ~again & (table[1:, Visit.ENQUEUED] > _last_end(rows, own)[:-1])
    on = (process[1:], step[:-1], step[1:])
    return np.concatenate(
        [
            _columns(process[first], np.full(int(first.sum()), begin), step[first]),
            _columns(of_case[alone], np.full(int(alone.sum()), begin), marks[alone]),
            _columns(process[last], step[last], marks[case[last]]),
            _columns(*(column[same & ~again & ~back] for column in on)),
            _by_way_of(steps + Mark.TRIES_AGAIN, *(column[again] for column in on)),
            _by_way_of(steps + Mark.COMES_BACK, *(column[back] for column in on)),
        ]
    )


def _by_way_of(mark: int, process: Ints, origin: Ints, target: Ints) -> Ints:
    between = np.full(len(process), mark)
    return np.concatenate([_columns(process, origin, between), _columns(process, between, target)])


def _last_end(rows: _Rows, own: Flags) -> Ints:
    """End of each visit; of a visit that was suspended, the end of the last stretch of its work."""
    visits, ended = rows.visits, rows.visits[:, Visit.ENDED].copy()
    same = (rows.case[1:] == rows.case[:-1]) & (visits[1:, Visit.STRAND] == visits[:-1, Visit.STRAND])
    for row in np.flatnonzero(same & rows.resumed[1:])[::-1]:
        ended[row] = ended[row + 1]
    return ended[own]


def _columns(*columns: Ints) -> Ints:
    return np.stack(columns, axis=1).astype(np.int64)


def _asking(rows: _Rows, own: Flags) -> Ints:
    """Moves of chasing contacts: from the asking to their steps; what follows their last step is of no interest."""
    table, steps = rows.visits[own], len(rows.outline.steps)
    strand = rows.case[own] * (1 << 20) + table[:, Visit.STRAND]
    same = strand[1:] == strand[:-1]
    first = np.append(True, ~same)[: len(strand)]
    process, step = rows.process[own], table[:, Visit.STEP]
    asked = np.full(int(first.sum()), steps + Mark.ASKS)
    return np.concatenate(
        [_columns(process[first], asked, step[first]), _columns(process[1:][same], step[:-1][same], step[1:][same])]
    )


def _forked(table: Ints, begin: int, end: int) -> list[tuple[int, int]]:
    """Moves of a case with forks, between its begin and its end.

    A strand comes from the visit at whose end it appeared, and leads on to the next visit of that visit's strand.
    """
    strands: dict[int, list[Ints]] = {0: []}
    for row in table[np.argsort(table[:, Visit.VISIT])]:
        strands.setdefault(int(row[Visit.STRAND]), []).append(row)
    parents = {strand: _parent(strands, strand) for strand in strands if strand}
    forks, moves = set(parents.values()), []
    places = {strand: [int(row[Visit.STEP]) for row in visits] for strand, visits in strands.items()}
    way = [begin, *places[0], end]
    for strand, (parent, before) in parents.items():
        above = way if parent == 0 else [begin, *places[parent], end]
        moves += [(above[before], places[strand][0]), (places[strand][-1], above[before + 1])]
    for strand, visited in places.items():
        stretch = enumerate(pairwise(way)) if strand == 0 else enumerate(pairwise(visited), 1)
        moves += [move for number, move in stretch if (strand, number) not in forks]
    return moves


def _parent(strands: dict[int, list[Ints]], strand: int) -> tuple[int, int]:
    """The strand that forked, and how many visits it had had: the latest visit that ended when this strand began."""
    first = strands[strand][0]
    ended = [
        (int(row[Visit.VISIT]), other, number)
        for other, visits in strands.items()
        for number, row in enumerate(visits, 1)
        if other < strand and row[Visit.ENDED] == first[Visit.ENQUEUED] and row[Visit.VISIT] < first[Visit.VISIT]
    ]
    return max(ended)[1:] if ended else (0, 0)


# --- from sums to estimates ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of a process on the map; times in seconds.

    Attributes
    ----------
    process, step : str
    works : bool
        Whether people work here.
    value : {"adds", "necessary", "none"}
    numbers : dict of str to Estimate
        By the names of `COLUMNS`.
    """

    process: str
    step: str
    works: bool
    value: Value
    numbers: dict[str, Estimate]

    @property
    def wait_share(self) -> float:
        """Waiting among waiting, work and delay at this step, 0 to 1."""
        wait, touch, delay = (self.numbers[f"{name}_per_case"].mean or 0.0 for name in ("wait", "touch", "delay"))
        return wait / total if (total := wait + touch + delay) else 0.0


@dataclass(frozen=True, slots=True)
class Column:
    """A number of each step: its label, unit, what it means, and the sums above and below the line."""

    label: str
    unit: Literal["share", "s", "per case"]
    definition: str
    over: str
    under: str


COLUMNS = {
    "share": Column("Cases", "share", "Cases that come by, among cases of the process.", "cases", "closed"),
    "visits": Column("Visits", "per case", "Visits per case that comes by.", "visits", "cases"),
    "touch": Column("Touch time", "s", "People's work per served visit, wrap included.", "touch_us", "served"),
    "wait": Column("Wait", "s", "Wait for people per visit, served or not.", "wait_us", "visits"),
    "delay": Column("Delay", "s", "Time per visit in which nobody works or is waited for.", "delay_us", "visits"),
    "first_pass": Column("First pass", "share", "Cases that came by once only, among those that did.", "once", "cases"),
    "lost": Column("Lost", "share", "Visits that gave up or were turned away.", "lost", "visits"),
    "unsolved": Column("Not solved", "share", "Served visits that the agent could not solve.", "unsolved", "served"),
    "wait_per_case": Column("Wait per case", "s", "Per case of the process.", "wait_us", "closed"),
    "touch_per_case": Column("Work per case", "s", "Customer's part, per case of the process.", "line_us", "closed"),
    "delay_per_case": Column("Delay per case", "s", "Per case of the process.", "delay_us", "closed"),
}
"""What the map says of each step; definitions for readers."""


@dataclass(frozen=True, slots=True)
class Move:
    """How often cases go from one place to another: per case of the process, and among all visits of the first."""

    origin: str
    target: str
    per_case: float
    share: float


@dataclass(frozen=True, slots=True)
class ProcessMap:
    """The map of one process.

    Attributes
    ----------
    process : str
    cases, left_open : float
        Cases per run that ended, and that had not ended when the run closed.
    lead_s, efficiency, right : Estimate
        Mean lead time; process-cycle efficiency; share of cases that were at no step twice.
    parts_s : dict of str to Estimate
        Mean time per case by `PARTS`; they add up to the lead time.
    side_by_side_s : float
        By how much the steps' times per case exceed the parts: work, waits and delays of parallel branches.
    steps : list of StepLine
        In the scenario's order; only those that a case came by.
    moves : list of Move
    """

    process: str
    cases: float
    left_open: float
    lead_s: Estimate
    efficiency: Estimate
    right: Estimate
    parts_s: dict[str, Estimate]
    side_by_side_s: float
    steps: list[StepLine]
    moves: list[Move]

    def table(self) -> pd.DataFrame:
        """One row per step: its numbers with their limits, shares as shares, times in seconds."""
        rows = []
        for one in self.steps:
            row: dict[str, Any] = {"process": one.process, "step": one.step, "value": one.value}
            for name, number in one.numbers.items():
                row |= {name: number.mean, f"{name}_low": number.low, f"{name}_high": number.high}
            rows.append(row | {"wait_share": one.wait_share})
        return pd.DataFrame(rows)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "cases": self.cases,
            "left_open": self.left_open,
            "lead_time": self.lead_s.plain(),
            "efficiency": self.efficiency.plain(),
            "right_first_time": self.right.plain(),
            "parts": {name: one.plain() for name, one in self.parts_s.items()},
            "side_by_side_s": self.side_by_side_s,
            "steps": [
                {"step": one.step, "works": one.works, "value": one.value, "wait_share": one.wait_share}
                | {name: number.plain() for name, number in one.numbers.items()}
                for one in self.steps
            ],
            "moves": [
                {"from": one.origin, "to": one.target, "per_case": one.per_case, "share": one.share}
                for one in self.moves
            ],
        }


def value_stream(model: Model, runs: Runs, confidence: float = 0.95, progress: Progress | None = None) -> ValueStream:
    """Run a scenario and map it.

    Parameters
    ----------
    model : Model
    runs : Runs
    confidence : float
    progress : callable, optional
    """
    known = outline(model)
    found = reduce_logs(model, runs, lambda log: tally(log, known), progress)
    return ValueStream(model.scenario.name, len(found), runs.replications, maps_of(known, found, confidence))


@dataclass(frozen=True, slots=True)
class ValueStream:
    """The maps of a scenario's processes, and on how many replications they rest."""

    name: str
    replications: int
    asked: int
    maps: list[ProcessMap]

    def only(self, process: str | None) -> ValueStream:
        """The map of one process; all, if none is named."""
        return replace(self, maps=[one for one in self.maps if process in (None, one.process)])

    def table(self) -> pd.DataFrame:
        """The steps of all processes."""
        return pd.concat([one.table() for one in self.maps]) if self.maps else pd.DataFrame()


def outline(model: Model) -> Outline:
    """What a map needs of a model."""
    scenario = model.scenario
    expanded = scenario.expanded
    processes, chases = tuple(expanded.process), _chases(scenario)
    steps = {
        f"{process}: {name}": (process, name, step)
        for process, of in expanded.process.items()
        for name, step in of.items()
    }
    names = list(steps)
    return Outline(
        processes=processes,
        process_of_stream=tuple(processes.index(stream.type) for stream in scenario.demand.values()),
        steps=tuple(names),
        values=tuple(_value(scenario, process, name, process not in chases) for process, name, _ in steps.values()),
        works=tuple(step.work is not None for _, _, step in steps.values()),
        chasing=tuple(process in chases for process, _, _ in steps.values()),
        step_of=tuple(names.index(name) for name in model.names.steps),
        warm_up_us=scenario.warm_up,
    )


def _chases(scenario: Scenario) -> set[str]:
    """Processes of chasing contacts alone."""
    streams = scenario.demand.values()
    return {stream.chasing.type for stream in streams if stream.chasing} - {stream.type for stream in streams}


def _value(scenario: Scenario, process: str, name: str, own: bool) -> Value:
    """Whether a primitive step adds value: what the step as written says; else by its kind.

    Work and a bot's turns do. Delays, rounds, approvals, and the diagnosis in a wrong queue do not, nor does work for
    customers who only ask where their case stands.
    """
    place, step = scenario.expanded.places[process, name], scenario.expanded.process[process][name]
    written = scenario.process.get(process, {}).get(place[-1], step) if place[0] == "process" else step
    turn = written.bot is not None and step.work is None and step.awaits is None
    if step.work is None and (step.delay is None or not (turn or written.delay is not None)):
        return "none"
    said = written.adds_value
    if said is None:
        said = own and (turn or written.work is not None)
    return "necessary" if said == "necessary" else "adds" if said else "none"


def maps_of(known: Outline, found: list[Sums], confidence: float = 0.95) -> list[ProcessMap]:
    """Maps of all processes whose cases ended, from the sums of replications."""
    if not found:
        return []
    return [
        _map(known, found, number, confidence)
        for number in range(len(known.processes))
        if any(one.closed[number] for one in found)
    ]


def _ratio(above: list[Any], below: list[Any], unit: str, confidence: float) -> Estimate:
    """A ratio of sums over replications (`scenarios.estimate.linear`); times from microseconds to seconds."""
    scale = 1 / SECOND_US if unit == "s" else 1.0
    one = linear(np.array(above, float)[:, None] * scale, np.array(below, float)[:, None])
    mean = float(one.mean[0])
    if np.isnan(mean):
        return Estimate(None, None, None, unit, len(above), "not defined: no such cases")
    if len(above) == 1:
        return Estimate(mean, None, None, unit, 1, "one replication: no confidence interval")
    half, most = float(one.half_width(confidence)[0]), 1.0 if unit == "share" else np.inf
    method = f"{confidence:.0%}: ratio of sums over replications, linearised, Student t"
    return Estimate(mean, max(mean - half, 0.0), min(mean + half, most), unit, len(above), method)


def _map(known: Outline, found: list[Sums], process: int, confidence: float) -> ProcessMap:
    closed = [one.closed[process] for one in found]

    def per_case(above: list[Any], unit: str = "s") -> Estimate:
        return _ratio(above, closed, unit, confidence)

    lead = [one.lead_us[process] for one in found]
    parts = {PARTS[part]: per_case([one.parts_us[process, part] for one in found]) for part in Part}
    lines = [_line(known, found, (process, step), confidence) for step in range(len(known.steps))
             if any(one.steps["visits"][process, step] for one in found)]  # fmt: skip
    own = [line for line in lines if not known.chasing[known.steps.index(line.step)]]
    at_steps = sum(one.numbers[f"{name}_per_case"].mean or 0.0 for one in own for name in ("wait", "touch", "delay"))
    in_parts = sum(one.mean or 0.0 for name, one in parts.items() if name != PARTS[Part.APART])
    return ProcessMap(
        process=known.processes[process],
        cases=float(np.mean(closed)),
        left_open=float(np.mean([one.left_open[process] for one in found])),
        lead_s=per_case(lead),
        efficiency=_ratio([one.parts_us[process, Part.ADDS] for one in found], lead, "share", confidence),
        right=per_case([one.right[process] for one in found], "share"),
        parts_s=parts,
        side_by_side_s=max(at_steps - in_parts, 0.0),
        steps=lines,
        moves=_moves_of(known, found, process),
    )


def _line(known: Outline, found: list[Sums], place: tuple[int, int], confidence: float) -> StepLine:
    process, step = place

    def sums(name: str) -> list[Any]:
        return [one.closed[process] if name == "closed" else one.steps[name][place] for one in found]

    return StepLine(
        process=known.processes[process],
        step=known.steps[step],
        works=known.works[step],
        value=known.values[step],
        numbers={name: _ratio(sums(one.over), sums(one.under), one.unit, confidence) for name, one in COLUMNS.items()},
    )


def _moves_of(known: Outline, found: list[Sums], process: int) -> list[Move]:
    total: Counter[tuple[int, int]] = Counter()
    for one in found:
        total.update({(a, b): times for (of, a, b), times in one.moves.items() if of == process})
    cases = sum(int(one.closed[process]) for one in found)
    leaving: Counter[int] = Counter()
    for (origin, _), times in total.items():
        leaving[origin] += times
    for step in range(len(known.steps)):  # who forks leaves once, by several ways
        leaving[step] = sum(int(one.steps["visits"][process, step]) for one in found)
    leaving[len(known.steps) + Mark.ARRIVES] = cases
    return [
        Move(known.node(origin), known.node(target), times / cases, times / leaving[origin])
        for (origin, target), times in sorted(total.items())
    ]
