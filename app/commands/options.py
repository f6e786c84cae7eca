"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.inputs import whole_number

Scenario = Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario file, or a name of the library.")]
With = Annotated[
    list[str] | None,
    typer.Option("--with", "-w", metavar="INTERVENTION", help="Switch an intervention on; repeatable."),
]
Replications = Annotated[
    int,
    typer.Option("--replications", "-n", metavar="N", parser=whole_number("--replications"), help="Independent runs."),
]
Seed = Annotated[
    int, typer.Option("--seed", metavar="N", parser=whole_number("--seed"), help="Same seed, same customers.")
]
Engine = Annotated[str, typer.Option(help="kernel (fast) or reference (SimPy, to read and extend); same results.")]
Confidence = Annotated[str, typer.Option(help="Confidence of the intervals, such as 95%.")]
Workers = Annotated[
    int,
    typer.Option("--workers", metavar="N", parser=whole_number("--workers"), help="Processes side by side."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Report = Annotated[
    Path | None, typer.Option("--report", metavar="PAGE.html", help="Write a report that opens in any browser.")
]
All = Annotated[bool, typer.Option("--all", help="Show every metric.")]
OpenCases = Annotated[
    Path | None,
    typer.Option(
        "--open-cases", metavar="FILE", help="Today's open cases (CSV, XLSX), in place of the scenario's own."
    ),
]
Csv = Annotated[Path | None, typer.Option("--csv", metavar="FILE.csv", help="Write the table for a spreadsheet.")]
Precision = Annotated[
    list[str] | None,
    typer.Option(
        "--precision",
        metavar="WANTED",
        help="Replicate until an interval is so narrow: 'service level 1 %', 'asa of orders 2 s'; repeatable.",
    ),
]
Most = Annotated[
    int,
    typer.Option("--most", metavar="N", parser=whole_number("--most"), help="Replications at most, to --precision."),
]
Stress = Annotated[
    Path | None, typer.Option("--stress", metavar="FILE.md", help="Write a STRESS-DES checklist of the study, a draft.")
]
Folder = Annotated[
    Path | None,
    typer.Option("--folder", metavar="DIR", help="Results folder; what is finished there is not run again."),
]
