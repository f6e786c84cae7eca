"""What stands behind the numbers of a calibrated scenario: plain values that a page or a program can read.

Nothing here is drawn or formatted; `app` makes the page, `Evidence.to_data` the JSON document.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

PlotKind = Literal["step", "line", "hist", "scatter", "heatmap"]
Cell = str | float | int | None
Path_ = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One fitted or counted number.

    Attributes
    ----------
    name : str
        What it is, in a planner's words.
    estimate : float
        The value.
    low, high : float or None
        Ends of its 95 % interval; None where there is none (a count, a rule).
    n : int or None
        Observations that it rests on.
    unit : str
        Unit of the three values: ``"s"``, ``"per h"``, ``"share"`` (0 to 1), ``"people"``, ``""``.
    fit : str
        Goodness of fit in words, e.g. ``"lognormal, KS 0.021 (p 0.34)"``.
    path : tuple of str
        Where the number stands in the scenario, e.g. ``("demand", "PS", "patience")``; empty if it is only reported.
    note : str
        How it was found, or a caveat.
    """

    name: str
    estimate: float
    low: float | None = None
    high: float | None = None
    n: int | None = None
    unit: str = ""
    fit: str = ""
    path: Path_ = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One curve, set of bars or cloud of points.

    Attributes
    ----------
    name : str
        Name for the legend.
    x, y : list of float
        Equal lengths, except that a ``hist`` has one more ``x`` (borders of bars) than ``y`` (heights).
    low, high : list of float or None
        A band around ``y``.
    """

    name: str
    x: list[float]
    y: list[float]
    low: list[float] | None = None
    high: list[float] | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """What to plot.

    Attributes
    ----------
    kind : {"step", "line", "hist", "scatter", "heatmap"}
        A ``step`` holds each ``y`` until the next ``x``. A ``heatmap`` has no series but `columns`, `lines` and
        `values`.
    x_label, y_label : str
        Axis labels, units included.
    series : list of Series
        What to draw, in this order.
    x_ticks : list of (float, str)
        Named places on the x axis (weekdays, hours); empty: the usual numbers.
    log_x : bool
        Whether the x axis is logarithmic.
    columns, lines : list of str
        A heatmap's labels across and down.
    values : list of list of (float or None)
        A heatmap's values, one list per line.
    value_label : str
        What a heatmap's colour means, unit included.
    """

    title: str
    kind: PlotKind
    x_label: str
    y_label: str
    series: list[Series] = field(default_factory=list)
    x_ticks: list[tuple[float, str]] = field(default_factory=list)
    log_x: bool = False
    columns: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    values: list[list[float | None]] = field(default_factory=list)
    value_label: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A plain table: dropped rows by reason, odd days, simulated against real. Cells are texts, numbers or None."""

    title: str
    columns: list[str]
    rows: list[list[Cell]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the evidence, e.g. arrivals of one stream: text, its numbers, tables and plots in this order."""

    key: str
    title: str
    text: str = ""
    rows: list[Row] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that stands behind a calibrated scenario.

    Attributes
    ----------
    title : str
        Heading of the page.
    source : str
        Name of the history file.
    period : str
        Dates of the history that was used.
    summary : list of Row
        The few numbers that a reader wants first (contacts, days, shares, means).
    sections : list of Section
        In reading order: data, arrivals, handling, patience, people, what was not used, and so on.
    """

    title: str
    source: str
    period: str
    summary: list[Row]
    sections: list[Section]

    def section(self, key: str) -> Section:
        """The section of a key."""
        return next(section for section in self.sections if section.key == key)

    def rows(self) -> list[Row]:
        """Every number of every section."""
        return [row for section in self.sections for row in section.rows]

    def to_data(self) -> dict[str, Any]:
        """Plain dicts, lists, texts and numbers; what is not finite becomes None."""
        plain: dict[str, Any] = _finite(asdict(self))
        return plain


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
