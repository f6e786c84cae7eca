"""Page: choose a scenario from the library, open a file, or calibrate one from a call log."""

from __future__ import annotations

import streamlit as st

from app.web import calllog, facts
from app.web.shell import next_page, spelled, t, work
from app.web.work import Origin
from scenarios import library
from sim.errors import ScenarioError
from sim.schema import Document


def show() -> None:
    """The page."""
    st.title(t("nav.scenarios"))
    st.markdown(t("scenarios.intro"))
    ways = {"library": _from_library, "file": _from_file, "log": calllog.show}
    way = st.segmented_control(
        t("scenarios.way"),
        list(ways),
        default="library",
        required=True,
        format_func=spelled("scenarios."),
        key="way",
        label_visibility="collapsed",
    )
    ways[way or "library"]()
    desk = work()
    if desk.document is None:
        return
    st.divider()
    facts.show(desk.document)
    next_page("change")


@st.cache_data
def _library() -> dict[str, Document]:
    return {name: library.read(name) for name in library.names()}


def _open_button(document: Document, origin: Origin) -> None:
    """Opens a scenario that is known to be sound, before the page is written anew."""
    key = f"open-{origin}"
    st.button(t("scenarios.open"), type="primary", key=key, on_click=work().open, args=(document, origin))


def _from_library() -> None:
    known = _library()
    name = st.selectbox(
        t("scenarios.choose"), list(known), format_func=lambda name: known[name].scenario.name, key="library"
    )
    st.markdown(known[name].scenario.about)
    _open_button(known[name], "library")


def _from_file() -> None:
    upload = st.file_uploader(t("scenarios.upload"), type=["yaml", "yml"], key="scenario-file")
    if upload is None:
        return
    try:
        text = upload.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        st.error(t("scenarios.unreadable"))
        return
    try:
        document = Document.from_text(text, upload.name)
        _ = document.scenario
    except ScenarioError as error:
        _show_problems(text, error)
        return
    st.success(t("scenarios.fine", name=document.scenario.name))
    _open_button(document, "file")


def _show_problems(text: str, error: ScenarioError) -> None:
    """Problems beside the text, which has line numbers."""
    beside, listing = st.columns(2)
    with beside:
        for problem in error.problems:
            st.error(str(problem).replace("\n", "  \n"), icon=":material/error:")
    with listing:
        st.code(text, language="yaml", line_numbers=True, height=480)


show()
