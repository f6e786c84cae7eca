"""Alternatives against a baseline, replication by replication under the same chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from scenarios.replications import Result


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric of one alternative against the baseline.

    Attributes
    ----------
    metric, alternative, unit : str
    baseline, value : float or None
        The metric in each.
    mean, low, high : float or None
        Alternative minus baseline, with its own confidence interval.
    family_low, family_high : float or None
        Interval that holds together with those of all other compared metrics and alternatives (Bonferroni).
    variance_reduction : float or None
        1 - paired variance / variance of independent runs.
    verdict : {"better", "worse", "higher", "lower", "no difference shown", "not defined"}
        By the family's interval.
    """

    metric: str
    alternative: str
    unit: str
    baseline: float | None
    value: float | None
    mean: float | None
    low: float | None
    high: float | None
    family_low: float | None
    family_high: float | None
    variance_reduction: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences of alternatives from a baseline.

    Attributes
    ----------
    baseline : str
    alternatives : tuple of str
    differences : tuple of Difference
    confidence : float
    n : int
        Paired replications.
    family : int
        How many differences the family's intervals hold for together.
    method : str
    """

    baseline: str
    alternatives: tuple[str, ...]
    differences: tuple[Difference, ...]
    confidence: float
    n: int
    family: int
    method: str

    def get(self, alternative: str, metric: str) -> Difference:
        """One difference."""
        raise NotImplementedError

    def table(self) -> pd.DataFrame:
        """One row per alternative and metric, columns as the fields of `Difference`."""
        raise NotImplementedError

    def plain(self) -> dict[str, Any]:
        """As JSON has it: ``{"alternatives": {name: {"metrics": {name: {mean, low, high, unit, ...}}}}}``."""
        raise NotImplementedError


def compare(
    baseline: Result,
    alternatives: Mapping[str, Result],
    confidence: float = 0.95,
    metrics: Sequence[str] | None = None,
) -> Comparison:
    """Compare alternatives with a baseline, paired by replication."""
    raise NotImplementedError
