"""Who works: groups of people, their shifts and what they can do."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from sim.schema.base import (
    Misfit,
    Part,
    PositiveDuration,
    PositiveNumber,
    Share,
    exactly_one,
    fits,
)
from sim.schema.daytable import HeadTable, parse_days
from sim.units import MINUTE_US, parse_hours, parse_time_of_day


class Break(Part):
    """A break: agents are logged off from ``at`` for a time."""

    at: str
    for_: PositiveDuration

    @model_validator(mode="after")
    def _time_reads(self) -> Break:

        fits(parse_time_of_day, self.at, ("at",))
        return self

    @property
    def minutes(self) -> tuple[int, int]:
        """Start after midnight and length, minutes."""
        return parse_time_of_day(self.at), self.for_ // MINUTE_US


class Shift(Part):
    """Agents who work the same hours on the same days."""

    hours: str
    days: str | list[str] = "every day"
    break_: Break | None = None
    breaks: list[Break] = Field(default_factory=list)
    agents: Annotated[int, Field(ge=0, le=100_000)]

    @model_validator(mode="after")
    def _times_read(self) -> Shift:

        fits(parse_hours, self.hours, ("hours",))
        for key in self.day_keys:
            if isinstance(fits(parse_days, key, ("days",)), dt.date):
                continue
        if self.break_ and self.breaks:
            raise Misfit("'break' and 'breaks' together", allowed="one of them")
        start, end = parse_hours(self.hours)
        at = start
        for pause_start, length in self.pauses:
            if pause_start < at or pause_start + length > end:
                raise Misfit(
                    "a break outside the shift, or breaks that overlap",
                    allowed=f"breaks one after the other inside {self.hours}",
                    inside=("break",) if self.break_ else ("breaks",),
                )
            at = pause_start + length
        return self

    @property
    def day_keys(self) -> list[str]:
        """The days as a list of keys."""
        return [self.days] if isinstance(self.days, str) else self.days

    @property
    def pauses(self) -> list[tuple[int, int]]:
        """Start (minutes after the midnight before the shift) and length of each break, in order."""
        start, _ = parse_hours(self.hours)
        found = []
        for pause in [self.break_] if self.break_ else self.breaks:
            at, length = pause.minutes
            found.append((at if at >= start else at + 24 * 60, length))
        return sorted(found)


class Skill(Part):
    """How well a group does a kind of work: its pace against the step's own durations, the share that it solves.

    ``at once``: contacts that an agent may hold while one of them is of this kind; each further one makes every contact
    last longer by the ``slowdown``.
    """

    speed: PositiveNumber = 1.0
    solves: Share = 1.0
    at_once: Annotated[int, Field(ge=1, le=100)] = 1
    slowdown: Share = 0.0


def _skills(value: Any) -> Any:
    return {name: {} for name in value} if isinstance(value, list) else value


class Group(Part):
    """People who are alike: how many are there when, and what they can do."""

    agents: HeadTable | None = None
    shifts: dict[str, Shift] | None = None
    skills: Annotated[dict[str, Skill], BeforeValidator(_skills)]
    picks: Literal["longest idle", "listed order", "least loaded"] = "longest idle"
    takes: Literal["priority", "longest wait", "weighted wait"] = "priority"

    @model_validator(mode="after")
    def _people_are_clear(self) -> Group:
        exactly_one(self, "agents", "shifts", what="a group")
        if not self.skills:
            raise Misfit("a group without a skill", allowed="at least one skill", inside=("skills",))
        return self
