"""Metrics as sums above and below a line, so that whoever pools runs, intervals or queues adds before dividing."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.errors import ParameterError, Problem
from sim.metrics.frame import Frame
from sim.metrics.histogram import quantile_us
from sim.metrics.registry import OWNER, Metric, Terms
from sim.metrics.sums import SUMS, Scope
from sim.metrics.totals import Totals

Values = NDArray[np.float64]

GOOD: dict[str, Terms] = {
    "SL1": (("answered_in_time", 1), ("abandoned_in_time", 1)),
    "SL2": (("answered_in_time", 1),),
    "SL3": (("answered_in_time", 1),),
    "SL4": (("answered_in_time", 1),),
}
DUE: dict[str, Terms] = {
    "SL1": (("answered", 1), ("abandoned", 1)),
    "SL2": (("answered", 1),),
    "SL3": (("answered", 1), ("abandoned", 1)),
    "SL4": (("answered", 1), ("abandoned", 1), ("abandoned_in_time", -1)),
}


def owners(frame: Frame, scope: Scope) -> tuple[str, ...]:
    """Names of the queues, groups, streams, tiers or cost lines that have metrics of a scope."""
    by_owner = {
        "queue": frame.queues,
        "group": frame.groups,
        "stream": frame.streams,
        "tier": frame.tiers,
        "cost line": frame.cost_lines,
    }
    return by_owner[OWNER[scope]]


def owner(frame: Frame, metric: Metric, name: str | None) -> int | None:
    """Number of the queue, group, stream, tier or cost line of that name; None for all together.

    Raises
    ------
    ParameterError
        If there is none of that name in the metric's scope.
    """
    known = owners(frame, metric.scope)
    if name is None:
        return None
    if name not in known:
        what = f"no such {OWNER[metric.scope]} for {metric.name}"
        raise ParameterError(Problem(what, allowed=", ".join(known), given=repr(name)))
    return known.index(name)


def parts(metric: Metric, totals: Totals, of: int | None = None) -> tuple[Values, Values]:
    """What stands above and below the line, by interval, in the metric's unit.

    Parameters
    ----------
    metric : Metric
        A count or a ratio of sums.
    totals : Totals
    of : int, optional
        Number of the owner (queue, group, stream ...); all together unless given.

    Returns
    -------
    (above, below) : float arrays (intervals + 1)
        For a count, ``below`` is the measured part of each interval: the count per interval is their ratio, and the
        count of a whole run the sum of ``above`` alone.
    """
    over, under = metric.terms()
    above = _combine(over, metric.scope, totals, of) * metric.scale
    if not under:
        return above, _window(totals.frame) / totals.frame.interval_us
    return above, _combine(under, metric.scope, totals, of)


def total(metric: Metric, totals: Totals, of: int | None = None) -> tuple[float, float]:
    """Sums above and below the line over the whole run; below a count stands 1."""
    above, below = parts(metric, totals, of)
    return float(above.sum()), float(below.sum()) if metric.under else 1.0


def quantile(metric: Metric, totals: Totals, of: int | None = None) -> float:
    """A quantile of the whole run in the metric's unit; NaN where it is not defined."""
    if metric.quantile is None:
        raise ValueError(f"{metric.name} is not a quantile")
    kind, share = metric.quantile
    chosen = slice(None) if of is None else slice(of, of + 1)
    observed, censored = totals.observed[kind][chosen].sum(axis=0), totals.censored[kind][chosen].sum(axis=0)
    return quantile_us(observed, censored, share) * metric.scale


def value(metric: Metric, totals: Totals, of: int | None = None) -> float:
    """The metric's number for one run; NaN where it is not defined."""
    if metric.quantile:
        return quantile(metric, totals, of)
    above, below = total(metric, totals, of)
    return above / below if below > 0 else math.nan


def _window(frame: Frame) -> Values:
    return np.append(frame.lengths_us(), 0).astype(np.float64)


def _combine(terms: Terms, scope: Scope, totals: Totals, of: int | None) -> Values:
    if terms == (("window", 1),):
        return _window(totals.frame)
    if terms in ((("service_good", 1),), (("service_due", 1),)):
        table = GOOD if terms[0][0] == "service_good" else DUE
        numbers = range(len(totals.frame.queues)) if of is None else (of,)
        each = [_combine(table[totals.frame.formula[number]], scope, totals, number) for number in numbers]
        together: Values = np.sum(each, axis=0)
        return together
    if terms == (("cases", 1),) and scope == "money":
        return _combine(terms, "case", totals, None)
    sums, codes = _sums_of(totals, scope), SUMS[scope]
    result = np.zeros(sums.shape[2])
    for name, sign in terms:
        table_ = sums[codes[name.upper()]]
        result += sign * (table_.sum(axis=0) if of is None else table_[of])
    if scope == "money":
        result += _budget(totals.frame, of)
    return result


def _sums_of(totals: Totals, scope: Scope) -> NDArray[np.int64]:
    sums = {
        "queue": totals.queue,
        "group": totals.group,
        "case": totals.case,
        "tier": totals.tier,
        "opinion": totals.opinion,
        "money": totals.money,
    }
    return sums[scope]


def budget_of(frame: Frame) -> Values:
    """What a budget costs whatever happens: of all cost lines together, then of each, in thousandths."""
    money = frame.service.money if frame.service else None
    costs = [1000 * cost for _, cost in money.budget] if money else []
    lines = np.zeros(len(frame.cost_lines))
    lines[len(lines) - len(costs) :] = costs
    return np.concatenate([[lines.sum()], lines])


def _budget(frame: Frame, of: int | None) -> Values:
    """What the lines of a budget cost whatever happens, spread evenly over the window, in thousandths."""
    money = frame.service.money if frame.service else None
    lines = money.budget if money else ()
    first = len(frame.cost_lines) - len(lines)
    amount = sum(cost for number, (_, cost) in enumerate(lines, first) if of in (None, number))
    return _window(frame) * (1000 * amount / frame.window_us)
