"""M/M/10 at 90 % load: customers per second of one core, our engines beside a hand-written SimPy model, in one run.

    ./scripts/bench mm10 [--customers N] [--repeats K] [--json]

Each contender runs K times in turn (A B C A B C ...), so that a change in the machine's speed meets all of them; the
medians are quoted and the ratios taken run by run. Compilation and the building of the scenario stand apart.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable

import simpy

from sim.build import build
from sim.metrics import Totals
from sim.run import chunks
from sim.schema import Document

SCENARIO = """
queuewise: 1
name: M/M/10
start: 2026-03-02
horizon: {hours} h
demand: {{calls: {{type: call, per hour: 5400}}}}
people: {{agents: {{agents: 10, skills: [call]}}}}
process: {{call: {{answer: {{work: call, talk: {{mean: 6 s, shape: exponential}}}}, close: {{end: solved}}}}}}
"""


def ours(engine: str, customers: int) -> Callable[[], float]:
    """One replication with its metrics; customers per second."""
    model = build(Document.from_text(SCENARIO.format(hours=max(1, round(customers / 5400)))).scenario)

    def run() -> float:
        begun = time.perf_counter()
        totals = Totals.empty(model.frame)
        for reached, log in chunks(model, 1, 0, engine):  # type: ignore[arg-type]
            totals.add(log, reached)
        cases = int(totals.case[0].sum())
        return cases / (time.perf_counter() - begun)

    return run


def handwritten(customers: int) -> Callable[[], float]:
    """The model as the SimPy documentation would write it, waits kept in a list."""

    def run() -> float:
        env = simpy.Environment()
        agents = simpy.Resource(env, capacity=10)
        waits = []

        def customer():
            arrived = env.now
            with agents.request() as request:
                yield request
                waits.append(env.now - arrived)
                yield env.timeout(random.expovariate(1 / 6))

        def source():
            for _ in range(customers):
                yield env.timeout(random.expovariate(1.5))
                env.process(customer())

        env.process(source())
        begun = time.perf_counter()
        env.run()
        return customers / (time.perf_counter() - begun)

    return run


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000, help="of the slow contenders; the kernel gets 20 x")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    contenders = {
        "kernel": ours("kernel", 20 * options.customers),
        "reference": ours("reference", options.customers),
        "simpy": handwritten(options.customers),
    }
    ours("kernel", 5400)()  # compiles
    speeds: dict[str, list[float]] = {name: [] for name in contenders}
    for repeat in range(options.repeats):
        for name, run in contenders.items():
            speeds[name].append(run())
            print(f"{repeat + 1}/{options.repeats} {name}: {speeds[name][-1]:,.0f} a second", file=sys.stderr)
    if not options.json:
        for name, found in speeds.items():
            ratios = [one / other for one, other in zip(found, speeds["simpy"], strict=True)]
            print(f"{name:10} {statistics.median(found):>12,.0f} a second {statistics.median(ratios):>8.2f} x SimPy")
    print(json.dumps({name: round(statistics.median(found)) for name, found in speeds.items()}))


if __name__ == "__main__":
    main()
