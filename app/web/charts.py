"""Charts of results: differences with their intervals, and metrics over the day with bands and target."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

Chart = alt.Chart | alt.LayerChart | alt.FacetChart
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Colours that colour-blind people tell apart (Okabe and Ito, 2008)."""
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [4, 4], [1, 3])
_GREY = "#7F7F7F"
VERDICT_COLOURS = {
    "better": "#0072B2",
    "worse": "#D55E00",
    "higher": "#009E73",
    "lower": "#CC79A7",
    "no difference shown": _GREY,
}
_FORMATS = {"share": ".0%", "s": ",.3~r", "h": ",.3~r"}
_FULL_HOURS = "slice(datum.value, 3) == '00' ? datum.value : ''"


def axis_format(unit: str) -> str:
    """How an axis of a unit writes its numbers."""
    return _FORMATS.get(unit, ",.3~r")


def show_forest(rows: pd.DataFrame, unit: str) -> None:
    """Show differences of one metric: a dot, its own interval (thick) and the family's (thin), and a line at none.

    Parameters
    ----------
    rows : DataFrame
        Columns alternative, mean, low, high, family_low, family_high, verdict, text.
    unit : str
        The metric's unit.
    """
    columns = ["alternative", "mean", "low", "high", "family_low", "family_high", "verdict", "text"]
    st.vega_lite_chart({**spec_of(forest, unit), "datasets": {"rows": rows[columns].to_dict("records"), "none": [{}]}})


def forest(unit: str) -> Chart:
    """The chart of `show_forest` for the named data ``rows``: making it takes longer than showing it."""
    colour = alt.Color(
        "verdict:N",
        legend=None,
        scale=alt.Scale(domain=list(VERDICT_COLOURS), range=list(VERDICT_COLOURS.values())),
    )
    axis = alt.Axis(labelLimit=220, minExtent=160)
    y = alt.Y("alternative:N", title=None, sort=None, scale=alt.Scale(paddingOuter=0.5), axis=axis)
    base = alt.Chart(alt.NamedData("rows")).encode(y=y, color=colour, tooltip=["alternative:N", "text:N"])
    x = alt.X("mean:Q", title=None, axis=alt.Axis(labelExpr=_signed(unit), tickCount=6, grid=True))
    none = alt.Chart(alt.NamedData("none")).mark_rule(color="#333333", strokeDash=[3, 3])
    return alt.layer(
        none.encode(x=alt.XDatum(0)),
        base.mark_rule(strokeWidth=1.5).encode(x=alt.X("family_low:Q", title=None), x2="family_high:Q"),
        base.mark_rule(strokeWidth=5).encode(x="low:Q", x2="high:Q"),
        base.mark_point(filled=True, size=90, opacity=1).encode(x=x),
    ).properties(height=alt.Step(26))


def _signed(unit: str) -> str:
    """Expression that writes a signed number of an axis; shares differ by percentage points."""
    if unit == "share":
        number = "replace(format(datum.value, '+.2~p'), '%', ' pp')"
    else:
        suffix = f" {unit}" if unit in ("s", "h") else ""
        number = f"format(datum.value, '+,.3~r') + '{suffix}'"
    return f"datum.value == 0 ? '0' : {number}"


def draw(make: Callable[..., alt.TopLevelMixin], *arguments: Any) -> None:
    """Show a chart; one that was shown before is not made again."""
    st.vega_lite_chart(spec_of(make, *arguments))


@st.cache_data(max_entries=200, show_spinner=False, hash_funcs={FunctionType: lambda made: made.__qualname__})
def spec_of(make: Callable[..., alt.TopLevelMixin], *arguments: Any) -> dict[str, Any]:
    """A chart as the browser takes it; what was made before is not made again."""
    spec: dict[str, Any] = make(*arguments).to_dict()
    return spec


@dataclass(frozen=True, slots=True)
class Axis:
    """What stands on the vertical axis of `bands`: its words, unit, and the value aimed at."""

    title: str
    unit: str
    target: float | None = None
    target_name: str = ""


def bands(frames: Mapping[str, pd.DataFrame], axis: Axis, band: tuple[str, str]) -> Chart:
    """A metric over time for several scenarios: a line and a band each, and the target as a line across.

    Parameters
    ----------
    frames : mapping of name to DataFrame
        As `Result.by_time_of_day` (column ``time``) or `Result.by_interval` (column ``start``) give.
    axis : Axis
    band : (str, str)
        Columns of the band's borders.
    """
    rows = pd.concat([frame.assign(scenario=name) for name, frame in frames.items()], ignore_index=True)
    x: Any = _clock_axis() if "time" in rows else alt.X("start:T", title=None)
    names = list(frames)
    colour = alt.Color("scenario:N", sort=None, scale=_scale(names, PALETTE), legend=_legend())
    scale = alt.Scale(domain=[0, 1]) if axis.unit == "share" else alt.Scale(zero=True)
    y = alt.Y("mean:Q", title=axis.title, axis=alt.Axis(format=axis_format(axis.unit)), scale=scale)
    tooltip = [x.shorthand, "scenario:N", *(alt.Tooltip(f"{c}:Q", format=".3~r") for c in ("mean", *band))]
    base = alt.Chart(rows).encode(x=x, color=colour)
    dash = alt.StrokeDash("scenario:N", sort=None, scale=_scale(names, _DASHES), legend=_legend())
    layers: list[Any] = [
        base.mark_area(opacity=0.22).encode(y=alt.Y(f"{band[0]}:Q", title=axis.title), y2=f"{band[1]}:Q"),
        base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=14)).encode(y=y, strokeDash=dash, tooltip=tooltip),
    ]
    if axis.target is not None:
        layers += _target_line(axis)
    chart: Chart = alt.layer(*layers).properties(height=320)
    return chart


def _clock_axis() -> alt.X:
    return alt.X(
        "time:O", title=None, axis=alt.Axis(labelExpr=_FULL_HOURS, labelAngle=0, ticks=False, labelOverlap=True)
    )


def _legend() -> alt.Legend:
    return alt.Legend(
        title=None, orient="top", labelLimit=320, columns=3, symbolType="stroke", symbolSize=600, symbolOpacity=1
    )


def _scale(names: Sequence[str], values: Sequence[Any]) -> alt.Scale:
    cycle = [values[place % len(values)] for place in range(len(names))]
    return alt.Scale(domain=list(names), range=cycle)


def _target_line(axis: Axis) -> list[alt.Chart]:
    data = alt.Chart(pd.DataFrame({"target": [axis.target], "name": [axis.target_name]}))
    rule = data.mark_rule(color="#333333", strokeDash=[6, 4]).encode(y="target:Q")
    text = data.mark_text(align="left", baseline="bottom", dx=4, dy=-2, color="#333333").encode(
        y="target:Q", text="name:N", x=alt.value(0)
    )
    return [rule, text]


def steps(rows: pd.DataFrame, title: str) -> alt.Chart:
    """Head counts over the day as steps.

    Parameters
    ----------
    rows : DataFrame
        Columns time, people, what.
    title : str
        Of the vertical axis.
    """
    names = list(dict.fromkeys(rows["what"]))
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=_clock_axis(),
            y=alt.Y("people:Q", title=title),
            color=alt.Color("what:N", sort=None, scale=_scale(names, PALETTE), legend=_legend()),
            strokeDash=alt.StrokeDash("what:N", sort=None, scale=_scale(names, _DASHES), legend=_legend()),
            tooltip=["time:O", "what:N", alt.Tooltip("people:Q", format=".3~r")],
        )
        .properties(height=320)
    )
    return chart
