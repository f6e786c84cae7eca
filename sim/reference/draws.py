"""Draws at the addresses of a replication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.network import Chance, Floats, Ints, Network
from sim.primitives import Purpose, lengths_us, quantiles_s, rounded_us, uniforms, works_us
from sim.reference.parts import NONE, Case

_BLOCK_BITS = 8
_BLOCK = 1 << _BLOCK_BITS
_KEPT = 64
_REPETITION = (1 << 16) - 1
Rounding = Callable[[Floats, Ints], None]


class Draws:
    """Draws at the addresses of a replication, fetched for many cases at a time."""

    def __init__(self, network: Network, chance: Chance) -> None:
        self._tables, self._key = network.tables, chance.key
        self._streams = network.streams["id"].tolist()
        self._difficulty = network.streams["difficulty"].tolist()
        self._attributes = network.attributes["table"].tolist()
        self._first_attribute = len(network.steps)
        self._places = [*network.steps["id"].tolist(), *network.attributes["id"].tolist()]
        self._blocks: dict[tuple[Any, ...], list[Any]] = {}

    def seconds(self, table: int, case: Case, step: int, purpose: Purpose, repetition: int) -> float:
        """A quantile in seconds."""
        return self._at(None, table, case, step, purpose, repetition)  # type: ignore[no-any-return]

    def work(self, table: int, case: Case, step: int, purpose: Purpose, repetition: int) -> int:
        """A quantile as units of work."""
        return self._at(works_us, table, case, step, purpose, repetition)  # type: ignore[no-any-return]

    def time(self, table: int, case: Case, step: int, purpose: Purpose, repetition: int) -> int:
        """A quantile as a time for which nobody works, microseconds; nothing for no table."""
        return self._at(lengths_us, table, case, step, purpose, repetition) if table >= 0 else 0

    def patience(self, table: int, case: Case, step: int, repetition: int) -> int:
        """A quantile as a time for which somebody waits, microseconds; it may be `NEVER`."""
        return self._at(rounded_us, table, case, step, Purpose.PATIENCE, repetition)  # type: ignore[no-any-return]

    def uniform(self, case: Case, step: int, purpose: Purpose, repetition: int) -> float:
        """A uniform number between 0 and 1."""
        return self._at(None, NONE, case, step, purpose, repetition)  # type: ignore[no-any-return]

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
        return self._at(None, self._attributes[attribute], case, place, Purpose.ATTRIBUTE, 0)  # type: ignore[no-any-return]

    def _at(
        self, rounding: Rounding | None, table: int, case: Case, place: int, purpose: Purpose, repetition: int
    ) -> Any:
        if repetition:  # rare: not worth a block
            return self._fetch(rounding, table, case, 1, (place, purpose, repetition))[0]
        block = case.address >> _BLOCK_BITS
        name = (rounding, table, place, purpose, block)
        if name not in self._blocks:
            self._blocks[name] = self._fetch(rounding, table, case, _BLOCK, (place, purpose, 0))
            self._blocks.pop((rounding, table, place, purpose, block - _KEPT), None)
        return self._blocks[name][case.number & (_BLOCK - 1)]

    def _fetch(
        self, rounding: Rounding | None, table: int, case: Case, count: int, place: tuple[int, int, int]
    ) -> list[Any]:
        """Draws of as many cases, a power of two, of which this is one."""
        step, purpose, repetition = place
        out, first = np.empty(count), case.number & -count
        address = (self._streams[case.stream], self._places[step] if step >= 0 else 0, int(purpose), repetition)
        if table < 0:
            uniforms(self._key, first, address, out)
        else:
            quantiles_s(self._tables, table, self._key, first, address, out)
        if rounding is None:
            return out.tolist()
        rounded = np.empty(count, np.int64)
        rounding(out, rounded)
        return rounded.tolist()
