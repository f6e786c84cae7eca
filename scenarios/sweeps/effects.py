"""What a sweep shows: means of every combination, and the effect of each factor, both with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scenarios.estimate import Estimate, Linear, Values, estimate_of, half_width, linear
from scenarios.sweeps.factors import Factor, quantities
from sim.metrics import Metric


@dataclass(frozen=True, slots=True)
class Effect:
    """What a metric changes by from one value of a factor to another, the others staying.

    Attributes
    ----------
    factor : str
    low, high : object
        The two values.
    change : Estimate
        Its interval says how sure the slope is, given the replications; curvature is no part of it.
    """

    factor: str
    low: Any
    high: Any
    change: Estimate


@dataclass(frozen=True)
class Response:
    """One metric over the combinations of a sweep.

    Attributes
    ----------
    metric : Metric
    owner : str
        Of whom; empty for all together.
    names : tuple of str
        Combinations that are finished and where the metric is defined.
    found : Linear
        Mean and residuals (replications x combinations).
    """

    metric: Metric
    owner: str
    names: tuple[str, ...]
    found: Linear

    def estimate(self, name: str, confidence: float) -> Estimate | None:
        """The metric of one combination; None where it is not defined."""
        if name not in self._place:
            return None
        place = self._place[name]
        one = Linear(self.found.mean[place : place + 1], self.found.residuals[:, place : place + 1])
        return estimate_of(self.metric, one, confidence)

    @property
    def _place(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.names)}


def response(metric: Metric, owner: str, names: Mapping[str, str], rows: pd.DataFrame) -> Response:
    """A metric over combinations.

    Parameters
    ----------
    metric : Metric
    owner : str
    names : mapping of str to str
        From each combination to the key of its run.
    rows : DataFrame
        As of `scenarios.store.views.numbers`.
    """
    of = rows[(rows["metric"] == metric.name) & (rows["owner"] == owner)]
    above = of.pivot(index="replication", columns="run", values="numerator")
    below = of.pivot(index="replication", columns="run", values="denominator")
    kept = [name for name, run in names.items() if run in above and not above[run].isna().any()]
    runs = [names[name] for name in kept]
    found = linear(above[runs].to_numpy(), below[runs].to_numpy())
    defined = ~np.isnan(found.mean)
    chosen = tuple(name for name, fine in zip(kept, defined, strict=True) if fine)
    return Response(metric, owner, chosen, Linear(found.mean[defined], found.residuals[:, defined]))


def effects(
    one: Response, factors: Sequence[Factor], points: Mapping[str, Mapping[str, Any]], confidence: float
) -> list[Effect]:
    """Main effects by least squares over the means of the combinations.

    A factor of quantities has a straight line, from its lowest to its highest value; any other one has a step for each
    value against the first. Each effect is a weighted sum of means, and so is each replication's residual: the interval
    is Student's over replications, which all combinations share.

    Returns
    -------
    list of Effect
        Empty where the finished combinations do not tell the factors apart.
    """
    rows = [points[name] for name in one.names]
    columns: list[tuple[str, Any, Any, Values]] = []
    for factor in factors:
        columns += _columns(factor.name, [row[factor.name] for row in rows])
    design = np.column_stack([np.ones(len(rows)), *(column for *_, column in columns)]) if rows else np.zeros((0, 1))
    if len(design) < design.shape[1] or np.linalg.matrix_rank(design) < design.shape[1]:
        return []
    weights = np.linalg.pinv(design)[1:]
    changes, residuals = weights @ one.found.mean, one.found.residuals @ weights.T
    half = half_width(residuals, confidence)
    return [
        Effect(name, low, high, _estimate(one.metric, change, width, len(residuals), confidence))
        for (name, low, high, _), change, width in zip(columns, changes.tolist(), half.tolist(), strict=True)
    ]


def explained(one: Response, factors: Sequence[Factor], points: Mapping[str, Mapping[str, Any]]) -> float | None:
    """Share of the variance between combinations that main effects account for."""
    rows = [points[name] for name in one.names]
    columns = [column for factor in factors for *_, column in _columns(factor.name, [row[factor.name] for row in rows])]
    spread = float(((one.found.mean - one.found.mean.mean()) ** 2).sum()) if rows else 0.0
    if spread <= 0:
        return None
    design = np.column_stack([np.ones(len(rows)), *columns])
    left = one.found.mean - design @ np.linalg.lstsq(design, one.found.mean, rcond=None)[0]
    return 1 - float((left**2).sum()) / spread


def _columns(name: str, values: list[Any]) -> list[tuple[str, Any, Any, Values]]:
    """Columns of a factor: the low value, the high value, and how far each combination is on the way."""
    given = quantities(values)
    if given is not None and len(set(given)) > 1:
        low, high = min(given), max(given)
        way = (np.array(given) - low) / (high - low)
        return [(name, values[given.index(low)], values[given.index(high)], way)]
    different = list({repr(value): value for value in values}.values())
    return [
        (name, different[0], other, np.array([float(repr(value) == repr(other)) for value in values]))
        for other in different[1:]
    ]


def _estimate(metric: Metric, change: float, half: float, n: int, confidence: float) -> Estimate:
    if n < 2:
        return Estimate(change, None, None, metric.unit, n, "one replication: no confidence interval")
    method = f"{confidence:.0%}: least squares over combinations, Student t over replications"
    return Estimate(change, change - half, change + half, metric.unit, n, method)
