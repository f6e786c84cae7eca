"""Rosters with all that takes people away, through both engines: the same log, row for row."""

import datetime as dt

import pytest

from sim.build import build
from sim.codes import Ending, Session, Visit
from sim.run import run
from sim.units import HOUR_US
from tests.roster.teams import scenario_of

STEPS = {
    "serve": {"work": "s", "talk": {"mean": "20 min", "shape": "exponential"}, "wrap": "2 min"},
    "then": {"work": "w", "talk": {"mean": "40 min", "cv": 1}, "suspends": True, "patience": "none"},
    "done": {"end": "solved"},
}  # fmt: skip
FULL = {
    "shifts": {"early": {"hours": "07:00-15:00", "break": {"at": "11:00", "for": "30 min"}, "agents": 4},
               "late": {"hours": "13:00-21:00", "agents": 3, "tenure": "3 days"},
               "night": {"hours": "21:00-07:00", "agents": 1}},
    "skills": {"s": {}, "w": {"speed": 0.8}},
    "shrinkage": {"planned": "10 %", "unplanned": "10 %", "common shock": "20 %", "shared": "flu"},
    "training": {"hours per week": 2},
    "rotation": {"share": "50 %", "for": "60 days"},
    "learning": [["0 days", "50 %"], ["10 days", "100 %"]],
    "attrition": "95 %",
    "hires": [{"on": dt.date(2026, 3, 4), "agents": 2, "shift": "early", "works after": "1 day",
               "leave": {"share": "50 %", "within": "10 days"}, "mentors": {"hours a day": 1, "for": "5 days"}}],
}  # fmt: skip
COUNTED = {
    "agents": {
        "mon-fri": {"08:00-12:00": 2, "12:00-18:00": 3},
        "holidays": "CN",
        "public holidays": {"10:00-12:00": 1},
    },
    "skills": {"s": {"speed": 1.2}},
    "shrinkage": {"unplanned": "20 %", "shared": "flu"},
    "training": {"hours per week": 1, "at": "09:00"},
}
DISRUPTIONS = {
    "outage": {"from": "2026-03-05 10:00", "for": "3 h", "no work on": ["s"]},
    "slow": {"from": "2026-03-05 12:00", "for": "1 day", "slower": "40 %", "groups": ["a"]},
    "flu": {"from": "2026-03-07", "for": "2 days", "absence": "30 %"},
    "rush": {"from": "2026-03-09 09:00", "for": "5 h", "demand": 3},
}


@pytest.mark.parametrize("replication", range(4))
def test_the_same_log_from_both_engines(replication):
    demand = {"calls": {"type": "t", "per hour": 8, "patience": "30 min"}}
    scenario = scenario_of({"a": FULL, "b": COUNTED}, horizon="10 days", demand=demand, process={"t": STEPS},
                           disruptions=DISRUPTIONS)  # fmt: skip
    model = build(scenario)
    logs = [run(model, 1, replication, engine) for engine in ("kernel", "reference")]
    assert logs[0].same_as(logs[1])
    endings = set(logs[0].visits[:, Visit.ENDING].tolist())
    assert {Ending.SERVED, Ending.ABANDONED, Ending.SUSPENDED} <= endings


@pytest.mark.parametrize("engine", ["kernel", "reference"])
def test_a_new_agent_is_on_duty_as_the_roster_says_and_works_at_half_the_pace(engine):
    """Hired for Tuesday: 60 s of talk take 120 s; the session from 8 to 9 keeps the mentor away."""
    hires = [{"on": dt.date(2026, 3, 3), "agents": 1, "shift": "day", "mentors": {"hours a day": 1, "for": "9 days"}}]
    group = {"shifts": {"day": {"hours": "08:00-16:00", "agents": 1}}, "learning": [["0 days", "50 %"]], "hires": hires}
    demand = {"calls": {"type": "t", "recorded": ["2026-03-02 08:00", "2026-03-03 08:00"]}}
    model = build(scenario_of({"a": group}, horizon="2 days", demand=demand))
    log = run(model, engine=engine)
    took = log.visits[:, Visit.ENDED] - log.visits[:, Visit.STARTED]
    assert log.visits[:, Visit.AGENT].tolist() == [0, 1]
    assert (took / 1e6).tolist() == [60, 120]
    sessions = [
        (int(row[Session.AGENT]), row[Session.ON] / HOUR_US, row[Session.OFF] / HOUR_US) for row in log.sessions
    ]
    assert sorted(sessions) == [(0, 8, 16), (0, 33, 40), (1, 32, 40)]


@pytest.mark.parametrize("engine", ["kernel", "reference"])
def test_work_is_suspended_at_the_end_of_a_shift_and_not_at_a_break(engine):
    """Two hours of work from 11: the break at 12 waits for nobody; at 16 ... the shift ends and Tuesday goes on."""
    steps = {
        "t": {"long": {"work": "s", "talk": "6 h", "suspends": True, "patience": "none"}, "done": {"end": "solved"}}
    }
    shift = {"hours": "08:00-16:00", "break": {"at": "12:00", "for": "1 h"}, "agents": 1}
    demand = {"calls": {"type": "t", "recorded": ["2026-03-02 11:00"]}}
    model = build(scenario_of({"a": {"shifts": {"day": shift}}}, horizon="2 days", demand=demand, process=steps))
    visits = run(model, engine=engine).visits
    hours = [(row[Visit.STARTED] / HOUR_US, row[Visit.ENDED] / HOUR_US, Ending(row[Visit.ENDING])) for row in visits]
    assert hours == [(11, 16, Ending.SUSPENDED), (32, 33, Ending.SERVED)]
