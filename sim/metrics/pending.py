"""What must be kept of rows that are counted until more is known: bounded by what is open."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.codes import Visit
from sim.units import NEVER

Ints = NDArray[np.int64]

_CONTACT = [Visit.AGENT, Visit.GROUP, Visit.STARTED, Visit.RELEASED]


@dataclass(slots=True)
class Contacts:
    """Contacts of people who hold several at once, until their session is over (columns as in ``_CONTACT``)."""

    rows: Ints = field(default_factory=lambda: np.empty((len(_CONTACT), 0), np.int64))

    def keep(self, visits: Ints) -> None:
        """Keep visits (columns x rows)."""
        self.rows = np.concatenate([self.rows, visits[_CONTACT]], axis=1)

    def take(self, agents: Ints, offs_us: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Take out the contacts begun before their agent's last log-off: group, start, release, agent."""
        agent, group, started, released = self.rows
        size = 1 + max(int(agents.max()), int(agent.max(initial=0)))
        off = np.full(size, -NEVER)
        np.maximum.at(off, agents, offs_us)
        over = started <= off[agent]
        self.rows = self.rows[:, ~over]
        return group[over], started[over], released[over], agent[over]


@dataclass(slots=True)
class Pending:
    """All that waits for more rows."""

    contacts: Contacts = field(default_factory=Contacts)
