"""How often intervals cover, and selections are right, over many repeated experiments on models with known answers.

    python -m tests.repeated.coverage [--experiments 2000] [--part intervals|precision|selection|all] [--json FILE]

Every experiment is one that a user might make: 20 replications of a scenario through the compiled engine, the sums, the
estimate and its interval; two scenarios and their paired difference; replications until an interval is narrow; a
selection. Nothing is fitted to the answer. The share that covers has its own exact binomial interval beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from scipy import stats

from scenarios.comparison import compare
from scenarios.estimate import skewed
from scenarios.precision import FIRST, Plan, Wanted, look_ahead, replicate_to
from scenarios.selection import Aims, select
from sim.metrics import find, value
from tests.repeated.models import CHOICES, ERLANG_A, ERLANG_C, MORE, SETTLED, Known, results

SIZE = 20
LOW, HIGH = 0.93, 0.97
BOTH, AT_LEAST, REPORTED = "93-97 %", "at least 95 %", "told only"


@dataclass(frozen=True)
class Share:
    """How often something held."""

    what: str
    measure: str
    held: int
    times: int
    aim: str
    note: str = ""

    @property
    def share(self) -> float:
        """Of all times."""
        return self.held / self.times

    @property
    def limits(self) -> tuple[float, float]:
        """Exact 95 % limits of the share."""
        found = stats.binomtest(self.held, self.times).proportion_ci(0.95, "exact")
        return float(found.low), float(found.high)

    @property
    def fine(self) -> bool:
        """Whether the aim is met: 93 to 97 % covered, or a promise not contradicted."""
        if self.aim == REPORTED:
            return True
        return LOW <= self.share <= HIGH if self.aim == BOTH else self.limits[1] >= 0.95

    def line(self) -> str:
        """A row of the table."""
        low, high = self.limits
        said = f"{100 * self.share:5.1f} % ({100 * low:.1f} to {100 * high:.1f})"
        met = "yes" if self.fine else "NO"
        return f"{self.what:38} {self.measure:30} {said:24} {self.times:>6,}  {self.aim:14} {met:4}{self.note}"


# --- intervals -------------------------------------------------------------------------------------------------------


def covered(known: Known, experiments: Sequence[int], confidence: float = 0.95) -> dict[str, int]:
    """In how many experiments each metric's interval covers the exact value."""
    held = dict.fromkeys(known.exact, 0)
    for experiment in experiments:
        found = results(known.model, experiment, SIZE)
        for metric, exact in known.exact.items():
            one = found.estimate(metric, confidence=confidence)
            held[metric] += one.low <= exact <= one.high
    return held


def differences_covered(base: Known, other: Known, experiments: Sequence[int]) -> dict[str, int]:
    """The same for paired differences under common random numbers, by own and by family intervals."""
    names = [name for name in base.exact if name in other.exact and name != "offered"]
    held = dict.fromkeys([*names, "all together"], 0)
    for experiment in experiments:
        both = (results(known.model, experiment, SIZE) for known in (base, other))
        found = compare(next(both), {"other": next(both)}, metrics=names)
        truth = {name: other.exact[name] - base.exact[name] for name in names}
        for name in names:
            one = found.get("other", name)
            held[name] += one.low <= truth[name] <= one.high
        family = (found.get("other", name) for name in names)
        held["all together"] += all(one.family_low <= truth[one.metric] <= one.family_high for one in family)
    return held


# --- precision -------------------------------------------------------------------------------------------------------


def precise_covered(known: Known, wanted: Wanted, seeds: Sequence[int]) -> tuple[int, float]:
    """How often the interval covers at which replications stopped, and how many these were on average."""
    held, used = 0, 0
    for seed in seeds:
        found = replicate_to(known.model, [wanted], Plan(most=400), 1000 + seed).result
        one = found.estimate(wanted.metric)
        held += one.low <= known.exact[wanted.metric] <= one.high
        used += len(found.totals)
    return held, used / len(seeds)


def rule_covered(shape: str, wanted: float, times: int, seed: int = 1) -> tuple[int, float]:
    """The same for the rule by itself, on plain numbers of variance 1: normal, or exponential and so very skewed."""
    rng, held, used = np.random.default_rng(seed), 0, 0
    counts = np.arange(1, _LONGEST + 1)
    t = stats.t.ppf(0.975, np.maximum(counts - 1, 1))  # what comes before the first look does not matter
    for _ in range(times):
        drawn = rng.normal(size=_LONGEST) if shape == "normal" else rng.exponential(size=_LONGEST) - 1
        mean = drawn.cumsum() / counts
        squares, cubes = (drawn**2).cumsum(), (drawn**3).cumsum()
        second = np.maximum(squares - counts * mean**2, 1e-100)
        third = cubes - 3 * mean * squares + 2 * counts * mean**3
        error = np.sqrt(second / np.maximum(counts - 1, 1) / counts)
        lean = np.sqrt(counts * (counts - 1)) / np.maximum(counts - 2, 1) * third / second**1.5
        low, high = skewed(mean, error, np.where(counts > 2, lean, 0.0), t)
        n = _stopped_at(np.maximum(mean - low, high - mean) <= wanted)
        held += int(low[n - 1] <= 0 <= high[n - 1])
        used += n
    return held, used / times


_LONGEST = 1000


def _stopped_at(narrow: np.ndarray) -> int:
    since = 0
    for n in range(FIRST, len(narrow) + 1):
        since = (since or n) if narrow[n - 1] else 0
        if since and n >= since + look_ahead(since):
            return n
    return len(narrow)


# --- selection -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Normals:
    """Normal alternatives: the first is the best by delta, or the means lie apart by delta each."""

    k: int
    correlation: float
    means: str
    unequal: bool = False
    delta: float = 1.0
    sd: float = 3.0

    @property
    def name(self) -> str:
        """What it is."""
        unequal = ", unequal variances" if self.unequal else ""
        return f"{self.k} normal, correlation {self.correlation:g}{unequal}"

    def mean(self) -> np.ndarray:
        """Mean of each alternative."""
        if self.means == "apart":
            return -self.delta * np.arange(self.k)
        if self.means == "close":  # all others within the indifference zone but the last half
            return -self.delta * np.where(np.arange(self.k) < (self.k + 1) // 2, 0.4, 1.4) * (np.arange(self.k) > 0)
        return np.where(np.arange(self.k) == 0, self.delta, 0.0)

    def once(self, rng: np.random.Generator) -> tuple[int, int, int]:
        """Which alternative a selection takes, and what it costs, beside equal allocation."""
        spread = self.sd * (np.linspace(0.5, 1.5, self.k) if self.unequal else np.ones(self.k))
        drawn = np.empty((0, self.k))

        def observe(names: Sequence[str], numbers: range) -> dict[str, np.ndarray]:
            nonlocal drawn
            while len(drawn) < numbers.stop:
                common, own = rng.normal(size=(256, 1)), rng.normal(size=(256, self.k))
                mixed = np.sqrt(self.correlation) * common + np.sqrt(1 - self.correlation) * own
                drawn = np.vstack([drawn, self.mean() + spread * mixed])
            return {name: drawn[numbers.start : numbers.stop, int(name)] for name in names}

        found = select(observe, [str(number) for number in range(self.k)], Aims(self.delta, most=10**6))
        return int(found.best), found.total, found.equal


NORMALS = (
    Normals(2, 0.0, "slippage"),
    Normals(5, 0.0, "slippage"),
    Normals(10, 0.0, "slippage"),
    Normals(10, 0.8, "slippage"),
    Normals(10, 0.0, "slippage", unequal=True),
    Normals(25, 0.5, "slippage"),
    Normals(10, 0.0, "apart"),
    Normals(10, 0.5, "close"),
)


def normal_choices(case: Normals, times: int, seed: int = 1) -> tuple[int, float, float]:
    """How often the best, or one within delta of it, is selected; mean cost; mean cost of equal allocation."""
    rng = np.random.default_rng([seed, case.k, round(10 * case.correlation), len(case.means)])
    found = [case.once(rng) for _ in range(times)]
    mean = case.mean()
    good = int(sum(mean[best] > mean.max() - case.delta for best, _, _ in found))
    return good, float(np.mean([cost for _, cost, _ in found])), float(np.mean([equal for _, _, equal in found]))


_STRIDE = 5_000
"""Replications that one selection may use; the next one begins behind them."""


@cache
def _per_run(name: str, metric: str, number: int) -> float:
    known = next(one for one in CHOICES if one.name == name)
    return value(find(metric), results(known.model, number, 1).totals[0])


def real_choices(metric: str, delta: float, experiments: Sequence[int]) -> tuple[int, float, float]:
    """How often a selection among small queues is right: the best, or within delta of it."""
    exact = {one.name: one.exact[metric] for one in CHOICES}
    right, cost, equal = 0, 0, 0
    for experiment in experiments:

        def observe(names: Sequence[str], numbers: range, begin: int = experiment * _STRIDE) -> dict[str, np.ndarray]:
            return {name: np.array([_per_run(name, metric, begin + number) for number in numbers]) for name in names}

        found = select(observe, list(exact), Aims(delta, "lowest", most=_STRIDE))
        right += exact[found.best] < min(exact.values()) + delta
        cost, equal = cost + found.total, equal + found.equal
        _per_run.cache_clear()
    return right, cost / len(experiments), equal / len(experiments)


# --- the program -----------------------------------------------------------------------------------------------------

_CHUNK = 25
CHOICE = ("abandonment_rate", 0.01)
"""By what small queues are told apart, and from which difference on."""
Parts = Callable[[ProcessPoolExecutor, int], Iterator[Share]]


def _chunks(times: int) -> list[range]:
    return [range(begin, min(begin + _CHUNK, times)) for begin in range(0, times, _CHUNK)]


def _added(found: Sequence[dict[str, int]]) -> dict[str, int]:
    return {name: sum(one[name] for one in found) for name in found[0]}


def intervals(pool: ProcessPoolExecutor, times: int) -> Iterator[Share]:
    """Intervals of single scenarios and of paired differences."""
    for known in (ERLANG_C, ERLANG_A, SETTLED):
        held = _added(list(pool.map(covered, *zip(*((known, part) for part in _chunks(times)), strict=True))))
        for metric, covers in held.items():
            yield Share(known.name, metric, covers, times, BOTH)
    pairs = [(ERLANG_A, MORE, part) for part in _chunks(times)]
    held = _added(list(pool.map(differences_covered, *zip(*pairs, strict=True))))
    for metric, covers in held.items():
        aim = BOTH if metric != "all together" else AT_LEAST
        yield Share("paired: one agent more", metric, covers, times, aim)


def precision(pool: ProcessPoolExecutor, times: int) -> Iterator[Share]:
    """Intervals at which replications stopped."""
    for shape, aim in (("normal", BOTH), ("exponential", REPORTED)):
        for size in (0.4, 0.2):
            held, used = rule_covered(shape, size, times)
            yield Share(f"until narrow: {shape} numbers", f"± {size:g}", held, times, aim, f" {used:.0f} replications")
    for known, wanted in (
        (ERLANG_C, Wanted("service_level", 0.015)),
        (ERLANG_A, Wanted("abandonment_rate", 0.01)),
        (ERLANG_A, Wanted("asa", 0.06, relative=True)),
    ):
        jobs = [(known, wanted, part) for part in _chunks(times)]
        found = list(pool.map(precise_covered, *zip(*jobs, strict=True)))
        used = float(np.mean([mean for _, mean in found]))
        what = f"{wanted.metric} ± {100 * wanted.half_width:g} %" + (" relative" if wanted.relative else "")
        held = sum(covers for covers, _ in found)
        yield Share(f"until narrow: {known.name}", what, held, times, BOTH, f" {used:.0f} replications")


def selection(pool: ProcessPoolExecutor, times: int) -> Iterator[Share]:
    """Correct choices among normal alternatives, and among small queues."""
    for case, (good, cost, equal) in zip(
        NORMALS, pool.map(normal_choices, NORMALS, [times] * len(NORMALS)), strict=True
    ):
        note = f" {cost:,.0f} runs, equal allocation {equal:,.0f}"
        yield Share(case.name, f"best by delta, {case.means}", good, times, AT_LEAST, note)
    fewer = max(times // 5, _CHUNK)
    found = list(pool.map(real_choices, *zip(*((*CHOICE, part) for part in _chunks(fewer)), strict=True)))
    cost, equal = (float(np.mean([one[place] for one in found])) for place in (1, 2))
    note = f" {cost:,.0f} runs, equal allocation {equal:,.0f}"
    what = f"{CHOICE[0]}, delta {100 * CHOICE[1]:g} %"
    yield Share("four small queues", what, sum(one[0] for one in found), fewer, AT_LEAST, note)


PARTS: dict[str, Parts] = {"intervals": intervals, "precision": precision, "selection": selection}


def main() -> None:
    """Repeat, count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=2000)
    parser.add_argument("--part", choices=[*PARTS, "all"], default="all")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    chosen = PARTS if options.part == "all" else {options.part: PARTS[options.part]}
    found: list[Share] = []
    results(ERLANG_C.model, 0, 1)  # compiles the engine before the workers need it
    print(f"{'what':38} {'measure':30} {'held (95 % limits)':24} {'times':>6}  {'aim':14} met")
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        for part in chosen.values():
            for one in part(pool, options.experiments):
                found.append(one)
                print(one.line(), flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in found], indent=1), encoding="utf-8")
    sys.exit(0 if all(one.fine for one in found) else 1)


if __name__ == "__main__":
    main()
