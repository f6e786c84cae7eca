"""Random scenarios over everything that a scenario file can say, small enough to compare by the hundred.

Times are multiples of a unit (10 s by day, 5 min over a night in which the clocks change), and so are all durations
of most scenarios: then completions, ends of patience, overflows, roster changes and arrivals often fall together.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sim.errors import ScenarioError
from sim.schema import Document

DAY_MIN = 24 * 60
GOES_FORWARD = {"Europe/Berlin": dt.date(2026, 3, 28), "America/New_York": dt.date(2026, 3, 7)}
GOES_BACK = {"Europe/Berlin": dt.date(2026, 10, 24), "America/New_York": dt.date(2026, 10, 31)}


def random_document(number: int) -> Document:
    """The scenario of a number: always the same one, always valid."""
    rng = random.Random(number)
    for _ in range(50):
        document = Document.from_data(_Maker(rng, *_setting(rng)).scenario(number), f"random scenario {number}")
        try:
            document.scenario  # noqa: B018
        except ScenarioError:
            continue
        return document
    raise AssertionError(f"scenario {number}: fifty invalid drafts")


@dataclass(frozen=True)
class Setting:
    """Where and when: the unit of all times, the start, the length in units, and whether all times lie on the grid."""

    unit_s: int
    zone: str
    start: dt.datetime
    length: int
    grid: bool

    @property
    def border_min(self) -> int:
        """Six units, in which calendars are written."""
        return self.unit_s // 10

    def moment(self, units: float) -> str:
        """A wall time."""
        return str(self.start + dt.timedelta(seconds=units * self.unit_s))

    def hours(self, first: int, last: int) -> str:
        """Hours between two borders, counted from the start."""
        begin = self.start.hour * 60 + self.start.minute
        ends = [(begin + border * self.border_min) % DAY_MIN for border in (first, last)]
        return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in ends)

    @property
    def borders(self) -> int:
        """Borders in the run, or in a day if that is less."""
        return min(self.length // 6 + 2, DAY_MIN // self.border_min)


def _setting(rng: random.Random) -> tuple[Setting]:
    grid = rng.random() < 0.65
    if rng.random() < 0.25:
        changes = rng.choice([GOES_FORWARD, GOES_BACK])
        zone = rng.choice(list(changes))
        start = dt.datetime.combine(changes[zone], dt.time(rng.choice([18, 21, 23])))
        return (Setting(300, zone, start, rng.randint(90, 330), grid),)
    zone = rng.choice(["UTC", "Asia/Shanghai", "Asia/Kolkata", "America/New_York"])
    day = dt.date(2026, rng.randint(1, 12), 16)
    start = dt.datetime.combine(day, rng.choice([dt.time(8), dt.time(12, 30), dt.time(23, 45)]))
    return (Setting(10, zone, start, rng.randint(100, 330), grid),)


@dataclass
class _Maker:
    rng: random.Random
    at: Setting

    def scenario(self, number: int) -> dict[str, Any]:
        skills = [f"skill {i}" for i in range(self.rng.choice([1, 1, 2, 3]))]
        process = self.processes(skills)
        used = sorted({step["work"] for steps in process.values() for step in steps.values() if "work" in step})
        people = self.people(used)
        return {
            "queuewise": 1,
            "name": f"random {number}",
            "time zone": self.at.zone,
            "start": str(self.at.start),
            "horizon": f"{self.at.length * self.at.unit_s} s",
            "ends": self.rng.choice(["stop", "drain"]),
            "demand": self.demand(list(process)),
            "people": people,
            "routing": self.routing(used, people),
            "process": process,
        }

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    # Durations -------------------------------------------------------------------------------------------------

    def units(self, low: int, high: int) -> str:
        return f"{self.rng.randint(low, high) * self.at.unit_s} s"

    def length(self, low: int, high: int) -> Any:
        """A duration, most of it between two numbers of units."""
        if self.at.grid:
            form = self.rng.choice([self.constant, self.constant, self.values, self.lumps])
        else:
            form = self.rng.choice([
                self.constant, self.values, self.lumps, self.named, self.named, self.lognormal, self.between,
                self.between, self.quantiles, self.scipy, self.blend,
            ])  # fmt: skip
        made = form(low, high)
        if self.chance(0.15):
            made = (made if isinstance(made, dict) else {"constant": made}) | self.trimming(low, high)
        return made

    def trimming(self, low: int, high: int) -> dict[str, Any]:
        return self.rng.choice([
            {"zero": "30 %"},
            {"plus": self.units(low, high)},
            {"at most": self.units(low + 1, high + 1)},
        ])  # fmt: skip

    def constant(self, low: int, high: int) -> Any:
        return self.units(low, high)

    def values(self, low: int, high: int) -> Any:
        made: dict[str, Any] = {"values": [self.units(low, high) for _ in range(3)]}
        return made | ({"shares": [0.2, 0.5, 0.3]} if self.chance(0.5) else {})

    def lumps(self, low: int, high: int) -> Any:
        parts = [{"share": share, "of": self.units(low, high)} for share in ("35 %", "65 %")]
        return {"mixture": parts}

    def named(self, low: int, high: int) -> Any:
        shape = self.rng.choice(["exponential", "lognormal", "gamma", "weibull"])
        made = {"mean": self.units(low + 1, high), "shape": shape}
        return made if shape == "exponential" else made | {"cv": self.rng.choice([0.4, 1.3])}

    def lognormal(self, low: int, high: int) -> Any:
        return {"median": self.units(low + 1, high), "spread": self.rng.choice([0.5, 1.1])}

    def between(self, low: int, high: int) -> Any:
        return {"between": [self.units(low, low), self.units(high, high)]}

    def quantiles(self, low: int, high: int) -> Any:
        middle = (low + high) // 2
        return {"quantiles": [["0 %", self.units(low, low)], ["40 %", self.units(middle, middle)],
                              ["100 %", self.units(high, high)]]}  # fmt: skip

    def scipy(self, low: int, high: int) -> Any:
        unit = f"{max(high, 1) * self.at.unit_s / 2} s"
        law = self.rng.choice([("burr12", {"c": 2.5, "d": 3.0}), ("invgauss", {"mu": 0.8}), ("beta", {"a": 2, "b": 3})])
        return {"scipy": {"name": law[0], "parameters": law[1], "unit": unit}}

    def blend(self, low: int, high: int) -> Any:
        return {"mixture": [{"share": 0.4, "of": self.units(low, high)}, {"share": 0.6, "of": self.named(low, high)}]}

    def patience(self) -> Any:
        made = self.length(self.rng.choice([0, 1, 3]), self.rng.choice([6, 12, 30]))
        if self.chance(0.15):
            return {"values": ["0 s", self.units(1, 9)]}  # many hang up at once
        made = made if isinstance(made, dict) else {"constant": made}
        if self.chance(0.3):
            return made | {"never": "25 %"}
        if self.chance(0.1):
            return {"quantiles": [["0 %", "0 s"], ["50 %", self.units(8, 8)]]}  # half wait for ever
        return made

    # Demand ----------------------------------------------------------------------------------------------------

    def demand(self, types: list[str]) -> dict[str, Any]:
        count = self.rng.choice([1, 2, 2, 3])
        expected = self.rng.randint(40, 110) / count
        shared = {"cv": 0.5, "shared": "weather"} if self.chance(0.5) else 0.4
        return {f"stream {i}": self.stream(types[i % len(types)], expected, shared) for i in range(count)}

    def stream(self, type_: str, expected: float, busyness: Any) -> dict[str, Any]:
        made: dict[str, Any] = {"type": type_, "channel": self.rng.choice(["phone", "chat"])}
        recorded = self.chance(0.75 if self.at.grid else 0.2)
        made |= self.recorded(expected) if recorded else self.rate(expected, busyness)
        if self.chance(0.7):
            made["patience"] = self.patience()
        if self.chance(0.5):
            made["redial"] = self.redial()
        if self.chance(0.4):
            made["priority"] = self.rng.randint(1, 3)
        if self.chance(0.3):
            made["head start"] = self.units(1, 10)
        if self.chance(0.2):
            made["id"] = self.rng.randrange(2**32)
        return made

    def recorded(self, expected: float) -> dict[str, Any]:
        step = 1 if self.at.grid else 0.37
        times = [self.rng.randrange(-2, self.at.length + 2) * step for _ in range(int(expected))]
        return {"recorded": [self.at.moment(time) for time in times]}

    def rate(self, expected: float, busyness: Any) -> dict[str, Any]:
        made: dict[str, Any] = {}
        hours = self.at.length * self.at.unit_s / 3600
        if self.chance(0.5):
            level = expected / hours
            made["per hour"] = (
                level if self.chance(0.3) else self.table(lambda: round(level * self.rng.uniform(0, 2), 3))
            )
        elif self.chance(0.3):
            made["per week"] = expected / hours * 168
        else:
            made |= {"per week": expected * 7, "week": self.table(lambda: self.rng.choice([0.5, 1, 3]))}
        if self.chance(0.4):
            made["busyness"] = busyness
        if self.chance(0.3):
            made["season"] = {f"{self.at.start:%b}".lower(): 1.4, "jan": 0.9}
        if self.chance(0.3):
            made["special days"] = {self.at.start.date() + dt.timedelta(days=1): 0.3, self.at.start.date(): 1.2}
        return made

    def table(self, value: Any, cuts: int = 4) -> dict[str, Any]:
        """Hours of a day and values, by day of the week or for every day, sometimes with another day for one date."""
        hours = self.stretches(value, cuts)
        if self.chance(0.2):
            return {"mon-wed": hours, "thu-sun": hours}
        if self.chance(0.2):
            return {"every day": hours, self.at.start.date() + dt.timedelta(days=1): value()}
        return {"every day": hours}

    def stretches(self, value: Any, most: int) -> dict[str, Any]:
        last = self.at.borders
        inner = sorted(self.rng.sample(range(1, last), min(self.rng.randint(0, most), last - 1)))
        cuts = [0, *inner, last]
        spans = [self.at.hours(a, b) for a, b in pairwise(cuts)]
        if len(spans) == 1 and spans[0][:5] == spans[0][6:]:
            return {"00:00-24:00": value()}
        return {span: value() for span in spans if self.chance(0.85)} or {spans[0]: value()}

    def redial(self) -> dict[str, Any]:
        return {
            "share": self.rng.choice(["100 %", "60 %", "30 %"]),
            "after": self.length(1, 10),
            "attempts": self.rng.choice([2, 3, 5]),
        }

    # People ----------------------------------------------------------------------------------------------------

    def people(self, skills: list[str]) -> dict[str, Any]:
        names = [f"group {i}" for i in range(self.rng.choice([1, 2, 2, 3]))]
        held = {name: {skill for skill in skills if self.chance(0.6)} for name in names}
        for skill in skills:
            held[self.rng.choice(names)].add(skill)
        return {name: self.group(sorted(held[name]) or [self.rng.choice(skills)]) for name in names}

    def group(self, skills: list[str]) -> dict[str, Any]:
        speeds = [1.0, 0.5, 2.0] if self.at.grid else [1.0, 0.5, 0.83, 1.7]
        made: dict[str, Any] = {"skills": {skill: {"speed": self.rng.choice(speeds)} for skill in skills}}
        if self.chance(0.5):
            made["picks"] = self.rng.choice(["longest idle", "listed order"])
        if self.chance(0.45):
            return made | {"shifts": {f"shift {i}": self.shift() for i in range(self.rng.randint(1, 3))}}
        if self.chance(0.15):
            return made | {"agents": self.rng.randint(0, 4)}
        return made | {"agents": self.table(lambda: self.rng.randint(0, 4), cuts=self.rng.choice([3, 12]))}

    def shift(self) -> dict[str, Any]:
        last = self.at.borders
        first, end = sorted(self.rng.sample(range(-3, last), 2))
        made: dict[str, Any] = {"hours": self.at.hours(first, end), "agents": self.rng.randint(1, 2)}
        if end - first > 4 and self.chance(0.7):
            pauses = [self.pause(first + 1, (first + end) // 2), self.pause((first + end) // 2 + 1, end)]
            made |= {"breaks": pauses} if self.chance(0.5) else {"break": pauses[0]}
        if self.chance(0.2):
            made["days"] = self.rng.choice(["mon-fri", ["sat", "sun", str(self.at.start.date())]])
        return made

    def pause(self, first: int, last: int) -> dict[str, str]:
        at = self.rng.randrange(first, last)
        return {"at": self.at.hours(at, at)[:5], "for": f"{self.at.border_min} min"}

    def routing(self, skills: list[str], people: dict[str, Any]) -> dict[str, Any]:
        return {skill: self.queue([n for n, g in people.items() if skill in g["skills"]])
                for skill in skills if self.chance(0.75)}  # fmt: skip

    def queue(self, groups: list[str]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        groups = self.rng.sample(groups, len(groups))
        if self.chance(0.85):
            made["to"] = [group if self.chance(0.4) else {group: f"after {self.units(1, 8)}"} for group in groups]
        if self.chance(0.4):
            made["waiting places"] = self.rng.choice([0, 0, 1, 2, 5])
        return made

    # Processes -------------------------------------------------------------------------------------------------

    def processes(self, skills: list[str]) -> dict[str, Any]:
        made = {f"type {i}": self.steps(skills) for i in range(self.rng.choice([1, 1, 2]))}
        return made

    def steps(self, skills: list[str]) -> dict[str, Any]:
        names = [f"step {i}" for i in range(self.rng.choice([1, 2, 3, 4, 5]))]
        kinds = [self.rng.choice(["work", "work", "delay", "branch"]) for _ in names]
        kinds[self.rng.randrange(len(kinds))] = "work"
        ends = ["done", "lost"] if "branch" in kinds and self.chance(0.7) else ["done"]
        made = {
            name: self.step(kind, i, [*names, *ends], skills)
            for i, (name, kind) in enumerate(zip(names, kinds, strict=True))
        }
        return made | {"done": {"end": "solved"}} | ({"lost": {"end": "unsolved"}} if len(ends) > 1 else {})

    def step(self, kind: str, place: int, names: list[str], skills: list[str]) -> dict[str, Any]:
        if kind == "work":
            made = self.work(self.rng.choice(skills))
        elif kind == "delay":
            made = {"delay": self.length(self.rng.choice([0, 2]), 12)}
        else:
            return {"branch": self.branch(place, names)}
        return made | ({"next": names[place + 1]} if self.chance(0.2) else {})

    def work(self, skill: str) -> dict[str, Any]:
        made: dict[str, Any] = {"work": skill, "talk": self.length(self.rng.choice([0, 1, 2]), 9)}
        if self.chance(0.3):
            made["hold"] = self.length(0, 3)
        if self.chance(0.5):
            made["wrap"] = self.length(0, 4)
        if self.chance(0.25):
            made["patience"] = self.rng.choice(["none", self.patience()])
        if self.chance(0.25):
            made["priority"] = self.rng.randint(1, 3)
        return made

    def branch(self, place: int, names: list[str]) -> dict[str, Any]:
        """The next step, another one ahead, and perhaps one to go back to."""
        ahead = names[place + 2 :]
        targets = [names[place + 1], *([self.rng.choice(ahead)] if ahead else [])]
        if place and self.chance(0.6):
            targets.append(self.rng.choice(names[:place]))
        shares = {2: [0.4], 3: [0.35, 0.25], 1: []}[len(targets)]
        return {name: share for name, share in zip(targets[1:], shares, strict=False)} | {targets[0]: "otherwise"}
