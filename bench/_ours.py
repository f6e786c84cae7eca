"""Our engines as a benchmark uses them: by their public way, from a scenario's text to rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bench._side_by_side import MEAN_WAIT, Contender, Figures, Run
from sim.build import Model, build
from sim.codes import Ending, Visit
from sim.log import Log
from sim.metrics.sums import CaseSum, QueueSum
from sim.run import Engine, chunks
from sim.schema import Document

SECOND_US = 1e6


def model_of(text: str) -> Model:
    """A model from a scenario's text."""
    return build(Document.from_text(text).scenario)


def waits_s(log: Log) -> NDArray[np.float64]:
    """Wait of each visit that was served, in the order in which they ended."""
    served = log.visits[:, Visit.ENDING] == Ending.SERVED
    waited: NDArray[np.float64] = (log.visits[:, Visit.STARTED] - log.visits[:, Visit.ENQUEUED])[served] / SECOND_US
    return waited


def logs(model: Model, seed: int, engine: Engine) -> Iterator[Log]:
    """Rows of one replication as they come."""
    return (log for _, log in chunks(model, seed, 0, engine))


def engine_alone(model: Model, engine: Engine) -> Contender:
    """One replication with its whole log; each customer's wait is taken from the rows."""

    def contender(seed: int) -> Run:
        def run() -> tuple[int, Figures]:
            waits = np.concatenate([waits_s(log) for log in logs(model, seed, engine)])
            return len(waits), {MEAN_WAIT: float(waits.mean())}

        return run

    return contender


def with_metrics(model: Model, engine: Engine) -> Contender:
    """One replication with every metric."""

    def contender(seed: int) -> Run:
        def run() -> tuple[int, Figures]:
            totals = model.totals(seed, 0)
            for reached, log in chunks(model, seed, 0, engine):
                totals.add(log, reached)
            answered = totals.queue[QueueSum.ANSWERED].sum()
            mean_us = totals.queue[QueueSum.WAIT_ANSWERED].sum() / answered
            return int(totals.case[CaseSum.CASES].sum()), {MEAN_WAIT: float(mean_us) / SECOND_US}

        return run

    return contender
