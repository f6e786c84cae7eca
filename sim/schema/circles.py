"""Cases that would go in circles for ever: nothing that could still change leads them to an end.

Some of what decides a case's way is settled once: its attributes, its arrival, its difficulty where success depends on
nothing else. For each combination of these the ways that are left are followed, with how often a case has been at
branches that ask for it and who served it last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise, product
from math import inf, prod
from typing import TYPE_CHECKING, Any

from sim.codes import Source
from sim.codes import Step as Kind
from sim.schema.attribute import Attribute
from sim.schema.condition import Condition
from sim.schema.distribution import Distribution, reach
from sim.schema.finding import Finding
from sim.schema.flow import Steps, following, reachable, successors

if TYPE_CHECKING:
    from sim.schema.demand import Stream
    from sim.schema.model import Scenario

MOST_COMBINATIONS, MOST_STATES = 200, 3_000
_EASE = (Source.EASE, "")
Subject = tuple[Source, str]
Settled = dict[Subject, Any]
"""What is settled for a case: its value by what a branch looks at; None: it has no such attribute."""
State = tuple[str, str, tuple[int, ...]]
"""A step, the group that served last, and how often the case has been at the branches that ask for it."""
_HOLDS = {
    "=": lambda one, other: one == other,
    "is not": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
}


def circle_findings(scenario: Scenario) -> Iterator[Finding]:
    """Steps between which some cases would go for ever, each once."""
    circling = {name: _may_circle(steps) for name, steps in scenario.expanded.process.items()}
    followed: set[tuple[Any, ...]] = set()
    found: set[tuple[str, str]] = set()
    for ways in _all_ways(scenario):
        for settled in ways.combinations() if circling[ways.process] else ():
            key = (ways.process, *ways.starts, *settled.items())
            step = None if key in followed else ways.trapped(settled)
            followed.add(key)
            if step is not None and (ways.process, step) not in found:
                found.add((ways.process, step))
                yield _finding(scenario, (ways.process, step), settled)


def _finding(scenario: Scenario, step: tuple[str, str], settled: Settled) -> Finding:
    given = _told(settled) or "those that come here too often"
    allowed = "a way out for each of them, such as 'times < 3' in a branch"
    return Finding(scenario.expanded.places[step], "cases that go in circles for ever", allowed, given)


def _all_ways(scenario: Scenario) -> Iterator[_Ways]:
    """Each stream's process, and that of its chasing contacts."""
    for stream in scenario.demand.values():
        yield _Ways(scenario, stream, stream.type)
        if stream.chasing is not None and stream.chasing.type != stream.type:
            yield _Ways(scenario, stream, stream.chasing.type)


def _may_circle(steps: Steps) -> bool:
    """Whether a way leads back, and every step is on a way to an end as long as nothing is settled."""
    after = {name: successors(steps, name) for name in steps}
    before: dict[str, list[str]] = {name: [] for name in steps}
    for name, targets in after.items():
        for target in targets:
            before[target].append(name)
    ends = reachable([name for name, step in steps.items() if step.end], before.__getitem__)
    splits = [name for name in steps if len(after[name]) > 1]
    return len(ends) == len(steps) and any(name in reachable(after[name], after.__getitem__) for name in splits)


@dataclass
class _Ways:
    """Ways of a stream's cases through a process."""

    scenario: Scenario
    stream: Stream
    process: str
    steps: Steps = field(init=False)
    able: dict[str, list[tuple[str, float]]] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = self.scenario.expanded.process[self.process]
        self.able = {step.work: _able(self.scenario, step.work) for step in self.steps.values() if step.work}

    @cached_property
    def starts(self) -> list[str]:
        """Where cases enter the process."""
        first = next(iter(self.steps))
        if self.process != self.stream.type:
            return [first]
        openings = self.scenario.expanded.openings
        return [first, *(openings[self.process, cases.at] for cases in self.stream.open_cases)]

    # What is settled -------------------------------------------------------------------------------------------

    def combinations(self) -> Iterable[Settled]:
        """Every combination of what is settled; of too many, one thing at a time."""
        options = {subject: self._options(subject) for subject in self._subjects()}
        options = {subject: values for subject, values in options.items() if values}
        if prod(map(len, options.values())) <= MOST_COMBINATIONS:
            return [dict(zip(options, values, strict=True)) for values in product(*options.values())]
        return [{subject: value} for subject, values in options.items() for value in values]

    def _subjects(self) -> list[Subject]:
        asked = [one.subject for step in self.steps.values() for _, one in step.conditions]
        settled = [subject for subject in asked if subject[0] in (Source.ATTRIBUTE, Source.ARRIVED)]
        return list(dict.fromkeys([*settled, *([_EASE] if self.stream.difficulty == 1 else [])]))

    def _options(self, subject: Subject) -> list[Any]:
        if subject == _EASE:
            return self._eases()
        asked = [one for step in self.steps.values() for _, one in step.conditions if one.subject == subject]
        if subject[0] == Source.ARRIVED:
            start = self.scenario.start
            return sorted({start, *(one.value for one in asked if one.value > start)})
        attribute = self.stream.all_attributes.get(subject[1])
        return [None] if attribute is None else _values(attribute, asked)

    def _eases(self) -> list[float]:
        """One ease between each two at which something changes, of cases that arise."""
        borders = {self.stream.spared, 1.0}
        for step in self.steps.values():
            if step.easy_first:
                borders |= {upto for _, upto in _upto(step.branches)}
            if step.unsolved is not None:
                borders |= {solves for _, solves in self.able[step.work or ""]}
            if step.reopens is not None:
                borders.add(1 - step.reopens.share)
        inside = sorted(one for one in borders if self.stream.spared <= one <= 1)
        return [(low + high) / 2 for low, high in pairwise(inside) if high - low > 1e-9]

    # Ways ------------------------------------------------------------------------------------------------------

    @cached_property
    def counted(self) -> dict[str, int]:
        """Branches that ask how often a case has been there, with the number from which on nothing changes."""
        found = {
            name: max(int(one.value) for _, one in step.conditions) + 1
            for name, step in self.steps.items()
            if step.conditions and step.conditions[0][1].source == Source.REPETITION
        }
        many = len(self.steps) * len(self.told_apart) * prod(most + 1 for most in found.values())
        return found if many <= MOST_STATES and self._alone else {}

    @cached_property
    def told_apart(self) -> list[str]:
        """Groups that branches ask for; all others, and nobody, are the empty name."""
        asked = [one.name for step in self.steps.values() for _, one in step.conditions if one.source == Source.GROUP]
        return list(dict.fromkeys(["", *asked])) if self._alone else [""]

    @property
    def _alone(self) -> bool:
        """Whether only one strand of a case moves in the process, from its first step on."""
        return self.process == self.stream.type and not any(step.fork for step in self.steps.values())

    def trapped(self, settled: Settled) -> str | None:
        """The first step where the way splits and from which none leads to an end; None if there is none."""
        after: dict[State, list[State]] = {}
        todo: list[State] = [(name, "", (0,) * len(self.counted)) for name in self.starts]
        while todo:
            state = todo.pop()
            if state not in after:
                after[state] = list(self._next(state, settled))
                todo += after[state]
        before: dict[State, list[State]] = {state: [] for state in after}
        for state, targets in after.items():
            for target in targets:
                before[target].append(state)
        finishing = reachable_states([state for state in after if self.steps[state[0]].end], before)
        names = {state[0] for state in after if state not in finishing}
        splits = [name for name in self.steps if name in names and self._splits(name)]
        return splits[0] if splits else None

    def _splits(self, name: str) -> bool:
        return len(successors(self.steps, name)) > 1 and self.steps[name].fork is None

    def _next(self, state: State, settled: Settled) -> Iterator[State]:
        name, last, counts = state
        step = self.steps[name]
        if step.kind == Kind.BRANCH:
            place = list(self.counted).index(name) if name in self.counted else -1
            more = tuple(min(count + (n == place), self._most(n)) for n, count in enumerate(counts))
            seen = counts[place] if place >= 0 else None
            yield from ((target, last, more) for target in self._ways_out(name, last, seen, settled))
        elif step.kind == Kind.WORK:
            yield from self._served(state, settled)
        elif step.kind == Kind.END:
            ease = settled.get(_EASE)
            if step.reopens is not None and step.reopens.share > (0.0 if ease is None else 1 - ease):
                yield step.reopens.at, "", counts
        else:
            yield from ((target, last, counts) for target in successors(self.steps, name))

    def _most(self, place: int) -> int:
        return list(self.counted.values())[place]

    def _served(self, state: State, settled: Settled) -> Iterator[State]:
        """Where a case goes on when one group or another has served it."""
        name, _, counts = state
        step, ease = self.steps[name], settled.get(_EASE)
        for group, solves in self.able[step.work or ""]:
            last = group if group in self.told_apart else ""
            fails = step.unsolved is not None and (solves < 1 if ease is None else ease >= solves)
            if step.unsolved is not None and fails:
                yield step.unsolved, last, counts
            if not fails or (ease is None and solves > 0):
                yield following(self.steps, name) or "", last, counts

    def _ways_out(self, name: str, last: str, seen: int | None, settled: Settled) -> list[str]:
        """Ways out of a branch that may be taken."""
        step = self.steps[name]
        if not step.conditions:
            ease = settled.get(_EASE) if step.easy_first else None
            taken = [way for way, upto in _upto(step.branches) if ease is not None and ease < upto]
            return taken[:1] or step.targets
        first = step.conditions[0][1]
        known = {Source.GROUP: last if len(self.told_apart) > 1 else None, Source.REPETITION: seen}
        if first.subject in settled:
            value = settled[first.subject]
        elif known.get(first.source) is not None:
            value = known[first.source]
        else:
            return list(step.branch or {})
        held = [target for target, one in step.conditions if _holds(one, value)]
        return [held[0] if held else step.otherwise]


def reachable_states(start: Iterable[State], follow: dict[State, list[State]]) -> set[State]:
    """Every state that can be reached."""
    seen: set[State] = set()
    todo = list(start)
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo += follow[state]
    return seen


def _able(scenario: Scenario, queue: str) -> list[tuple[str, float]]:
    """Groups that serve a queue, with the share that each solves."""
    routing = scenario.expanded.routing.get(queue)
    targets = routing.targets if routing else None
    named = [target.group for target in targets] if targets else list(scenario.people)
    groups = {name: scenario.people[name] for name in named if name in scenario.people}
    return [(name, group.skills[queue].solves) for name, group in groups.items() if queue in group.skills]


def _upto(shares: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Ways with the sum of the shares up to each."""
    ways = [(way, share) for way, share in shares if share > 0]
    return [(way, sum(share for _, share in ways[: place + 1])) for place, (way, _) in enumerate(ways)]


def _values(attribute: Attribute, asked: list[Condition]) -> list[Any]:
    """Values of an attribute, one of each sort that the conditions tell apart."""
    values: list[Any] = [word for word, share in attribute.words if share > 0]
    if attribute.numbers is not None:
        values = _numbers(attribute.numbers, sorted({one.number or 0.0 for one in asked}))
    sorts = {tuple(_holds(one, value) for one in asked): value for value in reversed(values)}
    return list(sorts.values())


def _numbers(numbers: Distribution, cuts: list[float]) -> list[float]:
    """A number between each two cuts, as far as cases have such numbers."""
    found = []
    for low, high in reach(numbers):
        borders = [low, *(cut for cut in cuts if low < cut < high), high]
        found += [low] if low == high else [_between(*ends) for ends in pairwise(borders)]
    return found


def _between(low: float, high: float) -> float:
    return low + 1 if high == inf else (low + high) / 2


def _holds(condition: Condition, value: Any) -> bool:
    """Whether a condition holds for a value; for no value at all only what it is not."""
    if condition.source == Source.GROUP:
        return bool(value == condition.name)
    if value is None:
        return condition.relation == "is not"
    other = condition.number if isinstance(value, (int, float)) else condition.value
    return bool(_HOLDS[condition.relation](value, other))


def _told(settled: Settled) -> str:
    """What is settled, in words."""
    told = []
    for (source, name), value in settled.items():
        if source == Source.EASE:
            told.append(f"cases harder than {100 * value:.3g} % of all (difficulty: 100 %)")
        elif source == Source.ARRIVED:
            told.append(f"arrived {value}")
        elif value is not None:
            told.append(f"{name} = {value:g}" if isinstance(value, float) else f"{name} = {value}")
    return ", ".join(told)
