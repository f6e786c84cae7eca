"""The service programme of the library: complete, readable, sourced, and the same on both engines."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from scenarios import library
from scenarios.interventions import apply
from scenarios.programme.flagship import CASE, NAME
from scenarios.programme.marks import marks
from scenarios.programme.parameters import parameters
from scenarios.programme.study import Task, required
from sim.build import build
from sim.errors import ScenarioError
from sim.run import run
from sim.schema import load


@pytest.fixture(scope="module")
def document():
    return library.read(NAME)


def test_every_number_has_its_mark_and_everything_can_be_switched_on(document):
    Task(document, CASE, 1).check()


def test_marks_are_of_all_kinds_and_assumptions_have_ranges(document):
    found = marks(document)
    assert {mark.kind for mark in found} == {"fact", "claim", "assumed"}
    assert all(mark.low and mark.high for mark in found if mark.kind == "assumed")
    assert [one.name for one in parameters(document) if one.mark.role == "tuned"] == [
        "people.technicians.shifts", "approvals.refunds[0].takes", "process.contact.whose case.branch.dispute",
        "satisfaction.base",
    ]  # fmt: skip


def test_baseline_is_short_enough_to_read_and_names_where_things_stand():
    lines = (library.path_of(NAME) / "baseline.yaml").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 400
    assert max(map(len, lines)) <= 160
    guide = "\n".join(lines[:12])
    assert all(word in guide for word in ("approval rule", "tiers", "night staffing"))


def test_size_of_the_operation(document):
    scenario = document.scenario
    people = sum(group.size for group in scenario.people.values())
    assert people >= 300
    front = {name: scenario.people[name].size for name in ("basics", "skilled")}
    assert front["basics"] / sum(front.values()) == pytest.approx(0.6, abs=0.01)
    expected = build(scenario).rates.expected.sum() / 5 * 30 / 7
    assert expected > 95_000  # complaints that contacts give rise to come besides


def test_front_line_grows_by_two_hundred(document):
    def front(interventions):
        scenario = apply(document, interventions).scenario if interventions else document.scenario
        return sum(scenario.people[name].size for name in ("basics", "skilled"))

    assert front(["two hundred more agents"]) - front([]) == 200
    assert front(["two hundred in their first months"]) - front([]) == 200
    assert front(["layered training"]) == front([])


def test_fourteen_interventions_and_what_comes_besides(document):
    names = set(document.scenario.interventions)
    besides = {"two hundred more agents", "two hundred in their first months", "capacity moved", "programme budget"}
    assert len(names - besides) == 14
    assert set(CASE.programme) <= names
    for name in CASE.programme:
        apply(document, required(document, name))


def test_problem_in_a_file_of_the_folder_points_there(tmp_path):
    shutil.copytree(library.path_of(NAME), tmp_path / "mine")
    file = tmp_path / "mine" / "interventions.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("    why: one login", "    wy: one login", 1))
    with pytest.raises(ScenarioError, match=r"interventions.yaml:\d+:\d+: interventions.verify identity once.wy"):
        _ = load(tmp_path / "mine").scenario


def test_key_in_two_files_of_a_folder_is_refused(tmp_path):
    shutil.copytree(library.path_of(NAME), tmp_path / "mine")
    with (tmp_path / "mine" / "sources.yaml").open("a", encoding="utf-8") as file:
        file.write("demand: {}\n")
    with pytest.raises(ScenarioError, match=r"sources.yaml:\d+:1: demand: 'demand' stands in .*baseline.yaml as well"):
        load(tmp_path / "mine")


def part(document, base, horizon):
    """The operation with fewer customers, for a shorter time."""
    data = {key: value for key, value in document.data.items() if key not in ("risks", "sources")}
    data |= {"customers": {"installed base": base}, "horizon": horizon, "warm-up": "0 s"}
    data["demand"] = {name: {key: value for key, value in stream.items() if key != "surges"}
                      for name, stream in data["demand"].items()}  # fmt: skip
    return document.with_data(data)


def test_both_engines_agree_on_the_whole_programme(document):
    model = build(part(apply(document, CASE.programme), 90_000, "2 days").scenario)
    fast, slow = (run(model, 3, 0, engine) for engine in ("kernel", "reference"))
    assert len(fast.cases) > 500
    assert fast.same_as(slow)


@pytest.mark.long
@pytest.mark.parametrize("chosen", [(), CASE.programme], ids=["baseline", "programme"])
def test_both_engines_agree_at_full_size(document, chosen):
    changed = apply(document, chosen) if chosen else document
    model = build(part(changed, 900_000, "1 week").scenario)
    fast, slow = (run(model, 3, 0, engine) for engine in ("kernel", "reference"))
    assert fast.same_as(slow)


def test_night_is_staffed_for_urgent_faults(document):
    rows = build(document.scenario).chance(1, 0).roster
    assert np.any(rows["agent"] >= 0)
    for group in ("basics", "skilled", "technicians"):
        assert document.scenario.people[group].shifts["night"].agents >= 3
