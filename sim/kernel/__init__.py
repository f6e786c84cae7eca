"""The fast engine: a compiled event loop over flat arrays. docs/semantics.md says what it means.

`Kernel` is the outside: it owns the arrays, makes room when the loop asks for it, and hands out rows.
"""

from __future__ import annotations

import numpy as np

from sim.codes import Status
from sim.kernel.bounds import Room, plan_of
from sim.kernel.loop import advance, set_arrivals
from sim.kernel.state import Scalar, enlarged, new_world
from sim.log import Log
from sim.network import Chance, Network

__all__ = ["Kernel"]

_BUFFER_ROWS = 1 << 13
"""A million bytes of each table at most: rows are read again while they are in the cache."""


class Kernel:
    """One replication of a network.

    Parameters
    ----------
    network, chance
        From `sim.build`.
    buffer_rows : int
        Rows of each table that are kept before they must be taken.
    room : Room, optional
        First room for open cases, waiting ones and events, which grows; else what replications before it have needed.
    """

    def __init__(
        self,
        network: Network,
        chance: Chance,
        buffer_rows: int = _BUFFER_ROWS,
        room: Room | None = None,
    ) -> None:
        self._needed = plan_of(network).needed
        self.world = new_world(network, chance, buffer_rows, room or self._needed.room)
        set_arrivals(self.world)

    def advance(self, until: int) -> Status:
        """Handle every event before a time, or as many as the buffers have room for."""
        while (status := advance(self.world, until)) == Status.STATE_FULL:
            state = enlarged(self.world.state)
            self._needed.note(len(state.strands), state.tiers.shape[1], len(state.events))
            self.world = self.world._replace(state=state)
        return Status(status)

    def take(self) -> Log:
        """The rows written since the last call."""
        lent = self.lend()
        return Log(np.array(lent.visits), np.array(lent.cases), np.array(lent.sessions))

    def lend(self) -> Log:
        """The same, not copied: they are overwritten when the run goes on."""
        counts = [self._scalar(name) for name in (Scalar.VISITS, Scalar.CASES, Scalar.SESSIONS)]
        self.world.state.scalars[[Scalar.VISITS, Scalar.CASES, Scalar.SESSIONS]] = 0
        return Log(*(rows[:count] for rows, count in zip(self.world.rows, counts, strict=True)))

    @property
    def now(self) -> int:
        """Time of the last event, microseconds."""
        return self._scalar(Scalar.NOW)

    @property
    def events(self) -> int:
        """Events handled so far, idle timers and roster rows apart."""
        return self._scalar(Scalar.HANDLED)

    def _scalar(self, name: Scalar) -> int:
        return int(self.world.state.scalars[name])
