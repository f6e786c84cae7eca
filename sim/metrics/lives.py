"""Cases with what happened in their visits, kept until the case's row comes: bounded by the open cases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.codes import Case, Outcome, Visit
from sim.metrics.frame import Frame
from sim.metrics.service import EFFECTS, Service
from sim.primitives import Course, Lived, empty_index, follow_visits, nothing_lived
from sim.primitives.following import APPROVAL, CATCH, OFFER, PAUSE, PAYMENT, WRONG_TIER

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_NOWHERE = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Lives:
    """Cases whose rows are complete, and what happened in their visits.

    Attributes
    ----------
    cases : int64 array (len(Case) x cases)
        In the order in which their rows were written.
    lived : Lived
    pauses : int64 array (4 x pauses)
        Visits at steps where some tier's clock stands still: number of the case, step, begin, end.
    """

    cases: Ints
    lived: Lived
    pauses: Ints

    def __len__(self) -> int:
        """Number of cases."""
        return len(self.cases[0])

    def only(self, which: Mask) -> Lives:
        """Some of the cases, without their pauses."""
        if which.all():
            return self
        lived = Lived._make(np.compress(which, one, axis=-1) for one in self.lived)
        return Lives(np.compress(which, self.cases, axis=1), lived, self.pauses[:, :0])


def as_rows(table: Ints) -> Ints:
    """A table of the log as compiled code takes it."""
    return np.require(table, np.int64, ("C", "W"))


def course_of(frame: Frame, key: int | None) -> Course:
    """What steps and queues mean for the cases of a scenario."""
    service = frame.service or Service()
    arrays, money = service.arrays, service.money
    ids = (_NOWHERE, _NOWHERE) if arrays is None else (arrays.stream_ids, arrays.step_ids)
    steps = len(ids[1])
    seen, wrong_tier = np.zeros(steps), np.full(steps, -1)
    for step, share in money.catches if money else ():
        seen[step] = max(seen[step], share)
    for number, (step, _) in enumerate(service.wrong_tier):
        wrong_tier[step] = number
    offers = np.array([_among(tier.offered_at, steps) for tier in service.tiers], np.bool_).reshape(
        len(service.tiers), steps
    )
    return Course(
        meaning=_meaning(service, steps),
        offers=offers,
        wrong_tier=wrong_tier,
        seen=seen,
        trips=np.array(money.visit if money else (), np.float64),
        chances=_chances(service),
        stream_ids=ids[0],
        step_ids=ids[1],
        key=np.uint64(key or 0),
    )


def _meaning(service: Service, steps: int) -> Ints:
    money = service.money
    meant = {
        APPROVAL: service.approvals,
        PAYMENT: money.paid_at if money else (),
        PAUSE: [step for tier in service.tiers for step in tier.pauses],
        OFFER: [step for tier in service.tiers for step in tier.offered_at],
        WRONG_TIER: [step for step, _ in service.wrong_tier],
        CATCH: [step for step, _ in money.catches] if money else (),
    }
    found = np.zeros(steps, np.int64)
    for meaning, of in meant.items():
        found += meaning * _among(of, steps)
    return found


def _among(chosen: Iterable[int], steps: int) -> Mask:
    """Which steps are among those chosen (steps)."""
    found = np.zeros(steps, np.bool_)
    found[list(chosen)] = True
    return found


def _chances(service: Service) -> NDArray[np.float64]:
    """Chances of an inconsistent and of a cold contact; 0 where they cost nothing."""
    if service.opinion is None:
        return np.zeros(2)
    effects = [service.opinion.effects[EFFECTS.index(name)] for name in ("inconsistent", "cold")]
    return np.array([effect.chance if effect.most > 0 else 0.0 for effect in effects])


class Open:
    """Visits of cases whose row has not come yet."""

    __slots__ = ("course", "visits")

    def __init__(self) -> None:
        self.visits = np.empty((0, len(Visit)), np.int64)
        self.course: Course | None = None

    def close(self, frame: Frame, key: int | None, visits: Ints, cases: Ints) -> Lives:
        """Take up visits, and give the cases with all that happened to them.

        Customers who had left have no case, and cases that arrived in the warm-up are not counted.
        """
        if self.course is None:
            self.course = course_of(frame, key)
        counted = (cases[:, Case.OUTCOME] != Outcome.GONE) & (cases[:, Case.ARRIVED] >= frame.warm_up_us)
        place = np.where(counted, np.cumsum(counted) - 1, -1)
        lived = nothing_lived(int(counted.sum()), len(frame.tiers))
        index, paused = empty_index(as_rows(cases), place), []
        waiting = []
        for number, rows in enumerate((self.visits, as_rows(visits))):
            kept, pauses = np.empty(len(rows), np.int64), np.empty((len(rows), 4), np.int64)
            left, found = follow_visits(rows, index, int(number == 0), self.course, lived, kept, pauses)
            waiting.append(rows[kept[:left]])
            paused.append(pauses[:found].T)
        self.visits = np.concatenate(waiting)
        chosen = cases if counted.all() else cases[counted]
        return Lives(np.ascontiguousarray(chosen.T), lived, np.concatenate(paused, axis=1))
