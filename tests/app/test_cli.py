"""Commands end to end: what they print, their JSON, their files, their exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from app import cli
from scenarios import library
from sim.metrics import METRICS

ROOT = Path(__file__).resolve().parents[2]
INSIDE = {**os.environ, "PYTHONPATH": str(ROOT)}
MODULE = [sys.executable, "-m", "app.cli"]
NAMES = {metric.name for metric in METRICS if not metric.part}


def metrics_are_as_documented(metrics):
    units = {metric.name: metric.unit for metric in METRICS}
    assert set(metrics) == NAMES
    for name, one in metrics.items():
        assert {"mean", "low", "high", "unit"} <= set(one)
        assert one["unit"] == units[name]
        if one["low"] is None:
            assert one["reason"]
        else:
            assert one["low"] <= one["mean"] <= one["high"]


def test_help_names_every_command():
    answer = subprocess.run([*MODULE, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for command in ("demo", "run", "compare", "staff", "calibrate", "app", "scenarios", "validate", "theory", "schema"):
        assert f" {command} " in answer.stdout


def test_help_loads_nothing_heavy():
    """How long it takes is measured by bench/first_use.py."""
    code = (
        "import sys, app.cli; app.cli.call(['run', '--help']);"
        "print(sorted({'numba', 'pandas', 'scipy', 'numpy', 'matplotlib', 'streamlit'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.rstrip().endswith("[]")


def test_typer_and_our_entry_agree(folder):
    answer = CliRunner().invoke(cli.app, ["validate", "good.yaml"])
    assert (answer.exit_code, answer.output) == (
        0,
        "good.yaml: fine. One desk: 1 stream, 1 group, 4 steps, 2 interventions.\n",
    )


def test_module_as_a_subprocess_ends_with_code_2_and_a_message(folder):
    answer = subprocess.run([*MODULE, "run", "nothing.yaml"], capture_output=True, text=True, check=False, env=INSIDE)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == "nothing.yaml: cannot be read: No such file or directory. Check the path.\n"


def test_validate_reports_each_file(queuewise, folder, good):
    (folder / "bad.yaml").write_text(good.replace("horizon", "horizont"))
    answer = queuewise("validate", "good.yaml", "bad.yaml", "--json")
    assert answer.code == 2
    first, second = answer.data["files"]
    assert (first["ok"], first["problems"]) == (True, [])
    assert (second["ok"], second["problems"][0]["line"]) == (False, 5)
    assert second["problems"][0]["text"] in answer.err


def test_run_says_the_same_as_text_and_as_json(queuewise):
    found = queuewise("run", "good.yaml", "-n", "4", "--json")
    assert found.code == 0
    data = found.data
    metrics_are_as_documented(data["metrics"])
    assert set(data["queues"]) == {"talk"}
    assert set(data["groups"]) == {"desk"}
    assert set(data["streams"]) == {"calls"}
    assert data["run"] | {"elapsed_s": 0, "versions": {}} == {
        "engine": "kernel", "seed": 1, "replications": 4, "asked": 4, "complete": True, "confidence": 0.95,
        "elapsed_s": 0, "versions": {},
    }  # fmt: skip
    shown = queuewise("run", "good.yaml", "-n", "4").out
    level = data["metrics"]["service_level"]
    row = next(line for line in shown.splitlines() if "Service level" in line)
    assert f"{100 * level['mean']:.1f} %" in row
    assert f"{100 * level['low']:.1f} to {100 * level['high']:.1f}" in row


def test_both_engines_give_the_same_numbers(queuewise):
    fast, readable = (
        queuewise("run", "good.yaml", "-n", "2", "--engine", e, "--json").data for e in ("kernel", "reference")
    )
    assert fast["metrics"] == readable["metrics"]
    assert (fast["run"]["engine"], readable["run"]["engine"]) == ("kernel", "reference")


def test_same_seed_same_numbers_another_seed_others(queuewise):
    one, same, other = (queuewise("run", "good.yaml", "-n", "2", "--seed", s, "--json").data for s in ("1", "1", "2"))
    assert one["metrics"] == same["metrics"] != other["metrics"]


def test_interventions_change_the_run(queuewise):
    plain = queuewise("run", "good.yaml", "-n", "3", "--json").data
    changed = queuewise("run", "good.yaml", "-n", "3", "--with", "one more", "--with", "shorter", "--json").data
    assert changed["scenario"]["interventions"] == ["one more", "shorter"]
    # a third person on an eight-hour shift, whatever happens on the telephone
    more = changed["metrics"]["staffed_hours"]["mean"] - plain["metrics"]["staffed_hours"]["mean"]
    assert more == pytest.approx(8, abs=0.4)
    assert changed["metrics"]["aht"]["mean"] < plain["metrics"]["aht"]["mean"]


def test_log_holds_every_row_and_its_manifest(queuewise, folder):
    assert queuewise("run", "good.yaml", "-n", "2", "--log", "rows", "--log-format", "csv").code == 0
    data = queuewise("run", "good.yaml", "-n", "2", "--log", "parts", "--json").data
    visits = pd.concat(pd.read_csv(file) for file in (folder / "rows").glob("visits-*.csv"))
    at_queue = visits[visits["queue"] == "talk"]
    assert len(at_queue) / 2 == data["metrics"]["offered"]["mean"]
    assert (at_queue["ending"] == "abandoned").sum() / 2 == data["metrics"]["abandoned"]["mean"]
    again = pd.concat(pd.read_parquet(file) for file in (folder / "parts").glob("visits-*.parquet"))
    assert len(again) == len(visits)
    manifest = json.loads((folder / "rows" / "manifest.json").read_text())
    assert manifest["run"]["replications"] == 2
    assert manifest["start_utc"] == "2026-03-01T23:00:00+00:00"  # midnight in Berlin, in winter


def test_compare_pairs_alternatives(queuewise):
    arguments = ("compare", "good.yaml", "--with", "one more", "--with", "shorter", "-n", "5")
    data = queuewise(*arguments, "--json").data
    assert set(data["alternatives"]) == set(data["comparison"]["differences"]) == {"one more", "shorter"}
    metrics_are_as_documented(data["metrics"])
    for name, found in data["alternatives"].items():
        metrics_are_as_documented(found["metrics"])
        one = data["comparison"]["differences"][name]["asa"]
        expected = found["metrics"]["asa"]["mean"] - data["metrics"]["asa"]["mean"]
        assert one["mean"] == pytest.approx(expected)
        assert one["family_low"] <= one["low"] <= one["mean"] <= one["high"] <= one["family_high"]
    shown = queuewise(*arguments).out
    assert "one more" in shown
    assert "Method: paired by replication under common random numbers, n = 5" in shown


def test_compare_together_and_against(queuewise, folder, good):
    (folder / "other.yaml").write_text(good.replace("name: One desk", "name: Busier").replace(": 30}", ": 40}"))
    arguments = [
        "--with",
        "one more",
        "--with",
        "shorter",
        "--together",
        "--against",
        "other.yaml",
        "--metric",
        "offered",
    ]
    data = queuewise("compare", "good.yaml", *arguments, "-n", "3", "--json").data
    assert set(data["alternatives"]) == {"one more + shorter", "Busier"}
    assert list(data["comparison"]["differences"]["Busier"]) == ["offered"]
    assert data["comparison"]["differences"]["Busier"]["offered"]["verdict"] in ("higher", "no difference shown")
    assert data["alternatives"]["Busier"]["metrics"]["cases"]["mean"] > data["metrics"]["cases"]["mean"]


def test_theory_prints_the_textbook(queuewise):
    # 10 erlangs on 14 people: C = 0.1741 (Erlang's table), and SL and ASA follow from it
    data = queuewise("theory", "erlang-c", "--calls", "120", "--aht", "5 min", "--agents", "14", "--json").data[
        "metrics"
    ]
    assert data["probability_of_waiting"]["mean"] == pytest.approx(0.1741, abs=5e-5)
    assert data["asa"]["mean"] == pytest.approx(data["probability_of_waiting"]["mean"] * 300 / 4)
    chosen = queuewise("theory", "erlang-c", "--calls", "120", "--aht", "5 min", "--json").data["metrics"]
    assert chosen["agents"]["mean"] == 14  # 13 reach 76 %
    assert "People" in queuewise("theory", "erlang-c", "--calls", "120", "--aht", "5 min").out


@pytest.mark.parametrize(
    ("arguments", "metric", "expected"),
    [
        # Erlang B by hand: 2 erlangs on 2 lines, (4/2) / (1 + 2 + 4/2)
        (["erlang-b", "--calls", "24", "--aht", "5 min", "--agents", "2"], "blocking_rate", 0.4),
        # M/M/1 at half load: the wait is as long as the service
        (["mg1", "--calls", "30", "--aht", "1 min"], "mean_wait", 60),
        (["mg1", "--calls", "30", "--aht", "1 min", "--cv", "0"], "mean_wait", 30),
        # two classes at a quarter load each on one server: 30 / 0.75, and that / 0.5
        (["priorities", "--calls", "15", "--calls", "15", "--aht", "1 min", "--agents", "1"], "mean_wait_class_1", 40),
        (["priorities", "--calls", "15", "--calls", "15", "--aht", "1 min", "--agents", "1"], "mean_wait_class_2", 80),
        # patience like service: as many servers as customers, busy with probability 1 - exp(-2/3)
        (
            ["erlang-a", "--calls", "40", "--aht", "1 min", "--patience", "1 min", "--agents", "1"],
            "occupancy",
            0.486583,
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_theory(queuewise, arguments, metric, expected):
    assert queuewise("theory", *arguments, "--json").data["metrics"][metric]["mean"] == pytest.approx(
        expected, abs=1e-5
    )


def test_staff_meets_its_target_and_schedules_for_shrinkage(queuewise, folder):
    arguments = ["--service-level", "80%", "--within", "20s", "--shrinkage", "24%", "--overall", "-n", "8"]
    answer = queuewise("staff", "good.yaml", *arguments, "--out", "staffed.yaml", "--json")
    assert answer.code == 0
    data = answer.data
    assert data["target"] == {"service_level": 0.8, "within_s": 20.0, "confidence": 0.95, "overall": True}
    for row in data["intervals"]:
        assert row["scheduled"] == -(-round(row["required"] / 0.76, 9) // 1)
    run = queuewise("run", "staffed.yaml", "-n", "30", "--seed", "9", "--json").data
    assert run["metrics"]["service_level"]["high"] >= 0.8
    shown = queuewise("staff", "good.yaml", *arguments).out
    assert "people required" in shown
    assert "shrinkage 24%" in shown


def test_scenarios_lists_the_library_and_prints_files(queuewise):
    data = queuewise("scenarios", "--json").data
    assert [one["name"] for one in data["scenarios"]] == library.names()
    assert all(one["about"] and len(one["interventions"]) >= 3 for one in data["scenarios"])
    assert "--with 'two more on the early shift'" in queuewise("scenarios", "help-desk").out
    assert queuewise("scenarios", "help-desk", "--text").out == library.path_of("help-desk").read_text(encoding="utf-8")


HEARS_INTERRUPTS = """\
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from app.cli import main
main()
"""
"""Background jobs of a shell are started deaf to interrupts; this one hears them wherever the test runs."""


def interrupted(work):
    """What a process says when it is interrupted."""
    work.send_signal(signal.SIGINT)
    try:
        return work.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        work.kill()
        raise


def test_interrupt_keeps_what_is_finished(folder):
    """Ctrl-C: the finished replications are shown, their number is said, the exit code is 130."""
    work = ["run", "good.yaml", "--engine", "reference", "-n", "100000", "--json"]
    command = [sys.executable, "-c", HEARS_INTERRUPTS, *work]
    for patience_s in (6, 20, 60):  # until at least one replication is finished, on a busy machine too
        work = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=INSIDE)
        time.sleep(patience_s)
        out, err = interrupted(work)
        if '"run"' in out:
            break
    assert work.returncode == 130, err
    run = json.loads(out)["run"]
    assert 0 < run["replications"] < run["asked"] == 100000
    assert run["complete"] is False
    assert f"rest on {run['replications']} of 100000 replications" in err
    assert "Traceback" not in err


def test_interrupted_comparison_shows_the_baseline(queuewise, monkeypatch):
    from scenarios import replications

    replicate = replications.replicate

    def interrupted(*arguments, **options):
        return replicate(*arguments, **options, stop=iter([False] * 100 + [True] * 10_000).__next__)

    monkeypatch.setattr(replications, "replicate", interrupted)
    arguments = ("compare", "good.yaml", "--with", "one more", "-n", "500", "--engine", "reference")
    answer = queuewise(*arguments, "--json")
    assert answer.code == 130
    assert 0 < answer.data["run"]["replications"] < 500
    assert answer.data["alternatives"] == {}
    assert "Stopped before there was an alternative" in answer.err
    assert "Service level" in queuewise(*arguments).out


def test_broken_pipe_is_quiet(folder):
    command = f"{sys.executable} -m app.cli scenarios --json | head -c 1"
    answer = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env=INSIDE,
    )
    assert "Traceback" not in answer.stderr
