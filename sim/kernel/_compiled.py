"""How the kernel's own functions are compiled, and the constants that they know."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from sim.primitives._cache import inner

compiled = inner
"""What is inlined is not kept by itself, and Python cannot call it."""

outlined = numba.njit(_nrt=False, forceinline=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""The same, called and not inlined: for what is long and seldom."""


def plain(*numbers: int) -> tuple[Any, ...]:
    """Codes, places and columns as integers: compiled code knows no enums.

    Not Python's: Numba compiles a function anew for each of those that it is given.
    """
    return tuple(np.int64(number) for number in numbers)


nth = np.uint64
"""An index that is never counted from the end: without it Numba looks at its sign at every access."""


def _fetch(context: Any, builder: Any, place: Any, length: int, to_write: int) -> Any:
    """Begin to read, or to own, the lines of the processor's cache from a place on."""
    byte, word = ir.IntType(8), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [byte.as_pointer(), word, word, word])
    begin = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    place = builder.bitcast(place, byte.as_pointer())
    for line in range(0, length, 64):
        there = builder.gep(place, [ir.Constant(word, line)])
        builder.call(begin, [there, ir.Constant(word, to_write), ir.Constant(word, 3), ir.Constant(word, 1)])
    return context.get_dummy_value()


@intrinsic
def fetch(typing, row):
    """Begin to read a record into the processor's cache; where it lies is never an error."""

    def generate(context, builder, signature, arguments):
        return _fetch(context, builder, arguments[0], row.size, 0)

    return types.void(row), generate


@intrinsic
def fetch_at(typing, array, index):
    """The same for the beginning of an element of an array."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(array)(context, builder, arguments[0]).data
        return _fetch(context, builder, builder.gep(data, [arguments[1]]), 1, 0)

    return types.void(array, index), generate


@intrinsic
def fetch_to_write(typing, row):
    """Begin to own the first two lines of a row of numbers that is going to be written."""

    def generate(context, builder, signature, arguments):
        return _fetch(context, builder, context.make_array(row)(context, builder, arguments[0]).data, 128, 1)

    return types.void(row), generate


@intrinsic
def lowest(typing, bits):
    """The place of the lowest bit that is 1; there must be one."""

    def generate(context, builder, signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


LANES = 8
"""So many numbers `below` looks at."""


@intrinsic
def below(typing, row, first, limit):
    """How many of eight numbers of a row, from a first place on, are less than a limit: one comparison for all."""

    def generate(context, builder, signature, arguments):
        word, lanes = ir.IntType(64), ir.VectorType(ir.IntType(64), LANES)
        data = context.make_array(row)(context, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(data, [arguments[1]]), lanes.as_pointer())
        limits = ir.Constant(lanes, ir.Undefined)
        for lane in range(LANES):
            limits = builder.insert_element(limits, arguments[2], ir.Constant(ir.IntType(32), lane))
        less = builder.icmp_signed("<", builder.load(place, align=row.dtype.bitwidth // 8), limits)
        return builder.zext(builder.ctpop(builder.bitcast(less, ir.IntType(LANES))), word)

    return types.int64(row, types.int64, types.int64), generate


@intrinsic
def seldom(typing, condition):
    """A condition that hardly ever holds: the code of the other case stays together, and in registers.

    Whatever asks it copies fields of records one by one: two at once would wait for both of them when they have just
    been written.
    """

    def generate(context, builder, signature, arguments):
        bit = ir.IntType(1)
        builder.function.attributes.add("noimplicitfloat")  # LLVM's name for: no copies by vector registers
        note = builder.module.declare_intrinsic("llvm.expect", [bit], ir.FunctionType(bit, [bit, bit]))
        return builder.call(note, [arguments[0], ir.Constant(bit, 0)])

    return types.boolean(types.boolean), generate
