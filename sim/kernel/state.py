"""The kernel's memory: arrays in named tuples, all of them made here."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from sim import codes
from sim.network import Chance, Ints, Network, Records, record
from sim.units import NEVER

HEADROOM = 8
"""More events than one event may set."""


class Scalar(IntEnum):
    """Places in `State.scalars`."""

    NOW = 0
    EVENTS = 1  # events in the heap
    FREE = 2  # free case slots
    ROSTER = 3  # next roster row
    LAST = 4  # time of the last event that was not idle
    VISITS = 5  # rows in the buffers
    CASES = 6
    SESSIONS = 7
    TIGHT_LINE = 8  # a line that is full, -1: none
    PHASE = 9
    CLOSING_SLOT = 10
    CLOSING_AGENT = 11
    HANDLED = 12  # events handled so far


class Phase(IntEnum):
    """How far a run is."""

    RUNNING = 0
    CLOSING_CASES = 1
    CLOSING_AGENTS = 2
    CLOSED = 3


class Place(IntEnum):
    """Where an open case is."""

    NOWHERE = 0  # between attempts
    WAITING = 1
    IN_SERVICE = 2
    DELAYED = 3


EVENT = record(time=int, key=int, slot=int)
"""An event: its key (codes.event_key) and the slot of its case; at a wrap end the agent."""

CASE = record(
    address=int,  # -1: the slot is free
    arrived=int,
    attempt=int,
    visits=int,
    first_response=int,
    last_group=int,
    handovers=int,
    waited=int,
    worked=int,
    place=int,  # Place; what follows is the present visit
    step=int,
    repetition=int,
    level=int,  # lines joined beyond the first
    agent=int,
    enqueued=int,
    started=int,
    ended=int,
    released=int,
    hold=int,
)
"""An open case."""

ENTRY = record(priority=int, since=int, address=int, slot=int, visit=int)
"""A visit that stands in a line; the first three are its rank."""

AGENT = record(group=int, on_since=int, leaving=int, idle=int, before=int, after=int)
"""An agent: ``on_since`` NEVER is logged off; ``before`` and ``after`` are neighbours among the free of the group."""

TEAM = record(idle_first=int, idle_last=int, debt=int)
"""A group: who became free first and last (-1: nobody is free), and how many are still to go."""

SOURCE = record(arrived=int, gap_sum=float, piece=int)
"""A stream: cases so far, the sum of their gaps, and the last piece of its rate."""


class State(NamedTuple):
    """Everything that changes during a run."""

    scalars: Ints
    events: Records
    cases: Records
    repetitions: Ints  # slots x steps of the longest process
    free: Ints  # stack of free slots
    lines: Records  # lines x room
    line_size: Ints
    waiting: Ints  # per queue
    agents: Records
    teams: Records
    sources: Records


class Buffers(NamedTuple):
    """Rows of the log on their way out."""

    visits: Ints
    cases: Ints
    sessions: Ints


class World(NamedTuple):
    """What every function of the kernel is given."""

    network: Network
    chance: Chance
    state: State
    rows: Buffers


def new_state(network: Network, chance: Chance, slots: int, line_room: int) -> State:
    """The state before the first event, with room for some open cases."""
    people = np.zeros(int(network.groups["agent_last"].max(initial=0)), AGENT)
    people["on_since"] = NEVER
    for group, row in enumerate(network.groups):
        people["group"][row["agent_first"] : row["agent_last"]] = group
    teams = np.zeros(len(network.groups), TEAM)
    teams["idle_first"] = teams["idle_last"] = -1
    sources = np.zeros(len(network.streams), SOURCE)
    sources["piece"] = chance.rate_first
    cases = np.zeros(slots, CASE)
    cases["address"] = -1
    scalars = np.zeros(len(Scalar), np.int64)
    scalars[Scalar.FREE] = slots
    scalars[Scalar.TIGHT_LINE] = -1
    return State(
        scalars=scalars,
        events=np.zeros(4 * slots + len(sources) + 16, EVENT),
        cases=cases,
        repetitions=np.zeros((slots, int(network.steps["local"].max(initial=0)) + 1), np.int64),
        free=np.arange(slots - 1, -1, -1, dtype=np.int64),
        lines=np.zeros((len(network.lines), line_room), ENTRY),
        line_size=np.zeros(len(network.lines), np.int64),
        waiting=np.zeros(len(network.queues), np.int64),
        agents=people,
        teams=teams,
        sources=sources,
    )


def new_buffers(rows: int) -> Buffers:
    """Buffers for that many rows of each table."""
    return Buffers(*(np.zeros((rows, len(c)), np.int64) for c in (codes.Visit, codes.Case, codes.Session)))


def enlarged(state: State) -> State:
    """The same state with twice the room for cases, events and the entries of lines where it is needed."""
    slots = len(state.cases)
    scalars = state.scalars.copy()
    changes: dict[str, Any] = {"scalars": scalars}
    if scalars[Scalar.FREE] < 2:
        kept = int(scalars[Scalar.FREE])
        added = np.zeros(slots, CASE)
        added["address"] = -1
        changes["cases"] = np.concatenate([state.cases, added])
        changes["repetitions"] = np.concatenate([state.repetitions, np.zeros_like(state.repetitions)])
        changes["free"] = np.zeros(2 * slots, np.int64)
        changes["free"][:slots] = np.arange(2 * slots - 1, slots - 1, -1)
        changes["free"][slots : slots + kept] = state.free[:kept]
        scalars[Scalar.FREE] = kept + slots
    slots = len(changes.get("cases", state.cases))  # closing puts all open cases in the place of the events
    if scalars[Scalar.EVENTS] + HEADROOM > len(state.events) or len(state.events) < slots:
        changes["events"] = np.concatenate([state.events, np.zeros_like(state.events)])
    if scalars[Scalar.TIGHT_LINE] >= 0:
        changes["lines"] = np.concatenate([state.lines, np.zeros_like(state.lines)], axis=1)
        scalars[Scalar.TIGHT_LINE] = -1
    return state._replace(**changes)
