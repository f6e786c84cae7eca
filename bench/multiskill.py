"""Six skills, six groups of two skills each, transfers and impatience: customers per second of one core, in one run.

    ./scripts/bench multiskill [--customers N] [--repeats K] [--json]

Skill i is asked of group i, then of group i - 1; a free agent takes whoever has waited longest in either of the two
skills. A fifth of the served go on to another skill; each wait has a patience of its own. Everybody's wait is kept.

There is no closed form: what each contender finds is compared with what the kernel finds. Ciw cannot say this model:
its servers belong to one node, so an agent of two skills needs nodes of one's own making, which would measure them and
not Ciw. Cimba says it with `acquire_any` over the two groups that a skill asks.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import deque

import cimba as cb
import numpy as np
import simpy
from cimba import random as cimba_random

from bench._ours import logs, model_of, waits_s
from bench._side_by_side import (
    MEAN_WAIT,
    Contender,
    Figures,
    Run,
    estimates,
    in_turn,
    repeats,
    speed,
    table,
    timed,
    verdicts,
)
from sim.build import Model
from sim.codes import Ending, Visit
from sim.run import Engine

SKILLS, AGENTS = 6, 10
PER_HOUR, PATIENCE_S, TALK_S, SECOND_TALK_S, PASSED_ON = 120.0, 120.0, 240.0, 180.0, 0.2
GAP_S = 3600 / PER_HOUR / SKILLS
ABANDONED, TRANSFERS = "abandoned, share of waits", "transfers a customer"
LARGER = 10
"""Times as many customers for compiled contenders."""


def scenario(customers: int) -> str:
    """The scenario, so long that about so many customers come."""
    each = range(SKILLS)
    after = [(i + 1) % SKILLS for i in each]
    streams = "\n".join(
        f"  calls {i}: {{type: t{i}, per hour: {PER_HOUR}, patience: {{mean: {PATIENCE_S} s, shape: exponential}}}}"
        for i in each
    )
    groups = "\n".join(f"  g{i}: {{agents: {AGENTS}, skills: [s{i}, s{after[i]}]}}" for i in each)
    routing = "\n".join(f"  s{i}: {{to: [g{i}, g{(i - 1) % SKILLS}]}}" for i in each)
    process = "\n".join(
        f"  t{i}: {{first: {{work: s{i}, talk: {{mean: {TALK_S} s, shape: exponential}}}}, "
        f"whether: {{branch: {{second: {PASSED_ON}, close: otherwise}}}}, "
        f"second: {{work: s{(i + 2) % SKILLS}, talk: {{mean: {SECOND_TALK_S} s, shape: exponential}}}}, "
        "close: {end: solved}}"
        for i in each
    )
    hours = max(1, round(customers / (PER_HOUR * SKILLS)))
    return (
        f"queuewise: 1\nname: six skills\nstart: 2026-03-02\nhorizon: {hours} h\n"
        f"demand:\n{streams}\npeople:\n{groups}\nrouting:\n{routing}\nprocess:\n{process}\n"
    )


def figures(waits: float, served: int, lost: int, transfers: int, customers: int) -> Figures:
    """What is compared."""
    return {MEAN_WAIT: waits / served, ABANDONED: lost / (served + lost), TRANSFERS: transfers / customers}


def ours(model: Model, engine: Engine) -> Contender:
    """One of our engines with its whole log."""

    def contender(seed: int) -> Run:
        def run() -> tuple[int, Figures]:
            waits, lost, transfers, customers = [], 0, 0, 0
            for log in logs(model, seed, engine):
                waits.append(waits_s(log))
                lost += int((log.visits[:, Visit.ENDING] == Ending.ABANDONED).sum())
                transfers += int((log.visits[:, Visit.VISIT] > 0).sum())
                customers += len(log.cases)
            kept = np.concatenate(waits)
            return customers, figures(float(kept.sum()), len(kept), lost, transfers, customers)

        return run

    return contender


# SimPy, written by hand ----------------------------------------------------------------------------------------------


class Centre:
    """Free agents and waiting customers; what each wait was."""

    def __init__(self, seed: int) -> None:
        self.env, self.chance = simpy.Environment(), random.Random(seed)
        self.free = [AGENTS] * SKILLS
        self.waiting = [deque() for _ in range(SKILLS)]
        self.waits, self.lost, self.transfers = [], 0, 0

    def source(self, customers):
        for _ in range(customers):
            yield self.env.timeout(self.chance.expovariate(1 / GAP_S))
            self.env.process(self.customer(self.chance.randrange(SKILLS)))

    def customer(self, skill):
        served = yield from self.contact(skill, TALK_S)
        if served and self.chance.random() < PASSED_ON:
            self.transfers += 1
            yield from self.contact((skill + 2) % SKILLS, SECOND_TALK_S)

    def contact(self, skill, talk_s):
        joined = self.env.now
        group = next((g for g in (skill, (skill - 1) % SKILLS) if self.free[g]), None)
        if group is None:
            turn = self.env.event()
            self.waiting[skill].append((joined, turn))
            yield turn | self.env.timeout(self.chance.expovariate(1 / PATIENCE_S))
            if not turn.triggered:
                turn.succeed()  # skipped when its place in the queue comes
                self.lost += 1
                return False
            group = turn.value
        else:
            self.free[group] -= 1
        self.waits.append(self.env.now - joined)
        yield self.env.timeout(self.chance.expovariate(1 / talk_s))
        self.release(group)
        return True

    def release(self, group):
        heads = [head for skill in (group, (group + 1) % SKILLS) if (head := self.head(skill))]
        if not heads:
            self.free[group] += 1
            return
        _, skill = min(heads)
        _, turn = self.waiting[skill].popleft()
        turn.succeed(group)

    def head(self, skill):
        line = self.waiting[skill]
        while line and line[0][1].triggered:
            line.popleft()
        return (line[0][0], skill) if line else None


def of_simpy(customers: int) -> Contender:
    """Customers as processes, queues and agents kept by hand, since SimPy has no resource with two queues."""

    def contender(seed: int) -> Run:
        centre = Centre(seed)

        def run() -> tuple[int, Figures]:
            centre.env.process(centre.source(customers))
            centre.env.run()
            found = figures(sum(centre.waits), len(centre.waits), centre.lost, centre.transfers, customers)
            return customers, found

        return run

    return contender


# Cimba ---------------------------------------------------------------------------------------------------------------


class Group(cb.Model):
    """Agents of one group."""

    agents: cb.Resource = cb.Resource(capacity=AGENTS)


class Skill(cb.Model):
    """The groups that a skill asks, in their order."""

    asks: list[cb.Ref[cb.Resource]]


class CimbaCentre(cb.Model):
    """Groups, skills, the source, and what each wait was."""

    customers: int
    groups: list[Group]
    skills: list[Skill]
    waits: cb.Array[float]
    kept: int = 0
    total: float = 0.0
    gone: int = 0
    passed: int = 0
    waited: cb.Output[float]
    served: cb.Output[int]
    lost: cb.Output[int]
    transfers: cb.Output[int]

    @cb.process
    def arrivals(self):
        for _ in range(self.customers):
            cb.hold(cimba_random.exponential(GAP_S))
            cb.spawn(Customer, centre=self, skill=cimba_random.dice(0, SKILLS - 1))

    @cb.on_end
    def measure(self):
        self.waited, self.served, self.lost, self.transfers = self.total, self.kept, self.gone, self.passed


class Customer(cb.Model):
    """One customer: a contact, for a fifth of the served a second one."""

    centre: cb.Ref[CimbaCentre]
    skill: int

    @cb.process
    def live(self):
        talk_s = TALK_S
        for contact in range(2):
            asked = self.centre.skills[self.skill]
            joined = cb.now()
            cb.this_process().timer_set(cimba_random.exponential(PATIENCE_S), -7)
            group = cb.acquire_any(asked.asks)
            if group < 0:
                self.centre.gone += 1
                break
            cb.this_process().timers_clear()
            waited = cb.now() - joined
            self.centre.waits[self.centre.kept] = waited
            self.centre.kept += 1
            self.centre.total += waited
            cb.hold(cimba_random.exponential(talk_s))
            asked.asks[group].release()
            if contact == 1 or not cimba_random.bernoulli(PASSED_ON):
                break
            self.centre.passed += 1
            talk_s = SECOND_TALK_S
            self.skill = (self.skill + 2) % SKILLS


def of_cimba(customers: int) -> Contender:
    """Customers as processes that wait for whichever of two groups has somebody first."""
    centre = CimbaCentre()
    centre.customers = customers
    centre.waits = cb.Array(2 * customers)
    centre.groups = [Group() for _ in range(SKILLS)]
    centre.skills = [Skill() for _ in range(SKILLS)]
    for i, skill in enumerate(centre.skills):
        skill.asks = [centre.groups[g].agents for g in (i, (i - 1) % SKILLS)]

    def contender(seed: int) -> Run:
        experiment = cb.Experiment(centre, window=cb.Window(warmup=1e15, duration=1.0), seed=seed)

        def run() -> tuple[int, Figures]:
            found = experiment.run(workers=1, on_failure="raise")[centre]
            counts = (int(column[0, 0]) for column in (found.served, found.lost, found.transfers))
            return customers, figures(float(found.waited[0, 0]), *counts, customers)

        return run

    return contender


# All of them ---------------------------------------------------------------------------------------------------------


def contenders(customers: int) -> dict[str, Contender]:
    """All of them, in the order of their turns."""
    large = customers * LARGER
    return {
        "kernel": ours(model_of(scenario(large)), "kernel"),
        "reference": ours(model_of(scenario(customers)), "reference"),
        "simpy": of_simpy(customers),
        "cimba": of_cimba(large),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure, compare and print; 1 if a contender found something else than the kernel."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=30_000, help="of the slow contenders; compiled ones get 10 x")
    parser.add_argument("--repeats", type=repeats, default=7)
    parser.add_argument("--json", action="store_true", help="only the last line")
    options = parser.parse_args(arguments)
    for contender in contenders(1000).values():
        timed(contender(0))  # compiles
    turns = in_turn(contenders(options.customers), options.repeats)
    others = {name: own for name, own in turns.items() if name != "kernel"}
    comparisons = 3 * len(others)
    truth = {
        figure: estimates({"kernel": turns["kernel"]}, figure, comparisons)["kernel"]
        for figure in (MEAN_WAIT, ABANDONED, TRANSFERS)
    }
    checks = list(verdicts(others, truth))
    if not options.json:
        print("\n".join([*table(turns, ("simpy", "cimba")), "", *(line for _, line in checks), ""]))
    wrong = [line for agrees, line in checks if not agrees]
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    print(json.dumps({name: round(speed(own)) for name, own in turns.items()}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
