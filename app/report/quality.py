"""The page of service quality: numbers against standards and habit, who stands out, how it moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.numbers import scale
from app.quality_tables import (
    change_text,
    limits_text,
    member_rows,
    nothing_text,
    outlier_texts,
    standing_rows,
    trend_text,
    value_text,
    whole_rows,
)
from app.report.figures import COLOURS, FAINT, GOAL, styled, svg
from app.report.page import write_page
from scenarios.quality import Quality, Series
from scenarios.standards import Standing

_UNIT = {"share": "share", "s": "s", "count": "", "per case": "per case"}


def write_quality_report(path: Path, found: Quality, standings: Sequence[Standing], facts: Mapping[str, str]) -> None:
    """Write the page of service quality.

    Parameters
    ----------
    path : Path
    found : Quality
    standings : sequence of Standing
        The register of standards.
    facts : mapping of str
        Where the log came from, in words.
    """
    write_page(
        path,
        "quality.html.j2",
        title=f"{Path(found.source).name}: service quality",
        found=found,
        now=None if found.now is None else found.periods[found.now],
        facts=facts,
        whole=whole_rows(found),
        members={dimension: member_rows(found, dimension) for dimension in found.parts},
        outliers=outlier_texts(found),
        nothing=nothing_text(found),
        standings=standing_rows(standings),
        plots=[(one.indicator.label, chart(found, one, standings)) for one in found.whole.values()],
        series=found.whole,
        texts=(value_text, change_text, limits_text, trend_text),
    )


def chart(found: Quality, one: Series, standings: Sequence[Standing]) -> Markup:
    """An indicator by period, with the limits of the last whole one, its trend, and standards of all together."""
    values = np.array(one.values, float)
    divisor, suffix, _ = scale([float(value) for value in values[np.isfinite(values)]], _UNIT[one.indicator.unit])
    with styled():
        figure = Figure(figsize=(5.1, 2.5), layout="constrained")
        axes = figure.subplots()
        axes.set_title(one.indicator.label, loc="left")
        places = np.arange(len(values))
        whole = np.array([period.whole for period in found.periods], bool)
        axes.plot(places, values / divisor, "-", color=FAINT, linewidth=1)
        axes.plot(places[whole], values[whole] / divisor, "o", color=COLOURS[0], markersize=4)
        axes.plot(places[~whole], values[~whole] / divisor, "o", color=FAINT, markersize=3, markerfacecolor="none")
        _limits(axes, one, places, divisor)
        _trend(axes, one, whole, divisor)
        for standing in standings:
            if standing.standard.metric == one.indicator.name and not standing.of:
                axes.axhline(standing.standard.value / divisor, color=COLOURS[2], linewidth=1.1)
        if one.reasons and one.now is not None:
            axes.plot([one.now], [values[one.now] / divisor], "o", color=GOAL, markersize=7)
        every = max(1, len(places) // 8)
        axes.set_xticks(places[::every], [period.label for period in found.periods][::every], fontsize=7.5)
        axes.set_ylabel(suffix or one.indicator.unit)
        return svg(figure, f"{one.indicator.label} by {found.by}")


def _limits(axes: Axes, one: Series, places: np.ndarray, divisor: float) -> None:
    if one.limits is not None and one.now is not None:
        ends = [max(one.now - 0.4, 0), one.now + 0.4]
        axes.fill_between(ends, one.limits.low / divisor, one.limits.high / divisor, color=COLOURS[4], alpha=0.3)
        axes.plot(places[: one.now + 1], np.full(one.now + 1, one.limits.centre / divisor), ":", color=FAINT)


def _trend(axes: Axes, one: Series, whole: np.ndarray, divisor: float) -> None:
    """The Theil–Sen line through the medians of places and values."""
    known = np.flatnonzero(whole & np.isfinite(one.values))
    if one.moves is None or not one.moves.clear or len(known) < 2:
        return
    middle = np.median(one.values[known]) - one.moves.slope * np.median(known)
    axes.plot(known, (middle + one.moves.slope * known) / divisor, "--", color=COLOURS[1], linewidth=1.2)
