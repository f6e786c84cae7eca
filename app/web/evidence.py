"""The evidence of a calibration: what was read and dropped, each number with its interval, plots."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from app import numbers
from app.web.charts import PALETTE, Chart, draw
from app.web.report import button, page_of
from app.web.shell import t
from calibration import Calibration, Plot, Row, Section, Series, Table
from calibration.evidence import Cell


def show(calibration: Calibration) -> None:
    """The whole evidence, section by section."""
    found = calibration.evidence
    st.subheader(t("evidence.title", source=found.source))
    st.caption(found.period)
    _rows(found.summary)
    _downloads(calibration)
    for number, section in enumerate(found.sections):
        with st.expander(section.title, expanded=number == 0):
            _section(section)


def _downloads(calibration: Calibration) -> None:
    with st.container(horizontal=True):
        for key, file, text in (
            ("scenario", "scenario.yaml", calibration.text),
            ("mapping", "mapping.yaml", calibration.mapping.text()),
        ):
            st.download_button(
                t(f"evidence.{key}"), text, file, "application/yaml", on_click="ignore", key=f"evidence {key}"
            )
        button("evidence.page", lambda: page_of(lambda path: _write(path, calibration)), "evidence.html", "evidence")


def _write(path: Path, calibration: Calibration) -> None:
    from app.report.evidence import write_evidence

    write_evidence(path, calibration, None)


def _section(section: Section) -> None:
    if section.text:
        st.markdown(section.text)
    for warning in section.warnings:
        st.warning(warning)
    if section.rows:
        _rows(section.rows)
    for table in section.tables:
        _table(table)
    for plot in section.plots:
        draw(chart_of, plot)


def _rows(rows: Sequence[Row]) -> None:
    cells = [
        (row.name, numbers.interval(row.estimate, row.low, row.high, row.unit), _cell(row.n), row.fit, row.note)
        for row in rows
    ]
    headings = [t(f"evidence.{name}") for name in ("name", "value", "n", "fit", "note")]
    st.dataframe(pd.DataFrame(cells, columns=headings), hide_index=True)


def _table(table: Table) -> None:
    st.markdown(f"**{table.title}**")
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    st.dataframe(pd.DataFrame(rows, columns=table.columns), hide_index=True)
    if table.note:
        st.caption(table.note)


def _cell(value: Cell) -> str:
    """A cell as text; nothing for None."""
    if value is None or isinstance(value, str):
        return value or ""
    return numbers.with_unit(value, "")


def chart_of(plot: Plot) -> Chart:
    """A plot of the evidence as a chart."""
    chart = _heatmap(plot) if plot.kind == "heatmap" else _curves(plot)
    return chart.properties(title=plot.title, height=280)


def _heatmap(plot: Plot) -> alt.Chart:
    cells = [
        (line, column, value)
        for line, values in zip(plot.lines, plot.values, strict=True)
        for column, value in zip(plot.columns, values, strict=True)
    ]
    rows = pd.DataFrame(cells, columns=["line", "column", "value"])
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_rect()
        .encode(
            x=alt.X("column:O", sort=None, title=plot.x_label, axis=alt.Axis(labelOverlap=True)),
            y=alt.Y("line:O", sort=None, title=plot.y_label),
            color=alt.Color("value:Q", title=plot.value_label, scale=alt.Scale(scheme="cividis")),
            tooltip=["line", "column", "value"],
        )
    )
    return chart


def _curves(plot: Plot) -> Chart:
    scale = alt.Scale(type="log") if plot.log_x else alt.Scale(zero=False)
    x = alt.X("x:Q", title=plot.x_label, scale=scale, axis=_ticks(plot))
    names = [series.name for series in plot.series]
    colours = alt.Scale(domain=names, range=[PALETTE[place % len(PALETTE)] for place in range(len(names))])
    colour = alt.Color("series:N", sort=None, scale=colours, legend=alt.Legend(title=None, orient="top"))
    layers: list[Any] = []
    for series in plot.series:
        base = alt.Chart(_points(plot, series)).encode(x=x, color=colour)
        if series.low is not None:
            layers.append(base.mark_area(opacity=0.2, interpolate=_shape(plot)).encode(y="low:Q", y2="high:Q"))
        layers.append(_mark(plot, base).encode(y=alt.Y("y:Q", title=plot.y_label)))
    return alt.layer(*layers)


def _points(plot: Plot, series: Series) -> pd.DataFrame:
    if plot.kind == "hist":
        return pd.DataFrame({"x": series.x[:-1], "x2": series.x[1:], "y": series.y, "series": series.name})
    band = {"low": series.low, "high": series.high} if series.low is not None else {}
    return pd.DataFrame({"x": series.x, "y": series.y, "series": series.name, **band})


def _shape(plot: Plot) -> Any:
    return "step-after" if plot.kind == "step" else "linear"


def _mark(plot: Plot, base: alt.Chart) -> alt.Chart:
    if plot.kind == "hist":
        return base.mark_bar(opacity=0.5).encode(x2="x2:Q")
    if plot.kind == "scatter":
        return base.mark_point(filled=True, size=30)
    return base.mark_line(interpolate=_shape(plot))


def _ticks(plot: Plot) -> alt.Axis:
    if not plot.x_ticks:
        return alt.Axis()
    words = " : ".join(f"datum.value == {place} ? {name!r}" for place, name in plot.x_ticks)
    return alt.Axis(values=[place for place, _ in plot.x_ticks], labelExpr=f"{words} : ''")
