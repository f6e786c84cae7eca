"""The page of a pilot: what it could show, and what it would."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup
from matplotlib.figure import Figure

from app.pilot_tables import COLUMNS, pilot_rows, remarks
from app.report.figures import COLOURS, FAINT, INK, styled, svg
from app.report.page import write_page
from app.report.run import facts
from app.results import runs_data
from scenarios.logs import Runs
from scenarios.pilot import Pilot
from sim.schema import Document


def write_pilot_report(path: Path, document: Document, found: Pilot, runs: Runs) -> None:
    """Write the page of a pilot.

    Parameters
    ----------
    path : Path
    document : Document
        The scenario with its phases.
    found : Pilot
    runs : Runs
    """
    write_page(
        path,
        "pilot.html.j2",
        title=f"{document.scenario.name}: what {found.phase!r} can show",
        interventions=[],
        run=runs_data(runs, found.n, found.confidence),
        found=found,
        phase=document.data["phases"][found.phase],
        head=COLUMNS,
        rows=pilot_rows(found),
        remarks=remarks(found),
        picture=picture(found),
        **facts(document),
    )


def picture(found: Pilot) -> Markup:
    """The effect on each measure with its interval, in units of the smallest that the pilot can show."""
    shown = [one for one in found.detections if one.detectable]
    if not shown:
        return Markup("")
    with styled():
        figure = Figure(figsize=(10.4, 0.7 + 0.34 * len(shown)), layout="constrained")
        axes = figure.subplots()
        axes.axvspan(-1, 1, color=FAINT, alpha=0.22, linewidth=0)
        axes.axvline(0, color=INK, linewidth=0.8)
        for place, one in enumerate(shown):
            ends = [(end or 0.0) / (one.detectable or 1.0) for end in (one.low, one.high)]
            axes.plot(ends, [place, place], color=COLOURS[0], linewidth=3.5, solid_capstyle="butt")
            axes.plot([(one.effect or 0.0) / (one.detectable or 1.0)], [place], "o", color=COLOURS[0], markersize=6)
        axes.set_yticks(range(len(shown)), [one.measure for one in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlabel("effect of the phase, in units of the smallest difference that it can show")
        return svg(figure, "Effect of the phase on each measure, in units of the smallest that it can show")
