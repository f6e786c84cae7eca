"""Results by day and time of day, ready to be drawn: one column of a plot per day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from scenarios.replications import Result
from sim.units import DAY_US, MINUTE_US

_MOST_DAYS = 8
_FEWEST = 0.5
BANDS = ("mean", "low", "high", "spread_low", "spread_high")


@dataclass(frozen=True, slots=True)
class Profile:
    """One metric by day and interval.

    Attributes
    ----------
    days : tuple of str
        Labels of the days, weekdays where a run has more than eight days.
    starts_min : int array (intervals of a day)
        Minutes after midnight.
    interval_min : int
    values : dict of str to float array (days x intervals of a day)
        ``mean``, its confidence limits ``low`` and ``high``, and ``spread_low`` and ``spread_high``; NaN where nothing
        was counted.
    """

    days: tuple[str, ...]
    starts_min: np.ndarray
    interval_min: int
    values: dict[str, np.ndarray]

    def only(self, shown: np.ndarray) -> Profile:
        """The same with nothing where not ``shown`` (days x intervals of a day)."""
        return replace(self, values={name: np.where(shown, one, np.nan) for name, one in self.values.items()})


def profile(result: Result, metric: str, of: str | None = None, confidence: float = 0.95) -> Profile:
    """A metric by day and time of day.

    Parameters
    ----------
    result : Result
    metric : str
        A count or a ratio.
    of : str, optional
        Queue, group or stream.
    confidence : float
    """
    table = _by_date(result, metric, of, confidence)
    if table["day"].nunique() > _MOST_DAYS:
        table = result.by_time_of_day(metric, of, confidence=confidence).rename(columns={"weekday": "day"})
        table["day"] = table["day"].str.capitalize()
        table["minute"] = table["time"].map(lambda text: int(text[:2]) * 60 + int(text[3:]))
    days = tuple(table["day"].unique())
    step = result.frame.interval_us // MINUTE_US
    starts = np.arange(0, DAY_US // MINUTE_US, step)
    once = table.drop_duplicates(["day", "minute"]).set_index(["day", "minute"])
    grid = once.reindex(pd.MultiIndex.from_product([days, starts]))
    values = {name: grid[name].to_numpy().reshape(len(days), len(starts)) for name in BANDS}
    return Profile(days, starts, step, values)


def queue_profile(result: Result, metric: str, queue: str, confidence: float = 0.95) -> Profile:
    """A queue's metric where at least one run in two has a contact: rarer ones tell of single customers."""
    offered = profile(result, "offered", queue).values["mean"]
    return profile(result, metric, queue, confidence).only(np.nan_to_num(offered) >= _FEWEST)


def _by_date(result: Result, metric: str, of: str | None, confidence: float) -> pd.DataFrame:
    table = result.by_interval(metric, of, confidence)
    table["day"] = table["start"].dt.strftime("%a %d %b")
    table["minute"] = table["start"].dt.hour * 60 + table["start"].dt.minute
    return table


def known_profile(like: Profile, people: Mapping[tuple[str, str], float]) -> Profile:
    """Values known by weekday (mon ... sun) and time (HH:MM), laid out like another profile."""
    times = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in like.starts_min]
    values = np.array([[people.get((day[:3].lower(), time), np.nan) for time in times] for day in like.days])
    return replace(like, values=dict.fromkeys(BANDS, values))


def open_part(profiles: list[Profile]) -> tuple[list[int], slice]:
    """Days on which anything is to be seen, and the intervals between the earliest and the latest of it."""
    seen = np.any([np.nan_to_num(one.values["mean"]) > 0 for one in profiles], axis=0)
    if not seen.any():
        return list(range(len(seen))), slice(0, seen.shape[1])
    times = np.flatnonzero(seen.any(axis=0))
    return [int(day) for day in np.flatnonzero(seen.any(axis=1))], slice(int(times[0]), int(times[-1]) + 1)
