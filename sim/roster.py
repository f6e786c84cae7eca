"""Who is on duty when: head counts and shifts of a scenario as log-on and log-off rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from sim.calendars import Clock
from sim.codes import KIND_SHIFT, SEQUENCE_MASK, SUBJECT_SHIFT, Kind
from sim.network import ROSTER, Records
from sim.schema.daytable import DayTable, parse_days
from sim.schema.model import Scenario
from sim.schema.people import Group, Shift
from sim.units import parse_hours

GROUP_SHIFT = 20
_Row = tuple[int, Kind, int, int]  # time, kind, group, agent in the group (-1: head count)


def agent_counts(scenario: Scenario) -> list[int]:
    """How many agents each group has at most."""
    return [
        sum(shift.agents for shift in group.shifts.values())
        if group.shifts is not None
        else int(max([0, *(group.agents.all_values() if group.agents else [])]))
        for group in scenario.people.values()
    ]


@dataclass(frozen=True)
class Roster:
    """Who is on duty when, before chance."""

    expected: Records

    def rows(self, key: np.uint64) -> Records:
        """Log-ons and log-offs of one replication before the end, in the order of their keys."""
        return self.expected


def roster_of(scenario: Scenario, clock: Clock) -> Roster:
    """The roster of a scenario."""
    return Roster(_all_rows(scenario, clock))


def _all_rows(scenario: Scenario, clock: Clock) -> Records:
    rows: list[_Row] = []
    for number, people in enumerate(scenario.people.values()):
        if people.shifts is not None:
            rows += _shift_rows(number, people, clock)
        elif people.agents is not None:
            rows += _count_rows(number, people.agents, clock)
    keys = [(time, _key(kind, group, agent)) for time, kind, group, agent in rows]
    order = sorted(range(len(rows)), key=keys.__getitem__)
    seen: Counter[tuple[int, int]] = Counter()
    table = []
    for index in order:
        time, kind, group, agent = rows[index]
        table.append((time, keys[index][1] | min(seen[keys[index]], SEQUENCE_MASK), kind, group, agent, 1.0, 0))
        seen[keys[index]] += 1
    return np.array(table, dtype=ROSTER)


def _key(kind: Kind, group: int, agent: int) -> int:
    return kind << KIND_SHIFT | (group << GROUP_SHIFT | max(agent, 0)) << SUBJECT_SHIFT


def _count_rows(group: int, table: DayTable, clock: Clock) -> list[_Row]:
    """Head count is zero outside every stretch."""
    changes: Counter[int] = Counter()
    for _, begin, end, value, _ in clock.stretches(table):
        changes[begin] += int(value)
        changes[end] -= int(value)
    rows: list[_Row] = []
    for time, change in sorted(changes.items()):
        if time < clock.end_us:
            kind = Kind.LOG_ON if change > 0 else Kind.LOG_OFF
            rows += [(time, kind, group, -1)] * abs(change)
    return rows


def _shift_rows(number: int, group: Group, clock: Clock) -> list[_Row]:
    rows: list[_Row] = []
    first = 0
    for shift in (group.shifts or {}).values():
        spells = _spells(shift, clock)
        for agent in range(first, first + shift.agents):
            for begin, end in spells:
                rows.append((begin, Kind.LOG_ON, number, agent))
                if end < clock.end_us:
                    rows.append((end, Kind.LOG_OFF, number, agent))
        first += shift.agents
    return rows


def _spells(shift: Shift, clock: Clock) -> list[tuple[int, int]]:
    """Stretches of work of a shift, breaks cut out, inside the run."""
    start, end = parse_hours(shift.hours)
    borders = [start, *(minute for at, length in shift.pauses for minute in (at, at + length)), end]
    keys = [parse_days(key) for key in shift.day_keys]
    spells: list[tuple[int, int]] = []
    for day in clock.days():
        if not any(day.weekday() in key if isinstance(key, list) else day == key for key in keys):
            continue
        for begin, finish in zip(borders[::2], borders[1::2], strict=True):
            begin_us, finish_us = max(clock.at(day, begin), 0), clock.at(day, finish)
            if begin_us >= min(finish_us, clock.end_us):
                continue
            if spells and spells[-1][1] == begin_us:
                spells[-1] = (spells[-1][0], finish_us)
            else:
                spells.append((begin_us, finish_us))
    return spells
