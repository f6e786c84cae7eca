"""Sums of one replication that merge: what is kept of a log when its rows are gone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.log import Log
from sim.metrics import tally
from sim.metrics.frame import Frame
from sim.metrics.histogram import CELLS
from sim.metrics.pending import Pending
from sim.metrics.sums import CaseSum, GroupSum, QueueSum

Sums = NDArray[np.int64]


@dataclass(slots=True)
class Totals:
    """Sums over the rows of a log.

    Attributes
    ----------
    frame : Frame
    queue : int64 array (len(QueueSum) x queues x intervals + 1)
    group : int64 array (len(GroupSum) x groups x intervals + 1)
    case : int64 array (len(CaseSum) x streams x intervals + 1)
        The last column is for what begins after the horizon's end, in a run that drains.
    observed, censored : tuple of int64 arrays, one per Duration (queues or streams x cells)
        Histograms of durations that ended, and of those cut off by the end of the run.
    pending : Pending
        What waits for rows to come; empty when a run is over, so chunks of one run go into the same totals.
    """

    frame: Frame
    queue: Sums
    group: Sums
    case: Sums
    observed: tuple[Sums, ...]
    censored: tuple[Sums, ...]
    pending: Pending = field(default_factory=Pending, repr=False, compare=False)

    @staticmethod
    def empty(frame: Frame) -> Totals:
        """Totals of no rows."""
        columns = frame.intervals + 1
        owners = (len(frame.queues), *(len(frame.streams),) * 3)
        return Totals(
            frame,
            np.zeros((len(QueueSum), len(frame.queues), columns), np.int64),
            np.zeros((len(GroupSum), len(frame.groups), columns), np.int64),
            np.zeros((len(CaseSum), len(frame.streams), columns), np.int64),
            tuple(np.zeros((number, CELLS), np.int64) for number in owners),
            tuple(np.zeros((number, CELLS), np.int64) for number in owners),
        )

    def add(self, log: Log, reached_us: int) -> None:
        """Add the rows of a log or of a chunk of it.

        Parameters
        ----------
        log : Log
        reached_us : int
            Time that the run has reached with these rows; open rows are cut off there, or at the horizon's end if
            that is later.
        """
        tally.visits(self, log.visits, max(reached_us, self.frame.end_us))
        tally.sessions(self, log.sessions)
        tally.cases(self, log.cases, max(reached_us, self.frame.end_us))

    def __add__(self, other: Totals) -> Totals:
        """Totals of the rows of both; their frames must be the same."""
        if self.frame != other.frame:
            raise ValueError("totals of different scenarios or windows cannot be merged")
        return Totals(
            self.frame,
            self.queue + other.queue,
            self.group + other.group,
            self.case + other.case,
            tuple(a + b for a, b in zip(self.observed, other.observed, strict=True)),
            tuple(a + b for a, b in zip(self.censored, other.censored, strict=True)),
        )

    def merge(self, other: Totals) -> Totals:
        """The same as ``self + other``."""
        return self + other
