"""The benchmarks: each can be called, ends in its line of JSON, and notices a contender that found something else."""

from __future__ import annotations

import importlib
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench import whitt, year
from bench._side_by_side import Estimate, Turn, ratio, speed, verdicts
from bench.profile import readable

BENCH = Path(__file__).resolve().parents[2] / "bench"
PAGE = BENCH.parent / "docs" / "speed.md"
PROGRAMS = re.findall(r"^\| `\./scripts/bench (\w+)`", PAGE.read_text(encoding="utf-8"), flags=re.M)
"""Those of the page's table."""


def answer(program, *arguments):
    """The JSON with which a benchmark ends, called in a process of its own: Cimba must come before compiled code."""
    command = [sys.executable, "-m", f"bench.{program}", *arguments, "--json"]
    done = subprocess.run(command, cwd=BENCH.parent, check=True, capture_output=True, text=True)
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_explains_itself(program, capsys):
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"bench.{program}").main(["--help"])
    assert ended.value.code == 0
    assert f"./scripts/bench {program}" in capsys.readouterr().out


def test_mm10_ends_in_one_line_of_speeds():
    found = answer("mm10", "--customers", "1000", "--repeats", "2")
    assert list(found) == ["kernel", "reference", "simpy", "ciw", "cimba"]
    assert all(isinstance(value, int) and value > 0 for value in found.values())


@pytest.mark.long
@pytest.mark.parametrize(
    ("program", "arguments", "keys"),
    [
        ("multiskill", ["--customers", "2000", "--repeats", "3"], {"kernel", "reference", "simpy", "cimba"}),
        ("flagship", ["--weeks", "2", "--reference-weeks", "0", "--repeats", "2"], {"ns_per_event", "ratio"}),
        ("whitt", ["--arrivals", "300000", "--runs", "6"], {"cells", "in", "out", "minutes"}),
    ],
)
def test_others_end_in_a_line_too(program, arguments, keys):
    assert set(answer(program, *arguments)) >= keys


@pytest.mark.long
def test_year_has_a_row_for_each_size_and_a_picture(tmp_path):
    picture = tmp_path / "cost.png"
    sizes = ["20000", "40000"]
    rows = answer("year", "--rounds", "1", "--contacts", *sizes, "--plot", str(picture))
    assert [round(row["contacts"], -4) for row in rows] == [pytest.approx(float(size), rel=0.5) for size in sizes]
    assert all(
        row["times_first"] == pytest.approx(row["us_per_contact"] / row["us_per_contact_first"], rel=1e-3)
        for row in rows
    )
    assert picture.read_bytes().startswith(b"\x89PNG")


def turns(*values, cpu_s=2.0, customers=10):
    return [Turn(customers, cpu_s, 4.0, {"wait": value}) for value in values]


def test_cost_of_a_size_is_compared_with_the_first_one_beside_it():
    """Rounds of a machine at speeds 1, 2 and 4: 3/2, 6/5 and 8/8; the median is 6/5."""
    costs, beside, peaks = (3.0, 6.0, 8.0), (2.0, 5.0, 8.0), (10.0, 30.0, 20.0)
    rounds = [
        [{"us_per_contact": cost, "us_per_contact_first": first, "peak_mb": peak}]
        for cost, first, peak in zip(costs, beside, peaks, strict=True)
    ]
    assert year.summary(rounds) == [
        {"us_per_contact": 6.0, "us_per_contact_first": 5.0, "peak_mb": 30.0, "times_first": 1.2}
    ]


def test_pauses_do_not_count(monkeypatch):
    """A run of three lots of rows, a second each, with a replication of ten seconds and two cases beside each."""
    now = [0.0]

    def counted(model, sink, pause=None):
        def three_lots():
            for _ in range(3):
                now[0] += 1
                pause()
            return 30, {"cases": 6}

        def ten_seconds():
            now[0] += 10
            return 4, {"cases": 2}

        return lambda seed: three_lots if pause else ten_seconds

    for clock in ("process_time", "perf_counter"):
        monkeypatch.setattr(year.time, clock, lambda: now[0])
    monkeypatch.setattr(year, "counted", counted)
    beside = year.Beside(None)
    turn = year.paused(None, 1, beside)
    assert (turn.cpu_s, turn.wall_s, turn.figures["cases"]) == (3, 3, 6)
    assert (len(beside.turns), year.cost_us(beside.turns), year.cost_us([turn])) == (3, 5e6, 0.5e6)


def test_speed_is_by_cpu_time_and_ratios_are_taken_turn_by_turn():
    quick = [Turn(100, 1.0, 9.0, {}), Turn(100, 2.0, 9.0, {}), Turn(100, 4.0, 9.0, {})]
    slow = [Turn(10, 1.0, 1.0, {}), Turn(10, 4.0, 1.0, {}), Turn(10, 8.0, 1.0, {})]
    assert speed(quick) == 50
    found = ratio(quick, slow)
    assert (found.median, found.least, found.greatest) == (20, 10, 20)


def test_estimate_by_hand():
    # Mean 2, standard deviation 1, three turns: t(2) of 95 % is 4.302653.
    found = Estimate.of(np.array([1.0, 2.0, 3.0]), 0.95)
    assert found.mean == 2
    assert found.half_width == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)


def test_a_contender_that_found_something_else_is_noticed():
    truth = {"wait": Estimate(4.0, 0.0)}
    found = {"right": turns(3.9, 4.0, 4.1), "wrong": turns(5.0, 5.001, 5.002)}
    assert [agrees for agrees, _ in verdicts(found, truth)] == [True, True, False]


def test_whitts_exact_rows_are_as_printed_and_a_wrong_figure_is_out():
    for row in whitt.ROWS[:2]:
        for value, text in zip(whitt.exact(row), row.printed, strict=True):
            assert abs(value - float(text)) <= 0.5001 * 10.0 ** -len(text.partition(".")[2])
    found = np.tile(whitt.exact(whitt.ROWS[0]), (10, 1)) + np.linspace(-1e-4, 1e-4, 10)[:, None]
    assert all(cell.holds for cell in whitt.compared(whitt.ROWS[0], found))
    assert not any(cell.holds for cell in whitt.compared(whitt.ROWS[0], found + 0.01))


def test_whitts_counts_by_hand():
    from sim.codes import Ending, Visit
    from sim.log import Log

    unit, visits = whitt.UNIT_US, np.zeros((5, len(Visit)), np.int64)
    joined = np.array([99, 100, 101, 102, 103]) * unit  # the first belongs to the warm-up
    visits[:, Visit.ENQUEUED] = joined
    visits[:, Visit.STARTED] = joined + np.array([0, 0, unit // 20, unit // 2, unit])
    visits[:, Visit.ENDED] = joined + 3 * unit // 10
    visits[4, Visit.ENDING] = Ending.ABANDONED
    sums = whitt.counts(Log(visits, visits[:0], visits[:0]))
    assert sums == pytest.approx([4, 1, 1, 0.05 + 0.5 + 0.3, 3, 0.55, 2, 2])
    assert whitt.cells(sums, 10) == pytest.approx([1 / 4, 1 / 4, 0.085, 0.55 / 3, 2 / 3, 2 / 3])


def test_names_of_compiled_functions_are_readable():
    assert readable("_ZN3sim6kernel4heap3popB3v12B4c8tJExx", "/x/sim/kernel/heap.py:30") == "heap: pop"
