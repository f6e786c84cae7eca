"""Local wall time of an IANA zone, expanded to microseconds since the scenario's start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from sim.network import OPENING, Records
from sim.schema.daytable import DayTable
from sim.units import SECOND_US

_MINUTE = dt.timedelta(minutes=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_US = dt.timedelta(microseconds=1)
_DAYS_BEFORE = 40
DAYS_BEYOND = 400
"""Calendars reach so far before the start (cases open then) and beyond the end (draining)."""


def to_utc(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The instant of a wall time: the first of two, or the first after a gap."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    before = wall.replace(second=0, microsecond=0)
    while True:
        before -= _MINUTE
        instant = before.replace(tzinfo=zone).astimezone(dt.UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == before:
            return instant + _MINUTE


@dataclass(frozen=True)
class Clock:
    """A scenario's zone, start and end."""

    zone: ZoneInfo
    start: dt.datetime
    end_us: int

    @property
    def start_utc(self) -> dt.datetime:
        """The start as an instant."""
        return to_utc(self.start, self.zone)

    def at(self, day: dt.date, minute: int) -> int:
        """Microseconds from the start to a minute of a local day; minutes beyond 1440 are the next day's."""
        return _at(self.zone, self.start, day, minute)

    def of(self, wall: dt.datetime) -> int:
        """Microseconds from the start to a wall time."""
        return (to_utc(wall, self.zone) - self.start_utc) // _US

    def days(self) -> list[dt.date]:
        """Local days that can matter, from the day before the start."""
        return self._days(1, 0)

    def days_around(self) -> list[dt.date]:
        """Local days from well before the start to well beyond the end."""
        return self._days(_DAYS_BEFORE, DAYS_BEYOND)

    def _days(self, before: int, beyond: int) -> list[dt.date]:
        last = (self.start_utc + dt.timedelta(microseconds=self.end_us)).astimezone(self.zone).date()
        first = self.start.date() - dt.timedelta(days=before)
        return [first + dt.timedelta(days=n) for n in range((last - first).days + beyond + 1)]

    def stretches(self, table: DayTable) -> Iterator[tuple[dt.date, int, int, float, int]]:
        """Stretches of a table on the time line.

        Yields
        ------
        (day, from, to, value, minutes)
            The local day on which it begins, its borders (microseconds, cut to the run), its value, and its length on
            an ordinary day.
        """
        for day in self.days():
            for stretch in table.on(day):
                begin = max(self.at(day, stretch.start_min), 0)
                end = min(self.at(day, stretch.end_min), self.end_us)
                if begin < end:
                    yield day, begin, end, stretch.value, stretch.end_min - stretch.start_min

    def wall(self, time_us: int) -> dt.datetime:
        """Local wall time of a time of the run."""
        instant = self.start_utc + dt.timedelta(microseconds=time_us)
        return instant.astimezone(self.zone).replace(tzinfo=None)


def openings(table: DayTable, clock: Clock) -> Records:
    """Stretches in which a table has a value above zero, as `sim.network.OPENING`; touching ones are one."""
    spans: list[tuple[int, int]] = []
    for begin, end in sorted(
        (clock.at(day, stretch.start_min), clock.at(day, stretch.end_min))
        for day in clock.days_around()
        for stretch in table.on(day)
        if stretch.value > 0
    ):
        if spans and begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        elif begin < end:
            spans.append((begin, end))
    return _counted(spans)


def rounds(table: DayTable, minutes: Iterable[int], clock: Clock) -> Records:
    """Rounds at the same minutes of every day that has a value above zero: stretches of a microsecond each."""
    times = {
        clock.at(day, minute)
        for day in clock.days_around()
        if any(stretch.value > 0 for stretch in table.on(day))
        for minute in minutes
    }
    return _counted([(time, time + 1) for time in sorted(times)])


def _counted(spans: list[tuple[int, int]]) -> Records:
    """Stretches with the open time before each."""
    made = np.zeros(len(spans), OPENING)
    if spans:
        made["begin"], made["end"] = np.array(spans, np.int64).T
        made["before"] = np.concatenate([[0], np.cumsum(made["end"] - made["begin"])[:-1]])
    return made


@lru_cache(maxsize=100_000)
def _at(zone: ZoneInfo, start: dt.datetime, day: dt.date, minute: int) -> int:
    days, minutes = divmod(minute, 24 * 60)
    wall = dt.datetime.combine(day + dt.timedelta(days=days), dt.time(minutes // 60, minutes % 60))
    return (to_utc(wall, zone) - to_utc(start, zone)) // _US


def local_seconds(zone: ZoneInfo, start_utc: dt.datetime, times_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """Seconds of local wall time since 1970-01-01 for many instants (microseconds since the start)."""
    base = int((start_utc - _EPOCH) / _US)
    instants = base + np.asarray(times_us)
    hours = instants // (3600 * SECOND_US)
    offsets = {
        int(h): int(dt.datetime.fromtimestamp(int(h) * 3600, zone).utcoffset().total_seconds())  # type: ignore[union-attr]
        for h in np.unique(hours)
    }
    shift = np.array([offsets[int(h)] for h in hours], dtype=np.int64)
    return instants // SECOND_US + shift
