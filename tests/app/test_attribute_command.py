"""``queuewise attribute`` and ``queuewise sensitivity`` from the file to the page."""

from __future__ import annotations

from html import unescape
from itertools import permutations

import numpy as np
import pytest

from app.report.figures import COLOURS
from scenarios import experiments
from scenarios.interventions import apply
from scenarios.replications import replicate
from sim.build import build
from sim.metrics import find, value
from sim.schema import Document

DESK = """\
queuewise: 1
name: A desk
start: 2026-03-02
horizon: 1 day
warm-up: 1 h
demand:
  calls: {type: call, per hour: 30, patience: 30 min}
people:
  desk: {agents: 3, skills: [talk]}
process:
  call:
    answer: {work: talk, talk: {mean: 5 min, cv: 0.8}}
    close: {end: solved}
interventions:
  one more: {add: {people.desk.agents: 1}}
  shorter: {requires: [one more], scale: {process.call.answer.talk: 0.9}}
  fewer calls: {scale: {demand.calls.per hour: 0.9}}
sources:
  process.call.answer.talk: "assumed x 0.9 to x 1.1: d"
  demand.calls.patience: "assumed 20 min to 60 min: e"
"""
PLAN = """\
interventions: [one more, shorter, fewer calls]
costs: {one more: 30, shorter: 5, fewer calls: 20}
targets:
  - {metric: asa of talk, at most: 40 s}
  - {metric: occupancy, lower by: 10 %}
"""


@pytest.fixture
def desk(folder):
    (folder / "desk.yaml").write_text(DESK)
    (folder / "plan.yaml").write_text(PLAN)
    return folder


def asa(document, chosen, number):
    result = replicate(build(apply(document, chosen).scenario), number + 1, 1)
    return value(find("asa"), result.totals[number])


def test_three_interventions_from_file_to_page(queuewise, desk):
    document = Document.from_text((desk / "desk.yaml").read_text())
    answer = queuewise("attribute", "desk.yaml", "--interventions", "plan.yaml", "-n", "3", "--fresh", "4", "--json",
                       "--report", "page.html")  # fmt: skip
    assert answer.code == 0, answer.err
    found = answer.data["attribution"]
    assert (found["orders"], found["combinations"]) == (3, 6)
    [wait, busy] = found["outcomes"]
    assert (wait["name"], busy["name"]) == ("asa of talk", "occupancy")
    names = ["one more", "shorter", "fewer calls"]
    gained = {name: [] for name in names}
    for number in range(3):
        for order in permutations(names):
            if order.index("shorter") > order.index("one more"):
                levels = [asa(document, list(order[:count]), number) for count in range(4)]
                for name, gain in zip(order, np.diff(levels), strict=True):
                    gained[name].append(gain)
    for one in wait["owed"]:
        assert one["share"]["mean"] == pytest.approx(np.mean(gained[one["name"]]))
    assert sum(one["share"]["mean"] for one in wait["owed"]) == pytest.approx(wait["effect"]["mean"])
    assert answer.data["cheapest"]["sufficient"]["cost"]["mean"] in (20, 25, 30, 35, 50, 55)
    page = (desk / "page.html").read_text()
    assert "This is no shopping list" in page
    assert page.count("<svg") == 2
    drawn = "".join(page.split("<svg")[1:]).lower()
    assert COLOURS[2].lower() in drawn  # lower occupancy is better here, as a target says so
    assert COLOURS[0].lower() not in drawn
    assert "The cheapest set found that meets every target." in page
    assert page.count("This is no shopping list") == 1
    assert page.index('<h2 id="sets">') < page.index('<h2 id="shares">') < page.index('<h2 id="s1">')
    assert page.index("Average speed of answer (ASA) of talk at most 40 s") > page.index('<h2 id="sets">')
    assert find("asa").definition.split(",")[0] in unescape(page)


def test_nothing_is_run_twice(queuewise, desk, monkeypatch):
    first = queuewise("attribute", "desk.yaml", "-n", "2", "--search", "0", "-m", "asa")
    assert first.code == 0, first.err
    monkeypatch.setattr(experiments, "_run", None)
    assert queuewise("attribute", "desk.yaml", "-n", "2", "--search", "0", "-m", "asa").out == first.out


def test_scenario_without_goals_is_attributed_and_not_searched(queuewise, desk):
    answer = queuewise("attribute", "desk.yaml", "-n", "2", "--json")
    assert [one["name"] for one in answer.data["attribution"]["outcomes"]] == ["service_level", "asa"]
    assert answer.data["cheapest"] is None


def test_terminal_says_what_it_is_not(queuewise, desk):
    answer = queuewise("attribute", "desk.yaml", "--interventions", "plan.yaml", "-n", "2", "--fresh", "2")
    assert "no shopping list" in answer.out
    assert "The cheapest set that meets the targets" in answer.out
    assert "ASA) of talk: largest interactions" in answer.out


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("one more, shorter,", "one more, shortr,", "plan.yaml:1:27: interventions[1]: no such intervention: 'shortr'"),
        ("[one more, shorter,", "[shorter, one more,", "'shorter' requires 'one more', which is not listed"),
        ("fewer calls]", "one more]", "'one more' is named twice"),
        ("fewer calls: 20", "more calls: 20", "plan.yaml:2:35: costs.more calls: costs of 'more calls'"),
        ("metric: occupancy", "metric: ocupancy", "targets[1].metric: no such metric: 'ocupancy'"),
        ("asa of talk", "asa of talks", "no such queue for asa"),
        ("at most: 40 s", "at most: 40", "targets[0].at most: "),
        ("lower by: 10 %", "lower by: 10 %, at least: 3 %", "a target needs exactly one of: at least, at most"),
        ("{metric: occupancy, lower by: 10 %}", "soon", "targets[1]: no such target: 'soon'"),
        ("costs:", "cost:", "unknown key 'cost'"),
    ],
)  # fmt: skip
def test_mistakes_in_the_file_have_their_place(queuewise, desk, old, new, message):
    (desk / "plan.yaml").write_text(PLAN.replace(old, new))
    answer = queuewise("attribute", "desk.yaml", "--interventions", "plan.yaml")
    assert answer.code == 2
    assert message in answer.err


def test_interventions_that_do_not_go_together(queuewise, desk):
    both = DESK.replace("  fewer calls:", "  five: {set: {people.desk.agents: 5}}\n  fewer calls:")
    (desk / "desk.yaml").write_text(both)
    answer = queuewise("attribute", "desk.yaml")
    assert answer.code == 2
    assert "'five' would undo what 'one more' does at people.desk.agents" in answer.err
    assert "List interventions that go together in a file, and give it with --interventions." in answer.err


def test_sensitivity_from_file_to_page(queuewise, desk):
    answer = queuewise("sensitivity", "desk.yaml", "--morris", "3", "--sobol", "4", "-m", "asa", "--with", "one more",
                       "--json", "--report", "page.html")  # fmt: skip
    assert answer.code == 0, answer.err
    assert answer.data["runs"] == 3 * 3 + 4 * 4
    assert [one["range"] for one in answer.data["assumptions"]] == ["x 0.9 to x 1.1", "20 min to 60 min"]
    [outcome] = answer.data["outcomes"]
    assert outcome["effects"][0]["name"] == "process.call.answer.talk"
    assert {one["name"] for one in outcome["indices"]} > {"demand.calls.patience", "chance of a single run"}
    page = (desk / "page.html").read_text()
    assert page.count("<svg") == 2
    assert "Average speed of answer (ASA): size of the change, " in page
    assert '<td class="text">x 0.9 to x 1.1</td><td class="text">d</td>' in page
    text = queuewise("sensitivity", "desk.yaml", "--morris", "3", "-m", "asa", "--with", "one more").out
    assert "screening of assumptions" in text


def test_sensitivity_needs_assumptions(queuewise):
    answer = queuewise("sensitivity", "order-line")
    assert answer.code == 2
    assert "no assumption with a range" in answer.err


@pytest.mark.parametrize("command", ["attribute", "sensitivity"])
def test_a_stopped_study_says_where_it_goes_on(queuewise, desk, monkeypatch, command):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(experiments, "_run", stopped)
    answer = queuewise(command, "desk.yaml", "--folder", "kept")
    assert (answer.code, answer.out) == (130, "")
    assert answer.err == "Stopped. What is finished is kept in kept; the same command goes on from there.\n"
