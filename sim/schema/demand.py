"""Who contacts us: streams of cases, their arrivals, patience and attributes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sim.schema.attribute import Attribute, AttributeField, TierField
from sim.schema.base import (
    Amount,
    Duration,
    Misfit,
    Part,
    Share,
    exactly_one,
    to_key,
)
from sim.schema.common import Moment, PinnedId
from sim.schema.condition import LABELS
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


RATES = ("per_hour", "per_week", "orders", "recorded")


class Stream(Part):
    """Contacts of one kind through one channel, by whom, and what they are like.

    Rate: ``per hour`` (a number or a table of hours), or ``per week``, ``orders`` or ``customers`` with contacts per
    year, spread by the weights of ``week``; times ``season`` (by month) and ``special days`` (by date), times
    ``busyness``. Or ``recorded``: given times. None, if the cases come from other cases only.

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
    special_days: dict[dt.date, Amount] = Field(default_factory=dict)
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
        if (form := self.rate_form) is None and (self.season or self.special_days or self.busyness or self.week):
            exactly_one(self, *RATES, what="a stream")
        if self.week is not None and form in ("per_hour", "recorded"):
            raise Misfit("'week' spreads 'per week' and nothing else", given=f"week beside {to_key(form)}")
        if self.week is not None and sum(self.week.all_values()) == 0:
            raise Misfit("weights of a week that are all zero", allowed="at least one above zero", inside=("week",))
        if form == "recorded" and (self.season or self.special_days or self.busyness):
            raise Misfit("recorded arrivals cannot be scaled", allowed="season, special days, busyness with a rate")
        if self.redial is not None and not self.redial.after.surely_ends:
            raise Misfit("a redial that may never come", allowed="a smaller 'share'", inside=("redial", "after"))
        if self.redial is not None and self.redial.share == 1 and not self.redial.after.takes_time:
            raise Misfit("a redial that takes no time", allowed="a wait above zero", inside=("redial", "after"))
        self._check_labels()
        return self

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
