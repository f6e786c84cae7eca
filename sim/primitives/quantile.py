"""A distribution is its quantile function, kept as a table of straight pieces.

Cells halve towards both ends (128 cells an octave, 32 octaves a side), so both tails are as fine, relatively, as the
middle, and finding a cell takes integer work alone: no logarithm. A cell whose quantile function jumps or bends inside
(atoms, ends of support, the start of "never") holds NaN and points to a few exact segments instead.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.units import NEVER

OCTAVES = 32
PER_OCTAVE = 128
SIDE = OCTAVES * PER_OCTAVE
CELLS = 2 * SIDE
TAIL = 0.5 ** (OCTAVES + 1)
"""Probability beyond which the table is flat: the declared truncation of an unbounded distribution."""
_TOP = np.int64(1 << 52)
_BITS = 52
_MICRO = 1e6
_LATEST = float(1 << 60)


@njit(cache=True)
def round_us(seconds):
    """Seconds to whole microseconds, halves up; anything beyond 36,000 years is `NEVER`. The one rounding rule."""
    scaled = np.floor(seconds * _MICRO + 0.5)
    if not scaled < _LATEST:
        return np.int64(NEVER)
    return np.int64(scaled)


@njit(cache=True)
def cell_of(bits):
    """Cell of a 53-bit uniform and the place inside it, from 0 at the cell's left end to 1 at its right end."""
    upper = bits >= _TOP
    rest = (np.int64(9007199254740991) - bits) if upper else bits
    position = np.float64(rest) + 0.5
    octave = 0
    limit = np.float64(_TOP)
    half = limit * 0.5
    while octave < OCTAVES - 1 and position < half:
        limit = half
        half *= 0.5
        octave += 1
    low = half if octave < OCTAVES - 1 else 0.0
    scaled = (position - low) / (limit - low) * PER_OCTAVE
    index = np.int64(scaled)
    inside = scaled - index
    if upper:
        return np.int64(CELLS - 1 - (SIDE - (octave + 1) * PER_OCTAVE + index)), 1.0 - inside
    return np.int64(SIDE - (octave + 1) * PER_OCTAVE + index), inside


@njit(cache=True)
def quantile_s(tables, table, bits):
    """Quantile of one table, in seconds.

    Parameters
    ----------
    tables : Tables
        All tables of a scenario (see `sim.network`).
    table : int
        Which one.
    bits : int
        53-bit uniform from `uniform_bits`.
    """
    cell, inside = cell_of(bits)
    left = tables.left[table, cell]
    if left == left:
        return left + (tables.right[table, cell] - left) * inside
    segment = np.int64(tables.right[table, cell])
    while tables.segment_end[segment] <= inside:
        segment += 1
    start = tables.segment_start[segment]
    left = tables.segment_left[segment]
    right = tables.segment_right[segment]
    if right == np.inf:
        return np.inf
    return left + (right - left) * ((inside - start) / (tables.segment_end[segment] - start))


@njit(cache=True)
def quantile_us(tables, table, bits):
    """Quantile of one table, in microseconds; `NEVER` where the distribution has mass at infinity."""
    return round_us(quantile_s(tables, table, bits))
