"""``queuewise stress``: a draft of the STRESS-DES checklist of a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import Json, Scenario, With
from app.console import Output
from app.files import checked_target, write_text
from app.inputs import open_scenario, with_interventions
from app.results import scenario_data

Out = Annotated[Path | None, typer.Option("--out", metavar="FILE.md", help="Write it into a file.")]


def stress(scenario: Scenario, chosen: With = None, out: Out = None, as_json: Json = False) -> None:
    """Fill in the STRESS-DES checklist from a scenario; with --stress, run and compare add what their runs know."""
    output, target = Output(as_json), checked_target(out) if out else None
    document = with_interventions(open_scenario(scenario), chosen or [])

    from scenarios.checklist import checklist

    found = checklist(document, chosen or [])
    if target:
        write_text(target, found.text())
        output.note(f"Checklist: {target}")
        output.show(f"Left open for you: {', '.join(found.open)}.")
    elif not as_json:
        print(found.text(), end="")
    output.document(
        {
            "scenario": scenario_data(document, chosen),
            "items": [{"number": one.number, "asks": one.asks, "answer": one.answer} for one in found.items],
            "open": list(found.open),
        }
    )
