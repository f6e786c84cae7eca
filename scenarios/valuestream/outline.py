"""What a map needs to know of a scenario: its steps, whether they add value, and the places that are no steps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from sim.build import Model
from sim.schema.model import Scenario

Value = Literal["adds", "necessary", "none"]
VALUES: tuple[Value, ...] = ("adds", "necessary", "none")
VALUE_WORDS: dict[Value, str] = {"adds": "adds value", "necessary": "necessary", "none": "adds no value"}


class Mark(IntEnum):
    """Places of the map that are no steps; they are numbered after the steps."""

    ARRIVES = 0
    TRIES_AGAIN = 1
    COMES_BACK = 2
    ASKS = 3
    SOLVED = 4
    UNSOLVED = 5
    GAVE_UP = 6
    TURNED_AWAY = 7


MARKS = {
    Mark.ARRIVES: "arrives",
    Mark.TRIES_AGAIN: "tries again",
    Mark.COMES_BACK: "comes back",
    Mark.ASKS: "asks where it stands",
    Mark.SOLVED: "solved",
    Mark.UNSOLVED: "unsolved",
    Mark.GAVE_UP: "gave up",
    Mark.TURNED_AWAY: "turned away",
}


@dataclass(frozen=True, slots=True)
class Outline:
    """What a map needs to know of a scenario.

    Attributes
    ----------
    processes : tuple of str
    process_of_stream : tuple of int
    steps : tuple of str
        Names of the map's steps.
    step_of : tuple of int
        For each step of the log, the map's: streams may go through copies of a process, whose steps have one name.
    values : tuple of {"adds", "necessary", "none"}
        Of each step.
    works : tuple of bool
        Whether people work at a step, or a case is only delayed there.
    chasing : tuple of bool
        Steps of chasing contacts.
    warm_up_us : int
    """

    processes: tuple[str, ...]
    process_of_stream: tuple[int, ...]
    steps: tuple[str, ...]
    values: tuple[Value, ...]
    works: tuple[bool, ...]
    chasing: tuple[bool, ...]
    step_of: tuple[int, ...]
    warm_up_us: int = 0

    def node(self, number: int) -> str:
        """Name of a step or mark."""
        return self.steps[number] if number < len(self.steps) else MARKS[Mark(number - len(self.steps))]


def outline(model: Model) -> Outline:
    """What a map needs of a model."""
    scenario = model.scenario
    expanded = scenario.expanded
    processes, chases = tuple(expanded.process), _chases(scenario)
    steps = {
        f"{process}: {name}": (process, name, step)
        for process, of in expanded.process.items()
        for name, step in of.items()
    }
    names = list(steps)
    return Outline(
        processes=processes,
        process_of_stream=tuple(processes.index(stream.type) for stream in scenario.demand.values()),
        steps=tuple(names),
        values=tuple(_value(scenario, process, name, process not in chases) for process, name, _ in steps.values()),
        works=tuple(step.work is not None for _, _, step in steps.values()),
        chasing=tuple(process in chases for process, _, _ in steps.values()),
        step_of=tuple(names.index(name) for name in model.names.steps),
        warm_up_us=scenario.warm_up,
    )


def _chases(scenario: Scenario) -> set[str]:
    """Processes of chasing contacts alone."""
    streams = scenario.demand.values()
    return {stream.chasing.type for stream in streams if stream.chasing} - {stream.type for stream in streams}


def _value(scenario: Scenario, process: str, name: str, own: bool) -> Value:
    """Whether a primitive step adds value: what the step as written says; else by its kind.

    Work and a bot's turns do. Delays, rounds, approvals, and the diagnosis in a wrong queue do not, nor does work for
    customers who only ask where their case stands.
    """
    place, step = scenario.expanded.places[process, name], scenario.expanded.process[process][name]
    written = scenario.process.get(process, {}).get(place[-1], step) if place[0] == "process" else step
    turn = written.bot is not None and step.work is None and step.awaits is None
    if step.work is None and (step.delay is None or not (turn or written.delay is not None)):
        return "none"
    said = written.adds_value
    if said is None:
        said = own and (turn or written.work is not None)
    return "necessary" if said == "necessary" else "adds" if said else "none"
