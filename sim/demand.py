"""Arrival rates of a scenario's streams on the time line, and the chance of one replication."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass
from itertools import pairwise
from math import prod

import numpy as np
from scipy.special import gammaincinv

from sim.calendars import Clock, to_utc
from sim.network import Chance, Floats, Ints
from sim.primitives import Purpose, name_id, replication_key, uniform
from sim.publicdays import DayType, day_type
from sim.roster import Roster
from sim.schema.daytable import DayTable, parse_day_table
from sim.schema.demand import MONTHS, MonthPart, Stream, read_month_part
from sim.schema.model import Scenario
from sim.surges import with_disruptions
from sim.units import HOUR_US, MINUTE_US

DAYS_A_YEAR, TREND_DAYS = 365, 30
_BUSINESS = {"mon-fri": 1}
_Piece = tuple[int, float, int]
_EVEN = parse_day_table(1)


@dataclass(frozen=True, slots=True)
class Rates:
    """Pieces of constant rate of every stream, one after the other.

    Attributes
    ----------
    first, last : int64 array
        Each stream's part of ``time``; empty for a recorded stream.
    time : int64 array
        Ends of pieces, microseconds; a stream's first entry is 0.
    expected : float64 array
        Expected arrivals in each piece, without busyness.
    day : int64 array
        Number of the local day in which a piece begins.
    busy_cv, busy_id : float64 and int64 array
        Each stream's busyness and the 32-bit address of its factor.
    recorded_first, recorded_last, recorded : int64 array
        Recorded arrivals of all streams.
    """

    first: Ints
    last: Ints
    time: Ints
    expected: Floats
    day: Ints
    busy_cv: Floats
    busy_id: Ints
    recorded_first: Ints
    recorded_last: Ints
    recorded: Ints


def rates_of(scenario: Scenario, clock: Clock) -> Rates:
    """Expand the demand of a scenario."""
    pieces: list[_Piece] = []
    recorded: list[int] = []
    bounds: list[tuple[int, int, int, int]] = []
    for stream in scenario.demand.values():
        start, replay = len(pieces), len(recorded)
        if stream.recorded is None:
            pieces += _pieces(stream, scenario, clock)
        else:
            times = sorted(
                (to_utc(t, clock.zone) - clock.start_utc) // dt.timedelta(microseconds=1) for t in stream.recorded
            )
            recorded += [t for t in times if 0 <= t < clock.end_us]
        bounds.append((start, len(pieces), replay, len(recorded)))
    columns = np.array(bounds, dtype=np.int64).T
    busy = [(stream.busyness, stream_id(name, stream)) for name, stream in scenario.demand.items()]
    rates = Rates(
        first=columns[0].copy(),
        last=columns[1].copy(),
        time=np.array([time for time, _, _ in pieces], dtype=np.int64),
        expected=np.array([expected for _, expected, _ in pieces], dtype=np.float64),
        day=np.array([day for _, _, day in pieces], dtype=np.int64),
        busy_cv=np.array([b.cv if b else 0.0 for b, _ in busy]),
        busy_id=np.array([name_id(b.shared) if b and b.shared else address for b, address in busy], dtype=np.int64),
        recorded_first=columns[2].copy(),
        recorded_last=columns[3].copy(),
        recorded=np.array(recorded, dtype=np.int64),
    )
    return with_disruptions(rates, scenario, clock)


def stream_id(name: str, stream: Stream) -> int:
    """The 32-bit address of a stream."""
    return name_id(name) if stream.id is None else stream.id


def _per_week(stream: Stream, scenario: Scenario) -> float:
    """Contacts of an ordinary week, of a stream whose rate is given so."""
    if stream.orders is not None:
        return stream.orders.per_week * stream.orders.contacts_each
    if stream.customers is not None and stream.customers.contacts_per_year is not None:
        base = stream.customers.base
        size = scenario.customers[base] if isinstance(base, str) else base
        return size * stream.customers.contacts_per_year * 7 / DAYS_A_YEAR
    return stream.per_week or 0.0


def _pieces(stream: Stream, scenario: Scenario, clock: Clock) -> list[_Piece]:
    """(end, expected arrivals, local day) of each piece, gaps between stretches filled with pieces without arrivals."""
    table = stream.per_hour or stream.week or _EVEN
    hourly, total, per_week = stream.per_hour is not None, _week_total(table), _per_week(stream, scenario)
    shape, surges = _Shape(stream, scenario), _Surges(stream, clock)
    pieces: list[_Piece] = [(0, 0.0, 0)]
    first_day = clock.start.date() - dt.timedelta(days=1)
    for day, begin, end, value, minutes in sorted(clock.stretches(table), key=lambda stretch: stretch[1]):
        factor, number = shape.on(day), (day - first_day).days
        if begin > pieces[-1][0]:
            pieces.append((begin, 0.0, number))
        amount, length = (value, HOUR_US) if hourly else (per_week * value / total, minutes * MINUTE_US)
        for start, stop, surge in surges.parts(begin, end):
            pieces.append((stop, amount * (stop - start) / length * factor * surge, number))
    return pieces


class _Shape:
    """By how much the rate of a local day differs from an ordinary day's."""

    def __init__(self, stream: Stream, scenario: Scenario) -> None:
        self.stream, self.start = stream, scenario.start.date()
        self.business = parse_day_table(_BUSINESS) if stream.calendar is None else scenario.calendars[stream.calendar]
        self.days: dict[tuple[int, int, bool], list[dt.date]] = {}
        self.month = [(read_month_part(key), factor) for key, factor in stream.month.items()]

    def on(self, day: dt.date) -> float:
        """The factor of a day."""
        stream = self.stream
        factor = stream.season.get(MONTHS[day.month - 1], 1.0) * self._special(day)
        for part, value in self.month:
            factor *= value if self._is_in(day, part) else 1.0
        return float(factor * (1 + stream.trend) ** ((day - self.start).days / TREND_DAYS))

    def _special(self, day: dt.date) -> float:
        free = self.stream.holidays and day_type(self.stream.holidays, day) == DayType.HOLIDAY
        return self.stream.special_days.get(day, self.stream.special_days["holidays"] if free else 1.0)

    def _is_in(self, day: dt.date, part: MonthPart) -> bool:
        key = (day.year, day.month, part.business)
        if key not in self.days:
            self.days[key] = self._days_of(*key)
        days = self.days[key]
        return day in (days[: part.count] if part.first else days[-part.count :])

    def _days_of(self, year: int, month: int, business: bool) -> list[dt.date]:
        days = [dt.date(year, month, number + 1) for number in range(monthrange(year, month)[1])]
        return [day for day in days if not business or any(one.value > 0 for one in self.business.on(day))]


class _Surges:
    """Borders at which a stream's surges begin and end, and the factor after each."""

    def __init__(self, stream: Stream, clock: Clock) -> None:
        self.spans = [(clock.of(one.from_), clock.of(one.to), one.factor) for one in stream.surges]

    def parts(self, begin: int, end: int) -> list[tuple[int, int, float]]:
        """A stretch cut where surges begin and end, with each part's factor."""
        inside = {border for start, stop, _ in self.spans for border in (start, stop) if begin < border < end}
        borders = [begin, *sorted(inside), end]
        return [(start, stop, self._at(start)) for start, stop in pairwise(borders)]

    def _at(self, time: int) -> float:
        return prod(factor for start, stop, factor in self.spans if start <= time < stop)


def _week_total(table: DayTable) -> float:
    return sum(stretch.value for day in table.weekdays for stretch in day) or 1.0


def chance_of(rates: Rates, roster: Roster, seed: int, replication: int) -> Chance:
    """Key and busy rates of one replication.

    The factor of a day is the gamma quantile (mean 1, the stream's cv) of a uniform draw addressed by day.
    """
    key = replication_key(seed, replication)
    cumulative = np.empty(len(rates.expected))
    for stream in range(len(rates.first)):
        part = slice(rates.first[stream], rates.last[stream])
        expected = rates.expected[part]
        cv = rates.busy_cv[stream]
        if cv > 0 and len(expected):
            days, which = np.unique(rates.day[part], return_inverse=True)
            busy, why = int(rates.busy_id[stream]), int(Purpose.BUSYNESS)
            draws = [uniform(key, int(day), busy, 0, why, 0) for day in days]
            expected = expected * (gammaincinv(cv**-2, draws) * cv**2)[which]
        cumulative[part] = np.cumsum(expected)
    return Chance(key, rates.first, rates.last, rates.time, cumulative, rates.recorded, roster.rows(key))
