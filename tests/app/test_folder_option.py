"""``--folder`` of run and compare, and the file of ``QUEUEWISE_PROGRESS``."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.progress import VARIABLE, Progress
from scenarios.store import Folder

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ("--engine", "reference")


def numbers(data):
    return data["metrics"], data["findings"]


def finished(folder):
    return sorted(map(len, Folder.open(folder).results.finished.values()))


def test_a_run_is_the_same_with_and_without_a_folder(queuewise, folder):
    plain = queuewise("run", "good.yaml", "-n", "4", *ENGINE, "--json").data
    kept = queuewise("run", "good.yaml", "-n", "4", *ENGINE, "--folder", "kept", "--json").data
    again = queuewise("run", "good.yaml", "-n", "4", *ENGINE, "--folder", "kept", "--json").data
    assert numbers(kept) == numbers(plain) == numbers(again)
    assert finished("kept") == [4]


def test_a_comparison_is_the_same_and_only_what_is_missing_is_run(queuewise, folder, monkeypatch):
    text = (folder / "good.yaml").read_text().replace("name: ", "name: other ", 1)
    other = text.replace("agents: 3}", "agents: 4}", 1)
    assert other != text
    (folder / "other.yaml").write_text(other)
    arguments = ("compare", "good.yaml", "--against", "other.yaml", *ENGINE, "--json")
    plain = queuewise(*arguments, "-n", "4").data
    assert queuewise(*arguments, "-n", "3", "--folder", "kept").code == 0
    kept = queuewise(*arguments, "-n", "4", "--folder", "kept").data
    assert kept["comparison"] == plain["comparison"]
    monkeypatch.setattr("scenarios.experiments.chunks", None)  # whoever runs anything now fails
    assert queuewise(*arguments, "-n", "4", "--folder", "kept").data["comparison"] == plain["comparison"]


@pytest.mark.parametrize("more", [("--precision", "asa 10 %"), ("--phases",)])
def test_what_a_folder_cannot_keep_is_refused(queuewise, more):
    answer = queuewise("run", "good.yaml", "--folder", "kept", *more)
    assert answer.code == 2
    assert "a results folder keeps a given number of replications" in answer.err


def test_progress_says_how_a_command_ended(queuewise, folder, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(folder / "progress.json"))
    queuewise("run", "good.yaml", "-n", "3", *ENGINE, "--folder", "kept")
    said = Progress.read(folder / "progress.json")
    assert (said.state, said.done, said.asked, said.left_s, said.pid) == ("done", 3, 3, None, os.getpid())
    queuewise("run", "none.yaml")
    said = Progress.read(folder / "progress.json")
    assert said.state == "failed"
    assert "none.yaml" in said.error
    assert [path.name for path in folder.glob(".*")] == []


def test_an_interrupt_keeps_what_is_finished_even_where_interrupts_were_ignored(folder):
    """A command in the background of a shell script is started with interrupts ignored."""
    file = folder / "progress.json"
    command = [
        sys.executable,
        "-m",
        "app.cli",
        "run",
        "good.yaml",
        "-n",
        "50000",
        *ENGINE,
        "--folder",
        "kept",
        "--json",
    ]
    process = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT), VARIABLE: str(file)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    end = time.monotonic() + 60
    while not ((said := Progress.read(file)) and said.done) and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert Progress.read(file).state == "stopped"
    assert finished("kept") == [json.loads(out)["run"]["replications"]]
    assert json.loads(out)["run"]["asked"] == 50_000
