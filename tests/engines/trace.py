"""Small scenarios in seconds, and logs as tables that can be written by hand.

A visit reads ``a0 serve g0 0 0 60 70 served``: case 0 of stream a at step serve with agent 0 of group g (``-``: nobody)
joined at 0, started at 0, ended at 60, agent released at 70 (``-``: never), and how it ended. A case reads
``a0 0 0 60 solved 1 1 0 0 70``: arrived, first response, ended, outcome, attempts, visits, hand-overs, waited, worked.
A session reads ``g0 0 140``.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sim.build import Model, build
from sim.codes import Ending, Outcome
from sim.log import Log
from sim.run import run
from sim.schema import Document
from sim.units import NEVER, SECOND_US

SERVE = {"t": {"serve": {"work": "s", "talk": "60 s"}, "done": {"end": "solved"}}}


def serve(**fields: Any) -> dict[str, Any]:
    """A process of one work step of 60 s, changed as wanted."""
    return {"t": {"serve": {"work": "s", "talk": "60 s"} | fields, "done": {"end": "solved"}}}


def agents(number: Any, *skills: str, **fields: Any) -> dict[str, Any]:
    """A group by head count."""
    return {"agents": number, "skills": list(skills or ("s",))} | fields


def model(
    demand: dict[str, dict[str, Any]],
    people: dict[str, Any],
    process: dict[str, Any] = SERVE,
    **top: Any,
) -> Model:
    """A scenario whose streams arrive ``at`` given seconds; it starts at midnight on Monday 2 March 2026, UTC."""
    start = dt.datetime.fromisoformat(top.get("start", "2026-03-02 00:00"))
    data = {
        "queuewise": 1,
        "name": "by hand",
        "start": str(start),
        "horizon": "300 s",
        "demand": {name: _stream(stream, start) for name, stream in demand.items()},
        "people": people,
        "process": process,
        **{key: value for key, value in top.items() if key != "start"},
    }
    return build(Document.from_data(data, "by hand").scenario)


def _stream(fields: dict[str, Any], start: dt.datetime) -> dict[str, Any]:
    made = {"type": "t"} | {key: value for key, value in fields.items() if key != "at"}
    if "at" in fields:
        made["recorded"] = [str(start + dt.timedelta(seconds=at)) for at in fields["at"]]
    return made


def check(engine: Any, made: Model, **tables: str) -> None:
    """Run a scenario on an engine and compare the given tables of its log, row by row and in order."""
    log = run(made, engine=engine)
    for name, expected in tables.items():
        rows = [" ".join(line.split()) for line in expected.strip().splitlines()]
        assert _table(log, name, made) == [row for row in rows if row]


def _table(log: Log, name: str, made: Model) -> list[str]:
    return [" ".join(_ROWS[name](row, made)) for row in getattr(log, name).tolist()]


def _agent(group: int, agent: int, made: Model) -> str:
    """Agents are numbered through all groups; here each group's begin at 0."""
    return f"{made.names.groups[group]}{agent - made.network.groups[group]['agent_first']}"


def _time(time_us: int) -> str:
    return "-" if time_us == NEVER else f"{time_us / SECOND_US:g}"


def _word(code: Ending | Outcome) -> str:
    return code.name.lower().replace("_", "-")


def _visit(row: list[int], made: Model) -> list[str]:
    names = made.names
    agent = _agent(row[6], row[7], made) if row[7] >= 0 else "-"
    step = names.steps[row[4]].split(": ")[1]
    return [f"{names.streams[row[0]]}{row[1]}", step, agent, *map(_time, row[8:12]), _word(Ending(row[13]))]


def _case(row: list[int], made: Model) -> list[str]:
    times, counts = map(_time, row[2:5]), map(str, row[6:9])
    case = f"{made.names.streams[row[0]]}{row[1]}"
    return [case, *times, _word(Outcome(row[5])), *counts, *map(_time, row[9:11])]


def _session(row: list[int], made: Model) -> list[str]:
    return [_agent(row[0], row[1], made), *map(_time, row[2:4])]


_ROWS = {"visits": _visit, "cases": _case, "sessions": _session}
