"""What random scenarios exercised: how often each element acted, and in how many scenarios each pair of them did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from sim.build import Model, build
from sim.codes import Kind, Visit
from sim.differ import explain
from sim.kernel import Kernel
from sim.log import Log
from sim.schema.distribution import Distribution
from tests.differential.engines import SEED, TINY, finish
from tests.differential.generator import random_document
from tests.differential.witness import Witness

ELEMENTS = (
    "served at once", "served after a wait", "abandoned", "blocked", "blocked, no place at all", "redial",
    "attempts used up", "served on a redial", "overflow served", "overflow joined", "second overflow", "overflow idle",
    "abandonment idle", "patience drawn 0", "never hangs up", "patience of a step", "priority passed an earlier case",
    "priority of a step", "head start passed an earlier case", "tie broken by address", "longest idle, not the first",
    "listed order, not the longest idle", "two groups free", "second queue's case taken", "speed", "hold", "wrap",
    "next step while the agent wraps", "service of no time", "delay", "branch", "branch back", "hand-over",
    "ended unsolved", "head count fell, free", "head count fell, nobody free", "debt paid", "debt taken back",
    "agent left at release", "leaving taken back", "agent came and took a case", "on duty from before",
    "recorded arrivals", "drawn arrivals", "arrivals at one instant", "busy day", "clock change", "still waiting",
    "still in service", "still delayed", "between attempts", "drained beyond the end",
)  # fmt: skip
FORMS = ("constant", "mean", "median", "between", "quantiles", "values", "scipy", "mixture", "zero", "never", "plus",
         "at most")  # fmt: skip


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
        model = build(random_document(number).scenario)
        chance = model.chance(SEED, number % 3)
        witness = Witness(model.network, chance)
        expected, _ = finish(witness, model.network.end, portions=1 + number % 5)
        got, _ = finish(Kernel(model.network, chance), model.network.end)
        small = Kernel(model.network, chance, **TINY)
        cramped, returns = finish(small, model.network.end, portions=7)
        for log, label in ((got, "kernel"), (cramped, "kernel without room")):
            if not expected.same_as(log):
                text = explain(expected, log, model.names, ("reference", label))
                self.differences.append(f"random scenario {number}\n{text}")
        self._count(model, witness, expected)
        self.cramped.update({status.name: count for status, count in returns.items()})
        state = small.world.state
        self.cramped["more case slots"] += len(state.cases) > TINY["slots"]
        self.cramped["more room in lines"] += state.lines.shape[1] > TINY["line_room"]
        self.cramped["more events"] += len(state.events) > 4 * TINY["slots"] + len(state.sources) + 16

    def _count(self, model: Model, witness: Witness, log: Log) -> None:
        acts = +(witness.acts + Counter(_scenario_acts(model, log)))
        self.compared += 1
        self.rows += len(log.visits) + len(log.cases) + len(log.sessions)
        self.acts.update(acts)
        self.scenarios.update(acts.keys())
        self.pairs.update(combinations(sorted(acts), 2))
        self.ties.update(witness.ties)


def _scenario_acts(model: Model, log: Log) -> Iterator[str]:
    """What can only be seen from outside an engine."""
    if _clock_changes(model):
        yield "clock change"
    busy = {number for number, cv in enumerate(model.rates.busy_cv) if cv > 0}
    for stream in log.cases[:, 0].tolist():
        if stream in busy:
            yield "busy day"
    for form in _drawn(model, log):
        yield f"duration: {form}"


def _clock_changes(model: Model) -> bool:
    """Whether the wall clock moved otherwise than time."""
    walls = model.clock.wall(model.network.end) - model.clock.wall(0)
    return walls.total_seconds() * 1e6 != model.network.end


def _drawn(model: Model, log: Log) -> Iterator[str]:
    """Forms of the durations from which a draw was made."""
    steps = [step for steps in model.scenario.process.values() for step in steps.values()]
    streams = list(model.scenario.demand.values())
    for row in log.visits.tolist():
        step = steps[row[Visit.STEP]]
        lengths = [step.delay, *((step.talk, step.hold, step.wrap) if row[Visit.AGENT] >= 0 else ())]
        if row[Visit.STARTED] != row[Visit.ENQUEUED] and step.work:
            lengths.append(step.patience if step.patience != "none" else None)
            lengths.append(streams[row[Visit.STREAM]].patience if step.patience is None else None)
        for length in lengths:
            if isinstance(length, Distribution):
                yield length.form
                yield from (
                    name for name in ("zero", "never", "plus", "at most") if getattr(length, name.replace(" ", "_"))
                )


APART = {"drained beyond the end"}, {"still in service", "still delayed", "between attempts"}
"""What can never act in the same run: who drains leaves nobody on the way."""


def missing_pairs(coverage: Coverage) -> list[tuple[str, str]]:
    """Pairs of elements that never acted in the same scenario though they might."""
    names = sorted([*ELEMENTS, *(f"duration: {form}" for form in FORMS)])
    apart = {(min(one, other), max(one, other)) for one in APART[0] for other in APART[1]}
    return [pair for pair in combinations(names, 2) if not coverage.pairs[pair] and pair not in apart]


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
        "",
        f"{'element':40}{'acted':>10}{'scenarios':>11}   acts least often beside (scenarios with both)",
    ]
    names = [*ELEMENTS, *(f"duration: {form}" for form in FORMS)]
    for name in names:
        rarest = sorted((coverage.pairs[min(name, o), max(name, o)], o) for o in names if o != name)[:2]
        beside = ", ".join(f"{other} ({count})" for count, other in rarest)
        lines.append(f"{name:40}{coverage.acts[name]:10}{coverage.scenarios[name]:11}   {beside}")
    lines += ["", "events at one instant, by kind:"]
    for (one, other), count in sorted(coverage.ties.items()):
        lines.append(f"  {one.name.lower():12} {other.name.lower():12} {count:8}")
    return "\n".join([*lines, "", *coverage.differences])
