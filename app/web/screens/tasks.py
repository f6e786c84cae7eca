"""Page: what runs and what has run, from this visit or an earlier one."""

from __future__ import annotations

import streamlit as st

from app.web.shell import t
from app.web.tasklist import show_folder, show_tasks
from app.web.tasks import tasks


def show() -> None:
    """The page."""
    st.title(t("nav.tasks"))
    st.markdown(t("task.intro"))
    show_folder()
    if tasks():
        show_tasks(("runs", "learn", "sweep", "staffing"))
    else:
        st.info(t("task.none"))


show()
