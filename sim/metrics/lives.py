"""Cases with all their visits, kept until the case's row comes: what is kept is bounded by the open cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.codes import CASE_BITS, Case, Ending, Outcome, Visit
from sim.units import NEVER

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lives:
    """Cases whose rows are complete, and their visits.

    Attributes
    ----------
    cases : int64 array (len(Case) x cases)
    visits : int64 array (len(Visit) x visits)
        In order of case; those of a case in the order in which they were written.
    of : int64 array (visits)
        Number of the visit's case among ``cases``.
    """

    cases: Ints
    visits: Ints
    of: Ints

    def __len__(self) -> int:
        """Number of cases."""
        return len(self.cases[0])

    def only(self, which: Mask) -> Lives:
        """Some of the cases, with their visits."""
        if which.all():
            return self
        place = np.cumsum(which) - 1
        mine = which[self.of]
        return Lives(self.cases[:, which], self.visits[:, mine], place[self.of[mine]])

    def count(self, which: Mask) -> Ints:
        """How many of a case's visits are chosen (cases)."""
        return np.bincount(self.of[which], minlength=len(self))

    def sum(self, values: Ints, which: Mask) -> Ints:
        """Sum over a case's chosen visits (cases)."""
        found = np.zeros(len(self), np.int64)
        np.add.at(found, self.of[which], values[which])
        return found

    def first(self, times_us: Ints, which: Mask) -> Ints:
        """Earliest time of a case's chosen visits (cases); `NEVER` if it has none."""
        found = np.full(len(self), NEVER)
        np.minimum.at(found, self.of[which], times_us[which])
        return found

    def last(self, which: Mask) -> Ints:
        """Index of the case's chosen visit that was written last (cases); -1 if it has none."""
        found = np.full(len(self), -1)
        found[self.of[which]] = np.flatnonzero(which)  # of equals the last is kept
        return found

    def time_at(self, steps: tuple[int, ...]) -> Ints:
        """Time that a case spent at some steps, waits and delays included, in visits that are over (cases)."""
        over = self.at(steps) & (self.visits[Visit.ENDING] < Ending.STILL_WAITING)
        return self.sum(self.visits[Visit.ENDED] - self.visits[Visit.ENQUEUED], over)

    def at(self, steps: tuple[int, ...]) -> Mask:
        """Which visits are at some steps (visits)."""
        return np.isin(self.visits[Visit.STEP], steps)


def _keys(table: Ints, stream: int, case: int) -> Ints:
    keys: Ints = table[:, stream] << CASE_BITS | table[:, case]
    return keys


class Open:
    """Visits of cases whose row has not come yet."""

    __slots__ = ("visits",)

    def __init__(self) -> None:
        self.visits = np.empty((0, len(Visit)), np.int64)

    def close(self, visits: Ints, cases: Ints) -> Lives:
        """Take up visits, and give those of the cases given with them; customers who had left have no case."""
        visits = np.concatenate([self.visits, visits]) if len(self.visits) else visits
        cases = cases[cases[:, Case.OUTCOME] != Outcome.GONE]
        keys = _keys(cases, Case.STREAM, Case.CASE)
        order = np.argsort(keys)
        cases, keys = cases[order], keys[order]
        wanted = _keys(visits, Visit.STREAM, Visit.CASE)
        place = np.searchsorted(keys, wanted)
        known = place < len(keys)
        known[known] = keys[place[known]] == wanted[known]
        self.visits = visits[~known]
        chosen = np.flatnonzero(known & (visits[:, Visit.ENDING] != Ending.HANDING))
        of = place[chosen]
        by_case = np.argsort(of, kind="stable")
        found = np.ascontiguousarray(visits[chosen[by_case]].T)
        return Lives(np.ascontiguousarray(cases.T), found, of[by_case])
