"""A block: the numbers of some replications of one scenario, as a table and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from sim.metrics import Frame, Metric, Totals, metrics_of, owners, quantile, total
from sim.metrics.registry import OWNER
from sim.run import Engine

TOGETHER = ""
"""Owner of what is counted over all queues, groups, streams ... together."""
_WORD = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("run", _WORD),
        ("scenario", _WORD),
        ("seed", pa.int64()),
        ("engine", _WORD),
        ("replication", pa.int32()),
        ("metric", _WORD),
        ("of", _WORD),
        ("owner", _WORD),
        ("numerator", pa.float64()),
        ("denominator", pa.float64()),
    ]
)
"""Columns of the results: the value of a metric is the sum of numerators over the sum of denominators."""
Row = tuple[int, str, str, str, float, float]


@dataclass(frozen=True, slots=True)
class Run:
    """A scenario under a seed, an engine and the versions at hand.

    Attributes
    ----------
    key : str
        Hash of all of them.
    scenario : str
        Hash of the scenario's content.
    seed : int
    engine : str
    """

    key: str
    scenario: str
    seed: int
    engine: Engine


@dataclass(frozen=True, slots=True)
class Block:
    """Replications ``first`` to ``last - 1`` of a run."""

    run: Run
    first: int
    last: int

    @property
    def name(self) -> str:
        """Name of its file, without ending."""
        return f"{self.run.key}-{self.first:07d}-{self.last:07d}"

    @property
    def numbers(self) -> range:
        """Its replications."""
        return range(self.first, self.last)

    def table(self, rows: Sequence[Row]) -> pa.Table:
        """Rows of its replications as a table for a file."""
        columns = list(zip(*rows, strict=True))
        replications, metrics, kinds, names, above, below = columns
        size, run = len(rows), self.run
        arrays = [
            pa.array([run.key] * size),
            pa.array([run.scenario] * size),
            pa.array([run.seed] * size),
            pa.array([run.engine] * size),
            *(pa.array(column) for column in (replications, metrics, kinds, names, above, below)),
        ]
        return pa.table([array.cast(field.type) for array, field in zip(arrays, SCHEMA, strict=True)], SCHEMA)


def rows_of(number: int, totals: Totals, measured: Mapping[str, float] | None = None) -> Iterator[Row]:
    """Every metric of one replication, together and of each owner; then what else was measured."""
    for metric in metrics_of(totals.frame):
        kind = OWNER[metric.scope]
        for of, name in _owners(totals.frame, metric):
            yield number, metric.name, kind, name, *_parts(metric, totals, of)
    for name, value in (measured or {}).items():
        yield number, name, "measure", TOGETHER, value, 1.0


def _owners(frame: Frame, metric: Metric) -> Iterator[tuple[int | None, str]]:
    yield None, TOGETHER
    yield from enumerate(owners(frame, metric.scope))


def _parts(metric: Metric, totals: Totals, of: int | None) -> tuple[float, float]:
    return (quantile(metric, totals, of), 1.0) if metric.quantile else total(metric, totals, of)
