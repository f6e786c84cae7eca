"""What several parts of a scenario share: local times, pinned ids, service levels."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from sim.schema.base import (
    Misfit,
    Part,
    PositiveDuration,
    Share,
)
from sim.units import SECOND_US

Formula = Literal["SL1", "SL2", "SL3", "SL4"]
PinnedId = Annotated[int, Field(ge=0, lt=2**32)]


def _moment(value: Any) -> dt.datetime:
    """A local date or date and time, without an offset."""
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        return value
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time())
    raise Misfit("not a local date or time", allowed="2026-03-02 or 2026-03-02 08:00, without an offset")


Moment = Annotated[
    dt.datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "description": "local date or time"})
]


class ServiceLevel(Part):
    """Share answered within a time; ``formula`` as in the definitions of metrics."""

    within: PositiveDuration = 20 * SECOND_US
    formula: Formula = "SL4"
    goal: Share | None = None
