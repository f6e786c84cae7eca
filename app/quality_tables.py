"""The service-quality report's tables, as the terminal and pages have them; what stands out is marked."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from app.numbers import NOTHING, with_unit
from scenarios.quality import Outlier, Quality, Series
from scenarios.standards import Standing
from sim.schema.standards import Dimension

Row = list[str | Text]
_UNITS = {"share": "share", "s": "s", "count": "", "per case": "per case"}


def value_text(one: Series | None) -> str:
    """The present value of an indicator."""
    return NOTHING if one is None else number(one, one.value)


def number(one: Series, value: float | None, signed: bool = False) -> str:
    """A number in an indicator's unit."""
    from app.numbers import together

    if value is None or value != value:
        return NOTHING
    return together([value], _UNITS[one.indicator.unit], signed)[0]


def change_text(one: Series) -> str:
    """The change against the period before, relative to it."""
    return NOTHING if one.change is None else f"{100 * one.change:+.1f} %".replace("-", "−")


def trend_text(one: Series, by: str) -> str:
    """The Theil–Sen slope with its interval, and what it says."""
    if one.moves is None:
        return NOTHING
    slope, low, high = (number(one, value, signed=True) for value in (one.moves.slope, one.moves.low, one.moves.high))
    return f"{one.movement}: {slope} a {by} ({low} to {high})"


def limits_text(one: Series) -> str:
    """The control limits."""
    if one.limits is None:
        return NOTHING
    return f"{number(one, one.limits.low)} to {number(one, one.limits.high)}"


def whole_rows(found: Quality) -> tuple[list[str], list[Row]]:
    """All together: columns, and a row for each indicator."""
    columns = ["Indicator", "Value", "Against before", "Control limits", "Trend"]
    rows: list[Row] = [
        [
            one.indicator.label,
            _marked(value_text(one), one),
            change_text(one),
            limits_text(one),
            trend_text(one, found.by),
        ]
        for one in found.whole.values()
    ]
    return columns, rows


def member_rows(found: Quality, dimension: Dimension, most: int | None = None) -> tuple[list[str], list[Row], int]:
    """One dimension: columns, a row for each member, and how many members are not shown.

    Whoever has something that stands out is shown before others.
    """
    members = list(found.parts[dimension].items())
    members.sort(key=lambda item: -any(one.reasons for one in item[1].values()))
    names = [name for name in found.whole if any(name in of for _, of in members)]
    rows: list[Row] = [
        [member, *(_marked(value_text(of.get(name)), of.get(name)) for name in names)] for member, of in members[:most]
    ]
    columns = [dimension.capitalize(), *(found.whole[name].indicator.label for name in names)]
    return columns, rows, max(len(members) - len(rows), 0)


def _marked(text: str, one: Series | None) -> Text:
    return Text(f"{text} !", style="bold red") if one and one.reasons else Text(text)


def outlier_text(one: Outlier) -> str:
    """One value that stands out, and why."""
    whose = f"{one.dimension} {one.member}: " if one.dimension else ""
    why = "; ".join(reason.text for reason in one.series.reasons)
    return f"{whose}{one.series.indicator.label} {value_text(one.series)}: {why}."


def outlier_texts(found: Quality) -> list[str]:
    """All that stand out."""
    return [outlier_text(one) for one in found.outliers()]


def standing_rows(standings: Sequence[Standing]) -> tuple[list[str], list[Row]]:
    """The register of standards."""
    columns = ["Standard", "Of", "Owner", "To attain", "Value", "Better by", "Attained", "Since", "Stage", "Next"]
    return columns, [_standing(one) for one in standings]


def _standing(one: Standing) -> Row:
    unit, standard = _UNITS[one.indicator.unit], one.standard
    gap = NOTHING if one.gap is None else _signed(one.gap, unit)
    word = {True: Text("yes", style="green"), False: Text("no", style="bold red"), None: Text("not yet seen")}
    return [
        f"{one.name} (revision {standard.revision})",
        one.of or "all",
        standard.owner or NOTHING,
        f"{one.indicator.label} {standard.direction} {with_unit(standard.value, unit)}",
        with_unit(one.value, unit),
        gap,
        word[one.attained],
        f"{one.since} ({one.met} of {one.seen} attained)" if one.since else NOTHING,
        one.stage,
        one.advice,
    ]


def _signed(value: float, unit: str) -> str:
    from app.numbers import together

    return together([value], unit, signed=True)[0]
