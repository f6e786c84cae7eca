"""Independent replications of a scenario, reduced to sums as they run, and the estimates from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from scenarios.estimate import Estimate
from sim.build import Model
from sim.metrics import Frame, Totals

Progress = Callable[[int, int, float], None]
"""Called with (replications done, replications asked for, part of the present one that is done)."""


@dataclass(frozen=True)
class Result:
    """What replications of one scenario gave.

    Attributes
    ----------
    name : str
        The scenario's name.
    frame : Frame
        Names, window and intervals behind the sums.
    totals : list of Totals
        One per finished replication, in the order of their numbers.
    replications : tuple of int
        Numbers of the finished replications.
    asked : int
        How many were asked for.
    seed : int
    engine : str
    elapsed_s : float
    versions : dict of str to str
        Versions of what decides the numbers.
    """

    name: str
    frame: Frame
    totals: list[Totals]
    replications: tuple[int, ...]
    asked: int
    seed: int
    engine: str
    elapsed_s: float
    versions: dict[str, str]

    @property
    def complete(self) -> bool:
        """Whether every replication asked for has finished."""
        return len(self.totals) == self.asked

    def estimate(
        self,
        metric: str,
        *,
        queue: str | None = None,
        group: str | None = None,
        stream: str | None = None,
        confidence: float = 0.95,
    ) -> Estimate:
        """One metric, over all or for one queue, group or stream."""
        raise NotImplementedError

    def estimates(self, confidence: float = 0.95) -> dict[str, Estimate]:
        """Every metric over all queues, groups and streams."""
        raise NotImplementedError

    def by_queue(self, confidence: float = 0.95) -> dict[str, dict[str, Estimate]]:
        """Queue metrics: from the queue's name to the metric's name to its estimate."""
        raise NotImplementedError

    def by_group(self, confidence: float = 0.95) -> dict[str, dict[str, Estimate]]:
        """Group metrics, as in `by_queue`."""
        raise NotImplementedError

    def by_stream(self, confidence: float = 0.95) -> dict[str, dict[str, Estimate]]:
        """Case metrics, as in `by_queue`."""
        raise NotImplementedError

    def by_interval(self, metric: str, of: str | None = None, confidence: float = 0.95) -> pd.DataFrame:
        """One metric by interval: start, start_us, mean, low, high, spread_low, spread_high."""
        raise NotImplementedError

    def by_time_of_day(
        self, metric: str, of: str | None = None, *, weekdays: bool = True, confidence: float = 0.95
    ) -> pd.DataFrame:
        """One metric by (weekday and) time of day: weekday, time, mean, low, high, spread_low, spread_high."""
        raise NotImplementedError


def replicate(
    model: Model,
    replications: int = 20,
    seed: int = 1,
    engine: str = "kernel",
    *,
    workers: int = 1,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> Result:
    """Run replications 0, 1, ... of a model and keep their sums."""
    raise NotImplementedError
