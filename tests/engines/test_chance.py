"""What is drawn: how often a branch is taken, and which draws stay when a scenario changes."""

import numpy as np
import pytest

from sim.build import build
from sim.codes import Case, Ending, Visit
from sim.run import run
from sim.schema import Document
from tests.engines.trace import agents, model


def test_branches_are_taken_as_often_as_their_shares_say():
    """Of 4,000 cases 30 % are expected: 1,200, with a standard deviation of 29."""
    steps = {
        "serve": {"work": "s", "talk": "0 s"},
        "check": {"branch": {"lost": "30 %", "done": "otherwise"}},
        "done": {"end": "solved"},
        "lost": {"end": "unsolved"},
    }
    made = model({"a": {"at": list(range(4000))}}, {"g": agents(1)}, {"t": steps}, horizon="2 h")
    unsolved = (run(made).cases[:, Case.OUTCOME] == 1).sum()
    assert abs(unsolved - 1200) < 4 * 29


def test_redials_happen_as_often_as_their_share_says():
    """Of 4,000 who hang up 60 % try again, at most once: 2,400, with a standard deviation of 31."""
    stream = {"at": list(range(4000)), "patience": "1 s", "redial": {"share": "60 %", "after": "5 s", "attempts": 2}}
    made = model({"a": stream}, {"g": agents(0)}, horizon="2 h")
    assert abs((run(made).cases[:, Case.ATTEMPTS] == 2).sum() - 2400) < 4 * 31


BASE = {
    "queuewise": 1,
    "name": "common chance",
    "start": "2026-03-02",
    "horizon": "2 h",
    "demand": {
        "a": {"type": "t", "per hour": 40, "patience": {"mean": "2 min", "shape": "exponential"},
              "redial": {"share": "50 %", "after": {"mean": "3 min", "cv": 0.5}}},
        "b": {"type": "t", "per hour": 30},
    },
    "people": {"g": {"agents": 3, "skills": ["s"]}},
    "process": {"t": {
        "first": {"work": "s", "talk": {"mean": "3 min", "cv": 0.8}, "wrap": {"mean": "20 s", "cv": 0.5}},
        "again": {"branch": {"first": "20 %", "close": "otherwise"}},
        "close": {"end": "solved"},
    }},
}  # fmt: skip


def durations(data):
    """Of each visit that was served: stream, case and how often the case was at that step, to talk and wrap."""
    made = build(Document.from_data(data).scenario)
    rows = run(made, seed=5).visits
    steps, streams = made.names.steps, made.names.streams
    rows = rows[np.lexsort((rows[:, Visit.VISIT], rows[:, Visit.CASE], rows[:, Visit.STREAM]))]
    seen, found = {}, {}
    for row in rows.tolist():
        place = streams[row[Visit.STREAM]], row[Visit.CASE], steps[row[Visit.STEP]]
        repetition = seen[place] = seen.get(place, -1) + 1
        if row[Visit.ENDING] == Ending.SERVED:
            length = row[Visit.ENDED] - row[Visit.STARTED]
            found[*place, repetition] = (length, row[Visit.RELEASED] - row[Visit.ENDED])
    return found


def arrivals(data):
    made = build(Document.from_data(data).scenario)
    cases = run(made, seed=5).cases
    return {(made.names.streams[row[0]], row[1]): row[2] for row in cases.tolist()}


MORE_PEOPLE = BASE | {"people": {"g": {"agents": 5, "skills": ["s"]}}}
ONE_STEP_MORE = BASE | {"process": {"t": {"greet": {"work": "s", "talk": "10 s"}} | BASE["process"]["t"]}}
ANOTHER_STREAM_FIRST = BASE | {"demand": {"z": {"type": "t", "per hour": 10}} | BASE["demand"]}


@pytest.mark.parametrize(
    "changed", [MORE_PEOPLE, ONE_STEP_MORE, ANOTHER_STREAM_FIRST], ids=["people", "step", "stream"]
)
def test_a_change_in_one_part_leaves_every_other_draw_where_it_was(changed):
    before, after = durations(BASE), durations(changed)
    common = before.keys() & after.keys()
    assert len(common) > 60
    assert all(before[place] == after[place] for place in common)
    assert arrivals(BASE).items() <= arrivals(changed).items()


def test_twice_the_demand_keeps_the_customers_and_brings_them_sooner():
    """Case n of a stream is the same customer, there at half the time; what it takes to serve it is the same."""
    twice = BASE | {"demand": {name: stream | {"per hour": 2 * stream["per hour"]}
                               for name, stream in BASE["demand"].items()}}  # fmt: skip
    before, after = arrivals(BASE), arrivals(twice)
    assert before.keys() <= after.keys()
    assert all(abs(after[case] - time / 2) <= 1 for case, time in before.items())
    one, other = durations(BASE), durations(twice)
    common = one.keys() & other.keys()
    assert len(common) > 50
    assert all(one[place] == other[place] for place in common)


def test_replications_and_seeds_differ():
    made = build(Document.from_data(BASE).scenario)
    logs = [run(made, seed, replication) for seed, replication in ((5, 0), (5, 1), (6, 0))]
    assert not any(one.same_as(other) for one, other in zip(logs, logs[1:] + logs[:1], strict=True))
    assert run(made, 5, 1).same_as(logs[1])
