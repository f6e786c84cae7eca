"""``queuewise pilot``: how large an effect a phase of a scenario can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import Confidence, Csv, Engine, Json, Replications, Scenario, Seed
from app.commands.run import checked_engine
from app.console import Bar, Output, prepare
from app.files import checked_target, write_text
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
    as_json: Json = False,
) -> None:
    """Compare a pilot's cases with those that arrive meanwhile: its effect, and the smallest that it could show."""
    output, level, strength = Output(as_json), share("--confidence", confidence), share("--power", power)
    sheet = checked_target(csv) if csv else None
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
    output.document(
        {"scenario": scenario_data(document, None), "run": runs_data(runs, found.n, level), **found.plain()}
    )


def show_pilot(found: Pilot, output: Output) -> None:
    """One row per measure."""
    from app.numbers import difference, with_unit
    from app.tables import plain_table

    rows = [
        (one.measure, f"{one.pilot:,.0f}", f"{one.others:,.0f}", with_unit(one.usual, one.unit),
         with_unit(one.detectable, one.unit), difference(one.effect, one.low, one.high, one.unit),
         with_unit(one.power, "share"))
        for one in found.detections
    ]  # fmt: skip
    columns = ["Measure", "Cases in it", "Others", "Usual", "Smallest seen", "Effect of the phase", "Power"]
    output.show(plain_table(f"Phase {found.phase!r}", columns, rows, note=found.method))
