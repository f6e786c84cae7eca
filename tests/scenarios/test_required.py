"""People by formula: as textbooks have them, and None where no formula speaks."""

from __future__ import annotations

import pytest

from scenarios.replications import replicate
from scenarios.required import required
from sim.build import build
from sim.schema import Document

DATA = {
    "queuewise": 1,
    "name": "one group",
    "start": "2026-03-02",
    "horizon": "2 days",
    "service level": {"within": "20 s", "goal": "80 %"},
    "demand": {"calls": {"type": "call", "per hour": {"mon": {"09:00-12:00": 120}}}},
    "people": {"desk": {"agents": 40, "skills": ["talk"]}},
    "process": {"call": {"answer": {"work": "talk", "talk": "5 min"}, "close": {"end": "solved"}}},
}


def found(**changes):
    scenario = Document.from_data({**DATA, **changes}).scenario
    return required(scenario, replicate(build(scenario), 200))


def test_erlang_c():
    # 10 erlangs, 80 % within 20 s: 14 people (13 reach 76 %); 200 runs know the rate within 1 %
    one = found()
    assert one is not None
    busy = {key: people for key, people in one.people.items() if people}
    assert set(busy) == {("mon", f"{hour:02d}:{half}") for hour in (9, 10, 11) for half in ("00", "30")}
    assert set(busy.values()) == {14}
    assert one.text == "80 % within 20 s (Erlang C)"


def test_redials_do_not_count():
    """With too few people customers call again and again; the formula asks for as many as their first calls need."""
    calls = DATA["demand"]["calls"] | {
        "patience": {"mean": "1 min", "shape": "exponential"},
        "redial": {"share": "80 %", "after": "1 min"},
    }
    few, many = (
        found(demand={"calls": calls}, people={"desk": {"agents": n, "skills": ["talk"]}}).people["mon", "10:00"]
        for n in (6, 40)
    )
    assert few == pytest.approx(many, abs=1)


def test_several_groups_or_targets_have_no_formula():
    two = {"desk": DATA["people"]["desk"], "night": DATA["people"]["desk"]}
    assert found(people=two) is None
