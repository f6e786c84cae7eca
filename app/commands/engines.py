"""``queuewise engines``: both engines on a scenario of one's own, and where their logs part if they do."""

from __future__ import annotations

import typer

from app.commands.options import Json, Replications, Scenario, Seed, With
from app.console import Bar, Output, prepare
from app.inputs import open_scenario, with_interventions
from sim.errors import ParameterError, Problem


def engines(
    scenario: Scenario,
    with_: With = None,
    replications: Replications = 1,
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Run both engines and compare their logs row by row; the first difference is shown with the events around it."""
    if replications < 1:
        raise ParameterError(Problem("no replications", "--replications", allowed="1 or more", given=str(replications)))
    output = Output(as_json)
    document = with_interventions(open_scenario(scenario), with_ or [])
    prepare("kernel", output)
    from sim.build import build
    from sim.differ import differ

    model = build(document.scenario)
    differences = {}
    with Bar("Both engines") as bar:
        for number in range(replications):
            bar.replications(number, replications, 0.5)
            if text := differ(model, seed, number):
                differences[number] = text
    for number, text in differences.items():
        output.show(f"Replication {number}: {text}")
    if not differences:
        runs = "1 replication" if replications == 1 else f"{replications} replications"
        output.show(f"{document.scenario.name}: both engines wrote the same rows in {runs}.")
    output.document({"replications": replications, "seed": seed, "differences": differences})
    if differences:
        raise typer.Exit(1)
