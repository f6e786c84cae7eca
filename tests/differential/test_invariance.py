"""What may not change a run: other names; and what may change it one way only: more people, fewer approvals."""

import random
import re

import numpy as np
import pytest

from sim.build import build
from sim.codes import Case, Visit
from sim.primitives import name_id
from sim.schema import Document
from tests.differential.engines import kernel_log
from tests.differential.generator import random_document

# Other names -----------------------------------------------------------------------------------------------------

WORDS = {"group": "team", "skill": "craft", "stream": "line", "spawned": "after", "calendar": "hours",
         "type": "sort", "work": "doing", "delay": "pause", "branch": "crossing", "mark": "label",
         "fork": "parting", "spawn": "birth"}  # fmt: skip
SHORTHAND = {"bot": "robot", "classify": "sorting", "approve": "consent"}


def renamed(data, words):
    """All names of groups, skills, streams, calendars, processes and steps turned into others."""
    if isinstance(data, dict):
        return {renamed(key, words): renamed(value, words) for key, value in data.items()}
    if isinstance(data, list):
        return [renamed(value, words) for value in data]
    if isinstance(data, str):
        names = rf"\b({'|'.join(words)}) (\d+)(?=[abc]?)"
        return re.sub(names, lambda match: f"{words[match[1]]} no. {int(match[2]) + 7}", data)
    return data


def pinned(data):
    """Ids of streams, groups and steps written down, so that draws stay where they are under other names."""
    streams = {name: {"id": name_id(name)} | stream for name, stream in data["demand"].items()}
    groups = {name: group | {"id": name_id(name)} for name, group in data["people"].items()}
    process = {
        kind: {name: step | {"id": name_id(f"{kind}: {name}")} for name, step in steps.items()}
        for kind, steps in data["process"].items()
    }
    return data | {"demand": streams, "people": groups, "process": process}


@pytest.mark.parametrize("number", range(25))
def test_other_names_with_the_same_ids_change_nothing(number):
    data = random_document(number, shorthand=False).data
    before = build(Document.from_data(data).scenario)
    after = build(Document.from_data(renamed(pinned(data), WORDS)).scenario)
    assert not set(before.names.steps) & set(after.names.steps) - {"side: done", "side: lost"}
    assert kernel_log(before).same_as(kernel_log(after))


@pytest.mark.parametrize("number", range(10))
def test_other_names_of_steps_that_stand_for_several_change_nothing(number):
    """Skills keep their names, which are part of the address of a desk to which cases are sent by mistake."""
    data = pinned(random_document(number).data)
    words = {name: word for name, word in (WORDS | SHORTHAND).items() if name != "skill"}
    before, after = build(Document.from_data(data).scenario), build(Document.from_data(renamed(data, words)).scenario)
    assert before.names.steps != after.names.steps
    assert kernel_log(before).same_as(kernel_log(after))


# More people -----------------------------------------------------------------------------------------------------


def simple(seed, agents):
    """One skill, one group of equal speed, first come first served, one visit, nobody hangs up or comes back."""
    rng = random.Random(seed)
    times = sorted(rng.uniform(0, 3600) for _ in range(rng.randint(60, 200)))
    wrap = {"mean": "20 s", "cv": 1}
    talk = rng.choice([{"mean": "2 min", "cv": 1.5}, {"values": ["10 s", "60 s", "400 s"]}, "90 s"])
    data = {
        "queuewise": 1,
        "name": "simple",
        "start": "2026-03-02",
        "horizon": "1 h",
        "ends": "drain",
        "demand": {"a": {"type": "t", "recorded": [f"2026-03-02 00:{int(t // 60):02d}:{t % 60:09.6f}" for t in times]}},
        "people": {"g": {"agents": agents, "skills": ["s"]}},
        "process": {"t": {"serve": {"work": "s", "talk": talk, "wrap": wrap}, "done": {"end": "solved"}}},
    }  # fmt: skip
    rows = kernel_log(build(Document.from_data(data).scenario)).visits
    rows = rows[np.argsort(rows[:, Visit.CASE])]
    return rows[:, Visit.STARTED] - rows[:, Visit.ENQUEUED]


@pytest.mark.parametrize("seed", range(15))
def test_one_more_person_never_makes_anybody_wait_longer(seed):
    """Case by case, with the same arrivals and work (Kiefer and Wolfowitz 1955).

    It needs equal speeds, one queue in the order of arrival, work that belongs to the case, and no feedback: hanging
    up, coming back and priorities undo it.
    """
    few = random.Random(seed).randint(1, 6)
    before, after = simple(seed, few), simple(seed, few + 1)
    assert (after <= before).all()
    assert after.sum() < before.sum() or before.sum() == 0


# Fewer approvals -------------------------------------------------------------------------------------------------


def approved(seed, asked):
    """Time at which each case is approved; of three levels, one person each, those that are ``asked``.

    A level that is not asked keeps its name, and so all draws stay where they are.
    """
    rng = random.Random(seed)
    times = sorted(rng.uniform(0, 3600) for _ in range(60))
    takes = {"mean": "1 min", "cv": rng.choice([0.2, 0.5, 2])}
    levels = [{"by": f"level {n}", "takes": takes} | ({} if n in asked else {"when": "amount > 1"}) for n in range(3)]
    data = {
        "queuewise": 1,
        "name": "approvals",
        "start": "2026-03-02",
        "horizon": "1 h",
        "ends": "drain",
        "demand": {"a": {
            "type": "t", "attributes": {"amount": 1},
            "recorded": [f"2026-03-02 00:{int(t // 60):02d}:{t % 60:09.6f}" for t in times],
        }},
        "people": {f"person {n}": {"agents": 1, "skills": [f"level {n}"]} for n in range(3)},
        "approvals": {"refunds": levels},
        "process": {"t": {"refund": {"approve": "refunds"}, "done": {"end": "solved"}}},
    }  # fmt: skip
    cases = kernel_log(build(Document.from_data(data).scenario)).cases
    return cases[np.argsort(cases[:, Case.CASE]), Case.ENDED]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("dropped", range(3))
def test_fewer_levels_never_lengthen_an_approval(seed, dropped):
    """Case by case. It needs levels with people of their own, one each so that nobody overtakes, and no returns.

    Then each level's departures come no later when its arrivals come no later.
    """
    whole, fewer = approved(seed, {0, 1, 2}), approved(seed, {0, 1, 2} - {dropped})
    assert (fewer <= whole).all()
    assert fewer.sum() < whole.sum()
