"""Draws at the addresses of cases."""

from __future__ import annotations

from sim.codes import CASE_BITS, NO_STEP
from sim.kernel._compiled import compiled, nth, plain
from sim.kernel.ahead import drawn_ahead, is_ahead
from sim.kernel.heap import CASE_MASK
from sim.primitives import Purpose, length_us, quantile_s, uniform_bits, work_us

_BY_CASE, _DIFFICULTY, _ATTRIBUTE = plain(Purpose.BY_CASE, Purpose.DIFFICULTY, Purpose.ATTRIBUTE)
_NO_STEP, _FIRST = plain(NO_STEP, 0)
_UNIT = 1.0 / 9007199254740992.0


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
    return (_bits(world, address, step, purpose, repetition) + 0.5) * _UNIT


@compiled
def seconds(world, address, table, step, purpose, repetition):
    """A quantile in seconds; nothing for no table."""
    if table < 0:
        return 0.0
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
    stream, case = address >> CASE_BITS, address & CASE_MASK
    if is_ahead(world, stream, case, step, repetition):
        step_id = world.network.steps[nth(step)].id
        return work_us(drawn_ahead(world, stream, case, kind, table, step_id, purpose))
    return work_us(seconds(world, address, table, step, purpose, repetition))


@compiled
def ease(world, address, step, purpose, repetition):
    """A uniform number that is low where things go well easily."""
    difficulty = world.network.streams[address >> CASE_BITS].difficulty
    by_case = (purpose << 16) + (repetition & 0xFFFF)
    if difficulty > 0.0 and chance_draw(world, address, step, _BY_CASE, by_case) < difficulty:
        return chance_draw(world, address, _NO_STEP, _DIFFICULTY, _FIRST)
    return chance_draw(world, address, step, purpose, repetition)


@compiled
def attribute(world, address, number):
    """The value of a case's attribute."""
    network = world.network
    stream_id = network.streams[address >> CASE_BITS].id
    bits = uniform_bits(
        world.chance.key, address & CASE_MASK, stream_id, network.attributes[number].id, _ATTRIBUTE, _FIRST
    )
    return quantile_s(network.tables, network.attributes[number].table, bits)
