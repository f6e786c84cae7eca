"""Random streams of cases."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.differential.generator.dice import Dice
from tests.differential.generator.plan import Plan


def random_demand(dice: Dice, plan: Plan, types: list[str], side: str) -> dict[str, Any]:
    """Two or three streams that arrive, and the ones that other cases give rise to."""
    count = len(types)
    expected = dice.rng.randint(40, 85) / count
    maker = _Streams(dice, plan, side, {"cv": 0.5, "shared": "weather"} if dice.chance(0.5) else 0.4)
    made = {f"stream {i}": maker.stream(types[i], expected) for i in range(count)}
    return made | {name: maker.spawned() for name in plan.spawned}


class _Streams:
    def __init__(self, dice: Dice, plan: Plan, side: str, busyness: Any) -> None:
        self.dice, self.plan, self.side, self.busyness = dice, plan, side, busyness

    def stream(self, type_: str, expected: float) -> dict[str, Any]:
        dice = self.dice
        made: dict[str, Any] = {"type": type_, "channel": dice.pick("phone", "chat")}
        if dice.chance(0.35):
            made |= self.customers(expected)
        else:
            made |= self.recorded(expected) if dice.chance(0.75 if dice.at.grid else 0.2) else self.rate(expected)
        if dice.chance(0.2):
            made["spared"] = dice.pick("20 %", "50 %")
        if dice.chance(0.4):
            made["open cases"] = self.open_cases(type_)
        return made | self.common()

    def spawned(self) -> dict[str, Any]:
        return {"type": self.side, "channel": "phone"} | self.common()

    def common(self) -> dict[str, Any]:
        """What a stream may say however its cases come about."""
        dice, made = self.dice, dict[str, Any]()
        if dice.chance(0.6):
            made["patience"] = dice.patience()
        if dice.chance(0.45):
            made["redial"] = self.redial()
        if dice.chance(0.35):
            made["priority"] = dice.rng.randint(1, 3)
        if dice.chance(0.5):
            made["head start"] = dice.units(1, 10)
        if dice.chance(0.2):
            made["id"] = dice.rng.randrange(2**32)
        if dice.chance(0.5):
            made["difficulty"] = dice.pick("100 %", "50 %")
        if dice.chance(0.5):
            made["chasing"] = self.chasing()
        return made | ({"attributes": self.plan.attributes} if self.plan.attributes else {})

    # Ways to arrive --------------------------------------------------------------------------------------------

    def recorded(self, expected: float) -> dict[str, Any]:
        step = 1 if self.dice.at.grid else 0.37
        times = [self.dice.rng.randrange(-2, self.dice.at.length + 2) * step for _ in range(int(expected))]
        return {"recorded": [self.dice.at.moment(time) for time in times]}

    def customers(self, expected: float) -> dict[str, Any]:
        """A base small enough that the same customers come again, and leave."""
        base = self.dice.pick(5, 10, 20)
        years = self.dice.at.length * self.dice.at.unit_s / (365 * 86400)
        chances = {how: self.dice.pick("10 %", "30 %", "60 %") for how in ("solved", "unsolved", "lost", "late")}
        made: dict[str, Any] = {"customers": {"base": base}, "leaves": chances}
        if self.dice.chance(0.5):
            return made | self.recorded(expected)
        made["customers"]["contacts per year"] = round(expected / base / years)
        return made

    def rate(self, expected: float) -> dict[str, Any]:
        dice, made = self.dice, dict[str, Any]()
        hours = dice.at.length * dice.at.unit_s / 3600
        if dice.chance(0.5):
            level = expected / hours
            table = dice.table(lambda: round(level * dice.rng.uniform(0, 2), 3))
            made["per hour"] = level if dice.chance(0.3) else table
        elif dice.chance(0.3):
            made["per week"] = expected / hours * 168
        else:
            made |= {"per week": expected * 7, "week": dice.table(lambda: dice.pick(0.5, 1, 3))}
        return made | self.factors()

    def factors(self) -> dict[str, Any]:
        dice, made, day = self.dice, dict[str, Any](), self.dice.at.start.date()
        if dice.chance(0.4):
            made["busyness"] = self.busyness
        if dice.chance(0.3):
            made["season"] = {f"{day:%b}".lower(): 1.4, "jan": 0.9}
        if dice.chance(0.3):
            made["special days"] = {day + dt.timedelta(days=1): 0.3, day: 1.2}
        if dice.chance(0.2):
            made["trend"] = "20 %"
        if dice.chance(0.2):
            made["month"] = {"last 12 business days": 1.6, "first 20 days": 1.2}
        if dice.chance(0.3):
            made["surges"] = [{"from": dice.at.moment(20), "to": dice.at.moment(60), "factor": dice.pick(0, 2)}]
        return made

    def open_cases(self, type_: str) -> list[dict[str, Any]]:
        return [self.open_case(type_) for _ in range(self.dice.pick(1, 2, 4))]

    def open_case(self, type_: str) -> dict[str, Any]:
        dice = self.dice
        arrived = dice.rng.randint(1, 30)
        made = {"arrived": dice.at.moment(-arrived), "at": dice.pick(*self.plan.entered[type_])}
        if dice.chance(0.5):
            made["since"] = dice.at.moment(-dice.rng.randint(0, arrived))
        return made | ({"count": dice.pick(2, 3)} if dice.chance(0.3) else {})

    # What customers do -----------------------------------------------------------------------------------------

    def redial(self) -> dict[str, Any]:
        share, attempts = self.dice.pick("100 %", "60 %", "30 %"), self.dice.pick(2, 3, 5)
        return {"share": share, "after": self.dice.lasting(1, 10), "attempts": attempts}

    def chasing(self) -> dict[str, Any]:
        dice = self.dice
        return {
            "first after": dice.length(1, 8), "every": dice.lasting(1, 8), "share": dice.pick("100 %", "60 %"),
            "at most": dice.pick(1, 3, 8), "type": self.side,
        }  # fmt: skip
