"""The maps as they are shown: steps, parts of the lead time and moves, with their intervals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from scenarios.estimate import Estimate
from scenarios.valuestream.outline import Value


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of a process on the map; times in seconds.

    Attributes
    ----------
    process, step : str
    works : bool
        Whether people work here.
    value : {"adds", "necessary", "none"}
    numbers : dict of str to Estimate
        By the names of `COLUMNS`.
    """

    process: str
    step: str
    works: bool
    value: Value
    numbers: dict[str, Estimate]

    @property
    def wait_share(self) -> float:
        """Waiting among waiting, work and delay at this step, 0 to 1."""
        wait, touch, delay = (self.numbers[f"{name}_per_case"].mean or 0.0 for name in ("wait", "touch", "delay"))
        return wait / total if (total := wait + touch + delay) else 0.0


@dataclass(frozen=True, slots=True)
class Column:
    """A number of each step: its label, unit, what it means, and the sums above and below the line."""

    label: str
    unit: Literal["share", "s", "per case"]
    definition: str
    over: str
    under: str


COLUMNS = {
    "share": Column("Cases", "share", "Cases that come by, among cases of the process.", "cases", "closed"),
    "visits": Column("Visits", "per case", "Visits per case that comes by.", "visits", "cases"),
    "touch": Column("Touch time", "s", "People's work per served visit, wrap included.", "touch_us", "served"),
    "wait": Column("Wait", "s", "Wait for people per visit, served or not.", "wait_us", "visits"),
    "delay": Column("Delay", "s", "Time per visit in which nobody works or is waited for.", "delay_us", "visits"),
    "first_pass": Column("First pass", "share", "Cases that came by once only, among those that did.", "once", "cases"),
    "lost": Column("Lost", "share", "Visits that gave up or were turned away.", "lost", "visits"),
    "unsolved": Column("Not solved", "share", "Served visits that the agent could not solve.", "unsolved", "served"),
    "wait_per_case": Column("Wait per case", "s", "Per case of the process.", "wait_us", "closed"),
    "touch_per_case": Column("Work per case", "s", "Customer's part, per case of the process.", "line_us", "closed"),
    "delay_per_case": Column("Delay per case", "s", "Per case of the process.", "delay_us", "closed"),
}
"""What the map says of each step; definitions for readers."""


@dataclass(frozen=True, slots=True)
class Move:
    """How often cases go from one place to another: per case of the process, and among all visits of the first."""

    origin: str
    target: str
    per_case: float
    share: float


@dataclass(frozen=True, slots=True)
class ProcessMap:
    """The map of one process.

    Attributes
    ----------
    process : str
    cases, left_open : float
        Cases per run that ended, and that had not ended when the run closed.
    lead_s, efficiency, right : Estimate
        Mean lead time; process-cycle efficiency; share of cases that were at no step twice.
    parts_s : dict of str to Estimate
        Mean time per case by `PARTS`; they add up to the lead time.
    side_by_side_s : float
        By how much the steps' times per case exceed the parts: work, waits and delays of parallel branches.
    steps : list of StepLine
        In the scenario's order; only those that a case came by.
    moves : list of Move
    """

    process: str
    cases: float
    left_open: float
    lead_s: Estimate
    efficiency: Estimate
    right: Estimate
    parts_s: dict[str, Estimate]
    side_by_side_s: float
    steps: list[StepLine]
    moves: list[Move]

    def table(self) -> pd.DataFrame:
        """One row per step: its numbers with their limits, shares as shares, times in seconds."""
        rows = []
        for one in self.steps:
            row: dict[str, Any] = {"process": one.process, "step": one.step, "value": one.value}
            for name, number in one.numbers.items():
                row |= {name: number.mean, f"{name}_low": number.low, f"{name}_high": number.high}
            rows.append(row | {"wait_share": one.wait_share})
        return pd.DataFrame(rows)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "cases": self.cases,
            "left_open": self.left_open,
            "lead_time": self.lead_s.plain(),
            "efficiency": self.efficiency.plain(),
            "right_first_time": self.right.plain(),
            "parts": {name: one.plain() for name, one in self.parts_s.items()},
            "side_by_side_s": self.side_by_side_s,
            "steps": [
                {"step": one.step, "works": one.works, "value": one.value, "wait_share": one.wait_share}
                | {name: number.plain() for name, number in one.numbers.items()}
                for one in self.steps
            ],
            "moves": [
                {"from": one.origin, "to": one.target, "per_case": one.per_case, "share": one.share}
                for one in self.moves
            ],
        }


@dataclass(frozen=True, slots=True)
class ValueStream:
    """The maps of a scenario's processes, and on how many replications they rest."""

    name: str
    replications: int
    asked: int
    maps: list[ProcessMap]

    def only(self, process: str | None) -> ValueStream:
        """The map of one process; all, if none is named."""
        return replace(self, maps=[one for one in self.maps if process in (None, one.process)])

    def table(self) -> pd.DataFrame:
        """The steps of all processes."""
        return pd.concat([one.table() for one in self.maps]) if self.maps else pd.DataFrame()
