"""``queuewise attribute``: to which interventions a programme's effect is owed, and which set of them does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import Confidence, Json, Report, Scenario, Seed, Workers
from app.commands.running import Dask, Folder, SendBack, check_executor, executor_of, goes_on_later
from app.console import Bar, Output, prepare
from app.files import checked_page
from app.inputs import open_scenario, share, whole_number
from app.results import scenario_data

if TYPE_CHECKING:
    from scenarios.attribution.attribute import Attribution
    from scenarios.attribution.cheapest import Care, Cheapest
    from scenarios.attribution.effort import Effort
    from scenarios.attribution.game import Game
    from scenarios.attribution.programme import Programme

File = Annotated[
    Path | None,
    typer.Option("--interventions", metavar="FILE", help="Interventions in order of roll-out, targets, costs (YAML)."),
]
Metrics = Annotated[
    list[str] | None,
    typer.Option(
        "--metric", "-m", metavar="NAME", help="What else to attribute: asa, 'asa of billing' ...; repeatable."
    ),
]
Replications = Annotated[
    int,
    typer.Option("--replications", "-n", metavar="N", parser=whole_number("--replications"),
                 help="Replications, each with orders of its own."),
]  # fmt: skip
Budget = Annotated[
    int, typer.Option("--budget", metavar="RUNS", parser=whole_number("--budget"), help="Runs for the shares.")
]
Search = Annotated[
    int,
    typer.Option("--search", metavar="RUNS", parser=whole_number("--search"),
                 help="Runs of the search for the cheapest set; 0: no search."),
]  # fmt: skip
Screening = Annotated[
    int,
    typer.Option("--screening", metavar="N", parser=whole_number("--screening"),
                 help="Replications by which the search compares sets."),
]  # fmt: skip
Fresh = Annotated[
    int,
    typer.Option("--fresh", metavar="N", parser=whole_number("--fresh"),
                 help="Further replications that judge what the search found."),
]  # fmt: skip
Within = Annotated[
    str, typer.Option("--within", help="Which part of the programme's gain a set 'as good' may miss, such as 5%.")
]


def attribute(
    scenario: Scenario,
    interventions: File = None,
    metric: Metrics = None,
    folder: Folder = Path("attribution-results"),
    replications: Replications = 20,
    budget: Budget = 800,
    search: Search = 400,
    screening: Screening = 5,
    fresh: Fresh = 30,
    within: Within = "5%",
    seed: Seed = 1,
    workers: Workers = 1,
    dask: Dask = None,
    send_back: SendBack = False,
    confidence: Confidence = "95%",
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Share a programme's effect out among its interventions, and look for the cheapest set that meets the targets."""
    output, page, level = Output(as_json), checked_page(report), share("--confidence", confidence)
    check_executor(workers, dask, send_back)
    document = open_scenario(scenario)

    from scenarios.attribution.cheapest import Care
    from scenarios.attribution.effort import Effort
    from scenarios.attribution.programme import read_programme
    from scenarios.attribution.runs import Bench, Count, game_of
    from scenarios.estimate import checked_confidence
    from scenarios.store import Folder as Results

    checked_confidence(level)
    programme = read_programme(document, interventions, metric or [])
    effort = Effort.of(programme.precedence, budget, replications)
    care = Care(screening, fresh, search, share("--within", within)).checked()
    kept = Results.create(folder)
    prepare("kernel", output)
    expected = effort.runs + (2 * search + 3 * fresh if programme.targets and search else 0)
    with (
        goes_on_later(folder, output),
        executor_of(workers, dask, not send_back) as executor,
        Bar("attribution") as bar,
    ):
        game = game_of(programme, Bench(seed, kept, executor, Count(expected, bar.step)))
        found, best = _found(game, programme, (effort, care, seed, level))

    from app.attribution import sheets
    from app.tables import sheet_tables

    output.show(*sheet_tables(sheets(found, best)))
    if page:
        from app.report.attribution import write_attribution_report

        write_attribution_report(page, programme, found, best, seed)
        output.note(f"Report: {page}")
    output.document(_data(programme, found, best, seed))


def _found(
    game: Game, programme: Programme, how: tuple[Effort, Care, int, float]
) -> tuple[Attribution, Cheapest | None]:
    from scenarios.attribution.attribute import attribute as shared_out
    from scenarios.attribution.cheapest import cheapest, pricing_of
    from scenarios.attribution.programme import COST

    effort, care, seed, level = how
    found = shared_out(game, effort, seed, programme.outcomes.units, level)
    if not programme.targets or not care.budget:
        return found, None
    pricing = pricing_of(programme.costs, programme.precedence.names, programme.outcomes.names, COST)
    return found, cheapest(game, programme.targets, pricing, care, level)


def _data(programme: Programme, found: Attribution, best: Cheapest | None, seed: int) -> dict[str, Any]:
    return {
        "scenario": scenario_data(programme.document),
        "seed": seed,
        "interventions": list(programme.precedence.names),
        "always": list(programme.always),
        "attribution": found.plain(),
        "cheapest": best.plain() if best else None,
    }
