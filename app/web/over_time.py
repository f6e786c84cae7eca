"""Metrics over the day or over the whole horizon: mean, band, target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.web.charts import Axis, bands, draw
from app.web.results import heading
from app.web.shell import metric_help, metric_label, spelled, t, texts, title_of
from scenarios.replications import Result
from sim.metrics import Frame, find, metrics_of, owners
from sim.schema.daytable import WEEKDAYS
from sim.units import format_duration

_FIRST = ("service_level", "mean_wait", "occupancy", "staffed_people", "offered", "queue_length", "abandonment_rate")
_FEWEST = 0.5
"""Contacts per interval and run below which a queue's metric tells of single customers only."""
_BANDS = {"confidence": ("low", "high"), "spread": ("spread_low", "spread_high")}


def show(results: Mapping[str, Result], confidence: float) -> None:
    """Choices, the chart, and what its band means."""
    if not results:
        return
    frame = next(iter(results.values())).frame
    left, middle, right = st.columns(3)
    metric = left.selectbox(t("over_time.metric"), _metrics(frame), format_func=texts().named, key="over-metric")
    of = middle.selectbox(
        t("over_time.of"),
        [None, *owners(frame, find(metric).scope)],
        format_func=_or(t("over_time.all")),
        key=f"over-of {find(metric).scope}",
    )
    days = ["day", *WEEKDAYS, "horizon"]
    when = right.selectbox(t("over_time.when"), days, format_func=spelled("day."), key="over-when")
    band = left.segmented_control(
        t("over_time.band"),
        list(_BANDS),
        default="confidence",
        required=True,
        format_func=spelled("over_time."),
        key="over-band",
    )
    choice = _Choice(metric, of, when, confidence)
    shown = {title_of(name): choice.frame(result) for name, result in results.items()}
    if all(part.empty for part in shown.values()):
        st.info(t("over_time.nothing"))
        return
    draw(bands, shown, _axis(frame, metric, of), _BANDS[band or "confidence"])
    if metric == "service_level" and len(_targets(frame, of)) > 1:
        st.caption(t("over_time.targets"))
    st.caption(t(f"over_time.{band}_help", confidence=f"{confidence:.0%}"))
    if find(metric).scope == "queue":
        st.caption(t("over_time.rare"))
    st.caption(f"{metric_label(metric)}: {metric_help(metric)}")


def _or(all_together: str) -> Callable[[str | None], str]:
    return lambda name: name or all_together


def _metrics(frame: Frame) -> list[str]:
    """Metrics that exist by interval, the usual ones first."""
    every = [metric.name for metric in metrics_of(frame) if metric.by_interval]
    return [*_FIRST, *(name for name in every if name not in _FIRST)]


@dataclass(frozen=True, slots=True)
class _Choice:
    """What is to be seen."""

    metric: str
    of: str | None
    when: str
    confidence: float

    def frame(self, result: Result) -> pd.DataFrame:
        """Means and bands; metrics of queues only where at least one run in two has a contact."""
        scope = find(self.metric).scope
        of = self.of if self.of in owners(result.frame, scope) else None
        found = self._by_time(result, self.metric, of)
        seen = found["mean"].notna()
        if scope == "queue":
            seen &= self._by_time(result, "offered", of)["mean"] >= _FEWEST
        return found[seen]

    def _by_time(self, result: Result, metric: str, of: str | None) -> pd.DataFrame:
        if self.when == "horizon":
            return result.by_interval(metric, of, self.confidence)
        found = result.by_time_of_day(metric, of, weekdays=self.when != "day", confidence=self.confidence)
        return found if self.when == "day" else found[found["weekday"] == self.when]


def _axis(frame: Frame, metric: str, of: str | None) -> Axis:
    """The axis, with the goal of the queue, or of all queues where they share it."""
    if metric != "service_level":
        return Axis(heading(metric), find(metric).unit)
    targets = _targets(frame, of)
    goal, within = next(iter(targets)) if len(targets) == 1 else (None, 0)
    name = "" if goal is None else t("over_time.target", goal=f"{goal:.0%}", within=format_duration(within))
    return Axis(heading(metric), "share", goal, name)


def _targets(frame: Frame, of: str | None) -> set[tuple[float | None, int]]:
    """Goals and acceptable waits of one queue or of all."""
    queues = range(len(frame.queues)) if of is None else [frame.queues.index(of)]
    return {(frame.goal[queue], frame.threshold_us[queue]) for queue in queues}
