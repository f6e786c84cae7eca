"""The page of evidence: every number of a calibrated scenario with what stands behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.numbers import evidence_value
from app.report.figures import COLOURS, styled, svg
from app.report.page import write_page
from app.tables import cell_text, text_columns
from calibration import Calibration
from calibration.evidence import Plot
from calibration.hindcast import Hindcast

_DOTTED = 30


def write_evidence(path: Path, found: Calibration, backtest: Hindcast | None) -> None:
    """Write the page of evidence.

    Parameters
    ----------
    path : Path
    found : Calibration
    backtest : Hindcast or None
        Comes first if there is one.
    """
    sections = ([backtest.section()] if backtest else []) + found.evidence.sections
    write_page(
        path,
        "evidence.html.j2",
        title=found.evidence.title,
        evidence=found.evidence,
        sections=sections,
        plot=plot,
        value=evidence_value,
        cell=cell_text,
        text_columns=text_columns,
        mapping=found.mapping.text(),
        yaml=found.text,
    )


def plot(one: Plot) -> Markup:
    """One plot of the evidence."""
    with styled():
        figure = Figure(figsize=(5.1, 3.1), layout="constrained")
        axes = figure.subplots()
        axes.set_title(one.title, loc="left")
        _heatmap(figure, axes, one) if one.kind == "heatmap" else _curves(axes, one)
        return svg(figure, one.title)


def _heatmap(figure: Figure, axes: Axes, one: Plot) -> None:
    values = np.array([[np.nan if value is None else value for value in line] for line in one.values], dtype=float)
    image = axes.imshow(values, aspect="auto", cmap="cividis")
    every = max(1, len(one.columns) // 12)
    axes.set_xticks(range(0, len(one.columns), every), one.columns[::every])
    axes.set_yticks(range(len(one.lines)), one.lines)
    axes.grid(False)
    axes.set_xlabel(one.x_label)
    figure.colorbar(image, ax=axes, label=one.value_label)


def _curves(axes: Axes, one: Plot) -> None:
    colours = (
        mpl.colormaps["viridis"](np.linspace(0, 0.9, len(one.series))) if len(one.series) > len(COLOURS) else COLOURS
    )
    for series, colour in zip(one.series, colours, strict=False):
        x, y = np.array(series.x), np.array(series.y)
        if one.kind == "hist" and len(x) == len(y) + 1:
            axes.stairs(y, x, fill=True, color=colour, alpha=0.35, label=series.name)
        elif one.kind == "step":
            axes.step(x, y, where="post", color=colour, linewidth=1.4, label=series.name)
        elif one.kind == "scatter":
            axes.plot(x, y, "o", color=colour, markersize=3.2, label=series.name)
        else:
            axes.plot(
                x, y, color=colour, linewidth=1.4, marker="o" if len(x) < 30 else "", markersize=3, label=series.name
            )
        if series.low is not None and series.high is not None and len(series.low) == len(x):
            step: Literal["post"] | None = "post" if one.kind == "step" else None
            axes.fill_between(x, series.low, series.high, color=colour, alpha=0.18, linewidth=0, step=step)
    axes.set_xlabel(one.x_label)
    axes.set_ylabel(one.y_label)
    if one.x_ticks:
        places, names = zip(*one.x_ticks, strict=True)
        axes.set_xticks(places, names, rotation=30 if max(map(len, names)) > 6 and len(names) > 5 else 0)
    if one.log_x:
        axes.set_xscale("log")
    else:
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    if len(one.series) > 1:
        axes.legend(fontsize=7.5, ncols=2 if len(one.series) > 4 else 1)
