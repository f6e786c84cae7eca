"""What changes with time: disruptions that happen, risks that may, and the phases of a programme."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from sim.codes import Source
from sim.schema.base import Amount, Misfit, Part, PositiveDuration, Share, to_key
from sim.schema.common import Moment
from sim.schema.condition import Conditions
from sim.schema.finding import Finding, unknown

if TYPE_CHECKING:
    from sim.schema.model import Scenario

_EFFECTS = ("no_work_on", "slower", "absence", "demand")


class Disruption(Part):
    """What goes wrong, or comes besides, for a time.

    ``no work on``: skills with which nobody can begin; ``slower``: how much longer work takes that begins then;
    ``absence``: share of people who are away besides, on each day that it touches; all three of ``groups``, or of all.
    ``demand``: factor on the rate of ``streams``, or of all that have a rate.
    """

    from_: Moment
    for_: PositiveDuration
    no_work_on: list[str] | Literal["everything"] = Field(default_factory=list)
    slower: Share = 0.0
    absence: Share = 0.0
    groups: list[str] | None = None
    demand: Amount | None = None
    streams: list[str] | None = None
    why: str = ""

    @model_validator(mode="after")
    def _does_something(self) -> Disruption:
        if not self.has_effect:
            raise Misfit("a disruption without effect", allowed=", ".join(map(to_key, _EFFECTS)))
        if self.streams is not None and self.demand is None:
            raise Misfit("'streams' goes with 'demand'", inside=("streams",))
        if self.groups is not None and not (self.no_work_on or self.slower or self.absence):
            raise Misfit("'groups' goes with 'no work on', 'slower' or 'absence'", inside=("groups",))
        return self

    @property
    def has_effect(self) -> bool:
        """Whether a run with it differs from one without."""
        return bool(self.no_work_on or self.slower or self.absence) or self.demand is not None

    @property
    def until(self) -> dt.datetime:
        """When it is over, on the wall."""
        return self.from_ + dt.timedelta(microseconds=self.for_)

    def touches(self, day: dt.date) -> bool:
        """Whether it lies on a day, at least in part."""
        midnight = dt.datetime.combine(day, dt.time())
        return self.from_ < midnight + dt.timedelta(days=1) and midnight < self.until


class Risk(Disruption):
    """A disruption that happens with a ``likelihood`` and is part of no run but those of the risk register.

    ``response``: what is done about it, by which interventions (``by``) or measures. ``costs``: what it costs besides,
    if it happens; with costs it needs no effect on the run.
    """

    likelihood: Share
    response: Literal["avoid", "reduce", "transfer", "accept"] = "accept"
    by: list[str] = Field(default_factory=list)
    measure: str = ""
    owner: str = ""
    costs: Amount = 0.0

    @model_validator(mode="after")
    def _response_fits(self) -> Risk:
        if self.response == "accept" and self.by:
            raise Misfit("an accepted risk against which something is done", allowed="avoid, reduce, transfer",
                         inside=("response",))  # fmt: skip
        return self

    @property
    def has_effect(self) -> bool:
        """Whether it matters if it happens."""
        return super().has_effect or self.costs > 0

    @property
    def disruption(self) -> Disruption:
        """What happens if it happens."""
        return Disruption.model_construct(**{name: getattr(self, name) for name in Disruption.model_fields})


class Ramp(Part):
    """A share that goes in a straight line from one value, at the phase's begin, to another at a date."""

    from_: Share
    to: Share
    by: Moment


class Phase(Part):
    """A stretch of a programme: interventions that hold for cases that arrive in it, and for people while it lasts.

    Cases: those of the ``regions``, and for which ``when`` holds, and a ``share`` of them. Where phases meet, the one
    listed later goes first.
    """

    from_: Moment
    to: Moment | None = None
    interventions: list[str] = Field(min_length=1)
    regions: list[str] | None = None
    when: Conditions = Field(default_factory=list)
    share: Share | Ramp = 1.0
    why: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> Phase:
        if self.to is not None and self.to <= self.from_:
            raise Misfit("a phase that ends before it begins", allowed="'to' after 'from'", inside=("to",))
        for place, condition in enumerate(self.when):
            if condition.source != Source.ATTRIBUTE:
                raise Misfit("a condition that does not look at the case", allowed="such as customer = enterprise",
                             given=condition.text, inside=("when", place))  # fmt: skip
        if isinstance(self.share, Ramp) and not self.from_ < self.share.by <= (self.to or dt.datetime.max):
            raise Misfit("a share that is reached outside the phase", allowed="'by' after 'from', not after 'to'",
                         inside=("share", "by"))  # fmt: skip
        return self


def change_findings(scenario: Scenario) -> Iterable[Finding]:
    """Names that disruptions, risks and phases use, and times outside the run."""
    for section in ("disruptions", "risks"):
        for name, one in getattr(scenario, section).items():
            yield from _disruption_findings(scenario, one, (section, name))
    for name, risk in scenario.risks.items():
        yield from _named(risk.by, scenario.interventions, "intervention", ("risks", name, "by"))
    for name, phase in scenario.phases.items():
        place = ("phases", name)
        yield from _named(phase.interventions, scenario.interventions, "intervention", (*place, "interventions"))
        known = {region for stream in scenario.demand.values() for region in _regions(stream)}
        yield from _named(phase.regions or [], known, "region of any stream", (*place, "regions"))


def _regions(stream: Any) -> list[str]:
    region = stream.all_attributes.get("region")
    return [word for word, _ in region.words] if region else []


def _named(names: list[str], known: Iterable[str], what: str, path: tuple[Any, ...]) -> Iterable[Finding]:
    known = list(known)
    for place, name in enumerate(names):
        if name not in known:
            yield unknown(name, known, what, (*path, place))


def _disruption_findings(scenario: Scenario, one: Disruption, path: tuple[Any, ...]) -> Iterable[Finding]:
    if one.no_work_on != "everything":
        skills = {skill: None for group in scenario.people.values() for skill in group.skills}
        yield from _named(list(one.no_work_on), skills, "skill", (*path, "no work on"))
    yield from _named(one.groups or [], scenario.people, "group", (*path, "groups"))
    yield from _named(one.streams or [], scenario.demand, "stream", (*path, "streams"))
    for place, name in enumerate(one.streams or []):
        stream = scenario.demand.get(name)
        if stream is not None and stream.rate_form in (None, "recorded"):
            yield Finding((*path, "streams", place), "a stream without a rate, which cannot be scaled", given=name)
    end = scenario.start + dt.timedelta(microseconds=scenario.horizon)
    if one.from_ >= end or one.until <= scenario.start:
        yield Finding((*path, "from"), "outside the run", f"from {scenario.start} to {end}", str(one.from_))
