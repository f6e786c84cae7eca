"""What a scenario file can say. Every class is one mapping of the file; keys have spaces where fields have ``_``."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sim.schema.base import (
    Amount,
    Duration,
    Misfit,
    Part,
    PositiveDuration,
)
from sim.schema.change import Disruption, Phase, Risk
from sim.schema.common import Calendar, Moment, ServiceLevel
from sim.schema.demand import Stream
from sim.schema.expand import Expanded, expand
from sim.schema.people import Group
from sim.schema.process import Step
from sim.schema.routing import Routing
from sim.schema.service import Money, Satisfaction, Scorecard, Tier
from sim.schema.shorthand import ApprovalField, Lane
from sim.schema.standards import Standard
from sim.units import DAY_US, MINUTE_US, exact_duration

SCHEMA_VERSION = 1


CustomerCount = Annotated[int, Field(ge=1, le=1_000_000_000)]


class Intervention(Part):
    """A named change: patches at paths of the scenario, and what must be switched on with it."""

    why: str = ""
    requires: list[str] = Field(default_factory=list)
    set: dict[str, Any] = Field(default_factory=dict)
    scale: dict[str, Amount] = Field(default_factory=dict)
    add: dict[str, Any] = Field(default_factory=dict)
    remove: list[str] = Field(default_factory=list)


class Scenario(Part):
    """A service operation, its customers, and how long to watch it."""

    queuewise: int
    name: str
    about: str = ""
    time_zone: str = "UTC"
    start: Moment
    horizon: PositiveDuration
    warm_up: Duration = Field(default=0, alias="warm-up")
    ends: Literal["stop", "drain"] = "stop"
    interval: PositiveDuration = 30 * MINUTE_US
    service_level: ServiceLevel = Field(default_factory=ServiceLevel)
    calendars: dict[str, Calendar] = Field(default_factory=dict)
    customers: dict[str, CustomerCount] = Field(default_factory=dict)
    demand: dict[str, Stream]
    people: dict[str, Group]
    routing: dict[str, Routing] = Field(default_factory=dict)
    process: dict[str, dict[str, Step]]
    approvals: dict[str, ApprovalField] = Field(default_factory=dict)
    lanes: list[Lane] = Field(default_factory=list)
    disruptions: dict[str, Disruption] = Field(default_factory=dict)
    tiers: dict[str, Tier] = Field(default_factory=dict)
    satisfaction: Satisfaction | None = None
    repeat_within: PositiveDuration | None = None
    currency: str = ""
    money: Money | None = None
    scorecard: Scorecard | None = None
    interventions: dict[str, Intervention] = Field(default_factory=dict)
    phases: dict[str, Phase] = Field(default_factory=dict)
    risks: dict[str, Risk] = Field(default_factory=dict)
    standards: dict[str, Standard] = Field(default_factory=dict)
    sources: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _frame_is_clear(self) -> Scenario:
        if self.queuewise != SCHEMA_VERSION:
            raise Misfit(
                "an unknown version of the scenario format",
                allowed=str(SCHEMA_VERSION),
                given=str(self.queuewise),
                inside=("queuewise",),
            )
        if self.warm_up >= self.horizon:
            raise Misfit(
                "the warm-up leaves nothing to measure",
                allowed="a warm-up shorter than the horizon",
                given=exact_duration(self.warm_up),
                inside=("warm-up",),
            )
        if DAY_US % self.interval or self.interval < MINUTE_US:
            what = "an interval that does not divide a day, or less than a minute"
            raise Misfit(what, allowed="15 min, 30 min, 1 h", inside=("interval",))
        for name in ("demand", "people", "process"):
            if not getattr(self, name):
                raise Misfit(f"no {name}", allowed=f"at least one entry under {name}", inside=(name,))
        return self

    @cached_property
    def expanded(self) -> Expanded:
        """Processes of primitive steps."""
        return expand(self)
