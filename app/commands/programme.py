"""``queuewise programme``: whether the service programme of the library meets its targets, whatever is not known."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import Json, Report, Seed
from app.commands.running import goes_on_later
from app.console import Bar, Output, prepare
from app.files import checked_page
from app.inputs import open_scenario, whole_number

if TYPE_CHECKING:
    from scenarios.programme.tuning import Tuning

Folder = Annotated[Path, typer.Option("--folder", metavar="DIR", help="Results; a study that was stopped goes on.")]
Copy = Annotated[str, typer.Argument(metavar="SCENARIO", help="The library's programme, or a changed copy of it.")]
Sets = Annotated[
    int, typer.Option("--sets", metavar="N", parser=whole_number("--sets"), help="Parameter sets to keep.")
]
Alone = Annotated[
    int,
    typer.Option(
        "--compared", metavar="N", parser=whole_number("--compared"), help="Kept sets to run each intervention alone."
    ),
]
Weaker = Annotated[
    int,
    typer.Option("--claims", metavar="N", parser=whole_number("--claims"), help="Kept sets to run with weaker claims."),
]
Months = Annotated[
    int, typer.Option("--months", metavar="N", parser=whole_number("--months"), help="Runs of the file as it stands.")
]
Tune = Annotated[bool, typer.Option("--tune", help="Look for values of the assumptions marked 'tuned', and end.")]
Cores = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", parser=whole_number("--workers"), help="Processes; all cores if left out."),
]


def programme(
    scenario: Copy = "service-programme",
    folder: Folder = Path("programme-results"),
    sets: Sets = 200,
    compared: Alone = 18,
    claims: Weaker = 12,
    months: Months = 20,
    tune: Tune = False,
    seed: Seed = 1,
    workers: Cores = None,
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Judge the service programme: facts of today, targets, interventions alone, and how far claims must hold."""
    output, page = Output(as_json), checked_page(report)
    document = open_scenario(scenario)

    from scenarios.programme.flagship import CASE
    from scenarios.programme.judgement import judge
    from scenarios.programme.study import Size, Task, studying
    from scenarios.programme.tuning import tune as tuned

    size = Size.of(sets, compared, claims)
    _check(months, workers, report if tune else None)
    task = Task(document, CASE, seed)
    task.check()
    prepare("kernel", output)
    cores = workers or os.cpu_count() or 1
    with (
        goes_on_later(folder, output),
        Bar("programme") as bar,
        studying(task, size, folder, cores, bar.step) as study,
    ):
        found = None if tune else judge(study, months)
        settings = tuned(study) if tune else None
    if settings:
        _show_tuning(settings, output)
    if found is None:
        return
    from app.programme import judgement_tables

    output.show(*judgement_tables(found, CASE))
    if page:
        from app.report.programme import write_programme_report

        write_programme_report(page, document, CASE, found, (seed, size))
        output.note(f"Report: {page}")
    output.document({"scenario": document.scenario.name, "seed": seed, **found.plain()})


def _check(months: int, workers: int | None, page: Path | None) -> None:
    """Refuse numbers and options that mean nothing, before the study begins."""
    from sim.errors import ParameterError, Problem

    if months < 2:
        raise ParameterError(Problem("too few months", "--months", allowed="2 or more", given=str(months)))
    if workers is not None and workers < 1:
        raise ParameterError(Problem("no workers", "--workers", allowed="1 or more", given=str(workers)))
    if page:
        raise ParameterError(Problem("--tune writes no report", "--report", given=str(page), fix="Leave it out."))


def _show_tuning(found: Tuning, output: Output) -> None:
    from app.tables import plain_table

    rows = [
        (one.parameter.name, one.parameter.mark.range, str(one.parameter.written(one.parameter.present)),
         str(one.parameter.written(one.value)))
        for one in found.values
    ]  # fmt: skip
    note = "Write these values into the scenario, then run this again: small steps remain where effects are curved."
    output.show(plain_table("Tuned assumptions", ("Assumption", "Range", "Stands", "Found"), rows, note, (0, 1)))
    means = [(name, f"{found.before[name]:.4g}", f"{found.after[name]:.4g}") for name in found.before]
    output.show(plain_table("Facts of the baseline", ("Measure", "As it stands", "With the values found"), means))
    output.document({
        "values": {one.parameter.name: one.parameter.written(one.value) for one in found.values},
        "before": found.before,
        "after": found.after,
    })  # fmt: skip
