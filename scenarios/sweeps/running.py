"""Run a sweep into its folder."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, field

from scenarios.executors import Processes
from scenarios.experiments import Outcome, Progress, Stop, evaluate
from scenarios.store import Folder
from scenarios.sweeps.plan import Sweep
from sim.errors import ParameterError, Problem
from sim.schema import Document


@dataclass
class Ran:
    """What came of running a sweep.

    Attributes
    ----------
    outcomes : dict of str to Outcome
        Finished combinations.
    failed : dict of str to tuple of Problem
        Combinations that cannot run.
    stopped : bool
        Whether it was interrupted.
    """

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    failed: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    stopped: bool = False


def run_sweep(
    sweep: Sweep,
    folder: Folder,
    executor: Executor | None = None,
    *,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Ran:
    """Run what is missing; an interrupt from the keyboard keeps what is finished and ends it.

    Raises
    ------
    StoreError
        If results cannot be written, or a worker was killed.
    """
    ran = Ran()
    variants = _variants(sweep, ran)
    plan = sweep.plan
    each = evaluate(
        variants,
        plan.replications,
        plan.seed,
        folder=folder,
        executor=executor,
        engine=plan.engine,
        parameters=sweep.points,
        block=_BLOCK,
        progress=progress,
        stop=stop,
        failed=ran.failed.__setitem__,
    )
    try:
        for outcome in each:
            ran.outcomes[outcome.name] = outcome
    except KeyboardInterrupt:
        if isinstance(executor, Processes):
            executor.halt()
        ran.stopped = True
    ran.stopped = ran.stopped or len(ran.outcomes) + len(ran.failed) < len(sweep.points)
    return ran


_BLOCK = 20
"""Replications of one task."""


def _variants(sweep: Sweep, ran: Ran) -> dict[str, Document]:
    found = {}
    for name, point in sweep.points.items():
        try:
            found[name] = sweep.variant(point)
        except ParameterError as error:
            ran.failed[name] = error.problems
    return found
