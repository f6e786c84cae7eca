"""The page of a risk register: what each risk would do, times its likelihood, and what is done about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.numbers import scale
from app.report.figures import COLOURS, INK, styled, svg
from app.report.page import write_page
from app.report.run import facts
from app.results import runs_data
from app.risk_tables import COLUMNS, TEXTS, remarks, risk_rows
from scenarios.logs import Runs
from scenarios.risks import Register, RiskEffect
from sim.metrics import find
from sim.schema import Document


def write_risks_report(
    path: Path, document: Document, interventions: Sequence[str], found: Register, runs: Runs
) -> None:
    """Write the page of a risk register.

    Parameters
    ----------
    path : Path
    document : Document
        The scenario as it was run.
    interventions : sequence of str
    found : Register
    runs : Runs
    """
    write_page(
        path,
        "risks.html.j2",
        title=f"{document.scenario.name}: risks",
        interventions=list(interventions),
        run=runs_data(runs, found.n, found.confidence),
        found=found,
        head=COLUMNS,
        texts=TEXTS,
        tables={metric: risk_rows(found, metric) for metric in found.metrics},
        pictures={metric: picture(found, metric) for metric in found.metrics},
        remarks=remarks(found),
        answered=any(one.rest is not None for one in found.effects),
        **facts(document),
    )


def picture(found: Register, metric: str) -> Markup:
    """Each risk's effect if it happens, and below it what is left with the response, with their intervals."""
    shown = [one for name in found.risks if (one := found.get(name, metric)).effect is not None]
    if not shown:
        return Markup("")
    ends = [end for one in shown for end in (one.low, one.high, one.rest_low, one.rest_high)]
    divisor, suffix, _ = scale(ends, shown[0].unit, signed=True)
    better = {"higher": " (more is better)", "lower": " (less is better)", "neither": ""}[find(metric).better]
    with styled():
        figure = Figure(figsize=(10.4, 0.7 + 0.4 * len(shown)), layout="constrained")
        axes = figure.subplots()
        axes.axvline(0, color=INK, linewidth=0.8)
        for place, one in enumerate(shown):
            _effects(axes, one, place, divisor)
        axes.set_yticks(range(len(shown)), [one.risk for one in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlabel(f"{find(metric).label}: difference, {suffix or shown[0].unit}{better}")
        return svg(figure, f"Effect of each risk on {find(metric).label}")


def _effects(axes: Axes, one: RiskEffect, place: int, divisor: float) -> None:
    bare, rest = (one.effect, one.low, one.high), (one.rest, one.rest_low, one.rest_high)
    for values, shift, colour in ((bare, -0.12, COLOURS[1]), (rest, 0.16, COLOURS[2])):
        mean, low, high = (None if value is None else value / divisor for value in values)
        if mean is None or low is None or high is None:
            continue
        axes.plot([low, high], [place + shift] * 2, color=colour, linewidth=3.5, solid_capstyle="butt")
        axes.plot([mean], [place + shift], "o", color=colour, markersize=6)
