"""Metrics of many runs at once: the numbers of `total` and `quantile`, for all runs and owners together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from sim.metrics.histogram import quantiles_us
from sim.metrics.registry import METRICS, Metric, Terms
from sim.metrics.sums import SUMS, Duration, Scope
from sim.metrics.totals import Totals
from sim.metrics.values import DUE, GOOD, Values, budget_of, owners


class RunSums:
    """What stands above and below the line of every metric of whole runs.

    Parameters
    ----------
    totals : sequence of Totals
        One for each run, of one scenario; they must not change afterwards.
    """

    def __init__(self, totals: Sequence[Totals]) -> None:
        self.totals = totals
        self.frame = totals[0].frame
        self._quantiles: dict[Duration, Values] = {}

    def of(self, metric: Metric) -> tuple[Values, Values]:
        """What stands above and below the line, in the metric's unit.

        Returns
        -------
        (above, below) : float arrays (runs x 1 + owners)
            Of all owners (queues, groups, streams ...) together, then of each. Below a count or a quantile stands 1.
        """
        if metric.quantile:
            kind, share = metric.quantile
            above = self._quantile(kind, share) * metric.scale
            return above, np.ones_like(above)
        over, under = metric.terms()
        above = self._combined(over, metric.scope) * metric.scale
        return above, self._combined(under, metric.scope) if under else np.ones_like(above)

    def _combined(self, terms: Terms, scope: Scope) -> Values:
        width = 1 + len(owners(self.frame, scope))
        if terms == (("window", 1),):
            return np.full((len(self.totals), width), float(self.frame.window_us))
        if terms in ((("service_good", 1),), (("service_due", 1),)):
            return _with_all(self._by_formula(GOOD if terms[0][0] == "service_good" else DUE))
        if terms == (("cases", 1),) and scope == "money":
            return np.repeat(self._combined(terms, "case")[:, :1], width, axis=1)
        found = _with_all(self._summed(terms, scope))
        if scope == "money":
            found = found + budget_of(self.frame)
        return found

    def _summed(self, terms: Terms, scope: Scope) -> Values:
        sums, codes = self._all[scope], SUMS[scope]
        each = [sign * sums[:, codes[name.upper()]] for name, sign in terms]
        together: Values = np.sum(each, axis=0).astype(np.float64)
        return together

    def _by_formula(self, table: Mapping[str, Terms]) -> Values:
        """Each queue by its own formula."""
        found = {formula: self._summed(terms, "queue") for formula, terms in table.items()}
        return np.stack([found[formula][:, queue] for queue, formula in enumerate(self.frame.formula)], axis=1)

    @cached_property
    def _all(self) -> dict[Scope, np.ndarray]:
        fields = {"queue": "queue", "group": "group", "case": "case", "tier": "tier", "opinion": "opinion"}
        return {
            scope: np.stack([getattr(one, fields.get(scope, "money")).sum(axis=2) for one in self.totals])
            for scope in SUMS
        }

    def _quantile(self, kind: Duration, share: float) -> Values:
        """A quantile of all together, then of each owner (runs x 1 + owners)."""
        shares = _SHARES[kind]
        if kind not in self._quantiles:
            self._quantiles[kind] = np.array([_quantiles(one, kind, shares) for one in self.totals])
        return self._quantiles[kind][:, :, shares.index(share)]


_SHARES: dict[Duration, list[float]] = {
    kind: [metric.quantile[1] for metric in METRICS if metric.quantile and metric.quantile[0] == kind]
    for kind in Duration
}
"""Quantiles that metrics ask for; all of one kind are found at once."""


def _with_all(each: Values) -> Values:
    """The sum over owners in front of the owners."""
    return np.concatenate([each.sum(axis=1, keepdims=True), each], axis=1)


def _quantiles(totals: Totals, kind: Duration, shares: Sequence[float]) -> list[list[float]]:
    """Quantiles of one replication, all together, then of each owner (owners x shares)."""
    both = [
        np.concatenate([sums.sum(axis=0, keepdims=True), sums])
        for sums in (totals.observed[kind], totals.censored[kind])
    ]
    return [quantiles_us(observed, censored, shares) for observed, censored in zip(*both, strict=True)]
