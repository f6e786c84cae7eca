"""Draws at the addresses of cases."""

from __future__ import annotations

from sim.codes import CASE_BITS, NO_STEP
from sim.kernel._compiled import compiled, nth, plain
from sim.kernel.ahead import DIFFICULTY, drawn_ahead, is_ahead, is_work_ahead
from sim.kernel.heap import CASE_MASK
from sim.primitives import Purpose, length_us, quantile_s, uniform_bits, uniform_of, uniform_pair, work_us

_BY_CASE, _P_DIFFICULTY, _ATTRIBUTE = plain(Purpose.BY_CASE, Purpose.DIFFICULTY, Purpose.ATTRIBUTE)
_NO_STEP, _NO_TABLE, _FIRST = plain(NO_STEP, -1, 0)
_ONE, _KNOWN = plain(1, 31)


@compiled
def _bits(world, address, step, purpose, repetition):
    """Bits at a case's address; ``step`` -1: none."""
    network = world.network
    step_id = network.steps[nth(step)].id if step >= 0 else 0
    stream_id = network.streams[nth(address >> CASE_BITS)].id
    return uniform_bits(world.chance.key, address & CASE_MASK, stream_id, step_id, purpose, repetition)


@compiled
def chance_draw(world, address, step, purpose, repetition):
    """A uniform number between 0 and 1."""
    return uniform_of(_bits(world, address, step, purpose, repetition))


@compiled
def seconds(world, address, table, step, purpose, repetition):
    """A quantile in seconds; nothing for no table. What is always the same is not drawn."""
    if table < 0:
        return 0.0
    fixed = world.state.fixed[nth(table)]
    if fixed == fixed:
        return fixed
    return quantile_s(world.network.tables, table, _bits(world, address, step, purpose, repetition))


@compiled
def length(world, address, table, step, purpose, repetition):
    """A drawn time that is neither work nor patience."""
    return length_us(seconds(world, address, table, step, purpose, repetition), 1.0)


@compiled
def work(world, address, table, step, purpose, repetition):
    """Drawn work, in units."""
    if table < 0:
        return 0
    return work_us(seconds(world, address, table, step, purpose, repetition))


@compiled
def handling(world, address, kind, table, step, purpose, repetition):
    """As `work`, drawn ahead where a stream's cases begin."""
    if table < 0:
        return 0
    fixed = world.state.fixed[nth(table)]
    if fixed == fixed:
        return work_us(fixed)
    stream, case = address >> CASE_BITS, address & CASE_MASK
    if is_work_ahead(world, stream, case, step, repetition):
        step_id = world.network.steps[nth(step)].id
        return work_us(drawn_ahead(world, stream, case, kind, table, step_id, purpose))
    return work_us(seconds(world, address, table, step, purpose, repetition))


@compiled
def for_case(world, address, kind, table, purpose):
    """What is drawn once for a case: seconds, or without a table a uniform number."""
    stream, case = address >> CASE_BITS, address & CASE_MASK
    if is_ahead(case):
        return drawn_ahead(world, stream, case, kind, table, _FIRST, purpose)
    if table < 0:
        return chance_draw(world, address, _NO_STEP, purpose, _FIRST)
    return seconds(world, address, table, _NO_STEP, purpose, _FIRST)


# What the case itself is like ---------------------------------------------------------------------------------------


@compiled
def settle_difficulty(world, root):
    """How hard a new case is, where success may depend on that; kept in the column after those of its attributes."""
    state, address = world.state, world.state.strands[nth(root)].address
    if world.network.streams[nth(address >> CASE_BITS)].difficulty > 0.0:
        draw = for_case(world, address, DIFFICULTY, _NO_TABLE, _P_DIFFICULTY)
        state.drawn[nth(root), nth(state.drawn.shape[1] - 1)] = draw


@compiled
def _difficulty(state, root):
    return state.drawn[nth(root), nth(state.drawn.shape[1] - 1)]


@compiled
def ease(world, root, step, purpose, repetition):
    """A uniform number that is low where things go well easily: how hard the case is, or chance.

    The difficulty is read before it is known whether it counts: a choice between two numbers needs no jump, and this
    one nobody could foresee.
    """
    network, address, difficulty = world.network, world.state.strands[nth(root)].address, _difficulty(world.state, root)
    stream = network.streams[nth(address >> CASE_BITS)]
    chance, by_case = _chance_and_by_case(world, address, stream.id, network.steps[nth(step)].id, purpose, repetition)
    return difficulty if by_case < stream.difficulty else chance


@compiled
def _chance_and_by_case(world, address, stream_id, step_id, purpose, repetition):
    """A draw, and that which says whether success depends on the case rather than on it."""
    place = (purpose << 16) + (repetition & 0xFFFF)
    return uniform_pair(
        world.chance.key, address & CASE_MASK, stream_id, step_id, (purpose, _BY_CASE), (repetition, place)
    )


@compiled
def ease_to_come(world, address, purpose):
    """As `ease`, before the case begins."""
    stream = world.network.streams[nth(address >> CASE_BITS)]
    chance, by_case = _chance_and_by_case(world, address, stream.id, 0, purpose, _FIRST)
    return chance_draw(world, address, _NO_STEP, _P_DIFFICULTY, _FIRST) if by_case < stream.difficulty else chance


@compiled
def attribute(world, root, number):
    """The value of a case's attribute, which is drawn when it is first asked."""
    state, column = world.state, world.state.columns[nth(number)]
    if not _is_kept(state, root, column):
        _keep(state, root, column, _attribute(world, state.strands[nth(root)].address, number))
    return state.drawn[nth(root), nth(column)]


@compiled
def _attribute(world, address, number):
    network = world.network
    stream_id = network.streams[nth(address >> CASE_BITS)].id
    row = network.attributes[nth(number)]
    fixed = world.state.fixed[nth(row.table)]
    if fixed == fixed:
        return fixed
    bits = uniform_bits(world.chance.key, address & CASE_MASK, stream_id, row.id, _ATTRIBUTE, _FIRST)
    return quantile_s(network.tables, row.table, bits)


@compiled
def _is_kept(state, root, column):
    """Whether a column of what was drawn for a case is known; those beyond the last bit never are."""
    return column < _KNOWN and state.cases[nth(root)].known >> column & 1 != 0


@compiled
def _keep(state, root, column, value):
    state.drawn[nth(root), nth(column)] = value
    if column < _KNOWN:
        state.cases[nth(root)].known |= _ONE << column
