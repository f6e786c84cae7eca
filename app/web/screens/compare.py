"""Page: alternatives against the baseline, with intervals; over the day; required staff; the report."""

from __future__ import annotations

import streamlit as st

from app.results import COMPARED
from app.web import over_time, report, required, results
from app.web.shell import need_scenario, page_file, spelled, t, texts, title_of
from app.web.work import BASELINE, Work, comparable
from sim.metrics import metrics_of

_CONFIDENCES = (0.9, 0.95, 0.99)


def show() -> None:
    """The page."""
    st.title(t("nav.compare"))
    desk = need_scenario()
    if not desk.runs and desk.looks_for_staff:  # taken up from an earlier visit
        required.show(desk)
        return
    if not desk.runs:
        st.info(t("compare.nothing"))
        st.page_link(page_file("run"), label=t("nav.run"), icon=":material/play_circle:")
        return
    _honesty(desk)
    names, metrics, confidence = _choices(desk)
    sections = ("differences", "over_time", "required", "report")
    section = st.segmented_control(
        t("compare.section"),
        sections,
        default="differences",
        required=True,
        format_func=spelled("compare."),
        key="section",
        label_visibility="collapsed",
    )
    if section == "over_time":
        over_time.show({name: desk.runs[name].result for name in [BASELINE, *names] if name in desk.runs}, confidence)
    elif section == "required":
        required.show(desk)
    elif section == "report":
        report.show(desk, names, metrics, confidence)
    else:
        _differences(desk, names, metrics, confidence)


def _honesty(desk: Work) -> None:
    for name in desk.runs:
        if name in [BASELINE, *desk.alternatives] and not desk.is_current(name):
            st.warning(t("run.stale", name=title_of(name)))


def _choices(desk: Work) -> tuple[list[str], tuple[str, ...], float]:
    known = list(comparable(desk.runs, list(desk.runs)))
    left, right = st.columns([4, 1])
    names = left.multiselect(t("compare.which"), known, known, key="compared")
    confidence = right.selectbox(
        t("compare.confidence"), _CONFIDENCES, 1, format_func=lambda share: f"{share:.0%}", key="confidence"
    )
    with st.expander(t("compare.metrics")):
        every = [metric.name for metric in metrics_of(next(iter(desk.runs.values())).result.frame)]
        metrics = st.multiselect(
            t("compare.metrics"),
            every,
            list(COMPARED),
            format_func=texts().named,
            key="metrics",
            label_visibility="collapsed",
        )
    return names, tuple(metrics), confidence


def _differences(desk: Work, names: list[str], metrics: tuple[str, ...], confidence: float) -> None:
    st.subheader(t("compare.values"))
    st.caption(t("compare.values_help"))
    shown = {name: run for name, run in desk.runs.items() if name in [BASELINE, *names]}
    results.show_overview(shown, metrics, confidence)
    results.show_findings(shown)
    comparison = results.compared(desk, names, metrics, confidence)
    if comparison is None:
        return
    st.subheader(t("compare.paired"))
    st.caption(t("compare.paired_help", n=comparison.n, confidence=f"{confidence:.0%}", family=comparison.family))
    results.show_forests(comparison, metrics)
    results.show_differences(comparison, metrics)


show()
