"""Random people and routing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.differential.generator.dice import Dice
from tests.differential.generator.plan import Plan


def random_people(dice: Dice, plan: Plan, used: set[str], asked: set[str]) -> dict[str, Any]:
    """The groups of a plan that can do something that is used; who solves is ``asked`` at some steps only."""
    held = {
        name: {skill: made for skill, made in skills.items() if skill in used} for name, skills in plan.held.items()
    }
    for skills in held.values():
        for skill in set(skills) - asked:
            skills[skill].pop("solves", None)
    return {name: _group(dice, skills) for name, skills in held.items() if skills}


def _group(dice: Dice, skills: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"skills": skills}
    if dice.chance(0.67):
        made["picks"] = dice.pick("listed order", "least loaded")
    if dice.chance(0.9):
        made["takes"] = dice.pick("longest wait", "weighted wait")
    if dice.chance(0.4):
        made["shrinkage"] = _shrinkage(dice)
    if dice.chance(0.55):
        made["shifts"] = {f"shift {i}": _shift(dice) for i in range(dice.rng.randint(1, 3))}
        return made | (_new_people(dice, list(made["shifts"])) if dice.chance(0.4) else {})
    if dice.chance(0.15):
        return made | {"agents": dice.rng.randint(1, 4)}
    return made | {"agents": dice.table(lambda: dice.rng.randint(0, 5), cuts=dice.pick(3, 12))}


def _shrinkage(dice: Dice) -> dict[str, Any]:
    made: dict[str, Any] = {"unplanned": dice.pick("30 %", "50 %")}
    if dice.chance(0.5):
        made |= {"common shock": "30 %", "shock factor": 2, "shared": "flu"}
    return made | ({"planned": "20 %"} if dice.chance(0.5) else {})


def _new_people(dice: Dice, shifts: list[str]) -> dict[str, Any]:
    """Agents who came some days before the start, and learn."""
    days = dice.pick(0, 10, 40)
    hire = {
        "on": dice.at.start.date() - dt.timedelta(days=days),
        "agents": dice.pick(1, 2),
        "shift": dice.pick(*shifts),
    }
    curve = [["0 days", "50 %"], ["30 days", "80 %"], ["60 days", "100 %"]]
    return {"learning": curve, "hires": [hire]}


def random_disruptions(dice: Dice, people: dict[str, Any], skills: list[str]) -> dict[str, Any]:
    """An outage, slow systems, or both, at borders of the run."""
    effects = [{"no work on": [dice.pick(*skills)]}, {"slower": dice.pick("100 %", "30 %")}, {"absence": "40 %"}]
    chosen = dice.rng.sample(effects, dice.pick(1, 2))
    return {f"event {number}": _spell(dice) | effect for number, effect in enumerate(chosen)}


def _spell(dice: Dice) -> dict[str, Any]:
    first = dice.rng.randrange(dice.at.length // 6)
    return {"from": dice.at.moment(first * 6), "for": f"{dice.rng.randint(1, 10) * 6 * dice.at.unit_s} s"}


def _shift(dice: Dice) -> dict[str, Any]:
    last = dice.at.borders
    first, end = sorted(dice.rng.sample(range(-3, last), 2))
    made: dict[str, Any] = {"hours": dice.at.hours(first, end), "agents": dice.rng.randint(1, 3)}
    if end - first > 4 and dice.chance(0.7):
        pauses = [_pause(dice, first + 1, (first + end) // 2), _pause(dice, (first + end) // 2 + 1, end)]
        made |= {"breaks": pauses} if dice.chance(0.5) else {"break": pauses[0]}
    if dice.chance(0.15):
        made["days"] = dice.pick("mon-fri", ["sat", "sun", str(dice.at.start.date())])
    return made


def _pause(dice: Dice, first: int, last: int) -> dict[str, str]:
    return {"at": dice.at.hour(dice.rng.randrange(first, last)), "for": f"{dice.at.border_min} min"}


def random_routing(dice: Dice, people: dict[str, Any], used: set[str]) -> dict[str, Any]:
    serving = {skill: [name for name, group in people.items() if skill in group["skills"]] for skill in sorted(used)}
    return {skill: _queue(dice, groups) for skill, groups in serving.items() if dice.chance(0.9)}


def _queue(dice: Dice, groups: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    groups = dice.rng.sample(groups, len(groups))
    if dice.chance(0.7):
        made["to"] = [_target(dice, group) for group in groups]
    if dice.chance(0.35):
        made["waiting places"] = dice.pick(0, 1, 2, 5)
    if dice.chance(0.85):
        made["ask"] = "best skilled"
    if dice.chance(0.5):
        made |= {"order": "earliest deadline", "within": dice.units(2, 30)}
    if dice.chance(0.4):
        made["weight"] = dice.rng.randint(1, 5)
    if dice.chance(0.85):
        made["escalate"] = {"before deadline": dice.units(0, 20), "priority": dice.pick(1, 1, 2)}
    if dice.chance(0.4):
        made["balking"] = {"when waiting": dice.pick(0, 1, 3), "share": dice.pick("30 %", "60 %", "100 %")}
    if dice.chance(0.5):
        made["callback"] = _callback(dice)
    return made


def _callback(dice: Dice) -> dict[str, Any]:
    return {
        "when waiting": dice.pick(0, 1, 2), "accepted": dice.pick("50 %", "100 %"),
        "answers": dice.pick("40 %", "70 %"), "unanswered": dice.length(0, 2),
    }  # fmt: skip


def _target(dice: Dice, group: str) -> Any:
    after = {"after": dice.units(1, 8)} if dice.chance(0.35) else {}
    reserve = {"reserve": dice.pick(1, 1, 2)} if dice.chance(0.3) else {}
    if not reserve:
        return {group: f"after {after['after']}"} if after else group
    return {group: after | reserve}
