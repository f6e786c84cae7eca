"""Assumptions as parameters, and claims that hold in part."""

from __future__ import annotations

import pytest

from scenarios.interventions import apply
from scenarios.programme.claims import between, claims, kept
from scenarios.programme.parameters import parameters, quoted, values_at, with_values
from sim.errors import ScenarioError
from sim.schema import Document

TEXT = """\
queuewise: 1
name: A desk
start: 2026-03-02
horizon: 1 day
demand:
  calls:
    type: call
    per hour: {mon-fri: {"08:00-18:00": 30}}
    redial: {share: 40 %, after: 5 min, attempts: 3}
people:
  desk no. 2: {agents: 3, skills: {talk: {speed: 0.9}}}
process:
  call:
    answer: {work: talk, talk: {mean: 4 min, cv: 0.8}}
    done: {branch: {close: 75 %, again: otherwise}}
    again: {delay: 2 min, next: answer}
    close: {end: solved}
interventions:
  better:
    set: {process.call.done.branch.close: 95 %, people.desk no. 2.skills.talk.speed: 1.1}
    scale: {process.call.answer.talk: 0.6}
  slower:
    add: {process.call.again.delay: 2 min}
"""


def document(**sources):
    base = Document.from_text(TEXT.replace("people.desk no. 2", "'people.\"desk no. 2\"").replace(
        "talk.speed: 1.1", "talk.speed': 1.1"), "desk.yaml")  # fmt: skip
    return base.with_data({**base.data, "sources": sources})


RANGES = {
    "demand.calls.per hour": "assumed x 0.5 to x 1.5: a",
    "demand.calls.redial.share": "assumed 20 % to 60 %, tuned: b",
    "demand.calls.redial.after": "assumed 1 min to 11 min: c",
    "demand.calls.redial.attempts": "assumed 2 to 6: d",
    "people.desk no. 2.skills.talk.speed": "assumed 0.8 to 1.2: e",
    "interventions.better.set.process.call.done.branch.close": "assumed 90 % to 100 %: f",
    "process.call.answer.talk": "assumed x 0.5 to x 2, held: g",
}


def test_held_assumptions_are_no_parameters():
    assert [one.name for one in parameters(document(**RANGES))][-1].endswith("branch.close")
    assert len(parameters(document(**RANGES))) == 6


def test_values_stand_where_the_parameters_point():
    base = document(**RANGES)
    chosen = parameters(base)
    changed = with_values(base, chosen, values_at(chosen, [0.75] * 6))
    calls = changed.data["demand"]["calls"]
    assert calls["per hour"] == {"mon-fri": {"08:00-18:00": 37.5}}
    assert calls["redial"] == {"share": "50 %", "after": "510 s", "attempts": 5}
    assert changed.data["people"]["desk no. 2"]["skills"]["talk"]["speed"] == 1.1
    assert changed.data["interventions"]["better"]["set"]["process.call.done.branch.close"] == "97.5 %"
    assert set(changed.data["interventions"]) == {"better", "slower"}
    assert apply(changed, ["better"]).data["process"]["call"]["done"]["branch"]["close"] == "97.5 %"
    assert base.data["demand"]["calls"]["redial"]["attempts"] == 3


def test_present_values_give_the_scenario_back():
    base = document(**RANGES)
    chosen = parameters(base)
    same = with_values(base, chosen, [one.present for one in chosen])
    assert same.scenario.demand == base.scenario.demand
    assert same.scenario.people == base.scenario.people
    assert [one.place for one in chosen] == pytest.approx([0.5, 0.5, 0.4, 0.25, 0.25, 0.5])


@pytest.mark.parametrize(
    ("text", "what"),
    [("assumed 30 % to 40 min: a", "a range that does not read like its value"),
     ("assumed 50 % to 60 %: a", "a value outside its range"), ("assumed 40 % to 40 %: a", "an empty range")],
)  # fmt: skip
def test_odd_ranges_are_refused_at_their_source(text, what):
    with pytest.raises(ScenarioError, match=f"sources.demand.calls.redial.share: {what}"):
        parameters(document(**{"demand.calls.redial.share": text}))


def test_range_of_a_table_must_be_a_factor():
    with pytest.raises(ScenarioError, match="does not read like its value"):
        parameters(document(**{"demand.calls.per hour": "assumed 20 to 40: a"}))


def test_marks_of_one_text_are_one_assumption_about_several_places():
    text = "assumed 1 min to 9 min: a"
    base = document(**{"demand.calls.redial.after": text, "process.call.answer.talk.mean": text})
    with pytest.raises(ScenarioError, match=r"talk.mean: one assumption with demand.calls.redial.after, but another"):
        parameters(base)
    data = {**base.data, "demand": {"calls": {**base.data["demand"]["calls"], "redial": {
        "share": "40 %", "after": "4 min"}}}}  # fmt: skip
    [both] = parameters(base.with_data(data))
    changed = with_values(base.with_data(data), [both], [both.at(0.25)]).data
    assert changed["demand"]["calls"]["redial"]["after"] == "3 min"
    assert changed["process"]["call"]["answer"]["talk"]["mean"] == "3 min"


def test_every_key_of_a_path_is_quoted():
    assert quoted(("people", "desk no. 2", "to", 1)) == '"people"."desk no. 2"."to"[1]'


CLAIMS = {
    "interventions.better.set.process.call.done.branch.close": "claim: better answers",
    'interventions.better.set.people."desk no. 2".skills.talk.speed': "claim: faster",
    "interventions.better.scale": "claim: better answers",
}


def test_marks_of_one_text_are_one_claim():
    found = claims(document(**CLAIMS))
    assert [claim.text for claim in found] == ["better answers", "faster"]
    assert len(found[0].paths) == 2


def test_half_a_claim_is_half_way_from_the_baseline():
    base = document(**CLAIMS)
    better, faster = claims(base)
    half = apply(kept(base, better, 0.5), ["better"]).data
    assert half["process"]["call"]["done"]["branch"]["close"] == "85 %"
    assert half["process"]["call"]["answer"]["talk"]["mean"] == "192 s"
    assert half["people"]["desk no. 2"]["skills"]["talk"]["speed"] == 1.1
    assert apply(kept(base, faster, 0.25), ["better"]).data["people"]["desk no. 2"]["skills"]["talk"]["speed"] == 0.95


def test_whole_and_nothing_of_a_claim():
    base = document(**CLAIMS)
    better = claims(base)[0]
    assert apply(kept(base, better, 1.0), ["better"]).scenario == apply(base, ["better"]).scenario
    none = apply(kept(base, better, 0.0), ["better"]).scenario
    assert none.process == base.scenario.process


def test_claim_about_nothing_in_the_baseline_says_so():
    base = document(**{"interventions.slower.add": "claim: a"})
    data = {**base.data, "interventions": {"slower": {"set": {"process.call.again.wrap": "2 min"}}}}
    data["sources"] = {"interventions.slower.set": "claim: a"}
    changed = base.with_data(data)
    with pytest.raises(ScenarioError, match="a claim without a number in the baseline"):
        kept(changed, claims(changed)[0], 0.5)


@pytest.mark.parametrize(
    ("present", "promised", "share", "expected"),
    [("8 min", "2 min", 0.5, "300.000000 s"), (10, 20, 0.25, 12), (1.0, 2.0, 0.25, 1.25), ("no", "yes", 0.5, "yes"),
     ("no", "yes", 0.0, "no")],
)  # fmt: skip
def test_between(present, promised, share, expected):
    assert between(present, promised, share) == expected
