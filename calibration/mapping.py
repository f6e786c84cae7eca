"""The mapping: which column of a history file means what. Read from YAML, guessed from a file's columns, saved."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field, ValidationError, model_validator
from ruamel.yaml import YAML

from sim.errors import DataError, Problem, ScenarioError
from sim.schema.base import Duration, Misfit, Part
from sim.schema.document import Document, load
from sim.units import SECOND_US, exact_duration

Columns_ = str | list[str]


class Columns(Part):
    """Names of columns of a call log, or of an event log (contact, activity, started, ended, agent).

    Moments: arrived, queued, started, ended, released, left. Lengths: wait, talk, hold, wrap.
    ``queued`` is when the contact joins the queue (else it is ``arrived``); ``left`` when it hung up (else ``ended``);
    ``ended`` ends the talk, ``released`` the work after it. A length stands in for the moment that it leads to.
    ``department`` and ``channel`` are for the service-quality report only (docs/service-quality.md).
    """

    contact: Columns_ | None = None
    customer: Columns_ | None = None
    type: Columns_ | None = None
    priority: str | None = None
    agent: str | None = None
    outcome: str | None = None
    activity: str | None = None
    arrived: str | None = None
    queued: str | None = None
    started: str | None = None
    ended: str | None = None
    released: str | None = None
    left: str | None = None
    wait: str | None = None
    talk: str | None = None
    hold: str | None = None
    wrap: str | None = None
    department: str | None = None
    channel: str | None = None

    def named(self) -> dict[str, list[str]]:
        """Columns that are named, by what they mean."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: [value] if isinstance(value, str) else value for name, value in given.items() if value}


class Date(Part):
    """The column of the date, where moments are times of day alone."""

    column: str
    format: str | None = None


class Outcomes(Part):
    """Which texts of the outcome column mean what. Other texts are an error, so that none is missed."""

    answered: list[str] = Field(default_factory=list)
    abandoned: list[str] = Field(default_factory=list)
    drop: list[str] = Field(default_factory=list)


class Priority(Part):
    """Values of the priority column that count as having waited a while already.

    ``known when``: ``queued`` says that customers are recognised only when they queue, so that the value of who was
    served at once is unknown and the shares are taken from those who queued.
    """

    head_start: dict[str, Duration] = Field(default_factory=dict)
    known_when: Literal["always", "queued"] = "always"

    @model_validator(mode="before")
    @classmethod
    def _values_are_text(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("head start"), dict):
            return {**data, "head start": {str(key): value for key, value in data["head start"].items()}}
        return data


class ShortService(Part):
    """Services that are too short to be one: kept as served, counted as hang-ups, or dropped."""

    below: Duration = 10 * SECOND_US
    means: Literal["served", "hang-up", "drop"] = "served"


class Window(Part):
    """First and last local day that is used."""

    from_: dt.date | None = None
    to: dt.date | None = None


class Mapping(Part):
    """How to read a history file.

    ``times`` is the format of all moments, as in ``%d.%m.%Y %H:%M:%S``; left out, it is found out. ``never queued``
    says what a hang-up without a time in the queue means: it gave up ``at once``, or it ``left before`` the queue and
    is no contact of these people. ``clock tolerance`` is by how much clocks of two columns may disagree.
    """

    kind: Literal["calls", "events"] = "calls"
    time_zone: str = "UTC"
    columns: Columns
    date: Date | None = None
    times: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    not_applicable: list[str] = Field(default_factory=list)
    outcomes: Outcomes | None = None
    no_agent: list[str] = Field(default_factory=list)
    no_customer: list[str] = Field(default_factory=list)
    never_queued: Literal["at once", "left before"] = "at once"
    priority: Priority = Field(default_factory=Priority)
    short_service: ShortService | None = None
    clock_tolerance: Duration = 2 * SECOND_US
    keep: dict[str, list[str]] = Field(default_factory=dict)
    window: Window = Field(default_factory=Window)

    @model_validator(mode="after")
    def _is_complete(self) -> Mapping:
        named = self.columns.named()
        if self.kind == "events":
            needed = ["contact", "activity", "started", "ended"]
        else:
            needed = ["arrived or queued", "started or wait", "ended or talk"]
        for names in (text.split(" or ") for text in needed):
            if not any(name in named for name in names):
                raise Misfit(f"the mapping names no column for {' or '.join(names)!r}", inside=("columns",))
        if self.outcomes is not None and "outcome" not in named:
            raise Misfit("'outcomes' without an outcome column", allowed="columns: {outcome: ...}")
        return self

    def save(self, path: str | Path) -> None:
        """Write the mapping as YAML, to be read and corrected."""
        Path(path).write_text(self.text(), encoding="utf-8")

    def text(self) -> str:
        """The mapping as YAML."""
        data = self.model_dump(by_alias=True, exclude_defaults=True, mode="json")
        if "clock tolerance" in data:
            data["clock tolerance"] = exact_duration(self.clock_tolerance)
        if self.short_service:
            data["short service"] = {
                "below": exact_duration(self.short_service.below),
                "means": self.short_service.means,
            }
        if self.priority.head_start:
            starts = {value: exact_duration(length) for value, length in self.priority.head_start.items()}
            data["priority"]["head start"] = starts
        stream = io.StringIO()
        yaml = YAML()
        yaml.width = 110
        yaml.dump(data, stream)
        return stream.getvalue()


def load_mapping(path: str | Path) -> Mapping:
    """Read a mapping file.

    Raises
    ------
    DataError
        If it is missing, not YAML, or says something that a mapping cannot say; with file, line and column.
    """
    try:
        document = load(path)
    except ScenarioError as error:
        raise DataError(*error.problems) from None
    return _validated(document)


def mapping_from(data: dict[str, Any], name: str = "mapping") -> Mapping:
    """A mapping from plain data, with the same checks and messages as a file."""
    return _validated(Document.from_data(data, name))


def _validated(document: Document) -> Mapping:
    data = document.data
    for key in ("not applicable", "no agent", "no customer"):
        if isinstance(data.get(key), list):
            data = {**data, key: [str(value) for value in data[key]]}
    try:
        return Mapping.model_validate(data)
    except ValidationError as error:
        raise DataError(*(_problem(document, item) for item in error.errors(include_url=False))) from None


def _problem(document: Document, item: Any) -> Problem:
    path, misfit = tuple(item["loc"]), item.get("ctx", {}).get("error")
    if isinstance(misfit, Misfit):
        details = {"allowed": misfit.allowed, "given": misfit.given, "fix": misfit.fix}
        return document.problem((*path, *misfit.inside), misfit.what, **details)
    return document.problem(path, item["msg"].removeprefix("Value error, "), given=repr(item.get("input"))[:60])


# Words that name a column's meaning, most telling first.
_WORDS: dict[str, tuple[str, ...]] = {
    "contact": ("contact id", "call id", "case id", "ticket id", "contact", "callid", "case", "id"),
    "customer": ("customer id", "customer", "caller id", "caller", "client", "ani"),
    "type": ("type", "queue", "skill", "call type", "category", "service", "topic"),
    "priority": ("priority",),
    "agent": ("agent", "server", "agent id", "resource", "operator", "user", "handled by"),
    "outcome": ("outcome", "result", "disposition", "status", "ending"),
    "arrived": ("arrived", "arrival", "created", "call time", "offered", "opened", "start time", "timestamp"),
    "queued": ("queued", "enqueued", "queue start", "q start", "queue entry", "enqueue time", "queue time start"),
    "started": ("started", "service start", "ser start", "answered", "answer time", "start", "picked up"),
    "ended": ("ended", "service end", "ser exit", "service exit", "end", "finished", "completed", "closed", "end time"),
    "released": ("released", "wrap end", "acw end", "release time"),
    "left": ("left", "abandoned at", "queue exit", "q exit", "hang up time", "abandon time"),
    "wait": ("wait", "wait time", "waiting time", "queue time", "wait seconds", "wait s"),
    "talk": ("talk", "talk time", "handle time", "service time", "talk seconds", "talk s"),
    "hold": ("hold", "hold time", "hold seconds", "hold s"),
    "wrap": ("wrap", "wrap time", "acw", "after call work", "wrap seconds", "wrap s"),
    "activity": ("activity", "event", "concept:name", "step"),
}
_ANSWERED = {"answered", "agent", "served", "handled", "completed", "yes"}
_ABANDONED = {"abandoned", "hang", "hung up", "abandon", "lost", "hangup", "missed", "no"}


def guess_mapping(frame: pd.DataFrame) -> Mapping:
    """Propose a mapping from the names of a file's columns; to be read and corrected.

    Parameters
    ----------
    frame : DataFrame
        The file as text, from `calibration.reading.read_frame`.

    Raises
    ------
    DataError
        If no column looks like the times that every history needs.
    """
    found = _match({_plain(column): column for column in frame.columns})
    kind = "events" if "activity" in found and "arrived" not in found and "queued" not in found else "calls"
    data: dict[str, Any] = {"kind": kind, "columns": found}
    if "outcome" in found:
        data["outcomes"] = _guess_outcomes(frame[found["outcome"]].astype(str).unique())
    if "date" in frame.columns and "date" not in found.values():
        data["date"] = {"column": "date"}
    try:
        return mapping_from(data, "guessed mapping")
    except DataError as error:
        columns = ", ".join(map(str, frame.columns))
        raise DataError(
            Problem(
                f"the columns' names do not say enough: {error.problems[0].what}",
                given=columns[:300],
                fix="Give a mapping file (docs/calibrate.md shows one).",
            )
        ) from None


def _plain(name: object) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", str(name))
    return re.sub(r"[\s_\-.]+", " ", spaced).strip().lower()


def _match(plain: dict[str, str]) -> dict[str, str]:
    """First word that fits wins; each column is used once, exact names before others."""
    found: dict[str, str] = {}
    depth = max(len(words) for words in _WORDS.values())
    for rank in range(depth):
        for meaning, words in _WORDS.items():
            word = words[rank] if rank < len(words) else None
            if word in plain and meaning not in found and plain[word] not in found.values():
                found[meaning] = plain[word]
    return found


def _guess_outcomes(texts: Iterable[str]) -> dict[str, list[str]]:
    guess: dict[str, list[str]] = {"answered": [], "abandoned": [], "drop": []}
    for text in sorted(texts):
        plain = text.strip().lower()
        key = "answered" if plain in _ANSWERED else "abandoned" if plain in _ABANDONED else "drop"
        guess[key].append(text)
    return guess
