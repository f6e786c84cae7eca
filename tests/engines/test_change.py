"""Traces by hand of what changes with time: learning, absence, new people, outages, slow systems, phases."""

import pytest

from tests.engines.trace import agents, check, model

DONE = {"done": {"end": "solved"}}
DAY = 86_400
DAYS = {"hours": "08:00-10:00", "days": "every day"}


def team(number, **fields):
    """A group of one shift from 08:00 to 10:00 every day."""
    return {"g": {"shifts": {"early": DAYS | {"agents": number}}, "skills": ["s"]} | fields}


def test_learning_by_tenure(engine):
    """Half the pace on the first day, in a straight line to the whole on the tenth: 60 s take 120 s, later 80 and 60 s.

    On the fifth day later the pace is 75 %: 60 s take 80 s.
    """
    people = team(0, learning=[["0 days", "50 %"], ["10 days", "100 %"]],
                  hires=[{"on": "2026-03-02", "agents": 1, "shift": "early"}])  # fmt: skip
    first = 9 * 3600
    made = model({"a": {"at": [first, first + 5 * DAY, first + 20 * DAY]}}, people, horizon="30 days")
    check(
        engine,
        made,
        cases=f"""
            a0 {first:g} {first:g} {first + 120:g} solved 1 1 0 0 120
            a1 {first + 5 * DAY:g} {first + 5 * DAY:g} {first + 5 * DAY + 80:g} solved 1 1 0 0 80
            a2 {first + 20 * DAY:g} {first + 20 * DAY:g} {first + 20 * DAY + 60:g} solved 1 1 0 0 60
        """,
    )


@pytest.mark.parametrize(("away", "ended"), [("0 %", True), ("100 %", False)])
def test_unplanned_absence(engine, away, ended):
    made = model({"a": {"at": [9 * 3600]}}, team(1, shrinkage={"unplanned": away}), horizon="1 day")
    case = "a0 32400 32400 32460 solved 1 1 0 0 60" if ended else "a0 32400 - - open 1 1 0 0 0"
    check(engine, made, cases=case)


def test_new_people_come_on_their_day(engine):
    """A case of Monday 09:00 waits for the first agent, who begins on Tuesday at 08:00: 23 h = 82,800 s later."""
    people = team(0, hires=[{"on": "2026-03-03", "agents": 1, "shift": "early"}])
    made = model({"a": {"at": [9 * 3600]}}, people, horizon="2 days")
    check(engine, made, cases="a0 32400 115200 115260 solved 1 1 0 82800 60")


def disrupted(at, **fields):
    """One agent and an event of a minute, from 00:01 (60 s) to 00:02."""
    event = {"from": "2026-03-02 00:01", "for": "1 min"} | fields
    return model({"a": {"at": at}}, {"g": agents(1)}, disruptions={"event": event})


def test_outage(engine):
    """Nobody can begin from 60 to 120: a0, begun at 10, goes on; a1 of 70 waits for 120, though the agent is free."""
    check(
        engine,
        disrupted([10, 75], **{"no work on": ["s"]}),
        visits="""
            a0 serve g0 10  10  70  70 served
            a1 serve g0 75 120 180 180 served
        """,
    )


def test_slow_systems(engine):
    """Work that begins in the event takes twice as long, to its end; what began before keeps its pace."""
    check(
        engine,
        disrupted([10, 75, 200], slower="100 %"),
        visits="""
            a0 serve g0  10  10  70  70 served
            a1 serve g0  75  75 195 195 served
            a2 serve g0 200 200 260 260 served
        """,
    )


def test_absence_wave(engine):
    """Everybody is away on the one day that the wave touches; the case waits for the next morning."""
    wave = {"flu": {"from": "2026-03-02 00:00", "for": "1 day", "absence": "100 %"}}
    made = model({"a": {"at": [9 * 3600]}}, team(1), horizon="2 days", disruptions=wave)
    check(engine, made, cases="a0 32400 115200 115260 solved 1 1 0 82800 60")
