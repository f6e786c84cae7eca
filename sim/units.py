"""Durations, shares and times of day as people write them; time inside is an integer count of microseconds."""

from __future__ import annotations

import math
import re

from sim.errors import ParameterError, Problem

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
WEEK_US = 7 * DAY_US

NEVER = 1 << 62
"""The time of what does not happen; later than every time of a run."""

_UNITS = {
    **dict.fromkeys(("us", "µs", "microsecond", "microseconds"), 1),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 1_000),
    **dict.fromkeys(("s", "sec", "second", "seconds"), SECOND_US),
    **dict.fromkeys(("min", "minute", "minutes"), MINUTE_US),
    **dict.fromkeys(("h", "hour", "hours"), HOUR_US),
    **dict.fromkeys(("d", "day", "days"), DAY_US),
    **dict.fromkeys(("w", "week", "weeks"), WEEK_US),
}
_DURATION = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([a-zµ]+)\s*")
DURATION_FORMS = "a number and a unit, such as 90 s, 5 min, 4 h, 2 days, 1 week"


def parse_duration(text: object) -> int:
    """Read a duration such as ``90 s`` or ``1 h 30 min``.

    Returns
    -------
    int
        Microseconds, rounded to the nearest.

    Raises
    ------
    ParameterError
        If the text has no unit, an unknown unit, or a negative number.
    """
    if isinstance(text, str):
        position, total = 0, 0.0
        while match := _DURATION.match(text, position):
            unit = _UNITS.get(match[2])
            if unit is None:
                break
            total += float(match[1]) * unit
            position = match.end()
        if position and position == len(text) and total < NEVER / 1000:
            return math.floor(total + 0.5)
    raise ParameterError(Problem("not a duration", allowed=DURATION_FORMS, given=repr(text)))


def format_duration(duration_us: float, digits: int = 3) -> str:
    """Write a duration in the largest unit that keeps it above one, e.g. ``1.5 min``."""
    if duration_us >= NEVER:
        return "never"
    for name, unit in (("days", DAY_US), ("h", HOUR_US), ("min", MINUTE_US), ("s", SECOND_US), ("ms", 1_000)):
        if abs(duration_us) >= unit:
            return f"{duration_us / unit:.{digits}g} {name}"
    return "0 s" if duration_us == 0 else f"{duration_us:.{digits}g} us"


def exact_duration(duration_us: int) -> str:
    """Write a duration so that `parse_duration` gives the same number back."""
    for name, unit in (("h", HOUR_US), ("min", MINUTE_US), ("s", SECOND_US), ("ms", 1_000)):
        if duration_us and duration_us % unit == 0:
            return f"{duration_us // unit} {name}"
    return f"{duration_us} us" if duration_us else "0 s"


def parse_share(text: object) -> float:
    """Read ``12 %`` or ``0.12`` as a share between 0 and 1.

    Raises
    ------
    ParameterError
        If it is neither, or lies outside 0 to 1.
    """
    value = math.nan
    if isinstance(text, bool):
        pass
    elif isinstance(text, (int, float)):
        value = float(text)
    elif isinstance(text, str) and re.fullmatch(r"\s*[0-9]+(\.[0-9]*)?\s*%\s*", text):
        value = float(text.strip().rstrip("%")) / 100
    if 0 <= value <= 1:
        return value
    raise ParameterError(Problem("not a share", allowed="0 % to 100 %, or 0 to 1", given=repr(text)))


def parse_time_of_day(text: str) -> int:
    """Read ``HH:MM`` (00:00 to 24:00) as minutes after midnight."""
    match = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*", text) if isinstance(text, str) else None
    if match:
        minutes = int(match[1]) * 60 + int(match[2])
        if int(match[2]) < 60 and minutes <= 24 * 60:
            return minutes
    raise ParameterError(Problem("not a time of day", allowed='"00:00" to "24:00"', given=repr(text)))


def parse_hours(text: str) -> tuple[int, int]:
    """Read ``"08:00-16:30"`` as (start, end) minutes after midnight; an end before the start is on the next day."""
    parts = text.split("-") if isinstance(text, str) else []
    if len(parts) != 2:
        raise ParameterError(Problem("not hours of a day", allowed='such as "08:00-16:30"', given=repr(text)))
    start, end = parse_time_of_day(parts[0]), parse_time_of_day(parts[1])
    if start == end or start == 24 * 60:
        raise ParameterError(
            Problem("hours without length", allowed='a start before the end, such as "08:00-16:30"', given=repr(text))
        )
    return start, end if end > start else end + 24 * 60
