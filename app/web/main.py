"""The first script that Streamlit runs: settings of the page, the language, the navigation."""

from __future__ import annotations

import streamlit as st


def main() -> None:
    """Show the page that was asked for."""
    from app.web.shell import PAGES, first_language, page_file, t, work
    from scenarios.store import StoreError

    st.set_page_config(page_title="Queuewise", page_icon=":material/hourglass_bottom:", layout="wide")
    st.session_state.setdefault("language", first_language())
    work().collect()
    icons = ("folder_open", "tune", "play_circle", "balance", "database", "grid_on", "checklist", "school")
    pages = [
        st.Page(page_file(name), title=t("nav." + name), icon=f":material/{icon}:", default=name == PAGES[0])
        for name, icon in zip(PAGES, icons, strict=True)
    ]
    chosen = st.navigation(pages)
    with st.sidebar:
        desk = work()
        if desk.document is not None:
            st.caption(t("open_now"))
            st.markdown(f"**{desk.document.scenario.name}**")
        _choose_language()
    page = PAGES[pages.index(chosen)]
    if st.session_state.get("page") != page:
        st.session_state["page"] = page
        st.session_state.pop("begun", None)  # what a table's editor kept is gone with its page
    try:
        chosen.run()
    except StoreError as error:  # a damaged file in the results folder
        st.error(str(error))


def _choose_language() -> None:
    from app.texts import LANGUAGES
    from app.web.shell import t

    def take() -> None:
        st.session_state["language"] = st.session_state["chosen-language"]

    st.session_state["chosen-language"] = st.session_state["language"]
    st.selectbox(
        t("language"), list(LANGUAGES), format_func=LANGUAGES.__getitem__, key="chosen-language", on_change=take
    )


# Streamlit runs this file as the main program; a worker process that merely reads it does nothing.
if __name__ == "__main__":
    main()
