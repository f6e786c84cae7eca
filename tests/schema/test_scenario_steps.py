"""Steps as arrays, by hand: ways out, waits, marks, forks, spawned cases, open cases, calendars."""

import datetime as dt
from math import inf, nextafter

import numpy as np
import pytest

from sim.codes import Lead, Source, Step, Wait
from sim.primitives import quantile_us
from sim.units import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from tests.schema.small import WORK, call, model, stream

ATTRIBUTES = {"customer": {"firm": "20 %", "home": "otherwise"}, "amount": {"values": [0, 500, 9000]}}
OFFICE = {"office": {"mon-fri": "09:00-17:00"}}


def ways(made, name="call: which"):
    number = made.names.steps.index(name)
    step = made.network.steps[number]
    rows = made.network.branches[step["branch_first"] : step["branch_last"]].tolist()
    return Source(step["source"]), [(low, high, made.names.steps[to].removeprefix("call: ")) for low, high, to in rows]


def step(made, name):
    return made.network.steps[made.names.steps.index(f"call: {name}")]


def branched(branch, **keys):
    steps = {"which": {"branch": branch, **keys}, "a": {**WORK, "next": "close"}, "b": WORK}
    return model(demand=stream(attributes=ATTRIBUTES), process=call(steps), calendars=OFFICE)


@pytest.mark.parametrize(
    ("condition", "source", "spans"),
    [
        ("amount > 500", Source.ATTRIBUTE, [(nextafter(500, inf), inf)]),
        ("amount >= 500", Source.ATTRIBUTE, [(500, inf)]),
        ("amount < 0.5", Source.ATTRIBUTE, [(-inf, 0.5)]),
        ("amount <= 500", Source.ATTRIBUTE, [(-inf, nextafter(500, inf))]),
        ("amount = 0", Source.ATTRIBUTE, [(0, nextafter(0, inf))]),
        ("customer = home", Source.ATTRIBUTE, [(1, 2)]),
        ("customer is home", Source.ATTRIBUTE, [(1, 2)]),
        ("customer is not home", Source.ATTRIBUTE, [(-inf, 1), (2, inf)]),
        ("channel = phone", Source.ATTRIBUTE, [(0, 1)]),
        ("served by desk", Source.GROUP, [(0, 1)]),
        ("open office", Source.CALENDAR, [(1, nextafter(1, inf))]),
        ("closed office", Source.CALENDAR, [(0, nextafter(0, inf))]),
        ("times < 3", Source.REPETITION, [(-inf, 3)]),
        ("arrived before 2026-03-03", Source.ARRIVED, [(-inf, DAY_US)]),
        ("arrived after 2026-03-02 06:00", Source.ARRIVED, [(6 * HOUR_US, inf)]),
    ],
)
def test_conditions(condition, source, spans):
    found = ways(branched({"a": condition, "b": "otherwise"}))
    assert found == (source, [(*span, "a") for span in spans] + [(-inf, inf, "b")])


def test_shares():
    assert ways(branched({"a": "25 %", "b": "otherwise"})) == (Source.CHANCE, [(0, 0.25, "a"), (0.25, 1, "b")])
    assert ways(branched({"a": 0.25, "b": "75 %"}, **{"easy first": True}))[0] == Source.EASE


def test_conditions_on_two_subjects_are_two_branches():
    steps = {"which": {"branch": {"a": "amount > 500", "c": "amount > 100", "b": "customer = firm", "a2": "otherwise"}},
             **{name: {**WORK, "next": "close"} for name in ("a", "a2", "b", "c")}}  # fmt: skip
    made = model(demand=stream(attributes=ATTRIBUTES), process=call(steps))
    above = nextafter(500, inf), inf
    assert ways(made)[1] == [(*above, "a"), (nextafter(100, inf), inf, "c"), (-inf, inf, "which: 2")]
    assert ways(made, "call: which: 2")[1] == [(0, 1, "b"), (-inf, inf, "a2")]


def test_streams_that_differ_in_what_a_branch_asks_for_go_through_copies():
    steps = {"which": {"branch": {"a": "amount > 500", "b": "otherwise"}}, "a": {**WORK, "next": "close"}, "b": WORK}
    one = {"type": "call", "per hour": 1}
    demand = {
        "calls": {**one, "attributes": ATTRIBUTES},
        "mail": {**one, "attributes": {"amount": 700}},
        "chat": {**one, "attributes": {"amount": {"values": [0, 500, 9000]}, "customer": "firm"}},
    }
    made = model(demand=demand, process=call(steps))
    first = [made.network.entries["step"][row["entry_first"]] for row in made.network.streams]
    assert first == [0, 4, 0]  # chats have the same amounts as calls
    assert made.names.steps[:4] == made.names.steps[4:]
    assert made.network.steps["id"][:4].tolist() == made.network.steps["id"][4:].tolist()
    assert made.network.steps["attribute"][[0, 4]].tolist() == [1, 2]
    assert [made.attributes[n]["amount"].number for n in range(3)] == [1, 2, 1]
    assert made.attributes[2]["customer"].words == ("firm", "home")  # one numbering for all streams


def test_what_an_agent_does():
    steps = {
        "ask": {**WORK, "lead": "30 s", "lead when": "new person", "unsolved": "visit", "briefing": "1 min"},
        "visit": {**WORK, "travel": "40 min", "travel back": "20 min", "patience": "none", "suspends": True},
    }
    made = model(process=call(steps), people={"desk": {"agents": 1, "skills": {"talk": {"solves": "60 %"}}}})
    ask, visit = step(made, "ask"), step(made, "visit")
    assert (ask["lead_when"], visit["lead_when"]) == (Lead.NEW_PERSON, Lead.ALWAYS)
    assert made.names.steps[ask["unsolved"]] == "call: visit"
    assert ask["briefing"] > 0
    assert (visit["suspends"], visit["patience"]) == (1, -1)
    assert min(ask["lead"], visit["lead"], visit["wrap"]) > 0
    assert made.network.skills["solves"][0, 0, 0] == 0.6


def test_delays():
    steps = {
        "wait": {"delay": "2 h"},
        "vendor": {"delay": "2 h", "in": "office"},
        "morning": {"until open": "office"},
        "round": {"rounds at": ["15:00", "10:00"], "days": "mon-fri"},
        "office round": {"rounds at": ["10:00"], "in": "office"},
        "answer": WORK,
    }
    made = model(process=call(steps), calendars={"spare": {"sat": "10:00-12:00"}, **OFFICE})
    rows = [step(made, name) for name in steps][:5]
    assert [row["wait"] for row in rows] == [Wait.TIME, Wait.WORKING_TIME, Wait.OPENING, Wait.ROUND, Wait.ROUND]
    assert [row["calendar"] for row in rows] == [-1, 1, 1, 2, 3]


def test_calendars_on_the_time_line():
    """The start is a Monday. Two stretches that touch are one; open time adds up from the calendar's first."""
    calendars = {"shop": {"mon-tue": ["09:00-12:00", "12:00-13:00", "14:00-15:00"]}}
    steps = {"wait": {"until open": "shop"}, "round": {"rounds at": ["10:00", "15:00"], "in": "shop"}, "answer": WORK}
    made = model(process=call(steps), calendars=calendars).network
    shop, rounds = ([made.openings[n] for n in range(row["first"], row["last"])] for row in made.calendars)
    here = [row for row in shop if 0 <= row["begin"] < 2 * DAY_US]
    assert [(row["begin"] // HOUR_US, row["end"] // HOUR_US) for row in here] == [(9, 13), (14, 15), (33, 37), (38, 39)]
    assert np.diff([row["before"] for row in here]).tolist() == [4 * HOUR_US, HOUR_US, 4 * HOUR_US]
    assert [row["begin"] // HOUR_US for row in rounds if 0 <= row["begin"] < 7 * DAY_US] == [10, 15, 34, 39]


def test_marks():
    steps = {"late": {"mark": {"priority": 2, "due": "4 h", "in": "office"}}, "soon": {"mark": {"due": "10 min"}},
             "answer": WORK}  # fmt: skip
    made = model(process=call(steps), calendars=OFFICE)
    marks = [step(made, name) for name in ("late", "soon")]
    assert [(row["priority"], row["due"], row["calendar"]) for row in marks] == [
        (2, 4 * HOUR_US, 0),
        (0, 10 * MINUTE_US, -1),
    ]


def test_a_fork():
    steps = {"split": {"fork": ["a", "b"]}, "a": {**WORK, "next": "both"}, "b": WORK, "both": {"join": True},
             "after": WORK}  # fmt: skip
    made = model(process=call(steps))
    assert [name for _, _, name in ways(made, "call: split")[1]] == ["a", "b"]
    assert made.names.steps[step(made, "both")["next"]] == "call: after"


def test_spawned_cases_are_told_apart_by_stream_and_step():
    steps = {"x": {"spawn": "checks"}, "y": {"spawn": "checks", "after": "1 day"}, "answer": WORK}
    one = {"type": "call", "per hour": 1}
    made = model(demand={"calls": one, "mail": one, "checks": {"type": "check"}},
                 process={**call(steps), "check": {"do": WORK, "done": {"end": "solved"}}})  # fmt: skip
    rows = made.network.steps[made.network.steps["kind"] == Step.SPAWN]
    assert rows["spawn_place"].tolist() == [0, 1, 2, 3]  # calls x and y, mail x and y
    assert rows["spawn_width"].tolist() == [4] * 4
    assert rows["spawn_stream"].tolist() == [2] * 4
    assert (rows["delay"] > 0).tolist() == [False, True, False, True]


def test_cases_that_come_back_and_chasing_and_leaving():
    ends = {"close": {"end": "solved", "reopens": {"share": "6 %", "after": "3 days", "at": "answer", "at most": 2}}}
    chasing = {"first after": "1 day", "every": "2 days", "share": "60 %", "at most": 5, "type": "chase"}
    made = model(
        lanes=[{"when": "channel = phone", "due": "4 h"}],
        demand=stream(chasing=chasing, customers={"base": 10}, leaves={"solved": "1 %", "late": "3 %"}),
        process={"call": {"answer": WORK, **ends}, "chase": {"ask": WORK, "over": {"end": "solved"}}},
    )
    end, row = step(made, "close"), made.network.streams[0]
    assert (end["reopen_share"], made.names.steps[end["reopen_step"]], end["reopen_most"]) == (0.06, "call: answer", 2)
    assert made.names.steps[row["chase_entry"]] == "chase: ask"
    assert (row["chase_share"], row["chase_most"]) == (0.6, 5)
    assert (row["leave_solved"], row["leave_unsolved"], row["leave_late"]) == (0.01, 0, 0.03)


def test_cases_open_before_the_start():
    cases = [{"arrived": dt.datetime(2026, 2, 27, 12), "at": "answer"},
             {"count": 2, "arrived": "2026-02-25", "since": "2026-03-01", "at": "paid"}]  # fmt: skip
    steps = {"answer": WORK, "paid": {**WORK, "when": "amount > 500"}}
    demand = stream(**{"open cases": cases}, attributes=ATTRIBUTES)
    made = model(demand=demand, process=call(steps))
    days = [
        (row["arrived"] / DAY_US, made.names.steps[row["step"]], row["since"] / DAY_US) for row in made.network.initials
    ]
    assert days == [(-2.5, "call: answer", -2.5), (-5, "call: paid", -1), (-5, "call: paid", -1)]
    assert made.network.streams[["initial_first", "initial_last"]][0].tolist() == (0, 3)


def test_routing():
    routing = {"talk": {
        "to": [{"desk": {"after": "0 s", "reserve": 2}}, {"experts": {"after": "2 min", "reserve": 1}}],
        "ask": "best skilled", "order": "earliest deadline", "within": "4 h", "weight": 3,
        "escalate": {"before deadline": "30 min", "priority": 2}, "balking": {"when waiting": 8, "share": "30 %"},
        "callback": {"when waiting": 5, "accepted": "60 %", "answers": "80 %", "unanswered": "30 s"},
    }}  # fmt: skip
    people = {
        "desk": {"agents": 3, "skills": ["talk"], "picks": "least loaded", "takes": "weighted wait"},
        "experts": {"agents": 1, "skills": {"talk": {"at once": 3, "slowdown": "25 %", "speed": 2}}},
    }
    made = model(routing=routing, people=people, lanes=[{"when": "channel = phone", "due": "4 h"}]).network
    queue = made.queues[0]
    assert (queue["deadline"], queue["within"], queue["weight"], queue["ask"]) == (1, 4 * HOUR_US, 3, 1)
    assert (queue["escalate_before"], queue["escalate_priority"]) == (30 * MINUTE_US, 2)
    assert (queue["balk_from"], queue["balk_share"], queue["callback_from"], queue["callback_share"]) == (
        8,
        0.3,
        5,
        0.6,
    )
    assert queue["callback_answers"] == 0.8
    assert made.lines["after"].tolist() == [0, 2 * MINUTE_US]
    assert made.servers.tolist() == [(0, 2), (1, 1)]
    assert made.served.tolist() == [(0, 2), (1, 1)]
    assert made.groups[["rule", "takes", "contacts"]].tolist() == [(2, 2, 1), (0, 0, 3)]
    assert made.skills[0, 1, 0].tolist() == (2.0, 1.0, 3, 16384)


def test_tiers_are_attributes_and_words_share_out():
    made = model(demand=stream(tier={"urgent": "10 %", "ordinary": "otherwise"}))
    tier = made.attributes[0]["tier"]
    assert tier.words == ("urgent", "ordinary")
    table = made.network.attributes["table"][tier.number]
    bits = [int(share * 2**53) for share in (0.05, 0.0999, 0.1001, 0.9)]
    assert [quantile_us(made.network.tables, table, one) / SECOND_US for one in bits] == [0, 0, 1, 1]


def test_open_cases_at_a_shorthand_step_begin_it():
    steps = {"sort": {"classify": {"right": "50 %", "wrong": ["talk"], "diagnosis": "1 min"}}, "answer": WORK}
    demand = stream(**{"open cases": [{"arrived": "2026-03-01", "at": "sort"}]})
    made = model(demand=demand, process=call(steps))
    assert made.names.steps[made.network.initials["step"][0]] == "call: sort"


def test_times_of_arrival_are_local():
    steps = {"which": {"branch": {"close": "arrived before 2026-03-03", "answer": "otherwise"}}, "answer": WORK}
    made = model(time_zone="Asia/Shanghai", process=call(steps))
    assert ways(made)[1][0] == (-inf, DAY_US, "close")
