"""Replications to a wanted precision: what is asked for, when it stops, and that workers change nothing."""

import numpy as np
import pytest

from scenarios.estimate import linear
from scenarios.precision import FIRST, Plan, Wanted, look_ahead, read_wanted, replicate_to
from scenarios.replications import replicate
from sim.build import build
from sim.errors import ParameterError
from sim.metrics import find, value
from sim.schema import Document

MODEL = build(
    Document.from_text("""
queuewise: 1
name: two desks
start: 2026-03-02
horizon: 6 h
interval: 1 h
demand:
  calls: {type: call, per hour: 60, patience: {mean: 3 min, shape: exponential}}
people: {desk: {agents: 5, skills: [call]}}
process: {call: {answer: {work: call, talk: {mean: 5 min, shape: exponential}}, close: {end: solved}}}
""").scenario
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("service level 1 %", Wanted("service_level", 0.01)),
        ("service_level 0.5pp", Wanted("service_level", 0.005)),
        ("service level 0.02", Wanted("service_level", 0.02)),
        ("Average speed of answer (ASA) 2 s", Wanted("asa", 2.0)),
        ("asa of call 1.5 min", Wanted("asa", 90.0, False, "call")),
        ("asa 5 %", Wanted("asa", 0.05, True)),
        ("service level 5 % relative", Wanted("service_level", 0.05, True)),
        ("offered 12", Wanted("offered", 12.0)),
        ("staffed hours 2 h", Wanted("staffed_hours", 2.0)),
    ],
)
def test_what_is_wanted_is_read(text, wanted):
    assert read_wanted(text, MODEL.frame) == wanted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("service level", "--precision: not a precision; allowed: a metric and a half-width"),
        ("friendliness 1 %", "no such metric: 'friendliness'"),
        ("asa 5", "--precision: not a duration"),
        ("asa of nobody 5 s", "no such queue for asa; allowed: call; given: 'nobody'"),
        ("offered 0", "--precision: not a width; allowed: above 0"),
        ("csi 1", "csi says nothing about this scenario"),
        ("asa 2 s relative", "a relative half-width without %"),
    ],
)
def test_what_cannot_be_wanted_is_refused(text, message):
    with pytest.raises(ParameterError) as caught:
        read_wanted(text, MODEL.frame)
    assert message in str(caught.value)


def stopped_at(metric, allowed, most):
    """By hand: the first replication at which the interval has stayed narrow long enough."""
    values = np.array([value(find(metric), one) for one in replicate(MODEL, most, 7).totals])
    since = None
    for n in range(FIRST, most + 1):
        low, high = (side[0] for side in linear(values[:n, None], np.ones((n, 1))).interval(0.95))
        half = max(values[:n].mean() - low, high - values[:n].mean())
        since = (since or n) if half <= allowed else None
        if since and n == since + 5:  # fewer than 100 replications
            return n
    return None


def test_it_stops_where_the_rule_says():
    # A count: each replication's value stands by itself, so that the rule can be followed by hand
    expected = stopped_at("offered", 5.5, 90)
    found = replicate_to(MODEL, [Wanted("offered", 5.5)], seed=7)
    assert len(found.result.totals) == expected
    assert FIRST + 5 < expected < 90
    assert found.reached
    assert found.precisions[0].half_width <= 5.5
    assert found.result.complete
    assert found.result.replications == tuple(range(expected))


def test_workers_change_nothing():
    wanted = [Wanted("service_level", 0.04), Wanted("asa", 0.25, relative=True)]
    alone = replicate_to(MODEL, wanted, seed=3)
    beside = replicate_to(MODEL, wanted, seed=3, workers=2)
    assert alone.precisions == beside.precisions
    assert alone.result.estimates() == beside.result.estimates()


def test_every_wanted_interval_counts_and_a_cap_is_said():
    easy, hard = Wanted("offered", 1000.0), Wanted("offered", 0.5)
    assert len(replicate_to(MODEL, [easy]).result.totals) == FIRST + look_ahead(FIRST)
    found = replicate_to(MODEL, [easy, hard], Plan(20, 30))
    assert not found.reached
    assert len(found.result.totals) == 30
    assert [one.reached for one in found.precisions] == [True, False]
    # Half-widths shrink with the root: variance of a Poisson count of 360, limit 0.5
    assert found.precisions[1].needed == pytest.approx(360 * (1.96 / 0.5) ** 2, rel=0.6)


def test_a_relative_width_holds_against_the_true_mean():
    assert Wanted("asa", 0.25, relative=True).reached(100, 20)  # 0.25 / 1.25 = 0.2
    assert not Wanted("asa", 0.25, relative=True).reached(100, 20.1)
    assert Wanted("asa", 0.25, relative=True).reached(0, 0)


def test_the_look_ahead_grows_with_replications():
    assert [look_ahead(n) for n in (20, 100, 199, 200, 1000)] == [5, 5, 9, 10, 50]


@pytest.mark.parametrize(
    ("plan", "message"),
    [(Plan(10), "allowed: 20 or more; given: 10"), (Plan(50, 40), "--most: .* allowed: 50 or more; given: 40")],
)
def test_plans_that_cannot_be_followed(plan, message):
    with pytest.raises(ParameterError, match=message):
        replicate_to(MODEL, [Wanted("asa", 1.0)], plan)
    with pytest.raises(ParameterError, match="no precision wanted"):
        replicate_to(MODEL, [])


def test_an_interrupt_keeps_what_is_finished():
    calls = iter(range(1000))
    found = replicate_to(MODEL, [Wanted("offered", 0.1)], stop=lambda: next(calls) > 60)
    assert 0 < len(found.result.totals) < 61
    assert not found.reached
    assert not found.result.complete
