"""``queuewise staff``: the people per interval that a service level needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import All, Confidence, Json, Replications, Scenario, Seed, With
from app.console import Bar, Output, prepare
from app.files import checked_target, write_text
from app.inputs import duration_us, open_scenario, share, with_interventions
from app.results import scenario_data

if TYPE_CHECKING:
    from rich.console import RenderableType

    from scenarios.staffing import Staffing, Target
    from sim.schema import Document

Level = Annotated[str | None, typer.Option("--service-level", help="To reach; the scenario's own goal if left out.")]
Within = Annotated[str | None, typer.Option("--within", help="Acceptable wait; the scenario's own if left out.")]
Shrinkage = Annotated[str, typer.Option("--shrinkage", help="Paid time in which people are not there, such as 24%.")]
Overall = Annotated[bool, typer.Option("--overall", help="Reach it over the whole run, not in each interval.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="NEW.yaml", help="Write the scenario with these people.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that exists.")]


def staff(
    scenario: Scenario,
    level: Level = None,
    within: Within = None,
    shrinkage: Shrinkage = "0%",
    overall: Overall = False,
    chosen: With = None,
    replications: Replications = 20,
    seed: Seed = 1,
    confidence: Confidence = "95%",
    out: Out = None,
    force: Force = False,
    every: All = False,
    as_json: Json = False,
) -> None:
    """Find the people per weekday and interval that a service level needs, for one group with one queue.

    Erlang's formula gives a first guess; simulation corrects it and checks it with chance that it has not seen.
    """
    output = Output(as_json)
    absent = share("--shrinkage", shrinkage)
    if out:
        checked_target(out, force=force)
    document = with_interventions(open_scenario(scenario), chosen or [])

    from scenarios import staffing

    target = _target(document, level, within, (share("--confidence", confidence), overall))
    prepare("kernel", output)
    with Bar("staffing") as bar:
        found = staffing.staff(
            document,
            target,
            shrinkage=absent,
            replications=replications,
            seed=seed,
            progress=lambda done, most, part: bar.step(f"simulation {done + 1}", (done + part) / most),
        )
    if not as_json:
        _show(found, every, output)
    if out:
        from calibration.yamltext import yaml_text

        write_text(out, yaml_text(found.document.data, {}, ()))
        output.note(f"Scenario with these people: {out}")
    output.document({"scenario": scenario_data(document, chosen), **found.plain()})


def _target(document: Document, level: str | None, within: str | None, how: tuple[float, bool]) -> Target:
    """What was asked for, filled up from the scenario."""
    from scenarios.staffing import Target

    scenario = document.scenario
    queue = next(
        (step.work for steps in scenario.expanded.process.values() for step in steps.values() if step.work), ""
    )
    routing = scenario.routing.get(queue)
    own = (routing.service_level if routing else None) or scenario.service_level
    goal = own.goal if own.goal is not None else 0.8
    return Target(
        share("--service-level", level) if level else goal,
        duration_us("--within", within) if within else own.within,
        *how,
    )


def _show(found: Staffing, every: bool, output: Output) -> None:
    from app.numbers import interval, with_unit
    from app.tables import plain_table

    output.show(_week(found, "required", f"{found.group}: people required"))
    if found.shrinkage:
        output.show(_week(found, "scheduled", f"{found.group}: people to schedule, shrinkage {found.shrinkage:.0%}"))
    if every:
        output.show(_details(found))
    hours = [(name, with_unit(value, "h")) for name, value in found.hours.items()]
    output.show(plain_table("Hours a week", ("People", "Hours"), hours))
    one = found.service_level
    output.show(f"Service level of the whole run: {interval(one.mean, one.low, one.high, one.unit)}.")
    output.show("The target holds." if found.holds else "The target does not surely hold everywhere.")
    output.show(*(f"• {note}" for note in found.notes))


def _week(found: Staffing, column: str, title: str) -> RenderableType:
    """Times of day down, weekdays across; times at which nobody is needed are left out."""
    from app.tables import plain_table

    wide = found.table.pivot(index="time", columns="weekday", values=column)
    days = [day for day in found.table["weekday"].unique() if wide[day].any()]
    wide = wide.loc[wide[days].any(axis=1), days].fillna(0).astype(int)
    rows = [(str(time), *(str(people or "") for people in row)) for time, *row in wide.itertuples()]
    return plain_table(title, ("", *days), rows)


def _details(found: Staffing) -> RenderableType:
    from app.numbers import interval, with_unit
    from app.tables import plain_table

    rows = []
    for row in found.plain()["intervals"]:
        if row["offered"]:
            level = interval(row["service_level"], row["low"], row["high"], "share")
            people = (str(row[name]) for name in ("erlang", "required", "scheduled"))
            rows.append((f"{row['weekday']} {row['time']}", with_unit(row["offered"], ""), *people, level, row["why"]))
    columns = ("Interval", "Offered per hour", "Erlang", "Required", "Scheduled", "Service level", "Why they differ")
    return plain_table(f"{found.method}, corrected by simulation", columns, rows, texts=(0, 6))
