"""The folder itself: files that appear whole or not at all, found again by what they are named."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scenarios.store.blocks import Block, Run
from sim.errors import ParameterError, Problem

FORMAT = 1
_MANIFEST = "queuewise.json"


class StoreError(ParameterError):
    """A results folder that cannot be read or written."""


@dataclass
class Folder:
    """A results folder.

    Attributes
    ----------
    path : Path
    finished : dict of str to set of int
        From the key of a run to its finished replications, as last looked up.
    """

    path: Path
    finished: dict[str, set[int]] = field(default_factory=dict)

    @staticmethod
    def open(path: str | Path) -> Folder:
        """A folder that is there.

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
            If it cannot be made or written to.
        """
        path = Path(path)
        with _told(path):
            for part in ("results", "scenarios"):
                (path / part).mkdir(parents=True, exist_ok=True)
            if not (path / _MANIFEST).exists():
                write_whole(path / _MANIFEST, json.dumps({"queuewise results": FORMAT}).encode() + b"\n")
        folder = Folder.open(path)
        folder.check_writable()
        return folder

    def check_writable(self) -> None:
        """Raise a `StoreError` if nothing can be written."""
        probe = self.path / "results" / f".probe-{uuid.uuid4().hex}"
        with _told(self.path):
            probe.write_bytes(b"")
            probe.unlink()

    def refresh(self) -> None:
        """Look up what is finished."""
        self.finished = {}
        for file in self.files():
            for key, first, last in _blocks_in(file):
                self.finished.setdefault(key, set()).update(range(first, last))

    def files(self) -> list[Path]:
        """Result files, in the order of their names."""
        return sorted((self.path / "results").glob("*.parquet"))

    def has(self, run: Run, number: int) -> bool:
        """Whether a replication is finished."""
        return number in self.finished.get(run.key, ())

    def missing(self, run: Run, numbers: range, size: int) -> list[Block]:
        """Blocks of what is not finished, cut at multiples of a size."""
        blocks: list[Block] = []
        for number in numbers:
            if self.has(run, number):
                continue
            if blocks and blocks[-1].last == number and number % size:
                blocks[-1] = Block(run, blocks[-1].first, number + 1)
            else:
                blocks.append(Block(run, number, number + 1))
        return blocks

    def file_of(self, block: Block) -> Path:
        """Where a block is written."""
        return self.path / "results" / f"{block.name}.parquet"

    def write(self, block: Block, data: bytes) -> None:
        """Keep a finished block.

        Raises
        ------
        StoreError
            If there is no room or no right to; nothing is then left behind.
        """
        with _told(self.file_of(block)):
            write_whole(self.file_of(block), data)
        self.note(block)

    def note(self, block: Block) -> None:
        """Remember that a block was finished, here or by a worker."""
        self.finished.setdefault(block.run.key, set()).update(block.numbers)

    def read(self, run: Run) -> pa.Table:
        """Rows of a run, each replication once."""
        tables = [pq.read_table(file) for file in sorted((self.path / "results").glob(f"{run.key}-*.parquet"))]
        return pa.concat_tables(tables)

    def describe(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep what scenarios say: one file for those of one call."""
        table = pa.Table.from_pylist(list(rows))
        data = as_bytes(table)
        import hashlib

        file = self.path / "scenarios" / f"{hashlib.sha256(data).hexdigest()[:20]}.parquet"
        with _told(file):
            if not file.exists():
                write_whole(file, data)


def as_bytes(table: pa.Table) -> bytes:
    """A table as the content of a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def write_whole(file: Path, data: bytes) -> None:
    """Write under a temporary name and rename: whoever looks sees all of a file or none."""
    temporary = file.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with temporary.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the system says into one line that a user can act on."""
    fixes = {
        errno.ENOSPC: "Make room; what is finished is kept, and the same command goes on from there.",
        errno.EDQUOT: "Make room; what is finished is kept, and the same command goes on from there.",
        errno.EROFS: "Choose a folder that can be written to.",
        errno.EACCES: "Choose a folder that can be written to.",
    }
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        what = f"results cannot be written: {error.strerror or error}"
        raise StoreError(Problem(what, file=str(path), fix=fixes.get(number, ""))) from None


def _check_manifest(path: Path) -> None:
    try:
        found = json.loads((path / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise StoreError(
            Problem("not a results folder", file=str(path), allowed=f"a folder with {_MANIFEST}")
        ) from None
    if found.get("queuewise results") != FORMAT:
        raise StoreError(Problem("a results folder of another version", file=str(path), allowed=str(FORMAT)))


def _blocks_in(file: Path) -> Iterable[tuple[str, int, int]]:
    key, first, last = file.stem.split("-")
    return [(key, int(first), int(last))]


Writer = Callable[[Block, bytes], None]
