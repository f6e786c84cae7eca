"""Reports and scenario files to take along."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.web.results import compared
from app.web.shell import t, texts, titles
from app.web.work import BASELINE, Work
from calibration.yamltext import yaml_text
from scenarios.comparison import Comparison

_HTML = "text/html"


def show(desk: Work, names: list[str], metrics: tuple[str, ...], confidence: float) -> None:
    """Download buttons."""
    st.markdown(t("report.intro"))
    if texts().language != "en":
        st.caption(t("report.english"))
    comparison = compared(desk, names, metrics, confidence)
    if comparison is not None:
        button("report.download", _comparison_page(desk, names, comparison), "comparison.html", "report")
    st.divider()
    name = st.selectbox(t("report.which"), list(desk.runs), format_func=titles(), key="report-of")
    with st.container(horizontal=True):
        button("report.single", _run_page(desk, name, confidence), "report.html", "single")
        text = yaml_text(desk.runs[name].document.data, {}, ())
        st.download_button(
            t("report.scenario"),
            text,
            "scenario.yaml",
            "application/yaml",
            on_click="ignore",
            key="scenario",
            icon=":material/description:",
        )


def button(label: str, make: Callable[[], bytes], file: str, key: str) -> None:
    """A download whose content is made when it is asked for."""
    st.download_button(t(label), make, file, _HTML, on_click="ignore", key=key, icon=":material/download:")


def page_of(write: Callable[[Path], None]) -> bytes:
    """What a writer of pages writes."""
    with tempfile.TemporaryDirectory(prefix="queuewise-") as folder:
        path = Path(folder, "page.html")
        write(path)
        return path.read_bytes()


def _comparison_page(desk: Work, names: list[str], comparison: Comparison) -> Callable[[], bytes]:
    runs = {name: desk.runs[name] for name in [BASELINE, *names]}

    def make() -> bytes:
        from app.report.comparison import write_comparison_report

        base, *_ = runs.values()
        documents = {name: runs[name].document for name in names}
        results = {name: runs[name].result for name in names}
        return page_of(
            lambda path: write_comparison_report(path, (base.document, base.result), documents, results, comparison)
        )

    return make


def _run_page(desk: Work, name: str, confidence: float) -> Callable[[], bytes]:
    run = desk.runs[name]
    chosen = desk.alternatives[name].interventions if name in desk.alternatives else ()

    def make() -> bytes:
        from app.report.run import write_run_report

        return page_of(lambda path: write_run_report(path, run.document, list(chosen), run.result, confidence))

    return make
