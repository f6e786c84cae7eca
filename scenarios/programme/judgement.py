"""From the runs of a study to what it says: facts, targets, interventions alone, claims."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import stats

from scenarios.estimate import Estimate, share_estimate
from scenarios.programme.marks import Mark, marks
from scenarios.programme.parameters import Floats
from scenarios.programme.proposals import Fact
from scenarios.programme.study import BASELINE, PROGRAMME, Acceptance, Job, Study, Variant, required
from scenarios.programme.targets import Target

Months = Sequence[Mapping[str, float]]
_CONFIDENCE = 0.95
_RESAMPLES = 1000
_SPREAD = (5, 50, 95)


@dataclass(frozen=True, slots=True)
class FactFound:
    """A fact, and what the baseline as it stands shows: the mean over months, with its interval."""

    fact: Fact
    mean: Estimate
    holds: bool


@dataclass(frozen=True, slots=True)
class TargetFound:
    """A target, and what the programme reaches over all kept sets.

    Attributes
    ----------
    target : Target
    baseline, programme, score : Estimate
        Means over sets: the measure in both, and what is compared with the goal.
    spread : tuple of float
        5th, 50th and 95th percentile of single months' scores.
    chance : Estimate
        Probability that a month meets the target.
    met : bool
        Whether the mean does.
    margin : float
        By how much; negative: missed by so much.
    """

    target: Target
    baseline: Estimate
    programme: Estimate
    score: Estimate
    spread: tuple[float, ...]
    chance: Estimate
    met: bool
    margin: float


@dataclass(frozen=True, slots=True)
class AloneFound:
    """An intervention (with what it requires) against the baseline: paired differences by measure."""

    name: str
    with_: tuple[str, ...]
    differences: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class ClaimFound:
    """A claim kept to several shares, the programme otherwise whole.

    Attributes
    ----------
    text : str
    shares : tuple of float
    scores : dict
        From a target's name to the mean score at each share.
    needed : dict
        From a target's name to the least share that meets it, with limits; None: not even the whole claim does.
    """

    text: str
    shares: tuple[float, ...]
    scores: dict[str, tuple[float, ...]]
    needed: dict[str, tuple[float | None, float | None, float | None]]


@dataclass(frozen=True, slots=True)
class ParameterFound:
    """An assumption: what stands in the scenario, and 5th, 50th and 95th percentile among the kept sets, as written."""

    name: str
    places: int
    mark: Mark
    present: Any
    kept: list[Any]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that a study says.

    Attributes
    ----------
    facts, shown : list of FactFound
        What the baseline as it stands shows of the facts, and of what else is said of it.
    marks : list of Mark
        What each number of the scenario rests on.
    acceptance : Acceptance
    parameters : list of ParameterFound
    baseline : dict
        Every measure of the baseline as it stands.
    targets : list of TargetFound
    alone : list of AloneFound
    claims : list of ClaimFound
    sets : int
        Parameter sets kept.
    wanted : int
        Sets asked for.
    """

    facts: list[FactFound]
    shown: list[FactFound]
    marks: list[Mark]
    acceptance: Acceptance
    parameters: list[ParameterFound]
    baseline: dict[str, Estimate]
    targets: list[TargetFound]
    alone: list[AloneFound]
    claims: list[ClaimFound]
    sets: int
    wanted: int

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def judge(study: Study, months: int = 20) -> Judgement:
    """Run what is missing of a study and count.

    Parameters
    ----------
    study : Study
    months : int
        Replications of the baseline as it stands, for the facts.
    """
    case, size = study.task.case, study.size
    own = study.own(months)
    sets, acceptance = study.kept_sets()
    base = study.under(sets, Variant(BASELINE))
    whole = study.under(sets, Variant(PROGRAMME, case.programme))
    return Judgement(
        facts=[_fact(fact, own) for fact in case.facts],
        shown=[_fact(fact, own) for fact in case.shown],
        marks=marks(study.task.document),
        acceptance=acceptance,
        parameters=_parameters(study, sets),
        baseline={name: mean(_column(own, name)) for name in case.measures},
        targets=[target_found(target, base, whole) for target in case.targets],
        alone=_alone(study, sets[: size.alone], base[: size.alone]),
        claims=_claims(study, sets[: size.claims], (base[: size.claims], whole[: size.claims])),
        sets=len(sets),
        wanted=size.sets,
    )


def mean(values: Floats) -> Estimate:
    """Mean of independent numbers with its Student interval."""
    known = values[np.isfinite(values)]
    n = len(known)
    if n == 0:
        return Estimate(None, None, None, "", 0, "not defined in any month")
    middle = float(known.mean())
    if n == 1:
        return Estimate(middle, None, None, "", 1, "one month: no confidence interval")
    half = float(known.std(ddof=1) / math.sqrt(n) * stats.t.ppf((1 + _CONFIDENCE) / 2, n - 1))
    return Estimate(middle, middle - half, middle + half, "", n, f"{_CONFIDENCE:.0%}: mean over months, Student t")


def _column(months: Months, name: str) -> Floats:
    return np.array([month[name] for month in months], np.float64)


def _fact(fact: Fact, months: Months) -> FactFound:
    found = mean(_column(months, fact.measure))
    return FactFound(fact, found, found.mean is not None and fact.low <= found.mean <= fact.high)


def _parameters(study: Study, sets: Sequence[Job]) -> list[ParameterFound]:
    values = np.array([one.values for one in sets]).reshape(len(sets), -1)
    table = np.percentile(values, _SPREAD, axis=0) if sets else np.empty((0, len(study.task.parameters)))
    return [
        ParameterFound(one.name, len(one.paths), one.mark, one.written(one.present), [one.written(x) for x in column])
        for one, column in zip(study.task.parameters, table.T, strict=True)
    ]


def target_found(target: Target, base: Months, whole: Months) -> TargetFound:
    """A target over pairs of months, the baseline's and the programme's of each set."""
    scores = np.array([target.score(one, other) for one, other in zip(base, whole, strict=True)], np.float64)
    score = mean(scores)
    met = score.mean is not None and target.met(score.mean)
    known = scores[np.isfinite(scores)]
    return TargetFound(
        target=target,
        baseline=mean(_column(base, target.measure)),
        programme=mean(_column(whole, target.measure)),
        score=score,
        spread=tuple(map(float, np.percentile(known, _SPREAD))) if len(known) else (),
        chance=share_estimate(sum(target.met(one) for one in scores), len(scores), _CONFIDENCE),
        met=met,
        margin=math.nan if score.mean is None else target.margin(score.mean),
    )


def _alone(study: Study, sets: Sequence[Job], base: Months) -> list[AloneFound]:
    document, case = study.task.document, study.task.case
    chosen = {name: required(document, name) for name in case.single}
    variants = [Variant(f"alone: {name}", with_) for name, with_ in chosen.items()]
    found = [AloneFound(name, with_[:-1], _differences(study, sets, base, variant))
             for (name, with_), variant in zip(chosen.items(), variants, strict=True)]  # fmt: skip
    whole = Variant(PROGRAMME, case.programme)
    return [*found, AloneFound("the whole programme", (), _differences(study, sets, base, whole))]


def _differences(study: Study, sets: Sequence[Job], base: Months, variant: Variant) -> dict[str, Estimate]:
    months = study.under(sets, variant)
    return {name: mean(_column(months, name) - _column(base, name)) for name in study.task.case.compared}


def _claims(study: Study, sets: Sequence[Job], months: tuple[Months, Months]) -> list[ClaimFound]:
    return [_claim(study, sets, text, months) for text in study.task.claims] if sets else []


def _claim(study: Study, sets: Sequence[Job], text: str, months: tuple[Months, Months]) -> ClaimFound:
    case, shares = study.task.case, study.size.shares
    base, whole = months
    variants = [Variant(f"{PROGRAMME}, {share:.0%} of: {text}", case.programme, text, share) for share in shares]
    runs = [whole if one.share == 1 else study.under(sets, one) for one in variants]
    scores = {
        target.name: np.array(
            [[target.score(one, other) for one, other in zip(base, run, strict=True)] for run in runs]
        )
        for target in case.targets
    }
    return ClaimFound(
        text,
        shares,
        {name: tuple(map(float, table.mean(axis=1))) for name, table in scores.items()},
        {target.name: _needed(target, shares, scores[target.name]) for target in case.targets},
    )


def _needed(target: Target, shares: Sequence[float], scores: Floats) -> tuple[float | None, float | None, float | None]:
    """Least share that meets a target on average, with limits by resampling the sets; None: none does."""
    chance = np.random.default_rng(len(shares))
    picks = chance.integers(0, scores.shape[1], (_RESAMPLES, scores.shape[1]))
    drawn = [least(target, shares, scores[:, pick].mean(axis=1)) for pick in picks]
    ordered = np.sort([math.inf if one is None else one for one in drawn])
    low, high = (float(ordered[int(place * (_RESAMPLES - 1))]) for place in (0.025, 0.975))
    return (
        least(target, shares, scores.mean(axis=1)),
        low if math.isfinite(low) else None,
        high if math.isfinite(high) else None,
    )


def least(target: Target, shares: Sequence[float], scores: Sequence[float]) -> float | None:
    """The least share from which on a target is met, in straight lines between the shares tried; None: it is not."""
    margins = [target.margin(score) for score in scores]
    if not margins[-1] >= 0:
        return None
    place = len(margins) - 1
    while place > 0 and margins[place - 1] >= 0:
        place -= 1
    if place == 0:
        return float(shares[0])
    below, above = margins[place - 1], margins[place]
    part = -below / (above - below) if math.isfinite(below) else 1.0
    return float(shares[place - 1] + part * (shares[place] - shares[place - 1]))
