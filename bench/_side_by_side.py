"""Contenders side by side: they take turns (A B C A B C ...), so that a change of the machine's speed meets them all.

CPU time is what is compared, since a shared machine gives a process only part of the wall time; both are kept. A ratio
is taken turn by turn, and its median quoted.
"""

from __future__ import annotations

import argparse
import gc
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Figures = Mapping[str, float]
"""What a run found, by name."""
MEAN_WAIT = "mean wait, s"
Run = Callable[[], tuple[int, Figures]]
"""One turn, timed: how many customers it served, and what it found."""
Contender = Callable[[int], Run]
"""From a seed to a turn; what it prepares is not timed."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn of a contender took and found."""

    customers: int
    cpu_s: float
    wall_s: float
    figures: Figures

    @property
    def speed(self) -> float:
        """Customers per second of CPU."""
        return self.customers / self.cpu_s


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, least and greatest of some numbers."""

    median: float
    least: float
    greatest: float

    @staticmethod
    def of(numbers: list[float]) -> Spread:
        """Of all of them."""
        return Spread(statistics.median(numbers), min(numbers), max(numbers))


def timed(run: Run) -> Turn:
    """One turn, rubbish of the last one collected before."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    customers, figures = run()
    cpu_s, wall_s = time.process_time() - cpu, time.perf_counter() - wall
    return Turn(customers, cpu_s, wall_s, figures)


def in_turn(contenders: Mapping[str, Contender], repeats: int, seed: int = 1) -> dict[str, list[Turn]]:
    """Every contender so often, in turn; each turn has a seed of its own."""
    turns: dict[str, list[Turn]] = {name: [] for name in contenders}
    for repeat in range(repeats):
        for name, contender in contenders.items():
            turns[name].append(timed(contender(seed + repeat)))
            say(f"{repeat + 1}/{repeats} {name}: {turns[name][-1].speed:,.0f} a second")
    return turns


def say(text: str) -> None:
    """Progress, beside the results."""
    print(text, file=sys.stderr, flush=True)


def speed(turns: list[Turn]) -> float:
    """Median speed of a contender's turns."""
    return statistics.median(turn.speed for turn in turns)


def ratio(turns: list[Turn], others: list[Turn]) -> Spread:
    """How many times as fast, turn by turn."""
    return Spread.of([one.speed / other.speed for one, other in zip(turns, others, strict=True)])


def table(turns: Mapping[str, list[Turn]], against: tuple[str, ...]) -> Iterator[str]:
    """Lines for people: speed by CPU and by wall time, and ratios to some contenders."""
    yield f"{'':24} {'a second, CPU':>14} {'wall':>12}" + "".join(
        f"{'x ' + name + ' (from - to)':>30}" for name in against
    )
    for name, own in turns.items():
        ratios = (ratio(own, turns[other]) for other in against)
        wall = statistics.median(turn.customers / turn.wall_s for turn in own)
        yield f"{name:24} {speed(own):>14,.0f} {wall:>12,.0f}" + "".join(
            f"{f'{r.median:.2f} ({r.least:.2f} - {r.greatest:.2f})':>30}" for r in ratios
        )


# Whether contenders found the same ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over turns and its half-width."""

    mean: float
    half_width: float

    @staticmethod
    def of(values: NDArray[np.float64], confidence: float) -> Estimate:
        """By Student's t: turns are independent."""
        quantile = float(stats.t.ppf((1 + confidence) / 2, len(values) - 1))
        return Estimate(float(values.mean()), quantile * float(values.std(ddof=1)) / math.sqrt(len(values)))

    def agrees(self, other: Estimate) -> bool:
        """Whether the difference is within the half-width of the difference."""
        return abs(self.mean - other.mean) <= math.hypot(self.half_width, other.half_width)


def estimates(turns: Mapping[str, list[Turn]], figure: str, comparisons: int) -> dict[str, Estimate]:
    """A figure of each contender, with intervals that all hold together with 99 %."""
    level = 1 - 0.01 / comparisons
    return {name: Estimate.of(np.array([turn.figures[figure] for turn in own]), level) for name, own in turns.items()}


def verdicts(turns: Mapping[str, list[Turn]], truth: Mapping[str, Estimate]) -> Iterator[tuple[bool, str]]:
    """Each figure of each contender beside the truth, and whether it agrees."""
    comparisons = len(truth) * len(turns)
    for figure, true in truth.items():
        yield True, f"{figure}: {true.mean:.4g}" + (f" ± {true.half_width:.2g}" if true.half_width else "")
        for name, found in estimates(turns, figure, comparisons).items():
            agrees = found.agrees(true)
            word = "agrees" if agrees else "DIFFERS"
            yield agrees, f"  {name:24} {found.mean:>9.4g} ± {found.half_width:<8.2g} {word}"


def repeats(text: str) -> int:
    """A number of turns from the command line: without two of them there is no interval."""
    number = int(text)
    if number < 2:
        raise argparse.ArgumentTypeError("at least 2, so that results have an interval")
    return number
