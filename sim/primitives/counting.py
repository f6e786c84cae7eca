"""Rows of the log counted into sums: each row is read once, and every sum is exact to the microsecond.

Sums have the shape kinds x owners x columns; a column is an interval, the last one what begins after the end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.codes import Case, Ending, Flag, Outcome, Visit
from sim.primitives._cache import entry, inner
from sim.primitives.histogram import Grid, duration_cell
from sim.primitives.sums import CaseSum as C
from sim.primitives.sums import QueueSum as Q
from sim.units import NEVER

Ints = NDArray[np.int64]

_NEVER = np.int64(NEVER)


class Window(NamedTuple):
    """Borders in time by which rows are counted, microseconds."""

    interval: int
    warm_up: int
    end: int
    closing: int


class Lengths(NamedTuple):
    """Histograms of durations (owners x cells) that ended, and of those that were cut off."""

    observed: Ints
    censored: Ints


class QueueSums(NamedTuple):
    """What rows of the visits are counted into.

    Attributes
    ----------
    queue : int64 array (len(QueueSum) x queues x columns)
    busy : int64 array (groups x columns)
    agent : int64 array (agents)
        Contacts of each agent; of nobody if they are not asked for.
    waits : Lengths
    threshold : int64 array (queues)
    several : int64 array (groups)
        1 where people may hold several contacts at once: their busy time is not counted here.
    grid : Grid
    """

    queue: Ints
    busy: Ints
    agent: Ints
    waits: Lengths
    threshold: Ints
    several: Ints
    grid: Grid


class CaseSums(NamedTuple):
    """What rows of the cases are counted into.

    Attributes
    ----------
    case : int64 array (len(CaseSum) x streams x columns)
    response, resolve, backlog : Lengths
    at_once : int
        1: whether a case was solved at first contact is counted here, since no later repeat is looked for.
    grid : Grid
    """

    case: Ints
    response: Lengths
    resolve: Lengths
    backlog: Lengths
    at_once: int
    grid: Grid


class Steps(NamedTuple):
    """How many stretches go on through whole intervals: the change at each column (owners x columns).

    ``touched`` is the first and the last column with a change.
    """

    changes: Ints
    touched: Ints


def no_steps(sums: Ints) -> Steps:
    """Nothing to add yet to sums by owner and column."""
    return Steps(np.zeros(sums.shape, np.int64), np.array([sums.shape[1], 0], np.int64))


@inner
def _interval(window, time, near):
    """Interval of a time that is not negative; looked for where another time was first, which spares a division."""
    since = time - near * window.interval
    return near if 0 <= since < window.interval else time // window.interval


@inner
def column_of(window, last, time, near):
    """Column of what begins at a time; what began before the start counts with the first interval."""
    return _interval(window, max(time, 0), near) if time < window.end else last


@inner
def _spread(sums, steps, owner, begin, end, window, near):
    """Add a stretch of time to the intervals in which it passes, cut to the measured window.

    Its first and its last interval get their part at once, what lies between with `_fill`.
    """
    begin, end = max(begin, window.warm_up), min(end, window.end)
    if begin >= end:
        return
    width = window.interval
    first = _interval(window, begin, near)
    last = _interval(window, end - 1, first)
    if first == last:
        sums[owner, first] += end - begin
        return
    sums[owner, first] += (first + 1) * width - begin
    sums[owner, last] += end - last * width
    if last > first + 1:
        steps.changes[owner, first + 1] += 1
        steps.changes[owner, last] -= 1
        steps.touched[0], steps.touched[1] = min(steps.touched[0], first + 1), max(steps.touched[1], last)


@inner
def _fill(sums, steps, width):
    """Add the whole intervals of all stretches that were spread."""
    for owner in range(len(sums)):
        through = np.int64(0)
        for column in range(steps.touched[0], steps.touched[1]):
            through += steps.changes[owner, column]
            sums[owner, column] += through * width


@entry
def spread_into(sums, steps, owners, begins, ends, window):
    """Add stretches of time to the intervals in which they pass (owners x columns), cut to the measured window."""
    _spread_all(sums, steps, owners, begins, ends, window)


@inner
def _spread_all(sums, steps, owners, begins, ends, window):
    for i in range(len(owners)):
        _spread(sums, steps, owners[i], begins[i], ends[i], window, 0)
    _fill(sums, steps, window.interval)


@entry
def add_into(sums, owners, times, values, window):
    """Add values to the cells (owners x columns) of what begins at some times."""
    near = np.int64(0)
    for i in range(len(owners)):
        near = column_of(window, sums.shape[1] - 1, times[i], near)
        sums[owners[i], near] += values[i]


@entry
def cut_covered(owners, begins, ends):
    """Begin each stretch where the earlier ones of its owner are over; sorted by owner and begin, changed in place."""
    for i in range(1, len(owners)):
        if owners[i] == owners[i - 1]:
            begins[i] = max(begins[i], ends[i - 1])
            ends[i] = max(ends[i], ends[i - 1])


_CALLBACK, _ESCALATED, _RESUMED = int(Flag.CALLBACK), int(Flag.ESCALATED), int(Flag.RESUMED)
_UNSOLVED, _LOOKED_UP = int(Flag.UNSOLVED), int(Flag.LOOKED_UP)


@entry
def count_visits(rows, sums, waiting, busy, window, apart):
    """Count visits of queues; stays at delay steps have no queue and are left out.

    Parameters
    ----------
    rows : int64 array (rows x len(Visit))
    sums : QueueSums
    waiting, busy : Steps
        `no_steps` of the sums of waiting and of busy time.
    window : Window
    apart : int64 array (rows)
        Filled with the numbers of rows of people who may hold several contacts at once.

    Returns
    -------
    int
        How many those are.
    """
    return _count_visits(rows, sums, waiting, busy, window, apart)


@inner
def _count_visits(rows, sums, waiting, busy, window, apart):
    number, column = 0, np.int64(0)
    for i in range(len(rows)):
        row = rows[i]
        if row[Visit.QUEUE] < 0:
            continue
        column = column_of(window, sums.queue.shape[2] - 1, row[Visit.ENQUEUED], column)
        if row[Visit.STARTED] != _NEVER:
            if sums.several[row[Visit.GROUP]]:
                apart[number] = i
                number += 1
            else:
                _spread(sums.busy, busy, row[Visit.GROUP], row[Visit.STARTED], row[Visit.RELEASED], window, column)
        if row[Visit.ENDING] != Ending.HANDING:
            _count_visit(sums, waiting, window, row, column)
    _fill(sums.busy, busy, window.interval)
    _fill(sums.queue[Q.WAITING_TIME], waiting, window.interval)
    return number


@inner
def _count_visit(sums, waiting, window, row, column):
    """A visit's waiting, its work and, unless it goes on with suspended work, the contact that it is."""
    queue, enqueued = row[Visit.QUEUE], row[Visit.ENQUEUED]
    left = min(row[Visit.STARTED], row[Visit.ENDED], window.closing)
    if left > enqueued:
        _spread(sums.queue[Q.WAITING_TIME], waiting, queue, enqueued, left, window, column)
    if enqueued >= window.warm_up:
        at = sums.queue[:, queue, column]
        _count_work(at, sums.agent, row)
        if not row[Visit.FLAGS] & _RESUMED:
            _count_contact(at, row, left - enqueued, sums.threshold[queue])
            _count_wait(sums, row, left - enqueued)


@inner
def _count_work(at, agent, row):
    ending, ended, flags = row[Visit.ENDING], row[Visit.ENDED], row[Visit.FLAGS]
    if ending == Ending.SERVED:
        at[Q.HANDLED] += 1
        at[Q.WRAP] += row[Visit.RELEASED] - ended
        if len(agent):
            agent[row[Visit.AGENT]] += 1
    elif ending == Ending.SUSPENDED:
        at[Q.SUSPENDED] += 1
    elif ending == Ending.STILL_IN_SERVICE:
        at[Q.STARTS] += 1
    if ending == Ending.SERVED or ending == Ending.SUSPENDED:
        at[Q.STARTS] += 1
        at[Q.TALK] += ended - row[Visit.STARTED] - row[Visit.HOLD]
        at[Q.HOLD] += row[Visit.HOLD]
    if flags:
        at[Q.LOOKUPS] += (flags & _LOOKED_UP) != 0
        at[Q.PASSED_ON] += (flags & _UNSOLVED) != 0


@inner
def _count_contact(at, row, wait, threshold):
    """A contact is answered if its first service began; what became of that service is another matter."""
    ending, flags, in_time = row[Visit.ENDING], row[Visit.FLAGS], wait <= threshold
    at[Q.OFFERED] += 1
    if row[Visit.ATTEMPT] > 0:
        at[Q.REDIALS] += 1
    if flags:
        at[Q.CALLBACKS] += (flags & _CALLBACK) != 0
        at[Q.ESCALATED] += (flags & _ESCALATED) != 0
    if ending == Ending.SERVED or ending == Ending.STILL_IN_SERVICE or ending == Ending.SUSPENDED:
        at[Q.ANSWERED] += 1
        at[Q.ANSWERED_IN_TIME] += in_time
        at[Q.WAIT_ANSWERED] += wait
    elif ending == Ending.ABANDONED:
        at[Q.ABANDONED] += 1
        at[Q.ABANDONED_IN_TIME] += in_time
        at[Q.WAIT_ABANDONED] += wait
    elif ending == Ending.STILL_WAITING:
        at[Q.STILL_WAITING] += 1
        at[Q.WAIT_OPEN] += wait
    else:
        at[Q.BLOCKED] += ending == Ending.BLOCKED
        at[Q.BALKED] += ending == Ending.BALKED
        at[Q.UNANSWERED] += ending == Ending.UNANSWERED


@inner
def _count_wait(sums, row, wait):
    ending = row[Visit.ENDING]
    if ending != Ending.BLOCKED and ending != Ending.BALKED:
        _count_length(sums.waits, sums.grid, row[Visit.QUEUE], wait, ending == Ending.STILL_WAITING)


@inner
def _count_length(lengths, grid, owner, length, cut_off):
    """A duration that ended, or was cut off."""
    cell = duration_cell(grid, length)
    if cut_off:
        lengths.censored[owner, cell] += 1
    else:
        lengths.observed[owner, cell] += 1


@entry
def count_cases(rows, sums, window):
    """Count cases: the backlog whenever they arrived, all else for arrivals after the warm-up.

    Parameters
    ----------
    rows : int64 array (rows x len(Case))
    sums : CaseSums
    window : Window
    """
    _count_cases(rows, sums, window)


@inner
def _count_cases(rows, sums, window):
    column = np.int64(0)
    for i in range(len(rows)):
        row = rows[i]
        column = column_of(window, sums.case.shape[2] - 1, row[Case.ARRIVED], column)
        at = sums.case[:, row[Case.STREAM], column]
        if row[Case.ENDED] >= window.end:
            age = window.end - row[Case.ARRIVED]
            at[C.BACKLOG] += 1
            at[C.BACKLOG_AGE] += age
            _count_length(sums.backlog, sums.grid, row[Case.STREAM], age, False)
        if row[Case.ARRIVED] >= window.warm_up:
            if row[Case.OUTCOME] == Outcome.GONE:
                at[C.GONE] += 1
            else:
                _count_case(at, sums, row)
                _count_times(at, sums, window, row)


_REPEATS = (
    (int(Case.HANDOVERS), int(C.HANDED_OVER), int(C.HANDOVERS)),
    (int(Case.REOPENED), int(C.CAME_BACK), int(C.REOPENINGS)),
    (int(Case.CHASES), int(C.CHASED), int(C.CHASES)),
)
"""Columns of what may happen to a case again: in how many cases it did, and how often."""


@inner
def _count_case(at, sums, row):
    """How a case ended, and how often its customer had to come."""
    outcome, ended = row[Case.OUTCOME], row[Case.OUTCOME] != Outcome.OPEN
    at[C.CASES] += 1
    at[C.ATTEMPTS] += row[Case.ATTEMPTS]
    if outcome == Outcome.SOLVED:
        at[C.SOLVED] += 1
        at[C.UNAIDED] += row[Case.FIRST_RESPONSE] == _NEVER
    else:
        at[C.UNSOLVED] += outcome == Outcome.UNSOLVED
        at[C.ABANDONED] += outcome == Outcome.ABANDONED
        at[C.BLOCKED] += outcome == Outcome.BLOCKED
        at[C.OPEN] += not ended
    if ended:
        at[C.ENDED] += 1
        at[C.FIRST_CONTACT_DUE] += sums.at_once
        at[C.FIRST_CONTACT] += sums.at_once and at_first_contact(row)
    if row[Case.CUSTOMER] >= 0:
        at[C.COUNTED_CUSTOMERS] += ended
        at[C.LEFT] += row[Case.LEFT]
    for column, cases, times in _REPEATS:
        if row[column] > 0:
            at[cases] += 1
            at[times] += row[column]


@inner
def at_first_contact(row):
    """Whether a case was solved by one attempt, without a hand-over, a chasing contact or coming back."""
    again = row[Case.HANDOVERS] + row[Case.REOPENED] + row[Case.CHASES]
    return row[Case.OUTCOME] == Outcome.SOLVED and row[Case.ATTEMPTS] == 1 and again == 0


@inner
def _count_times(at, sums, window, row):
    """Times to the first response, to the first and to the last solution."""
    arrived, outcome = row[Case.ARRIVED], row[Case.OUTCOME]
    responded, solved, cut_off = row[Case.FIRST_RESPONSE] != _NEVER, outcome == Outcome.SOLVED, outcome == Outcome.OPEN
    response, resolve = min(row[Case.FIRST_RESPONSE], window.closing), min(row[Case.ENDED], window.closing)
    if responded:
        at[C.RESPONDED] += 1
        at[C.RESPONSE_TIME] += response - arrived
    if solved:
        at[C.RESOLVE_TIME] += resolve - arrived
    if row[Case.SOLVED] != _NEVER:
        at[C.FIRST_SOLVED] += 1
        at[C.FIRST_SOLVED_TIME] += row[Case.SOLVED] - arrived
    if responded or cut_off:
        _count_length(sums.response, sums.grid, row[Case.STREAM], response - arrived, not responded)
    if solved or cut_off:
        _count_length(sums.resolve, sums.grid, row[Case.STREAM], resolve - arrived, not solved)
