"""Lost strands and redials, ends of cases, and what comes of them: reopening, leaving, chasing."""

from __future__ import annotations

from sim.codes import CASE_BITS, NO_STEP, Kind, Outcome
from sim.kernel._compiled import compiled, nth, plain, seldom
from sim.kernel.ahead import CHASE, LEAVE
from sim.kernel.draws import chance_draw, ease, for_case, length
from sim.kernel.heap import make_key, push
from sim.kernel.rows import end_case, free_slot
from sim.kernel.state import Place, Scalar, Turn
from sim.kernel.steps import new_strand, put_on_agenda
from sim.primitives import Purpose, length_us
from sim.units import NEVER

_NOW, _OUTCOME, _NOTHING, _END_OF_IT = plain(Scalar.NOW, Scalar.OUTCOME, Turn.NOTHING, Turn.END)
_NO_STEP, _NO_TABLE = plain(NO_STEP, -1)
_NOWHERE, _WAITING, _DELAYED, _FORKED, _COMING_BACK, _ENDED = plain(
    Place.NOWHERE, Place.WAITING, Place.DELAYED, Place.FORKED, Place.COMING_BACK, Place.ENDED
)
_REDIAL, _REOPENING, _CHASING = plain(Kind.REDIAL, Kind.REOPENING, Kind.CHASING)
_SOLVED, _UNSOLVED, _OPEN = plain(Outcome.SOLVED, Outcome.UNSOLVED, Outcome.OPEN)
_P_REDIAL, _P_REDIAL_AFTER, _P_REOPEN, _P_REOPEN_AFTER, _P_LEAVE, _P_CHASE, _P_CHASE_AFTER = plain(
    Purpose.REDIAL,
    Purpose.REDIAL_AFTER,
    Purpose.REOPEN,
    Purpose.REOPEN_AFTER,
    Purpose.LEAVE,
    Purpose.CHASE,
    Purpose.CHASE_AFTER,
)


# Lost --------------------------------------------------------------------------------------------------------------


@compiled
def lose(world, slot):
    """Who was lost tries again later, or it is over: what comes next."""
    state = world.state
    strand, stream = state.strands[nth(slot)], world.network.streams[state.strands[nth(slot)].address >> CASE_BITS]
    address, attempt = strand.address, state.cases[nth(strand.root)].attempt
    if (
        strand.number == 0
        and attempt + 1 < stream.redial_most
        and chance_draw(world, address, _NO_STEP, _P_REDIAL, attempt) < stream.redial_share
    ):
        after = length(world, address, stream.redial_after, _NO_STEP, _P_REDIAL_AFTER, attempt)
        push(state, state.scalars[_NOW] + after, make_key(_REDIAL, address, attempt + 1), slot)
        return _NOTHING
    strand.step = -1
    return _END_OF_IT


@compiled
def redial(world, slot):
    """The customer tries again."""
    case = world.state.cases[nth(slot)]
    case.attempt += 1
    case.last_group, case.last_agent = -1, -1
    put_on_agenda(world.state, slot, world.network.entries[nth(case.entry)].step)


# Ends --------------------------------------------------------------------------------------------------------------


@compiled
def end_strand(world, slot):
    """A strand came to an end step, or was lost for good: the case has ended, or a chasing contact is over."""
    state = world.state
    root = state.strands[nth(slot)].root
    if seldom(slot != root):
        state.cases[nth(root)].chasers -= 1
        free_slot(state, slot)
    else:
        _end(world, slot)
    if state.strands[nth(root)].place == _ENDED and state.cases[nth(root)].chasers == 0:
        end_case(world, root)


@compiled
def _end(world, slot):
    """The case has ended; it may come back, and if not its customer may leave."""
    state = world.state
    strand, case, now = state.strands[nth(slot)], state.cases[nth(slot)], state.scalars[_NOW]
    case.outcome, case.ended = state.scalars[_OUTCOME], now
    if case.outcome == _SOLVED:
        case.solved = min(case.solved, now)
    if seldom(_comes_back(world, slot)):
        strand.place = _COMING_BACK
        table = world.network.steps[nth(strand.step)].reopen_after
        after = length(world, strand.address, table, strand.step, _P_REOPEN_AFTER, strand.repetition)
        push(state, now + after, make_key(_REOPENING, strand.address, case.reopened), slot)
        return
    strand.place = _ENDED
    chance = _chance_to_leave(world, slot)
    if chance > 0.0 and for_case(world, strand.address, LEAVE, _NO_TABLE, _P_LEAVE) < chance:
        case.left = 1
        if case.customer >= 0:
            state.left[nth(case.customer >> 3)] |= 1 << (case.customer & 7)


@compiled
def _comes_back(world, slot):
    """Whether the case comes back: hard cases first."""
    strand = world.state.strands[nth(slot)]
    if seldom(strand.step < 0):
        return False
    row = world.network.steps[nth(strand.step)]
    if row.reopen_share <= 0.0 or world.state.cases[nth(slot)].reopened >= row.reopen_most:
        return False
    return ease(world, slot, strand.step, _P_REOPEN, strand.repetition) >= 1.0 - row.reopen_share


@compiled
def _chance_to_leave(world, slot):
    """The chance that the customer leaves for good, by how the case ended."""
    case = world.state.cases[nth(slot)]
    stream = world.network.streams[nth(world.state.strands[nth(slot)].address >> CASE_BITS)]
    chance = stream.leave_lost
    if case.outcome == _SOLVED:
        chance = stream.leave_solved
    elif case.outcome == _UNSOLVED:
        chance = stream.leave_unsolved
    if seldom(case.deadline < case.ended):
        chance = max(chance, stream.leave_late)
    return chance


@compiled
def reopen(world, slot):
    """A case that had ended is open again."""
    state = world.state
    strand, case = state.strands[nth(slot)], state.cases[nth(slot)]
    case.reopened += 1
    case.ended, case.outcome = NEVER, _OPEN
    case.last_group, case.last_agent = -1, -1
    strand.place = _NOWHERE
    put_on_agenda(state, slot, world.network.steps[nth(strand.step)].reopen_step)


# Chasing -----------------------------------------------------------------------------------------------------------


@compiled
def set_chasing(world, slot, number):
    """Set a chasing timer, if there are so many and it comes before the end."""
    state = world.state
    address = state.strands[nth(slot)].address
    stream = world.network.streams[nth(address >> CASE_BITS)]
    if number >= stream.chase_most:
        return
    if number == 0:
        after = length_us(for_case(world, address, CHASE, stream.chase_first, _P_CHASE_AFTER), 1.0)
    else:
        after = length(world, address, stream.chase_every, _NO_STEP, _P_CHASE_AFTER, number)
    time = state.scalars[_NOW] + after
    state.cases[nth(slot)].quiet = 1
    if time < world.network.end:
        push(state, time, make_key(_CHASING, address, number), slot)


@compiled
def chase(world, slot, number):
    """The customer asks where the case stands, if it is silent."""
    state = world.state
    address, case = state.strands[nth(slot)].address, state.cases[nth(slot)]
    stream = world.network.streams[nth(address >> CASE_BITS)]
    silent = _is_silent(state, slot)
    set_chasing(world, slot, number + 1)
    if silent and chance_draw(world, address, _NO_STEP, _P_CHASE, number) < stream.chase_share:
        case.chases += 1
        case.chasers += 1
        put_on_agenda(state, new_strand(world, slot, -1, 1), stream.chase_entry)


@compiled
def _is_silent(state, slot):
    """Whether the customer has no sign that anything happens."""
    strand, case = state.strands[nth(slot)], state.cases[nth(slot)]
    if case.chasers or not case.quiet:
        return False
    return strand.place == _DELAYED or strand.place == _FORKED or (strand.place == _WAITING and not strand.patient)
