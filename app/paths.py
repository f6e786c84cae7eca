"""What a sweep varies, for readers: paths by their ends, values with few digits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sim.units import SECOND_US

_LONG_NUMBER = re.compile(r"\d+\.\d{3,}")
_MICROSECONDS = re.compile(r"(\d+) us")


def readable(value: Any) -> str:
    """A value as a reader wants it: four digits of a number that has more."""
    if isinstance(value, float):
        return _four_digits(value)
    if isinstance(value, str) and (found := _MICROSECONDS.fullmatch(value)):
        return f"{_four_digits(int(found[1]) / SECOND_US)} s"
    return _LONG_NUMBER.sub(lambda found: _four_digits(float(found[0])), str(value))


def _four_digits(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Names of factors by the ends of their paths, two parts at least and as many as tell them apart."""
    parts = {name: name.split(".") for name in names}
    kept = dict.fromkeys(names, 2)
    while True:
        short = {name: _end(parts[name], kept[name]) for name in names}
        used = Counter(short.values())
        alike = [name for name in short if used[short[name]] > 1]
        if not alike:
            return short
        for name in alike:
            kept[name] += 1


def _end(parts: Sequence[str], number: int) -> str:
    """The last parts of a path; what is done there (``scale``, ``add``) stays before it."""
    action, between, _ = parts[0].partition(" ")
    before = f"{action} " if between and action in ("scale", "add") and number < len(parts) else ""
    return before + ".".join(parts[-number:])
