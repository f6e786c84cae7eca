"""A real log as what a service-quality report counts: a few rows, counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from calibration.mapping import mapping_from
from calibration.quality import contacts_from
from calibration.reading import contacts
from scenarios.quality import quality
from sim.errors import DataError

ROWS = """\
call,who,kind,agent,team,medium,arrived,answered,ended,outcome
1,a,orders,anna,desk,phone,2026-03-02 09:00:00,2026-03-02 09:00:10,2026-03-02 09:04:10,answered
2,b,orders,ben,desk,chat,2026-03-02 09:01:00,2026-03-02 09:02:00,2026-03-02 09:03:00,answered
3,c,orders,,,phone,2026-03-02 10:00:00,,2026-03-02 10:00:15,abandoned
4,d,orders,,,phone,2026-03-02 11:00:00,,2026-03-02 11:00:50,abandoned
5,a,orders,ben,desk,phone,2026-03-05 09:00:00,2026-03-05 09:00:00,2026-03-05 09:02:00,answered
6,a,trouble,carl,complaints,phone,2026-03-06 09:00:00,2026-03-06 09:00:05,2026-03-06 09:10:00,answered
7,b,trouble,carl,complaints,phone,2026-03-08 12:00:00,2026-03-08 12:00:05,2026-03-08 12:10:00,answered
"""
CALLS = {
    "kind": "calls",
    "columns": {
        "contact": "call", "customer": "who", "type": "kind", "agent": "agent", "department": "team",
        "channel": "medium", "arrived": "arrived", "started": "answered", "ended": "ended", "outcome": "outcome",
    },
    "outcomes": {"answered": ["answered"], "abandoned": ["abandoned"]},
}  # fmt: skip


def frame(text):
    lines = [line.split(",") for line in text.splitlines()]
    return pd.DataFrame(lines[1:], columns=lines[0], dtype="str")


def read(text=ROWS, data=CALLS, **more):
    mapping = mapping_from(data)
    return contacts_from(contacts(frame(text), mapping, None, "calls.csv"), mapping, **more)


def test_calls():
    found = quality(read(complaints=("trouble",)))
    assert [(one.label, one.whole) for one in found.periods] == [("2026-W10", True)]
    value = {name: series.value for name, series in found.whole.items()}
    assert value["contacts"] == 7
    assert value["abandonment_rate"] == pytest.approx(2 / 7)
    assert value["service_level"] == pytest.approx(4 / 6)  # answered in 20 s, without who gave up before
    assert value["asa"] == pytest.approx((10 + 60 + 0 + 5 + 5) / 5)
    assert value["handling_time"] == pytest.approx((240 + 60 + 120 + 595 + 595) / 5)
    assert value["repeat_rate"] == pytest.approx(1 / 5)  # a asked again on the fifth
    assert value["complaint_rate"] == pytest.approx(2 / 3)  # about 5 (a's last) and 2 (b's); not about 1
    assert found.parts["person"]["ben"]["complaint_rate"].value == 1
    assert found.parts["person"]["anna"]["repeat_rate"].value == 1
    assert found.parts["channel"]["chat"]["contacts"].value == 1
    assert set(found.parts["department"]) == {"desk", "complaints"}
    assert "cases" not in found.whole


def test_what_the_log_does_not_know_is_left_out():
    columns = {name: column for name, column in CALLS["columns"].items() if name not in ("customer", "department")}
    found = quality(read(data={**CALLS, "columns": columns}))
    assert not {"repeat_rate", "complaint_rate", "unsolved_rate", "reopened_rate"} & set(found.whole)
    assert "department" not in found.parts
    with pytest.raises(DataError, match="no customer is known"):
        read(data={**CALLS, "columns": columns}, complaints=("trouble",))


def test_a_type_of_complaint_that_does_not_occur():
    with pytest.raises(DataError, match="no such type; allowed: orders, trouble; given: troubel"):
        read(complaints=("troubel",))


EVENTS = """\
case,what,agent,started,ended
1,register,anna,2026-03-02 09:00:00,2026-03-02 09:10:00
1,repair,ben,2026-03-02 11:00:00,2026-03-02 12:00:00
2,register,anna,2026-03-03 09:00:00,2026-03-03 09:20:00
2,repair,anna,2026-03-03 09:20:00,2026-03-08 09:20:00
"""


def test_events():
    columns = {"contact": "case", "activity": "what", "agent": "agent", "started": "started", "ended": "ended"}
    found = quality(read(EVENTS, {"kind": "events", "columns": columns}))
    value = {name: series.values.sum() for name, series in found.whole.items()}
    assert value["contacts"] == 4
    assert value["handovers_per_case"] == 0.5
    assert value["time_to_resolve"] == pytest.approx((3 * 3600 + 120 * 3600 + 1200) / 2)
    assert not {"service_level", "asa", "solved_rate"} & set(value)
