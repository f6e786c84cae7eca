"""What a run is given it gives back: nothing of one replication is kept for the next."""

from __future__ import annotations

import sys

import pytest

from sim.build import build
from sim.run import ENGINES, run
from sim.schema import Document

SCENARIO = """
queuewise: 1
name: memory
start: 2026-03-02
horizon: 10 min
demand: {calls: {type: call, per hour: 600, patience: {mean: 1 min, shape: exponential}}}
people: {agents: {agents: 2, skills: [call]}}
process: {call: {answer: {work: call, talk: {mean: 20 s, shape: exponential}}, close: {end: solved}}}
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_no_reference_to_the_tables_is_left_behind(engine):
    model = build(Document.from_text(SCENARIO).scenario)
    tables = model.network.tables
    run(model, engine=engine)
    before = [sys.getrefcount(array) for array in tables]
    for replication in range(5):
        run(model, replication=replication, engine=engine)
    assert [sys.getrefcount(array) for array in tables] == before
