"""The service-quality report's tables, as the terminal and pages have them; what stands out is marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from app.numbers import NOTHING, together, with_unit
from scenarios.controlcharts import FEWEST_BASELINE
from scenarios.quality import Outlier, Quality, Series
from scenarios.standards import Standing
from sim.schema.standards import Dimension

Row = list[str | Text]
_FEWEST_CHANGE = 2
"""Whole periods from which on a change can be judged."""
_UNITS = {"share": "share", "s": "s", "count": "", "per case": "per case"}


def value_text(one: Series | None) -> str:
    """The present value of an indicator."""
    return NOTHING if one is None else number(one, one.value)


def number(one: Series, value: float | None, signed: bool = False) -> str:
    """A number in an indicator's unit."""
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

    Whoever has something that stands out is shown before others. Indicators that are zero everywhere are left out.
    """
    members = sorted(found.parts[dimension].items(), key=lambda item: -_marks(item[1]))
    names = [name for name in found.whole if any(name in of and of[name].value for _, of in members)]
    prefix = _common_prefix([member for member, _ in members])
    rows: list[Row] = [
        [member.removeprefix(prefix), *(_marked(value_text(of.get(name)), of.get(name)) for name in names)]
        for member, of in members[:most]
    ]
    columns = [dimension.capitalize(), *(found.whole[name].indicator.label for name in names)]
    return columns, rows, max(len(members) - len(rows), 0)


def _marks(of: Mapping[str, Series]) -> int:
    """How much stands out: what is hardly chance counts more than all that may be."""
    return sum(100 if one.surely else 1 for one in of.values() if one.reasons)


def _common_prefix(names: Sequence[str]) -> str:
    """The process that all steps belong to, with its colon; nothing if there are several."""
    prefixes = {name.partition(": ")[0] for name in names if ": " in name}
    return f"{prefixes.pop()}: " if len(prefixes) == 1 and all(": " in name for name in names) else ""


def _marked(text: str, one: Series | None) -> Text:
    """Red where it stands out: ``!`` if that is hardly chance, ``?`` if it may be."""
    if one is None or not one.reasons:
        return Text(text)
    return Text(f"{text} !", style="bold red") if one.surely else Text(f"{text} ?", style="red")


def outlier_text(one: Outlier) -> str:
    """One value that stands out, and why."""
    whose = f"{one.dimension} {one.member}: " if one.dimension else ""
    why = "; ".join(reason.text for reason in one.series.reasons)
    return f"{whose}{one.series.indicator.label} {value_text(one.series)}: {why}."


def outlier_texts(found: Quality) -> list[str]:
    """All that stand out."""
    return [outlier_text(one) for one in found.outliers()]


def nothing_text(found: Quality) -> str:
    """What to say where nothing stands out: how much could be judged at all."""
    whole = sum(period.whole for period in found.periods)
    if whole < _FEWEST_CHANGE:
        return (
            f"Nothing could be judged yet: a change needs two whole {found.by}s, control limits seven; here: {whole}."
        )
    if whole <= FEWEST_BASELINE:
        return f"Nothing stands out by its change; control limits need seven whole {found.by}s; here: {whole}."
    return "Nothing stands out."


def standing_rows(standings: Sequence[Standing]) -> tuple[list[str], list[Row]]:
    """The register of standards."""
    columns = ["Standard", "Owner", "To attain", "Value", "Attained", "Since", "Stage", "Next"]
    return columns, [_standing(one) for one in standings]


def _standing(one: Standing) -> Row:
    unit, standard = _UNITS[one.indicator.unit], one.standard
    whose = f" of {one.of}" if one.of else ""
    reached = f"{one.met} of {one.seen} {'period' if one.seen == 1 else 'periods'}"
    return [
        f"{one.name} (revision {standard.revision})",
        standard.owner or NOTHING,
        f"{one.indicator.label}{whose} {standard.direction} {with_unit(standard.value, unit)}",
        with_unit(one.value, unit),
        _attained(one, unit),
        f"{one.since}; {reached}" if one.since else NOTHING,
        one.stage,
        one.advice,
    ]


def _attained(one: Standing, unit: str) -> Text:
    """Whether, and by how much."""
    if one.attained is None or one.gap is None:
        return Text("not yet seen")
    by = together([abs(one.gap)], unit, signed=True)[0].lstrip("+")
    return Text(f"yes, by {by}", style="green") if one.attained else Text(f"no, by {by} !", style="bold red")
