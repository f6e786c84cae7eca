"""The report on a warm-up: each series with Welch's moving mean and the cut."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.commands.warmup import series_label
from app.numbers import scale
from app.report.figures import COLOURS, FAINT, GOAL, styled, svg
from app.report.page import write_page
from app.report.run import facts
from scenarios.logs import Runs
from scenarios.replications import versions
from scenarios.warmup import Cut, WarmUp, length_text
from sim.metrics import METRICS
from sim.schema import Document
from sim.units import DAY_US


def write_warm_up_report(
    path: Path, document: Document, interventions: Sequence[str], found: WarmUp, runs: Runs
) -> None:
    """Write the report on a warm-up.

    Parameters
    ----------
    path : Path
    document : Document
    interventions : sequence of str
        Which are switched on in it.
    found : WarmUp
    runs : Runs
    """
    write_page(
        path,
        "warmup.html.j2",
        title=f"{found.name}: warm-up",
        interventions=list(interventions),
        found=found,
        runs=runs,
        versions=versions(),
        label=series_label,
        names={one.name for one in METRICS},
        length=length_text,
        plot=plot(found),
        **facts(document),
    )


def plot(found: WarmUp) -> Markup:
    """Series under each other: values, moving mean, the cut and the scenario's own warm-up."""
    with styled():
        figure = Figure(figsize=(10.4, 0.4 + 1.9 * len(found.cuts)), layout="constrained")
        grid = figure.subplots(len(found.cuts), 1, sharex=True, squeeze=False)[:, 0]
        for axes, cut in zip(grid, found.cuts, strict=True):
            _series(axes, cut, found)
        grid[-1].set_xlabel("days since the start")
        return svg(figure, "Means over replications by time, their moving mean, and the warm-up")


def _series(axes: Axes, cut: Cut, found: WarmUp) -> None:
    largest = [float(value) for value in cut.values[:1]] if not len(cut.values) else [float(cut.values.max())]
    divisor, suffix, _ = scale(largest, cut.unit)
    days = (cut.starts_us + found.step_us / 2) / DAY_US
    axes.plot(days, cut.values / divisor, color=FAINT, linewidth=0.8, marker="." if len(days) < 60 else "")
    axes.plot(days, cut.smoothed / divisor, color=COLOURS[0], linewidth=1.6)
    axes.set_title(series_label(cut.series), loc="left")
    axes.set_ylabel(suffix or cut.unit)
    axes.set_ylim(bottom=0)
    if cut.warm_up_us is not None and found.nature.kind == "steady state":
        axes.axvline(cut.warm_up_us / DAY_US, color=GOAL, linewidth=1.2, linestyle=(0, (4, 3)))
    if found.given_us:
        axes.axvspan(0, found.given_us / DAY_US, color=FAINT, alpha=0.18, linewidth=0)
