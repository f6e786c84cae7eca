"""All pairs, corrections, ranks and chances, from sums made by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from scenarios.chances import chances, period_chance
from scenarios.comparison import compare, compare_pairs, holm
from scenarios.ranking import rank, rankings
from scenarios.replications import replicate
from sim.build import build
from sim.errors import ParameterError
from sim.metrics import find
from sim.schema import Document
from tests.scenarios.test_comparison import result


def waits(shift, seed=1, n=20):
    return (
        np.random.default_rng(seed).normal(200, 20, n) + shift + np.random.default_rng(abs(shift) + 99).normal(0, 2, n)
    )


THREE = {"base": result(waits(0)), "better": result(waits(-40)), "about the same": result(waits(-39))}


def test_holm_is_statsmodels_holm():
    values = np.random.default_rng(1).uniform(size=30) ** 4
    assert holm(values) == pytest.approx(multipletests(values, method="holm")[1])
    assert holm([]) == []


def test_p_values_are_those_of_the_paired_t_test():
    base = np.array([100, 200, 300, 150])
    other = base + np.array([-35, -25, -5, -15])  # evenly around their mean: no skewness to correct
    found = compare(result(base), {"other": result(other)}, metrics=["asa"]).get("other", "asa")
    assert found.p_holm == pytest.approx(stats.ttest_rel(other, base).pvalue)
    same = compare(result(base), {"same": result(base)}, metrics=["asa"]).get("same", "asa")
    assert same.p_holm == 1.0


def test_holm_shows_at_least_what_the_family_shows():
    found = compare(THREE["base"], {name: THREE[name] for name in ("better", "about the same")})
    for one in found.differences:
        if one.verdict not in ("no difference shown", "not defined"):
            assert one.p_holm <= 0.05 + 1e-12


def test_every_pair_once_in_one_family():
    found = compare_pairs(THREE, metrics=["asa"])
    pairs = [(of.baseline, one.alternative, one.verdict) for of in found for one in of.differences]
    assert pairs == [
        ("base", "better", "better"),
        ("base", "about the same", "better"),
        ("better", "about the same", "no difference shown"),
    ]
    assert {of.family for of in found} == {3}
    one = found[0].get("better", "asa")
    alone = compare(THREE["base"], {"better": THREE["better"]}, metrics=["asa"], confidence=1 - 0.05 / 3)
    wider = alone.get("better", "asa")
    assert (one.family_low, one.family_high) == pytest.approx((wider.low, wider.high))


def test_ranks_and_who_may_be_the_best():
    found = rank(THREE, "asa")
    assert [place.name for place in found.places] == ["better", "about the same", "base"]
    assert found.best == ("better", "about the same")
    assert found.places[2].beaten_by in ("better", "about the same")
    assert found.aim == "lowest"
    # By hand: base is out, if its paired lead over the best beyond t(0.975, 19) standard errors is above zero
    apart = (waits(0) - waits(-40)) / 10
    assert apart.mean() - stats.t.ppf(0.975, 19) * apart.std(ddof=1) / np.sqrt(20) > 0


def test_the_true_best_stays_in_the_set():
    # Four alike, so each is the best: one is missing from the set in at most 5 % of the trials, about 4 of 80
    rng = np.random.default_rng(5)
    missing = 0
    for _ in range(80):
        same = {str(number): result(rng.normal(200, 20, 10)) for number in range(4)}
        missing += "0" not in rank(same, "asa").best
    assert missing <= stats.binom.ppf(0.999, 80, 0.05)


def test_a_ranking_needs_a_better_side():
    with pytest.raises(ParameterError, match="offered is neither better high nor better low"):
        rank(THREE, "offered")
    assert rank(THREE, "offered", aim="highest").aim == "highest"
    assert [one.metric for one in rankings(THREE, ["asa", "offered"])] == ["asa"]
    with pytest.raises(ParameterError, match="two scenarios or more"):
        rank({"base": THREE["base"]}, "asa")


SHORT = Document.from_text("""
queuewise: 1
name: desk
start: 2026-03-02
horizon: 9 days
interval: 1 h
service level: {within: 20 s, goal: 80 %}
demand: {calls: {type: call, per hour: {mon-sun: {"09:00-12:00": 30}}}}
people: {desk: {agents: {mon-sun: {"09:00-13:00": 4}}, skills: [call]}}
process: {call: {answer: {work: call, talk: 5 min}, close: {end: solved}}}
""")


def test_chances_per_run_day_and_week():
    found = chances({"desk": replicate(build(SHORT.scenario), 6)})
    assert [(one.goal, one.per, one.level) for one in found] == [
        ("call", "run", 0.8), ("call", "day", 0.8), ("call", "week", 0.8),
    ]  # fmt: skip
    for one in found:
        assert 0 <= one.estimate.low <= one.estimate.mean <= one.estimate.high <= 1


def test_the_chance_of_days_by_hand():
    runs = replicate(build(SHORT.scenario), 6)
    metric = find("service_level")
    found = period_chance(runs, metric, 0, 0.8, "day")
    single = [replace(runs, totals=[one], replications=(0,), asked=1) for one in runs.totals]
    shares = []
    for one in single:
        sums = np.nan_to_num(one.by_interval("service_level")["mean"].to_numpy())
        counts = one.by_interval("answered")["mean"].to_numpy()
        days = (sums * counts).reshape(9, 24).sum(axis=1) / counts.reshape(9, 24).sum(axis=1)
        shares.append(np.mean(days >= 0.8))
    assert found.mean == pytest.approx(np.mean(shares))
    half = stats.t.ppf(0.975, 5) * np.std(shares, ddof=1) / np.sqrt(6)
    assert found.high == pytest.approx(min(found.mean + half, 1.0))


def test_runs_that_agree_still_leave_doubt():
    runs = replicate(build(SHORT.scenario), 6)
    found = period_chance(runs, find("service_level"), 0, 0.0, "day")
    assert (found.mean, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.025 ** (1 / 6))  # exact binomial, six of six


def test_runs_that_agree_on_some_of_their_days_leave_doubt_too():
    # Three days of nine in each of six runs: recorded calls, the same in every run
    data = SHORT.data | {"demand": {"calls": {"type": "call", "recorded": [
        *(f"2026-03-0{day} 09:00" for day in (2, 3, 4)),
        *(f"2026-03-{day:02d} 09:{minute:02d}" for day in range(5, 11) for minute in (0, 0, 0, 0, 0, 0)),
    ]}}}  # fmt: skip
    runs = replicate(build(Document.from_data(data).scenario), 6)
    found = period_chance(runs, find("service_level"), 0, 0.8, "day")
    exact = stats.binomtest(2, 6).proportion_ci(0.95, "exact")
    assert (found.mean, found.low, found.high) == pytest.approx((1 / 3, exact.low, exact.high))
