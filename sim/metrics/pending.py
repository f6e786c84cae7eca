"""What must be kept of rows that are counted until more is known: bounded by what is open."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.codes import Visit
from sim.metrics.lives import Open
from sim.units import NEVER

Ints = NDArray[np.int64]

_CONTACT = [Visit.AGENT, Visit.GROUP, Visit.STARTED, Visit.RELEASED]


@dataclass(slots=True)
class Contacts:
    """Contacts of people who hold several at once, until their session is over (columns as in ``_CONTACT``)."""

    rows: Ints = field(default_factory=lambda: np.empty((len(_CONTACT), 0), np.int64))

    def keep(self, visits: Ints) -> None:
        """Keep visits (rows x columns)."""
        self.rows = np.concatenate([self.rows, visits[:, _CONTACT].T], axis=1)

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
class Customers:
    """Surveys that each counted customer has answered: how many, and the sum of their scores (2 x customers)."""

    answers: Ints = field(default_factory=lambda: np.zeros((2, 0), np.int64))

    def means(self, of: Ints, number: int) -> NDArray[np.float64]:
        """Mean score of customers so far; NaN for who never answered."""
        if self.answers.shape[1] < number:
            self.answers = np.zeros((2, number), np.int64)
        count, total = self.answers[:, of]
        found: NDArray[np.float64] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        return found

    def add(self, customers: Ints, scores: Ints) -> None:
        """Add one answered survey for each entry."""
        np.add.at(self.answers[0], customers, 1)
        np.add.at(self.answers[1], customers, scores)


@dataclass(slots=True)
class Pending:
    """All that waits for more rows."""

    contacts: Contacts = field(default_factory=Contacts)
    visits: Open = field(default_factory=Open)
    customers: Customers = field(default_factory=Customers)
    paid_is_known: bool = False
