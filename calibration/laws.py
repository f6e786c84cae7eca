"""Maximum likelihood for the shapes that a scenario can name, with observations that may be censored.

Intervals come from the observed information in log parameters (Meeker and Escobar 1998, "Statistical methods for
reliability data", chapter 8), carried over to mean, median and coefficient of variation by the delta method.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Theta = Floats

Z95 = float(stats.norm.ppf(0.975))
_MANY = 20_000
_NARROW = 0.002
_WIDEST = 25.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Durations above zero, seconds: how often each was seen to end (``ended``) or to be cut off (not ``ended``)."""

    seconds: Floats
    ended: Flags
    weight: Floats

    @property
    def n(self) -> float:
        """Observations."""
        return float(self.weight.sum())


def sample(seconds: Floats, ended: Flags | None = None) -> Sample:
    """Observations, equal ones counted; of very many, those within 0.2 % of each other are put together."""
    ended = np.ones(len(seconds), dtype=bool) if ended is None else ended
    rounded = np.exp(np.round(np.log(seconds) / _NARROW) * _NARROW) if len(seconds) > _MANY else seconds
    parts = [(*np.unique(rounded[ended == flag], return_counts=True), flag) for flag in (True, False)]
    return Sample(
        np.concatenate([values for values, _, _ in parts]),
        np.concatenate([np.full(len(values), flag) for values, _, flag in parts]),
        np.concatenate([counts.astype(float) for _, counts, _ in parts]),
    )


@dataclass(frozen=True, slots=True)
class Law:
    """A shape: log density and log survival at times for log parameters, and a frozen scipy law for everything else."""

    name: str
    parameters: int
    log_density: Callable[[Floats, Theta], Floats]
    log_survival: Callable[[Floats, Theta], Floats]
    frozen: Callable[[Theta], stats.rv_continuous]

    def start(self, data: Sample) -> Theta:
        """Where the search begins: the mean of what ended, a coefficient of variation of one."""
        mean = (data.seconds * data.weight).sum() / max(1.0, float(data.weight[data.ended].sum()))
        return np.array([np.log(mean), 0.0][: self.parameters])


def _exponential_density(t: Floats, theta: Theta) -> Floats:
    return -theta[0] - t * np.exp(-theta[0])


def _exponential_survival(t: Floats, theta: Theta) -> Floats:
    return -t * np.exp(-theta[0])


def _lognormal_density(t: Floats, theta: Theta) -> Floats:
    z = (np.log(t) - theta[0]) * np.exp(-theta[1])
    return -0.5 * z**2 - theta[1] - np.log(t) - 0.5 * np.log(2 * np.pi)


def _lognormal_survival(t: Floats, theta: Theta) -> Floats:
    return special.log_ndtr(-(np.log(t) - theta[0]) * np.exp(-theta[1]))


def _gamma_density(t: Floats, theta: Theta) -> Floats:
    shape = np.exp(theta[1])
    scaled = t * shape * np.exp(-theta[0])
    return shape * np.log(scaled) - scaled - special.gammaln(shape) - np.log(t)


def _gamma_survival(t: Floats, theta: Theta) -> Floats:
    shape = np.exp(theta[1])
    return np.log(np.maximum(special.gammaincc(shape, t * shape * np.exp(-theta[0])), 1e-300))


def _weibull_density(t: Floats, theta: Theta) -> Floats:
    shape = np.exp(theta[1])
    log_scaled = shape * (np.log(t) - theta[0])
    return theta[1] + log_scaled - np.log(t) - np.exp(np.minimum(log_scaled, 500))


def _weibull_survival(t: Floats, theta: Theta) -> Floats:
    return -np.exp(np.minimum(np.exp(theta[1]) * (np.log(t) - theta[0]), 500))


LAWS = (
    Law("exponential", 1, _exponential_density, _exponential_survival, lambda p: stats.expon(scale=np.exp(p[0]))),
    Law(
        "lognormal", 2, _lognormal_density, _lognormal_survival, lambda p: stats.lognorm(np.exp(p[1]), 0, np.exp(p[0]))
    ),
    Law("gamma", 2, _gamma_density, _gamma_survival, lambda p: stats.gamma(np.exp(p[1]), 0, np.exp(p[0] - p[1]))),
    Law(
        "weibull",
        2,
        _weibull_density,
        _weibull_survival,
        lambda p: stats.weibull_min(np.exp(p[1]), 0, np.exp(p[0])),
    ),
)


class LawFit:
    """One law fitted by maximum likelihood.

    Attributes
    ----------
    theta_ : float array
        Log parameters.
    covariance_ : float array
        Inverse of the observed information.
    log_likelihood_, bic_ : float
        Height of the likelihood, and Schwarz's criterion with the observations that ended as their number (Volinsky
        and Raftery 2000): a shape with one parameter more must earn it, since it is looked for among several.
    """

    def __init__(self, law: Law) -> None:
        self.law = law

    def fit(self, data: Sample) -> LawFit:
        """Fit to observations (durations above zero)."""
        parts = ((self.law.log_density, data.ended), (self.law.log_survival, ~data.ended))
        used = [(log, data.seconds[flag], data.weight[flag]) for log, flag in parts if flag.any()]

        def loss(theta: Theta) -> float:
            if np.abs(theta).max() > _WIDEST:
                return float("inf")
            return -sum(float(log(seconds, theta) @ weight) for log, seconds, weight in used) / data.n

        start = self.law.start(data)
        simplex = np.vstack([start, start + 0.5 * np.eye(len(start))])
        options = {"xatol": 1e-6, "fatol": 1e-11, "maxiter": 2000, "initial_simplex": simplex}
        found = optimize.minimize(loss, start, method="Nelder-Mead", options=options)
        self.theta_: Theta = found.x
        self.covariance_ = np.asarray(np.linalg.pinv(_hessian(loss, found.x)) / data.n, dtype=float)
        self.log_likelihood_ = -found.fun * data.n
        ended = max(2.0, float(data.weight[data.ended].sum()))
        self.bic_ = float(np.log(ended)) * self.law.parameters - 2 * self.log_likelihood_
        return self

    @property
    def frozen(self) -> stats.rv_continuous:
        """The fitted law as scipy's."""
        return self.law.frozen(self.theta_)

    def interval(self, value: Callable[[stats.rv_continuous], float]) -> tuple[float, float, float]:
        """A positive feature of the law with its 95 % interval: (estimate, low, high)."""

        def logged(theta: Theta) -> float:
            return float(np.log(value(self.law.frozen(theta))))

        step = 1e-4
        gradient = [
            (logged(self.theta_ + step * unit) - logged(self.theta_ - step * unit)) / (2 * step)
            for unit in np.eye(len(self.theta_))
        ]
        spread = Z95 * float(np.sqrt(max(0.0, np.array(gradient) @ self.covariance_ @ np.array(gradient))))
        at = logged(self.theta_)
        return float(np.exp(at)), float(np.exp(at - spread)), float(np.exp(at + spread))

    def mean(self) -> tuple[float, float, float]:
        """Mean with its interval, seconds."""
        return self.interval(lambda law: law.mean())

    def median(self) -> tuple[float, float, float]:
        """Median with its interval, seconds."""
        return self.interval(lambda law: law.median())

    def cv(self) -> tuple[float, float, float]:
        """Coefficient of variation with its interval."""
        return self.interval(lambda law: law.std() / law.mean())


def _hessian(loss: Callable[[Theta], float], at: Theta) -> Floats:
    size, step = len(at), 1e-3
    units = np.eye(size) * step
    hessian = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            hessian[i, j] = (
                loss(at + units[i] + units[j])
                - loss(at + units[i] - units[j])
                - loss(at - units[i] + units[j])
                + loss(at - units[i] - units[j])
            ) / (4 * step**2)
    return hessian


def fit_laws(data: Sample) -> list[LawFit]:
    """Every law fitted to the same observations, best (least BIC) first."""
    return sorted((LawFit(law).fit(data) for law in LAWS), key=lambda one: one.bic_)
