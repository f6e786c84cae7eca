"""Whole days, weeks and months of a run: in how many of them a ratio meets a goal."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.metrics.frame import Frame
from sim.metrics.registry import Metric
from sim.metrics.totals import Totals
from sim.metrics.values import parts

Length = Literal["day", "week", "month"]
LENGTHS: tuple[Length, ...] = ("day", "week", "month")


def numbered(frame: Frame, length: Length) -> NDArray[np.int64]:
    """Number of the local day, week (from Monday) or month of each interval; -1 where not all of it is measured."""
    days = frame.wall_starts().astype("datetime64[D]")
    keys = {
        "day": lambda: days.astype(np.int64),
        "week": lambda: (days.astype(np.int64) + 3) // 7,
        "month": lambda: days.astype("datetime64[M]").astype(np.int64),
    }[length]()
    found = np.unique(keys, return_inverse=True)[1].astype(np.int64)
    whole = frame.lengths_us() == frame.interval_us
    broken = np.unique(found[~whole])
    edges = [found[place] for place in (0, -1) if not _at_border(frame, length, place)]
    return np.where(np.isin(found, [*broken, *edges]), -1, found)


def _at_border(frame: Frame, length: Length, place: int) -> bool:
    """Whether the run begins (0) or ends (-1) exactly where a period does."""
    starts = frame.wall_starts()
    border = starts[0] if place == 0 else starts[-1] + np.timedelta64(frame.interval_us, "us")
    day = border.astype("datetime64[D]")
    if border != day:
        return False
    if length == "week":
        return (int(day.astype(np.int64)) + 3) % 7 == 0
    return length == "day" or bool(day == day.astype("datetime64[M]"))


def ratios(metric: Metric, totals: Totals, length: Length, of: int | None = None) -> NDArray[np.float64]:
    """A metric in each whole period, in order; NaN where nothing was counted."""
    above, below = (side[:-1] for side in parts(metric, totals, of))
    period = numbered(totals.frame, length)
    kept = period >= 0
    _, place = np.unique(period[kept], return_inverse=True)
    over, under = np.bincount(place, above[kept]), np.bincount(place, below[kept])
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = np.where(under > 0, over / under, np.nan)
    return found


def periods_met(metric: Metric, totals: Totals, goal: float, length: Length, of: int | None = None) -> tuple[int, int]:
    """In how many whole periods a metric meets a goal, and how many there are in which something was counted."""
    found = ratios(metric, totals, length, of)
    known = found[~np.isnan(found)]
    met = known >= goal if metric.better != "lower" else known <= goal
    return int(met.sum()), len(known)
