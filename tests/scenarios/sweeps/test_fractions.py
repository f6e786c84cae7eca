"""Fractional factorials: published generators' resolutions, balance, and what is confounded, found by brute force."""

from itertools import combinations

import numpy as np
import pytest

from scenarios.sweeps.fractions import Fraction, fraction, from_words, spelled
from sim.errors import ParameterError


def signs(one):
    return 2 * one.levels() - 1


def products(one, order):
    """Columns of all effects up to an order, by their factors."""
    table = signs(one)
    return {chosen: table[:, chosen].prod(axis=1)
            for size in range(1, order + 1) for chosen in combinations(range(one.factors), size)}  # fmt: skip


# Box, Hunter and Hunter (2005), table 6.22: factors, runs, resolution of the best design.
TABLE = [(3, 4, 3), (4, 8, 4), (5, 8, 3), (5, 16, 5), (6, 8, 3), (6, 16, 4), (6, 32, 6), (7, 8, 3), (7, 16, 4),
         (7, 32, 4), (7, 64, 7), (8, 16, 4), (8, 64, 5), (9, 32, 4), (10, 32, 4), (11, 64, 4), (15, 16, 3)]  # fmt: skip


@pytest.mark.parametrize(("factors", "runs", "resolution"), TABLE)
def test_the_highest_resolution_is_found(factors, runs, resolution):
    found = fraction(factors, runs)
    assert (found.runs, found.resolution) == (runs, resolution)


@pytest.mark.parametrize(("factors", "runs"), [(4, 8), (5, 16), (6, 16), (7, 8), (8, 16)])
def test_design_is_what_its_words_say(factors, runs):
    found = fraction(factors, runs)
    table = signs(found)
    assert len(np.unique(table, axis=0)) == runs
    np.testing.assert_array_equal(table.sum(axis=0), 0)
    np.testing.assert_array_equal(table.T @ table, runs * np.eye(factors))
    # The defining relation by brute force: products of columns that are 1 in every run.
    constant = {sum(1 << place for place in chosen) for chosen, column in products(found, factors).items()
                if (column == 1).all()}  # fmt: skip
    assert constant == set(found.words)


@pytest.mark.parametrize(("factors", "runs"), [(4, 8), (5, 8), (5, 16), (6, 16)])
def test_aliases_are_columns_that_are_equal(factors, runs):
    found = fraction(factors, runs)
    equal = {}
    for chosen, column in products(found, 2).items():
        equal.setdefault(column.tobytes(), set()).add(sum(1 << place for place in chosen))
    assert {frozenset(one) for one in found.aliases()} == {frozenset(one) for one in equal.values() if len(one) > 1}


def test_the_smallest_with_a_resolution():
    assert fraction(5, resolution=5).runs == 16
    assert fraction(7, resolution=4).runs == 16
    assert fraction(7, resolution=3).runs == 8
    assert fraction(3, resolution=4).runs == 8  # the full factorial


def test_generators_of_ones_own():
    found = from_words(["one", "two", "three", "four"], ["D = ABC"])
    assert [spelled(word) for word in found.words] == ["ABCD"]
    assert found.said() == [
        "8 runs of 4 factors, resolution IV: D = ABC; I = ABCD",
        "confounded up to two factors: AB = CD; AC = BD; AD = BC",
    ]
    table = signs(found)
    np.testing.assert_array_equal(table[:, 3], table[:, :3].prod(axis=1))


@pytest.mark.parametrize("text", ["D = AB*E", "A = BC", "D", "D = XY"])
def test_a_generator_that_is_none(text):
    with pytest.raises(ParameterError, match="not a generator"):
        from_words(["one", "two", "three", "four"], [text])


def test_generators_that_confound_main_effects():
    with pytest.raises(ParameterError, match="confound main effects"):
        from_words(["one", "two", "three", "four"], ["D = A"])


@pytest.mark.parametrize("runs", [3, 4, 32])
def test_no_such_fraction(runs):
    with pytest.raises(ParameterError, match="no such fraction"):
        fraction(4, runs)


def test_full_factorial():
    found = Fraction(3, 3)
    assert found.levels().tolist() == [[n & 1, n >> 1 & 1, n >> 2 & 1] for n in range(8)]
    assert found.resolution is None
    assert found.aliases() == []
