"""``queuewise sweep`` and ``queuewise results`` as a user calls them."""

from __future__ import annotations

import json

import jsonschema
import pandas as pd
import pytest

from app.reference_pages import sweep_schema
from scenarios import library
from scenarios.store import text_of
from sim.schema import load
from tests.scenarios.tiny import tiny

PLAN = """\
sweep: 1
scenario: tiny.yaml
replications: 4
paths:
  people.desk.agents: [2, 3]
  demand.calls.per hour: {from: 10, to: 20}
best: {metric: asa, of: talk, where: {occupancy: {at most: 0.9}}}
"""


@pytest.fixture
def plan(folder, tmp_path):
    (tmp_path / "tiny.yaml").write_text(text_of(tiny().data))
    (tmp_path / "plan.yaml").write_text(PLAN)
    return "plan.yaml"


def test_sweep_and_results(queuewise, plan, tmp_path):
    answer = queuewise("sweep", plan, "--folder", "out", "--csv", "table.csv", "--report", "page.html", "--json")
    assert answer.code == 0
    data = answer.data
    assert data["complete"]
    assert len(data["combinations"]) == 4
    means = {name: one["metrics"]["asa of talk"]["mean"] for name, one in data["combinations"].items()}
    assert data["ranked"] == sorted(means, key=means.get)
    assert [one["factor"] for one in data["effects"]["asa of talk"]] == ["people.desk.agents", "demand.calls.per hour"]
    table = pd.read_csv(tmp_path / "table.csv", dtype={"combination": str}).set_index("combination")
    assert table["asa of talk"].to_dict() == pytest.approx(means)
    page = (tmp_path / "page.html").read_text()
    for words in ("4 of 4 combinations", "Main effects", "people.<wbr>desk.<wbr>agents", "<svg", "Definitions"):
        assert words in page
    assert "Best: lowest average speed of answer (ASA) of talk, with occupancy at most 90.0 %. Limits" in page

    listed = queuewise("results", "out", "--metric", "asa", "--owners", "--json").data
    assert [one["values"] for one in listed["scenarios"]][:1] == [
        {"people.desk.agents": 2, "demand.calls.per hour": 10}
    ]
    found = {
        one["name"]: row["mean"] for one in listed["scenarios"] for row in one["metrics"] if row["owner"] == "talk"
    }
    assert found == pytest.approx(means)


def test_exports(queuewise, plan, tmp_path):
    queuewise("sweep", plan, "--folder", "out")
    chosen = ("--where", "people.desk.agents = 3", "--metric", "asa", "--metric", "cases")
    queuewise("results", "out", *chosen, "--csv", "a.csv", "--xlsx", "a.xlsx", "--parquet", "a.parquet")
    tables = [pd.read_csv(tmp_path / "a.csv"), pd.read_excel(tmp_path / "a.xlsx", engine="calamine"),
              pd.read_parquet(tmp_path / "a.parquet")]  # fmt: skip
    for table in tables:
        assert list(table["metric"]) == ["asa", "cases"] * 2
        assert list(table["mean"]) == pytest.approx(list(tables[0]["mean"]))
    queuewise("results", "out", *chosen, "--by-replication", "--parquet", "rows.parquet")
    rows = pd.read_parquet(tmp_path / "rows.parquet")
    sums = rows[rows["metric"] == "asa"].groupby("name")[["numerator", "denominator"]].sum()
    assert list(sums["numerator"] / sums["denominator"]) == pytest.approx(list(tables[0]["mean"][::2]))


def test_design_runs_nothing(queuewise, plan, tmp_path):
    answer = queuewise("sweep", plan, "--design", "--json")
    assert list(answer.data["combinations"]) == ["1", "2", "3", "4"]
    assert not (tmp_path / "plan-results").exists()


def test_a_combination_that_cannot_run_is_named_and_the_others_run(queuewise, plan, tmp_path):
    text = "sweep: 1\nscenario: tiny.yaml\nreplications: 2\npaths: {warm-up: [1 h, 3 h], horizon: [4 h, 2 h]}\n"
    (tmp_path / "plan.yaml").write_text(text)
    answer = queuewise("sweep", plan)
    assert answer.code == 0
    assert "3 of 4 combinations finished" in answer.out
    assert "Combination 4 cannot run" in answer.out
    assert "the warm-up leaves nothing to measure" in " ".join(answer.out.split())


WRONG = {
    ("sweep", "none.yaml"): "cannot be read",
    ("sweep", "tiny.yaml"): "not the plan of a sweep",
    ("sweep", "."): "a folder, where the plan of a sweep is needed",
    ("sweep", "plan.yaml", "--folder", "."): "not a results folder",
    ("sweep", "plan.yaml", "--send-back"): "only workers of a cluster send results back",
    ("sweep", "plan.yaml", "--workers", "0"): "no workers",
    ("sweep", "plan.yaml", "--confidence", "100%"): "not a confidence",
    ("sweep", "plan.yaml", "--dask", "tcp://127.0.0.1:9"): "no Dask scheduler answers",
    ("results", "nowhere"): "not a results folder",
    ("results", "."): "not a results folder",
}  # fmt: skip


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_what_is_wrong_is_one_line(queuewise, plan, arguments):
    answer = queuewise(*arguments)
    assert answer.code == 2
    assert WRONG[arguments] in answer.err
    assert len(answer.err.strip().splitlines()) == 1


@pytest.mark.parametrize("name", library.plan_names())
def test_schema_accepts_the_plans_of_the_library(name):
    jsonschema.validate(load(library.plan_path(name)).data, sweep_schema())


def test_schema_is_printed(queuewise):
    assert json.loads(queuewise("schema", "--sweep").out)["properties"]["sweep"]["const"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--dask", "tcp://10.0.0.7:8786", "--workers", "3"), "--workers: a cluster has the workers that it has"),
        (("--send-back",), "--send-back: only workers of a cluster send results back"),
        (("--design", "--csv", "table.csv"), "--csv and --report: --design runs nothing to write"),
    ],
)
def test_options_that_would_be_ignored_are_refused(queuewise, plan, arguments, said, tmp_path):
    answer = queuewise("sweep", plan, *arguments)
    assert answer.code == 2
    assert said in answer.err
    assert not (tmp_path / "plan-results").exists()


def test_selecting_nothing_and_other_endings_are_said(queuewise, plan):
    queuewise("sweep", plan, "--folder", "out")
    assert (
        "Nothing in the folder is of that name or has such a value."
        in queuewise("results", "out", "--scenario", "nope").out
    )
    answer = queuewise("results", "out", "--xlsx", "table.csv")
    assert answer.code == 2
    assert "a name that ends in .xlsx" in answer.err
