"""Who was on duty when, from who served when. Activity misses idle people, so the head count is bracketed.

The lower end of the bracket is who was seen working. The upper end adds every pause between two contacts of an agent
that nothing contradicts: an agent who pauses while a customer has been waiting for a while is away.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.history import NOBODY, History, day_number
from calibration.moments import to_utc
from sim.units import DAY_US, HOUR_US, MINUTE_US, SECOND_US

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

RESOLUTION_US = 15 * MINUTE_US
_SHIFT_ENDS_US = 3 * HOUR_US
_PROOF_US = 20 * SECOND_US
_LONGEST_PAUSE_US = MINUTE_US
_FEWEST_PAUSES = 100


@dataclass(frozen=True)
class Union:
    """Stretches of time that do not overlap, in order."""

    start: Ints
    end: Ints

    @cached_property
    def _before(self) -> Ints:
        return np.concatenate([[0], np.cumsum(self.end - self.start)])

    def until(self, moment: Ints) -> Ints:
        """Time inside the stretches before a moment."""
        index = np.searchsorted(self.start, moment, side="right")
        last = np.maximum(index - 1, 0)
        inside = np.minimum(moment, self.end[last]) - self.start[last] if len(self.start) else 0
        return np.where(index > 0, self._before[last] + inside, 0) if len(self.start) else np.zeros_like(moment)

    def first_after(self, moment: Ints, default: Ints) -> Ints:
        """First moment inside a stretch at or after a moment."""
        index = np.searchsorted(self.end, moment, side="right")
        begins = np.append(self.start, np.iinfo(np.int64).max)[index]
        return np.where(index < len(self.start), np.maximum(begins, moment), default)

    def last_before(self, moment: Ints, default: Ints) -> Ints:
        """Last moment inside a stretch at or before a moment."""
        index = np.searchsorted(self.start, moment, side="left") - 1
        ends = self.end[np.maximum(index, 0)] if len(self.end) else moment
        return np.where(index >= 0, np.minimum(ends, moment), default)


def union(start: Ints, end: Ints) -> Union:
    """Stretches that may overlap, put together."""
    order = np.argsort(start, kind="stable")
    start, end = start[order], end[order]
    start, end = start[end > start], end[end > start]
    if not len(start):
        return Union(start, end)
    reach = np.maximum.accumulate(end)
    new = np.concatenate([[True], start[1:] > reach[:-1]])
    last = np.append(np.flatnonzero(new)[1:] - 1, len(start) - 1)
    return Union(start[new], reach[last])


def people_time(start: Ints, end: Ints, edges: Ints) -> Floats:
    """Person-time of stretches between neighbouring edges, microseconds (as float: many people, long times)."""

    def until(bounds: Ints) -> Floats:
        bounds = np.sort(bounds) - edges[0]
        sums = np.concatenate([[0.0], np.cumsum(bounds.astype(float))])
        count = np.searchsorted(bounds, edges - edges[0], side="left")
        return count * (edges - edges[0]).astype(float) - sums[count]

    return np.diff(until(start) - until(end))


def grid(first: dt.date, days: int, zone: ZoneInfo) -> Ints:
    """Edges of the quarter hours of some local days in UTC, one more than there are quarter hours.

    On the day when clocks go forward the skipped quarter hours have no length.
    """
    local = day_number(first) * DAY_US + RESOLUTION_US * np.arange(days * (DAY_US // RESOLUTION_US) + 1)
    utc, skipped = to_utc(local, zone)
    for _ in range(16):  # a skipped wall time means the first instant after the gap
        if not skipped.any():
            break
        local = np.where(skipped, local + RESOLUTION_US, local)
        utc, skipped = to_utc(local, zone)
    return np.maximum.accumulate(utc)


class Roster:
    """Head counts per quarter hour of each local day, for one group of agents.

    Attributes
    ----------
    pause_s_ : float
        Mean time between two contacts of an agent while others waited all along (pauses of up to a minute), seconds:
        work after the contact that the log does not show. 0 if the log has its own wrap times.
    pauses_ : int
        How many such pauses were seen.
    lower_, upper_ : float arrays (days x quarter hours)
        Mean number of people seen working; and of people whom nothing proves away.
    agents_ : int
        Different agents seen.
    """

    def fit(self, history: History, mine: Flags, theirs: Flags) -> Roster:
        """Fit to the contacts of a history.

        Parameters
        ----------
        history
            All contacts.
        mine : bool array
            Contacts served by the group.
        theirs : bool array
            Contacts that the group could serve, whoever did: those that prove its idle agents away.
        """
        table = history.table
        mine = mine & table["answered"].to_numpy() & (table["agent"] != NOBODY).to_numpy()
        work = table.loc[mine, ["agent", "enqueued", "started", "ended", "released"]].sort_values(["agent", "started"])
        self.agents_ = int(work["agent"].nunique())
        waits = _waits(table[theirs], 0)
        has_wrap = bool((work["released"] > work["ended"]).any())
        gaps = _gaps(work)
        self.pause_s_, self.pauses_ = (0.0, 0) if has_wrap else _pause(gaps, waits)
        edges = grid(history.first, history.days, history.zone)
        busy_end = np.minimum(work["released"].to_numpy() + int(self.pause_s_ * SECOND_US), _next_start(work))
        lower = people_time(work["started"].to_numpy(), np.maximum(busy_end, work["started"].to_numpy()), edges)
        idle = _idle(gaps, _waits(table[theirs], _PROOF_US), int(self.pause_s_ * SECOND_US))
        upper = lower + sum(people_time(start, end, edges) for start, end in idle)
        length = np.maximum(np.diff(edges), 1).astype(float)
        shape = (history.days, DAY_US // RESOLUTION_US)
        self.lower_: Floats = (lower / length).reshape(shape)
        self.upper_: Floats = np.asarray(upper / length).reshape(shape)
        return self

    def at(self, level: float) -> Floats:
        """Head count at a level between the lower end of the bracket (0) and the upper (1)."""
        return self.lower_ + level * (self.upper_ - self.lower_)


def _waits(table: pd.DataFrame, after_us: int) -> Union:
    """When somebody waited who had waited for a time already."""
    left = np.where(table["answered"], table["started"], table["ended"])
    return union(table["enqueued"].to_numpy() + after_us, left)


def _next_start(work: pd.DataFrame) -> Ints:
    following = work["started"].shift(-1, fill_value=0).to_numpy()
    same = (work["agent"] == work["agent"].shift(-1)).to_numpy()
    return np.where(same, following, np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class _Gaps:
    """Pauses between two contacts of the same agent within a shift, and how long the next customer had waited."""

    start: Ints
    end: Ints
    waited: Ints


def _gaps(work: pd.DataFrame) -> _Gaps:
    # an agent with two contacts at once is free when the later of them ends
    released = work.groupby("agent", sort=False)["released"].cummax().to_numpy()
    following = _next_start(work)
    waited = (work["started"] - work["enqueued"]).shift(-1, fill_value=0).to_numpy()
    kept = (following > released) & (following < released + _SHIFT_ENDS_US)
    return _Gaps(released[kept], following[kept], waited[kept])


def _pause(gaps: _Gaps, waits: Union) -> tuple[float, int]:
    length = gaps.end - gaps.start
    covered = waits.until(gaps.end) - waits.until(gaps.start) >= length
    found = length[covered & (gaps.waited >= length) & (length <= _LONGEST_PAUSE_US)]
    return (float(found.mean()) / SECOND_US if len(found) >= _FEWEST_PAUSES else 0.0), len(found)


def _idle(gaps: _Gaps, proof: Union, pause_us: int) -> list[tuple[Ints, Ints]]:
    """Parts of pauses that nothing contradicts: before and after the time in which customers were left waiting."""
    start, end = np.minimum(gaps.start + pause_us, gaps.end), gaps.end
    contradicted = proof.until(end) - proof.until(start) > 0
    gone = np.where(contradicted, np.clip(proof.first_after(start, end), start, end), end)
    back = np.where(contradicted, np.clip(proof.last_before(end, start), gone, end), end)
    return [(start, gone), (back, end)]


def whole(heads: Floats) -> Ints:
    """Whole people from means: what is rounded off is carried to the next quarter hour of the same stretch of duty.

    Parameters
    ----------
    heads : float array (quarter hours)
        Means of one day.
    """
    result = np.zeros(len(heads), dtype=np.int64)
    carry = 0.0
    for index, head in enumerate(heads):
        if head < 0.1:
            carry = 0.0
            continue
        result[index] = int(np.floor(head + carry + 0.5))
        carry += head - result[index]
    return np.maximum(result, 0)
