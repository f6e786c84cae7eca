"""What every page shares: the visitor's desk, the texts in their language, messages, the watch on a job."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import numbers
from app.texts import LANGUAGES, Texts
from app.web.job import Job
from app.web.work import BASELINE, Work
from sim.metrics import find

PAGES = ("scenarios", "change", "run", "compare", "stored", "sweep", "tasks", "learn")
_POLL_S = 0.5


def work() -> Work:
    """The visitor's desk."""
    if "work" not in st.session_state:
        st.session_state["work"] = Work()
    desk: Work = st.session_state["work"]
    return desk


def texts() -> Texts:
    """Texts in the visitor's language."""
    return Texts(st.session_state.get("language", "en"))


def t(key: str, **values: object) -> str:
    """One text in the visitor's language."""
    return texts()(key, **values)


def first_language() -> str:
    """The browser's language, if there are texts in it."""
    wanted = (st.context.locale or "en").lower()[:2]
    return wanted if wanted in LANGUAGES else "en"


def spelled(section: str) -> Callable[[str], str]:
    """Writes the names of choices in the visitor's language, as a section of the catalogue has them."""
    words = texts()
    return lambda name: words(section + name)


def titles() -> Callable[[str], str]:
    """Writes names of alternatives for readers."""
    baseline = t("baseline")
    return lambda name: baseline if name == BASELINE else name


def title_of(name: str) -> str:
    """An alternative's name for readers."""
    return titles()(name)


def page_file(name: str) -> str:
    """Path of a page, from the main script."""
    return f"screens/{name}.py"


def need_scenario() -> Work:
    """The desk, or a hint and the end of the page if no scenario is open."""
    desk = work()
    if desk.document is None:
        st.info(t("need_scenario"))
        st.page_link(page_file("scenarios"), label=t("nav.scenarios"), icon=":material/folder_open:")
        st.stop()
    return desk


def next_page(name: str) -> None:
    """A button that leads on."""
    if st.button(t("next." + name), key=f"next-{name}", icon=":material/arrow_forward:"):
        st.switch_page(page_file(name))


def metric_label(name: str) -> str:
    """Name of a metric in the visitor's language."""
    return texts().named(name)


def metric_help(name: str) -> str:
    """Definition of a metric in the visitor's language."""
    return texts().definition(find(name))


def watch(desk: Work) -> bool:
    """Show the job that is under way, with a button that stops it; whether there is one."""
    desk.collect()
    if desk.job is None:
        return False
    st.fragment(_progress, run_every=_POLL_S)(desk, desk.job)
    return True


def _progress(desk: Work, job: Job) -> None:
    if not job.running:
        desk.collect()
        st.rerun()
    if job.preparing:
        st.info(t("job.preparing"), icon=":material/hourglass_top:")
    for part, share in list(job.shares.items()):
        name = title_of(part) if job.kind == "runs" else part
        st.progress(share, text=f"{name}   {job.notes.get(part, '')}")
    if job.left_s is not None and not job.stopped():
        st.caption(t("task.left", time=texts().number(numbers.with_unit(job.left_s, "s"))))
    if job.stopped():
        st.caption(t("job.stopping"))
    else:
        st.button(t("job.stop"), key="stop", icon=":material/stop_circle:", on_click=job.stop)
