"""Main effects of made-up responses whose effects are known."""

import numpy as np
import pytest
from scipy import stats

from scenarios.estimate import Linear
from scenarios.sweeps.effects import Response, effects, explained
from scenarios.sweeps.factors import Factor, Span, span_of
from sim.metrics import find

FACTORS = [Factor("a", "set", (1, 2, 3)), Factor("b", "set", ("10 s", "30 s")), Factor("c", "set", ("x", "y", "z"))]
POINTS = {str(number): {"a": a, "b": b, "c": c} for number, (a, b, c) in enumerate(
    (a, b, c) for a in (1, 2, 3) for b in ("10 s", "30 s") for c in ("x", "y", "z"))}  # fmt: skip


def made(noise):
    """asa = 5 + 2 a + 0.1 b + (0, 4, -1)[c], each combination with residuals that its replications share in part."""
    mean = np.array([5 + 2 * p["a"] + 0.1 * int(p["b"].split()[0]) + {"x": 0, "y": 4, "z": -1}[p["c"]]
                     for p in POINTS.values()])  # fmt: skip
    return Response(find("asa"), "", tuple(POINTS), Linear(mean, noise))


def test_effects_are_found():
    found = effects(made(np.zeros((5, len(POINTS)))), FACTORS, POINTS, 0.95)
    assert [(one.factor, one.low, one.high) for one in found] == [
        ("a", 1, 3), ("b", "10 s", "30 s"), ("c", "x", "y"), ("c", "x", "z"),
    ]  # fmt: skip
    assert [one.change.mean for one in found] == pytest.approx([4, 2, 4, -1])
    assert explained(made(np.zeros((5, len(POINTS)))), FACTORS, POINTS) == pytest.approx(1)


def test_interval_of_a_two_level_effect_is_that_of_a_paired_difference():
    random = np.random.default_rng(1)
    noise = random.normal(size=(8, len(POINTS)))
    noise -= noise.mean(axis=0)
    found = effects(made(noise), FACTORS, POINTS, 0.9)[1]
    high = [place for place, point in enumerate(POINTS.values()) if point["b"] == "30 s"]
    low = [place for place in range(len(POINTS)) if place not in high]
    each = noise[:, high].mean(axis=1) - noise[:, low].mean(axis=1)
    half = stats.t.ppf(0.95, 7) * each.std(ddof=1) / np.sqrt(8)
    assert (found.change.low, found.change.high) == pytest.approx((2 - half, 2 + half))


def test_too_few_combinations():
    response, chosen = made(np.zeros((5, len(POINTS)))), [0, 4]  # b and c change together
    names = tuple(response.names[place] for place in chosen)
    found = Linear(response.found.mean[chosen], response.found.residuals[:, chosen])
    assert effects(Response(response.metric, "", names, found), FACTORS, POINTS, 0.95) == []
    nothing = Response(response.metric, "", (), Linear(np.zeros(0), np.zeros((5, 0))))
    assert effects(nothing, FACTORS, POINTS, 0.95) == []


def test_values_of_a_span():
    assert span_of("1 min", "3 min").steps(3) == ["1 min", "2 min", "3 min"]
    assert span_of("10 %", "20 %").steps(3) == ["10 %", "15 %", "20 %"]
    assert span_of(1, 4).steps(7) == [1, 2, 3, 4]
    assert span_of(1, 4.5) == Span("number", 1, 4.5)
    assert [span_of(1, 4).at(place) for place in (0, 0.24, 0.26, 0.99, 1)] == [1, 1, 2, 4, 4]
    assert span_of("1 min", "50 %") is None
    assert span_of(True, 3) is None
