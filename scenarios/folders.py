"""Single scenarios run into a results folder and read back from it, whole or as far as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace

from scenarios.executors import Processes
from scenarios.experiments import Outcome, evaluate
from scenarios.replications import Result
from scenarios.store import Folder, run_of, scenario_key
from sim.run import Engine
from sim.schema import Document

Progress = Callable[[str, int, int], None]
"""Called with a scenario's name, its replications in the folder, and those asked for."""


def stored_result(
    folder: Folder, document: Document, numbers: Sequence[int], seed: int, engine: Engine
) -> Result | None:
    """The result of those replications of a scenario that are in the folder; None if none is.

    Parameters
    ----------
    folder : Folder
        Sums by interval must have been kept.
    numbers : sequence of int
        The replications that were asked for.
    """
    run = run_of(scenario_key(document.data), seed, engine)
    kept = [number for number in numbers if folder.has(run, number, with_sums=True)]
    if not kept:
        return None
    return replace(Outcome("", run, kept, folder, document).result(), asked=len(numbers))


def run_into(
    folder: Folder,
    documents: Mapping[str, Document],
    how: tuple[int, int, Engine],
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> dict[str, Result]:
    """Results of scenarios, one after the other, of which only what the folder lacks is run.

    An interrupt from the keyboard ends it; what is finished is kept and given back.

    Parameters
    ----------
    folder : Folder
    documents : mapping of str to Document
    how : (int, int, str)
        Replications, seed and engine.
    executor : Executor, optional
        In this process unless given.
    progress : callable, optional
    """
    replications, seed, engine = how
    try:
        for name, document in documents.items():
            _run_one(folder, name, document, how, executor, progress)
    except KeyboardInterrupt:
        if isinstance(executor, Processes):
            executor.halt()
        folder.refresh()
    found = {
        name: stored_result(folder, document, range(replications), seed, engine) for name, document in documents.items()
    }
    return {name: result for name, result in found.items() if result is not None}


def _run_one(
    folder: Folder,
    name: str,
    document: Document,
    how: tuple[int, int, Engine],
    executor: Executor | None,
    progress: Progress | None,
) -> None:
    replications, seed, engine = how

    def report(done: int, asked: int) -> None:
        if progress:
            progress(name, replications - asked + done, replications)

    report(0, replications)
    for _ in evaluate(
        {name: document}, replications, seed, folder=folder, executor=executor, engine=engine, sums=True,
        progress=report,
    ):  # fmt: skip
        report(replications, replications)
