"""Eras: stretches of time in which groups can do the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from sim.build.numbers import Numbers
from sim.build.queues import skill_rows
from sim.calendars import Clock
from sim.codes import Kind
from sim.network import ROSTER, Records
from sim.schema.change import Disruption


def era_rows(numbers: Numbers, clock: Clock) -> tuple[Records, Records]:
    """Skills of each era (eras x groups x queues), and the roster's rows at which eras begin; the first has none."""
    usual = skill_rows(numbers)
    return eras_of(numbers, clock, lambda begin: usual, ())


def eras_of(
    numbers: Numbers, clock: Clock, usual: Callable[[int], Records], borders: Iterable[int]
) -> tuple[Records, Records]:
    """Eras where skills differ by time before any disruption, from further borders on."""
    working = [one for one in numbers.scenario.disruptions.values() if one.no_work_on or one.slower]
    spans = [(clock.of(one.from_), clock.of(one.from_) + one.for_) for one in working]
    times = [*borders, *(time for span in spans for time in span)]
    begins: list[int] = []
    tables: list[Records] = []
    for begin in sorted({0, *(time for time in times if 0 < time < clock.end_us)}):
        table = usual(begin).copy()
        for one, span in zip(working, spans, strict=True):
            if span[0] <= begin < span[1]:
                _disrupt(table, one, numbers)
        if not tables or not np.array_equal(table, tables[-1]):
            begins.append(begin)
            tables.append(table)
    return np.concatenate(tables), eras_at(begins)


def eras_at(begins: list[int]) -> Records:
    """Rows at which eras begin, the first left out: it holds from the start."""
    rows = np.zeros(len(begins) - 1, ROSTER)
    rows["time"], rows["kind"], rows["pace"] = begins[1:], Kind.ERA, 1.0
    rows["agent"] = np.arange(1, len(begins))
    return rows


def _disrupt(table: Records, one: Disruption, numbers: Numbers) -> None:
    """Slow down what a disruption slows down, and stop what it stops."""
    groups = list(numbers.group.values())
    if one.groups is not None:
        groups = [number for name in one.groups for number in numbers.groups_called(name)]
    table["speed"][:, groups] /= 1 + one.slower
    for name, queue in numbers.queue.items():
        if one.no_work_on == "everything" or numbers.besides.queue_of.get(name, name) in one.no_work_on:
            table["speed"][:, groups, queue] = 0.0
