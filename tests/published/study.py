"""Published results as scenarios of ours, simulated on either engine; run as a module it prints the table.

    python -m tests.published.study [--kernel N] [--reference N]

Every row names its source. A simulated row holds if ours and the published figure differ by less than the family-wise
99 % half-width of their difference (Bonferroni over all rows), the published half-width and rounding included.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from scenarios.replications import Result, replicate
from sim.build import Model, build
from sim.metrics.sums import GroupSum, QueueSum
from sim.run import Engine
from sim.schema import Document

Reading = Callable[[Result], np.ndarray]
"""From a result to each replication's (numerator, denominator), an array of two columns."""


@dataclass(frozen=True)
class Row:
    """One published figure: its value, the standard error behind it, and half a unit of its last printed digit."""

    study: str
    measure: str
    value: float
    error: float
    digit: float
    read: Reading


def sums(result: Result, *names: str, queue: int | None = None) -> np.ndarray:
    """Sum of some queue sums per replication."""
    chosen = slice(None) if queue is None else slice(queue, queue + 1)
    codes = [QueueSum[name.upper()] for name in names]
    return np.array([sum(float(one.queue[code, chosen].sum()) for code in codes) for one in result.totals])


def per_day(*names: str) -> Reading:
    """A count per replication."""
    return lambda result: np.column_stack([sums(result, *names), np.ones(len(result.totals))])


def ratio(above: str, *below: str, scale: float = 1.0, queue: int | None = None) -> Reading:
    """A ratio of sums, the numerator scaled."""
    return lambda result: np.column_stack([sums(result, above, queue=queue) * scale, sums(result, *below, queue=queue)])


def against(calls: float, *names: str, scale: float = 1.0) -> Reading:
    """A sum over a number of calls expected."""
    return lambda result: np.column_stack([sums(result, *names) * scale, np.full(len(result.totals), calls)])


def good_within(result: Result) -> np.ndarray:
    """Answered in time among offered, not counting the blocked."""
    offered = sums(result, "offered") - sums(result, "blocked")
    return np.column_stack([sums(result, "answered_in_time"), offered])


def waiting_share(result: Result) -> np.ndarray:
    """Share that had to wait; the scenario's acceptable wait is one microsecond."""
    over = sums(result, "answered", "abandoned")
    return np.column_stack([over - sums(result, "answered_in_time"), over])


def occupancy(result: Result) -> np.ndarray:
    """Busy time among staffed time."""
    return np.array([[one.group[code].sum() for code in (GroupSum.BUSY, GroupSum.STAFFED)] for one in result.totals])


def model_of(text: str) -> Model:
    """A model from scenario text."""
    return build(Document.from_text(text).scenario)


def half_width(low: float, high: float, level: float) -> float:
    """Standard error behind a published interval."""
    return (high - low) / 2 / stats.norm.ppf((1 + level) / 2)


ALL = ("answered", "abandoned", "still_waiting")
SECONDS, MINUTES, HOURS = 1e-6, 1 / 60e6, 1 / 3600e6

# Section 2: a terminating day that starts empty (ContactCenters examples, 1,000 replications, 95 % intervals) -----


def _day(patience: str = "", routing: str = "") -> str:
    return f"""
queuewise: 1
name: terminating day
start: 2026-03-02
horizon: 480 min
ends: drain
service level: {{within: 20 s, formula: SL3}}
demand: {{calls: {{type: call, per hour: 252{patience}}}}}
people: {{agents: {{agents: 12, skills: [call]}}}}
{routing}
process: {{call: {{answer: {{work: call, talk: {{mean: 2 min, shape: exponential}}}}, close: {{end: solved}}}}}}
"""


_IN_TIME = per_day("answered_in_time")


def _published(study: str, measure: str, value: float, low: float, high: float, read: Reading) -> Row:
    digits = len(str(value).partition(".")[2])
    return Row(study, measure, value, half_width(low, high, 0.95), 0.5 * 10.0**-digits, read)


def day_rows() -> list[tuple[str, list[Row]]]:
    """Scenario texts with their rows."""
    offered = ratio("answered_in_time", "offered")
    return [
        (_day(), [
            _published("MMC", "answered within 20 s", 1816.158, 1812.62, 1819.70, _IN_TIME),
            _published("MMC", "service level", 0.902, 0.900, 0.904, offered),
            _published("MMC", "ASA, min", 0.099, 0.097, 0.102, ratio("wait_answered", "answered", scale=MINUTES)),
            _published("MMC", "occupancy", 0.695, 0.694, 0.697, occupancy),
        ]),
        (_day(", patience: {mean: 1 min, shape: exponential}"), [
            _published("MMCAb", "abandoned", 58.609, 57.66, 59.56, per_day("abandoned")),
            _published("MMCAb", "answered within 20 s", 1906.008, 1903.79, 1908.23, _IN_TIME),
            _published("MMCAb", "service level, abandoned in time good", 0.968, 0.968, 0.969,
                       lambda r: np.column_stack([sums(r, "answered_in_time", "abandoned_in_time"), sums(r, *ALL)])),
        ]),
        (_day("", "routing: {call: {waiting places: 5}}"), [
            _published("MMCBlocked", "blocked", 18.655, 18.05, 19.27, per_day("blocked")),
            _published("MMCBlocked", "service level, blocked left out", 0.929, 0.928, 0.930, good_within),
        ]),
    ]  # fmt: skip


# Section 3: a day with changing arrivals and staff (SSJ tutorial CallCenter, 10,000 days, 90 % intervals) ----------

AGENTS = (4, 6, 8, 8, 8, 7, 8, 8, 6, 6, 4, 4, 4)
CALLS = (100, 150, 150, 180, 200, 150, 150, 150, 120, 100, 80, 70, 60)


def changing_day() -> tuple[str, list[Row]]:
    """The SSJ call centre; busyness gamma of shape 400 is a coefficient of variation of 5 %."""

    def table(values: tuple[int, ...]) -> str:
        hours = (f'"{8 + i:02d}:00-{9 + i:02d}:00": {value}' for i, value in enumerate(values))
        return f"{{every day: {{{', '.join(hours)}}}}}"

    text = f"""
queuewise: 1
name: changing day
start: 2026-03-02 08:00
horizon: 13 h
ends: drain
service level: {{within: 20 s, formula: SL1}}
demand:
  calls:
    type: call
    per hour: {table(CALLS)}
    busyness: 5 %
    patience: {{mean: 1000 s, shape: exponential, zero: 10 %}}
people: {{agents: {{agents: {table(AGENTS)}, skills: [call]}}}}
process: {{call: {{answer: {{work: call, talk: {{mean: 100 s, shape: exponential}}}}, close: {{end: solved}}}}}}
"""

    def row(measure: str, value: float, low: float, high: float, digit: float, read: Reading) -> Row:
        return Row("SSJ", measure, value, half_width(low, high, 0.90), digit, read)

    expected = float(sum(CALLS))
    return text, [
        row("arrivals a day", 1660.366, 1658.83, 1661.91, 0.0005, per_day("offered")),
        row("mean wait, s", 4.713, 4.680, 4.746, 0.0005,
            against(expected, "wait_answered", "wait_abandoned", scale=SECONDS)),
        row("share waiting under 20 s", 0.925, 0.924, 0.925, 0.0005,
            against(expected, "answered_in_time", "abandoned_in_time")),
        row("the same, answered only", 0.908, 0.908, 0.908, 0.0005, against(expected, "answered_in_time")),
        row("share lost", 0.020, 0.020, 0.020, 0.0005, against(expected, "abandoned")),
    ]  # fmt: skip


# Section 4: point values of closed forms; simulated in steady state ------------------------------------------------


def _steady(calls_per_hour: float, handling: str, agents: int, patience: str = "") -> str:
    patient = f", patience: {{mean: {patience}, shape: exponential}}" if patience else ""
    return f"""
queuewise: 1
name: steady
start: 2026-03-02
horizon: 210 h
warm-up: 10 h
interval: 1 h
service level: {{within: 1 us, formula: SL3}}
demand: {{calls: {{type: call, per hour: {calls_per_hour}{patient}}}}}
people: {{agents: {{agents: {agents}, skills: [call]}}}}
process: {{call: {{answer: {{work: call, talk: {{mean: {handling}, shape: exponential}}}}, close: {{end: solved}}}}}}
"""


def _exact(study: str, measure: str, value: float, digit: float, read: Reading) -> Row:
    return Row(study, measure, value, 0.0, digit, read)


def _waits(result: Result) -> np.ndarray:
    """Waits of all who waited, seconds."""
    waits = sums(result, "wait_answered", "wait_abandoned") * SECONDS
    return np.column_stack([waits, sums(result, "answered", "abandoned")])


def steady_rows() -> list[tuple[str, list[Row]]]:
    """Erlang C and A, and Cobham's priorities, with their rows."""
    asa, lost = ratio("wait_answered", "answered", scale=SECONDS), ratio("abandoned", "answered", "abandoned")
    classes = (6, 4, 6, 5)
    cobham = "\n".join(
        f"  class {i}: {{type: call {i}, per hour: {rate}, priority: {i + 1}}}" for i, rate in enumerate(classes)
    )
    steps = "\n".join(
        f"  call {i}: {{answer: {{work: call {i}, talk: {{mean: 10 min, shape: exponential}}}}, end: {{end: solved}}}}"
        for i in range(4)
    )
    priorities = f"""
queuewise: 1
name: priorities
start: 2026-03-02
horizon: 4100 h
warm-up: 100 h
interval: 24 h
demand:
{cobham}
people: {{servers: {{agents: 5, skills: [call 0, call 1, call 2, call 3]}}}}
process:
{steps}
"""
    return [
        (_steady(200, "180 s", 14), [
            _exact("Erlang C 14", "P(wait)", 0.1741319, 5e-8, waiting_share),
            _exact("Erlang C 14", "ASA, s", 7.835937, 5e-7, asa),
            _exact("Erlang C 14", "occupancy", 0.7142857, 5e-8, occupancy),
        ]),
        (_steady(200, "180 s", 14).replace("1 us", "20 s"), [
            _exact("Erlang C 14", "service level, 20 s", 0.88835, 5e-6, ratio("answered_in_time", "answered")),
        ]),
        (_steady(200, "180 s", 14, "5 min"), [
            _exact("Erlang A 14", "P(wait)", 0.14526, 5e-6, waiting_share),
            _exact("Erlang A 14", "P(abandon)", 0.013984, 5e-7, lost),
            _exact("Erlang A 14", "mean wait of all, min", 0.069919, 5e-7,
                   lambda r: _waits(r) * np.array([1 / 60, 1.0])),
            _exact("Erlang A 14", "occupancy", 0.704297, 5e-7, occupancy),
        ]),
        (_steady(210, "180 s", 13), [_exact("3.5 a minute, 13", "mean wait, s", 26.56, 5e-3, asa)]),
        (_steady(210, "180 s", 13, "5 min"), [
            _exact("the same, patience 5 min", "mean wait of all, s", 9.91, 5e-3, _waits),
        ]),
        (_steady(2880, "1 min", 50, "2 min"), [
            _exact("Erlang A 50", "P(abandon)", 0.0309, 5e-5, lost),
            _exact("Erlang A 50", "mean wait of all, s", 3.709, 5e-4, _waits),
            _exact("Erlang A 50", "P(wait)", 0.4678, 5e-5, waiting_share),
        ]),
        (_steady(2880, "1 min", 50), [
            _exact("Erlang C 50", "P(wait)", 0.6945, 5e-5, waiting_share),
            _exact("Erlang C 50", "ASA, s", 20.83, 5e-3, asa),
        ]),
        (priorities, [
            _exact(f"Cobham, class {i + 1}", "mean wait, h", value, 5e-7,
                   ratio("wait_answered", "answered", scale=HOURS, queue=i))
            for i, value in enumerate((0.015743, 0.023615, 0.040483, 0.089961))
        ]),
    ]  # fmt: skip


# Comparing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """A row beside what an engine gave."""

    row: Row
    engine: str
    mean: float
    error: float
    runs: int

    def half_width(self, rows: int, level: float = 0.99) -> float:
        """Family-wise half-width of the difference."""
        quantile = float(stats.t.ppf(1 - (1 - level) / (2 * rows), self.runs - 1))
        return quantile * math.hypot(self.error, self.row.error) + self.row.digit

    def holds(self, rows: int) -> bool:
        """Whether the difference is within it."""
        return abs(self.mean - self.row.value) <= self.half_width(rows)


def simulate(text: str, rows: list[Row], runs: int, engine: Engine, seed: int = 20261123) -> list[Finding]:
    """Replicate a scenario and read its rows."""
    result = replicate(model_of(text), runs, seed, engine)
    findings = []
    for row in rows:
        values = row.read(result)
        mean = values[:, 0].sum() / values[:, 1].sum()
        residuals = (values[:, 0] - mean * values[:, 1]) / values[:, 1].mean()
        findings.append(Finding(row, engine, mean, float(residuals.std(ddof=1) / math.sqrt(runs)), runs))
    return findings


def all_studies() -> list[tuple[str, list[Row]]]:
    """Every scenario with its rows."""
    return [*day_rows(), changing_day(), *steady_rows()]


def findings(runs: dict[Engine, dict[str, int]]) -> list[Finding]:
    """All rows by the engines asked for; ``runs`` gives replications of days and of steady states."""
    found = []
    for text, rows in all_studies():
        for engine, number in runs.items():
            kind = "steady" if "warm-up" in text else "changing" if "busyness" in text else "day"
            found += simulate(text, rows, number[kind], engine)
    return found


def table(found: list[Finding]) -> str:
    """The findings as text."""
    rows = len(found)
    lines = [f"{'study':26} {'measure':40} {'published':>12} {'engine':>10} {'ours':>12} {'± 99 % fam.':>12}"]
    lines += [
        f"{f.row.study:26} {f.row.measure:40} {f.row.value:>12.7g} {f.engine:>10} {f.mean:>12.7g} "
        f"{f.half_width(rows):>12.3g} {'in' if f.holds(rows) else 'OUT'}"
        for f in found
    ]
    return "\n".join(lines)


FULL: dict[Engine, dict[str, int]] = {
    "kernel": {"day": 1000, "changing": 10_000, "steady": 100},
    "reference": {"day": 60, "changing": 150, "steady": 6},
}
SHORT: dict[Engine, dict[str, int]] = {"kernel": {"day": 200, "changing": 500, "steady": 12}}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="the replications of the ordinary test run")
    print(table(findings(SHORT if parser.parse_args().short else FULL)))


if __name__ == "__main__":
    main()
