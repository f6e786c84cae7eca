"""The service programme of the library: nanoseconds per event beside M/M/10, cases per second, the reference engine.

    ./scripts/bench flagship [--weeks N] [--reference-weeks N] [--repeats K] [--json]

An event is one that the engine handles: what it takes from its queue (timers whose case has moved on are not counted,
though they take time) and each change of the roster. Both scenarios run in turn, so that the ratio is one of the same
minutes. The building of the model and the expansion of arrivals and roster stand apart.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time

from bench._ours import counted, logs, model_of, rows_only, totals_of
from bench._side_by_side import Spread, Turn, in_turn, ratio, repeats, speed
from bench.mm10 import scenario as mm10_scenario
from scenarios import library
from sim.build import Model
from sim.run import Engine
from sim.schema import BASELINE

NAME = "service-programme"
MM10_CUSTOMERS = 1_000_000
CASES, WITH_METRICS = "cases", " with all metrics"


def flagship(weeks: int) -> Model:
    """The baseline as it stands, for so many weeks; the first one is its warm-up."""
    text = (library.path_of(NAME) / BASELINE).read_text(encoding="utf-8")
    return model_of(text.replace("horizon: 5 weeks", f"horizon: {weeks} weeks"))


def nanoseconds(turns: list[Turn]) -> float:
    """CPU time per event."""
    return 1e9 / speed(turns)


def cases_per_s(turns: list[Turn]) -> float:
    """Cases per second of CPU."""
    return statistics.median(turn.figures[CASES] / turn.cpu_s for turn in turns)


def expansion_s(model: Model) -> float:
    """CPU time of arrivals and roster of one replication."""
    begun = time.process_time()
    model.chance(1, 0)
    return time.process_time() - begun


def of_a_run(model: Model, engine: Engine) -> tuple[float, int]:
    """CPU time of one replication whose rows are thrown away, and how many rows there were."""
    begun = time.process_time()
    rows = sum(len(log.cases) + len(log.visits) for log in logs(model, 1, engine))
    return time.process_time() - begun, rows


def against_reference(weeks: int) -> tuple[float, float]:
    """CPU seconds of both engines on the same weeks, kernel and reference."""
    model = flagship(weeks)
    (kernel_s, rows), (reference_s, same) = of_a_run(model, "kernel"), of_a_run(model, "reference")
    if rows != same:
        raise RuntimeError(f"the engines wrote {rows} and {same} rows")
    return kernel_s, reference_s


def measured(weeks: int, number: int) -> dict[str, list[Turn]]:
    """Engine alone and with all metrics, in turn; what is compared with each other runs one right after the other."""
    models = {"flagship": flagship(weeks), "mm10": model_of(mm10_scenario(MM10_CUSTOMERS))}
    contenders = {
        name + ending: counted(model, sink)
        for ending, sink in (("", rows_only), (WITH_METRICS, totals_of))
        for name, model in models.items()
    }
    for contender in contenders.values():
        contender(0)()  # compiles
    return in_turn(contenders, number)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--weeks", type=int, default=5, help="2 or more; 5: as the scenario stands, a month after its warm-up"
    )
    parser.add_argument("--reference-weeks", type=int, default=2, help="0: leave the reference engine out")
    parser.add_argument("--repeats", type=repeats, default=5)
    parser.add_argument("--json", action="store_true", help="only the last line")
    options = parser.parse_args(arguments)
    begun = time.process_time()
    model = flagship(options.weeks)
    built_s = time.process_time() - begun
    turns = measured(options.weeks, options.repeats)
    times = ratio(turns["mm10"], turns["flagship"])
    found = {
        "ns_per_event": round(nanoseconds(turns["flagship"]), 1),
        "mm10_ns_per_event": round(nanoseconds(turns["mm10"]), 1),
        "ratio": round(times.median, 3),
        "ns_per_event_with_metrics": round(nanoseconds(turns["flagship" + WITH_METRICS]), 1),
        "mm10_ns_per_event_with_metrics": round(nanoseconds(turns["mm10" + WITH_METRICS]), 1),
        "cases_per_s": round(cases_per_s(turns["flagship"])),
        "cases_per_s_with_metrics": round(cases_per_s(turns["flagship" + WITH_METRICS])),
        "build_s": round(built_s, 2),
        "arrivals_and_roster_s": round(expansion_s(model), 3),
    }
    if options.reference_weeks:
        kernel_s, reference_s = against_reference(options.reference_weeks)
        found |= {"reference_s": round(reference_s, 1), "times_as_fast_as_reference": round(reference_s / kernel_s, 1)}
    if not options.json:
        print("\n".join(lines(turns, times)))
    print(json.dumps(found))
    return 0


def lines(turns: dict[str, list[Turn]], times: Spread) -> list[str]:
    """For people."""
    made = [f"{'':28} {'ns an event':>12} {'cases a second':>15} {'events':>12} {'events a case':>14}"]
    for name, own in turns.items():
        events, cases = own[0].customers, own[0].figures[CASES]
        made.append(
            f"{name:28} {nanoseconds(own):>12.0f} {cases_per_s(own):>15,.0f} {events:>12,} {events / cases:>14.1f}"
        )
    return [*made, f"flagship / mm10, an event: {times.median:.2f} ({times.least:.2f} - {times.greatest:.2f})", ""]


if __name__ == "__main__":
    sys.exit(main())
