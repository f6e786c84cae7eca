"""Tasks on a page: how far each is, how it ended, with buttons that stop it, open its results, or forget it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from app import numbers
from app.web.shell import page_file, spelled, t, texts, work
from app.web.tasks import Task, results_path, tasks
from sim.errors import QueuewiseError

_POLL_S = 1.0
_SHOWN = 30
ALIVE = ("running", "stopping")
_ICONS = {
    "running": ":material/play_circle:",
    "stopping": ":material/hourglass_top:",
    "done": ":material/check_circle:",
    "stopped": ":material/stop_circle:",
    "failed": ":material/error:",
    "died": ":material/heart_broken:",
}


def show_folder() -> None:
    """Say where results are kept."""
    st.caption(t("task.folder", path=results_path()))


def show_tasks(kinds: Sequence[str]) -> None:
    """The latest tasks of some kinds; looked at again and again while one of them lives."""
    shown = [task for task in tasks() if task.order.kind in kinds][:_SHOWN]
    alive = [task.name for task in shown if task.state in ALIVE]
    st.fragment(_list, run_every=_POLL_S if alive else None)(shown, alive)


def _list(shown: list[Task], alive: list[str]) -> None:
    present = [task for task in shown if task.path.exists()]
    for task in present:
        with st.container(border=True):
            _show(task)
    if alive != [task.name for task in present if task.state in ALIVE]:
        st.rerun()  # the rest of the page shows what has come of it; last, so that no click is lost


def _show(task: Task) -> None:
    order, state, progress = task.order, task.state, task.progress
    begun = time.strftime("%Y-%m-%d %H:%M", time.localtime(order.begun))
    words = spelled("task.")
    st.markdown(f"{_ICONS[state]} **{order.title}** · {words(order.kind)} · {begun} · {words(state)}")
    if state in ALIVE:
        share = progress.done / progress.asked if progress.asked else 0.0
        st.progress(min(share, 1.0), text=_progress(progress.done, progress.asked, progress.left_s))
    elif state == "stopped" and progress.asked:
        st.caption(t("task.finished", done=int(progress.done), asked=int(progress.asked)))
    elif state == "failed":
        st.error(progress.error or task.last_words())
    elif state == "died":
        st.error(t("task.died_help"))
        st.code(task.last_words() or "–", language=None)
    _buttons(task, state)


def _progress(done: float, asked: float, left_s: float | None) -> str:
    text = f"{int(done)} / {int(asked)}"
    if left_s is None:
        return text
    left = t("task.left", time=texts().number(numbers.with_unit(left_s, "s")))
    return f"{text} · {left}"


def _buttons(task: Task, state: str) -> None:
    with st.container(horizontal=True):
        if state == "running":
            st.button(t("job.stop"), key=f"stop {task.name}", icon=":material/stop_circle:", on_click=task.stop)
        if task.order.kind in ("runs", "staffing") and st.button(
            t("task.open"), key=f"open {task.name}", icon=":material/folder_open:"
        ):
            _open(task)
        if state not in ALIVE:
            st.button(t("task.forget"), key=f"forget {task.name}", icon=":material/delete:", on_click=task.remove)


def _open(task: Task) -> None:
    """Go on with the scenario and the alternatives that a task is of."""
    try:
        work().resume(task)
    except (QueuewiseError, KeyError, OSError) as error:
        st.error(str(error))
        return
    if task.order.kind == "staffing":
        st.session_state["section"] = "required"
        st.switch_page(page_file("compare"))
    st.switch_page(page_file("run"))
