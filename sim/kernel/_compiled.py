"""How the kernel's own functions are compiled."""

from __future__ import annotations

import numba

compiled = numba.njit(cache=True, _nrt=False, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""As `sim.primitives._cache.compiled`, and without the code that would let Python call it."""
