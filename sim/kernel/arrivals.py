"""Cases arrive."""

from __future__ import annotations

from sim.codes import CASE_BITS, FIRST_INITIAL, FIRST_SPAWNED, NO_STEP, Kind, Outcome
from sim.kernel._compiled import compiled, fetch_at, nth, plain, seldom
from sim.kernel.ahead import CUSTOMER, GAP, drawn_ahead, held_for_next
from sim.kernel.draws import attribute, chance_draw, ease_to_come, for_case, settle_difficulty
from sim.kernel.ends import set_chasing
from sim.kernel.heap import CASE_MASK, make_key, push, push_coming, replace_coming
from sim.kernel.rows import end_case
from sim.kernel.state import Scalar
from sim.kernel.steps import new_case, put_on_agenda
from sim.primitives import Purpose, next_arrival_us, share_at
from sim.units import NEVER

_NO_STEP, _FIRST, _NO_TABLE = plain(NO_STEP, 0, -1)
_NOW, _ARRIVAL, _GONE = plain(Scalar.NOW, Kind.ARRIVAL, Outcome.GONE)
_P_ARRIVAL, _P_SPARE, _P_CUSTOMER, _P_PHASE = plain(Purpose.ARRIVAL, Purpose.SPARE, Purpose.CUSTOMER, Purpose.PHASE)


@compiled
def set_arrival(world, number):
    """Set the first arrival of a stream, if there is one before the end."""
    time = _next_arrival(world, number)
    if time < NEVER:
        push_coming(world.state, time, _arrival_key(world, number))


@compiled
def _arrival_key(world, number):
    """Key of the stream's latest arrival."""
    return make_key(_ARRIVAL, (number << CASE_BITS) | (world.state.sources[nth(number)].arrived - 1), 0)


@compiled
def _next_arrival(world, number):
    """Time of the next arrival of a stream, which is counted; NEVER: there is none before the end."""
    network, chance = world.network, world.chance
    source, stream = world.state.sources[nth(number)], network.streams[nth(number)]
    case = source.arrived
    time = NEVER
    if seldom(stream.replay_first < stream.replay_last):
        if stream.replay_first + case < stream.replay_last:
            time = chance.recorded[nth(stream.replay_first + case)]
    elif chance.rate_first[nth(number)] < chance.rate_last[nth(number)]:
        source.gap_sum += drawn_ahead(world, number, case, GAP, 0, _FIRST, _P_ARRIVAL)
        time, source.piece = next_arrival_us(
            chance.rate_time,
            chance.rate_cumulative,
            chance.rate_first[nth(number)],
            chance.rate_last[nth(number)],
            source.piece,
            source.gap_sum,
        )
    if seldom(time >= network.end):
        return NEVER
    source.arrived = case + 1
    return time


@compiled
def set_initial(world, number, case):
    """Set the arrival of a stream's next case from before the start, if there is one."""
    stream = world.network.streams[nth(number)]
    if stream.initial_first + case < stream.initial_last:
        push(world.state, 0, make_key(_ARRIVAL, (number << CASE_BITS) | (FIRST_INITIAL + case), 0), 0)


@compiled
def arrive(world, address):
    """A case arrives."""
    stream, number = address >> CASE_BITS, address & CASE_MASK
    if number < FIRST_SPAWNED:
        replace_coming(world.state, _next_arrival(world, stream), _arrival_key(world, stream))
    if seldom(number >= FIRST_INITIAL):
        set_initial(world, stream, number - FIRST_INITIAL + 1)
        _take_over(world, address)
    elif not _is_spared(world, address):
        _begin(world, address)


@compiled
def _is_spared(world, address):
    """Whether the need no longer arises."""
    share = world.network.streams[nth(address >> CASE_BITS)].spared
    return seldom(share > 0.0) and ease_to_come(world, address, _P_SPARE) < share


@compiled
def _begin(world, address):
    """A case begins at its way in, unless its customer has left."""
    state, network = world.state, world.network
    stream = network.streams[nth(address >> CASE_BITS)]
    slot = new_case(world, address)
    case = state.cases[nth(slot)]
    case.entry = stream.entry_first
    settle_difficulty(world, slot)
    if stream.customer_first < stream.customer_last:
        case.customer = _customer(stream, for_case(world, address, CUSTOMER, _NO_TABLE, _P_CUSTOMER))
        following = held_for_next(state, address >> CASE_BITS, address & CASE_MASK, CUSTOMER)
        fetch_at(state.left, nth(_customer(stream, following) >> 3))
        if state.left[nth(case.customer >> 3)] >> (case.customer & 7) & 1:
            case.ended, case.outcome = state.scalars[_NOW], _GONE
            end_case(world, slot)
            return
    if seldom(stream.entry_first + 1 < stream.entry_last):
        case.entry = _way_in(world, slot)
    if stream.chase_entry >= 0:
        set_chasing(world, slot, _FIRST)
    put_on_agenda(state, slot, network.entries[nth(case.entry)].step)


@compiled
def _customer(stream, draw):
    """Which of its customers has a stream's case."""
    return stream.customer_first + int(draw * (stream.customer_last - stream.customer_first))


@compiled
def _take_over(world, address):
    """A case from before the start is at its step."""
    network = world.network
    stream = network.streams[nth(address >> CASE_BITS)]
    initial = network.initials[nth(stream.initial_first + (address & CASE_MASK) - FIRST_INITIAL)]
    slot = new_case(world, address)
    case = world.state.cases[nth(slot)]
    case.arrived, case.entry = initial.arrived, stream.entry_last - 1
    settle_difficulty(world, slot)
    if stream.chase_entry >= 0:
        set_chasing(world, slot, _FIRST)
    put_on_agenda(world.state, slot, initial.step)


@compiled
def _way_in(world, root):
    """The first way in that holds for a new case."""
    network, now = world.network, world.state.scalars[_NOW]
    address = world.state.strands[nth(root)].address
    stream = network.streams[nth(address >> CASE_BITS)]
    draw = chance_draw(world, address, _NO_STEP, _P_PHASE, _FIRST)
    for number in range(stream.entry_first, stream.entry_last - 1):
        row = network.entries[nth(number)]
        if row.begin <= now < row.end:
            share = share_at(row.begin, row.end, row.share_begin, row.share_end, now)
            if draw < share and _has_attribute(world, root, row):
                return number
    return stream.entry_last - 1


@compiled
def _has_attribute(world, root, row):
    """Whether the attribute that a way in asks for, if any, lies in its range."""
    return row.attribute < 0 or row.low <= attribute(world, root, row.attribute) < row.high
