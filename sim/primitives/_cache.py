"""Where compiled code is kept: in the user's cache folder, under a hash of every source that it was made from.

Numba notices a change in the file of a compiled function, but not in the files of the functions that it calls.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numba

_ROOT = Path(__file__).resolve().parent.parent


def sources_hash() -> str:
    """Hash of the sources of all compiled functions and of Numba's version."""
    digest = hashlib.sha256(numba.__version__.encode())
    for folder in ("primitives", "kernel"):
        for source in sorted((_ROOT / folder).glob("*.py")):
            digest.update(source.name.encode() + source.read_bytes())
    for name in ("network.py", "codes.py"):
        digest.update((_ROOT / name).read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Folder of this version's compiled code; ``QUEUEWISE_CACHE`` moves it."""
    base = os.environ.get("QUEUEWISE_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.join(Path.home(), ".cache"), "queuewise"
    )
    return Path(base) / f"compiled-{sources_hash()}"


if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(cache_folder())

entry = numba.njit(cache=True)
"""Decorator of the compiled functions that Python calls with arrays: it gives them back when the call is over."""

compiled = numba.njit(cache=True, _nrt=False, forceinline=True)
"""Decorator of all other compiled functions: cached, inlined, without reference counts since none of them allocates.

Handing named tuples of arrays from function to function, and counting references to their arrays, costs more than
a draw does: both together make a run four to five times faster. A function that allocates fails to compile.
Called from Python with an array it would keep that array for ever: hence `entry`.
"""

inner = numba.njit(_nrt=False, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""As `compiled`, for what only other compiled functions call: less to compile, and nothing of its own to keep."""
