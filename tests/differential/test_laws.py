"""Laws that every run must obey, over random scenarios: nothing lost, nobody in two places, Little's law."""

from itertools import pairwise

import numpy as np
import pytest

from sim.build import build
from sim.codes import FIRST_INITIAL, FIRST_SPAWNED, Case, Ending, Flag, Outcome, Session, Visit
from sim.schema import Document
from sim.units import NEVER
from tests.differential.engines import kernel_log
from tests.differential.generator import random_model

V, C, S = Visit, Case, Session
OVER = (Ending.SERVED, Ending.ABANDONED, Ending.UNANSWERED, Ending.SUSPENDED)
WORKED = (Ending.SERVED, Ending.UNANSWERED, Ending.SUSPENDED)


@pytest.fixture(scope="module")
def runs():
    return [(model, kernel_log(model)) for model in map(random_model, range(10_000, 10_060))]


def closing(model, log):
    """The closing time of a run, from its sessions and rows."""
    rows = log.visits[:, [V.ENQUEUED, V.STARTED, V.ENDED, V.RELEASED]]
    times = [*rows.ravel(), *log.sessions[:, S.OFF], *log.cases[:, C.ENDED]]
    happened = [time for time in times if time < NEVER]
    return max([model.network.end, *(happened if model.network.stop > model.network.end else [])])


def visits_of(log):
    """Rows that are visits: all but those of agents who hand over."""
    return log.visits[log.visits[:, V.ENDING] != Ending.HANDING]


def test_every_visit_ends_in_one_way(runs):
    """By queue: offered is served, abandoned, blocked, balked, not answered, suspended, or still there."""
    ways = [ending for ending in Ending if ending not in (Ending.HANDING, Ending.DELAYED, Ending.STILL_DELAYED)]
    for model, log in runs:
        rows = visits_of(log)
        for queue in range(len(model.network.queues)):
            mine = rows[rows[:, V.QUEUE] == queue]
            assert sum((mine[:, V.ENDING] == way).sum() for way in ways) == len(mine)
        resumed, suspended = (rows[:, V.FLAGS] & Flag.RESUMED) > 0, rows[:, V.ENDING] == Ending.SUSPENDED
        assert resumed.sum() == suspended.sum()


def test_every_case_has_one_row_and_all_its_visits(runs):
    for _, log in runs:
        cases = {(row[C.STREAM], row[C.CASE]): row for row in log.cases.tolist()}
        assert len(cases) == len(log.cases)
        visits = {address: [] for address in cases}
        for row in visits_of(log).tolist():
            visits[row[V.STREAM], row[V.CASE]].append(row)
        for address, row in cases.items():
            mine = sorted(visits[address], key=lambda visit: visit[V.VISIT])
            assert [visit[V.VISIT] for visit in mine] == list(range(row[C.VISITS]))
            check_sums(row, mine)
            check_course(row, [visit for visit in mine if visit[V.STRAND] == 0])


def check_sums(case, visits):
    """A case's row agrees with its visits', those of its strands included."""
    over = [visit for visit in visits if visit[V.ENDING] in OVER]
    waits = [(visit[V.STARTED] if visit[V.AGENT] >= 0 else visit[V.ENDED]) - visit[V.ENQUEUED] for visit in over]
    assert case[C.WAITED] == sum(waits)
    worked = [visit[V.RELEASED] - visit[V.STARTED] for visit in over if visit[V.ENDING] in WORKED]
    assert case[C.WORKED] == sum(worked)
    served = [v for v in visits if v[V.STRAND] == 0 and v[V.AGENT] >= 0 and v[V.ENDING] != Ending.UNANSWERED]
    called = [v for v in served if v[V.ENDING] == Ending.STILL_IN_SERVICE and v[V.FLAGS] & Flag.CALLBACK]
    sure = min((visit[V.STARTED] for visit in served if visit not in called), default=NEVER)
    assert case[C.FIRST_RESPONSE] in (sure, min([sure, *(visit[V.STARTED] for visit in called)]))
    assert 1 + max((visit[V.ATTEMPT] for visit in visits), default=0) <= case[C.ATTEMPTS]


def check_course(case, visits):
    """The visits of a case itself follow each other; it ends after them, unless it is open."""
    for one, other in pairwise(visits):
        assert one[V.ENDED] <= other[V.ENQUEUED]
        assert one[V.ATTEMPT] <= other[V.ATTEMPT]
    if case[C.OUTCOME] == Outcome.OPEN:
        assert case[C.ENDED] == NEVER
    elif visits:
        assert case[C.ENDED] >= visits[-1][V.ENDED]
    if case[C.OUTCOME] == Outcome.GONE:
        assert (case[C.VISITS], case[C.ENDED]) == (0, case[C.ARRIVED])
    assert (case[C.SOLVED] <= case[C.ENDED]) or case[C.OUTCOME] != Outcome.SOLVED


def test_cases_come_from_where_they_can_come_from(runs):
    """Recorded ones at most once each, spawned ones where a step leads to, open ones as many as there were."""
    for model, log in runs:
        network = model.network
        spawned_into = set(network.steps["spawn_stream"].tolist())
        for number, stream in enumerate(network.streams):
            cases = log.cases[log.cases[:, C.STREAM] == number]
            own = cases[cases[:, C.CASE] < FIRST_SPAWNED]
            initial = cases[cases[:, C.CASE] >= FIRST_INITIAL]
            if stream["replay_first"] < stream["replay_last"]:
                assert len(own) <= stream["replay_last"] - stream["replay_first"]
            assert len(initial) == stream["initial_last"] - stream["initial_first"]
            assert (initial[:, C.ARRIVED] <= 0).all()
            assert len(own) + len(initial) == len(cases) or number in spawned_into


def test_who_has_left_never_comes_back(runs):
    """Of each customer's cases those that arrive after the end of one that made the customer leave come to nothing."""
    gone = 0
    for _, log in runs:
        counted = log.cases[log.cases[:, C.CUSTOMER] >= 0]
        for stream, customer in {(row[C.STREAM], row[C.CUSTOMER]) for row in counted.tolist()}:
            mine = counted[(counted[:, C.STREAM] == stream) & (counted[:, C.CUSTOMER] == customer)]
            left = mine[mine[:, C.LEFT] == 1, C.ENDED].min(initial=NEVER)
            lost = mine[mine[:, C.OUTCOME] == Outcome.GONE, C.ARRIVED]
            assert (lost >= left).all()
            assert (mine[mine[:, C.OUTCOME] != Outcome.GONE, C.ARRIVED] <= left).all()
            gone += len(lost)
    assert gone


def test_no_time_runs_backwards(runs):
    for _, log in runs:
        served = log.visits[np.isin(log.visits[:, V.ENDING], WORKED)]
        times = served[:, [V.ENQUEUED, V.STARTED, V.ENDED, V.RELEASED]]
        assert (np.diff(times, axis=1) >= 0).all()
        assert (log.visits[:, V.ENDED] >= log.visits[:, V.ENQUEUED]).all()
        assert (log.cases[:, [C.WAITED, C.WORKED, C.HANDOVERS]] >= 0).all()
        assert (log.sessions[:, S.OFF] >= log.sessions[:, S.ON]).all()


def test_agents_have_as_many_contacts_as_they_may_and_work_while_they_are_there(runs):
    """Who has one contact at a time is never at two places, handing over included; all work lies in a session."""
    for model, log in runs:
        last = closing(model, log)
        for agent in np.unique(log.visits[:, V.AGENT]):
            if agent < 0:
                continue
            mine = log.visits[log.visits[:, V.AGENT] == agent]
            most = model.network.groups[mine[0, V.GROUP]]["contacts"]
            until = V.RELEASED if most == 1 else V.ENDED  # foreseen releases may move with several contacts at once
            spans = np.minimum(mine[:, [V.STARTED, until]], last).tolist()
            assert most_at_once(spans) <= most
            sessions = log.sessions[log.sessions[:, S.AGENT] == agent][:, [S.ON, S.OFF]]
            assert all(((sessions[:, 0] <= start) & (end <= sessions[:, 1])).any() for start, end in spans)


def most_at_once(spans):
    changes = sorted(
        [(end, -1) for start, end in spans if end > start] + [(start, 1) for start, end in spans if end > start]
    )
    return max(np.cumsum([change for _, change in changes]), default=0)


def test_sessions_of_an_agent_do_not_overlap(runs):
    for _, log in runs:
        for agent in np.unique(log.sessions[:, S.AGENT]):
            mine = log.sessions[log.sessions[:, S.AGENT] == agent]
            mine = mine[np.lexsort((mine[:, S.OFF], mine[:, S.ON]))]
            assert (mine[1:, S.ON] >= mine[:-1, S.OFF]).all()


def test_nobody_waits_beyond_the_places_of_a_queue(runs):
    """But for branches of forks, suspended work and cases from before the start, which are never turned away."""
    checked = 0
    for model, log in runs:
        for queue, places in enumerate(model.network.queues["waiting_places"]):
            rows = log.visits[log.visits[:, V.QUEUE] == queue]
            exempt = (
                (rows[:, V.STRAND] > 0) | (rows[:, V.FLAGS] & Flag.RESUMED > 0) | (rows[:, V.CASE] >= FIRST_INITIAL)
            )
            if places >= 0 and not exempt.any():
                steps = number_waiting(log, queue, closing(model, log))
                assert max((number for _, number in steps), default=0) <= places
                checked += 1
    assert checked


def number_waiting(log, queue, last):
    """Number waiting after each change, as (time, number); who waits no time is not counted."""
    rows = visits_of(log)
    rows = rows[rows[:, V.QUEUE] == queue]
    joined = np.maximum(rows[:, V.ENQUEUED], 0)
    left = np.minimum(np.minimum(rows[:, V.STARTED], rows[:, V.ENDED]), last)
    waits = left > joined
    changes = sorted([(time, -1) for time in left[waits].tolist()] + [(time, 1) for time in joined[waits].tolist()])
    steps, number = [], 0
    for time, change in changes:
        number += change
        steps.append((time, number))
    return steps


def test_littles_law(runs):
    """Area under the number waiting = sum of the waits in the run = arrivals x mean wait (Little 1961)."""
    total = 0
    for model, log in runs:
        last, rows = closing(model, log), visits_of(log)
        for queue in range(len(model.network.queues)):
            steps = [*number_waiting(log, queue, last), (last, 0)]
            area = sum(n * (later - time) for (time, n), (later, _) in pairwise(steps))
            mine = rows[rows[:, V.QUEUE] == queue]
            left = np.minimum(np.minimum(mine[:, V.STARTED], mine[:, V.ENDED]), last)
            assert area == (left - np.maximum(mine[:, V.ENQUEUED], 0)).sum()
            total += area
    assert total > 0


OVERLOADED = {
    "queuewise": 1,
    "name": "overloaded",
    "start": "2026-03-02 08:00",
    "horizon": "4 h",
    "demand": {
        "patient": {"type": "t", "per hour": 120},
        "hasty": {"type": "t", "per hour": 120, "priority": 2, "patience": {"mean": "3 min", "shape": "exponential"},
                  "redial": {"share": "70 %", "after": {"mean": "5 min", "cv": 1.0}}},
    },
    "people": {"g": {"agents": 4, "skills": ["s"]}},
    "process": {"t": {"serve": {"work": "s", "talk": {"mean": "3 min", "cv": 1.0}}, "done": {"end": "solved"}}},
}  # fmt: skip


@pytest.mark.parametrize("ends", ["stop", "drain"])
def test_twice_the_demand_of_an_overload(ends):
    """Four people can serve 80 an hour and 240 or 480 come: the backlog grows by the difference, nothing is lost."""
    logs = []
    for factor in (1, 2):
        demand = {name: stream | {"per hour": 120 * factor} for name, stream in OVERLOADED["demand"].items()}
        model = build(Document.from_data(OVERLOADED | {"demand": demand, "ends": ends}).scenario)
        logs.append(kernel_log(model))
    single, double = logs
    assert abs(len(double.cases) - 2 * len(single.cases)) < 4 * np.sqrt(2 * len(double.cases))
    assert len(double.cases) > 1.8 * len(single.cases)
    for log in logs:
        patient = log.cases[log.cases[:, C.STREAM] == 0]
        assert not (patient[:, C.OUTCOME] == Outcome.ABANDONED).any()
        assert (log.cases[:, C.WAITED] >= 0).all()
        assert (log.visits[:, V.ENDED] >= log.visits[:, V.ENQUEUED]).all()
        still = log.visits[log.visits[:, V.ENDING] == Ending.STILL_WAITING]
        assert (still[:, [V.STARTED, V.ENDED, V.RELEASED]] == NEVER).all()
        if ends == "drain":
            assert not len(still)
        else:
            served = (log.visits[:, V.ENDING] == Ending.SERVED).sum()
            assert abs(served - 4 * 80) < 4 * np.sqrt(4 * 80)
    if ends == "stop":
        waiting = [(log.visits[:, V.ENDING] == Ending.STILL_WAITING).sum() for log in logs]
        assert waiting[1] > 2 * waiting[0] > 0
