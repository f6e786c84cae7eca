"""What a person has on the desk: a scenario, named alternatives, runs and their results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from app.commands.compare import checked_replications
from app.web import staffwork
from app.web.job import Job
from app.web.people import with_staffing
from app.web.tasks import Kind, Order, Task, follow, kept, launch
from calibration import Calibration
from scenarios.findings import Finding, findings
from scenarios.folders import stored_result
from scenarios.interventions import apply
from scenarios.replications import Result
from scenarios.staffing import Staffing, Target
from scenarios.store import text_of
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
    """Everything of one visitor; what they ran is kept in the results folder, and `resume` finds it again.

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
            self.runs = {**job.result, **self.runs}
            self.runs = {name: self.runs[name] for name in [BASELINE, *self.runs] if name in self.runs}

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
        self.start("runs", simulation(documents, replications, seed, engine, About("runs", self.plain())))

    def find_staff(self, target: Target, shrinkage: float) -> None:
        """Look for the staff that the baseline needs, in the background.

        Raises
        ------
        StoreError
            If the results folder cannot be written to.
        """
        how = max(self.replications, 2), self.seed
        about = {"how": list(how), **self.plain()}
        self.start("staffing", staffwork.search(self.baseline, target, shrinkage, how, about))

    @property
    def looks_for_staff(self) -> bool:
        """Whether the job that works, or the last that ended, is a search for staff."""
        return any(job is not None and job.kind == "staffing" for job in (self.job, self.done))

    def plain(self) -> dict[str, Any]:
        """The scenario and the alternatives as JSON has them."""
        alternatives = {
            name: {"interventions": list(one.interventions), "staffing": one.staffing}
            for name, one in self.alternatives.items()
        }
        document = {"text": text_of(self.baseline.data), "file": self.baseline.file}
        return {"document": document, "origin": self.origin, "alternatives": alternatives}

    def resume(self, task: Task) -> None:
        """Take up what a task is of, with what has come of it so far; it may still be running."""
        about = task.order.about
        self.open(Document.from_text(about["document"]["text"], about["document"]["file"]), about["origin"])
        for name, one in about["alternatives"].items():
            self.put(Alternative(name, tuple(one["interventions"]), one["staffing"]))
        if task.order.kind == "staffing":
            self.replications, self.seed = about["how"]
            self.start("staffing", staffwork.attached(task))
            return
        self.replications, self.seed, engine = about["how"]
        documents = {name: self.document_of(name) for name in about["names"]}
        self.start("runs", attached(task, documents, (self.replications, self.seed, engine)))

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


@dataclass(frozen=True, slots=True)
class About:
    """What a task is begun for, and what is written down beside it."""

    kind: Kind
    data: dict[str, Any]


def simulation(
    documents: dict[str, Document], replications: int, seed: int, engine: Engine, about: About | None = None
) -> Callable[[Job], dict[str, Run]]:
    """A job's target that runs scenarios in a process of their own and keeps what is finished when stopped.

    Raises
    ------
    StoreError
        If the results folder cannot be written to.
    """
    how = (replications, seed, engine)
    first, *others = documents
    base = documents[first]
    title = str(base.data["name"])
    said = {name: base if name == first else _titled(documents[name], f"{title}: {name}") for name in documents}
    files = {f"{place}.yaml": text_of(document.data) for place, document in enumerate(said.values())}
    names = list(files)
    options = ["--replications", str(replications), "--seed", str(seed), "--engine", engine]
    if others:
        checked_replications(replications)
        arguments = ["compare", names[0], *(part for file in names[1:] for part in ("--against", file)), *options]
    else:
        arguments = ["run", names[0], *options]
    kind, more = (about.kind, about.data) if about else ("runs", {})
    task = launch(Order(kind, title, arguments, {"names": list(documents), "how": list(how), **more}), files)
    return attached(task, documents, how)


def _titled(document: Document, name: str) -> Document:
    """The same scenario under another name, which decides no number."""
    return document.with_data({**document.data, "name": name})


def attached(task: Task, documents: dict[str, Document], how: tuple[int, int, Engine]) -> Callable[[Job], Any]:
    """A job's target that follows a task and reads the runs of these scenarios."""
    first, *others = documents
    title = str(documents[first].data["name"])
    titles = {BASELINE: first, **{f"{title}: {name}": name for name in others}}
    return follow(task, lambda: read_runs(documents, how), titles)


def read_runs(documents: dict[str, Document], how: tuple[int, int, Engine]) -> dict[str, Run]:
    """What the results folder holds of scenarios, as far as it goes."""
    replications, seed, engine = how
    folder = kept()
    found = {
        name: stored_result(folder, document, range(replications), seed, engine) for name, document in documents.items()
    }
    runs = {name: Run(documents[name], result) for name, result in found.items() if result is not None}
    for run in runs.values():
        _ = run.findings  # found here, so that the page need not
    return runs


def comparable(runs: dict[str, Run], names: Sequence[str]) -> dict[str, Result]:
    """Results of alternatives that can stand beside the baseline's: at least two replications in common."""
    base = set(runs[BASELINE].result.replications) if BASELINE in runs else set()
    return {
        name: runs[name].result
        for name in names
        if name in runs and name != BASELINE and len(base & set(runs[name].result.replications)) > 1
    }
