"""Draws at the addresses of a replication."""

from __future__ import annotations

import numpy as np

from sim.network import Chance, Network
from sim.primitives import Purpose, length_us, quantiles_s, uniforms, work_us
from sim.reference.parts import NONE, Case

_BLOCK = 256
_REPETITION = (1 << 16) - 1


class Draws:
    """Draws at the addresses of a replication, fetched for many cases at a time."""

    def __init__(self, network: Network, chance: Chance) -> None:
        self._tables, self._key = network.tables, chance.key
        self._streams = network.streams["id"].tolist()
        self._difficulty = network.streams["difficulty"].tolist()
        self._attributes = network.attributes["table"].tolist()
        self._first_attribute = len(network.steps)
        self._places = [*network.steps["id"].tolist(), *network.attributes["id"].tolist()]
        self._blocks: dict[tuple[int, ...], list[float]] = {}

    def seconds(self, table: int, case: Case, step: int, purpose: Purpose, repetition: int) -> float:
        """A quantile in seconds; nothing for no table."""
        return self._at(table, case, step, purpose, repetition) if table >= 0 else 0.0

    def work(self, table: int, case: Case, step: int, purpose: Purpose, repetition: int) -> int:
        """A quantile as units of work."""
        return work_us(self._at(table, case, step, purpose, repetition))  # type: ignore[no-any-return]

    def time(self, table: int, case: Case, step: int, purpose: Purpose, repetition: int) -> int:
        """A quantile as a time for which nobody works, microseconds."""
        return int(length_us(self.seconds(table, case, step, purpose, repetition), 1.0))

    def uniform(self, case: Case, step: int, purpose: Purpose, repetition: int) -> float:
        """A uniform number between 0 and 1."""
        return self._at(NONE, case, step, purpose, repetition)

    def ease(self, case: Case, step: int, purpose: Purpose, repetition: int) -> float:
        """A uniform number, low where things go well easily; as far as the stream says, the case's own."""
        share = self._difficulty[case.stream]
        if share > 0:
            place = purpose << 16 | repetition & _REPETITION
            if self.uniform(case, step, Purpose.BY_CASE, place) < share:
                return self.uniform(case, NONE, Purpose.DIFFICULTY, 0)
        return self.uniform(case, step, purpose, repetition)

    def attribute(self, case: Case, attribute: int) -> float:
        """Value of an attribute of a case."""
        place = self._first_attribute + attribute
        return self._at(self._attributes[attribute], case, place, Purpose.ATTRIBUTE, 0)

    def _at(self, table: int, case: Case, place: int, purpose: Purpose, repetition: int) -> float:
        if repetition:  # rare: not worth a block
            return self._fetch(table, case, case.number, 1, (place, purpose, repetition))[0]
        block, inside = divmod(case.number, _BLOCK)
        name = (table, case.stream, block, place, purpose)
        if name not in self._blocks:
            self._blocks[name] = self._fetch(table, case, block * _BLOCK, _BLOCK, (place, purpose, 0))
            self._blocks.pop((table, case.stream, block - 64, place, purpose), None)
        return self._blocks[name][inside]

    def _fetch(self, table: int, case: Case, first: int, count: int, place: tuple[int, int, int]) -> list[float]:
        step, purpose, repetition = place
        out = np.empty(count)
        address = (self._streams[case.stream], self._places[step] if step >= 0 else 0, int(purpose), repetition)
        if table < 0:
            uniforms(self._key, first, address, out)
        else:
            quantiles_s(self._tables, table, self._key, first, address, out)
        return out.tolist()
