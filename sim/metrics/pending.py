"""What must be kept of rows that are counted until more is known: bounded by what is open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.codes import Visit
from sim.metrics.lives import Open
from sim.metrics.packed import pack, unpack
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
class Pending:
    """All that waits for more rows.

    Attributes
    ----------
    contacts : Contacts
    visits : Open
    answers : int64 array (2 x customers)
        How many surveys each counted customer has answered, and the sum of their scores.
    paid_is_known : bool
    """

    contacts: Contacts = field(default_factory=Contacts)
    visits: Open = field(default_factory=Open)
    answers: Ints = field(default_factory=lambda: np.zeros((2, 0), np.int64))
    paid_is_known: bool = False

    def __getstate__(self) -> dict[str, Any]:
        """For other processes: most customers have not answered."""
        return {
            "contacts": self.contacts,
            "visits": self.visits,
            "answers": pack(self.answers),
            "paid_is_known": self.paid_is_known,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """All as it was."""
        self.contacts, self.visits, self.paid_is_known = state["contacts"], state["visits"], state["paid_is_known"]
        self.answers = unpack(*state["answers"])

    def answers_of(self, customers: int) -> Ints:
        """The answers, with room for so many customers."""
        if self.answers.shape[1] < customers:
            self.answers = np.zeros((2, customers), np.int64)
        return self.answers
