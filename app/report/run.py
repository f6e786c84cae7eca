"""The report of one scenario: what it says, what would happen, how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from app.report.figures import COLOURS, Curve, Panel, by_day
from app.report.judged import judged
from app.report.page import words, write_page
from app.report.profile import known_profile, profile, queue_profile
from app.results import BY_COST_LINE, BY_GROUP, BY_QUEUE, BY_STREAM, BY_TIER, HEADLINES
from calibration.yamltext import yaml_text
from scenarios.findings import findings
from scenarios.replications import Result
from scenarios.required import Required, required
from sim.metrics import metrics_of
from sim.schema import Document, Scenario

CARDS = ("service_level", "asa", "abandonment_rate", "occupancy", "time_to_resolve", "backlog")
MOST_PANELS = 6


def write_run_report(
    path: Path,
    document: Document,
    interventions: Sequence[str],
    result: Result,
    confidence: float,
    also: str = "",
) -> None:
    """Write the report of one scenario.

    Parameters
    ----------
    path : Path
    document : Document
        The scenario as it was run.
    interventions : sequence of str
        Which are switched on in it.
    result : Result
    confidence : float
        Of all intervals.
    also : str
        What else was asked for, in words.
    """
    write_page(
        path,
        "run.html.j2",
        title=document.scenario.name,
        interventions=list(interventions),
        result=result,
        confidence=confidence,
        figures=run_figures(document.scenario, result, confidence),
        **facts(document, also),
        **tables(result, confidence),
    )


_SHOWN_BY = {
    "queue": BY_QUEUE,
    "group": BY_GROUP,
    "stream": BY_STREAM,
    "tier": BY_TIER,
    "cost line": BY_COST_LINE,
}


def tables(result: Result, confidence: float) -> dict[str, Any]:
    """Estimates for the tables, and the remarks on them."""
    estimates = result.estimates(confidence)
    return {
        "estimates": estimates,
        "headlines": [name for name in HEADLINES if name in estimates],
        "defined": metrics_of(result.frame),
        "cards": CARDS,
        "parts_": [
            (kind, owners, [name for name in names if name in estimates])
            for kind, names in _SHOWN_BY.items()
            if (owners := result.by(kind, confidence))
        ],
        **judged(result, confidence),
        "findings": findings(result, confidence),
        "goals": result.goals(confidence) if result.totals else {},
    }


def facts(document: Document, also: str = "") -> dict[str, Any]:
    """What the scenario says, for readers, and what else was asked for, in words."""
    data = document.data
    return {
        "scenario": document.scenario,
        "data": data,
        "file": Path(document.file).name,
        "also": also,
        "words": words,
        "yaml": yaml_text(data, {}, ()),
    }


def run_figures(scenario: Scenario, result: Result, confidence: float) -> list[tuple[str, str, Markup]]:
    """Heading, explanation and plot, in reading order."""
    percent = f"{100 * confidence:g} %"
    bands = (
        f"Line: mean of the replications. Dark band: its {percent} confidence interval. Light band: where nine in ten "
        "single runs lie, so it shows how much days differ. Intervals with less than one contact in two runs are "
        "left out."
    )
    people = f"Band: {percent} confidence interval of the mean."
    needed = required(scenario, result)
    asked = f" Required: for {needed.text}, first attempts only, each interval by itself." if needed else ""
    found = [
        ("Service level", bands, by_day(_service(result, confidence), "Service level by interval")),
        ("Waits", f"Mean wait of all who waited, in seconds or minutes. {bands}",
         by_day(_queues(result, "mean_wait", "s", confidence), "Mean wait by interval")),
        ("Number waiting", f"Contacts waiting, averaged over each interval. {bands}",
         by_day(_queues(result, "queue_length", "contacts", confidence), "Number waiting by interval")),
        ("People", f"People logged on, and how many of them are busy with a contact or its wrap-up.{asked}",
         by_day(_people(result, confidence, needed), "People staffed and busy by interval")),
        ("Occupancy", people, by_day(_occupancy(result, confidence), "Occupancy by interval")),
    ]  # fmt: skip
    return found


_SPREAD = (("spread_low", "spread_high"), ("low", "high"))


def _service(result: Result, confidence: float) -> list[Panel]:
    panels = []
    for number, queue in enumerate(result.frame.queues[:MOST_PANELS]):
        curve = Curve("", queue_profile(result, "service_level", queue, confidence), COLOURS[0], _SPREAD)
        panels.append(Panel(queue, "share", [curve], result.frame.goal[number], top=1.0))
    return panels


def _queues(result: Result, metric: str, unit: str, confidence: float) -> list[Panel]:
    return [
        Panel(queue, unit, [Curve("", queue_profile(result, metric, queue, confidence), COLOURS[0], _SPREAD)])
        for queue in result.frame.queues[:MOST_PANELS]
    ]


def _people(result: Result, confidence: float, needed: Required | None) -> list[Panel]:
    panels = []
    for group in result.frame.groups[:MOST_PANELS]:
        staffed = Curve("staffed", profile(result, "staffed_people", group, confidence), "#1f2933", ())
        busy = Curve("busy", profile(result, "busy_people", group, confidence), COLOURS[0], (), filled=True)
        curves = [busy, staffed]
        if needed:
            asked = known_profile(staffed.profile, needed.people)
            curves.append(Curve("required", asked, COLOURS[1], (), dashed=True))
        panels.append(Panel(group, "people", curves))
    return panels


def _occupancy(result: Result, confidence: float) -> list[Panel]:
    return [
        Panel(group, "share", [Curve("", profile(result, "occupancy", group, confidence), COLOURS[2])], top=1.0)
        for group in result.frame.groups[:MOST_PANELS]
    ]
