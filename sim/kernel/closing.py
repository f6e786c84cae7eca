"""The end of a run: what is open is written."""

from __future__ import annotations

from sim.codes import Ending, Status
from sim.kernel._compiled import compiled, nth, plain
from sim.kernel.heap import pop, push_near
from sim.kernel.rows import end_case, record, record_handing, write_session
from sim.kernel.state import Phase, Place, Scalar
from sim.units import NEVER

_EVENTS, _LAST, _PHASE, _SLOT, _AGENT = plain(
    Scalar.EVENTS, Scalar.LAST, Scalar.PHASE, Scalar.CLOSING_SLOT, Scalar.CLOSING_AGENT
)
_VISITS, _CASES, _SESSIONS, _ROOM = plain(Scalar.VISITS, Scalar.CASES, Scalar.SESSIONS, Scalar.MOST_ROWS)
_RUNNING, _CLOSING_CASES, _CLOSING_AGENTS, _CLOSED = plain(*Phase)
_BUFFER_FULL, _ALL_CLOSED = plain(Status.BUFFER_FULL, Status.CLOSED)
_WAITING, _IN_SERVICE, _DELAYED = plain(Place.WAITING, Place.IN_SERVICE, Place.DELAYED)
_STILL_WAITING, _STILL_IN_SERVICE, _STILL_DELAYED = plain(
    Ending.STILL_WAITING, Ending.STILL_IN_SERVICE, Ending.STILL_DELAYED
)


@compiled
def is_full(world):
    """Whether a table of rows might not have room for the next event."""
    scalars, rows = world.state.scalars, world.rows
    room = scalars[_ROOM]
    return (
        scalars[_VISITS] + room > len(rows.visits)
        or scalars[_CASES] + room > len(rows.cases)
        or scalars[_SESSIONS] + room > len(rows.sessions)
    )


@compiled
def close(world):
    """Write what is open, cases first; resumable when the buffers are full."""
    state = world.state
    scalars = state.scalars
    if scalars[_PHASE] == _RUNNING:
        _order_open(state)
        scalars[_PHASE] = _CLOSING_CASES
    while scalars[_PHASE] == _CLOSING_CASES:
        if is_full(world):
            return _BUFFER_FULL
        if scalars[_SLOT] >= scalars[_EVENTS]:
            scalars[_PHASE] = _CLOSING_AGENTS
            break
        _close_strand(world, scalars[_SLOT])
        scalars[_SLOT] += 1
    closing = max(world.network.end, scalars[_LAST])
    while scalars[_PHASE] == _CLOSING_AGENTS:
        if is_full(world):
            return _BUFFER_FULL
        agent = scalars[_AGENT]
        if agent >= len(state.agents):
            scalars[_PHASE] = _CLOSED
            break
        if state.agents[nth(agent)].on_since != NEVER:
            write_session(world, agent, closing)
        scalars[_AGENT] = agent + 1
    return _ALL_CLOSED


@compiled
def _order_open(state):
    """Put the open strands in the order of case and number, in the place of the events, which are over."""
    scalars, events = state.scalars, state.events
    scalars[_EVENTS] = 0
    count = 0
    for slot in range(len(state.strands)):
        if state.strands[nth(slot)].address >= 0:
            push_near(state, -state.strands[nth(slot)].address, -state.strands[nth(slot)].number, slot)
            count += 1
    for last in range(count - 1, -1, -1):
        slot = events[0].slot
        pop(state)
        events[last].slot = slot
    scalars[_EVENTS] = count


@compiled
def _close_strand(world, at):
    """Say where a strand is; after the last one of a case, how the case stands."""
    state = world.state
    slot = state.events[nth(at)].slot
    strand = state.strands[nth(slot)]
    if strand.kept >= 0:
        record_handing(world, slot, NEVER)
    if strand.place == _WAITING or strand.place == _DELAYED or strand.place == _IN_SERVICE:
        strand.ended, strand.released, strand.hold = NEVER, NEVER, 0
        if strand.place == _WAITING:
            ending = _STILL_WAITING
        else:
            ending = _STILL_DELAYED if strand.place == _DELAYED else _STILL_IN_SERVICE
        record(world, slot, ending)
    is_last = at + 1 == state.scalars[_EVENTS]
    if is_last or state.strands[state.events[nth(at + 1)].slot].root != strand.root:
        end_case(world, strand.root)
