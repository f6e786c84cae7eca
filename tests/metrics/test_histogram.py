"""Quantiles of censored durations against the product-limit estimate by hand."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.metrics.histogram import quantile_us, quantiles_us
from sim.primitives import DURATION_CELLS, EDGES_US, GRID, duration_cell
from sim.units import SECOND_US


def histogram(seconds):
    counts = np.zeros(DURATION_CELLS, np.int64)
    for one in seconds:
        counts[duration_cell(GRID, round(one * SECOND_US))] += 1
    return counts


def test_cells_are_one_percent_wide_from_a_millisecond_to_decades():
    assert np.allclose(EDGES_US[2:] / EDGES_US[1:-1], 1.01)
    assert EDGES_US[1] == 1_000
    assert EDGES_US[-1] > 30 * 365 * 86_400 * SECOND_US


@given(st.integers(0, 10**15))
def test_every_duration_lies_in_its_cell(duration):
    cell = duration_cell(GRID, duration)
    assert EDGES_US[cell] <= duration < EDGES_US[cell + 1]


def test_every_end_of_a_cell_begins_the_next():
    edges = np.ceil(EDGES_US[:-1]).astype(np.int64)
    cells = np.array([(duration_cell(GRID, edge - 1), duration_cell(GRID, edge)) for edge in edges[1:].tolist()])
    assert (cells[:, 1] - cells[:, 0] == 1).all()
    assert cells[:, 1].tolist() == list(range(1, DURATION_CELLS))


def test_longer_than_the_last_cell_is_in_the_last_cell():
    assert duration_cell(GRID, 1 << 61) == DURATION_CELLS - 1


def test_kaplan_meier_by_hand():
    # The remission times of Freireich et al. (1963), whose curve is printed in Kalbfleisch and Prentice (1980):
    # S(6) .857, S(7) .807, S(10) .753, S(13) .690, S(16) .627, S(22) .538, S(23) .448.
    ended = histogram([6, 6, 6, 7, 10, 13, 16, 22, 23])
    cut = histogram([6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35])
    for survival, seconds in ((0.857, 6), (0.807, 7), (0.753, 10), (0.690, 13), (0.627, 16), (0.538, 22), (0.448, 23)):
        just_reached = quantile_us(ended, cut, 1 - survival - 0.001) / SECOND_US
        assert just_reached == pytest.approx(seconds, rel=0.01)
    assert math.isnan(quantile_us(ended, cut, 0.56))


def test_without_censoring_it_is_the_sample_quantile():
    waits = np.random.default_rng(5).exponential(30, 20_000)
    nothing = np.zeros(DURATION_CELLS, np.int64)
    for share in (0.5, 0.9, 0.95):
        exact = np.quantile(waits, share, method="inverted_cdf")
        assert quantile_us(histogram(waits), nothing, share) / SECOND_US == pytest.approx(exact, rel=0.01)


def test_no_wait_at_all_is_zero():
    assert quantile_us(histogram([0, 0, 0, 40]), np.zeros(DURATION_CELLS, np.int64), 0.5) == 0


def test_nothing_counted_has_no_quantile():
    nothing = np.zeros(DURATION_CELLS, np.int64)
    assert math.isnan(quantile_us(nothing, nothing, 0.5))


def product_limit(observed, censored, share):
    """The estimate as its definition says it, cell by cell, in exact fractions."""
    lasting, at_risk = Fraction(1), int(observed.sum() + censored.sum())
    for cell, (ends, cuts) in enumerate(zip(observed.tolist(), censored.tolist(), strict=True)):
        before = 1 - lasting
        if at_risk:
            lasting *= 1 - Fraction(ends, at_risk)
        at_risk -= ends + cuts
        if 1 - lasting >= share:
            part = (share - before) / (1 - lasting - before)
            return float(EDGES_US[cell] + float(part) * (EDGES_US[cell + 1] - EDGES_US[cell])) if cell else 0.0
    return math.nan


def test_several_at_once_as_the_definition_says():
    random = np.random.default_rng(3)
    shares = (Fraction(1, 100), Fraction(1, 2), Fraction(9, 10), Fraction(99, 100))
    for size in (0, 1, 5, 200):
        observed, censored = (np.bincount(random.integers(0, 60, size), minlength=80) for _ in range(2))
        expected = [product_limit(observed, censored, share) for share in shares]
        np.testing.assert_allclose(quantiles_us(observed, censored, [float(one) for one in shares]), expected)
