"""What random scenarios exercised: how often each element acted, and in how many scenarios each pair of them did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from sim.build import Model
from sim.codes import Kind
from sim.differ import explain
from sim.kernel import Kernel
from sim.log import Log
from tests.differential.elements import ELEMENTS, FORMS, SITUATIONS
from tests.differential.engines import SEED, TINY, finish
from tests.differential.generator import random_model
from tests.differential.seen import passed, seen
from tests.differential.witness import Witness

PAIRS = 30
"""In how many of 2,000 scenarios two elements must act together."""


@dataclass
class Coverage:
    """Counts over scenarios.

    ``acts``: how often an element acted; ``scenarios``: in how many it did; ``pairs``: in how many both did;
    ``ties``: how often events of two kinds fell on one instant; ``cramped``: why the kernel without room came back,
    and in how many scenarios it had to be given more.
    """

    compared: int = 0
    rows: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    scenarios: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    ties: Counter[tuple[Kind, Kind]] = field(default_factory=Counter)
    cramped: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def compare(self, number: int) -> None:
        """Run a random scenario on both engines, the kernel twice, and note what acted."""
        model = random_model(number)
        chance = model.chance(SEED, number % 3)
        witness = Witness(model.network, chance)
        expected, _ = finish(witness, model.network.end, portions=1 + number % 5)
        got, _ = finish(Kernel(model.network, chance), model.network.end)
        small = Kernel(model.network, chance, **TINY)
        first = small.world.state
        cramped, returns = finish(small, model.network.end, portions=7)
        for log, label in ((got, "kernel"), (cramped, "kernel without room")):
            if not expected.same_as(log):
                text = explain(expected, log, model.names, ("reference", label))
                self.differences.append(f"random scenario {number}\n{text}")
        self._count(model, witness, expected)
        self.cramped.update({status.name: count for status, count in returns.items()})
        state = small.world.state
        self.cramped["more case slots"] += len(state.cases) > len(first.cases)
        self.cramped["more room in lines"] += state.tiers.shape[1] > first.tiers.shape[1]
        self.cramped["more events"] += len(state.events) > len(first.events)

    def _count(self, model: Model, witness: Witness, log: Log) -> None:
        acts = +(witness.acts + Counter(seen(model, log)) + Counter(passed(model, witness.passed)))
        self.compared += 1
        self.rows += len(log.visits) + len(log.cases) + len(log.sessions)
        self.acts.update(acts)
        self.scenarios.update(acts.keys())
        self.pairs.update(combinations(sorted(acts), 2))
        self.ties.update(witness.ties)


def rare(coverage: Coverage, scenarios: int) -> dict[str, int]:
    """Elements, situations and forms of durations that acted in fewer scenarios than wanted."""
    names = (*ELEMENTS, *SITUATIONS, *FORMS)
    return {name: coverage.scenarios[name] for name in names if coverage.scenarios[name] < scenarios}


def rare_pairs(coverage: Coverage, scenarios: int) -> dict[tuple[str, str], int]:
    """Pairs of elements that acted together in fewer scenarios than wanted."""
    pairs = {pair: coverage.pairs[pair] for pair in combinations(sorted(ELEMENTS), 2)}
    return {pair: count for pair, count in pairs.items() if count < scenarios}


def survey(numbers: range) -> Coverage:
    """Compare the random scenarios of some numbers."""
    coverage = Coverage()
    for number in numbers:
        coverage.compare(number)
    return coverage


def report(coverage: Coverage) -> str:
    """The table of a survey."""
    lines = [
        f"{coverage.compared} random scenarios on both engines, {coverage.rows} rows: "
        f"{len(coverage.differences)} differ",
        "kernel without room: " + ", ".join(f"{what} {count}" for what, count in coverage.cramped.items() if count),
        *_table(coverage, "element", ELEMENTS),
        *_table(coverage, "situation", SITUATIONS),
        *_table(coverage, "form", FORMS),
        *_pairs(coverage),
        "",
        "events at one instant, by kind:",
    ]
    for (one, other), count in sorted(coverage.ties.items()):
        lines.append(f"  {one.name.lower():12} {other.name.lower():12} {count:8}")
    return "\n".join([*lines, "", *coverage.differences])


def _table(coverage: Coverage, title: str, names: tuple[str, ...]) -> Iterator[str]:
    yield f"\n{title:40}{'acted':>10}{'scenarios':>11}   elements least often beside (scenarios with both)"
    for name in names:
        rarest = sorted((coverage.pairs[min(name, o), max(name, o)], o) for o in ELEMENTS if o != name)[:2]
        beside = ", ".join(f"{other} ({count})" for count, other in rarest)
        yield f"{name:40}{coverage.acts[name]:10}{coverage.scenarios[name]:11}   {beside}"


def _pairs(coverage: Coverage) -> Iterator[str]:
    found = rare_pairs(coverage, PAIRS)
    number = len(ELEMENTS) * (len(ELEMENTS) - 1) // 2
    yield f"\npairs of elements: {number}; acted together in fewer than {PAIRS} scenarios: {len(found)}"
    for (one, other), count in sorted(found.items(), key=lambda entry: entry[1]):
        yield f"  {one} + {other}: {count}"
