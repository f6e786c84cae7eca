"""What is judged after the log: promises to tiers, satisfaction, money, a scorecard. Nothing here changes a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from sim.schema.base import (
    Amount,
    Misfit,
    Number,
    Part,
    PositiveDuration,
    Share,
    to_key,
)

Score = Annotated[Number, Field(ge=0, le=100)]


class Tier(Part):
    """What a tier of service promises, from a case's arrival on, and which time counts.

    ``respond within``: a person begins to serve. ``offer within``: a visit to one of the steps ``offered at`` is over.
    ``solve within``: the case is solved. ``clock``: ``always``, or a calendar whose open time counts; it stands still
    at delay steps that await one of ``pauses``. ``goal``: the share of each promise that shall be kept.
    """

    respond_within: PositiveDuration | None = None
    offer_within: PositiveDuration | None = None
    solve_within: PositiveDuration | None = None
    offered_at: list[str] = Field(default_factory=list)
    clock: str = "always"
    pauses: list[Literal["customer", "courier", "vendor"]] = Field(default_factory=list)
    goal: Share | None = None

    @model_validator(mode="after")
    def _promises_something(self) -> Tier:
        if self.limits == (None, None, None):
            raise Misfit("a tier without a promise", allowed="respond within, offer within, solve within")
        if (self.offer_within is None) != (not self.offered_at):
            place = "offered at" if self.offer_within is None else "offer within"
            raise Misfit("'offer within' and 'offered at' go together", allowed="both", inside=(place,))
        return self

    @property
    def limits(self) -> tuple[int | None, int | None, int | None]:
        """The promised times, in the order of `sim.metrics.service.TARGETS`."""
        return self.respond_within, self.offer_within, self.solve_within


class Loss(Part):
    """Points that a case's score loses for each time that something happens to it, up to ``at most``.

    Unless given, ``at most`` is the points once for what happens to a case once (``broken promise``, ``unsolved``,
    ``lost``), five times for the rest. ``range`` is what the points may be in truth. ``chance``: of an inconsistent
    answer or a cold tone in a contact, or of having been told a time that may be broken. A number alone stands for
    ``points``.
    """

    points: Amount
    at_most: Amount | None = None
    range_: Annotated[list[Amount], Field(min_length=2, max_length=2)] | None = None
    chance: Share | None = None

    @model_validator(mode="before")
    @classmethod
    def _points_alone(cls, data: Any) -> Any:
        return data if isinstance(data, dict) else {"points": data}

    @model_validator(mode="after")
    def _is_clear(self) -> Loss:
        if self.range_ is not None and not self.range_[0] <= self.points <= self.range_[1]:
            raise Misfit(
                "points outside their range",
                allowed=f"range: [{self.points:g} or less, {self.points:g} or more]",
                given=f"points {self.points:g}, range {self.range_}",
                inside=("range",),
            )
        return self

    @property
    def span(self) -> tuple[float, float]:
        """The least and the most points that it may cost."""
        return (self.points, self.points) if self.range_ is None else (self.range_[0], self.range_[1])


_BY_CHANCE = ("inconsistent", "cold")
ONCE = ("broken_promise", "unsolved", "lost")
"""What happens to a case once at most."""
REPEATED = 5
"""How many times its points a loss that repeats costs at most, unless told otherwise."""


class Losses(Part):
    """What costs a score points.

    ``wait``: each minute in queues; ``redials``: each further attempt; ``hand-overs``: each; ``look-ups``: each after
    the first; ``late``: each promise of the tier that falls due unkept before the case ends; ``broken promise``: a
    time of solution that the customer was told (with the chance) and that was not kept; ``approval``: each hour;
    ``chasing``, ``reopening``: each; ``unsolved``, ``lost``: how the case ended; ``inconsistent``: each contact after
    the first with an answer that contradicts another; ``cold``: each contact with a cold tone.
    """

    wait: Loss | None = None
    redials: Loss | None = None
    hand_overs: Loss | None = Field(default=None, alias="hand-overs")
    look_ups: Loss | None = Field(default=None, alias="look-ups")
    late: Loss | None = None
    broken_promise: Loss | None = None
    approval: Loss | None = None
    chasing: Loss | None = None
    reopening: Loss | None = None
    unsolved: Loss | None = None
    lost: Loss | None = None
    inconsistent: Loss | None = None
    cold: Loss | None = None

    @model_validator(mode="after")
    def _chances_are_clear(self) -> Losses:
        for name, loss in self.named():
            if name in _BY_CHANCE and loss.chance is None:
                raise Misfit(f"{name!r} needs a 'chance'", allowed="{points: 5, chance: 30 %}", inside=(name,))
            if name not in (*_BY_CHANCE, "broken_promise") and loss.chance is not None:
                what = "'chance' goes with inconsistent, cold and broken promise only"
                raise Misfit(what, given=to_key(name), inside=(to_key(name), "chance"))
        return self

    def named(self) -> Iterator[tuple[str, Loss]]:
        """The losses that are given, by field."""
        for name in type(self).model_fields:
            loss = getattr(self, name)
            if loss is not None:
                yield name, loss


class Survey(Part):
    """Who is asked and answers, and which mean scores make a customer a promoter or a detractor."""

    answer: Share = 1.0
    promoters_from: Score = 90.0
    detractors_below: Score = 70.0

    @model_validator(mode="after")
    def _in_order(self) -> Survey:
        if self.detractors_below > self.promoters_from:
            raise Misfit(
                "a customer would be both promoter and detractor",
                allowed=f"at most {self.promoters_from:g}",
                given=f"{self.detractors_below:g}",
                inside=("detractors below",),
            )
        return self


Dimension = Literal["reliability", "responsiveness", "assurance", "empathy", "tangibles"]
EffectName = Literal[
    "wait", "redials", "hand-overs", "look-ups", "late", "broken promise", "approval", "chasing", "reopening",
    "unsolved", "lost", "inconsistent", "cold",
]  # fmt: skip
SERVQUAL: dict[Dimension, dict[EffectName, float]] = {
    "reliability": {"late": 1, "broken promise": 1, "reopening": 1, "unsolved": 1},
    "responsiveness": {"wait": 1, "redials": 1, "approval": 1, "chasing": 1, "lost": 1},
    "assurance": {"inconsistent": 1, "hand-overs": 1},
    "empathy": {"cold": 1, "look-ups": 1},
    "tangibles": {"look-ups": 1, "redials": 1},
}
"""Which losses belong to which dimension, unless the scenario says otherwise; those that it weighs count."""


class Satisfaction(Part):
    """How a case's score (0 to 100) follows from what it lived through: ``base`` less what each thing ``loses``.

    ``own``: the standard deviation of what is the customer's own. ``servqual``: weights of the losses in the five
    dimensions. A model with visible weights: without surveys it shows a direction, not a number.
    """

    base: Score
    own: Amount = 0.0
    loses: Losses = Field(default_factory=Losses)
    survey: Survey = Field(default_factory=Survey)
    servqual: dict[Dimension, dict[EffectName, Amount]] = Field(default_factory=lambda: dict(SERVQUAL))


class Payments(Part):
    """What is paid out to cases: the attribute ``amount`` of each case that comes ``at`` one of the steps.

    A share is ``overpaid``, ``by`` a share of the amount; each approval that the case goes through ``catches`` some.
    """

    at: Annotated[list[str], Field(min_length=1)]
    amount: str
    overpaid: Share = 0.0
    by: Share = 0.0


class Money(Part):
    """What things cost besides people's paid hours (``cost`` of a group), in the scenario's ``currency``.

    ``per contact`` by channel; ``per visit`` by skill: travel, material; ``payments`` to customers; ``leaving
    customer``: what one is worth; ``budget``: lines for a year, of which the measured time has its part.
    """

    per_contact: dict[str, Amount] = Field(default_factory=dict)
    per_visit: dict[str, Amount] = Field(default_factory=dict)
    payments: Payments | None = None
    leaving_customer: Amount = 0.0
    budget: dict[str, Amount] = Field(default_factory=dict)


Measure = Literal["satisfaction", "first contact", "solved", "stays solved", "praise", "contacts per hour"]


class Indicator(Part):
    """A weighted indicator: a ``measure`` that counts 0 at ``worst`` and 100 at ``best``, or a number ``given``.

    Measures: ``satisfaction`` (mean score), ``first contact`` (share solved at first contact), ``solved`` (share),
    ``stays solved`` (share that does not come back), ``praise`` (share of surveys with a promoter's score), ``contacts
    per hour`` (logged on). Weights are taken as they are and divided by their sum.
    """

    weight: Amount
    measure: Measure | None = None
    given: Score | None = None
    worst: Number | None = None
    best: Number | None = None

    @model_validator(mode="after")
    def _is_clear(self) -> Indicator:
        if (self.measure is None) == (self.given is None):
            raise Misfit("an indicator needs exactly one of: measure, given")
        if self.given is not None and (self.worst is not None or self.best is not None):
            raise Misfit("'worst' and 'best' go with 'measure' only", inside=("given",))
        if self.measure == "contacts per hour" and (self.worst is None or self.best is None):
            raise Misfit("'contacts per hour' needs 'worst' and 'best'", allowed="{worst: 0, best: 12}")
        if self.measure is not None and self.ends[0] == self.ends[1]:
            raise Misfit("'worst' and 'best' are the same", inside=("best",))
        return self

    @property
    def ends(self) -> tuple[float, float]:
        """What counts 0 and what counts 100."""
        best = 100.0 if self.measure == "satisfaction" else 1.0
        return (0.0 if self.worst is None else self.worst, best if self.best is None else self.best)


def _card(raw: Any) -> Any:
    if isinstance(raw, dict) and not raw:
        raise Misfit("a scorecard without an indicator", allowed="name: {weight: 40, measure: satisfaction}")
    return raw


Scorecard = Annotated[dict[str, Indicator], BeforeValidator(_card)]
