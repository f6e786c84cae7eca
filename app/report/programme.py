"""The report of a programme: today, targets, interventions alone, claims, and what every number rests on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from app.programme import Sheet, sheets, verdict
from app.report.page import write_page
from scenarios.programme.judgement import Judgement
from scenarios.programme.study import Case, Size
from scenarios.replications import versions
from sim.schema import Document


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
        counts=Counter(mark.kind for mark in found.marks),
        programme=[(name, scenario.interventions[name]) for name in case.single],
        part_of=case.programme,
        how={"seed": how[0], "size": how[1], "versions": versions()},
    )


def _marks_sheet(found: Judgement) -> Sheet:
    """Every mark of the scenario."""
    rows = [(mark.place, mark.kind, mark.range + (f", {mark.role}" if mark.range else ""), mark.reason)
            for mark in found.marks]  # fmt: skip
    return Sheet("Where each number comes from", ("Place", "Mark", "Range", "Words"), rows, "", (0, 1, 2, 3))
