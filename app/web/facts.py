"""A scenario in a few tables."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.web.shell import t
from sim.schema import Document
from sim.schema.model import Scenario
from sim.units import format_duration


def show(document: Document) -> None:
    """What a scenario says, and its file."""
    scenario = document.scenario
    st.subheader(scenario.name)
    level = scenario.service_level
    goal = t("facts.no_goal") if level.goal is None else f"{level.goal:.0%}"
    columns = st.columns(4)
    columns[0].metric(t("facts.start"), f"{scenario.start:%Y-%m-%d}", help=scenario.time_zone)
    columns[1].metric(t("facts.horizon"), format_duration(scenario.horizon), help=t("facts.horizon_help"))
    columns[2].metric(t("facts.warm_up"), format_duration(scenario.warm_up), help=t("facts.warm_up_help"))
    wait = format_duration(level.within)
    columns[3].metric(t("facts.target", within=wait), goal, help=t("facts.target_help", formula=level.formula))
    left, right = st.columns(2)
    with left:
        st.markdown("**" + t("facts.demand") + "**")
        st.dataframe(_streams(scenario), hide_index=True)
    with right:
        st.markdown("**" + t("facts.people") + "**")
        st.dataframe(_groups(scenario), hide_index=True)


def _streams(scenario: Scenario) -> pd.DataFrame:
    rows = [
        (name, stream.type, stream.channel, t("yes") if stream.patience else t("no"), stream.priority)
        for name, stream in scenario.demand.items()
    ]
    headings = ("facts.stream", "facts.type", "facts.channel", "facts.patience", "facts.priority")
    return pd.DataFrame(rows, columns=[t(heading) for heading in headings])


def _groups(scenario: Scenario) -> pd.DataFrame:
    rows = [
        (name, ", ".join(group.skills), t("facts.shifts") if group.shifts else t("facts.heads"))
        for name, group in scenario.people.items()
    ]
    return pd.DataFrame(rows, columns=[t("facts.group"), t("facts.skills"), t("facts.staffed_by")])
