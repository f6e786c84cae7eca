"""Numbers for the names of a scenario: streams, steps, queues, groups, calendars, attributes, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sim.codes import Source
from sim.log import Names
from sim.primitives import name_id
from sim.schema.attribute import Attribute
from sim.schema.condition import LABELS
from sim.schema.daytable import DayTable
from sim.schema.distribution import Distribution
from sim.schema.flow import Steps
from sim.schema.model import Scenario
from sim.schema.process import Step

Signature = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rounds:
    """A calendar that opens for a moment at the same minutes of each day on which a table is above zero."""

    table: DayTable
    minutes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Besides:
    """What phases add to a scenario.

    Attributes
    ----------
    entered : mapping
        From a stream to processes that its cases may enter besides its own.
    queue_of : mapping
        From a queue of a phase's own to the queue whose work it has.
    group_of : mapping
        From a group of a phase's own to the group whose people it has.
    """

    entered: Mapping[str, Sequence[str]] = field(default_factory=dict)
    queue_of: Mapping[str, str] = field(default_factory=dict)
    group_of: Mapping[str, str] = field(default_factory=dict)


class Numbers:
    """Numbers for names, and the lists of tables, calendars and attributes behind them.

    A process stands in the network once for each *copy*: streams whose cases differ in what its branches ask for
    (or that give rise to other cases, which are numbered by their origin) go through copies of their own. Copies have
    the same names and addresses, so a step's name may stand behind several numbers.

    Parameters
    ----------
    scenario : Scenario
    besides : Besides, optional
    """

    def __init__(self, scenario: Scenario, besides: Besides | None = None) -> None:
        self.scenario = scenario
        self.besides = besides or Besides()
        self.process = scenario.expanded.process
        used = [step.work for steps in self.process.values() for step in steps.values() if step.work]
        self.stream = {name: number for number, name in enumerate(scenario.demand)}
        self.queue = {name: number for number, name in enumerate(dict.fromkeys(used))}
        self.group = {name: number for number, name in enumerate(scenario.people)}
        self.specs: list[Distribution] = []
        self.tables: dict[str, int] = {}
        self.calendars: list[DayTable | Rounds] = list(scenario.calendars.values())
        self.attributes: list[tuple[str, Distribution]] = []
        self.words: dict[str, list[str]] = {}
        self._attribute: dict[tuple[str, str], int] = {}
        self._number_attributes()
        self.copies = {process: self._copies(process, steps) for process, steps in self.process.items()}
        self.step: dict[tuple[str, int, str], int] = {}
        for process, steps in self.process.items():
            for copy in range(len(self.copies[process])):
                for name in steps:
                    self.step[process, copy, name] = len(self.step)
        self.names = Names(
            streams=tuple(scenario.demand),
            steps=tuple(f"{process}: {step}" for process, _, step in self.step),
            queues=tuple(self.queue),
            groups=tuple(scenario.people),
        )

    def table(self, spec: Distribution | None) -> int:
        """Number of the table of a distribution; -1 for none. Equal ones share a table."""
        if spec is None:
            return -1
        text = repr(spec)
        if text not in self.tables:
            self.specs.append(spec)
            self.tables[text] = len(self.specs)
        return self.tables[text]

    def calendar(self, calendar: Rounds | str | None) -> int:
        """Number of a calendar, named or not; -1 for none."""
        if calendar is None:
            return -1
        if isinstance(calendar, str):
            return list(self.scenario.calendars).index(calendar)
        if calendar not in self.calendars:
            self.calendars.append(calendar)
        return self.calendars.index(calendar)

    def attribute(self, stream: str, name: str) -> int:
        """Number of an attribute of a stream's cases; -1 if they have none of this name."""
        return self._attribute.get((stream, name), -1)

    def groups_called(self, name: str) -> list[int]:
        """Numbers of a group and of its phases' own."""
        return [number for group, number in self.group.items() if self.besides.group_of.get(group, group) == name]

    def first_step(self, stream: str, process: str) -> int:
        """Number of the first step of a process for a stream's cases."""
        return self.step_of(stream, process, next(iter(self.process[process])))

    def step_of(self, stream: str, process: str, name: str) -> int:
        """Number of a primitive step for a stream's cases."""
        copy = self.copies[process].index(self._signature(process, self.process[process], stream))
        return self.step[process, copy, name]

    def senders(self, stream: str) -> list[tuple[str, int]]:
        """Where cases give rise to cases of a stream: their own stream and the address of the step."""
        return self._senders.get(stream, [])

    @cached_property
    def _senders(self) -> dict[str, list[tuple[str, int]]]:
        found: dict[str, dict[tuple[str, int], None]] = {}
        for name in self.scenario.demand:
            for process in self._used_by(name):
                for step, value in self.process[process].items():
                    if value.spawn is not None:
                        found.setdefault(value.spawn, {})[name, step_id(process, step, value)] = None
        return {stream: list(origins) for stream, origins in found.items()}

    def _number_attributes(self) -> None:
        """Attributes that are alike in several streams are one; labels count where a condition asks for them."""
        asked = {name for steps in self.process.values() for name in _asked(steps)}
        held = [
            (stream, name, attribute)
            for stream, value in self.scenario.demand.items()
            for name, attribute in value.all_attributes.items()
            if name in asked or name not in LABELS
        ]
        for _, name, attribute in held:
            words = self.words.setdefault(name, [])
            words += [word for word, _ in attribute.words if word not in words]
        for stream, name, attribute in held:
            self._attribute[stream, name] = self._number(name, attribute)

    def _number(self, name: str, attribute: Attribute) -> int:
        entry = (name, attribute.table(self.words[name]))
        if entry not in self.attributes:
            self.attributes.append(entry)
        return self.attributes.index(entry)

    def _used_by(self, stream: str) -> list[str]:
        """Processes that a stream's cases go through."""
        value = self.scenario.demand[stream]
        chasing = [value.chasing.type] if value.chasing else []
        return list(dict.fromkeys([value.type, *chasing, *self.besides.entered.get(stream, ())]))

    def _copies(self, process: str, steps: Steps) -> list[Signature]:
        users = [stream for stream in self.scenario.demand if process in self._used_by(stream)]
        found = dict.fromkeys(self._signature(process, steps, stream) for stream in users)
        return list(found) or [(-1,) * len(_asked(steps))]

    def _signature(self, process: str, steps: Steps, stream: str) -> Signature:
        spawns = any(step.spawn is not None for step in steps.values())
        attributes = tuple(self.attribute(stream, name) for name in _asked(steps))
        return (*attributes, self.stream[stream]) if spawns else attributes

    def attributes_of(self, process: str, copy: int) -> dict[str, int]:
        """Numbers of the attributes that a copy of a process asks for."""
        return dict(zip(_asked(self.process[process]), self.copies[process][copy], strict=False))

    def sender_of(self, process: str, copy: int) -> str:
        """The stream whose cases go through a copy of a process that gives rise to other cases."""
        return list(self.scenario.demand)[self.copies[process][copy][-1]]


def step_id(process: str, name: str, step: Step) -> int:
    """The 32-bit address of a step."""
    return name_id(f"{process}: {name}") if step.id is None else step.id


def _asked(steps: Steps) -> list[str]:
    """Attributes that the branches of a process ask for."""
    found = [
        condition.name
        for step in steps.values()
        for _, condition in step.conditions
        if condition.source == Source.ATTRIBUTE
    ]
    return list(dict.fromkeys(found))


def row(dtype: np.dtype[np.void], given: dict[str, object]) -> tuple[object, ...]:
    """A row with the given fields; a field that is missing or unknown is an error of ours."""
    names = dtype.names or ()
    if unknown := given.keys() - set(names):
        raise KeyError(str(unknown))
    return tuple(given[name] for name in names)
