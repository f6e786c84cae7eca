"""Assumptions as parameters: from a place in the unit cube to a scenario with these values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.interventions import patched, value_at
from scenarios.programme.marks import Mark, Path, marks
from sim.errors import ParameterError, ScenarioError
from sim.schema import Document
from sim.units import exact_duration, parse_duration, parse_share

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parameter:
    """An assumption that a study varies; marks with the same text are one assumption about several places.

    Attributes
    ----------
    mark : Mark
        Of its first place.
    paths : tuple of paths
    low, high : float
        The range: a factor, a plain number, a share, or microseconds.
    form : {"factor", "share", "duration", "number", "whole"}
        How a value is written back.
    present : float
        What stands in the scenario; 1 for a factor.
    """

    mark: Mark
    paths: tuple[Path, ...]
    low: float
    high: float
    form: str
    present: float

    @property
    def name(self) -> str:
        """The path as people write it."""
        return self.mark.place

    def at(self, share: float) -> float:
        """The value at a share of the range."""
        value = self.low + share * (self.high - self.low)
        return float(round(value)) if self.form == "whole" else value

    @property
    def place(self) -> float:
        """Where in its range the present value lies, 0 to 1."""
        return float(np.clip((self.present - self.low) / (self.high - self.low), 0, 1))

    def written(self, value: float) -> Any:
        """The value as a scenario file has it."""
        if self.form == "factor":
            return f"x {value:.4g}"
        if self.form == "share":
            return f"{100 * value:.8g} %"
        if self.form == "duration":
            return exact_duration(round(value / 1000) * 1000)
        return int(value) if self.form == "whole" else float(f"{value:.8g}")


def parameters(document: Document) -> list[Parameter]:
    """The assumptions that studies vary, in the order of the sources.

    Raises
    ------
    ScenarioError
        If a range cannot be read, is empty, or does not hold the value that stands there; or if places of one
        assumption hold different values.
    """
    found: dict[Mark, list[Mark]] = {}
    for mark in marks(document):
        if mark.kind == "assumed" and mark.role != "held":
            found.setdefault(replace(mark, path=()), []).append(mark)
    return [_parameter(document, places) for places in found.values()]


def _parameter(document: Document, places: list[Mark]) -> Parameter:
    mark = places[0]
    present = value_at(document.data, mark.path)
    for other in places[1:]:
        if not mark.factor and value_at(document.data, other.path) != present:
            raise _odd(document, other, f"one assumption with {mark.place}, but another value", present)
    try:
        form, read = _form(present, mark)
        low, high = read(mark.low), read(mark.high)
        value = 1.0 if mark.factor else read(present)
    except (ParameterError, ValueError):
        raise _odd(document, mark, "a range that does not read like its value", present) from None
    if not low < high:
        raise _odd(document, mark, "an empty range", present)
    if not low <= value <= high:
        raise _odd(document, mark, "a value outside its range", present)
    return Parameter(mark, tuple(one.path for one in places), low, high, form, value)


def _form(present: Any, mark: Mark) -> tuple[str, Any]:
    if mark.factor:
        return "factor", float
    if isinstance(present, str):
        return ("share", parse_share) if present.strip().endswith("%") else ("duration", parse_duration)
    if isinstance(present, bool) or not isinstance(present, (int, float)):
        raise ValueError
    whole = isinstance(present, int) and mark.low.isdigit() and mark.high.isdigit()
    return ("whole" if whole else "number"), float


def _odd(document: Document, mark: Mark, what: str, present: Any) -> ScenarioError:
    allowed = "'assumed LOW to HIGH' around a number, share or duration; 'assumed x LOW to x HIGH' around 1"
    given = f"{mark.range} for {present!r}"[:80]
    return ScenarioError(document.problem(("sources", mark.place), what, allowed=allowed, given=given))


def with_values(document: Document, chosen: Sequence[Parameter], values: Sequence[float]) -> Document:
    """The scenario with these values of parameters; its interventions may hold some of them."""
    patches: dict[str, dict[str, Any]] = {"set": {}, "scale": {}}
    for one, value in zip(chosen, values, strict=True):
        for path in one.paths:
            if one.form == "factor":
                patches["scale"][quoted(path)] = float(f"{value:.8g}")
            else:
                patches["set"][quoted(path)] = one.written(value)
    return patched(document, patches)


def quoted(path: Path) -> str:
    """A path as interventions write it, every key in quotes."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else ("." if text else "") + f'"{key}"'
    return text


def values_at(chosen: Sequence[Parameter], cube: Floats) -> list[float]:
    """Values at a place of the unit cube."""
    return [one.at(float(share)) for one, share in zip(chosen, cube, strict=True)]
