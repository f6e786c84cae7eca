"""The cheapest set of interventions that meets the targets: searched for, then judged by chance that it has not seen.

Sets are compared by two numbers: how much of the way from today to the targets is missing, then the cost; both means
over the same few replications (common random numbers). With the budget for it every set is run. Otherwise a picture of
what has been run proposes sets; a set counts only by its own runs, and in the end no single drop or addition
is left untried. What is found is run again with replications that the search has not used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from scenarios.attribution.game import Game, estimate
from scenarios.attribution.orders import Floats, Ints
from scenarios.attribution.picture import picture_of
from scenarios.estimate import Estimate, share_estimate
from scenarios.programme.targets import Target
from sim.errors import ParameterError, Problem

FRESH = 10_000
"""Number of the first replication of verifications."""
_BATCH = 8
_PATIENCE = 2
_TRIED = 3
_SHORT = (0.001, 0.05)
"""Missing parts that a picture takes for none: half of what it proposes is bold."""
_DIGITS = 9

Cost = Callable[[int, Sequence[int]], float]
"""Cost of a set less that of nothing, mean over replications."""


@dataclass(frozen=True, slots=True)
class Care:
    """How much is run.

    Attributes
    ----------
    screening : int
        Replications by which sets are compared.
    fresh : int
        Replications by which what is found is judged.
    budget : int
        Runs after which the search proposes no more sets.
    within : float
        Where no set meets the targets: which part of the whole programme's gain may be missing.
    """

    screening: int = 5
    fresh: int = 30
    budget: int = 600
    within: float = 0.05

    def checked(self) -> Care:
        """The same, if it makes sense.

        Raises
        ------
        ParameterError
            If it does not.
        """
        for option, number, least in (("--screening", self.screening, 1), ("--fresh", self.fresh, 2)):
            if number < least:
                raise ParameterError(
                    Problem("too few replications", option, allowed=f"{least} or more", given=str(number))
                )
        if self.budget < 0:
            what = "not a number of runs"
            raise ParameterError(Problem(what, "--search", allowed="0 (no search) or more", given=str(self.budget)))
        if not 0 <= self.within < 1:
            raise ParameterError(Problem("not a margin", "--within", allowed="0% to 99%", given=f"{self.within:g}"))
        return self


@dataclass(frozen=True, slots=True)
class TargetMet:
    """A target and a set.

    Attributes
    ----------
    target : Target
        Its goal as asked for, or as eased.
    score : Estimate
        Mean over fresh replications.
    met : bool
        Whether the mean meets it.
    chance : Estimate
        Probability that one run does.
    """

    target: Target
    score: Estimate
    met: bool
    chance: Estimate


@dataclass(frozen=True, slots=True)
class Verified:
    """A set, judged by fresh replications.

    Attributes
    ----------
    names : tuple of str
    cost : Estimate
        Against nothing switched on.
    targets : list of TargetMet
    met : bool
        Whether the means meet all targets.
    chance : Estimate
        Probability that one run meets all of them.
    """

    names: tuple[str, ...]
    cost: Estimate
    targets: list[TargetMet]
    met: bool
    chance: Estimate


@dataclass(frozen=True, slots=True)
class Cheapest:
    """What a search found.

    Attributes
    ----------
    price : str
        What the cost is: ``given``, ``simulated``, or the ``number`` of interventions.
    sufficient : Verified or None
        The cheapest set found that meets the targets as asked for; None: none found does.
    closest : Verified or None
        Where none does, the set that comes closest.
    as_whole : Verified or None
        Where none does, the cheapest set found that reaches what the whole programme reaches, within a margin.
    whole : Verified
        The whole programme, its targets as asked for.
    all : bool
        Whether every set was run.
    sets : int
        Sets that were compared.
    runs : int
    care : Care
    """

    price: str
    sufficient: Verified | None
    closest: Verified | None
    as_whole: Verified | None
    whole: Verified
    all: bool
    sets: int
    runs: int
    care: Care

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


@dataclass(frozen=True)
class Pricing:
    """What sets cost.

    Attributes
    ----------
    kind : {"given", "simulated", "number"}
    each : float array
        Given costs by intervention; ones where the number counts.
    column : int
        Of the simulated cost among the outcomes.
    unit : str
    """

    kind: str
    each: Floats
    column: int = -1
    unit: str = ""

    def costs(self, game: Game, mask: int, replications: Sequence[int]) -> Floats:
        """Cost of a set against nothing, by replication."""
        if self.kind == "simulated":
            return game.gains([mask], replications)[:, 0, self.column]
        return np.full(len(replications), self.total(mask))

    def total(self, mask: int) -> float:
        """Sum of given costs."""
        return float(sum(cost for one, cost in enumerate(self.each) if mask >> one & 1))

    def expected(self, masks: Ints, values: Floats) -> Floats:
        """Costs of sets by a picture's values."""
        if self.kind == "simulated":
            return values[:, self.column]
        return (masks[:, None] >> np.arange(len(self.each)) & 1) @ self.each


def cheapest(game: Game, targets: Sequence[Target], pricing: Pricing, care: Care, confidence: float = 0.95) -> Cheapest:
    """Search, then judge.

    Parameters
    ----------
    game : Game
        Its outcomes hold the targets' measures, and the cost where that is simulated.
    targets : sequence of Target
    pricing : Pricing
    care : Care
    confidence : float

    Raises
    ------
    ParameterError
        If there are no targets, or the care makes no sense.
    """
    if not targets:
        what = "no targets, so no set can be sufficient"
        raise ParameterError(Problem(what, fix="Give 'targets' in the programme's file, or goals in the scenario."))
    known = len(game.known)
    judge = _Judge(game, pricing, care.checked(), confidence)
    search = _Search(game, tuple(targets), pricing, care)
    best = search.best()
    whole = judge.verified(game.precedence.whole, targets)
    sufficient = closest = as_whole = None
    compared = set(search.keys)
    if best[0].missing == 0:
        sufficient = judge.first(search, targets)
    if sufficient is None:
        closest = judge.verified(best[1], targets)
        eased = _Search(game, search.eased(care.within), pricing, care)
        eased.best()
        compared |= set(eased.keys)
        as_whole = judge.first(eased, targets, care.within)
    return Cheapest(
        pricing.kind, sufficient, closest, as_whole, whole, search.all, len(compared), len(game.known) - known, care
    )


@dataclass(frozen=True, order=True, slots=True)
class _Key:
    """By what sets are compared: the part of the way to the targets that is missing, then cost, then size."""

    missing: float
    cost: float
    size: int


@dataclass
class _Search:
    """Sets that have been run, and what they showed."""

    game: Game
    targets: tuple[Target, ...]
    pricing: Pricing
    care: Care
    keys: dict[int, _Key] = field(default_factory=dict)

    @property
    def numbers(self) -> range:
        """Replications by which sets are compared."""
        return range(self.care.screening)

    @property
    def all(self) -> bool:
        """Whether every set is run."""
        return self.game.precedence.combinations * self.care.screening <= self.care.budget

    def best(self) -> tuple[_Key, int]:
        """The best set found."""
        order = self.game.precedence
        if self.all:
            self.look(order.table.masks.tolist())
            return self.leader
        singles = range(len(order))
        self.look([0, order.whole, *(order.with_required(one) for one in singles),
                   *(order.whole & ~order.with_dependants(one) for one in singles)])  # fmt: skip
        while True:
            self._propose()
            before = self.leader
            self.look(self._beside(before[1]))
            if self.leader == before or self.spent:
                return self.leader

    @property
    def leader(self) -> tuple[_Key, int]:
        """The best of what has been run."""
        return min((key, mask) for mask, key in self.keys.items())

    @property
    def spent(self) -> bool:
        """Whether the budget is used up."""
        return len(self.keys) * self.care.screening >= self.care.budget

    def look(self, masks: Sequence[int]) -> None:
        """Run sets and compare."""
        new = [mask for mask in dict.fromkeys(masks) if mask not in self.keys]
        if not new:
            return
        values = self.game.values([0, *new], self.numbers)
        for place, mask in enumerate(new, 1):
            scores = self._scores(values[:, 0], values[:, place])
            cost = float(self.pricing.costs(self.game, mask, self.numbers).mean())
            self.keys[mask] = _Key(self._missing(scores), round(cost, _DIGITS), mask.bit_count())

    def _scores(self, base: Floats, values: Floats) -> Floats:
        """Mean score of each target over replications."""
        names = self.game.outcomes
        return np.array([
            np.mean([target.score(dict(zip(names, one, strict=True)), dict(zip(names, other, strict=True)))
                     for one, other in zip(base, values, strict=True)])
            for target in self.targets
        ])  # fmt: skip

    def _missing(self, scores: Floats) -> float:
        """Parts of the way from nothing to each goal that are missing, added up."""
        parts = []
        for target, score, start in zip(self.targets, scores, self._start, strict=True):
            way = abs(target.margin(start)) or 1.0
            margin = target.margin(float(score))
            parts.append(1.0 if math.isnan(margin) else max(0.0, -margin) / way)
        return round(sum(parts), _DIGITS)

    @property
    def _start(self) -> list[float]:
        base = self.game.values([0], self.numbers)[:, 0]
        return [float(score) for score in self._scores(base, base)]

    def _propose(self) -> None:
        """Let a picture propose sets until it finds none better for a while."""
        idle = 0
        while idle < _PATIENCE and not self.spent:
            before = self.leader
            proposed = self._proposed()
            if not proposed:
                return
            self.look(proposed)
            idle = 0 if self.leader < before else idle + 1

    def _proposed(self) -> list[int]:
        """Sets that have not been run and should be best by a picture of those that have."""
        masks = self._candidates()
        if not len(masks):
            return []
        picture = picture_of(self.game)
        values, start = picture.at(masks), picture.at([0])[0]
        base = self.game.values([0], self.numbers)[:, 0].mean(axis=0)
        missing = np.array([self._missing(self._expected(base, base + one - start)) for one in values])
        cost = self.pricing.expected(masks, values - start)
        sure, hopeful = (np.lexsort((cost, np.where(missing <= short, 0.0, missing)))[:_BATCH] for short in _SHORT)
        mixed = dict.fromkeys(int(place) for pair in zip(sure, hopeful, strict=True) for place in pair)
        return [int(masks[place]) for place in list(mixed)[:_BATCH]]

    def _expected(self, base: Floats, values: Floats) -> Floats:
        names = self.game.outcomes
        before, after = (dict(zip(names, one, strict=True)) for one in (base, values))
        return np.array([target.score(before, after) for target in self.targets])

    def _candidates(self) -> Ints:
        order = self.game.precedence
        masks = order.table.masks if order.listable else np.array(self._near(self.leader[1]), np.int64)
        return masks[~np.isin(masks, list(self.keys))]

    def _beside(self, mask: int) -> list[int]:
        """One dropped with those that require it, or one added with what it requires."""
        order = self.game.precedence
        return [
            mask & ~order.with_dependants(one) if mask >> one & 1 else mask | order.with_required(one)
            for one in range(len(order))
        ]

    def _near(self, mask: int) -> list[int]:
        """Drops, additions and swaps."""
        beside = self._beside(mask)
        return list(dict.fromkeys([*beside, *(other for one in beside for other in self._beside(one))]))

    def ranked(self) -> list[int]:
        """Sets whose means meet all targets, the cheapest first."""
        return [mask for key, mask in sorted((key, mask) for mask, key in self.keys.items()) if key.missing == 0]

    def eased(self, within: float) -> tuple[Target, ...]:
        """Targets that the whole programme reaches: as asked for, or what it shows less a part of its gain."""
        values = self.game.values([0, self.game.precedence.whole], self.numbers)
        start, end = (self._scores(values[:, 0], values[:, place]) for place in (0, 1))
        return eased(self.targets, start, end, within)


def eased(targets: Sequence[Target], start: Floats, end: Floats, within: float) -> tuple[Target, ...]:
    """Targets with goals that the whole reaches: ``start`` and ``end`` are scores of nothing and of the whole."""
    found = []
    for target, before, after in zip(targets, start, end, strict=True):
        goal = after - within * (after - before)
        found.append(target if target.met(after) else replace(target, goal=min(goal, after) if not target.at_most
                                                              else max(goal, after)))  # fmt: skip
    return tuple(found)


@dataclass(frozen=True)
class _Judge:
    """Verification by replications that no search has used."""

    game: Game
    pricing: Pricing
    care: Care
    confidence: float

    @property
    def numbers(self) -> range:
        """Fresh replications."""
        return range(FRESH, FRESH + self.care.fresh)

    def first(self, search: _Search, targets: Sequence[Target], within: float | None = None) -> Verified | None:
        """The first of the cheapest sets of a search that meets the targets with fresh replications as well."""
        for mask in search.ranked()[:_TRIED]:
            found = self.verified(mask, targets if within is None else self._eased(search, targets, within))
            if found.met:
                return found
        return None

    def _eased(self, search: _Search, targets: Sequence[Target], within: float) -> tuple[Target, ...]:
        values = self.game.values([0, self.game.precedence.whole], self.numbers)
        start, end = (self._scores(values[:, 0], values[:, place], targets).mean(axis=0) for place in (0, 1))
        return eased(targets, start, end, within)

    def _scores(self, base: Floats, values: Floats, targets: Sequence[Target]) -> Floats:
        """Scores (replications x targets)."""
        names = self.game.outcomes
        pairs = [(dict(zip(names, one, strict=True)), dict(zip(names, other, strict=True)))
                 for one, other in zip(base, values, strict=True)]  # fmt: skip
        return np.array([[target.score(one, other) for target in targets] for one, other in pairs])

    def verified(self, mask: int, targets: Sequence[Target]) -> Verified:
        """A set against targets."""
        values = self.game.values([0, mask], self.numbers)
        scores = self._scores(values[:, 0], values[:, 1], targets)
        met = np.array([[target.met(score) for target, score in zip(targets, row, strict=True)] for row in scores])
        found = [self._target(*each) for each in zip(targets, scores.T, met.T, strict=True)]
        return Verified(
            self.game.precedence.listed(mask),
            estimate(self.pricing.costs(self.game, mask, self.numbers), self.pricing.unit, self.confidence),
            found,
            all(one.met for one in found),
            share_estimate(int(met.all(axis=1).sum()), len(met), self.confidence),
        )

    def _target(self, target: Target, scores: Floats, met: Floats) -> TargetMet:
        score = estimate(scores, target.unit, self.confidence)
        chance = share_estimate(int(met.sum()), len(met), self.confidence)
        return TargetMet(target, score, target.met(float(np.mean(scores))), chance)


def pricing_of(costs: Mapping[str, float], names: Sequence[str], outcomes: Sequence[str], cost: str) -> Pricing:
    """Given costs if there are any, else what the scenario's money says, else the number of interventions."""
    if costs:
        return Pricing("given", np.array([costs.get(name, 0.0) for name in names]), unit="money")
    if cost in outcomes:
        return Pricing("simulated", np.zeros(len(names)), list(outcomes).index(cost), "money")
    return Pricing("number", np.ones(len(names)), unit="count")
