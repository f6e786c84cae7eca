import datetime as dt

import pytest

from app.web import people
from sim.schema import Document
from sim.schema.daytable import parse_day_table


def head_counts(data, date):
    """Head count by minute of a date, as the scenario means it."""
    table = parse_day_table(data, whole=True)
    day, before = table.on(date), table.on(date - dt.timedelta(days=1))
    pieces = [(one.start_min, one.end_min, one.value) for one in day]
    pieces += [(one.start_min - 1440, one.end_min - 1440, one.value) for one in before]
    return [sum(value for start, end, value in pieces if start <= minute < end) for minute in range(0, 1440, 5)]


TABLES = [
    7,
    {"mon-fri": {"08:00-12:00": 3, "12:00-16:00": 5}, "sat": {"09:00-12:00": 2}},
    {"every day": {"22:00-06:00": 4, "06:00-22:00": 9}},
    {"mon-fri": {"from": "07:45", "every": "15 min", "values": [1, 2, 2, 3, 0, 1]}},
    {"fri-mon": {"20:00-04:00": 2}, dt.date(2026, 3, 4): {"18:00-02:00": 6}, dt.date(2026, 3, 11): 0},
]


@pytest.mark.parametrize("data", TABLES)
def test_a_table_says_the_same_after_a_round_trip(data):
    frame = people.head_table(parse_day_table(data, whole=True), 30)
    written = people.head_data(frame)
    for offset in range(14):
        date = dt.date(2026, 3, 2) + dt.timedelta(days=offset)
        assert head_counts(written, date) == head_counts(data, date), date


def test_intervals_are_as_fine_as_the_table():
    frame = people.head_table(parse_day_table({"mon": {"08:10-09:00": 2}}, whole=True), 30)
    assert list(frame.index[:3]) == ["00:00", "00:10", "00:20"]
    assert frame["mon"]["08:00"] == 0
    assert frame["mon"]["08:10"] == 2
    assert list(frame.columns) == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def test_equal_neighbours_and_equal_days_are_written_once(small):
    frame = people.table(small, "desk")
    frame.loc["09:00":"09:30", ["tue", "wed"]] = 9
    assert people.edited(small, "desk", frame) == {
        "agents": {
            "mon": {"08:00-09:00": 4, "09:00-10:00": 5},
            "tue-wed": {"08:00-09:00": 4, "09:00-10:00": 9},
            "thu-fri": {"08:00-09:00": 4, "09:00-10:00": 5},
        }
    }


def test_an_empty_table_is_nobody(small):
    frame = people.table(small, "desk") * 0
    assert people.edited(small, "desk", frame) == {"agents": 0}
    assert people.used_hours(frame) == slice(0, 48)


def test_used_hours_leave_out_the_night(small):
    frame = people.table(small, "desk")
    assert list(frame.iloc[people.used_hours(frame)].index) == ["08:00", "08:30", "09:00", "09:30"]


def test_shifts_keep_their_breaks(small):
    shifts = {
        "early": {"hours": "07:00-15:00", "days": "mon-fri", "break": {"at": "11:00", "for": "30 min"}, "agents": 6},
        "weekend": {"hours": "09:00-15:00", "days": ["sat", "sun"], "agents": 2},
    }
    group = {"shifts": shifts, "skills": ["call"]}
    document = Document.from_data(small.data | {"people": {"desk": group}})
    frame = people.table(document, "desk")
    assert list(frame.columns) == ["days", "hours", "breaks", "agents"]
    assert frame.loc["early", "breaks"] == "11:00 + 30 min"
    assert people.edited(document, "desk", frame) == {"shifts": shifts}
    frame.loc["early", "agents"] = 8
    frame.loc["weekend", "days"] = "sat"
    changed = people.edited(document, "desk", frame)["shifts"]
    assert changed["early"] == shifts["early"] | {"agents": 8}
    assert changed["weekend"] == shifts["weekend"] | {"days": "sat"}
