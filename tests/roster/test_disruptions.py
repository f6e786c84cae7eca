"""Disruptions by hand: eras of skills, surges of demand, waves of absence; what they may not say."""

import datetime as dt

import numpy as np
import pytest

from sim.build import build
from sim.codes import Kind
from sim.errors import ScenarioError
from sim.primitives import Purpose, name_id, replication_key, uniform
from sim.schema import Document
from sim.units import HOUR_US
from tests.roster.teams import Team, scenario_of

H = HOUR_US
TWO = {
    "t": {"serve": {"work": "s", "talk": "1 min"}, "then": {"work": "w", "talk": "1 min"}, "done": {"end": "solved"}}
}
BOTH = {"a": {"agents": 1, "skills": {"s": {"speed": 0.8}, "w": {}}}, "b": {"agents": 1, "skills": ["w"]}}


def built(disruptions, people=BOTH, process=TWO, **top):
    return build(scenario_of(people, horizon="1 day", process=process, disruptions=disruptions, **top))


def eras(model):
    """Hour at which each era begins, and its speeds (groups x queues)."""
    rows = model.roster.rows(replication_key(1, 0))
    rows = rows[rows["kind"] == Kind.ERA]
    assert rows["agent"].tolist() == list(range(1, len(model.network.skills)))
    hours = [0.0, *(rows["time"] / H).tolist()]
    return dict(zip(hours, model.network.skills["speed"].tolist(), strict=True))


def test_without_disruptions_there_is_one_era():
    assert eras(built({})) == {0: [[0.8, 1], [0, 1]]}


def test_an_outage_and_slow_systems_that_overlap():
    """From 9 to 11 nobody begins s; from 10 to 12 all takes a quarter longer, of group a only."""
    model = built({
        "outage": {"from": "2026-03-02 09:00", "for": "2 h", "no work on": ["s"]},
        "slow": {"from": "2026-03-02 10:00", "for": "2 h", "slower": "25 %", "groups": ["a"]},
    })  # fmt: skip
    found = eras(model)
    assert found == {
        0: [[0.8, 1], [0, 1]],
        9: [[0, 1], [0, 1]],
        10: [[0, 0.8], [0, 1]],
        11: [[0.8 / 1.25, 0.8], [0, 1]],
        12: [[0.8, 1], [0, 1]],
    }
    assert model.network.skills["solves"].min() == 1


def test_an_outage_of_everything_under_way_at_the_start_and_beyond_the_end():
    early = {"from": "2026-03-01 20:00", "for": "5 h", "no work on": "everything"}
    late = {"from": "2026-03-02 23:00", "for": "5 h", "no work on": "everything"}
    usual, nothing = [[0.8, 1], [0, 1]], [[0, 0], [0, 0]]
    assert eras(built({"early": early, "late": late})) == {0: nothing, 1: usual, 23: nothing}


def expected(model, stream=0):
    """Expected arrivals up to each piece's end, hours."""
    rates = model.rates
    part = slice(rates.first[stream], rates.last[stream])
    return dict(zip((rates.time[part] / H).tolist(), np.cumsum(rates.expected[part]).tolist(), strict=True))


def test_a_surge_cuts_the_pieces_at_its_borders():
    """Six an hour, from 9:30 to 10:30 twice that; the day's table is one piece."""
    surge = {"from": "2026-03-02 09:30", "for": "1 h", "demand": 2}
    assert expected(built({"promotion": surge})) == {0: 0, 9.5: 57, 10.5: 69, 24: 150}


def test_surges_multiply_and_choose_their_streams():
    demand = {"x": {"type": "t", "per hour": 10}, "y": {"type": "t", "per hour": 1}}
    surges = {"one": {"from": "2026-03-02 06:00", "for": "12 h", "demand": 3},
              "two": {"from": "2026-03-02 12:00", "for": "1 day", "demand": 0.5, "streams": ["x"]}}  # fmt: skip
    model = built(surges, demand=demand)
    assert expected(model) == {0: 0, 6: 60, 12: 240, 18: 330, 24: 360}
    assert expected(model, 1) == {0: 0, 6: 6, 18: 42, 24: 48}


def test_what_a_surge_leaves_alone_keeps_its_bits():
    demand = {"x": {"type": "t", "per week": 1234.5, "week": {"mon": {"08:00-12:00": 0.3, "12:00-20:00": 0.7}}}}
    plain = built({}, demand=demand)
    surge = built({"late": {"from": "2026-03-02 13:00", "for": "1 h", "demand": 2}}, demand=demand)
    assert plain.rates.expected[:3].tolist() == surge.rates.expected[:3].tolist()


def test_a_wave_of_absence_adds_to_the_share_on_the_days_that_it_touches():
    wave = {"flu": {"from": "2026-03-03 18:00", "for": "1 day", "absence": "40 %", "groups": ["a"]}}
    group = {"shifts": {"day": {"hours": "08:00-16:00", "agents": 20}}, "shrinkage": {"unplanned": "10 %"}}
    made = Team({"a": group, "b": group}, disruptions=wave)
    shares = [0.1, 0.5, 0.5, 0.1, 0.1]
    first = dt.date(2026, 3, 2).toordinal()
    for number, name in enumerate("ab"):
        chance = [
            [uniform(replication_key(1, 0), n, name_id(name), first + day, int(Purpose.ABSENCE), 0) for n in range(20)]
            for day in range(5)
        ]
        limits = shares if name == "a" else [0.1] * 5
        assert made.there(number).tolist() == [
            [u >= limit for u in row] for row, limit in zip(chance, limits, strict=True)
        ]


OUTAGE = {"from": "2026-03-02 09:00", "for": "2 h"}
PHASE = {"from": "2026-03-02", "interventions": ["more"]}
TOP = {"interventions": {"more": {"set": {"people.a.agents": 2}}}}


@pytest.mark.parametrize(
    ("section", "given", "message"),
    [("disruptions", OUTAGE, "a disruption without effect"),
     ("disruptions", {**OUTAGE, "no work on": ["x"]}, "no such skill: 'x'"),
     ("disruptions", {**OUTAGE, "slower": 0.1, "groups": ["z"]}, "no such group: 'z'"),
     ("disruptions", {**OUTAGE, "demand": 2, "streams": ["z"]}, "no such stream: 'z'"),
     ("disruptions", {**OUTAGE, "slower": 0.1, "streams": ["calls"]}, "'streams' goes with 'demand'"),
     ("disruptions", {**OUTAGE, "demand": 2, "groups": ["a"]}, "'groups' goes with"),
     ("disruptions", {**OUTAGE, "demand": 2, "streams": ["old"]}, "a stream without a rate, which cannot be scaled"),
     ("disruptions", {**OUTAGE, "from": "2026-03-09", "demand": 2}, "outside the run"),
     ("disruptions", {**OUTAGE, "demand": 2, "likelihood": 0.1}, "unknown key 'likelihood'"),
     ("risks", {**OUTAGE, "likelihood": 0.1}, "a disruption without effect"),
     ("risks", {**OUTAGE, "likelihood": 0.1, "costs": 5, "by": ["more"]}, "an accepted risk against which"),
     ("risks", {**OUTAGE, "likelihood": 0.1, "costs": 5, "response": "reduce", "by": ["mor"]}, "no such intervention"),
     ("phases", {**PHASE, "interventions": []}, "interventions"),
     ("phases", {**PHASE, "interventions": ["less"]}, "no such intervention: 'less'"),
     ("phases", {**PHASE, "to": "2026-03-01"}, "a phase that ends before it begins"),
     ("phases", {**PHASE, "regions": ["North"]}, "no such region of any stream: 'North'"),
     ("phases", {**PHASE, "share": {"from": 0.1, "to": 1, "by": "2026-03-02"}}, "a share that is reached outside")],
)  # fmt: skip
def test_changes_that_do_not_fit(section, given, message):
    demand = {"calls": {"type": "t", "per hour": 6}, "old": {"type": "t", "recorded": ["2026-03-02 10:00"]}}
    with pytest.raises(ScenarioError, match=message):
        scenario_of(BOTH, process=TWO, demand=demand, **TOP, **{section: {"it": given}})


def test_a_risk_may_have_costs_only():
    risk = {**OUTAGE, "likelihood": "10 %", "costs": 5000, "response": "transfer", "measure": "insurance"}
    found = scenario_of(BOTH, process=TWO, risks={"leak": risk}).risks["leak"]
    assert not found.disruption.has_effect
    assert found.has_effect


def test_the_place_of_a_wrong_name_is_shown():
    text = """
queuewise: 1
name: x
start: 2026-03-02
horizon: 1 day
demand: {calls: {type: t, per hour: 6}}
people: {a: {agents: 1, skills: [s]}}
process: {t: {serve: {work: s, talk: 1 min}, done: {end: solved}}}
disruptions:
  outage: {from: 2026-03-02 09:00, for: 2 h,
    no work on: [z]}
"""
    with pytest.raises(ScenarioError, match=r"f.yaml:11:\d+: disruptions.outage.no work on\[0\]: no such skill: 'z'"):
        _ = Document.from_text(text, "f.yaml").scenario
