"""A sweep explored: the best so far, what matters, every combination as a line, the table to take along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from app import numbers
from app.paths import readable, short_names
from app.web import kept
from app.web.results import heading
from app.web.shell import metric_help, metric_label, spelled, t, texts
from app.web.sweep_charts import show_effects, show_parallel
from scenarios.store import Folder
from scenarios.sweeps.stored import Explored, StoredSweep, best_first, in_order, parallel
from sim.metrics import find
from sim.units import parse_share

_CONFIDENCES = (0.9, 0.95, 0.99)
_BEST, _LINES, _FEW = 10, 500, 12
_BESIDE = ("service_level", "abandonment_rate", "occupancy", "staffed_hours")
"""What the tables show besides."""
Keeps = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class _Choice:
    """What is sought.

    Attributes
    ----------
    metric : str
    sign : int
        1 if the highest is the best.
    limit : str or None
        The metric that is limited.
    confidence : float
    """

    metric: str
    sign: int
    limit: str | None
    confidence: float


def show(folder: Folder, sweep: StoredSweep) -> None:
    """Choices, then everything that is known so far."""
    done, asked = sweep.finished(folder), len(sweep.runs)
    st.progress(done / asked, text=t("sweep.finished", done=done, asked=asked))
    if not done:
        st.info(t("sweep.waiting"))
        return
    at = kept.stamp(folder)
    first = next(run for run in sweep.runs.values() if len(folder.results.finished.get(run, ())) >= sweep.replications)
    every = kept.metrics_of_run(folder, first, at)
    choice = _ask(sweep, every)
    metrics = list(dict.fromkeys([choice.metric, *filter(None, [choice.limit]), *(n for n in _BESIDE if n in every)]))
    found = kept.exploration(folder, sweep, f"{sweep.key} {asked}", metrics, choice.confidence, at)
    table = found.table()
    limited = _limit(sweep, choice)
    keeps = _filters(sweep, table)
    ranked = best_first(table, choice.metric, choice.sign, lambda rows: keeps(rows) & limited(rows))
    _best(found, ranked, metrics)
    _matters(found, choice)
    _lines(sweep, ranked, choice)
    _table(ranked, sweep)


def _ask(sweep: StoredSweep, every: Sequence[str]) -> _Choice:
    left, middle, right = st.columns([3, 2, 1])
    metric = left.selectbox(t("sweep.metric"), every, format_func=texts().named, key=f"sought {sweep.key}")
    ways = ("highest", "lowest")
    better = find(metric).better
    seek = middle.segmented_control(
        t("sweep.seek"),
        ways,
        default="highest" if better == "higher" else "lowest",
        required=True,
        format_func=spelled("sweep."),
        key=f"seek {metric}",
    )
    confidence = right.selectbox(
        t("compare.confidence"), _CONFIDENCES, 1, format_func=lambda share: f"{share:.0%}", key="sweep-confidence"
    )
    limit = left.selectbox(
        t("sweep.limit"),
        [None, *every],
        format_func=lambda name: metric_label(name) if name else t("sweep.no_limit"),
        key=f"limited {sweep.key}",
    )
    return _Choice(metric, 1 if seek == "highest" else -1, limit, confidence)


def _limit(sweep: StoredSweep, choice: _Choice) -> Keeps:
    """Whether rows keep to the limit that the visitor sets."""
    name = choice.limit
    if name is None:
        return lambda rows: pd.Series(True, index=rows.index)
    left, right = st.columns([2, 3])
    shares = find(name).unit == "share"
    least = left.segmented_control(
        t("sweep.bound"),
        ("at_least", "at_most"),
        default="at_least" if find(name).better == "higher" else "at_most",
        required=True,
        format_func=spelled("sweep."),
        key=f"bound {name}",
    )
    given = right.number_input(
        f"{metric_label(name)} (%)" if shares else heading(name),
        value=80.0 if least == "at_least" and shares else 0.0,
        key=f"limit {name}",
    )
    value = parse_share(f"{given:g} %") if shares and 0 <= given <= 100 else given
    return lambda rows: rows[name] >= value if least == "at_least" else rows[name] <= value


def _filters(sweep: StoredSweep, table: pd.DataFrame) -> Keeps:
    """Whether rows have the values that the visitor wants to see."""
    wanted: dict[str, set[str]] = {}
    with st.expander(t("sweep.filters")):
        for factor in sweep.factors:
            values = in_order(table[factor.name].tolist())
            chosen = _wanted(f"{sweep.key} {factor.name}", factor.name, values)
            if len(chosen) < len(values):
                wanted[factor.name] = {repr(value) for value in chosen}

    def keeps(rows: pd.DataFrame) -> pd.Series:
        kept_rows = pd.Series(True, index=rows.index)
        for name, values in wanted.items():
            kept_rows &= rows[name].map(repr).isin(values)
        return kept_rows

    return keeps


def _wanted(key: str, label: str, values: list[Any]) -> list[Any]:
    """The values that are wanted: a few are ticked, of many a stretch is chosen."""
    if len(values) <= _FEW:
        named = {str(value): value for value in values}
        return [named[name] for name in st.multiselect(label, list(named), key=f"filter {key}")] or values
    ends = (str(values[0]), str(values[-1]))
    low, high = st.select_slider(label, [str(value) for value in values], ends, key=f"filter {key} {len(values)}")
    places = [str(value) for value in values]
    return values[places.index(low) : places.index(high) + 1]


def _best(found: Explored, ranked: pd.DataFrame, metrics: Sequence[str]) -> None:
    """The best combinations by the first of some metrics."""
    st.subheader(t("sweep.best"))
    if ranked.empty:
        st.info(t("sweep.no_best"))
        return
    st.caption(t("sweep.best_help", kept=len(ranked), done=len(found.finished)))
    short = short_names([factor.name for factor in found.sweep.factors])
    first, others = metrics[0], metrics[1:]
    rows = [
        [
            row["combination"],
            _cell(row, first),
            *(readable(row[name]) for name in short),
            *(_cell(row, metric) for metric in others),
        ]
        for row in ranked.head(_BEST).to_dict("records")
    ]
    heads = [t("sweep.combination"), heading(first), *short.values(), *(heading(metric) for metric in others)]
    helps = {heading(metric): st.column_config.TextColumn(help=metric_help(metric)) for metric in metrics}
    helps |= {head: st.column_config.TextColumn(help=name) for name, head in short.items()}
    st.dataframe(pd.DataFrame(rows, columns=heads), hide_index=True, column_config=helps)


def _cell(row: Mapping[Any, Any], metric: str) -> str:
    mean, low, high = (
        None if pd.isna(row[name]) else row[name] for name in (metric, f"{metric} low", f"{metric} high")
    )
    return texts().number(numbers.interval(mean, low, high, find(metric).unit))


def _matters(found: Explored, choice: _Choice) -> None:
    """Main effects, each with its interval and the share of the differences that hangs on it."""
    st.subheader(t("sweep.effects", metric=metric_label(choice.metric)))
    effects = found.effects(choice.metric)
    if not effects:
        st.info(t("sweep.no_effects"))
        return
    whole, shares = found.explained(choice.metric), found.shares(choice.metric)
    said = t("sweep.effects_help", confidence=f"{choice.confidence:.0%}")
    if whole is not None:
        said += " " + t("sweep.explained", share=numbers.with_unit(whole, "share"))
    st.caption(said)
    show_effects(effects, find(choice.metric))
    rows = [
        (
            one.factor,
            readable(one.low),
            readable(one.high),
            texts().number(numbers.difference(one.change.mean, one.change.low, one.change.high, one.change.unit)),
            numbers.with_unit(shares.get(one.factor), "share"),
        )
        for one in effects
    ]
    heads = ("sweep.factor", "sweep.from", "sweep.to", "sweep.change", "sweep.share")
    helps = {t("sweep.share"): st.column_config.TextColumn(help=t("sweep.share_help"))}
    st.dataframe(pd.DataFrame(rows, columns=[t(head) for head in heads]), hide_index=True, column_config=helps)


def _lines(sweep: StoredSweep, ranked: pd.DataFrame, choice: _Choice) -> None:
    st.subheader(t("sweep.parallel"))
    if ranked.empty:
        st.info(t("sweep.no_best"))
        return
    shown = ranked.head(_LINES)
    st.caption(t("sweep.parallel_help", metric=metric_label(choice.metric)))
    if len(shown) < len(ranked):
        st.caption(t("sweep.parallel_some", shown=len(shown), all=len(ranked)))
    factors = short_names([factor.name for factor in sweep.factors])
    metrics = list(dict.fromkeys([*filter(None, [choice.limit]), choice.metric]))
    if choice.limit:
        shown = shown[shown[choice.limit].notna()]

    def said(axis: str, value: Any) -> str:
        return readable(value) if axis in factors else numbers.with_unit(value, find(axis).unit)

    lines, marks = parallel(shown, [*factors, *metrics], said)
    values = shown.set_index("combination")[choice.metric]
    show_parallel(lines, marks, values, factors | {metric: heading(metric) for metric in metrics})


def _table(ranked: pd.DataFrame, sweep: StoredSweep) -> None:
    st.subheader(t("sweep.table"))
    st.dataframe(_plain(ranked, sweep), hide_index=True, height=300)
    st.download_button(
        t("sweep.csv"),
        lambda: ranked.to_csv(index=False).encode(),
        "sweep.csv",
        "text/csv",
        on_click="ignore",
        key="sweep-csv",
        icon=":material/download:",
    )


def _plain(ranked: pd.DataFrame, sweep: StoredSweep) -> pd.DataFrame:
    """Columns of one type each, as a table in the browser needs them."""
    mixed = [factor.name for factor in sweep.factors if ranked[factor.name].dtype == object]
    return ranked.astype({name: str for name in mixed})
