"""A sweep that is killed, workers too, loses nothing finished, runs nothing twice, and ends as if undisturbed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from scenarios.store import Folder, text_of
from scenarios.sweeps.plan import read_plan
from scenarios.sweeps.running import run_sweep
from tests.scenarios.tiny import numbers, tiny

PLAN = """\
sweep: 1
scenario: tiny.yaml
replications: 10
paths:
  people.desk.agents: [2, 3]
  demand.calls.per hour: {{from: 10.0, to: 30.0, steps: {steps}}}
"""

# Background jobs of a shell are started deaf to interrupts; this one hears them wherever the test runs.
PROGRAM = """\
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from app.cli import main
main()
"""


@pytest.fixture
def plan(tmp_path):
    def write(steps):
        (tmp_path / "tiny.yaml").write_text(text_of(tiny(horizon="10 days").data))
        (tmp_path / "plan.yaml").write_text(PLAN.format(steps=steps))

    return write


def start(folder, out):
    """A sweep in a session of its own, so that its workers can be found."""
    arguments = ["sweep", str(folder / "plan.yaml"), "--folder", str(folder / out), "--workers", "2"]
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    return out


def finished(folder):
    """Finished blocks with what tells whether a file was written anew."""
    return {file.name: (file.stat().st_ino, file.stat().st_mtime_ns) for file in (folder / "results").glob("*.parquet")}


def kill_after(process, folder, before, more, moments):
    """Kill at a random moment after so many more blocks; the main process alone, or its workers with it."""
    while len(finished(folder)) < before + more and process.poll() is None:
        time.sleep(0.01)
    time.sleep(moments.uniform(0, 0.1))
    (os.killpg if moments.random() < 0.5 else os.kill)(process.pid, signal.SIGKILL)
    process.communicate()
    wait_for_workers(process.pid)


def wait_for_workers(session):
    """Workers end with the process that started them."""
    for _ in range(600):
        if not any(sid == session for sid in sessions()):
            return
        time.sleep(0.05)
    raise AssertionError("workers outlive the process that started them")


def sessions():
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as line:
                    state, _, _, session = line.read().rpartition(")")[2].split()[:4]
            except OSError:
                continue
            if state != "Z":
                yield int(session)


def check(tmp_path, times, each):
    moments = random.Random(5)
    folder = tmp_path / "killed"
    before = {}
    for _ in range(times):
        process = start(tmp_path, "killed")
        kill_after(process, folder, len(before), each, moments)
        now = finished(folder)
        assert {name: now.get(name) for name in before} == before  # nothing lost, nothing run again
        assert len(now) > len(before)
        before = now
    finish(start(tmp_path, "killed"))
    undisturbed = Folder.create(tmp_path / "undisturbed")
    run_sweep(read_plan(tmp_path / "plan.yaml"), undisturbed)
    pd.testing.assert_frame_equal(numbers(folder), numbers(tmp_path / "undisturbed"))
    for part in ("results", "scenarios"):
        mine, other = (
            {file.name: file.read_bytes() for file in (tmp_path / out / part).iterdir() if file.suffix == ".parquet"}
            for out in ("killed", "undisturbed")
        )
        assert mine == other
    assert list(folder.rglob("*.part")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks for workers in /proc")
def test_killed_and_gone_on_with(tmp_path, plan):
    plan(steps=12)
    check(tmp_path, times=1, each=3)


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="looks for workers in /proc")
def test_killed_at_ten_moments(tmp_path, plan):
    plan(steps=61)
    check(tmp_path, times=10, each=6)


@pytest.mark.skipif(sys.platform != "linux", reason="interrupts a group of processes")
def test_an_interrupt_keeps_what_is_finished(tmp_path, plan):
    plan(steps=12)
    process = start(tmp_path, "out")
    while len(finished(tmp_path / "out")) < 3 and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "The same command goes on from there." in err
    assert "Traceback" not in err
    assert "combinations finished" in out
