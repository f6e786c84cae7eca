"""From the totals of a block's replications to its table: every metric, together and of each owner, all at once.

The numbers are those of `sim.metrics.total` and `quantile`, computed for all replications and owners together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from scenarios.store.blocks import SCHEMA, TOGETHER, Block
from sim.metrics import Metric, Totals, metrics_of, owners
from sim.metrics.histogram import quantiles_us
from sim.metrics.registry import OWNER, Terms
from sim.metrics.sums import SUMS, Duration, Scope
from sim.metrics.values import DUE, GOOD, Values, budget_of


def table_of(block: Block, totals: Sequence[Totals], measured: Sequence[Mapping[str, float]]) -> pa.Table:
    """The table of a block.

    Parameters
    ----------
    block : Block
    totals : sequence of Totals
        One for each replication of the block.
    measured : sequence of mapping of str to float
        What else was measured in each.
    """
    sums = _Sums(totals)
    parts = [_Part(metric.name, OWNER[metric.scope], sums.names(metric.scope), *sums.of(metric))
             for metric in metrics_of(sums.frame)]  # fmt: skip
    for name in measured[0]:
        values = np.array([[one[name]] for one in measured])
        parts.append(_Part(name, "measure", (TOGETHER,), values, np.ones_like(values)))
    return _joined(block, parts)


@dataclass(frozen=True, slots=True)
class _Part:
    """One metric: what stands above and below the line (replications x owners)."""

    metric: str
    of: str
    owners: tuple[str, ...]
    above: Values
    below: Values


class _Sums:
    """Sums of all replications of a block over their whole runs (replications x codes x owners)."""

    def __init__(self, totals: Sequence[Totals]) -> None:
        self.totals = totals
        self.frame = totals[0].frame

    def names(self, scope: Scope) -> tuple[str, ...]:
        """All together, then each owner."""
        return (TOGETHER, *owners(self.frame, scope))

    def of(self, metric: Metric) -> tuple[Values, Values]:
        """What stands above and below the line (replications x names)."""
        if metric.quantile:
            kind, share = metric.quantile
            above = self._quantiles[kind][:, :, self._shares[kind].index(share)] * metric.scale
            return above, np.ones_like(above)
        over, under = metric.terms()
        above = self._combined(over, metric.scope) * metric.scale
        return above, self._combined(under, metric.scope) if under else np.ones_like(above)

    def _combined(self, terms: Terms, scope: Scope) -> Values:
        width = len(self.names(scope))
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
        return np.sum(each, axis=0).astype(np.float64)

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

    @cached_property
    def _shares(self) -> dict[Duration, list[float]]:
        """Quantiles that metrics ask for."""
        found: dict[Duration, list[float]] = {}
        for metric in metrics_of(self.frame):
            if metric.quantile:
                found.setdefault(metric.quantile[0], []).append(metric.quantile[1])
        return found

    @cached_property
    def _quantiles(self) -> dict[Duration, Values]:
        return {kind: np.array([_quantiles(one, kind, shares) for one in self.totals])
                for kind, shares in self._shares.items()}  # fmt: skip


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


def _joined(block: Block, parts: Sequence[_Part]) -> pa.Table:
    """Parts as rows: replication by replication, metric by metric, owner by owner."""
    widths = np.array([len(part.owners) for part in parts])
    rows, each = len(block.numbers), int(widths.sum())
    constants = [[value] * (rows * each) for value in (block.run.key, block.run.scenario)]
    columns = [
        *constants,
        np.full(rows * each, block.run.seed, np.int64),
        [block.run.engine] * (rows * each),
        np.repeat(np.arange(block.first, block.last, dtype=np.int32), each),
        np.tile(np.repeat([part.metric for part in parts], widths), rows),
        np.tile(np.repeat([part.of for part in parts], widths), rows),
        np.tile(np.array([owner for part in parts for owner in part.owners], object), rows),
        np.concatenate([part.above for part in parts], axis=1).ravel(),
        np.concatenate([part.below for part in parts], axis=1).ravel(),
    ]
    arrays = [pa.array(column).cast(field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.table(arrays, SCHEMA)
