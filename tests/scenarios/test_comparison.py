"""Paired differences from sums made by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from scenarios.comparison import compare
from scenarios.replications import Result
from sim.errors import ParameterError
from sim.metrics import Totals
from sim.metrics.sums import GroupSum, QueueSum
from tests.metrics.rows import frame


def result(waits_s, name="base", answered=10, **changes):
    """One replication per total wait, each with the same number answered."""
    totals = []
    for wait in waits_s:
        one = Totals.empty(frame())
        one.queue[QueueSum.ANSWERED, 0, 0] = answered
        one.queue[QueueSum.WAIT_ANSWERED, 0, 0] = wait * 1_000_000
        one.group[GroupSum.STAFFED, 0, 0] = 3_600_000_000
        totals.append(one)
    numbers = tuple(range(len(totals)))
    made = Result(name, frame(), totals, numbers, len(totals), seed=1, engine="kernel", elapsed_s=0.0, versions={})
    return replace(made, **changes)


def test_a_paired_difference_by_hand():
    # ASA 10, 20, 30 against 8, 17, 29: differences -2, -3, -1; mean -2, standard error 1 / sqrt(3) = 0.577350;
    # t(0.975, 2) = 4.302653, half-width 2.484138.
    found = compare(result([100, 200, 300]), {"more": result([80, 170, 290])}, metrics=["asa"]).get("more", "asa")
    assert (found.baseline, found.value, found.mean) == pytest.approx((20, 18, -2))
    assert (found.low, found.high) == pytest.approx((-4.484138, 0.484138), abs=1e-6)
    assert found.verdict == "no difference shown"
    # Variances 100 and 111; of the differences 1.
    assert found.variance_reduction == pytest.approx(1 - 1 / (100 + 111))


def test_the_family_is_corrected_by_bonferroni():
    others = {"a": result([90, 180, 270]), "b": result([60, 170, 280])}  # evenly apart: no skewness to correct
    found = compare(result([100, 200, 300]), others, metrics=["asa", "offered", "answered"])
    assert found.family == 6
    one = found.get("a", "asa")
    ratio = stats.t.ppf(1 - 0.05 / 6 / 2, 2) / stats.t.ppf(0.975, 2)
    assert (one.family_high - one.mean) / (one.high - one.mean) == pytest.approx(ratio)


@pytest.mark.parametrize(("shift", "verdict"), [(-50, "better"), (50, "worse")])
def test_verdicts_follow_what_is_better(shift, verdict):
    waits = np.random.default_rng(1).normal(200, 20, 20)
    noise = np.random.default_rng(2).normal(0, 1, 20)
    found = compare(result(waits), {"changed": result(waits + shift + noise)})
    assert found.get("changed", "asa").verdict == verdict
    assert found.get("changed", "staffed_hours").verdict == "no difference shown"
    assert found.get("changed", "aht").verdict == "not defined"


def test_a_verdict_without_a_better_side_says_the_direction():
    waits = [100, 110, 120]
    more = result(waits)
    for one in more.totals:
        one.group[GroupSum.STAFFED] *= 2
    found = compare(result(waits), {"more": more}, metrics=["staffed_hours"]).get("more", "staffed_hours")
    assert (found.mean, found.low, found.high, found.verdict) == (1, 1, 1, "higher")


def test_only_replications_that_both_have_are_paired():
    waits = [100, 200, 300, 400]
    stopped = result([210, 290, 420], replications=(1, 2, 3), asked=4)
    found = compare(result(waits), {"stopped": stopped}, metrics=["asa"])
    assert found.n == 3
    assert found.get("stopped", "asa").baseline == pytest.approx(30)


def test_what_cannot_be_compared():
    base = result([1, 2, 3])
    with pytest.raises(ParameterError, match=r"'b' was run with another seed .* allowed: seed 1; given: seed 2"):
        compare(base, {"b": result([1, 2, 3], seed=2)})
    with pytest.raises(ParameterError, match="'b' measures another stretch of time"):
        compare(base, {"b": result([1, 2, 3], frame=frame(warm_up_us=5))})
    with pytest.raises(ParameterError, match="too few replications in common"):
        compare(base, {"b": result([1])})
    with pytest.raises(ParameterError, match="nothing to compare"):
        compare(base, {})
    with pytest.raises(ParameterError, match="not compared; allowed: b; asa; given: b: wait"):
        compare(base, {"b": base}, metrics=["asa"]).get("b", "wait")


def test_table_and_plain_data_hold_the_same():
    found = compare(result([100, 200, 300]), {"more": result([80, 170, 290])})
    table = found.table().set_index("metric")
    plain = found.plain()["alternatives"]["more"]["metrics"]
    assert table.loc["asa", "mean"] == plain["asa"]["mean"] == pytest.approx(-2)
    assert plain["asa"]["unit"] == "s"
    assert plain["aht"]["mean"] is None


def test_the_chance_of_meeting_a_goal_counts_runs():
    goal = frame(goal=(0.8,))
    levels = result([1, 1, 1, 1], frame=goal)
    for one, in_time in zip(levels.totals, (7, 8, 9, 0), strict=True):
        one.queue[QueueSum.ANSWERED_IN_TIME, 0, 0] = in_time  # of ten answered
    levels.totals[3].queue[QueueSum.ANSWERED] = 0  # a run without contacts says nothing
    assert (levels.goals()["billing"].mean, levels.goals()["billing"].n) == (pytest.approx(2 / 3), 3)
    assert result([1, 2]).goals() == {}
