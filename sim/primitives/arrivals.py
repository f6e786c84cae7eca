"""Arrivals by inversion: the cumulative rate inverted at a unit-rate Poisson stream.

Cinlar (1975), "Introduction to stochastic processes", section 4.7. Scaling the rate moves the same customers.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.units import NEVER


@njit(cache=True)
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
    while piece < last and cumulative[piece] < target:
        piece += 1
    if piece >= last or piece == first:
        return np.int64(NEVER), piece
    below = cumulative[piece - 1]
    share = (target - below) / (cumulative[piece] - below)
    span = np.float64(times[piece] - times[piece - 1])
    return times[piece - 1] + np.int64(np.floor(share * span)), piece
