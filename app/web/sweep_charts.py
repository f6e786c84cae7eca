"""Charts of a sweep: effects of its factors, and every combination as a line across parallel axes."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from app import numbers
from app.paths import readable, short_names
from app.web.charts import Chart, show_forest, spec_of
from app.web.shell import t, texts
from scenarios.sweeps.effects import Effect
from sim.metrics import Metric

_HEIGHT = 380


def show_effects(effects: Sequence[Effect], metric: Metric) -> None:
    """A dot and an interval per factor, the largest change on top."""
    ordered = sorted(effects, key=lambda one: -abs(one.change.mean or 0.0))
    short = short_names(list(dict.fromkeys(one.factor for one in ordered)))
    rows = pd.DataFrame([_effect_row(one, short[one.factor]) for one in ordered])
    show_forest(rows, metric.unit)


def _effect_row(one: Effect, name: str) -> dict[str, object]:
    mean, low, high = one.change.mean, one.change.low, one.change.high
    known = low is not None and high is not None
    shown = known and low is not None and high is not None and not low <= 0 <= high
    direction = "higher" if (mean or 0.0) > 0 else "lower"
    return {
        "alternative": f"{name}: {readable(one.low)} → {readable(one.high)}",
        "mean": mean,
        **{name: low if known else mean for name in ("low", "family_low")},
        **{name: high if known else mean for name in ("high", "family_high")},
        "verdict": direction if shown else "no difference shown",
        "text": texts().number(numbers.difference(mean, low, high, one.change.unit)),
    }


def show_parallel(lines: pd.DataFrame, marks: pd.DataFrame, values: pd.Series, names: dict[str, str]) -> None:
    """Parallel coordinates.

    Parameters
    ----------
    lines, marks : DataFrame
        As `scenarios.sweeps.stored.parallel` gives.
    values : Series
        What decides the colour, by combination.
    names : dict of str to str
        Names of axes for readers.
    """
    coloured = lines.assign(axis=lines["axis"].map(names), value=lines["combination"].map(values))
    data = {
        "lines": coloured.to_dict("records"),
        "marks": marks.assign(axis=marks["axis"].map(names)).to_dict("records"),
    }
    spec = spec_of(parallel_chart, list(names.values()), t("sweep.combination"))
    st.vega_lite_chart({**spec, "datasets": data})


def parallel_chart(axes: Sequence[str], combination: str) -> Chart:
    """The chart of `show_parallel`, for named data: as many lines as there are."""
    x = alt.X(
        "axis:N", sort=list(axes), title=None, axis=alt.Axis(labelAngle=0, labelLimit=180, grid=True, domain=False)
    )
    y = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[-0.04, 1.04]))
    colour = alt.Color("value:Q", scale=alt.Scale(scheme="viridis"), legend=None)
    tooltip = [alt.Tooltip("combination:N", title=combination), alt.Tooltip("axis:N"), alt.Tooltip("text:N")]
    picked = alt.selection_point(fields=["combination"], on="pointerover", empty=False, nearest=False)
    base = alt.Chart(alt.NamedData("lines")).encode(x=x, y=y, detail="combination:N", color=colour, tooltip=tooltip)
    return alt.layer(
        base.mark_line(strokeWidth=1.5).encode(
            opacity=alt.condition(picked, alt.value(1), alt.value(0.45)),
            strokeWidth=alt.condition(picked, alt.value(4), alt.value(1.5)),
        ),
        base.mark_point(filled=True, size=40).encode(opacity=alt.value(0.7)).add_params(picked),
        alt.Chart(alt.NamedData("marks"))
        .mark_text(align="left", dx=6, color="#333333", fontSize=11)
        .encode(x=x, y=y, text="text:N"),
    ).properties(height=_HEIGHT)
