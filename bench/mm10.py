"""M/M/10 at 90 % load: customers per second of one core, our engines beside SimPy, Ciw and Cimba, in one run.

    ./scripts/bench mm10 [--customers N] [--repeats K] [--json]

All do the same work: they draw arrivals and services, keep each customer's wait, and give the mean wait, which is
checked against Erlang C. Ours write their whole log besides, from whose rows the waits are taken. Compilation and the
building of a model stand apart. Every contender but the last three is in the JSON line.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable

import ciw
import simpy

from bench._cimba import events_only, server_processes
from bench._ours import engine_alone, model_of, with_metrics
from bench._side_by_side import (
    MEAN_WAIT,
    Contender,
    Estimate,
    Figures,
    Run,
    in_turn,
    repeats,
    speed,
    table,
    timed,
    verdicts,
)
from sim.theory import call_queue, steady_state

AGENTS, PER_HOUR, SERVICE_S = 10, 5400.0, 6.0
PER_S = PER_HOUR / 3600
SCENARIO = """
queuewise: 1
name: M/M/10
start: 2026-03-02
horizon: {hours} h
demand: {{calls: {{type: call, per hour: 5400}}}}
people: {{agents: {{agents: 10, skills: [call]}}}}
process: {{call: {{answer: {{work: call, talk: {{mean: 6 s, shape: exponential}}}}, close: {{end: solved}}}}}}
"""
COMPARED = ("kernel", "reference", "simpy", "ciw", "cimba")
BESIDE = ("kernel with all metrics", "reference with all metrics", "cimba, events only")
LARGER = {"kernel": 20, "kernel with all metrics": 20, "cimba": 20, "cimba, events only": 20}
"""Times as many customers as of the slow contenders, so that turns last about as long."""


def scenario(customers: int) -> str:
    """The scenario, so long that about so many customers come."""
    return SCENARIO.format(hours=max(1, round(customers / PER_HOUR)))


def of_simpy(customers: int) -> Contender:
    """The model as SimPy's documentation would write it, waits kept in a list."""

    def contender(seed: int) -> Run:
        env, chance = simpy.Environment(), random.Random(seed)
        agents, waits = simpy.Resource(env, capacity=AGENTS), []

        def customer():
            arrived = env.now
            with agents.request() as request:
                yield request
                waits.append(env.now - arrived)
                yield env.timeout(chance.expovariate(1 / SERVICE_S))

        def source():
            for _ in range(customers):
                yield env.timeout(chance.expovariate(PER_S))
                env.process(customer())

        def run() -> tuple[int, Figures]:
            env.process(source())
            env.run()
            return len(waits), {MEAN_WAIT: sum(waits) / len(waits)}

        return run

    return contender


def of_ciw(customers: int) -> Contender:
    """One node of ten servers; records are what Ciw keeps of every customer anyway."""
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(PER_S)],
        service_distributions=[ciw.dists.Exponential(1 / SERVICE_S)],
        number_of_servers=[AGENTS],
    )

    def contender(seed: int) -> Run:
        ciw.seed(seed)
        simulation = ciw.Simulation(network)

        def run() -> tuple[int, Figures]:
            simulation.simulate_until_max_customers(customers, method="Finish")
            waits = [record.waiting_time for record in simulation.get_all_records(only=["service"])]
            return len(waits), {MEAN_WAIT: sum(waits) / len(waits)}

        return run

    return contender


def contenders(customers: int) -> dict[str, Contender]:
    """All of them, in the order of their turns."""
    made: dict[str, Callable[[int], Contender]] = {
        "kernel": lambda n: engine_alone(model_of(scenario(n)), "kernel"),
        "reference": lambda n: engine_alone(model_of(scenario(n)), "reference"),
        "simpy": of_simpy,
        "ciw": of_ciw,
        "cimba": lambda n: server_processes(n, 1 / PER_S, SERVICE_S),
        "kernel with all metrics": lambda n: with_metrics(model_of(scenario(n)), "kernel"),
        "reference with all metrics": lambda n: with_metrics(model_of(scenario(n)), "reference"),
        "cimba, events only": lambda n: events_only(n, 1 / PER_S, SERVICE_S),
    }
    return {name: made[name](customers * LARGER.get(name, 1)) for name in (*COMPARED, *BESIDE)}


def truth() -> dict[str, Estimate]:
    """Mean wait by Erlang C."""
    state = steady_state(call_queue(PER_HOUR, SERVICE_S, AGENTS))
    return {MEAN_WAIT: Estimate(state.mean_wait, 0.0)}


def main(arguments: list[str] | None = None) -> int:
    """Measure, check and print; 1 if a contender's mean wait is not that of Erlang C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=50_000, help="of the slow contenders; compiled ones get 20 x")
    parser.add_argument("--repeats", type=repeats, default=7)
    parser.add_argument("--json", action="store_true", help="only the last line")
    options = parser.parse_args(arguments)
    racing = contenders(options.customers)
    compiling = contenders(1000)
    for name in LARGER:
        timed(compiling[name](0))
    turns = in_turn(racing, options.repeats)
    checks = list(verdicts(turns, truth()))
    if not options.json:
        print("\n".join([*table(turns, ("simpy", "cimba")), "", *(line for _, line in checks), ""]))
    wrong = [line for agrees, line in checks if not agrees]
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    print(json.dumps({name: round(speed(turns[name])) for name in COMPARED}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
