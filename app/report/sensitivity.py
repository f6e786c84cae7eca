"""The page of a sensitivity analysis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup
from matplotlib.figure import Figure

from app.attribution import label
from app.numbers import scale
from app.report.figures import COLOURS, INK, axis_label, styled, svg
from app.report.page import known_metrics, write_page
from app.sensitivity import sheets
from scenarios.attribution.sensitivity import Design, Sensitivity
from scenarios.estimate import Estimate
from scenarios.programme.parameters import Parameter
from scenarios.replications import versions
from sim.schema import Document

_MOST = 20
_SIZE = "By how much the result moves, up or down, when the assumption goes from one end of its range to the other."
_PARTS = (
    "Variance: how much single runs differ while all assumptions vary. Alone: the part that goes if this assumption "
    "were known. With interactions: the part that stays if all others were known. Estimates from few samples may lie "
    "below 0 or above 100 %; where lines are long, more samples (--sobol) are needed."
)
Found = tuple[Sequence[Sensitivity], Sequence[Parameter], Design]
Bar = tuple[str, Sequence[tuple[str, Estimate]]]


def write_sensitivity_report(
    path: Path, document: Document, interventions: Sequence[str], found: Found, seed: int
) -> None:
    """Write the page.

    Parameters
    ----------
    path : Path
    document : Document
    interventions : sequence of str
        Switched on.
    found : (sensitivities, parameters, design)
    seed : int
    """
    outcomes, varied, design = found
    write_page(
        path,
        "sensitivity.html.j2",
        title=f"{document.scenario.name}: on what it rests",
        scenario=document.scenario,
        file=document.file,
        interventions=list(interventions),
        pictures=[picture for one in outcomes for picture in _pictures(one)],
        sheets=sheets(outcomes, varied, design),
        varied=varied,
        known=known_metrics(one.outcome for one in outcomes),
        design=design,
        seed=seed,
        versions=versions(),
    )


def _pictures(one: Sensitivity) -> list[tuple[str, str, Markup]]:
    found = []
    name = label(one.outcome)
    if one.effects:
        bars = [(effect.name, [("size", effect.size)]) for effect in one.effects[:_MOST]]
        picture = ranked(bars, one.unit, f"{name}: size of the change", signed=True)
        found.append((f"{name}: change over the whole range of each assumption", _SIZE, picture))
    if one.indices:
        both = [(index.name, [("alone", index.first), ("with interactions", index.total)]) for index in one.indices]
        kept = [*both[:_MOST], *both[-1:]] if len(both) > _MOST + 1 else both
        picture = ranked(kept, "share", "part of the variance")
        found.append((f"{name}: how much of its variance each assumption explains", _PARTS, picture))
    return found


def ranked(bars: Sequence[Bar], unit: str, axis: str, signed: bool = False) -> Markup:
    """Dots with their intervals, a row for each assumption."""
    largest = [one.mean for _, values in bars for _, one in values]
    divisor, suffix, _ = scale(largest, unit, signed)
    with styled():
        figure = Figure(figsize=(10.4, 0.8 + 0.27 * len(bars)), layout="constrained")
        axes = figure.subplots()
        for place, (_, values) in enumerate(bars):
            for number, (what, one) in enumerate(values):
                at = place + 0.22 * (number - (len(values) - 1) / 2)
                if one.low is not None and one.high is not None:
                    ends = [one.low / divisor, one.high / divisor]
                    axes.plot(ends, [at, at], color=COLOURS[number], linewidth=1.6)
                centre = [(one.mean or 0.0) / divisor]
                axes.plot(centre, [at], "o", color=COLOURS[number], markersize=4.5, label=what if not place else None)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_yticks(range(len(bars)), [bar[0] for bar in bars], fontsize=8)
        axes.set_ylim(len(bars) - 0.4, -0.6)
        axes.set_xlabel(axis_label(axis, suffix or unit))
        if len(bars[0][1]) > 1:
            axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
        return svg(figure, f"{axis}: assumptions by importance")
