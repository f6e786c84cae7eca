"""From log rows to sums that merge, and from sums to metrics; definitions are in `sim.metrics.registry`."""

from sim.metrics.frame import Frame
from sim.metrics.registry import METRICS, Metric, find, metrics_of
from sim.metrics.runs import RunSums
from sim.metrics.totals import Totals
from sim.metrics.values import owner, owners, parts, quantile, total, value

__all__ = [
    "METRICS",
    "Frame",
    "Metric",
    "RunSums",
    "Totals",
    "find",
    "metrics_of",
    "owner",
    "owners",
    "parts",
    "quantile",
    "total",
    "value",
]
