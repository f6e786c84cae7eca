"""First use after installation: seconds until the first result, without and with the cache of compiled code.

    ./scripts/bench first_use [--scenario NAME] [--repeats K] [--json]

The command line runs a scenario of the library as a user would, each time in a new process. Without the cache, an empty
folder stands in for the user's; with it, the same folder is used again. Python's own bytecode is there beforehand, as
after an installation. What was written is weighed.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench._side_by_side import say

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("sim", "scenarios", "calibration", "app")


@dataclass(frozen=True, slots=True)
class Use:
    """Time of one call of the command line."""

    wall_s: float
    cpu_s: float


def children_cpu_s() -> float:
    """CPU time of all processes that have ended under this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def use(arguments: list[str], cache: Path) -> Use:
    """Call the command line in a new process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_", "QUEUEWISE_"))}
    environment["QUEUEWISE_CACHE"] = str(cache)
    command = [sys.executable, "-m", "app.cli", *arguments]
    wall, cpu = time.perf_counter(), children_cpu_s()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    found = Use(time.perf_counter() - wall, children_cpu_s() - cpu)
    say(f"{' '.join(arguments)}: {found.wall_s:.2f} s, CPU {found.cpu_s:.2f} s")
    return found


def middle(uses: list[Use]) -> Use:
    """Medians."""
    return Use(statistics.median(one.wall_s for one in uses), statistics.median(one.cpu_s for one in uses))


def size_mb(folder: Path) -> float:
    """Size of all files under a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20


def measured(scenario: str, number: int) -> dict[str, float]:
    """Without the cache once, with it so often."""
    for package in PACKAGES:
        compileall.compile_dir(ROOT / package, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        use(["--help"], cache)  # what Python itself keeps of the packages
        helped = middle([use(["--help"], cache) for _ in range(number)])
        without = use(["run", scenario], cache)
        written = size_mb(cache)
        with_it = middle([use(["run", scenario], cache) for _ in range(number)])
    return {
        "without_cache_s": without.wall_s,
        "without_cache_cpu_s": without.cpu_s,
        "with_cache_s": with_it.wall_s,
        "with_cache_cpu_s": with_it.cpu_s,
        "help_s": helped.wall_s,
        "help_cpu_s": helped.cpu_s,
        "cache_mb": written,
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="order-line", help="of the library")
    parser.add_argument("--repeats", type=int, default=5, help="of what is quick")
    parser.add_argument("--json", action="store_true", help="only the last line")
    options = parser.parse_args(arguments)
    found = {name: round(value, 2) for name, value in measured(options.scenario, options.repeats).items()}
    if not options.json:
        print(f"{'':36} {'wall, s':>8} {'CPU, s':>8}")
        for name, key in (("first result, nothing compiled", "without_cache"), ("first result, compiled before",
                          "with_cache"), ("--help", "help")):  # fmt: skip
            print(f"{name:36} {found[key + '_s']:>8.2f} {found[key + '_cpu_s']:>8.2f}")
        print(f"compiled code kept: {found['cache_mb']:.1f} MB\n")
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
