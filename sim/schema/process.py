"""What is done with a case, step by step."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import Field, model_validator

from sim.codes import Step as Kind
from sim.schema.base import (
    Duration,
    Misfit,
    Part,
    Share,
    exactly_one,
    to_key,
)
from sim.schema.common import PinnedId
from sim.schema.condition import Condition, Conditions, Way
from sim.schema.distribution import Distribution, Length
from sim.schema.shorthand import Bot, Classify, Priority, check_rounds

P = TypeVar("P", bound=Part)

SHORTHAND = ("bot", "classify", "approve")
"""Steps that stand for several primitive ones."""


class Mark(Part):
    """From here on the case has this priority, or must be ``due`` so long after its arrival (of a calendar's time)."""

    priority: Priority | None = None
    due: Duration | None = None
    in_: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Mark:
        if self.priority is None and self.due is None:
            raise Misfit("a mark that changes nothing", allowed="priority, due, or both", given="neither")
        if self.in_ is not None and self.due is None:
            raise Misfit("'in' says which calendar counts for 'due'", allowed="due: 4 h, in: office", inside=("in",))
        return self


class Reopens(Part):
    """A share of ended cases that comes back after a time, hard cases first, at most so often."""

    share: Share
    after: Length
    at: str
    at_most: Annotated[int, Field(ge=1, le=1000)] = 3

    @model_validator(mode="after")
    def _it_comes(self) -> Reopens:
        return _ends(self, "after")


_WORK = (
    "lead", "lead_when", "travel", "travel_back", "talk", "hold", "wrap", "unsolved", "suspends", "briefing",
    "patience", "priority",
)  # fmt: skip
_FIELDS: dict[str, tuple[str, ...]] = {
    "work": (*_WORK, "adds_value", "next"),
    "delay": ("in_", "awaits", "adds_value", "next"),
    "until_open": ("awaits", "next"),
    "rounds_at": ("in_", "days", "awaits", "next"),
    "branch": ("easy_first",),
    "mark": ("next",),
    "spawn": ("after", "next"),
    "fork": (),
    "join": ("next",),
    "end": ("reopens",),
    "bot": ("contained", "adds_value", "next"),
    "classify": ("misrouted", "adds_value", "next"),
    "approve": ("returned", "rejected", "adds_value", "next"),
}
"""Fields that go with each form of step, besides ``id`` and ``when``."""

_KINDS = {"until_open": Kind.DELAY, "rounds_at": Kind.DELAY}
_LENGTHS = ("lead", "travel", "travel_back", "talk", "hold", "wrap", "briefing", "delay", "after")


def _ends(part: P, *names: str) -> P:
    """Refuse a length that may last for ever."""
    for name in names:
        length = getattr(part, name)
        if length is not None and not length.surely_ends:
            what = f"a {to_key(name)} that may never end"
            raise Misfit(what, allowed="'never' with patience only", inside=(to_key(name),))
    return part


class Step(Part):
    """One step of a process, then ``next`` or the step below. What it is, one key says.

    ``work`` (a skill): an agent serves: ``lead`` (look up; ``lead when`` it is done) or ``travel``, then ``talk`` +
    ``hold`` with the customer, then ``wrap`` or ``travel back``. ``unsolved`` is where cases go that the agent could
    not solve. ``suspends``: work is handed back when the agent's shift ends. ``briefing``: the agent stays until the
    next one is briefed. ``patience`` here replaces the stream's (``none``: nobody hangs up), so does ``priority``.
    ``delay`` (a time, ``in`` a calendar's open time), ``until open`` (a calendar), ``rounds at`` (hours of ``days``, or
    of days on which the calendar ``in`` opens): nobody works; ``awaits`` says for whom one waits.
    ``branch``: shares (``easy first``: easy cases take the first ways) or conditions. ``mark``: priority or deadline.
    ``spawn``: a case of another stream, ``after`` a time. ``fork``: steps that begin at the same time and all come to
    one ``join``. ``end``: the case is over, and a share ``reopens``.
    ``bot`` and ``classify``: see there; who was sent the wrong way may go on at ``misrouted``. ``approve``: goes
    through levels of ``approvals``, with ways out for cases ``returned`` (else the first level is asked again) and
    ``rejected``. ``when``: who does not fit skips the step.
    ``adds value`` (``true``, ``false`` or ``necessary``) is for value-stream maps and changes no run.
    """

    work: str | None = None
    lead: Length | None = None
    lead_when: Literal["always", "new person", "hand-over"] = "always"
    travel: Length | None = None
    talk: Length | None = None
    hold: Length | None = None
    wrap: Length | None = None
    travel_back: Length | None = None
    unsolved: str | None = None
    suspends: bool = False
    briefing: Length | None = None
    patience: Literal["none"] | Length | None = None
    priority: Priority | None = None
    delay: Length | None = None
    in_: str | None = None
    until_open: str | None = None
    rounds_at: list[str] | None = None
    days: str | list[str] | None = None
    awaits: Literal["customer", "courier", "vendor"] | None = None
    branch: dict[str, Way] | None = None
    easy_first: bool = False
    mark: Mark | None = None
    spawn: str | None = None
    after: Length | None = None
    fork: list[str] | None = None
    join: Literal[True] | None = None
    end: Literal["solved", "unsolved"] | None = None
    reopens: Reopens | None = None
    bot: Bot | None = None
    contained: str | None = None
    classify: Classify | None = None
    misrouted: str | None = None
    approve: str | None = None
    returned: str | None = None
    rejected: str | None = None
    when: Conditions | None = None
    adds_value: bool | Literal["necessary"] | None = None
    next: str | None = None
    id: PinnedId | None = None

    @model_validator(mode="after")
    def _is_one_kind(self) -> Step:
        form = exactly_one(self, *_FIELDS, what="a step")
        for name in self.model_fields_set - {form, "id", "when", *_FIELDS[form]}:
            raise self._misplaced(name, form)
        _ends(self, *_LENGTHS)
        if form == "work":
            self._check_work()
        if form == "branch":
            self._check_branch()
        if form == "rounds_at":
            self._check_rounds()
        if self.fork is not None and len(set(self.fork)) < max(2, len(self.fork)):
            raise Misfit("a fork needs two different steps or more", allowed="[one, another]", inside=("fork",))
        return self

    @property
    def form(self) -> str:
        """The field that says what kind of step it is."""
        given = self.__dict__
        return next(name for name in _FIELDS if given[name] is not None)

    @property
    def kind(self) -> Kind:
        """The kind of a step that an engine knows."""
        return _KINDS.get(self.form) or Kind[self.form.upper()]

    def _misplaced(self, name: str, form: str) -> Misfit:
        owners = [f"'{to_key(owner)}'" for owner, names in _FIELDS.items() if name in names]
        if name == "next":
            return Misfit(f"a step of kind {form} has no 'next'", inside=("next",))
        what = f"{to_key(name)!r} goes with {' or '.join(owners)} only"
        return Misfit(what, given=f"{to_key(name)} beside {to_key(form)}", inside=(to_key(name),))

    def _check_work(self) -> None:
        if self.talk is None:
            raise Misfit("work needs 'talk': how long it takes", allowed="talk: 5 min, hold and wrap if wanted")
        if "lead_when" in self.model_fields_set and self.lead is None:
            raise Misfit("'lead when' needs a 'lead'", allowed="lead: 70 s", inside=("lead when",))
        if self.lead is not None and self.travel is not None:
            raise Misfit("a lead and a travel", allowed="one of them: both come before the talk", inside=("travel",))
        if self.wrap is not None and self.travel_back is not None:
            what = "a wrap and a travel back"
            raise Misfit(what, allowed="one of them: both come after the talk", inside=("travel back",))
        if self.briefing is not None and (self.wrap is not None or self.travel_back is not None):
            raise Misfit(
                "a briefing and a wrap", allowed="one of them: the briefing ends the visit", inside=("briefing",)
            )
        if self.suspends and self.patience != "none":
            raise Misfit(
                "work that is suspended needs 'patience: none'", allowed="patience: none", inside=("suspends",)
            )

    def _check_rounds(self) -> None:
        if not self.rounds_at:
            raise Misfit("rounds without an hour", allowed='["10:00", "15:00"]', inside=("rounds at",))
        check_rounds(self.rounds_at, self.days, self.in_)

    def _check_branch(self) -> None:
        ways = list((self.branch or {}).values())
        if not any(isinstance(way, Condition) for way in ways):
            _ = self.branches
            return
        if self.easy_first:
            raise Misfit("'easy first' goes with shares", allowed="shares", inside=("easy first",))
        mixed = [way for way in ways if isinstance(way, float)]
        if mixed:
            raise Misfit(
                "shares and conditions in one branch", allowed="one of them; two branches for both", inside=("branch",)
            )
        if ways.count("otherwise") != 1:
            raise Misfit(
                "conditions need one 'otherwise'", allowed="{a: amount > 1000, b: otherwise}", inside=("branch",)
            )

    @property
    def conditions(self) -> list[tuple[str, Condition]]:
        """Targets and conditions of a branch on conditions, in order; empty for one on shares."""
        return [(name, way) for name, way in (self.branch or {}).items() if isinstance(way, Condition)]

    @property
    def otherwise(self) -> str:
        """Where a branch leads when no condition holds."""
        return next(name for name, way in (self.branch or {}).items() if way == "otherwise")

    @property
    def branches(self) -> list[tuple[str, float]]:
        """Targets and shares of a branch, the open one filled up."""
        named = self.branch or {}
        given = sum(share for share in named.values() if isinstance(share, float))
        opens = [name for name, share in named.items() if share == "otherwise"]
        if len(opens) > 1 or (not opens and abs(given - 1) > 1e-9) or given > 1 + 1e-9:
            raise Misfit(
                "shares of a branch must add up to 100 %",
                allowed="shares that add up, or one 'otherwise'",
                given=f"{100 * given:.6g} %",
                inside=("branch",),
            )
        return [(name, share if isinstance(share, float) else 1 - given) for name, share in named.items()]

    @property
    def targets(self) -> list[str]:
        """Steps that this one names itself, but for where ended cases come back."""
        if self.branch is not None:
            shares = [] if self.conditions else self.branches
            return [name for name, share in shares if share > 0] or list(self.branch)
        if self.fork is not None:
            return self.fork
        return [name for name in (self.next, self.unsolved) if name is not None]

    @property
    def before(self) -> Distribution | None:
        """What an agent does before the talk."""
        return self.travel or self.lead

    @property
    def afterwards(self) -> Distribution | None:
        """What an agent does after the customer's part."""
        return self.travel_back or self.wrap
