"""Staffing as tables that people edit, and back to what a scenario file says: head counts by interval, or shifts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from sim.schema import Document
from sim.schema.daytable import WEEKDAYS, DayTable, Stretch, clock, parse_day_table
from sim.units import MINUTE_US

_DAY_MINUTES = 24 * 60
Data = dict[str, Any]


def groups(document: Document) -> list[str]:
    """Names of the groups of people."""
    return list(document.data["people"])


def staffing(document: Document, group: str) -> Data:
    """What a group says of its head counts: ``{"agents": ...}`` or ``{"shifts": ...}``, as in the file."""
    data = document.data["people"][group]
    return {key: data[key] for key in ("agents", "shifts") if key in data}


def with_staffing(document: Document, changes: dict[str, Data]) -> Document:
    """The document with other staffing for some groups; groups that it does not have are left out."""
    people = dict(document.data["people"])
    for group, change in changes.items():
        if group in people:
            people[group] = {**people[group], **change}
    return document.with_data({**document.data, "people": people})


def table(document: Document, group: str) -> pd.DataFrame:
    """The staffing of a group as a table: intervals by days, or one row per shift."""
    data = staffing(document, group)
    if "shifts" in data:
        return _shift_table(data["shifts"])
    return head_table(parse_day_table(data["agents"], whole=True), document.scenario.interval // MINUTE_US)


def edited(document: Document, group: str, frame: pd.DataFrame) -> Data:
    """What the file says for an edited table of `table`."""
    data = staffing(document, group)
    if "shifts" in data:
        return {"shifts": _shifts(data["shifts"], frame)}
    return {"agents": head_data(frame)}


# --- head counts -----------------------------------------------------------------------------------------------------


def head_table(heads: DayTable, interval_min: int) -> pd.DataFrame:
    """Head counts by interval of the day and weekday; dates of their own have a column each.

    Returns
    -------
    DataFrame
        Index: start of the interval (``HH:MM``); columns mon ... sun, then dates as text; whole numbers.
    """
    step = math.gcd(interval_min, *_borders(heads))
    starts = range(0, _DAY_MINUTES, step)
    columns: dict[str, list[int]] = {}
    for day, name in enumerate(WEEKDAYS):
        columns[name] = _expanded(heads.weekdays[day], heads.weekdays[day - 1], starts)
    for date in _dates(heads):
        columns[date.isoformat()] = _expanded(heads.on(date), heads.on(date - dt.timedelta(days=1)), starts)
    return pd.DataFrame(columns, index=[clock(start) for start in starts])


def _every(heads: DayTable) -> Iterable[Stretch]:
    for day in [*heads.weekdays, *heads.dates.values()]:
        yield from day


def _borders(heads: DayTable) -> list[int]:
    return [border for stretch in _every(heads) for border in (stretch.start_min, stretch.end_min)]


def _dates(heads: DayTable) -> list[dt.date]:
    """Dates with head counts of their own, and the days after where people work past midnight."""
    dates = set(heads.dates)
    if any(stretch.end_min > _DAY_MINUTES for stretch in _every(heads)):
        dates |= {date + dt.timedelta(days=1) for date in dates}
    return sorted(dates)


def _expanded(today: Iterable[Stretch], yesterday: Iterable[Stretch], starts: Iterable[int]) -> list[int]:
    """Head count at each start: today's stretches, and what reaches over from yesterday's."""
    pieces = [(one.start_min, one.end_min, one.value) for one in today]
    pieces += [(one.start_min - _DAY_MINUTES, one.end_min - _DAY_MINUTES, one.value) for one in yesterday]
    return [int(sum(value for first, last, value in pieces if first <= start < last)) for start in starts]


def head_data(frame: pd.DataFrame) -> Any:
    """What the file says for a table of head counts: equal neighbours share an entry, equal days share a key."""
    hours = {str(column): _stretches(list(frame.index), list(frame[column])) for column in frame.columns}
    data: dict[Any, Any] = {}
    for first, last in _alike([hours[name] for name in WEEKDAYS]):
        key = "every day" if (first, last) == (0, 6) else "-".join(dict.fromkeys((WEEKDAYS[first], WEEKDAYS[last])))
        if hours[WEEKDAYS[first]]:
            data[key] = hours[WEEKDAYS[first]]
    for column in hours:
        if column not in WEEKDAYS:
            data[dt.date.fromisoformat(column)] = hours[column] or 0
    return data or 0


def _stretches(starts: list[str], heads: list[int]) -> dict[str, int]:
    """Hours and head counts of one day, nobody left out."""
    ends = [*starts[1:], "24:00"]
    found: list[tuple[str, str, int]] = []
    for start, end, count in zip(starts, ends, heads, strict=True):
        if found and found[-1][1] == start and found[-1][2] == count:
            found[-1] = (found[-1][0], end, count)
        elif count:
            found.append((start, end, int(count)))
    return {f"{start}-{end}": count for start, end, count in found}


def _alike(days: list[dict[str, int]]) -> list[tuple[int, int]]:
    """Runs of neighbouring days that say the same, first and last of each."""
    runs = [(0, 0)]
    for day in range(1, len(days)):
        if days[day] == days[day - 1]:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def used_hours(frame: pd.DataFrame) -> slice:
    """The part of a table of head counts from the first to the last interval with anybody in it."""
    used = [place for place, row in enumerate(frame.to_numpy()) if row.any()]
    return slice(used[0], used[-1] + 1) if used else slice(0, len(frame))


# --- shifts ----------------------------------------------------------------------------------------------------------


def _shift_table(shifts: Data) -> pd.DataFrame:
    rows = [
        (name, _days(shift.get("days", "every day")), shift["hours"], _breaks(shift), shift["agents"])
        for name, shift in shifts.items()
    ]
    return pd.DataFrame(rows, columns=["shift", "days", "hours", "breaks", "agents"]).set_index("shift")


def _days(days: Any) -> str:
    return ", ".join(map(str, days)) if isinstance(days, list) else str(days)


def _breaks(shift: Data) -> str:
    pauses = [shift["break"]] if "break" in shift else shift.get("breaks", [])
    return ", ".join(f"{pause['at']} + {pause['for']}" for pause in pauses)


def _shifts(present: Data, frame: pd.DataFrame) -> Data:
    """The shifts with edited days, hours and head counts; breaks stay."""
    changed: Data = {}
    for name, row in zip(map(str, frame.index), frame.to_dict("records"), strict=True):
        shift = dict(present[name])
        if _days(shift.get("days", "every day")) != row["days"]:
            days = [day.strip() for day in row["days"].split(",")]
            shift["days"] = days[0] if len(days) == 1 else days
        changed[name] = shift | {"hours": row["hours"], "agents": int(row["agents"])}
    return changed
