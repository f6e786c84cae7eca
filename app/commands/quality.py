"""``queuewise quality``: the service-quality report of a simulated or a real log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import All, Csv, Engine, Json, Report, Seed, With
from app.commands.run import checked_engine
from app.console import Bar, Output, prepare
from app.files import checked_page, checked_target, write_text
from app.inputs import date, duration_us, open_scenario, whole_number, with_interventions
from app.results import scenario_data

if TYPE_CHECKING:
    from scenarios.indicators import Contacts
    from scenarios.quality import Quality
    from scenarios.standards import Standing
    from sim.schema import Document
    from sim.schema.standards import Standard

Scenario_ = Annotated[
    str | None, typer.Argument(metavar="[SCENARIO]", help="Simulate this scenario; or give --history.")
]
History = Annotated[Path | None, typer.Option("--history", metavar="FILE", help="A call log or an event log.")]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", metavar="FILE.yaml", help="What its columns mean; guessed if left out.")
]
From = Annotated[str | None, typer.Option("--from", metavar="DATE", help="First local day of the log to use.")]
To = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last local day of the log to use.")]
Within = Annotated[str | None, typer.Option("--within", help="Acceptable wait in a log (a scenario has its own).")]
By = Annotated[str, typer.Option("--by", help="week or month.")]
StandardsFile = Annotated[
    Path | None, typer.Option("--standards", metavar="FILE.yaml", help="Standards to hold the numbers against.")
]
Complaints = Annotated[
    list[str] | None,
    typer.Option("--complaints", metavar="NAME", help="Type (log) or stream (scenario) of complaints; repeatable."),
]
Replication = Annotated[
    int,
    typer.Option("--replication", metavar="N", parser=whole_number("--replication"), help="Which run, from 0."),
]


def quality(
    scenario: Scenario_ = None,
    history: History = None,
    mapping: MappingFile = None,
    first: From = None,
    last: To = None,
    within: Within = None,
    by: By = "week",
    standards: StandardsFile = None,
    complaints: Complaints = None,
    chosen: With = None,
    seed: Seed = 1,
    replication: Replication = 0,
    engine: Engine = "kernel",
    every: All = False,
    csv: Csv = None,
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Report service quality by week or month: against standards, by department, person, channel and step.

    What is worse than habit and chance explain, or worse by a tenth than in the period before, stands out. The log is
    that of one simulated run, or a real one (--history).
    """
    output = Output(as_json)
    page, sheet = checked_page(report), checked_target(csv) if csv else None
    period = _checked_by(by)
    source: _Log | _Run
    if history is not None and scenario is None:
        window = date("--from", first), date("--to", last)
        source = _Log(history, mapping, window, duration_us("--within", within or "20 s"), tuple(complaints or ()))
        run = {"--seed": (seed, 1), "--replication": (replication, 0), "--engine": (engine, "kernel")}
        _refuse("a log", {"--with": chosen} | {name: "" if a == b else str(a) for name, (a, b) in run.items()})
    else:
        given = {"--mapping": mapping, "--from": first, "--to": last, "--within": within, "--history": history}
        _refuse("a scenario", given, scenario is None)
        document = with_interventions(open_scenario(scenario or ""), chosen or [])
        source = _Run(document, chosen or [], (seed, replication), checked_engine(engine), tuple(complaints or ()))

    from scenarios import quality as reports

    written = _standards(standards, source)
    contacts = source.contacts(output)
    found = reports.quality(contacts, period)
    standings = _register(written, found)
    if not as_json:
        show_quality(found, standings, every, output)
    if sheet:
        write_text(sheet, found.table().to_csv(index=False))
        output.note(f"Table: {sheet}")
    if page:
        from app.report.quality import write_quality_report

        write_quality_report(page, found, standings, source.facts)
        output.note(f"Report: {page}")
    output.document({**source.data(), **found.plain(), "standards": {one.name: one.plain() for one in standings}})


def _checked_by(by: str) -> Any:
    from scenarios.quality import BYS
    from sim.errors import ParameterError, Problem

    if by not in BYS:
        raise ParameterError(Problem("no such period", "--by", allowed=", ".join(BYS), given=repr(by)))
    return by


def _refuse(what: str, given: dict[str, Any], nothing: bool = False) -> None:
    """Refuse options that say nothing for what is reported on, or that nothing is."""
    from sim.errors import ParameterError, Problem

    if nothing:
        allowed = "a scenario, or --history FILE"
        raise ParameterError(Problem("nothing to report on", allowed=allowed))
    for option, value in given.items():
        if value:
            raise ParameterError(Problem(f"has no meaning for {what}", option, given=str(value), fix="Leave it out."))


@dataclass(frozen=True)
class _Log:
    """A real log, and how to read it."""

    path: Path
    mapping: Path | None
    window: tuple[Any, Any]
    within_us: int
    complaints: tuple[str, ...]
    own: tuple[Document, dict[str, Standard]] | None = None

    def contacts(self, output: Output) -> Contacts:
        """What it counts."""
        from calibration import load_mapping, read_history
        from calibration.quality import contacts_from

        known = load_mapping(self.mapping) if self.mapping else None
        with Bar("quality") as bar:
            history, mapping = read_history(self.path, known, self.window, bar.step)
        return contacts_from(history, mapping, self.within_us, self.complaints)

    @property
    def facts(self) -> dict[str, str]:
        """What the page says of it."""
        return {"Log": self.path.name, "Mapping": self.mapping.name if self.mapping else "guessed from the columns"}

    def data(self) -> dict[str, Any]:
        """What the document says of it."""
        return {"history": {"file": str(self.path), "mapping": self.mapping and str(self.mapping)}}


@dataclass(frozen=True)
class _Run:
    """A simulated run."""

    document: Document
    chosen: list[str]
    chance: tuple[int, int]
    engine: Any
    complaints: tuple[str, ...]

    @property
    def own(self) -> tuple[Document, dict[str, Standard]]:
        """The scenario's own standards."""
        return self.document, self.document.scenario.standards

    def contacts(self, output: Output) -> Contacts:
        """What it counts."""
        from scenarios.indicators import contacts_of, senders_of
        from sim.build import build
        from sim.errors import ParameterError, Problem
        from sim.run import run

        seed, replication = self.chance
        if replication < 0:
            what = "no such replication"
            raise ParameterError(Problem(what, "--replication", allowed="0, 1, 2 ...", given=str(replication)))
        senders_of(self.document.scenario, self.complaints)
        model = build(self.document.scenario)
        prepare(self.engine, output)
        return contacts_of(run(model, seed, replication, self.engine), model, self.complaints)

    @property
    def facts(self) -> dict[str, str]:
        """What the page says of it."""
        switched = f", with {', '.join(self.chosen)}" if self.chosen else ""
        seed, replication = self.chance
        name = Path(self.document.file).name or "made by a program"
        return {"Scenario": name + switched, "Run": f"{self.engine}, seed {seed}, replication {replication}"}

    def data(self) -> dict[str, Any]:
        """What the document says of it."""
        seed, replication = self.chance
        run = {"engine": self.engine, "seed": seed, "replication": replication}
        return {"scenario": scenario_data(self.document, self.chosen), "run": run}


def _standards(path: Path | None, source: _Log | _Run) -> list[tuple[Document, dict[str, Standard]]]:
    """Standards of the scenario, and of a file beside it."""
    from sim.schema import load
    from sim.schema.standards import Standards

    found = [source.own] if source.own else []
    if path:
        document = load(path)
        found.append((document, document.read_as(Standards).standards))
    return found


def _register(written: list[tuple[Document, dict[str, Standard]]], found: Quality) -> list[Standing]:
    from scenarios.standards import register

    return [standing for document, standards in written for standing in register(document, standards, found)]


def show_quality(found: Quality, standings: list[Standing], every: bool, output: Output) -> None:
    """The report as tables."""
    from app.quality_tables import member_rows, nothing_text, outlier_texts, standing_rows, whole_rows
    from app.tables import plain_table

    if found.now is None:
        output.show(f"No whole {found.by} lies in the log: there is nothing to judge.")
        return
    period = found.periods[found.now].label
    columns, rows = whole_rows(found)
    output.show(plain_table(f"{found.source}: {period}", columns, rows, texts=(0, 4)))
    for dimension in found.parts:
        columns, rows, more = member_rows(found, dimension, None if every else _MOST)
        note = f"{more} more with --all." if more else ""
        output.show(plain_table(f"By {dimension}, {period}", columns, rows, note))
    if standings:
        columns, rows = standing_rows(standings)
        output.show(plain_table("Standards", columns, rows, texts=(0, 1, 2, 4, 5, 6, 7)))
    said = outlier_texts(found) or [nothing_text(found)]
    output.show(*(f"• {text}" for text in [*said, *found.notes]))


_MOST = 12
