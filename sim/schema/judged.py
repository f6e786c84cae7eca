"""Cross references of what is judged after the log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sim.schema.finding import Finding, unknown

if TYPE_CHECKING:
    from sim.schema.model import Scenario

Path = tuple[Any, ...]


def judged_findings(scenario: Scenario) -> Iterable[Finding]:
    """Steps, calendars, attributes, channels and skills that tiers, satisfaction and money name."""
    yield from _tiers(scenario)
    yield from _satisfaction(scenario)
    yield from _money(scenario)


def steps_named(scenario: Scenario, name: str) -> list[tuple[str, str]]:
    """Process and step that a name stands for: a step of that name in any process, or ``process: step``."""
    return [
        (process, step)
        for process, steps in scenario.process.items()
        for step in steps
        if name in (step, f"{process}: {step}")
    ]


def _tiers(scenario: Scenario) -> Iterable[Finding]:
    for name, tier in scenario.tiers.items():
        path = ("tiers", name)
        if tier.clock != "always" and tier.clock not in scenario.calendars:
            yield unknown(tier.clock, ["always", *scenario.calendars], "calendar", (*path, "clock"))
        for place, step in enumerate(tier.offered_at):
            yield from _step(scenario, step, (*path, "offered at", place))
        awaited = {step.awaits for steps in scenario.process.values() for step in steps.values()}
        for place, who in enumerate(tier.pauses):
            if who not in awaited:
                what = f"no delay step awaits the {who}"
                yield Finding((*path, "pauses", place), what, f"a delay step with awaits: {who}")
    if scenario.tiers:
        yield from _tiers_used(scenario)


def _tiers_used(scenario: Scenario) -> Iterable[Finding]:
    used: set[str] = set()
    for name, stream in scenario.demand.items():
        words = [word for word, _ in stream.tier.words] if stream.tier else []
        used.update(words)
        for word in words:
            if word not in scenario.tiers:
                yield unknown(word, scenario.tiers, "tier", ("demand", name, "tier"))
    for process, steps in scenario.process.items():
        for name, step in steps.items():
            wrong = step.classify.wrong_tier if step.classify else None
            if wrong is not None and wrong not in scenario.tiers:
                yield unknown(wrong, scenario.tiers, "tier", ("process", process, name, "classify", "wrong tier"))
    for tier in scenario.tiers:
        if tier not in used:
            what = f"no case belongs to the tier {tier!r}"
            yield Finding(("tiers", tier), what, f"a stream with tier: {tier}, or with a share of it")


def _step(scenario: Scenario, name: str, path: Path) -> Iterable[Finding]:
    found = steps_named(scenario, name)
    if not found:
        known = dict.fromkeys(step for steps in scenario.process.values() for step in steps)
        yield unknown(name, known, "step in any process", path)
    for process, step in found:
        form = scenario.process[process][step].form
        if form not in ("work", "delay", "until_open", "rounds_at", "approve"):
            yield Finding(path, "a step that leaves no trace in the log", "a work, delay or approve step", name)


def _satisfaction(scenario: Scenario) -> Iterable[Finding]:
    if scenario.satisfaction is None:
        return
    loses = scenario.satisfaction.loses
    for key, loss in (("late", loses.late), ("broken promise", loses.broken_promise)):
        if loss is not None and not scenario.tiers:
            path = ("satisfaction", "loses", key)
            yield Finding(path, "nothing is promised that could be broken", "a promise under 'tiers'")
    solves = any(tier.solve_within for tier in scenario.tiers.values())
    if loses.broken_promise is not None and scenario.tiers and not solves:
        path = ("satisfaction", "loses", "broken promise")
        yield Finding(path, "no time of solution is promised", "solve within, under 'tiers'")


def _money(scenario: Scenario) -> Iterable[Finding]:
    money = scenario.money
    if money is None:
        return
    channels = dict.fromkeys(stream.channel for stream in scenario.demand.values())
    for channel in money.per_contact:
        if channel not in channels:
            yield unknown(channel, channels, "channel", ("money", "per contact", channel))
    skills = dict.fromkeys(skill for group in scenario.people.values() for skill in group.skills)
    for skill in money.per_visit:
        if skill not in skills:
            yield unknown(skill, skills, "skill", ("money", "per visit", skill))
    if money.payments is not None:
        path = ("money", "payments")
        for place, step in enumerate(money.payments.at):
            yield from _step(scenario, step, (*path, "at", place))
        yield from _amount(scenario, money.payments.amount, (*path, "amount"))


def _amount(scenario: Scenario, name: str, path: Path) -> Iterable[Finding]:
    held = [one for stream in scenario.demand.values() for one in stream.attributes.items()]
    found = [attribute for known, attribute in held if known == name]
    if not found:
        yield unknown(name, dict.fromkeys(known for known, _ in held), "attribute", path)
    elif any(attribute.words for attribute in found):
        yield Finding(path, f"{name!r} is a word, not a number", "an attribute that is a number", name)
