"""Whitt's call centre, M/GI/100/200 + GI at 102 arrivals a service time: all six rows of his tables, simulated.

    ./scripts/bench whitt [--arrivals N] [--runs K] [--workers N] [--json]

Whitt, "Engineering solution of a basic call-center model", tables 1-3: ten runs of five million arrivals for each row
that has no closed form; the first two rows are exact, here by `sim.theory`. Ours: independent runs from an empty
centre, what joins in the first hundred service times left out, E[Q] by Little's law from all waits.

All intervals hold together with 99 %: Bonferroni over all cells, Student's t with the runs less one. A cell holds if
ours and the published figure differ by less than the half-width of their difference and half a unit of the last digit.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bench._ours import logs, model_of
from bench._side_by_side import repeats, say
from sim.codes import Ending, Visit
from sim.log import Log
from sim.theory import Queue, steady_state, waits

ARRIVALS, AGENTS, PLACES = 102, 100, 200
UNIT_S = 60
"""Seconds of Whitt's unit of time, the mean service."""
UNIT_US = UNIT_S * 1_000_000
WARM_UP = 100
"""Units of time that are left out."""
PUBLISHED_RUNS = 10
CELLS = ("P(W=0)", "P(Ab)", "E[Q]", "E[W|S]", "P(W<=.1|S)", "P(W<=.2|S)")
SCENARIO = """
queuewise: 1
name: Whitt's call centre
start: 2026-03-02
horizon: {minutes} min
ends: drain
demand: {{calls: {{type: call, per hour: {per_hour}, patience: {patience}}}}}
people: {{agents: {{agents: 100, skills: [call]}}}}
routing: {{call: {{waiting places: 200}}}}
process: {{call: {{answer: {{work: call, talk: {service}}}, close: {{end: solved}}}}}}
"""
EXPONENTIAL, ERLANG_2 = "{{mean: {} s, shape: exponential}}", "{{mean: {} s, shape: gamma, cv: 0.7071067811865476}}"
LOGNORMAL_1, LOGNORMAL_4 = "{{mean: {} s, shape: lognormal, cv: 1}}", "{{mean: {} s, shape: lognormal, cv: 2}}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the tables: its laws, figures as printed, and 95 % half-widths, none of exact figures."""

    name: str
    service: str
    patience: str
    mean_patience: float
    printed: tuple[str, ...]
    half_widths: tuple[float, ...] = ()

    def scenario(self, arrivals: int) -> str:
        """About so many arrivals after the warm-up."""
        return SCENARIO.format(
            minutes=round(arrivals / ARRIVALS) + WARM_UP,
            per_hour=ARRIVALS * 3600 / UNIT_S,
            patience=self.patience.format(self.mean_patience * UNIT_S),
            service=self.service.format(UNIT_S),
        )


ROWS = (
    Row("M + M(1)", EXPONENTIAL, EXPONENTIAL, 1, (".4083", ".0499", "5.092", ".0490", ".7986", ".9644")),
    Row("M + M(4)", EXPONENTIAL, EXPONENTIAL, 4, (".226", ".0364", "14.84", ".1455", ".4688", ".6865")),
    Row("E2 + E2(1)", ERLANG_2, ERLANG_2, 1, (".217", ".0351", "11.52", ".1115", ".510", ".795"),
        (0.0021, 0.00029, 0.075, 0.00071, 0.0030, 0.0023)),
    Row("M + E2(1)", EXPONENTIAL, ERLANG_2, 1, (".246", ".0378", "11.75", ".1133", ".520", ".775"),
        (0.0020, 0.00032, 0.075, 0.00072, 0.0026, 0.0023)),
    Row("M + LN(1,1)", EXPONENTIAL, LOGNORMAL_1, 1, (".242", ".0376", "11.42", ".1094", ".518", ".792"),
        (0.0026, 0.00032, 0.071, 0.00067, 0.0028, 0.0018)),
    Row("M + LN(4,4)", EXPONENTIAL, LOGNORMAL_4, 4, (".210", ".0349", "14.90", ".1446", ".444", ".680"),
        (0.0019, 0.00030, 0.095, 0.00091, 0.0025, 0.0028)),
)  # fmt: skip


# One run -------------------------------------------------------------------------------------------------------------


def counts(log: Log) -> NDArray[np.float64]:
    """Joined, not waited, abandoned, all waits, then of the served: how many, waits, within .1, within .2."""
    visits = log.visits[log.visits[:, Visit.ENQUEUED] >= WARM_UP * UNIT_US]
    ending = visits[:, Visit.ENDING]
    served, abandoned = ending == Ending.SERVED, ending == Ending.ABANDONED
    last = np.where(served, visits[:, Visit.STARTED], visits[:, Visit.ENDED])
    waited = (last - visits[:, Visit.ENQUEUED]) / UNIT_US
    of_served = waited[served]
    return np.array([
        len(visits), (of_served == 0).sum(), abandoned.sum(), waited.sum(),
        len(of_served), of_served.sum(), (of_served <= 0.1).sum(), (of_served <= 0.2).sum(),
    ])  # fmt: skip


def cells(sums: NDArray[np.float64], units: float) -> NDArray[np.float64]:
    """The figures of one run that measured so many units of time."""
    joined, at_once, abandoned, all_waits, served, waits_served, tenth, fifth = sums
    shares = (at_once / joined, abandoned / joined, all_waits / units)
    return np.array([*shares, waits_served / served, tenth / served, fifth / served])


def one_run(task: tuple[int, int, int]) -> tuple[int, NDArray[np.float64]]:
    """Row's number, arrivals and seed to how many arrived, and the figures."""
    number, arrivals, seed = task
    model = model_of(ROWS[number].scenario(arrivals))
    sums = np.sum([counts(log) for log in logs(model, seed, "kernel")], axis=0)
    return int(sums[0]), cells(sums, model.network.end / UNIT_US - WARM_UP)


# Comparing -----------------------------------------------------------------------------------------------------------


def exact(row: Row) -> tuple[float, ...]:
    """The figures of a row with exponential laws."""
    queue = Queue(ARRIVALS, 1, AGENTS, 1 / row.mean_patience, PLACES)
    state = steady_state(queue)
    served = 1 - state.probability_of_abandoning - state.probability_of_blocking
    return (
        1 - state.probability_of_waiting - state.probability_of_blocking,
        state.probability_of_abandoning,
        state.queue_length,
        state.mean_wait_served,
        waits(queue, 0.1)[0] / served,
        waits(queue, 0.2)[0] / served,
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure: published with its family-wise half-width, ours with its own."""

    row: str
    name: str
    published: float
    published_half_width: float
    ours: float
    half_width: float
    digit: float

    @property
    def holds(self) -> bool:
        """Whether the difference is within its own half-width."""
        allowed = math.hypot(self.published_half_width, self.half_width) + self.digit
        return abs(self.ours - self.published) <= allowed


def t_quantile(level: float, runs: int) -> float:
    """Two-sided, of a mean over so many runs."""
    return float(stats.t.ppf(1 - (1 - level) / 2, runs - 1))


def compared(row: Row, found: NDArray[np.float64]) -> Iterator[Cell]:
    """The cells of a row; `found` has one line for each run."""
    level = 1 - 0.01 / (len(ROWS) * len(CELLS))
    half_widths = t_quantile(level, len(found)) * found.std(axis=0, ddof=1) / math.sqrt(len(found))
    wider = t_quantile(level, PUBLISHED_RUNS) / t_quantile(0.95, PUBLISHED_RUNS)
    theirs = [half * wider for half in row.half_widths] or [0.0] * len(CELLS)
    values = [float(text) for text in row.printed] if row.half_widths else exact(row)
    digits = [0.5 * 10.0 ** -len(text.partition(".")[2]) if row.half_widths else 0.0 for text in row.printed]
    for place, name in enumerate(CELLS):
        mean, half = float(found[:, place].mean()), float(half_widths[place])
        yield Cell(row.name, name, float(values[place]), theirs[place], mean, half, digits[place])


def simulate(arrivals: int, runs: int, workers: int) -> tuple[list[int], list[Cell]]:
    """Arrivals of each row, and all cells; every run has a seed of its own, else all rows would lean the same way."""
    tasks = [(number, arrivals // runs, 1 + number * runs + run) for number in range(len(ROWS)) for run in range(runs)]
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            done = list(pool.map(one_run, tasks))
    else:
        done = list(map(one_run, tasks))
    arrived, found = [], []
    for number, row in enumerate(ROWS):
        own = done[number * runs : (number + 1) * runs]
        arrived.append(sum(count for count, _ in own))
        found += compared(row, np.array([figures for _, figures in own]))
    return arrived, found


def cpu_s() -> float:
    """CPU time of this process and of those that have ended under it."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def lines(found: list[Cell]) -> list[str]:
    """For people."""
    made = [f"{'row':12} {'':12} {'published':>10} {'±':>9} {'ours':>10} {'±':>9}"]
    made += [
        f"{one.row:12} {one.name:12} {one.published:>10.4f} {one.published_half_width:>9.5f} {one.ours:>10.5f} "
        f"{one.half_width:>9.5f}  {'in' if one.holds else 'OUT'}"
        for one in found
    ]
    return made


def main(arguments: list[str] | None = None) -> int:
    """Simulate, compare and print; 1 if a cell is out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arrivals", type=int, default=51_000_000, help="of each row, over all its runs")
    parser.add_argument("--runs", type=repeats, default=50, help="independent, of each row")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--json", action="store_true", help="only the last line")
    options = parser.parse_args(arguments)
    begun, used = time.perf_counter(), cpu_s()
    arrived, found = simulate(options.arrivals, options.runs, options.workers)
    minutes, cpu_minutes = (time.perf_counter() - begun) / 60, (cpu_s() - used) / 60
    if not options.json:
        print("\n".join(lines(found)))
        print(f"\nleast arrivals of a row: {min(arrived):,}; {minutes:.1f} minutes, CPU {cpu_minutes:.1f}\n")
    cells_out = [f"{one.row} {one.name}" for one in found if not one.holds]
    for name in cells_out:
        say(f"OUT: {name}")
    result = {
        "cells": len(found),
        "in": len(found) - len(cells_out),
        "out": cells_out,
        "least_arrivals": min(arrived),
        "minutes": round(minutes, 2),
        "cpu_minutes": round(cpu_minutes, 2),
        "workers": options.workers,
    }
    print(json.dumps(result))
    return 1 if cells_out else 0


if __name__ == "__main__":
    sys.exit(main())
