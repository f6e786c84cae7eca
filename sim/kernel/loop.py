"""The event loop: resumable between events, and the closing of what is open at the end."""

from __future__ import annotations

from sim.codes import CASE_BITS, KIND_SHIFT, SUBJECT_SHIFT, Ending, Kind, Outcome, Status
from sim.kernel.flow import (
    COMPLETION,
    DELAY_END,
    DELAYED,
    LAST,
    NOW,
    NOWHERE,
    OVERFLOW,
    REDIAL,
    WAITING,
    WRAP_END,
    abandon,
    come,
    complete,
    end_delay,
    go,
    new_case,
    one_less,
    one_more,
    overflow,
    redial,
    release,
    start_attempt,
)
from sim.kernel.heap import SUBJECT_MASK, compact, is_idle_timer, make_key, pop, push
from sim.kernel.lines import tidy
from sim.kernel.rows import end_case, record, write_session
from sim.kernel.state import HEADROOM, Phase, Scalar
from sim.primitives import Purpose, next_arrival_us, quantile_s, uniform_bits
from sim.primitives._cache import compiled, entry
from sim.units import NEVER

_EVENTS, _ROSTER, _TIGHT, _FREE = (
    int(Scalar.EVENTS), int(Scalar.ROSTER), int(Scalar.TIGHT_LINE), int(Scalar.FREE))  # fmt: skip
_VISITS, _CASES, _SESSIONS = int(Scalar.VISITS), int(Scalar.CASES), int(Scalar.SESSIONS)
_PHASE, _SLOT, _AGENT, _HANDLED = (
    int(Scalar.PHASE), int(Scalar.CLOSING_SLOT), int(Scalar.CLOSING_AGENT), int(Scalar.HANDLED))  # fmt: skip
_RUNNING, _CLOSING_CASES, _CLOSING_AGENTS, _CLOSED = (int(p) for p in Phase)
_REACHED, _BUFFER_FULL, _STATE_FULL, _ALL_CLOSED = (int(s) for s in Status)
_ARRIVAL, _LOG_ON = int(Kind.ARRIVAL), int(Kind.LOG_ON)
_P_ARRIVAL = int(Purpose.ARRIVAL)
_STILL_WAITING, _STILL_IN_SERVICE, _STILL_DELAYED = (
    int(Ending.STILL_WAITING), int(Ending.STILL_IN_SERVICE), int(Ending.STILL_DELAYED))  # fmt: skip
_OPEN = int(Outcome.OPEN)
ROOM = 3
"""Rows of each table that one event may write, at most, and one to spare."""


@compiled
def set_arrival(world, number):
    """Set the next arrival of a stream, if there is one before the end."""
    network, chance = world.network, world.chance
    source, stream = world.state.sources[number], network.streams[number]
    case = source.arrived
    time = NEVER
    if stream.replay_first < stream.replay_last:
        if stream.replay_first + case < stream.replay_last:
            time = chance.recorded[stream.replay_first + case]
    elif chance.rate_first[number] < chance.rate_last[number]:
        bits = uniform_bits(chance.key, case, stream.id, 0, _P_ARRIVAL, 0)
        source.gap_sum += quantile_s(network.tables, 0, bits)
        time, source.piece = next_arrival_us(
            chance.rate_time,
            chance.rate_cumulative,
            chance.rate_first[number],
            chance.rate_last[number],
            source.piece,
            source.gap_sum,
        )
    if time < network.end:
        push(world.state, time, make_key(_ARRIVAL, (number << CASE_BITS) | case, 0), 0)
        source.arrived = case + 1


@compiled
def arrive(world, address):
    """A new case."""
    set_arrival(world, address >> CASE_BITS)
    start_attempt(world, new_case(world, address))


@compiled
def change_roster(world, row):
    """Somebody logs on or off."""
    change = world.network.roster[row]
    group, number, on = change.group, change.agent, change.kind == _LOG_ON
    agent = world.network.groups[group].agent_first + number
    if number < 0 and on:
        one_more(world, group)
    elif number < 0:
        one_less(world, group)
    elif on:
        come(world, agent)
    else:
        go(world, agent)


@compiled
def handle(world, key, slot):
    """One event of the heap and all its consequences."""
    state = world.state
    kind = key >> KIND_SHIFT
    state.scalars[LAST] = state.scalars[NOW]
    if kind == _ARRIVAL:
        arrive(world, (key >> SUBJECT_SHIFT) & SUBJECT_MASK)
    elif kind == COMPLETION:
        complete(world, slot)
    elif kind == WRAP_END:
        release(world, slot)
    elif kind == DELAY_END:
        end_delay(world, slot)
    elif kind == REDIAL:
        redial(world, slot)
    elif kind == OVERFLOW:
        overflow(world, slot)
    else:
        abandon(world, slot)


@compiled
def is_tight(state):
    """Whether the next event might not find room, even after tidying."""
    scalars = state.scalars
    if scalars[_TIGHT] >= 0:
        if not tidy(state, scalars[_TIGHT]):
            return True
        scalars[_TIGHT] = -1
    if scalars[_EVENTS] + HEADROOM > len(state.events):
        compact(state)
        if 2 * scalars[_EVENTS] > len(state.events):
            return True
    return scalars[_FREE] < 2


@compiled
def is_full(world):
    """Whether a table of rows might not have room for the next event."""
    scalars, rows = world.state.scalars, world.rows
    return (
        scalars[_VISITS] + ROOM > len(rows.visits)
        or scalars[_CASES] + ROOM > len(rows.cases)
        or scalars[_SESSIONS] + ROOM > len(rows.sessions)
    )


@entry
def advance(world, until):
    """Handle every event before a time.

    Returns
    -------
    int
        `Status`; after BUFFER_FULL and STATE_FULL the caller makes room and calls again.
    """
    return handle_until(world, until)


@entry
def set_arrivals(world):
    """Set the first arrival of every stream."""
    for number in range(len(world.state.sources)):
        set_arrival(world, number)


@compiled
def handle_until(world, until):
    """As `advance`."""
    state, network = world.state, world.network
    scalars, roster = state.scalars, network.roster
    limit = until if network.drain else min(until, network.end)
    while scalars[_PHASE] == _RUNNING:
        if is_full(world):
            return _BUFFER_FULL
        if is_tight(state):
            return _STATE_FULL
        row = scalars[_ROSTER]
        time, key, slot = NEVER, 0, -1
        if scalars[_EVENTS] > 0:
            time, key, slot = state.events[0].time, state.events[0].key, state.events[0].slot
        if row < len(roster) and (roster[row].time < time or (roster[row].time == time and roster[row].key < key)):
            if roster[row].time >= limit:
                break
            scalars[NOW] = roster[row].time
            scalars[_ROSTER] = row + 1
            change_roster(world, row)
            continue
        if time >= limit:
            break
        scalars[NOW] = time
        pop(state)
        if not is_idle_timer(state, key, slot):
            scalars[_HANDLED] += 1
            handle(world, key, slot)
    return close(world) if is_over(world, until) else _REACHED


@compiled
def is_over(world, until):
    """Whether nothing more can happen."""
    if world.state.scalars[_PHASE] != _RUNNING:
        return True
    if not world.network.drain:
        return until >= world.network.end
    return world.state.scalars[_EVENTS] == 0 and world.state.scalars[_ROSTER] == len(world.network.roster)


@compiled
def close(world):
    """Write what is open, cases first; resumable when the buffers are full."""
    state = world.state
    scalars = state.scalars
    if scalars[_PHASE] == _RUNNING:
        order_open(state)
        scalars[_PHASE] = _CLOSING_CASES
    while scalars[_PHASE] == _CLOSING_CASES:
        if is_full(world):
            return _BUFFER_FULL
        if scalars[_SLOT] >= scalars[_EVENTS]:
            scalars[_PHASE] = _CLOSING_AGENTS
            break
        close_case(world, state.events[scalars[_SLOT]].slot)
        scalars[_SLOT] += 1
    closing = max(world.network.end, scalars[LAST])
    while scalars[_PHASE] == _CLOSING_AGENTS:
        if is_full(world):
            return _BUFFER_FULL
        agent = scalars[_AGENT]
        if agent >= len(state.agents):
            scalars[_PHASE] = _CLOSED
            break
        if state.agents[agent].on_since != NEVER:
            write_session(world, agent, closing)
        scalars[_AGENT] = agent + 1
    return _ALL_CLOSED


@compiled
def order_open(state):
    """Put the open cases in the order of their addresses, in the place of the events, which are over."""
    scalars, events = state.scalars, state.events
    scalars[_EVENTS] = 0
    count = 0
    for slot in range(len(state.cases)):
        if state.cases[slot].address >= 0:
            push(state, -state.cases[slot].address, 0, slot)
            count += 1
    for last in range(count - 1, -1, -1):
        slot = events[0].slot
        pop(state)
        events[last].slot = slot
    scalars[_EVENTS] = count


@compiled
def close_case(world, slot):
    """Say where an open case is."""
    case = world.state.cases[slot]
    place = case.place
    if place != NOWHERE:
        case.ended, case.released, case.hold = NEVER, NEVER, 0
        if place == WAITING:
            ending = _STILL_WAITING
        elif place == DELAYED:
            ending = _STILL_DELAYED
        else:
            ending = _STILL_IN_SERVICE
        record(world, slot, ending)
    end_case(world, slot, _OPEN)
