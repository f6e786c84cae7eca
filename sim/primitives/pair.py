"""Two draws at once: Philox on two counters that differ in one word, by a processor's vector instructions.

The rounds are those of `sim.primitives.philox`. Words 0 and 2 of both counters stand in one vector and words 1 and 3 in
another; the upper halves of their elements count for nothing.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from sim.primitives._cache import inner
from sim.primitives.philox import MULTIPLIERS, ROUNDS, WEYL, last_word, uniform_of

_HALF, _WHOLE = ir.IntType(32), ir.IntType(64)
_VECTOR, _HALVES = ir.VectorType(_WHOLE, 4), ir.VectorType(_HALF, 8)
_LOW = 0xFFFFFFFF


def _vector(builder: Any, elements: list[Any]) -> Any:
    made = ir.Constant(_VECTOR, ir.Undefined)
    for place, element in enumerate(elements):
        made = builder.insert_element(made, element, ir.Constant(_HALF, place))
    return made


def _halves(builder: Any, vector: Any, order: tuple[int, int, int, int]) -> Any:
    """The halves of each two elements in another order."""
    mask = ir.Constant(_HALVES, [*order, *(place + 4 for place in order)])
    halves = builder.bitcast(vector, _HALVES)
    return builder.bitcast(builder.shuffle_vector(halves, halves, mask), _VECTOR)


def _rounds(builder: Any, even: Any, odd: Any, keys: Any) -> tuple[Any, Any]:
    """Words 0 and 2, words 1 and 3 after all rounds."""
    low, multipliers, weyl = (ir.Constant(_VECTOR, [*pair, *pair]) for pair in ((_LOW, _LOW), MULTIPLIERS, WEYL))
    for _ in range(ROUNDS):
        products = builder.mul(builder.and_(even, low), multipliers)
        even = builder.xor(builder.xor(_halves(builder, products, (3, 2, 1, 0)), odd), keys)
        odd = _halves(builder, products, (2, 3, 0, 1))
        keys = builder.add(keys, weyl)
    return even, odd


def _bits(builder: Any, even: Any, odd: Any, place: int) -> Any:
    """Fifty-three bits of words 0 and 1."""
    first, second = (builder.extract_element(words, ir.Constant(_HALF, place)) for words in (even, odd))
    first = builder.shl(first, ir.Constant(_WHOLE, 32))
    both = builder.or_(first, builder.and_(second, ir.Constant(_WHOLE, _LOW)))
    return builder.lshr(both, ir.Constant(_WHOLE, 11))


@intrinsic
def _two_bits(typing, key, case, stream_id, step_id, last, other_last):
    """Bits of two counters that differ in their last word."""

    def generate(context, builder, signature, arguments):
        key, case, stream_id, step_id, last, other_last = arguments
        keys = [key, builder.lshr(key, ir.Constant(_WHOLE, 32))]
        even, odd = _rounds(
            builder,
            _vector(builder, [case, step_id, case, step_id]),
            _vector(builder, [stream_id, last, stream_id, other_last]),
            _vector(builder, [*keys, *keys]),
        )
        pair = [_bits(builder, even, odd, 0), _bits(builder, even, odd, 2)]
        return context.make_tuple(builder, signature.return_type, pair)

    whole = types.int64
    return types.UniTuple(whole, 2)(types.uint64, whole, whole, whole, types.uint64, types.uint64), generate


@inner
def uniform_pair(key, case, stream_id, step_id, purposes, repetitions):
    """Two uniform numbers strictly between 0 and 1, at addresses of one case, stream and step.

    Parameters
    ----------
    key : uint64
        From `replication_key`.
    case, stream_id, step_id : int
        What both addresses have in common, as in `uniform_bits`.
    purposes, repetitions : (int, int)
        The rest of each address.

    Returns
    -------
    (float, float)
        As `uniform` at either address.
    """
    one, other = _two_bits(
        key,
        case,
        stream_id,
        step_id,
        last_word(purposes[0], repetitions[0]),
        last_word(purposes[1], repetitions[1]),
    )
    return uniform_of(one), uniform_of(other)
