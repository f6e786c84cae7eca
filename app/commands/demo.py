"""``queuewise demo``: from a history to a decision, with nothing from outside."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.calibrate import show_calibration
from app.commands.compare import BASELINE, alternatives_of, show_comparison, simulate
from app.commands.options import Json, Replications, Seed
from app.console import Bar, Output, prepare
from app.files import write_text
from app.results import COMPARED, comparison_data, result_data, run_data, scenario_data
from sim.errors import ParameterError, Problem

if TYPE_CHECKING:
    from calibration import Calibration
    from scenarios.comparison import Comparison
    from scenarios.replications import Result
    from sim.schema import Document

Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the scenario and the pages, written anew.")]

STAFFING = "one more person all day"
PROCESS = "invoices on a web page"


def demo(
    out: Out = Path("queuewise-demo"), replications: Replications = 20, seed: Seed = 1, as_json: Json = False
) -> None:
    """Calibrate the sample history (synthetic), simulate it and two alternatives, and write a report."""
    output = Output(as_json)
    _checked(out)

    output.note("1. Calibrating the sample history: four weeks of calls of an invented service desk.")
    found = _calibrated(output)
    if not as_json:
        show_calibration(found, None, output)

    output.note("2. Simulating the week after it, as it is and with one change of staffing and one of the process.")
    baseline = _with_interventions(found.document)
    alternatives = alternatives_of(baseline, [STAFFING, PROCESS], False, [])
    results = simulate({BASELINE: baseline, **alternatives}, (replications, seed, "kernel", 1), output)
    first = results.pop(BASELINE)
    if not results:
        output.note("Stopped before there was an alternative to compare: nothing was written.")
        raise typer.Exit(130)

    from scenarios.comparison import compare

    comparison = compare(first, results, metrics=COMPARED)
    if not as_json:
        from app.commands.run import show_result

        show_result(first, 0.95, False, output)
        show_comparison(comparison, output)

    files = _write(out, (found, baseline, first), {name: alternatives[name] for name in results}, results, comparison)
    output.document(
        {
            "scenario": scenario_data(baseline),
            "run": run_data(first, 0.95),
            **result_data(first, 0.95),
            "alternatives": {name: result_data(result, 0.95) for name, result in results.items()},
            "comparison": comparison_data(comparison),
            "files": {name: str(path) for name, path in files.items()},
        }
    )
    for name, path in files.items():
        output.show(f"{name.capitalize()}: {path}")
    if not all(result.complete for result in (first, *results.values())) or len(results) < len(alternatives):
        output.note(f"Stopped: this comparison rests on {comparison.n} of {replications} replications.")
        raise typer.Exit(130)


def _checked(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise ParameterError(Problem("exists already and is no folder", file=str(out), fix="Choose another --out."))
    if not out.absolute().parent.is_dir():
        raise ParameterError(Problem("no such folder", file=str(out.absolute().parent), fix="Create it first."))


def _calibrated(output: Output) -> Calibration:
    from calibration import calibrate, load_mapping
    from scenarios.library import SAMPLE

    prepare("kernel", output)
    with Bar("calibrating") as bar:
        return calibrate(SAMPLE / "history.csv.gz", load_mapping(SAMPLE / "mapping.yaml"), progress=bar.step)


def _with_interventions(document: Document) -> Document:
    """The calibrated scenario with two changes to choose from."""
    data = copy.deepcopy(document.data)
    group = next(iter(data["people"]))
    changes: dict[str, Any] = {
        STAFFING: {"why": "on every day, from opening to closing", "add": {f"people.{group}.agents": 1}},
        PROCESS: {
            "why": "assumed: four in ten who ask about an invoice find the answer there and do not call",
            "set": {"process.invoices": {"page": {"branch": {"done": "40 %", "answer": "otherwise"}}}
                    | data["process"]["invoices"]},
        },
    }  # fmt: skip
    sources = data.pop("sources", {})
    return document.with_data({**data, "interventions": changes, "sources": sources})


def _write(
    out: Path,
    baseline: tuple[Calibration, Document, Result],
    alternatives: dict[str, Document],
    results: dict[str, Result],
    comparison: Comparison,
) -> dict[str, Path]:
    from app.report.comparison import write_comparison_report
    from app.report.evidence import write_evidence
    from calibration.write import scenario_text

    found, document, first = baseline
    out.mkdir(exist_ok=True)
    files = {"scenario": out / "scenario.yaml", "evidence": out / "evidence.html", "report": out / "report.html"}
    write_text(files["scenario"], scenario_text(document, found.evidence))
    write_evidence(files["evidence"], found, None)
    write_comparison_report(files["report"], (document, first), alternatives, results, comparison)
    return files
