"""The tool that shows where two logs part."""

import numpy as np

from sim.codes import Visit
from sim.differ import differ, explain, first_difference
from sim.log import Log
from sim.run import run
from tests.differential.generator import random_model
from tests.engines.trace import agents, model, serve


def small():
    return model({"calls": {"at": [0, 10, 60]}}, {"desk": agents(1)}, serve(wrap="10 s"))


def changed(log, row, column, value):
    visits = log.visits.copy()
    visits[row, column] = value
    return Log(visits, log.cases, log.sessions)


def test_nothing_to_say_about_engines_that_agree():
    assert differ(small()) == ""
    assert differ(random_model(3), replication=2) == ""


def test_the_first_row_that_differs_with_the_events_around_it():
    made = small()
    log = run(made)
    text = explain(log, changed(log, 1, Visit.STARTED, 75_000_000), made.names, ("kernel", "reference"), around=3)
    lines = text.splitlines()
    assert lines[0] == "kernel and reference part in row 1 of visits: started"
    assert lines[1].startswith("  kernel: stream calls, case 1, attempt 0, visit 0, step t: serve, queue s, group desk")
    assert "started 0:01:10.000000" in lines[1]
    assert "started 0:01:15.000000" in lines[2]
    before = explain(log, changed(log, 1, Visit.STARTED, 75_000_000), made.names, ("kernel", "reference"), around=8)
    assert "  kernel     0:01:10.000000  agent desk 0 starts case calls 1, visit 0 at t: serve" in before.splitlines()
    assert "  reference  0:01:15.000000  agent desk 0 starts case calls 1, visit 0 at t: serve" in before.splitlines()
    assert "             0:01:10.000000  agent desk 0 ends the wrap of case calls 0, visit 0 at t: serve" in before


def test_the_earliest_difference_counts_whatever_its_table():
    made = small()
    log = run(made)
    sessions = log.sessions.copy()
    sessions[0, 2] = 5
    other = changed(Log(log.visits, log.cases, sessions), 0, Visit.HOLD, 1)
    found = first_difference(log, other)
    assert (found.table, found.number, found.columns, found.time) == ("visits", 0, ("hold",), 60_000_000)


def test_a_row_that_one_log_lacks():
    made = small()
    log = run(made)
    shorter = Log(log.visits[:-1], log.cases, log.sessions)
    found = first_difference(log, shorter)
    assert (found.table, found.number, found.other) == ("visits", len(log.visits) - 1, None)
    assert "other: no such row" in explain(log, shorter, made.names)
    assert first_difference(log, Log(*(np.array(t) for t in (log.visits, log.cases, log.sessions)))) is None
