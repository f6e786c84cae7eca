"""The page of a value-stream map: pictures, tables, and the graph to take away."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from app.numbers import interval, with_unit
from app.report.page import write_page
from app.report.processmap import map_svg
from app.report.run import facts
from app.results import runs_data
from scenarios.logs import Runs
from scenarios.processmap import WAIT_COLOURS, dot_text, short_name
from scenarios.valuestream import COLUMNS, PARTS, VALUE_WORDS, Part, ProcessMap, ValueStream
from sim.schema import Document

PART_COLOURS = {
    Part.ADDS: "#009E73",
    Part.NECESSARY: "#56B4E9",
    Part.OTHER: "#CC79A7",
    Part.WAIT: "#D55E00",
    Part.DELAY: "#E69F00",
    Part.APART: "#9aa5b1",
}


def write_map_report(
    path: Path,
    document: Document,
    interventions: Sequence[str],
    found: ValueStream,
    runs: Runs,
    confidence: float,
    fewest: float,
) -> None:
    """Write the page of a value-stream map.

    Parameters
    ----------
    path : Path
    document : Document
        The scenario as it was run.
    interventions : sequence of str
    found : ValueStream
    runs : Runs
    confidence : float
    fewest : float
        Moves of fewer cases than this share are left out of pictures.
    """
    dot = dot_text(found.maps, found.name, fewest)
    write_page(
        path,
        "map.html.j2",
        title=f"{found.name}: value-stream map",
        interventions=list(interventions),
        run=runs_data(runs, found.replications, confidence),
        confidence=confidence,
        maps=found.maps,
        pictures={one.process: map_svg(one, fewest) for one in found.maps},
        bars={one.process: bar(one) for one in found.maps},
        columns=COLUMNS,
        value_words=VALUE_WORDS,
        short_name=short_name,
        fewest=fewest,
        dot=dot,
        dot_link="data:text/vnd.graphviz;base64," + base64.b64encode(dot.encode()).decode(),
        legend=list(zip(WAIT_COLOURS, ("under 25 %", "25 to 50 %", "50 to 75 %", "75 % and more"), strict=True)),
        part_colours={PARTS[part]: colour for part, colour in PART_COLOURS.items()},
        **facts(document),
    )


def bar(one: ProcessMap) -> Markup:
    """The lead time as one bar, a piece for each of its parts."""
    lead, x, pieces = one.lead_s.mean or 0.0, 0.0, []
    for part, colour in PART_COLOURS.items():
        share = (one.parts_s[PARTS[part]].mean or 0.0) / lead if lead else 0.0
        title = f"{PARTS[part]}: {with_unit(share, 'share')}"
        place = f'x="{x:.2f}" y="0" width="{1000 * share:.2f}" height="26"'
        pieces.append(f'<rect {place} fill="{colour}"><title>{title}</title></rect>')
        x += 1000 * share
    said = interval(one.lead_s.mean, one.lead_s.low, one.lead_s.high, "s")
    head = '<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 1000 26" preserveAspectRatio="none" '
    return Markup(f'{head}aria-label="Lead time of {{}}: {{}}" style="height:26px">{"".join(pieces)}</svg>').format(
        one.process, said
    )
