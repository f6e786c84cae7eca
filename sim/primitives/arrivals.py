"""Arrivals by inversion: the cumulative rate inverted at a unit-rate Poisson stream.

Cinlar (1975), "Introduction to stochastic processes", section 4.7. Scaling the rate moves the same customers.
"""

from __future__ import annotations

import numpy as np

from sim.primitives._cache import compiled, entry
from sim.primitives.philox import Purpose, uniform_bits
from sim.primitives.quantile import quantile_s
from sim.units import NEVER

_ARRIVAL = int(Purpose.ARRIVAL)


@compiled
def next_arrival_us(times, cumulative, first, last, piece, target):
    """Time at which the cumulative rate reaches a target.

    Parameters
    ----------
    times : int64 array
        Ends of pieces of constant rate, microseconds.
    cumulative : float64 array
        Expected arrivals up to each of these times.
    first, last : int
        This stream's part of both arrays, ``first`` inclusive and ``last`` exclusive.
    piece : int
        Where the search may begin: the answer to the previous, smaller target.
    target : float
        Sum of unit exponential gaps so far.

    Returns
    -------
    (int, int)
        The time (`NEVER` beyond the end) and the piece in which it lies.
    """
    while piece < last and cumulative[np.uint64(piece)] < target:
        piece += 1
    if piece >= last or piece == first:
        return np.int64(NEVER), piece
    end, begin = np.uint64(piece), np.uint64(piece - 1)
    share = (target - cumulative[begin]) / (cumulative[end] - cumulative[begin])
    span = np.float64(times[end] - times[begin])
    return times[begin] + np.int64(np.floor(share * span)), piece


@entry
def arrival_block(tables, chance, stream, stream_id, case, target, piece, out):
    """Times of the next arrivals of a stream, one per entry of ``out``.

    Parameters
    ----------
    tables, chance
        As in `sim.network`; table 0 is the unit exponential.
    stream, stream_id : int
        Its number and its 32-bit address.
    case, target, piece : int, float, int
        Number of the first case of the block; sum of the gaps before it; where the search begins.

    Returns
    -------
    (float, int)
        Sum of the gaps, and the last piece reached.
    """
    first, last = chance.rate_first[stream], chance.rate_last[stream]
    for i in range(len(out)):
        target += quantile_s(tables, 0, uniform_bits(chance.key, case + i, stream_id, 0, _ARRIVAL, 0))
        out[i], piece = next_arrival_us(chance.rate_time, chance.rate_cumulative, first, last, piece, target)
    return target, piece
