"""What users type, read: scenarios by path or name, interventions, shares, durations, dates."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sim.errors import ParameterError, Problem, ScenarioError
from sim.units import parse_duration, parse_share

if TYPE_CHECKING:
    from app.console import Output
    from sim.schema import Document

T = TypeVar("T")
Names = dict[tuple[str, int], str]


def open_scenario(text: str) -> Document:
    """A scenario file or folder, or one of the library by its name.

    Raises
    ------
    ScenarioError
        If there is none, or it cannot be read.
    """
    from scenarios import library
    from sim.schema import BASELINE, load

    path = Path(text)
    if path.is_file() or (path / BASELINE).is_file() or path.suffix.lower() in (".yaml", ".yml") or len(path.parts) > 1:
        return load(path)
    known = library.names()
    if text in known:
        return library.read(text)
    close = difflib.get_close_matches(text, known, n=1)
    raise ScenarioError(
        Problem(
            f"no such scenario: {text!r}",
            allowed=f"the path of a scenario file, or a name of the library: {', '.join(known)}",
            given=text,
            fix=f"Did you mean {close[0]!r}?" if close else "Run 'queuewise scenarios' to see the library.",
        )
    )


def with_interventions(document: Document, chosen: Sequence[str]) -> Document:
    """The scenario with interventions switched on, in the order given."""
    from scenarios.interventions import apply

    _ = document.scenario  # its own problems first
    return apply(document, list(chosen)) if chosen else document


def with_open_cases(document: Document, path: Path | None, output: Output) -> tuple[Document, Names]:
    """The scenario with a file's open cases, if one is given, and what that file calls them."""
    if path is None:
        return document, {}
    from calibration.open_cases import with_open_cases as opened

    found = opened(document, path)
    unused = f"; columns not used: {', '.join(found.unused)}" if found.unused else ""
    output.note(f"{found.cases:,} open cases from {path}, in place of the scenario's own{unused}.")
    return found.document, found.names


def with_required(document: Document, name: str) -> list[str]:
    """An intervention and before it all that it requires."""
    found: list[str] = []
    for other in document.scenario.interventions[name].requires:
        found += with_required(document, other)
    return list(dict.fromkeys([*found, name]))


def share(option: str, text: str) -> float:
    """A share, such as ``80%`` or ``0.8``."""
    return _read(option, text, parse_share)


def duration_us(option: str, text: str) -> int:
    """A duration, such as ``20s`` or ``1.5 min``, in microseconds."""
    return _read(option, text, parse_duration)


def whole_number(option: str) -> Callable[[object], int]:
    """A reader of whole numbers for an option, with our own message."""

    def read(given: object) -> int:
        try:
            return int(str(given))
        except ValueError:
            raise ParameterError(
                Problem("not a whole number", option, allowed="1, 2, 3 ...", given=repr(given))
            ) from None

    return read


def _read(option: str, text: str, parse: Callable[[object], T]) -> T:
    try:
        return parse(text)
    except ParameterError as error:
        problem = error.problems[0]
        raise ParameterError(Problem(problem.what, option, allowed=problem.allowed, given=repr(text))) from None


def date(option: str, text: str | None) -> dt.date | None:
    """A date, such as ``2026-03-02``.

    Raises
    ------
    ParameterError
        If it is none.
    """
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ParameterError(Problem("not a date", option, allowed="such as 2026-03-02", given=repr(text))) from None


def moment(option: str, text: str | None) -> dt.datetime | None:
    """A local date and time, such as ``2026-03-06 17:00``.

    Raises
    ------
    ParameterError
        If it is none.
    """
    if text is None:
        return None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        allowed = "such as '2026-03-06 17:00', without an offset"
        raise ParameterError(Problem("not a local date and time", option, allowed=allowed, given=repr(text)))
    return found
