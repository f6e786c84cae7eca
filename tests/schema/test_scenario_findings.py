"""What is wrong with a scenario, each case with the place and the words of its message."""

import pytest

from sim.errors import ScenarioError
from sim.schema import Document
from tests.schema.small import WORK, call, document, stream

ATTRIBUTES = {"customer": {"firm": "20 %", "home": "otherwise"}, "amount": {"values": [0, 500, 9000]}}
OFFICE = {"office": {"mon-fri": "09:00-17:00"}}
END = {"end": "solved"}
LEVEL = {"by": "talk", "takes": "1 min"}
BOT = {"covers": "50 %", "contains": "75 %", "turn": "40 s"}


def refused(pieces, **changes):
    with pytest.raises(ScenarioError) as caught:
        _ = document(**changes).scenario
    for piece in pieces.split(" | "):
        assert piece in str(caught.value), str(caught.value)


STEPS = {
    "two kinds": ({"x": {**WORK, "delay": "1 min"}}, "exactly one of: work, delay, until open | given: work, delay"),
    "a field of another kind": ({"x": {**WORK, "after": "1 min"}}, "call.x.after: 'after' goes with 'spawn' only"),
    "lead when without lead": ({"x": {**WORK, "lead when": "always"}}, "'lead when' needs a 'lead'"),
    "lead and travel": ({"x": {**WORK, "lead": "1 s", "travel": "1 min"}}, "x.travel: a lead and a travel"),
    "two ends of a visit": ({"x": {**WORK, "wrap": "1 s", "travel back": "1 s"}}, "a wrap and a travel back"),
    "briefing and wrap": ({"x": {**WORK, "wrap": "1 s", "briefing": "1 s"}}, "x.briefing: a briefing and a wrap"),
    "suspended and impatient": ({"x": {**WORK, "suspends": True}}, "needs 'patience: none'"),
    "never back": ({"x": {**WORK, "lead": {"mean": "1 s", "cv": 1, "never": 0.1}}}, "a lead that may never end"),
    "unknown unsolved": ({"x": {**WORK, "unsolved": "clos"}}, "call.x.unsolved: no such step | mean 'close'"),
    "a mark of nothing": ({"m": {"mark": {}}, "x": WORK}, "a mark that changes nothing"),
    "a mark's calendar": ({"m": {"mark": {"priority": 1, "in": "office"}}, "x": WORK}, "m.mark.in: 'in' says which"),
    "unknown calendar": ({"x": {"delay": "1 h", "in": "ofice"}, "y": WORK}, "x.in: no such calendar: 'ofice'"),
    "no calendar": ({"x": {"until open": "shop"}, "y": WORK}, "x.until open: no such calendar"),
    "mark in no calendar": ({"m": {"mark": {"due": "1 h", "in": "shop"}}, "x": WORK}, "m.mark.in: no such calendar"),
    "no round": ({"x": {"rounds at": []}, "y": WORK}, "rounds without an hour"),
    "a round twice": ({"x": {"rounds at": ["10:00", "10:00"]}, "y": WORK}, "a round twice"),
    "rounds of nowhere": ({"x": {"rounds at": ["25:00"]}, "y": WORK}, "rounds at[0]: not a time of day"),
    "a day of rounds twice": (
        {"x": {"rounds at": ["10:00"], "days": ["mon-fri", "fri"]}, "y": WORK},
        "x.days: a day twice",
    ),
    "compared with no number": ({"x": {**WORK, "when": "amount > nan"}}, "x.when: not a number to compare with"),
    "as often as you like": ({"x": {**WORK, "lead": {"mean": "1 s", "cv": float("inf")}}}, "x.lead.cv: should be a"),
    "any spread": ({"x": {**WORK, "lead": {"median": "1 s", "spread": 50}}}, "x.lead.spread: out of range | 20"),
    "no spread": (
        {"x": {**WORK, "lead": {"mean": "1 s", "cv": 0.001, "shape": "weibull"}}},
        "lead.cv: hardly any variation",
    ),
    "a unit of nothing": (
        {"x": {**WORK, "lead": {"scipy": {"name": "expon", "unit": "0 s"}}}},
        "scipy.unit: must last longer",
    ),
    "days twice": ({"x": {"rounds at": ["10:00"], "days": "mon", "in": "office"}, "y": WORK}, "'days' and 'in'"),
    "no such days": ({"x": {"rounds at": ["10:00"], "days": "mo"}, "y": WORK}, "x.days: not a day"),
    "unknown stream": ({"x": {"spawn": "cals"}, "y": WORK}, "x.spawn: no such stream: 'cals' | mean 'calls'"),
    "a fork of one": ({"x": {"fork": ["y"]}, "y": WORK, "j": {"join": True}}, "x.fork: a fork needs two"),
    "unknown branch of a fork": ({"x": {"fork": ["y", "z"]}, "y": WORK, "j": {"join": True}}, "fork[1]: no such step"),
    "not a condition": ({"x": {"branch": {"y": "amount", "close": "otherwise"}}, "y": WORK}, "not a condition"),
    "not a share": ({"x": {"branch": {"y": 3, "close": "otherwise"}}, "y": WORK}, "branch.y: not a share"),
    "no otherwise": ({"x": {"branch": {"y": "amount > 3"}}, "y": WORK}, "conditions need one 'otherwise'"),
    "shares and conditions": (
        {"x": {"branch": {"y": "amount > 3", "z": "20 %", "close": "otherwise"}}, "y": WORK, "z": WORK},
        "x.branch: shares and conditions in one branch",
    ),
    "easy conditions": (
        {"x": {"branch": {"y": "amount > 3", "close": "otherwise"}, "easy first": True}, "y": WORK},
        "'easy first' goes with shares",
    ),
    "unknown attribute": ({"x": {**WORK, "when": "amont > 3"}}, "x.when: no such attribute: 'amont' | 'amount'"),
    "unknown word": ({"x": {**WORK, "when": "customer = form"}}, "no such word of 'customer': 'form' | 'firm'"),
    "a word that is compared": ({"x": {**WORK, "when": "customer > 3"}}, "'customer' is a word, not a number"),
    "a number that is a word": ({"x": {**WORK, "when": "amount = high"}}, "'amount' is a number"),
    "more than a word": ({"x": {**WORK, "when": "customer > firm"}}, "not a number to compare with"),
    "half a time": ({"x": {**WORK, "when": "times < 1.5"}}, "not a number of times"),
    "unknown group": ({"x": {**WORK, "when": "served by dsk"}}, "no such group: 'dsk' | 'desk'"),
    "closed nowhere": ({"x": {**WORK, "when": "closed shop"}}, "x.when: no such calendar"),
    "no moment": ({"x": {**WORK, "when": "arrived before noon"}}, "not a local date or time"),
    "nowhere to come back": (
        {"x": WORK, "shut": {**END, "reopens": {"share": 0.1, "after": "1 d", "at": "y"}}},
        "shut.reopens.at: no such step",
    ),
    "wrong outcome of a bot": ({"x": {"bot": {**BOT, "falsely": "5 %"}}, "y": WORK}, "'comes back after' go together"),
    "a skill wrong twice": (
        {"x": {"classify": {"right": 0.5, "wrong": ["talk", "talk"], "diagnosis": "1 s"}}, "y": WORK},
        "a wrong skill twice",
    ),
    "a wrong skill that nobody has": (
        {"x": {"classify": {"right": 0.5, "wrong": ["tlk"], "diagnosis": "1 s"}}, "y": WORK},
        "process.call.x: a step nobody can do: skill 'tlk' | mean 'talk'",
    ),
    "no such approval": ({"x": {"approve": "refunds"}, "y": WORK}, "x.approve: no such approval"),
    "the same name": (
        {"x": {"classify": {"right": 0.5, "wrong": ["talk"], "diagnosis": "1 s"}}, "x: at talk": WORK},
        "another step needs the same name",
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_steps(name):
    steps, pieces = STEPS[name]
    refused(pieces, process=call(steps), calendars=OFFICE, demand=stream(attributes=ATTRIBUTES))


FORK = {"split": {"fork": ["a", "b"]}, "a": {**WORK, "next": "both"}, "b": WORK, "both": {"join": True}}
FLOWS = {
    "an end in a fork": (
        {"split": {"fork": ["a", "b"]}, "a": {**WORK, "next": "close"}, "b": WORK, "both": {"join": True}},
        "process.call.close: an end inside a branch of fork 'split'",
    ),
    "a join without a fork": ({"a": WORK, "both": {"join": True}}, "call.both: a join that no fork leads to"),
    "two joins": (
        {"split": {"fork": ["a", "b"]}, "a": WORK, "one": {"join": True, "next": "close"}, "b": WORK,
         "two": {"join": True}},
        "a second join of fork 'split'",
    ),
    "a way into a branch": ({"x": {"branch": {"a": "5 %", "split": "otherwise"}}, **FORK}, "into or out of a branch"),
    "a way out of a branch": (
        {**FORK, "b": {"branch": {"out": "5 %", "both": "otherwise"}}, "out": WORK}, "into or out of a branch",
    ),
    "back to the fork": (
        {**FORK, "b": {"branch": {"split": "5 %", "both": "otherwise"}}}, "call.split: a way into or out of a branch",
    ),
    "a last mark": ({"x": WORK, "m": {"mark": {"priority": 1}}, "close": {"delay": "1 s"}}, "end missing"),
    "nothing to skip to": ({"x": WORK, "close": {"end": "solved", "when": "amount > 3"}}, "nothing to skip to"),
    "a bot at the end": ({"x": WORK, "shut": END, "close": {"bot": BOT}}, "call.close: end missing"),
    "a circle of marks": (
        {"m": {"mark": {"priority": 1}}, "x": {"branch": {"m": "5 %", "y": "otherwise"}}, "y": WORK},
        "a cycle that may take no time",
    ),
    "a circle of work cut to nothing": (
        {"m": {"work": "talk", "talk": {"mean": "1 min", "cv": 1, "at most": "0 s"}},
         "x": {"branch": {"m": "5 %", "y": "otherwise"}}, "y": WORK},
        "a cycle that may take no time",
    ),
    "a circle until open": (
        {"m": {"until open": "office"}, "x": {"branch": {"m": "5 %", "y": "otherwise"}}, "y": WORK},
        "a cycle that may take no time",
    ),
    "a circle through forks that may take no time": (
        {
            "split": {"fork": ["a", "b"]},
            "a": {"fork": ["c", "d"]},
            "b": {"mark": {"priority": 1}, "next": "both"},
            "c": {"mark": {"priority": 1}, "next": "inner"},
            "d": {"branch": {"wait": "50 %", "inner": "otherwise"}},
            "wait": {"delay": "1 h", "next": "inner"},
            "inner": {"join": True, "next": "both"},
            "both": {"join": True},
            "over": {"branch": {"split": "10 %", "close": "otherwise"}},
        },
        "call.split: a cycle that may take no time",
    ),
    "a circle whose lead may be left out": (
        {"m": {"work": "talk", "talk": "0 s", "lead": "1 s", "lead when": "new person"},
         "x": {"branch": {"m": "5 %", "y": "otherwise"}}, "y": WORK},
        "a cycle that may take no time",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FLOWS)
def test_flow(name):
    steps, pieces = FLOWS[name]
    changes = {"process": {"call": {"close": END, **steps}}, "calendars": OFFICE}
    order = [key for key in steps if key != "close"] + ["close"]
    changes["process"]["call"] = {key: changes["process"]["call"][key] for key in order}
    refused(pieces, demand=stream(attributes=ATTRIBUTES), **changes)


def test_forks_inside_forks_and_circles_that_take_time_are_fine():
    steps = {
        "split": {"fork": ["a", "b"]},
        "a": {**WORK, "next": "both"},
        "b": {"fork": ["c", "d"]},
        "c": {**WORK, "next": "inner"},
        "d": {"branch": {"again": "50 %", "inner": "otherwise"}},
        "again": {"delay": "1 h", "next": "d"},
        "inner": {"join": True, "next": "both"},
        "both": {"join": True},
        "over": {"branch": {"split": "10 %", "close": "otherwise"}},
    }
    assert document(process=call(steps)).scenario


STREAMS = {
    "no rate": ({"calls": {"type": "call"}}, "demand.calls: a stream without a rate"),
    "two rates": ({"calls": {"type": "call", "per hour": 1, "per week": 1}}, "exactly one of: per hour | per week"),
    "a rate of customers and another": (
        {"calls": {"type": "call", "per hour": 1, "customers": {"base": 5, "contacts per year": 2}}},
        "exactly one of | per hour, customers with contacts per year",
    ),
    "unknown base": (stream(customers={"base": "hom"}), "customers.base: no such base under 'customers'"),
    "leaving without customers": (stream(leaves={"solved": "1 %"}), "calls.leaves: who leaves must be counted"),
    "an attribute's name": (stream(attributes={"tier": "urgent"}), "'tier' is no name for an attribute"),
    "words": (stream(attributes={"x": {"a": "20 %", "b": "20 %"}}), "attributes.x: shares of words must add up | 40 %"),
    "numbers": (stream(attributes={"x": {"median": -3, "spread": 1}}), "x.median: out of range"),
    "numbers in words": (stream(attributes={"x": {"mean": "3", "cv": 1}}), "x.mean: not a number"),
    "half a law": (stream(attributes={"x": {"mean": 3}}), "attributes.x: a mean needs its variation"),
    "no end": (stream(attributes={"x": {"mean": 3, "cv": 1, "never": "1 %"}}), "a number that may be infinite"),
    "a tier that is a number": (stream(tier=3), "calls.tier: not a tier"),
    "words here, numbers there": (
        {"calls": {**stream(attributes={"x": 3})["calls"]}, "mail": {**stream(attributes={"x": "a"})["calls"]}},
        "demand.mail.attributes.x: 'x' is words in one stream and a number in another",
    ),
    "chasing by nobody": (
        stream(chasing={"first after": "1 d", "every": "1 d", "type": "chas"}), "chasing.type: no such process",
    ),
    "chasing all the time": (
        stream(chasing={"first after": "1 d", "every": "0 s", "type": "call"}), "timers without time between them",
    ),
    "chasing never": (
        stream(chasing={"first after": {"mean": "1 d", "cv": 1, "never": 0.5}, "every": "1 d", "type": "call"}),
        "chasing.first after: a timer that may never come",
    ),
    "open nowhere": (
        stream(**{"open cases": [{"arrived": "2026-03-01", "at": "anser"}]}), "open cases[0].at: no such step | answer",
    ),
    "open since before calendars": (
        stream(**{"open cases": [{"arrived": "0001-01-01", "at": "answer"}]}), "arrived: out of range | 1900 to 2999",
    ),
    "late for nothing": (
        stream(customers={"base": 9}, leaves={"late": "5 %"}),
        "leaves.late: no case has a deadline | no deadline inside",
    ),
    "open at the end": (
        stream(**{"open cases": [{"arrived": "2026-03-01", "at": "close"}]}), "an open case waits at no such step",
    ),
    "open from tomorrow": (
        stream(**{"open cases": [{"arrived": "2026-03-03", "at": "answer"}]}), "an open case from after the start",
    ),
    "there before it came": (
        stream(**{"open cases": [{"arrived": "2026-03-01", "since": "2026-02-27", "at": "answer"}]}),
        "cases[0].since: at the step before it came",
    ),
    "a month's part": (stream(month={"last week": 2}), "month.last week: not a part of a month"),
    "a calendar of no month": (stream(calendar="office"), "calls.calendar: 'calendar' says which days"),
    "an unknown calendar": (
        stream(month={"last 3 business days": 2}, calendar="ofice"), "calls.calendar: no such calendar: 'ofice'",
    ),
    "a surge that ends first": (
        stream(surges=[{"from": "2026-03-03", "to": "2026-03-03", "factor": 2}]), "surges[0].to: a surge that ends",
    ),
    "holidays of nowhere": (stream(**{"special days": {"holidays": 0.5}}), "a country's 'holidays' go together"),
    "an unknown country": (stream(holidays="XX", **{"special days": {"holidays": 0.5}}), "no such country"),
    "a shape without a rate": ({"calls": {"type": "call", "trend": "2 %"}}, "exactly one of: per hour"),
    "a recorded trend": (
        {"calls": {"type": "call", "recorded": ["2026-03-02 08:00"], "trend": "2 %"}},
        "recorded arrivals cannot be scaled | given: trend",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_streams(name):
    demand, pieces = STREAMS[name]
    refused(pieces, demand=demand, calendars=OFFICE)


def test_a_stream_lacks_what_its_process_asks_for():
    one = {"type": "call", "per hour": 1}
    refused(
        "process.call.x.when: cases of 'mail' have no 'amount' | Give it to demand.mail.",
        demand={"calls": {**one, "attributes": {"amount": 3}}, "mail": one},
        process=call({"x": {**WORK, "when": "amount > 2"}}),
    )


def test_cases_that_others_gave_rise_to_give_rise_to_none():
    refused(
        "process.call.x.spawn: cases of 'checks' come from other cases",
        demand={"calls": {"type": "call", "per hour": 1}, "checks": {"type": "call"}},
        process=call({"x": {"spawn": "checks"}, "answer": WORK}),
    )


DAY = {"hours": "08:00-16:00", "agents": 2}
PEOPLE = {"desk": {"agents": 2, "skills": {"talk": {"at once": 2}}}, "boss": {"agents": 1, "skills": ["talk"]}}
ELSEWHERE = {
    "solved for nothing": (
        {"people": {"desk": {"agents": 2, "skills": {"talk": {"solves": "50 %"}}}}},
        "skills.talk.solves: nothing follows for cases that are not solved",
    ),
    "busy with others": (
        {"people": PEOPLE, "process": call({"x": {**WORK, "briefing": "1 min"}})},
        "call.x.briefing: 'desk' holds several contacts at once",
    ),
    "due within what": ({"routing": {"talk": {"order": "earliest deadline"}}}, "talk.order: 'within' and 'order"),
    "within for nothing": ({"routing": {"talk": {"within": "4 h"}}}, "'within' and 'order: earliest deadline' go"),
    "reserve": ({"routing": {"talk": {"to": [{"desk": {"reserve": -1}}]}}}, "desk.reserve: not a number of agents"),
    "a reserve of all": ({"routing": {"talk": {"to": [{"desk": {"reserve": 2}}]}}}, "to[0]: group 'desk' never serves"),
    "escalated for nothing": (
        {"routing": {"talk": {"escalate": {"before deadline": "1 h"}}}}, "talk.escalate: no case has a deadline",
    ),
    "intervals of nothing": ({"interval": "1 us"}, "interval: an interval that does not divide a day, or less than a"),
    "a start long ago": ({"start": "1899-12-31"}, "start: out of range | years from 1900 to 2999"),
    "a phase of nobody": (
        {"phases": {"p": {"from": "2026-03-03", "interventions": ["more"], "when": "customer = frm"}},
         "interventions": {"more": {"set": {"people.desk.agents": 3}}}, "demand": stream(attributes=ATTRIBUTES)},
        "phases.p.when: no such word of 'customer': 'frm' | Did you mean 'firm'",
    ),
    "a phase of no number": (
        {"phases": {"p": {"from": "2026-03-03", "interventions": ["more"], "when": "amount = much"}},
         "interventions": {"more": {"set": {"people.desk.agents": 3}}}, "demand": stream(attributes=ATTRIBUTES)},
        "phases.p.when: 'amount' is a number",
    ),
    "open inside a fork": (
        {"process": call({"f": {"fork": ["y", "z"]}, "y": {**WORK, "next": "j"}, "z": WORK, "j": {"join": True}}),
         "demand": stream(**{"open cases": [{"arrived": "2026-03-01", "at": "y"}]})},
        "open cases[0].at: an open case inside a branch of a fork",
    ),
    "too many new people": (
        {"people": {"desk": {"shifts": {"day": DAY}, "skills": ["talk"],
                             "hires": [{"on": "2026-03-04", "agents": 60_000, "shift": "day"}]}}},
        "people.desk: too many agents in one group",
    ),
    "half a minute's break": (
        {"people": {"desk": {"shifts": {"day": {**DAY, "break": {"at": "12:00", "for": "30 s"}}}, "skills": ["talk"]}}},
        "day.break.for: not whole minutes",
    ),
    "mentors for a moment": (
        {"people": {"desk": {"shifts": {"day": DAY}, "skills": ["talk"],
                             "hires": [{"on": "2026-03-04", "agents": 1, "shift": "day",
                                        "mentors": {"hours a day": 0.001, "for": "9 days"}}]}}},
        "mentors.hours a day: less than a minute",
    ),
    "a target": ({"routing": {"talk": {"to": [{"desk": "later"}]}}}, "to[0]: not a group | {name: after 40 s}"),
    "unanswered": (
        {"routing": {"talk": {"callback": {"when waiting": 1, "accepted": 1, "answers": 0.5}}}},
        "talk.callback: a call that nobody answers takes time",
    ),
    "a shift of no calendar": (
        {"people": {"desk": {"shifts": {"day": {"hours": "09:00-17:00", "in": "office", "agents": 1}},
                             "skills": ["talk"]}}},
        "shifts.day.in: no such calendar",
    ),
    "a calendar that is never open": ({"calendars": {"office": {}}}, "calendars.office: a calendar that is never open"),
    "a calendar's hours": ({"calendars": {"office": {"mon": ["9-5"]}}}, "calendars.office.mon[0]: not"),
    "an approval for nothing": ({"approvals": {"refunds": [LEVEL]}}, "approvals.refunds: an approval that no step"),
    "rejected to nowhere": (
        {"approvals": {"refunds": [{**LEVEL, "rejects": "5 %"}]}, "process": call({"x": {"approve": "refunds"}})},
        "process.call.x: nowhere to lead rejected cases",
    ),
    "limits of what": (
        {"approvals": {"refunds": [{**LEVEL, "up to": {"amont": 5}}]}, "process": call({"x": {"approve": "refunds"}})},
        "approvals.refunds[0].up to.amont: no such attribute",
    ),
    "delegated what": (
        {"approvals": {"refunds": {"levels": [LEVEL], "delegated": {"sum": 5}}},
         "process": call({"x": {"approve": "refunds"}})},
        "approvals.refunds.delegated.sum: no such attribute",
    ),
    "rounds of no calendar": (
        {"approvals": {"refunds": [{**LEVEL, "rounds at": ["10:00"], "in": "shop"}]},
         "process": call({"x": {"approve": "refunds"}})},
        "approvals.refunds[0].in: no such calendar",
    ),
    "deputies from nowhere": (
        {"approvals": {"refunds": [{**LEVEL, "deputies": {"group": "bos", "after": "1 h"}}]}, "people": PEOPLE,
         "process": call({"x": {"approve": "refunds"}})},
        "[0].deputies.group: no such group: 'bos' | mean 'boss'",
    ),
    "deputies who serve anyway": (
        {"approvals": {"refunds": [{**LEVEL, "deputies": {"group": "boss", "after": "1 h"}}]}, "people": PEOPLE,
         "process": call({"x": {"approve": "refunds"}}), "routing": {"talk": {"to": ["desk", "boss"]}}},
        "'boss' serves 'talk' already",
    ),
    "deputies with two waits": (
        {"approvals": {"refunds": [{**LEVEL, "deputies": {"group": "boss", "after": wait}} for wait in ("1 h", "2 h")]},
         "people": PEOPLE, "process": call({"x": {"approve": "refunds"}})},
        "[0].deputies.after: two waits of 'boss' for 'talk'",
    ),
    "too much returned": (
        {"approvals": {"refunds": [{**LEVEL, "returns": "60 %", "rejects": "50 %"}]}},
        "approvals.refunds[0]: returns and rejects together exceed 100 %",
    ),
    "a lane of nothing": ({"lanes": [{"when": "channel = phone"}]}, "lanes[0]: a lane that changes nothing"),
    "a lane of nobody": ({"lanes": [{"when": "vip = yes", "priority": 1}]}, "lanes[0].when: no such attribute: 'vip'"),
    "a lane of no calendar": (
        {"lanes": [{"when": "channel = phone", "due": "1 h", "in": "shop"}]}, "lanes[0].in: no such calendar",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ELSEWHERE)
def test_elsewhere(name):
    changes, pieces = ELSEWHERE[name]
    refused(pieces, **changes)


def test_too_many_cases_to_tell_their_offspring_apart():
    from sim.build import build

    demand = {"calls": {"type": "call", "per hour": 9e8}, "checks": {"type": "check"}}
    process = {**call({"x": {"spawn": "checks"}, "answer": WORK}), "check": {"do": WORK, "done": END}}
    with pytest.raises(ScenarioError, match=r"demand.calls: too many cases for a stream that gives rise to others"):
        build(document(demand=demand, process=process).scenario)


def test_lists_too_deep_inside_each_other():
    with pytest.raises(ScenarioError, match=r"deep.yaml: lists or mappings too deep inside each other"):
        Document.from_text("a: " + "[" * 3000 + "]" * 3000, "deep.yaml")
