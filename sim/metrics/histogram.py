"""The Kaplan-Meier quantile from histograms of durations in cells of 1 %, some durations censored."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.primitives import EDGES_US

Counts = NDArray[np.int64]


def quantile_us(observed: Counts, censored: Counts, share: float) -> float:
    """As `quantiles_us`, of one share."""
    return quantiles_us(observed, censored, [share])[0]


def quantiles_us(observed: Counts, censored: Counts, shares: Sequence[float]) -> list[float]:
    """Durations within which shares of all have ended, by the product-limit estimate.

    Kaplan and Meier (1958), equation (2): S(t) is the product of (n - d) / n over the cells up to t, with n durations
    not yet over and d that end in the cell. In a cell, ends come before censorings.

    Parameters
    ----------
    observed, censored : int64 arrays (cells)
        How many durations ended in each cell, and how many were cut off there.
    shares : sequence of float
        Between 0 and 1, both excluded.

    Returns
    -------
    list of float
        Microseconds, within 1 %; 0 below 1 ms; NaN if nothing was counted or the cut comes before the share is reached.
    """
    cells = np.flatnonzero(observed + censored)  # no other cell changes anything
    leaving = observed[cells] + censored[cells]
    at_risk = leaving[::-1].cumsum()[::-1]
    ended = 1 - np.cumprod(1 - observed[cells] / at_risk)
    places = ended.searchsorted(np.asarray(shares) - _ROUNDING)  # it rises only where some end
    return [_place_us(cells, ended, int(place), share) for place, share in zip(places, shares, strict=True)]


_ROUNDING = 1e-12


def _place_us(cells: Counts, ended: NDArray[np.float64], place: int, share: float) -> float:
    """Duration at which a share is reached, in a cell, given the share that ended by the end of each."""
    if place == len(cells):
        return math.nan
    cell = int(cells[place])
    if cell == 0:
        return 0.0
    before = ended[place - 1] if place else 0.0
    part = min(max((share - before) / (ended[place] - before), 0.0), 1.0)
    return float(EDGES_US[cell] + part * (EDGES_US[cell + 1] - EDGES_US[cell]))
