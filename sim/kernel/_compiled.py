"""How the kernel's own functions are compiled, and the constants that they know."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

compiled = numba.njit(cache=True, _nrt=False, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""As `sim.primitives._cache.compiled`, and without the code that would let Python call it."""

outlined = numba.njit(cache=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""The same, called and not inlined: for what is long and seldom."""


def plain(*numbers: int) -> tuple[Any, ...]:
    """Codes, places and columns as integers: compiled code knows no enums.

    Not Python's: Numba compiles a function anew for each of those that it is given.
    """
    return tuple(np.int64(number) for number in numbers)


nth = np.uint64
"""An index that is never counted from the end: without it Numba looks at its sign at every access."""
