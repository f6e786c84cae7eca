"""People per interval for a service-level target: Erlang's first guess, corrected by simulation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.schema import Document


@dataclass(frozen=True, slots=True)
class Target:
    """What each interval's service must reach.

    Attributes
    ----------
    service_level : float
        0 to 1.
    within_us : int
        Acceptable wait, microseconds.
    confidence : float
        With which the target must hold.
    overall : bool
        Whether the whole window must reach it rather than each interval.
    """

    service_level: float = 0.8
    within_us: int = 20_000_000
    confidence: float = 0.95
    overall: bool = False


@dataclass(frozen=True)
class Staffing:
    """People that a target needs.

    Attributes
    ----------
    group, queue : str
    target : Target
    shrinkage : float
        Share of paid time in which people are not available, 0 to 1.
    method : {"Erlang A", "Erlang C"}
        Formula of the first guess.
    table : DataFrame
        One row per weekday and interval: weekday, time, offered per hour, aht_s, erlang (people), required (people
        after simulation), scheduled (with shrinkage), service_level, low, high, why.
    document : Document
        The scenario with the required people.
    rounds : int
        Simulation rounds used.
    holds : bool
        Whether the target holds with the stated confidence in what `document` says.
    notes : tuple of str
    """

    group: str
    queue: str
    target: Target
    shrinkage: float
    method: str
    table: pd.DataFrame
    document: Document
    rounds: int
    holds: bool
    notes: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        raise NotImplementedError


def staff(
    document: Document,
    target: Target | None = None,
    *,
    shrinkage: float = 0.0,
    replications: int = 20,
    seed: int = 1,
    progress: Callable[[int, int, float], None] | None = None,
) -> Staffing:
    """People per interval that the target needs, for a scenario with one group."""
    raise NotImplementedError
