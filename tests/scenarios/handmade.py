"""Logs by hand for what is made of logs: only what a test is about is named; times in minutes."""

from __future__ import annotations

import numpy as np

from sim.codes import Case, Ending, Outcome, Visit
from sim.log import Log
from sim.units import MINUTE_US, NEVER


def us(minutes):
    return NEVER if minutes is None else round(minutes * MINUTE_US)


def work(case, visit, step, times, ending=Ending.SERVED, **more):
    """A visit at a work step; times: enqueued, started, ended, released."""
    row = _row(Visit, case=case, visit=visit, step=step, ending=ending, **more)
    row[[Visit.ENQUEUED, Visit.STARTED, Visit.ENDED, Visit.RELEASED]] = [us(time) for time in times]
    if times[1] is None:
        row[[Visit.GROUP, Visit.AGENT]] = -1
    return row


def delay(case, visit, step, begin, end, **more):
    """A visit at a delay step."""
    row = _row(Visit, case=case, visit=visit, step=step, ending=Ending.DELAYED, queue=-1, group=-1, agent=-1, **more)
    row[[Visit.ENQUEUED, Visit.STARTED, Visit.ENDED, Visit.RELEASED]] = [us(begin), NEVER, us(end), NEVER]
    return row


def case(number, arrived, ended, outcome=Outcome.SOLVED, **more):
    """A row of the cases."""
    row = _row(Case, case=number, outcome=outcome, **({"attempts": 1, "customer": -1} | more))
    row[[Case.ARRIVED, Case.ENDED, Case.FIRST_RESPONSE]] = [us(arrived), us(ended), NEVER]
    row[Case.SOLVED] = us(ended) if outcome == Outcome.SOLVED else NEVER
    return row


def _row(columns, **values):
    row = np.zeros(len(columns), np.int64)
    for name, value in values.items():
        row[columns[name.upper()]] = value
    return row


def log(visits, cases):
    rows = [np.array(one, np.int64).reshape(-1, len(columns)) for one, columns in ((visits, Visit), (cases, Case))]
    return Log(*rows, np.zeros((0, 4), np.int64))
