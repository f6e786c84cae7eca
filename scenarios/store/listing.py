"""What a folder holds, as a table: estimates of chosen metrics of chosen scenarios."""

from __future__ import annotations

import fnmatch
import json
import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from scenarios.estimate import checked_confidence, skewed
from scenarios.store.blocks import TOGETHER
from scenarios.store.folder import Folder
from scenarios.store.views import ask
from sim.errors import ParameterError, Problem
from sim.metrics import METRICS

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
_CONDITION = re.compile(r"(.+?)\s*(<=|>=|!=|=|<|>)\s*(.+)")
_SPANS = {metric.name: metric.span for metric in METRICS}
_UNITS = {metric.name: str(metric.unit) for metric in METRICS}


@dataclass(frozen=True, slots=True)
class Selection:
    """What to list.

    Attributes
    ----------
    names : tuple of str
        Patterns of names of scenarios, with ``*`` and ``?``; all of them unless given.
    where : tuple of str
        Conditions on values at paths, such as ``people.desk.agents >= 8``; all must hold.
    metrics : tuple of str
        All metrics unless given.
    owners : bool
        Whether each queue, group, stream ... is listed as well.
    confidence : float
    """

    names: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    owners: bool = False
    confidence: float = 0.95


def scenarios(folder: Folder, chosen: Selection) -> pd.DataFrame:
    """Scenarios: name, run, seed, engine, finished, replications (asked for), parameters, and a column for each path.

    Raises
    ------
    ParameterError
        If a condition cannot be read, or a path is known of no scenario.
    """
    folder.refresh()
    found = folder.described().to_pandas().sort_values(["name", "run"], kind="stable", ignore_index=True)
    found["finished"] = [len(folder.results.finished.get(run, ())) for run in found["run"]]
    found["parameters"] = [json.loads(text) for text in found["parameters"]]
    if chosen.names:
        found = found[[any(fnmatch.fnmatchcase(name, one) for one in chosen.names) for name in found["name"]]]
    known = list(dict.fromkeys(path for values in found["parameters"] for path in values))
    for text in chosen.where:
        path, holds = _condition(text, known)
        found = found[[path in values and holds(values[path]) for values in found["parameters"]]]
    for path in known:
        at = [values.get(path) for values in found["parameters"]]
        found[path] = pd.Series(at, found.index, object if None in at else None)  # or 5 would be 5.0 beside nothing
    return found.reset_index(drop=True)


def _condition(text: str, known: Sequence[str]) -> tuple[str, Callable[[Any], bool]]:
    match = _CONDITION.fullmatch(text.strip())
    if not match:
        raise ParameterError(Problem("not a condition", allowed="PATH = VALUE, or <, <=, >, >=, !=", given=text))
    path, sign, value = match.groups()
    if path not in known:
        raise ParameterError(Problem("no scenario of this folder varies that", allowed=", ".join(known), given=path))
    wanted = _plain(value)

    def holds(given: Any) -> bool:
        given = _plain(given)
        if isinstance(given, float) != isinstance(wanted, float):
            return sign == "!="
        return _COMPARISONS[sign](given, wanted)

    return path, holds


def _plain(value: Any) -> float | str:
    """A number if it looks like one, durations and shares included."""
    from scenarios.sweeps.factors import quantities

    if isinstance(value, str) and re.fullmatch(r"[-+]?\d*\.?\d+(e[-+]?\d+)?", value.strip(), flags=re.I):
        return float(value)
    found = quantities([value])
    return found[0] if found else str(value)


def table(folder: Folder, chosen: Selection) -> pd.DataFrame:
    """Estimates, one row per scenario, metric and owner.

    Returns
    -------
    DataFrame
        Columns ``name``, one for each path that varies, ``metric``, ``of``, ``owner``, ``mean``, ``low``, ``high``,
        ``unit``, ``n``, ``seed``, ``engine``, ``scenario`` and ``run``.

    Raises
    ------
    ParameterError
        If a metric is in no result, or as `scenarios`.
    """
    checked_confidence(chosen.confidence)
    said = scenarios(folder, chosen)
    paths = list(dict.fromkeys(path for values in said["parameters"] for path in values))
    found = _estimates(folder, said["run"].tolist(), chosen)
    merged = said[["name", *paths, "seed", "engine", "scenario", "run"]].merge(found, on="run", how="inner")
    ends = ["metric", "of", "owner", "mean", "low", "high", "unit", "n"]
    return merged[["name", *paths, *ends, "seed", "engine", "scenario", "run"]]


def _estimates(folder: Folder, runs: list[str], chosen: Selection) -> pd.DataFrame:
    conditions, values = ["list_contains(?, run)"], [runs]
    if chosen.metrics:
        conditions.append("list_contains(?, metric)")
        values.append(list(chosen.metrics))
    if not chosen.owners:
        conditions.append(f"\"owner\" = '{TOGETHER}'")
    sql = f'select * from estimates where {" and ".join(conditions)} order by run, metric, "of", "owner"'
    found = ask(folder, sql, values)
    missing = set(chosen.metrics) - set(found["metric"])
    if missing and runs:
        known = ask(folder, "select distinct metric from results order by metric")["metric"]
        raise ParameterError(Problem("no such metric in this folder", allowed=", ".join(known), given=min(missing)))
    return _with_limits(found, chosen.confidence)


def _with_limits(found: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Counts have no line to be divided by, so their mean is per replication; limits stay within what can be."""
    n = found["n"].to_numpy(float)
    error, lean, mean = (found[name].to_numpy(float) for name in ("error", "lean", "mean"))
    low, high = skewed(mean, error, np.nan_to_num(lean), stats.t.ppf((1 + confidence) / 2, np.maximum(n - 1, 1)))
    spans = [_SPANS.get(name, (-math.inf, math.inf)) for name in found["metric"]]
    lowest, highest = np.array(spans, float).reshape(-1, 2).T
    limits = {"low": np.clip(low, lowest, highest), "high": np.clip(high, lowest, highest)}
    return found.assign(**limits, unit=[_UNITS.get(name, "") for name in found["metric"]])


def replications(folder: Folder, chosen: Selection) -> pd.DataFrame:
    """What stands above and below the line, one row per scenario, replication, metric and owner."""
    said = scenarios(folder, chosen)
    sql = 'select * from results where list_contains(?, run) order by run, replication, metric, "of", "owner"'
    found = ask(folder, sql, [said["run"].tolist()])
    if chosen.metrics:
        found = found[found["metric"].isin(chosen.metrics)]
    if not chosen.owners:
        found = found[found["owner"] == TOGETHER]
    return said[["name", "run"]].merge(found, on="run", how="inner")
