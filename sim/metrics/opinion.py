"""What customers think of what they lived through: a score per case from 0 to 100, as a sum of visible effects.

score = base − Σ over effects of min(points × how much of it, most) + the customer's own part, cut to 0 ... 100.

The weights are the scenario's, not a finding: only surveys can say how large effects are. Without them the model gives
a direction, and the span that the ranges of the weights leave (`Scores.low`, `Scores.high`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.codes import Case, Ending, Flag, Outcome, Visit
from sim.metrics.lives import Lives
from sim.metrics.promises import Promises
from sim.metrics.service import EFFECTS, TARGETS, Draws, Opinion
from sim.primitives import Purpose
from sim.units import HOUR_US, MINUTE_US

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_OWN, _ANSWERS, _TOLD = 0, 1, 2
"""Which of a case's draws for an opinion."""
_INCONSISTENT, _COLD = 0, 1
"""Which of a visit's draws."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What each case's customer thinks.

    Attributes
    ----------
    score, low, high : float arrays (cases)
        With the weights as given, and with each at the end of its range that costs most or least.
    answers : bool array (cases)
        Who answers a survey.
    losses : float array (effects x cases)
        Points lost by each effect.
    dimensions : float array (dimensions x cases)
        SERVQUAL: 100 less what the effects took, each as a share of the most it can take, weighted.
    """

    score: Floats
    low: Floats
    high: Floats
    answers: Mask
    losses: Floats
    dimensions: Floats


@dataclass(frozen=True, slots=True)
class Lived:
    """Cases with all that an opinion may depend on.

    Attributes
    ----------
    lives : Lives
    promises : Promises or None
        None where nothing is promised.
    approvals : tuple of int
        Steps of approval: their visits are no contacts with the customer.
    draws : Draws
    """

    lives: Lives
    promises: Promises | None
    approvals: tuple[int, ...]
    draws: Draws

    def column(self, column: Case) -> Ints:
        """A column of the cases."""
        found: Ints = self.lives.cases[column]
        return found

    def of_case(self, which: int) -> Floats:
        """A draw of each case."""
        return self.draws.of_cases(Purpose.OPINION, self.column(Case.STREAM), self.column(Case.CASE), which)

    def contacts(self) -> Mask:
        """Which visits are contacts with the customer: served, and not for an approval."""
        found: Mask = (self.lives.visits[Visit.ENDING] == Ending.SERVED) & ~self.lives.at(self.approvals)
        return found

    def in_contacts(self, which: int, chance: float, later_only: bool) -> Ints:
        """In how many of its contacts (in the later ones only) something happened to a case, by chance."""
        chosen = np.flatnonzero(self.contacts())
        if later_only:
            of = self.lives.of[chosen]
            chosen = chosen[1:][of[1:] == of[:-1]]
        visits = self.lives.visits
        stream, case, step, visit = (visits[c][chosen] for c in (Visit.STREAM, Visit.CASE, Visit.STEP, Visit.VISIT))
        drawn = self.draws.of_visits(Purpose.OPINION, stream, case, step, visit * 2 + which)
        return np.bincount(self.lives.of[chosen[drawn < chance]], minlength=len(self.lives))

    def broken(self, target: str) -> Mask:
        """Cases of which a promise fell due before they ended, unkept."""
        if self.promises is None:
            return np.zeros(len(self.lives), np.bool_)
        number = TARGETS.index(target)
        found: Mask = ~self.promises.kept[number] & (self.promises.due_us[number] < self.column(Case.ENDED))
        return found


def _wait(lived: Lived, chance: float) -> Floats:
    return lived.column(Case.WAITED) / MINUTE_US


def _redials(lived: Lived, chance: float) -> Ints:
    return np.maximum(lived.column(Case.ATTEMPTS) - 1, 0)


def _hand_overs(lived: Lived, chance: float) -> Ints:
    return lived.column(Case.HANDOVERS)


def _look_ups(lived: Lived, chance: float) -> Ints:
    """Beyond the first: having to say again who one is."""
    return np.maximum(lived.lives.count((lived.lives.visits[Visit.FLAGS] & Flag.LOOKED_UP) != 0) - 1, 0)


def _late(lived: Lived, chance: float) -> Ints:
    found: Ints = np.sum([lived.broken(target) for target in TARGETS], axis=0)
    return found


def _broken_promise(lived: Lived, chance: float) -> Mask:
    return lived.broken("solve") & (lived.of_case(_TOLD) < chance)


def _approval(lived: Lived, chance: float) -> Floats:
    return lived.lives.time_at(lived.approvals) / HOUR_US


def _chasing(lived: Lived, chance: float) -> Ints:
    return lived.column(Case.CHASES)


def _reopening(lived: Lived, chance: float) -> Ints:
    return lived.column(Case.REOPENED)


def _unsolved(lived: Lived, chance: float) -> Mask:
    found: Mask = lived.column(Case.OUTCOME) == Outcome.UNSOLVED
    return found


def _lost(lived: Lived, chance: float) -> Mask:
    return np.isin(lived.column(Case.OUTCOME), (Outcome.ABANDONED, Outcome.BLOCKED))


def _inconsistent(lived: Lived, chance: float) -> Ints:
    """An answer can contradict an earlier one only."""
    return lived.in_contacts(_INCONSISTENT, chance, later_only=True)


def _cold(lived: Lived, chance: float) -> Ints:
    return lived.in_contacts(_COLD, chance, later_only=False)


_AMOUNTS: tuple[Callable[[Lived, float], Ints | Floats | Mask], ...] = (
    *(_wait, _redials, _hand_overs, _look_ups, _late, _broken_promise, _approval, _chasing, _reopening),
    *(_unsolved, _lost, _inconsistent, _cold),
)
"""How much of each of `EFFECTS` a case lived through, in the unit of its weight."""


def scores(model: Opinion, lived: Lived) -> Scores:
    """Score cases."""
    amounts = np.zeros((len(EFFECTS), len(lived.lives)))
    for number, (effect, amount) in enumerate(zip(model.effects, _AMOUNTS, strict=True)):
        if effect.most > 0:
            amounts[number] = amount(lived, effect.chance)
    own = model.base + model.own * ndtri(lived.of_case(_OWN))
    losses = _losses(model, amounts, [effect.points for effect in model.effects])
    return Scores(
        score=_cut(own - losses.sum(axis=0)),
        low=_cut(own - _losses(model, amounts, [effect.highest for effect in model.effects]).sum(axis=0)),
        high=_cut(own - _losses(model, amounts, [effect.lowest for effect in model.effects]).sum(axis=0)),
        answers=lived.of_case(_ANSWERS) < model.answer,
        losses=losses,
        dimensions=_dimensions(model, losses),
    )


def _cut(values: Floats) -> Floats:
    found: Floats = np.clip(values, 0.0, 100.0)
    return found


def _losses(model: Opinion, amounts: Floats, points: list[float]) -> Floats:
    most = np.array([[effect.most] for effect in model.effects])
    found: Floats = np.minimum(amounts * np.array(points).reshape(-1, 1), most)
    return found


def _dimensions(model: Opinion, losses: Floats) -> Floats:
    most = np.array([[effect.most] for effect in model.effects])
    left = 100 * (1 - losses / np.where(most > 0, most, 1.0))
    weights = np.array(model.dimensions)
    found: Floats = weights @ left / weights.sum(axis=1, keepdims=True)
    return found
