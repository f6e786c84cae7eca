"""Sensitivities against functions whose indices are known."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from scenarios.attribution.sensitivity import CHANCE, Design, analyse, assumptions
from sim.errors import ParameterError, ScenarioError, UnsupportedError
from sim.schema import Document

TEXT = """\
queuewise: 1
name: A desk
start: 2026-03-02
horizon: 1 day
demand:
  calls: {type: call, per hour: 30, patience: 30 min}
people:
  desk: {agents: 3, skills: [talk]}
process:
  call:
    answer: {work: talk, talk: {mean: 5 min, cv: 0.8}}
    close: {end: solved}
sources:
  demand: "assumed x 0.9 to x 1.1, held: b"
  people: "fact: c"
  process.call.answer.talk: "assumed x 0.9 to x 1.1, tuned: d"
  demand.calls.patience: "assumed 20 min to 60 min: e"
"""


def ishigami(points, numbers):
    x, y, z = (np.pi * (2 * points - 1)).T
    return (np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x))[:, None]


def test_sobol_finds_the_indices_of_ishigami():
    """With a = 7, b = 0.1 (Ishigami and Homma 1990) the variance is a2/8 + b pi4/5 + b2 pi8/18 + 1/2."""
    [found] = analyse(ishigami, ["x", "y", "z"], {"f": ""}, Design(0, 1024), 1)
    by = {one.name: one for one in found.indices}
    a, b = 7, 0.1
    total = a**2 / 8 + b * np.pi**4 / 5 + b**2 * np.pi**8 / 18 + 1 / 2
    first_x = (1 + b * np.pi**4 / 5) ** 2 / 2 / total
    both = 8 * b**2 * np.pi**8 / 225 / total
    first = {"x": first_x, "y": a**2 / 8 / total, "z": 0.0, CHANCE: 0.0}
    for name, expected in first.items():
        assert by[name].first.mean == pytest.approx(expected, abs=0.02)
        assert by[name].first.low < expected < by[name].first.high
    for name, expected in {"x": first_x + both, "y": a**2 / 8 / total, "z": both}.items():
        assert by[name].total.mean == pytest.approx(expected, abs=0.02)
    assert [one.name for one in found.indices] == ["x", "y", "z", CHANCE]


def test_morris_finds_the_sizes_of_a_line_and_a_bend():
    """Effects of 3 u are 3, of -2 v always -2; u w has effects w and u, between 0 and 1."""

    def function(points, numbers):
        u, v, w = points.T
        return (3 * u - 2 * v + 6 * u * w)[:, None]

    [found] = analyse(function, ["u", "v", "w"], {"f": "s"}, Design(200, 0), 1)
    by = {one.name: one for one in found.effects}
    assert (by["v"].size.mean, by["v"].mean, by["v"].spread) == pytest.approx((2, -2, 0))
    assert by["u"].size.low < 6 < by["u"].size.high
    assert by["w"].size.low < 3 < by["w"].size.high
    assert by["u"].spread > 1
    assert [one.name for one in found.effects] == ["u", "w", "v"]


def test_what_chance_adds_is_told_apart():
    """x adds variance 4/12, each replication's luck 1/12 of its own."""

    def function(points, numbers):
        luck = np.array([np.random.default_rng(number).uniform() for number in numbers])
        return (2 * points[:, 0] + luck)[:, None]

    [found] = analyse(function, ["x", "idle"], {"f": ""}, Design(10, 1024), 1)
    by = {one.name: one for one in found.indices}
    assert by["x"].first.mean == pytest.approx(0.8, abs=0.03)
    assert by[CHANCE].first.mean == pytest.approx(0.2, abs=0.06)
    assert (by["idle"].total.mean, found.effects[1].size.mean) == pytest.approx((0, 0), abs=1e-12)


def test_result_that_never_changes_has_no_indices():
    [found] = analyse(lambda points, numbers: np.ones((len(points), 1)), ["x"], {"f": ""}, Design(2, 8), 1)
    assert found.indices[0].total.mean == 0


def test_assumptions_are_those_with_a_range_that_are_not_held():
    assert [one.name for one in assumptions(Document.from_text(TEXT))] == [
        "process.call.answer.talk", "demand.calls.patience",
    ]  # fmt: skip
    bare = TEXT[: TEXT.index("sources:")]
    with pytest.raises(ScenarioError, match="no assumption with a range"):
        assumptions(Document.from_text(bare))


@pytest.mark.parametrize(
    ("design", "message"),
    [
        (Design(1, 0), "--morris: too few trajectories"),
        (Design(0, 12), "--sobol: not a number of base samples; allowed: 0, or a power of two"),
        (Design(0, 0), "nothing to do"),
        (Design(4, 0, 1.5), "not a confidence"),
    ],
)
def test_designs_that_make_no_sense(design, message):
    with pytest.raises(ParameterError, match=message):
        design.checked()


def test_undefined_result_and_missing_salib(monkeypatch):
    with pytest.raises(ParameterError, match="f is not defined in some run"):
        analyse(lambda points, numbers: np.full((len(points), 1), np.nan), ["x"], {"f": ""}, Design(2, 0), 1)
    monkeypatch.setitem(sys.modules, "SALib.sample.morris", None)
    with pytest.raises(UnsupportedError, match=r"pip install 'queuewise\[sensitivity\]'"):
        analyse(ishigami, ["x"], {"f": ""}, Design(2, 0), 1)
