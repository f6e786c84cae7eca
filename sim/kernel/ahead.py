"""Draws made ahead: one after the other of a stream's cases needs the gap before it, the work of its first visit, and
what is drawn once for a case.

A draw is a function of its address, so it does not matter when it is made; in blocks of successive cases the compiler
makes four at once.
"""

from __future__ import annotations

import numpy as np

from sim.codes import FIRST_SPAWNED, Step
from sim.kernel._compiled import compiled, nth, outlined
from sim.network import Ints, Network
from sim.primitives import quantile_s, uniform_bits, uniform_of

BLOCK = 64
BLOCKS = 4  # a block of cases is kept until the fourth after it: cases are served about in order
GAP, TALK, HOLD, WRAP, CUSTOMER, CHASE, LEAVE, DIFFICULTY = range(8)
KINDS = 8
_FIRST_SPAWNED, _BLOCK_BITS = np.int64(FIRST_SPAWNED), np.int64(BLOCK.bit_length() - 1)
_PLACES = np.int64(BLOCKS - 1)


def first_works(network: Network) -> Ints:
    """The work step at which the cases of each stream begin, -1: it is not the same for all."""
    return np.array([_first_work(network, stream) for stream in network.streams], np.int64)


def _first_work(network: Network, stream: np.void) -> int:
    step = int(network.entries["step"][stream["entry_last"] - 1])
    for _ in range(len(network.steps)):
        kind = network.steps["kind"][step]
        if kind not in (Step.MARK, Step.SPAWN):
            return step if kind == Step.WORK else -1
        step = int(network.steps["next"][step])
    return -1


@outlined
def _fill(tables, table, key, first, stream_id, step_id, purpose, bits, values):
    """Draws at the addresses of cases that follow each other."""
    for i in range(BLOCK):
        bits[i] = uniform_bits(key, first + i, stream_id, step_id, purpose, 0)
    for i in range(BLOCK):
        values[i] = _value(tables, table, bits[i])


@outlined
def _one(tables, table, key, case, stream_id, step_id, purpose):
    return _value(tables, table, uniform_bits(key, case, stream_id, step_id, purpose, 0))


@compiled
def _value(tables, table, bits):
    """A quantile, or without a table a uniform number."""
    return quantile_s(tables, table, bits) if table >= 0 else uniform_of(bits)


@compiled
def is_ahead(case):
    """Whether a stream's case is one of those that follow each other."""
    return case < _FIRST_SPAWNED


@compiled
def is_work_ahead(world, stream, case, step, repetition):
    """Whether the work of a visit is drawn ahead."""
    return repetition == 0 and world.state.first_work[nth(stream)] == step and is_ahead(case)


@compiled
def drawn_ahead(world, stream, case, kind, table, step_id, purpose):
    """What is drawn for one of the stream's cases, first repetition: seconds, or without a table a uniform number."""
    state, network, key = world.state, world.network, world.chance.key
    block = case >> _BLOCK_BITS
    place = block & _PLACES
    held = state.ahead_block[nth(stream), nth(kind), nth(place)]
    if held != block:
        stream_id = network.streams[nth(stream)].id
        if held > block:
            return _one(network.tables, table, key, case, stream_id, step_id, purpose)
        state.ahead_block[nth(stream), nth(kind), nth(place)] = block
        values = state.ahead[nth(stream), nth(kind), nth(place)]
        _fill(network.tables, table, key, block << _BLOCK_BITS, stream_id, step_id, purpose, state.bits, values)
    return state.ahead[nth(stream), nth(kind), nth(place), nth(case & (BLOCK - 1))]


@compiled
def held_for_next(state, stream, case, kind):
    """What is held where the draw of the stream's next case belongs: most often that draw, so it serves to foresee."""
    following = case + 1
    place = (following >> _BLOCK_BITS) & _PLACES
    return state.ahead[nth(stream), nth(kind), nth(place), nth(following & (BLOCK - 1))]
