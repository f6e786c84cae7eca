"""Alternatives against a baseline, replication by replication under the same chance."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from scenarios.estimate import STUDENT, Linear, Values, checked_confidence, interval, no_difference
from scenarios.replications import Result
from sim.errors import ParameterError, Problem
from sim.metrics import METRICS, Metric, find, metrics_of

Verdict = Literal["better", "worse", "higher", "lower", "no difference shown", "not defined"]
_EQUAL = 1e-12
"""Relative difference below which two sums differ by rounding only."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric of one alternative against the baseline.

    Attributes
    ----------
    metric, alternative, unit : str
    baseline, value : float or None
        The metric in each.
    mean, low, high : float or None
        Alternative minus baseline, with its own confidence interval.
    family_low, family_high : float or None
        Interval that holds together with those of all other compared metrics and alternatives (Bonferroni).
    variance_reduction : float or None
        1 - paired variance / variance of independent runs.
    p_holm : float or None
        Least error rate of the whole family at which this difference is shown, by Holm's step-down paired t-tests; it
        shows at least what the family's intervals show.
    verdict : {"better", "worse", "higher", "lower", "no difference shown", "not defined"}
        By the family's interval.
    """

    metric: str
    alternative: str
    unit: str
    baseline: float | None
    value: float | None
    mean: float | None
    low: float | None
    high: float | None
    family_low: float | None
    family_high: float | None
    variance_reduction: float | None
    p_holm: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences of alternatives from a baseline.

    Attributes
    ----------
    baseline : str
    alternatives : tuple of str
    differences : tuple of Difference
    confidence : float
    n : int
        Paired replications.
    family : int
        How many differences the family's intervals hold for together.
    method : str
    """

    baseline: str
    alternatives: tuple[str, ...]
    differences: tuple[Difference, ...]
    confidence: float
    n: int
    family: int
    method: str

    def get(self, alternative: str, metric: str) -> Difference:
        """One difference.

        Raises
        ------
        ParameterError
            If it is not among those compared.
        """
        for one in self.differences:
            if (one.alternative, one.metric) == (alternative, metric):
                return one
        allowed = f"{', '.join(self.alternatives)}; {', '.join(dict.fromkeys(d.metric for d in self.differences))}"
        raise ParameterError(Problem("not compared", allowed=allowed, given=f"{alternative}: {metric}"))

    def table(self) -> pd.DataFrame:
        """One row per alternative and metric, columns as the fields of `Difference`."""
        names = [field.name for field in fields(Difference)]
        return pd.DataFrame([asdict(one) for one in self.differences], columns=names)

    def plain(self) -> dict[str, Any]:
        """As JSON has it: ``{"alternatives": {name: {"metrics": {name: {mean, low, high, unit, ...}}}}, ...}``."""
        found: dict[str, Any] = {name: {"metrics": {}} for name in self.alternatives}
        for one in self.differences:
            values = asdict(one)
            del values["alternative"], values["metric"]
            found[one.alternative]["metrics"][one.metric] = values
        return {
            "baseline": self.baseline,
            "confidence": self.confidence,
            "replications": self.n,
            "family": self.family,
            "method": self.method,
            "alternatives": found,
        }


def compare(
    baseline: Result,
    alternatives: Mapping[str, Result],
    confidence: float = 0.95,
    metrics: Sequence[str] | None = None,
) -> Comparison:
    """Compare alternatives with a baseline, paired by replication: the same customers under both.

    Parameters
    ----------
    baseline : Result
    alternatives : mapping of name to Result
        Of the same seed as the baseline; replications that both have are used.
    confidence : float
        Of each interval by itself, and of all intervals of the family together.
    metrics : sequence of str, optional
        Which metrics; all unless given. The fewer, the narrower the family's intervals.

    Returns
    -------
    Comparison

    Raises
    ------
    ParameterError
        If there is nothing to compare, or seeds, measured windows or replications do not match.
    """
    chosen = [find(name) for name in metrics] if metrics is not None else _said_of(baseline, *alternatives.values())
    checked_confidence(confidence)
    common = _common(baseline, alternatives)
    family = len(alternatives) * len(chosen)
    each = 1 - (1 - confidence) / max(family, 1)
    base = _only(baseline, common)
    differences = []
    for name, alternative in alternatives.items():
        other = _only(alternative, common)
        differences += [_paired(metric, name, base, other, (confidence, each)) for metric in chosen]
    method = (
        f"paired by replication under common random numbers, n = {len(common)}, {STUDENT}, {confidence:.0%}; "
        f"verdicts by Bonferroni intervals for {family} differences together"
    )
    shown = tuple(corrected(differences))
    return Comparison(baseline.name, tuple(alternatives), shown, confidence, len(common), family, method)


def compare_pairs(
    results: Mapping[str, Result], confidence: float = 0.95, metrics: Sequence[str] | None = None
) -> tuple[Comparison, ...]:
    """Every pair of scenarios: each one against all that follow it, intervals and corrections of one family.

    Parameters
    ----------
    results : mapping of name to Result
        Two or more, of one seed.
    confidence, metrics
        As in `compare`.

    Returns
    -------
    tuple of Comparison
        One for each scenario but the last, as the baseline of those after it.

    Raises
    ------
    ParameterError
        As `compare` does.
    """
    names, kept = list(results), common_replications(results)
    chosen = [find(name) for name in metrics] if metrics is not None else _said_of(*results.values())
    common = kept[names[0]].replications
    checked_confidence(confidence)
    family = len(names) * (len(names) - 1) // 2 * len(chosen)
    both = (confidence, 1 - (1 - confidence) / max(family, 1))
    pairs = [(first, second) for place, first in enumerate(names) for second in names[place + 1 :]]
    found = [
        (first, _paired(metric, second, kept[first], kept[second], both))
        for first, second in pairs
        for metric in chosen
    ]
    adjusted = corrected([one for _, one in found])
    method = (
        f"all pairs, by replication under common random numbers, n = {len(common)}, {STUDENT}, {confidence:.0%}; "
        f"verdicts by Bonferroni intervals for {family} differences together"
    )
    by_base: dict[str, list[Difference]] = {name: [] for name in names[:-1]}
    for (base, _), one in zip(found, adjusted, strict=True):
        by_base[base].append(one)
    return tuple(
        Comparison(base, tuple(names[place + 1 :]), tuple(by_base[base]), confidence, len(common), family, method)
        for place, base in enumerate(names[:-1])
    )


def corrected(differences: Sequence[Difference]) -> list[Difference]:
    """Differences with p-values of the whole family in place of their own."""
    places = [place for place, one in enumerate(differences) if one.p_holm is not None]
    adjusted = dict(zip(places, holm([differences[place].p_holm or 0.0 for place in places]), strict=True))
    return [replace(one, p_holm=adjusted.get(place)) for place, one in enumerate(differences)]


def holm(values: Sequence[float]) -> list[float]:
    """p-values adjusted for their number by Holm's step-down procedure (1979), whatever their dependence."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    adjusted, greatest = [0.0] * len(values), 0.0
    for step, place in enumerate(order):
        greatest = max(greatest, min(1.0, (len(values) - step) * values[place]))
        adjusted[place] = greatest
    return adjusted


def _said_of(*results: Result) -> list[Metric]:
    """Metrics that say something about one of the scenarios at least."""
    said = {metric.name for result in results for metric in metrics_of(result.frame)}
    return [metric for metric in METRICS if metric.name in said]


def _common(baseline: Result, alternatives: Mapping[str, Result]) -> list[int]:
    """Numbers of the replications that all have."""
    if not alternatives:
        raise ParameterError(Problem("nothing to compare with the baseline", allowed="at least one alternative"))
    common = set(baseline.replications)
    for name, other in alternatives.items():
        _check_pair(baseline, name, other)
        common &= set(other.replications)
    if len(common) < 2:
        what = "too few replications in common for a comparison"
        raise ParameterError(Problem(what, allowed="2 or more", given=str(len(common)), fix="Run more replications."))
    return sorted(common)


def common_replications(results: Mapping[str, Result]) -> dict[str, Result]:
    """Results cut to the replications that all have.

    Raises
    ------
    ParameterError
        If there are fewer than two results, or seeds, measured windows or replications do not match.
    """
    if len(results) < 2:
        raise ParameterError(Problem("no pair to compare", allowed="two scenarios or more", given=str(len(results))))
    (_, base), *others = results.items()
    common = _common(base, dict(others))
    return {name: _only(result, common) for name, result in results.items()}


def _check_pair(baseline: Result, name: str, other: Result) -> None:
    def window(result: Result) -> tuple[int, int, object]:
        return result.frame.warm_up_us, result.frame.end_us, result.frame.start_utc

    if other.seed != baseline.seed:
        raise ParameterError(
            Problem(
                f"{name!r} was run with another seed than the baseline, so its customers are others",
                allowed=f"seed {baseline.seed}",
                given=f"seed {other.seed}",
                fix="Run both with the same seed.",
            )
        )
    if window(other) != window(baseline):
        raise ParameterError(
            Problem(f"{name!r} measures another stretch of time", allowed="the baseline's start, warm-up and horizon")
        )


def _only(result: Result, numbers: list[int]) -> Result:
    place = {number: index for index, number in enumerate(result.replications)}
    return replace(result, totals=[result.totals[place[number]] for number in numbers], replications=tuple(numbers))


def _paired(
    metric: Metric, name: str, baseline: Result, alternative: Result, confidences: tuple[float, float]
) -> Difference:
    return paired_difference(metric, name, baseline.linear(metric), alternative.linear(metric), confidences)


def paired_difference(
    metric: Metric, name: str, first: Linear, second: Linear, confidences: tuple[float, float]
) -> Difference:
    """The second minus the first; residuals of ratios are subtracted replication by replication.

    Parameters
    ----------
    metric : Metric
    name : str
        Of the alternative.
    first, second : Linear
        Of the same replications.
    confidences : (float, float)
        Of the difference's own interval, and of the family's.
    """
    residuals = second.residuals - first.residuals
    saved = _saved(first.residuals, second.residuals)

    def around(mean: float) -> _Around:
        own, family = (_limits(mean, residuals, confidence) for confidence in confidences)
        return _Around(own, family, saved, no_difference(mean, residuals))

    return _difference(metric, name, (first, second), around)


def _limits(mean: float, residuals: Values, confidence: float) -> tuple[float, float]:
    low, high = interval(np.array([mean]), residuals, confidence)
    return float(low[0]), float(high[0])


def independent_difference(
    metric: Metric, name: str, first: Linear, second: Linear, confidences: tuple[float, float]
) -> Difference:
    """As `paired_difference`, of replications that have nothing in common (Welch's interval)."""
    error, freedom = _welch(first.residuals, second.residuals)
    own, family = (error * float(stats.t.ppf((1 + confidence) / 2, freedom)) for confidence in confidences)

    def around(mean: float) -> _Around:
        certain = 1.0 if mean == 0 else 0.0
        p_value = float(2 * stats.t.sf(abs(mean) / error, freedom)) if error else certain
        return _Around((mean - own, mean + own), (mean - family, mean + family), None, p_value)

    return _difference(metric, name, (first, second), around)


def _welch(first: Values, second: Values) -> tuple[float, float]:
    """Standard error of a difference of independent means, and its degrees of freedom (Welch 1947)."""
    parts = [(float((one**2).sum()) / (len(one) - 1) / len(one), len(one) - 1) for one in (first, second)]
    total = sum(part for part, _ in parts)
    below = sum(part**2 / freedom for part, freedom in parts)
    return math.sqrt(total), total**2 / below if below > 0 else float(min(freedom for _, freedom in parts))


@dataclass(frozen=True, slots=True)
class _Around:
    """What is said around the mean of a difference: its intervals, the variance that pairing saves, and p."""

    own: tuple[float, float]
    family: tuple[float, float]
    saved: float | None
    p_value: float


def _difference(
    metric: Metric, name: str, both: tuple[Linear, Linear], around: Callable[[float], _Around]
) -> Difference:
    before, after = (_number(one.mean) for one in both)
    if before is None or after is None:
        nothing = (None,) * 7
        return Difference(metric.name, name, metric.unit, before, after, *nothing, verdict="not defined")
    mean = 0.0 if math.isclose(before, after, rel_tol=_EQUAL) else after - before
    said = around(mean)
    return Difference(
        metric=metric.name,
        alternative=name,
        unit=metric.unit,
        baseline=before,
        value=after,
        mean=mean,
        low=said.own[0],
        high=said.own[1],
        family_low=said.family[0],
        family_high=said.family[1],
        variance_reduction=said.saved,
        p_holm=said.p_value,
        verdict=_verdict(metric, *said.family),
    )


def _number(values: Values) -> float | None:
    value = float(values[0])
    return None if math.isnan(value) else value


def _saved(first: Values, second: Values) -> float | None:
    """Part of the variance that pairing removes; negative where pairing adds to it."""
    apart = float((first**2).sum() + (second**2).sum())
    return 1 - float(((second - first) ** 2).sum()) / apart if apart > 0 else None


def _verdict(metric: Metric, low: float, high: float) -> Verdict:
    if low <= 0 <= high:
        return "no difference shown"
    rises = low > 0
    if metric.better == "neither":
        return "higher" if rises else "lower"
    return "better" if rises == (metric.better == "higher") else "worse"
