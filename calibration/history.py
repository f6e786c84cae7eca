"""The history after reading: one row per contact, and an account of every row that was left out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.evidence import Table
from calibration.moments import to_local
from sim.units import DAY_US, MINUTE_US, NEVER, SECOND_US

COLUMNS = (
    *("contact", "customer", "type", "priority", "agent"),
    *("arrived", "enqueued", "started", "ended", "released", "hold", "answered", "department", "channel"),
)
NOBODY = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """Rows left out for one reason, with the first of them (line of the file) as an example."""

    reason: str
    rows: int
    example_row: int


@dataclass(frozen=True, slots=True)
class Drops:
    """Account of the rows of a file: read = kept + dropped."""

    read: int
    kept: int
    drops: tuple[Drop, ...]
    notes: tuple[str, ...] = ()

    @property
    def dropped(self) -> int:
        """Rows left out for any reason."""
        return sum(drop.rows for drop in self.drops)

    def table(self) -> Table:
        """The account as a table."""
        rows: list[list[str | float | int | None]] = [["rows read", self.read, None]]
        rows += [[drop.reason, drop.rows, drop.example_row] for drop in self.drops]
        rows.append(["rows kept", self.kept, None])
        return Table("Rows of the file", ["what", "rows", "first in row"], rows, " ".join(self.notes))


@dataclass(frozen=True)
class History:
    """Contacts in the order of joining the queue.

    Attributes
    ----------
    table : DataFrame
        Columns `COLUMNS`: contact, customer, type, priority, agent, department and channel are text (empty: none);
        arrived, enqueued, started, ended, released are microseconds since 1970 in UTC, `NEVER` where something did not
        happen; ``ended``
        is the end of talk and hold, or the hang-up; ``hold`` is a length in microseconds; ``answered`` is a flag.
    zone : ZoneInfo
        Where wall time and weekdays are counted.
    source : str
        Name of the file.
    drops : Drops
        What was left out.
    first, last : date
        First and last local day that the history covers.
    """

    table: pd.DataFrame
    zone: ZoneInfo
    source: str
    drops: Drops
    first: dt.date
    last: dt.date

    @cached_property
    def local_us(self) -> NDArray[np.int64]:
        """Wall time of joining the queue, microseconds since 1970."""
        return to_local(self.table["enqueued"].to_numpy(), self.zone)

    @property
    def day(self) -> NDArray[np.int64]:
        """Local day of joining the queue, counted from the first day."""
        return self.local_us // DAY_US - day_number(self.first)

    @property
    def minute(self) -> NDArray[np.int64]:
        """Minute of the local day of joining the queue."""
        return self.local_us % DAY_US // MINUTE_US

    @property
    def days(self) -> int:
        """Days from the first to the last."""
        return (self.last - self.first).days + 1

    def date(self, day: int) -> dt.date:
        """Date of a day number."""
        return self.first + dt.timedelta(days=int(day))

    @property
    def weekdays(self) -> NDArray[np.int64]:
        """Weekday of each day, Monday 0."""
        return (self.first.weekday() + np.arange(self.days)) % 7

    @property
    def wait_s(self) -> NDArray[np.float64]:
        """Time in the queue until service or hang-up, seconds."""
        left = np.where(self.table["answered"], self.table["started"], self.table["ended"])
        return (left - self.table["enqueued"].to_numpy()) / SECOND_US

    def between(self, first: dt.date, last: dt.date) -> History:
        """The part of some days, both included."""
        day = self.day
        low, high = (first - self.first).days, (last - self.first).days
        part = self.table[(day >= low) & (day <= high)].reset_index(drop=True)
        return History(part, self.zone, self.source, self.drops, first, last)

    def only(self, rows: NDArray[np.bool_]) -> History:
        """Some of the contacts, over the same days."""
        part = self.table[rows].reset_index(drop=True)
        return History(part, self.zone, self.source, self.drops, self.first, self.last)


def day_number(date: dt.date) -> int:
    """Days since 1970."""
    return (date - dt.date(1970, 1, 1)).days


def never(moments: NDArray[np.int64], missing: int) -> NDArray[np.int64]:
    """Moments with `NEVER` in place of a missing mark."""
    return np.where(moments == missing, NEVER, moments)
