"""The compiled counting against a plain one, on any rows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.codes import Case, Ending, Flag, Outcome, Session, Visit
from sim.log import Log
from sim.metrics import Totals
from sim.metrics.service import Indicator, Service
from sim.metrics.sums import AgentSum, Duration, GroupSum
from sim.units import NEVER, SECOND_US
from tests.metrics.plain import Plain
from tests.metrics.rows import frame

INTERVAL, END, CLOSING = 50, 230, 300
"""Seconds: five intervals, the last cut by the end, and a run that drains."""
FRAMES = st.fixed_dictionaries({
    "several": st.sampled_from([(), (1,)]),
    "warm_up_us": st.sampled_from([0, 20 * SECOND_US, 100 * SECOND_US]),
    "threshold_us": st.just((0, 20 * SECOND_US)),
})  # fmt: skip
SCORECARD = Service(scorecard=(Indicator("one", 1.0, "", 50.0, 0.0, 100.0),))
"""Contacts of each agent are counted for it."""
MOMENTS = st.integers(-20, CLOSING).map(lambda seconds: seconds * SECOND_US) | st.integers(0, END * SECOND_US)


@st.composite
def visits(draw):
    row = [0] * len(Visit)
    enqueued, started, ended, released = sorted(draw(st.tuples(*[MOMENTS] * 4)))
    ending = draw(st.sampled_from(Ending))
    if ending not in (Ending.SERVED, Ending.SUSPENDED, Ending.HANDING, Ending.STILL_IN_SERVICE):
        started = released = NEVER
    if ending in (Ending.STILL_WAITING, Ending.STILL_IN_SERVICE):
        ended = released = NEVER
    row[Visit.ENQUEUED], row[Visit.STARTED], row[Visit.ENDED], row[Visit.RELEASED] = enqueued, started, ended, released
    row[Visit.HOLD] = draw(st.integers(0, max(ended - started, 0))) if ended < NEVER > started else 0
    row[Visit.ENDING], row[Visit.FLAGS] = ending, draw(st.sampled_from([0, 0, *Flag, Flag.CALLBACK | Flag.ESCALATED]))
    row[Visit.QUEUE], row[Visit.ATTEMPT] = draw(st.integers(-1, 1)), draw(st.integers(0, 2))
    agent = draw(st.integers(0, 3)) if started < NEVER else -1
    row[Visit.AGENT], row[Visit.GROUP] = agent, agent // 2
    return row


@st.composite
def cases(draw):
    row = [0] * len(Case)
    arrived, response, solved, ended = sorted(draw(st.tuples(*[MOMENTS] * 4)))
    outcome = draw(st.sampled_from(Outcome))
    row[Case.ARRIVED], row[Case.OUTCOME] = arrived, outcome
    row[Case.FIRST_RESPONSE] = draw(st.sampled_from([response, NEVER]))
    row[Case.SOLVED] = solved if outcome == Outcome.SOLVED else draw(st.sampled_from([solved, NEVER]))
    row[Case.ENDED] = NEVER if outcome == Outcome.OPEN else ended
    row[Case.STREAM], row[Case.CUSTOMER] = draw(st.integers(0, 1)), draw(st.integers(-1, 1))
    row[Case.ATTEMPTS], row[Case.LEFT] = draw(st.integers(1, 2)), draw(st.integers(0, 1))
    for column in (Case.HANDOVERS, Case.REOPENED, Case.CHASES):
        row[column] = draw(st.sampled_from([0, 0, 1, 2]))
    return row


def table(rows, columns):
    return np.array(rows, np.int64).reshape(-1, len(columns))


def window(changes, judged=None):
    two = {"queues": ("a", "b"), "groups": ("a", "b"), "streams": ("a", "b"), "channels": ("phone", "phone")}
    return frame(
        **two, interval_us=INTERVAL * SECOND_US, end_us=END * SECOND_US, formula=("SL4",) * 2, goal=(None,) * 2,
        service=judged, agents=4, **changes,
    )  # fmt: skip


def cells(sums):
    """What is not zero, by place."""
    return {tuple(place): sums[tuple(place)] for place in np.argwhere(sums).tolist()}


def told(counter):
    return {tuple(map(int, place)): value for place, value in counter.items() if value}


@given(FRAMES, st.lists(visits(), max_size=12), st.integers(0, 12))
def test_visits_are_counted_as_by_hand(changes, rows, cut):
    totals = Totals.empty(window(changes, SCORECARD))
    for part in (rows[:cut], rows[cut:]):
        totals.add(Log(table(part, Visit), table([], Case), table([], Session)), CLOSING * SECOND_US)
    plain = Plain(totals.frame, CLOSING * SECOND_US)
    for row in rows:
        plain.visit(row)
    assert cells(totals.queue) == told(plain.queue)
    assert cells(totals.group[GroupSum.BUSY]) == told(plain.busy)
    assert cells(totals.observed[Duration.WAIT]) == lengths(plain, Duration.WAIT, False)
    assert cells(totals.censored[Duration.WAIT]) == lengths(plain, Duration.WAIT, True)
    contacts = [sum(served(row, agent, changes["warm_up_us"]) for row in rows) for agent in range(4)]
    assert totals.agent[AgentSum.CONTACTS].tolist() == contacts


def served(row, agent, warm_up_us):
    in_queue = row[Visit.QUEUE] >= 0 and row[Visit.ENQUEUED] >= warm_up_us
    return in_queue and row[Visit.ENDING] == Ending.SERVED and row[Visit.AGENT] == agent


def lengths(plain, kind, cut_off):
    return told({place[2:]: number for place, number in plain.lengths.items() if place[:2] == (kind, cut_off)})


@given(FRAMES, st.lists(cases(), max_size=12), st.integers(0, 12))
def test_cases_are_counted_as_by_hand(changes, rows, cut):
    totals = Totals.empty(window(changes))
    for part in (rows[:cut], rows[cut:]):
        totals.add(Log(table([], Visit), table(part, Case), table([], Session)), CLOSING * SECOND_US)
    plain = Plain(totals.frame, CLOSING * SECOND_US)
    for row in rows:
        plain.one_case(row)
    assert cells(totals.case) == told(plain.case)
    for kind in (Duration.FIRST_RESPONSE, Duration.RESOLVE, Duration.BACKLOG_AGE):
        assert cells(totals.observed[kind]) == lengths(plain, kind, False)
        assert cells(totals.censored[kind]) == lengths(plain, kind, True)
