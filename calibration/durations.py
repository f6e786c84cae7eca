"""How long something takes: a named shape if it fits, else the measured curve."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from calibration.evidence import Path_, Plot, Row, Series
from calibration.laws import Z95, LawFit, fit_laws, sample

Floats = NDArray[np.float64]

CLOSE = 0.03
"""A shape is used if its distribution function stays this close to the measured one, or if no test tells them apart."""
FEWEST = 30
_SAME = 0.01
_LEVELS = np.array(
    [0, 0.5, 1, 2.5, *range(5, 90, 5), 90, 92.5, 95, 96, 97, 98, 98.5, 99, 99.3, 99.6, 99.8, 99.9, 99.95, 100],
    dtype=float,
)


class Durations:
    """Durations without censoring, seconds.

    Attributes
    ----------
    n_ : int
        Observations.
    zero_ : float
        Share that took no time.
    constant_ : bool
        Whether all that took time took the same (within one per cent).
    laws_ : list of LawFit
        Shapes fitted to what took time, best first.
    law_ : LawFit or None
        The shape that is used; None: the measured curve is.
    distance_ : float
        Kolmogorov-Smirnov distance between the best shape and the measured curve.
    mean_ : tuple of float
        Mean of all, zeros included, with its 95 % interval.
    """

    def fit(self, seconds: Floats) -> Durations:
        """Fit to durations of zero or more; a few hundred are wanted, `FEWEST` needed for a shape."""
        self.n_ = len(seconds)
        self.zero_ = float((seconds == 0).mean()) if self.n_ else 0.0
        self.values_: Floats = np.sort(seconds[seconds > 0])
        self.constant_ = len(self.values_) > 0 and bool(self.values_[-1] <= self.values_[0] * (1 + _SAME))
        enough = len(self.values_) >= FEWEST and not self.constant_
        self.laws_: list[LawFit] = fit_laws(sample(self.values_)) if enough else []
        self.distance_, p_value = self._distance()
        self.p_value_ = p_value
        self.law_ = self.laws_[0] if self.laws_ and (self.distance_ <= CLOSE or p_value > 0.05) else None
        self.mean_ = self._mean(seconds)
        return self

    def _distance(self) -> tuple[float, float]:
        if not self.laws_:
            return float("nan"), float("nan")
        test = stats.kstest(self.values_, self.laws_[0].frozen.cdf, method="asymp")
        return float(test.statistic), float(test.pvalue)

    def _mean(self, seconds: Floats) -> tuple[float, float, float]:
        if self.law_ is not None and self.zero_ == 0:
            return self.law_.mean()
        if self.n_ == 0:
            return 0.0, 0.0, 0.0
        mean = float(seconds.mean())
        spread = float(stats.t.ppf(0.975, self.n_ - 1) * seconds.std(ddof=1) / self.n_**0.5) if self.n_ > 1 else np.nan
        return mean, max(0.0, mean - spread), mean + spread

    @property
    def data(self) -> Any:
        """The duration as a scenario says it."""
        if len(self.values_) == 0:
            return "0 s"
        if self.constant_:
            data: dict[str, Any] = {"constant": seconds_text(float(self.values_.mean()))}
        elif self.law_ is not None:
            data = law_data(self.law_)
        elif len(self.values_) < FEWEST:
            mean, cv = float(self.values_.mean()), float(self.values_.std() / self.values_.mean())
            data = {"mean": seconds_text(mean), "cv": round(max(cv, 0.05), 3)}
        else:
            levels, at = self.curve()
            points = zip(100 * levels, at, strict=True)
            data = {"quantiles": [[f"{level:g} %", seconds_text(t)] for level, t in points]}
        return {**data, "zero": round(self.zero_, 4)} if self.zero_ > 0 else data

    def curve(self) -> tuple[Floats, Floats]:
        """Quantiles of what took time, with straight lines between them, scaled a little to keep the measured mean."""
        levels = _LEVELS / 100
        at = np.quantile(self.values_, levels)
        straight = float((np.diff(levels) * (at[1:] + at[:-1]) / 2).sum())
        return levels, at * (float(self.values_.mean()) / straight)

    @property
    def fit_text(self) -> str:
        """What was chosen, and how well it fits."""
        if self.constant_:
            return "always the same"
        if not self.laws_:
            return "too few for a shape: mean and variation as measured"
        best = self.laws_[0]
        tried = ", ".join(f"{one.law.name} +{one.bic_ - best.bic_:.0f}" for one in self.laws_[1:])
        text = f"{best.law.name} fits best (BIC: {tried}); KS distance {self.distance_:.3f}"
        return text if self.law_ else f"{text}, not close enough: the measured curve is used"

    def rows(self, name: str, path: Path_) -> list[Row]:
        """Its numbers: the mean, and the coefficient of variation of what took time."""
        rows = [Row(f"mean {name}", *self.mean_, self.n_, "s", self.fit_text, path)]
        if self.law_ is not None and self.law_.law.parameters > 1:
            rows.append(Row(f"variation (cv) of {name}", *self.law_.cv(), len(self.values_), "", path=(*path, "cv")))
        if self.zero_ > 0:
            rows.append(
                Row(
                    f"{name}: share of zero",
                    *share_interval(self.zero_, self.n_),
                    self.n_,
                    "share",
                    path=(*path, "zero"),
                )
            )
        return rows

    def plot(self, name: str) -> Plot:
        """Measured against fitted distribution function."""
        levels = np.linspace(0.002, 0.998, 150)
        series = (
            [Series("measured", _list(np.quantile(self.values_, levels)), _list(levels))] if len(self.values_) else []
        )
        for one in self.laws_[:2]:
            series.append(Series(one.law.name, _list(one.frozen.ppf(levels)), _list(levels)))
        return Plot(f"{name}: share that is over", "line", "seconds", "share", series, log_x=True)


def law_data(fit: LawFit) -> dict[str, Any]:
    """A fitted law as a scenario says it."""
    law, name = fit.frozen, fit.law.name
    if name == "exponential":
        return {"mean": seconds_text(law.mean()), "shape": "exponential"}
    if name == "lognormal":
        return {"median": seconds_text(law.median()), "spread": round(float(np.exp(fit.theta_[1])), 4)}
    return {"mean": seconds_text(law.mean()), "cv": round(float(law.std() / law.mean()), 4), "shape": name}


def seconds_text(seconds: float) -> str:
    """Seconds as a scenario writes them."""
    return f"{seconds:.4g} s" if seconds < 1e4 else f"{seconds:.0f} s"


def share_interval(share: float, n: int) -> tuple[float, float, float]:
    """A share with its 95 % interval (Wilson 1927, score interval)."""
    if n == 0:
        return share, 0.0, 1.0
    middle = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    return share, max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _list(values: Floats) -> list[float]:
    return [float(value) for value in values]
