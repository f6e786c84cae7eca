"""Rows of the log, as the kernel writes them into its buffers."""

from __future__ import annotations

from sim.codes import CASE_BITS, Outcome, Session, Visit
from sim.codes import Case as CaseColumn
from sim.kernel.heap import CASE_MASK
from sim.kernel.state import Place, Scalar
from sim.primitives._cache import compiled
from sim.units import NEVER

_NOW, _FREE = int(Scalar.NOW), int(Scalar.FREE)
_VISIT_ROWS, _CASE_ROWS, _SESSION_ROWS = int(Scalar.VISITS), int(Scalar.CASES), int(Scalar.SESSIONS)
_NOWHERE, _OPEN = int(Place.NOWHERE), int(Outcome.OPEN)
(V_STREAM, V_CASE, V_ATTEMPT, V_VISIT, V_STEP, V_QUEUE, V_GROUP, V_AGENT, V_ENQUEUED, V_STARTED, V_ENDED, V_RELEASED,
 V_HOLD, V_ENDING) = (int(v) for v in Visit)  # fmt: skip
(C_STREAM, C_CASE, C_ARRIVED, C_FIRST, C_ENDED, C_OUTCOME, C_ATTEMPTS, C_VISITS, C_HANDOVERS, C_WAITED,
 C_WORKED) = (int(c) for c in CaseColumn)  # fmt: skip
S_GROUP, S_AGENT, S_ON, S_OFF = (int(s) for s in Session)


@compiled
def write_session(world, agent, off):
    """One row of the sessions."""
    scalars = world.state.scalars
    row = world.rows.sessions[scalars[_SESSION_ROWS]]
    scalars[_SESSION_ROWS] += 1
    person = world.state.agents[agent]
    row[S_GROUP], row[S_AGENT], row[S_ON], row[S_OFF] = person.group, agent, person.on_since, off


@compiled
def record(world, slot, ending):
    """Write a visit's row; the case is between visits then."""
    scalars, case = world.state.scalars, world.state.cases[slot]
    row = world.rows.visits[scalars[_VISIT_ROWS]]
    scalars[_VISIT_ROWS] += 1
    agent = case.agent
    row[V_STREAM], row[V_CASE] = case.address >> CASE_BITS, case.address & CASE_MASK
    row[V_ATTEMPT], row[V_VISIT], row[V_STEP] = case.attempt, case.visits - 1, case.step
    row[V_QUEUE] = world.network.steps[case.step].queue
    row[V_GROUP] = world.state.agents[agent].group if agent >= 0 else -1
    row[V_AGENT], row[V_ENQUEUED], row[V_STARTED] = agent, case.enqueued, case.started
    row[V_ENDED], row[V_RELEASED], row[V_HOLD], row[V_ENDING] = case.ended, case.released, case.hold, ending
    case.place = _NOWHERE


@compiled
def end_case(world, slot, outcome):
    """Write a case's row and free its slot."""
    scalars, case = world.state.scalars, world.state.cases[slot]
    row = world.rows.cases[scalars[_CASE_ROWS]]
    scalars[_CASE_ROWS] += 1
    row[C_STREAM], row[C_CASE] = case.address >> CASE_BITS, case.address & CASE_MASK
    row[C_ARRIVED], row[C_FIRST], row[C_OUTCOME] = case.arrived, case.first_response, outcome
    row[C_ENDED] = NEVER if outcome == _OPEN else scalars[_NOW]
    row[C_ATTEMPTS], row[C_VISITS], row[C_HANDOVERS] = case.attempt + 1, case.visits, case.handovers
    row[C_WAITED], row[C_WORKED] = case.waited, case.worked
    case.address, case.place = -1, _NOWHERE
    free = scalars[_FREE]
    world.state.free[free] = slot
    scalars[_FREE] = free + 1
