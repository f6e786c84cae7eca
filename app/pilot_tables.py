"""What a pilot can show, as tables of the terminal and of pages have it."""

from __future__ import annotations

from app.numbers import difference, together, with_unit
from scenarios.pilot import Detection, Pilot

COLUMNS = (*("Measure", "In it", "Others", "Their mean", "Can show from", "Effect of the phase", "Chance to show it"),)


def pilot_rows(found: Pilot) -> list[tuple[str, ...]]:
    """A row for each measure."""
    return [_row(one) for one in found.detections]


def _row(one: Detection) -> tuple[str, ...]:
    return (
        one.measure,
        f"{one.pilot:,.0f}",
        f"{one.others:,.0f}",
        with_unit(one.usual, one.unit),
        together([one.detectable], one.unit, signed=True)[0].replace("+", "±"),
        difference(one.effect, one.low, one.high, one.unit),
        with_unit(one.power, "share"),
    )


def remarks(found: Pilot) -> list[str]:
    """What a reader must know of these numbers."""
    said = [
        f"A difference as large as under 'can show from' is told from chance with a chance of {found.power:.0%}, at a "
        f"confidence of {found.confidence:.0%}; the smaller a difference, the likelier it goes unseen."
    ]
    if any(one.error is None for one in found.detections):
        said.append("No smallest difference is given where a measure never varied, or too few cases had it.")
    if found.n < _FEW:
        said.append(f"{found.n} replications say little about how much a pilot varies; run fifty or more.")
    return said


_FEW = 30
