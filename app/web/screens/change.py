"""Page: alternatives to the baseline, by interventions and by staffing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd
import streamlit as st

from app.report.page import words
from app.web import people
from app.web.shell import need_scenario, next_page, t
from app.web.work import Alternative, Work, needed, one_for_each
from scenarios.changes import changes
from sim.errors import QueuewiseError
from sim.schema import Document
from sim.schema.daytable import WEEKDAYS


def show() -> None:
    """The page."""
    st.title(t("nav.change"))
    desk = need_scenario()
    st.markdown(t("change.intro"))
    _make_some(desk)
    if not desk.alternatives:
        return
    name = _choose(desk)
    _interventions(desk, name)
    _staffing(desk, name)
    _verdict(desk, name)
    next_page("run")


def _make_some(desk: Work) -> None:
    """New alternatives: empty, or one for each intervention of the scenario."""
    missing = [one for one in one_for_each(desk.baseline) if one.name not in desk.alternatives]
    new = Alternative(desk.free_name(t("change.alternative")))
    with st.container(horizontal=True):
        st.button(t("change.new"), key="new", icon=":material/add:", on_click=_put, args=(desk, [new]))
        if missing:
            label = t("change.each", number=len(missing))
            st.button(label, key="each", icon=":material/library_add:", on_click=_put, args=(desk, missing))


def _put(desk: Work, alternatives: list[Alternative]) -> None:
    for one in alternatives:
        desk.put(one)
    st.session_state["alternative"] = alternatives[0].name


def _choose(desk: Work) -> str:
    """Which alternative is being changed, and what can be done with it as a whole."""
    left, middle, right = st.columns([4, 3, 3], vertical_alignment="bottom")
    name = left.selectbox(t("change.which"), list(desk.alternatives), key="alternative")
    widget = f"name of {name}"
    middle.text_input(t("change.name"), name, key=widget, on_change=_rename, args=(desk, name, widget))
    if (taken := st.session_state.pop("name-taken", None)) is not None:
        st.warning(t("change.name_taken", name=taken))
    with right.container(horizontal=True):
        st.button(t("change.copy"), key="copy", icon=":material/content_copy:", on_click=_copy, args=(desk, name))
        st.button(t("change.remove"), key="remove", icon=":material/delete:", on_click=desk.remove, args=(name,))
    return name


def _rename(desk: Work, name: str, widget: str) -> None:
    new_name = st.session_state[widget].strip()
    if desk.rename(name, new_name):
        st.session_state["alternative"] = new_name
    else:
        st.session_state["name-taken"] = new_name


def _copy(desk: Work, name: str) -> None:
    st.session_state["alternative"] = desk.copy(name)


def _interventions(desk: Work, name: str) -> None:
    st.subheader(t("change.interventions"))
    known = desk.baseline.scenario.interventions
    if not known:
        st.caption(t("change.no_interventions"))
    for change in known:
        _toggle(desk, name, change)


def _toggle(desk: Work, name: str, change: str) -> None:
    """One intervention: on or off; it cannot be on before what it requires."""
    present = desk.alternatives[name].interventions
    told = desk.baseline.scenario.interventions[change]
    missing = [other for other in needed(desk.baseline, change)[:-1] if other not in present]
    left, right = st.columns([2, 3], vertical_alignment="center")
    widget = f"{name}: {change}"
    st.session_state[widget] = change in present
    left.toggle(change, key=widget, disabled=bool(missing), on_change=_switch, args=(desk, name, change, widget))
    words = [told.why] if told.why else []
    if missing:
        words.append(t("change.requires", names=", ".join(missing)))
    right.caption("  \n".join(words))


def _switch(desk: Work, name: str, change: str, widget: str) -> None:
    desk.put(desk.switched(name, change, st.session_state[widget]))


def _staffing(desk: Work, name: str) -> None:
    st.subheader(t("change.staffing"))
    st.caption(t("change.staffing_help"))
    group = st.selectbox(t("change.group"), people.groups(desk.baseline), key="group")
    try:
        begun = _begun(desk, name, group)
    except QueuewiseError:
        return  # said below, by the verdict
    editor = _shift_editor if "shifts" in people.staffing(begun.document, group) else _head_editor
    changed = editor(begun.frame, f"people {begun.number}")
    staffing = begun.alternative.staffing
    if not changed.equals(begun.frame):
        staffing = staffing | {group: people.edited(begun.document, group, changed)}
    if staffing != desk.alternatives[name].staffing:
        desk.put(replace(desk.alternatives[name], staffing=staffing))
    if group in staffing:
        st.caption(t("change.edited", group=group))
        st.button(t("change.undo"), key="undo", icon=":material/undo:", on_click=_undo, args=(desk, name, group))


def _undo(desk: Work, name: str, group: str) -> None:
    present = desk.alternatives[name]
    left = {key: value for key, value in present.staffing.items() if key != group}
    desk.put(replace(present, staffing=left))
    st.session_state.pop("begun", None)


@dataclass(frozen=True, slots=True)
class _Begun:
    """A table as it was when its editing began; the editor keeps the changes from there on."""

    identity: tuple[object, ...]
    alternative: Alternative
    document: Document
    frame: pd.DataFrame
    number: int


def _begun(desk: Work, name: str, group: str) -> _Begun:
    identity = name, group, desk.alternatives[name].interventions, st.session_state.get("whole-day", False)
    kept: _Begun | None = st.session_state.get("begun")
    if kept is None or kept.identity != identity:
        alternative = desk.alternatives[name]
        document = alternative.unchecked(desk.baseline)
        number = st.session_state["editors"] = st.session_state.get("editors", 0) + 1
        kept = _Begun(identity, alternative, document, people.table(document, group), number)
        st.session_state["begun"] = kept
    return kept


def _head_editor(frame: pd.DataFrame, widget: str) -> pd.DataFrame:
    whole_day = st.toggle(t("change.whole_day"), key="whole-day")
    shown = frame if whole_day else frame.iloc[people.used_hours(frame)]
    columns: dict[str, Any] = {
        day: st.column_config.NumberColumn(_day(day), min_value=0, max_value=100_000, step=1, required=True, width=60)
        for day in frame.columns
    }
    columns["_index"] = st.column_config.TextColumn(t("required.time"), disabled=True)
    height: int | Literal["content"] = 600 if whole_day else "content"
    changed = st.data_editor(shown, column_config=columns, key=widget, height=height)
    return pd.concat([changed, frame.drop(changed.index)]).loc[frame.index].astype(int)


def _day(column: str) -> str:
    return t(f"day.{column}") if column in WEEKDAYS else column


def _shift_editor(frame: pd.DataFrame, widget: str) -> pd.DataFrame:
    headings = st.column_config
    columns = {
        "shift": headings.TextColumn(t("shift.name"), disabled=True),
        "days": headings.TextColumn(t("shift.days"), help=t("shift.days_help"), required=True),
        "hours": headings.TextColumn(t("shift.hours"), help=t("shift.hours_help"), required=True),
        "breaks": headings.TextColumn(t("shift.breaks"), disabled=True),
        "agents": headings.NumberColumn(t("shift.agents"), min_value=0, max_value=100_000, step=1, required=True),
    }
    return st.data_editor(frame, column_config=columns, key=widget)


def _verdict(desk: Work, name: str) -> None:
    """Whether the alternative can run, and how it differs."""
    try:
        document = desk.document_of(name)
    except QueuewiseError as error:
        st.error(str(error))
        return
    changed = changes(desk.baseline, document)
    if not changed:
        st.info(t("change.nothing"))
        return
    alternative = desk.alternatives[name]
    order = ", ".join(alternative.interventions) or "–"
    st.success(t("change.fine", order=order, groups=", ".join(alternative.staffing) or "–"))
    headings = [t("change.where"), t("change.before"), t("change.after")]
    rows = [(one.path, _words(one.before), _words(one.after)) for one in changed]
    st.dataframe(pd.DataFrame(rows, columns=headings), hide_index=True)


def _words(value: Any) -> str:
    return "–" if value is None else words(value)


show()
