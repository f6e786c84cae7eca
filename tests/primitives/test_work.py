"""Work, rates and shares against exact fractions."""

import math
from fractions import Fraction

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.codes import RATE_ONE
from sim.primitives import done_us, rate_of, share_at, shared_rate, took_us, work_us
from sim.primitives.work import MOST_WORK

WORK = st.integers(0, int(MOST_WORK))
RATES = st.one_of(st.integers(1, 200), st.integers(1, 1 << 20), st.integers(RATE_ONE - 5, RATE_ONE + 5))


def call(function, *arguments):
    return int(function(*(np.int64(a) if isinstance(a, int) else a for a in arguments)))


@given(WORK, RATES)
def test_time_is_rounded_up_and_work_done_down(work, rate):
    took = call(took_us, work, rate)
    assert took == math.ceil(Fraction(work * RATE_ONE, rate))
    if took * rate < 1 << 63:
        assert call(done_us, took, rate) == took * rate // RATE_ONE >= work
        if took:
            assert call(done_us, took - 1, rate) < work


@given(st.integers(0, 1 << 40), st.integers(0, 1 << 40), RATES)
def test_stopping_in_between_loses_less_than_a_unit_each_time(one, other, rate):
    together = call(done_us, one + other, rate)
    assert together - 1 <= call(done_us, one, rate) + call(done_us, other, rate) <= together


@given(st.floats(0, 100), st.floats(0, 10))
def test_a_rate_is_the_nearest_of_its_grid(speed, pace):
    found = call(rate_of, speed, pace)
    assert found >= 1
    if speed * pace * RATE_ONE >= 1:
        assert abs(found - speed * pace * RATE_ONE) <= 0.5


@pytest.mark.parametrize(
    ("speed", "pace", "rate"),
    [(1, 1, RATE_ONE), (0.5, 1, RATE_ONE // 2), (0.8, 0.75, 39_322), (0, 1, 1), (1e9, 1e9, 1 << 32),
     (1.5 / RATE_ONE, 1, 2), (1.4 / RATE_ONE, 1, 1)],
)  # fmt: skip
def test_rates_by_hand(speed, pace, rate):
    """0.8 x 0.75 x 65536 = 39321.6; halves go up; nothing and too much are cut."""
    assert call(rate_of, float(speed), float(pace)) == rate


@given(RATES, st.integers(1, 20), st.integers(0, 2 * RATE_ONE))
def test_several_contacts_share(rate, contacts, slowdown):
    found = call(shared_rate, rate, contacts, slowdown)
    assert found == max(1, math.floor(Fraction(rate * RATE_ONE, RATE_ONE + (contacts - 1) * slowdown)))
    assert call(shared_rate, rate, 1, slowdown) == rate
    assert call(shared_rate, rate, contacts + 1, slowdown) <= found


def test_two_chats_at_a_slowdown_of_a_fifth():
    """Each takes 1.2 times as long: 60 s of work take 72 s, up to a millionth."""
    rate = call(shared_rate, RATE_ONE, 2, RATE_ONE // 5)
    assert abs(call(took_us, 60_000_000, rate) - 72_000_000) <= 72_000_000 / rate + 1


@pytest.mark.parametrize(
    ("seconds", "work"), [(0.0, 0), (1.0, 1_000_000), (0.0000005, 1), (0.00000049, 0), (1e12, int(MOST_WORK))]
)
def test_work_is_rounded_halves_up_and_cut(seconds, work):
    assert call(work_us, seconds) == work


@given(st.integers(-(1 << 40), 1 << 40), st.integers(1, 1 << 40), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_share_on_a_straight_line(begin, length, first, last, part):
    time = begin + int(part * length)
    exact = Fraction(first) + (Fraction(last) - Fraction(first)) * Fraction(time - begin, length)
    assert abs(share_at(begin, begin + length, first, last, time) - float(exact)) < 1e-12
    assert share_at(begin, begin + length, first, last, begin) == first


@numba.njit
def _in_compiled_code(begin, end, first, last, time):
    return share_at(begin, end, first, last, time)


@given(st.integers(0, 1 << 50), st.integers(1, 1 << 50), st.floats(0, 1), st.floats(0, 1), st.integers(0, 1 << 50))
def test_a_share_has_the_same_bits_in_compiled_code(begin, length, first, last, after):
    time = begin + after % length
    one = share_at(begin, begin + length, first, last, time)
    assert one == _in_compiled_code(begin, begin + length, first, last, time)
