"""Page: start a sweep, and explore any that the results folder holds, also one that is still running."""

from __future__ import annotations

import os
from typing import Any

import streamlit as st

from app.paths import short_names
from app.web import explore, kept
from app.web.shell import t
from app.web.tasklist import ALIVE, show_folder, show_tasks
from app.web.tasks import Order, launch, tasks
from scenarios import library
from scenarios.store import Folder, StoreError
from scenarios.sweeps.stored import StoredSweep, stored_sweeps
from sim.errors import QueuewiseError

_POLL_S = 4.0


def show() -> None:
    """The page."""
    st.title(t("nav.sweep"))
    st.markdown(t("sweep.intro"))
    show_folder()
    with st.expander(t("sweep.start"), icon=":material/play_arrow:"):
        _start()
    show_tasks(("sweep",))
    folder, those = kept.need_folder()
    sweeps = {one.key: one for one in stored_sweeps(those)}
    if not sweeps:
        st.info(t("sweep.none"))
        return
    key = st.selectbox(
        t("sweep.which"), list(sweeps), format_func=lambda key: _title(sweeps[key], folder), key="sweep-chosen"
    )
    running = any(task.order.kind == "sweep" and task.state in ALIVE for task in tasks(folder.path))
    growing = running and sweeps[key].finished(folder) < len(sweeps[key].runs)
    st.fragment(_explore, run_every=_POLL_S if growing else None)(folder, sweeps[key])


def _explore(folder: Folder, sweep: StoredSweep) -> None:
    try:
        folder.refresh()
        explore.show(folder, sweep)
    except StoreError as error:  # this part refreshes itself, outside the page's own care
        st.error(str(error))


def _title(sweep: StoredSweep, folder: Folder) -> str:
    names = ", ".join(short_names([factor.name for factor in sweep.factors]).values())
    return f"{sweep.title}: {names} ({sweep.finished(folder)} / {len(sweep.runs)} × {sweep.replications})"


def _start() -> None:
    """A plan of the library, or one of the visitor's own with the scenario beside it."""
    st.markdown(t("sweep.start_help"))
    uploads = st.file_uploader(t("sweep.files"), type=["yaml", "yml", "csv"], accept_multiple_files=True, key="plan")
    names = [one.name for one in uploads if b"sweep:" in one.getvalue()] if uploads else list(library.plan_names())
    left, right = st.columns([3, 1])
    plan = left.selectbox(t("sweep.plan"), names, key="plan-name")
    most = os.cpu_count() or 1
    workers = right.number_input(t("sweep.workers"), 1, most, min(2, most), help=t("sweep.workers_help"), key="workers")
    if st.button(t("sweep.go"), type="primary", key="sweep-go", icon=":material/play_arrow:", disabled=not plan):
        try:
            _launch(str(plan), uploads, int(workers))
        except QueuewiseError as error:
            st.error(str(error))
            return
        st.rerun()


def _launch(plan: str, uploads: list[Any] | None, workers: int) -> None:
    files = {one.name: one.getvalue() for one in uploads or []}
    launch(Order("sweep", plan, ["sweep", plan, "--workers", str(workers)]), files)


show()
