"""Numbers as tables and reports show them: few digits, one unit for an estimate and its interval."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calibration.evidence import Row

NOTHING = "–"
POINTS = "pp"
"""Unit of differences between shares: percentage points."""

_LENGTHS = ((2 * 86_400, 86_400, "days"), (2 * 3_600, 3_600, "h"), (120, 60, "min"), (0, 1, "s"))
_COUNTED = ("contacts", "days", "people")


def with_unit(value: float | None, unit: str) -> str:
    """A number with its unit, such as ``82.4 %``, ``1.3 min``, ``4,120``."""
    return together([value], unit)[0]


def interval(mean: float | None, low: float | None, high: float | None, unit: str) -> str:
    """A number and its interval in one unit: ``82.4 % (81.9 to 82.9)``."""
    if low is None or high is None:
        return with_unit(mean, unit)
    return "{} ({} to {})".format(*_bare_after_first([mean, low, high], unit, signed=False))


def difference(mean: float | None, low: float | None, high: float | None, unit: str) -> str:
    """A signed difference and its interval; shares differ by percentage points (``pp``)."""
    if mean is None or low is None or high is None:
        return together([mean], unit, signed=True)[0]
    return "{} ({} to {})".format(*_bare_after_first([mean, low, high], unit, signed=True))


def in_two(text: str) -> tuple[str, str]:
    """What `interval` or `difference` wrote, as the number and the two limits; no limits: an empty text."""
    number, _, limits = text.partition(" (")
    return number, limits.removesuffix(")")


def together(values: Iterable[float | None], unit: str, signed: bool = False) -> list[str]:
    """Numbers that belong together, in one unit that suits the largest."""
    values = list(values)
    divisor, suffix, digits = scale(values, unit, signed)
    return [NOTHING if value is None else _join(_digits(value / divisor, digits, signed), suffix) for value in values]


def points(value: float) -> str:
    """Points of a score from 0 to 100; a dash where there is none."""
    return NOTHING if math.isnan(value) else f"{value:.1f}"


def evidence_value(row: Row) -> str:
    """A number of a calibration with its interval and unit."""
    text = interval(row.estimate, row.low, row.high, row.unit)
    return f"{text} {row.unit}" if row.unit in _COUNTED else text


def scale(values: Iterable[float | None], unit: str, signed: bool = False) -> tuple[float, str, int | None]:
    """By what to divide values of a unit for readers, what to write behind, and decimals (None: three digits)."""
    if unit == "share":
        return 0.01, POINTS if signed else "%", 1
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    if unit == "s":
        divisor, name = next((size, name) for least, size, name in _LENGTHS if largest >= least)
        return divisor, name, None
    return 1, unit if unit in ("h", "per h") else "", 2 if unit == "per case" else None


def _bare_after_first(values: list[float | None], unit: str, signed: bool) -> list[str]:
    first, *others = together(values, unit, signed)
    suffix = scale(values, unit, signed)[1]
    return [first, *(other.removesuffix(suffix).rstrip() for other in others)]


def _join(number: str, suffix: str) -> str:
    return f"{number} {suffix}".rstrip()


def _digits(value: float, decimals: int | None, signed: bool) -> str:
    """Three digits at least before anything is cut, no exponent, a true minus sign."""
    if value == 0:
        return "0"
    if decimals is None:
        decimals = _three_digits(value)
    text = f"{value:{'+' if signed and round(value, decimals) else ''},.{decimals}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.lstrip("-")


def _three_digits(value: float) -> int:
    """Decimals that leave three digits; none for a whole number."""
    if value == round(value):
        return 0
    return next((decimals for decimals in range(3) if abs(value) >= 100 / 10**decimals), 3)
