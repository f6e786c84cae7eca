"""Page: what Erlang's formulas say, and the simulator beside them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import numbers
from app.web.erlang_case import ErlangCase
from app.web.results import estimate
from app.web.shell import metric_label, t, watch, work
from app.web.work import BASELINE, About, Work, simulation
from scenarios.replications import Result
from sim.errors import QueuewiseError
from sim.theory import Queue, agents_needed, service_level, steady_state
from sim.units import parse_share

_REPLICATIONS = 20


def show() -> None:
    """The page."""
    st.title(t("nav.learn"))
    st.markdown(t("learn.intro"))
    left, right = st.columns([1, 2], gap="large")
    with left:
        case, goal = _ask()
    with right:
        try:
            _answer(case)
        except QueuewiseError as error:
            st.error(str(error))
        st.info(_needed(case, goal))


def _ask() -> tuple[ErlangCase, int]:
    calls = st.number_input(t("learn.calls"), 1.0, 2_000.0, 120.0, 1.0, "%g", key="calls")
    aht_s = st.number_input(t("learn.aht"), 1.0, 3_600.0, 240.0, 1.0, "%g", key="aht")
    agents = st.number_input(t("learn.agents"), 1, 2_000, 10, key="agents")
    impatient = st.toggle(t("learn.impatient"), True, key="impatient")
    patience_s = st.number_input(
        t("learn.patience"), 1.0, 36_000.0, 180.0, 1.0, "%g", key="patience", disabled=not impatient
    )
    within_s = st.number_input(t("learn.within"), 1.0, 3_600.0, 20.0, 1.0, "%g", key="learn-within")
    goal = st.number_input(t("learn.goal"), 1, 99, 80, key="learn-goal")
    return ErlangCase(calls, aht_s, agents, patience_s if impatient else None, within_s), goal


def _answer(case: ErlangCase) -> None:
    """Formula, and simulation where it was asked for."""
    queue = case.queue(case.agents)
    theory = _theory(queue, case.within_s)
    formula = t("learn.erlang_a") if queue.patience_rate else t("learn.erlang_c")
    desk = work()
    if st.button(t("learn.simulate"), key="simulate", disabled=desk.job is not None, icon=":material/play_arrow:"):
        desk.start("learn", simulation({BASELINE: case.document()}, _REPLICATIONS, 1, "kernel", About("learn", {})))
        st.session_state["learned"] = case, None
        st.rerun()
    waiting = watch(desk)
    result = None if waiting else _simulated(desk, case)
    rows = [
        (metric_label(name), numbers.with_unit(value, unit), *_beside(result, name)) for name, unit, value in theory
    ]
    headings = [t("learn.what"), formula] + ([t("learn.simulation")] if result else [])
    st.dataframe(pd.DataFrame(rows, columns=headings), hide_index=True)
    st.caption(t("learn.load", load=f"{queue.load:g}", agents=case.agents))


def _theory(queue: Queue, within_s: float) -> list[tuple[str, str, float]]:
    """Metric, unit and value by formula."""
    found = steady_state(queue)
    return [
        ("service_level_sl4", "share", service_level(queue, within_s)),
        ("abandonment_rate", "share", found.probability_of_abandoning),
        ("asa", "s", found.mean_wait_served),
        ("mean_wait", "s", found.mean_wait),
        ("queue_length", "", found.queue_length),
        ("occupancy", "share", found.occupancy),
    ]


def _simulated(desk: Work, case: ErlangCase) -> Result | None:
    """The result of the last simulation, if it is of this case."""
    asked, result = st.session_state.get("learned", (None, None))
    if result is None and desk.done is not None and desk.done.kind == "learn":
        if desk.done.error:
            st.error(desk.done.error)
        elif desk.done.result:
            result = desk.done.result[BASELINE].result
            st.session_state["learned"] = asked, result
    return result if asked == case else None


def _beside(result: Result | None, metric: str) -> list[str]:
    return [] if result is None else [estimate(result.estimate(metric))]


def _needed(case: ErlangCase, goal: int) -> str:
    share = parse_share(f"{goal} %")
    number = agents_needed(lambda queue: service_level(queue, case.within_s) >= share, case.queue(1_000_000))
    return t("learn.needed", goal=goal, within=f"{case.within_s:g}", agents=number)


show()
