"""Steps and ways out of them."""

from __future__ import annotations

from itertools import pairwise
from math import inf, nextafter
from typing import Any

import numpy as np

from sim.build.numbers import Numbers, Rounds, row, step_id
from sim.calendars import Clock
from sim.codes import Lead, Outcome, Source, Wait
from sim.network import BRANCH, STEP, Records
from sim.schema.condition import Condition
from sim.schema.daytable import DayTable, parse_day_table
from sim.schema.flow import Steps, following
from sim.schema.process import Step
from sim.units import parse_time_of_day

Span = tuple[float, float]
_ALL = [(-inf, inf)]
_LEADS = {"always": Lead.ALWAYS, "new person": Lead.NEW_PERSON, "hand-over": Lead.HAND_OVER}


def step_rows(numbers: Numbers, clock: Clock) -> tuple[Records, Records]:
    """One row per step of each copy of each process, and the ways out of branches and forks."""
    rows: list[tuple[object, ...]] = []
    ways: list[tuple[float, float, int]] = []
    for process, steps in numbers.process.items():
        for copy in range(len(numbers.copies[process])):
            site = _Site(numbers, clock, process, copy, steps)
            for local, name in enumerate(steps):
                found = site.ways(name)
                ends = {"branch_first": len(ways), "branch_last": len(ways) + len(found)}
                rows.append(row(STEP, site.fields(name) | {"local": local} | ends))
                ways += found
    return np.array(rows, dtype=STEP), np.array(ways, dtype=BRANCH)


class _Site:
    """One copy of a process."""

    def __init__(self, numbers: Numbers, clock: Clock, process: str, copy: int, steps: Steps) -> None:
        self.numbers, self.clock, self.process, self.copy, self.steps = numbers, clock, process, copy, steps
        self.attributes = numbers.attributes_of(process, copy)

    def at(self, name: str | None) -> int:
        """Number of a step of this copy; -1 for none."""
        return -1 if name is None else self.numbers.step[self.process, self.copy, name]

    def fields(self, name: str) -> dict[str, Any]:
        """Everything about a step but its place and its ways out."""
        step, table = self.steps[name], self.numbers.table
        patience = -2 if step.patience is None else -1 if step.patience == "none" else table(step.patience)
        return {
            "id": step_id(self.process, name, step),
            "kind": step.kind,
            "queue": self.numbers.queue[step.work] if step.work else -1,
            "lead": table(step.before),
            "talk": table(step.talk),
            "hold": table(step.hold),
            "wrap": table(step.afterwards),
            "delay": table(step.delay or step.after),
            "lead_when": _LEADS[step.lead_when],
            "patience": patience,
            "priority": (step.mark.priority if step.mark else step.priority) or 0,
            "next": self.at(following(self.steps, name)),
            "unsolved": self.at(step.unsolved),
            "suspends": int(step.suspends),
            "briefing": table(step.briefing),
            "wait": _wait(step),
            "calendar": self._calendar(step),
            **self._source(step),
            "outcome": Outcome.UNSOLVED if step.end == "unsolved" else Outcome.SOLVED,
            "reopen_share": step.reopens.share if step.reopens else 0.0,
            "reopen_after": table(step.reopens.after if step.reopens else None),
            "reopen_step": self.at(step.reopens.at if step.reopens else None),
            "reopen_most": step.reopens.at_most if step.reopens else 0,
            "due": -1 if step.mark is None or step.mark.due is None else step.mark.due,
            **self._spawn(name, step),
        }  # fmt: skip

    def _calendar(self, step: Step) -> int:
        if step.rounds_at is not None:
            return self.numbers.calendar(_rounds(step, self.numbers.scenario.calendars))
        opens = [one for _, one in step.conditions if one.source == Source.CALENDAR]
        named = step.until_open or step.in_ or (step.mark.in_ if step.mark else None)
        return self.numbers.calendar(named or (opens[0].name if opens else None))

    def _source(self, step: Step) -> dict[str, int]:
        if not step.conditions:
            return {"source": Source.EASE if step.easy_first else Source.CHANCE, "attribute": -1}
        first = step.conditions[0][1]
        attribute = self.attributes[first.name] if first.source == Source.ATTRIBUTE else -1
        if first.source == Source.ATTRIBUTE and attribute < 0:
            return {"source": Source.CHANCE, "attribute": -1}
        return {"source": first.source, "attribute": attribute}

    def _spawn(self, name: str, step: Step) -> dict[str, int]:
        if step.spawn is None:
            return {"spawn_stream": -1, "spawn_place": 0, "spawn_width": 0}
        senders = self.numbers.senders(step.spawn)
        origin = (self.numbers.sender_of(self.process, self.copy), step_id(self.process, name, step))
        place = senders.index(origin) if origin in senders else 0
        return {"spawn_stream": self.numbers.stream[step.spawn], "spawn_place": place, "spawn_width": len(senders)}

    def ways(self, name: str) -> list[tuple[float, float, int]]:
        """Ways out of a branch or strands of a fork, in order."""
        step = self.steps[name]
        if step.fork is not None:
            return [(0.0, 1.0, self.at(target)) for target in step.fork]
        if step.conditions:
            held = [(target, span) for target, one in step.conditions for span in self.spans(one)]
            return [(*span, self.at(target)) for target, span in [*held, (step.otherwise, _ALL[0])]]
        options = [(target, share) for target, share in step.branches if share > 0] if step.branch else []
        upto = np.cumsum([0.0, *(share for _, share in options)])
        upto[-1:] = 1.0
        borders = pairwise(upto.tolist()) if options else ()
        return [(*span, self.at(target)) for span, (target, _) in zip(borders, options, strict=False)]

    def spans(self, one: Condition) -> list[Span]:
        """Where a condition holds, in the numbers of what it looks at."""
        if one.source == Source.ARRIVED:
            return number_spans(one.relation, float(self.clock.of(one.value)))
        if one.source == Source.GROUP:
            return group_spans(one.relation, self.numbers.groups_called(one.name))
        if one.source == Source.ATTRIBUTE:
            return self._attribute_spans(one)
        return number_spans(one.relation, float(one.value))

    def _attribute_spans(self, one: Condition) -> list[Span]:
        words = self.numbers.words.get(one.name, [])
        if self.attributes[one.name] < 0:
            return list(_ALL) if one.relation == "is not" else []
        return (
            word_spans(one.relation, words.index(one.value)) if words else number_spans(one.relation, float(one.value))
        )


def word_spans(relation: str, number: int) -> list[Span]:
    """Where the number of a word is that of the given one, or is not."""
    inside = (float(number), float(number + 1))
    return [inside] if relation == "=" else [(-inf, inside[0]), (inside[1], inf)]


def group_spans(relation: str, numbers: list[int]) -> list[Span]:
    """Where the number of a group is one of those given, or none of them."""
    inside = [span for number in sorted(numbers) for span in word_spans("=", number)]
    if relation == "=":
        return inside
    borders = [-inf, *(border for span in inside for border in span), inf]
    return [span for span in zip(borders[::2], borders[1::2], strict=True) if span[0] < span[1]]


def number_spans(relation: str, value: float) -> list[Span]:
    """Where numbers stand in a relation to a value; spans hold their lower end and not their upper."""
    above = nextafter(value, inf)
    return {
        "=": [(value, above)],
        "is not": [(-inf, value), (above, inf)],
        ">": [(above, inf)],
        ">=": [(value, inf)],
        "<": [(-inf, value)],
        "<=": [(-inf, above)],
    }[relation]


def _wait(step: Step) -> Wait:
    if step.until_open is not None:
        return Wait.OPENING
    if step.rounds_at is not None:
        return Wait.ROUND
    return Wait.WORKING_TIME if step.delay is not None and step.in_ is not None else Wait.TIME


def _rounds(step: Step, calendars: dict[str, DayTable]) -> Rounds:
    """A step's rounds: its hours on some days, or on the days on which a calendar opens."""
    days = [step.days] if isinstance(step.days, str) else step.days or ["every day"]
    table = parse_day_table({day: 1 for day in days}) if step.in_ is None else calendars[step.in_]
    return Rounds(table, tuple(sorted(parse_time_of_day(hour) for hour in step.rounds_at or [])))
