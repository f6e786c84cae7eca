"""How long customers wait before they hang up. Who is served was patient for at least as long: censored, not lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from calibration.durations import CLOSE, law_data, seconds_text, share_interval
from calibration.evidence import Path_, Plot, Row, Series
from calibration.laws import Z95, LawFit, fit_laws, sample

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FEWEST = 30
_ENOUGH_AT_RISK = 20
_TAIL_SHARE = 0.2


class KaplanMeier:
    """Survival curve of censored times (Kaplan and Meier 1958), with Greenwood's variance (1926).

    At equal times an event comes before a censoring.

    Attributes
    ----------
    time_ : float array
        Times of events, rising.
    survival_ : float array
        Share still waiting just after each.
    low_, high_ : float arrays
        Pointwise 95 % interval on the log-log scale (Kalbfleisch and Prentice 2002, section 1.4).
    spread_ : float array
        Standard error of the survival (Greenwood).
    at_risk_ : int array
        Who was still waiting just before each.
    """

    def fit(self, time: Floats, event: Flags) -> KaplanMeier:
        """Fit to times and whether each ended in the event (else it was cut off)."""
        self.time_, events = np.unique(time[event], return_counts=True)
        self.at_risk_ = len(time) - np.searchsorted(np.sort(time), self.time_, side="left")
        self.survival_ = np.asarray(np.cumprod(1 - events / self.at_risk_), dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            greenwood = np.cumsum(events / (self.at_risk_ * (self.at_risk_ - events)))
            spread = Z95 * np.sqrt(greenwood) / np.log(self.survival_)
            self.low_ = self.survival_ ** np.exp(-spread)
            self.high_ = self.survival_ ** np.exp(spread)
            self.spread_ = np.nan_to_num(self.survival_ * np.sqrt(greenwood))
        return self

    def at(self, time: Floats) -> Floats:
        """Survival just after some times."""
        index = np.searchsorted(self.time_, time, side="right")
        return np.concatenate([[1.0], self.survival_])[index]


class Patience:
    """Patience of the customers who had to wait.

    Attributes
    ----------
    n_, abandoned_ : int
        Customers who waited or gave up at once; those of them who hung up.
    zero_ : float
        Share that gives up at once. Who was served without waiting says nothing about it.
    curve_ : KaplanMeier
        Of all who waited, hang-ups at once included.
    exponential_mean_ : tuple of float
        Total wait over hang-ups, with its exact 95 % interval (Epstein and Sobel 1953): an alternative in one number.
    law_ : LawFit or None
        A shape, if one follows the curve; None: the curve is used, its end continued by `tail_hazard_`.
    tail_hazard_ : float
        Hang-ups per second of waiting beyond the time after which a fifth of the hang-ups came.
    """

    def fit(self, wait_s: Floats, abandoned: Flags) -> Patience:
        """Fit to waits until service or hang-up, and which ended in a hang-up."""
        waited = abandoned | (wait_s > 0)
        wait_s, abandoned = wait_s[waited], abandoned[waited]
        self.n_, self.abandoned_ = len(wait_s), int(abandoned.sum())
        self.curve_ = KaplanMeier().fit(wait_s, abandoned)
        self.zero_ = float((abandoned & (wait_s == 0)).mean()) if self.n_ else 0.0
        later = wait_s > 0
        self.total_s_ = float(wait_s.sum())
        self.later_ = int((abandoned & later).sum())
        self.exponential_mean_ = censored_mean(self.total_s_, self.later_)
        self.tail_hazard_, self.tail_from_ = self._tail(wait_s, abandoned)
        self.laws_: list[LawFit] = []
        if self.later_ >= FEWEST:
            self.laws_ = fit_laws(sample(wait_s[later], abandoned[later]))
        self.distance_, close = self._distance()
        self.law_ = self.laws_[0] if close else None
        return self

    def _tail(self, wait_s: Floats, abandoned: Flags) -> tuple[float, float]:
        if not self.abandoned_:
            return 0.0, 0.0
        start = float(np.quantile(wait_s[abandoned], 1 - _TAIL_SHARE))
        beyond = np.maximum(wait_s - start, 0)
        events = float((abandoned & (wait_s > start)).sum())
        return (events / beyond.sum() if beyond.sum() > 0 else 0.0), start

    def _distance(self) -> tuple[float, bool]:
        """Greatest distance between curve and best shape, and whether it is small or within 2.5 standard errors.

        Looked at where the curve rests on enough customers.
        """
        sure = self.curve_.at_risk_ >= _ENOUGH_AT_RISK
        if not self.laws_ or not sure.any():
            return float("nan"), False
        fitted = (1 - self.zero_) * self.laws_[0].frozen.sf(self.curve_.time_[sure])
        apart = np.abs(self.curve_.survival_[sure] - fitted)
        return float(apart.max()), bool((apart <= np.maximum(CLOSE, 2.5 * self.curve_.spread_[sure])).all())

    @property
    def data(self) -> Any:
        """Patience as a scenario says it; None if nobody hung up."""
        if self.abandoned_ == 0:
            return None
        if self.law_ is not None:
            data: dict[str, Any] = law_data(self.law_)
        elif self.later_ >= FEWEST:
            data = {"quantiles": self._quantiles()}
        elif self.later_:
            data = {"mean": seconds_text(self.exponential_mean_[0]), "shape": "exponential"}
        else:
            return {"constant": "0 s", "never": round(1 - self.zero_, 4)}
        return {**data, "zero": round(self.zero_, 4)} if self.zero_ > 0 else data

    def _quantiles(self) -> list[list[str]]:
        """The curve of those who do not give up at once at even steps, then its exponential tail."""
        sure = (self.curve_.at_risk_ >= _ENOUGH_AT_RISK) & (self.curve_.time_ > 0)
        time = self.curve_.time_[sure]
        gone = 1 - self.curve_.survival_[sure] / (1 - self.zero_)
        points = [(level, time[np.searchsorted(gone, level - 1e-12)]) for level in np.linspace(0, gone[-1], 21)[1:]]
        hazard = self.tail_hazard_ or 1 / self.exponential_mean_[0]
        for rest in (0.8, 0.65, 0.5, 0.35, 0.2, 0.1, 0.05, 0.01, 0.001):
            points.append((1 - rest * (1 - gone[-1]), time[-1] - np.log(rest) / hazard))
        rising = {f"{100 * level:.2f}": seconds for level, seconds in reversed(points) if 0.00005 <= level < 0.99995}
        inside = [[f"{float(level):g} %", seconds_text(at)] for level, at in reversed(rising.items())]
        return [["0 %", "0 s"], *inside, ["100 %", seconds_text(points[-1][1])]]

    @property
    def fit_text(self) -> str:
        """What was chosen, and how well it follows the curve."""
        if not self.laws_:
            return "too few hang-ups for a shape: exponential" if self.later_ else "no hang-ups"
        tried = ", ".join(f"{one.law.name} +{one.bic_ - self.laws_[0].bic_:.0f}" for one in self.laws_[1:])
        text = f"{self.laws_[0].law.name} fits best (BIC: {tried}); distance to Kaplan–Meier curve {self.distance_:.3f}"
        hourly = f"{3600 * self.tail_hazard_:.3g} hang-ups per hour of waiting"
        tail = f"beyond {self.tail_from_:.0f} s exponential at {hourly}"
        return text if self.law_ else f"{text}, not close enough: the curve is used, {tail}"

    def rows(self, path: Path_) -> list[Row]:
        """Its numbers."""
        note = f"{self.abandoned_} hung up, {self.n_ - self.abandoned_} were served first (censored)"
        rows = []
        if self.law_ is not None:
            rows.append(Row("median patience", *self.law_.median(), self.n_, "s", self.fit_text, path, note))
            if self.law_.law.name == "lognormal":
                spread = self.law_.interval(lambda law: float(np.sqrt(np.log1p((law.std() / law.mean()) ** 2))))
                rows.append(Row("spread of patience", *spread, self.n_, "", path=(*path, "spread")))
        if self.later_:
            mean = Row("mean patience, if exponential", *self.exponential_mean_, self.n_, "s", note=note)
            rows.append(mean if rows else replace(mean, fit=self.fit_text, path=path))
        if self.zero_ > 0:
            share = share_interval(self.zero_, self.n_)
            rows.append(Row("gives up at once", *share, self.n_, "share", path=(*path, "zero")))
        return rows

    def plot(self, name: str) -> Plot:
        """The curve with its interval, and the shapes."""
        curve, series = self.curve_, []
        keep = np.unique(np.linspace(0, max(0, len(curve.time_) - 1), 300).astype(np.int64))[: len(curve.time_)]
        columns = [_list(values[keep]) for values in (curve.time_, curve.survival_, curve.low_, curve.high_)]
        series.append(Series("Kaplan–Meier, 95 %", *columns))
        for one in self.laws_[:2]:
            fitted = (1 - self.zero_) * one.frozen.sf(curve.time_[keep])
            series.append(Series(one.law.name, columns[0], _list(fitted)))
        return Plot(f"{name}: still waiting if not served", "step", "seconds in the queue", "share", series)


def censored_mean(total: float, events: int) -> tuple[float, float, float]:
    """Mean of an exponential time from the total time watched and the events in it, with its exact 95 % interval.

    Epstein and Sobel (1953): twice the total over the mean is chi-square; two more degrees of freedom below, since
    watching ends by censoring and not at an event.
    """
    if events == 0:
        return float("inf"), 2 * total / float(stats.chi2.ppf(0.975, 2)), float("inf")
    low = 2 * total / float(stats.chi2.ppf(0.975, 2 * events + 2))
    high = 2 * total / float(stats.chi2.ppf(0.025, 2 * events))
    return total / events, low, high


def _list(values: Floats) -> list[float]:
    return [float(value) for value in values]
