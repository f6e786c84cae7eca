"""The page of open cases: when each will be done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure

from app.open_cases import head, remarks, row
from app.report.figures import COLOURS, GOAL, INK, styled, svg
from app.report.page import write_page
from app.report.run import facts
from app.results import runs_data
from scenarios.backlog import Backlog
from scenarios.logs import Runs
from sim.schema import Document

_MOST = 60


def write_backlog_report(
    path: Path,
    document: Document,
    interventions: Sequence[str],
    found: Backlog,
    runs: Runs,
    also: str = "",
) -> None:
    """Write the page of open cases.

    Parameters
    ----------
    path : Path
    document : Document
        The scenario as it was run.
    interventions : sequence of str
    found : Backlog
    runs : Runs
    also : str
        What else was asked for, in words.
    """
    write_page(
        path,
        "backlog.html.j2",
        title=f"{found.name}: open cases",
        interventions=list(interventions),
        run=runs_data(runs, found.replications, found.confidence),
        found=found,
        head=head(found),
        rows=[row(found, number) for number in range(len(found.cases))],
        remarks=remarks(found),
        picture=picture(found),
        most=_MOST,
        **facts(document, also),
    )


def picture(found: Backlog) -> Markup:
    """A line for each case: from the start to its median, and on to its 90th percentile; an arrow: after the end."""
    cases = found.cases[:_MOST]
    start = date2num(found.start)
    with styled():
        figure = Figure(figsize=(10.4, 0.9 + 0.2 * len(cases)), layout="constrained")
        axes = figure.subplots()
        for place, case in enumerate(cases):
            median, late = (date2num(found.wall(one.seconds) or found.end) for one in (case.median, case.p90))
            axes.plot([median, late], [place, place], color=COLOURS[0], linewidth=3, alpha=0.45, solid_capstyle="butt")
            axes.plot([median], [place], "o", color=COLOURS[0], markersize=4)
            axes.plot([late], [place], ">" if case.p90.seconds is None else "|", color=INK, markersize=6)
        if found.by:
            axes.axvline(date2num(found.by), color=GOAL, linewidth=1.1, linestyle=(0, (4, 3)))
        axes.set_yticks(range(len(cases)), [case.label for case in cases], fontsize=7.5)
        axes.set_ylim(len(cases) - 0.4, -0.6)
        axes.set_xlim(left=start)
        locator = AutoDateLocator()
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        return svg(figure, "Completion of each open case: median and 90th percentile")
