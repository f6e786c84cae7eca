"""``queuewise risks``: what each risk of a scenario would do, times its likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import Confidence, Csv, Engine, Json, Replications, Report, Scenario, Seed, With, Workers
from app.commands.run import checked_engine
from app.console import Bar, Output, prepare
from app.files import checked_page, checked_target, write_text
from app.inputs import open_scenario, share, with_interventions
from app.results import runs_data, scenario_data

if TYPE_CHECKING:
    from scenarios.risks import Register

Metrics = Annotated[
    list[str] | None,
    typer.Option("--metric", "-m", metavar="NAME", help="What is harmed; repeatable, the first ranks the risks."),
]


def risks(
    scenario: Scenario,
    chosen: With = None,
    metric: Metrics = None,
    replications: Replications = 20,
    seed: Seed = 1,
    engine: Engine = "kernel",
    workers: Workers = 1,
    confidence: Confidence = "95%",
    csv: Csv = None,
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Weigh the risks of a scenario: the effect if each happens, times its likelihood, and what a response leaves."""
    output, level = Output(as_json), share("--confidence", confidence)
    page, sheet = checked_page(report), checked_target(csv) if csv else None
    document = with_interventions(open_scenario(scenario), chosen or [])

    from scenarios.logs import Runs
    from scenarios.risks import METRICS, register

    runs = Runs(replications, seed, checked_engine(engine)).checked()
    prepare(engine, output)
    with Bar("replications") as bar:
        found = register(
            document, metric or METRICS, runs, confidence=level, workers=workers, progress=bar.replications
        )
    if not as_json:
        show_risks(found, output)
    if sheet:
        write_text(sheet, found.table().to_csv(index=False))
        output.note(f"Table: {sheet}")
    if page:
        from app.report.risks import write_risks_report

        write_risks_report(page, document, chosen or [], found, runs)
        output.note(f"Report: {page}")
    run = runs_data(runs, found.n, level)
    output.document({"scenario": scenario_data(document, chosen), "run": run, **found.plain()})


def show_risks(found: Register, output: Output) -> None:
    """One table for each metric, the heaviest risk first, and remarks."""
    from app.risk_tables import COLUMNS, TEXTS, remarks, risk_rows
    from app.tables import plain_table
    from sim.metrics import find

    for metric in found.metrics:
        title = f"{find(metric).label}: {found.n} replications"
        output.show(plain_table(title, COLUMNS, risk_rows(found, metric), texts=TEXTS))
    output.show(*(f"• {text}" for text in remarks(found)))
