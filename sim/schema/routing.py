"""Which people serve which queue, in which order, and how many may wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sim.schema.base import (
    Duration,
    Misfit,
    Part,
    PositiveDuration,
    Share,
    fits,
)
from sim.schema.common import ServiceLevel
from sim.schema.distribution import Length
from sim.units import parse_duration

Count = Annotated[int, Field(ge=0, le=1_000_000)]


@dataclass(frozen=True, slots=True)
class Target:
    """A group that may serve a queue after a wait (microseconds), keeping some of its agents free."""

    group: str
    after: int = 0
    reserve: int = 0


class Escalation(Part):
    """So long before its deadline a waiting case gets another priority, if that is better."""

    before_deadline: Duration
    priority: Annotated[int, Field(ge=1, le=1000)] = 1


class Balking(Part):
    """When so many wait, a share of those who come do not join."""

    when_waiting: Count
    share: Share


class Callback(Part):
    """When so many wait, a share of those who come accept to be called back; they keep their place.

    ``answers`` is the share that picks up; who does not costs ``unanswered``, and may try again.
    """

    when_waiting: Count
    accepted: Share
    answers: Share = 1.0
    unanswered: Length | None = None

    @model_validator(mode="after")
    def _unanswered_is_clear(self) -> Callback:
        if self.answers < 1 and self.unanswered is None:
            raise Misfit("a call that nobody answers takes time", allowed="unanswered: 30 s")
        if self.unanswered is not None and not self.unanswered.surely_ends:
            raise Misfit("a call that may never end", allowed="'never' with patience only", inside=("unanswered",))
        return self


class Routing(Part):
    """One queue, named as its skill: who serves it, after which wait others do too, and how many may wait.

    ``to`` lists groups; ``{experts: after 2 min}`` may serve after that wait, ``{experts: {after: 2 min, reserve: 2}}``
    only while more than two of them are free. ``ask`` says in which order groups are asked for an arriving case.
    Cases are served by priority, then ``first come`` or by ``earliest deadline``; a case without one must be served
    ``within`` a time. ``weight`` counts for groups that take by weighted wait.
    """

    to: list[str | dict[str, Any]] | None = None
    ask: Literal["listed order", "best skilled"] = "listed order"
    order: Literal["first come", "earliest deadline"] = "first come"
    within: PositiveDuration | None = None
    weight: Annotated[int, Field(ge=1, le=1000)] = 1
    escalate: Escalation | None = None
    balking: Balking | None = None
    callback: Callback | None = None
    waiting_places: Annotated[int, Field(ge=0)] | None = None
    service_level: ServiceLevel | None = None

    @model_validator(mode="after")
    def _is_clear(self) -> Routing:
        _ = self.targets
        if (self.order == "earliest deadline") != (self.within is not None):
            what = "'within' and 'order: earliest deadline' go together"
            raise Misfit(what, allowed="both: cases without a deadline need one", inside=("order",))
        return self

    @property
    def targets(self) -> list[Target] | None:
        """Groups in the order in which they are asked."""
        if self.to is None:
            return None
        found = [_target(entry, ("to", number)) for number, entry in enumerate(self.to)]
        names = [target.group for target in found]
        if not names or len(set(names)) < len(names):
            raise Misfit("no group, or a group twice", allowed="each group once", given=str(names), inside=("to",))
        return found


_TARGET_FORMS = "name, {name: after 40 s}, or {name: {after: 40 s, reserve: 2}}"


def _target(entry: str | dict[str, Any], inside: tuple[Any, ...]) -> Target:
    if isinstance(entry, str):
        return Target(entry)
    [(name, how)] = entry.items() if len(entry) == 1 else [("", "")]
    if isinstance(how, dict) and how and set(how) <= {"after", "reserve"}:
        after = fits(parse_duration, how.get("after", "0 s"), (*inside, name, "after"))
        return Target(str(name), after, _reserve(how, (*inside, name, "reserve")))
    text = str(how)
    if not text.startswith("after "):
        raise Misfit("not a group", allowed=_TARGET_FORMS, inside=inside)
    return Target(str(name), fits(parse_duration, text.removeprefix("after "), inside))


def _reserve(how: dict[str, Any], inside: tuple[Any, ...]) -> int:
    reserve = how.get("reserve", 0)
    if isinstance(reserve, bool) or not isinstance(reserve, int) or reserve < 0:
        raise Misfit("not a number of agents", allowed="0, 1, 2 ...", given=repr(reserve), inside=inside)
    return reserve
