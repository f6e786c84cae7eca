"""What chance has no part in: every agent's hours day by day, and what may take them away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from sim.calendars import Clock
from sim.network import Floats, Ints, Records, record
from sim.primitives import name_id
from sim.schema.daytable import parse_days
from sim.schema.model import Scenario
from sim.schema.people import Group, Hire, Shift, Shrinkage, pace_at, training_weekdays, training_window
from sim.units import DAY_US

Spans = list[tuple[int, int]]
_ALWAYS = -1
NO_TURN = -1

PIECE = record(agent=int, day=int, begin=int, end=int, pace=float, session=int)
"""Work of one agent: ``day`` counts the plan's days; with a ``session`` (-1: none) only if that session falls out."""

SPAN = record(agent=int, day=int, begin=int, end=int)
"""A shift of one agent with its breaks: what is paid."""

HEADS = record(day=int, begin=int, end=int, heads=int, training=int)
"""A head count; ``training`` is the class of agents who train then, -1: none."""

SESSION = record(first=int, last=int)
"""A session with a mentor: the new people, by number, of whom at least one must be there."""

PERSON = record(hired=int, works=int, early_share=float, early_days=float)
"""An agent: the day (ordinal) of hiring and of the first work, and who of them leave early within which time."""


@dataclass(frozen=True)
class Plan:
    """The people of one group.

    Attributes
    ----------
    id : int
        The group's 32-bit address.
    days : int64 array
        Ordinals of the local days.
    people : PERSON rows
        By number in the group.
    pieces, spans, sessions : PIECE, SPAN and SESSION rows
        Of a group with shifts, in the order of agent and time.
    heads : HEADS rows
        Of a group that is counted.
    classes : int
        How many classes take turns in training; agent i is in class i mod this.
    shrinkage : Shrinkage
    shock_id : int
        Address of the days of the common shock.
    extra : float64 array
        By day: what a wave of absence adds to the unplanned share.
    attrition : float
        Share that leaves in a year.
    rotation_share, rotation_days : float, int
    """

    id: int
    days: Ints
    people: Records
    pieces: Records
    spans: Records
    sessions: Records
    heads: Records
    classes: int
    shrinkage: Shrinkage
    shock_id: int
    extra: Floats
    attrition: float
    rotation_share: float
    rotation_days: int

    @property
    def counted(self) -> bool:
        """Whether the group is a head count."""
        return len(self.heads) > 0

    @property
    def certain(self) -> bool:
        """Whether chance has no part in who is there."""
        shares = (self.shrinkage.planned, self.shrinkage.unplanned, self.attrition, self.rotation_share)
        return not any(shares) and not self.extra.any() and not self.people["early_share"].any()


def plan_of(scenario: Scenario, name: str, clock: Clock) -> Plan:
    """The people of a group of a scenario."""
    group = scenario.people[name]
    days = clock.days()
    number = name_id(name) if group.id is None else group.id
    shared = group.shrinkage.shared
    shifts = [_ShiftPlan(scenario, group, shift, clock) for shift in group.shifts or {}]
    heads, classes = _heads(group, clock) if group.agents else ([], 1)
    return Plan(
        id=number,
        days=np.array([day.toordinal() for day in days], np.int64),
        people=_people(group, clock),
        pieces=_sorted(np.concatenate([np.zeros(0, PIECE), *(shift.pieces for shift in shifts)])),
        spans=_sorted(np.concatenate([np.zeros(0, SPAN), *(shift.spans for shift in shifts)])),
        sessions=_sessions(group),
        heads=np.array(heads, HEADS),
        classes=classes,
        shrinkage=group.shrinkage,
        shock_id=number if shared is None else name_id(shared),
        extra=_waves(scenario, name, days),
        attrition=group.attrition,
        rotation_share=group.rotation.share if group.rotation else 0.0,
        rotation_days=-(-group.rotation.for_ // DAY_US) if group.rotation else 0,
    )


def _waves(scenario: Scenario, group: str, days: list[dt.date]) -> Floats:
    """What disruptions add to the share of people who are away, by day."""
    waves = [one for one in scenario.disruptions.values() if one.groups is None or group in one.groups]
    return np.array([sum(one.absence for one in waves if one.touches(day)) for day in days], np.float64)


def _sorted(rows: Records) -> Records:
    return rows[np.lexsort((rows["begin"], rows["agent"]))]


def _people(group: Group, clock: Clock) -> Records:
    """Own agents were hired before the start; new people's numbers follow theirs."""
    own = group.size - sum(hire.agents for hire in group.hires)
    rows = [(0, 0, 0.0, 0.0)] * own
    for hire in group.hires:
        leave = (hire.leave.share, hire.leave.within / DAY_US) if hire.leave else (0.0, 0.0)
        rows += [(hire.on.toordinal(), _first_work(hire), *leave)] * hire.agents
    return np.array(rows, PERSON)


def _first_work(hire: Hire) -> int:
    return hire.on.toordinal() + -(-hire.works_after // DAY_US)


def _cohorts(group: Group) -> Iterator[tuple[Hire, range]]:
    """New people with their numbers in the group."""
    first = group.size - sum(hire.agents for hire in group.hires)
    for hire in group.hires:
        yield hire, range(first, first + hire.agents)
        first += hire.agents


def _sessions(group: Group) -> Records:
    """Sessions with mentors in the order of the hires: whom each is for."""
    rows = []
    for hire, numbers in _cohorts(group):
        if hire.mentors:
            borders = [*numbers[:: hire.mentors.one_to], numbers.stop]
            rows += list(pairwise(borders))
    return np.array(rows, SESSION)


class _ShiftPlan:
    """Pieces and spans of a shift: its own agents and those hired into it."""

    def __init__(self, scenario: Scenario, group: Group, name: str, clock: Clock) -> None:
        self.group, self.clock = group, clock
        self.shift = (group.shifts or {})[name]
        self.days = clock.days()
        self.works, weekdays = _works(scenario, self.shift)
        self.turns = weekdays if group.training else [NO_TURN]
        self.mentors = self._mentors(name)
        self.own = group.agents_of_shift(name)
        cohorts: list[tuple[Hire | None, range]] = [(None, self.own)]
        cohorts += [(hire, numbers) for hire, numbers in _cohorts(group) if hire.shift == name]
        made = [self._cohort(hire, numbers) for hire, numbers in cohorts]
        self.pieces = np.concatenate([pieces for pieces, _ in made])
        self.spans = np.concatenate([spans for _, spans in made])

    def _cohort(self, hire: Hire | None, numbers: range) -> tuple[Records, Records]:
        """People with the same tenure."""
        first = _first_work(hire) if hire else 0
        paid = hire.on.toordinal() if hire else 0
        pace = [self._pace(hire, day) for day in self.days]
        pieces = []
        for turn, weekday in enumerate(self.turns):
            spells = [
                (number, begin, end, pace[number])
                for number, day in enumerate(self.days)
                if self.works(day) and day.toordinal() >= first
                for begin, end in self._on_clock(day, self._minutes(day.weekday() == weekday))
            ]
            agents = [n for n in numbers if n % len(self.turns) == turn and n not in self.mentors]
            pieces.append(_for_each(agents, spells, PIECE, ("day", "begin", "end", "pace")))
        if hire is None:
            pieces += [self._mentor(number) for number in self.mentors]
        whole = [
            (number, *self._on_clock(day, [self.shift.span])[0])
            for number, day in enumerate(self.days)
            if self.works(day) and day.toordinal() >= paid
        ]
        return np.concatenate(pieces), _for_each(list(numbers), whole, SPAN, ("day", "begin", "end"))

    def _pace(self, hire: Hire | None, day: dt.date) -> float:
        group, tenure = self.group, self.shift.tenure
        if group.learning is None or (hire is None and tenure is None):
            return 1.0
        since = hire.on if hire else self.clock.start.date()
        return pace_at(group.learning, (day - since).days * DAY_US + (0 if hire else tenure or 0))

    def _minutes(self, trains: bool) -> Spans:
        """Hours of work of a day: breaks and training cut out."""
        away = [(at, at + length) for at, length in self.shift.pauses]
        if trains and self.group.training:
            at = self.group.training.at
            begin = self.shift.span[0] if at is None else self.shift.minute(at)
            away.append((begin, begin + self.group.training.minutes))
        return without([self.shift.span], away)

    def _on_clock(self, day: dt.date, minutes: Spans) -> Spans:
        return [(self.clock.at(day, begin), self.clock.at(day, end)) for begin, end in minutes]

    def _mentors(self, name: str) -> dict[int, list[tuple[Hire, int, int]]]:
        """Sessions of each mentor: with whom, the session's number, and its place among the day's."""
        found: dict[int, list[tuple[Hire, int, int]]] = {}
        number = 0
        for hire in self.group.hires:
            if hire.shift == name:
                own = self.group.agents_of_shift(name)
                for place in range(self.group.first_session(hire), self.group.first_session(hire) + hire.sessions):
                    session = number + place - self.group.first_session(hire)
                    found.setdefault(own[place % len(own)], []).append((hire, session, place // len(own)))
            number += hire.sessions
        return found

    def _mentor(self, agent: int) -> Records:
        """Work of a mentor: a session's time counts only where the session falls out."""
        rows = []
        weekday = self.turns[agent % len(self.turns)]
        for number, day in enumerate(self.days):
            if not self.works(day):
                continue
            hours, pace = self._minutes(day.weekday() == weekday), self._pace(None, day)
            sessions = self._sessions_on(agent, day)
            parts = [(_ALWAYS, without(hours, [window for _, window in sessions]))]
            parts += [(session, overlap(hours, window)) for session, window in sessions]
            for session, minutes in parts:
                rows += [(agent, number, *span, pace, session) for span in self._on_clock(day, minutes)]
        return np.array(rows, PIECE)

    def _sessions_on(self, agent: int, day: dt.date) -> list[tuple[int, tuple[int, int]]]:
        """Number and hours of the sessions of a mentor on a day."""
        found = []
        for hire, session, place in self.mentors[agent]:
            if hire.mentors and _first_work(hire) <= day.toordinal() < hire.mentored_until.toordinal():
                begin = self.shift.span[0] + place * hire.mentors.minutes
                found.append((session, (begin, begin + hire.mentors.minutes)))
        return found


def _works(scenario: Scenario, shift: Shift) -> tuple[Callable[[dt.date], bool], list[int]]:
    """Whether a shift is worked on a day, and its weekdays."""
    if shift.in_ is None:
        keys = [parse_days(key) for key in shift.day_keys]
        weekdays = [day for key in keys for day in (key if isinstance(key, list) else [key.weekday()])]
        return shift.works_on, sorted(set(weekdays))
    table = scenario.calendars[shift.in_]
    return lambda day: bool(table.on(day)), [n for n, stretches in enumerate(table.weekdays) if stretches]


def _heads(group: Group, clock: Clock) -> tuple[list[tuple[int, int, int, int, int]], int]:
    """Head counts with the class that trains meanwhile, and the number of classes."""
    table, training = group.agents, group.training
    turns = training_weekdays(table, training) if table and training else []
    rows = []
    for number, day in enumerate(clock.days()):
        stretches = table.on(day) if table else ()
        turn = turns.index(day.weekday()) if day.weekday() in turns else NO_TURN
        for stretch in stretches:
            window = training_window(stretches, training) if training and turn >= 0 else (0, 0)
            span = [(stretch.start_min, stretch.end_min)]
            parts = [(part, NO_TURN) for part in without(span, [window])]
            parts += [(part, turn) for part in overlap(span, window)]
            rows += [
                (number, clock.at(day, begin), clock.at(day, end), int(stretch.value), who)
                for (begin, end), who in parts
            ]
    return rows, max(len(turns), 1)


def without(spans: Spans, away: Spans) -> Spans:
    """Spans with others cut out."""
    for start, stop in away:
        spans = (
            [
                part
                for begin, end in spans
                for part in ((begin, min(end, start)), (max(begin, stop), end))
                if part[0] < part[1]
            ]
            if start < stop
            else spans
        )
    return spans


def overlap(spans: Spans, window: tuple[int, int]) -> Spans:
    """What spans have in common with a window."""
    cut = [(max(begin, window[0]), min(end, window[1])) for begin, end in spans]
    return [(begin, end) for begin, end in cut if begin < end]


def _for_each(agents: list[int], spells: list[Any], dtype: np.dtype[np.void], fields: tuple[str, ...]) -> Records:
    """Rows of every agent for every spell; without a session."""
    made = np.zeros(len(agents) * len(spells), dtype)
    made["agent"] = np.repeat(np.array(agents, np.int64), len(spells))
    for place, name in enumerate(fields):
        made[name] = np.tile(np.array([spell[place] for spell in spells], made.dtype[name]), len(agents))
    if "session" in (dtype.names or ()):
        made["session"] = _ALWAYS
    return made
