"""What common random numbers save: variance of a difference with independent seeds against the same customers.

    ./scripts/bench crn [--replications N] [--json]

Three pairs of scenarios, one of them with a step taken out of its process. The paired differences come from one seed;
the independent ones from two others, so that both variances are estimated apart and their ratio has an F interval. A
ratio of 20 means: the same interval from a twentieth of the replications.
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass

from scipy import stats

from scenarios import library
from scenarios.interventions import apply
from scenarios.replications import Result, replicate
from sim.build import build
from sim.metrics import find
from sim.schema import Document


@dataclass(frozen=True)
class Pair:
    """Two scenarios, and by which metrics they are compared."""

    name: str
    base: Document
    other: Document
    metrics: tuple[str, ...]


def without_approval() -> Document:
    """The claims process without its step of approval: who went there goes on to the decision."""
    document = library.read("claims-process")
    data = copy.deepcopy(document.data)
    steps = data["process"]["claim"]
    del steps["approval"]
    steps["size"]["branch"] = {"decision": "30 %", "paid": "otherwise"}
    del data["people"]["senior assessors"], data["routing"]["approve"], data["interventions"]
    return document.with_data(data)


def pairs() -> list[Pair]:
    """One change of people, one of demand, one that takes out a step."""
    desk, line, claims = (library.read(name) for name in ("help-desk", "order-line", "claims-process"))
    service = ("service_level", "asa", "abandonment_rate")
    return [
        Pair("help desk: two more people", desk, apply(desk, ["two more on the early shift"]), service),
        Pair("order line: a fifth fewer calls", line, apply(line, ["order form on the web"]), service),
        Pair("claims: approval taken out", claims, without_approval(), ("time_to_resolve", "backlog", "solved_rate")),
    ]


def difference_variance(first: Result, second: Result, metric: str) -> float:
    """Variance of a replication's difference, ratios linearised."""
    known = find(metric)
    residuals = second.linear(known).residuals[:, 0] - first.linear(known).residuals[:, 0]
    return float((residuals**2).sum() / (len(residuals) - 1))


def measure(pair: Pair, replications: int) -> dict[str, tuple[float, float, float]]:
    """Ratio of the variances by metric, with 95 % limits."""
    base, other = (build(document.scenario) for document in (pair.base, pair.other))
    same = [replicate(model, replications, 1) for model in (base, other)]
    apart = [replicate(model, replications, seed) for model, seed in ((base, 2), (other, 3))]
    found = {}
    for metric in pair.metrics:
        ratio = difference_variance(*apart, metric) / difference_variance(*same, metric)
        low, high = stats.f.ppf([0.025, 0.975], replications - 1, replications - 1)
        found[metric] = (ratio, float(ratio / high), float(ratio / low))
    return found


def line(pair: Pair, found: Mapping[str, tuple[float, float, float]]) -> str:
    """A pair as text."""
    rows = [f"{metric:>18} {ratio:8.1f} ({low:.1f} to {high:.1f})" for metric, (ratio, low, high) in found.items()]
    return "\n".join([pair.name, *rows])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    ratios: dict[str, dict[str, float]] = {}
    for pair in pairs():
        found = measure(pair, options.replications)
        ratios[pair.name] = {metric: round(one[0], 2) for metric, one in found.items()}
        if not options.json:
            print(line(pair, found), flush=True)
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
