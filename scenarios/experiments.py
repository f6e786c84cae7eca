"""Many scenarios, each replicated under the same seed, into a results folder: only what is not there yet is run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from scenarios.estimate import Estimate, Linear, Values, checked_confidence, estimate_of, linear
from scenarios.executors import halted
from scenarios.programme.measures import Run as Seen
from scenarios.replications import Result, first_agents, versions
from scenarios.store.blocks import TOGETHER, Block, Run
from scenarios.store.content import deciding_versions, run_of, scenario_key, text_of
from scenarios.store.errors import StoreError
from scenarios.store.files import as_bytes
from scenarios.store.folder import Folder
from scenarios.store.rows import table_of
from scenarios.store.sums import sums_table, totals_of
from sim.build import Model, build
from sim.errors import ParameterError, Problem, ProblemsError, ScenarioError
from sim.log import Log
from sim.metrics import Metric, Totals, find
from sim.run import Engine, chunks
from sim.schema import Document

Measure = Callable[[Seen], float]
"""A number of one replication from its model, sums and log; picklable, and its ``repr`` says all that it depends on."""
Progress = Callable[[int, int], None]
"""Called with (replications done, replications to do)."""
Stop = Callable[[], bool]
Failed = Callable[[str, tuple[Problem, ...]], None]
_AGAIN = "Give the same command again: it goes on from what is finished."
_OTHER_VERSIONS = Problem(
    "a worker has other versions of Queuewise or its libraries than this machine",
    fix="Install the same ones everywhere, time zones and public holidays included.",
)
_POLL_S = 0.2
_LARGEST_BLOCK = 20
_BLOCKS = 64
_AHEAD, _WORKERS = 4, 16


@dataclass(frozen=True)
class Outcome:
    """What the replications of one variant gave, read from the folder when asked for.

    Attributes
    ----------
    name : str
        The variant's name.
    run : Run
    numbers : sequence of int
        Its replications.
    folder : Folder
    document : Document
    parameters : mapping of str to object
        What sets the variant apart, as given.
    """

    name: str
    run: Run
    numbers: Sequence[int]
    folder: Folder = field(repr=False)
    document: Document = field(repr=False)
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

    def result(self) -> Result:
        """All that replications leave behind, for variants that were evaluated with ``sums``.

        Raises
        ------
        StoreError
            If sums were not kept.
        """
        if not all(self.folder.sums.has(self.run, number) for number in self.numbers):
            what = f"{self.name}: sums by interval were not kept"
            raise StoreError(Problem(what, file=str(self.folder.path), fix="Evaluate it with sums=True."))
        model = build(self.document.scenario)
        totals = totals_of(self.folder.sums.read(self.run), model.frame)
        return Result(
            name=model.scenario.name,
            frame=model.frame,
            totals=[totals[number] for number in self.numbers],
            replications=tuple(self.numbers),
            asked=len(self.numbers),
            seed=self.run.seed,
            engine=self.run.engine,
            elapsed_s=0.0,
            versions=versions(),
            first_agents=first_agents(model),
        )

    @cached_property
    def _sums(self) -> dict[tuple[str, str], tuple[Values, Values]]:
        frame = self.folder.results.read(self.run).to_pandas()
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
    sums: bool = False,
    block: int | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
    failed: Failed | None = None,
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
    sums : bool
        Whether sums by interval are kept as well, so that `Outcome.result` can be asked for.
    block : int, optional
        Replications that one task runs and one file holds; unless given, few enough for about 64 tasks, 20 at most.
    progress : callable, optional
        Called with replications done and asked for, also while neither changes.
    stop : callable, optional
        Once true, the generator ends; what is finished is in the folder. An interrupt from the keyboard raises
        KeyboardInterrupt, and what is finished is kept as well.
    failed : callable, optional
        Called with the name and the problems of a variant that cannot run; unless given, the first such one raises.

    Yields
    ------
    Outcome
        Those that the folder holds already first, the others as they finish.

    Raises
    ------
    ScenarioError
        If a variant cannot run and nobody else is told; what was finished before is kept.
    StoreError
        If results cannot be written.
    """
    opened = folder if isinstance(folder, Folder) else Folder.create(folder)
    numbers = range(replications) if isinstance(replications, int) else replications
    if not numbers:
        raise ParameterError(Problem("no replications", allowed="1 or more", given=str(replications)))
    size = block or min(_LARGEST_BLOCK, max(1, len(variants) * len(numbers) // _BLOCKS))
    how = _How(
        seed, engine, measures or {}, sums, size, getattr(executor, "folder_is_shared", True), deciding_versions()
    )
    runs = {name: run_of(scenario_key(document.data), seed, engine, measures) for name, document in variants.items()}
    asked = {
        name: Outcome(name, run, numbers, opened, variants[name], (parameters or {}).get(name, {}))
        for name, run in runs.items()
    }
    opened.describe([_description(one) for one in asked.values()])
    return _finished(asked, _Work(opened, _tasks(asked, opened, how), how, progress, stop, failed), executor)


def _description(one: Outcome) -> dict[str, Any]:
    """What a variant says, written down before it is run."""
    return {
        "scenario": one.run.scenario,
        "run": one.run.key,
        "name": one.name,
        "seed": one.run.seed,
        "engine": one.run.engine,
        "parameters": json.dumps(one.parameters, default=str, ensure_ascii=False),
        "versions": deciding_versions(),
        "text": text_of(one.document.data),
        "replications": max(one.numbers) + 1,
    }


@dataclass(frozen=True, slots=True)
class _How:
    """How blocks are run."""

    seed: int
    engine: Engine
    measures: Mapping[str, Measure]
    sums: bool
    size: int
    shared: bool
    versions: str


@dataclass(frozen=True, slots=True)
class _Task:
    """A block to be run, with all that a worker needs to know; results are sent back where no folder is named."""

    block: Block
    name: str
    document: Document
    how: _How
    folder: Path | None


@dataclass(frozen=True, slots=True)
class _Done:
    """A block that a worker has written, or sends back, or could not run."""

    name: str
    block: Block
    files: tuple[bytes, bytes | None] | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Work:
    folder: Folder
    tasks: list[_Task]
    how: _How
    progress: Progress | None
    stop: Stop | None
    failed: Failed | None


def _tasks(asked: Mapping[str, Outcome], folder: Folder, how: _How) -> list[_Task]:
    """Blocks of what is missing; variants that say the same are run once."""
    first: dict[str, Outcome] = {}
    for one in asked.values():
        first.setdefault(one.run.key, one)
    where = folder.path.absolute() if how.shared else None  # workers may have another working directory
    return [
        _Task(block, one.name, Document(one.document.data, one.document.file), how, where)
        for one in first.values()
        for block in folder.missing(one.run, one.numbers, how.size, how.sums)
    ]


def _finished(asked: Mapping[str, Outcome], work: _Work, executor: Executor | None) -> Iterator[Outcome]:
    waiting = dict(asked)
    done, total = 0, sum(len(task.block.numbers) for task in work.tasks)

    def stopped() -> bool:
        """Asked again and again: whoever shows progress, and hears interrupts, is asked as well."""
        if work.progress:
            work.progress(done, total)
        return bool(work.stop and work.stop())

    yield from _ready(waiting, work)
    for block in _here(work, stopped) if executor is None else _elsewhere(work, stopped, executor):
        if block is None:
            continue
        done += len(block.numbers)
        if work.progress:
            work.progress(done, total)
        yield from _ready(waiting, work, block.run)
    work.folder.tidy()


def _ready(waiting: dict[str, Outcome], work: _Work, run: Run | None = None) -> Iterator[Outcome]:
    """Outcomes of a run, or of all, that are finished; they wait no longer."""
    for name, one in list(waiting.items()):
        if run is not None and one.run != run:
            continue
        if all(work.folder.has(one.run, number, work.how.sums) for number in one.numbers):
            yield waiting.pop(name)


def _here(work: _Work, stopped: Stop) -> Iterator[Block | None]:
    for task in work.tasks:
        done = _run(task, stopped)
        if done is None:
            return
        yield _kept(done, work)


def _elsewhere(work: _Work, stopped: Stop, executor: Executor) -> Iterator[Block | None]:
    """Blocks as workers finish them; a few more tasks are handed out than there are workers."""
    todo = iter(work.tasks)
    under_way: set[Future[_Done | None]] = set()
    most = _AHEAD * getattr(executor, "workers", _WORKERS)
    try:
        while not stopped():
            under_way |= {executor.submit(_run, task) for task in islice(todo, most - len(under_way))}
            if not under_way:
                return
            ended, under_way = wait(under_way, _POLL_S, FIRST_COMPLETED)
            yield from (_kept(done, work) for done in (one.result() for one in ended) if done)
    except (BrokenExecutor, *getattr(executor, "losses", ())):
        raise StoreError(Problem("a worker process was killed, or ran out of memory", fix=_AGAIN)) from None
    finally:
        for future in under_way:
            future.cancel()


def _kept(done: _Done, work: _Work) -> Block | None:
    if done.problems:
        if work.failed is None:
            told = (replace(problem, what=f"{done.name}: {problem.what}") for problem in done.problems)
            raise ScenarioError(*told)
        work.failed(done.name, done.problems)
        return None
    if done.files is None:
        work.folder.note(done.block, work.how.sums)
    else:
        work.folder.write(done.block, *done.files)
    return done.block


def _run(task: _Task, stopped: Stop = halted) -> _Done | None:
    """Run a block and write it, or send it back; None if told to stop before its end."""
    if task.how.versions != deciding_versions():
        raise StoreError(_OTHER_VERSIONS)
    try:
        model = _model(task.block.run.scenario, _Told(task.document))
    except ProblemsError as error:
        return _Done(task.name, task.block, problems=error.problems)
    kept: list[Totals] = []
    measured: list[dict[str, float]] = []
    for number in task.block.numbers:
        totals, logs = model.totals(task.how.seed, number), []
        counted_at_once = not task.how.measures
        for reached_us, log in chunks(model, task.how.seed, number, task.how.engine, lend=counted_at_once):
            totals.add(log, reached_us)
            if task.how.measures:
                logs.append(log)
            if stopped():
                return None
        measured.append(_measured(task.how.measures, model, totals, logs))
        kept.append(totals)
    files = _files(task, kept, measured)
    if task.folder is None:
        return _Done(task.name, task.block, files)
    Folder(task.folder).write(task.block, *files)
    return _Done(task.name, task.block)


def _measured(measures: Mapping[str, Measure], model: Model, totals: Totals, logs: list[Log]) -> dict[str, float]:
    if not measures:
        return {}
    seen = Seen(model, totals, Log.join(logs))
    return {name: measure(seen) for name, measure in measures.items()}


def _files(task: _Task, kept: list[Totals], measured: list[dict[str, float]]) -> tuple[bytes, bytes | None]:
    sums = as_bytes(sums_table(task.block, kept)) if task.how.sums else None
    return as_bytes(table_of(task.block, kept, measured)), sums


@dataclass(frozen=True)
class _Told:
    """A document that counts as the same as any other: the key beside it tells them apart."""

    document: Document = field(compare=False)


@lru_cache(maxsize=4)
def _model(key: str, told: _Told) -> Model:
    return build(told.document.scenario)
