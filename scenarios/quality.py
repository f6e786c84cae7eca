"""Service-quality report: indicators by week or month, by department, person, channel and step; what is out of line.

A value stands out (red in a report) if it is worse than chance and habit explain (`scenarios.controlcharts`: a p′-chart
for shares, an XmR chart for means), or worse by a tenth than in the period before. Only periods that were recorded from
their begin to their end are judged; the last of them is the present one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scenarios.controlcharts import Limits, Sample, Trend, beyond_chance, mean_limits, share_limits, trend
from scenarios.indicators import Contacts, Indicator
from sim.schema.standards import DIMENSIONS, Dimension

Floats = NDArray[np.float64]
By = Literal["week", "month"]
BYS: tuple[By, ...] = ("week", "month")
Movement = Literal["improving", "worsening", "rising", "falling", "steady"]

WORSE = 0.10
"""How much worse than in the period before stands out, relative to it."""
FEWEST = 20
"""Contacts or cases below the line in both periods, from which on a change is judged."""
_CHANCE = 0.05
_ROUNDING = 1e-9
"""By how much a value that never changes may lie beyond its limits, which are then one number."""


@dataclass(frozen=True, slots=True)
class Period:
    """A week (Monday to Sunday) or a month of local time; ``whole``: recorded from begin to end."""

    label: str
    start: dt.date
    end: dt.date
    whole: bool

    @property
    def last(self) -> dt.date:
        """Its last day."""
        return self.end - dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a value stands out: ``limits`` or ``change``, in words, and whether chance may well have done it."""

    kind: Literal["limits", "change"]
    text: str
    by_chance: bool = False


@dataclass(frozen=True)
class Series:
    """One indicator of one member (or of all) over the periods.

    Attributes
    ----------
    indicator : Indicator
    values : float array (periods)
        NaN where nothing was counted.
    sizes : float array (periods)
        Below the line; of a count, the count itself.
    now : int or None
        The last whole period.
    limits : Limits or None
        For that period, from the whole ones before.
    change : float or None
        Relative to the whole period before it.
    p_value : float or None
        That chance alone changes it so much.
    moves : Trend or None
        Over the whole periods.
    reasons : tuple of Reason
        Why the last whole period stands out; empty: it does not.
    """

    indicator: Indicator
    values: Floats
    sizes: Floats
    now: int | None
    limits: Limits | None
    change: float | None
    p_value: float | None
    moves: Trend | None
    reasons: tuple[Reason, ...]

    @property
    def value(self) -> float | None:
        """Of the last whole period."""
        return None if self.now is None or np.isnan(self.values[self.now]) else float(self.values[self.now])

    @property
    def surely(self) -> bool:
        """Whether it stands out for a reason that is hardly chance."""
        return any(not reason.by_chance for reason in self.reasons)

    @property
    def movement(self) -> Movement | None:
        """What the trend says; steady where its interval includes zero."""
        if self.moves is None:
            return None
        if not self.moves.clear:
            return "steady"
        up = self.moves.slope > 0
        if self.indicator.better == "neither":
            return "rising" if up else "falling"
        return "improving" if up == (self.indicator.better == "higher") else "worsening"

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "unit": self.indicator.unit,
            "values": self.values.tolist(),
            "sizes": self.sizes.tolist(),
            "now": self.value,
            "limits": None if self.limits is None else {
                "centre": self.limits.centre, "low": self.limits.low, "high": self.limits.high,
                "method": self.limits.method,
            },
            "change": self.change,
            "p_value": self.p_value,
            "trend": None if self.moves is None else {
                "slope": self.moves.slope, "low": self.moves.low, "high": self.moves.high, "says": self.movement,
            },
            "stands_out": [reason.text for reason in self.reasons],
        }  # fmt: skip


@dataclass(frozen=True)
class Outlier:
    """A value that stands out, and whose it is (no dimension: all together)."""

    dimension: Dimension | None
    member: str
    series: Series


@dataclass(frozen=True)
class Quality:
    """A service-quality report.

    Attributes
    ----------
    source : str
    by : {"week", "month"}
    periods : list of Period
    whole : dict of str to Series
        All together, by the indicator's name.
    parts : dict
        By dimension, then member, then indicator.
    notes : tuple of str
    """

    source: str
    by: By
    periods: list[Period]
    whole: dict[str, Series]
    parts: dict[Dimension, dict[str, dict[str, Series]]]
    notes: tuple[str, ...]

    @property
    def now(self) -> int | None:
        """Number of the last whole period."""
        known = [number for number, period in enumerate(self.periods) if period.whole]
        return known[-1] if known else None

    def outliers(self) -> list[Outlier]:
        """What stands out: all together first, then by dimension; what is hardly chance before what may be."""
        found = [Outlier(None, "", series) for series in self.whole.values() if series.reasons]
        for dimension, members in self.parts.items():
            for member, indicators in members.items():
                found += [Outlier(dimension, member, series) for series in indicators.values() if series.reasons]
        return sorted(found, key=lambda one: not one.series.surely)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "source": self.source,
            "by": self.by,
            "periods": [
                {"label": one.label, "from": one.start.isoformat(), "to": one.end.isoformat(), "whole": one.whole}
                for one in self.periods
            ],
            "indicators": {name: series.plain() for name, series in self.whole.items()},
            "by_dimension": {
                dimension: {
                    member: {name: series.plain() for name, series in indicators.items()}
                    for member, indicators in members.items()
                }
                for dimension, members in self.parts.items()
            },
            "outliers": [
                {"dimension": one.dimension, "member": one.member, "indicator": one.series.indicator.name}
                | {"value": one.series.value, "why": [reason.text for reason in one.series.reasons]}
                | {"by_chance": not one.series.surely}
                for one in self.outliers()
            ],
            "notes": list(self.notes),
        }

    def table(self) -> pd.DataFrame:
        """Every value, one row each: dimension, member, indicator, period, value, size, unit."""
        rows = [("", "", series) for series in self.whole.values()]
        for dimension, members in self.parts.items():
            rows += [(dimension, member, one) for member, of in members.items() for one in of.values()]
        return pd.DataFrame(
            [
                (dimension, member, one.indicator.name, period.label, period.whole, value, size, one.indicator.unit)
                for dimension, member, one in rows
                for period, value, size in zip(self.periods, one.values, one.sizes, strict=True)
            ],
            columns=["dimension", "member", "indicator", "period", "whole", "value", "size", "unit"],
        )


def quality(contacts: Contacts, by: By = "week") -> Quality:
    """Indicators of contacts and cases by week or month, all together and by dimension.

    Parameters
    ----------
    contacts : Contacts
    by : {"week", "month"}
    """
    periods = periods_of(contacts.first, contacts.last, by)
    whole = np.array([period.whole for period in periods], bool)
    known = contacts.indicators()
    parts: dict[Dimension, dict[str, dict[str, Series]]] = {}
    placed = {name: _Placed(table, periods) for name, table in contacts.tables.items()}
    sums: dict[str, _Counted] = {one.name: _Counted(placed[one.table], one) for one in known}
    for dimension in DIMENSIONS:
        members = contacts.members(dimension)
        if members:
            parts[dimension] = {
                member: {name: series(*counted.of(dimension, member), counted.indicator, whole)
                         for name, counted in sums.items()
                         if contacts.applies(counted.indicator, dimension) and counted.has(dimension, member)}
                for member in members
            }  # fmt: skip
    together = {name: series(*counted.all(), counted.indicator, whole) for name, counted in sums.items()}
    return Quality(contacts.source, by, periods, together, parts, contacts.notes)


def periods_of(first: pd.Timestamp, last: pd.Timestamp, by: By) -> list[Period]:
    """Weeks (ISO 8601) or months that a stretch of local time touches."""
    day = first.date()
    start = day - dt.timedelta(days=day.weekday()) if by == "week" else day.replace(day=1)
    found = []
    while pd.Timestamp(start) < last:
        end = start + dt.timedelta(days=7) if by == "week" else (start + dt.timedelta(days=31)).replace(day=1)
        year, week, _ = start.isocalendar()
        label = f"{year}-W{week:02d}" if by == "week" else f"{start:%Y-%m}"
        whole = pd.Timestamp(start) >= first and pd.Timestamp(end) <= last
        found.append(Period(label, start, end, whole))
        start = end
    return found


class _Placed:
    """Rows of a table with the number of their period and of their member in each dimension."""

    def __init__(self, table: pd.DataFrame, periods: list[Period]) -> None:
        starts = np.array([period.start for period in periods], dtype="datetime64[us]")
        self.table, self.periods = table, len(periods)
        self.period = np.searchsorted(starts, table["when"].to_numpy("datetime64[us]"), side="right") - 1
        self.codes: dict[str, NDArray[np.int64]] = {}
        self.names: dict[str, dict[str, int]] = {}
        for dimension in DIMENSIONS:
            codes, names = pd.factorize(table[dimension])
            self.codes[dimension] = codes
            self.names[dimension] = {str(name): number for number, name in enumerate(names)}


class _Counted:
    """Sums of an indicator by period and, within each dimension, by member."""

    def __init__(self, placed: _Placed, one: Indicator) -> None:
        self.indicator, self.placed = one, placed
        over = placed.table[one.over].to_numpy(float)
        under = placed.table[one.under].to_numpy(float) if one.under else over
        self.keep = ((under != 0) | (over != 0)) & (placed.period >= 0)
        self.period = placed.period[self.keep]
        self.weights = [column[self.keep] for column in (over, under, over**2)]
        self.sums = {
            name: self._sums(codes[self.keep], len(placed.names[name])) for name, codes in placed.codes.items()
        }

    def _sums(self, codes: NDArray[np.int64], members: int) -> Floats:
        """Sums above and below the line and of squares (3 x members x periods)."""
        keys, shape = codes * self.placed.periods + self.period, (members, self.placed.periods)
        return np.stack([np.bincount(keys, one, members * shape[1]).reshape(shape) for one in self.weights])

    def has(self, dimension: Dimension, member: str) -> bool:
        """Whether a member has anything of this indicator."""
        number = self.placed.names[dimension].get(member)
        return number is not None and bool(self.sums[dimension][1, number].any())

    def of(self, dimension: Dimension, member: str) -> Columns:
        """Sums above and below the line and sums of squares of one member (periods)."""
        over, under, squares = self.sums[dimension][:, self.placed.names[dimension][member]]
        return over, under, squares

    def all(self) -> Columns:
        """The same of all together."""
        over, under, squares = self._sums(np.zeros(len(self.period), np.int64), 1)[:, 0]
        return over, under, squares


Columns = tuple[Floats, Floats, Floats]


def series(over: Floats, under: Floats, squares: Floats, one: Indicator, whole: NDArray[np.bool_]) -> Series:
    """One indicator over the periods, judged.

    Parameters
    ----------
    over, under, squares : float arrays (periods)
        Sums above and below the line, and of the squares of what is added up above it.
    one : Indicator
    whole : flags (periods)
        Which were recorded from begin to end.
    """
    values = over.copy() if not one.under else np.where(under > 0, over / np.maximum(under, 1e-300), np.nan)
    known = np.flatnonzero(whole)
    if not len(known):
        return Series(one, values, under, None, None, None, None, None, ())
    now, before = int(known[-1]), known[:-1]
    limits = _limits(one, (over[before], under[before], values[before]), under[now])
    change, p_value = _change(one, [Sample(under[n], over[n], squares[n]) for n in known[-2:]])
    found = Series(one, values, under, now, limits, change, p_value, trend(values[known]), ())
    reasons = tuple(reason for reason in (_beyond(found), _jumped(found, under, known)) if reason)
    return Series(one, values, under, now, limits, change, p_value, found.moves, reasons)


def _limits(one: Indicator, before: tuple[Floats, Floats, Floats], size: float) -> Limits | None:
    over, under, values = before
    return share_limits(over, under, size) if one.unit == "share" else mean_limits(values)


def _change(one: Indicator, last: list[Sample]) -> tuple[float | None, float | None]:
    """Relative change to the period before, and how easily chance makes one."""
    if len(last) < 2 or not all(sample.n > 0 and (sample.total > 0 or one.under) for sample in last):
        return None, None
    before, after = last
    if not one.under:
        return after.total / before.total - 1, None
    if not before.mean:
        return None, beyond_chance(before, after)
    return after.mean / before.mean - 1, beyond_chance(before, after)


def _beyond(one: Series) -> Reason | None:
    """Outside its limits, on the side that is worse."""
    if one.limits is None or one.value is None:
        return None
    if one.indicator.better == "lower" and one.value > one.limits.high * (1 + _ROUNDING):
        return Reason("limits", f"above its control limit ({one.limits.method})")
    if one.indicator.better == "higher" and one.value < one.limits.low * (1 - _ROUNDING):
        return Reason("limits", f"below its control limit ({one.limits.method})")
    return None


def _jumped(one: Series, under: Floats, known: NDArray[np.int64]) -> Reason | None:
    """Worse by a tenth than in the period before."""
    if one.change is None or one.indicator.better == "neither" or min(under[known[-2:]]) < FEWEST:
        return None
    worse = one.change if one.indicator.better == "lower" else -one.change
    if worse < WORSE - 1e-12:
        return None
    by_chance = one.p_value is not None and one.p_value > _CHANCE
    chance = "" if one.p_value is None else ", which chance may do" if by_chance else ", more than chance does"
    text = f"{'up' if one.change > 0 else 'down'} {100 * abs(one.change):.0f} % in a period{chance}"
    return Reason("change", text, by_chance)
