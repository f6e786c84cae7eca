"""Random scenarios over everything that a scenario can say, small enough to compare by the hundred.

Times are multiples of a unit (10 s by day, 5 min over a night in which the clocks change), and so are all durations
of most scenarios: then completions, ends of patience, overflows, roster changes and arrivals often fall together.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from sim.build import Model, build
from sim.errors import ScenarioError
from sim.schema import Document
from tests.differential.generator.arrays import vary
from tests.differential.generator.demand import random_demand
from tests.differential.generator.dice import Dice
from tests.differential.generator.people import random_disruptions, random_people, random_routing
from tests.differential.generator.plan import random_plan
from tests.differential.generator.process import random_process
from tests.differential.generator.setting import random_setting
from tests.differential.generator.shorthand import random_approval, random_lanes

DRAFTS = 60


def random_document(number: int, shorthand: bool = True) -> Document:
    """The scenario of a number: always the same one, always valid; ``shorthand``: with bots, approvals and the like."""
    rng = random.Random(number)
    for _ in range(DRAFTS):
        document = Document.from_data(
            draft(Dice(rng, random_setting(rng)), number, shorthand), f"random scenario {number}"
        )
        try:
            document.scenario  # noqa: B018
        except ScenarioError:
            continue
        return document
    raise AssertionError(f"scenario {number}: {DRAFTS} invalid drafts")


def random_model(number: int) -> Model:
    """The scenario of a number, ready to run, with eras, paces and ways in that need a longer history than it has."""
    return vary(build(random_document(number).scenario), random.Random(number + 2**20))


def draft(dice: Dice, number: int, shorthand: bool = True) -> dict[str, Any]:
    """A scenario that may yet be invalid, for instance because of a cycle that takes no time."""
    plan = random_plan(dice)
    plan.shorthand = shorthand
    plan.spawned = [f"spawned {i}" for i in range(dice.pick(1, 1, 2))]
    plan.approvals = {f"approval {i}": random_approval(dice, plan, bool(plan.attributes)) for i in range(2)}
    process = {"side": random_process(dice, plan, "side", dice.pick(1, 2, 3), plain=True)}
    types = [f"type {i}" for i in range(dice.pick(2, 2, 3))]
    process |= {name: random_process(dice, plan, name, dice.pick(5, 6, 8)) for name in types}
    born = {step["spawn"] for steps in process.values() for step in steps.values() if "spawn" in step}
    plan.spawned = [name for name in plan.spawned if name in born]
    demand = random_demand(dice, plan, types, "side")
    reached = {stream["type"] for stream in demand.values()} | {
        stream["chasing"]["type"] for stream in demand.values() if "chasing" in stream
    }
    process = {name: steps for name, steps in process.items() if name in reached}
    steps = [step for steps in process.values() for step in steps.values()]
    approvals = {
        name: plan.approvals[name] for name in dict.fromkeys(step["approve"] for step in steps if "approve" in step)
    }
    used = set(_skills_of(steps)) | set(_deciding(approvals))
    asked = {step["work"] for steps in process.values() for step in steps.values() if "unsolved" in step}
    people = random_people(dice, plan, used, asked)
    lanes = random_lanes(dice) if shorthand and plan.attributes and dice.chance(0.4) else []
    made = {
        "queuewise": 1,
        "name": f"random {number}",
        "time zone": dice.at.zone,
        "start": str(dice.at.start),
        "horizon": f"{dice.at.length * dice.at.unit_s} s",
        "ends": dice.pick("stop", "drain"),
        "calendars": plan.calendars,
        "demand": demand,
        "people": people,
        "routing": random_routing(dice, people, used),
        "process": process,
        "approvals": approvals,
        "lanes": lanes,
        "disruptions": random_disruptions(dice, people, sorted(used)) if dice.chance(0.4) else {},
    }
    return {key: value for key, value in made.items() if value or key not in ("approvals", "lanes", "disruptions")}


def _skills_of(steps: list[dict[str, Any]]) -> Iterator[str]:
    for step in steps:
        yield from [step["work"]] if "work" in step else step["classify"]["wrong"] if "classify" in step else []


def _deciding(approvals: dict[str, Any]) -> Iterator[str]:
    for approval in approvals.values():
        yield from (level["by"] for level in (approval if isinstance(approval, list) else approval["levels"]))
