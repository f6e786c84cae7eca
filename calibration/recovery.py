"""Do the intervals hold? A known scenario is simulated many times, each run calibrated, and the truth looked up.

Of all 95 % intervals together about 95 in 100 must hold the true value. ``python -m calibration.recovery 200`` prints
the coverage of each kind of number.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from calibration.demand import Interval
from calibration.fitting import TypeFit, fit_history
from calibration.reading import Progress, quiet
from calibration.report import DAY_NAMES
from calibration.sample import SCENARIO, sample_mapping, simulated_history
from sim.build import build
from sim.distributions import law_of
from sim.schema import Document, Scenario, load
from sim.schema.demand import Stream
from sim.schema.distribution import Distribution

_GRID = 200_000


@dataclass(frozen=True, slots=True)
class Check:
    """One number of one calibration against the truth."""

    kind: str
    name: str
    truth: float
    estimate: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether the interval holds the truth."""
        return self.low <= self.truth <= self.high


def study(seeds: int, document: Document | None = None, progress: Progress = quiet) -> pd.DataFrame:
    """Simulate and calibrate a known scenario once per seed.

    Parameters
    ----------
    seeds
        How many, from 1.
    document
        The scenario: calls whose streams have the names of their types; the sample's if not given.

    Returns
    -------
    DataFrame
        One row per seed and number: seed, kind, name, truth, estimate, low, high, holds.
    """
    scenario = (document or load(SCENARIO)).scenario
    model, mapping = build(scenario), sample_mapping()
    rows = []
    for seed in range(1, seeds + 1):
        progress("simulating and calibrating", (seed - 1) / seeds)
        fits = fit_history(simulated_history(model, mapping, seed), mapping)
        for one in fits.types:
            rows += [{"seed": seed, **asdict(check), "holds": check.holds} for check in checks(one, scenario)]
    return pd.DataFrame(rows)


def coverage(found: pd.DataFrame) -> pd.DataFrame:
    """Share of intervals that hold the truth, by kind of number and pooled, and the estimates' mean relative error."""
    found = found.assign(error=(found["estimate"] - found["truth"]) / found["truth"])
    columns = {"n": ("holds", "size"), "coverage": ("holds", "mean"), "bias": ("error", "mean")}
    by_kind = found.groupby("kind", sort=False).agg(**columns)
    return pd.concat([by_kind, found.assign(kind="pooled").groupby("kind").agg(**columns)])


def checks(one: TypeFit, scenario: Scenario) -> Iterator[Check]:
    """Every number of a type that has an interval and a true value."""
    stream = scenario.demand[one.name]
    step = scenario.process[one.name]["answer"]
    yield from _volume(one, stream)
    for name, fit, spec in (("talk", one.talk, step.talk), ("wrap", one.wrap, step.wrap)):
        if fit is not None and spec is not None:
            mean, _, spread = moments(spec)
            yield _check(f"mean {name}", one, mean, fit.mean_)
            if fit.law_ is not None and fit.law_.law.parameters > 1:
                yield _check(f"variation of {name}", one, spread / mean, fit.law_.cv())
    if stream.patience is not None and one.patience.law_ is not None and not one.pooled_patience:
        yield _check("median patience", one, moments(stream.patience)[1], one.patience.law_.median())
    if stream.redial is not None and one.redials.used_:
        yield _check("redial share", one, stream.redial.share, one.redials.share_)


def _volume(one: TypeFit, stream: Stream) -> Iterator[Check]:
    per_day = expected_per_day(stream)
    yield _check("contacts per week", one, float(per_day.sum()), one.volume.per_week_)
    for day in np.flatnonzero(per_day):
        volume = one.volume
        found = tuple(float(v[day]) for v in (volume.per_day_, volume.per_day_low_, volume.per_day_high_))
        yield _check("contacts per weekday", one, float(per_day[day]), found, DAY_NAMES[day])  # type: ignore[arg-type]
    if stream.busyness is not None:
        yield _check("busyness", one, stream.busyness.cv, one.volume.busyness_)


def _check(kind: str, one: TypeFit, truth: float, found: Interval, more: str = "") -> Check:
    return Check(kind, f"{one.name} {more}".strip(), truth, *found)


def expected_per_day(stream: Stream) -> np.ndarray:
    """Contacts expected on each weekday of a stream with ``per week`` and ``week``."""
    assert stream.week is not None
    assert stream.per_week is not None
    weights = np.array([sum(stretch.value for stretch in day) for day in stream.week.weekdays])
    return weights / weights.sum() * stream.per_week


def moments(spec: Distribution) -> tuple[float, float, float]:
    """Mean, median and standard deviation of a duration, seconds: its quantile function integrated."""
    below = (np.arange(_GRID) + 0.5) / _GRID
    values = np.concatenate([piece.at(*_inside(below, piece.start, piece.end)) for piece in law_of(spec)])
    return float(values.mean()), float(np.median(values)), float(values.std())


def _inside(below: np.ndarray, start: float, end: float) -> tuple[np.ndarray, np.ndarray]:
    part = below[(below >= start) & (below < end)]
    return part, 1 - part


if __name__ == "__main__":
    table = study(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
    print(coverage(table).to_string(float_format=lambda value: f"{value:.4f}"))
