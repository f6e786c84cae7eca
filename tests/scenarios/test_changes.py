"""Differences between scenarios, found place by place."""

from __future__ import annotations

from scenarios.changes import Change, changes
from scenarios.interventions import apply
from scenarios.library import read
from sim.schema import Document


def between(before, after):
    return changes(Document.from_data(before), Document.from_data(after))


def test_same():
    document = read("help-desk")
    assert changes(document, document) == []


def test_value_added_removed_and_list():
    before = {"name": "a", "horizon": "1 day", "demand": {"x": {"per hour": 3, "id": 1}}, "to": [1, 2]}
    after = {"name": "b", "demand": {"x": {"per hour": 4, "id": 1}, "y": {"per hour": 1}}, "to": [1, 3]}
    assert between(before, after) == [
        Change("horizon", "1 day", None),
        Change("demand.x.per hour", 3, 4),
        Change("demand.y", None, {"per hour": 1}),
        Change("to", [1, 2], [1, 3]),
    ]


def test_another_form_is_one_change():
    assert between({"talk": {"mean": "3 min", "cv": 1}}, {"talk": {"median": "2 min", "spread": 1}}) == [
        Change("talk", {"mean": "3 min", "cv": 1}, {"median": "2 min", "spread": 1})
    ]


def test_interventions_change_what_they_name():
    document = read("help-desk")
    changed = apply(document, ["two more on the early shift", "passwords by themselves"])
    assert changes(document, changed) == [
        Change("demand.access.per week", 3600, 2700),
        Change("people.service desk.shifts.early.agents", 6, 8),
    ]
