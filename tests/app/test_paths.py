"""Paths and values of sweeps, as readers see them."""

from app.paths import readable, short_names


def test_values_for_readers():
    given = [0.901802583892, "82.3456789 %", "3 min 25.123456 s", 7, "4 min", 123456.789, "180311288 us"]
    assert [readable(value) for value in given] == [
        *("0.9018", "82.35 %", "3 min 25.12 s", "7", "4 min", "123457", "180.3 s")
    ]


def test_short_names_stay_apart():
    names = ["people.desk.shifts.early.agents", "people.desk.shifts.late.agents", "people.experts.shifts.late.agents"]
    names += ["scale process.call.answer.talk", "set", "horizon", "scale horizon"]
    assert list(short_names(names).values()) == [
        *("early.agents", "desk.shifts.late.agents", "experts.shifts.late.agents"),
        *("scale answer.talk", "set", "horizon", "scale horizon"),
    ]
    assert short_names(["demand.a.b", "demand.a.b"]) == {"demand.a.b": "a.b"}
