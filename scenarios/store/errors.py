"""What goes wrong with a folder, in one line that a user can act on."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from sim.errors import ParameterError, Problem

_ROOM = "Make room and give the same command again: it goes on from what is finished."
_RIGHT = "Choose a folder that can be written to."
_FIXES = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: _ROOM,
    errno.EROFS: _RIGHT,
    errno.EACCES: _RIGHT,
    errno.EPERM: _RIGHT,
}


class StoreError(ParameterError):
    """A results folder that cannot be read or written."""


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the system says into a `StoreError`."""
    try:
        yield
    except OSError as error:
        what = f"results cannot be written: {error.strerror or error}"
        raise StoreError(Problem(what, file=str(path), fix=_FIXES.get(error.errno or 0, ""))) from None
