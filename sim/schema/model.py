"""What a scenario file can say. Every class is one mapping of the file; keys have spaces where fields have ``_``."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from sim.schema.base import (
    Amount,
    Duration,
    Misfit,
    Part,
    PositiveDuration,
    PositiveNumber,
    Share,
    exactly_one,
    fits,
)
from sim.schema.daytable import HeadTable, RateTable, parse_days
from sim.schema.distribution import Length
from sim.units import DAY_US, MINUTE_US, SECOND_US, exact_duration, parse_duration, parse_hours, parse_time_of_day

SCHEMA_VERSION = 1
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
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
    """How well a group does a kind of work: its pace against the step's own durations."""

    speed: PositiveNumber = 1.0


def _skills(value: Any) -> Any:
    return {name: {} for name in value} if isinstance(value, list) else value


class Group(Part):
    """People who are alike: how many are there when, and what they can do."""

    agents: HeadTable | None = None
    shifts: dict[str, Shift] | None = None
    skills: Annotated[dict[str, Skill], BeforeValidator(_skills)]
    picks: Literal["longest idle", "listed order"] = "longest idle"

    @model_validator(mode="after")
    def _people_are_clear(self) -> Group:
        exactly_one(self, "agents", "shifts", what="a group")
        if not self.skills:
            raise Misfit("a group without a skill", allowed="at least one skill", inside=("skills",))
        return self


class Routing(Part):
    """One queue, named as its skill: who serves it, after which wait others do too, and how many may wait."""

    to: list[str | dict[str, Any]] | None = None
    waiting_places: Annotated[int, Field(ge=0)] | None = None
    service_level: ServiceLevel | None = None

    @model_validator(mode="after")
    def _targets_read(self) -> Routing:
        _ = self.targets
        return self

    @property
    def targets(self) -> list[tuple[str, int]] | None:
        """Groups in the order in which they are asked, each with the wait (microseconds) after which it may serve."""
        if self.to is None:
            return None

        found = []
        for number, entry in enumerate(self.to):
            if isinstance(entry, str):
                found.append((entry, 0))
                continue
            items = list(entry.items())
            text = str(items[0][1]) if len(items) == 1 else ""
            if not text.startswith("after "):
                raise Misfit("not a group", allowed="name, or {name: after 40 s}", inside=("to", number))
            found.append((str(items[0][0]), fits(parse_duration, text.removeprefix("after "), ("to", number))))
        names = [name for name, _ in found]
        if not names or len(set(names)) < len(names):
            raise Misfit("no group, or a group twice", allowed="each group once", given=str(names), inside=("to",))
        return found


class Step(Part):
    """One step of a process: ``work`` (a skill), ``delay``, ``branch`` or ``end``; then ``next``, or the step below.

    Handling is ``talk`` + ``hold`` (with the customer) + ``wrap`` (after). ``patience`` here replaces the stream's;
    ``none`` means that nobody hangs up. ``priority`` here replaces the stream's.
    """

    work: str | None = None
    talk: Length | None = None
    hold: Length | None = None
    wrap: Length | None = None
    patience: Literal["none"] | Length | None = None
    priority: Annotated[int, Field(ge=1, le=1000)] | None = None
    delay: Length | None = None
    branch: dict[str, Share | Literal["otherwise"]] | None = None
    end: Literal["solved", "unsolved"] | None = None
    next: str | None = None
    id: PinnedId | None = None

    @model_validator(mode="after")
    def _is_one_kind(self) -> Step:
        kind = exactly_one(self, "work", "delay", "branch", "end", what="a step")
        if kind != "work":
            for name in ("talk", "hold", "wrap", "patience", "priority"):
                if getattr(self, name) is not None:
                    raise Misfit(f"{name!r} goes with 'work' only", given=f"{name} beside {kind}", inside=(name,))
        elif self.talk is None:
            raise Misfit("work needs 'talk': how long it takes", allowed="talk: 5 min, hold and wrap if wanted")
        for name in ("talk", "hold", "wrap", "delay"):
            length = getattr(self, name)
            if length is not None and not length.surely_ends:
                raise Misfit(f"a {name} that may never end", allowed="'never' with patience only", inside=(name,))
        if kind in ("branch", "end") and self.next is not None:
            raise Misfit(f"a step of kind {kind} has no 'next'", inside=("next",))
        if kind == "branch":
            _ = self.branches
        return self

    @property
    def branches(self) -> list[tuple[str, float]]:
        """Targets and shares of a branch, the open one filled up."""
        named = self.branch or {}
        given = sum(share for share in named.values() if share != "otherwise")
        opens = [name for name, share in named.items() if share == "otherwise"]
        if len(opens) > 1 or (not opens and abs(given - 1) > 1e-9) or given > 1 + 1e-9:
            raise Misfit(
                "shares of a branch must add up to 100 %",
                allowed="shares that add up, or one 'otherwise'",
                given=f"{100 * given:.6g} %",
                inside=("branch",),
            )
        return [(name, 1 - given if share == "otherwise" else float(share)) for name, share in named.items()]


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
    demand: dict[str, Stream]
    people: dict[str, Group]
    routing: dict[str, Routing] = Field(default_factory=dict)
    process: dict[str, dict[str, Step]]
    interventions: dict[str, Intervention] = Field(default_factory=dict)
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
        if DAY_US % self.interval:
            raise Misfit("an interval that does not divide a day", allowed="15 min, 30 min, 1 h", inside=("interval",))
        for name in ("demand", "people", "process"):
            if not getattr(self, name):
                raise Misfit(f"no {name}", allowed=f"at least one entry under {name}", inside=(name,))
        return self
