"""The nouns of the readable engine: a case, its visit, an agent; and the draws at their addresses."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from sim.codes import CASE_BITS
from sim.network import Chance, Network, Records
from sim.primitives import Purpose, quantiles_s, uniforms
from sim.units import NEVER

NONE = -1
_BLOCK = 256


@dataclass(slots=True)
class Case:
    """A customer's need on its way."""

    stream: int
    number: int
    arrived: int
    attempt: int = 0
    visits: int = 0
    first_response: int = NEVER
    last_group: int = NONE
    handovers: int = 0
    waited: int = 0
    worked: int = 0
    repetitions: dict[int, int] = field(default_factory=dict)
    visit: Visit | None = None

    @property
    def address(self) -> int:
        """Stream and number in one integer."""
        return self.stream << CASE_BITS | self.number


@dataclass(slots=True)
class Visit:
    """A stay of a case at a work or delay step."""

    case: Case
    number: int
    step: int
    repetition: int
    enqueued: int
    over: simpy.Event | None = None  # triggers with True for served, False for abandoned
    level: int = 0
    agent: Agent | None = None
    started: int = NEVER
    ended: int = NEVER
    released: int = NEVER
    hold: int = 0

    @property
    def waiting(self) -> bool:
        """Whether the visit stands in a queue."""
        return self.over is not None and not self.over.triggered


@dataclass(slots=True, eq=False)
class Agent:
    """One person of a group."""

    number: int
    group: int
    on_since: int = NEVER
    leaving: bool = False
    pace: float = 1.0


def rows(records: Records) -> list[Any]:
    """Records as plain objects with attributes, which Python reads faster."""
    make = namedtuple("Row", records.dtype.names or ())  # type: ignore[misc]
    return [make(*row) for row in records.tolist()]


class Draws:
    """Draws at the addresses of a replication, fetched for many cases at a time."""

    def __init__(self, network: Network, chance: Chance) -> None:
        self._tables, self._key = network.tables, chance.key
        self._streams = network.streams["id"].tolist()
        self._steps = network.steps["id"].tolist()
        self._blocks: dict[tuple[int, ...], list[float]] = {}

    def seconds(self, table: int, case: Case, step: int, purpose: Purpose, repetition: int) -> float:
        """A quantile in seconds; nothing for no table."""
        return self._at(table, case, step, purpose, repetition) if table >= 0 else 0.0

    def uniform(self, case: Case, step: int, purpose: Purpose, repetition: int) -> float:
        """A uniform number between 0 and 1."""
        return self._at(NONE, case, step, purpose, repetition)

    def _at(self, table: int, case: Case, step: int, purpose: Purpose, repetition: int) -> float:
        block, place = divmod(case.number, _BLOCK)
        if repetition:  # rare: not worth a block
            return self._fetch(table, case, case.number, 1, (step, purpose, repetition))[0]
        name = (table, case.stream, block, step, purpose)
        if name not in self._blocks:
            self._blocks[name] = self._fetch(table, case, block * _BLOCK, _BLOCK, (step, purpose, 0))
            self._blocks.pop((table, case.stream, block - 64, step, purpose), None)
        return self._blocks[name][place]

    def _fetch(self, table: int, case: Case, first: int, count: int, place: tuple[int, Purpose, int]) -> list[float]:
        step, purpose, repetition = place
        step_id = self._steps[step] if step >= 0 else 0
        out = np.empty(count)
        address = (self._streams[case.stream], step_id, int(purpose), repetition)
        if table < 0:
            uniforms(self._key, first, address, out)
        else:
            quantiles_s(self._tables, table, self._key, first, address, out)
        return out.tolist()
