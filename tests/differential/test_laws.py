"""Laws that every run must obey, over random scenarios: nothing lost, nobody in two places, Little's law."""

from itertools import pairwise

import numpy as np
import pytest

from sim.build import build
from sim.codes import Case, Ending, Outcome, Session, Visit
from sim.schema import Document
from sim.units import NEVER
from tests.differential.engines import kernel_log
from tests.differential.generator import random_document

V, C, S = Visit, Case, Session


@pytest.fixture(scope="module")
def runs():
    models = [build(random_document(number).scenario) for number in range(1000, 1060)]
    return [(model, kernel_log(model)) for model in models]


def closing(model, log):
    """The closing time of a run, from its sessions and rows."""
    times = [*log.visits[:, V.RELEASED], *log.visits[:, V.ENDED], *log.cases[:, C.ENDED]]
    happened = [time for time in times if time < NEVER]
    return max([model.network.end, *(happened if model.network.stop > model.network.end else [])])


def count(rows, *endings):
    return np.isin(rows[:, V.ENDING], endings).sum()


def test_offered_is_served_and_abandoned_and_blocked_and_still_there(runs):
    """By queue; and by case: each visit begun has one row, each case one row."""
    for model, log in runs:
        for queue in range(len(model.network.queues)):
            rows = log.visits[log.visits[:, V.QUEUE] == queue]
            still = count(rows, Ending.STILL_WAITING, Ending.STILL_IN_SERVICE)
            parts = count(rows, Ending.SERVED), count(rows, Ending.ABANDONED), count(rows, Ending.BLOCKED), still
            assert sum(parts) == len(rows)
        cases = {(row[C.STREAM], row[C.CASE]): row for row in log.cases.tolist()}
        assert len(cases) == len(log.cases)
        visits = {}
        for row in log.visits.tolist():
            visits.setdefault((row[V.STREAM], row[V.CASE]), []).append(row)
        for address, row in cases.items():
            mine = sorted(visits.get(address, []), key=lambda visit: visit[V.VISIT])
            assert [visit[V.VISIT] for visit in mine] == list(range(row[C.VISITS]))
            check_case(row, mine)


def check_case(case, visits):
    """A case's row agrees with its visits'; visits follow each other in time."""
    served = [visit for visit in visits if visit[V.ENDING] == Ending.SERVED]
    over = [visit for visit in visits if visit[V.ENDING] in (Ending.SERVED, Ending.ABANDONED)]
    waits = [(visit[V.STARTED] if visit[V.AGENT] >= 0 else visit[V.ENDED]) - visit[V.ENQUEUED] for visit in over]
    assert case[C.WAITED] == sum(waits)
    assert case[C.WORKED] == sum(visit[V.RELEASED] - visit[V.STARTED] for visit in served)
    starts = [visit[V.STARTED] for visit in visits if visit[V.AGENT] >= 0]
    assert case[C.FIRST_RESPONSE] == min(starts, default=NEVER)
    attempts = 1 + max((visit[V.ATTEMPT] for visit in visits), default=0)
    led_nowhere = case[C.ATTEMPTS] == attempts + 1  # a branch took the last attempt straight to an end
    assert case[C.ATTEMPTS] == attempts + led_nowhere
    assert not led_nowhere or case[C.OUTCOME] in (Outcome.SOLVED, Outcome.UNSOLVED)
    for one, other in pairwise(visits):
        same_attempt = one[V.ATTEMPT] == other[V.ATTEMPT]
        assert one[V.ENDED] == other[V.ENQUEUED] if same_attempt else one[V.ENDED] <= other[V.ENQUEUED]
    if case[C.OUTCOME] == Outcome.OPEN:
        assert case[C.ENDED] == NEVER
    elif visits:
        assert case[C.ENDED] >= visits[-1][V.ENDED] if led_nowhere else case[C.ENDED] == visits[-1][V.ENDED]


def test_no_time_runs_backwards(runs):
    for _, log in runs:
        served = log.visits[log.visits[:, V.ENDING] == Ending.SERVED]
        times = served[:, [V.ENQUEUED, V.STARTED, V.ENDED, V.RELEASED]]
        assert (np.diff(times, axis=1) >= 0).all()
        assert (log.visits[:, V.ENDED] >= log.visits[:, V.ENQUEUED]).all()
        assert (log.cases[:, [C.WAITED, C.WORKED, C.HANDOVERS]] >= 0).all()
        assert (log.sessions[:, S.OFF] >= log.sessions[:, S.ON]).all()


def test_no_agent_serves_two_at_once_and_all_service_lies_in_a_session(runs):
    for model, log in runs:
        last = closing(model, log)
        for agent in np.unique(log.visits[:, V.AGENT]):
            if agent < 0:
                continue
            work = log.visits[log.visits[:, V.AGENT] == agent][:, [V.STARTED, V.RELEASED]]
            work = work[np.lexsort((work[:, 1], work[:, 0]))]
            assert (work[1:, 0] >= work[:-1, 1]).all()
            sessions = log.sessions[log.sessions[:, S.AGENT] == agent][:, [S.ON, S.OFF]]
            for start, end in np.minimum(work, last).tolist():
                assert ((sessions[:, 0] <= start) & (end <= sessions[:, 1])).any()


def test_sessions_of_an_agent_do_not_overlap(runs):
    for _, log in runs:
        for agent in np.unique(log.sessions[:, S.AGENT]):
            mine = log.sessions[log.sessions[:, S.AGENT] == agent]
            mine = mine[np.lexsort((mine[:, S.OFF], mine[:, S.ON]))]
            assert (mine[1:, S.ON] >= mine[:-1, S.OFF]).all()


def test_nobody_waits_beyond_the_places_of_a_queue(runs):
    for model, log in runs:
        for queue, places in enumerate(model.network.queues["waiting_places"]):
            if places >= 0:
                steps = number_waiting(log, queue, closing(model, log))
                assert max((number for _, number in steps), default=0) <= places


def number_waiting(log, queue, last):
    """Number waiting after each change, as (time, number); who waits no time is not counted."""
    rows = log.visits[log.visits[:, V.QUEUE] == queue]
    left = np.minimum(np.minimum(rows[:, V.STARTED], rows[:, V.ENDED]), last)
    waits = left > rows[:, V.ENQUEUED]
    changes = sorted([(time, -1) for time in left[waits].tolist()]
                     + [(time, 1) for time in rows[waits, V.ENQUEUED].tolist()])  # fmt: skip
    steps, number = [], 0
    for time, change in changes:
        number += change
        steps.append((time, number))
    return steps


def test_littles_law(runs):
    """Area under the number waiting = sum of the waits in the run = arrivals x mean wait (Little 1961)."""
    total = 0
    for model, log in runs:
        last = closing(model, log)
        for queue in range(len(model.network.queues)):
            steps = [*number_waiting(log, queue, last), (last, 0)]
            area = sum(n * (later - time) for (time, n), (later, _) in pairwise(steps))
            rows = log.visits[log.visits[:, V.QUEUE] == queue]
            waits = np.minimum(np.minimum(rows[:, V.STARTED], rows[:, V.ENDED]), last) - rows[:, V.ENQUEUED]
            assert area == waits.sum()
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
