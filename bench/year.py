"""A year of 16 million contacts: memory, and cost per contact from 100 thousand on.

    ./scripts/bench year [--contacts N ...] [--rounds K] [--plot FILE] [--json]

Each size runs in a process of its own, so that its peak memory is its own. What counts is the whole pipeline, from the
first event to the last metric; the engine alone (rows written and thrown away) stands beside it. Building the model,
compilation, and the expansion of arrivals and roster are told apart. Sizes take turns. A long run meets a machine that
changes its speed, and a short one between two changes does not: so while a size runs it pauses every twentieth of a
second for a replication of the first size, and their costs are compared; medians over rounds are quoted.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench._centre import scenario
from bench._ours import counted, drain, model_of, rows_only, totals_of
from bench._side_by_side import Turn, say, timed
from sim.build import Model

SIZES = (100_000, 400_000, 1_600_000, 6_400_000, 16_000_000)
ENOUGH = 1_600_000
"""Contacts after which one process has run often enough."""
SMALLEST = 1000
PAUSE_EVERY_S = 0.05
ROOT = Path(__file__).resolve().parent.parent


def seconds_of(action: Callable[[], Any]) -> tuple[float, Any]:
    """CPU time of something, and what it gave."""
    begun = time.process_time()
    given = action()
    return time.process_time() - begun, given


class Beside:
    """Replications of the first size, in the pauses of another: both meet the same machine.

    Parameters
    ----------
    model : Model
        The first size.
    """

    def __init__(self, model: Model) -> None:
        self._contender = counted(model, totals_of)
        self._back_s = time.process_time()
        self.turns: list[Turn] = []
        self.cpu_s = self.wall_s = 0.0  # of all pauses, preparations included

    def pause(self) -> None:
        """One replication, if the last one is long enough ago."""
        if time.process_time() - self._back_s >= PAUSE_EVERY_S:
            self.run()

    def run(self) -> None:
        """One replication."""
        cpu, wall = time.process_time(), time.perf_counter()
        self.turns.append(timed(self._contender(len(self.turns) + 1)))
        self._back_s = time.process_time()
        self.cpu_s += self._back_s - cpu
        self.wall_s += time.perf_counter() - wall


def cost_us(turns: list[Turn]) -> float:
    """CPU time per contact, over all turns."""
    return 1e6 * sum(turn.cpu_s for turn in turns) / sum(turn.figures["cases"] for turn in turns)


def paused(model: Model, seed: int, beside: Beside) -> Turn:
    """One replication with all metrics, the pauses left out."""
    run = counted(model, totals_of, beside.pause)(seed)
    cpu, wall = beside.cpu_s, beside.wall_s
    turn = timed(run)
    return replace(turn, cpu_s=turn.cpu_s - (beside.cpu_s - cpu), wall_s=turn.wall_s - (beside.wall_s - wall))


def of_one(contacts: int, first: int) -> dict[str, float]:
    """Everything about one size, in this process."""
    build_s, model = seconds_of(lambda: model_of(scenario(contacts)))
    tiny = model_of(scenario(SMALLEST))
    compile_s, _ = seconds_of(lambda: drain(tiny, tiny.chance(0, 0), totals_of(tiny, 0)))
    expansion_s, _ = seconds_of(lambda: model.chance(1, 0))
    seeds, beside = range(1, max(1, ENOUGH // contacts) + 1), Beside(model_of(scenario(first)))
    beside.run()
    whole = [paused(model, seed, beside) for seed in seeds]
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    engine = [timed(counted(model, rows_only)(seed)) for seed in seeds]
    return {
        "contacts": whole[0].figures["cases"],
        "events": whole[0].customers,
        "us_per_contact": cost_us(whole),
        "us_per_contact_first": cost_us(beside.turns),
        "us_per_contact_engine": cost_us(engine),
        "wall_s": statistics.median(turn.wall_s for turn in whole),
        "peak_mb": peak_kib / 1024,
        "build_s": build_s,
        "compile_s": compile_s,
        "arrivals_and_roster_s": expansion_s,
    }


def in_a_process(contacts: int, first: int) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "bench.year", "--one", str(contacts), str(first)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    say(
        f"{contacts:>12,}: {found['us_per_contact']:.3f} us a contact, the first size beside it "
        f"{found['us_per_contact_first']:.3f}, {found['peak_mb']:,.0f} MB"
    )
    return found


def summary(rounds: list[list[dict[str, float]]]) -> list[dict[str, float]]:
    """Medians over rounds, greatest memory, and cost against the first size beside it."""
    rows = []
    for size in zip(*rounds, strict=True):
        row = {name: statistics.median(one[name] for one in size) for name in size[0]}
        costs = [one["us_per_contact"] / one["us_per_contact_first"] for one in size]
        row |= {"peak_mb": max(one["peak_mb"] for one in size), "times_first": statistics.median(costs)}
        rows.append({name: round(value, 4) for name, value in row.items()})
    return rows


def lines(rows: list[dict[str, float]]) -> list[str]:
    """For people."""
    made = [
        f"{'contacts':>12} {'us a contact':>13} {'x first':>8} {'engine alone':>13} {'events':>12} {'wall, s':>8} "
        f"{'peak, MB':>9} {'build, s':>9} {'compile, s':>11} {'arrivals + roster, s':>21}"
    ]
    made += [
        f"{row['contacts']:>12,.0f} {row['us_per_contact']:>13.3f} {row['times_first']:>8.3f} "
        f"{row['us_per_contact_engine']:>13.3f} {row['events']:>12,.0f} {row['wall_s']:>8.1f} {row['peak_mb']:>9,.0f} "
        f"{row['build_s']:>9.2f} {row['compile_s']:>11.2f} {row['arrivals_and_roster_s']:>21.2f}"
        for row in rows
    ]
    return made


def plot(rows: list[dict[str, float]], target: Path) -> None:
    """Cost per contact by size as PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    sizes = [row["contacts"] for row in rows]
    for name, label in (("us_per_contact", "engine and all metrics"), ("us_per_contact_engine", "engine alone")):
        axes.plot(sizes, [row[name] for row in rows], marker="o", label=label)
    beside = [row["us_per_contact_first"] for row in rows]
    axes.plot(sizes, beside, color="grey", linewidth=0.8, label="the first size, in the same minutes")
    axes.plot(sizes, [1.2 * cost for cost in beside], color="grey", linewidth=0.8, linestyle="--", label="1.2 x that")
    axes.set(xscale="log", xlabel="contacts", ylabel="CPU, µs a contact", ylim=(0, None))
    axes.legend()
    figure.savefig(target, dpi=120)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, nargs="+", default=SIZES, help="sizes, the smallest first")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--plot", type=Path, help="write cost per contact as PNG")
    parser.add_argument("--json", action="store_true", help="only the last line")
    parser.add_argument("--one", type=int, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        print(json.dumps(of_one(*options.one)))
        return 0
    sizes = options.contacts
    rows = summary([[in_a_process(contacts, sizes[0]) for contacts in sizes] for _ in range(options.rounds)])
    if not options.json:
        print("\n".join(lines(rows)), end="\n\n")
    if options.plot:
        plot(rows, options.plot)
    print(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
