"""The rows of a run's log as files: one per table and replication, and a manifest that says how they came about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.console import to_json
from app.files import new_folder, write_text
from app.results import run_data
from sim.errors import ParameterError, Problem
from sim.log import TABLES, table

if TYPE_CHECKING:
    from scenarios.replications import Result
    from sim.build import Model

FORMATS = ("parquet", "csv")


def checked_format(name: str) -> str:
    """A format of log files.

    Raises
    ------
    ParameterError
        If it is none.
    """
    if name not in FORMATS:
        raise ParameterError(Problem("no such format", "--log-format", allowed=", ".join(FORMATS), given=repr(name)))
    return name


def write_log(folder: Path, model: Model, result: Result, form: str) -> None:
    """Write the rows of every finished replication; they are run once more, since results keep no rows.

    Parameters
    ----------
    folder : Path
        Appears when everything in it is written.
    model, result
        What was run, and how.
    form : {"parquet", "csv"}
    """
    from sim.run import run

    with new_folder(folder) as work:
        for number in result.replications:
            log = run(model, result.seed, number, result.engine)  # type: ignore[arg-type]
            for name in TABLES:
                frame = table(log, name, model.names)
                file = work / f"{name}-{number:04d}.{form}"
                frame.to_csv(file, index=False) if form == "csv" else frame.to_parquet(file, index=False)
        write_text(work / "manifest.json", to_json(_manifest(model, result)))


def _manifest(model: Model, result: Result) -> dict[str, object]:
    return {
        "scenario": model.scenario.name,
        "times": "microseconds since start_utc; 4611686018427387904 where something did not happen",
        "start_utc": model.frame.start_utc.isoformat(),
        "time zone": model.frame.zone,
        "columns": {name: [column.name.lower() for column in columns] for name, columns in TABLES.items()},
        "run": run_data(result, 0.95),
    }
