"""Plots as SVG, in colours that people with any colour vision can tell apart (Okabe and Ito 2008)."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from app.numbers import scale
from app.report.profile import Profile, open_part
from scenarios.comparison import Comparison, Difference
from sim.metrics import METRICS, find

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
INK, FAINT, GOAL = "#1f2933", "#9aa5b1", "#b42318"
COLOURS_MEAN = "Green: for the better; orange: for the worse; blue: neither more nor less is better."
_STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["Inter", "Segoe UI", "Helvetica Neue", "Arial", "DejaVu Sans"],
    "font.size": 9,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e7eb",
    "grid.linewidth": 0.7,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "queuewise",
}
_WIDTH_IN = 10.4


@dataclass(frozen=True, slots=True)
class Curve:
    """One metric to draw over the days of a panel.

    ``bands``: pairs of values to shade, the widest first; ``filled``: shade down to zero.
    """

    label: str
    profile: Profile
    colour: str
    bands: tuple[tuple[str, str], ...] = (("low", "high"),)
    filled: bool = False
    dashed: bool = False
    shade: float = 1.0


@dataclass(frozen=True, slots=True)
class Panel:
    """One row of a plot: curves of one unit, and a goal to reach if there is one."""

    title: str
    unit: str
    curves: Sequence[Curve]
    goal: float | None = None
    top: float | None = None


@contextmanager
def styled() -> Iterator[None]:
    """The look of all plots."""
    with mpl.rc_context(_STYLE):
        yield


def svg(figure: Figure, name: str) -> Markup:
    """A figure as the text of an SVG element that a screen reader can name."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    element = text[text.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{Markup.escape(name)}"', 1)
    return Markup(element)


def axis_label(what: str, unit: str) -> str:
    """What an axis shows, with its unit if it has one."""
    return f"{what}, {unit}" if unit else what


def better_way(name: str) -> int:
    """1 if more of it is better, -1 if less is; 0 if neither is, or if it is no metric (``asa``, ``asa of orders``)."""
    metric = next((one for one in METRICS if one.name == name.partition(" of ")[0]), None)
    return {"higher": 1, "lower": -1, "neither": 0}[metric.better] if metric else 0


def change_colour(change: float, better: int) -> str:
    """Green for better, orange for worse, blue where neither is."""
    return COLOURS[0] if not better else COLOURS[2 if change * better >= 0 else 1]


def by_day(panels: Sequence[Panel], name: str, panel_in: float = 1.75) -> Markup:
    """Panels under each other, a column for each day, intervals as steps.

    Parameters
    ----------
    panels : sequence of Panel
        All of the same days and intervals.
    name : str
        What the plot shows, for screen readers.
    panel_in : float
        Height of a panel, inches.
    """
    days, part = open_part([curve.profile for panel in panels for curve in panel.curves])
    with styled():
        figure = Figure(figsize=(_WIDTH_IN, 0.5 + panel_in * len(panels)), layout=_tight())
        grid = figure.subplots(len(panels), len(days), sharex=True, sharey="row", squeeze=False)
        handles = [_handles(panel) for panel in panels]
        apart = all(
            _legend_in(one) + 0.1 * len(panel.title) < _WIDTH_IN - 1 for one, panel in zip(handles, panels, strict=True)
        )
        for row, panel, own in zip(grid, panels, handles, strict=True):
            _panel(row, panel, days, part)
            if apart:
                _legend(row[-1], own)
        if not apart:
            _common_legend(figure, handles)
        _label_days(grid, panels[0].curves[0].profile, days)
        return svg(figure, name)


def _tight() -> ConstrainedLayoutEngine:
    return ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.06, wspace=0.01)


def _panel(row: Sequence[Axes], panel: Panel, days: list[int], part: slice) -> None:
    divisor, suffix, _ = scale(_largest(panel), panel.unit)
    for axes, day in zip(row, days, strict=True):
        for curve in panel.curves:
            _curve(axes, curve, day, part, divisor)
        if panel.goal is not None:
            axes.axhline(panel.goal / divisor, color=GOAL, linewidth=1.1, linestyle=(0, (4, 3)))
        axes.tick_params(length=2)
    row[0].set_ylabel(suffix or panel.unit)
    row[0].set_ylim(bottom=0, top=None if panel.top is None else panel.top / divisor * 1.02)
    row[0].set_title(panel.title, loc="left")


def _largest(panel: Panel) -> list[float]:
    return [float(np.nanmax(np.nan_to_num(curve.profile.values["mean"]))) for curve in panel.curves]


def _curve(axes: Axes, curve: Curve, day: int, part: slice, divisor: float) -> None:
    one = curve.profile
    starts = one.starts_min[part]
    edges = np.append(starts, starts[-1] + one.interval_min) / 60
    shades = np.linspace(0.16, 0.34, len(curve.bands)) * curve.shade
    for (low, high), shade in zip(curve.bands, shades, strict=True):
        below, above = (one.values[name][day, part] / divisor for name in (low, high))
        if np.isfinite(above).any():
            axes.stairs(above, edges, baseline=below, fill=True, color=curve.colour, alpha=shade, linewidth=0)
    mean = one.values["mean"][day, part] / divisor
    if curve.filled:
        axes.stairs(np.nan_to_num(mean), edges, fill=True, color=curve.colour, alpha=0.3, linewidth=0)
    style = (0, (3, 2)) if curve.dashed else "solid"
    axes.stairs(mean, edges, baseline=None, color=curve.colour, linewidth=1.5, linestyle=style)


def _handles(panel: Panel) -> list[Line2D]:
    found = [
        Line2D([], [], color=curve.colour, linewidth=2, linestyle="--" if curve.dashed else "-", label=curve.label)
        for curve in panel.curves
        if curve.label
    ]
    if panel.goal is not None:
        divisor, suffix, _ = scale(_largest(panel), panel.unit)
        label = f"goal {panel.goal / divisor:.3g} {suffix}"
        found.append(Line2D([], [], color=GOAL, linewidth=1.1, linestyle=(0, (4, 3)), label=label))
    return found


def _legend_in(handles: Sequence[Line2D]) -> float:
    """Width of a legend in one line, inches, generously."""
    return sum(0.6 + 0.068 * len(str(one.get_label())) for one in handles)


def _legend(axes: Axes, handles: list[Line2D]) -> None:
    """Above a panel, at its right end."""
    if handles:
        corner = (1, 1)
        legend = axes.legend(handles=handles, loc="lower right", bbox_to_anchor=corner, ncols=len(handles))
        legend.set_in_layout(False)  # or it would squeeze the last day


def _common_legend(figure: Figure, handles: Sequence[list[Line2D]]) -> None:
    """One above all panels, in as many lines as it takes."""
    each = {str(one.get_label()): one for of_panel in handles for one in of_panel}
    widest = max(_legend_in([one]) for one in each.values())
    columns = max(int((_WIDTH_IN - 0.5) / widest), 1)
    figure.set_figheight(figure.get_figheight() + 0.21 * math.ceil(len(each) / columns))
    figure.legend(handles=list(each.values()), loc="outside upper left", ncols=columns)


def _label_days(grid: np.ndarray, one: Profile, days: list[int]) -> None:
    for axes, day in zip(grid[-1], days, strict=True):
        axes.set_xlabel(one.days[day])
        axes.xaxis.set_major_locator(MaxNLocator(nbins=max(3, 20 // len(days)), steps=[1, 2, 3, 4, 6, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda hour, _: f"{int(hour) % 24:02d}"))


def forest(comparison: Comparison, colours: dict[str, str]) -> Markup:
    """Paired differences: a row per metric with its own scale, a line per alternative.

    Thick: each interval by itself. Thin: intervals that hold for all differences together.
    """
    shown = [name for name in dict.fromkeys(d.metric for d in comparison.differences) if _drawable(comparison, name)]
    if not shown:
        return Markup("")
    with styled():
        height = 0.42 + 0.2 * len(comparison.alternatives)
        figure = Figure(figsize=(_WIDTH_IN, 0.3 + height * len(shown)), layout="constrained")
        for axes, name in zip(figure.subplots(len(shown), 1, squeeze=False)[:, 0], shown, strict=True):
            _forest_row(axes, name, comparison, colours)
        return svg(figure, "Paired differences from the baseline with confidence intervals")


def _drawable(comparison: Comparison, metric: str) -> bool:
    of_metric = [one for one in comparison.differences if one.metric == metric]
    return any(one.mean is not None and (one.mean or one.low or one.high) for one in of_metric)


def _forest_row(axes: Axes, name: str, comparison: Comparison, colours: dict[str, str]) -> None:
    found = [comparison.get(alternative, name) for alternative in comparison.alternatives]
    ends = [end for one in found for end in (one.family_low, one.family_high)]
    divisor, suffix, _ = scale(ends, found[0].unit, signed=True)
    for place, one in enumerate(found):
        _whiskers(axes, one, place, divisor, colours[one.alternative])
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(length=2, labelsize=8)
    axes.margins(x=0.08)
    better = {"higher": " (more is better)", "lower": " (less is better)", "neither": ""}[find(name).better]
    for height, text in ((0.68, find(name).label), (0.36, f"{suffix or found[0].unit}{better}")):
        axes.text(-0.015, height, text, transform=axes.transAxes, ha="right", va="center", fontsize=8.5)


def _whiskers(axes: Axes, one: Difference, place: int, divisor: float, colour: str) -> None:
    if one.mean is None or one.low is None or one.high is None or one.family_low is None or one.family_high is None:
        axes.text(0, place, "not defined", ha="center", va="center", fontsize=8, color=FAINT)
        return
    for low, high, width in ((one.family_low, one.family_high, 1.0), (one.low, one.high, 3.5)):
        ends = [low / divisor, high / divisor]
        axes.plot(ends, [place, place], color=colour, linewidth=width, solid_capstyle="butt")
    face = "white" if one.verdict == "no difference shown" else colour
    axes.plot(one.mean / divisor, place, "o", markersize=6, color=colour, markerfacecolor=face)
