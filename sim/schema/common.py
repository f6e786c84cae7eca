"""What several parts of a scenario share: local times, pinned ids, service levels, calendars."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from sim.schema.base import (
    Misfit,
    Part,
    PositiveDuration,
    Share,
    fits,
)
from sim.schema.daytable import DAY_FORMS, DayTable, parse_day_table
from sim.units import SECOND_US, parse_hours

Formula = Literal["SL1", "SL2", "SL3", "SL4"]
PinnedId = Annotated[int, Field(ge=0, lt=2**32)]
FIRST_YEAR, LAST_YEAR = 1900, 2999
"""Years of all local times: calendars reach beyond the run, and dates have only so many years."""


def read_moment(value: Any) -> dt.datetime:
    """A local date or date and time, without an offset."""
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise Misfit("out of range", allowed=f"years from {FIRST_YEAR} to {LAST_YEAR}", given=str(value))
        return value
    raise Misfit("not a local date or time", allowed="2026-03-02 or 2026-03-02 08:00, without an offset")


Moment = Annotated[
    dt.datetime, BeforeValidator(read_moment), WithJsonSchema({"type": "string", "description": "local date or time"})
]


class ServiceLevel(Part):
    """Share answered within a time; ``formula`` as in the definitions of metrics."""

    within: PositiveDuration = 20 * SECOND_US
    formula: Formula = "SL4"
    goal: Share | None = None


def read_calendar(raw: Any) -> DayTable:
    """Read days with hours such as ``{mon-fri: "09:00-17:30", sat: ["09:00-12:00"], holidays: CN}``."""
    if not isinstance(raw, dict):
        raise Misfit("not a calendar", allowed='such as {mon-fri: "09:00-17:30"}', given=repr(raw))
    table = parse_day_table({key: value if key == "holidays" else _hours(value, (key,)) for key, value in raw.items()})
    if not table.all_values():
        raise Misfit("a calendar that is never open", allowed=f"hours on at least one day ({DAY_FORMS})")
    return table


def _hours(raw: Any, inside: tuple[Any, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, hours in enumerate(raw if isinstance(raw, list) else [raw]):
        fits(parse_hours, hours, (*inside, place) if isinstance(raw, list) else inside)
        found[hours] = 1
    return found


Calendar = Annotated[
    DayTable,
    PlainValidator(read_calendar),
    WithJsonSchema({
        "type": "object",
        "description": f"days ({DAY_FORMS}) to hours or a list of hours; `holidays`: a country whose holidays close it",
    }),
]  # fmt: skip
"""When something is open: hours by day, as a table of ones."""
