"""Proposals: a hypercube, a linear picture, and points moved to where facts are expected to hold."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.programme.proposals import Fact, aimed, fit, hypercube, shows

FACTS = (Fact("sum", "sum", 1.9, 2.1), Fact("first", "first", 0.5, np.inf))


def model(cube):
    """Two linear measures of four parameters: the sum of all, and twice the first."""
    return np.column_stack([cube.sum(axis=1), 2 * cube[:, 0]])


def test_hypercube_has_each_stratum_once():
    cube = hypercube(40, 3, seed=5)
    assert cube.shape == (40, 3)
    assert all(sorted((cube[:, column] * 40).astype(int)) == list(range(40)) for column in range(3))
    assert np.array_equal(cube, hypercube(40, 3, seed=5))


def test_picture_of_a_linear_model_is_right():
    cube = hypercube(200, 4, seed=1)
    surface = fit(cube, model(cube))
    assert surface.level == pytest.approx([2.0, 1.0], abs=0.01)
    assert surface.slope == pytest.approx(np.array([[1, 1, 1, 1], [2, 0, 0, 0]]), abs=0.05)


def test_undefined_measures_are_left_out_of_the_picture():
    cube = hypercube(100, 4, seed=1)
    seen = model(cube)
    seen[::10] = np.nan
    assert np.isfinite(fit(cube, seen).slope).all()


def test_moved_points_show_the_facts_far_more_often():
    cube = hypercube(300, 4, seed=2)
    surface = fit(cube, model(cube))
    moved = aimed(hypercube(300, 4, seed=3), surface, FACTS, seed=4)

    def rate(points):
        rows = [dict(zip(("sum", "first"), row, strict=True)) for row in model(points)]
        return np.mean([shows(FACTS, row) for row in rows])

    assert rate(cube) < 0.2
    assert rate(moved) > 0.95
    assert moved.min() >= 0
    assert moved.max() <= 1


def test_points_move_no_further_than_they_must():
    cube = hypercube(300, 4, seed=2)
    surface = fit(cube, model(cube))
    point = np.array([[0.5, 0.5, 0.5, 0.5]])
    moved = aimed(point, surface, FACTS, seed=4)
    assert np.abs(moved - point).max() < 0.05


def test_undefined_measure_shows_nothing():
    assert not FACTS[0].holds({"sum": float("nan")})
    assert FACTS[1].holds({"first": 0.5})
