"""``queuewise sensitivity``: on which assumptions the results of a scenario rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import Confidence, Json, Report, Scenario, Seed, With, Workers
from app.commands.running import Dask, Folder, SendBack, check_executor, executor_of, goes_on_later
from app.console import Bar, Output, prepare
from app.files import checked_page
from app.inputs import open_scenario, share, whole_number, with_interventions
from app.results import scenario_data

if TYPE_CHECKING:
    from scenarios.attribution.outcomes import Names
    from sim.schema import Document

Metrics = Annotated[
    list[str] | None,
    typer.Option("--metric", "-m", metavar="NAME", help="Results to look at: asa, 'asa of billing' ...; repeatable."),
]
Morris = Annotated[
    int,
    typer.Option("--morris", metavar="N", parser=whole_number("--morris"),
                 help="Trajectories of Morris' screening, each with one run more than there are assumptions; 0: none."),
]  # fmt: skip
Sobol = Annotated[
    int,
    typer.Option("--sobol", metavar="N", parser=whole_number("--sobol"),
                 help="Base samples of Sobol's indices, each with two runs more than there are assumptions; 0: none."),
]  # fmt: skip


def sensitivity(
    scenario: Scenario,
    chosen: With = None,
    metric: Metrics = None,
    morris: Morris = 10,
    sobol: Sobol = 0,
    folder: Folder = Path("sensitivity-results"),
    seed: Seed = 1,
    workers: Workers = 1,
    dask: Dask = None,
    send_back: SendBack = False,
    confidence: Confidence = "95%",
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Vary the assumptions of a scenario over their ranges: which of them move the results, and by how much."""
    output, page = Output(as_json), checked_page(report)
    check_executor(workers, dask, send_back)
    document = open_scenario(scenario)
    with_interventions(document, chosen or [])

    from scenarios.attribution.outcomes import Names
    from scenarios.attribution.runs import Bench, Count
    from scenarios.attribution.sensitivity import Design, analyse, asking, assumptions, salib
    from scenarios.store import Folder as Results

    design = Design(morris, sobol, share("--confidence", confidence)).checked()
    salib("analyze")
    varied = assumptions(document)
    outcomes = Names(document).outcomes(_asked(Names(document), metric or []))
    kept = Results.create(folder)
    prepare("kernel", output)
    with (
        goes_on_later(folder, output),
        executor_of(workers, dask, not send_back) as executor,
        Bar("sensitivity") as bar,
    ):
        bench = Bench(seed, kept, executor, Count(design.runs(len(varied)), bar.step))
        ask = asking(document, varied, outcomes, bench, lambda one: _with(one, chosen or []))
        found = analyse(ask, [one.name for one in varied], outcomes.units, design, seed)

    from app.sensitivity import sheets
    from app.tables import sheet_tables

    output.show(*sheet_tables(sheets(found, varied, design)))
    if page:
        from app.report.sensitivity import write_sensitivity_report

        write_sensitivity_report(page, document, chosen or [], (found, varied, design), seed)
        output.note(f"Report: {page}")
    output.document({
        "scenario": scenario_data(document, chosen),
        "seed": seed,
        "runs": design.runs(len(varied)),
        "assumptions": [
            {"name": one.name, "range": one.mark.range, "stands": one.written(one.present)} for one in varied
        ],
        "outcomes": [one.plain() for one in found],
    })  # fmt: skip


def _with(document: Document, chosen: list[str]) -> Document:
    from scenarios.interventions import apply

    return apply(document, chosen) if chosen else document


def _asked(names: Names, metrics: list[str]) -> list[str]:
    """Outcomes that were asked for; else those that the scenario is judged by."""
    from scenarios.attribution.programme import judged_by

    return [names.known(name) for name in metrics] or judged_by(names)
