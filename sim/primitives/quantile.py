"""A distribution is its quantile function, kept as a table of straight pieces.

Cells halve towards both ends (128 cells an octave, 32 octaves a side), so both tails are as fine, relatively, as the
middle, and finding a cell takes integer work alone: no logarithm. A table holds the value at the left end of each cell,
and so that at the right end of the one before. A cell whose quantile function jumps or bends inside or at its right end
(atoms, ends of support, the start of "never") is marked by a NaN that says where its few exact segments are; before
them stands, as two segments, the straight line of the cell before it.
"""

from __future__ import annotations

import numpy as np

from sim.primitives._cache import compiled, entry
from sim.primitives.philox import uniform_bits
from sim.units import NEVER

OCTAVES = 32
PER_OCTAVE = 128
SIDE = OCTAVES * PER_OCTAVE
CELLS = 2 * SIDE
TAIL = 0.5 ** (OCTAVES + 8)
"""Where an unbounded distribution is cut on either side: the declared truncation."""
_BITS = 52
_LAST = np.int64((1 << 53) - 1)
_LOWEST = _BITS + 1 - OCTAVES
_REST = _BITS - 7
_REST_MASK = np.int64((1 << _REST) - 1)
_REST_UNIT = 1.0 / (1 << _REST)
_LOW_SCALE = PER_OCTAVE / float(1 << _LOWEST)
_NOT_A_NUMBER, _PLACE = np.int64(0x7FF8 << 48), np.int64((1 << 48) - 1)
_MICRO = 1e6
_LATEST = float(1 << 60)
LONGEST_US = np.int64(1 << 55)
"""The longest handling or delay, some 1,100 years; longer draws are cut to it."""


@compiled
def round_us(seconds):
    """Seconds to whole microseconds, halves up; anything beyond 36,000 years is `NEVER`. The one rounding rule."""
    scaled = np.floor(seconds * _MICRO + 0.5)
    if not scaled < _LATEST:
        return np.int64(NEVER)
    return np.int64(scaled)


def mark_of(segment: int) -> float:
    """What stands in a table in place of the value at the left end of a cell with segments: a NaN that says which."""
    return float(np.int64(_NOT_A_NUMBER | segment).view(np.float64))


@compiled
def first_segment(left, right):
    """The first segment of a cell that has some, or of the two that stand before those of the next one."""
    if left != left:
        return np.float64(left).view(np.int64) & _PLACE
    return (np.float64(right).view(np.int64) & _PLACE) - 2


@compiled
def cell_of(bits):
    """Cell of a 53-bit uniform and the place inside it, from 0 at the cell's left end to 1 at its right end.

    The octave is the exponent and the cell in it the top of the mantissa of a float that holds the bits. The upper half
    is the lower one turned round, by arithmetic alone: which half it is no processor can foresee.
    """
    upper = bits >> _BITS
    turn = -upper
    position = np.float64(bits ^ (turn & _LAST)) + 0.5
    raw = np.float64(position).view(np.int64)
    exponent = (raw >> _BITS) - 1023
    if exponent >= _LOWEST:
        cell = SIDE - (_BITS - exponent) * PER_OCTAVE + ((raw >> _REST) & (PER_OCTAVE - 1))
        inside = np.float64(raw & _REST_MASK) * _REST_UNIT
    else:
        scaled = position * _LOW_SCALE
        cell = np.int64(scaled)
        inside = scaled - cell
    return cell ^ (turn & (CELLS - 1)), np.abs(np.float64(upper) - inside)


@compiled
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
    left, right = tables.cells[np.uint64(table), np.uint64(cell)], tables.cells[np.uint64(table), np.uint64(cell + 1)]
    width = right - left
    if width == width:
        return left + width * inside
    segment = first_segment(left, right)
    while tables.segments[segment].end <= inside:
        segment += 1
    piece = tables.segments[segment]
    if piece.right == np.inf:
        return np.inf
    return piece.left + (piece.right - piece.left) * ((inside - piece.start) / (piece.end - piece.start))


@compiled
def length_us(seconds, speed):
    """A duration in microseconds at a speed: seconds ÷ speed, rounded."""
    return min(round_us(seconds / speed), LONGEST_US)


@entry
def quantiles_s(tables, table, key, first_case, address, out):
    """Quantiles at the addresses of cases that follow each other, one per entry of ``out``.

    ``address`` is (stream id, step id, purpose, repetition).
    """
    for i in range(len(out)):
        out[i] = quantile_s(
            tables, table, uniform_bits(key, first_case + i, address[0], address[1], address[2], address[3])
        )


@entry
def quantiles_at(tables, table, key, addresses, purpose, out):
    """Quantiles at any addresses: rows of case, stream id, step id and repetition."""
    for i in range(len(out)):
        out[i] = quantile_s(
            tables,
            table,
            uniform_bits(key, addresses[i, 0], addresses[i, 1], addresses[i, 2], purpose, addresses[i, 3]),
        )


@entry
def quantile_us(tables, table, bits):
    """Quantile of one table, in microseconds; `NEVER` where the distribution has mass at infinity."""
    return round_us(quantile_s(tables, table, bits))
