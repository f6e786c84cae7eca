"""``queuewise backlog``: when today's open cases will be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import Confidence, Csv, Engine, Json, OpenCases, Replications, Report, Scenario, Seed, With
from app.commands.run import checked_engine, stop_if_nothing
from app.console import Bar, Output, prepare
from app.files import checked_page, checked_target, write_text
from app.inputs import moment, open_scenario, share, with_interventions, with_open_cases
from app.results import runs_data, scenario_data

if TYPE_CHECKING:
    from scenarios.backlog import Backlog

By = Annotated[
    str | None, typer.Option("--by", metavar="TIME", help="Chance that each is done by then: '2026-03-06 17:00'.")
]


def backlog(
    scenario: Scenario,
    chosen: With = None,
    cases: OpenCases = None,
    by: By = None,
    replications: Replications = 100,
    seed: Seed = 1,
    engine: Engine = "kernel",
    confidence: Confidence = "95%",
    csv: Csv = None,
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Say for each case that is open at the start when it will be done: median and 90th percentile."""
    output, level, limit = Output(as_json), share("--confidence", confidence), moment("--by", by)
    page, sheet = checked_page(report), checked_target(csv) if csv else None
    document = with_interventions(open_scenario(scenario), chosen or [])
    document, names = with_open_cases(document, cases, output)

    from scenarios.backlog import backlog as simulated
    from scenarios.backlog import open_cases
    from scenarios.logs import Runs
    from sim.build import build

    runs = Runs(replications, seed, checked_engine(engine)).checked()
    model = build(document.scenario)
    open_cases(model)
    prepare(engine, output)
    with Bar("replications") as bar:
        found = simulated(model, runs, limit, level, bar.replications).named(names)
    stop_if_nothing(found.replications, output)
    if not as_json:
        show_backlog(found, output)
    if sheet:
        write_text(sheet, found.table().to_csv(index=False))
        output.note(f"Table: {sheet}")
    if page:
        from app.report.backlog import write_backlog_report

        write_backlog_report(page, document, chosen or [], found, runs, f"open cases of {cases.name}" if cases else "")
        output.note(f"Report: {page}")
    run = runs_data(runs, found.replications, level)
    output.document({"scenario": scenario_data(document, chosen, cases), "run": run, **found.plain()})
    if found.replications < found.asked:
        output.note(f"Stopped: these results rest on {found.replications} of {found.asked} replications.")
        raise typer.Exit(130)


def show_backlog(found: Backlog, output: Output) -> None:
    """The cases as a table, and remarks."""
    from app.open_cases import head, remarks, row
    from app.tables import plain_table

    rows = [row(found, number) for number in range(len(found.cases))]
    output.show(plain_table(f"{found.name}: {len(rows)} open cases", head(found), rows, texts=(0, 1, 2, 3, 4, 5)))
    output.show(*(f"• {text}" for text in remarks(found)))
