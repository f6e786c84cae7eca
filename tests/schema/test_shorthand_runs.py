"""Shorthand steps on both engines, with results known by hand or by their shares."""

import numpy as np
import pytest

from sim.build import build
from sim.codes import Case, Outcome, Visit
from sim.run import ENGINES, run
from sim.units import HOUR_US, MINUTE_US
from tests.schema.small import WORK, call, document, stream

PEOPLE = {"desk": {"agents": 400, "skills": ["talk"]}, "bosses": {"agents": 400, "skills": ["approve", "wrong"]}}


def played(engine, steps, people=PEOPLE, **changes):
    used = {step.get("work") for step in steps.values()} | {"talk"}
    approved = {level["by"] for levels in changes.get("approvals", {}).values() for level in levels}
    wrong = {skill for step in steps.values() for skill in step.get("classify", {}).get("wrong", [])}
    held = {
        name: [skill for skill in one["skills"] if skill in used | approved | wrong] for name, one in people.items()
    }
    people = {name: {**one, "skills": held[name]} for name, one in people.items() if held[name]}
    changes.setdefault("demand", stream(**{"per hour": 60}))
    data = document(process=call(steps), ends="drain", **changes).data | {"people": people}
    model = build(document().with_data(data).scenario)
    log = run(model, seed=3, engine=engine)
    names = np.array([name.removeprefix("call: ") for name in model.names.steps])
    return log.cases, log.visits, names[log.visits[:, Visit.STEP]]


def close(share, expected, cases):
    """Within four standard deviations of a share of so many cases."""
    assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / cases)


ARRIVED = [f"2026-03-02 {hour}" for hour in ("09:50", "10:00", "12:00", "14:59:30")]
ONE = {"calls": {"type": "call", "recorded": ARRIVED, "attributes": {"amount": 700}}}


@pytest.mark.parametrize("engine", ENGINES)
def test_three_levels_of_approval_with_constants(engine):
    """Rounds at 10:00 and 15:00, 10 min; then at once, 5 min; then rounds at 16:00, 20 min.

    Who asks at 09:50 or 10:00 is decided at 10:00, and waits from 10:15 until 16:00. Who asks at 12:00 or at 14:59:30
    is decided at 15:00, and waits from 15:15 until 16:00. All are done at 16:20.
    """
    levels = [
        {"by": "approve", "takes": "10 min", "rounds at": ["10:00", "15:00"], "up to": {"amount": 100}},
        {"by": "approve", "takes": "5 min", "up to": {"amount": 699}},
        {"by": "approve", "takes": "20 min", "rounds at": ["16:00"], "up to": {"amount": 700}},
    ]
    cases, visits, steps = played(engine, {"refund": {"approve": "refunds"}, "answer": WORK},
                                  approvals={"refunds": levels}, demand=ONE)  # fmt: skip
    paid = visits[steps == "answer", Visit.ENQUEUED]
    assert paid.tolist() == [16 * HOUR_US + 20 * MINUTE_US] * 4
    first = visits[steps == "refund: level 1", Visit.STARTED]
    assert sorted(first // MINUTE_US) == [600, 600, 900, 900]
    assert (cases[:, Case.OUTCOME] == Outcome.SOLVED).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_level_that_decides_spares_the_next(engine):
    """Up to 700 the second level decides: 15 minutes of approval, and nobody waits for 16:00."""
    levels = [{"by": "approve", "takes": "10 min", "up to": {"amount": 100}},
              {"by": "approve", "takes": "5 min", "up to": {"amount": 700}},
              {"by": "approve", "takes": "20 min", "rounds at": ["16:00"]}]  # fmt: skip
    cases, visits, steps = played(engine, {"refund": {"approve": "refunds"}, "answer": WORK},
                                  approvals={"refunds": levels}, demand=ONE)  # fmt: skip
    took = visits[steps == "answer", Visit.ENQUEUED] - cases[:, Case.ARRIVED]
    assert took.tolist() == [15 * MINUTE_US] * 4


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("difficulty", ["0 %", "100 %"])
def test_a_bot_settles_the_share_that_it_says_whatever_the_difficulty(engine, difficulty):
    """10,080 cases: 60 % understood, 50 % of those settled in two turns, 20 % of these come back."""
    bot = {"covers": "60 %", "contains": "50 %", "turn": "40 s", "turns": 2, "falsely": "20 %",
           "comes back after": "1 h"}  # fmt: skip
    steps = {"bot": {"bot": bot}, "answer": {**WORK, "talk": "1 s"}}
    found, _, names = played(engine, steps, demand=stream(**{"per hour": 60, "difficulty": difficulty}))
    cases = len(found)
    first_turn = 1 - np.sqrt(0.5)
    served, back = (names == "answer").sum(), (names == "bot: comes back").sum()
    close((names == "bot: turn 2").sum() / cases, 0.6 * (1 - first_turn), cases)
    close((served - back) / cases, 1 - 0.3, cases)
    close(back / cases, 0.3 * 0.2, cases)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_wrong_queue_costs_a_diagnosis_and_a_transfer(engine):
    sort = {"classify": {"right": "75 %", "wrong": ["wrong"], "diagnosis": "6 min", "transfer": "2 min"}}
    cases, visits, names = played(engine, {"sort": sort, "answer": {**WORK, "talk": "1 s"}})
    wrong = names == "sort: at wrong"
    close(wrong.sum() / len(cases), 0.25, len(cases))
    took = visits[wrong, Visit.RELEASED] - visits[wrong, Visit.STARTED]
    assert (visits[wrong, Visit.ENDED] - visits[wrong, Visit.STARTED] == 6 * MINUTE_US).all()
    assert (took == 8 * MINUTE_US).all()
    assert (names == "answer").sum() == len(cases)


@pytest.mark.parametrize("engine", ENGINES)
def test_better_classification_moves_only_cases_that_were_wrong(engine):
    found = []
    for right in ("75 %", "90 %"):
        sort = {"classify": {"right": right, "wrong": ["wrong"], "diagnosis": "6 min"}}
        _, visits, names = played(engine, {"sort": sort, "answer": {**WORK, "talk": "1 s"}})
        found.append(set(visits[names == "sort: at wrong", Visit.CASE].tolist()))
    assert found[1] < found[0]
