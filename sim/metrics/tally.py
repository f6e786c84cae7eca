"""Rows of the log counted into sums: one pass per table, exact to the microsecond."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.codes import Case, Ending, Outcome, Session, Visit
from sim.metrics.frame import Frame
from sim.metrics.histogram import cell_of
from sim.metrics.sums import CaseSum, Duration, GroupSum, QueueSum
from sim.units import NEVER

if TYPE_CHECKING:
    from sim.metrics.totals import Totals

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


def _column(frame: Frame, times_us: Ints) -> Ints:
    """Interval of each time; the extra last column for times after the end."""
    return np.where(times_us < frame.end_us, times_us // frame.interval_us, frame.intervals)


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
    owners, begins, ends = owners[inside], begins[inside], ends[inside]
    width = frame.interval_us
    first, last = begins // width, (ends - 1) // width
    # Full intervals from the first to the last but one, then what is missing at the front, and the end's own part.
    whole = np.zeros_like(sums)
    np.add.at(whole, (owners, first), width)
    np.add.at(whole, (owners, last), -width)
    sums += whole.cumsum(axis=1)
    np.add.at(sums, (owners, first), first * width - begins)
    np.add.at(sums, (owners, last), ends - last * width)


def visits(totals: Totals, rows: Ints, closing_us: int) -> None:
    """Count visits of queues; stays at delay steps have no queue and are left out."""
    frame = totals.frame
    rows = rows[rows[:, Visit.QUEUE] >= 0]
    started = rows[:, Visit.STARTED]
    served = rows[started != NEVER]
    busy = totals.group[GroupSum.BUSY]
    spread(busy, served[:, Visit.GROUP], served[:, Visit.STARTED], served[:, Visit.RELEASED], frame)
    left = np.minimum(np.minimum(started, rows[:, Visit.ENDED]), closing_us)
    spread(totals.queue[QueueSum.WAITING_TIME], rows[:, Visit.QUEUE], rows[:, Visit.ENQUEUED], left, frame)
    counted = rows[:, Visit.ENQUEUED] >= frame.warm_up_us
    _count_visits(totals, rows[counted], left[counted] - rows[counted, Visit.ENQUEUED])


def _count_visits(totals: Totals, rows: Ints, wait_us: Ints) -> None:
    frame = totals.frame
    queue, ending = rows[:, Visit.QUEUE], rows[:, Visit.ENDING]
    in_time = wait_us <= np.array(frame.threshold_us, np.int64)[queue]
    column = _column(frame, rows[:, Visit.ENQUEUED])

    def add(kind: QueueSum, of: Mask, what: Ints | int = 1) -> None:
        values = what[of] if isinstance(what, np.ndarray) else what
        np.add.at(totals.queue[kind], (queue[of], column[of]), values)

    answered = rows[:, Visit.STARTED] != NEVER
    abandoned = ending == Ending.ABANDONED
    waiting = ending == Ending.STILL_WAITING
    add(QueueSum.OFFERED, np.ones(len(rows), np.bool_))
    add(QueueSum.REDIALS, rows[:, Visit.ATTEMPT] > 0)
    add(QueueSum.ANSWERED, answered)
    add(QueueSum.ANSWERED_IN_TIME, answered & in_time)
    add(QueueSum.ABANDONED, abandoned)
    add(QueueSum.ABANDONED_IN_TIME, abandoned & in_time)
    add(QueueSum.BLOCKED, ending == Ending.BLOCKED)
    add(QueueSum.STILL_WAITING, waiting)
    add(QueueSum.WAIT_ANSWERED, answered, wait_us)
    add(QueueSum.WAIT_ABANDONED, abandoned, wait_us)
    add(QueueSum.WAIT_OPEN, waiting, wait_us)
    handled = ending == Ending.SERVED
    add(QueueSum.HANDLED, handled)
    add(QueueSum.TALK, handled, rows[:, Visit.ENDED] - rows[:, Visit.STARTED] - rows[:, Visit.HOLD])
    add(QueueSum.HOLD, handled, rows[:, Visit.HOLD])
    add(QueueSum.WRAP, handled, rows[:, Visit.RELEASED] - rows[:, Visit.ENDED])
    _histogram(totals, Duration.WAIT, queue, wait_us, answered | abandoned, waiting)


def _histogram(totals: Totals, kind: Duration, owner: Ints, length_us: Ints, over: Mask, open_: Mask) -> None:
    for sums, of in ((totals.observed[kind], over), (totals.censored[kind], open_)):
        np.add.at(sums, (owner[of], cell_of(length_us[of])), 1)


def sessions(totals: Totals, rows: Ints) -> None:
    """Add the time for which people were logged on."""
    spread(
        totals.group[GroupSum.STAFFED], rows[:, Session.GROUP], rows[:, Session.ON], rows[:, Session.OFF], totals.frame
    )


def cases(totals: Totals, rows: Ints, closing_us: int) -> None:
    """Count cases: the backlog whenever they arrived, all else for arrivals after the warm-up."""
    _count_backlog(totals, rows)
    _count_cases(totals, rows[rows[:, Case.ARRIVED] >= totals.frame.warm_up_us], closing_us)


def _count_backlog(totals: Totals, rows: Ints) -> None:
    frame = totals.frame
    rows = rows[rows[:, Case.ENDED] >= frame.end_us]
    stream, arrived = rows[:, Case.STREAM], rows[:, Case.ARRIVED]
    where = (stream, _column(frame, arrived))
    age_us = frame.end_us - arrived
    np.add.at(totals.case[CaseSum.BACKLOG], where, 1)
    np.add.at(totals.case[CaseSum.BACKLOG_AGE], where, age_us)
    everyone = np.ones(len(rows), np.bool_)
    _histogram(totals, Duration.BACKLOG_AGE, stream, age_us, everyone, ~everyone)


def _count_cases(totals: Totals, rows: Ints, closing_us: int) -> None:
    stream, arrived, outcome = rows[:, Case.STREAM], rows[:, Case.ARRIVED], rows[:, Case.OUTCOME]
    column = _column(totals.frame, arrived)

    def add(kind: CaseSum, of: Mask, what: Ints | int = 1) -> None:
        values = what[of] if isinstance(what, np.ndarray) else what
        np.add.at(totals.case[kind], (stream[of], column[of]), values)

    everyone = np.ones(len(rows), np.bool_)
    add(CaseSum.CASES, everyone)
    for kind, code in _OUTCOMES:
        add(kind, outcome == code)
    responded, solved, open_ = rows[:, Case.FIRST_RESPONSE] != NEVER, outcome == Outcome.SOLVED, outcome == Outcome.OPEN
    response_us = np.minimum(rows[:, Case.FIRST_RESPONSE], closing_us) - arrived
    resolve_us = np.minimum(rows[:, Case.ENDED], closing_us) - arrived
    add(CaseSum.RESPONDED, responded)
    add(CaseSum.RESPONSE_TIME, responded, response_us)
    add(CaseSum.RESOLVE_TIME, solved, resolve_us)
    add(CaseSum.HANDOVERS, everyone, rows[:, Case.HANDOVERS])
    add(CaseSum.ATTEMPTS, everyone, rows[:, Case.ATTEMPTS])
    _histogram(totals, Duration.FIRST_RESPONSE, stream, response_us, responded, open_ & ~responded)
    _histogram(totals, Duration.RESOLVE, stream, resolve_us, solved, open_)


_OUTCOMES = (
    (CaseSum.SOLVED, Outcome.SOLVED),
    (CaseSum.UNSOLVED, Outcome.UNSOLVED),
    (CaseSum.ABANDONED, Outcome.ABANDONED),
    (CaseSum.BLOCKED, Outcome.BLOCKED),
    (CaseSum.OPEN, Outcome.OPEN),
)
