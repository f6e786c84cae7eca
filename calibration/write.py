"""The calibrated scenario as a file that people read: each fitted number with a comment that says what it rests on."""

from __future__ import annotations

import math
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from calibration.evidence import Evidence, Row
from calibration.yamltext import yaml_text
from sim.errors import DataError, Problem
from sim.schema import Document, spell

_FLAT = ("talk", "hold", "wrap", "patience", "redial", "service level", "busyness", "after", "done")
_LONGEST_COMMENT = 150


def scenario_text(document: Document, evidence: Evidence) -> str:
    """The scenario as YAML with comments from the evidence."""
    comments: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in evidence.rows():
        if row.path:
            comments[_line_of(document.data, row.path)].append(comment_of(row))
    head = (
        f"# Calibrated from {evidence.source}, {evidence.period}.\n"
        "# Comments say what each number rests on: n, and its 95 % interval. The evidence page shows the fits.\n"
    )
    return head + yaml_text(document.data, comments, _FLAT)


def _line_of(data: dict[str, Any], keys: tuple[str, ...]) -> tuple[str, ...]:
    """The deepest key of a path that stands on a line of its own."""
    inside: Any = data
    for depth, key in enumerate(keys):
        if not isinstance(inside, dict) or key not in inside:
            return keys[:depth]
        if key in _FLAT:
            return keys[: depth + 1]
        inside = inside[key]
    return keys


def comment_of(row: Row) -> str:
    """A number's comment: what it is, its interval and n, and how it was found."""
    parts = [f"{row.name}: {_number(row.estimate, row.unit)}"]
    bounded = row.low is not None and row.high is not None and math.isfinite(row.low) and math.isfinite(row.high)
    if row.low is not None and row.high is not None and bounded:
        low, high = (_number(end, row.unit) for end in (row.low, row.high))
        kind = "" if row.path[:1] == ("people",) else "95 % "
        parts.append(f"{kind}{low.removesuffix(row.unit).strip()} to {high}")
    elif row.low is not None:
        parts.append("too few days or observations for an interval")
    if row.n is not None:
        parts.append(f"n = {row.n:,}")
    text = "fitted: " + ", ".join(parts) if row.low is not None else ", ".join(parts)
    return f"{text}; {row.note}" if row.note and len(text) + len(row.note) < _LONGEST_COMMENT else text


def sources_of(evidence: Evidence, data: dict[str, Any]) -> dict[str, str]:
    """For each place of a scenario's data, what its number rests on."""
    sources: dict[str, str] = {}
    for row in evidence.rows():
        if row.path:
            place = spell(_known(data, row.path))
            sources[place] = f"{sources[place]}; {comment_of(row)}" if place in sources else comment_of(row)
    return sources


def _known(data: Any, path: tuple[str, ...]) -> tuple[str, ...]:
    """The part of a path that stands in the data."""
    for depth, key in enumerate(path):
        if not isinstance(data, dict) or key not in data:
            return path[:depth]
        data = data[key]
    return path


def _number(value: float, unit: str) -> str:
    if unit == "share":
        return f"{100 * value:.3g} %"
    return f"{value:.4g} {unit}".strip()


def write_files(files: Iterable[tuple[Path, str]], force: bool = False) -> None:
    """Write texts so that each file is there whole or not at all.

    Raises
    ------
    DataError
        If one exists already and ``force`` is not given, or cannot be written; then none is written.
    """
    files = list(files)
    for path, _ in files:
        if path.exists() and not force:
            raise DataError(Problem("exists already", file=str(path), fix="Choose another name, or use --force."))
    for path, text in files:
        write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    except OSError as error:
        raise DataError(Problem(f"cannot be written: {error.strerror}", file=str(path))) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
