"""The runs behind a programme's judgement: many parameter sets, each with the baseline, the programme and its variants.

One job is one set and one variant; its result is a small JSON file that is written whole or not at all. A study that
was stopped goes on where it was. Set number n uses replication n of the seed: the same customers under every variant.
"""

from __future__ import annotations

import hashlib
import json
import math
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import numpy as np

import sim
from scenarios.interventions import apply
from scenarios.programme.claims import Claim, claims, kept
from scenarios.programme.marks import unmarked
from scenarios.programme.measures import Run
from scenarios.programme.parameters import Floats, Parameter, parameters, values_at, with_values
from scenarios.programme.proposals import Fact, aimed, fit, hypercube, shows
from scenarios.programme.targets import Target
from scenarios.replications import versions
from sim.build import build
from sim.errors import ParameterError, Problem, ScenarioError
from sim.run import run
from sim.schema import Document

BASELINE, PROGRAMME = "baseline", "programme"
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Case:
    """What a programme is judged by.

    Attributes
    ----------
    programme : tuple of str
        The interventions of the whole programme, in the order in which they are switched on.
    measures : mapping of str to callable
        From the name of a measure to a function of a `Run`.
    facts : tuple of Fact
        What the baseline must show.
    targets : tuple of Target
    shown : tuple of Fact
        What the baseline is said to show as well; parameter sets need not.
    units : mapping of str to str
        Units of measures; those that are not named are shares.
    compared : tuple of str
        Measures in which single interventions are compared with the baseline.
    alone : tuple of str
        Further interventions to try alone that are no part of the programme.
    """

    programme: tuple[str, ...]
    measures: Mapping[str, Callable[[Run], float]]
    facts: tuple[Fact, ...]
    targets: tuple[Target, ...]
    shown: tuple[Fact, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    compared: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()

    def unit(self, measure: str) -> str:
        """Unit of a measure."""
        return self.units.get(measure, "share")

    @property
    def single(self) -> tuple[str, ...]:
        """Interventions that are tried alone."""
        return tuple(dict.fromkeys([*self.programme, *self.alone]))


@dataclass(frozen=True, slots=True)
class Size:
    """How much is run.

    Attributes
    ----------
    sets : int
        Parameter sets to keep, each with its baseline showing the facts.
    first : int
        Sets of the first hypercube, from which proposals learn.
    most : int
        Proposals after which a study gives up.
    alone, claims : int
        Kept sets with which single interventions, and weaker claims, are run.
    shares : tuple of float
        To which share claims are kept.
    """

    sets: int = 200
    first: int = 120
    most: int = 2000
    alone: int = 20
    claims: int = 12
    shares: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)

    @staticmethod
    def of(sets: int, alone: int, claims: int) -> Size:
        """The size of a study by the numbers that one chooses.

        Raises
        ------
        ParameterError
            If there are too few sets for intervals, or more to compare with than there are.
        """
        for option, number, most in (("--sets", sets, None), ("--compared", alone, sets), ("--claims", claims, sets)):
            if number < 2 or (most and number > most):
                allowed = f"2 to {most}, the sets kept" if most else "2 or more"
                raise ParameterError(
                    Problem("a number of sets that says nothing", option, allowed=allowed, given=str(number))
                )
        return Size(sets, max(30, sets // 2), 10 * sets, alone, claims)


@dataclass(frozen=True)
class Task:
    """What every worker knows."""

    document: Document
    case: Case
    seed: int

    @cached_property
    def parameters(self) -> list[Parameter]:
        """The assumptions that are varied."""
        return parameters(self.document)

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """Claims by their text."""
        return {claim.text: claim for claim in claims(self.document)}

    def check(self) -> None:
        """Find what is wrong with the scenario before anything is run.

        Raises
        ------
        ScenarioError
            If a number has no source, a range does not fit, a claim cannot be kept in part, or the programme or one of
            its interventions cannot be switched on.
        """
        _ = self.parameters
        if problems := unmarked(self.document):
            raise ScenarioError(*problems)
        for claim in self.claims.values():
            kept(self.document, claim, 0.5)
        for chosen in (self.case.programme, *(required(self.document, name) for name in self.case.single)):
            apply(self.document, chosen)

    @property
    def present(self) -> list[float]:
        """The values that stand in the scenario."""
        return [one.present for one in self.parameters]

    def key(self) -> str:
        """Name of everything that decides a result."""
        content = [self.document.data, self.seed, versions(), sorted(self.case.measures), _sources()]
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]


@cache
def _sources() -> str:
    """Name of the code that makes results."""
    folders = (Path(sim.__file__).parent, Path(__file__).parent)
    files = sorted(file for folder in folders for file in folder.rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@dataclass(frozen=True, slots=True)
class Variant:
    """A scenario to run: interventions, and perhaps a claim that is kept only in part."""

    name: str
    interventions: tuple[str, ...] = ()
    claim: str = ""
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Job:
    """One run: a parameter set (its number and values) under a variant."""

    number: int
    values: tuple[float, ...]
    variant: Variant
    stage: str = "set"

    @property
    def file(self) -> str:
        """Name of the file that holds its result."""
        content = json.dumps([self.values, self.variant.name, self.variant.interventions, self.variant.share])
        return f"{self.stage}-{self.number:05d}-{hashlib.sha256(content.encode()).hexdigest()[:12]}.json"


def variant_document(task: Task, job: Job) -> Document:
    """The scenario of a job."""
    document = with_values(task.document, task.parameters, job.values)
    if job.variant.claim:
        document = kept(document, task.claims[job.variant.claim], job.variant.share)
    return apply(document, job.variant.interventions) if job.variant.interventions else document


def measured(
    document: Document, measures: Mapping[str, Callable[[Run], float]], seed: int, number: int
) -> dict[str, float]:
    """Measures of one replication of a scenario."""
    model = build(document.scenario)
    log = run(model, seed, number)
    totals = model.totals(seed, number)
    totals.add(log, model.frame.end_us)
    month = Run(model, totals, log)
    return {name: float(of(month)) for name, of in measures.items()}


def do(task: Task, job: Job) -> dict[str, float]:
    """Run a job."""
    return measured(variant_document(task, job), task.case.measures, task.seed, job.number)


_task: Task


def _enter(task: Task) -> None:
    global _task
    _task = task
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _work(job: Job) -> dict[str, float]:
    return do(_task, job)


@contextmanager
def studying(task: Task, size: Size, folder: Path, workers: int, progress: Progress) -> Iterator[Study]:
    """A study on so many processes, with its results in a folder.

    An interrupt drops what has not begun and keeps what is finished.
    """
    with _executor(task, workers) as pool:
        yield Study(task, size, open_store(folder, task), pool, workers, progress)


@contextmanager
def _executor(task: Task, workers: int) -> Iterator[Executor]:
    """Worker processes that know the task."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=_enter, initargs=(task,))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@dataclass
class Store:
    """Results in a folder: one file per job."""

    folder: Path
    known: dict[str, dict[str, float]] = field(default_factory=dict)

    def get(self, job: Job) -> dict[str, float] | None:
        """The result of a job, if it is there."""
        if job.file not in self.known:
            try:
                data = json.loads((self.folder / job.file).read_text(encoding="utf-8"))
            except (FileNotFoundError, json.JSONDecodeError):
                return None
            self.known[job.file] = {name: math.nan if x is None else x for name, x in data["measures"].items()}
        return self.known[job.file]

    def put(self, job: Job, measures: dict[str, float]) -> None:
        """Keep a result: written under another name, then renamed."""
        plain = {name: x if math.isfinite(x) else None for name, x in measures.items()}
        data = {"set": job.number, "variant": job.variant.name, "values": job.values, "measures": plain}
        temporary = self.folder / f".{job.file}.{os.getpid()}"
        temporary.write_text(json.dumps(data), encoding="utf-8")
        os.replace(temporary, self.folder / job.file)
        self.known[job.file] = measures


@dataclass
class Study:
    """A study in progress."""

    task: Task
    size: Size
    store: Store
    pool: Executor
    workers: int
    progress: Progress = lambda text, share: None
    compiled: bool = False

    def results(self, jobs: Sequence[Job], what: str) -> list[dict[str, float]]:
        """Results of jobs in their order; those that are not there yet are run."""
        missing = [job for job in jobs if self.store.get(job) is None]
        done = len(jobs) - len(missing)
        for count, (job, measures) in enumerate(self._run(missing), 1):
            self.store.put(job, measures)
            self.progress(f"{what}: {done + count} of {len(jobs)}", (done + count) / len(jobs))
        return [self.store.known[job.file] for job in jobs]

    def _run(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, dict[str, float]]]:
        """Jobs as they finish; only a few wait in the pool, so that an interrupt loses little."""
        rest, running = iter(jobs), {}
        if jobs and not self.compiled:  # here first, so that workers find the compiled engine
            job = next(rest)
            yield job, do(self.task, job)
            self.compiled = True
        while True:
            for job in rest:
                running[self.pool.submit(_work, job)] = job
                if len(running) >= 2 * self.workers:
                    break
            if not running:
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield running.pop(future), future.result()

    def own(self, number: int) -> list[dict[str, float]]:
        """Replications of the baseline with the values that stand in the scenario."""
        values = tuple(self.task.present)
        jobs = [Job(place, values, Variant(BASELINE), "own") for place in range(number)]
        return self.results(jobs, "the baseline as it stands")

    def kept_sets(self) -> tuple[list[Job], Acceptance]:
        """Parameter sets whose own baseline shows every fact."""
        task, size = self.task, self.size
        facts, chosen = task.case.facts, task.parameters
        cube = hypercube(size.first, len(chosen), task.seed)
        first = self.results(self._sets(cube, 0, "first"), "sets from the ranges as they are")
        at_first = sum(shows(facts, measures) for measures in first)
        surface = fit(cube, np.array([[measures[fact.measure] for fact in facts] for measures in first]))
        points = aimed(hypercube(size.most, len(chosen), task.seed + 1), surface, facts, task.seed + 2)
        kept: list[Job] = []
        tried = 0
        while len(kept) < size.sets and tried < size.most:
            batch = self._sets(points[tried : tried + self._batch(len(kept), tried)], tried)
            found = self.results(batch, f"proposed sets ({len(kept)} of {size.sets} kept)")
            tried += len(batch)
            kept += [job for job, measures in zip(batch, found, strict=True) if shows(facts, measures)]
        return kept[: size.sets], Acceptance(size.first, at_first, tried, len(kept))

    def _batch(self, kept: int, tried: int) -> int:
        """How many sets to try next: as many as are missing at the rate so far."""
        rate = max(kept / tried if tried else 0.5, 0.05)
        return max(8, min(64, math.ceil((self.size.sets - kept) / rate)))

    def _sets(self, cube: Floats, offset: int, stage: str = "set") -> list[Job]:
        chosen = self.task.parameters
        return [
            Job(offset + place, tuple(values_at(chosen, point)), Variant(BASELINE), stage)
            for place, point in enumerate(cube)
        ]

    def under(self, sets: Iterable[Job], variant: Variant) -> list[dict[str, float]]:
        """Results of sets under a variant."""
        jobs = [Job(one.number, one.values, variant, one.stage) for one in sets]
        return self.results(jobs, variant.name)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How many sets showed the facts: of the first hypercube, and of the proposals."""

    first: int
    first_kept: int
    tried: int
    kept: int

    @property
    def rate(self) -> float:
        """Share of proposals that were kept."""
        return self.kept / self.tried if self.tried else math.nan


def open_store(folder: Path, task: Task) -> Store:
    """The part of a results folder that belongs to this scenario, seed, case and version."""
    inside = folder / task.key()
    inside.mkdir(parents=True, exist_ok=True)
    return Store(inside)


def required(document: Document, name: str) -> tuple[str, ...]:
    """An intervention and before it all that it requires."""
    found: list[str] = []
    for other in document.scenario.interventions[name].requires:
        found += required(document, other)
    return tuple(dict.fromkeys([*found, name]))
