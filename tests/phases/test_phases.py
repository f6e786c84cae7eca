"""Phases: by hand, and against the scenarios that they are made of."""

import numpy as np
import pytest

from scenarios.interventions import apply
from scenarios.phases import phased
from sim.build import build
from sim.codes import Case, Kind, Visit
from sim.errors import ScenarioError
from sim.network import ROSTER
from sim.primitives import Purpose, replication_key, uniform
from sim.run import run
from sim.schema import Document
from sim.units import DAY_US, HOUR_US

BASE = {
    "queuewise": 1,
    "name": "two cities",
    "start": "2026-03-02",
    "horizon": "4 days",
    "demand": {
        "north": {"type": "call", "per hour": 6, "region": "North", "patience": "10 min",
                  "attributes": {"customer": {"big": "30 %", "small": "70 %"}}},
        "south": {"type": "call", "per hour": 4, "region": "South", "busyness": "20 %"},
    },
    "people": {"front": {"agents": {"every day": {"08:00-20:00": 2}}, "skills": ["call"]}},
    "routing": {"call": {"waiting places": 50}},
    "process": {
        "call": {
            "answer": {"work": "call", "talk": {"mean": "8 min", "shape": "exponential"}, "wrap": "1 min"},
            "back": {"branch": {"answer": "10 %", "close": "otherwise"}},
            "close": {"end": "solved"},
        }
    },
    "interventions": {
        "fast": {"set": {"process.call.answer.wrap": "10 s"}},
        "people": {"set": {"people.front.agents": {"every day": {"08:00-20:00": 3}}}},
        "desk": {"set": {"people.desk": {"agents": 2, "skills": {"call": {"speed": 2}}},
                         "routing.call.to": ["desk", {"front": "after 1 min"}]}},
        "trained": {"set": {"people.front.skills": {"call": {"speed": 1.5}}}},
        "fewer": {"scale": {"demand.south.per hour": 0.5}},
        "patient": {"set": {"demand.north.patience": "30 min"}},
        "by name": {"set": {"people.front.picks": "listed order"}},
        "counted": {"set": {"currency": "CNY"}},
        "video": {"set": {"demand.video": {"type": "call", "per hour": 2}}},
        "later": {"set": {"horizon": "5 days"}},
    },
}  # fmt: skip
WHOLE = {"from": "2026-03-02"}


def document(**phases):
    return Document.from_data({**BASE, "phases": phases}, "two cities")


def logged(model):
    """The log of a model, the same from both engines."""
    logs = [run(model, engine=engine) for engine in ("kernel", "reference")]
    assert logs[0].same_as(logs[1])
    return logs[0]


def same(one, other):
    """Whether two logs tell the same of every visit and case; steps and queues may have other numbers."""
    visits = [column for column in Visit if column not in (Visit.STEP, Visit.QUEUE)]
    cases = [column for column in Case if column != Case.VARIANT]
    return np.array_equal(one.visits[:, visits], other.visits[:, visits]) and np.array_equal(
        one.cases[:, cases], other.cases[:, cases]
    )


@pytest.mark.parametrize("names", [["fast"], ["people"], ["desk"], ["trained"], ["fewer"], ["fast", "people", "desk"]])
def test_a_phase_of_the_whole_run_is_its_scenario(names):
    """The same draws, whichever copy of a process or queue a case goes through."""
    made = phased(document(all={**WHOLE, "interventions": names}))
    alone = build(apply(document(), names).scenario)
    assert same(logged(made), logged(alone))


@pytest.mark.parametrize("when", [{"share": "0 %"}, {"regions": []}, {"from": "2026-03-09"}])
def test_a_phase_of_nobody_changes_nothing(when):
    """But for people, who are there by date."""
    names = ["fast", "patient", "desk"] if when.get("from") else ["fast", "patient"]
    made = phased(document(none={**WHOLE, "interventions": names, **when}))
    log, base = logged(made), logged(build(document().scenario))
    known = np.isin(log.cases[:, Case.STREAM], (0, 1))
    assert known.all()
    assert same(log, base)


def test_cases_take_the_way_of_the_time_and_region_of_their_arrival():
    made = phased(document(pilot={"from": "2026-03-03", "to": "2026-03-04 12:00", "interventions": ["fast"],
                                  "regions": ["North"]}))  # fmt: skip
    assert made.ways == {"north": ("pilot", ""), "south": ("",)}
    log = logged(made)
    arrived, stream, variant = (log.cases[:, column] for column in (Case.ARRIVED, Case.STREAM, Case.VARIANT))
    inside = (arrived >= DAY_US) & (arrived < 2.5 * DAY_US)
    assert variant[stream == 0].tolist() == np.where(inside[stream == 0], 0, 1).tolist()
    assert (variant[stream == 1] == 0).all()
    wraps = log.visits[:, Visit.RELEASED] - log.visits[:, Visit.ENDED]
    steps = np.array(made.names.steps)[log.visits[:, Visit.STEP]]
    served = log.visits[:, Visit.STARTED] < log.visits[:, Visit.RELEASED]
    assert set(wraps[served & (steps == "call (pilot): answer")].tolist()) == {10_000_000}
    assert set(wraps[served & (steps == "call: answer")].tolist()) == {60_000_000}


def test_a_share_that_rises_is_drawn_for_each_case():
    """From 20 % on Tuesday to all of them on Wednesday; then all. Both stretches are ways of their own."""
    made = phased(document(roll={"from": "2026-03-03", "share": {"from": "20 %", "to": "100 %", "by": "2026-03-04"},
                                 "interventions": ["fast"]}))  # fmt: skip
    assert made.ways["north"] == ("roll", "roll", "")
    log, key = logged(made), replication_key(1, 0)
    for row in log.cases[log.cases[:, Case.STREAM] == 0]:
        days = row[Case.ARRIVED] / DAY_US
        drawn = uniform(key, int(row[Case.CASE]), int(made.network.streams["id"][0]), 0, int(Purpose.PHASE), 0)
        share = 0.0 if days < 1 else min(0.2 + 0.8 * (days - 1), 1.0)
        way = 2 if days < 1 or drawn >= share else 0 if days < 2 else 1
        assert row[Case.VARIANT] == way


def test_a_condition_on_an_attribute():
    made = phased(document(pilot={**WHOLE, "when": "customer = big", "interventions": ["fast"]}))
    assert made.ways == {"north": ("pilot", ""), "south": ("",)}  # the south does not say what customers it has
    entry = made.network.entries[0]
    assert (entry["attribute"], entry["low"], entry["high"]) == (made.attributes[0]["customer"].number, 0, 1)
    log = logged(made)
    share = (log.cases[log.cases[:, Case.STREAM] == 0, Case.VARIANT] == 0).mean()
    assert 0.2 < share < 0.4  # 30 % of some 570 cases, six standard errors


def test_people_come_and_go_by_date():
    """Two from 8 to 20; in the phase, from Tuesday noon to Wednesday noon, three."""
    made = phased(document(more={"from": "2026-03-03 12:00", "to": "2026-03-04 12:00", "interventions": ["people"]}))
    rows = made.roster.rows(replication_key(1, 0))
    change = np.where(rows["kind"] == Kind.LOG_ON, 1, -1)
    counts = dict(zip((rows["time"] / HOUR_US).tolist(), np.cumsum(change).tolist(), strict=True))
    assert counts == {8: 2, 20: 0, 32: 2, 36: 3, 44: 0, 56: 3, 60: 2, 68: 0, 80: 2, 92: 0}
    assert made.network.groups["agent_last"].tolist() == [3]


def test_skills_change_by_date_and_disruptions_count_on_top():
    """One and a half times as fast from Wednesday; at half the speed on Wednesday morning."""
    slow = {"slow": {"from": "2026-03-04", "for": "6 h", "slower": "100 %"}}
    data = {**BASE, "disruptions": slow, "phases": {"p": {"from": "2026-03-04", "interventions": ["trained"]}}}
    made = phased(Document.from_data(data))
    rows = made.roster.rows(replication_key(1, 0))
    eras = rows[rows["kind"] == Kind.ERA]
    assert (eras["time"] / HOUR_US).tolist() == [48, 54]
    assert made.network.skills["speed"][:, 0, 0].tolist() == [1, 0.75, 1.5]
    assert rows.dtype == ROSTER


def test_an_outage_stops_a_queue_of_a_phase_too():
    out = {"out": {"from": "2026-03-04", "for": "6 h", "no work on": ["call"]}}
    data = {**BASE, "disruptions": out, "phases": {"p": {"from": "2026-03-03", "interventions": ["desk"]}}}
    made = phased(Document.from_data(data))
    assert made.names.queues == ("call", "call (p)")
    assert made.network.skills["speed"].tolist() == [[[1, 1], [0, 2]], [[0, 0], [0, 0]], [[1, 1], [0, 2]]]


def test_another_rule_of_choice_makes_another_group_of_the_same_people():
    """The same two people, chosen in their listed order; numbers of groups and agents follow the first's."""
    made = phased(document(p={**WHOLE, "interventions": ["by name"]}))
    assert made.names.groups == ("front", "front (p)")
    alone = logged(build(apply(document(), ["by name"]).scenario))
    log = logged(made)
    served = log.visits[:, Visit.AGENT] >= 0
    assert (log.visits[served, Visit.GROUP] == 1).all()
    log.visits[served, Visit.GROUP] -= 1
    log.visits[served, Visit.AGENT] -= 2
    assert same(log, alone)


def test_who_served_last_is_one_group_whatever_its_rule_and_outages_know_it():
    """Every call is served by the front, who passes it on once, on Monday and in the phase from Tuesday."""
    process = {"call": {"answer": {"work": "call", "talk": "5 min"},
                        "again": {"branch": {"second": "served by front", "close": "otherwise"}},
                        "second": {"work": "call", "talk": "1 min"}, "close": {"end": "solved"}}}  # fmt: skip
    interventions = {"by name": BASE["interventions"]["by name"]}
    outage = {"out": {"from": "2026-03-04", "for": "1 h", "no work on": ["call"], "groups": ["front"]}}
    phases = {"p": {"from": "2026-03-03", "interventions": ["by name"]}}
    data = {**BASE, "process": process, "interventions": interventions, "disruptions": outage, "phases": phases,
            "routing": {"call": {"to": ["front"]}}}  # fmt: skip
    made = phased(Document.from_data(data))
    assert made.network.skills["speed"][:, :, 0].tolist() == [[1, 0], [0, 1], [0, 0], [0, 1]]
    log = logged(made)
    served = log.visits[log.visits[:, Visit.AGENT] >= 0]
    assert set(served[:, Visit.GROUP].tolist()) == {0, 1}
    finished = log.cases[log.cases[:, Case.OUTCOME] == 0]
    assert (finished[:, Case.VISITS] == 2).all()
    assert len(finished) > 100


def test_what_is_counted_after_the_log_is_set_aside():
    made = phased(document(p={**WHOLE, "interventions": ["fast", "counted"]}))
    assert made.set_aside == (("p", "currency"),)
    assert phased(document(p={**WHOLE, "interventions": ["fast"]})).set_aside == ()


def rate(made, stream):
    """Expected arrivals by day."""
    number = made.names.streams.index(stream)
    part = slice(made.rates.first[number], made.rates.last[number])
    ends, expected = made.rates.time[part], made.rates.expected[part]
    day = (ends - 1) // DAY_US
    return [round(float(expected[day == n].sum()), 9) for n in range(4)]


def test_rates_change_by_date():
    """Four an hour in the south; half from Tuesday noon."""
    made = phased(document(p={"from": "2026-03-03 12:00", "interventions": ["fewer"]}))
    assert rate(made, "south") == [96, 72, 48, 48]
    assert rate(made, "north") == [144] * 4


def test_a_rate_that_changes_for_a_share_makes_a_stream_of_its_own():
    """A quarter of them from Tuesday; each quarter has half the rate. Busy days are shared."""
    made = phased(document(p={"from": "2026-03-03", "share": "25 %", "interventions": ["fewer"]}))
    assert rate(made, "south") == [96, 72, 72, 72]
    assert rate(made, "south (p)") == [0, 12, 12, 12]
    assert made.ways["south (p)"] == ("p",)
    south, own = (made.names.streams.index(name) for name in ("south", "south (p)"))
    assert made.rates.busy_id[south] == made.rates.busy_id[own]


def test_a_stream_that_differs_and_a_new_one():
    made = phased(document(p={"from": "2026-03-04", "interventions": ["patient", "video"]}))
    assert made.names.streams == ("north", "south", "north (p)", "video")
    assert [rate(made, name)[1:3] for name in made.names.streams] == [[144, 0], [96, 96], [0, 144], [0, 48]]


def test_two_phases_one_after_the_other_share_what_is_alike():
    made = phased(document(
        pilot={"from": "2026-03-03", "to": "2026-03-04", "interventions": ["fast", "desk"], "regions": ["North"]},
        roll={"from": "2026-03-04", "interventions": ["fast", "desk", "people"]},
    ))  # fmt: skip
    assert made.names.queues == ("call", "call (pilot)")
    assert set(made.names.steps) == {f"{name}: {step}" for name in ("call", "call (pilot)")
                                     for step in ("answer", "back", "close")}  # fmt: skip
    assert made.ways == {"north": ("roll", "pilot", ""), "south": ("roll", "")}


def test_of_phases_that_meet_the_later_goes_first():
    made = phased(document(
        wide={"from": "2026-03-03", "share": "60 %", "interventions": ["fast"]},
        narrow={"from": "2026-03-03", "share": "20 %", "interventions": ["desk"]},
    ))  # fmt: skip
    cases = logged(made).cases
    north = cases[(cases[:, Case.STREAM] == 0) & (cases[:, Case.ARRIVED] >= DAY_US)]
    shares = np.bincount(north[:, Case.VARIANT], minlength=3) / len(north)
    assert np.abs(shares - [0.2, 0.4, 0.4]).max() < 0.12  # some 430 cases: five standard errors


@pytest.mark.parametrize(
    ("phases", "message"),
    [({}, "no phases to follow"),
     ({"p": {**WHOLE, "interventions": ["later"]}}, "phase 'p' changes 'horizon', which holds for the whole run"),
     ({"p": {**WHOLE, "interventions": ["patient"], "when": "customer = big"}}, "for some of its cases"),
     ({"p": {**WHOLE, "interventions": ["fast"], "when": "times < 3"}}, "does not look at the case"),
     ({"p": {**WHOLE, "interventions": ["fast"], "when": "custom = big"}}, "no such attribute: 'custom'"),
     ({"p": {**WHOLE, "interventions": ["fewer"]}, "q": {**WHOLE, "interventions": ["fast"], "share": "10 %"}},
      "the stream 'south' or its rate while phase 'q' lasts")],
)  # fmt: skip
def test_what_phases_cannot_do(phases, message):
    with pytest.raises(ScenarioError, match=message):
        phased(document(**phases))


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"demand.north.per hour": None, "demand.north.recorded": ["2026-03-02 10:00"], "demand.north.patience": "1 h"},
      "phase 'p' changes the stream 'north' in more than its process"),
     ({"people.front.id": 7}, "phase 'p' changes 'id' of the group 'front'")],
)  # fmt: skip
def test_what_phases_cannot_change(changes, message):
    sets = {path: value for path, value in changes.items() if value is not None}
    removes = [path for path, value in changes.items() if value is None]
    one = {"odd": {"remove": removes, "set": sets}} if removes else {"odd": {"set": sets}}
    data = {**BASE, "interventions": one, "phases": {"p": {**WHOLE, "interventions": ["odd"]}}}
    with pytest.raises(ScenarioError, match=message):
        phased(Document.from_data(data))
