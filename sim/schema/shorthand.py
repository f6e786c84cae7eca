"""Steps that stand for several primitive ones: bots, classification, approvals; and lanes in front of processes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from sim.codes import Source
from sim.schema.base import Amount, Duration, Misfit, Part, Share, fits
from sim.schema.condition import Condition, Conditions
from sim.schema.daytable import DAY_MINUTES, parse_days
from sim.schema.distribution import Length
from sim.units import parse_time_of_day

Priority = Annotated[int, Field(ge=1, le=1000)]


def check_rounds(hours: list[str], days: str | list[str] | None, calendar: str | None) -> None:
    """Rounds are at different hours, on days or on those of a calendar."""
    minutes = sorted(fits(parse_time_of_day, hour, ("rounds at", place)) for place, hour in enumerate(hours))
    if minutes and minutes[-1] >= DAY_MINUTES:
        raise Misfit("not hours of rounds", 'such as ["10:00", "15:00"]', str(hours), inside=("rounds at",))
    if len(set(minutes)) < len(minutes):
        raise Misfit("a round twice", allowed="each hour once", given=str(hours), inside=("rounds at",))
    if days is not None and calendar is not None:
        raise Misfit("'days' and 'in' together", allowed="one of them", inside=("in",))
    if (days is not None or calendar is not None) and not hours:
        raise Misfit("'days' and 'in' go with hours of rounds", allowed='rounds at: ["10:00"]')
    found = [fits(parse_days, key, ("days",)) for key in ([days] if isinstance(days, str) else days or [])]
    each = [day for one in found for day in (one if isinstance(one, list) else [one])]
    if len(set(each)) < len(each):
        raise Misfit("a day twice", allowed="each day once", given=str(days), inside=("days",))


class Bot(Part):
    """A bot answers first: it covers a share of contacts and settles (``contains``) a share of these, easy ones first.

    Each of at most so many ``turns`` lasts a ``turn``. Of what it seems to settle, the share ``falsely`` comes back
    after a time. Who fits one of the conditions ``urgent`` is handed over at once; whoever is handed over gets the
    ``hand over priority``.
    """

    covers: Share
    contains: Share
    falsely: Share = 0.0
    turn: Length
    turns: Annotated[int, Field(ge=1, le=100)] = 1
    comes_back_after: Length | None = None
    urgent: Conditions = Field(default_factory=list)
    hand_over_priority: Priority | None = None

    @model_validator(mode="after")
    def _is_clear(self) -> Bot:
        if ("falsely" in self.model_fields_set) != (self.comes_back_after is not None):
            raise Misfit("'falsely' and 'comes back after' go together", allowed="both", inside=("falsely",))
        for name, length in (("turn", self.turn), ("comes back after", self.comes_back_after)):
            if length is not None and not length.surely_ends:
                raise Misfit(f"a {name} that may never end", allowed="'never' with patience only", inside=(name,))
        return self

    @property
    def settled_each_turn(self) -> float:
        """Chance to settle a recognised contact in a turn, so that ``contains`` are settled in all turns."""
        return float(1 - (1 - self.contains) ** (1 / self.turns))


class Classify(Part):
    """A share goes the right way; the others first to one of the wrong skills, for a diagnosis and a transfer.

    Those are taken for cases of ``wrong tier``, if there is one.
    """

    right: Share
    wrong: Annotated[list[str], Field(min_length=1)]
    diagnosis: Length
    transfer: Length | None = None
    wrong_tier: str | None = None

    @model_validator(mode="after")
    def _ends(self) -> Classify:
        for name, length in (("diagnosis", self.diagnosis), ("transfer", self.transfer)):
            if length is not None and not length.surely_ends:
                raise Misfit(f"a {name} that may never end", allowed="'never' with patience only", inside=(name,))
        if len(set(self.wrong)) < len(self.wrong):
            raise Misfit("a wrong skill twice", allowed="each once", inside=("wrong",))
        return self


class Deputies(Part):
    """A group that may decide too, after a wait."""

    group: str
    after: Duration


class Level(Part):
    """A level of approval: who decides (a skill), how long it takes, in rounds at set hours if it has any.

    With ``up to``, it decides for good where each of these attributes is at most so much; otherwise the next level is
    asked. It ``returns`` and ``rejects`` shares, and ``catches`` a share of overpayment. ``when``: only then asked.
    """

    by: str
    takes: Length
    up_to: dict[str, Amount] | None = None
    when: Conditions | None = None
    rounds_at: list[str] = Field(default_factory=list)
    days: str | list[str] | None = None
    in_: str | None = None
    returns: Share = 0.0
    rejects: Share = 0.0
    catches: Share = 0.0
    deputies: Deputies | None = None

    @model_validator(mode="after")
    def _is_clear(self) -> Level:
        check_rounds(self.rounds_at, self.days, self.in_)
        if not self.takes.surely_ends:
            raise Misfit("an approval that may never end", allowed="'never' with patience only", inside=("takes",))
        if self.returns + self.rejects > 1 + 1e-9:
            raise Misfit("returns and rejects together exceed 100 %", given=f"{self.returns:g} + {self.rejects:g}")
        return self

    @property
    def limits(self) -> list[Condition]:
        """What must hold for this level to decide for good."""
        return at_most(self.up_to or {})


def at_most(limits: dict[str, float]) -> list[Condition]:
    """Conditions that attributes are at most so much."""
    return [Condition(Source.ATTRIBUTE, name, "<=", most, f"{name} <= {most:g}") for name, most in limits.items()]


class Approval(Part):
    """Levels, asked in order; the last one always decides. Up to what is ``delegated`` nobody is asked."""

    levels: Annotated[list[Level], Field(min_length=1)]
    delegated: dict[str, Amount] = Field(default_factory=dict)


def _levels(raw: Any) -> Any:
    return {"levels": raw} if isinstance(raw, list) else raw


ApprovalField = Annotated[Approval, BeforeValidator(_levels)]


class Lane(Part):
    """Cases that fit get a priority or a deadline on their way into any process; the first lane that fits counts."""

    when: Conditions
    priority: Priority | None = None
    due: Duration | None = None
    in_: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Lane:
        if self.priority is None and self.due is None:
            raise Misfit("a lane that changes nothing", allowed="priority, due, or both", given="neither")
        if self.in_ is not None and self.due is None:
            raise Misfit("'in' says which calendar counts for 'due'", allowed="due: 4 h, in: office", inside=("in",))
        return self
