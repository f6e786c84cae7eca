"""Sums of one replication that merge: what is kept of a log when its rows are gone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.log import Log
from sim.metrics import tally
from sim.metrics.frame import Frame
from sim.metrics.judging import follow
from sim.metrics.packed import pack, unpack
from sim.metrics.pending import Pending
from sim.metrics.service import Draws
from sim.metrics.sums import AgentSum, CaseSum, GroupSum, MoneySum, OpinionSum, QueueSum, TierSum
from sim.primitives import DURATION_CELLS as CELLS

Sums = NDArray[np.int64]


@dataclass(slots=True)
class Totals:
    """Sums over the rows of a log.

    Those read from a file may be narrower than 64 bits: they hold their numbers, but need not hold twice as much.

    Attributes
    ----------
    frame : Frame
    queue : int64 array (len(QueueSum) x queues x intervals + 1)
    group : int64 array (len(GroupSum) x groups x intervals + 1)
    case : int64 array (len(CaseSum) x streams x intervals + 1)
        The last column is for what begins after the horizon's end, in a run that drains.
    observed, censored : tuple of int64 arrays, one per Duration (queues or streams x cells)
        Histograms of durations that ended, and of those cut off by the end of the run.
    tier : int64 array (len(TierSum) x tiers x intervals + 1)
    opinion : int64 array (len(OpinionSum) x streams x intervals + 1)
    money : int64 array (len(MoneySum) x cost lines x intervals + 1)
    agent : int64 array (len(AgentSum) x agents)
        Of nobody where the scenario does not ask for them.
    key : int or None
        Of the replication's draws.
    pending : Pending
        What waits for rows to come; empty when a run is over, so chunks of one run go into the same totals.
    """

    frame: Frame
    queue: Sums
    group: Sums
    case: Sums
    observed: tuple[Sums, ...]
    censored: tuple[Sums, ...]
    tier: Sums
    opinion: Sums
    money: Sums
    agent: Sums
    key: int | None = None
    pending: Pending = field(default_factory=Pending, repr=False, compare=False)

    @staticmethod
    def empty(frame: Frame, key: int | None = None, paid_us: Sums | None = None) -> Totals:
        """Totals of no rows.

        Parameters
        ----------
        frame : Frame
        key : int, optional
            Of the replication's draws; needed where something is drawn after the log.
        paid_us : int64 array (groups), optional
            Paid time of each group in the window; the time logged on unless given.
        """
        columns, service = frame.intervals + 1, frame.service
        agents = frame.agents if service is not None and service.scorecard else 0
        opinions = len(frame.streams) if service is not None and service.opinion is not None else 0
        owners = (len(frame.queues), *(len(frame.streams),) * 3)
        made = Totals(
            frame,
            np.zeros((len(QueueSum), len(frame.queues), columns), np.int64),
            np.zeros((len(GroupSum), len(frame.groups), columns), np.int64),
            np.zeros((len(CaseSum), len(frame.streams), columns), np.int64),
            tuple(np.zeros((number, CELLS), np.int64) for number in owners),
            tuple(np.zeros((number, CELLS), np.int64) for number in owners),
            np.zeros((len(TierSum), len(frame.tiers), columns), np.int64),
            np.zeros((len(OpinionSum), opinions, columns), np.int64),
            np.zeros((len(MoneySum), len(frame.cost_lines), columns), np.int64),
            np.zeros((len(AgentSum), agents), np.int64),
            key,
        )
        if paid_us is not None:
            tally.paid(made, paid_us)
        made.pending.paid_is_known = paid_us is not None
        return made

    def add(self, log: Log, reached_us: int) -> None:
        """Add the rows of a log or of a chunk of it.

        Parameters
        ----------
        log : Log
        reached_us : int
            Time that the run has reached with these rows; open rows are cut off there, or at the horizon's end if
            that is later.
        """
        closing_us = max(reached_us, self.frame.end_us)
        tally.visits(self, log.visits, closing_us)
        tally.sessions(self, log.sessions)
        tally.cases(self, log.cases, closing_us)
        if self.frame.follows:
            follow(self, log, closing_us)

    def draws(self) -> Draws:
        """Draws after the log."""
        if self.frame.service is None or self.frame.service.arrays is None:
            raise ValueError("nothing is drawn after the log for this scenario")
        return Draws(self.key, self.frame.service.arrays)

    def __add__(self, other: Totals) -> Totals:
        """Totals of the rows of both; their frames must be the same."""
        if self.frame != other.frame:
            raise ValueError("totals of different scenarios or windows cannot be merged")
        return Totals(
            self.frame,
            _added(self.queue, other.queue),
            _added(self.group, other.group),
            _added(self.case, other.case),
            tuple(_added(a, b) for a, b in zip(self.observed, other.observed, strict=True)),
            tuple(_added(a, b) for a, b in zip(self.censored, other.censored, strict=True)),
            _added(self.tier, other.tier),
            _added(self.opinion, other.opinion),
            _added(self.money, other.money),
            _added(self.agent, other.agent),
            self.key,
        )

    def __getstate__(self) -> dict[str, Any]:
        """For other processes: sums packed, most of them are zero or small."""
        sums = {name: pack(getattr(self, name)) for name in _SUMS}
        lengths = {name: [pack(one[None]) for one in getattr(self, name)] for name in _LENGTHS}
        return {"frame": self.frame, "key": self.key, "pending": self.pending} | sums | lengths

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Sums as they were."""
        for name in ("frame", "key", "pending"):
            setattr(self, name, state[name])
        for name in _SUMS:
            setattr(self, name, unpack(*state[name]))
        for name in _LENGTHS:
            setattr(self, name, tuple(unpack(*one)[0] for one in state[name]))

    def merge(self, other: Totals) -> Totals:
        """The same as ``self + other``."""
        return self + other


_SUMS = ("queue", "group", "case", "tier", "opinion", "money", "agent")
_LENGTHS = ("observed", "censored")


def _added(one: Sums, other: Sums) -> Sums:
    both: Sums = np.add(one, other, dtype=np.int64)
    return both
