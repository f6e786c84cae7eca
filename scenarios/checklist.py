"""A draft of the STRESS-DES checklist for a study, from what its scenario and its runs know.

STRESS-DES (Monks, Currie, Onggo, Robinson, Kunc and Taylor 2019, "Strengthening the reporting of empirical simulation
studies", Journal of Simulation 13) lists in twenty items what a reader needs to judge and repeat a study. What only
the people behind a study know is left open, and says so.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scenarios.changes import changes
from scenarios.comparison import Comparison
from scenarios.estimate import STUDENT
from scenarios.precision import Precise
from scenarios.replications import Result, goals_of, versions
from scenarios.store.content import scenario_key
from sim.build import build
from sim.codes import Step as Kind
from sim.metrics import Frame, find, metrics_of
from sim.schema import Document
from sim.schema.flow import successors
from sim.units import DAY_US, WEEK_US, exact_duration

YOURS = "**To be filled in by you:**"
SECTIONS = {
    1: "Objectives",
    2: "Logic",
    3: "Data",
    4: "Experimentation",
    5: "Implementation",
    6: "Code access",
}
_MARKS = ("fact", "claim", "assumed", "fitted")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the checklist: its number, what it asks, and the answer in Markdown."""

    number: str
    asks: str
    answer: str

    @property
    def open(self) -> bool:
        """Whether something is left to be filled in."""
        return YOURS in self.answer


@dataclass(frozen=True)
class Checklist:
    """All items of a study.

    Attributes
    ----------
    title : str
    items : tuple of Item
    """

    title: str
    items: tuple[Item, ...]

    @property
    def open(self) -> tuple[str, ...]:
        """Numbers of the items in which something is left to be filled in."""
        return tuple(item.number for item in self.items if item.open)

    def text(self) -> str:
        """The checklist as a Markdown page."""
        lines = [
            f"# STRESS-DES checklist: {self.title}",
            "",
            "A draft, made from the scenario and its runs, after Monks et al. (2019), *Journal of Simulation* 13. "
            f"Left open: {', '.join(self.open)}.",
        ]
        for item in self.items:
            section = int(item.number.split(".")[0])
            if item.number.endswith(".1") and item.number.count(".") == 1:
                lines += ["", f"## {section} {SECTIONS[section]}"]
            lines += ["", f"### {item.number} {item.asks}", "", item.answer]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class _Study:
    """What is known of a study."""

    document: Document
    chosen: Sequence[str]
    result: Result | None
    confidence: float
    alternatives: Mapping[str, Document]
    comparison: Comparison | None
    precise: Precise | None

    @cached_property
    def frame(self) -> Frame:
        """Names and windows of what is measured."""
        return self.result.frame if self.result else build(self.document.scenario).frame


def checklist(
    document: Document,
    chosen: Sequence[str] = (),
    result: Result | None = None,
    confidence: float = 0.95,
    alternatives: Mapping[str, Document] | None = None,
    comparison: Comparison | None = None,
    *,
    precise: Precise | None = None,
) -> Checklist:
    """Fill in what is known of a study.

    Parameters
    ----------
    document : Document
        The scenario as it was run.
    chosen : sequence of str
        Interventions that are switched on in it.
    result : Result, optional
        Its runs; without them, what only runs tell is left open.
    confidence : float
    alternatives : mapping of name to Document, optional
        What it was compared with.
    comparison : Comparison, optional
    precise : Precise, optional
        How it was decided when to stop.
    """
    study = _Study(document, chosen, result, confidence, alternatives or {}, comparison, precise)
    answers = {
        "1.1": ("Purpose of the model", _purpose),
        "1.2": ("Model outputs", _outputs),
        "1.3": ("Experimentation aims", _aims),
        "2.1": ("Base model overview diagram", _diagram),
        "2.2": ("Base model logic", _logic),
        "2.3": ("Scenario logic", _scenario_logic),
        "2.4": ("Algorithms", _algorithms),
        "2.5.1": ("Components: entities", _entities),
        "2.5.2": ("Components: activities", _activities),
        "2.5.3": ("Components: resources", _resources),
        "2.5.4": ("Components: queues", _queues),
        "2.5.5": ("Components: entry and exit points", _entry_and_exit),
        "3.1": ("Data sources", _sources),
        "3.2": ("Pre-processing", _preprocessing),
        "3.3": ("Input parameters", _inputs),
        "3.4": ("Assumptions", _assumptions),
        "4.1": ("Initialisation", _initialisation),
        "4.2": ("Run length", _run_length),
        "4.3": ("Estimation approach", _estimation),
        "5.1": ("Software or programming language", _software),
        "5.2": ("Random sampling", _sampling),
        "5.3": ("Model execution", _execution),
        "5.4": ("System specification", _system),
        "6.1": ("Computer model sharing statement", _sharing),
    }
    items = tuple(Item(number, asks, "\n".join(answer(study)).strip()) for number, (asks, answer) in answers.items())
    return Checklist(document.scenario.name, items)


Lines = Iterator[str]

# --- 1 objectives ----------------------------------------------------------------------------------------------------


def _purpose(study: _Study) -> Lines:
    if study.document.scenario.about:
        yield f"The scenario describes itself: {study.document.scenario.about}"
        yield ""
    yield f"{YOURS} the decision that the model is to support, for whom, and by when."


def _outputs(study: _Study) -> Lines:
    for name, metric, _, level in goals_of(study.frame):
        yield f"- Target: {name}, {metric.label}, {100 * level:g} %."
    compared = dict.fromkeys(one.metric for one in study.comparison.differences) if study.comparison else ()
    chosen = [find(name) for name in compared] or list(metrics_of(study.frame))
    yield "- Measures, as `docs/metrics.md` defines them: " + "; ".join(
        f"{metric.label} ({metric.formula}; {metric.unit})" for metric in chosen
    ) + "."  # fmt: skip
    yield f"- {YOURS} which of these decide."


def _aims(study: _Study) -> Lines:
    if study.alternatives:
        yield f"Compared with the base model: {', '.join(study.alternatives)}."
    elif study.chosen:
        yield f"The base model with these interventions: {', '.join(study.chosen)}."
    else:
        yield "The base model by itself."
    for precision in study.precise.precisions if study.precise else ():
        relative = " of the mean" if precision.relative else f" ({precision.unit})"
        yield f"Wanted: {find(precision.metric).label} to ± {precision.wanted:g}{relative}."
    yield ""
    yield f"{YOURS} the hypotheses, or the ranges explored and why."


# --- 2 logic ---------------------------------------------------------------------------------------------------------


def _diagram(study: _Study) -> Lines:
    """A flow chart in Mermaid, which Markdown viewers draw."""
    yield "```mermaid"
    yield "flowchart TD"
    for number, (process, steps) in enumerate(study.document.scenario.expanded.process.items()):
        yield f'  subgraph p{number}["{_plain(process)}"]'
        places = {name: f"s{number}_{place}" for place, name in enumerate(steps)}
        for name, step in steps.items():
            left, right = {Kind.BRANCH: ("{", "}"), Kind.END: ("([", "])"), Kind.DELAY: ("[/", "/]")}.get(
                step.kind, ("[", "]")
            )
            yield f'    {places[name]}{left}"{_plain(name)}"{right}'
        for name in steps:
            yield from (f"    {places[name]} --> {places[after]}" for after in successors(steps, name))
        yield "  end"
    yield "```"


def _plain(text: str) -> str:
    return text.replace('"', "'")


def _logic(study: _Study) -> Lines:
    yield "What each kind of event does is fixed in `docs/semantics.md`. The steps of each process, as written:"
    for process, steps in study.document.data["process"].items():
        yield ""
        yield f"*{process}*"
        yield ""
        yield from (f"{number}. `{name}`: {_said(step)}" for number, (name, step) in enumerate(steps.items(), 1))


def _scenario_logic(study: _Study) -> Lines:
    known = study.document.scenario.interventions
    if not study.alternatives and not known:
        yield "No alternatives."
    for name, other in study.alternatives.items():
        whys = [known[one].why for one in _parts(name, known) if known[one].why]
        yield f"- *{name}*: {'; '.join(whys) or 'as follows'}."
        for one in changes(study.document, other):
            yield f"  - `{one.path}`: {_said(one.before)} → {_said(one.after)}"
    if not study.alternatives:
        yield from (f"- *{name}* (proposed, not run): {one.why or 'no reason given'}" for name, one in known.items())


def _parts(name: str, known: Mapping[str, Any]) -> list[str]:
    return [one for one in ([name] if name in known else name.split(" + ")) if one in known]


def _algorithms(study: _Study) -> Lines:
    yield "- Arrivals: a Poisson process of changing rate, by inversion of the cumulative rate; or recorded times."
    yield "- Simultaneous events: in the order of (time, kind, subject, sequence), `docs/semantics.md`."
    yield "- Who serves and who is served next: by rule of group and queue, as follows."
    for name, routing in study.document.data.get("routing", {}).items():
        yield f"  - queue `{name}`: {_said(routing)}"
    for name, group in study.document.data["people"].items():
        rules = {key: group[key] for key in ("picks", "takes") if key in group}
        yield f"  - group `{name}`: {_said(rules) if rules else 'default rules'}"


def _entities(study: _Study) -> Lines:
    yield from (f"- Cases of `{name}`: {_said(stream)}" for name, stream in study.document.data["demand"].items())


def _activities(study: _Study) -> Lines:
    for process, steps in study.document.scenario.expanded.process.items():
        of_kind = {
            kind: [name for name, step in steps.items() if step.kind == kind] for kind in (Kind.WORK, Kind.DELAY)
        }
        yield f"- *{process}*: work at {_listed(of_kind[Kind.WORK])}; delays at {_listed(of_kind[Kind.DELAY])}."
    yield "- Durations stand in item 2.2."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "no step"


def _resources(study: _Study) -> Lines:
    yield from (f"- `{name}`: {_said(group)}" for name, group in study.document.data["people"].items())


def _queues(study: _Study) -> Lines:
    routing = study.document.scenario.expanded.routing
    asked = {
        step.work for steps in study.document.scenario.expanded.process.values() for step in steps.values() if step.work
    }
    for name in sorted(asked):
        rule = routing.get(name)
        places = (
            "any number may wait" if rule is None or rule.waiting_places is None else f"{rule.waiting_places} may wait"
        )
        order = "by priority, then first come" if rule is None or rule.order == "first come" else "by deadline"
        yield f"- `{name}`: {order}; {places}."


def _entry_and_exit(study: _Study) -> Lines:
    scenario = study.document.scenario
    for name, stream in scenario.demand.items():
        yield f"- Entry: `{name}` at the first step of *{stream.type}*."
    for process, steps in scenario.expanded.process.items():
        ends = [name for name, step in steps.items() if step.kind == Kind.END]
        yield f"- Exit from *{process}*: {_listed(ends)}; also who gives up, is turned away, or is open at the end."


# --- 3 data ----------------------------------------------------------------------------------------------------------


def _sources(study: _Study) -> Lines:
    sources = study.document.scenario.sources
    if not sources:
        yield f"{YOURS} where each number comes from (the scenario names no `sources`)."
        return
    for mark in _MARKS:
        found = [path for path, text in sources.items() if text.startswith(mark)]
        if found:
            yield f"- {mark}: {len(found)} places"
    unmarked = [path for path, text in sources.items() if not text.startswith(_MARKS)]
    yield from (f"- `{path}`: {sources[path]}" for path in unmarked)
    yield f"- {YOURS} collection period, owner and access of each source."


def _preprocessing(study: _Study) -> Lines:
    yield (
        "Numbers of a calibrated scenario come from `queuewise calibrate`, whose evidence page lists dropped rows, "
        "fits and their intervals."
    )
    yield ""
    yield f"{YOURS} what was done to the data before they went into the scenario, or that nothing was."


def _inputs(study: _Study) -> Lines:
    sources = study.document.scenario.sources
    rows = [
        (path, value)
        for key in ("calendars", "customers", "demand", "people", "routing", "process", "approvals", "disruptions")
        for path, value in _leaves(study.document.data.get(key), key)
    ]
    yield f"<details><summary>{len(rows)} values</summary>"
    yield ""
    yield "| place | value | source |"
    yield "|---|---|---|"
    yield from (f"| {_cell(path)} | {_cell(_said(value))} | {_cell(_source(path, sources))} |" for path, value in rows)
    yield ""
    yield "</details>"


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f'{path}."{key}"' if "." in str(key) else f"{path}.{key}")
    elif value is not None:
        yield path, value


def _source(path: str, sources: Mapping[str, str]) -> str:
    """The source of the nearest place above."""
    above = [place for place in sources if path == place or path.startswith((f"{place}.", f"{place}["))]
    return sources[max(above, key=len)] if above else ""


def _assumptions(study: _Study) -> Lines:
    sources = study.document.scenario.sources
    found = {path: text for path, text in sources.items() if text.startswith("assumed")}
    yield from (f"- `{path}`: {text}" for path, text in found.items())
    yield "- People do not tire, learn only where the scenario says so, and follow the rules of routing."
    yield f"- {YOURS} what the model leaves out on purpose, and what that does to its answers."


# --- 4 experimentation -----------------------------------------------------------------------------------------------


def _initialisation(study: _Study) -> Lines:
    scenario = study.document.scenario
    if any(stream.open_cases for stream in scenario.demand.values()):
        yield "Runs start from the open cases that the scenario lists."
    else:
        yield "Runs start empty."
    if scenario.warm_up:
        yield f"The first {exact_duration(scenario.warm_up)} are not measured (warm-up)."
        yield f"{YOURS} why so long (`queuewise warmup` judges it by Welch's plot and MSER-5)."
    else:
        yield "There is no warm-up: everything is measured."
        yield f"{YOURS} that this is right: the operation begins each day empty, or the start is what is asked about."


def _run_length(study: _Study) -> Lines:
    scenario = study.document.scenario
    yield f"{exact_duration(scenario.horizon)} from {scenario.start:%Y-%m-%d %H:%M} ({scenario.time_zone})."
    yield (
        "Then everything stops, and what is open is counted as open."
        if scenario.ends == "stop"
        else ("Then no more cases come, and what is open is worked off.")
    )
    shortest = WEEK_US if scenario.horizon >= WEEK_US else DAY_US
    if scenario.horizon % shortest:
        yield f"The run does not end with a whole {'week' if shortest == WEEK_US else 'day'}."


def _estimation(study: _Study) -> Lines:
    if study.result is None:
        yield f"{YOURS} number of replications and intervals (no run was given)."
        return
    yield (
        f"{len(study.result.totals)} independent replications, seed {study.result.seed}; {study.confidence:.0%} "
        f"intervals: {STUDENT} (Hall 1992), over replications; ratios of sums, linearised (Cochran 1977, 2.45)."
    )
    if study.precise:
        yield f"How many was decided by precision: {study.precise.method}."
    if study.comparison:
        yield f"Comparison: {study.comparison.method}."


# --- 5 implementation, 6 code access ---------------------------------------------------------------------------------


def _versions(study: _Study) -> Mapping[str, str]:
    return study.result.versions if study.result else versions()


def _software(study: _Study) -> Lines:
    used = ", ".join(f"{name} {version}" for name, version in _versions(study).items())
    yield f"Queuewise, in Python {platform.python_version()} ({used})."
    if study.result:
        engine = study.result.engine
        yield f"Engine: {engine}, {'compiled with Numba' if engine == 'kernel' else 'written with SimPy'}."
    yield "A second engine, written apart, gives the same log row for row (`queuewise engines` shows it)."


def _sampling(study: _Study) -> Lines:
    yield (
        "Philox 4×32-10 (Salmon et al. 2011), addressed by seed, replication, stream, case, purpose, step and "
        "repetition: replications are independent, and alternatives meet the same customers (common random numbers). "
        "Every distribution is drawn by inversion of a table of its quantiles."
    )


def _execution(study: _Study) -> Lines:
    yield "Events in the order of one key (`docs/semantics.md`); time in whole microseconds."
    if study.result:
        yield f"{len(study.result.totals)} replications took {study.result.elapsed_s:.1f} s."


def _system(study: _Study) -> Lines:
    yield f"{platform.system()} on {platform.machine()}, {os.cpu_count()} processors."
    yield f"{YOURS} the machine on which it was run, if it was not this one."


def _sharing(study: _Study) -> Lines:
    yield (
        f"The scenario's content has the key {scenario_key(study.document.data)}, as in a results folder; with "
        "Queuewise of the version above and the seed, every number can be made again."
    )
    yield ""
    yield f"{YOURS} where scenario and results can be had, under which licence, and what may not be shared."


# --- words -----------------------------------------------------------------------------------------------------------


def _said(value: Any) -> str:
    """A value of a scenario file as one line."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_bracketed(inner)}" for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_bracketed(inner) for inner in value)
    return re.sub(r"\s+", " ", str(value))


def _bracketed(value: Any) -> str:
    return f"({_said(value)})" if isinstance(value, (dict, list, tuple)) else _said(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
