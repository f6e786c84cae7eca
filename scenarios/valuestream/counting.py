"""Sums of one replication: steps, parts of the lead time, moves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from scenarios.valuestream.leadtime import lead_parts
from scenarios.valuestream.moves import moves_of
from scenarios.valuestream.outline import Outline
from scenarios.valuestream.rows import Flags, Ints, Rows, rows_of, total
from sim.codes import Case, Ending, Flag, Outcome, Visit
from sim.log import Log
from sim.units import NEVER

_CLOSED = (Outcome.SOLVED, Outcome.UNSOLVED, Outcome.ABANDONED, Outcome.BLOCKED)
_LOST = (Ending.ABANDONED, Ending.BLOCKED, Ending.BALKED, Ending.UNANSWERED)
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


def tally(log: Log, outline: Outline) -> Sums:
    """Sums of one log."""
    counted = log.cases[log.cases[:, Case.ARRIVED] >= outline.warm_up_us]
    counted = counted[counted[:, Case.OUTCOME] != Outcome.GONE]
    process = np.array(outline.process_of_stream, np.int64)
    number = len(outline.processes)
    closed = np.isin(counted[:, Case.OUTCOME], _CLOSED)
    left_open = np.bincount(process[counted[~closed, Case.STREAM]], minlength=number)
    rows = rows_of(log, counted[closed], outline, process)
    of_case = process[rows.cases[:, Case.STREAM]]
    lead = rows.cases[:, Case.ENDED] - rows.cases[:, Case.ARRIVED]
    steps, right = _step_sums(rows, of_case)
    parts = lead_parts(rows, lead)
    return Sums(
        steps=steps,
        closed=np.bincount(of_case, minlength=number),
        left_open=left_open,
        lead_us=total(of_case, lead, number),
        right=right,
        parts_us=np.stack([total(of_case, part, number) for part in parts], axis=1),
        moves=moves_of(rows, of_case),
    )


def _step_sums(rows: Rows, of_case: Ints) -> tuple[dict[str, Ints], Ints]:
    processes, steps = len(rows.outline.processes), len(rows.outline.steps)
    step, enqueued, started = (rows.column(c) for c in (Visit.STEP, Visit.ENQUEUED, Visit.STARTED))
    ended, released = rows.column(Visit.ENDED), rows.column(Visit.RELEASED)
    works, began, fresh = rows.column(Visit.QUEUE) >= 0, rows.began, ~rows.resumed
    keys = rows.process * steps + step

    def sums(of: Flags, weights: Ints | None = None) -> Ints:
        chosen = np.ones(int(of.sum()), np.int64) if weights is None else weights[of]
        return total(keys[of], chosen, processes * steps).reshape(processes, steps)

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
