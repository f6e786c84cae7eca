"""``queuewise select``: the best of many alternatives, with a stated guarantee."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.compare import BASELINE
from app.commands.options import Confidence, Csv, Engine, Json, Seed, Workers
from app.commands.run import checked_engine
from app.commands.running import Dask, SendBack, check_executor, executor_of
from app.commands.sweep import plan_path
from app.console import Bar, Output, prepare
from app.files import checked_target, write_text
from app.inputs import open_scenario, share, whole_number, with_interventions, with_required
from app.results import scenario_data
from sim.errors import ParameterError, Problem

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from scenarios.ranking import Aim
    from scenarios.selection import Aims, Selection
    from sim.metrics import Metric
    from sim.run import Engine as Engine_
    from sim.schema import Document

Scenario = Annotated[
    str | None, typer.Argument(metavar="[SCENARIO]", help="A scenario file, or a name of the library; or --plan.")
]
Plan = Annotated[
    str | None,
    typer.Option("--plan", metavar="PLAN", help="The combinations of a sweep's plan as alternatives, instead."),
]
Chosen = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        "-w",
        metavar="INTERVENTION",
        help="An alternative; several as one: 'a + b'; repeatable. All that the scenario names, unless given.",
    ),
]
Against = Annotated[
    list[str] | None,
    typer.Option("--against", metavar="SCENARIO", help="Another scenario as an alternative; repeatable."),
]
Metric_ = Annotated[str, typer.Option("--metric", "-m", metavar="NAME", help="What decides. See docs/metrics.md.")]
Of = Annotated[str | None, typer.Option("--of", metavar="NAME", help="Of one queue, group, stream, tier or cost line.")]
Delta = Annotated[
    str, typer.Option("--delta", metavar="SIZE", help="A difference worth detecting, such as '1 %' or '2 s'.")
]
First = Annotated[
    int, typer.Option("--first", metavar="N", parser=whole_number("--first"), help="Replications of each at first.")
]
Most = Annotated[
    int, typer.Option("--most", metavar="N", parser=whole_number("--most"), help="Replications of one at most.")
]
Highest = Annotated[bool, typer.Option("--highest", help="The highest is the best.")]
Lowest = Annotated[bool, typer.Option("--lowest", help="The lowest is the best.")]
Without = Annotated[bool, typer.Option("--without-baseline", help="The scenario as it stands is no alternative.")]
Kept = Annotated[
    Path | None, typer.Option("--folder", metavar="DIR", help="Keep runs here; a selection that was stopped goes on.")
]


def select(
    metric: Metric_,
    delta: Delta,
    scenario: Scenario = None,
    plan: Plan = None,
    chosen: Chosen = None,
    against: Against = None,
    of: Of = None,
    highest: Highest = False,
    lowest: Lowest = False,
    without_baseline: Without = False,
    first: First = 20,
    most: Most = 1000,
    confidence: Confidence = "95%",
    seed: Seed = 1,
    engine: Engine = "kernel",
    workers: Workers = 1,
    dask: Dask = None,
    send_back: SendBack = False,
    folder: Kept = None,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Select the best of many alternatives, right with a stated probability, running on only those that may be it."""
    output, level = Output(as_json), share("--confidence", confidence)
    sheet = checked_target(csv) if csv else None
    check_executor(workers, dask, send_back)
    baseline, documents = field_of(scenario, plan, (chosen or [], against or []), without_baseline)

    from scenarios.precision import read_metric, read_size
    from scenarios.ranking import aim_of
    from scenarios.selection import Aims
    from sim.build import build
    from sim.metrics import owner

    frame = build(baseline.scenario).frame
    known = read_metric(metric, frame, "--metric")
    owner(frame, known, of)
    direction = aim_of(known.name, _aim(highest, lowest))
    aims = Aims(read_size(delta, known, "--delta"), direction, level, first, most).checked(len(documents))
    prepare(checked_engine(engine), output)
    with executor_of(workers, dask, not send_back) as executor:
        found = _selected(documents, (known.name, of), aims, (seed, checked_engine(engine), executor), folder)
    if not as_json:
        show_selection(found, known, output)
    if sheet:
        write_text(sheet, found.table().to_csv(index=False))
        output.note(f"Table: {sheet}")
    output.document(
        {
            "scenario": scenario_data(baseline),
            "metric": known.name,
            "of": of,
            "seed": seed,
            "engine": engine,
            "selection": found.plain(),
        }
    )


def field_of(
    scenario: str | None, plan: str | None, given: tuple[list[str], list[str]], without: bool
) -> tuple[Document, dict[str, Document]]:
    """The baseline, and alternatives by name: of a scenario and its interventions, or of the plan of a sweep.

    Raises
    ------
    ParameterError
        If both are given, or none; or interventions beside a plan.
    """
    if (scenario is None) == (plan is None):
        raise ParameterError(Problem("nothing to select from", allowed="a scenario, or --plan PLAN; one of them"))
    if plan is None:
        baseline = open_scenario(str(scenario))
        return baseline, candidates(baseline, *given, without)
    if any(given):
        raise ParameterError(Problem("has no meaning beside --plan", "--with and --against", fix="Leave it out."))

    from scenarios.sweeps.plan import read_plan

    read = read_plan(plan_path(plan))
    points = {
        f"{name}: {', '.join(str(value) for value in read.points[name].values())}": document
        for name, document in read.variants().items()
    }
    return read.base, points if without else {BASELINE: read.base, **points}


def candidates(baseline: Document, chosen: list[str], against: list[str], without: bool) -> dict[str, Document]:
    """Alternatives by name: the baseline, interventions with what they require, given sets of them, other scenarios."""
    known = list(baseline.scenario.interventions)
    found = {} if without else {BASELINE: baseline}
    for text in chosen or ([] if against else known):
        names = [text] if text in known else [name.strip() for name in text.split(" + ")]
        wanted = dict.fromkeys(
            one for name in names for one in (with_required(baseline, name) if name in known else [name])
        )
        found[text] = with_interventions(baseline, list(wanted))
    for text in against:
        other = open_scenario(text)
        name = other.scenario.name
        found[name if name not in found else text] = other
    return found


def _aim(highest: bool, lowest: bool) -> Aim | None:
    if highest and lowest:
        raise ParameterError(Problem("cannot both be best", "--highest and --lowest", fix="Leave one of them out."))
    if highest:
        return "highest"
    return "lowest" if lowest else None


def _selected(
    documents: dict[str, Document],
    what: tuple[str, str | None],
    aims: Aims,
    how: tuple[int, Engine_, Executor | None],
    folder: Path | None,
) -> Selection:
    from scenarios.selection import Field
    from scenarios.selection import select as selected
    from scenarios.store import Folder

    seed, engine, executor = how
    with Bar("selection") as bar, _folder(folder) as path:

        def told(left: int, number: int) -> None:
            bar.step(f"{left} of {len(documents)} left, {number} replications", 1 - (left - 1) / len(documents))

        field = Field(documents, *what, Folder.create(path), seed, engine, executor, told)
        return selected(field.observe, list(documents), aims)


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    """The folder given, or one that vanishes."""
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="queuewise-") as made:
        yield Path(made, "results")


def show_selection(found: Selection, metric: Metric, output: Output) -> None:
    """Who was selected, who dropped out when, and what other procedures would have taken."""
    from app.numbers import with_unit
    from app.tables import half_width_text, plain_table

    rows = [
        (
            one.name,
            with_unit(one.mean, metric.unit),
            f"{one.n:,}",
            "selected" if one.name == found.best else f"behind {one.dropped_by}" if one.dropped_by else "still there",
            f"{one.equal:,}",
            f"{one.rinott:,}",
        )
        for one in found.alternatives
    ]
    rows.append(("together", "", f"{found.total:,}", "", f"{found.equal:,}", f"{found.rinott:,}"))
    delta = half_width_text(found.aims.delta, metric.unit)
    title = f"{metric.label}: the {found.aims.aim}, a difference of {delta} worth detecting"
    columns = ("Alternative", "Mean", "Replications", "What became of it", "Equal allocation", "Rinott, no CRN")
    note = "Means are those of each alternative's own replications: sets that dropped out early rest on few."
    output.show(plain_table(title, columns, rows, note, texts=(0, 3)), f"Method: {found.method}.")
