"""Quantile tables against formulas: mean and .999 quantile, atoms, mass at infinity, order; and the rounding rule."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from sim.distributions import EDGES, build_tables, table_mean
from sim.primitives import CELLS, length_us, quantile_s, round_us
from sim.schema.distribution import Distribution
from sim.units import NEVER

LN1000 = math.log(1000)
Z999 = 3.090232306167813  # standard normal .999 quantile
BITS = 1 << 53


def table(spec):
    return build_tables([Distribution.model_validate(spec)])


def at(tables, share):
    return quantile_s(tables, 1, min(int(share * BITS), BITS - 1))


def lognormal(mean, cv):
    sigma = math.sqrt(math.log(1 + cv * cv))
    return mean, mean * math.exp(-sigma * sigma / 2 + sigma * Z999)


def weibull(mean, cv):
    """Shape by solving for the coefficient of variation with the gamma function."""
    shape = optimize.brentq(lambda k: math.gamma(1 + 2 / k) / math.gamma(1 + 1 / k) ** 2 - 1 - cv * cv, 0.2, 50)
    return mean, mean / math.gamma(1 + 1 / shape) * LN1000 ** (1 / shape)


def burr(c, d):
    """F(x) = 1 - (1 + x^c)^-d (Burr 1942)."""
    mean, _ = integrate.quad(lambda x: (1 + x**c) ** -d, 0, math.inf, epsabs=1e-12)
    return mean, (1000 ** (1 / d) - 1) ** (1 / c)


def two_exponentials():
    """40 % of mean 30 s, 60 % of mean 300 s."""
    tail = lambda x: 0.4 * math.exp(-x / 30) + 0.6 * math.exp(-x / 300) - 0.001  # noqa: E731
    return 0.4 * 30 + 0.6 * 300, optimize.brentq(tail, 0, 1e5, xtol=1e-9)


EXPONENTIAL = {"mean": "180 s", "shape": "exponential"}
THEORY = {
    "constant": ("90 s", 90, 90),
    "exponential": (EXPONENTIAL, 180, 180 * LN1000),
    "lognormal": ({"mean": "300 s", "cv": 0.8}, *lognormal(300, 0.8)),
    "lognormal, wide": ({"mean": "300 s", "cv": 3.0}, *lognormal(300, 3.0)),
    "median and spread": ({"median": "240 s", "spread": 1.1}, 240 * math.exp(1.1**2 / 2), 240 * math.exp(1.1 * Z999)),
    "gamma": ({"mean": "100 s", "cv": 0.5, "shape": "gamma"}, 100, 25 * stats.chi2.isf(0.001, 8) / 2),
    "gamma, wide": ({"mean": "100 s", "cv": 2.0, "shape": "gamma"}, 100, 400 * stats.chi2.isf(0.001, 0.5) / 2),
    "weibull": ({"mean": "100 s", "cv": 0.5, "shape": "weibull"}, *weibull(100, 0.5)),
    "weibull, wide": ({"mean": "100 s", "cv": 2.0, "shape": "weibull"}, *weibull(100, 2.0)),
    "between": ({"between": ["20 s", "40 s"]}, 30, 39.98),
    "quantiles": ({"quantiles": [[0, "0 s"], [0.4, "10 s"], [1, "100 s"]]}, 35, 10 + 90 * 0.599 / 0.6),
    "values": ({"values": ["40 s", "10 s", "20 s"], "shares": [0.3, 0.2, 0.5]}, 24, 40),
    "values alike": ({"values": ["10 s", "10 s", "40 s", "60 s"]}, 30, 60),
    "scipy": ({"scipy": {"name": "burr12", "parameters": {"c": 4, "d": 3}, "unit": "1 s"}}, *burr(4, 3)),
    "scipy in minutes": (
        {"scipy": {"name": "beta", "parameters": {"a": 2, "b": 1}, "unit": "1 min"}}, 40, 60 * math.sqrt(0.999)),
    "mixture with an atom": (
        {"mixture": [{"share": 0.3, "of": "10 s"}, {"share": 0.7, "of": {"mean": "60 s", "shape": "exponential"}}]},
        45, 60 * math.log(700)),
    "mixture of two": (
        {"mixture": [{"share": 0.4, "of": {"mean": "30 s", "shape": "exponential"}},
                     {"share": 0.6, "of": {"mean": "300 s", "shape": "exponential"}}]}, *two_exponentials()),
    "zero": (EXPONENTIAL | {"zero": 0.2}, 144, 180 * math.log(800)),
    "plus": (EXPONENTIAL | {"plus": "5 s"}, 185, 5 + 180 * LN1000),
    "at most": ({"mean": "60 s", "shape": "exponential", "at most": "100 s"}, 60 * (1 - math.exp(-100 / 60)), 100),
    "zero, plus, at most": (
        {"between": ["0 s", "10 s"], "zero": 0.5, "plus": "2 s", "at most": "5 s"}, 0.5 * (2 + 3.75), 7),
}  # fmt: skip


@pytest.mark.parametrize("name", THEORY)
def test_mean_and_999_quantile(name):
    spec, mean, quantile = THEORY[name]
    tables = table(spec)
    assert table_mean(tables, 1) == pytest.approx(mean, rel=1e-4)
    assert at(tables, 0.999) == pytest.approx(quantile, rel=1e-4)


@pytest.mark.parametrize("name", THEORY)
def test_draws_spread_evenly_have_the_tables_mean_and_rise(name):
    """Quantiles at the middles of 200,000 equal shares: their mean misses little but the end of a heavy tail."""
    spec, mean, _ = THEORY[name]
    tables = table(spec)
    shares = (np.arange(200_000) + 0.5) / 200_000
    draws = np.array([quantile_s(tables, 1, int(share * BITS)) for share in shares])
    assert (np.diff(draws) >= 0).all()
    assert (draws >= 0).all()
    assert draws.mean() == pytest.approx(mean, rel=5e-3)


@pytest.mark.parametrize("name", THEORY)
def test_both_ends_are_finite_and_in_order(name):
    tables = table(THEORY[name][0])
    bits = [0, 1, 2, 1000, BITS // 3, BITS // 2 - 1, BITS // 2, BITS - 1000, BITS - 2, BITS - 1]
    ends = [quantile_s(tables, 1, b) for b in bits]
    assert ends == sorted(ends)
    assert 0 <= ends[0] <= ends[-1] < math.inf


def test_atoms_are_exact_and_begin_where_their_shares_do():
    tables = table({"values": ["10 s", "20 s", "40 s"], "shares": [0.2, 0.5, 0.3]})
    tiny = 1e-12
    assert [at(tables, share) for share in (0, 0.2 - tiny, 0.2 + tiny, 0.7 - tiny, 0.7 + tiny, 1)] == [
        10, 10, 20, 20, 40, 40]  # fmt: skip
    draws = {quantile_s(tables, 1, int(bits)) for bits in np.linspace(0, BITS - 1, 50_000)}
    assert draws == {10.0, 20.0, 40.0}


def test_a_share_that_never_ends_is_exact():
    tables = table(EXPONENTIAL | {"never": 0.3})
    tiny = 1e-12
    assert at(tables, 0.7 + tiny) == math.inf
    assert at(tables, 1) == math.inf
    assert at(tables, 0.7 - 1e-9) < math.inf
    shares = (np.arange(100_000) + 0.5) / 100_000
    assert sum(at(tables, share) == math.inf for share in shares) == 30_000
    assert at(tables, 0.35) == pytest.approx(180 * math.log(2), rel=1e-4)  # the median of those who end
    assert table_mean(tables, 1) == math.inf


def test_a_curve_that_stops_below_one_never_ends_beyond():
    tables = table({"quantiles": [[0, "0 s"], [0.5, "80 s"]]})
    assert at(tables, 0.25) == pytest.approx(40, rel=1e-9)
    assert at(tables, 0.5 - 1e-12) == pytest.approx(80, rel=1e-9)
    assert at(tables, 0.5 + 1e-12) == math.inf


def test_cells_beside_a_bend_are_straight_to_their_ends():
    """The cell before one with a bend ends at its left end, which the mark hides."""
    tables = table({"quantiles": [[0, "0 s"], [0.3, "30 s"], [1, "730 s"]]})
    marked = int(np.flatnonzero(np.isnan(tables.cells[1]))[0])
    assert EDGES[0][marked] < 0.3 < EDGES[0][marked + 1]
    for cell in range(marked - 2, marked + 3):
        for share in np.linspace(EDGES[0][cell], EDGES[0][cell + 1], 50):
            exact = 100 * share if share <= 0.3 else 30 + 1000 * (share - 0.3)
            assert at(tables, share) == pytest.approx(exact, rel=1e-9)


def test_a_jump_at_a_border_of_cells_is_exact():
    tables = table({"values": ["1 min", "2 min"], "shares": [0.5, 0.5]})
    assert [at(tables, 0.5 + step) for step in (-0.01, -1e-12, 1e-12, 0.01)] == [60, 60, 120, 120]
    assert table_mean(tables, 1) == pytest.approx(90, rel=1e-12)


def test_a_share_of_nothing_is_exact():
    tables = table(EXPONENTIAL | {"zero": 0.25})
    assert at(tables, 0.25 - 1e-12) == 0.0
    assert 0 < at(tables, 0.25 + 1e-9) < 1e-5


def test_a_unit_exponential_is_always_the_first_table():
    tables = build_tables([])
    assert tables.cells.shape == (1, CELLS + 1)
    assert table_mean(tables, 0) == pytest.approx(1, rel=1e-5)
    assert quantile_s(tables, 0, BITS // 2) == pytest.approx(math.log(2), rel=1e-5)


@pytest.mark.parametrize(
    ("seconds", "microseconds"),
    [(0.0, 0), (0.4e-6, 0), (0.5e-6, 1), (1.5e-6, 2), (2.5e-6, 3), (60.0, 60_000_000), (1.2345678, 1_234_568),
     (math.inf, NEVER), (2.0**60 / 1e6, NEVER)],
)  # fmt: skip
def test_rounding_is_half_up(seconds, microseconds):
    assert round_us(seconds) == microseconds


def test_a_length_is_divided_by_the_speed_and_then_rounded():
    assert length_us(1e-6, 2.0) == 1  # half a microsecond
    assert length_us(60.0, 0.5) == 120_000_000
    assert length_us(math.inf, 1.0) == 1 << 55
