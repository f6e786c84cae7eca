"""What no single part can see: names that must exist, work that somebody can do, processes that reach their end."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sim.schema.model import Scenario
from sim.schema.process import Step

MOST_STREAMS = 255
MOST_AGENTS = 60_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem and the path where it stands."""

    path: tuple[Any, ...]
    what: str
    allowed: str = ""
    given: str = ""
    fix: str = ""


def check(scenario: Scenario) -> list[Finding]:
    """Everything wrong across the parts of a scenario; an empty list if it can run."""
    findings: list[Finding] = []
    for one in _CHECKS:
        findings.extend(one(scenario))
    return findings


def _unknown(name: str, known: Iterable[str], what: str, path: tuple[Any, ...]) -> Finding:
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1)
    fix = f"Did you mean {close[0]!r}?" if close else ""
    return Finding(path, f"no such {what}: {name!r}", ", ".join(known) or "none exist", name, fix)


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
        if stream.type not in scenario.process:
            yield _unknown(stream.type, scenario.process, "process", ("demand", name, "type"))
    yield from _same_id(((("demand", name), stream.id) for name, stream in scenario.demand.items()))


def _same_id(pinned: Iterable[tuple[tuple[Any, ...], int | None]]) -> Iterable[Finding]:
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
        counts = [shift.agents for shift in (group.shifts or {}).values()]
        size = sum(counts) if group.agents is None else max([0, *group.agents.all_values()])
        if size > MOST_AGENTS:
            yield Finding(("people", name), "too many agents in one group", f"up to {MOST_AGENTS:,}", f"{size:,.0f}")


def _skills(scenario: Scenario) -> Iterable[Finding]:
    used = {step.work for steps in scenario.process.values() for step in steps.values() if step.work}
    held = {skill for group in scenario.people.values() for skill in group.skills}
    for process, steps in scenario.process.items():
        for name, step in steps.items():
            if step.work and step.work not in held:
                finding = _unknown(step.work, sorted(held), "skill", ("process", process, name, "work"))
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
                yield _unknown(skill, sorted(used), "skill in any process", ("people", group, "skills", skill))


def _routing(scenario: Scenario) -> Iterable[Finding]:
    used = {step.work for steps in scenario.process.values() for step in steps.values() if step.work}
    for queue, routing in scenario.routing.items():
        if queue not in used:
            yield _unknown(queue, sorted(used), "skill in any process", ("routing", queue))
        for number, (group, _) in enumerate(routing.targets or []):
            path = ("routing", queue, "to", number)
            if group not in scenario.people:
                yield _unknown(group, scenario.people, "group", path)
            elif queue not in scenario.people[group].skills:
                yield Finding(
                    path,
                    f"group {group!r} lacks the skill {queue!r}",
                    "groups with that skill: "
                    + ", ".join(name for name, people in scenario.people.items() if queue in people.skills),
                )


def successors(steps: dict[str, Step], name: str) -> list[str]:
    """Names of the steps that may follow a step; the one listed below it unless it says otherwise."""
    step = steps[name]
    if step.end:
        return []
    if step.branch:
        return [target for target, share in step.branches if share > 0]
    if step.next:
        return [step.next]
    names = list(steps)
    below = names.index(name) + 1
    return names[below : below + 1]


def _processes(scenario: Scenario) -> Iterable[Finding]:
    for name, steps in scenario.process.items():
        if not steps:
            yield Finding(("process", name), "a process without steps", "at least one work step and an end")
            continue
        unknown = list(_targets(name, steps))
        yield from unknown
        if not unknown:
            yield from _flow(name, steps)
        yield from _same_id(((("process", name, step), value.id) for step, value in steps.items()))


def _targets(process: str, steps: dict[str, Step]) -> Iterable[Finding]:
    for name, step in steps.items():
        for target in step.branch or {}:
            if target not in steps:
                yield _unknown(target, steps, "step", ("process", process, name, "branch", target))
        if step.next and step.next not in steps:
            yield _unknown(step.next, steps, "step", ("process", process, name, "next"))


def _reachable(start: Iterable[str], follow: Callable[[str], Iterable[str]]) -> set[str]:
    seen: set[str] = set()
    todo = list(start)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(follow(name))
    return seen


def _flow(process: str, steps: dict[str, Step]) -> Iterable[Finding]:
    after = {name: successors(steps, name) for name in steps}
    before = {name: [other for other in steps if name in after[other]] for name in steps}
    reached = _reachable([next(iter(steps))], after.__getitem__)
    finishing = _reachable([name for name, step in steps.items() if step.end], before.__getitem__)
    for name, step in steps.items():
        path = ("process", process, name)
        if name not in reached:
            yield Finding(
                path,
                "a step that no case reaches",
                "steps on a way from the first",
                fix="Lead to it by 'next' or 'branch', or remove it.",
            )
        elif not step.end and not after[name]:
            yield Finding(
                path,
                "end missing: the last step leads nowhere",
                "close: {end: solved}, or a 'next'",
                fix="Add an end step below it.",
            )
        elif name not in finishing and all(after.values()):
            yield Finding(path, "no way from here to an end", "a branch or 'next' that leads to an end step")
    yield from _still_cycles(process, steps, after)


def _still_cycles(process: str, steps: dict[str, Step], after: dict[str, list[str]]) -> Iterable[Finding]:
    """Cycles that may take no time at all would keep the clock from moving."""
    still = {name: [n for n in following if not takes_time(steps[n])] for name, following in after.items()}
    for name in steps:
        if not takes_time(steps[name]) and name in _reachable(still[name], still.__getitem__):
            yield Finding(
                ("process", process, name),
                "a cycle that may take no time",
                "a work or delay step in it that always takes time",
                fix="Give a step of the cycle a duration above zero.",
            )
            return


def takes_time(step: Step) -> bool:
    """Whether a visit of the step surely moves the clock."""
    lengths = (step.talk, step.hold, step.delay)
    return any(length is not None and length.takes_time for length in lengths)


def _interventions(scenario: Scenario) -> Iterable[Finding]:
    for name, change in scenario.interventions.items():
        for number, other in enumerate(change.requires):
            if other not in scenario.interventions:
                path = ("interventions", name, "requires", number)
                yield _unknown(other, scenario.interventions, "intervention", path)


_CHECKS: tuple[Callable[[Scenario], Iterable[Finding]], ...] = (
    _zone,
    _streams,
    _sizes,
    _skills,
    _routing,
    _processes,
    _interventions,
)
