"""Patches by example, and what each says when it does not fit."""

import copy

import pytest

from scenarios.interventions import apply, names
from sim.errors import ScenarioError
from sim.schema import Document

BASE = """\
queuewise: 1
name: Billing
start: 2026-03-02
horizon: 1 week
demand:
  calls:
    type: billing
    per hour: {mon-fri: {"08:00-12:00": 120, "12:00-16:00": 90}, 2026-03-04: 60}
    patience: {mean: 4 min, cv: 0.8}
    redial: {share: 60 %, after: 10 min}
people:
  front line:
    agents: {mon-fri: {"08:00-12:00": 12, "12:00-16:00": 9}, sat: {from: "08:00", every: 30 min, values: [1, 2, 3]}}
    skills: {billing: {speed: 1.0}}
  agents:
    shifts: {early: {hours: "08:00-16:00", agents: 5, break: {at: "12:00", for: 30 min}}}
    skills: {billing: {speed: 0.8}}
routing:
  billing: {to: [front line, {agents: after 40 s}], waiting places: 20}
process:
  billing:
    answer: {work: billing, talk: 5 min, wrap: {quantiles: [[0 %, 10 s], [100 %, 50 s]]}}
    v1.2: {branch: {close: 12 %, failed: otherwise}}
    close: {end: solved}
    failed: {end: unsolved}
"""


def document(**changes):
    """The base scenario with interventions; each is given as its patches."""
    base = Document.from_text(BASE, "billing.yaml")
    return base.with_data({**base.data, "interventions": changes})


def patched(**patches):
    return apply(document(change=patches), ["change"]).data


def stop(text, *chosen, **changes):
    with pytest.raises(ScenarioError) as caught:
        apply(document(**changes), chosen or list(changes))
    assert text in str(caught.value)


def test_set_replaces_and_may_bring_a_new_key():
    path = "people.front line.agents.mon-fri.08:00-12:00"
    data = patched(set={path: 15, "process.billing.answer.hold": "20 s", "routing.billing.to[1].agents": "after 1 min"})
    assert data["people"]["front line"]["agents"]["mon-fri"] == {"08:00-12:00": 15, "12:00-16:00": 9}
    assert data["process"]["billing"]["answer"]["hold"] == "20 s"
    assert data["routing"]["billing"]["to"] == ["front line", {"agents": "after 1 min"}]


def test_quoted_keys_may_hold_dots():
    data = patched(set={'process.billing."v1.2".branch.close': "30 %"})
    assert data["process"]["billing"]["v1.2"]["branch"]["close"] == "30 %"


def test_dates_are_keys_like_others():
    data = patched(set={"demand.calls.per hour.2026-03-04": 80})
    assert list(data["demand"]["calls"]["per hour"].values())[1] == 80


@pytest.mark.parametrize(
    ("path", "factor", "expected"),
    [
        ("process.billing.answer.talk", 0.8, "4 min"),
        ("process.billing.answer.talk", 1.001, "300300 ms"),
        ("demand.calls.redial.share", 1.5, "90 %"),
        ("demand.calls.per hour.2026-03-04", 1.25, 75),
        ("demand.calls.patience", 0.5, {"mean": "2 min", "cv": 0.8}),
        ("process.billing.answer.wrap", 2, {"quantiles": [["0 %", "20 s"], ["100 %", "100 s"]]}),
        ("people.front line.agents.mon-fri", 1.1, {"08:00-12:00": 13, "12:00-16:00": 10}),  # 13.2 and 9.9
        ("people.front line.agents.sat", 0.5, {"from": "08:00", "every": "30 min", "values": [1, 1, 2]}),  # halves up
        ("people.agents.shifts.early.agents", 0.5, 3),
        ("people.agents.shifts.early.agents", 1.1, 6),  # 5.5, which in binary is not exact
        ("people.agents.skills.billing.speed", 1.5, 1.2),
        ("routing.billing.waiting places", 0.33, 7),
    ],
)
def test_scale(path, factor, expected):
    place = patched(scale={path: factor})
    for key in path.split("."):
        place = next(value for name, value in place.items() if str(name) == key)
    assert place == pytest.approx(expected) if isinstance(expected, float) else place == expected


ATTRIBUTES = {
    "amount": {"median": 380, "spread": 1.4, "zero": "85 %"},
    "age": {"quantiles": [["0 %", 2], ["100 %", 8]]},
    "size": {"mixture": [{"share": 0.5, "of": 3}, {"share": 0.5, "of": {"mean": 10, "cv": 0.5}}]},
}


@pytest.mark.parametrize(
    ("name", "action", "value", "expected"),
    [
        ("amount", "scale", 0.5, {"median": 190, "spread": 1.4, "zero": "85 %"}),
        ("amount", "add", 20, {"median": 380, "spread": 1.4, "zero": "85 %", "plus": 20}),
        ("age", "scale", 2, {"quantiles": [["0 %", 4], ["100 %", 16]]}),
        ("size", "scale", 3, {"mixture": [{"share": 0.5, "of": 9}, {"share": 0.5, "of": {"mean": 30, "cv": 0.5}}]}),
    ],
)
def test_numbers_of_an_attribute_change_and_its_shares_and_shape_stay(name, action, value, expected):
    base = Document.from_text(BASE)
    calls = {**base.data["demand"]["calls"], "attributes": ATTRIBUTES}
    change = {"change": {action: {f"demand.calls.attributes.{name}": value}}}
    changed = base.with_data({**base.data, "demand": {"calls": calls}, "interventions": change})
    assert apply(changed, ["change"]).data["demand"]["calls"]["attributes"][name] == expected


def test_waits_of_routing_and_shares():
    path = "routing.billing.to[1].agents"
    assert patched(scale={path: 0.5})["routing"]["billing"]["to"][1] == {"agents": "after 20 s"}
    assert patched(add={path: "5 s"})["routing"]["billing"]["to"][1] == {"agents": "after 45 s"}
    assert patched(add={"demand.calls.redial.share": "15 %"})["demand"]["calls"]["redial"]["share"] == "75 %"
    more = {"add": {"demand.calls.redial.share": "50 %"}}
    stop("would exceed 100 %; allowed: 0 % to 100 %; given: 60 % + 50 %", change=more)


def test_scaling_shifts_scales_their_head_counts_only():
    early = patched(scale={"people.agents.shifts": 1.5})["people"]["agents"]["shifts"]["early"]
    assert early == {"hours": "08:00-16:00", "agents": 8, "break": {"at": "12:00", "for": "30 min"}}


def test_add_to_numbers_tables_durations_lists_and_mappings():
    data = patched(
        add={
            "people.front line.agents": 2,
            "people.agents.shifts": {"late": {"hours": "12:00-20:00", "agents": 1}},
            "demand.calls.per hour.mon-fri": {"12:00-16:00": 10, "16:00-18:00": 5},
            "process.billing.answer.talk": "30 s",
            "demand.calls.patience": "1 min",
        }
    )
    front = data["people"]["front line"]["agents"]
    assert front["mon-fri"] == {"08:00-12:00": 14, "12:00-16:00": 11}
    assert front["sat"] == {"from": "08:00", "every": "30 min", "values": [3, 4, 5]}
    assert list(data["people"]["agents"]["shifts"]) == ["early", "late"]
    assert data["demand"]["calls"]["per hour"]["mon-fri"] == {"08:00-12:00": 120, "12:00-16:00": 100, "16:00-18:00": 5}
    assert data["process"]["billing"]["answer"]["talk"] == "330 s"
    assert data["demand"]["calls"]["patience"] == {"mean": "4 min", "cv": 0.8, "plus": "1 min"}


def test_add_to_a_list_appends():
    with_fewer = {"set": {"routing.billing.to": ["front line"]}}
    more = {"requires": ["fewer"], "add": {"routing.billing.to": {"agents": "after 5 s"}}}
    data = apply(document(fewer=with_fewer, more=more), ["fewer", "more"]).data
    assert data["routing"]["billing"]["to"] == ["front line", {"agents": "after 5 s"}]


def test_remove():
    data = patched(remove=["demand.calls.redial", "routing.billing.to[1]"])
    assert "redial" not in data["demand"]["calls"]
    assert data["routing"]["billing"]["to"] == ["front line"]


def test_the_original_stays_as_it_was():
    base = document(change={"scale": {"people.front line.agents": 2}})
    before = copy.deepcopy(base.data)
    apply(base, ["change"])
    assert base.data == before
    assert names(base) == {"change": ""}


def test_interventions_follow_the_order_given():
    path = "people.front line.agents.mon-fri.08:00-12:00"
    both = {"more": {"add": {path: 2}}, "half": {"scale": {path: 0.5}}}
    hours = [
        apply(document(**both), order).data["people"]["front line"]["agents"]["mon-fri"]["08:00-12:00"]
        for order in (["more", "half"], ["half", "more"])
    ]
    assert hours == [7, 8]


def test_one_that_requires_another_needs_it_before():
    changes = {"a": {"set": {"name": "A"}}, "b": {"requires": ["a"], "set": {"name": "B"}}}
    assert apply(document(**changes), ["a", "b"]).data["name"] == "B"
    for chosen in (["b"], ["b", "a"]):
        stop("'b' requires 'a', which is not switched on before it. Add 'a'.", *chosen, **changes)


def test_undoing_another_in_silence_is_refused():
    stop(
        "'b' would undo what 'a' does at people.front line.agents.mon-fri. Switch on one of them, or let 'b' require",
        a={"add": {"people.front line.agents.mon-fri": 1}},
        b={"set": {"people.front line.agents": 5}},
    )


@pytest.mark.parametrize(
    ("patches", "message"),
    [
        ({"scale": {"people.frontline.agents": 2}},
         "interventions.change.scale.people.frontline.agents: people has no 'frontline'; allowed: front line, agents; "
         "given: frontline. Did you mean 'front line'?"),
        ({"scale": {"process.billing.answer.talk.mean": 2}},
         "process.billing.answer.talk is '5 min', with nothing beneath"),
        ({"remove": ["routing.billing.to[2]"]}, "routing.billing.to has no entry [2]; allowed: [0] to [1]"),
        ({"remove": ["routing.billing.to.agents"]}, "routing.billing.to is a list; use [0], [1]"),
        ({"remove": ["demand[0]"]}, "demand is a mapping; use keys"),
        ({"scale": {"demand.calls.redial.share": 2}}, "demand.calls.redial.share would exceed 100 %"),
        ({"scale": {"process.billing.answer": 2}},
         "process.billing.answer is not a quantity; allowed: one of its entries: work, talk, wrap"),
        ({"scale": {"demand.calls.type": 2}}, "not a duration"),
        ({"add": {"people.front line.agents.mon-fri": -10}},
         "people.front line.agents.mon-fri.12:00-16:00 would fall below zero"),
        ({"add": {"people.front line.agents": "2 min"}},
         "cannot add to people.front line.agents; allowed: a mapping, or a number for every number beneath"),
        ({"set": {"people[": 2}}, "not a path"),
        ({"set": {"": 2}}, "an empty path"),
        ({"set": {"process.billing.answer.talc": "2 min"}}, "with 'change' on: unknown key 'talc'"),
        ({"remove": ["process.billing.close"]}, "with 'change' on: no such step: 'close'"),
    ],
)  # fmt: skip
def test_patches_that_do_not_fit_say_why(patches, message):
    stop(message, change=patches)


def test_unknown_and_repeated_names():
    stop(
        "no such intervention: 'morepeople'; allowed: more people",
        "morepeople",
        **{"more people": {"set": {"name": "x"}}},
    )
    stop("intervention 'a' is named twice", "a", "a", a={"set": {"name": "x"}})


def test_halves_that_binary_numbers_miss_are_rounded_up_too():
    path = "people.front line.agents"
    assert 50 * 1.15 < 57.5
    assert patched(set={path: 50}, scale={path: 1.15})["people"]["front line"]["agents"] == 58


def test_a_changed_number_loses_its_source():

    document = Document.from_text(_sourced())
    assert set(document.scenario.sources) == {"demand.calls.per hour", "process.call.answer.talk.mean", "people.agents"}
    changed = apply(document, ["longer"])
    assert set(changed.scenario.sources) == {"demand.calls.per hour", "people.agents"}


def test_a_source_of_nothing_is_refused():
    with pytest.raises(ScenarioError, match=r"sources.demand.calls.per hours: a source of nothing.*per hour"):
        _ = Document.from_text(_sourced().replace("demand.calls.per hour:", "demand.calls.per hours:")).scenario


def _sourced() -> str:
    return """
queuewise: 1
name: sourced
start: 2026-03-02
horizon: 1 h
demand: {calls: {type: call, per hour: 60}}
people: {agents: {agents: 2, skills: [call]}}
process: {call: {answer: {work: call, talk: {mean: 1 min, cv: 1}}, close: {end: solved}}}
interventions: {longer: {scale: {process.call.answer.talk: 1.5}}}
sources:
  demand.calls.per hour: "fact: the switch's report"
  process.call.answer.talk.mean: "fitted: n = 900"
  people.agents: "assumed"
"""
