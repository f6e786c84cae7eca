"""The Kaplan-Meier quantile from histograms of durations in cells of 1 %, some durations censored."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.primitives import EDGES_US

Counts = NDArray[np.int64]


def quantiles_us(observed: Counts, censored: Counts, shares: Sequence[float]) -> list[float]:
    """Several quantiles of one histogram, the numbers of `quantile_us`; only cells with a count are looked at."""
    cells = np.flatnonzero(observed + censored)
    ended_in, leaving = observed[cells], observed[cells] + censored[cells]
    at_risk = leaving[::-1].cumsum()[::-1]
    ended = 1 - np.cumprod(1 - ended_in / at_risk)
    return [_place_us(cells, ended, ended_in > 0, share) for share in shares]


def _place_us(cells: Counts, ended: NDArray[np.float64], some: NDArray[np.bool_], share: float) -> float:
    """Duration at which the share ended reaches one, given the share at the end of each cell with a count."""
    reached = np.flatnonzero((ended >= share - 1e-12) & some)
    if reached.size == 0:
        return math.nan
    place = int(reached[0])
    cell = int(cells[place])
    if cell == 0:
        return 0.0
    before = ended[place - 1] if place else 0.0
    part = min(max((share - before) / (ended[place] - before), 0.0), 1.0)
    return float(EDGES_US[cell] + part * (EDGES_US[cell + 1] - EDGES_US[cell]))


def quantile_us(observed: Counts, censored: Counts, share: float) -> float:
    """Duration within which a share of all has ended, by the product-limit estimate.

    Kaplan and Meier (1958), equation (2): S(t) is the product of (n - d) / n over the cells up to t, with n durations
    not yet over and d that end in the cell. In a cell, ends come before censorings.

    Parameters
    ----------
    observed, censored : int64 arrays (cells)
        How many durations ended in each cell, and how many were cut off there.
    share : float
        Between 0 and 1.

    Returns
    -------
    float
        Microseconds, within 1 %; 0 below 1 ms; NaN if nothing was counted or the cut comes before the share is reached.
    """
    leaving = observed + censored
    at_risk = leaving[::-1].cumsum()[::-1]
    lasting = np.where(at_risk > 0, 1 - observed / np.maximum(at_risk, 1), 1.0)
    ended = 1 - np.cumprod(lasting)
    reached = np.flatnonzero((ended >= share - 1e-12) & (observed > 0))
    if reached.size == 0:
        return math.nan
    cell = int(reached[0])
    if cell == 0:
        return 0.0
    before = ended[cell - 1]
    part = min(max((share - before) / (ended[cell] - before), 0.0), 1.0)
    return float(EDGES_US[cell] + part * (EDGES_US[cell + 1] - EDGES_US[cell]))
