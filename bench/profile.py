"""Where the compiled engine spends its time: samples by function, its inlined functions told apart.

    ./scripts/bench profile [--scenario flagship|mm10|centre] [--metrics] [--seconds S] [--json]

Linux with `perf`, `nm` and `addr2line`. The engine is compiled once more with line numbers, into a cache folder of its
own; a process then runs the scenario again and again while `perf` samples it by CPU time. Every sample inside compiled
code is looked up in the line table, which knows which function was inlined where. `own`: samples in the function's own
lines; `with callees`: samples in it or in whatever it calls.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench._centre import scenario as centre_scenario
from bench._ours import counted, model_of, rows_only, totals_of
from bench._side_by_side import say
from bench.flagship import flagship
from bench.mm10 import scenario as mm10_scenario

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = {
    "flagship": lambda: flagship(3),
    "mm10": lambda: model_of(mm10_scenario(500_000)),
    "centre": lambda: model_of(centre_scenario(200_000)),
}
HERTZ = 997
"""Samples a second; a prime, so that nothing periodic is met again and again."""
READY = "ready"


# The process that is sampled -----------------------------------------------------------------------------------------


def kept_objects() -> list[tuple[object, bytes]]:
    """A list that will hold every compiled library that comes from the cache, with its object file."""
    from numba.core.codegen import JITCodeLibrary

    kept: list[tuple[object, bytes]] = []
    original = JITCodeLibrary._set_compiled_object

    def remember(self: object, code: bytes) -> None:
        kept.append((self, code))
        original(self, code)

    JITCodeLibrary._set_compiled_object = remember
    return kept


def functions_of(code: Path) -> list[tuple[str, int, int]]:
    """Names, places and sizes of the functions in an object file."""
    listing = subprocess.run(["nm", "-S", str(code)], capture_output=True, text=True, check=True).stdout
    fields = (line.split() for line in listing.splitlines())
    return [(f[3], int(f[0], 16), int(f[1], 16)) for f in fields if len(f) == 4 and f[2] in "tT"]


def write_map(kept: list[tuple[object, bytes]], folder: Path) -> None:
    """Where each compiled function lies in memory and in its object file."""
    found = []
    for number, (library, code) in enumerate(kept):
        file = folder / f"{number}.o"
        file.write_bytes(code)
        for name, place, size in functions_of(file):
            if address := library.get_pointer_to_function(name):  # type: ignore[attr-defined]
                found.append({"file": str(file), "begin": address, "size": size, "place": place})
    (folder / "map.json").write_text(json.dumps(found))


def be_sampled(scenario: str, metrics: bool, seconds: float, folder: Path | None) -> None:
    """Run the scenario again and again, once told to; without a folder only compile."""
    kept = kept_objects()
    contender = counted(SCENARIOS[scenario](), totals_of if metrics else rows_only)
    contender(0)()
    if folder is None:
        return
    write_map(kept, folder)
    run = contender(1)
    print(READY, flush=True)
    sys.stdin.readline()
    until = time.process_time() + seconds
    while time.process_time() < until:
        run()
        if metrics:  # sums are of one replication; without them it can simply be run again
            run = contender(1)
    os._exit(0)  # nothing of Python's tidying up is sampled


# The process that samples --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Profile:
    """Samples: how many, how many of them in compiled code, and by function."""

    samples: int
    compiled: int
    own: Counter[str]
    inclusive: Counter[str]
    outside: Counter[str]

    def by_module(self) -> Counter[str]:
        """Own samples by the file that a function stands in."""
        modules: Counter[str] = Counter()
        for name, count in self.own.items():
            modules[name.partition(":")[0]] += count
        return modules


def environment(cache: Path) -> dict[str, str]:
    """Compile with line numbers, and keep that apart."""
    return {**os.environ, "NUMBA_DEBUGINFO": "1", "QUEUEWISE_CACHE": str(cache)}


def sampled(options: argparse.Namespace, folder: Path) -> list[str]:
    """A line for each sample: its address, the symbol and the library."""
    child = [sys.executable, "-m", "bench.profile", "--scenario", options.scenario, "--seconds", str(options.seconds)]
    child += ["--metrics"] if options.metrics else []
    surroundings = environment(options.cache)
    say("compiling with line numbers, unless that is in the cache ...")
    subprocess.run([*child, "--be", "compiled"], cwd=ROOT, env=surroundings, check=True)
    running = subprocess.Popen(
        [*child, "--be", str(folder)],
        cwd=ROOT,
        env=surroundings,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert running.stdout is not None
    while running.stdout.readline().strip() != READY:
        if running.poll() is not None:
            raise RuntimeError("the process to be sampled has ended")
    data = folder / "perf.data"
    record = ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(HERTZ), "-o", str(data), "-p", str(running.pid)]
    recorder = subprocess.Popen(record, stderr=subprocess.DEVNULL)
    time.sleep(1)
    running.communicate("go\n")
    recorder.wait()
    script = ["perf", "script", "-i", str(data), "-F", "ip,sym,dso"]
    return subprocess.run(script, capture_output=True, text=True, check=True).stdout.splitlines()


def met(samples: list[str]) -> tuple[Counter[int], dict[int, str]]:
    """How often each address was met, and which library and symbol it has, as far as `perf` knows."""
    addresses: Counter[int] = Counter()
    symbols: dict[int, str] = {}
    for fields in map(str.split, samples):
        address = int(fields[0], 16)
        addresses[address] += 1
        symbols[address] = f"{Path(fields[-1].strip('()')).name}: {' '.join(fields[1:-1])}"
    return addresses, symbols


def frames(file: str, places: list[int]) -> list[list[str]]:
    """For each place in an object file the functions that it lies in, the innermost first."""
    asked = "\n".join(f"{place:#x}" for place in places)
    answer = subprocess.run(
        ["addr2line", "-a", "-i", "-f", "-e", file], input=asked, capture_output=True, text=True, check=True
    ).stdout
    found: list[list[str]] = []
    lines = iter(answer.splitlines())
    for line in lines:
        if line.startswith("0x"):
            found.append([])
        else:
            found[-1].append(readable(line, next(lines)))
    return found


def readable(symbol: str, place: str) -> str:
    """A compiled function's file and name: `heap: pop`."""
    module = Path(place.rpartition(":")[0]).stem
    names = re.match(r"_ZN?(\d.*)", symbol)
    parts, rest = [], names[1] if names else ""
    while match := re.match(r"(\d+)", rest):
        length = int(match[1])
        parts.append(rest[len(match[1]) :][:length])
        rest = rest[len(match[1]) + length :]
    return f"{module}: {parts[-1] if parts else symbol}"


def profile(samples: list[str], functions: list[dict[str, int | str]]) -> Profile:
    """Look every sample up."""
    addresses, symbols = met(samples)
    own: Counter[str] = Counter()
    inclusive: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    by_file: dict[str, dict[int, int]] = {}
    for address, count in addresses.items():
        if one := next((one for one in functions if 0 <= address - int(one["begin"]) < int(one["size"])), None):
            by_file.setdefault(str(one["file"]), {})[int(one["place"]) + address - int(one["begin"])] = count
        else:
            outside[symbols[address]] += count
    for file, counts in by_file.items():
        for count, stack in zip(counts.values(), frames(file, list(counts)), strict=True):
            own[stack[0]] += count
            for name in set(stack):
                inclusive[name] += count
    return Profile(len(samples), own.total(), own, inclusive, outside)


def lines(found: Profile, most: int) -> list[str]:
    """For people."""
    made = [f"{found.samples:,} samples, {found.compiled / found.samples:.1%} in compiled code; of these:", ""]
    made += [f"{name:28} {count / found.compiled:>7.1%}" for name, count in found.by_module().most_common()]
    made += ["", f"{'function':44} {'own':>7} {'with callees':>13}"]
    made += [
        f"{name:44} {count / found.compiled:>7.1%} {found.inclusive[name] / found.compiled:>13.1%}"
        for name, count in found.own.most_common(most)
    ]
    made += ["", "outside compiled code, of all samples:"]
    made += [f"{name:60} {count / found.samples:>7.1%}" for name, count in found.outside.most_common(most // 3)]
    return made


def main(arguments: list[str] | None = None) -> int:
    """Sample and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", choices=list(SCENARIOS), default="flagship")
    parser.add_argument("--metrics", action="store_true", help="with all metrics, not the engine alone")
    parser.add_argument("--seconds", type=float, default=10, help="of CPU")
    parser.add_argument("--most", type=int, default=40, help="functions to name")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "queuewise-profile")
    parser.add_argument("--json", action="store_true", help="only the last line")
    parser.add_argument("--be", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.be:
        folder = None if options.be == "compiled" else Path(options.be)
        be_sampled(options.scenario, options.metrics, options.seconds, folder)
        return 0
    with tempfile.TemporaryDirectory() as name:
        samples = sampled(options, Path(name))
        found = profile(samples, json.loads((Path(name) / "map.json").read_text()))
    if not options.json:
        print("\n".join(lines(found, options.most)), end="\n\n")
    shares = {name: round(count / found.compiled, 4) for name, count in found.by_module().most_common()}
    print(json.dumps({"samples": found.samples, "compiled": round(found.compiled / found.samples, 4), "of": shares}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
