"""Maps, quality reports and open cases of simulated runs: known answers, and agreement with the registry's metrics."""

from __future__ import annotations

import datetime as dt

import pytest

from scenarios.backlog import backlog
from scenarios.indicators import contacts_of
from scenarios.logs import Runs, reduce_logs
from scenarios.quality import quality
from scenarios.replications import replicate
from scenarios.valuestream import MARKS, PARTS, Mark, Part, outline, value_stream
from sim.build import build
from sim.errors import ParameterError
from sim.run import run
from sim.schema import Document
from sim.units import DAY_US

E = "kernel"
HEAD = """
queuewise: 1
name: views
start: 2026-03-02
horizon: 7 days
"""
DESK = """
people: {desk: {agents: {mon-fri: {"08:00-18:00": 3}}, skills: [talk, decide]}}
"""
CALLS = (
    HEAD
    + DESK
    + """
demand:
  calls: {type: call, per hour: {mon-fri: {"08:00-17:00": 20}}, patience: {mean: 3 min, shape: exponential},
          redial: {share: 40 %, after: 5 min}}
process:
  call:
    answer: {work: talk, talk: {mean: 5 min, cv: 0.8}, wrap: 30 s}
    papers: {branch: {wait: 30 %, close: otherwise}}
    wait: {delay: {mean: 3 h, cv: 0.5}}
    decide: {work: decide, talk: {mean: 4 min, cv: 1}, patience: none}
    well: {branch: {close: 80 %, wait: otherwise}}
    close: {end: solved}
"""
)


def model_of(text):
    return build(Document.from_text(text).scenario)


@pytest.fixture(scope="module")
def calls():
    return model_of(CALLS)


@pytest.fixture(scope="module")
def calls_map(calls):
    [found] = value_stream(calls, Runs(3, engine=E)).maps
    return found


def test_parts_add_up_to_the_lead_time_and_so_do_the_steps(calls_map):
    lead = calls_map.lead_s.mean
    assert sum(part.mean for part in calls_map.parts_s.values()) == pytest.approx(lead)
    steps = sum(
        line.numbers[f"{name}_per_case"].mean for line in calls_map.steps for name in ("wait", "touch", "delay")
    )
    assert steps + calls_map.parts_s[PARTS[Part.APART]].mean == pytest.approx(lead)
    assert calls_map.side_by_side_s == pytest.approx(0, abs=1e-6)


def test_what_comes_to_a_place_leaves_it(calls_map):
    places = {place for move in calls_map.moves for place in (move.origin, move.target)}
    ends = {MARKS[mark] for mark in (Mark.SOLVED, Mark.UNSOLVED, Mark.GAVE_UP, Mark.TURNED_AWAY)}
    for place in places - ends - {MARKS[Mark.ARRIVES]}:
        comes = sum(move.per_case for move in calls_map.moves if move.target == place)
        leaves = sum(move.per_case for move in calls_map.moves if move.origin == place)
        assert comes == pytest.approx(leaves), place
        shares = [move.share for move in calls_map.moves if move.origin == place]
        assert sum(shares) == pytest.approx(1)
    assert sum(move.per_case for move in calls_map.moves if move.target in ends) == pytest.approx(1)


def test_numbers_of_the_map_are_the_registrys(calls, calls_map):
    result = replicate(calls, 3, engine=E)
    answer = calls_map.steps[0].numbers
    cases = result.estimate("cases").mean
    assert calls_map.cases + calls_map.left_open == pytest.approx(cases)
    attempts = result.estimate("attempts_per_case").mean
    if calls_map.left_open == 0:
        assert answer["visits"].mean == pytest.approx(attempts)
        assert calls_map.steps[0].numbers["wait"].mean == pytest.approx(result.estimate("mean_wait", queue="talk").mean)


def test_without_loss_the_lead_time_is_the_registrys_time_to_resolve():
    text = CALLS.replace(" patience: {mean: 3 min, shape: exponential},", "").replace(
        "redial: {share: 40 %, after: 5 min}", "priority: 1"
    )
    model = model_of(text.replace("horizon: 7 days", "horizon: 7 days\nends: drain"))
    [found] = value_stream(model, Runs(2, engine=E)).maps
    result = replicate(model, 2, engine=E)
    assert found.lead_s.mean == pytest.approx(result.estimate("time_to_resolve").mean)
    assert found.lead_s.low == pytest.approx(result.estimate("time_to_resolve").low)


def test_quality_of_a_run_is_the_registrys(calls):
    report = quality(contacts_of(run(calls, 1, 0, E), calls))
    result = replicate(calls, 1, engine=E)
    assert [period.whole for period in report.periods] == [True]
    for ours, theirs in (
        ("contacts", "offered"), ("service_level", "service_level"), ("abandonment_rate", "abandonment_rate"),
        ("asa", "asa"), ("handling_time", "aht"),
    ):  # fmt: skip
        assert report.whole[ours].value == pytest.approx(result.estimate(theirs).mean), ours
    by_step = report.parts["step"]["call: decide"]
    assert by_step["handling_time"].value == pytest.approx(result.estimate("aht", queue="decide").mean)
    people = report.parts["person"]
    assert set(people) == {"desk 1", "desk 2", "desk 3"}
    answered = sum(of["asa"].sizes.sum() for of in people.values())
    assert answered == result.estimate("answered").mean


def test_nobody_answers_for_who_gave_up(calls):
    report = quality(contacts_of(run(calls, 1, 0, E), calls))
    assert report.whole["abandonment_rate"].value > 0
    for dimension in ("department", "person"):
        assert not any("abandonment_rate" in of for of in report.parts[dimension].values())
    assert "abandonment_rate" in report.parts["step"]["call: answer"]


INTERRUPTED = (
    HEAD
    + """
demand: {files: {type: file, per hour: {mon-fri: {"08:00-09:00": 6}}}}
people: {desk: {agents: {mon-fri: {"08:00-12:00": 1}}, skills: [write]}}
process:
  file:
    write: {work: write, talk: {mean: 50 min, cv: 0.5}, wrap: 2 min, patience: none, suspends: true}
    done: {end: solved}
"""
)


def test_work_before_an_interruption_belongs_to_the_handling():
    model = model_of(INTERRUPTED)
    report, result = quality(contacts_of(run(model, 1, 0, E), model)), replicate(model, 1, engine=E)
    assert result.estimate("suspended").mean >= 2
    assert report.whole["contacts"].value == result.estimate("offered").mean
    assert report.whole["handling_time"].value == pytest.approx(result.estimate("aht").mean)
    assert report.parts["person"]["desk 1"]["handling_time"].value == pytest.approx(result.estimate("aht").mean)


def test_values_of_steps_by_what_they_are():
    text = (
        HEAD
        + DESK.replace("[talk, decide]", "[talk, decide, ask, supervise]")
        + """
approvals:
  refunds: [{by: supervise, takes: 5 min, rounds at: ["10:00"], returns: 10 %}]
demand:
  calls: {type: call, per hour: 5, chasing: {first after: 1 h, every: 1 h, share: 50 %, at most: 2, type: chase}}
process:
  call:
    robot:
      bot: {covers: 30 %, contains: 40 %, falsely: 10 %, turn: 40 s, comes back after: 4 h}
      contained: close
    sort: {classify: {right: 75 %, wrong: [decide], diagnosis: 6 min}}
    answer: {work: talk, talk: 5 min, patience: none}
    refund: {approve: refunds}
    papers: {delay: 1 h}
    close: {end: solved}
  chase:
    ask: {work: ask, talk: 2 min}
    over: {end: solved}
"""
    )
    said = (
        text.replace("{approve: refunds}", "{approve: refunds, adds value: necessary}")
        .replace("{delay: 1 h}", "{delay: 1 h, adds value: true}")
        .replace("talk: 5 min, patience", "talk: 5 min, adds value: false, patience")
    )
    known = outline(model_of(said))
    value = dict(zip(known.steps, known.values, strict=True))
    assert value["call: refund: level 1"] == "necessary"
    assert value["call: refund: level 1 round"] == value["call: answer"] == "none"
    assert value["call: papers"] == "adds"
    known = outline(model_of(text))
    value = dict(zip(known.steps, known.values, strict=True))
    adds = {name for name, one in value.items() if one == "adds"}
    assert adds == {"call: robot: turn 1", "call: answer"}
    assert set(value.values()) == {"adds", "none"}
    assert known.chasing[known.steps.index("chase: ask")]
    assert not known.chasing[known.steps.index("call: answer")]


OPEN = """
queuewise: 1
name: Back office
time zone: Europe/Berlin
start: 2026-03-02
horizon: 2 days
demand:
  claims:
    type: claim
    per hour: {sun: {"00:00-01:00": 1}}
    open cases:
      - {arrived: 2026-02-27 10:15, at: assess}
      - {count: 2, arrived: 2026-02-26 09:00, at: assess}
      - {arrived: 2026-02-25 09:00, at: papers}
people: {desk: {agents: {mon-fri: {"09:00-17:00": 1}}, skills: [assess]}}
process:
  claim:
    assess: {work: assess, talk: 20 min, patience: none}
    sure: {branch: {papers: times > 100, close: otherwise}}
    papers: {delay: 20 h, next: assess}
    close: {end: solved}
"""


def test_open_cases_one_after_the_other():
    found = backlog(model_of(OPEN), Runs(3, engine=E), by=dt.datetime(2026, 3, 2, 9, 45))
    done = [found.wall(case.median.seconds) for case in found.cases]
    # the oldest first: 26 February twice, then the 27th; the papers come at 20:00, work goes on the next morning
    assert [time.strftime("%d %H:%M") for time in done] == ["02 10:00", "02 09:20", "02 09:40", "03 09:20"]
    assert [case.in_time.mean for case in found.cases] == [0, 1, 1, 0]
    assert [case.step for case in found.cases] == ["claim: assess"] * 3 + ["claim: papers"]
    assert found.wall(found.all_done["p90"].seconds) == dt.datetime(2026, 3, 3, 9, 20)
    assert all(case.p90.seconds == case.median.seconds for case in found.cases)
    assert list(found.table()["number"]) == [1, 2, 3, 4]


def test_a_case_that_is_not_done_is_censored_and_told():
    found = backlog(model_of(OPEN.replace("horizon: 2 days", "horizon: 1 day")), Runs(2, engine=E))
    last = found.cases[-1]
    assert (last.unfinished, last.median.seconds, last.in_time) == (2, None, None)
    assert found.plain()["cases"][-1]["median_at"] is None


def test_without_open_cases_there_is_nothing_to_say(calls):
    with pytest.raises(ParameterError, match="no open cases"):
        backlog(calls, Runs(1, engine=E))


def test_a_time_outside_the_run():
    with pytest.raises(ParameterError, match="outside the run; allowed: after 2026-03-02 00:00:00, up to 2026-03-04"):
        backlog(model_of(OPEN), Runs(1, engine=E), by=dt.datetime(2026, 3, 5))


COMPLAINTS = (
    HEAD
    + """
demand:
  calls: {type: call, per hour: 10}
  letters: {type: letter, per hour: 5}
  complaints: {type: complaint}
people: {desk: {agents: 20, skills: [talk, read, hear]}}
process:
  call:
    answer: {work: talk, talk: 1 min}
    angry: {branch: {tell: 20 %, close: otherwise}}
    tell: {spawn: complaints, after: 1 h}
    close: {end: solved}
  letter:
    read: {work: read, talk: 1 min}
    angry: {branch: {close: 50 %, tell: otherwise}}
    tell: {spawn: complaints, after: 1 h}
    close: {end: solved}
  complaint:
    hear: {work: hear, talk: 1 min}
    close: {end: solved}
"""
)


def test_complaints_are_laid_to_the_cases_that_gave_rise_to_them():
    model = model_of(COMPLAINTS)
    log = run(model, 3, 0, E)
    found = contacts_of(log, model).cases
    own = found[found["step"].isin(["call: answer", "letter: read"])]
    arisen = (log.cases[:, 0] == 2).sum()
    late = own["complained"].sum() - arisen
    assert late == 0
    share = own.groupby("step")["complained"].mean()
    assert share["call: answer"] == pytest.approx(0.2, abs=0.04)
    assert share["letter: read"] == pytest.approx(0.5, abs=0.06)
    assert found[found["step"] == "complaint: hear"]["complained"].sum() == 0
    with pytest.raises(ParameterError, match="no case gives rise to cases of 'calls'; allowed: complaints"):
        contacts_of(log, model, ("calls",))


def test_enough_ends_a_run_early(calls):
    runs = Runs(2, engine="reference")  # hands out rows in many portions
    seen = reduce_logs(calls, runs, lambda log: log.visits[:, 8].max(), None, lambda log: len(log.visits) > 10)
    assert len(seen) == 2
    assert max(seen) < DAY_US
