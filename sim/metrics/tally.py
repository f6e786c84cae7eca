"""Rows of the log counted into sums: one pass per table, exact to the microsecond.

Rows are counted by key in one go (`_sums`); a key is an owner (queue, group, stream), an interval, and how it ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.codes import Case, Ending, Outcome, Visit
from sim.metrics.frame import Frame
from sim.metrics.histogram import CELLS, cell_of
from sim.metrics.sums import CaseSum, Duration, GroupSum, QueueSum
from sim.units import NEVER

if TYPE_CHECKING:
    from sim.metrics.totals import Totals

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_LOW_BITS = 26
_LOW = (1 << _LOW_BITS) - 1


def _sums(keys: Ints, number: int, weights: Ints | None = None) -> Ints:
    """Counts, or exact sums of non-negative weights, by key 0 ... number - 1.

    A weighted ``bincount`` adds floats; high and low bits are added apart, so that each sum stays below 2**53.
    """
    if weights is None:
        return np.bincount(keys, minlength=number)
    low = np.bincount(keys, weights & _LOW, minlength=number).astype(np.int64)
    high = np.bincount(keys, weights >> _LOW_BITS, minlength=number).astype(np.int64)
    found: Ints = low + (high << _LOW_BITS)
    return found


def _columns(rows: Ints, keep: Mask) -> Ints:
    """A table column by column, only the rows to keep."""
    table = np.ascontiguousarray(rows.T)
    return table if keep.all() else table[:, keep]


class _Cells:
    """The cells (owner, interval) of rows by the time at which they begin; times after the end have the last column."""

    def __init__(self, frame: Frame, owners: Ints, times_us: Ints, number: int) -> None:
        columns = np.where(times_us < frame.end_us, times_us // frame.interval_us, frame.intervals)
        first, last = (int(columns.min()), int(columns.max())) if len(columns) else (0, -1)
        self.number, self.width = number, last - first + 1
        self.place = slice(first, last + 1)
        self.keys = owners * self.width + (columns - first)

    def sums(self, weights: Ints | None = None, of: Mask | None = None) -> Ints:
        """Counts or sums of rows (owners x columns touched)."""
        keys = self.keys if of is None else self.keys[of]
        weights = weights if of is None or weights is None else weights[of]
        return _sums(keys, self.number * self.width, weights).reshape(self.number, self.width)

    def split(self, codes: Ints, kinds: int, weights: Ints | None = None) -> Ints:
        """Counts or sums by a code as well (codes x owners x columns touched)."""
        found = _sums(self.keys * kinds + codes, self.number * self.width * kinds, weights)
        return np.moveaxis(found.reshape(self.number, self.width, kinds), 2, 0)


def spread(sums: Ints, owners: Ints, begins_us: Ints, ends_us: Ints, frame: Frame) -> None:
    """Add stretches of time to the intervals in which they pass, cut to the measured window.

    Parameters
    ----------
    sums : int64 array (owners x intervals + 1)
        Changed in place.
    owners, begins_us, ends_us : int64 arrays (stretches)
    frame : Frame
    """
    begins = np.maximum(begins_us, frame.warm_up_us)
    ends = np.minimum(ends_us, frame.end_us)
    inside = begins < ends
    if not inside.any():
        return
    owners, begins, ends = owners[inside], begins[inside], ends[inside]
    width = frame.interval_us
    first, last = begins // width, (ends - 1) // width
    # Whole intervals from the first to the last but one, less what is missing in front, plus the end's own part.
    start, stop = owners * sums.shape[1] + first, owners * sums.shape[1] + last
    steps = (_sums(start, sums.size) - _sums(stop, sums.size)).reshape(sums.shape)
    sums += steps.cumsum(axis=1) * width
    sums -= _sums(start, sums.size, begins - first * width).reshape(sums.shape)
    sums += _sums(stop, sums.size, ends - last * width).reshape(sums.shape)


def _histogram(totals: Totals, kind: Duration, owners: Ints, lengths_us: Ints, open_: Mask) -> None:
    """Count durations that ended and durations that are open."""
    keys = owners * CELLS + cell_of(lengths_us)
    for sums, of in ((totals.observed[kind], ~open_), (totals.censored[kind], open_)):
        if of.any():
            sums += _sums(keys[of], sums.size).reshape(sums.shape)


def sessions(totals: Totals, rows: Ints) -> None:
    """Add the time for which people were logged on."""
    group, _, on, off = np.ascontiguousarray(rows.T)
    spread(totals.group[GroupSum.STAFFED], group, on, off, totals.frame)


def visits(totals: Totals, rows: Ints, closing_us: int) -> None:
    """Count visits of queues; stays at delay steps have no queue and are left out."""
    frame = totals.frame
    table = _columns(rows, rows[:, Visit.QUEUE] >= 0)
    queue, group, enqueued, started = (table[c] for c in (Visit.QUEUE, Visit.GROUP, Visit.ENQUEUED, Visit.STARTED))
    served = started != NEVER
    spread(totals.group[GroupSum.BUSY], group[served], started[served], table[Visit.RELEASED][served], frame)
    left = np.minimum(np.minimum(started, table[Visit.ENDED]), closing_us)
    waited = left > enqueued
    spread(totals.queue[QueueSum.WAITING_TIME], queue[waited], enqueued[waited], left[waited], frame)
    counted = enqueued >= frame.warm_up_us
    if counted.all():
        _count_visits(totals, table, left - enqueued)
    elif counted.any():
        _count_visits(totals, table[:, counted], (left - enqueued)[counted])


def _count_visits(totals: Totals, table: Ints, wait_us: Ints) -> None:
    queue, ending = table[Visit.QUEUE], table[Visit.ENDING]
    cells = _Cells(totals.frame, queue, table[Visit.ENQUEUED], len(totals.frame.queues))
    in_time = wait_us <= np.array(totals.frame.threshold_us, np.int64)[queue]
    codes, kinds = ending * 2 + in_time, len(Ending) * 2
    counts = cells.split(codes, kinds).reshape(len(Ending), 2, *totals.queue.shape[1:2], cells.width)
    waits = cells.split(codes, kinds, wait_us).reshape(counts.shape).sum(axis=1)
    both = counts.sum(axis=1)

    def add(kind: QueueSum, sums: Ints) -> None:
        totals.queue[kind][:, cells.place] += sums

    add(QueueSum.OFFERED, both.sum(axis=0))
    add(QueueSum.ANSWERED, both[Ending.SERVED] + both[Ending.STILL_IN_SERVICE])
    add(QueueSum.ANSWERED_IN_TIME, counts[Ending.SERVED, 1] + counts[Ending.STILL_IN_SERVICE, 1])
    add(QueueSum.ABANDONED, both[Ending.ABANDONED])
    add(QueueSum.ABANDONED_IN_TIME, counts[Ending.ABANDONED, 1])
    add(QueueSum.BLOCKED, both[Ending.BLOCKED])
    add(QueueSum.STILL_WAITING, both[Ending.STILL_WAITING])
    add(QueueSum.WAIT_ANSWERED, waits[Ending.SERVED] + waits[Ending.STILL_IN_SERVICE])
    add(QueueSum.WAIT_ABANDONED, waits[Ending.ABANDONED])
    add(QueueSum.WAIT_OPEN, waits[Ending.STILL_WAITING])
    add(QueueSum.HANDLED, both[Ending.SERVED])
    add(QueueSum.REDIALS, cells.sums(of=table[Visit.ATTEMPT] > 0))
    handled, hold, ended = ending == Ending.SERVED, table[Visit.HOLD], table[Visit.ENDED]
    add(QueueSum.TALK, cells.sums(ended - table[Visit.STARTED] - hold, handled))
    add(QueueSum.HOLD, cells.sums(hold, handled))
    add(QueueSum.WRAP, cells.sums(table[Visit.RELEASED] - ended, handled))
    waiting = ending != Ending.BLOCKED
    _histogram(totals, Duration.WAIT, queue[waiting], wait_us[waiting], (ending == Ending.STILL_WAITING)[waiting])


def cases(totals: Totals, rows: Ints, closing_us: int) -> None:
    """Count cases: the backlog whenever they arrived, all else for arrivals after the warm-up."""
    _count_backlog(totals, _columns(rows, rows[:, Case.ENDED] >= totals.frame.end_us))
    counted = rows[:, Case.ARRIVED] >= totals.frame.warm_up_us
    if counted.any():
        _count_cases(totals, _columns(rows, counted), closing_us)


def _count_backlog(totals: Totals, table: Ints) -> None:
    stream, arrived = table[Case.STREAM], table[Case.ARRIVED]
    cells = _Cells(totals.frame, stream, arrived, len(totals.frame.streams))
    age_us = totals.frame.end_us - arrived
    totals.case[CaseSum.BACKLOG][:, cells.place] += cells.sums()
    totals.case[CaseSum.BACKLOG_AGE][:, cells.place] += cells.sums(age_us)
    _histogram(totals, Duration.BACKLOG_AGE, stream, age_us, np.zeros(len(stream), np.bool_))


def _count_cases(totals: Totals, table: Ints, closing_us: int) -> None:
    stream, arrived, outcome = table[Case.STREAM], table[Case.ARRIVED], table[Case.OUTCOME]
    cells = _Cells(totals.frame, stream, arrived, len(totals.frame.streams))
    responded, solved, open_ = table[Case.FIRST_RESPONSE] != NEVER, outcome == Outcome.SOLVED, outcome == Outcome.OPEN
    response_us = np.minimum(table[Case.FIRST_RESPONSE], closing_us) - arrived
    resolve_us = np.minimum(table[Case.ENDED], closing_us) - arrived
    counts = cells.split(outcome, len(Outcome))

    def add(kind: CaseSum, sums: Ints) -> None:
        totals.case[kind][:, cells.place] += sums

    add(CaseSum.CASES, counts.sum(axis=0))
    for kind, code in _OUTCOMES:
        add(kind, counts[code])
    add(CaseSum.RESPONDED, cells.sums(of=responded))
    add(CaseSum.RESPONSE_TIME, cells.sums(response_us, responded))
    add(CaseSum.RESOLVE_TIME, cells.sums(resolve_us, solved))
    add(CaseSum.HANDOVERS, cells.sums(table[Case.HANDOVERS]))
    add(CaseSum.ATTEMPTS, cells.sums(table[Case.ATTEMPTS]))
    for duration, lengths_us, over in (
        (Duration.FIRST_RESPONSE, response_us, responded),
        (Duration.RESOLVE, resolve_us, solved),
    ):
        known = over | open_
        _histogram(totals, duration, stream[known], lengths_us[known], ~over[known])


_OUTCOMES = (
    (CaseSum.SOLVED, Outcome.SOLVED),
    (CaseSum.UNSOLVED, Outcome.UNSOLVED),
    (CaseSum.ABANDONED, Outcome.ABANDONED),
    (CaseSum.BLOCKED, Outcome.BLOCKED),
    (CaseSum.OPEN, Outcome.OPEN),
)
