"""Marks of numbers: their forms, what they cover, what has none."""

from __future__ import annotations

import pytest

from scenarios.programme.marks import Mark, marks, numbers, of, unmarked
from sim.errors import ScenarioError
from sim.schema import Document

TEXT = """\
queuewise: 1
name: A desk
start: 2026-03-02
horizon: 1 day
demand:
  calls: {type: call, per hour: 30, patience: 3 min}
people:
  desk 2:
    agents: {mon-fri: {"08:00-18:00": 3}}
    skills: [talk]
process:
  call:
    answer: {work: talk, talk: {mean: 4 min, cv: 0.8}}
    close: {end: solved}
interventions:
  shorter:
    why: 20 % less
    scale: {process.call.answer.talk: 0.8}
"""


def document(**sources):
    base = Document.from_text(TEXT, "desk.yaml")
    return base.with_data({**base.data, "sources": sources})


def mark_of(text):
    [found] = marks(document(**{"demand.calls.per hour": text}))
    return found


def test_three_kinds():
    path = ("demand", "calls", "per hour")
    assert mark_of("fact: counted in May") == Mark(path, "fact", "counted in May")
    assert mark_of("claim: 20 % fewer") == Mark(path, "claim", "20 % fewer")
    assert mark_of("assumed 20 to 40: no count") == Mark(path, "assumed", "no count", "20", "40")


def test_ranges_and_roles():
    assert mark_of("assumed x 0.8 to x 1.25, tuned: because").role == "tuned"
    held = mark_of("assumed x 0.8 to x 1.25,\n held: because of\n this")
    assert (held.low, held.high, held.factor, held.role) == ("0.8", "1.25", True, "held")
    assert (held.reason, held.range) == ("because of this", "x 0.8 to x 1.25")
    assert mark_of("assumed 5 min to 1 h 30 min: why: so").reason == "why: so"


@pytest.mark.parametrize(
    "text",
    ["counted in May", "fact:", "fact", "assumed: why", "assumed 20 to 40", "assumed x 2 to 3: why",
     "assumed 2 to 3, fixed", "Fact: in May"],
)  # fmt: skip
def test_other_texts_are_refused_at_their_place(text):
    with pytest.raises(ScenarioError, match=r"calls.per hour: a source without a mark; allowed: 'fact"):
        mark_of(text)


def test_the_longest_path_covers():
    known = marks(document(**{"demand": "fact: a", "demand.calls.patience": "claim: b"}))
    assert of(("demand", "calls", "per hour"), known).reason == "a"
    assert of(("demand", "calls", "patience"), known).reason == "b"
    assert of(("people", "desk 2"), known) is None


def test_numbers_are_values_with_digits_and_entries_under_hours():
    found = {".".join(map(str, path)) for path in numbers(document())}
    assert found == {
        "horizon", "demand.calls.per hour", "demand.calls.patience", "people.desk 2.agents.mon-fri.08:00-18:00",
        "process.call.answer.talk.mean", "process.call.answer.talk.cv",
        "interventions.shorter.scale.process.call.answer.talk",
    }  # fmt: skip


def test_unmarked_numbers_are_problems_at_their_place():
    left = unmarked(document(demand="fact: a", process="fact: a", interventions="claim: b", horizon="fact: c"))
    [problem] = left
    assert str(problem).startswith(
        "desk.yaml:9:24: people.desk 2.agents.mon-fri.08:00-18:00: a number without a source"
    )
