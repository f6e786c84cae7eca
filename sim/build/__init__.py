"""From a scenario to what an engine sees: numbers for names, tables for distributions, rows for the roster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from sim.build.eras import era_rows
from sim.build.numbers import Numbers
from sim.build.openings import calendar_rows
from sim.build.queues import queue_rows
from sim.build.service import all_parts, service_of
from sim.build.steps import step_rows
from sim.build.streams import customer_bases, entry_rows, initial_rows, stream_rows
from sim.calendars import DAYS_BEYOND, Clock
from sim.codes import FIRST_INITIAL, FIRST_SPAWNED
from sim.demand import Rates, chance_of, rates_of
from sim.distributions import build_tables
from sim.errors import Problem, ScenarioError
from sim.log import Names
from sim.metrics import Frame, Totals
from sim.metrics.presence import several
from sim.network import ATTRIBUTE, Chance, Ints, Network, Records
from sim.primitives import name_id, replication_key
from sim.roster import Roster, roster_of
from sim.schema.model import Scenario
from sim.schema.routing import Routing
from sim.units import DAY_US


@dataclass(frozen=True, slots=True)
class AttributeNumber:
    """Which attribute of `Network.attributes` a stream's cases have; the words behind its values, if it is words."""

    number: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """A scenario ready to run.

    Attributes
    ----------
    scenario : Scenario
    network : Network
        Everything but chance, as arrays.
    names : Names
        Names behind the numbers; several steps may have one name (see `Numbers`).
    attributes : tuple of dict
        For each stream, from the name of an attribute of its cases to its number.
    """

    scenario: Scenario
    network: Network
    names: Names
    clock: Clock
    rates: Rates
    roster: Roster
    attributes: tuple[Mapping[str, AttributeNumber], ...]

    def chance(self, seed: int, replication: int) -> Chance:
        """What is particular to one replication: its key, rates with their busyness, who is there."""
        return chance_of(self.rates, self.roster, seed, replication)

    def totals(self, seed: int, replication: int) -> Totals:
        """Empty totals for the rows of one replication: they know its draws and who is paid."""
        key = replication_key(seed, replication)
        return Totals.empty(self.frame, int(key), self._paid_us(key) if self.frame.counts_paid else None)

    def _paid_us(self, key: np.uint64) -> Ints:
        """Paid time of each group in the measured window."""
        found = self.roster.paid_us(key, self.scenario.warm_up, self.scenario.horizon)
        return np.append(found, np.zeros(len(self.names.groups) - len(found), np.int64))

    @cached_property
    def frame(self) -> Frame:
        """What the metrics need to know."""
        return _frame(self)


def build(scenario: Scenario) -> Model:
    """Number, expand and tabulate a validated scenario."""
    return build_numbered(Numbers(scenario))


def build_numbered(numbers: Numbers) -> Model:
    """Expand and tabulate a scenario whose names are numbered."""
    scenario = numbers.scenario
    clock = clock_of(scenario)
    rates = rates_of(scenario, clock)
    _check_spawned(numbers, rates)
    streams, queues = stream_rows(numbers, rates), queue_rows(numbers)
    steps, branches = step_rows(numbers, clock)
    attributes = _attribute_rows(numbers)
    skills, eras = era_rows(numbers, clock)
    network = Network(
        tables=build_tables(numbers.specs),
        streams=streams,
        entries=entry_rows(numbers),
        initials=initial_rows(numbers, clock),
        attributes=attributes,
        steps=steps,
        branches=branches,
        **calendar_rows(numbers, clock),
        **queues,
        skills=skills,
        customers=max(last for _, last in customer_bases(numbers).values()),
        end=scenario.horizon,
        stop=scenario.horizon + (DAYS_BEYOND * DAY_US if scenario.ends == "drain" else 0),
    )
    return Model(scenario, network, numbers.names, clock, rates, roster_of(scenario, clock, eras), _held(numbers))


def clock_of(scenario: Scenario) -> Clock:
    """Zone, start and end of a scenario."""
    return Clock(ZoneInfo(scenario.time_zone), scenario.start, scenario.horizon)


def _attribute_rows(numbers: Numbers) -> Records:
    rows = [(name_id(f"attribute: {name}"), numbers.table(spec)) for name, spec in numbers.attributes]
    return np.array(rows, dtype=ATTRIBUTE)


def _held(numbers: Numbers) -> tuple[Mapping[str, AttributeNumber], ...]:
    return tuple(
        {
            name: AttributeNumber(numbers.attribute(stream, name), tuple(numbers.words[name]))
            for name in value.all_attributes
            if numbers.attribute(stream, name) >= 0
        }
        for stream, value in numbers.scenario.demand.items()
    )


def _check_spawned(numbers: Numbers, rates: Rates) -> None:
    """Cases that others give rise to are numbered by their origin, and the numbers have only so many bits."""
    widths: dict[str, int] = {}
    for senders in map(numbers.senders, numbers.stream):
        widths |= {name: max(len(senders), widths.get(name, 0)) for name, _ in senders}
    for name, width in widths.items():
        number = numbers.stream[name]
        expected = rates.expected[rates.first[number] : rates.last[number]].sum()
        most = (FIRST_INITIAL - FIRST_SPAWNED) / width / 2
        if expected > most:
            what = "too many cases for a stream that gives rise to others"
            raise ScenarioError(Problem(what, f"demand.{name}", allowed=f"up to {most:,.0f}", given=f"{expected:,.0f}"))


def _frame(model: Model) -> Frame:
    scenario = model.scenario
    routing = scenario.expanded.routing
    levels = [routing.get(name, Routing()).service_level or scenario.service_level for name in model.names.queues]
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
        repeat_us=scenario.repeat_within,
        service=service_of(model),
        agents=int(model.network.groups["agent_last"].max()),
        parts=all_parts(model),
    )
