"""``queuewise warmup``: whether a scenario needs a warm-up, and how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import Engine, Json, Replications, Report, Scenario, Seed, With
from app.commands.run import checked_engine
from app.console import Bar, Output, prepare
from app.files import checked_page
from app.inputs import duration_us, open_scenario, with_interventions
from app.results import runs_data, scenario_data
from sim.errors import ParameterError, Problem

if TYPE_CHECKING:
    from scenarios.warmup import Kind, WarmUp
    from sim.schema import Document

Series = Annotated[
    list[str] | None,
    typer.Option("--series", metavar="NAME", help="Metrics by interval to look at, or open_cases; repeatable."),
]
Horizon = Annotated[
    str | None, typer.Option("--horizon", metavar="LENGTH", help="Look at runs so long, such as '26 weeks'.")
]
Terminating = Annotated[bool, typer.Option("--terminating", help="It begins empty by nature: cut nothing.")]
Steady = Annotated[bool, typer.Option("--steady", help="It runs on: judge the warm-up, whatever the rule says.")]


def warmup(
    scenario: Scenario,
    chosen: With = None,
    series: Series = None,
    horizon: Horizon = None,
    terminating: Terminating = False,
    steady: Steady = False,
    replications: Replications = 20,
    seed: Seed = 1,
    engine: Engine = "kernel",
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Find the warm-up that a scenario needs, by Welch's moving mean and MSER-5; none if it begins empty by nature."""
    output, page = Output(as_json), checked_page(report)
    kind = _kind(terminating, steady)
    document = _longer(with_interventions(open_scenario(scenario), chosen or []), horizon)

    from scenarios.logs import Runs
    from scenarios.warmup import SERIES, warm_up

    runs = Runs(replications, seed, checked_engine(engine)).checked()
    prepare(engine, output)
    with Bar("replications") as bar:
        found = warm_up(document, runs, series or SERIES, kind, bar.replications)
    if not as_json:
        show_warm_up(found, output)
    if page:
        from app.report.warmup import write_warm_up_report

        write_warm_up_report(page, document, chosen or [], found, runs)
        output.note(f"Report: {page}")
    run = runs_data(runs, found.replications, 0.95)
    del run["confidence"]
    output.document({"scenario": scenario_data(document, chosen), "run": run, "warm_up": found.plain()})


def _kind(terminating: bool, steady: bool) -> Kind | None:
    if terminating and steady:
        raise ParameterError(Problem("cannot be both", "--terminating and --steady", fix="Leave one of them out."))
    if terminating:
        return "terminating"
    return "steady state" if steady else None


def _longer(document: Document, horizon: str | None) -> Document:
    """The scenario with another horizon."""
    if horizon is None:
        return document
    duration_us("--horizon", horizon)
    longer = document.with_data({**document.data, "horizon": horizon})
    _ = longer.scenario
    return longer


def show_warm_up(found: WarmUp, output: Output) -> None:
    """The verdict and what each series asks for."""
    from app.numbers import NOTHING, with_unit
    from app.tables import plain_table
    from scenarios.warmup import length_text

    rows = [
        (
            series_label(cut.series),
            f"{len(cut.values)} of {length_text(found.step_us)}",
            "too short" if cut.warm_up_us is None else length_text(cut.warm_up_us),
            NOTHING if cut.settled is None else with_unit(cut.settled, cut.unit),
        )
        for cut in found.cuts
    ]
    columns = ("Series", "Values", "Cut", "Mean after it")
    if found.nature.kind == "steady state":
        output.show(f"{found.name}: steady state ({found.nature.why}).")
        output.show(plain_table(f"Where {found.replications} replications settle", columns, rows))
    output.show(found.words)


def series_label(name: str) -> str:
    """A series' name for readers."""
    from scenarios.warmup import OPEN_CASES
    from sim.metrics import find

    return "Open cases" if name == OPEN_CASES else find(name).label
