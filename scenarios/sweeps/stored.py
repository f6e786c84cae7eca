"""Sweeps as a folder holds them, finished or not, without their plans: what was varied says what belongs together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scenarios.estimate import Linear, Values, limits, linear
from scenarios.store import Folder
from scenarios.store.contents import Stored, grid_of
from scenarios.sweeps.effects import Effect, Response, effects, explained
from scenarios.sweeps.factors import Factor, quantities
from sim.metrics import find


@dataclass(frozen=True)
class StoredSweep:
    """Combinations of one scenario's values, under one seed, engine, number of replications and versions.

    Attributes
    ----------
    title : str
        Name of the scenario.
    factors : tuple of Factor
        What was varied; the values that a plan allowed are not known any more.
    points : mapping of str to mapping of str to object
        From each combination to its values.
    runs : mapping of str to str
        From each combination to the key of its results.
    replications, seed : int
    key : str
        Tells it apart from the folder's other sweeps.
    """

    title: str
    factors: tuple[Factor, ...]
    points: Mapping[str, Mapping[str, Any]]
    runs: Mapping[str, str]
    replications: int
    seed: int
    key: str

    def finished(self, folder: Folder) -> int:
        """Combinations of which every replication is in the folder, as last looked up."""
        done = folder.results.finished
        return sum(len(done.get(run, ())) >= self.replications for run in self.runs.values())


def stored_sweeps(those: Sequence[Stored]) -> list[StoredSweep]:
    """Sweeps among stored scenarios, in their order; a single combination is none."""
    groups: dict[tuple[Any, ...], list[Stored]] = {}
    for one in those:
        if one.parameters:
            what = (one.title, one.base, one.seed, one.engine, one.asked, one.versions, *sorted(one.parameters))
            groups.setdefault(what, []).append(one)
    return [_sweep(what, members) for what, members in groups.items() if len(members) > 1]


def _sweep(what: tuple[Any, ...], members: Sequence[Stored]) -> StoredSweep:
    ordered = sorted(members, key=lambda one: (one.name, one.run))
    names = _names(ordered)
    first = ordered[0]
    return StoredSweep(
        first.title,
        tuple(_factor(name) for name in first.parameters),
        {name: one.parameters for name, one in zip(names, ordered, strict=True)},
        {name: one.run for name, one in zip(names, ordered, strict=True)},
        first.asked,
        first.seed,
        hashlib.sha256(repr(what).encode()).hexdigest()[:12],
    )


def _names(ordered: Sequence[Stored]) -> list[str]:
    """Names of combinations; two sweeps of the same factors may use the same ones."""
    used: dict[str, int] = {}
    names = []
    for one in ordered:
        used[one.name] = used.get(one.name, 0) + 1
        names.append(one.name if used[one.name] == 1 else f"{one.name} ({used[one.name]})")
    return names


def _factor(name: str) -> Factor:
    for action in ("scale", "add"):
        if name.startswith(f"{action} "):
            return Factor(name.removeprefix(f"{action} "), action, ())
    return Factor(name, "set", ())


@dataclass(frozen=True)
class Explored:
    """What is known of a sweep so far.

    Attributes
    ----------
    sweep : StoredSweep
    responses : mapping of str to Response
        By metric, over all owners together.
    finished : tuple of str
        Combinations of which every replication is finished.
    confidence : float
    """

    sweep: StoredSweep
    responses: Mapping[str, Response]
    finished: tuple[str, ...]
    confidence: float

    def effects(self, metric: str) -> list[Effect]:
        """Main effects on a metric."""
        return effects(self.responses[metric], self.sweep.factors, self.sweep.points, self.confidence)

    def explained(self, metric: str) -> float | None:
        """Share of the differences between combinations that the main effects account for."""
        return explained(self.responses[metric], self.sweep.factors, self.sweep.points)

    def shares(self, metric: str) -> dict[str, float]:
        """For each factor, the share of the differences that would be left without explanation but for it."""
        one, factors, points = self.responses[metric], self.sweep.factors, self.sweep.points
        whole = explained(one, factors, points)
        if whole is None:
            return {}
        without = {
            factor.name: explained(one, [other for other in factors if other is not factor], points)
            for factor in factors
        }
        return {name: max(0.0, whole - (left or 0.0)) for name, left in without.items()}

    def table(self) -> pd.DataFrame:
        """One row per finished combination: name, values, and mean, ``low`` and ``high`` of each metric."""
        rows = pd.DataFrame(
            [{"combination": name, **self.sweep.points[name]} for name in self.finished],
            columns=["combination", *(factor.name for factor in self.sweep.factors)],
        ).set_index("combination", drop=False)
        for name, one in self.responses.items():
            low, high = limits(one.metric, one.found, self.confidence)
            for head, values in ((name, one.found.mean), (f"{name} low", low), (f"{name} high", high)):
                rows[head] = pd.Series(np.asarray(values, float), index=list(one.names), dtype=float)
        return rows.reset_index(drop=True)


def explore(folder: Folder, sweep: StoredSweep, metrics: Sequence[str], confidence: float = 0.95) -> Explored:
    """Read what is finished of a sweep."""
    names = np.array(list(sweep.runs))
    above, below = grid_of(folder, list(sweep.runs.values()), metrics, sweep.replications)
    done = folder.results.finished
    finished = [len(done.get(run, ())) >= sweep.replications for run in sweep.runs.values()]
    responses = {metric: _response(metric, names, above[place], below[place]) for place, metric in enumerate(metrics)}
    return Explored(sweep, responses, tuple(names[finished].tolist()), confidence)


def _response(metric: str, names: np.ndarray, above: Values, below: Values) -> Response:
    """A metric over the combinations of which all replications are there, and where it is defined."""
    found = linear(above, below)
    defined = ~np.isnan(found.mean)
    chosen = Linear(found.mean[defined], found.residuals[:, defined])
    return Response(find(metric), "", tuple(names[defined].tolist()), chosen)


def best_first(table: pd.DataFrame, metric: str, sign: int, keeps: Callable[[pd.DataFrame], pd.Series]) -> pd.DataFrame:
    """Rows of `Explored.table` that keep to limits, the best on top; where the metric is not defined they go.

    Parameters
    ----------
    table : DataFrame
    metric : str
    sign : int
        1 if the highest is the best, -1 if the lowest is.
    keeps : callable
        Whether rows keep to limits.
    """
    kept = table[keeps(table) & table[metric].notna()]
    return kept.sort_values(metric, ascending=sign < 0, kind="stable", ignore_index=True)


def parallel(
    table: pd.DataFrame, axes: Sequence[str], said: Callable[[str, Any], str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Plot data of parallel coordinates: each combination's place on each axis, and what stands at the axes' marks.

    Parameters
    ----------
    table : DataFrame
        Rows of `Explored.table`.
    axes : sequence of str
        Its columns, from left to right.
    said : callable
        Of a column and a value: the value for readers.

    Returns
    -------
    lines, marks : DataFrame
        Columns combination, axis, place (0 to 1), text; and axis, place, text.
    """
    lines, marks = [], []
    for axis in axes:
        values = table[axis].tolist()
        places, known = _places(values)
        texts = [said(axis, value) for value in values]
        whose = {"combination": table["combination"], "axis": axis, "place": places, "text": texts}
        lines.append(pd.DataFrame(whose))
        marks += [{"axis": axis, "place": place, "text": said(axis, value)} for place, value in known]
    heads = ["combination", "axis", "place", "text"]
    return pd.concat([pd.DataFrame(columns=heads), *lines], ignore_index=True), pd.DataFrame(marks, columns=heads[1:])


_MARKS = 6


def _places(values: Sequence[Any]) -> tuple[list[float], list[tuple[float, Any]]]:
    """Where values lie between 0 and 1, and a mark for each of a few values, or for both ends of many."""
    given = quantities(values)
    if given is None:
        different = sorted(dict.fromkeys(map(str, values)))
        step = 1 / max(len(different) - 1, 1)
        return [different.index(str(value)) * step for value in values], [
            (place * step, value) for place, value in enumerate(different)
        ]
    low, high = min(given, default=0.0), max(given, default=1.0)
    width = high - low or 1.0
    places = [(value - low) / width for value in given]
    known = sorted(dict(zip(places, values, strict=True)).items())
    return places, known if len(known) <= _MARKS else [known[0], known[-1]]


def in_order(values: Sequence[Any]) -> list[Any]:
    """Different values of a factor, from the least on where they are quantities."""
    different = list({repr(value): value for value in values}.values())
    given = quantities(different)
    if given is None:
        return sorted(different, key=str)
    return [value for _, value in sorted(zip(given, different, strict=True), key=lambda one: one[0])]
