"""Maps, quality reports and open cases over random scenarios of all elements: identities that hold whatever happens."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.backlog import done_at, open_cases
from scenarios.indicators import contacts_of
from scenarios.quality import quality
from scenarios.valuestream import Mark, Part, maps_of, outline, tally
from sim.build import build
from sim.codes import FIRST_INITIAL, Case, Ending, Flag, Outcome, Visit
from sim.run import run
from sim.units import NEVER, SECOND_US
from tests.differential.generator import random_document

E = "kernel"
NUMBERS = range(5000, 5025)
_ENDS = (Mark.SOLVED, Mark.UNSOLVED, Mark.GAVE_UP, Mark.TURNED_AWAY)


@pytest.fixture(scope="module")
def runs():
    models = [build(random_document(number).scenario) for number in NUMBERS]
    return [(model, run(model, 1, 0, E)) for model in models]


def test_lead_times_are_the_sum_of_their_parts(runs):
    seen = np.zeros(len(Part), bool)
    for model, log in runs:
        known = outline(model)
        sums = tally(log, known)
        assert (sums.parts_us >= 0).all()
        assert sums.parts_us.sum(axis=1).tolist() == sums.lead_us.tolist()
        seen |= sums.parts_us.any(axis=0)
        for one in maps_of(known, [sums]):
            assert one.side_by_side_s >= 0
            assert 0 <= (one.efficiency.mean or 0) <= 1
    assert seen[[Part.ADDS, Part.WAIT, Part.DELAY, Part.APART]].all()


def test_what_comes_to_a_step_leaves_it_where_nothing_forks(runs):
    checked = 0
    for model, log in runs:
        known = outline(model)
        steps = len(known.steps)
        sums = tally(log, known)
        ended = log.cases[np.isin(log.cases[:, Case.OUTCOME], (0, 1, 2, 3)) & (log.cases[:, Case.ARRIVED] >= 0)]
        addresses = set((ended[:, Case.STREAM] << 32 | ended[:, Case.CASE]).tolist())
        split = {int(row[Visit.STREAM]) for row in log.visits if row[Visit.STRAND] > 0}
        for process in range(len(known.processes)):
            streams = [n for n, of in enumerate(known.process_of_stream) if of == process]
            if not sums.closed[process] or split & set(streams):
                continue
            moves = {(a, b): times for (of, a, b), times in sums.moves.items() if of == process}
            assert sum(n for (a, _), n in moves.items() if a == steps + Mark.ARRIVES) == sums.closed[process]
            assert sum(n for (_, b), n in moves.items() if b - steps in _ENDS) == sums.closed[process]
            for step in range(steps):
                comes = sum(n for (_, b), n in moves.items() if b == step)
                assert (
                    comes == sum(n for (a, _), n in moves.items() if a == step) == sums.steps["visits"][process, step]
                )
            checked += 1
        assert len(addresses) >= sums.closed.sum()
    assert checked > 10


def test_contacts_and_cases_of_the_report_are_the_logs(runs):
    for model, log in runs:
        found = contacts_of(log, model)
        rows = log.visits[(log.visits[:, Visit.QUEUE] >= 0) & (log.visits[:, Visit.ENDING] != Ending.HANDING)]
        joined = rows[:, Visit.ENQUEUED]
        rows = rows[(joined >= model.frame.warm_up_us) & (joined < model.frame.end_us)]
        assert found.contacts["offered"].sum() == ((rows[:, Visit.FLAGS] & Flag.RESUMED) == 0).sum()
        worked = rows[np.isin(rows[:, Visit.ENDING], (Ending.SERVED, Ending.SUSPENDED))]
        handled_us = (worked[:, Visit.RELEASED] - worked[:, Visit.STARTED]).sum()
        assert found.contacts["handle_s"].sum() == pytest.approx(handled_us / SECOND_US)
        report = quality(found)
        for name, series in report.whole.items():
            by_step = sum(of[name].sizes for of in report.parts["step"].values() if name in of)
            assert np.allclose(by_step, series.sizes) or name in ("cases", "handovers_per_case") or _unserved(found)
        assert (found.cases["first_time"] <= found.cases["solved"]).all()
        assert (found.contacts["in_time"] <= found.contacts["due"]).all()


def _unserved(found):
    """Cases that nobody served have no step."""
    return (found.cases["step"] == "").any()


def test_open_cases_have_one_row_each(runs):
    checked = 0
    for model, log in runs:
        if not len(model.network.initials):
            continue
        known = open_cases(model)
        done, solved = done_at(log, known)
        rows = log.cases[log.cases[:, Case.CASE] >= FIRST_INITIAL]
        assert len(rows) == len(known)
        assert (done == NEVER).sum() == (
            (rows[:, Case.OUTCOME] == Outcome.OPEN) & (rows[:, Case.SOLVED] == NEVER)
        ).sum()
        assert (done[solved] < NEVER).all()
        checked += 1
    assert checked > 3
