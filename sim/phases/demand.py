"""Arrival rates over phases: part of the base's, and each phase's own."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from itertools import pairwise

import numpy as np

from sim.calendars import Clock
from sim.demand import Rates, rates_of
from sim.phases.merge import Merged, rate_of_stream
from sim.schema.demand import Stream
from sim.units import DAY_US

Pieces = list[tuple[int, float, int]]
"""End, expected arrivals and day of each piece; the first ends at 0."""


def rates_over(merged: Merged, clock: Clock, usual: Rates) -> Rates:
    """Rates of the merged scenario: ``usual`` where no phase changes them."""
    parts = _Parts(merged, clock)
    pieces: Pieces = []
    first, last = [], []
    for number, (name, stream) in enumerate(merged.scenario.demand.items()):
        first.append(len(pieces))
        pieces += parts.of(name, stream) or _pieces(usual, number)
        last.append(len(pieces))
    return replace(
        usual,
        first=np.array(first, np.int64),
        last=np.array(last, np.int64),
        time=np.array([time for time, _, _ in pieces], np.int64),
        expected=np.array([expected for _, expected, _ in pieces], np.float64),
        day=np.array([day for _, _, day in pieces], np.int64),
    )


def _pieces(rates: Rates, stream: int) -> Pieces:
    part = slice(rates.first[stream], rates.last[stream])
    return list(zip(rates.time[part].tolist(), rates.expected[part].tolist(), rates.day[part].tolist(), strict=True))


class _Parts:
    """Rates of the base and of each phase, and who has which part of a stream."""

    def __init__(self, merged: Merged, clock: Clock) -> None:
        self.merged, self.clock = merged, clock
        self.base = rates_of(merged.base, clock)
        self.rates = [rates_of(one.scenario, clock) for one in merged.variants]

    def of(self, name: str, stream: Stream) -> Pieces:
        """Pieces of a stream; none if they are the usual ones."""
        origin = self.merged.origin(name)
        if origin is not None:
            return self._sum({origin[0]: self._variant(*origin)}, [], stream)
        concerned = [n for n, one in enumerate(self.merged.variants) if one.holds_for(stream) is not None]
        if stream.rate_form in (None, "recorded") or not any(self._differs(n, name, stream) for n in concerned):
            return []
        own = {n: self._variant(n, name) for n in concerned if (n, name) not in self.merged.own}
        return self._sum(own, _pieces(self.base, list(self.merged.base.demand).index(name)), stream)

    def _differs(self, number: int, name: str, stream: Stream) -> bool:
        other = self.merged.variants[number].scenario.demand.get(name)
        own = (number, name) in self.merged.own
        return other is None or own or rate_of_stream(other) != rate_of_stream(stream)

    def _variant(self, number: int, name: str) -> Pieces:
        names = list(self.merged.variants[number].scenario.demand)
        return _pieces(self.rates[number], names.index(name)) if name in names else []

    def _sum(self, own: dict[int, Pieces], base: Pieces, stream: Stream) -> Pieces:
        """Everybody's part of the rate, in pieces between all borders; a share that rises is that of the middle."""
        everybody = [base, *own.values()]
        ramps = [part for one in self.merged.variants for part in one.ramp(self.clock)]
        borders = {0, *(time for pieces in everybody for time, _, _ in pieces)}
        borders |= {time for part in ramps for time in part[:2] if 0 < time < max(borders)}
        borders |= {time for part in ramps if part[2] != part[3] for time in range(0, max(borders), DAY_US // 24)}
        found: Pieces = [(0, 0.0, 0)]
        for begin, end in pairwise(sorted(borders)):
            share, shares = self.merged.weights(stream, (begin + end) // 2)
            parts = [(share, base), *((shares[number], pieces) for number, pieces in own.items())]
            held = [(part, *_within(pieces, begin, end)) for part, pieces in parts if pieces]
            found.append((end, sum(part * expected for part, expected, _ in held), max(day for _, _, day in held)))
        return found


def _within(pieces: Pieces, begin: int, end: int) -> tuple[float, int]:
    """Expected arrivals between two times inside one piece, and its day."""
    place = bisect_left(pieces, end, key=lambda piece: piece[0])
    if place in (0, len(pieces)):
        return 0.0, 0
    start, (stop, expected, day) = pieces[place - 1][0], pieces[place]
    return expected * ((end - begin) / (stop - start)) if end > begin else 0.0, day
