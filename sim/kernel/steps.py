"""A strand goes from step to step: entering, branches, marks, spawns, delays, forks and joins."""

from __future__ import annotations

import numpy as np

from sim.codes import CASE_BITS, FIRST_INITIAL, FIRST_SPAWNED, Ending, Flag, Kind, Outcome, Source, Step, Wait
from sim.kernel._compiled import compiled, nth, plain, seldom
from sim.kernel.draws import attribute, chance_draw, ease, length
from sim.kernel.heap import CASE_MASK, make_key, push
from sim.kernel.rows import free_slot, record, record_handing
from sim.kernel.state import Place, Scalar, Turn
from sim.primitives import Purpose, after_open_us, is_open, next_open_us, next_round_us
from sim.units import NEVER

# Scalars, fields and columns as plain integers: compiled code knows no enums.
_NOW, _FREE, _OUTCOME, _RELEASED, _CONTACT, _AGENDA_SIZE = plain(
    Scalar.NOW, Scalar.FREE, Scalar.OUTCOME, Scalar.RELEASED, Scalar.CONTACT, Scalar.AGENDA_SIZE
)
_NOTHING, _RESUME, _ASK, _END = plain(Turn.NOTHING, Turn.RESUME, Turn.ASK, Turn.END)
_NOWHERE, _DELAYED, _FORKED = plain(Place.NOWHERE, Place.DELAYED, Place.FORKED)
_DELAY_END, _ARRIVAL = plain(Kind.DELAY_END, Kind.ARRIVAL)
_WORK, _DELAY, _BRANCH, _MARK, _SPAWN, _FORK, _JOIN = plain(
    Step.WORK, Step.DELAY, Step.BRANCH, Step.MARK, Step.SPAWN, Step.FORK, Step.JOIN
)
_TIME, _WORKING_TIME, _OPENING = plain(Wait.TIME, Wait.WORKING_TIME, Wait.OPENING)
_CHANCE, _EASE, _ATTRIBUTE, _GROUP, _CALENDAR, _REPETITION = plain(
    Source.CHANCE, Source.EASE, Source.ATTRIBUTE, Source.GROUP, Source.CALENDAR, Source.REPETITION
)
_P_BRANCH, _P_DELAY = plain(Purpose.BRANCH, Purpose.DELAY)
_RESUMED, _WAS_DELAYED, _OPEN = plain(Flag.RESUMED, Ending.DELAYED, Outcome.OPEN)


@compiled
def put_on_agenda(state, slot, step):
    """A strand is to move to a step, or has something else before it (`Turn`)."""
    at = state.scalars[_AGENDA_SIZE]
    state.agenda[nth(at), 0], state.agenda[nth(at), 1] = slot, step
    state.scalars[_AGENDA_SIZE] = at + 1


@compiled
def let_go(world, slot):
    """Whoever keeps the strand is released."""
    agent = world.state.strands[nth(slot)].kept
    if seldom(agent >= 0):
        record_handing(world, slot, world.state.scalars[_NOW])
        world.state.scalars[_RELEASED], world.state.scalars[_CONTACT] = agent, 0


# New cases and strands ---------------------------------------------------------------------------------------------


@compiled
def _take_slot(state):
    free = state.scalars[_FREE] - 1
    state.scalars[_FREE] = free
    slot = state.free[nth(free)]
    strand = state.strands[nth(slot)]
    strand.place, strand.agent, strand.kept, strand.pending, strand.visit = _NOWHERE, -1, -1, 0, -1
    return slot


@compiled
def new_case(world, address):
    """A case in a free slot, before its first step."""
    state = world.state
    slot = _take_slot(state)
    strand, case = state.strands[nth(slot)], state.cases[nth(slot)]
    strand.address, strand.root, strand.number, strand.parent, strand.chasing = address, slot, 0, -1, 0
    case.arrived, case.customer, case.last_group, case.last_agent = state.scalars[_NOW], -1, -1, -1
    case.deadline, case.first_response, case.solved, case.ended = NEVER, NEVER, NEVER, NEVER
    case.attempt, case.visits, case.strands, case.chasers, case.chases, case.quiet = 0, 0, 0, 0, 0, 0
    case.priority, case.handovers, case.waited, case.worked, case.reopened, case.left = 0, 0, 0, 0, 0, 0
    case.seen, case.again, case.known = 0, 0, 0
    case.outcome = _OPEN
    for word in range(state.seen.shape[1]):
        state.seen[nth(slot), nth(word)] = 0
    return slot


@compiled
def new_strand(world, root, parent, chasing):
    """A further strand of a case: a branch of the parent's fork, or without a parent a chasing contact."""
    state = world.state
    slot = _take_slot(state)
    strand, case = state.strands[nth(slot)], state.cases[nth(root)]
    case.strands += 1
    strand.address, strand.root, strand.number = state.strands[nth(root)].address, root, case.strands
    strand.parent, strand.chasing = parent, chasing
    return slot


# Entering ----------------------------------------------------------------------------------------------------------


@compiled
def enter(world, slot, step):
    """A strand moves to a step, and on through those that take no time; what it has before it then (`Turn`)."""
    state, steps = world.state, world.network.steps
    strand = state.strands[nth(slot)]
    if seldom(step == _RESUME):
        begin_visit(world, slot, strand.step, strand.repetition)
        strand.flags = _RESUMED
        return _ASK
    while True:
        kind, repetition = steps[nth(step)].kind, _repetition(state, strand.root, state.counters[nth(step)])
        if kind == _BRANCH:
            step = _branch(world, slot, step, repetition)
        elif kind == _MARK:
            step = _mark(world, slot, step)
        elif seldom(kind == _SPAWN):
            step = _spawn(world, slot, step, repetition)
        else:
            break
    if kind == _WORK:
        begin_visit(world, slot, step, repetition)
        _date_back(world, slot)
        if seldom(steps[nth(step)].suspends != 0):
            set_rank(world, slot)
        return _ASK
    let_go(world, slot)
    if kind == _DELAY:
        begin_visit(world, slot, step, repetition)
        _delay(world, slot)
    elif seldom(kind == _FORK):
        _fork(world, slot, step)
    elif seldom(kind == _JOIN):
        _join(world, slot, step)
    else:
        strand.step, strand.repetition = step, repetition
        state.scalars[_OUTCOME] = steps[nth(step)].outcome
        return _END
    return _NOTHING


@compiled
def _repetition(state, root, counter):
    """How often a case has come to a step before; this time is counted.

    That a case was there is one bit, that it was there again another; how often is kept from then on. Steps of which
    nobody asks it have no counter (-1).
    """
    word, bit, case = counter >> 6, np.int64(counter >= 0) << (counter & 63), state.cases[nth(root)]
    if seldom(word > 0):
        words = state.seen[nth(root)]
        seen, again = words[nth(2 * word - 2)], words[nth(2 * word - 1)]
        words[nth(2 * word - 2)], words[nth(2 * word - 1)] = seen | bit, again | (seen & bit)
    else:
        seen, again = case.seen, case.again
        case.seen, case.again = seen | bit, again | (seen & bit)
    repetition = 0
    if seldom(seen & bit != 0):
        repetition = 1
        if again & bit != 0:
            repetition = state.repetitions[nth(root), nth(counter)]
        state.repetitions[nth(root), nth(counter)] = repetition + 1
    return repetition


@compiled
def begin_visit(world, slot, step, repetition):
    """A new visit of a strand."""
    state = world.state
    strand = state.strands[nth(slot)]
    case = state.cases[nth(strand.root)]
    strand.visit = case.visits
    case.visits += 1
    strand.step, strand.repetition = step, repetition
    strand.level, strand.patient, strand.flags, strand.unanswered, strand.hold, strand.agent = 0, 0, 0, 0, 0, -1
    strand.enqueued = state.scalars[_NOW]
    strand.started, strand.ended, strand.released = NEVER, NEVER, NEVER


@compiled
def _date_back(world, slot):
    """The first visit of a case from before the start counts as joined then."""
    strand = world.state.strands[nth(slot)]
    number = strand.address & CASE_MASK
    if seldom(number >= FIRST_INITIAL) and strand.visit == 0:
        first = world.network.streams[nth(strand.address >> CASE_BITS)].initial_first
        strand.enqueued = world.network.initials[nth(first + number - FIRST_INITIAL)].since


@compiled
def set_rank(world, slot):
    """The visit's place among equals: by time of joining, or by deadline."""
    network, strand = world.network, world.state.strands[nth(slot)]
    queue = network.steps[nth(strand.step)].queue
    rank = strand.enqueued - network.streams[nth(strand.address >> CASE_BITS)].head_start
    if seldom(network.queues[nth(queue)].deadline != 0):
        deadline = world.state.cases[nth(strand.root)].deadline
        rank = rank + network.queues[nth(queue)].within if deadline == NEVER else deadline
    strand.rank = rank


# Steps that take no time -------------------------------------------------------------------------------------------


@compiled
def _branch(world, slot, step, repetition):
    """The first way out that holds."""
    row, branches = world.network.steps[nth(step)], world.network.branches
    option, last = row.branch_first, row.branch_last - 1
    value = _looked_at(world, slot, step, repetition)
    while option < last and not branches[nth(option)].low <= value < branches[nth(option)].high:
        option += 1
    return branches[nth(option)].target


@compiled
def _looked_at(world, slot, step, repetition):
    """What a branch looks at."""
    state, network = world.state, world.network
    row, strand = network.steps[nth(step)], state.strands[nth(slot)]
    case = state.cases[nth(strand.root)]
    source = row.source
    if source == _CHANCE:
        return chance_draw(world, strand.address, step, _P_BRANCH, repetition)
    if source == _EASE:
        return ease(world, strand.root, step, _P_BRANCH, repetition)
    if source == _ATTRIBUTE:
        return attribute(world, strand.root, row.attribute)
    if source == _GROUP:
        return float(case.last_group)
    if source == _CALENDAR:
        return 1.0 if is_open(network.calendars, network.openings, row.calendar, state.scalars[_NOW]) else 0.0
    return float(repetition) if source == _REPETITION else float(case.arrived)


@compiled
def _mark(world, slot, step):
    """The case's priority or deadline is set."""
    network, row = world.network, world.network.steps[nth(step)]
    case = world.state.cases[nth(world.state.strands[nth(slot)].root)]
    if row.priority > 0:
        case.priority = row.priority
    if row.due >= 0 and row.calendar >= 0:
        case.deadline = after_open_us(network.calendars, network.openings, row.calendar, case.arrived, row.due)
    elif row.due >= 0:
        case.deadline = case.arrived + row.due
    return row.next


@compiled
def _spawn(world, slot, step, repetition):
    """The case gives rise to one of another stream, once."""
    state, network = world.state, world.network
    row, address = network.steps[nth(step)], state.strands[nth(slot)].address
    own = address & CASE_MASK
    if repetition == 0 and own < FIRST_SPAWNED:
        time = state.scalars[_NOW] + length(world, address, row.delay, step, _P_DELAY, repetition)
        if time < network.end:
            number = FIRST_SPAWNED + own * row.spawn_width + row.spawn_place
            push(state, time, make_key(_ARRIVAL, (row.spawn_stream << CASE_BITS) | number, 0), 0)
    return row.next


@compiled
def _fork(world, slot, step):
    """One strand for each branch; this one waits for them."""
    state, row = world.state, world.network.steps[nth(step)]
    strand = state.strands[nth(slot)]
    strand.place, strand.pending = _FORKED, row.branch_last - row.branch_first
    for branch in range(row.branch_first, row.branch_last):
        part = new_strand(world, strand.root, slot, strand.chasing)
        put_on_agenda(state, part, world.network.branches[nth(branch)].target)


@compiled
def _join(world, slot, step):
    """A branch is over; after the last one the strand that forked goes on."""
    state = world.state
    parent = state.strands[nth(slot)].parent
    free_slot(state, slot)
    state.strands[nth(parent)].pending -= 1
    if state.strands[nth(parent)].pending == 0:
        state.strands[nth(parent)].place = _NOWHERE
        put_on_agenda(state, parent, world.network.steps[nth(step)].next)


# Delays ------------------------------------------------------------------------------------------------------------


@compiled
def _delay(world, slot):
    """A stay that needs nobody begins."""
    state = world.state
    strand = state.strands[nth(slot)]
    strand.place, strand.started = _DELAYED, state.scalars[_NOW]
    end = _delay_end(world, slot)
    if end < NEVER:
        push(state, end, make_key(_DELAY_END, strand.address, strand.visit), slot)


@compiled
def _delay_end(world, slot):
    network, now, strand = world.network, world.state.scalars[_NOW], world.state.strands[nth(slot)]
    row = network.steps[nth(strand.step)]
    if row.wait <= _WORKING_TIME:
        time = length(world, strand.address, row.delay, strand.step, _P_DELAY, strand.repetition)
        if row.wait == _TIME:
            return now + time
        return after_open_us(network.calendars, network.openings, row.calendar, now, time)
    if row.wait == _OPENING:
        return next_open_us(network.calendars, network.openings, row.calendar, now)
    return next_round_us(network.calendars, network.openings, row.calendar, now)


@compiled
def end_delay(world, slot):
    """A stay that needed nobody is over."""
    strand = world.state.strands[nth(slot)]
    strand.ended = world.state.scalars[_NOW]
    record(world, slot, _WAS_DELAYED)
    put_on_agenda(world.state, slot, world.network.steps[nth(strand.step)].next)
