"""A few of the repeated experiments, so that the program behind them is run; all of them are marked long."""

import pytest
from scipy import stats

from scenarios.precision import Wanted
from tests.repeated.coverage import (
    AT_LEAST,
    BOTH,
    CHOICE,
    NORMALS,
    Share,
    covered,
    differences_covered,
    normal_choices,
    precise_covered,
    real_choices,
)
from tests.repeated.models import ERLANG_A, ERLANG_C, MORE, SETTLED


def no_fewer_than(times):
    """Covers that 95 % would fall below once in a thousand times."""
    return stats.binom.ppf(0.001, times, 0.95)


def test_the_program_counts_covers():
    held = covered(ERLANG_A, range(6))
    assert set(held) == set(ERLANG_A.exact)
    assert all(count >= no_fewer_than(6) for count in held.values())
    # With hardly any confidence, hardly any interval covers: the count can fail
    assert sum(covered(ERLANG_A, range(6), 0.01).values()) <= 3


def test_a_share_knows_its_limits():
    # Exact limits of 19 of 20 (Clopper and Pearson): 75.1 to 99.9 %
    one = Share("a", "b", 19, 20, BOTH)
    assert one.limits == pytest.approx((0.7513, 0.9987), abs=1e-4)
    assert one.fine
    assert not Share("a", "b", 18, 20, BOTH).fine
    assert Share("a", "b", 18, 20, AT_LEAST).fine  # does not contradict 95 %
    assert not Share("a", "b", 1800, 2000, AT_LEAST).fine


@pytest.mark.long
@pytest.mark.parametrize("known", [ERLANG_C, ERLANG_A, SETTLED], ids=lambda known: known.name)
def test_intervals_cover(known):
    for metric, held in covered(known, range(400)).items():
        assert held >= stats.binom.ppf(0.001, 400, 0.93), metric


@pytest.mark.long
def test_paired_differences_cover():
    for metric, held in differences_covered(ERLANG_A, MORE, range(400)).items():
        assert held >= stats.binom.ppf(0.001, 400, 0.93), metric


@pytest.mark.long
def test_intervals_cover_where_replications_stopped():
    held, used = precise_covered(ERLANG_A, Wanted("abandonment_rate", 0.015), range(150))
    assert held >= stats.binom.ppf(0.001, 150, 0.93)
    assert 20 < used < 100


@pytest.mark.long
@pytest.mark.parametrize("case", NORMALS, ids=lambda case: f"{case.name}, {case.means}")
def test_selections_keep_their_promise(case):
    good, cost, equal = normal_choices(case, 400)
    assert good >= no_fewer_than(400)
    assert cost < equal


@pytest.mark.long
def test_selections_among_queues_keep_their_promise():
    good, _, _ = real_choices(*CHOICE, range(60))
    assert good >= no_fewer_than(60)
