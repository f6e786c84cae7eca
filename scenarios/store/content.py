"""What a result is named by: the content of the scenario, the chance, and whatever else decides the numbers."""

from __future__ import annotations

import datetime as dt
import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import sim
from scenarios.replications import versions
from scenarios.store.blocks import Run
from sim.run import Engine

UNDECIDED = ("name", "about", "interventions", "phases", "risks", "standards", "sources")
"""Keys of a scenario that decide no number of a run."""
_DIGITS = 20


def text_of(data: Mapping[Any, Any]) -> str:
    """A scenario's data as YAML that reads as the same data: JSON, with dates as YAML has them."""
    lines = (f"{_yaml(key)}: {_yaml(value)}" for key, value in data.items())
    return "\n".join(lines) + "\n"


def _yaml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_yaml(key)}: {_yaml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_yaml(part) for part in value) + "]"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return json.dumps(value.item() if hasattr(value, "item") else value, ensure_ascii=False)


def scenario_key(data: Mapping[Any, Any]) -> str:
    """Name of what a scenario says: without comments, names and reasons, and whatever the order of its parts.

    Inside a part the order counts: it decides who is asked first, and which step is next.
    """
    said = {key: data[key] for key in sorted(data, key=str) if key not in UNDECIDED}
    return _digest(text_of(said))


def run_of(scenario: str, seed: int, engine: Engine, measures: Mapping[str, Callable[..., float]] | None = None) -> Run:
    """Name of the runs of a scenario under a seed, an engine and these versions."""
    parts = [scenario, str(seed), engine, deciding_versions(), *_spelled(measures or {})]
    return Run(_digest("\n".join(parts)), scenario, seed, engine)


def _spelled(measures: Mapping[str, Callable[..., float]]) -> list[str]:
    return [f"{name} = {measure!r} {_source(inspect.getfile(type(measure)))}" for name, measure in measures.items()]


@cache
def _source(file: str) -> str:
    return _digest(Path(file).read_text(encoding="utf-8"))


@cache
def deciding_versions() -> str:
    """Versions of everything that decides the numbers, as one text."""
    return json.dumps({**versions(), "sources": _sources()}, sort_keys=True)


def _sources() -> str:
    """Hash of the simulation's own sources."""
    root = Path(sim.__file__).parent
    digest = hashlib.sha256()
    for source in sorted(root.rglob("*.py")):
        digest.update(source.relative_to(root).as_posix().encode() + source.read_bytes())
    return digest.hexdigest()[:_DIGITS]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
