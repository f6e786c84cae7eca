"""``queuewise sweep``: many combinations of values, run into a results folder that can be stopped and gone on with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import Confidence, Csv, Json, Report, Workers
from app.commands.options import Folder as FolderOption
from app.commands.running import Dask, SendBack, check_executor, executor_of
from app.console import Bar, Output, prepare
from app.files import checked_page, checked_target, write_text
from app.inputs import share
from app.paths import readable
from app.results import COMPARED
from sim.errors import ParameterError, Problem

if TYPE_CHECKING:
    from scenarios.sweeps.findings import Found
    from scenarios.sweeps.plan import Sweep

PlanFile = Annotated[str, typer.Argument(metavar="PLAN", help="The plan of a sweep, or a name of the library.")]
Design = Annotated[bool, typer.Option("--design", help="Show the combinations and run none.")]


def sweep(
    plan: PlanFile,
    folder: FolderOption = None,
    design: Design = False,
    workers: Workers = 1,
    dask: Dask = None,
    send_back: SendBack = False,
    confidence: Confidence = "95%",
    csv: Csv = None,
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Run a scenario with many combinations of values: grid, Latin hypercube, Sobol, factorial, or a list."""
    output, level, page = Output(as_json), share("--confidence", confidence), checked_page(report)
    table = checked_target(csv) if csv else None
    check_executor(workers, dask, send_back)

    from scenarios.estimate import checked_confidence
    from scenarios.sweeps.plan import read_plan

    checked_confidence(level)
    read = read_plan(plan_path(plan))
    if design and (csv or report):
        raise ParameterError(Problem("--design runs nothing to write", "--csv and --report", fix="Leave it out."))
    if design:
        _show_design(read, output)
        return

    from scenarios.store import Folder
    from scenarios.sweeps.findings import columns_of, gather
    from scenarios.sweeps.running import run_sweep

    where = folder or Path(f"{Path(plan).stem}-results")
    kept = Folder.create(where)
    prepare(read.plan.engine, output)
    with executor_of(workers, dask, not send_back) as executor, Bar(f"{len(read.points)} combinations") as bar:
        ran = run_sweep(read, kept, executor, progress=lambda done, asked: bar.replications(done, asked, 0.0))
    found = gather(read, ran.outcomes, kept, columns_of(read, COMPARED), ran.failed, level)
    show_sweep(found, output)
    if table:
        write_text(table, found.table().to_csv(index=False))
        output.note(f"Table: {table}")
    if page:
        from app.report.sweep import write_sweep_report

        write_sweep_report(page, found, where)
        output.note(f"Report: {page}")
    output.document(sweep_data(found, where))
    if ran.stopped:
        output.note(
            f"Stopped: {len(found.finished)} of {len(read.points)} combinations are finished. "
            "The same command goes on from there."
        )
        raise typer.Exit(130)


def plan_path(text: str) -> Path:
    """The file of a plan: a path, or a plan of the library by its name."""
    from scenarios import library

    path = Path(text)
    known = library.plan_names()
    return library.plan_path(text) if not path.exists() and text in known else path


def _show_design(sweep: Sweep, output: Output) -> None:
    from app.tables import plain_table

    names = [factor.name for factor in sweep.factors]
    rows = [(name, *(str(point[one]) for one in names)) for name, point in sweep.points.items()]
    said = sweep.fraction.said() if sweep.fraction else []
    letters = lettered(sweep)
    title = f"{len(rows)} combinations × {sweep.plan.replications} replications"
    heads = [f"{letters[one]}: {one}" if letters else one for one in names]
    output.show(plain_table(title, ("", *heads), rows, "\n".join(said)))
    output.document({"combinations": sweep.points, "said": said, "letters": letters})


def lettered(sweep: Sweep) -> dict[str, str]:
    """The letters that stand for factors in a two-level design."""
    from scenarios.sweeps.fractions import LETTERS

    if sweep.fraction is None:
        return {}
    return {factor.name: LETTERS[place] for place, factor in enumerate(sweep.factors)}


_SHOWN = 12


def show_sweep(found: Found, output: Output) -> None:
    """The best combinations, or the first, then the effects on what is sought."""
    from app.numbers import in_two, interval
    from app.tables import plain_table

    if output.as_json:
        return
    order = found.ranked or list(found.finished)
    factors = [factor.name for factor in found.sweep.factors]
    heads = [_head(metric, owner) for metric, owner in found.metrics]
    rows = []
    for name in order[:_SHOWN]:
        point = found.sweep.points[name]
        cells = [found.estimate(name, *column) for column in found.metrics]
        shown = [in_two(interval(one.mean, one.low, one.high, one.unit))[0] if one else "–" for one in cells]
        rows.append((name, *(readable(point[factor]) for factor in factors), *shown))
    seek = found.sweep.plan.best
    title = f"{len(found.finished)} of {len(found.sweep.points)} combinations finished"
    title += f"; best first by {_head(seek.metric, seek.of or '')}" if seek else ""
    note = _notes(found, len(order))
    output.show(plain_table(title, ("", *factors, *heads), rows, note, range(len(factors) + 1)))
    for metric, owner in found.metrics[: 1 if seek else None]:
        effects = found.effects(metric, owner)
        if effects:
            changed = [(one.factor, readable(one.low), readable(one.high), *in_two(interval(
                one.change.mean, one.change.low, one.change.high, one.change.unit))) for one in effects]  # fmt: skip
            heads = ["Factor", "From", "To", "Change", f"{100 * found.confidence:g} % interval"]
            output.show(plain_table(f"Main effects on {_head(metric, owner)}", heads, changed, "", (0, 1, 2)))


def _head(metric: str, owner: str) -> str:
    from app.results import short_label

    return f"{short_label(metric)} of {owner}" if owner else short_label(metric)


def _notes(found: Found, listed: int) -> str:
    notes = []
    if listed > _SHOWN:
        notes.append(f"{_SHOWN} of {listed} are shown; --csv or --report has all.")
    if found.sweep.plan.best:
        notes.append("The best of many looks better than it is: queuewise select chooses with a guarantee.")
    if found.sweep.fraction and found.sweep.fraction.generators:
        letters = ", ".join(f"{letter} = {name}" for name, letter in lettered(found.sweep).items())
        notes += [*found.sweep.fraction.said(), letters]
    for name, problems in list(found.failed.items())[:_SHOWN]:
        notes.append(f"Combination {name} cannot run: {problems[0]}")
    return "\n".join(notes)


def sweep_data(found: Found, folder: Path) -> dict[str, Any]:
    """A sweep as JSON has it."""
    plan = found.sweep.plan
    return {
        "plan": found.sweep.document.file,
        "scenario": found.sweep.base.file,
        "folder": str(folder),
        "design": plan.design,
        "replications": plan.replications,
        "seed": plan.seed,
        "engine": plan.engine,
        "confidence": found.confidence,
        "complete": found.complete,
        "combinations": {
            name: {
                "values": found.sweep.points[name],
                "metrics": {
                    f"{metric} of {owner}" if owner else metric: one.plain()
                    for metric, owner in found.metrics
                    if (one := found.estimate(name, metric, owner)) is not None
                },
            }
            for name in found.finished
        },
        "ranked": found.ranked,
        "effects": {
            f"{metric} of {owner}" if owner else metric: [
                {"factor": one.factor, "from": one.low, "to": one.high, **one.change.plain()}
                for one in found.effects(metric, owner)
            ]
            for metric, owner in found.metrics
        },
        "fraction": found.sweep.fraction.said() if found.sweep.fraction else [],
        "failed": {name: [str(problem) for problem in problems] for name, problems in found.failed.items()},
    }
