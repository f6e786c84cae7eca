"""Stored results against each other: paired where the same customers met both, apart where not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from scenarios.comparison import Comparison, Difference, corrected, independent_difference, paired_difference
from scenarios.estimate import STUDENT, Estimate, Linear, checked_confidence, estimate_of, linear
from scenarios.store import Folder
from scenarios.store.contents import Stored, sums_of
from sim.errors import ParameterError, Problem
from sim.metrics import Metric, find

Pairing = Literal["paired", "fewer", "independent"]
"""By all replications of both; by those that both have; not at all."""


@dataclass(frozen=True)
class Rows:
    """Sums of some metrics of one stored scenario.

    Attributes
    ----------
    stored : Stored
    replications : tuple of int
    above, below : mapping of str to float array
        By metric, in the order of `replications`.
    """

    stored: Stored
    replications: tuple[int, ...]
    above: Mapping[str, np.ndarray]
    below: Mapping[str, np.ndarray]

    def linear(self, metric: str, numbers: Sequence[int] | None = None) -> Linear:
        """A metric over some replications, all unless given; not defined where the scenario has no such thing."""
        chosen = self.replications if numbers is None else numbers
        if metric not in self.above:
            return Linear(np.array([np.nan]), np.full((len(chosen), 1), np.nan))
        places = np.searchsorted(self.replications, chosen)
        return linear(self.above[metric][places].reshape(-1, 1), self.below[metric][places].reshape(-1, 1))

    def estimate(self, metric: str, confidence: float = 0.95) -> Estimate:
        """A metric with its interval."""
        return estimate_of(find(metric), self.linear(metric), checked_confidence(confidence))


def read_rows(folder: Folder, those: Sequence[Stored], metrics: Sequence[str]) -> dict[str, Rows]:
    """Rows by label, of those that have a finished replication."""
    frame = sums_of(folder, [one.run for one in those], metrics)
    by_run = {str(run): part for run, part in frame.groupby("run", observed=True)}
    return {one.label: _rows(one, by_run[one.run]) for one in those if one.run in by_run}


def _rows(stored: Stored, frame: pd.DataFrame) -> Rows:
    above = frame.pivot(index="replication", columns="metric", values="numerator").sort_index()
    below = frame.pivot(index="replication", columns="metric", values="denominator").sort_index()
    names = [str(name) for name in above.columns]
    return Rows(
        stored,
        tuple(int(number) for number in above.index),
        {name: above[name].to_numpy() for name in names},
        {name: below[name].to_numpy() for name in names},
    )


@dataclass(frozen=True)
class StoredComparison:
    """Differences of stored scenarios from one of them.

    Attributes
    ----------
    comparison : Comparison
    pairings : mapping of str to {"paired", "fewer", "independent"}
        How each alternative was compared.
    common : mapping of str to int
        Replications that it has in common with the baseline.
    other_stretch : tuple of str
        Alternatives that measure another stretch of time than the baseline.
    other_versions : tuple of str
        Alternatives that ran on other versions.
    """

    comparison: Comparison
    pairings: Mapping[str, Pairing]
    common: Mapping[str, int]
    other_stretch: tuple[str, ...]
    other_versions: tuple[str, ...]


def compare_stored(
    base: Rows, others: Mapping[str, Rows], confidence: float, metrics: Sequence[str]
) -> StoredComparison:
    """Compare stored scenarios with one of them.

    Where the seed is the same and two replications at least are in common, these are paired: the same customers under
    both. Otherwise the replications are independent, and the interval is Welch's.

    Raises
    ------
    ParameterError
        If there is nothing to compare, or one has fewer than two replications.
    """
    checked_confidence(confidence)
    _check(base, others)
    chosen = [find(name) for name in metrics]
    family = len(others) * len(chosen)
    both = (confidence, 1 - (1 - confidence) / max(family, 1))
    common = {name: _common(base, other) for name, other in others.items()}
    shown = [
        _compared(metric, name, base, other, common[name], both) for name, other in others.items() for metric in chosen
    ]
    pairings = {name: _pairing(base, other, common[name]) for name, other in others.items()}
    comparison = Comparison(
        base.stored.label, tuple(others), tuple(corrected(shown)), confidence,
        min([len(base.replications), *map(len, common.values())]), family, _method(pairings, confidence, family),
    )  # fmt: skip
    return StoredComparison(
        comparison,
        pairings,
        {name: len(numbers) for name, numbers in common.items()},
        tuple(name for name, other in others.items() if other.stored.stretch != base.stored.stretch),
        tuple(name for name, other in others.items() if other.stored.versions != base.stored.versions),
    )


def _check(base: Rows, others: Mapping[str, Rows]) -> None:
    if not others:
        raise ParameterError(Problem("nothing to compare with the baseline", allowed="at least one other scenario"))
    for one in (base, *others.values()):
        if len(one.replications) < 2:
            what = f"{one.stored.label}: too few replications for a comparison"
            raise ParameterError(Problem(what, allowed="2 or more", given=str(len(one.replications))))


def _common(base: Rows, other: Rows) -> list[int]:
    """Replications in which the same customers met both."""
    same = base.stored.seed == other.stored.seed
    return sorted(set(base.replications) & set(other.replications)) if same else []


def _pairing(base: Rows, other: Rows, common: Sequence[int]) -> Pairing:
    if len(common) < 2:
        return "independent"
    return "paired" if len(common) == len(base.replications) == len(other.replications) else "fewer"


def _compared(
    metric: Metric, name: str, base: Rows, other: Rows, common: Sequence[int], both: tuple[float, float]
) -> Difference:
    if len(common) > 1:
        first, second = base.linear(metric.name, common), other.linear(metric.name, common)
        return paired_difference(metric, name, first, second, both)
    return independent_difference(metric, name, base.linear(metric.name), other.linear(metric.name), both)


def _method(pairings: Mapping[str, Pairing], confidence: float, family: int) -> str:
    ways = set(pairings.values())
    words = [f"paired by replication under common random numbers, {STUDENT}"] if ways - {"independent"} else []
    words += ["independent replications, Welch's t"] if "independent" in ways else []
    return f"{'; '.join(words)}; {confidence:.0%}; verdicts by Bonferroni intervals for {family} differences together"
