"""With which chance targets are met, per run and per whole day, week or month, scenario by scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scenarios.estimate import Estimate, checked_confidence, half_width, linear, share_estimate
from scenarios.replications import Result, goals_of
from sim.metrics import Metric
from sim.metrics.periods import LENGTHS, Length, numbered, periods_met

_NOTHING = 1e-9
"""Half-width below which replications agree but for rounding."""


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance that one scenario meets one target.

    Attributes
    ----------
    scenario, goal : str
    metric : str
    level : float
        What is aimed at.
    per : {"run", "day", "week", "month"}
    estimate : Estimate
    """

    scenario: str
    goal: str
    metric: str
    level: float
    per: str
    estimate: Estimate


def chances(results: Mapping[str, Result], confidence: float = 0.95) -> tuple[Chance, ...]:
    """Every goal of queues and tiers in every scenario.

    A mean that meets a goal does not say that each month does. Per run the interval is the exact binomial one. Days,
    weeks and months of one run depend on each other (one absence wave, one backlog), so their interval takes each
    replication as one observation.
    """
    checked_confidence(confidence)
    return tuple(one for name, result in results.items() for one in _of(name, result, confidence))


def _of(name: str, result: Result, confidence: float) -> Iterator[Chance]:
    per_run = result.goals(confidence)
    for goal, metric, number, level in goals_of(result.frame):
        yield Chance(name, goal, metric.name, level, "run", per_run[goal])
        for length in LENGTHS:
            if _counted(result, length):
                found = period_chance(result, metric, number, level, length, confidence)
                yield Chance(name, goal, metric.name, level, length, found)


def _counted(result: Result, length: Length) -> bool:
    """Whether a run has a whole period of that length, and is longer than it."""
    periods = numbered(result.frame, length)
    whole = periods[periods >= 0]
    return len(whole) > 0 and (len(np.unique(whole)) > 1 or bool((periods < 0).any()))


def period_chance(
    result: Result, metric: Metric, number: int, level: float, length: Length, confidence: float = 0.95
) -> Estimate:
    """Share of whole periods of single runs in which a metric reaches a level.

    The interval is that of a ratio of sums over replications, within 0 and 1. Where all replications agree it has no
    width, and the exact binomial interval of as many observations as there are replications stands in.
    """
    met = np.array([periods_met(metric, one, level, length, number) for one in result.totals], np.float64).reshape(
        -1, 2
    )
    n, counted = len(met), met[:, 1].sum()
    if n < 2 or counted == 0:
        return share_estimate(0, 0, confidence)
    share = float(met[:, 0].sum() / counted)
    half = float(half_width(linear(met[:, :1], met[:, 1:]).residuals, confidence)[0])
    if half < _NOTHING:
        exact = share_estimate(round(share * n), n, confidence)
        return replace(exact, mean=share)
    method = f"{confidence:.0%}: share of whole {length}s, ratio of sums over {n} replications, Student t"
    return Estimate(share, max(share - half, 0.0), min(share + half, 1.0), "share", n, method)


def plain_chances(found: tuple[Chance, ...]) -> list[dict[str, Any]]:
    """As JSON has it."""
    return [
        {"scenario": one.scenario, "goal": one.goal, "metric": one.metric, "level": one.level, "per": one.per,
         **one.estimate.plain()}
        for one in found
    ]  # fmt: skip
