"""The formula against published figures."""

import math

import numpy as np
import pytest

from sim import theory
from sim.theory.impatience import ImpatientQueue

NOBODY = np.zeros(0)


def exponential(mean, points=20_000):
    """Equally likely values of an exponential."""
    return -mean * np.log1p(-(np.arange(points) + 0.5) / points)


def test_erlang_c_published():
    # R package ErlangC: 100 calls in 30 min, AHT 180 s, 14 people, 20 s: service level .88835.
    queue = ImpatientQueue(100 / 1800, 180, 20, NOBODY, "SL4")
    assert queue.service_level(14) == pytest.approx(0.88835, abs=5e-6)
    assert queue.people_for(0.88) == 14
    assert queue.people_for(0.889) == 15


@pytest.mark.parametrize(
    ("mean_patience", "abandoned", "within_tenth", "within_fifth"),
    [(1, 0.0499, 0.7986, 0.9644), (4, 0.0364, 0.4688, 0.6865)],
)
def test_erlang_a_published(mean_patience, abandoned, within_tenth, within_fifth):
    # Whitt, "Engineering solution of a basic call-center model", rows M + M(1) and M + M(4): 102 arrivals, 100 people.
    for within, share in ((0.1, within_tenth), (0.2, within_fifth)):
        queue = ImpatientQueue(102, 1, within, exponential(mean_patience), "SL2")
        assert queue.shares(100)["abandoned"] == pytest.approx(abandoned, abs=1e-4)
        assert queue.service_level(100) == pytest.approx(share, abs=2e-4)


def test_shares_add_up_and_abandons_in_time_by_hand():
    # One person, everybody leaves after exactly 30 s: V has the density of M/M/1 up to 30 s and then falls faster.
    queue = ImpatientQueue(0.01, 60, 20, np.full(1, 30.0), "SL1")
    shares = queue.shares(1)
    drift = 0.01 - 1 / 60
    upto_30 = 0.01 * (math.exp(drift * 30) - 1) / drift
    beyond = 0.01 * math.exp(drift * 30) * 60
    assert shares["abandoned"] == pytest.approx(beyond / (1 + upto_30 + beyond), rel=1e-9)
    assert shares["answered"] + shares["abandoned"] == pytest.approx(1)
    assert shares["abandoned_in_time"] == 0
    # With an acceptable wait above that patience, everybody who leaves has left within it.
    later = ImpatientQueue(0.01, 60, 40, np.full(1, 30.0), "SL1").shares(1)
    assert later["abandoned_in_time"] == pytest.approx(later["abandoned"]) == shares["abandoned"]
    assert ImpatientQueue(0.01, 60, 40, np.full(1, 30.0), "SL1").service_level(1) == pytest.approx(1)


def test_too_few_people_for_those_who_wait_for_ever():
    queue = ImpatientQueue(1, 10, 20, NOBODY, "SL4")
    assert queue.service_level(10) == 0
    assert queue.people_for(0.8) > 10


def test_more_people_never_serve_worse():
    for formula in ("SL1", "SL2", "SL3", "SL4"):
        queue = ImpatientQueue(0.2, 100, 20, exponential(120, 500), formula)
        levels = [queue.service_level(people) for people in range(10, 40)]
        assert levels == sorted(levels)
        assert 0 < levels[0] < levels[-1] <= 1


def test_with_people_in_plenty_nobody_waits():
    assert ImpatientQueue(0.0001, 100, 20, NOBODY, "SL4").service_level(500) == 1


def test_nobody_for_nothing():
    assert ImpatientQueue(0, 100, 20, NOBODY, "SL4").people_for(0.8) == 0


@pytest.mark.parametrize("formula", ["SL1", "SL2", "SL3", "SL4"])
@pytest.mark.parametrize(("people", "patience"), [(9, None), (12, None), (6, 90.0), (9, 300.0)])
def test_closed_forms_of_erlang_c_and_a_agree(people, patience, formula):
    by_density = ImpatientQueue(0.04, 200, 20, exponential(patience) if patience else NOBODY, formula)
    closed = theory.service_level(theory.call_queue(144, 200, people, patience), 20, formula)
    assert by_density.service_level(people) == pytest.approx(closed, abs=2e-4)
