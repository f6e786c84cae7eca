"""The results of a sweep, read from its folder: as complete as the folder is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from scenarios.estimate import Estimate
from scenarios.experiments import Outcome
from scenarios.store import Folder
from scenarios.store.views import numbers
from scenarios.sweeps.effects import Effect, Response, effects, explained, response
from scenarios.sweeps.plan import Limit, Sweep
from sim.errors import Problem
from sim.metrics import find


@dataclass(frozen=True)
class Found:
    """What is known of a sweep.

    Attributes
    ----------
    sweep : Sweep
    metrics : tuple of (str, str)
        Metric and owner of each column; the owner is empty for all together.
    responses : mapping of (str, str) to Response
    finished : tuple of str
        Combinations of which every replication is finished.
    failed : mapping of str to tuple of Problem
        Combinations that cannot run.
    confidence : float
    """

    sweep: Sweep
    metrics: tuple[tuple[str, str], ...]
    responses: Mapping[tuple[str, str], Response]
    finished: tuple[str, ...]
    failed: Mapping[str, tuple[Problem, ...]]
    confidence: float

    @property
    def complete(self) -> bool:
        """Whether every combination has run, or cannot."""
        return len(self.finished) + len(self.failed) == len(self.sweep.points)

    def estimate(self, name: str, metric: str, owner: str = "") -> Estimate | None:
        """A metric of a combination."""
        return self.responses[metric, owner].estimate(name, self.confidence)

    def effects(self, metric: str, owner: str = "") -> list[Effect]:
        """Main effects on a metric."""
        return effects(self.responses[metric, owner], self.sweep.factors, self.sweep.points, self.confidence)

    def explained(self, metric: str, owner: str = "") -> float | None:
        """Share of the differences between combinations that the main effects account for."""
        return explained(self.responses[metric, owner], self.sweep.factors, self.sweep.points)

    @cached_property
    def ranked(self) -> list[str]:
        """Combinations from the best on, those that keep to the limits; empty if the plan seeks nothing."""
        best = self.sweep.plan.best
        if best is None:
            return []
        one = self.responses[best.metric, best.of or ""]
        value = dict(zip(one.names, one.found.mean.tolist(), strict=True))
        kept = [name for name in one.names if all(self._keeps(name, *item) for item in best.where.items())]
        return sorted(kept, key=lambda name: (-best.sign * value[name], name))

    def _keeps(self, name: str, metric: str, limit: Limit) -> bool:
        found = self.estimate(name, metric, limit.of or "")
        if found is None or found.mean is None:
            return False
        low = limit.at_least is None or found.mean >= limit.at_least
        return low and (limit.at_most is None or found.mean <= limit.at_most)

    def table(self) -> pd.DataFrame:
        """One row per finished combination: its name, its values, and mean, low and high of each metric."""
        return pd.DataFrame([self._row(name) for name in self.finished])

    def _row(self, name: str) -> dict[str, Any]:
        row: dict[str, Any] = {"combination": name, **self.sweep.points[name]}
        for metric, owner in self.metrics:
            found = self.estimate(name, metric, owner)
            head = f"{metric} of {owner}" if owner else metric
            row[head] = found.mean if found else None
            row[f"{head} low"], row[f"{head} high"] = (found.low, found.high) if found else (None, None)
        return row


def columns_of(sweep: Sweep, default: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Metrics that the plan asks for, or the default; what it seeks and its limits come first."""
    best = sweep.plan.best
    first = [(best.metric, best.of or ""), *((name, one.of or "") for name, one in best.where.items())] if best else []
    return tuple(dict.fromkeys([*first, *((name, "") for name in sweep.plan.metrics or default)]))


def gather(
    sweep: Sweep,
    outcomes: Mapping[str, Outcome],
    folder: Folder,
    columns: Sequence[tuple[str, str]],
    failed: Mapping[str, tuple[Problem, ...]],
    confidence: float = 0.95,
) -> Found:
    """Read what is finished."""
    runs = {name: outcomes[name].run.key for name in sweep.points if name in outcomes}
    rows = numbers(folder, list(runs.values()), [metric for metric, _ in columns])
    rows = rows[rows["replication"] < sweep.plan.replications]
    responses = {(metric, owner): response(find(metric), owner, runs, rows) for metric, owner in columns}
    return Found(sweep, tuple(columns), responses, tuple(runs), failed, confidence)
