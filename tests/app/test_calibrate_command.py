"""``queuewise calibrate`` and ``queuewise demo`` end to end, on the sample history."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
from types import SimpleNamespace

import pytest
from ruamel.yaml import YAML
from test_reports import page

from app.cli import call
from scenarios.library import SAMPLE

MAPPED = ["calibrate", str(SAMPLE / "history.csv.gz"), "--mapping", str(SAMPLE / "mapping.yaml")]


def test_guessed_mapping_can_be_saved_corrected_and_used(queuewise, folder):
    answer = queuewise(*MAPPED[:2], "--guess-only")
    assert answer.code == 0
    guessed = YAML(typ="safe").load(answer.out)
    columns = guessed["columns"]
    assert (columns["arrived"], columns["started"], columns["ended"], columns["agent"]) == (
        "arrived", "answered", "ended", "agent",
    )  # fmt: skip
    assert guessed["outcomes"]["answered"] == ["answered"]
    assert queuewise(*MAPPED[:2], "--guess-only", "--json").data["mapping"]["columns"] == columns


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder in which the sample was calibrated, once, and what the command said."""
    folder, out, err = tmp_path_factory.mktemp("made"), io.StringIO(), io.StringIO()
    files = ["--out", str(folder / "new.yaml"), "--evidence", str(folder / "new.html")]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = call([*MAPPED, *files, "--json"])
    return folder, SimpleNamespace(code=code, data=json.loads(out.getvalue()), err=err.getvalue())


def test_calibration_recovers_what_made_the_sample(made, queuewise):
    folder, calibrated = made
    assert calibrated.code == 0
    known = YAML(typ="safe").load(SAMPLE / "known.yaml")
    found = YAML(typ="safe").load(folder / "new.yaml")
    assert calibrated.err == f"Scenario: {folder / 'new.yaml'}\nEvidence: {folder / 'new.html'}\n"
    for name, stream in known["demand"].items():
        # four weeks of thousands of calls, days with a spread of 10 to 15 %: a tenth either way is many standard errors
        assert found["demand"][name]["per week"] == pytest.approx(stream["per week"], rel=0.1)
    assert set(found["process"]) == set(known["process"])
    evidence = calibrated.data["evidence"]
    assert {section["key"] for section in evidence["sections"]} >= {
        "data",
        "people",
        "arrivals orders",
        "patience repairs",
    }
    assert queuewise("validate", str(folder / "new.yaml")).code == 0
    assert queuewise("run", str(folder / "new.yaml"), "-n", "2").code == 0


def test_evidence_page_shows_every_number_and_plot(made):
    folder, calibrated = made
    found, text = page(folder / "new.html")
    sections = calibrated.data["evidence"]["sections"]
    assert found.plots == sum(len(section["plots"]) for section in sections)
    for section in sections:
        assert section["title"] in found.texts
        for row in section["rows"]:
            assert row["name"] in found.texts
    assert "call_id" in text  # the mapping


def test_files_that_exist_stay_unless_forced(queuewise, folder):
    before = (folder / "good.yaml").read_bytes()
    answer = queuewise(*MAPPED, "--out", "good.yaml")
    assert (answer.code, (folder / "good.yaml").read_bytes()) == (2, before)
    answer = queuewise(*MAPPED, "--out", "good.yaml", "--to", "2026-01-25", "--force")
    assert answer.code == 0
    assert "# Calibrated from history.csv.gz, 12 January 2026 to 25 January 2026" in (folder / "good.yaml").read_text()
    assert "rows kept" in answer.out


def test_hindcast_compares_days_that_were_kept_back(queuewise, folder):
    arguments = ["--hindcast", "2026-02-02", "2026-02-07", "-n", "4", "--evidence", "new.html"]
    answer = queuewise(*MAPPED, *arguments, "--json")
    assert answer.code == 0
    table = answer.data["hindcast"]["verdicts"]
    recorded = {row[0]: row[table["columns"].index("recorded")] for row in table["rows"]}
    with gzip.open(SAMPLE / "history.csv.gz", "rt", encoding="utf-8") as lines:
        header = next(lines).strip().split(",")
        days = [line.split(",")[header.index("arrived")][:10] for line in lines]
    offered = sum("2026-02-02" <= day <= "2026-02-07" for day in days) / 6
    assert next(value for name, value in recorded.items() if "offered" in name) == pytest.approx(offered, abs=0.2)
    assert "Hindcast" in page(folder / "new.html")[0].texts


def test_demo_goes_all_the_way(queuewise, folder):
    answer = queuewise("demo", "--out", "shown", "-n", "6")
    assert answer.code == 0
    assert answer.out.rstrip().endswith("Report: shown/report.html")
    assert "pp (" in answer.out  # differences with intervals
    files = sorted(path.name for path in (folder / "shown").iterdir())
    assert files == ["evidence.html", "report.html", "scenario.yaml"]
    for name in ("report", "evidence"):
        assert page(folder / "shown" / f"{name}.html")[0].plots > 3
    arguments = ("--with", "one more person all day", "--with", "invoices on a web page", "-n", "6", "--json")
    differences = queuewise("compare", "shown/scenario.yaml", *arguments).data["comparison"]["differences"]
    assert differences["one more person all day"]["service_level"]["verdict"] == "better"
    assert differences["invoices on a web page"]["abandonment_rate"]["mean"] < 0
