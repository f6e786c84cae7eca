"""Small queues whose expectations are known exactly, as scenarios and as formulas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scenarios.replications import Result, versions
from sim.build import Model, build
from sim.run import chunks
from sim.schema import Document
from sim.theory import Queue, over_time, performance, service_level
from sim.theory.erlang import Performance

WITHIN_S = 20


@dataclass(frozen=True)
class Known:
    """M/M/s/+M that begins empty; what arrives after the warm-up is measured, and everybody is served to the end.

    So the law of the number present is that of `sim.theory.over_time`, whether or not the queue has settled.
    """

    name: str
    per_hour: float
    talk_s: float
    agents: int
    patience_s: float | None
    hours: float
    warm_up_hours: float = 0.0

    @cached_property
    def document(self) -> Document:
        """The scenario."""
        stream = {"type": "call", "per hour": self.per_hour}
        if self.patience_s:
            stream["patience"] = {"mean": f"{self.patience_s} s", "shape": "exponential"}
        talk = {"mean": f"{self.talk_s} s", "shape": "exponential"}
        return Document.from_data({
            "queuewise": 1, "name": self.name, "start": "2026-03-02", "horizon": f"{self.hours} h", "ends": "drain",
            "warm-up": f"{self.warm_up_hours} h", "interval": "1 h",
            "service level": {"within": f"{WITHIN_S} s", "goal": "80 %", "formula": "SL3"},
            "demand": {"calls": stream},
            "people": {"desk": {"agents": self.agents, "skills": ["call"]}},
            "process": {"call": {"answer": {"work": "call", "talk": talk},
                                 "close": {"end": "solved"}}},
        })  # fmt: skip

    @cached_property
    def model(self) -> Model:
        """The scenario, ready to run."""
        return build(self.document.scenario)

    @cached_property
    def queue(self) -> Queue:
        """The same for the formulas, in seconds."""
        return Queue(
            self.per_hour / 3600, 1 / self.talk_s, self.agents, 1 / self.patience_s if self.patience_s else 0.0
        )

    @cached_property
    def law(self) -> np.ndarray:
        """Law of the number present, on average over the time measured."""
        begun = over_time(self.queue, 3600 * self.warm_up_hours).end if self.warm_up_hours else None
        return over_time(self.queue, 3600 * (self.hours - self.warm_up_hours), begun).mean

    @cached_property
    def exact(self) -> dict[str, float]:
        """Exact expectations, ratios as ratios of expectations."""
        state: Performance = performance(self.queue, self.law)
        found = {
            "offered": self.per_hour * (self.hours - self.warm_up_hours),
            "service_level": service_level(self.queue, WITHIN_S, "SL3", self.law),
            "asa": state.mean_wait_served,
            "mean_wait": state.mean_wait,
            "queue_length": state.queue_length,
            "occupancy": state.occupancy,
        }
        return found | ({"abandonment_rate": state.probability_of_abandoning} if self.patience_s else {})


def results(model: Model, experiment: int, size: int, seed: int = 1) -> Result:
    """The replications of one of many experiments: no two experiments share one."""
    numbers = tuple(range(experiment * size, (experiment + 1) * size))
    totals = []
    for number in numbers:
        one = model.totals(seed, number)
        for reached_us, log in chunks(model, seed, number, lend=True):
            one.add(log, reached_us)
        totals.append(one)
    return Result(
        model.scenario.name, model.frame, totals, numbers, size, seed, "kernel", 0.0, versions(),
    )  # fmt: skip


ERLANG_C = Known("Erlang C from empty", 60, 300, 7, None, 4)
ERLANG_A = Known("Erlang A from empty", 60, 300, 5, 180, 4)
MORE = Known("Erlang A with one more", 60, 300, 6, 180, 4)
SETTLED = Known("Erlang A, settled", 60, 300, 5, 180, 6, 2)
CHOICES = (
    Known("six, as now", 60, 300, 6, 180, 4),
    Known("seven, slower", 60, 345, 7, 180, 4),
    Known("five, faster", 60, 250, 5, 180, 4),
    Known("five, as now", 60, 300, 5, 180, 4),
)
"""Alternatives whose abandonment rates are known."""
