"""Rows of the log, as the kernel writes them into its buffers."""

from __future__ import annotations

from sim.codes import CASE_BITS, FIRST_INITIAL, Ending, Session, Visit
from sim.codes import Case as CaseColumn
from sim.kernel._compiled import compiled, fetch_to_write, nth, plain
from sim.kernel.heap import CASE_MASK
from sim.kernel.state import Place, Scalar

_NOW, _FREE = plain(Scalar.NOW, Scalar.FREE)
_VISIT_ROWS, _CASE_ROWS, _SESSION_ROWS = plain(Scalar.VISITS, Scalar.CASES, Scalar.SESSIONS)
_NOWHERE, _HANDING = plain(Place.NOWHERE, Ending.HANDING)
(_AHEAD,) = plain(8)  # so many rows before they are written their lines are claimed
(
    V_STREAM,
    V_CASE,
    V_ATTEMPT,
    V_VISIT,
    V_STEP,
    V_QUEUE,
    V_GROUP,
    V_AGENT,
    V_ENQUEUED,
    V_STARTED,
    V_ENDED,
    V_RELEASED,
    V_HOLD,
    V_ENDING,
    V_STRAND,
    V_FLAGS,
) = plain(*Visit)
(
    C_STREAM,
    C_CASE,
    C_ARRIVED,
    C_FIRST,
    C_ENDED,
    C_OUTCOME,
    C_ATTEMPTS,
    C_VISITS,
    C_HANDOVERS,
    C_WAITED,
    C_WORKED,
    C_SOLVED,
    C_REOPENED,
    C_CHASES,
    C_VARIANT,
    C_CUSTOMER,
    C_LEFT,
) = plain(*CaseColumn)
S_GROUP, S_AGENT, S_ON, S_OFF = plain(*Session)


@compiled
def write_session(world, agent, off):
    """One row of the sessions."""
    scalars = world.state.scalars
    row = world.rows.sessions[scalars[_SESSION_ROWS]]
    scalars[_SESSION_ROWS] += 1
    person = world.state.agents[nth(agent)]
    row[S_GROUP], row[S_AGENT], row[S_ON], row[S_OFF] = person.group, agent, person.on_since, off


@compiled
def _next_visit_row(world, strand):
    """Number of a new row of the visits, which has already what any row of a strand has."""
    scalars = world.state.scalars
    at = scalars[_VISIT_ROWS]
    scalars[_VISIT_ROWS] = at + 1
    row = world.rows.visits[nth(at)]
    fetch_to_write(world.rows.visits[nth(at + _AHEAD)])
    row[V_STREAM], row[V_CASE] = strand.address >> CASE_BITS, strand.address & CASE_MASK
    row[V_ATTEMPT], row[V_STRAND] = world.state.cases[nth(strand.root)].attempt, strand.number
    return at


@compiled
def record(world, slot, ending):
    """Write a visit's row; the strand is between visits then."""
    strand = world.state.strands[nth(slot)]
    row = world.rows.visits[nth(_next_visit_row(world, strand))]
    agent = strand.agent
    row[V_VISIT], row[V_STEP], row[V_QUEUE] = strand.visit, strand.step, world.network.steps[nth(strand.step)].queue
    row[V_GROUP] = world.state.agents[nth(agent)].group if agent >= 0 else -1
    row[V_AGENT], row[V_ENQUEUED], row[V_STARTED] = agent, strand.enqueued, strand.started
    row[V_ENDED], row[V_RELEASED], row[V_HOLD] = strand.ended, strand.released, strand.hold
    row[V_ENDING], row[V_FLAGS] = ending, strand.flags
    strand.place = _NOWHERE


@compiled
def record_handing(world, slot, until):
    """Write the row of an agent who keeps a strand; nobody does then."""
    strand, kept = world.state.strands[nth(slot)], world.state.kept[nth(slot)]
    row = world.rows.visits[nth(_next_visit_row(world, strand))]
    row[V_VISIT], row[V_STEP] = kept.visit, kept.step
    row[V_QUEUE] = world.network.steps[nth(kept.step)].queue
    row[V_GROUP], row[V_AGENT] = world.state.agents[nth(strand.kept)].group, strand.kept
    row[V_ENQUEUED], row[V_STARTED], row[V_ENDED], row[V_RELEASED] = kept.since, kept.since, until, until
    row[V_HOLD], row[V_ENDING], row[V_FLAGS] = 0, _HANDING, 0
    strand.kept = -1


@compiled
def end_case(world, slot):
    """Write a case's row and free its slot."""
    scalars, case, address = world.state.scalars, world.state.cases[nth(slot)], world.state.strands[nth(slot)].address
    row = world.rows.cases[nth(scalars[_CASE_ROWS])]
    fetch_to_write(world.rows.cases[nth(scalars[_CASE_ROWS] + _AHEAD)])
    scalars[_CASE_ROWS] += 1
    stream = world.network.streams[nth(address >> CASE_BITS)]
    row[C_STREAM], row[C_CASE] = address >> CASE_BITS, address & CASE_MASK
    row[C_ARRIVED], row[C_FIRST] = case.arrived, case.first_response
    row[C_ENDED], row[C_OUTCOME], row[C_SOLVED] = case.ended, case.outcome, case.solved
    row[C_ATTEMPTS], row[C_VISITS], row[C_HANDOVERS] = case.attempt + 1, case.visits, case.handovers
    row[C_WAITED], row[C_WORKED] = case.waited, case.worked
    row[C_REOPENED], row[C_CHASES], row[C_LEFT] = case.reopened, case.chases, case.left
    row[C_VARIANT] = 0 if address & CASE_MASK >= FIRST_INITIAL else case.entry - stream.entry_first
    row[C_CUSTOMER] = case.customer - stream.customer_first if case.customer >= 0 else -1
    free_slot(world.state, slot)


@compiled
def free_slot(state, slot):
    """A strand is over."""
    state.strands[nth(slot)].address, state.strands[nth(slot)].place = -1, _NOWHERE
    free = state.scalars[_FREE]
    state.free[nth(free)] = slot
    state.scalars[_FREE] = free + 1
