"""Standards of service: what is to be attained, who answers for it, since when, and when it is looked at again."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from sim.schema.base import Misfit, Part, fits
from sim.units import SECOND_US, parse_duration, parse_share

IndicatorName = Literal[
    "contacts",
    "service_level",
    "abandonment_rate",
    "asa",
    "handling_time",
    "unsolved_rate",
    "repeat_rate",
    "cases",
    "solved_rate",
    "first_contact_resolution",
    "reopened_rate",
    "complaint_rate",
    "handovers_per_case",
    "time_to_resolve",
]
Dimension = Literal["department", "person", "channel", "step"]
Direction = Literal["at least", "at most"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
INDICATORS: tuple[IndicatorName, ...] = get_args(IndicatorName)
LENGTHS = ("asa", "handling_time", "time_to_resolve")
COUNTS = ("contacts", "cases", "handovers_per_case")
UPWARD = ("service_level", "solved_rate", "first_contact_resolution")
"""Indicators of which more is better; of the others, counts and handling time apart, less is."""


def _day(value: Any) -> Any:
    """A date, or a text that is one."""
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    raise Misfit("not a date", allowed="such as 2026-03-02", given=repr(value))


Day = Annotated[dt.date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Level = Annotated[float, BeforeValidator(lambda value: value), WithJsonSchema({"type": ["string", "number"]})]
"""A share, a duration or a number, as the metric has it."""


class Standard(Part):
    """One standard: ``metric`` ``of`` something (a department, person, channel or step; left out: everything).

    ``value`` is a share, a duration or a number, as the metric has it; it is to be reached in each period
    (``direction``: ``at least`` or ``at most``). ``industry`` is what others attain: a standard should not be easier.
    ``revision`` counts how often it was set anew, ``review`` is when that is next considered.
    """

    metric: IndicatorName
    of: str | dict[Dimension, str] | None = None
    value: Level
    direction: Direction = "at least"
    owner: str = ""
    since: Day | None = None
    revision: Annotated[int, Field(ge=1)] = 1
    review: Day | None = None
    industry: Level | None = None
    why: str = ""

    @model_validator(mode="before")
    @classmethod
    def _in_the_metrics_unit(cls, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("metric") not in INDICATORS:
            return data
        metric = data["metric"]
        usual = {} if metric in ("contacts", "cases", "handling_time") else {"direction": _usual(metric)}
        if not usual and "direction" not in data:
            raise Misfit(f"a standard of {metric} needs 'direction'", allowed="at least, at most", inside=("metric",))
        levels = {name: _level(metric, name, data[name]) for name in ("value", "industry") if name in data}
        return {**usual, **data, **levels}

    @model_validator(mode="after")
    def _of_one_thing(self) -> Standard:
        if isinstance(self.of, dict) and len(self.of) != 1:
            raise Misfit(
                "a standard of several things at once", allowed="one of " + ", ".join(DIMENSIONS), inside=("of",)
            )
        return self


def _usual(metric: str) -> Direction:
    return "at least" if metric in UPWARD else "at most"


def _level(metric: str, name: str, value: Any) -> float:
    """A standard's value in the metric's unit: a share, seconds, or a number."""
    if metric in LENGTHS:
        return fits(parse_duration, value, (name,)) / SECOND_US
    if metric not in COUNTS:
        return fits(parse_share, value, (name,))
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value)
    raise Misfit("not a number", allowed="0 or more, without quotes or unit", given=repr(value), inside=(name,))


class Standards(Part):
    """A file of standards by themselves, for logs that are no scenario's."""

    standards: dict[str, Standard]
