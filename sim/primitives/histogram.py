"""Cells of 1 % for durations, and which one a duration lies in, without a logarithm."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.primitives._cache import compiled

_SMALLEST_US = 1_000.0
_LARGEST_US = 1e15
_CELLS = math.ceil(math.log(_LARGEST_US / _SMALLEST_US) / math.log(1.01))
EDGES_US = np.concatenate([[0.0], _SMALLEST_US * 1.01 ** np.arange(_CELLS + 1)])
"""Lower ends of the cells, and the end of the last: one cell below 1 ms, then each 1 % longer, up to 31 years."""
DURATION_CELLS = len(EDGES_US) - 1
_REST = np.int64(52 - 7)


class Grid(NamedTuple):
    """Where cells begin, and where to start looking for one.

    Attributes
    ----------
    edges : float array (cells + 1)
    starts : int64 array (pieces)
        The cell in which each piece of the numbers from the end of the first cell on begins; 128 to an octave, as the
        exponent and the top of the mantissa of a float tell them apart. A piece is shorter than a cell.
    """

    edges: NDArray[np.float64]
    starts: NDArray[np.int64]


def _piece(value: float) -> int:
    return int(np.float64(value).view(np.int64) >> _REST)


_FIRST = np.int64(_piece(EDGES_US[1]))


def _grid() -> Grid:
    pieces = np.arange(_FIRST, _piece(EDGES_US[-1]) + 1, dtype=np.int64)
    begins = (pieces << _REST).view(np.float64)
    return Grid(EDGES_US, np.maximum(np.searchsorted(EDGES_US, begins, side="right") - 1, 1))


GRID = _grid()


@compiled
def duration_cell(grid, duration_us):
    """Number of the cell in which a duration lies; the last takes all that is longer."""
    length = np.float64(duration_us)
    if length < grid.edges[1]:
        return np.int64(0)
    if length >= grid.edges[-2]:
        return np.int64(len(grid.edges) - 2)
    cell = grid.starts[np.uint64((length.view(np.int64) >> _REST) - _FIRST)]
    return cell + (length >= grid.edges[np.uint64(cell + 1)])
