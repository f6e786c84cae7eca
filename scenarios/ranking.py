"""Scenarios in the order of a metric, and which of them may be the best as far as the replications can tell.

A scenario is set apart from the best if some other beats it by more than their paired t-limit at error rate alpha ÷
(k - 1), one-sided. The scenario that truly is best stays among the others with probability 1 - alpha at least, whatever
the dependence (the screening of Nelson, Swann, Goldsman and Song 2001, equation 2, on paired differences).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import stats

from scenarios.comparison import common_replications
from scenarios.estimate import Estimate, checked_confidence, estimate_of
from scenarios.replications import Result
from sim.errors import ParameterError, Problem
from sim.metrics import Metric, find

Aim = Literal["highest", "lowest"]


@dataclass(frozen=True, slots=True)
class Place:
    """One scenario's place in the order of a metric.

    Attributes
    ----------
    rank : int
        From 1; the best estimate first.
    name : str
    estimate : Estimate
    may_be_best : bool
        Whether the replications leave open that it is the best.
    beaten_by : str or None
        The scenario that sets it apart from the best most clearly.
    """

    rank: int
    name: str
    estimate: Estimate
    may_be_best: bool
    beaten_by: str | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Scenarios in the order of one metric.

    Attributes
    ----------
    metric : str
    aim : {"highest", "lowest"}
    places : tuple of Place
        The best estimate first; scenarios in which the metric is not defined are left out.
    confidence : float
    n : int
        Paired replications.
    """

    metric: str
    aim: Aim
    places: tuple[Place, ...]
    confidence: float
    n: int

    @property
    def best(self) -> tuple[str, ...]:
        """Scenarios that may be the best."""
        return tuple(place.name for place in self.places if place.may_be_best)

    @property
    def method(self) -> str:
        """How scenarios were set apart, in words."""
        return (
            f"paired one-sided t-tests under common random numbers, n = {self.n}; the set that may be the best "
            f"holds the true best with at least {self.confidence:.0%} (Nelson, Swann, Goldsman and Song 2001), "
            "for this metric by itself"
        )

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        places = [
            {"rank": one.rank, "name": one.name, **one.estimate.plain(), "may_be_best": one.may_be_best,
             "beaten_by": one.beaten_by}
            for one in self.places
        ]  # fmt: skip
        return {"aim": self.aim, "replications": self.n, "method": self.method, "places": places}


def rank(results: Mapping[str, Result], metric: str, confidence: float = 0.95, aim: Aim | None = None) -> Ranking:
    """Put scenarios into the order of a metric.

    Parameters
    ----------
    results : mapping of name to Result
        Two or more of one seed; replications that all have are used.
    metric : str
    confidence : float
        With which the true best is in the set that may be the best.
    aim : {"highest", "lowest"}, optional
        What is best; needed only where the metric itself has no better side.

    Raises
    ------
    ParameterError
        If there are fewer than two scenarios, or it is not clear what is best.
    """
    known, direction = find(metric), aim_of(metric, aim)
    kept = common_replications(results)
    found = {name: result.linear(known) for name, result in kept.items()}
    sign = 1 if direction == "highest" else -1
    means = {name: sign * float(one.mean[0]) for name, one in found.items()}
    defined = sorted((name for name in found if not math.isnan(means[name])), key=lambda name: -means[name])
    n = len(next(iter(kept.values())).totals)
    each = 1 - (1 - checked_confidence(confidence)) / max(len(defined) - 1, 1)
    leads = _Leads(means, {name: sign * found[name].residuals[:, 0] for name in defined}, each)
    places = [
        _place(number, name, estimate_of(known, found[name], confidence), leads)
        for number, name in enumerate(defined, 1)
    ]
    return Ranking(known.name, direction, tuple(places), confidence, n)


def aim_of(metric: str, aim: Aim | None = None) -> Aim:
    """Whether the best is the highest or the lowest.

    Raises
    ------
    ParameterError
        If neither the metric nor the caller says so.
    """
    better = find(metric).better
    if aim is not None:
        return aim
    if better == "neither":
        what = f"{metric} is neither better high nor better low by itself"
        raise ParameterError(Problem(what, allowed="highest or lowest", fix="Say which of the two is best."))
    return "highest" if better == "higher" else "lowest"


@dataclass(frozen=True, slots=True)
class _Leads:
    """By how much scenarios beat each other beyond chance; the greater the value, the better."""

    means: Mapping[str, float]
    residuals: Mapping[str, np.ndarray]
    each: float

    def beaten_by(self, name: str) -> str | None:
        """Who beats a scenario most clearly; nobody if it may be the best."""
        leads = {other: self._lead(other, name) for other in self.residuals if other != name}
        best = max(leads, key=lambda other: leads[other], default=None)
        return best if best is not None and leads[best] > 0 else None

    def _lead(self, first: str, second: str) -> float:
        """Lower limit of the lead of the first over the second, one-sided."""
        residuals = self.residuals[first] - self.residuals[second]
        n = len(residuals)
        error = math.sqrt(float((residuals**2).sum()) / (n - 1) / n)
        return self.means[first] - self.means[second] - float(stats.t.ppf(self.each, n - 1)) * error


def _place(number: int, name: str, estimate: Estimate, leads: _Leads) -> Place:
    beaten = leads.beaten_by(name)
    return Place(number, name, estimate, beaten is None, beaten)


def rankings(results: Mapping[str, Result], metrics: Sequence[str], confidence: float = 0.95) -> tuple[Ranking, ...]:
    """A ranking for each metric that has a better side."""
    chosen: list[Metric] = [find(name) for name in metrics]
    return tuple(rank(results, one.name, confidence) for one in chosen if one.better != "neither")
