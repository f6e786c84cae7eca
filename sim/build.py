"""From a scenario to what an engine sees: numbers for names, tables for distributions, rows for the roster."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from sim.calendars import Clock
from sim.codes import AgentRule, Outcome
from sim.codes import Step as StepKind
from sim.demand import Rates, chance_of, rates_of
from sim.distributions import build_tables
from sim.log import Names
from sim.metrics import Frame
from sim.network import (
    BRANCH,
    GROUP,
    LINE,
    QUEUE,
    SERVED,
    SERVER,
    STEP,
    STREAM,
    Chance,
    Network,
    Records,
)
from sim.primitives import name_id
from sim.roster import agent_counts, roster_of
from sim.schema.checks import successors
from sim.schema.distribution import Distribution
from sim.schema.model import Routing, Scenario, Step


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

    def chance(self, seed: int, replication: int) -> Chance:
        """What is particular to one replication: its key, and rates with their busyness."""
        return chance_of(self.rates, seed, replication)

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
        **_queues(scenario, numbers),
        roster=roster_of(scenario, clock),
        end=scenario.horizon,
        drain=scenario.ends == "drain",
    )
    return Model(scenario, network, numbers.names, clock, rates)


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


def _streams(scenario: Scenario, rates: Rates, numbers: _Numbers) -> Records:
    rows = []
    for number, (name, stream) in enumerate(scenario.demand.items()):
        redial = stream.redial
        rows.append((
            name_id(name) if stream.id is None else stream.id,
            numbers.step[stream.type, next(iter(scenario.process[stream.type]))],
            stream.priority,
            stream.head_start,
            numbers.table(stream.patience),
            redial.share if redial else 0.0,
            numbers.table(redial.after if redial else None),
            redial.attempts if redial else 1,
            rates.recorded_first[number],
            rates.recorded_last[number],
        ))  # fmt: skip
    return np.array(rows, dtype=STREAM)


def _steps(scenario: Scenario, numbers: _Numbers) -> tuple[Records, Records]:
    rows: list[tuple[int, ...]] = []
    branches: list[tuple[float, int]] = []
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
            rows.append(tuple(row[field] for field in STEP.names or ()))
            upto = np.cumsum([share for _, share in options])
            upto[-1:] = 1.0
            branches += [(float(u), numbers.step[process, where]) for u, (where, _) in zip(upto, options, strict=True)]
    return np.array(rows, dtype=STEP), np.array(branches, dtype=BRANCH)


def _step_row(step: Step, numbers: _Numbers) -> dict[str, int]:
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
    }


def _queues(scenario: Scenario, numbers: _Numbers) -> dict[str, Records]:
    """Queues, lines and groups with their cross references, by the field of `Network`."""
    speeds = {
        (numbers.queue[skill], numbers.group[name]): value.speed
        for name, group in scenario.people.items()
        for skill, value in group.skills.items()
    }
    queues: list[tuple[int, int, int]] = []
    lines: list[tuple[int, int, int, int]] = []
    servers: list[tuple[int, float]] = []
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
            servers += [(group, speeds[number, group]) for group in members]
        queues.append((-1 if routing.waiting_places is None else routing.waiting_places, first, len(lines)))
    served = [(line, speeds[lines[line][0], group]) for group, line in sorted(serving)]
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
        rows.append((borders[number], borders[number + 1], rules[group.picks], *part))
    return np.array(rows, dtype=GROUP)


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
    )
