"""Arrivals by inversion: by hand, the same customers at any scale, counts as dispersed as they should be."""

import numpy as np
import pytest
from scipy import stats

from sim.build import build
from sim.codes import Case
from sim.primitives import next_arrival_us
from sim.run import run
from sim.schema import Document
from sim.units import NEVER

TIMES = np.array([0, 100, 200, 300])
CUMULATIVE = np.array([0.0, 2.0, 2.0, 6.0])


@pytest.mark.parametrize(
    ("target", "time", "piece"),
    [(1.0, 50, 1), (2.0, 100, 1), (3.0, 225, 3), (6.0, 300, 3), (6.1, NEVER, 4), (2.001, 200, 3)],
)
def test_inversion_by_hand(target, time, piece):
    """Two arrivals are expected in the first hundred microseconds, none in the second, four in the third."""
    assert next_arrival_us(TIMES, CUMULATIVE, 0, 4, 0, target) == (time, piece)


def scenario(**stream):
    return build(Document.from_data({
        "queuewise": 1, "name": "arrivals", "start": "2026-03-02", "horizon": "1 day",
        "demand": {"a": {"type": "t"} | stream}, "people": {"g": {"agents": 0, "skills": ["s"]}},
        "process": {"t": {"serve": {"work": "s", "talk": "1 s"}, "done": {"end": "solved"}}},
    }).scenario)  # fmt: skip


def arrivals(model, replication=0):
    cases = run(model, 1, replication).cases
    assert cases[:, Case.CASE].tolist() == list(range(len(cases)))
    return cases[:, Case.ARRIVED]


def test_the_time_of_a_case_is_where_the_rate_has_reached_its_sum_of_gaps():
    """All demand in one hour of the day, at ten times the rate: the same sums, inverted by hand."""
    even = arrivals(scenario(**{"per hour": 1})) / 3600e6  # sums of gaps, one expected in each hour
    steep = arrivals(scenario(**{"per hour": {"every day": {"09:00-10:00": 10}}})) / 3600e6
    assert len(steep) == (even < 10).sum()
    np.testing.assert_allclose(steep, 9 + even[: len(steep)] / 10, atol=1e-8)


def test_counts_are_poisson():
    """Index of dispersion over 600 replications of 48 expected: chi-square with 599 degrees (Fisher 1925)."""
    model = scenario(**{"per hour": {"every day": {"08:00-16:00": 6}}})
    counts = np.array([len(arrivals(model, replication)) for replication in range(600)])
    low, high = stats.chi2.ppf([0.0005, 0.9995], 599)
    assert low < 599 * counts.var(ddof=1) / counts.mean() < high
    assert abs(counts.mean() - 48) < 4 * np.sqrt(48 / 600)


def test_gaps_at_a_constant_rate_are_exponential():
    gaps = np.diff(arrivals(scenario(**{"per hour": 400}))) / 9e6
    assert stats.kstest(gaps, "expon").pvalue > 0.001


def test_busyness_spreads_the_days_and_keeps_the_mean():
    """Variance of a day's count = m + m² cv² (a gamma factor on a Poisson count: negative binomial)."""
    model = scenario(**{"per hour": {"every day": {"08:00-16:00": 6}}, "busyness": 0.3})
    counts = np.array([len(arrivals(model, replication)) for replication in range(600)])
    variance = 48 + 48**2 * 0.3**2
    assert abs(counts.mean() - 48) < 4 * np.sqrt(variance / 600)
    kurtosis = stats.nbinom(1 / 0.09, 1 / (1 + 48 * 0.09)).stats(moments="k")
    assert abs(counts.var(ddof=1) - variance) < 4 * variance * np.sqrt((kurtosis + 2) / 600)


def test_streams_that_share_their_busyness_are_busy_together():
    """Correlation of two counts with one factor = m cv² / (1 + m cv²); without sharing none."""

    def correlation(shared):
        stream = {"type": "t", "per hour": 4, "busyness": {"cv": 0.3} | ({"shared": "weather"} if shared else {})}
        model = build(Document.from_data({
            "queuewise": 1, "name": "busy", "start": "2026-03-02", "horizon": "1 day",
            "demand": {"a": stream, "b": stream}, "people": {"g": {"agents": 0, "skills": ["s"]}},
            "process": {"t": {"serve": {"work": "s", "talk": "1 s"}, "done": {"end": "solved"}}},
        }).scenario)  # fmt: skip
        counts = [np.bincount(run(model, 1, r).cases[:, Case.STREAM], minlength=2) for r in range(300)]
        return np.corrcoef(np.array(counts).T)[0, 1]

    expected = 96 * 0.09 / (1 + 96 * 0.09)
    assert abs(np.arctanh(correlation(True)) - np.arctanh(expected)) < 4 / np.sqrt(297)
    assert abs(np.arctanh(correlation(False))) < 4 / np.sqrt(297)
