"""What a person has on the desk: a scenario, named alternatives, runs and their results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from app.web.job import Job
from app.web.people import with_staffing
from calibration import Calibration
from scenarios.findings import Finding, findings
from scenarios.interventions import apply
from scenarios.replications import Result, replicate
from scenarios.staffing import Staffing
from sim.build import build
from sim.run import Engine
from sim.schema import Document

BASELINE = "baseline"
Origin = Literal["library", "file", "log"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A named change of the baseline: interventions in order, then the staffing of some groups."""

    name: str
    interventions: tuple[str, ...] = ()
    staffing: dict[str, dict[str, Any]] = field(default_factory=dict)

    def on(self, baseline: Document) -> Document:
        """The baseline changed.

        Raises
        ------
        ScenarioError
            If the changes do not go together or leave a scenario that cannot run.
        """
        changed = self.unchecked(baseline)
        _ = changed.scenario
        return changed

    def unchecked(self, baseline: Document) -> Document:
        """The baseline changed, whether or not the staffing makes sense."""
        return with_staffing(apply(baseline, self.interventions), self.staffing)


@dataclass(frozen=True)
class Run:
    """A result and the scenario that it is of."""

    document: Document
    result: Result

    @cached_property
    def findings(self) -> list[Finding]:
        """What readers must know first, by intervals of 95 %."""
        return findings(self.result)


@dataclass
class Work:
    """Everything of one visitor; nothing of it is kept after the visit.

    Attributes
    ----------
    document : Document or None
        The baseline.
    origin : {"library", "file", "log"}
    calibration : Calibration or None
        If the baseline was calibrated here.
    alternatives : dict of str to Alternative
    replications, seed : int
        As asked for last.
    runs : dict of str to Run
        Finished runs by the name of the alternative, `BASELINE` for the baseline.
    job : Job or None
        What works in the background.
    done : Job or None
        The last that ended, with its result or error.
    staffing : Staffing or None
        Required staff that was found last.
    """

    document: Document | None = None
    origin: Origin = "library"
    calibration: Calibration | None = None
    alternatives: dict[str, Alternative] = field(default_factory=dict)
    replications: int = 20
    seed: int = 1
    runs: dict[str, Run] = field(default_factory=dict)
    job: Job | None = None
    done: Job | None = None
    staffing: Staffing | None = None

    def open(self, document: Document, origin: Origin, calibration: Calibration | None = None) -> None:
        """Begin with another baseline; alternatives and results of the former one go.

        Raises
        ------
        ScenarioError
            If the document is not a scenario that can run; the former baseline then stays.
        """
        _ = document.scenario
        if self.job:
            self.job.stop()
        self.document, self.origin, self.calibration = document, origin, calibration
        self.alternatives, self.runs, self.job, self.done, self.staffing = {}, {}, None, None, None

    @property
    def baseline(self) -> Document:
        """The baseline of pages that need one."""
        assert self.document is not None
        return self.document

    def document_of(self, name: str) -> Document:
        """The baseline, or the scenario of an alternative."""
        return self.baseline if name == BASELINE else self.alternatives[name].on(self.baseline)

    def put(self, alternative: Alternative) -> None:
        """Keep an alternative under its name."""
        self.alternatives[alternative.name] = alternative

    def remove(self, name: str) -> None:
        """Forget an alternative and its results."""
        self.alternatives.pop(name, None)
        self.runs.pop(name, None)

    def rename(self, name: str, new_name: str) -> bool:
        """Give an alternative another name, at its place; False if the name is taken."""
        if not new_name or new_name in self.alternatives or new_name == BASELINE:
            return False
        renamed = {key: replace(one, name=new_name) if key == name else one for key, one in self.alternatives.items()}
        self.alternatives = {one.name: one for one in renamed.values()}
        if name in self.runs:
            self.runs[new_name] = self.runs.pop(name)
        return True

    def copy(self, name: str) -> str:
        """Another alternative that says the same; its name."""
        copied = self.free_name(name)
        self.put(replace(self.alternatives[name], name=copied))
        return copied

    def free_name(self, stem: str) -> str:
        """A name that is not taken: the stem, or the stem with a number."""
        number, name = 1, stem
        while name in self.alternatives or name == BASELINE:
            number += 1
            name = f"{stem} {number}"
        return name

    def is_current(self, name: str) -> bool:
        """Whether the results of an alternative are of what it says now."""
        return name in self.runs and self.runs[name].document.data == self.document_of(name).data

    def start(self, kind: str, target: Callable[[Job], Any]) -> None:
        """Begin a job; one that still works is asked to stop."""
        if self.job:
            self.job.stop()
        self.job, self.done = Job(kind, target).start(), None

    def collect(self) -> None:
        """Take over what a job that has ended leaves behind."""
        job = self.job
        if job is None or job.running:
            return
        self.job, self.done = None, job
        if job.kind == "runs" and job.result:
            self.runs.update(job.result)

    def simulate(self, names: Sequence[str], replications: int, seed: int, engine: Engine) -> None:
        """Run the baseline and alternatives in the background; results that are still right stay.

        Raises
        ------
        ScenarioError
            If an alternative cannot run.
        """
        documents = {name: self.document_of(name) for name in [BASELINE, *names]}
        self.runs = {
            name: self.runs[name]
            for name, document in documents.items()
            if name in self.runs and _answers(self.runs[name], document, (replications, seed, engine))
        }
        missing = {name: document for name, document in documents.items() if name not in self.runs}
        self.start("runs", simulation(missing, replications, seed, engine))

    def switched(self, name: str, intervention: str, on: bool) -> Alternative:
        """An alternative with an intervention on or off; off takes along what requires it."""
        present = self.alternatives[name]
        chosen = [*present.interventions, intervention] if on else without(self.baseline, present, intervention)
        return replace(present, interventions=in_order(self.baseline, chosen))


def _answers(run: Run, document: Document, how: tuple[int, int, Engine]) -> bool:
    """Whether a run is complete and of exactly this question."""
    result = run.result
    return run.document.data == document.data and (len(result.totals), result.seed, result.engine) == how


def without(document: Document, alternative: Alternative, intervention: str) -> list[str]:
    """The interventions of an alternative that do not need one of them."""
    return [name for name in alternative.interventions if intervention not in needed(document, name)]


def needed(document: Document, intervention: str) -> list[str]:
    """An intervention and all that it requires, prerequisites first."""
    found: list[str] = []
    for other in document.scenario.interventions[intervention].requires:
        found += needed(document, other)
    return list(dict.fromkeys([*found, intervention]))


def in_order(document: Document, chosen: Iterable[str]) -> tuple[str, ...]:
    """Interventions as they are applied: each after what it requires, otherwise as listed in the file."""
    wanted = set(chosen)
    found: dict[str, None] = {}
    for name in document.scenario.interventions:
        if name in wanted:
            found.update(dict.fromkeys(needed(document, name)))
    return tuple(found)


def one_for_each(document: Document) -> list[Alternative]:
    """An alternative for each intervention, with what it requires."""
    return [Alternative(name, tuple(needed(document, name))) for name in document.scenario.interventions]


def simulation(
    documents: dict[str, Document], replications: int, seed: int, engine: Engine
) -> Callable[[Job], dict[str, Run]]:
    """A job's target that runs each scenario in turn and keeps what is finished when stopped."""

    def target(job: Job) -> dict[str, Run]:
        runs: dict[str, Run] = {}
        for name in documents:
            job.report(name, 0.0)
        for name, document in documents.items():
            result = _run(job, name, document, (replications, seed, engine))
            if result.totals:
                runs[name] = Run(document, result)
                _ = runs[name].findings  # found here, so that the page need not
        return runs

    return target


def _run(job: Job, name: str, document: Document, how: tuple[int, int, Engine]) -> Result:
    replications, seed, engine = how

    def progress(done: int, asked: int, part: float) -> None:
        job.report(name, (done + part) / asked, f"{done} / {asked}")

    return replicate(build(document.scenario), replications, seed, engine, progress=progress, stop=job.stopped)


def comparable(runs: dict[str, Run], names: Sequence[str]) -> dict[str, Result]:
    """Results of alternatives that can stand beside the baseline's: at least two replications in common."""
    base = set(runs[BASELINE].result.replications) if BASELINE in runs else set()
    return {
        name: runs[name].result
        for name in names
        if name in runs and name != BASELINE and len(base & set(runs[name].result.replications)) > 1
    }
