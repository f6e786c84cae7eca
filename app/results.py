"""Results as JSON, and which metrics a table shows first. docs/command-line.md describes the documents."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenarios.comparison import Comparison
    from scenarios.estimate import Estimate
    from scenarios.logs import Runs
    from scenarios.replications import Result
    from sim.metrics.scorecard import Score
    from sim.schema import Document

_JUDGED = {"tiers": "tier", "costs": "cost line"}
"""What a scenario may judge after the log: name in documents, kind of owner."""
HEADLINES = (
    *("offered", "service_level", "asa", "wait_p90", "abandonment_rate", "blocked", "still_waiting", "queue_length"),
    *("aht", "occupancy", "staffed_hours"),
    *("cases", "solved_rate", "lost_rate", "first_response_time", "time_to_resolve", "backlog"),
    *("settled_without_person", "approval_time", "first_contact_resolution"),
    *("handovers_per_handed_over", "reopened_share", "chases_per_case"),
    *("respond_attainment", "offer_attainment", "solve_attainment", "csi", "nps", "cost"),
)
"""What a table shows, of what the scenario has, unless it is asked for all metrics."""

BY_QUEUE = ("offered", "service_level", "asa", "wait_p90", "abandonment_rate", "still_waiting", "aht")
BY_GROUP = ("occupancy", "staffed_hours", "staffed_people")
BY_STREAM = ("cases", "solved_rate", "lost_rate", "first_response_time", "time_to_resolve", "backlog", "csi")
BY_TIER = (
    *("respond_promises", "respond_attainment", "offer_promises", "offer_attainment"),
    *("solve_promises", "solve_attainment", "tier_assigned_right"),
)
BY_COST_LINE = ("cost", "cost_per_case")

COMPARED = (
    *("service_level", "asa", "wait_p90", "abandonment_rate", "occupancy", "staffed_hours"),
    *("lost_rate", "solved_rate", "time_to_resolve", "backlog"),
)
"""What a comparison compares unless told otherwise; the fewer, the narrower the intervals that hold together."""


def short_label(name: str) -> str:
    """A metric's label for the head of a narrow column."""
    from sim.metrics import find

    short = {"asa": "ASA", "aht": "AHT", "wait_p90": "Wait p90", "abandonment_rate": "Abandoned", "mean_wait": "Wait"}
    return short.get(name, find(name).label)


def metrics_data(estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    """Metrics as every document has them: name to mean, low, high, unit."""
    return {name: estimate.plain() for name, estimate in estimates.items()}


def scenario_data(
    document: Document, interventions: list[str] | None = None, open_cases: Path | None = None
) -> dict[str, Any]:
    """Which scenario a document of results is about, and the file of its open cases."""
    scenario = document.scenario
    read = {} if open_cases is None else {"open_cases": str(open_cases)}
    return {
        "name": scenario.name,
        "file": document.file,
        "interventions": interventions or [],
        "start": scenario.start.isoformat(),
        "time zone": scenario.time_zone,
        "horizon_us": scenario.horizon,
        "warm_up_us": scenario.warm_up,
        **read,
    }


def run_data(result: Result, confidence: float) -> dict[str, Any]:
    """How a result came about."""
    return {
        "engine": result.engine,
        "seed": result.seed,
        "replications": len(result.totals),
        "asked": result.asked,
        "complete": result.complete,
        "confidence": confidence,
        "elapsed_s": round(result.elapsed_s, 3),
        "versions": result.versions,
    }


def runs_data(runs: Runs, replications: int, confidence: float) -> dict[str, Any]:
    """How results made from whole logs came about."""
    from scenarios.replications import versions

    return {
        "engine": runs.engine,
        "seed": runs.seed,
        "replications": replications,
        "asked": runs.replications,
        "complete": replications == runs.replications,
        "confidence": confidence,
        "versions": versions(),
    }


def result_data(result: Result, confidence: float) -> dict[str, Any]:
    """All metrics of a result, as a whole and by queue, group and stream, and the remarks on it."""
    from scenarios.findings import findings

    parts = {
        "queues": result.by_queue(confidence),
        "groups": result.by_group(confidence),
        "streams": result.by_stream(confidence),
        **{name: of for name, kind in _JUDGED.items() if (of := result.by(kind, confidence))},
    }
    card = result.scorecard()
    return {
        "metrics": metrics_data(result.estimates(confidence)),
        **{
            part: {name: {"metrics": metrics_data(of)} for name, of in owners.items()} for part, owners in parts.items()
        },
        **({"scorecard": [score_data(one) for one in card]} if card else {}),
        "findings": [{"kind": one.kind, "about": one.about, "text": one.text} for one in findings(result, confidence)],
    }


def score_data(score: Score) -> dict[str, Any]:
    """Somebody's score and the indicators behind it; what does not exist is null."""
    indicators = {
        name: {"score": _or_none(value), "measured": _or_none(score.measured[name])}
        for name, value in score.values.items()
    }
    return {"kind": score.kind, "name": score.name, "score": _or_none(score.score), "indicators": indicators}


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def comparison_data(comparison: Comparison) -> dict[str, Any]:
    """Differences from the baseline by alternative and metric, and how they were made."""
    plain = comparison.plain()
    differences = {name: found["metrics"] for name, found in plain.pop("alternatives").items()}
    return {**plain, "differences": differences}
