"""Many scenarios, each replicated under the same seed, into a results folder: only what is not there yet is run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from scenarios.estimate import Estimate, Linear, Values, checked_confidence, estimate_of, linear
from scenarios.executors import halted
from scenarios.programme.measures import Run as Seen
from scenarios.store.blocks import TOGETHER, Block, Row, Run, rows_of
from scenarios.store.content import run_of, scenario_key, text_of
from scenarios.store.folder import Folder, as_bytes
from sim.build import Model, build
from sim.errors import Problem, ProblemsError, ScenarioError
from sim.log import Log
from sim.metrics import Metric, Totals, find
from sim.run import Engine, chunks
from sim.schema import Document

Measure = Callable[[Seen], float]
"""A number of one replication from its model, sums and log; picklable, and its ``repr`` says all that it depends on."""
Progress = Callable[[int, int], None]
"""Called with (replications done, replications to do)."""
Stop = Callable[[], bool]
_POLL_S = 0.2
_LARGEST_BLOCK = 20
_BLOCKS = 64


@dataclass(frozen=True)
class Outcome:
    """What the replications of one variant gave, read from the folder when asked for.

    Attributes
    ----------
    name : str
        The variant's name.
    run : Run
    numbers : range
        Its replications.
    folder : Folder
    parameters : mapping of str to object
        What sets the variant apart, as given.
    """

    name: str
    run: Run
    numbers: range
    folder: Folder = field(repr=False)
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def values(self, metric: str, owner: str | None = None) -> tuple[Values, Values]:
        """What stands above and below the line, replication by replication, in the order of `numbers`."""
        return self._sums[metric, owner or TOGETHER]

    def linear(self, metric: str | Metric, owner: str | None = None) -> Linear:
        """The metric, and each replication's residual: subtract those of two outcomes for a paired difference."""
        name = metric if isinstance(metric, str) else metric.name
        above, below = self.values(name, owner)
        return linear(above.reshape(-1, 1), below.reshape(-1, 1))

    def estimate(self, metric: str, owner: str | None = None, confidence: float = 0.95) -> Estimate:
        """The metric with its confidence interval."""
        return estimate_of(find(metric), self.linear(metric, owner), checked_confidence(confidence))

    @cached_property
    def _sums(self) -> dict[tuple[str, str], tuple[Values, Values]]:
        frame = self.folder.read(self.run).to_pandas()
        frame = frame[frame["replication"].isin(self.numbers)].sort_values("replication", kind="stable")
        groups = frame.groupby(["metric", "owner"], observed=True, sort=False)
        return {key: (part["numerator"].to_numpy(), part["denominator"].to_numpy()) for key, part in groups}


def evaluate(
    variants: Mapping[str, Document],
    replications: int | range = 20,
    seed: int = 1,
    *,
    folder: str | Path | Folder,
    executor: Executor | None = None,
    engine: Engine = "kernel",
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    measures: Mapping[str, Measure] | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Iterator[Outcome]:
    """Run what is not yet in the folder, and hand out each variant as soon as all its replications are finished.

    Parameters
    ----------
    variants : mapping of str to Document
        Documents may be unchecked: a worker checks each before it runs.
    replications : int or range
        So many from 0 on, or these numbers.
    seed : int
        The same customers under every variant, replication by replication.
    folder : path or Folder
        Where results are kept; pass a `Folder` when calling often.
    executor : Executor, optional
        From `scenarios.executors`; in this process unless given.
    engine : {"kernel", "reference"}
    parameters : mapping of str to mapping, optional
        For each variant what sets it apart (path to value); kept beside the results.
    measures : mapping of str to callable, optional
        Further numbers of each replication, for which the whole log is kept in memory while it runs.
    progress : callable, optional
    stop : callable, optional
        Once true, the generator ends; what is finished is in the folder. An interrupt from the keyboard raises
        KeyboardInterrupt, and what is finished is kept as well.

    Yields
    ------
    Outcome
        Those that the folder holds already first, the others as they finish.

    Raises
    ------
    ScenarioError
        If a variant cannot run; what was finished before is kept.
    StoreError
        If results cannot be written.
    """
    opened = folder if isinstance(folder, Folder) else Folder.create(folder)
    numbers = range(replications) if isinstance(replications, int) else replications
    asked = _asked(variants, numbers, (seed, engine, measures), opened, parameters or {})
    _describe(opened, variants, asked)
    work = _Work(opened, _tasks(variants, asked, opened, measures), progress, stop)
    return _finished(asked, work, executor)


def _asked(
    variants: Mapping[str, Document],
    numbers: range,
    how: tuple[int, Engine, Mapping[str, Measure] | None],
    folder: Folder,
    parameters: Mapping[str, Mapping[str, Any]],
) -> dict[str, Outcome]:
    runs = {name: run_of(scenario_key(document.data), *how) for name, document in variants.items()}
    return {name: Outcome(name, run, numbers, folder, parameters.get(name, {})) for name, run in runs.items()}


def _describe(folder: Folder, variants: Mapping[str, Document], asked: Mapping[str, Outcome]) -> None:
    """Write down what the variants say, before any is run."""
    folder.describe(
        [
            {
                "scenario": one.run.scenario,
                "run": one.run.key,
                "name": name,
                "parameters": json.dumps(one.parameters, default=str, ensure_ascii=False),
                "text": text_of(variants[name].data),
            }
            for name, one in asked.items()
        ]
    )


@dataclass(frozen=True, slots=True)
class _Task:
    """A block to be run, with all that a worker needs to know."""

    block: Block
    name: str
    document: Document
    engine: Engine
    measures: Mapping[str, Measure]
    folder: Path | None


@dataclass(frozen=True, slots=True)
class _Done:
    """A block that a worker has written, or sends back, or could not run."""

    block: Block
    data: bytes | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Work:
    folder: Folder
    tasks: list[_Task]
    progress: Progress | None
    stop: Stop | None

    def stopped(self) -> bool:
        return bool(self.stop and self.stop())


def _tasks(
    variants: Mapping[str, Document],
    asked: Mapping[str, Outcome],
    folder: Folder,
    measures: Mapping[str, Measure] | None,
) -> list[_Task]:
    """Blocks of what is missing: about 64 of them or more, none larger than 20 replications."""
    first = {
        one.run.key: name for name, one in reversed(list(asked.items()))
    }  # variants that say the same are run once
    size = min(_LARGEST_BLOCK, max(1, sum(len(one.numbers) for one in asked.values()) // _BLOCKS))
    return [
        _Task(block, name, variants[name], one.run.engine, measures or {}, folder.path)
        for name, one in asked.items()
        if first[one.run.key] == name
        for block in folder.missing(one.run, one.numbers, size)
    ]


def _finished(asked: Mapping[str, Outcome], work: _Work, executor: Executor | None) -> Iterator[Outcome]:
    waiting = dict(asked)
    done, total = 0, sum(len(task.block.numbers) for task in work.tasks)
    yield from _ready(waiting, work.folder)
    for block in _here(work) if executor is None else _elsewhere(work, executor):
        done += len(block.numbers)
        if work.progress:
            work.progress(done, total)
        yield from _ready(waiting, work.folder, block.run)


def _ready(waiting: dict[str, Outcome], folder: Folder, run: Run | None = None) -> Iterator[Outcome]:
    """Outcomes of a run, or of all, that are finished; they wait no longer."""
    for name, one in list(waiting.items()):
        if (run is None or one.run == run) and all(folder.has(one.run, number) for number in one.numbers):
            yield waiting.pop(name)


def _here(work: _Work) -> Iterator[Block]:
    for task in work.tasks:
        done = _run(task, work.stopped)
        if done is None:
            return
        yield _kept(done, work.folder)


def _elsewhere(work: _Work, executor: Executor) -> Iterator[Block]:
    """Blocks as workers finish them; a few more tasks are handed out than there are workers."""
    todo = iter(work.tasks)
    under_way: set[Future[_Done | None]] = set()
    most = 4 * getattr(executor, "workers", 16)
    try:
        while not work.stopped():
            under_way |= {executor.submit(_run, task) for task in islice(todo, most - len(under_way))}
            if not under_way:
                return
            ended, under_way = wait(under_way, _POLL_S, FIRST_COMPLETED)
            yield from (_kept(done, work.folder) for done in (one.result() for one in ended) if done)
    finally:
        for future in under_way:
            future.cancel()


def _kept(done: _Done, folder: Folder) -> Block:
    if done.problems:
        raise ScenarioError(*done.problems)
    if done.data is None:
        folder.note(done.block)
    else:
        folder.write(done.block, done.data)
    return done.block


def _run(task: _Task, stopped: Stop = halted) -> _Done | None:
    """Run a block and write it, or send it back; None if told to stop before its end."""
    try:
        model = _model(task.block.run.scenario, _Told(task.document))
    except ProblemsError as error:
        told = (replace(problem, what=f"{task.name}: {problem.what}") for problem in error.problems)
        return _Done(task.block, problems=tuple(told))
    rows: list[Row] = []
    for number in task.block.numbers:
        found = _replication(task, model, number, stopped)
        if found is None:
            return None
        rows += found
    data = as_bytes(task.block.table(rows))
    if task.folder is None:
        return _Done(task.block, data)
    Folder(task.folder).write(task.block, data)
    return _Done(task.block)


@dataclass(frozen=True)
class _Told:
    """A document that counts as the same as any other: the key beside it tells them apart."""

    document: Document = field(compare=False)


@lru_cache(maxsize=4)
def _model(key: str, told: _Told) -> Model:
    return build(told.document.scenario)


def _replication(task: _Task, model: Model, number: int, stopped: Stop) -> list[Row] | None:
    totals, logs = model.totals(task.block.run.seed, number), []
    for reached_us, log in chunks(model, task.block.run.seed, number, task.engine):
        totals.add(log, reached_us)
        if task.measures:
            logs.append(log)
        if stopped():
            return None
    return list(rows_of(number, totals, _measured(task, model, totals, logs)))


def _measured(task: _Task, model: Model, totals: Totals, logs: list[Log]) -> dict[str, float]:
    if not task.measures:
        return {}
    seen = Seen(model, totals, Log.join(logs))
    return {name: measure(seen) for name, measure in task.measures.items()}
