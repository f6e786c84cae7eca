"""Calendars on the time line."""

from __future__ import annotations

import datetime as dt

import numpy as np

from sim.build.numbers import Numbers
from sim.calendars import Clock
from sim.network import CALENDAR, OPENING, Records
from sim.schema.common import Calendar

BEFORE, BEYOND = dt.timedelta(days=8), dt.timedelta(days=400)
"""Days that calendars cover around the run: open cases count from their arrival, drained ones end after the horizon."""


def calendar_rows(numbers: Numbers, clock: Clock) -> dict[str, Records]:
    """Calendars and their openings, by the field of `Network`."""
    demand = numbers.scenario.demand.values()
    arrived = [cases.arrived for stream in demand for cases in stream.open_cases]
    first = min([clock.start, *arrived]).date() - BEFORE
    last = clock.days()[-1] + BEYOND
    calendars: list[tuple[int, int]] = []
    openings: list[tuple[int, int, int]] = []
    for calendar in numbers.calendars:
        rows = _openings(calendar, clock, first, last)
        calendars.append((len(openings), len(openings) + len(rows)))
        openings += rows
    return {"calendars": np.array(calendars, CALENDAR), "openings": np.array(openings, OPENING)}


def _openings(calendar: Calendar, clock: Clock, first: dt.date, last: dt.date) -> list[tuple[int, int, int]]:
    """Stretches in which a calendar is open, those that touch joined, and the open time before each."""
    spans: list[list[int]] = []
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        for stretch in calendar.table.on(day):
            begin, end = clock.at(day, stretch.start_min), clock.at(day, stretch.end_min)
            if spans and begin <= spans[-1][1]:
                spans[-1][1] = max(end, spans[-1][1])
            elif begin < end:
                spans.append([begin, end])
    found, before = [], 0
    for begin, end in spans:
        found.append((begin, end, before))
        before += end - begin
    return found
