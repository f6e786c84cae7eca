"""Which promises of its tier were kept for each case, and when they fell due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.codes import Case
from sim.metrics.lives import Lives
from sim.metrics.service import TARGETS, Draws, Service, Tier
from sim.metrics.stretches import union
from sim.units import NEVER

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Promises:
    """What became of the promises for each case.

    Attributes
    ----------
    tier : int64 array (cases)
        -1: none.
    due_us : int64 array (len(TARGETS) x cases)
        When the promised time was over; `NEVER` where nothing was promised.
    kept : bool array (len(TARGETS) x cases)
        False where nothing was promised.
    """

    tier: Ints
    due_us: Ints
    kept: Mask

    def only(self, which: Mask) -> Promises:
        """Those of some of the cases."""
        return Promises(self.tier[which], self.due_us[:, which], self.kept[:, which])

    def with_(self, which: Ints, other: Promises) -> Promises:
        """These, but those of others for some of the cases."""
        tier, due_us, kept = self.tier.copy(), self.due_us.copy(), self.kept.copy()
        tier[which], due_us[:, which], kept[:, which] = other.tier[which], other.due_us[:, which], other.kept[:, which]
        return Promises(tier, due_us, kept)


def true_tiers(service: Service, lives: Lives, draws: Draws) -> Ints:
    """The tier of each case (-1: none)."""
    streams, cases = lives.cases[Case.STREAM], lives.cases[Case.CASE]
    found = np.full(len(lives), -1)
    for stream in np.unique(streams):
        of, chosen = service.tier_of[stream], streams == stream
        if of.attribute >= 0:
            words = draws.attribute(of.attribute, streams[chosen], cases[chosen]).astype(np.int64)
            found[chosen] = np.array(of.tiers)[words]
        elif of.tiers:
            found[chosen] = of.tiers[0]
    return found


def assigned_tiers(service: Service, lives: Lives, true: Ints) -> Ints:
    """The tier for which each case was taken: the true one, unless it came to a step for cases taken for another."""
    tiers = np.array([*(tier for _, tier in service.wrong_tier), -1])
    wrong = lives.lived.wrong_tier
    found: Ints = np.where(wrong >= 0, tiers[wrong], true)
    return found


def judge(service: Service, lives: Lives, tiers: Ints) -> Promises:
    """Compare what happened with what is promised.

    A promise falls due when as much of the tier's time as it allows has passed since the arrival, pauses left out. It
    is kept if what was promised came by then; a case solved before is answered and has its offer.
    """
    due = np.full((len(TARGETS), len(lives)), NEVER)
    kept = np.zeros((len(TARGETS), len(lives)), np.bool_)
    for number in range(len(service.tiers)):
        chosen = np.flatnonzero(tiers == number)
        if chosen.size:
            for target, dues, good in _targets(service, number, lives, chosen):
                due[target, chosen], kept[target, chosen] = dues, good
    return Promises(tiers, due, kept)


def _targets(service: Service, number: int, lives: Lives, chosen: Ints) -> Iterator[tuple[int, Ints, Mask]]:
    tier = service.tiers[number]
    clock = _Clock(service, tier.calendar)
    pauses = _pauses(tier, lives, chosen, clock)
    begun = clock.opened_us(lives.cases[Case.ARRIVED][chosen])
    for target, limit_us in enumerate(tier.limits_us):
        if limit_us is None:
            continue
        goal = _with_pauses(begun + limit_us, pauses)
        stop = _stops(number, lives, target)[chosen]
        due = np.minimum(clock.reached_us(goal), NEVER)
        yield target, due, (stop < NEVER) & (clock.opened_us(stop) <= goal)


def _stops(tier: int, lives: Lives, target: int) -> Ints:
    """When what was promised came (cases)."""
    found: Ints = lives.cases[Case.SOLVED]
    if TARGETS[target] == "respond":
        found = np.minimum(lives.cases[Case.FIRST_RESPONSE], found)
    if TARGETS[target] == "offer":
        found = np.minimum(lives.lived.offered_us[tier], found)
    return found


class _Clock:
    """A tier's time: a calendar's open time, or all time."""

    def __init__(self, service: Service, calendar: int) -> None:
        arrays = service.arrays
        self._calendar = arrays.calendars[calendar] if arrays is not None and calendar >= 0 else None

    def opened_us(self, times_us: Ints) -> Ints:
        return times_us if self._calendar is None else self._calendar.opened_us(times_us)

    def reached_us(self, opened_us: Ints) -> Ints:
        return opened_us if self._calendar is None else self._calendar.reached_us(opened_us)


@dataclass(frozen=True, slots=True)
class _Pauses:
    """Pauses in a tier's time, case by case in order."""

    first: Ints
    number: Ints
    begins: Ints
    lengths: Ints


def _pauses(tier: Tier, lives: Lives, chosen: Ints, clock: _Clock) -> _Pauses:
    place = np.full(len(lives), -1)
    place[chosen] = np.arange(len(chosen))
    case, step, begin, end = lives.pauses
    which = (place[case] >= 0) & np.isin(step, tier.pauses)
    owners, begins, ends = union(place[case[which]], begin[which], end[which])
    number = np.bincount(owners, minlength=len(chosen))
    opened = clock.opened_us(begins)
    return _Pauses(np.cumsum(number) - number, number, opened, clock.opened_us(ends) - opened)


def _with_pauses(goals: Ints, pauses: _Pauses) -> Ints:
    """Move each case's goal back by the pauses that begin before it."""
    goals = goals.copy()
    for turn in range(int(pauses.number.max(initial=0))):
        has = np.flatnonzero(pauses.number > turn)
        pause = pauses.first[has] + turn
        counts = pauses.begins[pause] < goals[has]
        goals[has] += np.where(counts, pauses.lengths[pause], 0)
    return goals
