"""What a sensitivity analysis says, as rows of texts: the terminal and the report show the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.attribution import label
from app.numbers import difference, interval, together
from app.tables import Sheet

if TYPE_CHECKING:
    from scenarios.attribution.sensitivity import Design, Effect, Index, Sensitivity
    from scenarios.programme.parameters import Parameter

_MORRIS = (
    "Size: mean change of the result, up or down, when the assumption goes over its whole range, the others being "
    "anywhere in theirs (Morris' mu*). Mean near the size: always in that direction. Spread beyond the size: bends or "
    "interactions."
)
_SOBOL = (
    "Alone: part of the variance of a single run's result that the assumption explains by itself; with interactions: "
    "all that would be left if the others were known (Sobol's first-order and total indices)."
)


def sheets(found: Sequence[Sensitivity], varied: Sequence[Parameter], design: Design) -> list[Sheet]:
    """For each outcome the assumptions, the most important first."""
    ranges = {one.name: (one.mark.range, str(one.written(one.present))) for one in varied}
    shown: list[Sheet] = []
    for one in found:
        shown += [_morris(one, ranges, design)] if one.effects else []
        shown += [_sobol(one, ranges, design)] if one.indices else []
    return shown


def _morris(one: Sensitivity, ranges: dict[str, tuple[str, str]], design: Design) -> Sheet:
    rows = [_effect(effect, one.unit, ranges) for effect in one.effects]
    note = f"{design.trajectories} trajectories. {_MORRIS}"
    columns = ("Assumption", "Range", "Stands", "Size (interval)", "Mean", "Spread")
    return Sheet(f"{label(one.outcome)}: screening of assumptions", columns, rows, note, (0, 1, 2))


def _effect(one: Effect, unit: str, ranges: dict[str, tuple[str, str]]) -> tuple[str, ...]:
    size = difference(one.size.mean, one.size.low, one.size.high, unit).replace("+", "")
    mean, spread = together([one.mean, one.spread], unit, signed=True)
    return one.name, *ranges[one.name], size, mean, spread.replace("+", "")


def _sobol(one: Sensitivity, ranges: dict[str, tuple[str, str]], design: Design) -> Sheet:
    rows = [_index(index, ranges) for index in one.indices]
    note = f"{design.samples} base samples. {_SOBOL}"
    columns = ("Assumption", "Range", "Stands", "Alone", "With interactions")
    return Sheet(f"{label(one.outcome)}: parts of its variance", columns, rows, note, (0, 1, 2))


def _index(one: Index, ranges: dict[str, tuple[str, str]]) -> tuple[str, ...]:
    first, total = (interval(each.mean, each.low, each.high, "share") for each in (one.first, one.total))
    return one.name, *ranges.get(one.name, ("", "")), first, total
