"""Remarks on a result agree with its numbers."""

from __future__ import annotations

import pytest

from scenarios.findings import findings
from scenarios.replications import replicate
from sim.build import build
from sim.schema import Document

BASE = {
    "queuewise": 1,
    "name": "one queue",
    "start": "2026-03-02",
    "horizon": "12 h",
    "demand": {"calls": {"type": "call", "per hour": 100}},
    "people": {"desk": {"agents": 8, "skills": ["talk"]}},
    "routing": {"talk": {"service level": {"within": "20 s", "goal": "80 %"}}},
    "process": {
        "call": {
            "answer": {"work": "talk", "talk": {"mean": "3 min", "shape": "exponential"}},
            "close": {"end": "solved"},
        }
    },
}


def kinds(replications=10, **changes):
    result = replicate(build(Document.from_data({**BASE, **changes}).scenario), replications)
    return [one.kind for one in findings(result)]


def people(number):
    return {"desk": {"agents": number, "skills": ["talk"]}}


def test_plenty_of_people_meet_the_goal():
    assert kinds(people=people(12)) == ["met"]


def test_too_few_miss_it():
    # 5 erlangs on 6 people: 61 % would be answered within 20 s in the long run (Erlang C)
    assert kinds(people=people(6)) == ["missed"]


def test_overload_comes_first_and_people_are_strained():
    assert kinds(people=people(3)) == ["overload", "missed", "busy"]


def test_overload_needs_growth():
    """A night without people leaves customers waiting at the end, and yet the desk copes."""
    day = {"every day": {"08:00-20:00": 9}}
    changes = {
        "horizon": "10 days",
        "demand": {"calls": {"type": "call", "per hour": {"every day": {"08:00-24:00": 40}}}},
    }
    assert "overload" not in kinds(3, people={"desk": {"agents": day, "skills": ["talk"]}}, **changes)


def test_busy_tone():
    routing = {"talk": {"waiting places": 0, "service level": {"within": "20 s"}}}
    assert kinds(people=people(5), routing=routing) == ["blocked"]


def test_one_run_is_not_enough():
    assert kinds(1, people=people(12)) == ["short"]


@pytest.mark.parametrize("goal", ["88 %", "89 %"])
def test_close_to_the_goal_is_undecided(goal):
    # 5 erlangs on 8 people: 89 % within 20 s, and half a day is short
    routing = {"talk": {"service level": {"within": "20 s", "goal": goal}}}
    assert kinds(5, routing=routing) == ["undecided"]
