"""Where two logs part: the first row that differs, and the events around it.

Both engines must write the same rows. When they do not, this says what each wrote and what happened just before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from sim.codes import Case, Ending, Outcome, Session, Visit
from sim.log import TABLES, Log, Names
from sim.run import ENGINES, run
from sim.units import HOUR_US, MINUTE_US, NEVER, SECOND_US

if TYPE_CHECKING:
    from sim.build import Model

_CODES: dict[str, type[Ending] | type[Outcome]] = {"ending": Ending, "outcome": Outcome}
_PLAIN = {"case", "attempt", "visit", "agent", "attempts", "visits", "handovers"}
_WRITTEN_AT = {"visits": Visit.ENDED, "cases": Case.ENDED, "sessions": Session.OFF}
_Row = tuple[int, ...]
_Event = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first row in which two logs differ.

    Attributes
    ----------
    table : {"visits", "cases", "sessions"}
    number : int
        Number of the row in its table, from 0.
    one, other : tuple of int or None
        The row in either log; None where the log has no such row.
    time : int
        When the earlier of the two was written, microseconds; `NEVER` for rows of the closing.
    """

    table: str
    number: int
    one: _Row | None
    other: _Row | None
    time: int

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that differ; all of them where a row is missing."""
        names = [column.name.lower() for column in TABLES[self.table]]
        if self.one is None or self.other is None:
            return tuple(names)
        return tuple(name for name, a, b in zip(names, self.one, self.other, strict=True) if a != b)


def first_difference(one: Log, other: Log) -> Difference | None:
    """The earliest row, in time, in which two logs differ; None if they are the same."""
    found = [difference for table in TABLES if (difference := _first_in(table, one, other)) is not None]
    return min(found, key=lambda difference: difference.time, default=None)


def _first_in(table: str, one: Log, other: Log) -> Difference | None:
    pairs = zip_longest(getattr(one, table).tolist(), getattr(other, table).tolist())
    for number, (a, b) in enumerate(pairs):
        if a != b:
            time = min(row[_WRITTEN_AT[table]] for row in (a, b) if row is not None)
            return Difference(table, number, a and tuple(a), b and tuple(b), time)
    return None


def differ(model: Model, seed: int = 1, replication: int = 0, around: int = 8) -> str:
    """Run one replication on both engines and say where they part; an empty text if they agree."""
    logs = [run(model, seed, replication, engine) for engine in ENGINES]
    return explain(logs[0], logs[1], model.names, (ENGINES[0], ENGINES[1]), around)


def explain(one: Log, other: Log, names: Names, labels: tuple[str, str] = ("one", "other"), around: int = 8) -> str:
    """Show the first differing row and the events before and after it, marked with the log that has them.

    Parameters
    ----------
    one, other
        Two logs of the same scenario, seed and replication.
    names
        Names behind the numbers.
    labels
        What to call the two logs.
    around
        How many events to show before the difference, and how many after.

    Returns
    -------
    str
        Several lines; empty if the logs are the same.
    """
    difference = first_difference(one, other)
    if difference is None:
        return ""
    lines = [
        f"{labels[0]} and {labels[1]} part in row {difference.number} of {difference.table}: "
        + ", ".join(difference.columns)
    ]
    for label, row in zip(labels, (difference.one, difference.other), strict=True):
        lines.append(f"  {label}: " + (_spell(difference.table, row, names) if row else "no such row"))
    lines.append("events around it:")
    lines += _around(one, other, names, labels, (difference.time, around))
    return "\n".join(lines)


def _around(one: Log, other: Log, names: Names, labels: tuple[str, str], where: tuple[int, int]) -> list[str]:
    time, around = where
    mine, theirs = Counter(_events(one, names)), Counter(_events(other, names))
    both = sorted(mine | theirs)
    middle = next((i for i, (at, _) in enumerate(both) if at >= time), len(both))
    width = max(len(label) for label in labels)
    lines = []
    for event in both[max(middle - around, 0) : middle + around]:
        mark = "" if mine[event] == theirs[event] else labels[0] if mine[event] > theirs[event] else labels[1]
        lines.append(f"  {mark:{width}}  {_clock(event[0])}  {event[1]}")
    return lines


def _events(log: Log, names: Names) -> Iterator[_Event]:
    """What a log says happened, as (time, words)."""
    for row in log.visits.tolist():
        yield from _visit_events(row, names)
    for row in log.cases.tolist():
        case = f"case {names.streams[row[Case.STREAM]]} {row[Case.CASE]}"
        yield row[Case.ARRIVED], f"{case} arrives"
        if row[Case.ENDED] < NEVER:
            yield row[Case.ENDED], f"{case} ends {_word(Outcome(row[Case.OUTCOME]))}"
    for row in log.sessions.tolist():
        agent = f"agent {names.groups[row[Session.GROUP]]} {row[Session.AGENT]}"
        yield row[Session.ON], f"{agent} logs on"
        yield row[Session.OFF], f"{agent} logs off"


def _visit_events(row: list[int], names: Names) -> Iterator[_Event]:
    case = f"case {names.streams[row[Visit.STREAM]]} {row[Visit.CASE]}"
    where = f"visit {row[Visit.VISIT]} at {names.steps[row[Visit.STEP]]}"
    yield row[Visit.ENQUEUED], f"{case} begins {where}"
    if row[Visit.AGENT] < 0:
        yield row[Visit.ENDED], f"{case}, {where}: {_word(Ending(row[Visit.ENDING]))}"
        return
    agent = f"agent {names.groups[row[Visit.GROUP]]} {row[Visit.AGENT]}"
    yield row[Visit.STARTED], f"{agent} starts {case}, {where}"
    yield row[Visit.ENDED], f"{agent} and {case}, {where}: {_word(Ending(row[Visit.ENDING]))}"
    if row[Visit.ENDED] < row[Visit.RELEASED] < NEVER:
        yield row[Visit.RELEASED], f"{agent} ends the wrap of {case}, {where}"


def _word(code: Ending | Outcome) -> str:
    return code.name.lower().replace("_", " ")


def _spell(table: str, row: _Row, names: Names) -> str:
    parts = []
    for column, value in zip(TABLES[table], row, strict=True):
        name = column.name.lower()
        known: tuple[str, ...] = getattr(names, name + "s", ())
        if name in _CODES:
            text = _word(_CODES[name](value))
        elif known or name in _PLAIN:
            text = known[value] if known and value >= 0 else str(value)
        else:
            text = _clock(value)
        parts.append(f"{name} {text}")
    return ", ".join(parts)


def _clock(time_us: int) -> str:
    """A time as hours, minutes, seconds and microseconds since the start."""
    if time_us >= NEVER:
        return "never"
    hours, rest = divmod(time_us, HOUR_US)
    minutes, rest = divmod(rest, MINUTE_US)
    return f"{hours}:{minutes:02d}:{rest // SECOND_US:02d}.{rest % SECOND_US:06d}"
