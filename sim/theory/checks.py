"""One clear error for a number that has no meaning in a formula."""

from __future__ import annotations

import math
from typing import NoReturn

from sim.errors import ParameterError, Problem

ROUNDING = 1e-12
"""A load this close to the number of agents, relatively, equals it: 200 calls/h x 180 s may come out as 10 - 2e-15."""


def refuse(what: str, *, allowed: str = "", given: str = "", fix: str = "") -> NoReturn:
    """Say what is wrong, what is allowed, what was given and what to do."""
    raise ParameterError(Problem(what, allowed=allowed, given=given, fix=fix))


def number(what: str, value: float, *, above: bool = False, unit: str = "") -> None:
    """A finite number from 0 on, or above 0."""
    if not (value > 0 if above else value >= 0) or math.isinf(value):
        refuse(f"{what} out of range", allowed=f"above 0{unit}" if above else f"0{unit} or more", given=f"{value:g}")


def whole(what: str, value: float, *, least: int = 0) -> int:
    """A whole number from the least on, as an integer."""
    if not (value >= least and value % 1 == 0):
        refuse(f"{what} out of range", allowed=f"{least}, {least + 1}, {least + 2} ...", given=f"{value:g}")
    return int(value)
