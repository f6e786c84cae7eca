"""``queuewise compare``: what interventions change, under the same customers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from app import progress
from app.commands.options import (
    Confidence,
    Engine,
    Folder,
    Json,
    Replications,
    Report,
    Scenario,
    Seed,
    Stress,
    With,
    Workers,
)
from app.commands.run import checked_engine, show_result, stop_if_empty, stop_if_nothing
from app.console import Bar, Output, prepare
from app.files import checked_page, checked_target, write_text
from app.inputs import open_scenario, share, with_interventions
from app.results import COMPARED, comparison_data, result_data, run_data, scenario_data
from sim.errors import ParameterError, Problem

if TYPE_CHECKING:
    from scenarios.chances import Chance
    from scenarios.comparison import Comparison
    from scenarios.ranking import Ranking
    from scenarios.replications import Result
    from sim.schema import Document

Together = Annotated[bool, typer.Option("--together", help="All interventions at once, as one alternative.")]
Against = Annotated[
    list[str] | None,
    typer.Option("--against", metavar="SCENARIO", help="Another scenario as an alternative; repeatable."),
]
Metrics = Annotated[
    list[str] | None,
    typer.Option("--metric", metavar="NAME", help="Compare these metrics; repeatable. See docs/metrics.md."),
]
Pairs = Annotated[bool, typer.Option("--pairs", help="Compare every pair of scenarios, not only with the baseline.")]


def compare(
    scenario: Scenario,
    chosen: With = None,
    together: Together = False,
    against: Against = None,
    metrics: Metrics = None,
    replications: Replications = 20,
    seed: Seed = 1,
    engine: Engine = "kernel",
    workers: Workers = 1,
    confidence: Confidence = "95%",
    pairs: Pairs = False,
    folder: Folder = None,
    report: Report = None,
    stress: Stress = None,
    as_json: Json = False,
) -> None:
    """Compare alternatives with a scenario, replication by replication under the same customers."""
    output, level = Output(as_json), share("--confidence", confidence)
    page, draft = checked_page(report), checked_target(stress) if stress else None
    baseline = open_scenario(scenario)
    alternatives = alternatives_of(baseline, chosen or [], together, against or [])

    from scenarios.chances import chances, plain_chances
    from scenarios.comparison import compare as differences
    from scenarios.comparison import compare_pairs
    from scenarios.estimate import checked_confidence
    from scenarios.ranking import rankings
    from sim.metrics import find

    names = [find(name).name for name in metrics or COMPARED]
    checked_confidence(level)
    checked_replications(replications)
    prepare(checked_engine(engine), output)
    how = (replications, seed, engine, workers)
    documents = {BASELINE: baseline, **alternatives}
    results = simulate_into(folder, documents, how, output) if folder else simulate(documents, how, output)
    first = results.pop(BASELINE)
    if not results:
        _only_baseline(baseline, first, level, output)
    comparison, whole = differences(first, results, level, names), {BASELINE: first, **results}
    ranks, reached = rankings(whole, names, level), chances(whole, level)
    every_pair = compare_pairs(whole, level, names) if pairs else ()
    if not as_json:
        show_comparison(comparison, output)
        show_pairs(every_pair, output)
        show_ranks(ranks, reached, output)
    if draft:
        from scenarios.checklist import checklist

        write_text(draft, checklist(baseline, [], first, level, alternatives, comparison).text())
        output.note(f"Checklist: {draft}")
    if page:
        from app.report.comparison import write_comparison_report

        documents = {name: alternatives[name] for name in results}
        write_comparison_report(page, (baseline, first), documents, results, comparison, ranks, reached)
        output.note(f"Report: {page}")
    output.document(
        {
            "scenario": scenario_data(baseline),
            "run": run_data(first, level),
            **result_data(first, level),
            "alternatives": {
                name: {"scenario": scenario_data(alternatives[name]), **result_data(result, level)}
                for name, result in results.items()
            },
            "comparison": {
                **comparison_data(comparison),
                "ranks": {one.metric: one.plain() for one in ranks},
                "targets": plain_chances(reached),
                **({"pairs": [comparison_data(one) for one in every_pair]} if pairs else {}),
            },
        }
    )
    if not first.complete or len(results) < len(alternatives) or not all(r.complete for r in results.values()):
        output.note(f"Stopped: this comparison rests on {comparison.n} of {replications} replications"
                    f" and {len(results)} of {len(alternatives)} alternatives.")  # fmt: skip
        raise typer.Exit(130)


BASELINE = "baseline"


def _only_baseline(document: Document, result: Result, confidence: float, output: Output) -> NoReturn:
    """Show what is finished after an interrupt that came before any alternative, and end."""
    if not output.as_json:
        show_result(result, confidence, False, output)
    data = {"scenario": scenario_data(document), "run": run_data(result, confidence), **result_data(result, confidence)}
    output.document({**data, "alternatives": {}, "comparison": None})
    output.note(
        f"Stopped before there was an alternative to compare: this is the baseline, {len(result.totals)} of "
        f"{result.asked} replications."
    )
    raise typer.Exit(130)


def alternatives_of(baseline: Document, chosen: list[str], together: bool, against: list[str]) -> dict[str, Document]:
    """Alternatives by name: each intervention alone or all together, and other scenarios.

    Raises
    ------
    ParameterError
        If there is none.
    """
    _ = baseline.scenario
    sets = [chosen] if together and chosen else [[name] for name in chosen]
    found = {" + ".join(names): with_interventions(baseline, names) for names in sets}
    for text in against:
        other = open_scenario(text)
        name = other.scenario.name
        found[name if name not in found and name != baseline.scenario.name else text] = other
    if BASELINE in found:
        raise ParameterError(Problem(f"an alternative cannot be called {BASELINE!r}", fix="Give it another name."))
    if not found:
        known = ", ".join(repr(name) for name in baseline.scenario.interventions) or "none in this scenario"
        raise ParameterError(
            Problem("nothing to compare with", allowed=f"--with one of: {known}; or --against another scenario")
        )
    return found


def checked_replications(replications: int) -> None:
    """Refuse too few replications for a comparison before any is run."""
    if replications < 2:
        what = "too few replications for a comparison"
        raise ParameterError(Problem(what, "--replications", allowed="2 or more", given=str(replications)))


def simulate(documents: dict[str, Document], how: tuple[int, int, str, int], output: Output) -> dict[str, Result]:
    """Results by name; after an interrupt, of those that had begun."""
    from scenarios.replications import replicate
    from sim.build import build

    replications, seed, engine, workers = how
    models = {name: build(document.scenario) for name, document in documents.items()}
    results: dict[str, Result] = {}
    for name, model in models.items():
        with Bar(name) as bar:
            result = replicate(
                model, replications, seed, checked_engine(engine), workers=workers, progress=bar.replications
            )
        if not results:
            stop_if_empty(result, output)
        if len(result.totals) > 1 or result.complete:
            results[name] = result
        if not result.complete:
            break
    return results


def simulate_into(
    path: Path, documents: dict[str, Document], how: tuple[int, int, str, int], output: Output
) -> dict[str, Result]:
    """Results by name, kept in a results folder; after an interrupt, of those that had begun."""
    from app.commands.running import executor_of
    from scenarios.folders import run_into
    from scenarios.store import Folder as Kept

    replications, seed, engine, workers = how
    for document in documents.values():
        _ = document.scenario
    for name in documents:
        progress.expect(name, replications)
    with executor_of(workers, None, True) as executor, Bar("") as bar:
        found = run_into(
            Kept.create(path), documents, (replications, seed, checked_engine(engine)), executor,
            lambda name, done, asked: bar.part(name, done, asked),
        )  # fmt: skip
    output.note(f"Results folder: {path}")
    first = next(iter(documents))
    stop_if_nothing(len(found[first].totals) if first in found else 0, output)
    return {
        name: result for name, result in found.items() if len(result.totals) > 1 or result.complete or name == first
    }


def show_comparison(comparison: Comparison, output: Output) -> None:
    """A table for each alternative and how the intervals were made."""
    from app.tables import comparison_table

    for name in comparison.alternatives:
        output.show(comparison_table(comparison, name))
    output.show(f"Method: {comparison.method}.")


def show_pairs(pairs: Sequence[Comparison], output: Output) -> None:
    """One table of all pairs."""
    from app.tables import pairs_table

    if pairs:
        output.show(pairs_table(pairs), f"Method: {pairs[0].method}.")


def show_ranks(ranks: Sequence[Ranking], chances: Sequence[Chance], output: Output) -> None:
    """Scenarios in the order of each metric, and the chance that each meets its targets."""
    from app.tables import chances_table, ranks_table

    if ranks:
        output.show(ranks_table(ranks), f"Method: {ranks[0].method}.")
    if chances:
        output.show(chances_table(chances))
