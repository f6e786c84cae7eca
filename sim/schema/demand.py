"""Who contacts us: streams of cases, their arrivals, patience and attributes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sim.schema.base import (
    Amount,
    Duration,
    Misfit,
    Part,
    Share,
    exactly_one,
)
from sim.schema.common import Moment, PinnedId
from sim.schema.daytable import RateTable
from sim.schema.distribution import Length

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Busyness(Part):
    """A factor per day, gamma with mean 1, on a stream's rate; streams with the same ``shared`` name share it."""

    cv: Share
    shared: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _share_alone(cls, data: Any) -> Any:
        return data if isinstance(data, dict) else {"cv": data}


class Redial(Part):
    """Who gives up or is blocked tries again with a chance, after a time, up to a number of attempts in all."""

    share: Share
    after: Length
    attempts: Annotated[int, Field(ge=2, le=1000)] = 10


class Stream(Part):
    """Contacts of one kind through one channel.

    Rate: ``per hour`` (a number or a table of hours), or ``per week`` spread by the weights of ``week``; times
    ``season`` (by month) and ``special days`` (by date), times ``busyness``. Or ``recorded``: given times.
    """

    type: str
    channel: str = "phone"
    per_hour: RateTable | None = None
    per_week: Amount | None = None
    week: RateTable | None = None
    season: dict[Literal[MONTHS], Amount] = Field(default_factory=dict)  # type: ignore[valid-type]
    special_days: dict[dt.date, Amount] = Field(default_factory=dict)
    busyness: Busyness | None = None
    recorded: list[Moment] | None = None
    patience: Length | None = None
    redial: Redial | None = None
    priority: Annotated[int, Field(ge=1, le=1000)] = 1
    head_start: Duration = 0
    id: PinnedId | None = None

    @model_validator(mode="after")
    def _rate_is_clear(self) -> Stream:
        form = exactly_one(self, "per_hour", "per_week", "recorded", what="a stream")
        if self.week is not None and form != "per_week":
            raise Misfit("'week' spreads 'per week' and nothing else", given=f"week beside {form.replace('_', ' ')}")
        if self.week is not None and sum(self.week.all_values()) == 0:
            raise Misfit("weights of a week that are all zero", allowed="at least one above zero", inside=("week",))
        if form == "recorded" and (self.season or self.special_days or self.busyness):
            raise Misfit("recorded arrivals cannot be scaled", allowed="season, special days, busyness with a rate")
        if self.redial is not None and not self.redial.after.surely_ends:
            raise Misfit("a redial that may never come", allowed="a smaller 'share'", inside=("redial", "after"))
        if self.redial is not None and self.redial.share == 1 and not self.redial.after.takes_time:
            raise Misfit("a redial that takes no time", allowed="a wait above zero", inside=("redial", "after"))
        return self
