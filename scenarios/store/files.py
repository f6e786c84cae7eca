"""Block files of one kind: they appear whole or not at all, and small ones are joined without a reader noticing."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import socket
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scenarios.store.blocks import Block, Run
from scenarios.store.errors import legible, told

JOINED = 256
"""Blocks in one joined file, at most."""
_BLOCKS = b"queuewise blocks"
_ATTEMPTS = 5
_TAKEN_S = 1.0
"""Within so many seconds whoever makes a file has it locked."""
_NAME = re.compile(r"([0-9a-f]+)-(\d+)-(\d+)")

Span = tuple[str, int, int]
"""Key of a run, first replication, one more than the last."""


@dataclass
class Files:
    """A folder of Parquet files that hold blocks, each under its own name or joined with others.

    Several writers may be at work. Two may write the same block: both files hold the same rows, and the later one takes
    the earlier one's place. A joined file is there before the blocks that went into it go, so a block may stand twice
    for a moment, or after a crash until the next joining; `read` takes each replication once.

    Attributes
    ----------
    path : Path
    spans : dict of Path to list of Span
        What each file holds, as last looked up.
    finished : dict of str to set of int
        From the key of a run to its replications.
    """

    path: Path
    spans: dict[Path, list[Span]] = field(default_factory=dict)
    finished: dict[str, set[int]] = field(default_factory=dict)

    def refresh(self) -> None:
        """Look up what is there; what joined files hold is looked up once."""
        known = self.spans
        self.spans, self.finished = {}, {}
        for file in sorted(self.path.glob("*.parquet")):
            spans = known.get(file) or _spans_in(file)
            if spans:
                self._note(file, spans)

    def note(self, block: Block) -> None:
        """Remember a block that was written, here or by a worker."""
        self._note(self.file_of(block), [(block.run.key, block.first, block.last)])

    def _note(self, file: Path, spans: list[Span]) -> None:
        self.spans[file] = spans
        for key, first, last in spans:
            self.finished.setdefault(key, set()).update(range(first, last))

    def has(self, run: Run, number: int) -> bool:
        """Whether a replication is there."""
        return number in self.finished.get(run.key, ())

    def file_of(self, block: Block) -> Path:
        """Where a block is written."""
        return self.path / f"{block.name}.parquet"

    def write(self, block: Block, data: bytes) -> None:
        """Keep a block.

        Raises
        ------
        StoreError
            If there is no room or no right to; nothing is then left behind.
        """
        with told(self.file_of(block)):
            write_whole(self.file_of(block), data)
        self.note(block)

    def read(self, run: Run) -> pa.Table:
        """Rows of a run, each replication once.

        Raises
        ------
        StoreError
            If a file cannot be read.
        """
        for attempt in range(_ATTEMPTS):
            holding = [file for file, spans in self.spans.items() if any(key == run.key for key, _, _ in spans)]
            try:
                return _once([read_whole(file, run if _is_joined(file) else None) for file in holding])
            except FileNotFoundError:  # joined by another process since it was looked up
                if attempt == _ATTEMPTS - 1:
                    raise
                self.refresh()
        raise AssertionError

    @property
    def twice(self) -> bool:
        """Whether some replication stands in two files."""
        spans = (last - first for spans in self.spans.values() for _, first, last in spans)
        return sum(spans) > sum(len(numbers) for numbers in self.finished.values())

    def join(self) -> None:
        """Join small files; another process that does so already is left to it."""
        with told(self.path), _alone(self.path / ".joining") as alone:
            if not alone:
                return
            self.refresh()
            joined = {span for file, spans in self.spans.items() if _is_joined(file) for span in spans}
            small = [file for file in self.spans if not _is_joined(file)]
            _remove(file for file in small if self.spans[file][0] in joined)
            left = [file for file in small if self.spans[file][0] not in joined]
            for begin in range(0, len(left) - 1, JOINED):
                _join(self.path, left[begin : begin + JOINED])
                _remove(left[begin : begin + JOINED])
            self.refresh()


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def _join(folder: Path, files: list[Path]) -> None:
    """Write the blocks of some files into one: a row group each, so that a run is found without reading the others."""
    spans = [span for file in files for span in _spans_in(file)]
    schema = read_whole(files[0]).schema.with_metadata({_BLOCKS: json.dumps(spans).encode()})
    with (
        _written(folder / f"joined-{_digest(spans)}.parquet") as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
    ):
        for file in files:
            writer.write_table(read_whole(file).cast(schema))


def _digest(spans: list[Span]) -> str:
    return hashlib.sha256(json.dumps(spans).encode()).hexdigest()[:20]


def _is_joined(file: Path) -> bool:
    return file.name.startswith("joined-")


def _spans_in(file: Path) -> list[Span]:
    """What a file holds: by its name, or by what a joined file says of itself; nothing if it is gone, or not ours."""
    if not _is_joined(file):
        name = _NAME.fullmatch(file.stem)
        return [(name[1], int(name[2]), int(name[3]))] if name else []
    try:
        with legible(file):
            return [tuple(span) for span in json.loads(pq.read_schema(file).metadata[_BLOCKS])]
    except FileNotFoundError:
        return []


def read_whole(file: Path, run: Run | None = None) -> pa.Table:
    """Rows of a file, or those of one run.

    Raises
    ------
    StoreError
        If it is damaged.
    """
    with legible(file):
        return pq.read_table(file, filters=None if run is None else [("run", "=", run.key)])


def _once(tables: list[pa.Table]) -> pa.Table:
    """Rows of all tables, of each replication those of the first table that has it."""
    seen: set[int] = set()
    found = []
    for table in tables:
        numbers = set(pc.unique(table["replication"]).to_pylist())
        if numbers & seen:
            table = table.filter(pc.invert(pc.is_in(table["replication"], pa.array(sorted(seen), pa.int32()))))
        seen |= numbers
        found.append(table)
    return pa.concat_tables(found)


def as_bytes(table: pa.Table) -> bytes:
    """A table as the content of a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def new_part(folder: Path) -> Path:
    """A temporary name that says whose it is, and that no reader of Parquet files looks at."""
    return folder / f".{socket.gethostname()}.{os.getpid()}.{uuid.uuid4().hex}.part"


def clear_parts(folder: Path) -> None:
    """Remove what killed processes of this machine left half-written.

    A process of the same number may be another one, or dead and not yet taken leave of: then nobody holds the file.
    """
    for file in folder.glob(f".{socket.gethostname()}.*.part"):
        if not _is_alive(int(file.name.split(".")[-3])) or _is_given_up(file):
            file.unlink(missing_ok=True)


def _is_given_up(file: Path) -> bool:
    try:
        if time.time() - file.stat().st_mtime < _TAKEN_S:
            return False
        with _alone(file) as alone:
            return alone
    except OSError:  # it is gone
        return False


def _is_alive(process: int) -> bool:
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def write_whole(file: Path, data: bytes) -> None:
    """Write under a temporary name and rename: whoever looks sees all of a file or none."""
    with _written(file) as temporary:
        temporary.write_bytes(data)


@contextlib.contextmanager
def _written(file: Path) -> Iterator[Path]:
    """A temporary name, held until all is written there and renamed; nothing is left of it if that fails."""
    temporary = new_part(file.parent)
    try:
        with _alone(temporary):
            yield temporary
            _rename_safely(temporary, file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _rename_safely(temporary: Path, file: Path) -> None:
    """Rename once the content is on the disk, so that a power cut leaves no empty file under a good name."""
    with temporary.open("rb+") as written:
        os.fsync(written.fileno())
    temporary.replace(file)


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[bool]:
    """Whether this process is the only one inside; a lock that goes with its process, however that ends."""
    try:
        import fcntl
    except ImportError:  # there are no such locks here: small files are not joined
        yield False
        return
    with file.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # another process has it
            alone = False
        else:
            alone = True
        yield alone
