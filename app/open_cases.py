"""Open cases and when they will be done, as tables of the terminal and of pages have them."""

from __future__ import annotations

import datetime as dt

from app.numbers import interval, with_unit
from scenarios.backlog import Backlog

NEVER_TEXT = "after the end"
_FEW = 30


def head(found: Backlog) -> list[str]:
    """Columns of the table of cases."""
    columns = ["Case", "Arrived", "Is at", "Since", "Done, median", "Done, p90"]
    columns += ["Done in time"] if found.by else []
    return [*columns, "Not solved", "Still open"]


def row(found: Backlog, number: int) -> tuple[str, ...]:
    """One case of the table."""
    case = found.cases[number]
    chance = case.in_time and interval(case.in_time.mean, case.in_time.low, case.in_time.high, "share")
    return (
        case.label,
        _wall(case.arrived),
        case.step.removeprefix(_process(found)),
        _wall(case.since),
        *(_wall(found.wall(one.seconds)) for one in (case.median, case.p90)),
        *([chance] if chance else []),
        with_unit(case.lost, "share"),
        with_unit(case.unfinished / case.runs, "share"),
    )


def _process(found: Backlog) -> str:
    """The process that all cases are in, with its colon; nothing if they are in several."""
    known = {case.step.partition(": ")[0] for case in found.cases}
    return f"{known.pop()}: " if len(known) == 1 else ""


def remarks(found: Backlog) -> list[str]:
    """What a reader must know of these numbers."""
    median, late = (_wall(found.wall(found.all_done[name].seconds)) for name in ("median", "p90"))
    said = [f"The last of them is done: median {median}, p90 {late}."]
    censored = sum(case.unfinished > 0 for case in found.cases)
    if censored:
        text = f"{censored} cases are still open at the end ({_wall(found.end)}) in some runs"
        said.append(f"{text}: these are censored there, and a percentile that lies beyond is {NEVER_TEXT!r}.")
    if found.replications < _FEW:
        said.append(f"{found.replications} replications say little about a 90th percentile; run a hundred or more.")
    return said


def _wall(time: dt.datetime | None) -> str:
    return NEVER_TEXT if time is None else f"{time:%d %b %Y %H:%M}"
