"""Required staff: people per interval that a service-level target needs."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app import numbers
from app.web import people
from app.web.charts import draw, steps
from app.web.results import estimate
from app.web.shell import spelled, t, watch
from app.web.work import Alternative, Work
from scenarios.staffing import Staffing, Target
from sim.errors import QueuewiseError
from sim.schema.daytable import WEEKDAYS
from sim.units import SECOND_US, parse_share

_CONFIDENCE = 0.95


def show(desk: Work) -> None:
    """Ask for a target, compute in the background, show the table."""
    st.markdown(t("required.intro"))
    _ask(desk)
    if watch(desk):
        return
    if desk.done is not None and desk.done.kind == "staffing":
        if desk.done.error:
            st.error(desk.done.error)
        elif desk.done.result is not None:
            desk.staffing = desk.done.result
    if desk.staffing is not None:
        _found(desk, desk.staffing)


def _ask(desk: Work) -> None:
    level = desk.baseline.scenario.service_level
    columns = st.columns(4)
    goal = columns[0].number_input(t("required.goal"), 1, 99, _percent(level.goal or 0.8), key="goal")
    within = columns[1].number_input(t("required.within"), 1, 36_000, level.within // SECOND_US, key="within")
    shrinkage = columns[2].number_input(
        t("required.shrinkage"), 0, 90, 0, help=t("required.shrinkage_help"), key="shrinkage"
    )
    ways = ("each", "overall")
    way = columns[3].selectbox(t("required.where"), ways, format_func=spelled("required."), key="where")
    if st.button(t("required.start"), key="staff", icon=":material/groups:", disabled=desk.job is not None):
        target = Target(parse_share(f"{goal} %"), int(within) * SECOND_US, _CONFIDENCE, way == "overall")
        try:
            desk.find_staff(target, parse_share(f"{shrinkage} %"))
        except QueuewiseError as error:
            st.error(str(error))
            return
        st.rerun()


def _percent(share: float) -> int:
    return int(f"{share:.0%}".rstrip("%"))


def _found(desk: Work, found: Staffing) -> None:
    st.subheader(t("required.title", group=found.group))
    (st.success if found.holds else st.warning)(t("required.holds" if found.holds else "required.not_sure"))
    names = ["erlang", "required", "scheduled"] if found.shrinkage else ["erlang", "required"]
    _hours(found, names)
    _day(desk, found, names)
    for note in found.notes:
        st.caption(note)
    if st.button(t("required.keep"), key="keep", icon=":material/add:"):
        name = desk.free_name(t("required.title", group=found.group))
        desk.put(Alternative(name, (), {found.group: people.staffing(found.document, found.group)}))
        st.success(t("required.kept", name=name))


def _hours(found: Staffing, names: list[str]) -> None:
    """Hours per week, and the service level of the check."""
    *columns, last = st.columns(len(names) + 1)
    for column, name in zip(columns, names, strict=True):
        column.metric(t(f"required.{name}_hours"), f"{found.hours[name]:,.1f} h", help=t(f"required.{name}_help"))
    level = found.service_level
    last.metric(t("required.checked"), numbers.with_unit(level.mean, "share"), help=t("required.checked_help"))
    last.caption(estimate(level))


def _day(desk: Work, found: Staffing, names: list[str]) -> None:
    """Chart and table of one weekday, where anybody is needed."""
    table = found.table[found.table[names].any(axis=1)]
    known = [day for day in WEEKDAYS if day in set(table["weekday"])]
    if not known:
        return
    day = st.selectbox(t("over_time.when"), known, format_func=spelled("day."), key="required-day")
    table = table[table["weekday"] == day].drop(columns="weekday")
    lines = {name: table.set_index("time")[name] for name in names}
    if "agents" in people.staffing(desk.baseline, found.group):
        lines["now"] = people.table(desk.baseline, found.group)[day].reindex(table["time"])
    rows = [
        pd.DataFrame({"time": line.index, "people": line.to_numpy(), "what": t(f"required.{name}")})
        for name, line in lines.items()
    ]
    draw(steps, pd.concat(rows, ignore_index=True), t("unit.people"))
    st.dataframe(table, hide_index=True, column_config=_columns())


def _columns() -> dict[str, Any]:
    headings = st.column_config
    return {
        "time": headings.TextColumn(t("required.time")),
        "offered": headings.NumberColumn(t("required.offered"), format="%.1f"),
        "aht_s": headings.NumberColumn(t("required.aht"), format="%.0f s"),
        "erlang": headings.NumberColumn(t("required.erlang"), help=t("required.erlang_help")),
        "required": headings.NumberColumn(t("required.required"), help=t("required.required_help")),
        "scheduled": headings.NumberColumn(t("required.scheduled"), help=t("required.scheduled_help")),
        "service_level": headings.NumberColumn(t("required.level"), format="percent"),
        "low": headings.NumberColumn(t("required.low"), format="percent"),
        "high": headings.NumberColumn(t("required.high"), format="percent"),
        "holds": headings.CheckboxColumn(t("required.sure"), help=t("required.sure_help")),
        "why": headings.TextColumn(t("required.why")),
    }
