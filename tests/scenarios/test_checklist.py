"""The STRESS-DES checklist: every item, what is known filled in, what is not named as open."""

import re

import pytest

from scenarios import library
from scenarios.checklist import SECTIONS, YOURS, checklist
from scenarios.comparison import compare
from scenarios.interventions import apply
from scenarios.precision import Wanted, replicate_to
from scenarios.replications import replicate
from sim.build import build
from sim.schema import Document

NUMBERS = [
    "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5.1", "2.5.2", "2.5.3", "2.5.4", "2.5.5",
    "3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4", "6.1",
]  # fmt: skip


@pytest.fixture(scope="module")
def line():
    return library.read("order-line")


def answers(found):
    return {item.number: item.answer for item in found.items}


@pytest.mark.parametrize("name", library.names())
def test_every_scenario_of_the_library_has_all_items(name):
    found = checklist(library.read(name))
    assert [item.number for item in found.items] == NUMBERS
    assert all(item.answer for item in found.items)
    assert {"1.1", "3.4", "4.3", "6.1"} <= set(found.open)
    text = found.text()
    for number, section in SECTIONS.items():
        assert f"\n## {number} {section}\n" in text
    assert text.count("\n### ") == len(NUMBERS)


def test_what_the_scenario_says_is_there(line):
    said = answers(checklist(line))
    assert "Target: orders, Service level, 80 %." in said["1.2"]
    assert "1. `answer`: work: orders; talk: (mean: 4 min; cv: 0.8); wrap: 30 s" in said["2.2"]
    assert "*one more person* (proposed, not run): one more, all day" in said["2.3"]
    assert "- Cases of `orders`: type: order" in said["2.5.1"]
    assert "- *order*: work at `answer`; delays at no step." in said["2.5.2"]
    assert "`orders`: by priority, then first come; any number may wait." in said["2.5.4"]
    assert "| demand.orders.busyness | 8 % |  |" in said["3.3"]
    assert "168 h from 2026-06-01 00:00 (Europe/London)." in said["4.2"]
    assert "Philox" in said["5.2"]


def test_the_diagram_has_every_step_and_move():
    said = answers(checklist(library.read("claims-process")))["2.1"]
    assert said.startswith("```mermaid\nflowchart TD\n")
    assert said.count("-->") == 14  # counted in the file: four branches with two ways each, and six steps below or next
    places = dict(re.findall(r'^    (s0_\d+)\W+"([^"]+)"', said, flags=re.M))
    assert {"report", "papers", "approval", "declined"} <= set(places.values())
    moves = [(places[a], places[b]) for a, b in re.findall(r"(s0_\d+) --> (s0_\d+)", said)]
    assert ("second assessment", "complete") in moves
    assert ("size", "approval") in moves


def test_sources_stand_beside_values():
    data = library.read("order-line").data | {
        "sources": {"demand.orders": "fact: call log of May", "people": "assumed 3 to 9: no roster"}
    }
    said = answers(checklist(Document.from_data(data)))
    assert "- fact: 1 places" in said["3.1"]
    assert "| demand.orders.busyness | 8 % | fact: call log of May |" in said["3.3"]
    assert "- `people`: assumed 3 to 9: no roster" in said["3.4"]


def test_runs_and_comparisons_fill_in_what_they_know(line):
    other = apply(line, ["one more person"])
    first, second = (replicate(build(one.scenario), 3, 5) for one in (line, other))
    compared = compare(first, {"one more person": second}, metrics=["asa"])
    found = checklist(line, [], first, 0.9, {"one more person": other}, compared)
    said = answers(found)
    assert "4.3" not in found.open
    assert said["4.3"].startswith("3 independent replications, seed 5; 90% intervals")
    assert "paired by replication" in said["4.3"]
    assert "Compared with the base model: one more person." in said["1.3"]
    assert "`people.desk.agents.mon.08:00-10:00`: 6 → 7" in said["2.3"]
    assert "Average speed of answer (ASA)" in said["1.2"]
    assert "Abandonment" not in said["1.2"]
    assert "Engine: kernel" in said["5.1"]


def test_a_wanted_precision_is_an_aim(line):
    precise = replicate_to(build(line.scenario), [Wanted("offered", 400.0)])
    said = answers(checklist(line, [], precise.result, precise=precise))
    assert "Wanted: Offered to ± 400 (contacts)." in said["1.3"]
    assert "decided by precision" in said["4.3"]


def test_what_is_open_is_named():
    found = checklist(library.read("order-line"))
    assert all((YOURS in item.answer) == (item.number in found.open) for item in found.items)
    assert f"Left open: {', '.join(found.open)}." in found.text()
