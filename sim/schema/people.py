"""Who works: groups of people, their shifts and what they can do, who is away, who comes and who leaves."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from sim.publicdays import parse_country
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
from sim.schema.common import PinnedId
from sim.schema.daytable import DayTable, HeadTable, Stretch, parse_days, working_weekday
from sim.units import DAY_US, MINUTE_US, exact_duration, parse_duration, parse_hours, parse_share
from sim.units import parse_time_of_day as time_of_day

_MINUTES = 24 * 60
_YEAR_US = 365 * DAY_US


class Break(Part):
    """A break: agents are logged off from ``at`` for a time."""

    at: str
    for_: PositiveDuration

    @model_validator(mode="after")
    def _time_reads(self) -> Break:
        fits(time_of_day, self.at, ("at",))
        if self.for_ % MINUTE_US:
            given = exact_duration(self.for_)
            raise Misfit("not whole minutes", allowed="15 min, 1 h ...", given=given, inside=("for",))
        return self

    @property
    def minutes(self) -> tuple[int, int]:
        """Start after midnight and length, minutes."""
        return time_of_day(self.at), self.for_ // MINUTE_US


class Shift(Part):
    """Agents who work the same hours on the same days.

    ``in`` takes the days on which a calendar is open; ``holidays`` frees a country's public holidays. ``tenure`` is
    how long its agents have been here at the start, if they are still learning.
    """

    hours: str
    days: str | list[str] = "every day"
    in_: str | None = None
    holidays: Annotated[str, BeforeValidator(lambda value: fits(parse_country, value))] = ""
    break_: Break | None = None
    breaks: list[Break] = Field(default_factory=list)
    agents: Annotated[int, Field(ge=0, le=100_000)]
    tenure: Duration | None = None

    @model_validator(mode="after")
    def _times_read(self) -> Shift:
        fits(parse_hours, self.hours, ("hours",))
        for key in self.day_keys:
            fits(parse_days, key, ("days",))
        if self.in_ and {"days", "holidays"} & self.model_fields_set:
            raise Misfit("'in' beside 'days' or 'holidays'", allowed="'in: a calendar' alone", inside=("in",))
        if self.break_ and self.breaks:
            raise Misfit("'break' and 'breaks' together", allowed="one of them")
        start, end = self.span
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
    def span(self) -> tuple[int, int]:
        """Begin and end, minutes after the midnight before the shift."""
        return parse_hours(self.hours)

    @property
    def pauses(self) -> list[tuple[int, int]]:
        """Start (minutes after the midnight before the shift) and length of each break, in order."""
        pauses = [self.break_] if self.break_ else self.breaks
        return sorted((self.minute(pause.at), pause.minutes[1]) for pause in pauses)

    def minute(self, at: str) -> int:
        """A time of day as minutes after the midnight before the shift: on the next day if it is before the start."""
        minute = time_of_day(at)
        return minute if minute >= self.span[0] else minute + _MINUTES

    def works_on(self, day: dt.date) -> bool:
        """Whether the shift begins on a day, going by ``days`` and ``holidays``."""
        keys = [parse_days(key) for key in self.day_keys]
        if day in keys:
            return True
        weekday = working_weekday(self.holidays, day)
        return weekday is not None and any(isinstance(key, list) and weekday in key for key in keys)


class Skill(Part):
    """How well a group does a kind of work: its pace against the step's own durations.

    ``solves`` is the share of cases that it can solve; ``at once`` how many contacts an agent may hold while one of
    them is of this kind, and ``slowdown`` what each further contact adds to the durations of all.
    """

    speed: PositiveNumber = 1.0
    solves: Share = 1.0
    at_once: Annotated[int, Field(ge=1, le=100)] = 1
    slowdown: Share = 0.0


class Shrinkage(Part):
    """Shares of paid days on which people are away.

    ``planned`` days off are spread so that nearly the same number is away every day. ``unplanned`` ones fall on each
    agent and day by chance; on a day of the ``common shock``, which comes with its chance, ``shock factor`` times as
    many. Groups with the same ``shared`` name have these days together.
    """

    planned: Share = 0.0
    unplanned: Share = 0.0
    common_shock: Share = 0.0
    shock_factor: PositiveNumber = 5.0
    shared: str | None = None

    @model_validator(mode="after")
    def _shock_has_something_to_multiply(self) -> Shrinkage:
        if self.common_shock and not self.unplanned:
            raise Misfit("a common shock without 'unplanned', which it multiplies", inside=("common shock",))
        return self


class Training(Part):
    """Hours away from work, on one day of the week for each agent: at a time of day, or at the shift's beginning."""

    hours_per_week: PositiveNumber
    at: str | None = None

    @model_validator(mode="after")
    def _time_reads(self) -> Training:
        if self.at is not None:
            fits(time_of_day, self.at, ("at",))
        if self.minutes < 1:
            raise Misfit("less than a minute", allowed="0.5, 1, 2 ... hours", inside=("hours per week",))
        return self

    @property
    def minutes(self) -> int:
        """Length of the one session a week."""
        return int(self.hours_per_week * 60 + 0.5)


class Rotation(Part):
    """A share of the group, drawn anew every year, works elsewhere once in it for a time."""

    share: Share
    for_: PositiveDuration

    @model_validator(mode="after")
    def _fits_into_a_year(self) -> Rotation:
        if self.for_ > _YEAR_US:
            raise Misfit("longer than the year in which it happens", allowed="up to 365 days", inside=("for",))
        return self


class EarlyLeave(Part):
    """The share of new people who leave, evenly spread over a first time."""

    share: Share
    within: PositiveDuration


class Mentors(Part):
    """Hours that an experienced agent of the shift spends with new ones on each of their days, for a first time."""

    hours_a_day: PositiveNumber
    for_: PositiveDuration
    one_to: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _takes_time(self) -> Mentors:
        if self.minutes < 1:
            raise Misfit("less than a minute", allowed="0.5, 1, 2 ... hours", inside=("hours a day",))
        return self

    @property
    def minutes(self) -> int:
        """Length of a session."""
        return int(self.hours_a_day * 60 + 0.5)


class Hire(Part):
    """New people of a shift, from a date on; they cost from then on, and work after ``works after``."""

    on: dt.date
    agents: Annotated[int, Field(ge=1, le=100_000)]
    shift: str
    works_after: Duration = 0
    leave: EarlyLeave | None = None
    mentors: Mentors | None = None

    @property
    def sessions(self) -> int:
        """How many sessions with a mentor they need on each of their days."""
        return -(-self.agents // self.mentors.one_to) if self.mentors else 0

    @property
    def mentored_until(self) -> dt.date:
        """The first day without a mentor."""
        return self.on + dt.timedelta(days=-(-self.mentors.for_ // DAY_US) if self.mentors else 0)


def _curve(value: Any) -> Any:
    """``[[0 days, 60 %], [30 days, 100 %]]`` as pairs of a tenure (microseconds) and a pace."""
    if not isinstance(value, list) or not all(isinstance(point, list) and len(point) == 2 for point in value):
        raise Misfit("not a curve", allowed="pairs of tenure and pace: [[0 days, 60 %], [90 days, 100 %]]")
    if not value:
        raise Misfit("a curve without points", allowed="[[0 days, 60 %], [90 days, 100 %]]")
    points = [
        (fits(parse_duration, after, (place, 0)), fits(parse_share, pace, (place, 1)))
        for place, (after, pace) in enumerate(value)
    ]
    for place, (after, pace) in enumerate(points):
        if pace == 0:
            raise Misfit("a pace of nothing", allowed="above 0 %; 'works after' of hires says when they begin",
                         inside=(place, 1))  # fmt: skip
        if place and after <= points[place - 1][0]:
            raise Misfit("tenures that do not rise", given=exact_duration(after), inside=(place, 0))
    return tuple(points)


_CURVE = {
    "type": "array",
    "items": {"type": "array", "minItems": 2, "maxItems": 2},
    "description": "pairs of a tenure and a pace: `[[0 days, 60 %], [90 days, 100 %]]`",
}
Curve = Annotated[tuple[tuple[int, float], ...], BeforeValidator(_curve), WithJsonSchema(_CURVE)]
"""Tenure in microseconds and pace, in straight lines between; the first and last pace hold before and after."""


def _not_everybody(share: float) -> float:
    if share >= 1:
        raise Misfit("everybody leaves within a year", allowed="below 100 %")
    return share


def _skills(value: Any) -> Any:
    return {name: {} for name in value} if isinstance(value, list) else value


class Group(Part):
    """People who are alike: how many are there when, what they can do, who is away, who comes and who leaves.

    ``attrition`` is the share of people who leave in a year and are not replaced but by ``hires``; ``learning`` the
    pace of new people by their tenure; ``cost`` that of a paid hour.
    """

    agents: HeadTable | None = None
    shifts: dict[str, Shift] | None = None
    skills: Annotated[dict[str, Skill], BeforeValidator(_skills)]
    picks: Literal["longest idle", "listed order", "least loaded"] = "longest idle"
    takes: Literal["priority", "longest wait", "weighted wait"] = "priority"
    shrinkage: Shrinkage = Field(default_factory=Shrinkage)
    training: Training | None = None
    rotation: Rotation | None = None
    learning: Curve | None = None
    hires: list[Hire] = Field(default_factory=list)
    attrition: Annotated[Share, AfterValidator(_not_everybody)] = 0.0
    cost: Amount | None = None
    id: PinnedId | None = None

    @model_validator(mode="after")
    def _people_are_clear(self) -> Group:
        exactly_one(self, "agents", "shifts", what="a group")
        if not self.skills:
            raise Misfit("a group without a skill", allowed="at least one skill", inside=("skills",))
        if self.shifts is None:
            for name in ("hires", "learning"):
                if getattr(self, name):
                    raise Misfit(
                        f"{name!r} in a group that is only counted",
                        allowed=f"{name!r} with 'shifts', where agents are told apart",
                        inside=(name,),
                    )
        self._check_tenures()
        for place, hire in enumerate(self.hires):
            self._check_hire(hire, ("hires", place))
        self._check_training()
        return self

    def _check_tenures(self) -> None:
        for name, shift in (self.shifts or {}).items():
            if shift.tenure is not None and self.learning is None:
                raise Misfit("a tenure that changes nothing", allowed="'tenure' with the group's 'learning'",
                             inside=("shifts", name, "tenure"))  # fmt: skip

    def _check_hire(self, hire: Hire, place: tuple[Any, ...]) -> None:
        shift = (self.shifts or {}).get(hire.shift)
        if shift is None:
            allowed = ", ".join(self.shifts or {})
            raise Misfit("no such shift", allowed=allowed, given=hire.shift, inside=(*place, "shift"))
        if hire.mentors is None:
            return
        if shift.agents == 0:
            fix = "Take the new people into a shift that has agents."
            raise Misfit("mentors from a shift without agents", fix=fix, inside=(*place, "mentors"))
        start, end = shift.span
        each = -(-(self.first_session(hire) + hire.sessions) // shift.agents)
        if each * hire.mentors.minutes > end - start:
            raise Misfit(
                "more new people at a time than the mentors of the shift have hours for",
                allowed=f"sessions of {shift.agents} mentors within {shift.hours}",
                given=f"{each} sessions of {hire.mentors.hours_a_day:g} h a day for each",
                fix="Take fewer at a time, shorter sessions, or a greater 'one to'.",
                inside=(*place, "mentors"),
            )

    def first_session(self, hire: Hire) -> int:
        """Number of the first session with a mentor of new people: after those of others of the shift meanwhile."""
        first = 0
        for other in self.hires:
            if other is hire:
                break
            if other.shift == hire.shift and other.mentored_until > hire.on and hire.mentored_until > other.on:
                first = max(first, self.first_session(other) + other.sessions)
        return first

    def _check_training(self) -> None:
        """A session lies inside every shift; otherwise it would be cut in silence."""
        if self.training is None:
            return
        for name, shift in (self.shifts or {}).items():
            start, end = shift.span
            begin = shift.minute(self.training.at) if self.training.at else start
            if begin + self.training.minutes > end:
                raise Misfit(
                    f"training that does not lie inside the shift {name!r}",
                    allowed=f"inside {shift.hours}",
                    given=f"{self.training.hours_per_week:g} h from {self.training.at or shift.hours.split('-')[0]}",
                    fix="Leave 'at' out: each shift then trains at its beginning." if self.training.at else "",
                    inside=("training",),
                )
        if self.agents is not None and not training_weekdays(self.agents, self.training):
            raise Misfit(
                "training at a time when nobody is there",
                allowed="hours that a weekday's head counts cover",
                given=f"{self.training.hours_per_week:g} h from {self.training.at or 'the first of a day'}",
                inside=("training",),
            )

    @property
    def tells_agents_apart(self) -> bool:
        """Whether rows name the agents: shifts do, head counts do not."""
        return self.shifts is not None

    def agents_of_shift(self, name: str) -> range:
        """Numbers in the group of a shift's own agents, hires left out."""
        first = 0
        for other, shift in (self.shifts or {}).items():
            if other == name:
                return range(first, first + shift.agents)
            first += shift.agents
        raise KeyError(name)

    @property
    def size(self) -> int:
        """How many agents there are at most; new people's numbers follow those of the shifts."""
        if self.shifts is not None:
            return sum(shift.agents for shift in self.shifts.values()) + sum(hire.agents for hire in self.hires)
        return int(max([0, *(self.agents.all_values() if self.agents else [])]))


def training_window(stretches: tuple[Stretch, ...], training: Training) -> tuple[int, int]:
    """Begin and end of a session on a day with these head counts, minutes."""
    first = min((stretch.start_min for stretch in stretches if stretch.value > 0), default=0)
    begin = first if training.at is None else time_of_day(training.at)
    return begin, begin + training.minutes


def training_weekdays(table: DayTable, training: Training) -> list[int]:
    """Weekdays on which somebody is there during the whole of a session."""
    found = []
    for weekday, stretches in enumerate(table.weekdays):
        begin, end = training_window(stretches, training)
        covered = sum(max(0, min(s.end_min, end) - max(s.start_min, begin)) for s in stretches if s.value > 0)
        if covered == training.minutes:
            found.append(weekday)
    return found


def pace_at(curve: tuple[tuple[int, float], ...], tenure_us: int) -> float:
    """Pace by tenure: in straight lines between the curve's points."""
    if tenure_us <= curve[0][0]:
        return curve[0][1]
    for (before, slow), (after, fast) in pairwise(curve):
        if tenure_us <= after:
            return slow + (fast - slow) * ((tenure_us - before) / (after - before))
    return curve[-1][1]
