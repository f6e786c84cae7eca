"""Factors on arrival rates for stretches of time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sim.calendars import Clock
from sim.schema.model import Scenario

if TYPE_CHECKING:
    from sim.demand import Rates

Factor = Callable[[int, int], float]
"""The factor between two times inside a stretch."""


def with_disruptions(rates: Rates, scenario: Scenario, clock: Clock) -> Rates:
    """Rates with the surges, or the falls, of a scenario's disruptions."""
    for one in scenario.disruptions.values():
        if one.demand is not None:
            begin, factor = clock.of(one.from_), one.demand
            streams = [n for n, name in enumerate(scenario.demand) if one.streams is None or name in one.streams]
            rates = scaled(rates, streams, (begin, begin + one.for_), constant(factor))
    return rates


def constant(factor: float) -> Factor:
    """The same factor throughout."""
    return lambda begin, end: factor


def scaled(rates: Rates, streams: Iterable[int], span: tuple[int, int], factor: Factor) -> Rates:
    """Rates of some streams times a factor between two times; pieces that reach over its borders are cut in two."""
    for stream in streams:
        first, last = int(rates.first[stream]), int(rates.last[stream])
        pieces = [
            (stop, expected * (factor(start, stop) if span[0] <= start and stop <= span[1] else 1.0), day)
            for start, stop, expected, day in _cut(rates, first, last, span)
        ]
        if first < last:
            rates = _replaced(rates, stream, [(int(rates.time[first]), float(rates.expected[first]),
                                               int(rates.day[first])), *pieces])  # fmt: skip
    return rates


def _cut(rates: Rates, first: int, last: int, span: tuple[int, int]) -> Iterable[tuple[int, int, float, int]]:
    """Begin, end, expected arrivals and day of a stream's pieces, cut at two times."""
    for place in range(first + 1, last):
        begin, end = int(rates.time[place - 1]), int(rates.time[place])
        borders = [begin, *(time for time in span if begin < time < end), end]
        for start, stop in pairwise(borders):
            whole = len(borders) == 2
            expected = float(rates.expected[place])
            part = expected if whole else expected * ((stop - start) / (end - begin))
            yield start, stop, part, int(rates.day[place])


def _replaced(rates: Rates, stream: int, pieces: list[tuple[int, float, int]]) -> Rates:
    """Rates with other pieces for a stream."""
    first, last = int(rates.first[stream]), int(rates.last[stream])
    more = len(pieces) - (last - first)
    columns = zip(*pieces, strict=True)
    made = {
        name: np.concatenate([getattr(rates, name)[:first], np.array(values, getattr(rates, name).dtype),
                              getattr(rates, name)[last:]])
        for name, values in zip(("time", "expected", "day"), columns, strict=True)
    }  # fmt: skip
    behind = np.arange(len(rates.first)) > stream
    return replace(
        rates,
        first=rates.first + more * behind,
        last=rates.last + more * (behind | (np.arange(len(rates.first)) == stream)),
        **made,
    )
