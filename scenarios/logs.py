"""Whole logs of replications, one after the other, each reduced to something small before the next is run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from scenarios.replications import Progress
from sim.build import Model
from sim.errors import ParameterError, Problem
from sim.log import Log
from sim.run import Engine, chunks

T = TypeVar("T")
Enough = Callable[[Log], bool]


@dataclass(frozen=True, slots=True)
class Runs:
    """Which replications to run: numbers 0, 1, ... below ``replications``, from one seed, on one engine."""

    replications: int = 20
    seed: int = 1
    engine: Engine = "kernel"

    def checked(self) -> Runs:
        """The same, if there is anything to run.

        Raises
        ------
        ParameterError
            If a number of replications is below 1.
        """
        if self.replications < 1:
            raise ParameterError(Problem("no replications", allowed="1 or more", given=str(self.replications)))
        return self


def reduce_logs(
    model: Model,
    runs: Runs,
    reduce: Callable[[Log], T],
    progress: Progress | None = None,
    enough: Enough | None = None,
) -> list[T]:
    """What ``reduce`` makes of each replication's log; an interrupt from the keyboard keeps what is finished.

    Parameters
    ----------
    model : Model
    runs : Runs
    reduce : callable
        Called with the log of each replication.
    progress : callable, optional
        As in `scenarios.replications.replicate`.
    enough : callable, optional
        Called with each chunk of rows; once true, the rest of that replication is not run.
    """
    found: list[T] = []
    try:
        for number in range(runs.checked().replications):
            found.append(reduce(_log(model, runs, number, progress, enough)))
    except KeyboardInterrupt:
        pass
    return found


def _log(model: Model, runs: Runs, number: int, progress: Progress | None, enough: Enough | None) -> Log:
    parts = []
    for reached_us, log in chunks(model, runs.seed, number, runs.engine):
        parts.append(log)
        if progress:
            progress(number, runs.replications, min(reached_us / model.frame.end_us, 1.0))
        if enough and enough(log):
            break
    return Log.join(parts)
