"""What each case costs beyond paid hours, in thousandths of the currency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.codes import Case, Ending, Visit
from sim.metrics.lives import Lives
from sim.metrics.service import Draws, Money
from sim.primitives import Purpose
from sim.units import NEVER

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

THOUSANDTHS = 1000


@dataclass(frozen=True, slots=True)
class Paid:
    """Payments to cases: amounts due, and what was paid too much and not caught (cases)."""

    due: Floats
    excess: Floats


def case_costs(money: Money, lives: Lives, draws: Draws) -> Ints:
    """Cost of each case on each of `sim.metrics.service.LINES` (lines x cases)."""
    visits = lives.visits
    contact = (visits[Visit.QUEUE] >= 0) & (visits[Visit.STARTED] != NEVER)
    served = np.flatnonzero(contact & (visits[Visit.ENDING] == Ending.SERVED))
    trips = np.bincount(lives.of[served], np.array(money.visit)[visits[Visit.QUEUE][served]], minlength=len(lives))
    paid = payments(money, lives, draws)
    costs = np.array([
        lives.count(contact) * np.array(money.contact)[lives.cases[Case.STREAM]],
        trips,
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
    done = np.isin(lives.visits[Visit.ENDING], (Ending.SERVED, Ending.DELAYED))
    paid = lives.count(lives.at(money.paid_at) & done) > 0
    due = np.where(paid, _amounts(money, lives, draws), 0.0)
    streams, cases = lives.cases[Case.STREAM], lives.cases[Case.CASE]
    wrong = paid & (draws.of_cases(Purpose.CATCH, streams, cases, 0) < money.overpaid)
    few = lives.only(wrong)
    seen = np.zeros(len(few), np.bool_)
    for step, share in money.catches:
        seen |= _caught(step, share, few, draws)
    wrong[wrong] = ~seen
    return Paid(due, np.where(wrong, due * money.excess, 0.0))


def _amounts(money: Money, lives: Lives, draws: Draws) -> Floats:
    streams, cases = lives.cases[Case.STREAM], lives.cases[Case.CASE]
    found = np.zeros(len(lives))
    for stream in np.unique(streams) if money.amounts else ():
        if money.amounts[stream] >= 0:
            chosen = streams == stream
            found[chosen] = np.maximum(draws.attribute(money.amounts[stream], streams[chosen], cases[chosen]), 0)
    return found


def _caught(step: int, share: float, lives: Lives, draws: Draws) -> Mask:
    asked = lives.count(lives.at((step,)) & (lives.visits[Visit.ENDING] == Ending.SERVED)) > 0
    streams, cases = lives.cases[Case.STREAM], lives.cases[Case.CASE]
    here = np.full(len(lives), step)
    drawn = draws.of_visits(Purpose.CATCH, streams, cases, here, np.zeros(len(lives), np.int64))
    found: Mask = asked & (drawn < share)
    return found
