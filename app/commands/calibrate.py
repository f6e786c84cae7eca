"""``queuewise calibrate``: from a history of calls to a scenario, with the evidence for each number."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import Json, Replications
from app.console import Bar, Output, prepare
from app.files import checked_page, checked_target, write_text
from app.inputs import date

if TYPE_CHECKING:
    from calibration import Calibration, Mapping
    from calibration.hindcast import Hindcast

History = Annotated[Path, typer.Argument(metavar="HISTORY", help="A call log: CSV, TSV (.gz too), XLSX or Parquet.")]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", metavar="FILE.yaml", help="What the columns mean; guessed if left out.")
]
From = Annotated[str | None, typer.Option("--from", metavar="DATE", help="First local day to use.")]
To = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last local day to use.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="SCENARIO.yaml", help="Write the scenario.")]
Evidence = Annotated[Path | None, typer.Option("--evidence", metavar="PAGE.html", help="Write the page of evidence.")]
Guess = Annotated[bool, typer.Option("--guess-only", help="Print the mapping that was guessed, to correct, and stop.")]
Held = Annotated[
    tuple[str, str] | None,
    typer.Option("--hindcast", metavar="FROM TO", help="Fit on the days before, simulate these, and compare."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]


def calibrate(
    history: History,
    mapping: MappingFile = None,
    first: From = None,
    last: To = None,
    out: Out = None,
    evidence: Evidence = None,
    guess_only: Guess = False,
    held: Held = None,
    replications: Replications = 20,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Fit a scenario to a call log: arrivals, handling times, patience, redials, people on duty.

    The scenario is the week after the log. Each number comes with what it rests on; rows that cannot be used are
    counted by reason. With --hindcast the last days are kept back, simulated and compared with what happened.
    """
    output = Output(as_json)
    window = date("--from", first), date("--to", last)
    days = _held(held)
    page = checked_page(evidence)
    if out:
        checked_target(out, force=force)

    from calibration import load_mapping

    known = load_mapping(mapping) if mapping else None
    if guess_only:
        _guess(history, known, output)
        return
    work = _Work(history, known, window, output)
    backtest = work.hindcast(days, replications) if days else None
    found = backtest.calibration if backtest else work.calibrate()
    if not as_json:
        show_calibration(found, backtest, output)
    if out:
        write_text(out, found.text)
        output.note(f"Scenario: {out}")
    if page:
        from app.report.evidence import write_evidence

        write_evidence(page, found, backtest)
        output.note(f"Evidence: {page}")
    if not (out or page or as_json):
        output.show("Nothing was written. --out SCENARIO.yaml keeps the scenario, --evidence PAGE.html shows the fits.")
    output.document(_data(found, backtest))


def _held(held: tuple[str, str] | None) -> tuple[dt.date, dt.date] | None:
    """The days of a hindcast."""
    if held is None:
        return None
    first, last = (date("--hindcast", text) for text in held)
    assert first is not None
    assert last is not None
    return first, last


def _guess(history: Path, known: Mapping | None, output: Output) -> None:
    from calibration import guess_mapping, read_frame

    mapping = known or guess_mapping(read_frame(history))
    output.show(mapping.text())
    output.document({"mapping": mapping.model_dump(by_alias=True, exclude_defaults=True, mode="json")})


@dataclass(frozen=True)
class _Work:
    """A history file and how to read it."""

    path: Path
    mapping: Mapping | None
    window: tuple[dt.date | None, dt.date | None]
    output: Output

    def calibrate(self) -> Calibration:
        """Fit all days of the window."""
        from calibration import calibrate as fit

        prepare("kernel", self.output)
        with Bar("calibrating") as bar:
            return fit(self.path, self.mapping, self.window, progress=bar.step)

    def hindcast(self, days: tuple[dt.date, dt.date], replications: int) -> Hindcast:
        """Fit the days before some, and simulate those."""
        from calibration import read_history
        from calibration.hindcast import hindcast

        prepare("kernel", self.output)
        with Bar("calibrating") as bar:
            history, mapping = read_history(self.path, self.mapping, (self.window[0], days[1]), bar.step)
            return hindcast(history, mapping, days[0] - dt.timedelta(days=1), replications, bar.step)


def show_calibration(found: Calibration, backtest: Hindcast | None, output: Output) -> None:
    """What was read and left out, the first numbers, warnings, and the hindcast's verdicts."""
    from app.tables import evidence_rows, evidence_table

    evidence = found.evidence
    output.show(evidence_table(found.drops.table()))
    output.show(evidence_rows(f"{evidence.title}, {evidence.period}", evidence.summary))
    output.show(*(f"• {warning}" for section in evidence.sections for warning in section.warnings))
    if backtest:
        tables = [backtest.verdicts(), backtest.table("weekday"), backtest.table("hour"), backtest.reasons_table()]
        output.show(*(evidence_table(table) for table in tables))


def _data(found: Calibration, backtest: Hindcast | None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "evidence": found.evidence.to_data(),
        "mapping": found.mapping.model_dump(by_alias=True, exclude_defaults=True, mode="json"),
        "scenario": found.document.data,
    }
    if backtest:
        tables = {
            "verdicts": backtest.verdicts(),
            "by weekday": backtest.table("weekday"),
            "by hour": backtest.table("hour"),
            "reasons": backtest.reasons_table(),
        }
        data["hindcast"] = {name: {"columns": one.columns, "rows": one.rows} for name, one in tables.items()}
    return data
