"""From a scenario to what an engine sees: numbers for names, tables for distributions, rows for the roster."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from sim.calendars import Clock
from sim.codes import AgentRule, Ask, Lead, Outcome, QueueRule, Source, Wait
from sim.codes import Step as StepKind
from sim.demand import Rates, chance_of, rates_of
from sim.distributions import build_tables
from sim.log import Names
from sim.metrics import Frame
from sim.metrics.presence import parts_of, several
from sim.network import (
    ATTRIBUTE,
    BRANCH,
    CALENDAR,
    ENTRY,
    GROUP,
    INITIAL,
    LINE,
    OPENING,
    QUEUE,
    SERVED,
    SERVER,
    SKILL,
    STEP,
    STREAM,
    Chance,
    Network,
    Records,
)
from sim.primitives import name_id
from sim.roster import Roster, agent_counts, roster_of
from sim.schema.checks import successors
from sim.schema.distribution import Distribution
from sim.schema.model import Scenario
from sim.schema.process import Step
from sim.schema.routing import Routing
from sim.units import NEVER


@dataclass(frozen=True)
class Model:
    """A scenario ready to run.

    Attributes
    ----------
    scenario : Scenario
    network : Network
        Everything but chance, as arrays.
    names : Names
        Names behind the numbers.
    """

    scenario: Scenario
    network: Network
    names: Names
    clock: Clock
    rates: Rates
    roster: Roster

    def chance(self, seed: int, replication: int) -> Chance:
        """What is particular to one replication: its key, rates with their busyness, who is there."""
        return chance_of(self.rates, self.roster, seed, replication)

    @cached_property
    def frame(self) -> Frame:
        """What the metrics need to know."""
        return _frame(self)


def build(scenario: Scenario) -> Model:
    """Number, expand and tabulate a validated scenario."""
    clock = Clock(ZoneInfo(scenario.time_zone), scenario.start, scenario.horizon)
    numbers = _Numbers(scenario)
    rates = rates_of(scenario, clock)
    streams = _streams(scenario, rates, numbers)
    steps, branches = _steps(scenario, numbers)
    network = Network(
        tables=build_tables(numbers.specs),
        streams=streams,
        steps=steps,
        branches=branches,
        entries=_entries(scenario, numbers),
        initials=np.array([], INITIAL),
        attributes=np.array([], ATTRIBUTE),
        calendars=np.array([], CALENDAR),
        openings=np.array([], OPENING),
        **_queues(scenario, numbers),
        skills=_skills(scenario, numbers),
        customers=0,
        end=scenario.horizon,
        drain=scenario.ends == "drain",
    )
    return Model(scenario, network, numbers.names, clock, rates, roster_of(scenario, clock))


class _Numbers:
    """Numbers for the names of a scenario, and the list of its tables."""

    def __init__(self, scenario: Scenario) -> None:
        self.step: dict[tuple[str, str], int] = {}
        for process, steps in scenario.process.items():
            for name in steps:
                self.step[process, name] = len(self.step)
        used = [step.work for steps in scenario.process.values() for step in steps.values() if step.work]
        self.queue = {name: number for number, name in enumerate(dict.fromkeys(used))}
        self.group = {name: number for number, name in enumerate(scenario.people)}
        self.specs: list[Distribution] = []
        self.names = Names(
            streams=tuple(scenario.demand),
            steps=tuple(f"{process}: {step}" for process, step in self.step),
            queues=tuple(self.queue),
            groups=tuple(scenario.people),
        )

    def table(self, spec: Distribution | None) -> int:
        """Number of the table of a distribution; -1 for none."""
        if spec is None:
            return -1
        self.specs.append(spec)
        return len(self.specs)


def _row(dtype: np.dtype[np.void], given: dict[str, Any]) -> tuple[Any, ...]:
    """A row with the given fields; a field that is missing or unknown is an error of ours."""
    names = dtype.names or ()
    if unknown := given.keys() - set(names):
        raise KeyError(str(unknown))
    return tuple(given[name] for name in names)


def _streams(scenario: Scenario, rates: Rates, numbers: _Numbers) -> Records:
    rows = []
    for number, (name, stream) in enumerate(scenario.demand.items()):
        redial = stream.redial
        rows.append(_row(STREAM, {
            "id": name_id(name) if stream.id is None else stream.id,
            "entry_first": number,
            "entry_last": number + 1,
            "priority": stream.priority,
            "head_start": stream.head_start,
            "patience": numbers.table(stream.patience),
            "redial_share": redial.share if redial else 0.0,
            "redial_after": numbers.table(redial.after if redial else None),
            "redial_most": redial.attempts if redial else 1,
            "replay_first": rates.recorded_first[number],
            "replay_last": rates.recorded_last[number],
            "initial_first": 0,
            "initial_last": 0,
            "difficulty": 0.0,
            "spared": 0.0,
            "customer_first": 0,
            "customer_last": 0,
            "leave_solved": 0.0,
            "leave_unsolved": 0.0,
            "leave_lost": 0.0,
            "leave_late": 0.0,
            "chase_entry": -1,
            "chase_first": -1,
            "chase_every": -1,
            "chase_share": 0.0,
            "chase_most": 0,
        }))  # fmt: skip
    return np.array(rows, dtype=STREAM)


def _entries(scenario: Scenario, numbers: _Numbers) -> Records:
    """One way in for each stream: the first step of its process."""
    rows = []
    for stream in scenario.demand.values():
        step = numbers.step[stream.type, next(iter(scenario.process[stream.type]))]
        rows.append((-NEVER, NEVER, 1.0, 1.0, -1, 0.0, 0.0, step))
    return np.array(rows, dtype=ENTRY)


def _steps(scenario: Scenario, numbers: _Numbers) -> tuple[Records, Records]:
    rows: list[tuple[Any, ...]] = []
    branches: list[tuple[float, float, int]] = []
    for process, steps in scenario.process.items():
        for local, (name, step) in enumerate(steps.items()):
            following = successors(steps, name)
            options = [(where, share) for where, share in step.branches if share > 0] if step.branch else []
            row = _step_row(step, numbers) | {
                "id": name_id(f"{process}: {name}") if step.id is None else step.id,
                "local": local,
                "next": numbers.step[process, following[0]] if following and not step.branch else -1,
                "branch_first": len(branches),
                "branch_last": len(branches) + len(options),
            }
            rows.append(_row(STEP, row))
            upto = np.cumsum([0.0, *(share for _, share in options)])
            upto[-1:] = 1.0
            borders = pairwise(upto.tolist()) if options else ()
            branches += [
                (*span, numbers.step[process, where]) for span, (where, _) in zip(borders, options, strict=False)
            ]
    return np.array(rows, dtype=STEP), np.array(branches, dtype=BRANCH)


def _step_row(step: Step, numbers: _Numbers) -> dict[str, Any]:
    kind = next(k for k in StepKind if getattr(step, k.name.lower()) is not None)
    patience = -2 if step.patience is None else -1 if step.patience == "none" else numbers.table(step.patience)
    return {
        "kind": kind,
        "queue": numbers.queue[step.work] if step.work else -1,
        "talk": numbers.table(step.talk),
        "hold": numbers.table(step.hold),
        "wrap": numbers.table(step.wrap),
        "delay": numbers.table(step.delay),
        "patience": patience,
        "priority": step.priority or 0,
        "outcome": Outcome.UNSOLVED if step.end == "unsolved" else Outcome.SOLVED,
        "lead": -1,
        "lead_when": Lead.ALWAYS,
        "unsolved": -1,
        "suspends": 0,
        "briefing": -1,
        "wait": Wait.TIME,
        "calendar": -1,
        "source": Source.CHANCE,
        "attribute": -1,
        "reopen_share": 0.0,
        "reopen_after": -1,
        "reopen_step": -1,
        "reopen_most": 0,
        "due": -1,
        "spawn_stream": -1,
        "spawn_place": 0,
        "spawn_width": 0,
    }


def _queues(scenario: Scenario, numbers: _Numbers) -> dict[str, Records]:
    """Queues, lines and groups with their cross references, by the field of `Network`."""
    queues: list[tuple[Any, ...]] = []
    lines: list[tuple[int, int, int, int]] = []
    servers: list[tuple[int, int]] = []
    serving: list[tuple[int, int]] = []  # group, line
    for queue, number in numbers.queue.items():
        routing = scenario.routing.get(queue, Routing())
        able = [(name, 0) for name, group in scenario.people.items() if queue in group.skills]
        targets = able if routing.targets is None else routing.targets
        first = len(lines)
        for after in sorted({after for _, after in targets} | {0}):
            members = [numbers.group[name] for name, wait in targets if wait == after]
            serving += [(group, len(lines)) for group in members]
            lines.append((number, after, len(servers), len(servers) + len(members)))
            servers += [(group, 0) for group in members]
        queues.append(_row(QUEUE, {
            "waiting_places": -1 if routing.waiting_places is None else routing.waiting_places,
            "line_first": first,
            "line_last": len(lines),
            "ask": Ask.LISTED_ORDER,
            "deadline": 0,
            "within": 0,
            "weight": 1,
            "escalate_before": 0,
            "escalate_priority": 0,
            "balk_from": -1,
            "balk_share": 0.0,
            "callback_from": -1,
            "callback_share": 0.0,
            "callback_answers": 1.0,
            "callback_unanswered": -1,
        }))  # fmt: skip
    served = [(line, 0) for _, line in sorted(serving)]
    return {
        "queues": np.array(queues, dtype=QUEUE),
        "lines": np.array(lines, dtype=LINE),
        "servers": np.array(servers, dtype=SERVER),
        "groups": _groups(scenario, [group for group, _ in sorted(serving)]),
        "served": np.array(served, dtype=SERVED),
    }


def _groups(scenario: Scenario, serving: list[int]) -> Records:
    rules = {"longest idle": AgentRule.LONGEST_IDLE, "listed order": AgentRule.LISTED_ORDER}
    borders = np.cumsum([0, *agent_counts(scenario)])
    rows = []
    for number, group in enumerate(scenario.people.values()):
        part = bisect_left(serving, number), bisect_right(serving, number)
        rows.append((borders[number], borders[number + 1], rules[group.picks], QueueRule.PRIORITY, *part, 1))
    return np.array(rows, dtype=GROUP)


def _skills(scenario: Scenario, numbers: _Numbers) -> Records:
    """What each group does in each queue (eras x groups x queues)."""
    table = np.zeros((1, len(numbers.group), len(numbers.queue)), SKILL)
    table["at_once"], table["solves"] = 1, 1.0
    for name, group in scenario.people.items():
        for skill, value in group.skills.items():
            table["speed"][0, numbers.group[name], numbers.queue[skill]] = value.speed
    return table


def _frame(model: Model) -> Frame:
    scenario = model.scenario
    levels = [
        scenario.routing.get(name, Routing()).service_level or scenario.service_level for name in model.names.queues
    ]
    return Frame(
        queues=model.names.queues,
        groups=model.names.groups,
        streams=model.names.streams,
        channels=tuple(stream.channel for stream in scenario.demand.values()),
        interval_us=scenario.interval,
        warm_up_us=scenario.warm_up,
        end_us=scenario.horizon,
        threshold_us=tuple(level.within for level in levels),
        formula=tuple(level.formula for level in levels),
        goal=tuple(level.goal for level in levels),
        start_utc=model.clock.start_utc,
        zone=scenario.time_zone,
        several=several(model.network),
        parts=parts_of(model.network),
    )
