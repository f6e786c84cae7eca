"""The results folder: scenarios, their numbers replication by replication, and their sums if those are kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from scenarios.store.blocks import Block, Run
from scenarios.store.errors import StoreError, told
from scenarios.store.files import Files, as_bytes, clear_parts, new_part, read_whole, write_whole
from sim.errors import Problem

FORMAT = 1
MANIFEST = "queuewise.json"
_PARTS = ("results", "sums", "scenarios")
_MANY = 64
"""Small files that are let stand."""
DESCRIBED = pa.schema(
    [
        *((name, pa.string()) for name in ("run", "scenario", "name", "engine", "parameters", "versions", "text")),
        ("seed", pa.int64()),
        ("replications", pa.int64()),
    ]
)
"""Columns of the scenarios."""


@dataclass
class Folder:
    """A results folder.

    Attributes
    ----------
    path : Path
    results : Files
        One row per replication, metric and owner.
    sums : Files
        Sums by interval, from which a `Result` can be made again; only where they were asked for.
    """

    path: Path
    results: Files = field(init=False)
    sums: Files = field(init=False)

    def __post_init__(self) -> None:
        self.results = Files(self.path / "results")
        self.sums = Files(self.path / "sums")

    @staticmethod
    def open(path: str | Path) -> Folder:
        """A folder that is there, to read; others may be writing to it.

        Raises
        ------
        StoreError
            If it is not there, or holds something else.
        """
        folder = Folder(Path(path))
        _check_manifest(folder.path)
        folder.refresh()
        return folder

    @staticmethod
    def create(path: str | Path) -> Folder:
        """A folder to write to, made if it is not there.

        Raises
        ------
        StoreError
            If it cannot be made or written to, or something else is there.
        """
        path = Path(path)
        if _is_something_else(path):
            raise StoreError(Problem("not a results folder", file=str(path), allowed="a new folder, or one of results"))
        with told(path):
            for part in _PARTS:
                (path / part).mkdir(parents=True, exist_ok=True)
            if not (path / MANIFEST).exists():
                write_whole(path / MANIFEST, json.dumps({"queuewise results": FORMAT}).encode() + b"\n")
            probe = new_part(path / "results")
            probe.touch()
            probe.unlink()
            for part in _PARTS:
                clear_parts(path / part)
        return Folder.open(path)

    def refresh(self) -> None:
        """Look up what is finished."""
        self.results.refresh()
        self.sums.refresh()

    def has(self, run: Run, number: int, with_sums: bool = False) -> bool:
        """Whether a replication is finished."""
        return self.results.has(run, number) and (not with_sums or self.sums.has(run, number))

    def missing(self, run: Run, numbers: Sequence[int], size: int, with_sums: bool = False) -> list[Block]:
        """Blocks of what is not finished, cut at multiples of a size."""
        blocks: list[Block] = []
        for number in numbers:
            if self.has(run, number, with_sums):
                continue
            if blocks and blocks[-1].last == number and number % size:
                blocks[-1] = Block(run, blocks[-1].first, number + 1)
            else:
                blocks.append(Block(run, number, number + 1))
        return blocks

    def write(self, block: Block, results: bytes, sums: bytes | None = None) -> None:
        """Keep a finished block; its results come last and say that it is finished.

        Raises
        ------
        StoreError
            If there is no room or no right to; nothing half-written is then left behind.
        """
        if sums is not None:
            self.sums.write(block, sums)
        self.results.write(block, results)

    def note(self, block: Block, with_sums: bool = False) -> None:
        """Remember a block that a worker has written."""
        if with_sums:
            self.sums.note(block)
        self.results.note(block)

    def tidy(self) -> None:
        """Join small files if there are many."""
        for files in (self.results, self.sums):
            if len(files.spans) > _MANY:
                files.join()

    def describe(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep what scenarios say: one file for those of one call, named by what is in it.

        Raises
        ------
        StoreError
            If there is no room or no right to.
        """
        if not rows:
            return
        data = as_bytes(pa.Table.from_pylist(list(rows), DESCRIBED))
        file = self.path / "scenarios" / f"{hashlib.sha256(data).hexdigest()[:20]}.parquet"
        with told(file):
            if not file.exists():
                write_whole(file, data)

    def described(self) -> pa.Table:
        """What is known of scenarios, the same said twice only once."""
        files = sorted((self.path / "scenarios").glob("*.parquet"))
        table = pa.concat_tables([DESCRIBED.empty_table(), *(read_whole(file) for file in files)])
        return (
            table.group_by(DESCRIBED.names[:-1], use_threads=False)
            .aggregate([("replications", "max")])
            .rename_columns(DESCRIBED.names)
        )


def _is_something_else(path: Path) -> bool:
    """Whether a place holds what is not ours; a folder that another process is just making holds a part of ours."""
    if not path.exists():
        return False
    if not path.is_dir():
        return True
    names = {entry.name for entry in path.iterdir() if not entry.name.endswith(".part")}
    return MANIFEST not in names and not names <= set(_PARTS) and not (path / MANIFEST).exists()


def _check_manifest(path: Path) -> None:
    try:
        found = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise StoreError(Problem("not a results folder", file=str(path), allowed=f"a folder with {MANIFEST}")) from None
    if not isinstance(found, dict) or found.get("queuewise results") != FORMAT:
        raise StoreError(Problem("a results folder of another version", file=str(path), allowed=str(FORMAT)))
