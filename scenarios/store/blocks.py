"""A block: the numbers of some replications of one scenario, as a table and as a file."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

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
