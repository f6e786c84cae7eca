"""Evidence for a calibrated scenario: every number with what it rests on, and the data of every plot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calibration.demand import Days, Level
from calibration.durations import Durations
from calibration.evidence import Cell, Evidence, Plot, Row, Section, Series, Table
from calibration.fitting import Fits, TypeFit, stream_names
from calibration.scenario import weekly_heads
from calibration.staffing_level import StaffingLevel
from sim.units import MINUTE_US, SECOND_US

Floats = NDArray[np.float64]

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOUR_TICKS = [(float(hour), f"{hour:02d}:00") for hour in range(0, 25, 3)]
_FEWEST_PER_HOUR = 20


def evidence_of(fits: Fits, staffing: StaffingLevel) -> Evidence:
    """All evidence, section by section."""
    history = fits.history
    sections = [_data(fits), _level_section(fits)]
    for one in fits.types:
        sections += [_arrivals(fits, one), _handling(fits, one), _patience(one)]
    sections += [_people(fits, staffing), _not_used(fits)]
    return Evidence(
        title=f"Calibration of {file_name(history.source)}",
        source=file_name(history.source),
        period=f"{history.first:%d %B %Y} to {history.last:%d %B %Y}",
        summary=_summary(fits, staffing),
        sections=sections,
    )


def file_name(source: str) -> str:
    """Name of a file without its folder."""
    return source.replace("\\", "/").rsplit("/", 1)[-1]


def _summary(fits: Fits, staffing: StaffingLevel) -> list[Row]:
    table = fits.history.table
    answered = table["answered"].to_numpy()
    talk = (table["ended"] - table["started"]).to_numpy()[answered] / SECOND_US
    wait = fits.history.wait_s[answered]
    return [
        Row("contacts used", len(table), unit="contacts"),
        Row("days with contacts", int(fits.days.observed.sum()), unit="days"),
        Row("contacts per day", float(fits.days.total[fits.days.observed].mean()), unit="contacts"),
        Row("share abandoned", float(1 - answered.mean()), n=len(table), unit="share"),
        Row("mean wait of the served", float(wait.mean()), n=len(wait), unit="s"),
        Row("served within 20 s, of the served", float((wait <= 20).mean()), n=len(wait), unit="share"),
        Row("mean talk and hold", float(talk.mean()), n=len(talk), unit="s"),
        Row("different agents", int(table["agent"][answered].nunique()), unit="people"),
        Row("staffing level (0: seen working, 1: whoever may have been there)", staffing.level, note=staffing.note),
    ]


# --- the data --------------------------------------------------------------------------------------------------------


def _data(fits: Fits) -> Section:
    history = fits.history
    missing = [f"{history.date(int(day)):%a %d %b}" for day in np.flatnonzero(~fits.days.observed)]
    warnings = []
    if missing:
        warnings.append(f"No contacts at all on {', '.join(missing)}: taken as not recorded and left out of the means.")
    absent = [DAY_NAMES[day] for day in range(7) if not (history.weekdays == day).any()]
    if absent:
        warnings.append(f"The history has no {', '.join(absent)}: the scenario has no contacts and no people then.")
    return Section(
        "data",
        "The history",
        "Rows that were read, and why some were left out; each reason with the row of the file where it is seen first.",
        tables=[history.drops.table(), _odd_days(fits)],
        plots=[_days_plot(fits)],
        warnings=warnings,
    )


def _odd_days(fits: Fits) -> Table:
    rows: list[list[Cell]] = []
    for one in fits.types:
        for day in one.volume.odd_days():
            date = fits.history.date(int(day))
            rows.append(
                [f"{date:%a %d %b %Y}", one.name, float(fits_total(one)[day]), float(one.volume.residual_[day])]
            )
    note = (
        "Days further out than one in a thousand over all days together; they stay in the fits. Holidays show up here."
    )
    return Table("Odd days", ["day", "type", "contacts", "standard deviations"], rows, note)


def fits_total(one: TypeFit) -> Floats:
    """Contacts of a type per day."""
    return one.counts.sum(axis=1)


def _days_plot(fits: Fits) -> Plot:
    seen = np.flatnonzero(fits.days.observed)
    ticks = [(float(day), f"{fits.history.date(day):%d %b}") for day in range(0, fits.history.days, 7)]
    series = [Series("all types", _list(seen), _list(fits.days.total[seen]))]
    series += [Series(one.name, _list(seen), _list(fits_total(one)[seen])) for one in fits.types[:4]]
    return Plot("Contacts per day", "scatter", "day", "contacts", series, ticks)


# --- level -----------------------------------------------------------------------------------------------------------

_METHODS = {
    "steady": "All days count the same: no rise or fall is sure enough to project.",
    "recent": "The usual weekdays at the level of the last days: that forecast the following week clearly better.",
    "trend": "The rise or fall is beyond doubt and forecast the following week better: it is continued for a week.",
}


def _level_section(fits: Fits) -> Section:
    rows = _level_rows("contacts", fits.level, fits.days) + _level_rows(
        "hours on duty", fits.staff_level, fits.staff_days
    )
    text = f"Contacts: {_METHODS[fits.level.method_]} Staffing: {_METHODS[fits.staff_level.method_]}"
    columns = ["forecast", "error of the week's contacts", "error of the week's hours on duty"]
    errors = [
        [name, fits.level.errors_.get(name), fits.staff_level.errors_.get(name)]
        for name in ("steady", "recent", "trend")
    ]
    note = (
        "Mean absolute error, as a share, of forecasts for the week after each day of the history; empty: too few days."
    )
    return Section("level", "Rise or fall", text, rows, [Table("Forecasts tried", columns, list(errors), note)])


def _level_rows(name: str, level: Level, days: Days) -> list[Row]:
    change = level.weekly_change_
    return [Row(f"change of {name} per week", *change, int(days.observed.sum()), "share", "Poisson regression, quasi")]


# --- one type --------------------------------------------------------------------------------------------------------


def _arrivals(fits: Fits, one: TypeFit) -> Section:
    volume = one.volume
    rows = [
        Row(
            f"contacts per week, all {one.name}",
            *volume.per_week_,
            volume.n_,
            "contacts",
            path=_demand(one, "per week"),
        )
    ]
    for day in range(7):
        if volume.per_day_[day] > 0:
            mean, low, high = (float(v[day]) for v in (volume.per_day_, volume.per_day_low_, volume.per_day_high_))
            seen = int((fits.days.observed & (fits.days.weekday == day)).sum())
            rows.append(Row(f"{DAY_NAMES[day]}s", mean, low, high, seen, "contacts"))
    test = f"dispersion {volume.dispersion_:.2f} (p {volume.p_value_:.2g})"
    rows.append(
        Row(
            "busyness: cv of days",
            *volume.busyness_,
            volume.days_,
            "",
            test,
            _demand(one, "busyness"),
            "days vary beyond chance",
        )
    )
    rows += _class_rows(one) + _redial_rows(one)
    text = (
        "Counts per weekday, as shares of intervals that lean on the other weekdays and types where a weekday has few "
        f"contacts of its own (the others weigh as much as {one.lean_:.0f} contacts). Days are the independent unit of "
        "the intervals."
    )
    return Section(
        f"arrivals {one.name}", f"{one.name}: arrivals", text, rows, plots=[_rate_plot(fits, one), _heat(fits, one)]
    )


def _demand(one: TypeFit, *keys: str) -> tuple[str, ...]:
    return "demand", one.name, *keys


def _class_rows(one: TypeFit) -> list[Row]:
    return [
        Row(
            f"share of priority {known.value}",
            *known.share,
            known.n,
            "share",
            path=("demand", stream, "per week"),
            note=_head(known.head_start),
        )
        for known, stream in zip(one.classes, stream_names(one)[1:], strict=True)
    ]


def _head(head_start: int) -> str:
    return f"counts as having waited {head_start / SECOND_US:g} s already"


def _redial_rows(one: TypeFit) -> list[Row]:
    redials = one.redials
    if not redials.n_:
        return []
    note = "used" if redials.used_ else f"not used: {100 * redials.known_:.0f} % of contacts name their customer"
    path = _demand(one, "redial") if redials.used_ else ()
    return [Row("tries again after a hang-up", *redials.share_, redials.n_, "share", path=path, note=note)]


def _hours(fits: Fits) -> list[float]:
    step = fits.interval_us / (60 * MINUTE_US)
    return [step * i for i in range(int(24 / step) + 1)]


def _rate_plot(fits: Fits, one: TypeFit) -> Plot:
    rates = one.per_hour(fits.interval_us)
    used = [day for day in range(7) if rates[day].any()]
    series = [Series(DAY_NAMES[day], _hours(fits), _list([*rates[day], rates[day][-1]])) for day in used]
    return Plot(f"{one.name}: arrivals per hour", "step", "time of day", "per hour", series, _HOUR_TICKS)


def _heat(fits: Fits, one: TypeFit) -> Plot:
    counts = one.counts.reshape(one.counts.shape[0], 24, -1).sum(axis=2)
    days = [
        [float(v) for v in counts[fits.days.observed & (fits.days.weekday == day)].mean(axis=0)]
        if (fits.days.observed & (fits.days.weekday == day)).any()
        else [None] * 24
        for day in range(7)
    ]
    return Plot(
        *(f"{one.name}: contacts seen per hour", "heatmap", "time of day", ""),
        columns=[f"{hour:02d}" for hour in range(24)],
        lines=list(DAY_NAMES),
        values=[list(day) for day in days],
        value_label="contacts per hour, mean of days",
    )


def _handling(fits: Fits, one: TypeFit) -> Section:
    step = ("process", one.name, "answer")
    rows = one.talk.rows("talk", (*step, "talk"))
    parts: list[tuple[str, Durations | None]] = [("talk", one.talk), ("hold", one.hold), ("wrap", one.wrap)]
    for name, fit in parts[1:]:
        rows += fit.rows(name, (*step, name)) if fit else []
    if one.wrap is None and fits.pause_s > 0:
        pauses = sum(group.roster.pauses_ for group in fits.groups)
        note = "mean pause of up to a minute before the next contact while customers waited; the log has no wrap times"
        rows.append(Row("wrap", fits.pause_s, n=pauses, unit="s", path=(*step, "wrap"), note=note))
    plots = [fit.plot(f"{one.name}: {name}") for name, fit in parts if fit] + [_by_hour(fits, one)]
    return Section(f"handling {one.name}", f"{one.name}: handling times", one.talk.fit_text + ".", rows, plots=plots)


def _by_hour(fits: Fits, one: TypeFit) -> Plot:
    """Mean talk by hour of answer's arrival, with intervals: reported, since a scenario has one law for all hours."""
    chosen = (fits.kind == one.name).to_numpy() & fits.history.table["answered"].to_numpy()
    table = fits.history.table[chosen]
    talk = (table["ended"] - table["started"]).to_numpy() / SECOND_US
    hour = fits.history.minute[chosen] // 60
    points = []
    for number in range(24):
        part = talk[hour == number]
        if len(part) >= _FEWEST_PER_HOUR:
            half = 1.96 * part.std(ddof=1) / len(part) ** 0.5
            points.append((float(number), float(part.mean()), float(part.mean() - half), float(part.mean() + half)))
    columns = [list(column) for column in zip(*points, strict=True)] or [[], [], [], []]
    title = f"{one.name}: mean talk by hour (reported, not used)"
    return Plot(title, "line", "time of day", "seconds", [Series("mean, 95 %", *columns)], _HOUR_TICKS)


def _patience(one: TypeFit) -> Section:
    warnings = []
    if one.pooled_patience:
        warnings.append("Too few hang-ups of its own: the patience of all types together is used.")
    if one.patience.data is None:
        warnings.append("Nobody hung up: the scenario lets customers wait for ever.")
    text = (
        "Who is served was patient for at least as long as the wait: a censored observation. Who met a free agent says "
        f"nothing. {one.patience.fit_text[:1].upper()}{one.patience.fit_text[1:]}."
    )
    rows = one.patience.rows(_demand(one, "patience"))
    plots = [one.patience.plot(one.name)] if one.patience.n_ else []
    return Section(f"patience {one.name}", f"{one.name}: patience", text, rows, plots=plots, warnings=warnings)


# --- people ----------------------------------------------------------------------------------------------------------


def _people(fits: Fits, staffing: StaffingLevel) -> Section:
    rows = []
    for number, one in enumerate(fits.groups):
        at, low, high = (_weekly_hours(fits, level, number) for level in (staffing.level, 0.0, 1.0))
        note = "bracket, not an interval: seen working, to everybody not proved away"
        path = ("people", one.group.name, "agents")
        rows.append(
            Row(f"{one.group.name}: hours on duty per week", at, low, high, one.group.served, "h", "", path, note)
        )
        rows.append(Row(f"{one.group.name}: different agents", one.roster.agents_, n=one.group.served, unit="people"))
    rows.append(Row("level inside the bracket (0: lower end, 1: upper)", staffing.level, note=staffing.note))
    text = (
        "Activity shows who worked, not who was free. Lower end of the bracket: people seen with a contact (and the "
        "pause after it). Upper end: also their pauses within a shift, except while customers waited whom they could "
        "have served. The level between is the one at which the simulated waits of the recorded days come out."
    )
    tried = Table("Levels tried", ["level", "simulated mean wait, s"], [list(one) for one in staffing.tried])
    plots = [plot for number in range(len(fits.groups)) for plot in _roster_plots(fits, staffing.level, number)]
    return Section("people", "People on duty", text, rows, [tried], plots)


def _weekly_hours(fits: Fits, level: float, group: int) -> float:
    return float(weekly_heads(fits, level)[group].sum()) / 4


def _roster_plots(fits: Fits, level: float, group: int) -> list[Plot]:
    low, at, high = (weekly_heads(fits, one)[group] for one in (0.0, level, 1.0))
    hours = [0.25 * quarter for quarter in range(97)]
    plots = []
    for day in range(7):
        if at[day].any():
            bands = [_list([*one[day], one[day][-1]]) for one in (at, low, high)]
            title = f"{fits.groups[group].group.name}: on duty, {DAY_NAMES[day]}"
            series = [Series("used, and bracket", hours, *bands)]
            plots.append(Plot(title, "step", "time of day", "people", series, _HOUR_TICKS))
    return plots


def _not_used(fits: Fits) -> Section:
    """What the history shows and the scenario leaves out."""
    table = fits.history.table
    menu = (table["enqueued"] - table["arrived"]).to_numpy() / SECOND_US
    rows = (
        [Row("mean time before the queue (voice menu)", float(menu.mean()), n=len(menu), unit="s")]
        if menu.any()
        else []
    )
    rule = fits.mapping.short_service
    if rule is not None and rule.means == "served":
        answered = table["answered"].to_numpy()
        short = (table["ended"] - table["started"]).to_numpy()[answered] < rule.below
        name = f"answered contacts under {rule.below / SECOND_US:g} s, kept as served"
        rows.append(Row(name, float(short.mean()), n=int(answered.sum()), unit="share"))
    text = "Reported for the reader; the scenario does not use them. Differences of handling time by hour stand above."
    return Section("not used", "Seen, not used", text, rows)


def _list(values: Floats | list[float] | NDArray[np.int64]) -> list[float]:
    return [float(value) for value in values]
