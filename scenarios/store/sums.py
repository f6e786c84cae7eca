"""Totals of replications as rows of a file, and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa

from scenarios.store.blocks import Block
from sim.metrics import Frame, Totals

SCHEMA = pa.schema(
    [
        *((name, pa.dictionary(pa.int32(), pa.string())) for name in ("run", "part")),
        ("replication", pa.int32()),
        ("shape", pa.list_(pa.int32())),
        ("dtype", pa.string()),
        ("data", pa.binary()),
        ("key", pa.uint64()),
    ]
)
"""An array of sums each: little-endian bytes of the narrowest type that holds all of it."""
_ARRAYS = tuple(one.name for one in fields(Totals) if one.name not in ("frame", "key", "pending"))
_TYPES = ("<i1", "<i2", "<i4", "<i8")


def sums_table(block: Block, totals: list[Totals]) -> pa.Table:
    """The sums of a block's replications."""
    rows = [row for number, one in zip(block.numbers, totals, strict=True) for row in _rows(block, number, one)]
    return pa.Table.from_pylist(rows, SCHEMA)


def _rows(block: Block, number: int, totals: Totals) -> Iterator[dict[str, Any]]:
    for name in _ARRAYS:
        value = getattr(totals, name)
        for place, array in enumerate(value if isinstance(value, tuple) else (value,)):
            kind = _narrowest(array)
            yield {
                "run": block.run.key,
                "replication": number,
                "part": f"{name}[{place}]",
                "shape": list(array.shape),
                "dtype": kind,
                "data": array.astype(kind).tobytes(),
                "key": totals.key,
            }


def _narrowest(array: np.ndarray) -> str:
    low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
    return next(kind for kind in _TYPES if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max)


def totals_of(table: pa.Table, frame: Frame) -> dict[int, Totals]:
    """Totals by replication, their sums as narrow as they are stored."""
    found: dict[int, dict[str, Any]] = {}
    rows = table.drop_columns(["data"]).to_pylist()
    for row, data in zip(rows, table["data"], strict=True):
        array = np.frombuffer(data.as_buffer(), row["dtype"]).reshape(row["shape"])  # no copy: they fill the memory
        found.setdefault(row["replication"], {"key": row["key"]})[row["part"]] = array
    return {number: _totals(parts, frame) for number, parts in found.items()}


def _totals(parts: dict[str, Any], frame: Frame) -> Totals:
    empty = Totals.empty(frame)
    values: dict[str, Any] = {}
    for name in _ARRAYS:
        arrays = tuple(parts[key] for key in sorted(parts) if key.startswith(f"{name}["))
        values[name] = arrays if isinstance(getattr(empty, name), tuple) else arrays[0]
    return Totals(frame, **values, key=parts["key"])
