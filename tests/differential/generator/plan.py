"""What the parts of a random scenario must agree on before they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.differential.generator.dice import Dice

WORDS = ("red", "green", "blue")


@dataclass
class Plan:
    """Names and limits.

    ``held``: what each group can do; ``warm``: skills whose steps may hand over warm; ``spawned``: streams that other
    cases give rise to; ``entered``: main steps of each process, where open cases may stand;
    ``shorthand``: bots, approvals and the like too.
    """

    held: dict[str, dict[str, dict[str, Any]]]
    attributes: dict[str, Any]
    calendars: dict[str, Any]
    shorthand: bool = True
    approvals: dict[str, Any] = field(default_factory=dict)
    spawned: list[str] = field(default_factory=list)
    entered: dict[str, list[str]] = field(default_factory=dict)

    @property
    def skills(self) -> list[str]:
        return sorted({skill for skills in self.held.values() for skill in skills})

    @property
    def warm(self) -> set[str]:
        """Skills of nobody who holds several contacts at once."""
        crowded = [
            skills for skills in self.held.values() if any(made.get("at once", 1) > 1 for made in skills.values())
        ]
        return set(self.skills) - {skill for skills in crowded for skill in skills}


def random_plan(dice: Dice) -> Plan:
    skills = [f"skill {i}" for i in range(dice.pick(2, 3, 3))]
    attributes = {"amount": _amount(dice), "kind": _kind(dice)} if dice.chance(0.85) else {}
    calendars = {f"calendar {i}": _calendar(dice) for i in range(2)}
    return Plan(_held(dice, skills), attributes, calendars)


def _held(dice: Dice, skills: list[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """Who can do what. Several contacts at once: nobody, some groups, or only those with a skill of their own."""
    names = [f"group {i}" for i in range(dice.pick(2, 3, 3))]
    held: dict[str, set[str]] = {name: {skill for skill in skills if dice.chance(0.75)} for name in names}
    for skill in skills:
        held[dice.pick(*names)].add(skill)
    form = dice.pick("nobody", "some", "some", "apart", "apart", "apart")
    if form == "apart":
        held = {name: {skills[-1]} if name == names[-1] else set(skills[:-1]) for name in names}
    crowded = {name: (form == "some" and dice.chance(0.5)) or (form == "apart" and name == names[-1]) for name in names}
    return {name: _skills(dice, sorted(held[name]) or [dice.pick(*skills)], crowded[name]) for name in names}


def _skills(dice: Dice, skills: list[str], crowded: bool) -> dict[str, dict[str, Any]]:
    return {skill: _skill(dice, crowded) for skill in skills}


def _skill(dice: Dice, crowded: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"speed": dice.pick(*([1.0, 0.5, 2.0] if dice.at.grid else [1.0, 0.5, 0.83, 1.7]))}
    if dice.chance(0.7):
        made["solves"] = dice.pick("0 %", "40 %", "75 %")
    if crowded and dice.chance(0.8):
        made |= {"at once": dice.pick(2, 2, 3), "slowdown": dice.pick("0 %", "50 %", "100 %", "37 %")}
    return made


def _amount(dice: Dice) -> Any:
    return dice.pick(
        {"values": [0, 3, 5, 8]}, {"median": 5, "spread": 0.8, "zero": "30 %"}, {"between": [0, 10]}, {"constant": 5}
    )


def _kind(dice: Dice) -> Any:
    return dice.pick({"red": "30 %", "green": "50 %", "blue": "otherwise"}, {"red": 0.5, "green": 0.25, "blue": 0.25})


def _calendar(dice: Dice) -> dict[Any, Any]:
    """Hours of a day: two thirds of the stretches between some borders, never none."""
    spans = dice.spans(6)
    chosen = [span for span in spans if dice.chance(0.65)] or spans[:1]
    hours: Any = ["00:00-24:00"] if chosen[0][:5] == chosen[0][6:] else chosen
    return {dice.pick("every day", "mon-sun"): hours[0] if len(hours) == 1 else hours}
