"""Page: run the baseline and alternatives, with progress and a stop button."""

from __future__ import annotations

import streamlit as st

from app.web import results
from app.web.shell import need_scenario, next_page, spelled, t, title_of, watch
from app.web.work import BASELINE, Work
from sim.errors import QueuewiseError
from sim.run import ENGINES


def show() -> None:
    """The page."""
    st.title(t("nav.run"))
    desk = need_scenario()
    st.markdown(t("run.intro"))
    _settings(desk)
    if watch(desk):
        return
    _ended(desk)
    if desk.runs:
        _finished(desk)


def _settings(desk: Work) -> None:
    names = st.multiselect(t("run.which"), list(desk.alternatives), list(desk.alternatives), key="which")
    st.caption(t("run.baseline_too") if desk.alternatives else t("run.baseline_only"))
    left, middle, right = st.columns(3)
    replications = left.number_input(
        t("run.replications"), 1, 10_000, desk.replications, help=t("run.replications_help"), key="replications"
    )
    seed = middle.number_input(t("run.seed"), 0, 2**31 - 1, desk.seed, help=t("run.seed_help"), key="seed")
    engine = right.selectbox(
        t("run.engine"), ENGINES, format_func=spelled("run."), help=t("run.engine_help"), key="engine"
    )
    busy = desk.job is not None
    if st.button(t("run.start"), type="primary", disabled=busy, key="start", icon=":material/play_arrow:"):
        desk.replications, desk.seed = int(replications), int(seed)
        try:
            desk.simulate(names, desk.replications, desk.seed, engine)
        except QueuewiseError as error:
            st.error(str(error))
            return
        st.rerun()


def _ended(desk: Work) -> None:
    """How the last run ended."""
    if desk.done is None or desk.done.kind != "runs":
        return
    if desk.done.error:
        st.error(desk.done.error)
    elif desk.done.stopped():
        st.warning(t("run.stopped"))
        for name in desk.done.shares:
            if name not in desk.runs:
                st.warning(t("run.missing", name=title_of(name)))
    elif desk.runs:
        st.success(t("run.done"))


def _finished(desk: Work) -> None:
    st.subheader(t("run.results"))
    for name, run in desk.runs.items():
        if name in [BASELINE, *desk.alternatives] and not desk.is_current(name):
            st.warning(t("run.stale", name=title_of(name)))
        if not run.result.complete:
            done, asked = len(run.result.totals), run.result.asked
            st.warning(t("run.partial", name=title_of(name), done=done, asked=asked))
    results.show_overview(desk.runs, results.headlines(desk.runs))
    st.caption(t("run.facts", replications=desk.replications, seed=desk.seed, engine=_engine(desk)))
    results.show_findings(desk.runs)
    next_page("compare")


def _engine(desk: Work) -> str:
    return t("run." + next(iter(desk.runs.values())).result.engine)


show()
