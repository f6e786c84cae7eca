"""Results in words: tables whose headings carry the definitions, and what a reader must know beside the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app import numbers
from app.web.charts import show_forest
from app.web.shell import metric_help, metric_label, t, texts, title_of
from app.web.work import BASELINE, Run, Work, comparable
from scenarios.comparison import Comparison, Difference, compare
from scenarios.estimate import Estimate
from scenarios.findings import Finding
from sim.errors import QueuewiseError
from sim.metrics import find, metrics_of

HEADLINES = (
    "offered",
    "service_level",
    "abandonment_rate",
    "asa",
    "wait_p90",
    "occupancy",
    "lost_rate",
    "time_to_resolve",
    "backlog",
)


JUDGED = (
    *("first_contact_resolution", "respond_attainment", "offer_attainment", "solve_attainment"),
    *("csi", "nps", "cost"),
)
"""What the overview shows besides, of what the scenario has."""


def headlines(runs: Mapping[str, Run]) -> tuple[str, ...]:
    """Metrics of the overview: those that say something about one of the scenarios at least."""
    said = {metric.name for run in runs.values() for metric in metrics_of(run.result.frame)}
    return tuple(name for name in (*HEADLINES, *JUDGED) if name in said)


def heading(metric: str) -> str:
    """Name of a metric, with its unit if the numbers go without."""
    unit = find(metric).unit
    return metric_label(metric) + ("" if unit in ("s", "share", "h") else f" ({t('unit.' + unit.replace(' ', '_'))})")


def show_overview(runs: Mapping[str, Run], metrics: tuple[str, ...] = HEADLINES, confidence: float = 0.95) -> None:
    """A row per scenario and a column per metric, each number with its interval, each heading with its definition."""
    rows = {title_of(name): [_cell(run, metric, confidence) for metric in metrics] for name, run in runs.items()}
    _table(rows, metrics)


def show_values(rows: Mapping[str, Sequence[Estimate]], metrics: tuple[str, ...]) -> None:
    """The same of estimates, a row per scenario."""
    _table({name: [estimate(one) for one in found] for name, found in rows.items()}, metrics)


def _cell(run: Run, metric: str, confidence: float) -> str:
    return estimate(run.result.estimate(metric, confidence=confidence))


def estimate(found: Estimate) -> str:
    """A number and its interval."""
    return texts().number(numbers.interval(found.mean, found.low, found.high, found.unit))


def show_differences(comparison: Comparison, metrics: tuple[str, ...]) -> None:
    """A row per alternative and a column per metric: difference, interval, verdict."""
    rows = {name: [difference(comparison.get(name, metric)) for metric in metrics] for name in comparison.alternatives}
    _table(rows, metrics)


def show_forests(comparison: Comparison, metrics: tuple[str, ...]) -> None:
    """A chart per metric: each alternative's difference with its intervals."""
    table = comparison.table()
    table["text"] = [difference(one) for one in comparison.differences]
    for metric in metrics:
        rows = table[(table["metric"] == metric) & table["mean"].notna()]
        if not rows[["family_low", "family_high"]].to_numpy().any():
            continue  # no difference at all, or none defined: the table says so
        label, chart = st.columns([1, 4], vertical_alignment="center")
        label.markdown(f"**{metric_label(metric)}**", help=metric_help(metric))
        unit = find(metric).unit
        with chart:
            show_forest(rows, unit)


def difference(one: Difference) -> str:
    """A difference, its interval and the verdict."""
    number = texts().number(numbers.difference(one.mean, one.low, one.high, one.unit))
    return f"{number} · {verdict(one.verdict)}"


def verdict(name: str) -> str:
    """A verdict for readers."""
    return t("verdict." + name.replace(" ", "_"))


def _table(rows: Mapping[str, list[str]], metrics: tuple[str, ...]) -> None:
    columns = [heading(metric) for metric in metrics]
    frame = pd.DataFrame.from_dict(dict(rows), orient="index", columns=columns)
    frame.index.name = t("scenario")
    helps = {
        column: st.column_config.TextColumn(help=metric_help(metric))
        for column, metric in zip(columns, metrics, strict=True)
    }
    st.dataframe(frame, column_config=helps)


def show_findings(runs: Mapping[str, Run]) -> None:
    """What readers must know first: goals met or missed, overload, numbers to be careful with."""
    found = {name: run.findings for name, run in runs.items()}
    for name, those in found.items():
        for one in those:
            if one.kind in _GRAVE:
                st.warning(f"**{title_of(name)}** – {_words(one)}")
    with st.expander(t("findings.title")):
        for name, those in found.items():
            lines = [f"- {_MARKS.get(one.kind, '')} {_words(one)}" for one in those]
            st.markdown("\n".join([f"**{title_of(name)}**", "", *(lines or [t("findings.none")])]))


_GRAVE = ("overload", "short", "blocked")
_MARKS = {"met": ":material/check_circle:", "missed": ":material/cancel:", "undecided": ":material/help:"}


def _words(one: Finding) -> str:
    if texts().language == "en":
        return one.text
    return t(f"findings.{one.kind}", about=one.about)


def compared(desk: Work, names: Sequence[str], metrics: tuple[str, ...], confidence: float) -> Comparison | None:
    """Differences of alternatives from the baseline; None, and why, if there are none to show."""
    if not names or not metrics:
        st.info(t("compare.no_alternative"))
        return None
    try:
        return compare(desk.runs[BASELINE].result, comparable(desk.runs, names), confidence, metrics)
    except QueuewiseError as error:
        st.error(str(error))
        return None
