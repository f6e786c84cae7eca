"""The roundings of `quantile` and `work` for many draws at a time: a call from Python costs more than a rounding."""

from __future__ import annotations

from sim.primitives._cache import entry
from sim.primitives.quantile import length_us, round_us
from sim.primitives.work import work_us


@entry
def rounded_us(seconds, out):
    """Seconds as microseconds, `NEVER` included."""
    for i in range(len(out)):
        out[i] = round_us(seconds[i])


@entry
def lengths_us(seconds, out):
    """Seconds as times for which nobody works, microseconds."""
    for i in range(len(out)):
        out[i] = length_us(seconds[i], 1.0)


@entry
def works_us(seconds, out):
    """Seconds as units of work."""
    for i in range(len(out)):
        out[i] = work_us(seconds[i])
