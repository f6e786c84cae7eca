"""The report of a sweep: the best combinations, main effects, every combination, and how it was made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from app.numbers import scale, with_unit
from app.paths import readable
from app.report.figures import COLOURS_MEAN, FAINT, INK, axis_label, better_way, change_colour, styled, svg
from app.report.page import known_metrics, words, write_page
from app.results import short_label
from scenarios.estimate import Values
from scenarios.replications import versions
from scenarios.sweeps.effects import Effect
from scenarios.sweeps.findings import Found
from scenarios.sweeps.fractions import LETTERS
from sim.metrics import Metric, find

_BEST = 10
_ROW_IN = 0.32


def write_sweep_report(path: Path, found: Found, folder: Path) -> None:
    """Write the report of a sweep, of as much of it as is finished."""
    sweep = found.sweep
    fraction = sweep.fraction
    write_page(
        path,
        "sweep.html.j2",
        title=f"{sweep.base.scenario.name}: {len(sweep.points)} combinations",
        scenario=sweep.base.scenario,
        file=sweep.base.file,
        found=found,
        folder=folder,
        best=found.ranked[:_BEST],
        factors=[factor.name for factor in sweep.factors],
        headed=[(f"{find(metric).label} of {owner}" if owner else find(metric).label, metric, owner)
                for metric, owner in found.metrics],
        effects=[(*column, found.effects(*column), found.explained(*column), _plot(found, *column))
                 for column in found.metrics],
        said=fraction.said() if fraction else [],
        letters=list(zip(LETTERS, (factor.name for factor in sweep.factors), strict=False)) if fraction else [],
        versions=versions(),
        words=rounded,
        criterion=_criterion(found),
        known=known_metrics(metric for metric, _ in found.metrics),
        colours_mean=COLOURS_MEAN,
        short=short_label,
        metrics_by_name=find,
    )  # fmt: skip


def rounded(value: Any) -> str:
    """A value of a combination for readers; all its digits are in the table that ``--csv`` writes."""
    return readable(value if isinstance(value, float) else words(value))


def _criterion(found: Found) -> str:
    """By what the combinations are put in order."""
    best = found.sweep.plan.best
    if best is None:
        return ""
    seek = "highest" if best.sign > 0 else "lowest"
    limits = [
        f"{_named(name, limit.of)} {bound} {with_unit(value, find(name).unit)}"
        for name, limit in best.where.items()
        for bound, value in (("at least", limit.at_least), ("at most", limit.at_most))
        if value is not None
    ]
    return f"{seek} {_named(best.metric, best.of)}" + (f", with {' and '.join(limits)}" if limits else "")


def _named(metric: str, owner: str | None) -> str:
    label = find(metric).label
    label = label[0].lower() + label[1:] if label[1:2].islower() else label
    return f"{label} of {owner}" if owner else label


def _plot(found: Found, metric: str, owner: str) -> Markup:
    effects = found.effects(metric, owner)
    return effects_plot(find(metric), effects) if effects else Markup("")


def effects_plot(metric: Metric, effects: Sequence[Effect]) -> Markup:
    """Changes with their intervals, a line each, the largest on top."""
    ordered = sorted(effects, key=lambda one: abs(one.change.mean or 0.0))
    divisor, suffix, _ = scale([one.change.mean for one in ordered], metric.unit, signed=True)
    with styled():
        figure = Figure(figsize=(10.4, 0.9 + _ROW_IN * len(ordered)), layout="constrained")
        axes = figure.add_subplot()
        places = np.arange(len(ordered))
        better = better_way(metric.name)
        colours = [change_colour(one.change.mean or 0.0, better) for one in ordered]
        axes.barh(
            places, _divided([one.change.mean for one in ordered], divisor), height=0.55, color=colours, alpha=0.75
        )
        for place, one in zip(places, ordered, strict=True):
            axes.plot(_divided([one.change.low, one.change.high], divisor), [place, place], color=INK, linewidth=1.6)
        axes.axvline(0.0, color=FAINT, linewidth=0.9)
        axes.set_yticks(
            places, [f"{one.factor}: {rounded(one.low)} → {rounded(one.high)}" for one in ordered], fontsize=8
        )
        axes.set_xlabel(axis_label(f"{metric.label}: change", suffix or metric.unit))
        return svg(figure, f"Main effects on {metric.label}")


def _divided(values: Sequence[float | None], divisor: float) -> Values:
    return np.array([np.nan if value is None else value for value in values], float) / divisor
