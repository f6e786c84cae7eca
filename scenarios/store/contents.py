"""What a folder holds, scenario by scenario: quick to list, however large, for files once written never change."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scenarios.estimate import Values
from scenarios.interventions import Path as Path_
from scenarios.interventions import path_of, value_at
from scenarios.store.blocks import TOGETHER
from scenarios.store.files import read_whole
from scenarios.store.folder import Folder
from scenarios.store.views import ask, connect, patiently
from sim.errors import ParameterError

_TOP = re.compile(r'^"?([^":]+)"?: (.*)$')
_SAID = ("name", "about", "sources")
_STRETCH = ("start", "horizon", "warm-up", "time zone")


@dataclass(frozen=True)
class Stored:
    """A scenario under a seed, an engine and versions, as a folder holds it.

    Attributes
    ----------
    run : str
        Key of its results.
    name : str
        As it was called when it was run.
    title : str
        The scenario's own name.
    parameters : mapping of str to object
        What sets it apart in a sweep.
    seed : int
    engine : str
    versions : str
        Of everything that decides the numbers.
    asked : int
        Replications that were asked for.
    stretch : str
        Start, horizon and warm-up.
    base : str
        Hash of all in the scenario that its parameters leave alone.
    written : float
        When it was first begun, in seconds since 1970.
    label : str
        For readers: no other one of the folder has it.
    """

    run: str
    name: str
    title: str
    parameters: Mapping[str, Any]
    seed: int
    engine: str
    versions: str
    asked: int
    stretch: str
    base: str
    written: float
    label: str = ""


def contents(folder: Folder) -> list[Stored]:
    """Scenarios that a folder knows, the latest first, each once; what is finished of them `Folder.results` says."""
    folder.refresh()
    found: dict[str, Stored] = {}
    for file in sorted((folder.path / "scenarios").glob("*.parquet"), key=_written):
        for one in _in(file):
            found.setdefault(one.run, one)
            known = found[one.run]
            if one.asked > known.asked:
                found[one.run] = replace(known, asked=one.asked)
    return _labelled(sorted(found.values(), key=lambda one: -one.written))


def _written(file: Path) -> float:
    return file.stat().st_mtime


@lru_cache(maxsize=10_000)
def _in(file: Path) -> tuple[Stored, ...]:
    """Scenarios of one file, which is named by its content."""
    return tuple(_stored(row, _written(file)) for row in read_whole(file).to_pylist())


def _stored(row: Mapping[str, Any], written: float) -> Stored:
    parts = {match[1]: match[2] for line in row["text"].splitlines() if (match := _TOP.match(line))}
    parameters = json.loads(row["parameters"])
    touched: dict[str, list[Path_]] = {}
    for path in map(_path, parameters):
        touched.setdefault(str(path[0]), []).append(path[1:])
    left = "\n".join(f"{key}: {_apart(parts[key], touched.get(key, ()))}" for key in sorted(parts) if key not in _SAID)
    return Stored(
        run=row["run"],
        name=row["name"],
        title=_text(parts.get("name", row["name"])),
        parameters=parameters,
        seed=row["seed"],
        engine=row["engine"],
        versions=row["versions"],
        asked=row["replications"],
        stretch=" ".join(parts.get(key, "") for key in _STRETCH),
        base=hashlib.sha256(left.encode()).hexdigest()[:12],
        written=written,
    )


def _text(written: str) -> str:
    try:
        return str(json.loads(written))
    except ValueError:
        return written


def _path(name: str) -> Path_:
    """The path of a factor of a sweep; a name that is none stands for itself."""
    try:
        return path_of(name.removeprefix("scale ").removeprefix("add ")) or (name,)
    except ParameterError:
        return (name,)


def _apart(text: str, paths: Sequence[Path_]) -> str:
    """A part of a scenario without what stands at some paths in it; nothing where that cannot be told."""
    if not paths:
        return text
    try:
        data = json.loads(text)
        for path in paths:
            owner = value_at(data, path[:-1])
            owner[path[-1]] = None
    except (ValueError, LookupError, TypeError):  # dates are no JSON; the whole part is varied; another kind of path
        return ""
    return json.dumps(data)


def _labelled(those: Sequence[Stored]) -> list[Stored]:
    """Names that tell scenarios apart: with seed, engine or the run's key where they must."""
    found = [replace(one, label=_plain_label(one)) for one in those]
    for more in (lambda one: f"seed {one.seed}", lambda one: one.engine, lambda one: one.run[:6]):
        counts: dict[str, int] = {}
        for one in found:
            counts[one.label] = counts.get(one.label, 0) + 1
        found = [replace(one, label=f"{one.label} · {more(one)}") if counts[one.label] > 1 else one for one in found]
    return found


def _plain_label(one: Stored) -> str:
    return one.name if one.name.startswith(one.title) else f"{one.title}: {one.name}"


def sums_of(folder: Folder, runs: Sequence[str], metrics: Sequence[str]) -> pd.DataFrame:
    """Sums of metrics over all owners together: run, metric, replication, numerator, denominator."""
    sql = (
        'select run, metric, "owner", replication, numerator, denominator from results '
        f"where \"owner\" = '{TOGETHER}' and run in (select unnest(?)) and metric in (select unnest(?))"
    )
    return ask(folder, sql, [list(runs), list(metrics)])


def grid_of(folder: Folder, runs: Sequence[str], metrics: Sequence[str], replications: int) -> tuple[Values, Values]:
    """What stands above and below the line (metrics x replications x runs), NaN where it is not finished.

    Parameters
    ----------
    folder : Folder
    runs, metrics : sequence of str
        All owners together.
    replications : int
        The first so many.
    """
    found = patiently(folder, lambda: _numbered(folder, runs, metrics, replications))
    above, below = np.full((2, len(metrics), replications, len(runs)), np.nan)
    place = tuple(np.asarray(found[name], np.int64) for name in ("line", "replication", "place"))
    above[place], below[place] = found["numerator"], found["denominator"]
    return above, below


def _numbered(folder: Folder, runs: Sequence[str], metrics: Sequence[str], replications: int) -> dict[str, Any]:
    """Rows with the places of their run and metric in place of the names, which would be slow to hand over."""
    made = connect(folder)
    made.register("wanted", pd.DataFrame({"run": list(runs), "place": range(len(runs))}))
    made.register("asked", pd.DataFrame({"metric": list(metrics), "line": range(len(metrics))}))
    sql = (
        "select line, replication, place, numerator, denominator from results "
        f"join asked using (metric) join wanted using (run) where \"owner\" = '{TOGETHER}' and replication < ?"
    )
    return made.execute(sql, [replications]).fetchnumpy()


def metrics_in(folder: Folder, run: str) -> list[str]:
    """Metrics that the results of a run have, all owners together."""
    sql = f"select distinct metric from results where run = ? and \"owner\" = '{TOGETHER}' order by metric"
    return [str(name) for name in ask(folder, sql, [run])["metric"]]
