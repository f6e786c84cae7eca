"""``queuewise results``: what a results folder holds, also while it is being written to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import Confidence, Csv, Json
from app.console import Output
from app.files import checked_target
from app.inputs import share
from app.numbers import NOTHING, in_two, interval
from app.paths import readable
from app.results import COMPARED, short_label
from sim.errors import ParameterError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from scenarios.store import Folder
    from scenarios.store.listing import Selection

Where = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="'PATH >= VALUE'", help="Scenarios with such a value; repeatable."),
]
Names = Annotated[
    list[str] | None,
    typer.Option("--scenario", metavar="NAME", help="Scenarios of that name; * stands for anything; repeatable."),
]
Metrics = Annotated[list[str] | None, typer.Option("--metric", metavar="NAME", help="Only these metrics; repeatable.")]
Owners = Annotated[bool, typer.Option("--owners", help="Each queue, group, stream, tier and cost line as well.")]
Xlsx = Annotated[Path | None, typer.Option("--xlsx", metavar="FILE.xlsx", help="Write an Excel workbook.")]
Parquet = Annotated[Path | None, typer.Option("--parquet", metavar="FILE.parquet", help="Write a Parquet file.")]
Replications = Annotated[bool, typer.Option("--by-replication", help="Write single replications, not estimates.")]
_SHOWN = 40


def results(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A results folder.")],
    names: Names = None,
    where: Where = None,
    metrics: Metrics = None,
    owners: Owners = False,
    by_replication: Replications = False,
    confidence: Confidence = "95%",
    csv: Csv = None,
    xlsx: Xlsx = None,
    parquet: Parquet = None,
    as_json: Json = False,
) -> None:
    """List, filter and export what a results folder holds; it may be growing meanwhile."""
    output, level = Output(as_json), share("--confidence", confidence)
    given = (("csv", csv, ""), ("xlsx", xlsx, ".xlsx"), ("parquet", parquet, ".parquet"))
    targets = {kind: checked_target(path, ending) for kind, path, ending in given if path}

    from scenarios.store import Folder
    from scenarios.store.listing import Selection, replications, table

    kept = Folder.open(folder)
    chosen = Selection(tuple(names or ()), tuple(where or ()), tuple(metrics or ()), owners, level)
    found = table(kept, chosen)
    if targets:
        exported = replications(kept, chosen) if by_replication else found
        for kind, path in targets.items():
            _export(exported, kind, path)
            output.note(f"{len(exported):,} rows: {path}")
    if as_json:
        output.document(_data(kept, chosen, found))
    else:
        _show(kept, chosen, found, output)


def _export(table: pd.DataFrame, kind: str, path: Path) -> None:
    """Write a table; a file that cannot be written is said in one line."""
    try:
        if kind == "csv":
            table.to_csv(path, index=False)
        elif kind == "parquet":
            table.astype({name: str for name in table if table[name].dtype == object}).to_parquet(path, index=False)
        else:
            _write_workbook(table, path)
    except OSError as error:
        raise ParameterError(Problem(f"cannot be written: {error.strerror}", file=str(path))) from None


_EXCEL_ROWS = 1_048_576


def _write_workbook(table: pd.DataFrame, path: Path) -> None:
    import pandas as pd

    if len(table) >= _EXCEL_ROWS:
        fix = "Choose metrics or scenarios, or write a Parquet file."
        what = "more rows than a sheet of Excel has"
        raise ParameterError(Problem(what, allowed=f"{_EXCEL_ROWS - 1:,}", given=f"{len(table):,}", fix=fix))
    with pd.ExcelWriter(path, engine="xlsxwriter") as book:
        table.to_excel(book, sheet_name="results", index=False, freeze_panes=(1, 1))


def _data(folder: Folder, chosen: Selection, found: pd.DataFrame) -> dict[str, Any]:
    from scenarios.store.listing import scenarios

    said = scenarios(folder, chosen)
    rows = {run: part for run, part in found.groupby("run")}
    columns = ["metric", "of", "owner", "mean", "low", "high", "unit", "n"]
    return {
        "folder": str(folder.path),
        "scenarios": [
            {
                "name": one["name"],
                "run": one["run"],
                "seed": one["seed"],
                "engine": one["engine"],
                "finished": one["finished"],
                "replications": one["replications"],
                "values": one["parameters"],
                "metrics": rows[one["run"]][columns].to_dict("records") if one["run"] in rows else [],
            }
            for one in said.to_dict("records")
        ],
    }


def _show(folder: Folder, chosen: Selection, found: pd.DataFrame, output: Output) -> None:
    from app.tables import plain_table
    from scenarios.store.listing import scenarios

    said = scenarios(folder, chosen)
    shown = list(chosen.metrics) or [name for name in COMPARED if name in set(found["metric"])]
    paths = list(dict.fromkeys(path for values in said["parameters"] for path in values))
    cells = {
        (one["run"], one["metric"]): in_two(_interval(one))[0] for one in found[found["owner"] == ""].to_dict("records")
    }
    rows = [
        (*_said(one, paths), *(cells.get((one["run"], metric), NOTHING) for metric in shown))
        for one in said.head(_SHOWN).to_dict("records")
    ]
    note = f"{_SHOWN} of {len(said)} are shown; --csv, --xlsx and --parquet have all." if len(said) > _SHOWN else ""
    if said.empty:
        note = "Nothing in the folder is of that name or has such a value."
    heads = ["Scenario", "Replications", *paths, *(_label(metric) for metric in shown)]
    output.show(plain_table(str(folder.path), heads, rows, note, range(len(paths) + 2)))
    if chosen.owners and len(said):
        _show_owners(found[found["owner"] != ""], output)


def _said(one: dict[Any, Any], paths: list[str]) -> list[str]:
    """Name, progress and values of a scenario."""
    values = ["" if one[path] is None else readable(one[path]) for path in paths]
    return [one["name"], f"{one['finished']} of {one['replications']}", *values]


def _show_owners(found: pd.DataFrame, output: Output) -> None:
    from app.tables import plain_table

    rows = [
        (one["name"], _label(one["metric"]), f"{one['of']} {one['owner']}", _interval(one))
        for one in found.head(_SHOWN).to_dict("records")
    ]
    note = f"{_SHOWN} of {len(found)} are shown." if len(found) > _SHOWN else ""
    output.show(plain_table("By owner", ("Scenario", "Metric", "Of", "Mean"), rows, note, range(3)))


def _interval(one: dict[Any, Any]) -> str:
    mean, low, high = (None if one[name] != one[name] else float(one[name]) for name in ("mean", "low", "high"))
    return interval(mean, low, high, one["unit"])


def _label(metric: str) -> str:
    from sim.metrics import METRICS

    return short_label(metric) if any(one.name == metric for one in METRICS) else metric
