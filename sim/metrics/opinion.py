"""What customers think of what they lived through: a score per case from 0 to 100, as a sum of visible effects.

score = base − Σ over effects of min(points × how much of it, most) + the customer's own part, cut to 0 ... 100.

SERVQUAL's dimensions are 100 less what the effects took, each as a share of the most it can take, weighted.

The weights are the scenario's, not a finding: only surveys can say how large effects are. Without them the model gives
a direction, and the span that the ranges of the weights leave: scores with each weight at the end of its range that
costs most or least.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.codes import Case, Outcome
from sim.metrics.lives import Lives
from sim.metrics.promises import Promises
from sim.metrics.service import EFFECTS, TARGETS, Draws, Opinion
from sim.primitives import Purpose, Scored, Weights
from sim.units import HOUR_US, MINUTE_US

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_OWN, _ANSWERS, _TOLD = 0, 1, 2
"""Which of a case's draws for an opinion."""


@dataclass(frozen=True, slots=True)
class Experience:
    """Cases that ended with all that an opinion may depend on; promises are None where nothing is promised."""

    lives: Lives
    promises: Promises | None
    draws: Draws

    def column(self, column: Case) -> Ints:
        """A column of the cases."""
        found: Ints = self.lives.cases[column]
        return found

    def of_case(self, which: int) -> Floats:
        """A draw of each case."""
        return self.draws.of_cases(Purpose.OPINION, self.column(Case.STREAM), self.column(Case.CASE), which)

    def broken(self, target: str) -> Mask:
        """Cases of which a promise fell due before they ended, unkept."""
        if self.promises is None:
            return np.zeros(len(self.lives), np.bool_)
        number = TARGETS.index(target)
        found: Mask = ~self.promises.kept[number] & (self.promises.due_us[number] < self.column(Case.ENDED))
        return found


def _wait(of: Experience, chance: float) -> Floats:
    return of.column(Case.WAITED) / MINUTE_US


def _redials(of: Experience, chance: float) -> Ints:
    return np.maximum(of.column(Case.ATTEMPTS) - 1, 0)


def _hand_overs(of: Experience, chance: float) -> Ints:
    return of.column(Case.HANDOVERS)


def _look_ups(of: Experience, chance: float) -> Ints:
    """Beyond the first: having to say again who one is."""
    return np.maximum(of.lives.lived.look_ups - 1, 0)


def _late(of: Experience, chance: float) -> Ints:
    found: Ints = np.sum([of.broken(target) for target in TARGETS], axis=0)
    return found


def _broken_promise(of: Experience, chance: float) -> Mask:
    return of.broken("solve") & (of.of_case(_TOLD) < chance)


def _approval(of: Experience, chance: float) -> Floats:
    return of.lives.lived.approval_us / HOUR_US


def _chasing(of: Experience, chance: float) -> Ints:
    return of.column(Case.CHASES)


def _reopening(of: Experience, chance: float) -> Ints:
    return of.column(Case.REOPENED)


def _unsolved(of: Experience, chance: float) -> Mask:
    found: Mask = of.column(Case.OUTCOME) == Outcome.UNSOLVED
    return found


def _lost(of: Experience, chance: float) -> Mask:
    outcome = of.column(Case.OUTCOME)
    found: Mask = (outcome == Outcome.ABANDONED) | (outcome == Outcome.BLOCKED)
    return found


def _inconsistent(of: Experience, chance: float) -> Ints:
    """An answer can contradict an earlier one only."""
    return of.lives.lived.inconsistent


def _cold(of: Experience, chance: float) -> Ints:
    return of.lives.lived.cold


_AMOUNTS: tuple[Callable[[Experience, float], Ints | Floats | Mask], ...] = (
    *(_wait, _redials, _hand_overs, _look_ups, _late, _broken_promise, _approval, _chasing, _reopening),
    *(_unsolved, _lost, _inconsistent, _cold),
)
"""How much of each of `EFFECTS` a case lived through, in the unit of its weight."""


def scored(model: Opinion, of: Experience) -> Scored:
    """What the scores of cases follow from."""
    amounts = np.zeros((len(EFFECTS), len(of.lives)))
    for number, (effect, amount) in enumerate(zip(model.effects, _AMOUNTS, strict=True)):
        if effect.most > 0:
            amounts[number] = amount(of, effect.chance)
    own = model.base + model.own * ndtri(of.of_case(_OWN))
    return Scored(of.lives.cases, amounts, own, of.of_case(_ANSWERS) < model.answer, np.empty(len(of.lives)))


def weights_of(model: Opinion) -> Weights:
    """The model's numbers as arrays."""
    points, lowest, highest, most = np.array([
        (effect.points, effect.lowest, effect.highest, effect.most) for effect in model.effects
    ], np.float64).T.copy()  # fmt: skip
    dimensions = np.array(model.dimensions, np.float64)
    totals = dimensions.sum(axis=1)
    return Weights(points, lowest, highest, most, dimensions, totals, model.promoter, model.detractor)
