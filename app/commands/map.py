"""``queuewise map``: the value-stream map of a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import All, Confidence, Csv, Engine, Json, Replications, Report, Scenario, Seed, With
from app.commands.run import checked_engine, stop_if_nothing
from app.console import Bar, Output, prepare
from app.files import checked_page, checked_target, write_text
from app.inputs import open_scenario, share, with_interventions
from app.results import runs_data, scenario_data

if TYPE_CHECKING:
    from rich.console import RenderableType

    from scenarios.valuestream import ProcessMap, ValueStream

Process = Annotated[str | None, typer.Option("--process", help="Map this process only.")]
Dot = Annotated[
    Path | None, typer.Option("--dot", metavar="FILE.dot", help="Write the map as a graph for Graphviz's dot.")
]
Fewest = Annotated[
    str, typer.Option("--moves-from", help="Leave moves of a smaller share of the cases out of pictures.")
]


def map_(
    scenario: Scenario,
    chosen: With = None,
    replications: Replications = 10,
    seed: Seed = 1,
    engine: Engine = "kernel",
    confidence: Confidence = "95%",
    process: Process = None,
    every: All = False,
    fewest: Fewest = "1%",
    dot: Dot = None,
    csv: Csv = None,
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Map what happens to a case: work, waits and delays of each step, and how much of the lead time adds value."""
    output, level, least = Output(as_json), share("--confidence", confidence), share("--moves-from", fewest)
    page = checked_page(report)
    targets = [checked_target(path) if path else None for path in (dot, csv)]
    document = with_interventions(open_scenario(scenario), chosen or [])

    from scenarios.estimate import checked_confidence
    from scenarios.logs import Runs
    from scenarios.valuestream import value_stream
    from sim.build import build

    checked_confidence(level)
    known = _checked_process(process, list(document.scenario.process))
    runs = Runs(replications, seed, checked_engine(engine)).checked()
    model = build(document.scenario)
    prepare(engine, output)
    with Bar("replications") as bar:
        found = value_stream(model, runs, level, bar.replications).only(known)
    stop_if_nothing(found.replications, output)
    if not as_json:
        show_map(found, every, output)
    _write(found, least, targets, output)
    if page:
        from app.report.map import write_map_report

        write_map_report(page, document, chosen or [], found, runs, level, least)
        output.note(f"Report: {page}")
    output.document(
        {
            "scenario": scenario_data(document, chosen),
            "run": runs_data(runs, found.replications, level),
            "processes": {one.process: one.plain() for one in found.maps},
        }
    )
    if found.replications < found.asked:
        output.note(f"Stopped: these results rest on {found.replications} of {found.asked} replications.")
        raise typer.Exit(130)


def _checked_process(process: str | None, known: list[str]) -> str | None:
    from sim.errors import ParameterError, Problem

    if process is not None and process not in known:
        raise ParameterError(Problem("no such process", "--process", allowed=", ".join(known), given=process))
    return process


def _write(found: ValueStream, fewest: float, targets: list[Path | None], output: Output) -> None:
    dot, csv = targets
    if dot:
        from scenarios.processmap import dot_text

        write_text(dot, dot_text(found.maps, found.name, fewest))
        output.note(f"Graph: {dot}")
    if csv:
        write_text(csv, found.table().to_csv(index=False))
        output.note(f"Table: {csv}")


def show_map(found: ValueStream, every: bool, output: Output) -> None:
    """The maps as tables."""
    from app.numbers import interval

    if not found.maps:
        output.show("No case that arrived after the warm-up has ended: there is nothing to map.")
    for one in found.maps:
        lead, efficiency = (interval(e.mean, e.low, e.high, e.unit) for e in (one.lead_s, one.efficiency))
        output.show(_steps(one, every), _ladder(one))
        if every:
            output.show(_moves(one))
        output.show(f"{one.process}: lead time {lead}; process-cycle efficiency {efficiency}.")
        if one.left_open >= 1:
            text = f"• {one.process}: {one.left_open:,.0f} cases a run had not ended and are not in it: "
            output.show(text + "the longer a case takes, the rather it is left out.")


def _steps(one: ProcessMap, every: bool) -> RenderableType:
    from app.numbers import with_unit
    from app.tables import plain_table
    from scenarios.processmap import short_name
    from scenarios.valuestream import COLUMNS

    names = [name for name in COLUMNS if every or not name.endswith("_per_case")]
    names = [name for name in names if any(line.numbers[name].mean for line in one.steps)]
    rows = [
        (
            short_name(line.step, one.process),
            _ADDS[line.value],
            *(with_unit(line.numbers[name].mean, line.numbers[name].unit) for name in names),
        )
        for line in one.steps
    ]
    title = f"{one.process}: {one.cases:,.0f} cases a run"
    return plain_table(title, ("Step", "Adds value", *(COLUMNS[name].label for name in names)), rows, texts=(0, 1))


_ADDS = {"adds": "yes", "necessary": "necessary", "none": "no"}


def _ladder(one: ProcessMap) -> RenderableType:
    from app.numbers import in_two, interval, with_unit
    from app.tables import plain_table

    lead = one.lead_s.mean or 0.0
    rows = [
        (name, *in_two(interval(part.mean, part.low, part.high, "s")), with_unit((part.mean or 0) / lead, "share"))
        for name, part in one.parts_s.items()
        if part.mean and lead
    ]
    return plain_table(f"{one.process}: where the lead time goes", ("Part", "Per case", "Interval", "Share"), rows)


def _moves(one: ProcessMap) -> RenderableType:
    from app.numbers import with_unit
    from app.tables import plain_table
    from scenarios.processmap import short_name

    rows = [
        (
            short_name(move.origin, one.process),
            short_name(move.target, one.process),
            with_unit(move.per_case, "per case"),
            with_unit(move.share, "share"),
        )
        for move in one.moves
    ]
    columns = ("From", "To", "Per case", "Of all that leave")
    return plain_table(f"{one.process}: what follows what", columns, rows, texts=(0, 1))
