"""What no single part can see: names that must exist, work that somebody can do, processes that reach their end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sim.codes import Source
from sim.schema.change import change_findings
from sim.schema.circles import circle_findings
from sim.schema.condition import LABELS, Condition
from sim.schema.expand import Expanded
from sim.schema.finding import Finding, unknown
from sim.schema.flow import below, flow_findings, inside_forks
from sim.schema.judged import judged_findings
from sim.schema.model import Scenario
from sim.schema.process import SHORTHAND, Step
from sim.schema.routing import Target
from sim.schema.shorthand import Approval, Level, at_most

MOST_STREAMS = 255
MOST_AGENTS = 60_000
Path = tuple[Any, ...]


def check(scenario: Scenario) -> list[Finding]:
    """Everything wrong across the parts of a scenario; an empty list if it can run."""
    findings = [finding for one in _CHECKS for finding in one(scenario)]
    broken = [finding for one in _REFERENCES for finding in one(scenario)]
    findings += broken
    if not broken:
        findings += [finding for one in _EXPANDED_CHECKS for finding in one(scenario, scenario.expanded)]
    return findings


def zone_findings(zone: str, start: dt.datetime) -> Iterable[Finding]:
    """An unknown zone, or a start that its clocks skip."""
    try:
        info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Finding(("time zone",), "no such time zone", "an IANA name such as Europe/Berlin", zone)
        return
    there = start.replace(tzinfo=info).astimezone(dt.UTC).astimezone(info).replace(tzinfo=None)
    if there != start:
        yield Finding(
            ("start",),
            "a local time that does not exist: clocks go forward over it",
            f"{there:%Y-%m-%d %H:%M} or later, or an hour earlier",
            f"{start:%Y-%m-%d %H:%M} in {zone}",
        )


def _zone(scenario: Scenario) -> Iterable[Finding]:
    return zone_findings(scenario.time_zone, scenario.start)


def _streams(scenario: Scenario) -> Iterable[Finding]:
    for name, stream in scenario.demand.items():
        path = ("demand", name)
        if stream.type not in scenario.process:
            yield unknown(stream.type, scenario.process, "process", (*path, "type"))
        if stream.chasing is not None and stream.chasing.type not in scenario.process:
            yield unknown(stream.chasing.type, scenario.process, "process", (*path, "chasing", "type"))
        if stream.calendar is not None and stream.calendar not in scenario.calendars:
            yield unknown(stream.calendar, scenario.calendars, "calendar", (*path, "calendar"))
        base = stream.customers.base if stream.customers else 0
        if isinstance(base, str) and base not in scenario.customers:
            yield unknown(base, scenario.customers, "base under 'customers'", (*path, "customers", "base"))
    yield from _same_id(((("demand", name), stream.id) for name, stream in scenario.demand.items()))


def _open_cases(scenario: Scenario) -> Iterable[Finding]:
    for name, stream in scenario.demand.items():
        steps = scenario.process.get(stream.type, {})
        for number, cases in enumerate(stream.open_cases):
            path = ("demand", name, "open cases", number)
            if cases.at not in steps:
                yield unknown(cases.at, steps, "step", (*path, "at"))
            elif steps[cases.at].form in ("fork", "join", "end"):
                yield Finding((*path, "at"), "an open case waits at no such step", "a work or delay step", cases.at)
            for key, moment in (("arrived", cases.arrived), ("since", cases.since)):
                if moment is not None and moment > scenario.start:
                    what = "an open case from after the start"
                    yield Finding((*path, key), what, f"{scenario.start} or before", str(moment))


def _same_id(pinned: Iterable[tuple[Path, int | None]]) -> Iterable[Finding]:
    seen: set[int] = set()
    for path, number in pinned:
        if number is not None and number in seen:
            yield Finding((*path, "id"), "an id used twice", "ids that differ", str(number))
        if number is not None:
            seen.add(number)


def _sizes(scenario: Scenario) -> Iterable[Finding]:
    """Addresses and keys have only so many bits."""
    if len(scenario.demand) > MOST_STREAMS:
        yield Finding(("demand",), "too many streams", f"up to {MOST_STREAMS}", str(len(scenario.demand)))
    for name, group in scenario.people.items():
        if group.size > MOST_AGENTS:
            most, given = f"up to {MOST_AGENTS:,}", f"{group.size:,}"
            yield Finding(("people", name), "too many agents in one group", most, given)


def _empty_processes(scenario: Scenario) -> Iterable[Finding]:
    for name, steps in scenario.process.items():
        if not steps:
            yield Finding(("process", name), "a process without steps", "at least one work step and an end")
        yield from _same_id(((("process", name, step), value.id) for step, value in steps.items()))


def _targets(scenario: Scenario) -> Iterable[Finding]:
    """Steps name steps of their own process, streams, calendars and conditions that exist."""
    for process, steps in scenario.process.items():
        for name, step in steps.items():
            for place, target in step_references(step):
                if target not in steps:
                    yield unknown(target, steps, "step", ("process", process, name, *place))
            yield from _names_in(scenario, step, ("process", process, name))
            yield from _shorthand_findings(scenario, process, name)
    for number, lane in enumerate(scenario.lanes):
        for condition in lane.when:
            yield from condition_findings(scenario, condition, ("lanes", number, "when"))
        if lane.in_ is not None and lane.in_ not in scenario.calendars:
            yield unknown(lane.in_, scenario.calendars, "calendar", ("lanes", number, "in"))


def _shorthand_findings(scenario: Scenario, process: str, name: str) -> Iterable[Finding]:
    """A step that stands for several leads somewhere."""
    steps, path = scenario.process[process], ("process", process, name)
    step = steps[name]
    after = step.next or name != list(steps)[-1]
    if step.when and not after:
        yield Finding((*path, "when"), "nothing to skip to", "a 'next', or a step below")
    if step.form in SHORTHAND and not after:
        yield Finding(path, "end missing: the last step leads nowhere", "a 'next', or a step below")
    solved = any(other.end == "solved" for other in steps.values())
    if step.bot is not None and step.contained is None and not solved:
        yield Finding(path, "nowhere to lead contained cases", "an end step 'solved', or 'contained'")
    if step.approve is not None and step.approve not in scenario.approvals:
        yield unknown(step.approve, scenario.approvals, "approval", (*path, "approve"))
    elif step.rejected is None and any(level.rejects for level in _levels_of(scenario, step)):
        yield Finding(path, "nowhere to lead rejected cases", "rejected: a step of this process")


def _levels_of(scenario: Scenario, step: Step) -> list[Level]:
    return [] if step.approve is None else scenario.approvals[step.approve].levels


def _approvals(scenario: Scenario) -> Iterable[Finding]:
    used = {step.approve for steps in scenario.process.values() for step in steps.values()}
    for name, approval in scenario.approvals.items():
        if name not in used:
            yield Finding(("approvals", name), "an approval that no step asks for", f"a step {{approve: {name}}}")
        for number, level in enumerate(approval.levels):
            path = ("approvals", name, number)
            for condition in level.when or []:
                yield from condition_findings(scenario, condition, (*path, "when"))
            for condition in level.limits:
                yield from condition_findings(scenario, condition, (*path, "up to", condition.name))
            if level.in_ is not None and level.in_ not in scenario.calendars:
                yield unknown(level.in_, scenario.calendars, "calendar", (*path, "in"))
            yield from _deputy_findings(scenario, level, (*path, "deputies"))
        for condition in at_most(approval.delegated):
            yield from condition_findings(scenario, condition, ("approvals", name, "delegated", condition.name))


def _deputy_findings(scenario: Scenario, level: Level, path: Path) -> Iterable[Finding]:
    if level.deputies is None:
        return
    group = level.deputies.group
    routing = scenario.routing.get(level.by)
    listed = [target.group for target in (routing.targets or [] if routing else [])]
    if group not in scenario.people:
        yield unknown(group, scenario.people, "group", (*path, "group"))
    elif level.by not in scenario.people[group].skills:
        yield Finding((*path, "group"), f"group {group!r} lacks the skill {level.by!r}", "a group with that skill")
    elif group in listed:
        yield Finding((*path, "group"), f"{group!r} serves {level.by!r} already", f"not under routing.{level.by}.to")
    others = [one for approval in scenario.approvals.values() for one in approval.levels if one.by == level.by]
    waits = {one.deputies.after for one in others if one.deputies and one.deputies.group == group}
    if len(waits) > 1:
        yield Finding((*path, "after"), f"two waits of {group!r} for {level.by!r}", "the same wait at each level")


def step_references(step: Step) -> Iterator[tuple[Path, str]]:
    """Every step that a step names, and where."""
    for target in step.branch or {}:
        yield ("branch", target), target
    for place, target in enumerate(step.fork or []):
        yield ("fork", place), target
    for key in ("next", "unsolved", "contained", "misrouted", "returned", "rejected"):
        if getattr(step, key) is not None:
            yield (key,), getattr(step, key)
    if step.reopens is not None:
        yield ("reopens", "at"), step.reopens.at


def _names_in(scenario: Scenario, step: Step, path: Path) -> Iterable[Finding]:
    if step.spawn is not None and step.spawn not in scenario.demand:
        yield unknown(step.spawn, scenario.demand, "stream", (*path, "spawn"))
    used: list[tuple[Path, str | None]] = [(("in",), step.in_), (("until open",), step.until_open)]
    if step.mark is not None:
        used.append((("mark", "in"), step.mark.in_))
    for place, name in used:
        if name is not None and name not in scenario.calendars:
            yield unknown(name, scenario.calendars, "calendar", (*path, *place))
    for place, condition in _conditions_of(step):
        yield from condition_findings(scenario, condition, (*path, *place))


def _conditions_of(step: Step) -> Iterator[tuple[Path, Condition]]:
    for target, condition in step.conditions:
        yield ("branch", target), condition
    for condition in step.when or []:
        yield ("when",), condition
    for condition in step.bot.urgent if step.bot else []:
        yield ("bot", "urgent"), condition


def _approval_conditions(approval: Approval) -> Iterator[tuple[Path, Condition]]:
    for number, level in enumerate(approval.levels):
        for condition in [*(level.when or []), *level.limits]:
            yield (number,), condition
    for condition in at_most(approval.delegated):
        yield ("delegated",), condition


def _asked(scenario: Scenario, process: str) -> Iterator[tuple[Path, Condition]]:
    """Every condition that cases of a process may meet, and where it stands."""
    for step, value in scenario.process[process].items():
        for place, condition in _conditions_of(value):
            yield ("process", process, step, *place), condition
        if value.approve is not None:
            for place, condition in _approval_conditions(scenario.approvals[value.approve]):
                yield ("approvals", value.approve, *place), condition


def condition_findings(scenario: Scenario, condition: Condition, path: Path) -> Iterable[Finding]:
    """A group, calendar, attribute or word that does not exist."""
    if condition.source == Source.GROUP and condition.name not in scenario.people:
        yield unknown(condition.name, scenario.people, "group", path)
    if condition.source == Source.CALENDAR and condition.name not in scenario.calendars:
        yield unknown(condition.name, scenario.calendars, "calendar", path)
    if condition.source == Source.ATTRIBUTE:
        yield from _attribute_findings(scenario, condition, path)


def _attribute_findings(scenario: Scenario, condition: Condition, path: Path) -> Iterable[Finding]:
    held = [one for stream in scenario.demand.values() for one in stream.all_attributes.items()]
    found = [attribute for name, attribute in held if name == condition.name]
    if not found:
        known = dict.fromkeys([name for name, _ in held] + list(LABELS))
        yield unknown(condition.name, known, "attribute", path)
        return
    words = list(dict.fromkeys(word for attribute in found for word, _ in attribute.words))
    if words and condition.relation not in ("=", "is not"):
        yield Finding(
            path, f"{condition.name!r} is a word, not a number", f"{condition.name} = {words[0]}", condition.text
        )
    elif words and condition.value not in words:
        yield unknown(condition.value, words, f"word of {condition.name!r}", path)
    elif not words and condition.number is None:
        yield Finding(path, f"{condition.name!r} is a number", f"such as {condition.name} > 100", condition.text)


def _attribute_kinds(scenario: Scenario) -> Iterable[Finding]:
    """An attribute is words in every stream, or a number in every stream."""
    kinds: dict[str, bool] = {}
    for name, stream in scenario.demand.items():
        for attribute, value in stream.attributes.items():
            if kinds.setdefault(attribute, bool(value.words)) != bool(value.words):
                path = ("demand", name, "attributes", attribute)
                yield Finding(path, f"{attribute!r} is words in one stream and a number in another", "one of them")


def _has_attributes(scenario: Scenario, expanded: Expanded) -> Iterable[Finding]:
    """Who goes through a process has the attributes that it asks for."""
    for name, stream in scenario.demand.items():
        for process in [stream.type, *([stream.chasing.type] if stream.chasing else [])]:
            for path, condition in _asked(scenario, process):
                if condition.source == Source.ATTRIBUTE and condition.name not in stream.all_attributes:
                    yield Finding(
                        path,
                        f"cases of {name!r} have no {condition.name!r}",
                        ", ".join(stream.all_attributes) or "none",
                        condition.text,
                        f"Give it to demand.{name}.",
                    )


def _clashes(scenario: Scenario, expanded: Expanded) -> Iterable[Finding]:
    for path in expanded.clashes:
        yield Finding(path, "another step needs the same name for one of its parts", "a different name")


def _spawning(scenario: Scenario, expanded: Expanded) -> Iterable[Finding]:
    """Cases come from somewhere, and those that others gave rise to give rise to none."""
    receivers: set[str] = set()
    for steps in expanded.process.values():
        receivers |= {step.spawn for step in steps.values() if step.spawn is not None}
    for name, stream in scenario.demand.items():
        if stream.rate_form is None and name not in receivers and not stream.open_cases:
            fix = "Or let a step spawn its cases."
            yield Finding(("demand", name), "a stream without a rate", "per hour, per week, orders, recorded", fix=fix)
        if name not in receivers:
            continue
        for step, value in expanded.process[stream.type].items():
            if value.spawn is not None:
                path = (*expanded.places[stream.type, step], "spawn")
                what = f"cases of {name!r} come from other cases and cannot give rise to further ones"
                yield Finding(path, what, "a process of its own for them", value.spawn)


def _shift_calendars(scenario: Scenario) -> Iterable[Finding]:
    for name, group in scenario.people.items():
        for shift, value in (group.shifts or {}).items():
            if value.in_ is not None and value.in_ not in scenario.calendars:
                yield unknown(value.in_, scenario.calendars, "calendar", ("people", name, "shifts", shift, "in"))


def _skills(scenario: Scenario, expanded: Expanded) -> Iterable[Finding]:
    used = {step.work for steps in expanded.process.values() for step in steps.values() if step.work}
    held = {skill for group in scenario.people.values() for skill in group.skills}
    for process, steps in expanded.process.items():
        for name, step in steps.items():
            if step.work and step.work not in held:
                path = expanded.places[process, name]
                written = scenario.process[process].get(name)
                finding = unknown(step.work, sorted(held), "skill", (*path, "work") if written else path)
                yield Finding(
                    finding.path,
                    f"a step nobody can do: skill {step.work!r}",
                    finding.allowed,
                    step.work,
                    finding.fix or "Give the skill to a group under 'people'.",
                )
    for group, people in scenario.people.items():
        for skill in people.skills:
            if skill not in used:
                yield unknown(skill, sorted(used), "skill in any process", ("people", group, "skills", skill))


def _unsolved(scenario: Scenario, expanded: Expanded) -> Iterable[Finding]:
    """A share that a group solves matters only where a step says what happens to the others."""
    asked = {step.work for steps in expanded.process.values() for step in steps.values() if step.unsolved}
    for group, people in scenario.people.items():
        for name, skill in people.skills.items():
            if skill.solves < 1 and name not in asked:
                yield Finding(
                    ("people", group, "skills", name, "solves"),
                    "nothing follows for cases that are not solved",
                    f"'unsolved' at a step with work: {name}",
                )


def _briefing(scenario: Scenario, expanded: Expanded) -> Iterable[Finding]:
    """Only agents with one contact at a time stay for a briefing."""
    for process, steps in expanded.process.items():
        for name, step in steps.items():
            if step.briefing is None:
                continue
            for group, people in scenario.people.items():
                most = max(skill.at_once for skill in people.skills.values())
                if step.work in people.skills and most > 1:
                    path = (*expanded.places[process, name], "briefing")
                    yield Finding(path, f"{group!r} holds several contacts at once and cannot stay for a briefing",
                                  "groups with one contact at a time")  # fmt: skip


def _routing(scenario: Scenario, expanded: Expanded) -> Iterable[Finding]:
    used = {step.work for steps in expanded.process.values() for step in steps.values() if step.work}
    for queue, routing in scenario.routing.items():
        if queue not in used:
            yield unknown(queue, sorted(used), "skill in any process", ("routing", queue))
        for number, target in enumerate(routing.targets or []):
            path = ("routing", queue, "to", number)
            if target.group not in scenario.people:
                yield unknown(target.group, scenario.people, "group", path)
            elif queue not in scenario.people[target.group].skills:
                yield Finding(
                    path,
                    f"group {target.group!r} lacks the skill {queue!r}",
                    "groups with that skill: "
                    + ", ".join(name for name, people in scenario.people.items() if queue in people.skills),
                )
            else:
                yield from _reserve_findings(scenario, target, path)


def _reserve_findings(scenario: Scenario, target: Target, path: Path) -> Iterable[Finding]:
    """More than so many must be free, which never happens in a smaller group."""
    group = scenario.people[target.group]
    one_at_a_time = all(skill.at_once == 1 for skill in group.skills.values())
    if one_at_a_time and target.reserve >= group.size:
        what = f"group {target.group!r} never serves: so many of its agents are never free"
        yield Finding(path, what, f"reserve: below {group.size}", str(target.reserve))


def _flow(scenario: Scenario, expanded: Expanded) -> Iterable[Finding]:
    for process, steps in expanded.process.items():
        if steps:
            places = {name: expanded.places[process, name] for name in steps}
            yield from flow_findings(steps, _named(scenario, process), places.__getitem__)


def _named(scenario: Scenario, process: str) -> dict[str, list[str]]:
    """From each primitive step to those that the scenario means to follow, whether or not their share is zero now."""
    expanded, written = scenario.expanded, scenario.process[process]
    found: dict[str, list[str]] = {name: [] for name in expanded.process[process]}
    for piece in found:
        _, *place = expanded.places[process, piece]
        if place[0] == process:
            found[expanded.entries[process, place[1]]].append(piece)
    first = next(iter(found))
    found[first] += [entry for (of, _), entry in expanded.openings.items() if of == process]
    for name, step in written.items():
        named = [target for _, target in step_references(step)]
        after = below(written, name) if step.form in SHORTHAND and step.next is None else None
        entry = expanded.entries[process, name]
        found[entry] += [expanded.entries[process, target] for target in [*named, *([after] if after else [])]]
    return found


def _circles(scenario: Scenario, expanded: Expanded) -> Iterable[Finding]:
    """Only where nothing else is wrong with the ways of cases."""
    yield from () if any(_flow(scenario, expanded)) or any(_skills(scenario, expanded)) else circle_findings(scenario)


def _phase_conditions(scenario: Scenario) -> Iterable[Finding]:
    for name, phase in scenario.phases.items():
        for condition in phase.when:
            yield from condition_findings(scenario, condition, ("phases", name, "when"))


def _open_in_forks(scenario: Scenario, expanded: Expanded) -> Iterable[Finding]:
    """An open case has no branches beside it that a join could wait for."""
    for name, stream in scenario.demand.items():
        inside = inside_forks(expanded.process[stream.type])
        for number, cases in enumerate(stream.open_cases):
            if expanded.entries[stream.type, cases.at] in inside:
                path = ("demand", name, "open cases", number, "at")
                yield Finding(path, "an open case inside a branch of a fork", "a step before or after it", cases.at)


def _deadlines(scenario: Scenario, expanded: Expanded) -> Iterable[Finding]:
    """What looks at deadlines needs some: those of marks and lanes, which promises to tiers are not."""
    steps = [step for steps in expanded.process.values() for step in steps.values()]
    if any(step.mark is not None and step.mark.due is not None for step in steps):
        return
    fix = "What tiers promise is judged after the run and is no deadline inside it."
    for queue, routing in scenario.routing.items():
        if routing.escalate is not None:
            path = ("routing", queue, "escalate")
            yield Finding(path, "no case has a deadline", "a lane, or a mark step, with 'due'", fix=fix)
    for name, stream in scenario.demand.items():
        if stream.leaves is not None and stream.leaves.late > 0:
            late = ("demand", name, "leaves", "late")
            yield Finding(late, "no case has a deadline", "a lane, or a mark step, with 'due'", fix=fix)


def _interventions(scenario: Scenario) -> Iterable[Finding]:
    for name, change in scenario.interventions.items():
        for number, other in enumerate(change.requires):
            if other not in scenario.interventions:
                path = ("interventions", name, "requires", number)
                yield unknown(other, scenario.interventions, "intervention", path)


_CHECKS: tuple[Callable[[Scenario], Iterable[Finding]], ...] = (
    _zone,
    _sizes,
    _empty_processes,
    _interventions,
    _attribute_kinds,
    _shift_calendars,
    _phase_conditions,
    change_findings,
)
_REFERENCES: tuple[Callable[[Scenario], Iterable[Finding]], ...] = (
    _streams,
    _open_cases,
    _targets,
    _approvals,
    judged_findings,
)
_EXPANDED_CHECKS: tuple[Callable[[Scenario, Expanded], Iterable[Finding]], ...] = (
    _clashes,
    _skills,
    _unsolved,
    _briefing,
    _routing,
    _flow,
    _circles,
    _open_in_forks,
    _deadlines,
    _has_attributes,
    _spawning,
)
