"""The report of a programme: today, targets, interventions alone, claims, and what every number rests on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from app.programme import sheets, verdict
from app.report.page import write_page
from app.tables import Sheet
from scenarios.programme.judgement import Judgement
from scenarios.programme.measures import OfMetric
from scenarios.programme.study import Case, Size
from scenarios.replications import versions
from sim.metrics import find
from sim.schema import Document

_MEANT = {
    "hand-overs": "how often a case that crosses departments, without an approval, is handed over; mean",
    "approval": "time that a case spends on approvals, all its visits together, in hours while offices are open; mean",
    "without a person": "share of cases by phone and online that end solved without a person",
    "response": "wait from asking for a person until one answers, at the first steps of contacts and complaints; mean",
    "response from first contact": "time from a case's first contact to the first reply by a person; mean",
    "complaints at first attempt": "share of complaints that are solved and do not come back within a week",
    "complaints of service": "share of complaints that other cases gave rise to, by slow replies or poor service",
    "of these, of classification": "share of those that arose from late or unclear classification",
    "complaints": "complaints per month of 30 days",
    "cases": "cases per month of 30 days",
}
"""Of the measures that are no metrics of the registry."""


def write_programme_report(path: Path, document: Document, case: Case, found: Judgement, how: tuple[int, Size]) -> None:
    """Write the report of a study.

    Parameters
    ----------
    path : Path
    document : Document
    case : Case
    found : Judgement
    how : (int, Size)
        Seed and size of the study.
    """
    scenario = document.scenario
    write_page(
        path,
        "programme.html.j2",
        title=f"{scenario.name}: does it reach its targets?",
        scenario=scenario,
        file=document.file,
        found=found,
        verdict=verdict,
        sheets=sheets(found, case),
        marks=_marks_sheet(found),
        summary=summary(found),
        meant=_meant(case),
        counts=Counter(mark.kind for mark in found.marks),
        programme=[(name, scenario.interventions[name]) for name in case.single],
        part_of=case.programme,
        how={"seed": how[0], "size": how[1], "versions": versions()},
    )


def summary(found: Judgement) -> str:
    """How many targets are met, missed, and not decided."""
    counts = Counter(_kind(verdict(one)) for one in found.targets)
    others = [
        f" {kind.capitalize()}: {counts[kind]}." for kind in ("missed", "not decided", "not defined") if counts[kind]
    ]
    return f"Met on average: {counts['met']} of {len(found.targets)} targets." + "".join(others)


def _kind(words: str) -> str:
    return next(kind for kind in ("met", "missed", "not decided", "not defined") if words.startswith(kind))


def _meant(case: Case) -> dict[str, str]:
    """What the measures in the tables are, the registry's metrics by their definitions."""
    facts = (one.measure for one in (*case.facts, *case.shown))
    named = [*case.compared, *(one.measure for one in case.targets), *facts]
    found = {}
    for name in dict.fromkeys(named):
        measure = case.measures[name]
        if isinstance(measure, OfMetric):
            metric = find(measure.metric)
            found[name] = f"{metric.label}{f' of {measure.of}' if measure.of else ''}: {metric.definition}"
        elif name in _MEANT:
            found[name] = _MEANT[name]
    return found


def _marks_sheet(found: Judgement) -> Sheet:
    """Every mark of the scenario."""
    rows = [(mark.place, mark.kind, mark.range + (f", {mark.role}" if mark.range else ""), mark.reason)
            for mark in found.marks]  # fmt: skip
    return Sheet("Where each number comes from", ("Place", "Mark", "Range", "Words"), rows, "", (0, 1, 2, 3))
