"""Primitives that both engines share: written once, compiled once, the same bits for every caller.

Draws (`philox`), quantile tables (`quantile`), arrival times (`arrivals`) the rounding of seconds to time,
work and rates (`work`), calendars (`opening`).
"""

from sim.primitives._cache import cache_folder
from sim.primitives.arrivals import arrival_block, next_arrival_us
from sim.primitives.blocks import lengths_us, rounded_us, works_us
from sim.primitives.opening import (
    after_open_at,
    after_open_us,
    is_open,
    next_open_at,
    next_open_us,
    next_round_at,
    next_round_us,
    open_at,
)
from sim.primitives.philox import (
    Purpose,
    name_id,
    philox4x32,
    replication_key,
    uniform,
    uniform_bits,
    uniforms,
    uniforms_at,
)
from sim.primitives.quantile import CELLS, TAIL, length_us, quantile_s, quantile_us, quantiles_at, quantiles_s, round_us
from sim.primitives.work import done_us, rate_of, share_at, shared_rate, took_us, work_us

__all__ = [
    "CELLS",
    "TAIL",
    "Purpose",
    "after_open_at",
    "after_open_us",
    "arrival_block",
    "cache_folder",
    "done_us",
    "is_open",
    "length_us",
    "lengths_us",
    "name_id",
    "next_arrival_us",
    "next_open_at",
    "next_open_us",
    "next_round_at",
    "next_round_us",
    "open_at",
    "philox4x32",
    "quantile_s",
    "quantile_us",
    "quantiles_at",
    "quantiles_s",
    "rate_of",
    "replication_key",
    "round_us",
    "rounded_us",
    "share_at",
    "shared_rate",
    "took_us",
    "uniform",
    "uniform_bits",
    "uniforms",
    "uniforms_at",
    "work_us",
    "works_us",
]
