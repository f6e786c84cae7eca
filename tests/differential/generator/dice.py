"""Chance of the generator, and random durations in every form."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.differential.generator.setting import Setting


@dataclass
class Dice:
    """A source of chance in a setting."""

    rng: random.Random
    at: Setting

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def pick(self, *options: Any) -> Any:
        return self.rng.choice(options)

    def some(self, chances: dict[str, float], **makers: Callable[[], Any]) -> dict[str, Any]:
        """Fields of a part of the scenario, each present with its chance."""
        return {name.replace("_", " "): make() for name, make in makers.items() if self.chance(chances[name])}

    def units(self, low: int, high: int) -> str:
        return f"{self.rng.randint(low, high) * self.at.unit_s} s"

    # Durations -------------------------------------------------------------------------------------------------

    def length(self, low: int, high: int) -> Any:
        """A duration, most of it between two numbers of units."""
        if self.at.grid:
            form = self.pick(self.constant, self.constant, self.values, self.lumps)
        else:
            form = self.pick(
                self.constant, self.values, self.lumps, self.named, self.named, self.lognormal, self.between,
                self.between, self.quantiles, self.scipy, self.blend,
            )  # fmt: skip
        made = form(low, high)
        if self.chance(0.15):
            made = (made if isinstance(made, dict) else {"constant": made}) | self.trimming(low, high)
        return made

    def lasting(self, low: int, high: int) -> Any:
        """A duration that surely takes time."""
        made = self.length(low, high)
        return self.units(low, high) if isinstance(made, dict) and "zero" in made else made

    def trimming(self, low: int, high: int) -> dict[str, Any]:
        made: dict[str, Any] = self.pick(
            {"zero": "30 %"},
            {"plus": self.units(low, high)},
            {"at most": self.units(low + 1, high + 1)},
        )
        return made

    def constant(self, low: int, high: int) -> Any:
        return self.units(low, high)

    def values(self, low: int, high: int) -> Any:
        made: dict[str, Any] = {"values": [self.units(low, high) for _ in range(3)]}
        return made | ({"shares": [0.2, 0.5, 0.3]} if self.chance(0.5) else {})

    def lumps(self, low: int, high: int) -> Any:
        return {"mixture": [{"share": share, "of": self.units(low, high)} for share in ("35 %", "65 %")]}

    def named(self, low: int, high: int) -> Any:
        shape = self.pick("exponential", "lognormal", "gamma", "weibull")
        made = {"mean": self.units(low + 1, high), "shape": shape}
        return made if shape == "exponential" else made | {"cv": self.pick(0.4, 1.3)}

    def lognormal(self, low: int, high: int) -> Any:
        return {"median": self.units(low + 1, high), "spread": self.pick(0.5, 1.1)}

    def between(self, low: int, high: int) -> Any:
        return {"between": [self.units(low, low), self.units(high, high)]}

    def quantiles(self, low: int, high: int) -> Any:
        middle = (low + high) // 2
        return {"quantiles": [["0 %", self.units(low, low)], ["40 %", self.units(middle, middle)],
                              ["100 %", self.units(high, high)]]}  # fmt: skip

    def scipy(self, low: int, high: int) -> Any:
        unit = f"{max(high, 1) * self.at.unit_s / 2} s"
        law = self.pick(("burr12", {"c": 2.5, "d": 3.0}), ("invgauss", {"mu": 0.8}), ("beta", {"a": 2, "b": 3}))
        return {"scipy": {"name": law[0], "parameters": law[1], "unit": unit}}

    def blend(self, low: int, high: int) -> Any:
        return {"mixture": [{"share": 0.4, "of": self.units(low, high)}, {"share": 0.6, "of": self.named(low, high)}]}

    def patience(self) -> Any:
        made = self.length(self.pick(0, 1, 3), self.pick(6, 12, 30))
        if self.chance(0.15):
            return {"values": ["0 s", self.units(1, 9)]}  # many hang up at once
        made = made if isinstance(made, dict) else {"constant": made}
        if self.chance(0.3):
            return made | {"never": "25 %"}
        if self.chance(0.1):
            return {"quantiles": [["0 %", "0 s"], ["50 %", self.units(8, 8)]]}  # half wait for ever
        return made

    def rounds(self) -> list[str]:
        """Three hours of rounds."""
        return sorted({self.at.hour(border) for border in self.rng.sample(range(0, self.at.borders, 2), 3)})

    # Tables of hours -------------------------------------------------------------------------------------------

    def table(self, value: Callable[[], Any], cuts: int = 4) -> dict[Any, Any]:
        """Hours of a day and values, by day of the week or for every day, sometimes with another day for one date."""
        hours = self.stretches(value, cuts)
        if self.chance(0.2):
            return {"mon-wed": hours, "thu-sun": hours}
        if self.chance(0.2):
            return {"every day": hours, self.at.start.date() + dt.timedelta(days=1): value()}
        return {"every day": hours}

    def stretches(self, value: Callable[[], Any], most: int) -> dict[str, Any]:
        spans = self.spans(most)
        if len(spans) == 1 and spans[0][:5] == spans[0][6:]:
            return {"00:00-24:00": value()}
        return {span: value() for span in spans if self.chance(0.85)} or {spans[0]: value()}

    def spans(self, most: int) -> list[str]:
        """The run cut into stretches at up to ``most`` borders."""
        last = self.at.borders
        inner = sorted(self.rng.sample(range(1, last), min(self.rng.randint(0, most), last - 1)))
        return [self.at.hours(a, b) for a, b in pairwise([0, *inner, last])]
