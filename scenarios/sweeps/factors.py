"""What a sweep varies: a place of the scenario, and the values that it takes there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sim.errors import ParameterError
from sim.units import exact_duration, parse_duration, parse_share

Action = Literal["set", "scale", "add"]
Kind = Literal["whole number", "number", "share", "duration"]


@dataclass(frozen=True, slots=True)
class Span:
    """Everything between two quantities of a kind.

    Attributes
    ----------
    kind : {"whole number", "number", "share", "duration"}
    low, high : float
        Shares in parts of one, durations in microseconds.
    """

    kind: Kind
    low: float
    high: float

    def at(self, place: float) -> Any:
        """What lies at a place between 0 and 1, as a scenario file writes it; each whole number has the same room."""
        if self.kind == "whole number":
            width = self.high - self.low + 1
            return int(self.low + min(math.floor(place * width), width - 1))
        value = self.low + place * (self.high - self.low)
        if self.kind == "duration":
            return exact_duration(round(value))
        return f"{100 * value:.12g} %" if self.kind == "share" else float(f"{value:.12g}")

    def steps(self, number: int) -> list[Any]:
        """Values at equal distances, both ends among them; a whole number only once."""
        width = self.high - self.low
        places = [place / max(number - 1, 1) for place in range(number)]
        if self.kind == "whole number":
            return list(dict.fromkeys(round(self.low + place * width) for place in places))
        return [self.at(place) for place in places]


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing that is varied.

    Attributes
    ----------
    path : str
        Where, as in interventions.
    action : {"set", "scale", "add"}
    values : tuple or Span
        What it is set to, scaled by, or increased by.
    """

    path: str
    action: Action
    values: tuple[Any, ...] | Span

    @property
    def name(self) -> str:
        """The path, and what is done there unless it is set."""
        return self.path if self.action == "set" else f"{self.action} {self.path}"

    def at(self, place: float) -> Any:
        """The value at a place between 0 and 1; listed values have the same room each."""
        if isinstance(self.values, Span):
            return self.values.at(place)
        return self.values[min(int(place * len(self.values)), len(self.values) - 1)]

    @property
    def ends(self) -> tuple[Any, Any]:
        """The lowest and the highest value; of what cannot be ordered, the first and the last."""
        if isinstance(self.values, Span):
            return self.values.at(0.0), self.values.at(1.0)
        if given := quantities(self.values):
            return self.values[given.index(min(given))], self.values[given.index(max(given))]
        return self.values[0], self.values[-1]


def span_of(low: Any, high: Any) -> Span | None:
    """What lies between two ends, if they are quantities of one kind."""
    for kind, read in _READ:
        first, last = _read(read, low), _read(read, high)
        if first is not None and last is not None:
            return Span(kind, first, last)
    return None


def quantities(values: Sequence[Any]) -> list[float] | None:
    """Values as numbers of one kind, if they are that."""
    for _, read in _READ[1:]:
        found = [_read(read, value) for value in values]
        if None not in found:
            return [float(value) for value in found if value is not None]
    return None


def _read(read: Any, value: Any) -> float | None:
    try:
        found: float | None = read(value)
    except ParameterError:
        return None
    return found


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _percent(value: Any) -> float | None:
    return parse_share(value) if isinstance(value, str) and "%" in value else None


def _duration(value: Any) -> float | None:
    return parse_duration(value) if isinstance(value, str) else None


_READ: tuple[tuple[Kind, Any], ...] = (
    ("whole number", _whole),
    ("number", _number),
    ("share", _percent),
    ("duration", _duration),
)
