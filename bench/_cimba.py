"""Cimba's Python models of M/M/c, each customer's wait kept.

Three ways to write one were tried (docs/speed.md has the figures): customers as processes on a resource, server
processes on a store of arrival stamps, and events without processes. Server processes are seven times as fast as
customers and are how Cimba's own benchmark is written, so they are the contender; events are shown beside.

Recording of the store's history is off: a warm-up that never ends, as in Cimba's own benchmark. A dataset records
nothing then, so waits are kept in an array, which is faster besides. Cimba 0.9.6 must be imported before anything else
is compiled: otherwise Numba does not find the methods that it adds.
"""

from __future__ import annotations

import cimba as cb
from cimba import random

from bench._side_by_side import MEAN_WAIT, Contender, Figures, Run

WAITING_ROOM = 1 << 16
"""Places in the ring of the event model, a power of two; a longer queue would overwrite it, so it is checked."""
UNRECORDED = cb.Window(warmup=1e15, duration=1.0)


class Waits(cb.Model):
    """Waits of all customers, and their mean."""

    customers: int
    gap_s: float
    service_s: float
    waits: cb.Array[float]
    kept: int = 0
    total: float = 0.0
    mean_wait: cb.Output[float]
    served: cb.Output[int]

    @cb.on_end
    def measure(self):
        self.mean_wait = self.total / self.kept
        self.served = self.kept


class Servers(Waits):
    """Server processes take arrival stamps from a store."""

    queue: cb.Store[float]

    @cb.process
    def arrivals(self):
        for _ in range(self.customers):
            cb.hold(random.exponential(self.gap_s))
            self.queue.put(cb.now())

    @cb.process(copies=10)
    def server(self):
        while True:
            arrived = self.queue.get()
            waited = cb.now() - arrived
            self.waits[self.kept] = waited
            self.kept += 1
            self.total += waited
            cb.hold(random.exponential(self.service_s))


class Events(Waits):
    """Two events that set each other; stamps of those who wait in a ring."""

    to_come: int
    free: int = 10
    first: int = 0
    last: int = 0
    ring: cb.Array[float] = cb.Array(WAITING_ROOM)

    @cb.on_start
    def begin(self):
        cb.schedule(self.arrive, random.exponential(self.gap_s))

    @cb.event
    def arrive(self):
        self.to_come -= 1
        if self.to_come > 0:
            cb.schedule(self.arrive, random.exponential(self.gap_s))
        if self.free > 0:
            self.free -= 1
            self.waits[self.kept] = 0.0
            self.kept += 1
            cb.schedule(self.leave, random.exponential(self.service_s))
        else:
            self.ring[self.last & (WAITING_ROOM - 1)] = cb.now()
            self.last += 1
            if self.last - self.first > WAITING_ROOM:
                cb.end_trial()

    @cb.event
    def leave(self):
        if self.first < self.last:
            waited = cb.now() - self.ring[self.first & (WAITING_ROOM - 1)]
            self.waits[self.kept] = waited
            self.kept += 1
            self.total += waited
            self.first += 1
            cb.schedule(self.leave, random.exponential(self.service_s))
        else:
            self.free += 1


def _configured(made: Waits, customers: int, gap_s: float, service_s: float) -> Waits:
    made.customers, made.gap_s, made.service_s = customers, gap_s, service_s
    made.waits = cb.Array(customers)
    return made


def _contender(model: Waits) -> Contender:
    """One replication on one core."""

    def contender(seed: int) -> Run:
        experiment = cb.Experiment(model, window=UNRECORDED, seed=seed)

        def run() -> tuple[int, Figures]:
            result = experiment.run(workers=1, on_failure="raise")[model]
            return int(result.served[0, 0]), {MEAN_WAIT: float(result.mean_wait[0, 0])}

        return run

    return contender


def server_processes(customers: int, gap_s: float, service_s: float) -> Contender:
    """Cimba as its own benchmark is written."""
    return _contender(_configured(Servers(), customers, gap_s, service_s))


def events_only(customers: int, gap_s: float, service_s: float) -> Contender:
    """Cimba's engine without its processes: events that a model schedules by hand."""
    model = Events()
    model.to_come = customers
    return _contender(_configured(model, customers, gap_s, service_s))
