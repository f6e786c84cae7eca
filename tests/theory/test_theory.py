"""Closed forms against published figures, limits and laws."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.errors import ParameterError
from sim.theory import (
    Queue,
    Target,
    agents_for,
    agents_needed,
    call_queue,
    cobham,
    erlang_b,
    erlang_c,
    mg1_priorities,
    mg1_wait,
    modified_offered_load,
    service_level,
    square_root_staffing,
    steady_state,
    waits,
)


def printed(value: float, figure: str) -> bool:
    """Whether a value rounds to a figure as printed."""
    digits = len(figure.partition(".")[2])
    return abs(value - float(figure)) <= 0.5 * 10.0**-digits * (1 + 1e-9)


# Whitt, "Engineering solution of a basic call-center model", table 1 (M+M(1)) and table 2 (M+M(4)): exact values
@pytest.mark.parametrize(
    ("patience", "figures"),
    [
        (1, (".4083", ".0499", "5.092", ".0490", ".7986", ".9644")),
        (4, (".226", ".0364", "14.84", ".1455", ".4688", ".6865")),
    ],
)
def test_whitt(patience, figures):
    queue = Queue(102, 1, 100, 1 / patience, 200)
    state = steady_state(queue)
    served = 1 - state.probability_of_abandoning - state.probability_of_blocking
    values = (
        1 - state.probability_of_waiting - state.probability_of_blocking,
        state.probability_of_abandoning,
        state.queue_length,
        state.mean_wait_served,
        waits(queue, 0.1)[0] / served,
        waits(queue, 0.2)[0] / served,
    )
    assert all(printed(value, figure) for value, figure in zip(values, figures, strict=True)), values


def test_whitt_first_row_also():
    state = steady_state(Queue(102, 1, 100, 1, 200))
    assert printed(state.mean_wait_abandoned, ".0666")
    assert printed(state.variance_queue_length, "44.6")
    assert printed(state.variance_wait_served, ".0042")


# R package ErlangC: 100 calls per 30 min, AHT 180 s, 14 agents, 20 s
def test_erlang_c_of_the_r_package():
    queue = call_queue(200, 180, 14)
    state = steady_state(queue)
    assert printed(erlang_c(10, 14), ".1741319")
    assert printed(state.probability_of_waiting, ".1741319")
    assert printed(service_level(queue, 20), ".88835")
    assert printed(state.mean_wait_served, "7.835937")
    assert printed(state.occupancy, ".7142857")


# pyworkforce, the same with a mean patience of 5 min; its ASA is the mean wait of all
def test_erlang_a_of_pyworkforce():
    state = steady_state(call_queue(200, 180, 14, 300))
    assert printed(state.probability_of_waiting, ".14526")
    assert printed(state.probability_of_abandoning, ".013984")
    assert printed(state.mean_wait / 60, ".069919")
    assert printed(state.occupancy, ".704297")


# Callcenter-Simulator: 3.5 calls a minute, AHT 3 min, 13 agents; with patience, the mean wait of all
def test_callcenter_simulator():
    assert printed(steady_state(call_queue(210, 180, 13)).mean_wait, "26.56")
    assert printed(steady_state(call_queue(210, 180, 13, 300)).mean_wait, "9.91")


# an independent exact solver: 2,880 calls an hour, service 1 min, patience 2 min, 50 agents
def test_fifty_agents():
    patient = steady_state(call_queue(2880, 60, 50, 120))
    assert printed(patient.probability_of_abandoning, ".0309")
    assert printed(patient.mean_wait, "3.709")
    assert printed(patient.probability_of_waiting, ".4678")
    endless = steady_state(call_queue(2880, 60, 50))
    assert printed(endless.probability_of_waiting, ".6945")
    assert printed(endless.mean_wait, "20.83")


# Cobham's formula, four classes, printed in hours
def test_cobham():
    found = cobham([6, 4, 6, 5], 6, 5)
    assert all(printed(a, b) for a, b in zip(found, (".015743", ".023615", ".040483", ".089961"), strict=True)), found


# Prosimos probe: one agent, load 1/6, two classes half and half, service 10 min exponential: the low class waits 131 s?
def test_two_classes_by_hand():
    rate = 1 / 6 / 600 / 2
    residual = 2 * rate * 600**2 * 2 / 2  # lambda E[S^2] / 2, E[S^2] = 2 * 600^2
    expected = [residual / (1 - 1 / 12), residual / ((1 - 1 / 12) * (1 - 1 / 6))]
    assert mg1_priorities([rate, rate], [600, 600], [1, 1]) == pytest.approx(expected)
    assert printed(expected[1], "131")


# Erlang B by hand: load 2, two agents: (2^2/2) / (1 + 2 + 2) = 0.4
def test_erlang_b_by_hand():
    assert erlang_b(2, 2) == pytest.approx(0.4, rel=1e-14)
    assert erlang_b(0, 3) == 0
    assert steady_state(Queue(2, 1, 2, waiting_places=0)).probability_of_blocking == pytest.approx(0.4, rel=1e-12)


# The usual table of Erlang B: the load in erlangs that so many lines carry with 1 % of calls lost
@pytest.mark.parametrize(("lines", "load"), [(10, 4.461), (20, 12.031), (30, 20.337), (50, 37.901), (100, 84.064)])
def test_erlang_b_of_the_tables(lines, load):
    assert erlang_b(load - 0.0005, lines) < 0.01 < erlang_b(load + 0.0005, lines)


@given(st.fractions(0, 60, max_denominator=20), st.integers(0, 50))
def test_erlang_b_is_its_definition(load, lines):
    terms = [load**n / math.factorial(n) for n in range(lines + 1)]
    assert erlang_b(float(load), lines) == pytest.approx(float(terms[-1] / sum(terms, Fraction(0))), rel=1e-12, abs=0)


def test_deterministic_service_halves_the_wait_of_exponential_service():
    assert mg1_wait(0.8, 1, 1) == pytest.approx(0.8 / 0.2)  # rho / (mu - lambda)
    assert mg1_wait(0.8, 1, 0) == pytest.approx(mg1_wait(0.8, 1, 1) / 2)


queues = st.builds(
    Queue,
    arrival_rate=st.floats(0.1, 300),
    service_rate=st.floats(0.5, 3),
    agents=st.integers(1, 150),
    patience_rate=st.floats(0.01, 20),
    waiting_places=st.one_of(st.none(), st.integers(0, 100)),
)


@given(queues)
def test_what_comes_in_goes_out(queue):
    state = steady_state(queue)
    throughput = queue.agents * queue.service_rate * state.occupancy
    out = throughput / queue.arrival_rate + state.probability_of_abandoning + state.probability_of_blocking
    assert out == pytest.approx(1, abs=1e-9)
    assert queue.patience_rate * state.queue_length == pytest.approx(
        queue.arrival_rate * state.probability_of_abandoning, rel=1e-6, abs=1e-9
    )


@given(queues)
def test_littles_law(queue):
    state = steady_state(queue)
    # mean_wait adds up what each arrival meets; queue_length is a time average
    entering = queue.arrival_rate * (1 - state.probability_of_blocking)
    assert state.queue_length == pytest.approx(entering * state.mean_wait, rel=1e-8, abs=1e-12)


@given(queues)
def test_mean_wait_is_that_of_the_served_and_of_the_lost(queue):
    state = steady_state(queue)
    lost = state.probability_of_abandoning
    answered = 1 - lost - state.probability_of_blocking
    parts = answered * state.mean_wait_served + (lost * state.mean_wait_abandoned if lost else 0)
    assert parts == pytest.approx((answered + lost) * state.mean_wait, rel=1e-9, abs=1e-12)


@given(queues)
def test_with_no_place_to_wait_it_is_erlang_b(queue):
    state = steady_state(Queue(queue.arrival_rate, queue.service_rate, queue.agents, queue.patience_rate, 0))
    assert state.probability_of_blocking == pytest.approx(erlang_b(queue.load, queue.agents), rel=1e-9, abs=1e-300)
    assert state.probability_of_waiting == state.probability_of_abandoning == state.mean_wait == 0


# Patience like service: each contact leaves at the same rate wherever it is, so their number is Poisson (M/M/infinity).
@given(st.floats(1, 5000), st.integers(1, 5000))
def test_patience_like_service_is_an_infinity_of_servers(load, agents):
    state, law = steady_state(Queue(load, 1, agents, 1)), stats.poisson(load)
    assert state.probability_of_waiting == pytest.approx(law.sf(agents - 1), rel=1e-7, abs=1e-12)
    length = load * law.sf(agents - 2) - agents * law.sf(agents - 1)  # E[N; N >= s] = a P(N >= s - 1)
    assert state.queue_length == pytest.approx(length, rel=1e-6, abs=1e-8)
    assert state.probability_of_abandoning == pytest.approx(state.queue_length / load, rel=1e-9, abs=1e-12)


@given(queues)
def test_more_agents_make_fewer_wait_hang_up_or_find_it_full(queue):
    more = Queue(queue.arrival_rate, queue.service_rate, queue.agents + 1, queue.patience_rate, queue.waiting_places)
    here, there = steady_state(queue), steady_state(more)
    assert there.probability_of_abandoning <= here.probability_of_abandoning + 1e-12
    assert there.probability_of_blocking <= here.probability_of_blocking + 1e-12
    share, less = (state.probability_of_abandoning / (1 - state.probability_of_blocking) for state in (here, there))
    assert less <= share + 1e-9
    assert there.occupancy <= here.occupancy + 1e-12
    assert there.mean_wait_served <= here.mean_wait_served + 1e-9


@given(queues, st.floats(0, 3))
def test_service_levels_follow_from_the_waits(queue, within):
    answered, lost = waits(queue, within)
    state = steady_state(queue)
    ended = 1 - state.probability_of_blocking
    dues = {"SL1": ended, "SL2": ended - state.probability_of_abandoning, "SL3": ended, "SL4": ended - lost}
    for formula, due in dues.items():
        good = answered + lost if formula == "SL1" else answered
        if due > 1e-6:
            assert service_level(queue, within, formula) == pytest.approx(good / due, rel=1e-8, abs=1e-9)


@given(queues)
def test_waits_add_up(queue):
    state = steady_state(queue)
    answered, lost = waits(queue, 1e4)
    assert answered + lost + state.probability_of_blocking == pytest.approx(1, abs=1e-9)
    assert lost == pytest.approx(state.probability_of_abandoning, abs=1e-9)
    assert waits(queue, 0)[0] == pytest.approx(1 - state.probability_of_waiting - state.probability_of_blocking)


@given(queues, st.floats(0.001, 1))
def test_more_agents_never_lower_the_service_level(queue, within):
    more = Queue(queue.arrival_rate, queue.service_rate, queue.agents + 1, queue.patience_rate)
    fewer = Queue(queue.arrival_rate, queue.service_rate, queue.agents, queue.patience_rate)
    assert service_level(more, within) >= service_level(fewer, within) - 1e-9


@given(st.integers(1, 60), st.floats(0.1, 0.95))
def test_endless_patience_is_erlang_c(agents, share):
    load = agents * share
    limit = steady_state(Queue(load, 1, agents, 1e-9))
    exact = steady_state(Queue(load, 1, agents))
    assert limit.probability_of_waiting == pytest.approx(exact.probability_of_waiting, rel=1e-4)
    assert exact.probability_of_waiting == pytest.approx(erlang_c(load, agents), rel=1e-9)
    assert exact.mean_wait == pytest.approx(erlang_c(load, agents) / (agents - load), rel=1e-8)
    within = 0.3
    assert waits(Queue(load, 1, agents), within)[0] == pytest.approx(
        1 - erlang_c(load, agents) * math.exp(-(agents - load) * within), rel=1e-9
    )


@given(st.floats(5, 200), st.floats(0.5, 0.95))
def test_the_number_needed_is_the_smallest(calls, goal):
    def meets(queue: Queue) -> bool:
        return service_level(queue, 20) >= goal

    base = call_queue(calls, 180, 1000)
    agents = agents_needed(meets, base)
    assert meets(call_queue(calls, 180, agents))
    if agents - 1 > base.load:
        assert not meets(call_queue(calls, 180, agents - 1))


TARGETS = [
    Target(service_level=0.8, within=20),
    Target(service_level=0.9, within=10, formula="SL1"),
    Target(asa=5),
    Target(abandonment=0.02),
    Target(occupancy=0.75),
    Target(service_level=0.8, within=20, abandonment=0.01, occupancy=0.7),
]


# Scanned one by one from the smallest stable number on
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("patience_s", [None, math.inf, 300, 30])
def test_agents_for_a_target(target, patience_s):
    agents = 11 if patience_s in (None, math.inf) else 1
    while not target.met(call_queue(200, 180, agents, patience_s)):
        agents += 1
    assert agents_for(target, 200, 180, patience_s) == agents


def test_a_target_is_met_at_its_bound():
    # Erlang C of the R package, above: 13 agents miss 80 % in 20 s by the formula, 14 reach .88835
    assert Target(service_level=0.88834, within=20).met(call_queue(200, 180, 14))
    assert not Target(service_level=0.88836, within=20).met(call_queue(200, 180, 14))
    assert Target(asa=7.835938).met(call_queue(200, 180, 14))
    assert not Target(asa=7.835936).met(call_queue(200, 180, 14))
    assert not Target(occupancy=0.714).met(call_queue(200, 180, 14))
    assert not Target(abandonment=0.0139).met(call_queue(200, 180, 14, 300))


# A patience of many years: nothing is lost in the subtraction of nearly equal numbers
@pytest.mark.parametrize("patience_rate", [1e-7, 1e-9, 1e-12])
def test_a_very_long_patience_is_erlang_c(patience_rate):
    limit, exact = steady_state(Queue(90, 1, 100, patience_rate)), steady_state(Queue(90, 1, 100))
    close = 20 * patience_rate + 1e-11
    assert limit.mean_wait_served == pytest.approx(exact.mean_wait, rel=close)
    assert limit.variance_wait_served == pytest.approx(exact.variance_wait_served, rel=close)
    assert waits(Queue(90, 1, 100, patience_rate), 0.05)[0] == pytest.approx(
        waits(Queue(90, 1, 100), 0.05)[0], rel=close
    )
    # The chance of hanging up in a wait W is theta W: the wait of the lost is E[W^2] / (2 E[W]) = 1 / (s mu - lambda)
    assert limit.mean_wait_abandoned == pytest.approx(0.1, rel=close)


def test_a_flood_is_blocked():
    # One line, load a: an offered call is served at once with probability 1 / (1 + a), however large a is
    queue = Queue(1e18, 1, 1, waiting_places=0)
    assert waits(queue, 1)[0] == pytest.approx(1e-18)
    assert service_level(queue, 1) == 1
    assert steady_state(queue).mean_wait == 0


def test_the_abandonment_of_a_target_leaves_the_blocked_out():
    # One agent, one place, all rates 1: states 0, 1, 2 have probabilities 2/5, 2/5, 1/5. Blocked 1/5; who waits (2/5)
    # hangs up with probability 1/2, so 1/5 of the offered and 1/4 of those not blocked hang up.
    queue = Queue(1, 1, 1, 1, 1)
    assert steady_state(queue).probability_of_abandoning == pytest.approx(0.2)
    assert Target(abandonment=0.2500001).met(queue)
    assert not Target(abandonment=0.2499999).met(queue)


def test_square_root_staffing_has_its_probability():
    for goal in (0.999999999, 0.5, 0.1, 1e-12, 1e-250):
        beta = (square_root_staffing(4, goal) - 4) / 2
        ratio = beta * stats.norm.cdf(beta) / stats.norm.pdf(beta)
        assert 1 / (1 + ratio) == pytest.approx(goal, rel=1e-6)


def test_square_root_staffing_nears_erlang_c():
    load = 10_000.0
    assert erlang_c(load, math.ceil(square_root_staffing(load, 0.3))) == pytest.approx(0.3, abs=0.01)


def test_modified_offered_load_by_hand():
    # rate 60/h from empty, service 1 h: m(t) = 60 (1 - e^-t), mean over the first hour 60 (1 - (1 - e^-1)) = 60 / e
    first, second = modified_offered_load([60, 60], 1, 1)
    assert first == pytest.approx(60 / math.e)
    assert second == pytest.approx(60 * (1 - (math.exp(-1) - math.exp(-2))))
    assert modified_offered_load([60] * 50, 1, 1)[-1] == pytest.approx(60)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Queue(10, 1, 10), "more work than agents"),
        # 200 / 3600 x 180 is 10 - 2e-15 in floating point
        (lambda: call_queue(200, 180, 10), "more work than agents"),
        (lambda: mg1_wait(0.1 + 0.2, 1 / 0.3, 1), "more work than agents"),
        (lambda: Queue(-1, 1, 10), "arrival rate out of range"),
        (lambda: Queue(math.nan, 1, 10), "arrival rate out of range"),
        (lambda: Queue(math.inf, 1, 10, 1), "arrival rate out of range"),
        (lambda: Queue(1, 0, 10), "service rate out of range"),
        (lambda: Queue(1, 1, 0), "agents out of range; allowed: 1, 2, 3 ...; given: 0"),
        (lambda: Queue(1, 1, math.inf), "agents out of range"),
        (lambda: Queue(1, 1, 2.5), "agents out of range"),
        (lambda: Queue(1, 1, 2, -1), "patience rate out of range"),
        (lambda: Queue(1, 1, 2, 0, -1), "waiting places out of range"),
        (lambda: Queue(1, 1, 2, 0, 2.5), "waiting places out of range"),
        (lambda: steady_state(Queue(1, 1, 2, 0, 10**9)), "too many states"),
        (lambda: steady_state(Queue(100, 1, 2, 1e-9)), "too many states"),
        (lambda: erlang_b(-1, 2), "load out of range"),
        (lambda: erlang_b(1, 2.5), "agents out of range"),
        (lambda: erlang_c(10, 10), "Add agents, or give a patience"),
        (lambda: waits(Queue(1, 1, 2), -1), "time out of range"),
        (lambda: call_queue(100, 180, 14, 0), "mean patience out of range"),
        (lambda: call_queue(100, 0, 5), "average handling time out of range"),
        (lambda: cobham([3, 3], 1, 5), "more work than agents"),
        (lambda: cobham([3, -1], 1, 5), "arrival rate out of range"),
        (lambda: cobham([3, 1], 0, 5), "service rate out of range"),
        (lambda: mg1_wait(1, 1, 1), "more work than agents"),
        (lambda: mg1_wait(0.5, 1, -1), "coefficient of variation out of range"),
        (lambda: mg1_priorities([0.5, 0.1], [1], [1]), "classes do not match"),
        (lambda: service_level(call_queue(1, 1, 1), 20, "SL9"), "no such formula"),
        (lambda: square_root_staffing(10, 2), "no square-root staffing"),
        (lambda: modified_offered_load([1, -1], 1, 1), "arrival rate out of range"),
        (lambda: modified_offered_load([1], 0, 1), "length of an interval out of range"),
        (lambda: Target(), "no target"),
        (lambda: Target(service_level=80), "service level out of range; allowed: above 0, below 1; given: 80"),
        (lambda: Target(abandonment=0), "abandonment out of range"),
        (lambda: Target(asa=-1), "average speed of answer out of range"),
        (lambda: agents_for(Target(occupancy=1e-8), 200, 180), "no number of agents meets the target"),
    ],
)
def test_nonsense_is_refused(make, text):
    with pytest.raises(ParameterError, match=text):
        make()


def test_the_abandonment_rate_leaves_out_the_blocked():
    state = steady_state(Queue(5, 1, 2, 1, 1))
    # States 0 ... 3 with rates 5 up and 1, 2, 3 down: 1, 5, 12.5, 62.5/3; the one waiting hangs up at rate 1.
    weights = [1, 5, 12.5, 62.5 / 3]
    hanging_up = weights[3] / sum(weights) / 5
    accepted = 1 - weights[3] / sum(weights)
    assert state.abandonment_rate == pytest.approx(hanging_up / accepted)
