"""Our engines as a benchmark uses them: by their public way, from a scenario's text to rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from bench._side_by_side import MEAN_WAIT, Contender, Figures, Run
from sim.build import Model, build
from sim.codes import Case, Ending, Outcome, Status, Visit
from sim.log import Log
from sim.metrics.sums import CaseSum, QueueSum
from sim.network import Chance
from sim.run import Engine, chunks, start
from sim.schema import Document
from sim.units import NEVER

SECOND_US = 1e6


def model_of(text: str) -> Model:
    """A model from a scenario's text."""
    return build(Document.from_text(text).scenario)


def waits_s(log: Log) -> NDArray[np.float64]:
    """Wait of each visit that was served, in the order in which they ended."""
    served = log.visits[:, Visit.ENDING] == Ending.SERVED
    waited: NDArray[np.float64] = (log.visits[:, Visit.STARTED] - log.visits[:, Visit.ENQUEUED])[served] / SECOND_US
    return waited


def case_waits_s(log: Log) -> NDArray[np.float64]:
    """What each case that has ended waited in all, in the order in which they ended; open ones are written last."""
    cases = log.cases
    if len(cases) and cases[-1, Case.OUTCOME] == Outcome.OPEN:
        cases = cases[cases[:, Case.OUTCOME] != Outcome.OPEN]
    waited: NDArray[np.float64] = cases[:, Case.WAITED] / SECOND_US
    return waited


def logs(model: Model, seed: int, engine: Engine) -> Iterator[Log]:
    """Rows of one replication as they come."""
    return (log for _, log in chunks(model, seed, 0, engine, lend=True))


def engine_alone(model: Model, engine: Engine) -> Contender:
    """One replication with its whole log; each customer's wait is taken from the rows."""

    def contender(seed: int) -> Run:
        def run() -> tuple[int, Figures]:
            waits = np.concatenate([case_waits_s(log) for log in logs(model, seed, engine)])
            return len(waits), {MEAN_WAIT: float(waits.mean())}

        return run

    return contender


def with_metrics(model: Model, engine: Engine) -> Contender:
    """One replication with every metric."""

    def contender(seed: int) -> Run:
        def run() -> tuple[int, Figures]:
            totals = model.totals(seed, 0)
            for reached, log in chunks(model, seed, 0, engine, lend=True):
                totals.add(log, reached)
            answered = totals.queue[QueueSum.ANSWERED].sum()
            mean_us = totals.queue[QueueSum.WAIT_ANSWERED].sum() / answered
            return int(totals.case[CaseSum.CASES].sum()), {MEAN_WAIT: float(mean_us) / SECOND_US}

        return run

    return contender


# The compiled engine with its events counted --------------------------------------------------------------------------

Sink = Callable[[Log, int], int]
"""Takes rows, and the time reached with them; says how many cases they hold."""


def no_pause() -> None:
    """The run goes on at once."""


def drain(model: Model, chance: Chance, sink: Sink, pause: Callable[[], None] = no_pause) -> tuple[int, int]:
    """One replication of the kernel, with a pause after each lot of rows.

    Returns
    -------
    (int, int)
        Events handled, changes of the roster among them, and cases.
    """
    running = start("kernel", model.network, chance)
    cases, status = 0, Status.REACHED
    while status != Status.CLOSED:
        status = running.advance(NEVER)
        cases += sink(running.lend(), running.now)
        pause()
    roster = int((chance.roster["time"] < model.network.stop).sum())
    return running.events + roster, cases


def rows_only(model: Model, seed: int) -> Sink:
    """Rows are written and thrown away."""
    return lambda log, reached: len(log.cases)


def totals_of(model: Model, seed: int) -> Sink:
    """Rows become metrics."""
    totals = model.totals(seed, 0)

    def sink(log: Log, reached: int) -> int:
        totals.add(log, reached)
        return len(log.cases)

    return sink


def counted(model: Model, sink: Callable[[Model, int], Sink], pause: Callable[[], None] = no_pause) -> Contender:
    """Replications of the kernel whose unit is the event; arrivals and roster are expanded before."""

    def contender(seed: int) -> Run:
        chance, taking = model.chance(seed, 0), sink(model, seed)

        def run() -> tuple[int, Figures]:
            events, cases = drain(model, chance, taking, pause)
            return events, {"cases": cases}

        return run

    return contender
