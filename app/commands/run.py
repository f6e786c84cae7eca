"""``queuewise run``: simulate one scenario and say what would happen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import (
    All,
    Confidence,
    Engine,
    Folder,
    Json,
    Most,
    OpenCases,
    Precision,
    Replications,
    Report,
    Scenario,
    Seed,
    Stress,
    With,
    Workers,
)
from app.console import Bar, Output, prepare
from app.files import checked_folder, checked_page, checked_target, write_text
from app.inputs import open_scenario, share, with_interventions, with_open_cases
from app.results import result_data, run_data, scenario_data
from sim.errors import ParameterError, Problem

if TYPE_CHECKING:
    from scenarios.precision import Precise
    from scenarios.replications import Result
    from sim.build import Model
    from sim.run import Engine as Engine_
    from sim.schema import Document

LogFolder = Annotated[
    Path | None, typer.Option("--log", metavar="DIR", help="Write every visit, case and session into a new folder.")
]
Phases = Annotated[bool, typer.Option("--phases", help="Follow the phases of the scenario's programme.")]
LogFormat = Annotated[str, typer.Option(help="parquet or csv.")]


def run(
    scenario: Scenario,
    chosen: With = None,
    cases: OpenCases = None,
    phases: Phases = False,
    replications: Replications = 20,
    seed: Seed = 1,
    engine: Engine = "kernel",
    workers: Workers = 1,
    confidence: Confidence = "95%",
    precision: Precision = None,
    most: Most = 1000,
    every: All = False,
    results: Folder = None,
    report: Report = None,
    stress: Stress = None,
    log: LogFolder = None,
    log_format: LogFormat = "parquet",
    as_json: Json = False,
) -> None:
    """Simulate a scenario: service levels, waits, occupancy, backlog, each with its interval."""
    output, level = Output(as_json), share("--confidence", confidence)
    page, folder = checked_page(report), checked_folder(log) if log else None
    draft = checked_target(stress) if stress else None
    if results and (precision or phases):
        what = "a results folder keeps a given number of replications of one scenario file"
        raise ParameterError(Problem(what, "--folder", allowed="without --precision and --phases"))
    document = with_interventions(open_scenario(scenario), chosen or [])
    document, _ = with_open_cases(document, cases, output)

    from app.log_files import checked_format, write_log
    from scenarios.estimate import checked_confidence
    from scenarios.phases import phased
    from sim.build import build

    checked_confidence(level)
    checked_format(log_format)
    model = phased(document) if phases else build(document.scenario)
    for phase, what in getattr(model, "set_aside", ()):
        output.note(
            f"Phase {phase!r} changes {what.replace('_', ' ')!r} without effect: the baseline's counts throughout."
        )
    prepare(engine, output)
    if results:
        name = " + ".join(chosen or ["baseline"])
        result, precise = _kept(results, {name: document}, (replications, seed, engine, workers), output), None
    else:
        how = seed, checked_engine(engine), workers
        result, precise = _replicated(model, (replications, most), how, precision or [], level)
    stop_if_empty(result, output)
    if not as_json:
        show_result(result, level, every, output)
        if precise:
            show_precision(precise, output)
    if page:
        from app.report.run import write_run_report

        write_run_report(page, document, chosen or [], result, level, _also(cases, phases))
        output.note(f"Report: {page}")
    if draft:
        from scenarios.checklist import checklist

        write_text(draft, checklist(document, chosen or [], result, level, precise=precise).text())
        output.note(f"Checklist: {draft}")
    if folder:
        write_log(folder, model, result, log_format)
        output.note(f"Log: {folder}")
    output.document(
        {
            "scenario": scenario_data(document, chosen, cases)
            | ({"phases": list(model.scenario.phases)} if phases else {}),
            "run": run_data(result, level),
            **({"precision": precise.plain()} if precise else {}),
            **result_data(result, level),
        }
    )
    stop_if_partial(result, output)


def _replicated(
    model: Model, numbers: tuple[int, int], how: tuple[int, Engine_, int], precision: list[str], confidence: float
) -> tuple[Result, Precise | None]:
    """Replications, so many or until a precision is reached."""
    from scenarios.precision import Plan, read_wanted, replicate_to
    from scenarios.replications import replicate

    (replications, most), (seed, engine, workers) = numbers, how
    wanted = [read_wanted(text, model.frame) for text in precision]
    with Bar("replications") as bar:
        if not wanted:
            found = replicate(model, replications, seed, engine, workers=workers, progress=bar.replications)
            return found, None
        precise = replicate_to(
            model, wanted, Plan(replications, most), seed, engine,
            confidence=confidence, workers=workers, progress=bar.replications,
        )  # fmt: skip
        return precise.result, precise


def _kept(path: Path, documents: dict[str, Document], how: tuple[int, int, str, int], output: Output) -> Result:
    """The result of a scenario that is run into a results folder."""
    from app.commands.compare import simulate_into

    (result,) = simulate_into(path, documents, how, output).values()
    return result


def show_precision(precise: Precise, output: Output) -> None:
    """What was wanted, what was reached, and how it was decided when to stop."""
    from app.tables import precision_table

    output.show(precision_table(precise), f"Method: {precise.method}.")


def _also(cases: Path | None, phases: bool) -> str:
    """What a run was asked for besides its interventions, in words."""
    said = [f"open cases of {cases.name}"] if cases else []
    return "; ".join([*said, "following its phases"] if phases else said)


def checked_engine(engine: str) -> Engine_:
    """The engine of that name.

    Raises
    ------
    ParameterError
        If there is none.
    """
    from sim.run import ENGINES

    if engine not in ENGINES:
        raise ParameterError(Problem("no such engine", "--engine", allowed=", ".join(ENGINES), given=repr(engine)))
    return engine


def show_result(result: Result, confidence: float, every: bool, output: Output) -> None:
    """The tables of a result and the remarks on it."""
    from app.tables import result_tables
    from scenarios.findings import findings

    output.show(*result_tables(result, confidence, every))
    for one in findings(result, confidence):
        output.show(f"• {one.text}")


def stop_if_empty(result: Result, output: Output) -> None:
    """End a command that was interrupted before there was anything to show."""
    stop_if_nothing(len(result.totals), output)


def stop_if_nothing(finished: int, output: Output) -> None:
    """The same, by the number of replications that are finished."""
    if finished:
        return
    text = "Stopped before the first replication had finished: nothing to show."
    output.note(text)
    output.document({"error": {"kind": "Interrupted", "message": text}})
    raise typer.Exit(130)


def stop_if_partial(result: Result, output: Output) -> None:
    """End a command that was interrupted, saying what its results rest on."""
    if not result.complete:
        output.note(f"Stopped: these results rest on {len(result.totals)} of {result.asked} replications.")
        raise typer.Exit(130)
