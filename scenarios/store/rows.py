"""From the totals of a block's replications to its table: every metric, together and of each owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from scenarios.store.blocks import SCHEMA, TOGETHER, Block
from sim.metrics import RunSums, Totals, metrics_of, owners
from sim.metrics.registry import OWNER
from sim.metrics.values import Values


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
    sums = RunSums(totals)
    parts = [
        _Part(metric.name, OWNER[metric.scope], (TOGETHER, *owners(sums.frame, metric.scope)), *sums.of(metric))
        for metric in metrics_of(sums.frame)
    ]
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
