"""What goes wrong with a folder, in one line that a user can act on."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from sim.errors import ParameterError, Problem

_ROOM = "Make room and give the same command again: it goes on from what is finished."
_RIGHT = "Choose a folder that can be written to."
_DELETE = "Delete it and give the command that made it again: what is missing is run anew."
_SEEN = "Is the folder still there? Workers of a cluster that do not see it need --send-back."
_FIXES = {
    errno.ENOENT: _SEEN,
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


@contextlib.contextmanager
def legible(file: Path) -> Iterator[None]:
    """Turn what Arrow says of a damaged file into a `StoreError`; a file that is gone is the caller's affair."""
    try:
        yield
    except FileNotFoundError:
        raise
    except PermissionError as error:
        raise StoreError(Problem(f"results cannot be read: {error.strerror}", file=str(file))) from None
    except (pa.ArrowException, OSError) as error:
        what = f"not a whole Parquet file ({str(error).splitlines()[0].rstrip('.')})"
        raise StoreError(Problem(what, file=str(file), fix=_DELETE)) from None
