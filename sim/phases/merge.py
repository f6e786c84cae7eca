"""One scenario out of the base and those of its phases: processes, queues, streams and groups of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sim.build.numbers import Besides, step_id
from sim.calendars import Clock
from sim.errors import Problem, ScenarioError
from sim.primitives import share_at
from sim.schema.change import Phase, Ramp
from sim.schema.checks import MOST_STREAMS
from sim.schema.condition import Condition
from sim.schema.demand import Stream
from sim.schema.flow import Steps
from sim.schema.model import Scenario
from sim.schema.people import Group, Skill
from sim.schema.routing import Routing
from sim.units import NEVER

_RATE = ("per_hour", "per_week", "orders", "week", "season", "special_days", "holidays", "month", "calendar", "trend",
         "surges")  # fmt: skip
_FREE = {"name", "about", "demand", "people", "routing", "process", "approvals", "lanes", "calendars", "interventions",
         "phases", "risks", "sources"}  # fmt: skip
_WORDS = ("=", "is not")
BASE = -1
"""Number of the base among variants."""
_COUNTED = ("tiers", "satisfaction", "repeat_within", "currency", "money", "scorecard", "standards")
"""What is counted after the log, with the base's rules for all cases."""


@dataclass(frozen=True)
class Variant:
    """A phase and the scenario that holds in it."""

    name: str
    phase: Phase
    scenario: Scenario

    def span(self, clock: Clock) -> tuple[int, int]:
        """Its begin and end on the time line."""
        return clock.of(self.phase.from_), NEVER if self.phase.to is None else clock.of(self.phase.to)

    def ramp(self, clock: Clock) -> list[tuple[int, int, float, float]]:
        """Begin, end and share at both, of its stretches."""
        begin, end = self.span(clock)
        share = self.phase.share
        if not isinstance(share, Ramp):
            return [(begin, end, share, share)]
        reached = clock.of(share.by)
        parts = [(begin, reached, share.from_, share.to), (reached, end, share.to, share.to)]
        return [part for part in parts if part[0] < part[1]]

    def share(self, clock: Clock, time: int) -> float:
        """Its share of the cases that arrive at a time."""
        inside = [part for part in self.ramp(clock) if part[0] <= time < part[1]]
        return float(share_at(*inside[0], time)) if inside else 0.0

    def holds_for(self, stream: Stream) -> list[Condition] | None:
        """What must hold of a case of a stream for it to belong to the phase; None if none does."""
        if self.phase.regions is not None and stream.region not in self.phase.regions:
            return None
        asked = []
        for condition in self.phase.when:
            attribute = stream.all_attributes.get(condition.name)
            if attribute is None or len(attribute.words) == 1:
                word = attribute.words[0][0] if attribute else None
                if condition.relation not in _WORDS or (word == condition.value) != (condition.relation == "="):
                    return None
            else:
                asked.append(condition)
        return asked


@dataclass(frozen=True)
class Way:
    """A way in: the cases of a variant, the process they enter, and what must hold of them."""

    variant: Variant
    process: str
    conditions: list[Condition]


@dataclass
class Merged:
    """A scenario that holds everything, and what belongs to which variant.

    Attributes
    ----------
    base, scenario : Scenario
    variants : list of Variant
    ways : dict
        From a stream to its ways in, the first that holds first; the base's own is left out.
    processes, queues : list of dict
        For each variant, from its processes and queues to their names in the scenario.
    own : dict
        From a variant's number and a stream that is another there to the stream's name in the scenario.
    groups : list of dict
        For each variant, from its groups to their names in the scenario.
    set_aside : list of (str, str)
        Phases and what they change without any effect.
    """

    base: Scenario
    variants: list[Variant]
    clock: Clock
    scenario: Scenario
    ways: dict[str, list[Way]] = field(default_factory=dict)
    processes: list[dict[str, str]] = field(default_factory=list)
    queues: list[dict[str, str]] = field(default_factory=list)
    own: dict[tuple[int, str], str] = field(default_factory=dict)
    groups: list[dict[str, str]] = field(default_factory=list)
    set_aside: list[tuple[str, str]] = field(default_factory=list)

    def scenario_of(self, number: int) -> Scenario:
        """The scenario of a variant, or the base."""
        return self.base if number == BASE else self.variants[number].scenario

    def queues_of(self, number: int) -> dict[str, str]:
        """From the queues of a variant, or of the base, to their names in the scenario."""
        return {queue: queue for queue in _queues(self.base)} if number == BASE else self.queues[number]

    def groups_of(self, number: int) -> dict[str, str]:
        """From the groups of a variant, or of the base, to their names in the scenario."""
        return {group: group for group in self.base.people} if number == BASE else self.groups[number]

    @property
    def besides(self) -> Besides:
        """Processes that cases may enter besides their own, and queues for queues of the base."""
        entered = {stream: [way.process for way in ways] for stream, ways in self.ways.items()}
        names = {name: queue for queues in self.queues for queue, name in queues.items()}
        groups = {name: group for groups in self.groups for group, name in groups.items()}
        return Besides(entered, names, groups)

    def origin(self, stream: str) -> tuple[int, str] | None:
        """The variant whose own a stream is, and its name there."""
        return next((key for key, label in self.own.items() if label == stream), None)

    def weights(self, stream: Stream, time: int) -> tuple[float, list[float]]:
        """The base's share of a stream at a time, and each variant's: later ones go first, by the same draw."""
        taken, found = 0.0, [0.0] * len(self.variants)
        for number in reversed(range(len(self.variants))):
            one = self.variants[number]
            if one.holds_for(stream) is not None:
                share = one.share(self.clock, time)
                found[number] = max(share - taken, 0.0)
                taken = max(share, taken)
        return 1 - taken, found


def merge(base: Scenario, variants: Sequence[Variant], clock: Clock) -> Merged:
    """Put all into one scenario."""
    for one in variants:
        _check_frame(base, one)
    made = Merged(base, list(variants), clock, base)
    made.set_aside = [
        (one.name, name) for one in variants for name in _COUNTED if getattr(one.scenario, name) != getattr(base, name)
    ]
    groups = {name: [(name, group)] for name, group in base.people.items()}
    made.groups = [_merge_groups(one, groups) for one in variants]
    routing, known = dict(base.expanded.routing), {name: [(name, _routing(base, name))] for name in _queues(base)}
    for one in variants:
        made.queues.append(_merge_queues(one, known, routing))
    for number in range(len(made.variants)):
        _name_streams(made, number)
    process = dict(base.expanded.process)
    for number, one in enumerate(variants):
        made.processes.append(_merge_processes(made, number, one, process))
    demand = dict(base.demand)
    for (number, name), label in made.own.items():
        demand[label] = _own_stream(made, number, name)
    made.ways = {name: list(_ways(made, name, stream)) for name, stream in demand.items()}
    people = _merge_people(made)
    routing = {queue: _with_all(one, made.besides, people) for queue, one in routing.items()}
    made.scenario = base.model_copy(update={
        "name": f"{base.name}: {', '.join(one.name for one in variants)}",
        "demand": demand,
        "people": people,
        "calendars": _merge_calendars(base, variants),
        "expanded": replace(base.expanded, process=process, routing=routing),
    })  # fmt: skip
    _check_sizes(made.scenario)
    return made


def refusal(variant: Variant, what: str, fix: str = "") -> ScenarioError:
    """What a phase cannot change."""
    return ScenarioError(Problem(f"phase {variant.name!r} changes {what}", f"phases.{variant.name}", fix=fix))


def _check_frame(base: Scenario, one: Variant) -> None:
    for name in Scenario.model_fields:
        if name not in (*_FREE, *_COUNTED) and getattr(one.scenario, name) != getattr(base, name):
            raise refusal(one, f"{name.replace('_', ' ')!r}, which holds for the whole run")


def _check_sizes(scenario: Scenario) -> None:
    if len(scenario.demand) > MOST_STREAMS:
        given = str(len(scenario.demand))
        raise ScenarioError(Problem("too many streams with those of the phases", "phases", given=given,
                                    allowed=f"up to {MOST_STREAMS}"))  # fmt: skip


def _queues(scenario: Scenario) -> dict[str, None]:
    steps = [step for process in scenario.expanded.process.values() for step in process.values()]
    return {step.work: None for step in steps if step.work}


def _routing(scenario: Scenario, queue: str) -> Routing:
    return scenario.expanded.routing.get(queue, Routing())


def _merge_queues(
    one: Variant, known: dict[str, list[tuple[str, Routing]]], routing: dict[str, Routing]
) -> dict[str, str]:
    """Names of a variant's queues: a queue with another routing gets one of its own."""
    names = {}
    for queue in _queues(one.scenario):
        own = _routing(one.scenario, queue)
        alike = [name for name, other in known.setdefault(queue, []) if other == own]
        names[queue] = alike[0] if alike else f"{queue} ({one.name})" if known[queue] else queue
        if not alike:
            known[queue].append((names[queue], own))
            routing[names[queue]] = own
    return names


def _merge_processes(made: Merged, number: int, one: Variant, process: dict[str, Steps]) -> dict[str, str]:
    """Names of a variant's processes: one that differs from all before gets a name of its own, and keeps addresses."""
    names = {}
    for name, steps in one.scenario.expanded.process.items():
        own = _renamed(made, number, steps)
        alike = [other for other in _of(name, made, process) if _alike(process[other], own, name)]
        names[name] = alike[0] if alike else f"{name} ({one.name})" if name in process else name
        if not alike:
            process[names[name]] = {
                step: value.model_copy(update={"id": step_id(name, step, value)}) for step, value in own.items()
            }
    return names


def _renamed(made: Merged, number: int, steps: Steps) -> Steps:
    """Steps of a variant with its queues and streams under their names in the scenario."""
    queues, own = made.queues[number], made.own
    return {
        name: step.model_copy(update={
            "work": queues.get(step.work or "", step.work),
            "spawn": own.get((number, step.spawn or ""), step.spawn),
        })
        for name, step in steps.items()
    }  # fmt: skip


def _of(name: str, made: Merged, process: dict[str, Steps]) -> Iterator[str]:
    """Processes made of one of this name so far."""
    if name in process:
        yield name
    yield from (names[name] for names in made.processes if name in names and names[name] != name)


def _alike(one: Steps, other: Steps, name: str) -> bool:
    """Whether two processes have the same steps in the same order, addresses included."""

    def plain(steps: Steps) -> list[Any]:
        return [(step, value.model_copy(update={"id": step_id(name, step, value)})) for step, value in steps.items()]

    return plain(one) == plain(other)


def _name_streams(made: Merged, number: int) -> None:
    """Streams of a variant's own: new ones, and those that differ in more than rates and processes can."""
    one = made.variants[number]
    for name, stream in one.scenario.demand.items():
        if one.holds_for(stream) is None:
            continue
        base = made.base.demand.get(name)
        if base is None:
            taken = {*made.base.demand, *made.own.values()}
            made.own[number, name] = f"{name} ({one.name})" if name in taken else name
        elif _is_another(made, number, base, stream):
            made.own[number, name] = f"{name} ({one.name})"


def _is_another(made: Merged, number: int, base: Stream, stream: Stream) -> bool:
    one = made.variants[number]
    if without_rate(base) != without_rate(stream):
        return True
    if base.chasing is not None:
        process = base.chasing.type
        steps, own = made.base.expanded.process[process], one.scenario.expanded.process[process]
        if not _alike(steps, _renamed(made, number, own), process):
            if stream.rate_form not in (None, "recorded") and not one.holds_for(stream):
                return True
            made.set_aside.append((one.name, f"process.{process} of chasing contacts"))
    return rate_of_stream(base) != rate_of_stream(stream) and one.phase.share != 1.0


def _check_overlap(made: Merged, name: str, stream: Stream) -> None:
    """Where phases meet, the draw that tells their cases apart knows shares, not rates."""
    concerned = [n for n, one in enumerate(made.variants) if one.holds_for(stream) is not None]
    for number in concerned:
        one = made.variants[number]
        other = one.scenario.demand.get(name)
        begin, end = one.span(made.clock)
        meets = [n for n in concerned if n != number and made.variants[n].span(made.clock)[0] < end
                 and begin < made.variants[n].span(made.clock)[1]]  # fmt: skip
        changes = other is None or (number, name) in made.own or rate_of_stream(other) != rate_of_stream(stream)
        if meets and changes:
            what = f"the stream {name!r} or its rate while phase {made.variants[meets[0]].name!r} lasts"
            raise refusal(one, what, "Let one phase end before the other begins.")


def without_rate(stream: Stream) -> dict[str, Any]:
    """What a stream is like besides its rate and its process."""
    values = {name: getattr(stream, name) for name in Stream.model_fields if name not in (*_RATE, "type")}
    if stream.customers is not None:
        values["customers"] = stream.customers.base
    return values


def rate_of_stream(stream: Stream) -> dict[str, Any]:
    """What gives a stream its rate."""
    found = {name: getattr(stream, name) for name in _RATE}
    return found | {"contacts": stream.customers.contacts_per_year if stream.customers else None}


def _own_stream(made: Merged, number: int, name: str) -> Stream:
    """A stream that only a phase has, as part of the merged scenario; its busy days are those of the base's."""
    one = made.variants[number]
    stream = one.scenario.demand[name]
    if stream.rate_form in (None, "recorded"):
        fix = "Only streams with a rate can be another in a phase."
        raise refusal(one, f"the stream {name!r} in more than its process", fix)
    if one.holds_for(stream):
        fix = "Leave out 'when', or what changes the stream."
        raise refusal(one, f"the stream {name!r} in more than its process, for some of its cases", fix)
    if stream.customers is not None and not isinstance(stream.customers.base, str):
        fix = "Name the customer base under 'customers'."
        raise refusal(one, f"the stream {name!r}, whose customers are counted for it alone", fix)
    changed: dict[str, Any] = {"type": made.processes[number][stream.type], "open_cases": []}
    if stream.chasing is not None:
        chasing = made.processes[number][stream.chasing.type]
        changed["chasing"] = stream.chasing.model_copy(update={"type": chasing})
    if stream.busyness is not None:
        changed["busyness"] = stream.busyness.model_copy(update={"shared": stream.busyness.shared or name})
    return stream.model_copy(update=changed)


def _ways(made: Merged, name: str, stream: Stream) -> Iterator[Way]:
    """Ways in of a base's stream: variants that hold for it, later ones first."""
    if name not in made.base.demand:
        return
    _check_overlap(made, name, stream)
    for number in reversed(range(len(made.variants))):
        one = made.variants[number]
        other, conditions = one.scenario.demand.get(name), one.holds_for(stream)
        if other is None or conditions is None or (number, name) in made.own:
            continue
        if conditions and rate_of_stream(other) != rate_of_stream(stream):
            fix = "Leave out 'when', or what changes the rate."
            raise refusal(one, f"the rate of {name!r}, for some of its cases", fix)
        if len({condition.name for condition in conditions}) > 1:
            raise ScenarioError(Problem("conditions on two attributes that are drawn for each case",
                                        f"phases.{one.name}.when", allowed="one of them"))  # fmt: skip
        yield Way(one, made.processes[number][other.type], conditions)


def _merge_groups(one: Variant, known: dict[str, list[tuple[str, Group]]]) -> dict[str, str]:
    """Names of a variant's groups: with other rules of choice it is another group, with the same people."""
    names = {}
    for name, group in one.scenario.people.items():
        rules = group.picks, group.takes
        alike = [label for label, other in known.setdefault(name, []) if (other.picks, other.takes) == rules]
        names[name] = alike[0] if alike else f"{name} ({one.name})" if known[name] else name
        if not alike:
            known[name].append((names[name], group))
    return names


def _merge_people(made: Merged) -> dict[str, Group]:
    """Groups of all, with every skill that they have at some time; those of the same people beside each other."""
    people: dict[str, Group] = {}
    origins: dict[str, str] = {}
    for number in range(BASE, len(made.variants)):
        queues, labels = made.queues_of(number), made.groups_of(number)
        for name, group in made.scenario_of(number).people.items():
            known = people.get(labels[name], group)
            if known.id != group.id:
                raise refusal(made.variants[number], f"'id' of the group {name!r}, which holds for the whole run")
            skills = dict(known.skills) if labels[name] in people else {}
            for skill, value in group.skills.items():
                skills[queues[skill]] = _abler(skills.get(queues[skill], value), value)
            people[labels[name]] = known.model_copy(update={"skills": skills})
            origins.setdefault(labels[name], name)
    order = list(dict.fromkeys(origins.values()))
    return dict(sorted(people.items(), key=lambda item: order.index(origins[item[0]])))


def _with_all(routing: Routing, besides: Besides, people: dict[str, Group]) -> Routing:
    """A routing that names the phases' own groups behind those whose people they have."""
    if routing.to is None:
        return routing
    to: list[str | dict[str, Any]] = []
    for entry in routing.to:
        name = entry if isinstance(entry, str) else next(iter(entry))
        for label in (label for label in people if besides.group_of.get(label, label) == name):
            to.append(label if isinstance(entry, str) else {label: entry[name]})
    return routing.model_copy(update={"to": to})


def _abler(one: Skill, other: Skill) -> Skill:
    return one.model_copy(update={"at_once": max(one.at_once, other.at_once)})


def _merge_calendars(base: Scenario, variants: Sequence[Variant]) -> dict[str, Any]:
    calendars = dict(base.calendars)
    for one in variants:
        for name, calendar in one.scenario.calendars.items():
            if calendars.setdefault(name, calendar) != calendar:
                raise refusal(one, f"the calendar {name!r}", "Give the new hours a calendar of their own.")
    return calendars
