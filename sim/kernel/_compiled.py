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


@intrinsic
def fetch(typing, row):
    """Begin to read a record into the processor's cache; where it lies is never an error."""

    def generate(context, builder, signature, arguments):
        byte, word = ir.IntType(8), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte.as_pointer(), word, word, word])
        begin = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        place = builder.bitcast(arguments[0], byte.as_pointer())
        for line in range(0, row.size, 64):
            there = builder.gep(place, [ir.Constant(word, line)])
            builder.call(begin, [there, ir.Constant(word, 0), ir.Constant(word, 3), ir.Constant(word, 1)])
        return context.get_dummy_value()

    return types.void(row), generate


@intrinsic
def lowest(typing, bits):
    """The place of the lowest bit that is 1; there must be one."""

    def generate(context, builder, signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


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
