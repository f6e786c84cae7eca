"""Results as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from app.numbers import NOTHING, POINTS, difference, evidence_value, in_two, interval, points, with_unit
from app.results import BY_COST_LINE, BY_GROUP, BY_QUEUE, BY_STREAM, BY_TIER, HEADLINES, short_label
from sim.metrics import find

if TYPE_CHECKING:
    from calibration.evidence import Row
    from calibration.evidence import Table as Counted
    from scenarios.chances import Chance
    from scenarios.comparison import Comparison, Difference
    from scenarios.estimate import Estimate
    from scenarios.precision import Precise
    from scenarios.ranking import Ranking
    from scenarios.replications import Result

VERDICT_STYLES = {"better": "green", "worse": "red", "higher": "bold", "lower": "bold"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of texts."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""
    texts: tuple[int, ...] = (0,)


def plain_table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str | Text]],
    note: str = "",
    texts: Sequence[int] = (0,),
) -> Group:
    """A table under its title; columns of numbers stand to the right, those of texts to the left."""
    table = Table(box=box.SIMPLE_HEAD)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number in texts else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return Group(Text(title, style="bold"), table, *([Text(note + "\n")] if note else []))


def sheet_tables(sheets: Iterable[Sheet]) -> list[Group]:
    """Tables of a study that pages show as well."""
    return [plain_table(one.title, one.columns, one.rows, one.note, one.texts) for one in sheets]


def result_tables(result: Result, confidence: float, every: bool) -> list[Group]:
    """The whole run, then queues, groups and streams where there are several."""
    estimates = result.estimates(confidence)
    names = [name for name in (estimates if every else HEADLINES) if name in estimates]
    tables = [_whole(f"{result.name}: {len(result.totals)} replications", estimates, names, confidence)]
    parts = (
        ("Queue", result.by_queue(confidence), BY_QUEUE),
        ("Group", result.by_group(confidence), BY_GROUP),
        ("Stream", result.by_stream(confidence), BY_STREAM),
    )
    tables += [_by(what, owners, chosen) for what, owners, chosen in parts if len(owners) > 1]
    judged = (
        ("Tier", result.by("tier", confidence), BY_TIER),
        ("Cost line", result.by("cost line", confidence), BY_COST_LINE),
    )
    tables += [_by(what, owners, chosen) for what, owners, chosen in judged if owners]
    return tables + _score_tables(result)


def _score_tables(result: Result) -> list[Group]:
    """Scores of teams and channels; agents' are in the JSON document."""
    card = [one for one in result.scorecard() if one.kind != "agent"]
    if not card:
        return []
    rows = [(f"{one.kind} {one.name}", *(points(value) for value in (one.score, *one.values.values()))) for one in card]
    return [plain_table("Scorecard", ("", "Score", *card[0].values), rows, "Weights as given, divided by their sum.")]


def _whole(title: str, estimates: Mapping[str, Estimate], names: Sequence[str], confidence: float) -> Group:
    rows = []
    for name in names:
        one = estimates[name]
        rows.append((find(name).label, *in_two(interval(one.mean, one.low, one.high, one.unit))))
    return plain_table(title, ("Metric", "Mean", f"{100 * confidence:g} % interval"), rows)


def _by(what: str, owners: Mapping[str, Mapping[str, Estimate]], names: Sequence[str]) -> Group:
    names = [name for name in names if all(name in of for of in owners.values())]
    rows = [(name, *(with_unit(of[one].mean, of[one].unit) for one in names)) for name, of in owners.items()]
    return plain_table(f"By {what.lower()}", (what, *(short_label(name) for name in names)), rows)


def comparison_table(comparison: Comparison, alternative: str) -> Group:
    """One alternative against the baseline."""
    rows = [_difference_row(one) for one in comparison.differences if one.alternative == alternative]
    columns = (
        "Metric",
        "Baseline",
        "Alternative",
        f"Difference ({100 * comparison.confidence:g} % interval)",
        "Verdict",
    )
    return plain_table(alternative, columns, rows)


def _difference_row(one: Difference) -> tuple[str | Text, ...]:
    style = VERDICT_STYLES.get(one.verdict, "")
    verdict = Text(one.verdict, style=style)
    return (
        find(one.metric).label,
        with_unit(one.baseline, one.unit),
        with_unit(one.value, one.unit),
        difference(one.mean, one.low, one.high, one.unit),
        verdict,
    )


def pairs_table(pairs: Sequence[Comparison]) -> Group:
    """Every pair of scenarios, metric by metric: the second less the first."""
    rows = [
        (find(one.metric).label, *_pair_row(one, of.baseline))
        for name in dict.fromkeys(one.metric for of in pairs for one in of.differences)
        for of in pairs
        for one in of.differences
        if one.metric == name
    ]
    columns = ("Metric", "Scenario", "Against", "Difference (interval for all together)", "Verdict")
    return plain_table("All pairs", columns, rows, texts=(0, 1, 2))


def _pair_row(one: Difference, base: str) -> tuple[str | Text, ...]:
    text = difference(one.mean, one.family_low, one.family_high, one.unit)
    return one.alternative, base, text, Text(one.verdict, style=VERDICT_STYLES.get(one.verdict, ""))


def ranks_table(ranks: Sequence[Ranking]) -> Group:
    """Scenarios in the order of each metric."""
    rows = [
        (
            find(ranking.metric).label if place.rank == 1 else "",
            str(place.rank),
            place.name,
            interval(place.estimate.mean, place.estimate.low, place.estimate.high, place.estimate.unit),
            "may be the best" if place.may_be_best else f"behind {place.beaten_by}",
        )
        for ranking in ranks
        for place in ranking.places
    ]
    return plain_table("Ranks", ("Metric", "Rank", "Scenario", "Mean", "As far as can be told"), rows, texts=(0, 2, 4))


def chances_table(chances: Sequence[Chance]) -> Group:
    """How likely each scenario meets each target, in a run and in whole days, weeks and months."""
    rows = [
        (
            one.goal,
            f"{with_unit(one.level, 'share')} in a {one.per}",
            one.scenario,
            *in_two(interval(one.estimate.mean, one.estimate.low, one.estimate.high, one.estimate.unit)),
        )
        for one in sorted(chances, key=lambda one: (one.goal, PERIODS.index(one.per)))
    ]
    return plain_table(
        "Chance that a target is met", ("Target", "Goal", "Scenario", "Chance", "Interval"), rows, texts=(0, 1, 2)
    )


PERIODS = ("day", "week", "month", "run")


def precision_table(precise: Precise) -> Group:
    """Wanted half-widths beside those reached."""
    rows = []
    for one in precise.precisions:
        relative = one.wanted if one.relative else None
        wanted = f"{100 * relative:g} % of the mean" if relative else half_width_text(one.wanted, one.unit)
        needed = NOTHING if one.reached or one.needed is None else f"about {one.needed:,}"
        label = find(one.metric).label + (f" of {one.of}" if one.of else "")
        shown = with_unit(one.mean, one.unit), wanted, half_width_text(one.half_width, one.unit)
        rows.append((label, *shown, "yes" if one.reached else "no", needed))
    columns = ("Metric", "Mean", "Wanted ±", "Reached ±", "Narrow enough", "Replications needed")
    return plain_table(f"Precision after {len(precise.result.totals)} replications", columns, rows)


def half_width_text(value: float | None, unit: str) -> str:
    """Half an interval's width; of a share in percentage points."""
    text = with_unit(value, unit)
    return text.replace("%", POINTS) if unit == "share" else text


def evidence_rows(title: str, rows: Sequence[Row]) -> Group:
    """Numbers of a calibration with their intervals and what they rest on."""
    lines = [(row.name, evidence_value(row), NOTHING if row.n is None else f"{row.n:,}", row.note) for row in rows]
    return plain_table(title, ("", "Estimate (95 % interval)", "n", "Note"), lines, texts=(0, 3))


def evidence_table(table: Counted) -> Group:
    """A table of a calibration; its note stands below."""
    rows = [[cell_text(cell) for cell in row] for row in table.rows]
    return plain_table(table.title, table.columns, rows, table.note, text_columns(table))


def text_columns(table: Counted) -> list[int]:
    """Columns of a table that hold texts, the first always."""
    texts = [
        number for number in range(1, len(table.columns)) if any(isinstance(row[number], str) for row in table.rows)
    ]
    return [0, *texts]


def cell_text(cell: str | float | int | None) -> str:
    """A cell of a table as text."""
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else with_unit(float(cell), "")
