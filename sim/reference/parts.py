"""The nouns of the readable engine: a case, its strands, a strand's visit, an agent."""

from __future__ import annotations

from dataclasses import dataclass, field, make_dataclass
from typing import Any

import simpy

from sim.codes import FIRST_INITIAL, Outcome
from sim.network import Records
from sim.units import NEVER

NONE = -1


@dataclass(slots=True, eq=False)
class Case:
    """A customer's need on its way."""

    stream: int
    number: int
    arrived: int
    address: int  # stream and number in one integer
    entry: int = NONE  # its way in: a redial starts there too
    variant: int = 0
    since: int = NEVER  # open before the start: when its first visit joined
    customer: int = NONE
    left: bool = False
    priority: int = 0  # set by a mark
    deadline: int = NEVER
    attempt: int = 0
    visits: int = 0
    repetitions: dict[int, int] = field(default_factory=dict)
    strands: dict[int, Strand] = field(default_factory=dict)  # those that are not over
    strands_begun: int = 0
    last_agent: Agent | None = None  # who served last in this attempt
    last_group: int = NONE
    first_response: int = NEVER
    handovers: int = 0
    waited: int = 0
    worked: int = 0
    completions: int = 0
    chases: int = 0
    outcome: int = Outcome.OPEN
    ended: int = NEVER
    solved: int = NEVER
    reopened: int = 0

    @property
    def initial(self) -> bool:
        """Whether it was open before the start."""
        return self.number >= FIRST_INITIAL


@dataclass(slots=True, eq=False)
class Strand:
    """A case itself (number 0), a branch of a fork, or a chasing contact: at one place at a time."""

    case: Case
    number: int
    chasing: bool = False
    fork: Fork | None = None  # of which it is a branch
    visit: Visit | None = None
    kept: Visit | None = None  # a visit that is over and whose agent stays until the next one starts
    forked: bool = False  # waits for its branches


@dataclass(slots=True, eq=False)
class Fork:
    """Branches under way side by side."""

    joined: simpy.Event  # triggers with the step at which the strand that forked goes on
    open: int


@dataclass(slots=True, eq=False)
class Visit:
    """A stay of a strand at a work or delay step."""

    strand: Strand
    case: Case
    number: int
    step: int
    queue: int
    repetition: int
    enqueued: int
    over: simpy.Event | None = None  # triggers with the ending of a visit at a work step
    flags: int = 0
    # in the queue
    waiting: bool = False
    patient: bool = False  # may hang up
    callback: bool = False  # keeps its place and will be called
    priority: int = 0
    rank: int = NEVER
    level: int = 0  # lines joined besides the first
    # in service: work in units, rates in 1/65536 of a unit a microsecond
    agent: Agent | None = None
    serving: bool = False
    wrapping: bool = False
    unanswered: bool = False
    resumed: bool = False
    left: int = 0  # work that was left at ``since``, done at ``pace`` until ``until``
    since: int = 0
    pace: int = 0
    until: int = NEVER
    wrap: int = 0
    rate: int = 0
    slowdown: int = 0
    at_once: int = 1
    # in the row
    started: int = NEVER
    ended: int = NEVER
    released: int = NEVER
    hold: int = 0


@dataclass(slots=True, eq=False)
class Agent:
    """One person of a group."""

    number: int
    group: int
    on_since: int = NEVER
    leaving: bool = False
    pace: float = 1.0
    contacts: list[Visit] = field(default_factory=list)
    worked: int = 0  # since log-on


def rows(records: Records) -> list[Any]:
    """Records as objects with slots, whose fields Python reads many times faster."""
    make = make_dataclass("Row", records.dtype.names or (), frozen=True, slots=True)
    return [make(*row) for row in records.tolist()]
