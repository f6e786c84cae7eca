"""The page of an attribution: waterfalls, shares, interactions, the cheapest sets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from app.attribution import SETS, WARNING, label, levels, sheets, verdicts
from app.numbers import scale
from app.report.figures import COLOURS_MEAN, FAINT, INK, axis_label, better_way, change_colour, styled, svg
from app.report.page import known_metrics, write_page
from app.tables import Sheet
from scenarios.attribution.attribute import Attribution, Outcome, Owed
from scenarios.attribution.cheapest import Cheapest
from scenarios.attribution.programme import Programme
from scenarios.replications import versions


def write_attribution_report(
    path: Path, programme: Programme, found: Attribution, best: Cheapest | None, seed: int
) -> None:
    """Write the page.

    Parameters
    ----------
    path : Path
    programme : Programme
    found : Attribution
    best : Cheapest or None
    seed : int
    """
    scenario = programme.document.scenario
    ways = {one.measure: one.better for one in programme.targets}
    write_page(
        path,
        "attribution.html.j2",
        title=f"{scenario.name}: what is owed to what",
        scenario=scenario,
        file=programme.document.file,
        found=found,
        outcomes=[
            (one, f"{label(one.name)}: {levels(one)}", waterfall(one, ways.get(one.name, better_way(one.name))))
            for one in found.outcomes
        ],
        sheets=_without_repeats(sheets(found, best)),
        known=known_metrics(one.name for one in found.outcomes),
        verdicts=verdicts(best) if best else [],
        warning=WARNING.replace("below, or ", "above, or " if best else ""),
        sets=SETS,
        colours_mean=COLOURS_MEAN,
        programme=[(name, scenario.interventions[name]) for name in programme.precedence.names],
        always=programme.always,
        seed=seed,
        best=best,
        versions=versions(),
    )


def _without_repeats(shown: list[Sheet]) -> list[Sheet]:
    """The sets first; the notes without what the page says above them."""
    first = [replace(one, note=one.note.partition("\n")[2]) for one in shown if one.title == SETS]
    others = [one for one in shown if one.title != SETS]
    return [*first, *(replace(one, note=one.note.replace(WARNING, "").rstrip()) for one in others)]


def waterfall(one: Outcome, better: int) -> Markup:
    """From today's level to the programme's: a bar for each share, the largest first, with its interval.

    ``better`` is 1 if more of the outcome is better, -1 if less is, 0 if neither.
    """
    ranked = sorted(one.owed, key=lambda owed: -abs(owed.share.mean or 0.0))
    start, end = one.baseline.mean or 0.0, one.programme.mean or 0.0
    divisor, suffix, _ = scale([start, end], one.unit)
    with styled():
        figure = Figure(figsize=(10.4, 0.9 + 0.27 * (len(ranked) + 2)), layout="constrained")
        axes = figure.subplots()
        axes.axvline(start / divisor, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.plot(start / divisor, 0, "D", color=INK, markersize=6)
        level = start
        for place, owed in enumerate(ranked, 1):
            level = _step(axes, place, owed, (level, divisor), better)
        axes.plot(end / divisor, len(ranked) + 1, "D", color=INK, markersize=6)
        axes.set_yticks(range(len(ranked) + 2), ["today", *(owed.name for owed in ranked), "all of it"], fontsize=8)
        axes.set_ylim(len(ranked) + 1.6, -0.6)
        axes.use_sticky_edges = False
        axes.margins(x=0.03)
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.6g}"))
        axes.set_xlabel(axis_label(label(one.name), suffix or one.unit))
        return svg(figure, f"{one.name}: from today to the programme, by shares of the interventions")


def _step(axes: Axes, place: int, owed: Owed, at: tuple[float, float], better: int) -> float:
    """One bar from a level on, with the interval of its end; the level that it leads to."""
    level, divisor = at
    share = owed.share.mean or 0.0
    begin, finish = level / divisor, (level + share) / divisor
    axes.barh(place, finish - begin, left=begin, height=0.62, color=change_colour(share, better), alpha=0.75)
    if owed.share.low is not None and owed.share.high is not None:
        ends = [(level + limit) / divisor for limit in (owed.share.low, owed.share.high)]
        axes.plot(ends, [place, place], color=INK, linewidth=1.1)
    axes.plot([finish, finish], [place + 0.31, place + 0.69], color=FAINT, linewidth=0.8)
    return level + share
