"""What no chance can change is not drawn by the compiled engine, and branches that go one way only are left out."""

import numpy as np
import pytest

from sim.build import build
from sim.codes import Source, Step, Visit
from sim.kernel.bounds import plan_of
from sim.schema import Document
from tests.differential.engines import TINY, kernel_log, reference_log

SCENARIO = """
queuewise: 1
name: one way
start: 2026-03-02
horizon: 1 day
demand:
  orders:
    type: order
    per hour: 40
    difficulty: 50 %
    attributes: {kind: plain, amount: 5, size: {small: 60 %, big: otherwise}}
    chasing: {first after: 20 min, every: 20 min, share: 80 %, at most: 3, type: chase}
  odd ones:
    type: order
    per hour: 2
    attributes: {kind: special, amount: 9, size: {small: 60 %, big: otherwise}}
people:
  few: {agents: 6, skills: {order: {}, chase: {}}}
process:
  order:
    way in: {branch: {special: kind = special, first: otherwise}}
    first: {branch: {special: amount > 7, second: amount > 4, third: otherwise}}
    second: {branch: {third: 100 %, special: otherwise}}
    third: {branch: {special: 0 %, answer: otherwise}, easy first: true}
    special: {end: unsolved}
    answer: {work: order, talk: 2 min, wrap: 30 s, lead: 15 s}
    after: {branch: {special: kind = special, split: otherwise}}
    split: {fork: [one, two]}
    one: {branch: {wait: kind = plain, ask: otherwise}}
    wait: {delay: 2 h, next: together}
    two: {branch: {ask: size = big, together: otherwise}}
    ask: {work: order, talk: {mean: 3 min, shape: exponential}, next: together}
    together: {join: true}
    last: {branch: {closed: kind = plain, special: otherwise}}
    closed: {end: solved, reopens: {share: 30 %, after: 1 h, at: way in, at most: 2}}
  chase:
    which: {branch: {reassure: kind = plain, give up: otherwise}}
    give up: {end: unsolved}
    reassure: {work: chase, talk: 1 min}
    done: {end: solved}
"""


@pytest.fixture(scope="module")
def made():
    return build(Document.from_text(SCENARIO).scenario)


def asked(network):
    """What the branches look at to which a case can come."""
    ahead, reached = [*network.entries["step"].tolist(), *network.streams["chase_entry"].tolist()], set()
    while ahead:
        step = ahead.pop()
        if step >= 0 and step not in reached:
            reached.add(step)
            row = network.steps[step]
            ahead += [int(row["next"]), int(row["reopen_step"])]
            ahead += network.branches["target"][row["branch_first"] : row["branch_last"]].tolist()
    return {Source(network.steps["source"][step]) for step in reached if network.steps["kind"][step] == Step.BRANCH}


def test_branches_that_go_one_way_are_left_out(made):
    short = plan_of(made.network).network
    assert len(short.steps) == len(made.network.steps)  # their numbers are those of the log
    assert asked(made.network) == {Source.ATTRIBUTE, Source.CHANCE, Source.EASE}
    assert asked(short) == {Source.ATTRIBUTE}  # size alone differs from case to case
    assert short.steps["kind"][short.entries["step"]].tolist() == [Step.WORK, Step.END]
    assert short.steps["kind"][short.streams["chase_entry"][0]] == Step.WORK


@pytest.mark.parametrize("share", ["0.0001 %", "99.9999 %"])
def test_what_is_nearly_certain_is_asked(share):
    text = SCENARIO.replace("third: 100 %", f"third: {share}")
    assert asked(plan_of(build(Document.from_text(text).scenario).network).network) == {Source.ATTRIBUTE, Source.CHANCE}


@pytest.mark.parametrize("room", [None, TINY])
def test_both_engines_agree_without_them(made, room):
    log, same = kernel_log(made, room=room), reference_log(made)
    assert log.visits.tolist() == same.visits.tolist()
    assert log.cases.tolist() == same.cases.tolist()
    assert log.sessions.tolist() == same.sessions.tolist()
    assert len(log.cases) > 500
    assert len(np.unique(log.visits[:, Visit.STEP])) == 4  # answer, wait, ask, reassure
