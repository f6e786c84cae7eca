"""What each case costs beyond paid hours, in thousandths of the currency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.codes import Case
from sim.metrics.lives import Lives
from sim.metrics.service import Draws, Money
from sim.primitives import Purpose

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

THOUSANDTHS = 1000


@dataclass(frozen=True, slots=True)
class Paid:
    """Payments to cases: amounts due, and what was paid too much and not caught (cases)."""

    due: Floats
    excess: Floats


def case_costs(money: Money, lives: Lives, draws: Draws) -> Ints:
    """Cost of each case on each of `sim.metrics.service.LINES` (lines x cases)."""
    paid = payments(money, lives, draws)
    costs = np.array([
        lives.lived.contacts * np.array(money.contact)[lives.cases[Case.STREAM]],
        lives.lived.trips,
        paid.due,
        paid.excess,
        lives.cases[Case.LEFT] * money.leaving,
    ])  # fmt: skip
    found: Ints = np.rint(costs * THOUSANDTHS).astype(np.int64)
    return found


def payments(money: Money, lives: Lives, draws: Draws) -> Paid:
    """What is paid out to cases that come to a step of payment, once each.

    A share of payments is too high by a share of the amount. Each approval that the case went through sees a share of
    these, whatever the others see; what one sees is not paid.
    """
    paid = np.flatnonzero(lives.lived.paid)
    streams, cases = lives.cases[Case.STREAM][paid], lives.cases[Case.CASE][paid]
    wrong = (draws.of_cases(Purpose.CATCH, streams, cases, 0) < money.overpaid) & ~lives.lived.caught[paid]
    due, excess = np.zeros((2, len(lives)))
    due[paid] = _amounts(money, streams, cases, draws)
    excess[paid[wrong]] = due[paid[wrong]] * money.excess
    return Paid(due, excess)


def _amounts(money: Money, streams: Ints, cases: Ints, draws: Draws) -> Floats:
    found = np.zeros(len(cases))
    for stream in np.unique(streams) if money.amounts else ():
        if money.amounts[stream] >= 0:
            chosen = streams == stream
            found[chosen] = np.maximum(draws.attribute(money.amounts[stream], streams[chosen], cases[chosen]), 0)
    return found
