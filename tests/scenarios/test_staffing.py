"""Staffing against theory where the queue is settled, and against fresh simulation where it is not."""

import json
import math

import numpy as np
import pytest

from scenarios.replications import replicate
from scenarios.staffing import Target, scheduled, staff
from scenarios.staffing_search import head_table
from sim.build import build
from sim.errors import ParameterError, UnsupportedError
from sim.schema import Document
from sim.theory.impatience import ImpatientQueue

DAY = {"mon-fri": {"08:00-10:00": 60, "10:00-12:00": 180, "12:00-14:00": 90}}
EXPONENTIAL = {"mean": "4 min", "shape": "exponential"}


def centre(per_hour, talk=EXPONENTIAL, patience=None, **more):
    stream = {"type": "billing", "per hour": per_hour}
    if patience:
        stream["patience"] = patience
    return Document.from_data({
        "queuewise": 1, "name": "centre", "start": "2026-03-02", "horizon": "1 week", "interval": "1 h",
        "demand": {"calls": stream},
        "people": {"desk": {"agents": 1, "skills": ["billing"]}},
        "process": {"billing": {"answer": {"work": "billing", "talk": talk}, "close": {"end": "solved"}}},
        **more,
    })  # fmt: skip


@pytest.fixture(scope="module")
def week():
    return staff(centre(DAY, patience={"mean": "3 min", "shape": "exponential"}), Target(0.8), shrinkage=0.24)


def test_a_settled_queue_needs_what_erlang_c_says():
    # 120 an hour around the clock, 4 min each: load 8. By Erlang C eleven people give 0.81 within 20 s, twelve 0.90.
    found = staff(centre(120, horizon="3 days"), Target(0.84, overall=True), replications=10)
    assert found.method == "Erlang C"
    assert ImpatientQueue(120 / 3600, 240, 20, np.zeros(0), "SL4").people_for(0.84) == 12
    assert found.holds
    assert found.table["required"].mean() == pytest.approx(12, abs=0.6)
    assert found.service_level.low >= 0.84


def test_each_interval_reaches_the_target_with_chance_never_seen(week):
    assert week.holds
    assert week.method == "Erlang A"
    table = replicate(build(week.document.scenario), 60, seed=77).by_time_of_day("service_level")
    levels = table["mean"].dropna()
    assert len(levels) == 5 * 6
    assert (levels >= 0.8).mean() > 0.9


def test_nobody_is_superfluous(week):
    fewer = {
        (row.weekday, row.time): max(row.required - 1, 1) for row in week.table.itertuples() if row.offered > 0
    }  # fmt: skip
    data = week.document.data | {"people": {"desk": {"agents": head_table(fewer, 60), "skills": ["billing"]}}}
    result = replicate(build(week.document.with_data(data).scenario), 20, seed=1)
    lows = result.by_time_of_day("service_level", confidence=0.9)["low"].dropna()
    assert (lows < 0.8).mean() > 0.7


def test_who_is_scheduled_covers_shrinkage_rounded_up_once(week):
    for row in week.table.itertuples():
        assert row.scheduled == math.ceil(row.required / 0.76)
    assert week.hours["scheduled"] == week.table["scheduled"].sum()
    assert scheduled(6, 0.4) == 10  # exactly ten, though 6 / 0.6 is a little more in binary
    assert scheduled(0, 0.3) == 0
    assert scheduled(7, 0.0) == 7


def test_intervals_without_contacts_need_nobody(week):
    idle = week.table[week.table["offered"] == 0]
    assert len(idle) == 7 * 24 - 30
    assert idle["required"].sum() == 0


def test_required_and_formula_stand_side_by_side_with_a_reason(week):
    changed = week.table[week.table["required"] != week.table["erlang"]]
    assert (changed["why"] != "").all()
    assert (week.table.loc[week.table["required"] == week.table["erlang"], "why"] == "").all()


def test_work_carried_over_needs_people_after_the_peak():
    # Contacts that wait for ever, talk of an hour: those of the last busy hour are still there in the next.
    day = {"mon-fri": {"08:00-10:00": 30, "10:00-12:00": 6}}
    found = staff(centre(day, talk={"mean": "1 h", "cv": 0.3}), Target(0.8, 60_000_000), replications=10)
    after = found.table[(found.table["time"] == "10:00") & (found.table["offered"] > 0)]
    assert (after["required"] > after["erlang"]).all()
    assert set(after["why"]) == {"contacts carried over from the busier interval before"}


def test_the_answer_as_plain_data(week):
    plain = json.loads(json.dumps(week.plain(), allow_nan=False))
    assert plain["target"] == {"service_level": 0.8, "within_s": 20.0, "confidence": 0.95, "overall": False}
    assert plain["intervals"][0]["service_level"] is None  # Monday at midnight: no contacts
    assert plain["metrics"]["service_level"]["unit"] == "share"


def test_the_scenario_s_own_goal_is_the_target_unless_another_is_given():
    document = centre({"mon": {"08:00-09:00": 60}}, **{"service level": {"within": "40 s", "goal": "70 %"}})
    found = staff(document, replications=5)
    assert (found.target.service_level, found.target.within_us) == (0.7, 40_000_000)


def test_neighbours_with_the_same_number_are_one_entry():
    heads = {("mon", "08:00"): 3, ("mon", "08:30"): 3, ("mon", "09:00"): 0, ("mon", "09:30"): 2, ("tue", "23:30"): 1}
    assert head_table(heads, 30) == {
        "mon": {"08:00-09:00": 3, "09:30-10:00": 2}, "tue": {"23:30-24:00": 1},
        "wed": 0, "thu": 0, "fri": 0, "sat": 0, "sun": 0,
    }  # fmt: skip


def test_what_cannot_be_staffed():
    with pytest.raises(ParameterError, match=r"not a service level to reach; .* given: 1"):
        staff(centre(60), Target(1.0))
    with pytest.raises(
        ParameterError, match=r"not a shrinkage; allowed: 0 or more and below 1, such as 0.24; given: 24"
    ):
        staff(centre(60), shrinkage=24)
    with pytest.raises(ParameterError, match="too few replications"):
        staff(centre(60), replications=1)
    with pytest.raises(ParameterError, match="nothing arrives, so nobody is needed"):
        staff(centre(0))
    two = centre(60, people={name: {"agents": 1, "skills": ["billing"]} for name in ("a", "b")})
    with pytest.raises(UnsupportedError, match=r"staffing works for one group at a time; .* given: a, b"):
        staff(two)


def test_nobody_is_asked_for_where_only_redials_come():
    document = Document.from_text("""
queuewise: 1
name: closes at ten
start: 2026-03-02
horizon: 4 h
demand:
  calls:
    type: call
    per hour: {every day: {"00:00-02:00": 300}}
    patience: {mean: 20 s, shape: exponential}
    redial: {share: 100 %, after: {mean: 90 min, shape: exponential}}
people: {agents: {agents: 1, skills: [call]}}
process: {call: {answer: {work: call, talk: {mean: 2 min, shape: exponential}}, close: {end: solved}}}
""")
    found = staff(document, Target(0.7, 20_000_000), replications=6)
    required = found.table.set_index("time")["required"]
    assert (required[["00:30", "01:00", "01:30"]] > 0).all()
    assert (required[["02:00", "02:30", "03:00", "03:30"]] == 0).all()
