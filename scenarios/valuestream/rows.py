"""Visits of closed cases in one table, with what every count of a map asks of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scenarios.valuestream.outline import Outline
from sim.codes import Case, Ending, Flag, Visit
from sim.log import Log
from sim.units import NEVER

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """Visits of closed cases in the order of case, strand and visit, with the number of their case."""

    outline: Outline
    cases: Ints
    visits: Ints
    case: Ints
    process: Ints

    def column(self, column: Visit) -> Ints:
        """A column of the visits."""
        return self.visits[:, column]

    @cached_property
    def resumed(self) -> Flags:
        """Visits that went on with suspended work."""
        return (self.visits[:, Visit.FLAGS] & Flag.RESUMED) != 0

    @cached_property
    def began(self) -> Flags:
        """Visits whose service began."""
        return (self.visits[:, Visit.STARTED] != NEVER) & (self.visits[:, Visit.QUEUE] >= 0)

    @cached_property
    def forked(self) -> Flags:
        """Which cases have branches of a fork."""
        found = np.zeros(len(self.cases), bool)
        found[self.case[(self.visits[:, Visit.STRAND] > 0) & ~self.chasing]] = True
        return found

    @cached_property
    def chasing(self) -> Flags:
        """Visits of chasing contacts."""
        of_chase = np.array(self.outline.chasing, bool)[self.visits[:, Visit.STEP]]
        return of_chase & (self.visits[:, Visit.STRAND] > 0)


def rows_of(log: Log, cases: Ints, outline: Outline, process: Ints) -> Rows:
    """Visits of the cases in the order of case, strand and visit."""
    keys = _key(cases, Case.STREAM, Case.CASE)
    order = np.argsort(keys)
    cases, keys = cases[order], keys[order]
    visits = log.visits[(log.visits[:, Visit.ENDING] != Ending.HANDING) & (log.visits[:, Visit.ENDED] != NEVER)]
    place = np.searchsorted(keys, own := _key(visits, Visit.STREAM, Visit.CASE))
    place = np.minimum(place, max(len(keys) - 1, 0))
    known = keys[place] == own if len(keys) else np.zeros(len(own), bool)
    visits, place = visits[known], place[known]
    order = np.argsort(place << 32 | visits[:, Visit.STRAND] << 16 | visits[:, Visit.VISIT])  # both below 2**16
    visits, place = visits[order], place[order]
    visits[:, Visit.STEP] = np.array(outline.step_of, np.int64)[visits[:, Visit.STEP]]
    return Rows(outline, cases, visits, place, process[visits[:, Visit.STREAM]])


def _key(rows: Ints, stream: int, case: int) -> Ints:
    return rows[:, stream] << 32 | rows[:, case]


def total(keys: Ints, weights: Ints, number: int) -> Ints:
    """Sums of whole numbers by key, 0 to ``number`` - 1."""
    sums = np.zeros(number, np.int64)
    np.add.at(sums, keys, weights)
    return sums
