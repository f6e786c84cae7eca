"""Write the page of metric definitions from the registry: ``python -m sim.metrics.page > docs/metrics.md``."""

from __future__ import annotations

from collections.abc import Iterator

from sim.metrics.frame import PARTS
from sim.metrics.registry import METRICS, OWNER, Metric

_INTRODUCTION = """\
# Metrics

Made from the registry by `python -m sim.metrics.page > docs/metrics.md`; do not edit.

- **What is left out.** A metric that a scenario cannot say anything about (no chasing contacts, no callbacks ...) is
  left out of its results; the definition says what a scenario must have.
- **What counts.** Contacts count by the time they join a queue, cases by the time they arrive. What begins during the
  warm-up does not count. Each queue visit is one contact: a redial and a hand-over to another queue are contacts of
  their own; work that was suspended and is taken up again is not. Someone who holds and briefs at a warm hand-over is
  busy, without a contact of their own. A case is the customer's need, with all its attempts.
- **When time counts.** Staffed, busy and waiting time is split exactly over the intervals in which it passes, from the
  end of the warm-up to the end of the horizon. Time after the horizon's end, in a run that drains, is in none of these;
  contacts and cases that began before it still get their outcome.
- **Open at the end.** Waits and cases that are still open are cut off at the closing time and kept: as counts of their
  own, as waits so far, and as censored durations in percentiles.
- **Ratios** are ratios of sums: over intervals, queues and replications, numerators and denominators are added before
  they are divided. Where nothing is below the line a metric is not defined: `null` with a reason, never 0.
- **Percentiles** come from histograms with cells of 1 %, by the product-limit estimate (Kaplan and Meier 1958).
- **Confidence intervals** take replications as independent. A ratio is linearised: each replication's residual is
  (numerator − ratio × denominator) ÷ mean denominator (Cochran 1977), and its interval is Student's with one degree of
  freedom fewer than there are replications, corrected for skewness (Hall 1992): where a few bad days make the mean, it
  reaches further up than down. Limits are cut at 0, and at 1 for shares.
- **Within** the acceptable wait means at most that long.

In JSON a metric is `"name": {"mean": ..., "low": ..., "high": ..., "unit": "..."}`.
"""
_TITLES = {
    "queue": "Contacts and queues",
    "group": "People and groups",
    "case": "Cases and streams",
    "tier": "Promises of tiers",
    "opinion": "Satisfaction",
    "money": "Money",
}


def _row(metric: Metric) -> str:
    cells = (
        f"`{metric.name}`",
        metric.label,
        metric.unit,
        metric.better,
        metric.definition + (f" Only if {PARTS[metric.part]}." if metric.part else ""),
        metric.formula,
        metric.kind,
    )
    return "| " + " | ".join(cells) + " |"


def _section(scope: str) -> Iterator[str]:
    yield f"\n## {_TITLES[scope]}\n"
    yield f"For all together or for one {OWNER[scope]}.\n"  # type: ignore[index]
    yield "| name | label | unit | better | definition | formula | kind |"
    yield "|---|---|---|---|---|---|---|"
    yield from (_row(metric) for metric in METRICS if metric.scope == scope)


def page() -> str:
    """The page as Markdown."""
    return _INTRODUCTION + "\n".join(line for scope in _TITLES for line in _section(scope)) + "\n"


if __name__ == "__main__":
    print(page(), end="")
