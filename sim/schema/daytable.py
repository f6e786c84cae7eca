"""Values by day of the week and hour: head counts, rates, weights, as a planner lays them out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from sim.publicdays import DayType, day_type, parse_country
from sim.schema.base import Misfit, fits
from sim.units import parse_duration, parse_hours, parse_time_of_day

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_FORMS = "mon ... sun, a span such as mon-fri, every day, or a date such as 2026-05-01"
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Stretch:
    """A value from one minute of the day to another; an end beyond 1440 reaches into the next day."""

    start_min: int
    end_min: int
    value: float


@dataclass(frozen=True, slots=True)
class DayTable:
    """Stretches for each weekday (Monday first) and for single dates, which replace their weekday.

    With a country's ``holidays``, its public holidays have stretches of their own (none unless given), and its make-up
    working days are like Mondays.
    """

    weekdays: tuple[tuple[Stretch, ...], ...]
    dates: dict[dt.date, tuple[Stretch, ...]]
    holidays: str = ""
    public_holidays: tuple[Stretch, ...] = ()

    def on(self, day: dt.date) -> tuple[Stretch, ...]:
        """Stretches that begin on a day."""
        if day in self.dates:
            return self.dates[day]
        weekday = working_weekday(self.holidays, day)
        return self.public_holidays if weekday is None else self.weekdays[weekday]

    def all_values(self) -> list[float]:
        """Every value that stands in the table."""
        days = [*self.weekdays, *self.dates.values(), self.public_holidays]
        return [stretch.value for day in days for stretch in day]


def working_weekday(country: str, day: dt.date) -> int | None:
    """The weekday (Monday 0) like which a date is worked; None for a public holiday of the country, if one is given."""
    kind = day_type(country, day) if country else DayType.ORDINARY
    return {DayType.ORDINARY: day.weekday(), DayType.HOLIDAY: None, DayType.MAKE_UP: 0}[kind]


def parse_days(key: Any) -> list[int] | dt.date:
    """Read a key such as ``mon``, ``mon-fri``, ``sat-sun``, ``every day`` or a date.

    Returns
    -------
    list of int or date
        Numbers of weekdays, Monday 0; or the one date.
    """
    if isinstance(key, dt.date):
        return key
    text = str(key).strip().lower()
    if text == "every day":
        return list(range(7))
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        pass
    ends = text.split("-")
    if len(ends) in (1, 2) and all(end in WEEKDAYS for end in ends):
        first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
        return [(first + i) % 7 for i in range((last - first) % 7 + 1)]
    raise Misfit("not a day", allowed=DAY_FORMS, given=repr(key))


def _value(raw: Any, whole: bool, inside: tuple[Any, ...]) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise Misfit("not a number", allowed="a number, without quotes or unit", given=repr(raw), inside=inside)
    if not 0 <= raw < 1e9:
        raise Misfit("out of range", allowed="0 or more", given=repr(raw), inside=inside)
    if whole and raw != int(raw):
        raise Misfit("not a whole number of people", allowed="0, 1, 2 ...", given=repr(raw), inside=inside)
    return float(raw)


def _series(raw: dict[Any, Any], whole: bool, inside: tuple[Any, ...]) -> tuple[Stretch, ...]:
    """The compact form ``{from: "08:00", every: 30 min, values: [...]}``."""
    for key in ("from", "every", "values"):
        if key not in raw:
            raise Misfit(f"a list of values needs {key!r}", allowed="from, every, values", inside=inside)
    start = fits(parse_time_of_day, raw["from"], (*inside, "from"))
    step_us = fits(parse_duration, raw["every"], (*inside, "every"))
    step, rest = divmod(step_us, 60_000_000)
    if rest or step <= 0:
        raise Misfit(
            "not whole minutes", allowed="30 min, 1 h ...", given=repr(raw["every"]), inside=(*inside, "every")
        )
    if not isinstance(raw["values"], list):
        raise Misfit("not a list", allowed="a list of numbers", given=repr(raw["values"]), inside=(*inside, "values"))
    values = [_value(v, whole, (*inside, "values", i)) for i, v in enumerate(raw["values"])]
    if start + step * len(values) > DAY_MINUTES:
        raise Misfit(
            "values run past midnight",
            allowed=f"at most {(DAY_MINUTES - start) // step} values",
            given=f"{len(values)} values",
            inside=(*inside, "values"),
        )
    return tuple(Stretch(start + i * step, start + (i + 1) * step, value) for i, value in enumerate(values))


def _stretches(raw: Any, whole: bool, inside: tuple[Any, ...]) -> tuple[Stretch, ...]:
    if not isinstance(raw, dict):
        return (Stretch(0, DAY_MINUTES, _value(raw, whole, inside)),)
    if "values" in raw or "every" in raw:
        return _series(raw, whole, inside)
    stretches = []
    for hours, value in raw.items():
        start, end = fits(parse_hours, hours, (*inside, hours))
        stretches.append(Stretch(start, end, _value(value, whole, (*inside, hours))))
    stretches.sort(key=lambda stretch: stretch.start_min)
    for one, other in pairwise(stretches):
        if other.start_min < one.end_min:
            raise Misfit(
                "hours overlap",
                allowed="hours of one day that do not overlap",
                given=" and ".join(f"{clock(s.start_min)}-{clock(s.end_min)}" for s in (one, other)),
                inside=inside,
            )
    return tuple(stretches)


def clock(minutes: int) -> str:
    """Minutes after midnight as ``HH:MM``."""
    minutes = minutes if minutes <= DAY_MINUTES else minutes - DAY_MINUTES
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def parse_day_table(raw: Any, whole: bool = False) -> DayTable:
    """Read a number, or a mapping of days to a number, to hours and numbers, or to a list of values."""
    if not isinstance(raw, dict):
        return DayTable((_stretches(raw, whole, ()),) * 7, {})
    weekdays: list[tuple[Stretch, ...] | None] = [None] * 7
    dates: dict[dt.date, tuple[Stretch, ...]] = {}
    country, closed = _holidays(raw, whole)
    for key, value in raw.items():
        if key in ("holidays", "public holidays"):
            continue
        days = fits(parse_days, key, (key,))
        stretches = _stretches(value, whole, (key,))
        if isinstance(days, dt.date):
            dates[days] = stretches
            continue
        for day in days:
            if weekdays[day] is not None:
                raise Misfit(f"{WEEKDAYS[day]} is given twice", allowed="each weekday once", given=key, inside=(key,))
            weekdays[day] = stretches
    table = DayTable(tuple(day or () for day in weekdays), dates, country, closed)
    _check_nights(table)
    return table


def _holidays(raw: dict[Any, Any], whole: bool) -> tuple[str, tuple[Stretch, ...]]:
    """The country whose holidays count, and what holds on them."""
    if "holidays" not in raw:
        if "public holidays" in raw:
            fix = "Add 'holidays: CN' or another country."
            raise Misfit("'public holidays' without a country", fix=fix, inside=("public holidays",))
        return "", ()
    country = fits(parse_country, raw["holidays"], ("holidays",))
    return country, _stretches(raw.get("public holidays", {}), whole, ("public holidays",))


def _check_nights(table: DayTable) -> None:
    """Hours that reach beyond midnight must end before those of the day after begin, single dates included."""
    nights = [(name, table.weekdays[n], table.weekdays[(n + 1) % 7]) for n, name in enumerate(WEEKDAYS)]
    one = dt.timedelta(days=1)
    for date in table.dates:
        nights += [(str(day), table.on(day), table.on(day + one)) for day in (date - one, date)]
    if table.holidays:
        special = {"a public holiday": table.public_holidays, "a make-up working day": table.weekdays[0]}
        for name, hours in special.items():
            nights += [(WEEKDAYS[n], day, hours) for n, day in enumerate(table.weekdays)]
            nights += [(name, hours, day) for day in table.weekdays]
    for name, evening, morning in nights:
        tail = max((s.end_min - DAY_MINUTES for s in evening), default=0)
        following = min((s.start_min for s in morning), default=DAY_MINUTES)
        if tail > following:
            raise Misfit(
                f"hours of {name} overlap those of the day after",
                allowed=f"an end up to {clock(following)} on the day after",
                given=clock(tail),
            )


_SCHEMA = {
    "anyOf": [{"type": "number", "minimum": 0}, {"type": "object"}],
    "description": f"a number, or days ({DAY_FORMS}) to a number, to hours and numbers, or to from/every/values; "
    "'holidays: CN' closes a country's public holidays (or 'public holidays' says what holds on them), and its make-up "
    "working days are like Mondays",
}
RateTable = Annotated[DayTable, PlainValidator(parse_day_table), WithJsonSchema(_SCHEMA)]
HeadTable = Annotated[DayTable, PlainValidator(lambda raw: parse_day_table(raw, whole=True)), WithJsonSchema(_SCHEMA)]
