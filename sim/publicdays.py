"""Public holidays and make-up working days, from the package `holidays`."""

from __future__ import annotations

import datetime as dt
import difflib
from enum import IntEnum
from functools import lru_cache

from sim.errors import ParameterError, Problem

_FORMS = "a country such as CN, or a country and a part of it such as DE-BY"


class DayType(IntEnum):
    """What a country's calendar makes of a date."""

    ORDINARY = 0
    HOLIDAY = 1  # closed, whatever the weekday
    MAKE_UP = 2  # a weekend's day that is worked for one taken off, as on a Monday


def parse_country(text: object) -> str:
    """Read ``CN`` or ``DE-BY``.

    Raises
    ------
    ParameterError
        If the package knows no such country, or no such part of it.
    """
    import holidays

    known = holidays.list_supported_countries(include_aliases=False)
    country, _, part = str(text).partition("-")
    if country not in known:
        close = difflib.get_close_matches(country, known, n=1, cutoff=0.5)
        fix = f"Did you mean {close[0]!r}?" if close else ""
        raise ParameterError(Problem("no such country", allowed=_FORMS, given=repr(text), fix=fix))
    if part and part not in known[country]:
        allowed = ", ".join([country, *(f"{country}-{name}" for name in known[country])])
        raise ParameterError(Problem("no such part of the country", allowed=allowed, given=repr(text)))
    return str(text)


def day_type(country: str, day: dt.date) -> DayType:
    """What a date is in a country.

    Days off between two weekends for which another day is worked are holidays, and the days worked for them
    make-up days, as far as the government has announced them and the package knows it.
    """
    free, worked = _year(country, day.year)
    if day in worked:
        return DayType.MAKE_UP
    return DayType.HOLIDAY if day in free else DayType.ORDINARY


@lru_cache(maxsize=1000)
def _year(country: str, year: int) -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    """Days off and make-up days of a year; a day worked in one year may stand for one of the next."""
    import holidays

    name, _, part = country.partition("-")
    found = holidays.country_holidays(name, subdiv=part or None, years=range(year - 1, year + 2), expand=False)
    worked = frozenset(day for day in found.weekend_workdays if day.year == year)
    return frozenset(day for day in found if day.year == year) - worked, worked
