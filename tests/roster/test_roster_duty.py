"""Shifts, head counts, training, new people and mentors without chance, by hand."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.codes import KIND_SHIFT, SUBJECT_SHIFT, Kind
from sim.primitives import replication_key
from sim.roster.plan import overlap, without
from sim.schema.base import Misfit
from sim.schema.people import Group
from sim.units import HOUR_US
from tests.roster.teams import Team

DAY = {"hours": "08:00-16:00", "agents": 1}


def lines(text):
    return [line.strip() for line in text.strip().splitlines()]


def test_a_break_is_not_the_end_of_a_shift():
    made = Team({"a": {"shifts": {"day": {**DAY, "break": {"at": "12:00", "for": "30 min"}}}}}, horizon="2 days")
    assert made.text() == lines("""
        Mon 08:00 on 0.0
        Mon 12:00 off 0.0
        Mon 12:30 on 0.0
        Mon 16:00 end 0.0
        Tue 08:00 on 0.0
        Tue 12:00 off 0.0
        Tue 12:30 on 0.0
        Tue 16:00 end 0.0
    """)


def test_shifts_that_touch_are_one_and_a_night_before_the_start_is_under_way():
    round_the_clock = {"hours": "00:00-24:00", "agents": 1}
    night = {"hours": "22:00-06:00", "agents": 1}
    made = Team({"a": {"shifts": {"all": round_the_clock, "night": night}}}, horizon="1 day")
    assert made.text() == ["Mon 00:00 on 0.0", "Mon 00:00 on 0.1", "Mon 06:00 end 0.1", "Mon 22:00 on 0.1"]


def test_head_counts_change_by_the_difference():
    table = {"mon": {"08:00-12:00": 2, "12:00-14:00": 3, "15:00-16:00": 1}}
    made = Team({"a": {"agents": table}}, horizon="1 day")
    assert made.heads() == [("Mon 08:00", 2), ("Mon 12:00", 3), ("Mon 14:00", 0), ("Mon 15:00", 1), ("Mon 16:00", 0)]
    rows = made.rows()
    assert (rows["key"][:3] & 0xFFFF).tolist() == [0, 1, 0]  # numbered among equals


def test_who_comes_on_at_once_is_ordered_by_group_and_agent_and_goes_first():
    early, late = {"hours": "08:00-12:00", "agents": 2}, {"hours": "12:00-16:00", "agents": 1}
    made = Team({"a": {"shifts": {"e": early, "l": late}}, "b": {"shifts": {"l": late}}}, horizon="1 day")
    assert made.text()[2:6] == ["Mon 12:00 end 0.0", "Mon 12:00 end 0.1", "Mon 12:00 on 0.2", "Mon 12:00 on 1.0"]


def test_holidays_and_make_up_days_of_a_shift_and_of_a_calendar():
    """8 October 2026 to 12 October: Saturday 10 is worked; 7 October is a Wednesday off."""
    office = {"office": {"mon-fri": "09:00-17:00", "holidays": "CN"}}
    shift = {"days": "mon-fri", "holidays": "CN", **DAY}
    made = Team({"a": {"shifts": {"day": shift}}}, start="2026-10-07", horizon="6 days")
    on = ["Thu 08:00 on 0.0", "Fri 08:00 on 0.0", "Sat 08:00 on 0.0", "Mon 08:00 on 0.0"]
    assert [line for line in made.text() if "on" in line.split()] == on
    if "calendars" in type(made.scenario).model_fields:
        other = Team({"a": {"shifts": {"day": {"in": "office", **DAY}}}}, start="2026-10-07", horizon="6 days",
                        calendars=office)  # fmt: skip
        assert other.text() == made.text()


def test_training_takes_turns_through_the_week():
    """Agents 0 to 5 train from Monday to Friday; agent 5 has Monday again."""
    shift = {"hours": "09:00-17:00", "days": "mon-fri", "agents": 6}
    made = Team({"a": {"shifts": {"day": shift}, "training": {"hours per week": 2, "at": "14:00"}}}, horizon="7 days")
    missing = [np.flatnonzero(~row).tolist() for row in made.there(at="15:00")[:5]]
    assert missing == [[0, 5], [1], [2], [3], [4]]
    assert made.there(at="13:59")[:5].all()
    assert made.there(at="16:00")[:5].all()


def test_training_without_a_time_is_at_the_shifts_beginning_and_its_end_may_be_the_last():
    shift = {"hours": "20:00-04:00", "days": "mon", "agents": 1}
    begin = Team({"a": {"shifts": {"n": shift}, "training": {"hours per week": 1}}}, horizon="2 days")
    end = Team({"a": {"shifts": {"n": shift}, "training": {"hours per week": 1, "at": "03:00"}}}, horizon="2 days")
    assert begin.text() == ["Mon 21:00 on 0.0", "Tue 04:00 end 0.0"]
    assert end.text() == ["Mon 20:00 on 0.0", "Tue 03:00 end 0.0"]


def test_training_of_a_head_count():
    """Two classes, Monday and Tuesday: of 3 people, 0 and 2 train on Monday and 1 on Tuesday."""
    training = {"hours per week": 1, "at": "09:00"}
    made = Team({"a": {"agents": {"mon-tue": {"08:00-12:00": 3}}, "training": training}}, horizon="2 days")
    monday = [("Mon 08:00", 3), ("Mon 09:00", 1), ("Mon 10:00", 3), ("Mon 12:00", 0)]
    assert made.heads() == [*monday, ("Tue 08:00", 3), ("Tue 09:00", 2), ("Tue 10:00", 3), ("Tue 12:00", 0)]


def test_new_people_come_later_learn_and_keep_their_numbers_behind_the_others():
    """Hired on Tuesday, at work from Wednesday with a tenure of a day: 60 % + 1/4 of 40 %."""
    curve = [["0 days", "60 %"], ["4 days", "100 %"]]
    hires = [{"on": dt.date(2026, 3, 3), "agents": 1, "shift": "early", "works after": "1 day"}]
    shifts = {"early": {"hours": "08:00-12:00", "agents": 1}, "late": {"hours": "12:00-16:00", "agents": 1}}
    made = Team({"a": {"shifts": shifts, "learning": curve, "hires": hires}}, horizon="6 days")
    came = [line for line in made.text() if " on 0.2" in line]
    assert came == [f"{day} 08:00 on 0.2{pace}" for day, pace in
                    (("Wed", " 0.7"), ("Thu", " 0.8"), ("Fri", " 0.9"), ("Sat", ""))]  # fmt: skip


def test_a_tenure_at_the_start():
    """Ten days at the start on Monday; on Wednesday twelve: 50 % + 12/20 of 50 %."""
    shift = {"hours": "00:00-24:00", "agents": 1, "tenure": "10 days"}
    made = Team({"a": {"shifts": {"all": shift}, "learning": [["0 d", "50 %"], ["20 d", "100 %"]]}}, horizon="3 days")
    assert made.text() == lines("""
        Mon 00:00 on 0.0 0.75
        Tue 00:00 off 0.0
        Tue 00:00 on 0.0 0.775
        Wed 00:00 off 0.0
        Wed 00:00 on 0.0 0.8
    """)


def test_mentors_sit_with_new_people_for_their_first_days():
    """Three new people, two mentors: the first has sessions at 8 and at 9, the second at 8; on two days."""
    hires = [{"on": dt.date(2026, 3, 3), "agents": 3, "shift": "day", "mentors": {"hours a day": 1, "for": "2 days"}}]
    made = Team({"a": {"shifts": {"day": {**DAY, "agents": 2}}, "hires": hires}}, horizon="5 days")
    assert [line for line in made.text() if line.endswith(("0.0", "0.1")) and " on " in line] == lines("""
        Mon 08:00 on 0.0
        Mon 08:00 on 0.1
        Tue 09:00 on 0.1
        Tue 10:00 on 0.0
        Wed 09:00 on 0.1
        Wed 10:00 on 0.0
        Thu 08:00 on 0.0
        Thu 08:00 on 0.1
        Fri 08:00 on 0.0
        Fri 08:00 on 0.1
    """)


def test_a_session_for_several_and_later_hires_after_the_present_ones():
    """Four new people in sessions of two keep both mentors at 8; the next two, meanwhile, the first at 9."""
    mentors = {"hours a day": 1, "for": "3 days", "one to": 2}
    hires = [{"on": dt.date(2026, 3, 2), "agents": 4, "shift": "day", "mentors": mentors},
             {"on": dt.date(2026, 3, 3), "agents": 2, "shift": "day", "mentors": mentors}]  # fmt: skip
    made = Team({"a": {"shifts": {"day": {**DAY, "agents": 2}}, "hires": hires}}, horizon="5 days")
    assert made.there(at="08:30")[:, :2].tolist() == [[False, False]] * 3 + [[True, True]] * 2
    assert made.there(at="09:30")[:, :2].tolist() == [[True, True]] + [[False, True]] * 3 + [[True, True]]


def test_paid_time_is_that_of_whole_shifts():
    """Five days of eight hours, break and training included; the new one from Wednesday, at work or not."""
    shift = {**DAY, "break": {"at": "12:00", "for": "1 h"}}
    hires = [{"on": dt.date(2026, 3, 4), "agents": 1, "shift": "day", "works after": "3 days"}]
    group = {"shifts": {"day": shift}, "training": {"hours per week": 2}, "hires": hires}
    made = Team({"a": group, "b": {"agents": {"mon-fri": {"09:00-11:00": 3}}}})
    paid = made.roster.paid_us(replication_key(1, 0), 0, made.clock.end_us)
    assert (paid / HOUR_US).tolist() == [5 * 8 + 3 * 8, 5 * 2 * 3]
    wednesday = made.roster.paid_us(replication_key(1, 0), made.clock.at(dt.date(2026, 3, 4), 0),
                                    made.clock.at(dt.date(2026, 3, 4), 600))  # fmt: skip
    assert (wednesday / HOUR_US).tolist() == [4, 3]


def test_parts_of_two_rosters_by_date():
    """From Wednesday noon the group has a second agent and the first goes on; the counted group shrinks then."""
    before = Team({"a": {"shifts": {"day": DAY}}, "b": {"agents": 2}}, horizon="4 days")
    after = Team({"a": {"shifts": {"day": {**DAY, "agents": 2}}}, "b": {"agents": 1}}, horizon="4 days")
    border = before.clock.at(dt.date(2026, 3, 4), 12 * 60)
    groups = {0: 0, 1: 1}
    parts = before.roster.between(-(1 << 62), border, groups) + after.roster.between(border, 1 << 62, groups)
    before.roster = type(before.roster)(parts, before.roster.eras, before.roster.end_us)
    assert before.text() == lines("""
        Mon 00:00 on 1
        Mon 00:00 on 1
        Mon 08:00 on 0.0
        Mon 16:00 end 0.0
        Tue 08:00 on 0.0
        Tue 16:00 end 0.0
        Wed 08:00 on 0.0
        Wed 12:00 end 1
        Wed 12:00 on 0.1
        Wed 16:00 end 0.0
        Wed 16:00 end 0.1
        Thu 08:00 on 0.0
        Thu 08:00 on 0.1
        Thu 16:00 end 0.0
        Thu 16:00 end 0.1
    """)


@st.composite
def groups(draw):
    """A group with a few shifts and all that may take people away."""
    starts = draw(st.lists(st.integers(0, 23), min_size=1, max_size=3))
    shifts = {
        f"s{n}": {"hours": f"{start:02d}:00-{(start + 8) % 24:02d}:00", "agents": draw(st.integers(0, 4)),
                  "days": draw(st.sampled_from(["every day", "mon-fri", "sat-sun"]))}
        for n, start in enumerate(starts)
    }  # fmt: skip
    group = {"shifts": shifts, "shrinkage": {"planned": draw(st.sampled_from([0, 0.2])), "unplanned": 0.2}}
    if draw(st.booleans()):
        group["training"] = {"hours per week": draw(st.integers(1, 3))}
    if draw(st.booleans()):
        group["learning"] = [["0 d", "50 %"], ["5 d", "100 %"]]
        group["hires"] = [{"on": dt.date(2026, 3, 4), "agents": 2, "shift": "s0"}]
    return group


@given(groups(), st.integers(0, 3))
def test_rows_are_in_order_and_each_agent_comes_and_goes_in_turn(group, replication):
    made = Team({"a": group, "b": {"agents": {"every day": {"09:00-12:00": 3}}}}, horizon="10 days")
    rows = made.rows(replication)
    subject = rows["group"] << 20 | np.maximum(rows["agent"], 0)
    assert (rows["key"] & ~0xFFFF == rows["kind"] << KIND_SHIFT | subject << SUBJECT_SHIFT).all()
    order = list(zip(rows["time"].tolist(), rows["key"].tolist(), strict=True))
    assert order == sorted(set(order))
    assert len(rows) == 0 or (rows["time"][0] >= 0 and rows["time"][-1] < made.clock.end_us)
    for agent in range(made.scenario.people["a"].size):
        kinds = rows["kind"][(rows["group"] == 0) & (rows["agent"] == agent)].tolist()
        assert kinds[::2] == [Kind.LOG_ON] * len(kinds[::2])
        assert kinds[1::2] == [Kind.LOG_OFF] * len(kinds[1::2])


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4)


@given(SPANS, SPANS)
def test_cutting_spans_against_sets_of_minutes(spans, away):
    def minutes(some):
        return {minute for begin, end in some for minute in range(begin, end)}

    spans = [span for span in spans if span[0] < span[1]]
    assert minutes(without(spans, away)) == minutes(spans) - minutes(away)
    for window in away:
        assert minutes(overlap(spans, window)) == minutes(spans) & minutes([window])


HIRE = {"on": dt.date(2026, 3, 3), "agents": 2, "shift": "day"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"hires": [{**HIRE, "shift": "night"}]}, "no such shift"),
     ({"hires": [{**HIRE, "agents": 9, "mentors": {"hours a day": 1, "for": "3 d"}}]}, "more new people at a time"),
     ({"shifts": {"day": {**DAY, "agents": 0}}, "hires": [{**HIRE, "mentors": {"hours a day": 1, "for": "3 d"}}]},
      "mentors from a shift without agents"),
     ({"training": {"hours per week": 2, "at": "15:00"}}, "training that does not lie inside the shift 'day'"),
     ({"training": {"hours per week": 9}}, "training that does not lie inside the shift 'day'"),
     ({"training": {"hours per week": 0.001}}, "less than a minute"),
     ({"shrinkage": {"common shock": 0.1}}, "a common shock without 'unplanned'"),
     ({"shifts": {"day": {**DAY, "tenure": "3 d"}}}, "a tenure that changes nothing"),
     ({"shifts": {"day": {**DAY, "in": "office", "days": "mon"}}}, "'in' beside 'days' or 'holidays'"),
     ({"learning": []}, "a curve without points"),
     ({"learning": [["0 d", 0.5], ["0 d", 0.6]]}, "tenures that do not rise"),
     ({"learning": [["0 d", 0]]}, "a pace of nothing"),
     ({"learning": 3}, "not a curve"),
     ({"attrition": 1}, "everybody leaves within a year"),
     ({"rotation": {"share": 0.1, "for": "366 d"}}, "longer than the year"),
     ({"shifts": None, "agents": 3, "hires": [HIRE]}, "'hires' in a group that is only counted"),
     ({"shifts": None, "agents": 3, "learning": [["0 d", 0.5]]}, "'learning' in a group that is only counted"),
     ({"shifts": None, "agents": {"mon": {"09:00-10:00": 3}}, "training": {"hours per week": 2}},
      "training at a time when nobody is there")],
)  # fmt: skip
def test_people_that_do_not_fit(changes, message):
    group = {"skills": ["s"], "shifts": {"day": DAY}, **changes}
    with pytest.raises(ValueError, match=message) as caught:
        Group.model_validate({key: value for key, value in group.items() if value is not None})
    assert isinstance(caught.value.errors()[0]["ctx"]["error"], Misfit)
