"""From what a scenario file says to primitive steps, before anything is numbered.

A step's name leads to its *entry*, the first of the primitive steps that it becomes; their names begin with its own
(``refund: level 2``). Draws are addressed by these names, so what is switched on in one place leaves others alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sim.schema.condition import Condition
from sim.schema.flow import Steps, below
from sim.schema.process import Step
from sim.schema.routing import Routing

Path = tuple[Any, ...]
Pieces = Iterator[tuple[str, Step]]

_BLANK = Step.model_validate({"join": True})


def primitive(**fields: Any) -> Step:
    """A step made by the program."""
    return _BLANK.model_copy(update={"join": None, **fields})


@dataclass(frozen=True)
class Expanded:
    """Processes of primitive steps.

    Attributes
    ----------
    process : dict
        Steps of each process.
    routing : dict
        Queues, those that a step implies included.
    places : dict
        From process and step to its place in the scenario.
    entries : dict
        From process and a step as written to the primitive step at which it begins.
    """

    process: dict[str, Steps]
    routing: dict[str, Routing]
    places: dict[tuple[str, str], Path] = field(default_factory=dict)
    entries: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Site:
    """A step as written, where it stands, and how to lead on from it."""

    name: str
    step: Step
    entries: dict[str, str]
    after: str | None

    def goto(self, name: str) -> str:
        """The primitive step at which a step begins."""
        return self.entries[name]

    def piece(self, part: str) -> str:
        """Name of a primitive step that it becomes."""
        return f"{self.name}: {part}"


def expand(processes: dict[str, Steps], routing: dict[str, Routing]) -> Expanded:
    """Primitive steps of all processes."""
    made = Expanded({}, dict(routing))
    for process, steps in processes.items():
        entries = {name: _entry(name, step) for name, step in steps.items()}
        made.entries.update({(process, name): entry for name, entry in entries.items()})
        made.process[process] = {}
        for name, step in steps.items():
            then = step.next or below(steps, name)
            site = Site(name, step, entries, entries.get(then or "", then))
            for piece, value in _pieces(site):
                made.process[process][piece] = value
                made.places[process, piece] = ("process", process, name)
    return made


def _entry(name: str, step: Step) -> str:
    return f"{name}: when" if step.when else name


def _pieces(site: Site) -> Pieces:
    if site.step.when:
        yield from _guards(site)
    if site.step.conditions:
        yield from _chain(site)
    else:
        yield site.name, _led(site)


def _guards(site: Site) -> Pieces:
    """Branches in front of a step, one for each condition, that lead past it."""
    conditions = site.step.when or []
    for place, condition in enumerate(conditions):
        last = place + 1 == len(conditions)
        inside = site.name if last else site.piece(_nth("when", place + 1))
        yield site.piece(_nth("when", place)), primitive(branch={inside: condition, site.after: "otherwise"})


def _nth(word: str, place: int) -> str:
    return word if place == 0 else f"{word} {place + 1}"


def _chain(site: Site) -> Pieces:
    """A branch on conditions: one primitive branch for each run of conditions on one subject."""
    runs = [list(run) for _, run in groupby(site.step.conditions, key=lambda way: way[1].subject)]
    names = [site.name, *(site.piece(str(place + 2)) for place in range(len(runs) - 1))]
    for place, run in enumerate(runs):
        otherwise = names[place + 1] if place + 1 < len(runs) else site.goto(site.step.otherwise)
        ways: dict[str, Condition | str] = {site.goto(target): condition for target, condition in run}
        step = site.step if place == 0 else primitive()
        yield names[place], step.model_copy(update={"branch": {**ways, otherwise: "otherwise"}, "when": None})


def _led(site: Site) -> Step:
    """A primitive step that leads to the entries of others."""
    step, goto = site.step, site.goto
    changed: dict[str, Any] = {"when": None}
    if step.branch is not None:
        changed["branch"] = {goto(target): way for target, way in step.branch.items()}
    if step.fork is not None:
        changed["fork"] = [goto(target) for target in step.fork]
    if step.reopens is not None:
        changed["reopens"] = step.reopens.model_copy(update={"at": goto(step.reopens.at)})
    changed["next"] = goto(step.next) if step.next else None
    changed["unsolved"] = goto(step.unsolved) if step.unsolved else None
    return step.model_copy(update=changed)
