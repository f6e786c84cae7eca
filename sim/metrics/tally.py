"""Rows of the log counted into sums: one pass per table, exact to the microsecond.

Rows are counted by key in one go (`_sums`); a key is an owner (queue, group, stream), an interval, and how it ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.codes import Case, Outcome
from sim.metrics.frame import Frame
from sim.metrics.lives import as_rows
from sim.metrics.service import Money
from sim.metrics.stretches import union
from sim.metrics.sums import AgentSum, Duration, GroupSum, MoneySum, QueueSum
from sim.primitives import (
    GRID,
    CaseSums,
    Lengths,
    QueueSums,
    Window,
    add_into,
    count_cases,
    count_visits,
    no_steps,
    spread_into,
)
from sim.units import HOUR_US

if TYPE_CHECKING:
    from sim.metrics.totals import Totals

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_LOW_BITS = 26
_LOW = (1 << _LOW_BITS) - 1


def sums_by(keys: Ints, number: int, weights: Ints | None = None) -> Ints:
    """Counts, or exact sums of non-negative weights, by key 0 ... number - 1.

    A weighted ``bincount`` adds floats; high and low bits are added apart, so that each sum stays below 2**53.
    """
    if weights is None:
        return np.bincount(keys, minlength=number)
    low = np.bincount(keys, weights & _LOW, minlength=number).astype(np.int64)
    high = np.bincount(keys, weights >> _LOW_BITS, minlength=number).astype(np.int64)
    found: Ints = low + (high << _LOW_BITS)
    return found


def add(sums: Ints, owners: Ints, times_us: Ints, values: Ints | Mask, frame: Frame) -> None:
    """Add values to the cells (owners x intervals + 1) of what begins at some times."""
    add_into(sums, owners, times_us, values.astype(np.int64, copy=False), window_of(frame, frame.end_us))


def spread(sums: Ints, owners: Ints, begins_us: Ints, ends_us: Ints, frame: Frame) -> None:
    """Add stretches of time to the intervals in which they pass, cut to the measured window.

    Parameters
    ----------
    sums : int64 array (owners x intervals + 1)
        Changed in place.
    owners, begins_us, ends_us : int64 arrays (stretches)
    frame : Frame
    """
    spread_into(sums, no_steps(sums), owners, begins_us, ends_us, window_of(frame, frame.end_us))


def window_of(frame: Frame, closing_us: int) -> Window:
    """Borders of a frame, for a run that closes at a time."""
    return Window(frame.interval_us, frame.warm_up_us, frame.end_us, closing_us)


def sessions(totals: Totals, rows: Ints) -> None:
    """Add the time for which people were logged on, and the busy time of those who held several contacts at once."""
    frame, (group, agent, on, off) = totals.frame, np.ascontiguousarray(rows.T)
    spread(totals.group[GroupSum.STAFFED], group, on, off, frame)
    if totals.agent.size:
        lengths = np.maximum(np.minimum(off, frame.end_us) - np.maximum(on, frame.warm_up_us), 0)
        totals.agent[AgentSum.STAFFED] += sums_by(agent, totals.agent.shape[1], lengths)
    if not totals.pending.paid_is_known:
        _pay(totals, group, on, off)
    if frame.several and len(rows):
        spread(totals.group[GroupSum.BUSY], *union(*totals.pending.contacts.take(agent, off)), frame)


def _pay(totals: Totals, group: Ints, on: Ints, off: Ints) -> None:
    """Count time logged on as paid."""
    sums, costs = totals.group[GroupSum.PAID], _money(totals) is not None
    before = sums.copy() if costs else sums
    spread(sums, group, on, off, totals.frame)
    if costs:
        _count_people(totals, sums - before)


def paid(totals: Totals, paid_us: Ints) -> None:
    """Add paid time and its cost, spread evenly over the window."""
    lengths = np.append(totals.frame.lengths_us(), 0)
    upto = np.append(0, np.cumsum(lengths)) / max(totals.frame.window_us, 1)
    until = np.rint(paid_us[:, None] * upto).astype(np.int64)
    shares: Ints = until[:, 1:] - until[:, :-1]
    totals.group[GroupSum.PAID] += shares
    _count_people(totals, shares)


def _money(totals: Totals) -> Money | None:
    return totals.frame.service.money if totals.frame.service is not None else None


def _count_people(totals: Totals, paid_us: Ints) -> None:
    """Add the cost of people's paid time (groups x intervals + 1)."""
    money = _money(totals)
    if money is not None:
        upto = np.cumsum(paid_us, axis=1) * (np.array(money.people)[:, None] * 1000 / HOUR_US)
        totals.money[MoneySum.COST][: len(paid_us)] += np.diff(np.rint(upto).astype(np.int64), axis=1, prepend=0)


def visits(totals: Totals, rows: Ints, closing_us: int) -> None:
    """Count visits of queues; busy time of people who may hold several contacts only when their session is over."""
    frame, rows = totals.frame, as_rows(rows)
    several = np.zeros(len(frame.groups), np.int64)
    several[list(frame.several)] = 1
    busy = totals.group[GroupSum.BUSY]
    sums = QueueSums(
        queue=totals.queue,
        busy=busy,
        agent=totals.agent[AgentSum.CONTACTS],
        waits=_lengths(totals, Duration.WAIT),
        threshold=np.array(frame.threshold_us, np.int64),
        several=several,
        grid=GRID,
    )
    apart = np.empty(len(rows) if frame.several else 0, np.int64)
    waiting = totals.queue[QueueSum.WAITING_TIME]
    number = count_visits(rows, sums, no_steps(waiting), no_steps(busy), window_of(frame, closing_us), apart)
    if number:
        totals.pending.contacts.keep(rows[apart[:number]])


def cases(totals: Totals, rows: Ints, closing_us: int) -> None:
    """Count cases: the backlog whenever they arrived, all else for arrivals after the warm-up."""
    sums = CaseSums(
        case=totals.case,
        response=_lengths(totals, Duration.FIRST_RESPONSE),
        resolve=_lengths(totals, Duration.RESOLVE),
        backlog=_lengths(totals, Duration.BACKLOG_AGE),
        at_once=int(totals.frame.repeat_us is None),
        grid=GRID,
    )
    count_cases(as_rows(rows), sums, window_of(totals.frame, closing_us))


def _lengths(totals: Totals, kind: Duration) -> Lengths:
    return Lengths(totals.observed[kind], totals.censored[kind])


def at_first_contact(table: Ints) -> Mask:
    """Which cases were solved by one attempt, without a hand-over, a chasing contact or coming back."""
    once = (table[Case.ATTEMPTS] == 1) & (table[Case.OUTCOME] == Outcome.SOLVED)
    found: Mask = once & (table[Case.HANDOVERS] == 0) & (table[Case.REOPENED] == 0) & (table[Case.CHASES] == 0)
    return found
