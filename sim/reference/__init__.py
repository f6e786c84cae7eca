"""The readable engine: a case is a SimPy process. docs/semantics.md says what it means, section by section.

`Reference` is made of parts that build on each other, one file for each subject: `world` (clock, state, rows), `lines`,
`service`, `waiting`, `steps`, `cases`, and `people` beside the last three.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from sim.codes import Ending, Status
from sim.log import TABLES, Log
from sim.network import Chance, Network
from sim.reference.cases import Cases
from sim.reference.draws import Draws
from sim.reference.parts import Agent, Case, Fork, Strand, Visit
from sim.reference.people import People
from sim.units import NEVER

__all__ = ["Agent", "Case", "Draws", "Fork", "Reference", "Strand", "Visit"]


def as_array(rows: Sequence[tuple[int, ...]], columns: int) -> NDArray[np.int64]:
    """Rows of the log as an array."""
    return np.fromiter(chain.from_iterable(rows), np.int64, len(rows) * columns).reshape(-1, columns)


class Reference(Cases, People):
    """One replication of a network.

    Parameters
    ----------
    network, chance
        From `sim.build`.
    """

    def __init__(self, network: Network, chance: Chance) -> None:
        super().__init__(network, chance)
        self.closed = False
        self.env.process(self.roster())
        for stream in range(len(self.streams)):
            self.env.process(self.arrivals(stream))
            self.env.process(self.open_before(stream))

    # Running ---------------------------------------------------------------------------------------------------

    def advance(self, until: int) -> Status:
        """Handle every event before a time."""
        limit = min(until, self.network.stop)
        events, step = self.env._queue, self.env.step
        while events and events[0][0] < limit:
            step()
        if self.env.peek() == float("inf") or until >= self.network.stop:
            self.close()
        return Status.CLOSED if self.closed else Status.REACHED

    def take(self) -> Log:
        """The rows written since the last call."""
        written, self.written = self.written, {name: [] for name in self.written}
        return Log(*(as_array(written[name], len(columns)) for name, columns in TABLES.items()))

    lend = take

    # The end ---------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Write what is still open at the closing time."""
        if self.closed:
            return
        self.closed = True
        for _, case in sorted(self.cases.items()):
            for _, strand in sorted(case.strands.items()):
                self.close_strand(strand)
            self.record_case(case)
        closing = max(self.network.end, self.last_event)
        for agent in (agent for group in self.agents for agent in group):
            if agent.on_since != NEVER:
                self.written["sessions"].append((agent.group, agent.number, agent.on_since, closing))

    def close_strand(self, strand: Strand) -> None:
        """Write where a strand is, and who still waits to hand it over."""
        visit = strand.visit
        if strand.kept is not None:
            self.record_handing(strand.kept, NEVER)
        if visit is None:
            return
        visit.ended = visit.released = NEVER
        visit.hold = 0
        if visit.waiting:
            self.record(visit, Ending.STILL_WAITING)
        else:
            self.record(visit, Ending.STILL_IN_SERVICE if visit.agent else Ending.STILL_DELAYED)
