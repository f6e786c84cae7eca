"""The kernel's memory: arrays in named tuples, all of them made here."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import codes
from sim.kernel._compiled import LANES
from sim.kernel.ahead import BLOCK, BLOCKS, KINDS
from sim.kernel.bounds import Bounds, Room, plan_of
from sim.network import Chance, Floats, Ints, Network, Records, Shorts, record
from sim.units import NEVER


class Scalar(IntEnum):
    """Places in `State.scalars`."""

    NOW = 0
    EVENTS = 1  # events in the heap, the streams' next arrivals apart
    FREE = 2  # free slots
    ROSTER = 3  # next roster row
    LAST = 4  # time of the last event that was not idle
    VISITS = 5  # rows in the buffers
    CASES = 6
    SESSIONS = 7
    TIGHT_LINE = 8  # 1: some line may be too full for the next event
    PHASE = 9
    CLOSING_SLOT = 10
    CLOSING_AGENT = 11
    HANDLED = 12  # events handled so far
    ERA = 13  # the present era
    RELEASED = 14  # an agent to be released, -1: none
    CONTACT = 15  # which of that agent's contacts is over, -1: none
    OUTCOME = 16  # how the strand ended that was lost or came to an end step
    AGENDA_NEXT = 17  # next entry of the agenda
    AGENDA_SIZE = 18
    ROUND_GROUP = 19  # after a change of era: whose free agents are released
    ROUND_LEFT = 20  # and how many of them are still to be
    MOST_EVENTS = 21  # more events than one event may set
    MOST_ROWS = 22  # more rows of a table than one event may write
    MOST_STRANDS = 23  # more slots than one event may take
    MOST_JOINS = 24  # how often one event may join a line
    ROSTER_ROWS = 25  # rows of the roster that happen
    SUSPENDS = 26  # 1: some step suspends
    FAR = 27  # events in buckets
    FAR_FREE = 28  # first free place for one, -1: none
    BUCKET = 29  # the next bucket to be opened
    NEAR = 30  # events before this time are in the heap, all others in buckets
    WIDTH_BITS = 31  # of a bucket: two to this power microseconds
    COMING = 32  # streams that have a next arrival
    RUN_FIRST = 33  # next of the run: events of the bucket opened last, in order; they count as far ones
    RUN_LAST = 34
    UNLISTED = 35  # place of the event far ahead that was set last: its bucket does not list it yet; -1: none
    FORESEEN = 36  # place of an event of the next bucket, which is being read; -1: none
    CHANGE = 37  # time and key of the next change of the roster
    CHANGE_KEY = 38
    SPARE_EVENTS = 39  # room for so many events is kept free
    SPARE_STRANDS = 40  # and so many slots
    TIERS = 41  # of a line


class Phase(IntEnum):
    """How far a run is."""

    RUNNING = 0
    CLOSING_CASES = 1
    CLOSING_AGENTS = 2
    CLOSED = 3


class Place(IntEnum):
    """Where a strand is."""

    NOWHERE = 0  # between attempts
    WAITING = 1
    IN_SERVICE = 2
    DELAYED = 3
    FORKED = 4
    COMING_BACK = 5  # ended, and set to come back
    ENDED = 6  # chasing contacts go on


class Turn(IntEnum):
    """What a strand has before it, if it does not move to a step (0, 1 ...)."""

    NOTHING = -1
    RESUME = -2  # its suspended work goes on
    ASK = -3  # an agent is sought
    LOSE = -4  # it was lost: a redial, or the end
    END = -5


EVENT = record(time=int, key=int, slot=int)
"""An event: its key (codes.event_key) and the slot of its strand; at a wrap end or briefing end the agent."""

FAR = record(time=int, key=int, slot=np.int32, after=np.int32)
"""An event in a bucket, or a free place for one; ``after`` is the next one's place, -1: none."""

_LINE = 64
"""Bytes of a line of the processor's cache."""

FEWEST_BUCKETS, MOST_BUCKETS = 1 << 10, 1 << 17
"""Parts of the horizon: events far ahead are kept by parts, in no order, so that the heap stays small."""

RUN = 64
"""So many events of a bucket are put in order at once, a power of two; more go to the heap."""

STRAND = record(
    address=int,  # of its case; -1: the slot is free
    rank=int,
    enqueued=int,
    started=int,
    ended=int,
    released=int,
    hold=int,
    rate=int,  # the contact's own
    work=int,  # of lead, talk and hold, or what is left of it
    wrap=int,  # work
    root=np.int32,  # slot of the case's strand 0, which is also the case's slot
    number=np.int32,
    parent=np.int32,  # slot of the strand that forked; -1: not a branch of a fork
    pending=np.int32,  # branches under way
    kept=np.int32,  # agent who keeps the strand until the next one takes over; -1: nobody
    visit=np.int32,
    step=np.int32,
    repetition=np.int32,
    agent=np.int32,
    priority=np.int32,
    level=np.int16,  # lines joined beyond the first
    place=np.int8,  # Place
    chasing=np.int8,  # 1: a chasing contact or a branch of one
    patient=np.int8,  # 1: it waits with patience
    flags=np.int8,  # codes.Flag
    unanswered=np.int8,  # 1: called back, and nobody picks up
)
"""A strand of an open case and its present visit: two lines of the processor's cache."""

KEPT = record(since=int, rate=int, visit=np.int32, step=np.int32, repetition=np.int32)
"""The visit after which an agent keeps a strand."""

CASE = record(
    arrived=int,
    deadline=int,  # NEVER: none
    first_response=int,
    solved=int,
    ended=int,
    waited=int,
    worked=int,
    seen=int,  # bits of the first 64 counters, as `State.seen`
    again=int,  # the same, from the second time on
    known=np.int32,  # bits of the columns of `State.drawn`: what has been drawn
    entry=np.int32,  # way in, where a redial starts
    customer=np.int32,
    last_group=np.int32,
    last_agent=np.int32,
    attempt=np.int32,
    visits=np.int32,
    strands=np.int32,  # begun beyond the first
    chasers=np.int32,  # chasing contacts under way
    chases=np.int32,
    priority=np.int32,  # 0: no mark has set it
    handovers=np.int32,
    reopened=np.int32,
    quiet=np.int8,  # 1: no visit was completed since the chasing timer was set
    left=np.int8,
    outcome=np.int8,
)
"""An open case, in the slot of its strand 0: two lines of the processor's cache."""

ENTRY = record(priority=int, rank=int, address=int, visit=int, slot=int)
"""A visit that stands in a line, and its slot; all others are its place."""

AGENT = record(
    group=int,
    most=int,  # contacts at once
    on_since=int,  # NEVER: logged off
    pace=float,
    leaving=int,
    contacts=int,
    slot=int,  # whose customer's part it is in, -1: nobody's; of one contact at a time
    since=int,  # start of that contact
    worked=int,  # since log-on
    idle=int,
    before=int,  # neighbours among the free of the group
    after=int,
    due=int,  # time of the event that is set for several contacts together, NEVER: none
    due_key=int,
)
"""An agent."""

CONTACT = record(
    address=int,
    visit=int,
    slot=int,  # -1: in its wrap
    since=int,  # start
    counted=int,  # until when done work is taken off
    work=int,  # left
    rate=int,
    slowdown=int,
    at_once=int,
    end=int,
)
"""One of several contacts of an agent, in the order of their starts."""

TEAM = record(idle_first=int, idle_last=int, idle=int, debt=int, most=int)
"""A group: who became free first and last (-1: nobody is free), how many are free, how many are still to go,
and how many contacts an agent may have."""

SOURCE = record(arrived=int, gap_sum=float, piece=int)
"""A stream: cases so far, the sum of their gaps, and the last piece of its rate."""


class State(NamedTuple):
    """Everything that changes during a run, and what is worked out once for it."""

    scalars: Ints
    events: Records
    far: Records  # as long as `events`: together they hold at most that many
    buckets: Shorts  # the first event of each, -1: none
    gathered: Ints  # times, keys, slots and ranks of the events of a bucket that is being opened
    run: Records  # the same in order; behind the last stands one that comes after all
    strands: Records
    kept: Records  # per strand
    cases: Records
    counters: Shorts  # per step: its place in `repetitions`
    seen: Ints  # slots x two words for 64 counters each beyond the first: been at the step, and again
    repetitions: Shorts  # slots x counters: how often the case has been there, if again
    fixed: Floats  # per table: its one value, NaN: it has several
    columns: Shorts  # per attribute: its place in `drawn`
    drawn: Floats  # slots x columns: attributes of the case, and its difficulty in the last one
    free: Ints  # stack of free slots
    agenda: Ints  # strands and the steps to which they move, or Turn
    tiers: Records  # of all lines, as many of each x room
    tier_first: Ints  # where each begins
    tier_last: Ints  # where it ends
    is_heap: Ints  # per tier: 1: its entries are a heap, 0: a row
    standing: Ints  # per line: a bit for each tier in which anybody stands
    tier_of: Ints  # per priority: the place of its tier in a line
    waiting: Ints  # per queue
    asked: Ints  # eras x servers: in which order a line's groups are asked
    agents: Records
    contacts: Records  # agents x most contacts at once
    loads: Ints  # per agent: contacts beside which there may be more, 0: none
    by_load: Ints  # loads x words of 64 agents, a bit each: 1: the agent has this load
    teams: Records
    sources: Records
    coming: Records  # a heap of its own: the next arrival of each stream
    first_work: Ints  # per stream: the step whose work is drawn ahead, -1: none
    ahead: Floats  # streams x kinds x blocks x cases
    ahead_block: Ints  # streams x kinds x blocks: which one is there, -1: none
    bits: Ints  # of the block that is being drawn
    left: NDArray[np.uint8]  # eight customers each, a bit: 1: left for good


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


def new_world(network: Network, chance: Chance, rows: int, room: Room) -> World:
    """The state before the first event, with room for some rows and the first room for all else."""
    state = new_state(network, chance, room)
    rows = max(rows, 2 * int(state.scalars[Scalar.MOST_ROWS]))
    tables = (np.empty((rows, len(c)), np.int64) for c in (codes.Visit, codes.Case, codes.Session))
    return World(plan_of(network).network, chance, state, Buffers(*tables))


def new_state(network: Network, chance: Chance, room: Room) -> State:
    """The state before the first event."""
    plan = plan_of(network)
    bounds, counters, columns = plan.bounds, plan.counters, plan.columns
    slots, buckets = max(room.slots, 2 * room.looks * bounds.strands), _buckets(chance)
    scalars = _scalars(network, chance, bounds, room.looks)
    scalars[Scalar.FREE] = slots
    scalars[Scalar.WIDTH_BITS] = (network.end // buckets).bit_length()
    sources = np.zeros(len(network.streams), SOURCE)
    sources["piece"] = chance.rate_first
    strands = _by_cache_lines(slots, STRAND)
    strands["address"] = -1
    people = _people(network)
    scalars[Scalar.TIERS] = plan.tier_of.max() + 1
    tiers = len(network.lines) * int(scalars[Scalar.TIERS])
    events = max(max(4 * slots + 16, 2 * room.looks * bounds.events) + 2 * len(sources), room.events)
    return State(
        scalars=scalars,
        events=_nothing_coming(events),
        far=_free_places(0, events, -1),
        buckets=np.full(buckets, -1, np.int32),
        gathered=np.zeros((4, RUN + LANES), np.int64),
        run=_nothing_coming(RUN + 1),
        strands=strands,
        kept=np.zeros(slots, KEPT),
        cases=_by_cache_lines(slots, CASE),
        counters=counters,
        seen=np.zeros((slots, 2 * (int(counters.max(initial=0)) // 64)), np.int64),
        repetitions=np.zeros((slots, int(counters.max(initial=0)) + 1), np.int32),
        fixed=plan.fixed,
        columns=columns,
        drawn=np.zeros((slots, int(columns.max(initial=-1)) + 2)),
        free=np.arange(slots - 1, -1, -1, dtype=np.int64),
        agenda=np.zeros((bounds.entries, 2), np.int64),
        tiers=np.zeros((tiers, max(room.line, 2 * bounds.joins)), ENTRY),
        tier_first=np.zeros(tiers, np.int64),
        tier_last=np.zeros(tiers, np.int64),
        is_heap=np.zeros(tiers, np.int64),
        standing=np.zeros(len(network.lines), np.int64),
        tier_of=plan.tier_of,
        waiting=np.zeros(len(network.queues), np.int64),
        asked=plan.asked,
        agents=people,
        contacts=np.zeros((len(people), int(network.groups["contacts"].max(initial=1))), CONTACT),
        loads=np.zeros(len(people), np.int64),
        by_load=np.zeros((int(network.groups["contacts"].max(initial=1)) + 1, len(people) // 64 + 1), np.int64),
        teams=_teams(network),
        sources=sources,
        coming=_nothing_coming(len(sources) + 2),
        first_work=plan.first_work,
        ahead=np.zeros((len(sources), KINDS, BLOCKS, BLOCK)),
        ahead_block=np.full((len(sources), KINDS, BLOCKS), -1),
        bits=np.zeros(BLOCK, np.int64),
        left=np.zeros(network.customers // 8 + 1, np.uint8),
    )


def _scalars(network: Network, chance: Chance, bounds: Bounds, looks: int) -> Ints:
    scalars = np.zeros(len(Scalar), np.int64)
    scalars[[Scalar.RELEASED, Scalar.CONTACT, Scalar.UNLISTED, Scalar.FORESEEN]] = -1
    scalars[Scalar.ROUND_GROUP] = len(network.groups)
    scalars[Scalar.MOST_EVENTS], scalars[Scalar.SPARE_EVENTS] = bounds.events, looks * bounds.events
    scalars[Scalar.MOST_ROWS] = bounds.rows
    scalars[Scalar.MOST_STRANDS], scalars[Scalar.SPARE_STRANDS] = bounds.strands, looks * bounds.strands
    scalars[Scalar.MOST_JOINS] = bounds.joins
    scalars[Scalar.ROSTER_ROWS] = np.searchsorted(chance.roster["time"], network.end)
    scalars[Scalar.SUSPENDS] = network.steps["suspends"].any()
    return scalars


def _buckets(chance: Chance) -> int:
    """About as many as cases are to come, a power of two."""
    drawn = chance.rate_last[chance.rate_first < chance.rate_last] - 1
    cases = len(chance.recorded) + int(chance.rate_cumulative[drawn].sum())
    return min(max(1 << cases.bit_length(), FEWEST_BUCKETS), MOST_BUCKETS)


def _by_cache_lines(count: int, kind: np.dtype[np.void]) -> Records:
    """Zeros of which each begins at a line of the processor's cache, if a line is a part of their size."""
    raw = np.zeros(count * kind.itemsize + _LINE, np.uint8)
    begin = -raw.ctypes.data % _LINE
    return raw[begin : begin + count * kind.itemsize].view(kind)


def _nothing_coming(room: int) -> Records:
    """Events that come after all others; one stands behind the last of those that are set."""
    coming = np.zeros(room, EVENT)
    coming["time"] = NEVER + 1
    return coming


def _free_places(begin: int, end: int, after: int) -> Records:
    """Places for events in buckets, each pointing to the next and the last one to a further place."""
    places = np.zeros(end - begin, FAR)
    places["after"] = np.arange(begin + 1, end + 1)
    places["after"][-1] = after
    return places


def _twice(array: NDArray[Any]) -> NDArray[Any]:
    """The same with as many zeros behind it; records are copied as bytes, which is quicker."""
    larger = np.zeros((2 * len(array), *array.shape[1:]), array.dtype)
    larger.view(np.uint8).reshape(-1)[: array.nbytes] = array.view(np.uint8).reshape(-1)
    return larger


def _wider(rows: Records, held: Ints) -> Records:
    """The same with rows twice as long, of which each holds so many; memory for more than these is not touched."""
    larger = np.zeros((len(rows), 2 * rows.shape[1]), rows.dtype)
    for row in np.flatnonzero(held):
        larger[row, : held[row]] = rows[row, : held[row]]
    return larger


def _people(network: Network) -> Records:
    people = np.zeros(int(network.groups["agent_last"].max(initial=0)), AGENT)
    people["on_since"], people["slot"], people["due"] = NEVER, -1, NEVER
    for group, row in enumerate(network.groups):
        people["group"][row["agent_first"] : row["agent_last"]] = group
        people["most"][row["agent_first"] : row["agent_last"]] = row["contacts"]
    return people


def _teams(network: Network) -> Records:
    teams = np.zeros(len(network.groups), TEAM)
    teams["idle_first"] = teams["idle_last"] = -1
    teams["most"] = network.groups["contacts"]
    return teams


def enlarged(state: State) -> State:
    """The same state with twice the room for strands, events and the entries of lines where it is needed."""
    slots = len(state.strands)
    scalars = state.scalars.copy()
    changes: dict[str, Any] = {"scalars": scalars}
    if scalars[Scalar.FREE] < scalars[Scalar.SPARE_STRANDS]:
        kept = int(scalars[Scalar.FREE])
        for name in ("strands", "cases"):
            old = getattr(state, name)
            changes[name] = _by_cache_lines(2 * slots, old.dtype)
            changes[name].view(np.uint8)[: old.nbytes] = old.view(np.uint8)
        changes["strands"]["address"][slots:] = -1
        for name in ("kept", "seen", "repetitions", "drawn"):
            changes[name] = _twice(getattr(state, name))
        changes["free"] = np.zeros(2 * slots, np.int64)
        changes["free"][:slots] = np.arange(2 * slots - 1, slots - 1, -1)
        changes["free"][slots : slots + kept] = state.free[:kept]
        scalars[Scalar.FREE] = kept + slots
        slots *= 2  # closing puts all open cases in the place of the events
    room, held = len(state.events), scalars[Scalar.EVENTS] + scalars[Scalar.FAR]
    if 2 * (held + scalars[Scalar.SPARE_EVENTS]) > room or room < slots:
        changes["events"], changes["far"] = _twice(state.events), _twice(state.far)
        changes["far"][room:] = _free_places(room, 2 * room, int(scalars[Scalar.FAR_FREE]))
        scalars[Scalar.FAR_FREE] = room
    if scalars[Scalar.TIGHT_LINE]:
        changes["tiers"] = _wider(state.tiers, state.tier_last)
        scalars[Scalar.TIGHT_LINE] = 0
    return state._replace(**changes)
