"""Today's open cases as an operation exports them: a table with a row for each, put into a scenario."""

from __future__ import annotations

import datetime as dt
import difflib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from calibration.files import read_frame
from calibration.moments import FORMATS, find_format, parse
from sim.errors import DataError, Problem
from sim.schema import Document
from sim.schema.model import Scenario

COLUMNS = {
    "arrived": ("arrived", "created"),
    "at": ("at", "step"),
    "since": ("since",),
    "stream": ("stream",),
    "count": ("count",),
    "case": ("case", "case id", "id", "ticket"),
}
"""What is read, and the headings under which it is looked for, whatever their case."""
_NEEDED = ("arrived", "at")
_NOWHERE = ("fork", "join", "end")
_SHOWN = 10
_MOST = 1_000_000


@dataclass(frozen=True)
class OpenCasesFile:
    """A scenario with the open cases of a file.

    Attributes
    ----------
    document : Document
        In which these are the only open cases.
    names : dict of (str, int) to str
        What the file calls a case, by its stream and its number there, from 1; empty without a column of names.
    cases : int
        How many there are.
    unused : tuple of str
        Columns that mean nothing here.
    """

    document: Document
    names: dict[tuple[str, int], str]
    cases: int
    unused: tuple[str, ...]


def with_open_cases(document: Document, path: Path) -> OpenCasesFile:
    """The scenario with the open cases of a file in place of its own.

    Parameters
    ----------
    document : Document
    path : Path
        CSV, XLSX or Parquet with the columns ``arrived`` and ``at``, and if needed ``since``, ``stream``, ``count`` and
        ``case`` (`COLUMNS`).

    Raises
    ------
    DataError
        With every row that cannot be used, each with its line.
    """
    rows = _Rows(document.scenario, path, *_columns(read_frame(path), path))
    read = [rows.row(number) for number in range(len(rows.frame))]
    rows.refuse()
    cases: dict[str, list[dict[str, Any]]] = {stream: [] for stream in document.scenario.demand}
    names: dict[tuple[str, int], str] = {}
    numbers: Counter[str] = Counter()
    for one in read:
        cases[one.stream].append(one.written)
        for number in range(numbers[one.stream] + 1, numbers[one.stream] + one.count + 1):
            names |= {(one.stream, number): one.case} if one.case else {}
        numbers[one.stream] += one.count
    return OpenCasesFile(_opened(document, cases), names, numbers.total(), rows.unused)


def _opened(document: Document, cases: dict[str, list[dict[str, Any]]]) -> Document:
    demand = {name: {**stream, "open cases": cases[name]} for name, stream in document.data["demand"].items()}
    opened = document.with_data({**document.data, "demand": demand})
    _ = opened.scenario
    return opened


def _columns(frame: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The table under our headings, and the headings that are none of ours."""
    given = {" ".join(str(column).split()).casefold(): column for column in reversed(frame.columns)}
    found = {ours: next((given[one] for one in names if one in given), None) for ours, names in COLUMNS.items()}
    missing = [name for name in _NEEDED if found[name] is None]
    if missing:
        allowed = ", ".join(f"{ours}{'' if ours in _NEEDED else ' (if needed)'}" for ours in COLUMNS)
        what = f"no column {' and no column '.join(map(repr, missing))}"
        given_text = ", ".join(map(str, frame.columns))
        fix = "Give the columns these headings (docs/open-cases.md)."
        raise DataError(Problem(what, file=str(path), allowed=allowed, given=given_text, fix=fix))
    taken = {ours: column for ours, column in found.items() if column is not None}
    unused = tuple(str(column) for column in frame.columns if column not in taken.values())
    return pd.DataFrame({ours: frame[column] for ours, column in taken.items()}), unused


@dataclass(frozen=True, slots=True)
class _Row:
    stream: str
    case: str
    count: int
    written: dict[str, Any]


@dataclass
class _Rows:
    """Rows read one after the other; what is wrong with them is collected."""

    scenario: Scenario
    path: Path
    frame: pd.DataFrame
    unused: tuple[str, ...]
    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        streams = list(self.scenario.demand)
        if "stream" not in self.frame and len(streams) > 1:
            what = "no column 'stream', and the scenario has several streams"
            fix = "Add the column: to which stream each case belongs."
            raise DataError(Problem(what, file=str(self.path), allowed=", ".join(streams), fix=fix))
        self.texts = {name: self.frame[name].astype(str).str.strip().tolist() for name in self.frame}
        self.moments = {name: self._moments(name) for name in ("arrived", "since") if name in self.frame}

    def row(self, number: int) -> _Row:
        """One row; what is wrong with it is noted."""
        before = len(self.problems)
        stream, arrived = self._stream(number), self._moment(number, "arrived")
        at, since = self._step(number, stream), self._moment(number, "since")
        case, count = self._case(number), self._count(number)
        if not self._text(number, "arrived"):
            self._wrong(number, "arrived", "empty", "the local time of its arrival")
        if arrived and since and since < arrived:
            self._wrong(number, "since", "at the step before it came", f"{arrived} or after")
        written = {"arrived": arrived, "at": at, "since": since or arrived, "count": count}
        return _Row(stream, case, count, written if len(self.problems) == before else {})

    def refuse(self) -> None:
        """Complain if anything is wrong."""
        more = len(self.problems) - _SHOWN
        rest = [Problem(f"{more} more of this kind", file=str(self.path))] if more > 0 else []
        if self.problems:
            raise DataError(*self.problems[:_SHOWN], *rest)

    def _text(self, number: int, column: str) -> str:
        return str(self.texts[column][number]) if column in self.texts else ""

    def _wrong(self, number: int, column: str, what: str, allowed: str, fix: str = "") -> None:
        given = self._text(number, column)
        self.problems.append(
            Problem(what, f"column {column!r}", str(self.path), number + 2, None, allowed, given and repr(given), fix)
        )

    def _stream(self, number: int) -> str:
        known, given = list(self.scenario.demand), self._text(number, "stream")
        if "stream" not in self.texts:
            return known[0]
        if given not in known:
            self._wrong(number, "stream", "no such stream", ", ".join(known), _near(given, known))
            return known[0]
        return given

    def _step(self, number: int, stream: str) -> str:
        steps = self.scenario.process.get(self.scenario.demand[stream].type, {})
        known = [name for name, step in steps.items() if step.form not in _NOWHERE]
        given = self._text(number, "at")
        if given in steps and given not in known:
            self._wrong(number, "at", "an open case waits at no such step", ", ".join(known))
        elif given not in known:
            self._wrong(number, "at", f"no such step of {stream!r}", ", ".join(known), _near(given, known))
        return given

    def _moment(self, number: int, column: str) -> dt.datetime | None:
        given = self._text(number, column)
        if not given or column not in self.moments:
            return None
        found = self.moments[column].iloc[number]
        if pd.isna(found):
            self._wrong(number, column, "not a time in the form of the others", "one form in a column")
            return None
        moment: dt.datetime = found.to_pydatetime()
        if moment > self.scenario.start:
            fix = "Set the scenario's 'start' to the time of the list, or leave the case out."
            self._wrong(number, column, "after the scenario's start", f"{self.scenario.start} or before", fix)
        return moment

    def _moments(self, column: str) -> pd.Series:
        """Local wall times; missing where there are none, or they cannot be read."""
        found = self.frame[column]
        if not isinstance(found.dtype, pd.DatetimeTZDtype) and found.dtype.kind != "M":
            texts = pd.Series(self.texts[column], dtype=object)
            texts = texts.where(texts != "", None)
            if texts.isna().all():
                return pd.Series(pd.NaT, index=texts.index)
            found = parse(texts, self._form(texts.dropna(), column))
        if found.dt.tz is not None:
            found = found.dt.tz_convert(ZoneInfo(self.scenario.time_zone)).dt.tz_localize(None)
        return found

    def _form(self, texts: pd.Series, column: str) -> str:
        try:
            return find_format(texts, FORMATS, column)
        except DataError as error:
            one = error.problems[0]
            allowed = one.allowed.partition(", or say 'times:'")[0]
            fix = "Write them such as 2026-03-02 08:15."
            problem = Problem(one.what, one.path, str(self.path), None, None, allowed, one.given, fix)
            raise DataError(problem) from None

    def _count(self, number: int) -> int:
        given = self._text(number, "count")
        if not given:
            return 1
        if not given.isdecimal() or not 1 <= int(given) <= _MOST:
            self._wrong(number, "count", "not a number of cases", f"1 to {_MOST}, or empty: 1")
            return 1
        return int(given)

    def _case(self, number: int) -> str:
        given = self._text(number, "case")
        if given and given in self.lines:
            self._wrong(number, "case", f"stands in line {self.lines[given]} as well", "each case once")
        self.lines.setdefault(given, number + 2)
        return given


def _near(given: str, known: list[str]) -> str:
    close = difflib.get_close_matches(given, known, n=1)
    return f"Did you mean {close[0]!r}?" if close else ""
