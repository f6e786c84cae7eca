"""Who contacts us: streams of cases, their arrivals, patience and attributes."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from sim.publicdays import parse_country
from sim.schema.attribute import Attribute, AttributeField, TierField
from sim.schema.base import (
    Amount,
    Duration,
    Misfit,
    Part,
    Share,
    exactly_one,
    fits,
    to_key,
)
from sim.schema.common import Moment, PinnedId
from sim.schema.condition import LABELS
from sim.schema.daytable import RateTable
from sim.schema.distribution import Length
from sim.units import parse_share

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


class Customers(Part):
    """Whose contacts these are: a base, by its name under ``customers`` or by its size.

    With ``contacts per year`` of each customer, base and contacts are the stream's rate.
    """

    base: str | Annotated[int, Field(ge=1, le=1_000_000_000)]
    contacts_per_year: Amount | None = None


class Orders(Part):
    """Contacts that orders give rise to: so many orders a week, so many contacts for each."""

    per_week: Amount
    contacts_each: Amount


class Leaves(Part):
    """Chance that a customer leaves for good, by how the case ended; ``late``: after its deadline, at least this."""

    solved: Share = 0.0
    unsolved: Share = 0.0
    lost: Share = 0.0
    late: Share = 0.0


class Chasing(Part):
    """Customers whose case is open and silent ask: a timer after arrival and then ``every``; a share of them asks.

    A chasing contact goes through the process ``type``.
    """

    first_after: Length
    every: Length
    share: Share = 1.0
    at_most: Annotated[int, Field(ge=1, le=1000)] = 10
    type: str

    @model_validator(mode="after")
    def _timers_come(self) -> Chasing:
        for name in ("first_after", "every"):
            if not getattr(self, name).surely_ends:
                raise Misfit("a timer that may never come", allowed="a smaller 'share'", inside=(to_key(name),))
        if not self.every.takes_time:
            raise Misfit("timers without time between them", allowed="a duration above zero", inside=("every",))
        return self


class OpenCases(Part):
    """Cases that are open at the start: when they came, at which step they are, ``since`` when (their arrival)."""

    arrived: Moment
    at: str
    since: Moment | None = None
    count: Annotated[int, Field(ge=1, le=1_000_000)] = 1

    @model_validator(mode="after")
    def _in_order(self) -> OpenCases:
        if self.since is not None and self.since < self.arrived:
            raise Misfit("at the step before it came", allowed="a time after 'arrived'", inside=("since",))
        return self


@dataclass(frozen=True, slots=True)
class MonthPart:
    """The first or last so many days, or business days, of every month."""

    first: bool
    count: int
    business: bool


_MONTH_PART = re.compile(r"(first|last) ([0-9]+) (business )?days?")


def read_month_part(raw: Any) -> MonthPart:
    """Read ``last 3 business days`` or ``first 2 days``."""
    match = _MONTH_PART.fullmatch(" ".join(raw.split())) if isinstance(raw, str) else None
    if not match or not 1 <= int(match[2]) <= 31:
        allowed = "first or last N days, or N business days: last 3 business days"
        raise Misfit("not a part of a month", allowed=allowed, given=repr(raw), inside=(raw,))
    return MonthPart(match[1] == "first", int(match[2]), match[3] is not None)


def _month(raw: Any) -> Any:
    for key in raw if isinstance(raw, dict) else ():
        read_month_part(key)
    return raw


def _growth(raw: Any) -> Any:
    """A share that may be below zero."""
    if isinstance(raw, str) and raw.strip().startswith("-"):
        return -fits(parse_share, raw.strip()[1:])
    return raw if isinstance(raw, float) and -1 < raw < 0 else fits(parse_share, raw)


_GROWTH = {"anyOf": [{"type": "number"}, {"type": "string"}], "description": "a share, or one below zero"}


class Surge(Part):
    """From one moment to before another the rate is a multiple of what it would be."""

    from_: Moment
    to: Moment
    factor: Amount
    why: str = ""

    @model_validator(mode="after")
    def _lasts(self) -> Surge:
        if self.to <= self.from_:
            raise Misfit("a surge that ends before it begins", allowed="a 'to' after 'from'", inside=("to",))
        return self


RATES = ("per_hour", "per_week", "orders", "recorded")
SHAPES = ("season", "month", "special_days", "trend", "surges", "busyness")


class Stream(Part):
    """Contacts of one kind through one channel, by whom, and what they are like.

    Rate: ``per hour`` (a number or a table of hours), or ``per week``, ``orders`` or ``customers`` with contacts per
    year, spread by the weights of ``week``; times ``season`` (by month), ``month`` (``{last 3 business days: 1.6}``;
    business days are Monday to Friday, or days on which the ``calendar`` opens) and ``special days`` (by date, or
    ``holidays`` of the country under ``holidays``), times the ``trend`` (growth in 30 days, from the start, compound),
    ``surges`` and ``busyness``. Or ``recorded``: given times. None, if the cases come from other cases only.

    ``attributes`` and ``tier`` are drawn for each case; ``difficulty`` says how far success depends on the case rather
    than on chance; ``spared`` is the share of contacts, easy ones first, that no longer arise.
    """

    type: str
    channel: str = "phone"
    segment: str | None = None
    region: str | None = None
    per_hour: RateTable | None = None
    per_week: Amount | None = None
    orders: Orders | None = None
    customers: Customers | None = None
    week: RateTable | None = None
    season: dict[Literal[MONTHS], Amount] = Field(default_factory=dict)  # type: ignore[valid-type]
    special_days: dict[dt.date | Literal["holidays"], Amount] = Field(default_factory=dict)
    holidays: Annotated[str, BeforeValidator(lambda value: fits(parse_country, value))] = ""
    month: Annotated[dict[str, Amount], BeforeValidator(_month)] = Field(default_factory=dict)
    calendar: str | None = None
    trend: Annotated[float, BeforeValidator(_growth), WithJsonSchema(_GROWTH)] = 0.0
    surges: list[Surge] = Field(default_factory=list)
    busyness: Busyness | None = None
    recorded: list[Moment] | None = None
    attributes: dict[str, AttributeField] = Field(default_factory=dict)
    tier: TierField | None = None
    difficulty: Share = 0.0
    spared: Share = 0.0
    patience: Length | None = None
    redial: Redial | None = None
    chasing: Chasing | None = None
    leaves: Leaves | None = None
    open_cases: list[OpenCases] = Field(default_factory=list)
    priority: Annotated[int, Field(ge=1, le=1000)] = 1
    head_start: Duration = 0
    id: PinnedId | None = None

    @model_validator(mode="after")
    def _rate_is_clear(self) -> Stream:
        form, shaped = self.rate_form, self._shaped_by()
        if form is None and (shaped or self.week is not None):
            exactly_one(self, *RATES, what="a stream")
        if self.week is not None and form in ("per_hour", "recorded"):
            raise Misfit("'week' spreads 'per week' and nothing else", given=f"week beside {to_key(form)}")
        if self.week is not None and sum(self.week.all_values()) == 0:
            raise Misfit("weights of a week that are all zero", allowed="at least one above zero", inside=("week",))
        if form == "recorded" and shaped:
            allowed = f"{', '.join(to_key(name) for name in SHAPES)} with a rate"
            raise Misfit("recorded arrivals cannot be scaled", allowed=allowed, given=", ".join(map(to_key, shaped)))
        if self.redial is not None and not self.redial.after.surely_ends:
            raise Misfit("a redial that may never come", allowed="a smaller 'share'", inside=("redial", "after"))
        if self.redial is not None and self.redial.share == 1 and not self.redial.after.takes_time:
            raise Misfit("a redial that takes no time", allowed="a wait above zero", inside=("redial", "after"))
        self._check_labels()
        return self

    def _shaped_by(self) -> list[str]:
        """What changes the rate; days that are named have what they are named by."""
        if ("holidays" in self.special_days) != bool(self.holidays):
            what = "'holidays' under 'special days' and a country's 'holidays' go together"
            raise Misfit(what, allowed="special days: {holidays: 0.6} and holidays: CN", inside=("special days",))
        if self.calendar is not None and not any(read_month_part(key).business for key in self.month):
            raise Misfit("'calendar' says which days are business days", allowed="with 'month'", inside=("calendar",))
        return [name for name in SHAPES if getattr(self, name)]

    @property
    def rate_form(self) -> str | None:
        """Which key gives the rate; none if cases only come from other cases."""
        counted = self.customers is not None and self.customers.contacts_per_year is not None
        given = [name for name in RATES if getattr(self, name) is not None]
        if len(given) + counted > 1:
            names = [to_key(name) for name in given] + ["customers with contacts per year"] * counted
            raise Misfit(f"a stream needs exactly one of: {', '.join(map(to_key, RATES))}", given=", ".join(names))
        return "customers" if counted else given[0] if given else None

    def _check_labels(self) -> None:
        for name in self.attributes:
            if name in (*LABELS, "tier", "times"):
                allowed = "another name" if name == "times" else f"the key {name!r} of the stream"
                raise Misfit(f"{name!r} is no name for an attribute", allowed=allowed, inside=("attributes", name))
        if self.leaves is not None and self.customers is None:
            raise Misfit("who leaves must be counted", allowed="'customers' beside 'leaves'", inside=("leaves",))

    @property
    def all_attributes(self) -> dict[str, Attribute]:
        """Attributes, the tier, and the labels that each case of the stream shares."""
        found = dict(self.attributes)
        if self.tier is not None:
            found["tier"] = self.tier
        for name in LABELS:
            label = getattr(self, name)
            if label is not None:
                found[name] = Attribute(words=((label, 1.0),))
        return found
