"""Random bots, classifications, approvals and lanes."""

from __future__ import annotations

from typing import Any

from tests.differential.generator.dice import Dice
from tests.differential.generator.plan import WORDS, Plan


def random_bot(dice: Dice) -> dict[str, Any]:
    made: dict[str, Any] = {
        "covers": dice.pick("70 %", "100 %"), "contains": dice.pick("30 %", "60 %"), "turn": dice.length(1, 3),
        "turns": dice.pick(1, 2),
    }  # fmt: skip
    if dice.chance(0.5):
        made |= {"falsely": dice.pick("50 %", "100 %"), "comes back after": dice.length(1, 10)}
    if dice.chance(0.5):
        made["hand over priority"] = dice.rng.randint(1, 3)
    return made


def random_classification(dice: Dice, plan: Plan) -> dict[str, Any]:
    wrong = dice.rng.sample(plan.skills, dice.pick(1, min(2, len(plan.skills))))
    made = {"right": dice.pick("30 %", "60 %"), "wrong": wrong, "diagnosis": dice.length(1, 3)}
    return made | ({"transfer": dice.length(0, 2)} if dice.chance(0.5) else {})


def random_approval(dice: Dice, plan: Plan, limited: bool) -> Any:
    """Up to three levels; limits ask for the amount, which cases must have."""
    levels = [_level(dice, plan, limited) for _ in range(dice.pick(1, 2, 3))]
    return {"levels": levels, "delegated": {"amount": 2}} if limited and dice.chance(0.4) else levels


def _level(dice: Dice, plan: Plan, limited: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"by": dice.pick(*plan.skills), "takes": dice.length(1, 3)}
    if limited and dice.chance(0.6):
        made["up to"] = {"amount": dice.pick(3, 5, 7)}
    if limited and dice.chance(0.2):
        made["when"] = dice.pick("amount > 1", "kind = green")
    if dice.chance(0.3):
        made["rounds at"] = dice.rounds()
    if dice.chance(0.4):
        made |= {"returns": "15 %", "rejects": "15 %"}
    return made


def random_lanes(dice: Dice) -> list[dict[str, Any]]:
    """Lanes on the attributes that cases have."""
    found = []
    for condition in dice.rng.sample([f"kind = {dice.pick(*WORDS)}", "amount > 4"], dice.pick(1, 2)):
        due, priority = {"due": dice.units(3, 40)}, {"priority": dice.rng.randint(1, 3)}
        found.append({"when": condition} | dice.pick(due, priority, due | priority))
    return found
