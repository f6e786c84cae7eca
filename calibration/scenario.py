"""From fits to a scenario's data: the same building block for the calibrated scenario, replays and hindcasts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.durations import seconds_text
from calibration.fitting import Fits, TypeFit, arrivals_by_stream, stream_names
from calibration.history import History
from calibration.people import RESOLUTION_US, whole
from sim.schema import Document
from sim.schema.daytable import WEEKDAYS
from sim.units import HOUR_US, MINUTE_US, exact_duration

Floats = NDArray[np.float64]

_LEAST_PER_HOUR = 0.05
"""Fewer contacts per hour than this, and nobody comes: what leaning on other weekdays leaves in closed hours."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days that a scenario covers."""

    start: dt.date
    days: int


def week_after(fits: Fits) -> Span:
    """The week after the history."""
    return Span(fits.history.last + dt.timedelta(days=1), 7)


def forecast(fits: Fits, name: str, span: Span, staff_level: float) -> Document:
    """A scenario with the fitted rates and the usual roster of each weekday."""
    return _document(fits, name, span, weekly_demand(fits), weekly_people(fits, staff_level))


def replay(fits: Fits, actual: History, staff_level: float, people: Fits | None = None) -> Document:
    """A scenario with the arrivals that were recorded.

    Parameters
    ----------
    fits
        Everything else.
    actual
        Contacts whose arrivals are replayed, over all of its days.
    staff_level
        Level inside the roster's bracket.
    people
        Fits whose roster of single days is used (`calibration.fitting.people_on`); the usual weekday's if not given.
    """
    roster = weekly_people(fits, staff_level) if people is None else dated_people(people, staff_level)
    span = Span(actual.first, actual.days)
    return _document(fits, "replay", span, recorded_demand(fits, actual), roster)


def forecast_with(fits: Fits, span: Span, people: Fits, staff_level: float) -> Document:
    """A scenario with the fitted rates and the roster of single days."""
    return _document(fits, "forecast", span, weekly_demand(fits), dated_people(people, staff_level))


def _document(fits: Fits, name: str, span: Span, demand: dict[str, Any], people: dict[str, Any]) -> Document:
    data = {
        "queuewise": 1,
        "name": name,
        "time zone": fits.history.zone.key,
        "start": span.start,
        "horizon": f"{span.days} days",
        "interval": exact_duration(fits.interval_us),
        "service level": {"within": "20 s", "formula": "SL4"},
        "demand": demand,
        "people": people,
        "process": {one.name: _process(fits, one) for one in fits.types},
    }
    return Document.from_data(data, name)


# --- demand ----------------------------------------------------------------------------------------------------------


def weekly_demand(fits: Fits) -> dict[str, Any]:
    """Contacts per week, spread over weekdays and intervals by the contacts expected in each."""
    demand: dict[str, Any] = {}
    for one in fits.types:
        week = week_table(one.volume.per_day_[:, None] * one.shares, fits.interval_us)
        rest = 1 - sum(known.share[0] for known in one.classes)
        shares = [rest, *(known.share[0] for known in one.classes)]
        busyness = one.volume.busyness_[0]
        for stream, share in zip(stream_names(one), shares, strict=True):
            data: dict[str, Any] = {"per week": _rounded(share * one.volume.per_week_[0]), "week": week}
            if busyness > 0.005:
                cv = round(min(1.0, busyness), 4)
                data["busyness"] = {"cv": cv, "shared": one.name} if one.classes else cv
            demand[stream] = _stream(one, stream, data)
    return demand


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def recorded_demand(fits: Fits, actual: History) -> dict[str, Any]:
    """Arrivals as they were recorded."""
    found = arrivals_by_stream(fits, actual)
    demand = {}
    for one in fits.types:
        for stream in stream_names(one):
            if found[stream]:
                demand[stream] = _stream(one, stream, {"recorded": found[stream]})
    return demand


def _stream(one: TypeFit, stream: str, rate: dict[str, Any]) -> dict[str, Any]:
    data = {"type": one.name, **rate}
    if (patience := one.patience.data) is not None:
        data["patience"] = patience
    if one.redials.used_:
        data["redial"] = {"share": round(one.redials.share_[0], 4), "after": one.redials.after_.data}
    for known, name in zip(one.classes, stream_names(one)[1:], strict=True):
        if name == stream:
            data["head start"] = exact_duration(known.head_start)
    return data


def week_table(expected: Floats, interval_us: int) -> dict[str, Any]:
    """Contacts expected in each interval; days that are alike share an entry, idle ends are left out."""
    least = _LEAST_PER_HOUR * interval_us / HOUR_US
    rounded = np.array([[_rounded(value) if value >= least else 0.0 for value in day] for day in expected])
    return {_days(days): _values(rounded[days[0]], interval_us) for days in _alike(rounded) if rounded[days[0]].any()}


def _alike(table: NDArray[Any]) -> list[list[int]]:
    """Neighbouring weekdays with the same values."""
    runs = [[0]]
    for day in range(1, 7):
        if np.array_equal(table[day], table[day - 1]):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _days(days: list[int]) -> str:
    if len(days) == 7:
        return "every day"
    return WEEKDAYS[days[0]] if len(days) == 1 else f"{WEEKDAYS[days[0]]}-{WEEKDAYS[days[-1]]}"


def _values(values: NDArray[Any], every_us: int) -> dict[str, Any]:
    used = np.flatnonzero(values)
    first, last = (int(used[0]), int(used[-1])) if len(used) else (0, 0)
    minutes = first * every_us // MINUTE_US
    return {
        "from": f"{minutes // 60:02d}:{minutes % 60:02d}",
        "every": exact_duration(every_us),
        "values": [value.item() for value in values[first : last + 1]],
    }


# --- people ----------------------------------------------------------------------------------------------------------


def weekly_heads(fits: Fits, level: float) -> list[Floats]:
    """Mean head count of each group by weekday and quarter hour, at the level of staffing expected next."""
    factor, seen = fits.staff_level.factor_, fits.staff_days.observed
    weekday = fits.staff_days.weekday
    exposure = np.bincount(weekday[seen], factor[seen], 7)
    found = []
    for one in fits.groups:
        total = np.zeros((7, one.roster.lower_.shape[1]))
        np.add.at(total, weekday[seen], one.roster.at(level)[seen])
        found.append(total / np.maximum(exposure, 1e-9)[:, None])
    return found


def weekly_people(fits: Fits, level: float) -> dict[str, Any]:
    """Whole head counts by weekday and interval."""
    people = {}
    for one, heads in zip(fits.groups, weekly_heads(fits, level), strict=True):
        people[one.group.name] = {"agents": head_table(heads, fits.interval_us), "skills": list(one.group.types)}
    return people


def head_table(heads: Floats, interval_us: int) -> Any:
    """Whole head counts by weekday and interval, from means by weekday and quarter hour."""
    counts = np.array([whole(day) for day in _coarser(heads, interval_us)])
    rows = {_days(days): counts[days[0]] for days in _alike(counts) if counts[days[0]].any()}
    return {days: _values(row, interval_us) for days, row in rows.items()} or 0


def _coarser(heads: Floats, interval_us: int) -> Floats:
    """Means over intervals; those shorter than a quarter hour share its value."""
    if interval_us < RESOLUTION_US:
        return np.repeat(heads, RESOLUTION_US // interval_us, axis=1)
    return heads.reshape(7, -1, interval_us // RESOLUTION_US).mean(axis=2)


def dated_people(fits: Fits, level: float) -> dict[str, Any]:
    """Whole head counts by date and quarter hour."""
    people = {}
    for one in fits.groups:
        heads = one.roster.at(level)
        table: dict[Any, Any] = {"every day": 0}
        for number, day in enumerate(heads):
            table[fits.history.date(number)] = _values(whole(day), RESOLUTION_US)
        people[one.group.name] = {"agents": table, "skills": list(one.group.types)}
    return people


# --- process ---------------------------------------------------------------------------------------------------------


def _process(fits: Fits, one: TypeFit) -> dict[str, Any]:
    step: dict[str, Any] = {"work": one.name, "talk": one.talk.data}
    if one.hold is not None:
        step["hold"] = one.hold.data
    if one.wrap is not None:
        step["wrap"] = one.wrap.data
    elif fits.pause_s > 0:
        step["wrap"] = seconds_text(fits.pause_s)
    return {"answer": step, "done": {"end": "solved"}}
