"""Log rows by hand: only what a test is about is named."""

import datetime as dt

import numpy as np

from sim.codes import Case, Ending, Outcome, Session, Visit
from sim.log import Log
from sim.metrics import Frame
from sim.units import NEVER, SECOND_US


def frame(**changes):
    """A window of 200 s in one interval, threshold 20 s, unless said otherwise."""
    values = {
        "queues": ("billing",),
        "groups": ("desk",),
        "streams": ("calls",),
        "channels": ("phone",),
        "interval_us": 200 * SECOND_US,
        "warm_up_us": 0,
        "end_us": 200 * SECOND_US,
        "threshold_us": (20 * SECOND_US,),
        "formula": ("SL4",),
        "goal": (None,),
        "start_utc": dt.datetime(2026, 3, 2, tzinfo=dt.UTC),
        "zone": "UTC",
    }
    return Frame(**(values | changes))


def us(seconds):
    return NEVER if seconds is None else round(seconds * SECOND_US)


def visit(enqueued, started, ended, released=None, ending=Ending.SERVED, **more):
    """A row of the visits; times in seconds, None for never."""
    row = np.full(len(Visit), 0, np.int64)
    row[[Visit.ENQUEUED, Visit.STARTED, Visit.ENDED, Visit.RELEASED]] = [
        us(t) for t in (enqueued, started, ended, ended if released is None and ending == Ending.SERVED else released)
    ]
    if started is None:
        row[[Visit.GROUP, Visit.AGENT]] = -1
    row[Visit.ENDING] = ending
    for name, value in more.items():
        row[Visit[name.upper()]] = value
    return row


def case(arrived, first, ended, outcome=Outcome.SOLVED, **more):
    """A row of the cases; times in seconds."""
    row = np.full(len(Case), 0, np.int64)
    row[[Case.ARRIVED, Case.FIRST_RESPONSE, Case.ENDED]] = [us(t) for t in (arrived, first, ended)]
    row[Case.OUTCOME], row[Case.ATTEMPTS], row[Case.CUSTOMER] = outcome, 1, -1
    row[Case.SOLVED] = us(ended if outcome == Outcome.SOLVED else None)
    for name, value in more.items():
        row[Case[name.upper()]] = us(value) if name == "solved" else value
    return row


def session(on, off, group=0, agent=0):
    return np.array([group, agent, us(on), us(off)], np.int64)


def log(visits=(), cases=(), sessions=()):
    tables = zip((visits, cases, sessions), (Visit, Case, Session), strict=True)
    return Log(*(np.array(rows, np.int64).reshape(-1, len(columns)) for rows, columns in tables))


def trace():
    """The trace of docs/semantics.md: one agent, four cases."""
    return log(
        visits=[
            visit(10, None, 55, ending=Ending.ABANDONED, case=1),
            visit(0, 0, 60, 70, case=0),
            visit(80, None, 125, ending=Ending.ABANDONED, case=3),
            visit(60, 70, 130, 140, case=2),
        ],
        cases=[
            case(10, None, 55, Outcome.ABANDONED, case=1),
            case(0, 0, 60, case=0),
            case(80, None, 125, Outcome.ABANDONED, case=3),
            case(60, 70, 130, case=2),
        ],
        sessions=[session(0, 140)],
    )
