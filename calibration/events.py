"""Event logs: one row per activity of a case. Each activity becomes a step, and what follows it a branch.

What is fitted is narrow and real: new cases per day, how long each activity takes, which activity follows which (shares
of the transitions seen, whatever went before), and who does what when. Time between two activities that waiting for
people does not explain is reported, not modelled; so is every dependence on the path so far.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.demand import Days, Level, Volume, observed_days, profiles
from calibration.durations import Durations, share_interval
from calibration.evidence import Evidence, Plot, Row, Section, Table
from calibration.history import NOBODY, History
from calibration.people import Roster
from calibration.reading import Progress, quiet
from calibration.report import file_name
from calibration.scenario import head_table, week_table
from calibration.skills import AgentGroup, Skills
from sim.errors import DataError, Problem
from sim.schema import Document
from sim.units import DAY_US, SECOND_US, exact_duration

Floats = NDArray[np.float64]

BEGIN, DONE = "begin", "done"
_FEWEST_CASES = 30
_SHORTEST_S = 1.0


@dataclass(frozen=True)
class EventFits:
    """Everything fitted to an event log.

    Attributes
    ----------
    history : History
        One row per activity; ``customer`` is the case, ``type`` the activity.
    volume : Volume
        New cases.
    expected : float array (7 x intervals)
        New cases expected by weekday and interval.
    activities : dict of str to Durations
        Most frequent first.
    transitions : DataFrame (from x to)
        Counts; from `BEGIN` and every activity, to every activity and `DONE`.
    groups : list of (AgentGroup, Roster)
    gap_s : float array
        Time from the end of each activity to the start of the case's next, seconds; negative where they overlap.
    """

    history: History
    interval_us: int
    volume: Volume
    expected: Floats
    activities: dict[str, Durations]
    transitions: pd.DataFrame
    groups: list[tuple[AgentGroup, Roster]]
    gap_s: Floats


def fit_events(history: History, interval_us: int, progress: Progress = quiet) -> EventFits:
    """Fit to an event log that was read.

    Raises
    ------
    DataError
        If there are too few cases, or no activity names who did it.
    """
    table = history.table.sort_values(["customer", "started", "ended"], kind="stable").reset_index(drop=True)
    history = History(table, history.zone, history.source, history.drops, history.first, history.last)
    progress("fitting activities", 0.2)
    case = table["customer"].to_numpy()
    first = np.concatenate([[True], case[1:] != case[:-1]])
    _enough(history, int(first.sum()))
    counts = _new_cases(history, first, interval_us)
    days = Days(counts.sum(axis=1), history.weekdays, observed_days(counts.sum(axis=1), history.weekdays))
    volume = Volume().fit(days, Level().fit(days).factor_)
    by_weekday = np.zeros((7, counts.shape[1]))
    np.add.at(by_weekday, history.weekdays[days.observed], counts[days.observed])
    progress("finding out who was on duty", 0.7)
    return EventFits(
        history=history,
        interval_us=interval_us,
        volume=volume,
        expected=volume.per_day_[:, None] * profiles(by_weekday)[0],
        activities=_durations(table),
        transitions=_transitions(table, first),
        groups=_groups(history),
        gap_s=((table["started"] - table["ended"].shift(1)).to_numpy()[~first] / SECOND_US).astype(float),
    )


def _enough(history: History, cases: int) -> None:
    if cases < _FEWEST_CASES:
        given, allowed = str(cases), f"{_FEWEST_CASES} or more"
        raise DataError(Problem("too few cases to calibrate on", file=history.source, allowed=allowed, given=given))
    if not (history.table["agent"] != NOBODY).any():
        what = "no activity names who did it, so nobody's presence can be inferred"
        raise DataError(Problem(what, "columns.agent", history.source, fix="Name the column of the agent."))


def _new_cases(history: History, first: NDArray[np.bool_], interval_us: int) -> Floats:
    counts = np.zeros((history.days, DAY_US // interval_us))
    np.add.at(counts, (history.day[first], (history.local_us % DAY_US // interval_us)[first]), 1)
    return counts


def _durations(table: pd.DataFrame) -> dict[str, Durations]:
    """Durations by activity; what is recorded as instantaneous takes a second, so that the clock moves."""
    seconds = np.maximum((table["ended"] - table["started"]).to_numpy() / SECOND_US, _SHORTEST_S)
    names = table["type"].value_counts().index
    return {str(name): Durations().fit(seconds[(table["type"] == name).to_numpy()]) for name in names}


def _transitions(table: pd.DataFrame, first: NDArray[np.bool_]) -> pd.DataFrame:
    activity = table["type"].to_numpy().astype(object)
    last = np.concatenate([first[1:], [True]])
    origin = np.concatenate([np.full(first.sum(), BEGIN, dtype=object), activity])
    target = np.concatenate([activity[first], np.where(last, DONE, np.append(activity[1:], DONE))])
    return pd.crosstab(origin, target)


def _groups(history: History) -> list[tuple[AgentGroup, Roster]]:
    activity = history.table["type"].astype(object)
    found = []
    for group in Skills().fit(history, activity).groups_:
        mine = history.table["agent"].isin(group.agents).to_numpy()
        found.append((group, Roster().fit(history, mine, activity.isin(group.types).to_numpy())))
    return found


# --- the scenario ----------------------------------------------------------------------------------------------------


def event_scenario(fits: EventFits, name: str) -> Document:
    """The week after the event log."""
    history, people = fits.history, {}
    for group, roster in fits.groups:
        people[group.name] = {
            "agents": head_table(_weekly(fits, roster.upper_), fits.interval_us),
            "skills": list(group.types),
        }
    demand: dict[str, Any] = {"type": "case", "channel": "case", "per week": float(f"{fits.volume.per_week_[0]:.4g}")}
    demand["week"] = week_table(fits.expected, fits.interval_us)
    if fits.volume.busyness_[0] > 0.005:
        demand["busyness"] = round(min(1.0, fits.volume.busyness_[0]), 4)
    data = {
        "queuewise": 1,
        "name": name,
        "time zone": history.zone.key,
        "start": history.last + dt.timedelta(days=1),
        "horizon": "7 days",
        "interval": exact_duration(fits.interval_us),
        "demand": {"cases": demand},
        "people": people,
        "process": {"case": _process(fits)},
    }
    return Document.from_data(data, name)


def _weekly(fits: EventFits, heads: Floats) -> Floats:
    """Mean heads by weekday and quarter hour."""
    weekday = fits.history.weekdays
    total = np.zeros((7, heads.shape[1]))
    np.add.at(total, weekday, heads)
    return total / np.maximum(np.bincount(weekday, minlength=7), 1)[:, None]


def _process(fits: EventFits) -> dict[str, Any]:
    names = {activity: _step_name(activity) for activity in fits.activities}
    steps: dict[str, Any] = {BEGIN: {"branch": _branch(fits, BEGIN, names)}}
    for activity, durations in fits.activities.items():
        steps[names[activity]] = {"work": activity, "talk": durations.data}
        steps[f"after {names[activity]}"] = {"branch": _branch(fits, activity, names)}
    return {**steps, DONE: {"end": "solved"}}


def _step_name(activity: str) -> str:
    return f"{activity} (activity)" if activity in (BEGIN, DONE) or activity.startswith("after ") else activity


def _branch(fits: EventFits, origin: str, names: dict[str, str]) -> dict[str, Any]:
    """Shares of what follows; the most frequent takes what rounding leaves."""
    counts = pd.Series(fits.transitions.loc[origin].to_numpy(), fits.transitions.columns)
    seen = counts[counts > 0].sort_values(ascending=False)
    shares: dict[str, Any] = {names.get(str(to), str(to)): round(float(n / seen.sum()), 5) for to, n in seen.items()}
    most = next(iter(shares))
    return {most: "otherwise"} | {to: share for to, share in shares.items() if to != most}


# --- evidence --------------------------------------------------------------------------------------------------------


def event_evidence(fits: EventFits) -> Evidence:
    """Evidence for an event log's scenario."""
    history = fits.history
    sections = [
        Section("data", "The history", tables=[history.drops.table()]),
        Section("arrivals", "New cases", rows=_case_rows(fits)),
        _activities(fits),
        _routing(fits),
        _people(fits),
        _waits(fits),
    ]
    period = f"{history.first:%d %B %Y} to {history.last:%d %B %Y}"
    summary = [
        Row("cases", int(history.table["customer"].nunique()), unit="cases"),
        Row("activities done", len(history.table), unit="activities"),
        Row("different people", int(history.table["agent"].nunique()), unit="people"),
    ]
    name = file_name(history.source)
    return Evidence(f"Calibration of {name}", name, period, summary, sections)


def _case_rows(fits: EventFits) -> list[Row]:
    volume = fits.volume
    test = f"dispersion {volume.dispersion_:.2f} (p {volume.p_value_:.2g})"
    return [
        Row("cases per week", *volume.per_week_, volume.n_, "cases", path=("demand", "cases", "per week")),
        Row("busyness: cv of days", *volume.busyness_, volume.days_, "", test, ("demand", "cases", "busyness")),
    ]


def _activities(fits: EventFits) -> Section:
    rows = []
    for name, durations in fits.activities.items():
        rows += durations.rows(f"time of {name}", ("process", "case", _step_name(name), "talk"))
    plots = [durations.plot(name) for name, durations in list(fits.activities.items())[:12]]
    return Section("activities", "Activities", "Time from the start to the end of each activity.", rows, plots=plots)


def _routing(fits: EventFits) -> Section:
    rows = []
    for origin, counts in fits.transitions.iterrows():
        total = int(counts.sum())
        for target, count in counts[counts > 0].items():
            rows.append(Row(f"{origin}: then {target}", *share_interval(count / total, total), total, "share"))
    shares = fits.transitions.div(fits.transitions.sum(axis=1), axis=0)
    plot = Plot(
        *("What follows what", "heatmap", "then", "after"),
        columns=[str(name) for name in shares.columns],
        lines=[str(name) for name in shares.index],
        values=[[float(value) for value in line] for line in shares.to_numpy()],
        value_label="share",
    )
    text = "Shares of the transitions seen, whatever the case went through before."
    return Section("routing", "What follows what", text, rows, plots=[plot])


def _people(fits: EventFits) -> Section:
    rows = []
    for group, roster in fits.groups:
        low, high = (float(_weekly(fits, heads).sum()) / 4 for heads in (roster.lower_, roster.upper_))
        note = (
            "bracket, not an interval: seen working, to everybody between two activities of a shift; the upper is used"
        )
        path = ("people", group.name, "agents")
        rows.append(Row(f"{group.name}: hours on duty per week", high, low, high, group.served, "h", "", path, note))
    return Section("people", "People on duty", "An event log does not show when a case began to wait for people.", rows)


def _waits(fits: EventFits) -> Section:
    gaps = fits.gap_s
    levels: list[list[str | float | int | None]] = [
        [f"{100 * level:.0f} % are shorter than", float(np.quantile(gaps, level)) if len(gaps) else None]
        for level in (0.25, 0.5, 0.75, 0.95)
    ]
    tables = [Table("Time between two activities of a case", ["time between activities", "seconds"], levels)]
    overlaps = float((gaps < 0).mean()) if len(gaps) else 0.0
    text = (
        "From the end of an activity to the start of the next. The scenario makes cases wait for people only; other "
        "causes (customers, couriers, batches, nights) are not in it: simulated times to the end are too short."
    )
    rows = [Row("activities that begin before the one before has ended", overlaps, n=len(gaps), unit="share")]
    return Section("not used", "Seen, not used", text, rows, tables)
