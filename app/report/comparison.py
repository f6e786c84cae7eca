"""The report of a comparison: what each alternative changes, against the same baseline and the same customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from app.report.figures import COLOURS, INK, Curve, Panel, by_day, forest
from app.report.page import write_page
from app.report.profile import profile, queue_profile
from app.report.run import MOST_PANELS, facts, tables
from scenarios.chances import Chance
from scenarios.changes import changes
from scenarios.comparison import Comparison
from scenarios.findings import findings
from scenarios.ranking import Ranking
from scenarios.replications import Result
from sim.schema import Document

_MOST_BANDS = 3
_NO_BANDS = (
    "Means; the intervals of so many scenarios would hide each other: see the tables above for how sure they are."
)


def write_comparison_report(
    path: Path,
    baseline: tuple[Document, Result],
    documents: Mapping[str, Document],
    results: Mapping[str, Result],
    comparison: Comparison,
    ranks: Sequence[Ranking] = (),
    chances: Sequence[Chance] = (),
) -> None:
    """Write the report of a comparison.

    Parameters
    ----------
    path : Path
    baseline : (Document, Result)
    documents, results : mapping of str
        The alternatives, by name.
    comparison : Comparison
        Their differences from the baseline.
    ranks : sequence of Ranking
    chances : sequence of Chance
        How likely each scenario meets each target.
    """
    document, result = baseline
    colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(results)}
    write_page(
        path,
        "comparison.html.j2",
        title=f"{document.scenario.name}: alternatives",
        interventions=[],
        result=result,
        confidence=comparison.confidence,
        comparison=comparison,
        ranks=ranks,
        chances=chances_by_goal(chances),
        metrics_compared=list(dict.fromkeys(one.metric for one in comparison.differences)),
        alternatives={
            name: _alternative(name, (document, other), results[name], comparison.confidence)
            for name, other in documents.items()
        },
        colours=colours,
        forest=forest(comparison, colours),
        figures=_figures({"baseline": result, **results}, {"baseline": INK, **colours}, comparison.confidence),
        **facts(document),
        **tables(result, comparison.confidence),
    )


def chances_by_goal(chances: Sequence[Chance]) -> dict[tuple[str, float, str], dict[str, Chance]]:
    """A row for each target and period, with each scenario's chance."""
    found: dict[tuple[str, float, str], dict[str, Chance]] = {}
    for one in chances:
        found.setdefault((one.goal, one.level, one.per), {})[one.scenario] = one
    return found


def _alternative(name: str, documents: tuple[Document, Document], result: Result, confidence: float) -> dict[str, Any]:
    """Why an alternative is proposed, what it changes, and the remarks on its result."""
    baseline, document = documents
    known = baseline.scenario.interventions
    parts = [one for one in name.split(" + ") if one in known] if name not in known else [name]
    return {
        "whys": [known[one].why for one in parts if known[one].why],
        "changes": changes(baseline, document),
        "findings": findings(result, confidence),
        "queues": result.by_queue(confidence),
    }


def _figures(
    results: Mapping[str, Result], colours: Mapping[str, str], confidence: float
) -> list[tuple[str, str, Markup]]:
    few = len(results) <= _MOST_BANDS
    note = f"Bands: {100 * confidence:g} % confidence intervals of the means." if few else _NO_BANDS
    rare = "Intervals with less than one contact in two runs are left out."
    bands = (("low", "high"),) if few else ()
    first = next(iter(results.values())).frame
    goals = dict(zip(first.queues, first.goal, strict=True))

    def queues(metric: str, unit: str) -> list[Panel]:
        return [
            Panel(
                queue,
                unit,
                [
                    Curve(name, queue_profile(result, metric, queue, confidence), colours[name], bands, shade=0.6)
                    for name, result in results.items()
                    if queue in result.frame.queues
                ],
                goals[queue] if metric == "service_level" else None,
                1.0 if unit == "share" else None,
            )
            for queue in first.queues[:MOST_PANELS]
        ]

    people = [
        Panel(
            group,
            "people",
            [
                Curve(name, profile(result, "staffed_people", group), colours[name], (), dashed=name != "baseline")
                for name, result in results.items()
                if group in result.frame.groups
            ],
        )
        for group in first.groups[:MOST_PANELS]
    ]
    return [
        ("Service level", f"{note} {rare}", by_day(queues("service_level", "share"), "Service level by interval", 2.3)),
        ("Number waiting", note, by_day(queues("queue_length", "contacts"), "Number waiting by interval")),
        ("People staffed", "Mean number logged on.", by_day(people, "People staffed by interval")),
    ]
