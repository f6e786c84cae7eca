"""A sweep on one core, on processes, and on a Dask cluster: ``python -m bench.sweep [--scenarios 1000] [--json]``.

All three give the same files; seconds are wall time from the first task to the last result, starting workers apart.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

from distributed import LocalCluster

from scenarios.executors import compile_kernel, dask, processes
from scenarios.store import Folder
from scenarios.sweeps.plan import Sweep, read_plan
from scenarios.sweeps.running import run_sweep
from sim.schema import Document

PLAN = Path(__file__).with_name("sweep-1000.yaml")


def plan_of(scenarios: int) -> Sweep:
    """The plan with so many scenarios."""
    read = read_plan(PLAN)
    data = {**read.document.data, "samples": scenarios}
    return Sweep(read.plan.model_copy(update={"samples": scenarios}), Document(data, read.document.file), read.base)


@contextmanager
def here() -> Iterator[Executor | None]:
    """In the process itself."""
    compile_kernel()
    yield None


@contextmanager
def cluster(workers: int) -> Iterator[Executor]:
    """Dask workers, a process each."""
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as found,
        dask(found.scheduler_address) as pool,
    ):
        yield pool


def measure(sweep: Sweep, folder: Path, executor: Executor | None) -> float:
    """Seconds of a run into a new folder."""
    begun = time.perf_counter()
    ran = run_sweep(sweep, Folder.create(folder), executor)
    assert len(ran.outcomes) == len(sweep.points)
    return time.perf_counter() - begun


def content(folder: Path) -> dict[str, bytes]:
    """Result files by name."""
    return {file.name: file.read_bytes() for file in (folder / "results").glob("*.parquet")}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    sweep, seconds, contents = plan_of(given.scenarios), {}, {}
    ways = {"one core": here(), "processes": processes(given.workers), "dask": cluster(given.workers)}
    with tempfile.TemporaryDirectory() as place:
        for name, way in ways.items():
            with way as executor:
                seconds[name] = measure(sweep, Path(place, name), executor)
            contents[name] = content(Path(place, name))
    found = {
        "scenarios": given.scenarios,
        "replications": sweep.plan.replications,
        "workers": given.workers,
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "speed-up": round(seconds["one core"] / seconds["processes"], 3),
        "dask against processes": round(seconds["dask"] / seconds["processes"], 3),
        "same files": contents["one core"] == contents["processes"] == contents["dask"],
    }
    print(json.dumps(found) if given.json else "\n".join(f"{key}: {value}" for key, value in found.items()))


if __name__ == "__main__":
    main()
