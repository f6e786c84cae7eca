"""``queuewise validate``: whether a scenario can run, and what is wrong if not."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import Json
from app.console import Output
from app.inputs import open_scenario, with_interventions, with_required
from sim.errors import ProblemsError

if TYPE_CHECKING:
    from sim.schema import Document

Files = Annotated[list[str], typer.Argument(metavar="FILE...", help="Scenario files, or names of the library.")]


def validate(files: Files, as_json: Json = False) -> None:
    """Check scenario files, each of their interventions included."""
    output = Output(as_json)
    reports = [_report(file) for file in files]
    for report in reports:
        for problem in report["problems"]:
            output.note(problem["text"])
        if report["ok"]:
            output.show(f"{report['file']}: fine. {report['summary']}")
    output.document({"files": reports})
    if not all(report["ok"] for report in reports):
        raise typer.Exit(2)


def _report(file: str) -> dict[str, Any]:
    try:
        document = open_scenario(file)
        summary = _summary(document)
        for name in document.scenario.interventions:
            with_interventions(document, with_required(document, name))
    except ProblemsError as error:
        problems = [{"text": str(problem), **asdict(problem)} for problem in error.problems]
        return {"file": file, "ok": False, "problems": problems}
    return {"file": file, "ok": True, "problems": [], "summary": summary}


def _summary(document: Document) -> str:
    scenario = document.scenario
    counts = (
        (len(scenario.demand), "stream"),
        (len(scenario.people), "group"),
        (sum(len(steps) for steps in scenario.process.values()), "step"),
        (len(scenario.interventions), "intervention"),
    )
    return f"{scenario.name}: " + ", ".join(f"{number} {what}{'s' * (number != 1)}" for number, what in counts) + "."
