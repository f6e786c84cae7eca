"""Arrays of sums, most of them zero or small, as few bytes: so they travel between processes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class Packed(NamedTuple):
    """What is not zero in an array: how far each is from the one before, and its value, in the smallest types."""

    gaps: NDArray[np.integer]
    values: NDArray[np.integer]


def pack(array: Ints) -> tuple[tuple[int, ...], list[Packed]]:
    """An array's shape, and the array row by row: rows are sums of a kind each, hence of a size."""
    return array.shape, [_pack(row) for row in array]


def unpack(shape: tuple[int, ...], rows: list[Packed]) -> Ints:
    """The array again."""
    found = np.zeros(shape, np.int64)
    for row, packed in zip(found, rows, strict=True):
        row.reshape(-1)[np.cumsum(packed.gaps, dtype=np.int64)] = packed.values
    return found


def _pack(row: Ints) -> Packed:
    flat = row.reshape(-1)
    places = np.flatnonzero(flat)
    return Packed(_small(np.diff(places, prepend=0)), _small(flat[places]))


def _small(values: Ints) -> NDArray[np.integer]:
    lowest, highest = int(values.min(initial=0)), int(values.max(initial=0))
    return values.astype(np.promote_types(np.min_scalar_type(lowest), np.min_scalar_type(highest)))
