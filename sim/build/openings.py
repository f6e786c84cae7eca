"""Calendars on the time line."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sim.build.numbers import Numbers, Rounds
from sim.calendars import Clock, openings, rounds
from sim.network import CALENDAR, OPENING, Records


def calendar_rows(numbers: Numbers, clock: Clock) -> dict[str, Records]:
    """Calendars and their openings, by the field of `Network`."""
    parts = [
        rounds(one.table, one.minutes, clock) if isinstance(one, Rounds) else openings(one, clock)
        for one in numbers.calendars
    ]
    borders = np.cumsum([0, *(len(part) for part in parts)])
    rows = list(pairwise(borders.tolist()))
    return {
        "calendars": np.array(rows, CALENDAR),
        "openings": np.concatenate([np.empty(0, OPENING), *parts]),
    }
