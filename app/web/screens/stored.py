"""Page: everything that the results folder holds, and any of it against any other."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.results import COMPARED
from app.web import kept, results
from app.web.shell import t, texts
from app.web.tasklist import show_folder
from scenarios.store import Folder
from scenarios.store.contents import Stored
from scenarios.stored import Rows, StoredComparison, compare_stored
from sim.errors import QueuewiseError

_CONFIDENCES = (0.9, 0.95, 0.99)


def show() -> None:
    """The page."""
    st.title(t("nav.stored"))
    st.markdown(t("stored.intro"))
    show_folder()
    folder, those = kept.need_folder()
    _list(folder, those)
    by_label = {one.label: one for one in those if folder.results.finished.get(one.run)}
    chosen = st.multiselect(t("stored.which"), list(by_label), key="stored", placeholder=t("stored.choose"))
    if not chosen:
        return
    left, right = st.columns([4, 1])
    base = left.selectbox(t("stored.base"), chosen, key="stored-base")
    confidence = right.selectbox(
        t("compare.confidence"), _CONFIDENCES, 1, format_func=lambda share: f"{share:.0%}", key="stored-confidence"
    )
    at = kept.stamp(folder)
    metrics = _metrics(folder, by_label[base], at)
    runs = [by_label[label].run for label in chosen]
    rows = kept.rows_of(folder, those, runs, metrics, at) if metrics else {}
    _compare({label: rows[label] for label in [base, *chosen] if label in rows}, base, tuple(metrics), confidence)


def _list(folder: Folder, those: list[Stored]) -> None:
    wanted = st.text_input(t("stored.filter"), key="stored-filter").lower()
    lines = [
        (one.label, len(folder.results.finished.get(one.run, ())), one.asked, one.seed, one.engine, _when(one.written))
        for one in those
        if wanted in one.label.lower()
    ]
    heads = ("scenario", "stored.finished", "stored.asked", "run.seed", "run.engine", "stored.written")
    st.dataframe(pd.DataFrame(lines, columns=[t(head) for head in heads]), hide_index=True, height=280)
    st.caption(t("stored.count", shown=len(lines), all=len(those)))


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def _metrics(folder: Folder, base: Stored, at: str) -> list[str]:
    with st.expander(t("compare.metrics")):
        every = kept.metrics_of_run(folder, base.run, at)
        return st.multiselect(
            t("compare.metrics"),
            every,
            [name for name in COMPARED if name in every],
            format_func=texts().named,
            key="stored-metrics",
            label_visibility="collapsed",
        )


def _compare(rows: Mapping[str, Rows], base: str, metrics: tuple[str, ...], confidence: float) -> None:
    if not metrics or base not in rows:
        st.info(t("stored.nothing"))
        return
    st.subheader(t("compare.values"))
    results.show_values(
        {label: [one.estimate(metric, confidence) for metric in metrics] for label, one in rows.items()}, metrics
    )
    others = {label: one for label, one in rows.items() if label != base}
    if not others:
        return
    try:
        found = compare_stored(rows[base], others, confidence, metrics)
    except QueuewiseError as error:
        st.error(str(error))
        return
    st.subheader(t("stored.differences", base=base))
    _honesty(found)
    st.caption(t("stored.help", confidence=f"{confidence:.0%}", family=found.comparison.family))
    results.show_forests(found.comparison, metrics)
    results.show_differences(found.comparison, metrics)


def _honesty(found: StoredComparison) -> None:
    """What was paired and what was not, and what else stands between two results."""
    for label, pairing in found.pairings.items():
        if pairing == "independent":
            st.warning(t("stored.independent", name=label))
        elif pairing == "fewer":
            st.info(t("stored.fewer", name=label, n=found.common[label]))
    if "paired" in found.pairings.values():
        paired = [label for label, pairing in found.pairings.items() if pairing == "paired"]
        st.caption(t("stored.paired", names=", ".join(paired), n=max(found.common[label] for label in paired)))
    for label in found.other_stretch:
        st.warning(t("stored.stretch", name=label))
    for label in found.other_versions:
        st.warning(t("stored.versions", name=label))


show()
