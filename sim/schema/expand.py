"""From what a scenario file says to primitive steps, before anything is numbered.

A step's name leads to its *entry*, the first of the primitive steps that it becomes; their names begin with its own
(``refund: level 2``). Draws are addressed by these names, so what is switched on in one place leaves others alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sim.schema.condition import Condition
from sim.schema.flow import Steps, below
from sim.schema.process import Mark, Step
from sim.schema.routing import Routing
from sim.schema.shorthand import Approval, Bot, Lane, Level, at_most

if TYPE_CHECKING:
    from sim.schema.model import Scenario

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
        Queues, with the deputies of approvals.
    places : dict
        From process and step to its place in the scenario.
    entries : dict
        From process and a step as written to the primitive step at which it begins.
    openings : dict
        From process and a step as written to the primitive step at which cases enter that are open there at the start.
    clashes : list
        Places of steps whose names are taken.
    """

    process: dict[str, Steps]
    routing: dict[str, Routing]
    places: dict[tuple[str, str], Path] = field(default_factory=dict)
    entries: dict[tuple[str, str], str] = field(default_factory=dict)
    openings: dict[tuple[str, str], str] = field(default_factory=dict)
    clashes: list[Path] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Site:
    """A step as written, where it stands, and how to lead on from it."""

    name: str
    step: Step
    entries: dict[str, str]
    after: str | None
    approvals: dict[str, Approval]

    def goto(self, name: str) -> str:
        """The primitive step at which a step begins."""
        return self.entries[name]

    def piece(self, part: str) -> str:
        """Name of a primitive step that it becomes."""
        return f"{self.name}: {part}"


def expand(scenario: Scenario) -> Expanded:
    """Primitive steps of all processes."""
    made = Expanded({}, with_deputies(scenario))
    entered = {stream.type for stream in scenario.demand.values()}
    for process, steps in scenario.process.items():
        entries = {name: _entry(name, step, scenario.approvals) for name, step in steps.items()}
        made.entries.update({(process, name): entry for name, entry in entries.items()})
        placed: list[tuple[Path, tuple[str, Step]]] = []
        if process in entered and steps:
            lanes = _lane_pieces(scenario.lanes, entries[next(iter(steps))])
            placed += [(("lanes", place), piece) for place, piece in lanes]
        for name, step in steps.items():
            then = step.next or below(steps, name)
            settled = step if step.contained else step.model_copy(update={"contained": _solved(steps)})
            site = Site(name, settled, entries, entries.get(then or ""), scenario.approvals)
            made_of = [(piece, _addressed(site, piece, value)) for piece, value in _pieces(site)]
            placed += [(("process", process, name), piece) for piece in made_of]
        for name in _opened(scenario, process):
            behind = name if _stands(steps[name]) else entries[name]
            lanes = _lane_pieces(scenario.lanes, behind, f"open at {name}: ")
            placed += [(("lanes", place), piece) for place, piece in lanes]
            made.openings[process, name] = f"open at {name}: lane 1: when" if scenario.lanes else behind
        made.process[process] = dict(piece for _, piece in placed)
        made.places.update({(process, name): place for place, (name, _) in placed})
        made.clashes.extend(_twice(placed))
    return made


def _opened(scenario: Scenario, process: str) -> Iterator[str]:
    """Steps of a process at which cases are open at the start."""
    streams = [stream for stream in scenario.demand.values() if stream.type == process]
    yield from dict.fromkeys(cases.at for stream in streams for cases in stream.open_cases)


def _stands(step: Step) -> bool:
    """Whether a primitive step has the name of the step as written: cases open there have passed its ``when``."""
    return step.bot is None and step.approve is None


def _addressed(site: Site, name: str, piece: Step) -> Step:
    """A piece of a step whose address is pinned: its own comes from that number in place of the step's name."""
    if site.step.id is None or name == site.name:
        return piece
    from sim.primitives import name_id

    return piece.model_copy(update={"id": name_id(f"{site.step.id}{name.removeprefix(site.name)}")})


def _twice(placed: list[tuple[Path, tuple[str, Step]]]) -> Iterator[Path]:
    """Places of steps with a name that a step before has."""
    seen: set[str] = set()
    for place, (name, _) in placed:
        if name in seen:
            yield place
        seen.add(name)


def _solved(steps: Steps) -> str | None:
    """The first end step that says solved: where a bot leads cases that it contains."""
    return next((name for name, step in steps.items() if step.end == "solved"), None)


def _entry(name: str, step: Step, approvals: dict[str, Approval]) -> str:
    if step.when:
        return f"{name}: when"
    if step.bot is not None:
        return f"{name}: urgent" if step.bot.urgent else f"{name}: turn 1"
    if step.approve is not None:
        approval = approvals[step.approve]
        return f"{name}: delegated" if approval.delegated else _level_entry(name, approval, 0)
    return name


def _pieces(site: Site) -> Pieces:
    if site.step.when:
        bare = site.step.model_copy(update={"when": None})
        inside = _entry(site.name, bare, site.approvals)
        yield from _all_of(site.piece("when"), site.step.when, inside, site.after)
    if site.step.bot is not None:
        yield from _bot(site, site.step.bot)
    elif site.step.classify is not None:
        yield from _classify(site)
    elif site.step.approve is not None:
        yield from _approve(site, site.approvals[site.step.approve])
    elif site.step.conditions:
        yield from _chain(site)
    else:
        yield site.name, _led(site)


def _numbered(name: str, place: int) -> str:
    return name if place == 0 else f"{name} {place + 1}"


def _all_of(name: str, conditions: list[Condition], held: str | None, otherwise: str | None) -> Pieces:
    """Branches, one for each condition, that lead one way if all hold."""
    for place, condition in enumerate(conditions):
        target = held if place + 1 == len(conditions) else _numbered(name, place + 1)
        yield _numbered(name, place), primitive(branch={target: condition, otherwise: "otherwise"})


def _any_of(name: str, conditions: list[Condition], held: str, otherwise: str) -> Pieces:
    """Branches, one for each condition, that lead one way if any holds."""
    for place, condition in enumerate(conditions):
        target = otherwise if place + 1 == len(conditions) else _numbered(name, place + 1)
        yield _numbered(name, place), primitive(branch={held: condition, target: "otherwise"})


def _chain(site: Site) -> Pieces:
    """A branch on conditions: one primitive branch for each run of conditions on one subject."""
    runs = [list(run) for _, run in groupby(site.step.conditions, key=lambda way: way[1].subject)]
    names = [site.name, *(site.piece(str(place + 2)) for place in range(len(runs) - 1))]
    for place, run in enumerate(runs):
        otherwise = names[place + 1] if place + 1 < len(runs) else site.goto(site.step.otherwise)
        ways: dict[str, Condition | str] = {site.goto(target): condition for target, condition in run}
        step = site.step if place == 0 else primitive()
        yield (
            names[place],
            step.model_copy(update={"branch": {**ways, otherwise: "otherwise"}, "when": None, "contained": None}),
        )


def _led(site: Site) -> Step:
    """A primitive step that leads to the entries of others."""
    step, goto = site.step, site.goto
    changed: dict[str, Any] = {"when": None, "contained": None}
    if step.branch is not None:
        changed["branch"] = {goto(target): way for target, way in step.branch.items()}
    if step.fork is not None:
        changed["fork"] = [goto(target) for target in step.fork]
    if step.reopens is not None:
        changed["reopens"] = step.reopens.model_copy(update={"at": goto(step.reopens.at)})
    changed["next"] = goto(step.next) if step.next else None
    changed["unsolved"] = goto(step.unsolved) if step.unsolved else None
    return step.model_copy(update=changed)


def _bot(site: Site, bot: Bot) -> Pieces:
    """Turns of a bot. One draw says on the first turn whether a contact is settled, understood, or neither."""
    over = site.after if bot.hand_over_priority is None else site.piece("hand over")
    contained = site.goto(site.step.contained or "")
    settled = site.piece("settled") if bot.falsely else contained
    chance, turn = bot.settled_each_turn, site.piece("turn {}").format
    yield from _any_of(site.piece("urgent"), bot.urgent, str(over), turn(1))
    for number in range(1, bot.turns + 1):
        covers = bot.covers if number == 1 else 1.0
        more: dict[str | None, float] = {turn(number + 1): covers * (1 - chance)} if number < bot.turns else {}
        yield turn(number), primitive(delay=bot.turn, next=f"{turn(number)} answer")
        ways: dict[str | None, float | str] = {settled: covers * chance, **more, over: "otherwise"}
        yield f"{turn(number)} answer", primitive(branch=ways, easy_first=number == 1)
    if bot.falsely:
        back = site.piece("comes back")
        yield settled, primitive(branch={back: bot.falsely, contained: "otherwise"})
        yield back, primitive(delay=bot.comes_back_after, awaits="customer", next=site.after)
    if bot.hand_over_priority is not None:
        mark = Mark.model_validate({"priority": bot.hand_over_priority})
        yield str(over), primitive(mark=mark, next=site.after)


def _classify(site: Site) -> Pieces:
    """The right way, or first one of the wrong skills, all equally often, and from there perhaps another way on."""
    classify = site.step.classify
    assert classify is not None
    desks = {site.piece(f"at {skill}"): skill for skill in classify.wrong}
    each = (1 - classify.right) / len(desks)
    onward = site.goto(site.step.misrouted) if site.step.misrouted else site.after
    yield site.name, primitive(branch={**dict.fromkeys(desks, each), site.after: "otherwise"}, id=site.step.id)
    for name, skill in desks.items():
        talk, wrap = classify.diagnosis, classify.transfer
        yield name, primitive(work=skill, talk=talk, wrap=wrap, patience="none", next=onward)


def _level_entry(name: str, approval: Approval, number: int) -> str:
    """Where a level begins: with its condition, its round, or its work."""
    level = approval.levels[number]
    part = " when" if level.when else " round" if level.rounds_at else ""
    return f"{name}: level {number + 1}{part}"


def _approve(site: Site, approval: Approval) -> Pieces:
    """Levels one after the other."""
    first = _level_entry(site.name, approval, 0)
    yield from _all_of(site.piece("delegated"), at_most(approval.delegated), site.after, first)
    for number in range(len(approval.levels)):
        last = number + 1 == len(approval.levels)
        onward = site.after if last else _level_entry(site.name, approval, number + 1)
        yield from _level(site, approval, number, onward)


def _level(site: Site, approval: Approval, number: int, onward: str | None) -> Pieces:
    level, name = approval.levels[number], site.piece(f"level {number + 1}")
    round_ = f"{name} round" if level.rounds_at else name
    yield from _all_of(f"{name} when", level.when or [], round_, onward)
    if level.rounds_at:
        yield round_, primitive(rounds_at=level.rounds_at, days=level.days, in_=level.in_, next=name)
    enough = f"{name} enough" if level.limits and onward != site.after else onward
    verdict = f"{name} verdict" if level.returns or level.rejects else enough
    yield name, primitive(work=level.by, talk=level.takes, patience="none", next=verdict)
    if level.returns or level.rejects:
        yield f"{name} verdict", primitive(branch=_verdicts(site, approval, level, enough))
    if enough != onward:
        yield from _all_of(str(enough), level.limits, site.after, onward)


def _verdicts(site: Site, approval: Approval, level: Level, enough: str | None) -> dict[str | None, float | str]:
    step = site.step
    returned = site.goto(step.returned) if step.returned else _level_entry(site.name, approval, 0)
    ways: dict[str | None, float | str] = {returned: level.returns} if level.returns else {}
    if level.rejects:
        rejected = site.goto(step.rejected or "")
        ways[rejected] = float(ways.get(rejected, 0.0)) + level.rejects
    return {**ways, enough: "otherwise"}


def _lane_pieces(lanes: list[Lane], behind: str, before: str = "") -> Iterator[tuple[int, tuple[str, Step]]]:
    """Marks in front of a process, each after its conditions; the first lane that fits counts."""
    for place, lane in enumerate(lanes):
        name = f"{before}lane {place + 1}"
        following = f"{before}lane {place + 2}: when" if place + 1 < len(lanes) else behind
        for piece in _all_of(f"{name}: when", lane.when, name, following):
            yield place, piece
        mark = {"priority": lane.priority, "due": lane.due, "in_": lane.in_}
        yield place, (name, primitive(mark=_MARK.model_copy(update=mark), next=behind))


_MARK = Mark.model_validate({"priority": 1})


def with_deputies(scenario: Scenario) -> dict[str, Routing]:
    """Routing with the deputies of approvals: they serve a level's queue after a wait."""
    found = dict(scenario.routing)
    for approval in scenario.approvals.values():
        for level in approval.levels:
            if level.deputies is not None:
                found[level.by] = _with_deputy(found.get(level.by, Routing()), level, scenario)
    return found


def _with_deputy(routing: Routing, level: Level, scenario: Scenario) -> Routing:
    assert level.deputies is not None
    deputy = level.deputies.group
    able = [name for name, group in scenario.people.items() if level.by in group.skills and name != deputy]
    known = [target.group for target in routing.targets or []]
    entry = {deputy: f"after {level.deputies.after} us"}
    to = able if routing.to is None else routing.to
    return routing if deputy in known else routing.model_copy(update={"to": [*to, entry]})
