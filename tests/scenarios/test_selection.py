"""Selection of the best: constants from the literature, a run by hand, promises kept, and real scenarios."""

import numpy as np
import pytest
from scipy import stats

from scenarios.selection import Aims, Field, batch_after, h_squared, rinott, select
from scenarios.store import Folder
from sim.errors import ParameterError
from tests.repeated.coverage import Normals, normal_choices
from tests.repeated.models import CHOICES


def given(values):
    """Observations from a table: a list for each alternative."""
    return lambda names, numbers: {name: np.array(values[name][numbers.start : numbers.stop]) for name in names}


def test_rinotts_constant_for_two_is_dudewiczs():
    # For two alternatives both are the quantile of a difference of two t-values (Law 2015, table 10.11, h1, whose last
    # digit is rounded up)
    assert rinott(2, 20, 0.90) == pytest.approx(1.896, abs=1e-3)
    assert rinott(2, 20, 0.95) == pytest.approx(2.453, abs=1e-3)
    assert rinott(2, 40, 0.95) == pytest.approx(2.386, abs=1e-3)


def test_rinotts_constant_for_many_by_drawing():
    rng = np.random.default_rng(1)
    h, degrees = rinott(5, 10, 0.9), 9
    best, others = rng.chisquare(degrees, 200_000), rng.chisquare(degrees, (4, 200_000))
    root = np.sqrt(degrees * (1 / best + 1 / others))
    # Given the chi-squared of the best, the others are independent: the mean of the product over fresh ones
    assert stats.norm.cdf(h / root).prod(axis=0).mean() == pytest.approx(0.9, abs=0.003)


def test_the_constant_of_the_boundary_solves_its_equation():
    for k, first in ((2, 10), (10, 20), (50, 30)):
        eta = h_squared(k, first, 0.95) / (2 * (first - 1))
        assert 0.5 * (1 + 2 * eta) ** (-(first - 1) / 2) == pytest.approx(0.05 / (k - 1))


def test_a_selection_by_hand():
    # Differences alternate 2, 4 over the first 6: variance 1.2, h2 = 2 eta 5. The boundary at r = 6 is
    # delta / 2 x (h2 S2 / (delta2 6) - 1); the lead of 3 is beyond it with delta 1, so b is dropped at once.
    a, b = [10.0, 12, 10, 12, 10, 12], [8.0, 8, 8, 8, 8, 8]
    boundary = 0.5 * (h_squared(2, 6, 0.95) * 1.2 / 6 - 1)
    assert boundary < 3
    found = select(given({"a": a, "b": b}), ["a", "b"], Aims(1.0, first=6))
    assert (found.best, found.decided, found.left) == ("a", True, ("a",))
    assert [(one.name, one.n, one.mean, one.dropped_by) for one in found.alternatives] == [
        ("a", 6, 11.0, None), ("b", 6, 8.0, "a"),
    ]  # fmt: skip
    # Equal allocation: t(0.95, 5)2 x 1.2 / 1 = 4.9, so the first stage is enough
    assert found.alternatives[0].equal == 6


def test_the_lowest_can_be_the_best():
    found = select(given({"a": [10.0, 12] * 3, "b": [8.0] * 6}), ["a", "b"], Aims(1.0, "lowest", first=6))
    assert (found.best, found.alternatives[0].mean, found.alternatives[1].mean) == ("b", 8.0, 11.0)


def test_alike_ends_when_the_boundary_is_closed():
    rng = np.random.default_rng(3)
    values = {name: rng.normal(0, 1, 5000) for name in "ab"}
    found = select(given(values), ["a", "b"], Aims(0.5, first=10))
    longest = h_squared(2, 10, 0.95) * np.var(values["a"][:10] - values["b"][:10], ddof=1) / 0.25
    assert found.decided
    assert max(one.n for one in found.alternatives) <= longest + 1 + batch_after(int(longest))


def test_dropped_alternatives_are_not_run_on():
    asked = []

    def observe(names, numbers):
        asked.append((names, numbers))
        rng = np.random.default_rng(numbers.start)
        return {name: rng.normal({"a": 1, "b": 0.5, "far": -50}[name], 2, len(numbers)) for name in names}

    select(observe, ["a", "b", "far"], Aims(0.5, first=10))
    assert asked[0] == (("a", "b", "far"), range(10))
    assert all("far" not in names for names, _ in asked[1:])
    assert [numbers.start for _, numbers in asked[1:]] == [numbers.stop for _, numbers in asked[:-1]]


def test_a_cap_promises_nothing():
    rng = np.random.default_rng(3)
    values = {name: rng.normal(0, 9, 100) for name in "ab"}
    found = select(given(values), ["a", "b"], Aims(0.1, first=10, most=50))
    assert not found.decided
    assert found.left == ("a", "b")
    assert "nothing is promised" in found.method


@pytest.mark.parametrize("case", [Normals(5, 0.0, "slippage"), Normals(5, 0.7, "slippage", unequal=True)])
def test_the_promise_is_kept(case):
    good, cost, equal = normal_choices(case, 150)
    assert good >= stats.binom.ppf(0.001, 150, 0.95)
    assert cost < equal


@pytest.mark.parametrize(
    ("aims", "names", "message"),
    [
        (Aims(1.0), ["a"], "nothing to select from; allowed: two alternatives or more"),
        (Aims(0.0), ["a", "b"], "--delta: no indifference zone; allowed: above 0"),
        (Aims(1.0, first=2), ["a", "b"], "--first: too few replications at first; allowed: 5 or more"),
        (Aims(1.0, most=20), ["a", "b"], "--most: fewer replications at most than at first"),
        (Aims(1.0, confidence=0.3), ["a", "b", "c"], "--confidence: a promise below chance; allowed: above 33%"),
    ],
)
def test_what_cannot_be_promised(aims, names, message):
    with pytest.raises(ParameterError, match=message):
        select(given({}), names, aims)


def test_what_is_not_defined_cannot_decide():
    values = {"a": [1.0] * 20, "b": [1.0] * 7 + [np.nan] * 13}
    with pytest.raises(ParameterError, match="not defined for 'b' in replication 7"):
        select(given(values), ["a", "b"], Aims(1.0))


def test_among_small_queues_whose_best_is_known(tmp_path):
    documents = {one.name: one.document for one in CHOICES}
    field = Field(documents, "abandonment_rate", None, Folder.create(tmp_path / "runs"))
    found = select(field.observe, list(documents), Aims(0.01, "lowest", first=20))
    exact = {one.name: one.exact["abandonment_rate"] for one in CHOICES}
    assert exact[found.best] < min(exact.values()) + 0.01
    assert found.alternatives[-1].name == "five, as now"
    again = select(field.observe, list(documents), Aims(0.01, "lowest", first=20))
    assert again == found
