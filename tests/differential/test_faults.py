"""The comparison of engines notices planted faults, in either engine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.reference import Reference
from tests.differential.engines import kernel_log, reference_log
from tests.differential.faults import FAULTS
from tests.differential.generator import random_model

SCENARIOS = 120
"""As many as every run of the differential test compares; most faults show in the first few."""
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def compiled_logs():
    return [(model, kernel_log(model)) for model in map(random_model, range(SCENARIOS))]


def noticed(compiled_logs, make):
    """Whether a scenario tells the engines apart, by its rows or because an engine fails."""
    return any(differs(model, log, make) for model, log in compiled_logs)


def differs(model, log, make):
    try:
        return not log.same_as(reference_log(model, make))
    except (AssertionError, KeyError, IndexError):
        return True


def test_the_engine_without_a_fault_passes(compiled_logs):
    assert not noticed(compiled_logs[:20], Reference)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_in_the_readable_engine_is_noticed(compiled_logs, fault):
    assert noticed(compiled_logs, fault)


KERNEL_FAULTS = {
    "who waited less goes first": ("lines.py", "return one.rank < other.rank", "return one.rank > other.rank"),
    "who is taken takes the next one along": (
        "lines.py",
        "    following = head(",
        "    if has_head(state, number):\n        _drop_head(state, number, _front(state, number))\n"
        "    following = head(",
    ),
    "the worst priority goes first": (
        "bounds.py", "np.arange(priorities[-1] + 1)).clip(", "np.arange(priorities[-1], -1, -1)).clip("),
    "who was to leave stays": (
        "service.py",
        "if seldom((person.leaving | team.debt) != 0) and person.contacts == 0:",
        "if seldom(person.leaving != 0) and person.contacts == 0:",
    ),
    "who became free last takes the case": (
        "service.py",
        "agent = state.teams[nth(group)].idle_first",
        "agent = state.teams[nth(group)].idle_last",
    ),
    "customers mind what is in time": (
        "ends.py", "if seldom(case.deadline < case.ended):", "if seldom(case.deadline > case.ended):"),
    "several contacts cost nothing": (
        "contacts.py", "max(0, contact.work - done_us(now - contact.counted, shared_rate(contact.rate, held,",
        "max(0, contact.work - done_us(now - contact.counted, shared_rate(contact.rate, 1,"),
}  # fmt: skip


@pytest.mark.parametrize("fault", KERNEL_FAULTS)
def test_a_fault_of_the_compiled_engine_can_be_planted(fault):
    file, right, wrong = KERNEL_FAULTS[fault]
    assert (ROOT / "sim" / "kernel" / file).read_text(encoding="utf-8").count(right) == 1
    assert right != wrong


@pytest.mark.long
@pytest.mark.parametrize("fault", KERNEL_FAULTS)
def test_a_fault_in_the_compiled_engine_is_noticed(tmp_path, fault):
    """The kernel is compiled anew from patched sources, which takes half a minute."""
    file, right, wrong = KERNEL_FAULTS[fault]
    for room in ("sim", "tests"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    source = tmp_path / "sim" / "kernel" / file
    source.write_text(source.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    environment = {**os.environ, "QUEUEWISE_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(tmp_path)}
    environment.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run(
        [sys.executable, "-m", "tests.differential", str(SCENARIOS)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith(f"{SCENARIOS} random scenarios on both engines")
    assert " part in row " in done.stdout
