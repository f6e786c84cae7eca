"""Counting: targets met, margins, and the least share of a claim that is needed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scenarios.programme.judgement import least, mean, target_found
from scenarios.programme.targets import Target

SHARES = (0.0, 0.5, 1.0)


def months(*values):
    return [{"wait": value} for value in values]


@pytest.mark.parametrize(
    ("target", "score", "met"),
    [
        (Target("a", "wait", 0.9), 60.0, True),
        (Target("a", "wait", 70, at_most=True), 60.0, True),
        (Target("a", "wait", 0.4, "cut"), 0.4, True),
        (Target("a", "wait", 0.45, "cut"), 0.4, False),
        (Target("a", "wait", 20, "gain"), -40.0, False),
    ],
)
def test_score_and_verdict(target, score, met):
    found = target.score({"wait": 100.0}, {"wait": 60.0})
    assert found == pytest.approx(score)
    assert target.met(round(found, 12)) == met


def test_undefined_measures_meet_nothing():
    target = Target("a", "wait", 0.4, "cut")
    assert math.isnan(target.score({"wait": 0.0}, {"wait": 5.0}))
    assert not target.met(math.nan)
    assert not Target("a", "wait", 5, at_most=True).met(math.nan)


def test_chance_counts_months_and_margin_the_mean():
    found = target_found(Target("a", "wait", 0.4, "cut"), months(100, 100, 100, 200), months(50, 70, 40, 150))
    assert found.score.mean == pytest.approx((0.5 + 0.3 + 0.6 + 0.25) / 4)
    assert found.margin == pytest.approx(0.0125)
    assert found.met
    assert found.chance.mean == 0.5
    assert (found.baseline.mean, found.programme.mean) == (125, 77.5)


def test_month_without_a_score_counts_as_missed():
    found = target_found(Target("a", "wait", 10, at_most=True), months(1, 1), months(5, math.nan))
    assert found.chance.mean == 0.5
    assert found.score.n == 1


def test_mean_interval_by_hand():
    found = mean(np.array([1.0, 2.0, 3.0]))
    assert found.mean == 2
    assert found.high - 2 == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)  # t(0.975, 2 degrees) s / sqrt n
    assert mean(np.array([])).mean is None


@pytest.mark.parametrize(
    ("scores", "needed"),
    [
        ((50, 70, 90), 1 - 0.5 * 10 / 20),
        ((85, 88, 90), 0.0),
        ((50, 60, 70), None),
        ((50, 80, 85), 0.5),
        ((85, 60, 90), 0.5 + 0.5 * 20 / 30),
        ((math.nan, math.nan, 90), 1.0),
    ],
)
def test_least_share_that_is_needed(scores, needed):
    assert least(Target("a", "csi", 80), SHARES, scores) == (None if needed is None else pytest.approx(needed))
