"""A calibrated scenario tried on days that it has not seen: simulated against recorded, with a verdict per metric.

Where the two differ, further runs say why: the recorded arrivals in place of the forecast, the roster inferred on the
days themselves in place of the usual weekday's, and both.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from calibration.calibrate import Calibration, calibrate_history
from calibration.evidence import Cell as Value
from calibration.evidence import Plot, Section, Series, Table
from calibration.fitting import Fits, people_on
from calibration.history import History, day_number
from calibration.mapping import Mapping
from calibration.moments import to_local, to_utc
from calibration.reading import Progress, quiet
from calibration.report import DAY_NAMES
from calibration.scenario import Span, forecast, forecast_with, replay
from sim.build import build
from sim.codes import Ending, Visit
from sim.errors import DataError, Problem
from sim.run import run
from sim.schema import Document
from sim.units import DAY_US, HOUR_US, SECOND_US

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

REPLICATIONS = 20
THRESHOLD_S = 20.0
_SEED = 1
_NAMES = {
    "offered": ("contacts offered per day", "contacts"),
    "abandoned": ("share abandoned", "%"),
    "wait": ("mean wait of the served", "s"),
    "service level": ("service level at 20 s", "%"),
}
METRICS = tuple(_NAMES)
_COLUMNS = (
    *("offered per day", "simulated", "abandoned, %", "simulated"),
    *("mean wait, s", "simulated", "service level, %", "simulated"),
)
_RUNS = ("forecast", "recorded arrivals", "the days' own roster", "recorded arrivals and the days' own roster")


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts offered: local day (from the first) and hour, wait until service or hang-up, and whether served."""

    day: Ints
    hour: Ints
    wait_s: Floats
    served: Flags
    days: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One metric of one weekday, hour or the whole, recorded and simulated.

    Attributes
    ----------
    metric : {"offered", "abandoned", "wait", "service level"}
    cut : {"all", "weekday", "hour"}
    key : int
        Weekday (Monday 0) or hour; 0 for the whole.
    recorded, simulated : float
        Simulated: mean of the replications.
    low, high : float
        95 % prediction interval for one run of these days.
    n : int
        Contacts recorded.
    """

    metric: str
    cut: str
    key: int
    recorded: float
    simulated: float
    low: float
    high: float
    n: int

    @property
    def inside(self) -> bool:
        """Whether the record lies where one run of the scenario should."""
        return self.low <= self.recorded <= self.high

    @property
    def error(self) -> float:
        """Simulated less recorded."""
        return self.simulated - self.recorded


@dataclass(frozen=True)
class Hindcast:
    """Simulated against recorded.

    Attributes
    ----------
    calibration : Calibration
        What was fitted on the days before.
    first, last : date
        Days that were simulated.
    cells : list of Cell
        Every metric as a whole, by weekday and by hour.
    reasons : dict of str to dict of str to float
        Metrics as a whole under other runs: recorded arrivals, the days' own roster, both.
    replications : int
    """

    calibration: Calibration
    first: dt.date
    last: dt.date
    cells: list[Cell]
    reasons: dict[str, dict[str, float]]
    replications: int

    def cells_of(self, metric: str, cut: str) -> list[Cell]:
        """Cells of a metric by one cut."""
        return [cell for cell in self.cells if cell.metric == metric and cell.cut == cut]

    def whole(self, metric: str) -> Cell:
        """A metric over all days."""
        return self.cells_of(metric, "all")[0]

    def verdicts(self) -> Table:
        """A line per metric: both values, the prediction interval, and how many weekdays and hours lie in theirs."""
        rows: list[list[Value]] = []
        for metric, (name, unit) in _NAMES.items():
            one = self.whole(metric)
            inside = [self._share_inside(metric, cut) for cut in ("weekday", "hour")]
            values = (_shown(metric, value) for value in (one.recorded, one.simulated, one.low, one.high))
            rows.append([f"{name}, {unit}", *values, self._verdict(metric), *inside])
        columns = ["metric", "recorded", "simulated", "low", "high", "verdict", "weekdays inside", "hours inside"]
        note = f"Low and high: 95 % prediction interval of one run, from {self.replications} replications."
        return Table("Simulated against recorded", columns, rows, note)

    def _share_inside(self, metric: str, cut: str) -> str:
        cells = self.cells_of(metric, cut)
        return f"{sum(cell.inside for cell in cells)} of {len(cells)}"

    def _verdict(self, metric: str) -> str:
        cell = self.whole(metric)
        relative = abs(cell.error) / cell.recorded if cell.recorded else float("inf")
        side = "too high" if cell.error > 0 else "too low"
        if cell.inside:
            return "holds" if relative <= 0.1 else f"holds within its spread ({100 * relative:.0f} % {side})"
        return f"{100 * relative:.0f} % {side}"

    def table(self, cut: str) -> Table:
        """All metrics by weekday or by hour, and which of them lie outside their prediction intervals."""
        columns = ["day" if cut == "weekday" else "hour", *_COLUMNS, "outside the interval"]
        rows = []
        for key in sorted({cell.key for cell in self.cells if cell.cut == cut}):
            found = [cell for cell in self.cells if cell.cut == cut and cell.key == key]
            row: list[Value] = [DAY_NAMES[key] if cut == "weekday" else f"{key:02d}:00"]
            for cell in found:
                row += [_shown(cell.metric, cell.recorded), _shown(cell.metric, cell.simulated)]
            rows.append([*row, ", ".join(cell.metric for cell in found if not cell.inside)])
        return Table(f"By {cut}", columns, rows, "The plots show the 95 % prediction intervals of one run.")

    def attribution(self, metric: str) -> dict[str, float]:
        """A metric's error taken apart: volume, roster, and what is left with both recorded.

        The share of each input is the mean over both orders of replacing it (Shapley 1953).
        """
        forecast_, arrivals, roster, both = (self.reasons[name][metric] for name in _RUNS)
        return {
            "volume": ((forecast_ - arrivals) + (roster - both)) / 2,
            "roster": ((forecast_ - roster) + (arrivals - both)) / 2,
            "everything else": both - self.whole(metric).recorded,
        }

    def explanation(self) -> str:
        """The metric that is furthest off (relative to its record), and the parts of its error."""

        def off(metric: str) -> float:
            recorded = self.whole(metric).recorded
            return abs(self.whole(metric).error) / recorded if recorded else 0.0

        worst = max(METRICS, key=off)
        name, unit = _NAMES[worst]
        parts = self.attribution(worst).items()
        listed = ", ".join(f"{_shown(worst, value):+.3g} {unit} from {part}" for part, value in parts)
        return f"Largest error: {name}, {_shown(worst, self.whole(worst).error):+.3g} {unit}: {listed}."

    def reasons_table(self) -> Table:
        """What other runs say about the difference."""
        lines = {"recorded": {metric: self.whole(metric).recorded for metric in METRICS}} | self.reasons
        parts = {metric: self.attribution(metric) for metric in METRICS}
        for part in parts["wait"]:
            lines[f"error from {part}"] = {metric: parts[metric][part] for metric in METRICS}
        rows: list[list[Value]] = [
            [name, *(_shown(metric, values[metric]) for metric in METRICS)] for name, values in lines.items()
        ]
        note = (
            "Each run replaces inputs of the forecast by what was recorded. The last lines add up to simulated less "
            "recorded; an input's part is the mean over both orders of replacing the two."
        )
        columns = ["run", *(f"{name}, {unit}" for name, unit in _NAMES.values())]
        return Table("Where the difference comes from", columns, rows, note)

    def section(self) -> Section:
        """The hindcast as a part of the evidence."""
        days = f"{self.first:%d %B} to {self.last:%d %B %Y}"
        fitted = self.calibration.evidence.period
        text = f"Fitted on {fitted}; simulated {days}, which the fits have not seen. {self.explanation()}"
        tables = [self.verdicts(), self.table("weekday"), self.table("hour"), self.reasons_table()]
        plots = [self._plot(metric, cut) for cut in ("weekday", "hour") for metric in METRICS]
        return Section("hindcast", "Hindcast", text, tables=tables, plots=plots)

    def _plot(self, metric: str, cut: str) -> Plot:
        cells = self.cells_of(metric, cut)
        key = [float(cell.key) for cell in cells]
        mean, low, high, recorded = (
            [_shown(metric, getattr(cell, name)) for cell in cells] for name in ("simulated", "low", "high", "recorded")
        )
        series = [Series("simulated, 95 % prediction", key, mean, low, high), Series("recorded", key, recorded)]
        name, unit = _NAMES[metric]
        ticks = [(k, DAY_NAMES[int(k)][:3] if cut == "weekday" else f"{int(k):02d}") for k in key]
        return Plot(f"{name} by {cut}", "line", cut, unit, series, ticks)


def hindcast(
    history: History,
    mapping: Mapping,
    last_fitted: dt.date,
    replications: int = REPLICATIONS,
    progress: Progress = quiet,
) -> Hindcast:
    """Fit on the days up to one, simulate those after it, and compare.

    Parameters
    ----------
    history
        All days (`read_history`).
    mapping
        How it was read.
    last_fitted
        The last day to fit on; the days after it, to the end of the history, are simulated.
    replications
        Runs of the scenario, two or more.

    Raises
    ------
    DataError
        If no day is left to simulate, or there is too little to fit.
    """
    first = last_fitted + dt.timedelta(days=1)
    if mapping.kind != "calls":
        raise DataError(Problem("a hindcast needs a call log", "kind", allowed="calls", given=mapping.kind))
    if not history.first <= last_fitted < history.last:
        inside = f"{history.first} to {history.last - dt.timedelta(days=1)}"
        raise DataError(Problem("no days left to fit or to simulate", allowed=inside, given=str(last_fitted)))
    calibration = calibrate_history(history.between(history.first, last_fitted), mapping, progress=progress)
    test = history.between(first, history.last)
    fits, staffing = calibration.fits, calibration.staffing
    assert isinstance(fits, Fits)
    assert staffing is not None
    level, span = staffing.level, Span(first, test.days)
    runs = _simulated(forecast(fits, "hindcast", span, level), fits, span, replications, progress)
    other = people_on(fits, test)
    variants = (replay(fits, test, level), forecast_with(fits, span, other, level), replay(fits, test, level, other))
    reasons = {_RUNS[0]: _mean_of(runs)}
    for name, document in zip(_RUNS[1:], variants, strict=True):
        reasons[name] = _mean_of(_simulated(document, fits, span, max(3, replications // 3), progress))
    return Hindcast(calibration, first, history.last, _cells(_recorded(test), runs, span), reasons, replications)


def _shown(metric: str, value: float) -> float:
    """A value in the unit that its tables and plots have."""
    return 100 * value if _NAMES[metric][1] == "%" else value


def _recorded(history: History) -> Contacts:
    answered = history.table["answered"].to_numpy()
    return Contacts(history.day, history.minute // 60, history.wait_s, answered, history.days)


def _simulated(document: Document, fits: Fits, span: Span, replications: int, progress: Progress) -> list[Contacts]:
    model = build(document.scenario)
    midnight, _ = to_utc(np.array([day_number(span.start) * DAY_US]), fits.history.zone)
    found = []
    for replication in range(replications):
        progress("simulating the days that were not fitted", replication / replications)
        visits = run(model, _SEED, replication).visits
        done = visits[(visits[:, Visit.ENDING] == Ending.SERVED) | (visits[:, Visit.ENDING] == Ending.ABANDONED)]
        served = done[:, Visit.ENDING] == Ending.SERVED
        left = np.where(served, done[:, Visit.STARTED], done[:, Visit.ENDED])
        local = to_local(done[:, Visit.ENQUEUED] + midnight[0], fits.history.zone)
        day = local // DAY_US - day_number(span.start)
        wait = (left - done[:, Visit.ENQUEUED]) / SECOND_US
        found.append(Contacts(day, local % DAY_US // HOUR_US, wait, served, span.days))
    return found


def measure(contacts: Contacts, chosen: Flags, days: int) -> dict[str, float]:
    """The four metrics of some contacts over a number of days; service level as SL4 (docs/metrics.md)."""
    served, wait = contacts.served[chosen], contacts.wait_s[chosen]
    within = wait <= THRESHOLD_S
    due = float(len(served) - (~served & within).sum())
    return {
        "offered": len(served) / days,
        "abandoned": float((~served).mean()) if len(served) else float("nan"),
        "wait": float(wait[served].mean()) if served.any() else float("nan"),
        "service level": float((served & within).sum()) / due if due else float("nan"),
    }


def _mean_of(runs: list[Contacts]) -> dict[str, float]:
    found = [measure(run_, np.ones(len(run_.day), dtype=bool), run_.days) for run_ in runs]
    return {metric: float(np.mean([one[metric] for one in found])) for metric in METRICS}


def _cells(actual: Contacts, runs: list[Contacts], span: Span) -> list[Cell]:
    weekday = (span.start.weekday() + np.arange(span.days)) % 7
    cuts: list[tuple[str, int, int]] = [("all", 0, span.days)]
    cuts += [("weekday", int(day), int((weekday == day).sum())) for day in np.unique(weekday)]
    cuts += [("hour", hour, span.days) for hour in range(24) if (actual.hour == hour).sum() >= span.days]
    cells = []
    for cut, key, days in cuts:
        one = measure(actual, _chosen(actual, cut, key, weekday), days)
        many = [measure(run_, _chosen(run_, cut, key, weekday), days) for run_ in runs]
        n = int(_chosen(actual, cut, key, weekday).sum())
        for metric in METRICS:
            values = np.array([found[metric] for found in many])
            most = 1.0 if _NAMES[metric][1] == "%" else float("inf")
            cells.append(Cell(metric, cut, key, one[metric], *_prediction(values, most), n))
    return cells


def _chosen(contacts: Contacts, cut: str, key: int, weekday: Ints) -> Flags:
    if cut == "weekday":
        return weekday[np.clip(contacts.day, 0, len(weekday) - 1)] == key
    return contacts.hour == key if cut == "hour" else np.ones(len(contacts.day), dtype=bool)


def _prediction(values: Floats, most: float) -> tuple[float, float, float]:
    """Mean of replications and the 95 % interval for one more (Hahn and Meeker 1991, section 4.5)."""
    values = values[~np.isnan(values)]
    if len(values) < 2:
        return (float(values.mean()) if len(values) else float("nan")), float("nan"), float("nan")
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) * (1 + 1 / len(values)) ** 0.5
    mean = float(values.mean())
    return mean, max(0.0, float(mean - half)), min(most, float(mean + half))
