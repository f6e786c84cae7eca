"""Rows of the log counted into sums: one pass per table, exact to the microsecond.

Rows are counted by key in one go (`_sums`); a key is an owner (queue, group, stream), an interval, and how it ended.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.codes import Case, Ending, Flag, Outcome, Visit
from sim.metrics.frame import Frame
from sim.metrics.histogram import CELLS, cell_of
from sim.metrics.stretches import union
from sim.metrics.sums import AgentSum, CaseSum, Duration, GroupSum, MoneySum, QueueSum
from sim.units import HOUR_US, NEVER

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


class Cells:
    """The cells (owner, interval) of rows by the time at which they begin; times after the end have the last column."""

    def __init__(self, frame: Frame, owners: Ints, times_us: Ints, number: int) -> None:
        self.frame = frame
        begun = np.maximum(times_us, 0)  # what began before the start counts with the first interval
        columns = np.where(begun < frame.end_us, begun // frame.interval_us, frame.intervals)
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
    """Add the time for which people were logged on, and the busy time of those who held several contacts at once."""
    group, agent, on, off = np.ascontiguousarray(rows.T)
    spread(totals.group[GroupSum.STAFFED], group, on, off, totals.frame)
    if totals.agent.size:
        on, off = np.maximum(on, totals.frame.warm_up_us), np.minimum(off, totals.frame.end_us)
        np.add.at(totals.agent[AgentSum.STAFFED], agent, np.maximum(off - on, 0))
    if not totals.pending.paid_is_known:
        before = totals.group[GroupSum.PAID].copy()
        totals.group[GroupSum.PAID] = totals.group[GroupSum.STAFFED]
        _count_people(totals, totals.group[GroupSum.PAID] - before)
    if totals.frame.several and len(rows):
        spread(totals.group[GroupSum.BUSY], *union(*totals.pending.contacts.take(agent, off)), totals.frame)


def paid(totals: Totals, paid_us: Ints) -> None:
    """Add paid time and its cost, spread evenly over the window."""
    lengths = np.append(totals.frame.lengths_us(), 0)
    upto = np.append(0, np.cumsum(lengths)) / max(totals.frame.window_us, 1)
    until = np.rint(paid_us[:, None] * upto).astype(np.int64)
    shares: Ints = until[:, 1:] - until[:, :-1]
    totals.group[GroupSum.PAID] += shares
    _count_people(totals, shares)


def _count_people(totals: Totals, paid_us: Ints) -> None:
    """Add the cost of people's paid time (groups x intervals + 1)."""
    money = totals.frame.service.money if totals.frame.service is not None else None
    if money is not None:
        upto = np.cumsum(paid_us, axis=1) * (np.array(money.people)[:, None] * 1000 / HOUR_US)
        totals.money[MoneySum.COST][: len(paid_us)] += np.diff(np.rint(upto).astype(np.int64), axis=1, prepend=0)


def visits(totals: Totals, rows: Ints, closing_us: int) -> None:
    """Count visits of queues; stays at delay steps have no queue and are left out."""
    frame = totals.frame
    table = _columns(rows, rows[:, Visit.QUEUE] >= 0)
    _add_busy(totals, table)
    handing = table[Visit.ENDING] == Ending.HANDING
    if handing.any():
        table = table[:, ~handing]
    queue, enqueued = table[Visit.QUEUE], table[Visit.ENQUEUED]
    left = np.minimum(np.minimum(table[Visit.STARTED], table[Visit.ENDED]), closing_us)
    waited = left > enqueued
    spread(totals.queue[QueueSum.WAITING_TIME], queue[waited], enqueued[waited], left[waited], frame)
    counted = enqueued >= frame.warm_up_us
    if counted.all():
        _count_visits(totals, table, left - enqueued)
    elif counted.any():
        _count_visits(totals, table[:, counted], (left - enqueued)[counted])


def _add_busy(totals: Totals, table: Ints) -> None:
    """Add time with a contact; of people who may hold several at once, only when their session is over."""
    served = table[Visit.STARTED] != NEVER
    if totals.frame.several:
        several = np.isin(table[Visit.GROUP], totals.frame.several)
        totals.pending.contacts.keep(table[:, served & several])
        served &= ~several
    group, started, released = (table[column][served] for column in (Visit.GROUP, Visit.STARTED, Visit.RELEASED))
    spread(totals.group[GroupSum.BUSY], group, started, released, totals.frame)


def _count_visits(totals: Totals, table: Ints, wait_us: Ints) -> None:
    """Count contacts that asked a queue, and the work done there; work taken up again is no new contact."""
    _count_work(totals, table)
    resumed = (table[Visit.FLAGS] & Flag.RESUMED) != 0
    if resumed.any():
        table, wait_us = table[:, ~resumed], wait_us[~resumed]
    queue, ending = table[Visit.QUEUE], table[Visit.ENDING]
    cells = Cells(totals.frame, queue, table[Visit.ENQUEUED], len(totals.frame.queues))
    in_time = wait_us <= np.array(totals.frame.threshold_us, np.int64)[queue]
    codes, kinds = ending * 2 + in_time, len(Ending) * 2
    counts = cells.split(codes, kinds).reshape(len(Ending), 2, *totals.queue.shape[1:2], cells.width)
    waits = cells.split(codes, kinds, wait_us).reshape(counts.shape).sum(axis=1)
    both = counts.sum(axis=1)

    def add(kind: QueueSum, sums: Ints) -> None:
        totals.queue[kind][:, cells.place] += sums

    add(QueueSum.OFFERED, both.sum(axis=0))
    add(QueueSum.ANSWERED, both[_ANSWERED].sum(axis=0))
    add(QueueSum.ANSWERED_IN_TIME, counts[_ANSWERED, 1].sum(axis=0))
    add(QueueSum.ABANDONED, both[Ending.ABANDONED])
    add(QueueSum.ABANDONED_IN_TIME, counts[Ending.ABANDONED, 1])
    add(QueueSum.BLOCKED, both[Ending.BLOCKED])
    add(QueueSum.BALKED, both[Ending.BALKED])
    add(QueueSum.UNANSWERED, both[Ending.UNANSWERED])
    add(QueueSum.STILL_WAITING, both[Ending.STILL_WAITING])
    add(QueueSum.WAIT_ANSWERED, waits[_ANSWERED].sum(axis=0))
    add(QueueSum.WAIT_ABANDONED, waits[Ending.ABANDONED])
    add(QueueSum.WAIT_OPEN, waits[Ending.STILL_WAITING])
    add(QueueSum.REDIALS, cells.sums(of=table[Visit.ATTEMPT] > 0))
    for kind, flag in ((QueueSum.CALLBACKS, Flag.CALLBACK), (QueueSum.ESCALATED, Flag.ESCALATED)):
        add(kind, cells.sums(of=(table[Visit.FLAGS] & flag) != 0))
    waiting = (ending != Ending.BLOCKED) & (ending != Ending.BALKED)
    _histogram(totals, Duration.WAIT, queue[waiting], wait_us[waiting], (ending == Ending.STILL_WAITING)[waiting])


_ANSWERED = [Ending.SERVED, Ending.STILL_IN_SERVICE, Ending.SUSPENDED]
"""A contact was answered if its first service began; what became of that service is another matter."""


def _count_work(totals: Totals, table: Ints) -> None:
    ending, hold, ended, flags = (table[c] for c in (Visit.ENDING, Visit.HOLD, Visit.ENDED, Visit.FLAGS))
    cells = Cells(totals.frame, table[Visit.QUEUE], table[Visit.ENQUEUED], len(totals.frame.queues))
    handled, suspended = ending == Ending.SERVED, ending == Ending.SUSPENDED
    worked = handled | suspended

    def add(kind: QueueSum, sums: Ints) -> None:
        totals.queue[kind][:, cells.place] += sums

    add(QueueSum.HANDLED, cells.sums(of=handled))
    if totals.agent.size:
        np.add.at(totals.agent[AgentSum.CONTACTS], table[Visit.AGENT][handled], 1)
    add(QueueSum.TALK, cells.sums(ended - table[Visit.STARTED] - hold, worked))
    add(QueueSum.HOLD, cells.sums(hold, worked))
    add(QueueSum.WRAP, cells.sums(table[Visit.RELEASED] - ended, handled))
    add(QueueSum.STARTS, cells.sums(of=worked | (ending == Ending.STILL_IN_SERVICE)))
    if suspended.any():
        add(QueueSum.SUSPENDED, cells.sums(of=suspended))
    if flags.any():
        add(QueueSum.LOOKUPS, cells.sums(of=(flags & Flag.LOOKED_UP) != 0))
        add(QueueSum.PASSED_ON, cells.sums(of=(flags & Flag.UNSOLVED) != 0))


def cases(totals: Totals, rows: Ints, closing_us: int) -> None:
    """Count cases: the backlog whenever they arrived, all else for arrivals after the warm-up."""
    _count_backlog(totals, _columns(rows, rows[:, Case.ENDED] >= totals.frame.end_us))
    counted = rows[:, Case.ARRIVED] >= totals.frame.warm_up_us
    gone = counted & (rows[:, Case.OUTCOME] == Outcome.GONE)
    if gone.any():
        _count_gone(totals, _columns(rows, gone))
        counted &= ~gone
    if counted.any():
        _count_cases(totals, _columns(rows, counted), closing_us)


def _count_backlog(totals: Totals, table: Ints) -> None:
    stream, arrived = table[Case.STREAM], table[Case.ARRIVED]
    cells = Cells(totals.frame, stream, arrived, len(totals.frame.streams))
    age_us = totals.frame.end_us - arrived
    totals.case[CaseSum.BACKLOG][:, cells.place] += cells.sums()
    totals.case[CaseSum.BACKLOG_AGE][:, cells.place] += cells.sums(age_us)
    _histogram(totals, Duration.BACKLOG_AGE, stream, age_us, np.zeros(len(stream), np.bool_))


def _count_gone(totals: Totals, table: Ints) -> None:
    cells = Cells(totals.frame, table[Case.STREAM], table[Case.ARRIVED], len(totals.frame.streams))
    totals.case[CaseSum.GONE][:, cells.place] += cells.sums()


def _count_cases(totals: Totals, table: Ints, closing_us: int) -> None:
    stream, arrived, outcome = table[Case.STREAM], table[Case.ARRIVED], table[Case.OUTCOME]
    cells = Cells(totals.frame, stream, arrived, len(totals.frame.streams))
    responded, solved, open_ = table[Case.FIRST_RESPONSE] != NEVER, outcome == Outcome.SOLVED, outcome == Outcome.OPEN
    response_us = np.minimum(table[Case.FIRST_RESPONSE], closing_us) - arrived
    resolve_us = np.minimum(table[Case.ENDED], closing_us) - arrived
    counts = cells.split(outcome, len(Outcome))

    def add(kind: CaseSum, sums: Ints) -> None:
        totals.case[kind][:, cells.place] += sums

    add(CaseSum.CASES, counts.sum(axis=0))
    for kind, code in _OUTCOMES:
        add(kind, counts[code])
    add(CaseSum.ENDED, cells.sums(of=~open_))
    add(CaseSum.RESPONDED, cells.sums(of=responded))
    add(CaseSum.UNAIDED, cells.sums(of=solved & ~responded))
    add(CaseSum.RESPONSE_TIME, cells.sums(response_us, responded))
    add(CaseSum.RESOLVE_TIME, cells.sums(resolve_us, solved))
    add(CaseSum.HANDOVERS, cells.sums(table[Case.HANDOVERS]))
    add(CaseSum.HANDED_OVER, cells.sums(of=table[Case.HANDOVERS] > 0))
    add(CaseSum.ATTEMPTS, cells.sums(table[Case.ATTEMPTS]))
    _count_contacts(add, cells, table)
    for duration, lengths_us, over in (
        (Duration.FIRST_RESPONSE, response_us, responded),
        (Duration.RESOLVE, resolve_us, solved),
    ):
        known = over | open_
        _histogram(totals, duration, stream[known], lengths_us[known], ~over[known])


def _count_contacts(add: Callable[[CaseSum, Ints], None], cells: Cells, table: Ints) -> None:
    """Count how often customers had to come, and whether the first time was enough."""
    ended = table[Case.OUTCOME] != Outcome.OPEN
    if cells.frame.repeat_us is None:
        add(CaseSum.FIRST_CONTACT, cells.sums(of=ended & at_first_contact(table)))
        add(CaseSum.FIRST_CONTACT_DUE, cells.sums(of=ended))
    for cases_, times, column in (
        (CaseSum.CAME_BACK, CaseSum.REOPENINGS, Case.REOPENED),
        (CaseSum.CHASED, CaseSum.CHASES, Case.CHASES),
    ):
        if table[column].any():
            add(cases_, cells.sums(of=table[column] > 0))
            add(times, cells.sums(table[column]))
    solved = table[Case.SOLVED] != NEVER
    add(CaseSum.FIRST_SOLVED, cells.sums(of=solved))
    add(CaseSum.FIRST_SOLVED_TIME, cells.sums(table[Case.SOLVED] - table[Case.ARRIVED], solved))
    known = table[Case.CUSTOMER] >= 0
    if known.any():
        add(CaseSum.COUNTED_CUSTOMERS, cells.sums(of=ended & known))
        add(CaseSum.LEFT, cells.sums(table[Case.LEFT]))


def at_first_contact(table: Ints) -> Mask:
    """Which cases were solved by one attempt, without a hand-over, a chasing contact or coming back."""
    once = (table[Case.ATTEMPTS] == 1) & (table[Case.OUTCOME] == Outcome.SOLVED)
    found: Mask = once & (table[Case.HANDOVERS] == 0) & (table[Case.REOPENED] == 0) & (table[Case.CHASES] == 0)
    return found


_OUTCOMES = (
    (CaseSum.SOLVED, Outcome.SOLVED),
    (CaseSum.UNSOLVED, Outcome.UNSOLVED),
    (CaseSum.ABANDONED, Outcome.ABANDONED),
    (CaseSum.BLOCKED, Outcome.BLOCKED),
    (CaseSum.OPEN, Outcome.OPEN),
)
