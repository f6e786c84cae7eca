"""Arrivals: how many come on which day and in which interval, and how much days differ beyond chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from calibration.laws import Z95

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Interval = tuple[float, float, float]

_FEWEST_DAYS = 14
_AHEAD = 7
_CLEARLY_BETTER = 0.8
_ODD = 0.001
_BETTER = 2.0
_SURE = float(stats.norm.isf(0.0005))


# --- the level of days -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Days:
    """Contacts per day, the weekday of each (Monday 0), and which days were recorded at all."""

    total: Floats
    weekday: Ints
    observed: Flags


def observed_days(total: Floats, weekday: Ints) -> Flags:
    """Days that were recorded: not those without a contact on a weekday that otherwise has twenty and more."""
    usual = np.array(
        [np.median(total[(weekday == w) & (total > 0)]) if (total[weekday == w] > 0).any() else 0 for w in range(7)]
    )
    return (total > 0) | (usual[weekday] < 20)


class Level:
    """Whether demand rises or falls over the history, and the level that the week after it should expect.

    Three forecasts are tried on the history itself, each time from the days up to one for the week after it: *steady*
    (all days count the same), *recent* (the weekdays of all days, at the level of the last ones, with a half-life of
    a week), *trend* (the same share more or less each week). The trend is used if it errs less than steady and is
    beyond doubt (p < 0.001); recent if it errs less by a fifth.

    Attributes
    ----------
    method_ : str
        ``steady``, ``recent`` or ``trend``.
    errors_ : dict of str to float
        Mean absolute error of the weekly total, as a share, by forecast; empty if there were too few days to try.
    factor_ : float array
        Level of each day against the level expected next.
    weekly_change_ : tuple of float
        Change per week by the trend, as a share, with its 95 % interval.
    """

    def fit(self, days: Days) -> Level:
        """Fit to the days' totals over all contacts."""
        self.n_ = int(days.observed.sum())
        self.errors_ = self._try_out(days)
        slope, error = _trend(days)
        self.method_ = _choice(self.errors_, abs(slope) > _SURE * error)
        self.weekly_change_: Interval = tuple(float(np.expm1(7 * (slope + side * error))) for side in (0.0, -Z95, Z95))  # type: ignore[assignment]
        self.factor_ = _factor(self.method_, days, len(days.total) + (_AHEAD - 1) / 2)
        return self

    @staticmethod
    def _try_out(days: Days) -> dict[str, float]:
        errors: dict[str, list[float]] = {"steady": [], "recent": [], "trend": []}
        length = len(days.total)
        for origin in range(10, length - 3):
            past = Days(days.total[:origin], days.weekday[:origin], days.observed[:origin])
            ahead = np.arange(origin, min(origin + _AHEAD, length))
            ahead = ahead[days.observed[ahead] & np.isin(days.weekday[ahead], past.weekday[past.observed])]
            if len(ahead) < 4 or past.observed.sum() < 8:
                continue
            for method, found in errors.items():
                expected = _weekday_mean(past, _factor(method, past, float(ahead.mean())))[days.weekday[ahead]].sum()
                found.append(abs(float(np.log(days.total[ahead].sum() / expected))) if expected > 0 else 1.0)
        enough = days.observed.sum() >= _FEWEST_DAYS and len(errors["steady"]) >= 4
        return {method: float(np.mean(found)) for method, found in errors.items()} if enough else {}


def _choice(errors: dict[str, float], sure_trend: bool) -> str:
    if errors and sure_trend and errors["trend"] < min(errors["steady"], errors["recent"]):
        return "trend"
    if errors and errors["recent"] < _CLEARLY_BETTER * errors["steady"] and errors["steady"] > 0.05:
        return "recent"
    return "steady"


def _factor(method: str, days: Days, target: float) -> Floats:
    """Level of each day against the level at a target day."""
    number = np.arange(len(days.total), dtype=float)
    if method == "trend":
        return np.exp(_trend(days)[0] * (number - target))
    if method == "recent":
        expected = _weekday_mean(days, np.ones(len(number)))[days.weekday]
        weight = np.where(days.observed, 0.5 ** ((number[-1] - number) / 7), 0)
        return np.full(len(number), float((weight * expected).sum() / (weight * days.total).sum()))
    return np.ones(len(number))


def _weekday_mean(days: Days, factor: Floats) -> Floats:
    total = np.bincount(days.weekday[days.observed], days.total[days.observed], 7)
    exposure = np.bincount(days.weekday[days.observed], factor[days.observed], 7)
    return np.divide(total, exposure, out=np.zeros(7), where=exposure > 0)


def _trend(days: Days) -> tuple[float, float]:
    """Change of the log level per day and its standard error.

    Poisson regression on weekday and day (McCullagh and Nelder 1989, chapter 6), the error widened by the spread of
    days beyond Poisson.
    """
    seen = days.observed & (days.total > 0)
    number, total, weekday = np.flatnonzero(seen).astype(float), days.total[seen], days.weekday[seen]

    def expected(slope: float) -> Floats:
        growth = np.exp(slope * (number - number.mean()))
        size = np.bincount(weekday, total, 7) / np.maximum(np.bincount(weekday, growth, 7), 1e-300)
        return size[weekday] * growth

    spare = len(total) - len(np.unique(weekday)) - 1
    if spare < 2:
        return 0.0, float("inf")
    slope = float(optimize.brentq(lambda b: float(((total - expected(b)) * number).sum()), -0.5, 0.5))
    mu = expected(slope)
    centre = np.bincount(weekday, mu * number, 7) / np.maximum(np.bincount(weekday, mu, 7), 1e-300)
    information = float((mu * (number - centre[weekday]) ** 2).sum())
    dispersion = max(1.0, float(((total - mu) ** 2 / mu).sum()) / spare)
    return slope, (dispersion / information) ** 0.5


# --- one stream ------------------------------------------------------------------------------------------------------


class Volume:
    """Contacts of one kind per day: a mean for each weekday, and how much days differ beyond chance.

    A day's count is Poisson around (mean of its weekday) x (level of the day) x (a gamma factor with mean one). Days
    are the independent units.

    Attributes
    ----------
    n_, days_ : int
        Contacts, and days recorded.
    per_day_ : float array
        Expected contacts by weekday at the level expected next.
    per_day_low_, per_day_high_ : float arrays
        95 % interval (Student's t, spread of days pooled over weekdays); endless if no weekday was seen twice.
    per_week_ : tuple of float
        Their sum with its interval.
    busyness_ : tuple of float
        Coefficient of variation of the daily factor with its 95 % interval: the values for which Pearson's chi-square
        of the days lies at its degrees of freedom, and at its 2.5 and 97.5 % points (inverted dispersion test).
    dispersion_, p_value_ : float
        Pearson's chi-square over its degrees of freedom without such a factor, and its p value.
    residual_ : float array
        Each day's count against its expectation, in standard deviations; NaN on days that were not recorded.
    """

    def fit(self, days: Days, factor: Floats) -> Volume:
        """Fit to daily totals, given the level of each day (`Level.factor_`)."""
        seen = days.observed
        self.n_, self.days_ = int(days.total[seen].sum()), int(seen.sum())
        self.per_day_ = _weekday_mean(days, factor)
        expected = self.per_day_[days.weekday] * factor
        used = seen & (expected > 0)
        self.freedom_ = int(used.sum() - len(np.unique(days.weekday[used])))
        self._spread(days.total[used], expected[used])
        self._intervals(days.weekday[used], factor[used], expected[used])
        deviation = np.sqrt(expected + (self.busyness_[0] * expected) ** 2)
        self.residual_ = np.where(used, (days.total - expected) / np.where(deviation > 0, deviation, 1), np.nan)
        self.expected_ = expected
        return self

    def _spread(self, total: Floats, expected: Floats) -> None:
        self.dispersion_, self.p_value_, self.busyness_ = float("nan"), float("nan"), (0.0, 0.0, float("inf"))
        if self.freedom_ < 1:
            return

        def pearson(cv: float) -> float:
            return float(((total - expected) ** 2 / (expected + (cv * expected) ** 2)).sum())

        def cv_at(aim: float) -> float:
            if pearson(0.0) <= aim:
                return 0.0
            return (
                float(optimize.brentq(lambda cv: pearson(cv) - aim, 0.0, 1e3)) if pearson(1e3) < aim else float("inf")
            )

        self.dispersion_ = pearson(0.0) / self.freedom_
        self.p_value_ = float(stats.chi2.sf(pearson(0.0), self.freedom_))
        low, high = stats.chi2.ppf([0.025, 0.975], self.freedom_)
        self.busyness_ = (cv_at(self.freedom_), cv_at(float(high)), cv_at(float(low)))

    def _intervals(self, weekday: Ints, factor: Floats, expected: Floats) -> None:
        exposure = np.bincount(weekday, factor, 7)
        variance = np.bincount(weekday, expected + (self.busyness_[0] * expected) ** 2, 7)
        variance = np.divide(variance, exposure**2, out=np.zeros(7), where=exposure > 0)
        reach = float(stats.t.ppf(0.975, self.freedom_)) if self.freedom_ > 0 else float("inf")
        spread = np.where(variance > 0, reach * np.sqrt(np.maximum(variance, 1e-300)), 0.0)
        self.per_day_low_ = np.maximum(0, self.per_day_ - spread)
        self.per_day_high_ = self.per_day_ + spread
        week, wide = float(self.per_day_.sum()), reach * float(np.sqrt(variance.sum()))
        self.per_week_: Interval = (week, max(0.0, week - wide), week + wide)

    def odd_days(self) -> Ints:
        """Days whose count is too far out for chance, at one in a thousand over all days together."""
        limit = stats.norm.isf(_ODD / 2 / max(1, self.days_))
        return np.flatnonzero(np.abs(np.nan_to_num(self.residual_)) > limit)


# --- the shape of a day ----------------------------------------------------------------------------------------------


def profiles(counts: Floats) -> tuple[Floats, Floats]:
    """Share of each weekday's contacts in each interval, sparse ones leaning on the other weekdays.

    Counts of a weekday are taken as Dirichlet-multinomial around the shape of the other weekdays (Minka 2000,
    "Estimating a Dirichlet distribution"). The weight of that shape, in contacts, is found by maximum likelihood: great
    if weekdays look alike, next to nothing if this one looks different. Other weekdays that make the counts less
    likely are left out of the shape.

    Parameters
    ----------
    counts : float array (7 x intervals)
        Contacts seen.

    Returns
    -------
    (float array (7 x intervals), float array (7))
        Shares (a weekday without contacts: zeros), and the weight of the other weekdays in contacts.
    """
    weights = np.zeros(7)
    shares = np.zeros_like(counts)
    for day in np.flatnonzero(counts.sum(axis=1) > 0):
        base = _likeliest_base(counts, int(day))
        shares[day : day + 1], weights[day] = lean(counts[day : day + 1], base)
    return shares, weights


def _likeliest_base(counts: Floats, day: int) -> Floats:
    """Shape of the other weekdays, without those that do not resemble this one (left out one by one)."""
    own = counts[day : day + 1]
    others = [other for other in range(7) if other != day and counts[other].any()]

    def base(days: list[int]) -> Floats:
        smooth = _smooth(counts[days].sum(axis=0) + 1e-3 * counts[day])
        return np.where(counts.any(axis=0), smooth, 0.0)[None, :]  # nobody comes while it is always closed

    height = _weight(own, base(others))[1]
    while len(others) > 1:
        fewer = {other: _weight(own, base([d for d in others if d != other]))[1] for other in others}
        out = max(fewer, key=lambda other: fewer[other])
        if fewer[out] < height + _BETTER:
            break
        others, height = [d for d in others if d != out], fewer[out]
    return base(others)


def lean(counts: Floats, base: Floats) -> tuple[Floats, float]:
    """Shares of counts (rows x intervals) leaning on base shares, and the base's weight in contacts per row."""
    weight, _ = _weight(counts, base)
    shares = (counts + weight * _shares(base)) / (counts.sum(axis=1, keepdims=True) + weight)
    shares = np.where((base > 0) | (counts > 0), shares, 0.0)
    return shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-300), weight


def _weight(counts: Floats, base: Floats) -> tuple[float, float]:
    """Likeliest weight of a base, and the log likelihood there."""
    base, size = _shares(base), counts.sum(axis=1)

    def loss(log_weight: float) -> float:
        weight = np.exp(log_weight)
        prior = weight * base
        inside = special.gammaln(counts + prior) - special.gammaln(prior)
        return -float(inside.sum() + (special.gammaln(weight) - special.gammaln(size + weight)).sum())

    found = optimize.minimize_scalar(loss, bounds=(-3.0, 12.0), method="bounded")
    return float(np.exp(found.x)), -float(found.fun)


def _shares(base: Floats) -> Floats:
    base = base / np.maximum(base.sum(axis=1, keepdims=True), 1e-300)
    return (base + 1e-6) / (1 + 1e-6 * base.shape[1])


def _smooth(shape: Floats) -> Floats:
    """Each interval a quarter towards its neighbours on either side."""
    padded = np.concatenate([shape[:1], shape, shape[-1:]])
    return 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]
