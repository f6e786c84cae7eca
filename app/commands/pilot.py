"""``queuewise pilot``: how large an effect a phase of a scenario can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import Confidence, Csv, Engine, Json, Replications, Report, Scenario, Seed
from app.commands.run import checked_engine
from app.console import Bar, Output, prepare
from app.files import checked_page, checked_target, write_text
from app.inputs import open_scenario, share
from app.results import runs_data, scenario_data

if TYPE_CHECKING:
    from scenarios.pilot import Pilot

Phase = Annotated[str, typer.Argument(metavar="PHASE", help="A phase that leaves part of the cases out.")]
Power = Annotated[str, typer.Option("--power", help="Chance with which an effect is to be seen, such as 80%.")]


def pilot(
    scenario: Scenario,
    phase: Phase,
    power: Power = "80%",
    replications: Replications = 50,
    seed: Seed = 1,
    engine: Engine = "kernel",
    confidence: Confidence = "95%",
    csv: Csv = None,
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Compare a pilot's cases with those that arrive meanwhile: its effect, and the smallest that it could show."""
    output, level, strength = Output(as_json), share("--confidence", confidence), share("--power", power)
    page, sheet = checked_page(report), checked_target(csv) if csv else None
    document = open_scenario(scenario)

    from scenarios.logs import Runs
    from scenarios.pilot import study_pilot

    runs = Runs(replications, seed, checked_engine(engine)).checked()
    prepare(engine, output)
    with Bar("replications") as bar:
        found = study_pilot(document, phase, runs, power=strength, confidence=level, progress=bar.replications)
    if not as_json:
        show_pilot(found, output)
    if sheet:
        write_text(sheet, found.table().to_csv(index=False))
        output.note(f"Table: {sheet}")
    if page:
        from app.report.pilot import write_pilot_report

        write_pilot_report(page, document, found, runs)
        output.note(f"Report: {page}")
    run = runs_data(runs, found.n, level)
    output.document({"scenario": scenario_data(document), "run": run, **found.plain()})
    if found.n < found.asked:
        output.note(f"Stopped: these results rest on {found.n} of {found.asked} replications.")
        raise typer.Exit(130)


def show_pilot(found: Pilot, output: Output) -> None:
    """One row per measure, and remarks."""
    from app.pilot_tables import COLUMNS, pilot_rows, remarks
    from app.tables import plain_table

    output.show(plain_table(f"Phase {found.phase!r}", COLUMNS, pilot_rows(found), note=found.method))
    output.show(*(f"• {text}" for text in remarks(found)))
