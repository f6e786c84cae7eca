"""Small scenarios in seconds, and logs as tables that can be written by hand.

A visit reads ``a0 serve g0 0 0 60 70 served``: case 0 of stream a at step serve with agent 0 of group g (``-``: nobody)
joined at 0, started at 0, ended at 60, agent released at 70 (``-``: never), and how it ended. A case reads
``a0 0 0 60 solved 1 1 0 0 70``: arrived, first response, ended, outcome, attempts, visits, hand-overs, waited, worked.
A session reads ``g0 0 140``. Whatever else a row says follows in words: ``served strand 1 callback``,
``... 0 70 reopened 1 solved 60``. Case ``a+0`` is the first of stream a that others gave rise to, ``a-0`` the first
that was open before the start.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sim.build import Model, build
from sim.codes import FIRST_INITIAL, FIRST_SPAWNED, Case, Ending, Flag, Outcome, Visit
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
    unit_s: int = 1,
    **top: Any,
) -> Model:
    """A scenario whose streams arrive ``at`` given seconds; it starts at midnight on Monday 2 March 2026, UTC.

    Arrivals may be given in another unit.
    """
    start = dt.datetime.fromisoformat(top.get("start", "2026-03-02 00:00"))
    data = {
        "queuewise": 1,
        "name": "by hand",
        "start": str(start),
        "horizon": "300 s",
        "demand": {name: _stream(stream, start, unit_s) for name, stream in demand.items()},
        "people": people,
        "process": process,
        **{key: value for key, value in top.items() if key != "start"},
    }
    return build(Document.from_data(data, "by hand").scenario)


def _stream(fields: dict[str, Any], start: dt.datetime, unit_s: int) -> dict[str, Any]:
    made = {"type": "t"} | {key: value for key, value in fields.items() if key != "at"}
    if "at" in fields:
        made["recorded"] = [str(start + dt.timedelta(seconds=at * unit_s)) for at in fields["at"]]
    return made


def check(engine: Any, made: Model, unit_s: int = 1, **tables: str) -> None:
    """Run a scenario on an engine and compare the given tables of its log, row by row and in order."""
    log = run(made, engine=engine)
    for name, expected in tables.items():
        rows = [" ".join(line.split()) for line in expected.strip().splitlines()]
        found = _table(log, name, _Words(made, unit_s))
        assert found == [row for row in rows if row], "\n".join([f"{name} of {engine}:", *found])


def _table(log: Log, name: str, words: _Words) -> list[str]:
    return [" ".join(getattr(words, name)(row)) for row in getattr(log, name).tolist()]


@dataclass(frozen=True)
class _Words:
    """Rows of a model's log as words, times in a unit."""

    made: Model
    unit_s: int

    def visits(self, row: list[int]) -> list[str]:
        names = self.made.names
        agent = self._agent(row[Visit.GROUP], row[Visit.AGENT]) if row[Visit.AGENT] >= 0 else "-"
        step = names.steps[row[Visit.STEP]].split(": ", 1)[1]
        strand = ["strand", str(row[Visit.STRAND])] if row[Visit.STRAND] else []
        flags = [_word(flag) for flag in Flag if row[Visit.FLAGS] & flag]
        ending = _word(Ending(row[Visit.ENDING]))
        return [self._case(row), step, agent, *map(self._time, row[8:12]), ending, *strand, *flags]

    def cases(self, row: list[int]) -> list[str]:
        times, counts = map(self._time, row[2:5]), map(str, row[6:9])
        return [
            self._case(row), *times, _word(Outcome(row[Case.OUTCOME])), *counts, *map(self._time, row[9:11]),
            *self._besides(row),
        ]  # fmt: skip

    def _besides(self, row: list[int]) -> list[str]:
        """What few cases have to say."""
        found = []
        if row[Case.SOLVED] not in (row[Case.ENDED], NEVER):
            found += ["solved", self._time(row[Case.SOLVED])]
        for column in (Case.REOPENED, Case.CHASES, Case.VARIANT):
            found += [_word(column), str(row[column])] if row[column] else []
        found += ["customer", str(row[Case.CUSTOMER])] if row[Case.CUSTOMER] >= 0 else []
        return found + (["left"] if row[Case.LEFT] else [])

    def sessions(self, row: list[int]) -> list[str]:
        return [self._agent(row[0], row[1]), *map(self._time, row[2:4])]

    def _case(self, row: list[int]) -> str:
        stream, number = self.made.names.streams[row[0]], row[1]
        if number >= FIRST_INITIAL:
            return f"{stream}-{number - FIRST_INITIAL}"
        return f"{stream}+{number - FIRST_SPAWNED}" if number >= FIRST_SPAWNED else f"{stream}{number}"

    def _agent(self, group: int, agent: int) -> str:
        """Agents are numbered through all groups; here each group's begin at 0."""
        return f"{self.made.names.groups[group]}{agent - self.made.network.groups[group]['agent_first']}"

    def _time(self, time_us: int) -> str:
        return "-" if time_us == NEVER else f"{time_us / SECOND_US / self.unit_s:g}"


def _word(code: Ending | Outcome | Flag | Case) -> str:
    return str(code.name).lower().replace("_", "-")
