"""The one number that activity cannot show: how many of the people who may have been on duty were.

The fitted scenario is run on the recorded arrivals and the roster of each recorded day (of a long history the last
days), at levels between the ends of the roster's bracket, until the mean wait of the served is the recorded one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.fitting import Fits, people_on
from calibration.history import History
from calibration.reading import Progress, quiet
from calibration.scenario import dated_people, replay
from sim.build import build
from sim.codes import Ending, Visit
from sim.run import run
from sim.schema import Document
from sim.units import SECOND_US

_REPLICATIONS = 3
_STEPS = 7
_SEED = 1
_MOST_CONTACTS = 40_000


@dataclass(frozen=True, slots=True)
class StaffingLevel:
    """Level between the ends of the bracket (0: seen working, 1: whoever is not proved away).

    Attributes
    ----------
    level : float
    recorded_wait_s, simulated_wait_s : float
        Mean wait of the served: recorded, and simulated at this level.
    tried : tuple of (float, float)
        Levels tried and the mean wait simulated at each, seconds.
    """

    level: float
    recorded_wait_s: float
    simulated_wait_s: float
    tried: tuple[tuple[float, float], ...]

    @property
    def note(self) -> str:
        """What the level means, in words."""
        waits = f"simulated mean wait {self.simulated_wait_s:.0f} s, recorded {self.recorded_wait_s:.0f} s"
        if self.level == 1 and self.simulated_wait_s > self.recorded_wait_s:
            return f"even with everybody on duty who is not proved away, waits come out too long ({waits})"
        if self.level == 0 and self.simulated_wait_s < self.recorded_wait_s:
            return f"even with only those who were seen working, waits come out too short ({waits})"
        return waits


def find_level(fits: Fits, progress: Progress = quiet) -> StaffingLevel:
    """Find the level at which the recorded waits come out, by bisection."""
    part = _last_days(fits.history)
    recorded = float(part.wait_s[part.table["answered"].to_numpy()].mean())
    people = people_on(fits, part)
    document = replay(fits, part, 1.0, people)
    tried: list[tuple[float, float]] = []

    def wait(level: float) -> float:
        progress("simulating the recorded days", len(tried) / _STEPS)
        data = {**document.data, "people": dated_people(people, level)}
        tried.append((level, _mean_wait(document.with_data(data))))
        return tried[-1][1]

    low, high = 0.0, 1.0
    if wait(high) >= recorded:
        return StaffingLevel(high, recorded, tried[-1][1], tuple(tried))
    if wait(low) <= recorded:
        return StaffingLevel(low, recorded, tried[-1][1], tuple(tried))
    while len(tried) < _STEPS:
        middle = (low + high) / 2
        low, high = (middle, high) if wait(middle) > recorded else (low, middle)
    level, simulated = min(tried, key=lambda one: abs(one[1] - recorded))
    return StaffingLevel(level, recorded, simulated, tuple(sorted(tried)))


def _last_days(history: History) -> History:
    """The last whole days with not too many contacts."""
    if len(history.table) <= _MOST_CONTACTS:
        return history
    first = min(int(history.day[-_MOST_CONTACTS]) + 1, history.days - 1)
    return history.between(history.date(first), history.last)


def _mean_wait(document: Document) -> float:
    model = build(document.scenario)
    waits = []
    for replication in range(_REPLICATIONS):
        visits = run(model, _SEED, replication).visits
        served = visits[visits[:, Visit.ENDING] == Ending.SERVED]
        waits.append(served[:, Visit.STARTED] - served[:, Visit.ENQUEUED])
    together = np.concatenate(waits)
    return float(together.mean()) / SECOND_US if len(together) else float("inf")
