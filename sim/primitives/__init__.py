"""Primitives that both engines share: written once, compiled once, the same bits for every caller.

Draws (`philox`), quantile tables (`quantile`), arrival times (`arrivals`) and the rounding of seconds to time.
"""

from sim.primitives._cache import cache_folder
from sim.primitives.arrivals import arrival_block, next_arrival_us
from sim.primitives.philox import Purpose, name_id, philox4x32, replication_key, uniform, uniform_bits, uniforms
from sim.primitives.quantile import CELLS, TAIL, length_us, quantile_s, quantile_us, quantiles_s, round_us

__all__ = [
    "CELLS",
    "TAIL",
    "Purpose",
    "arrival_block",
    "cache_folder",
    "length_us",
    "name_id",
    "next_arrival_us",
    "philox4x32",
    "quantile_s",
    "quantile_us",
    "quantiles_s",
    "replication_key",
    "round_us",
    "uniform",
    "uniform_bits",
    "uniforms",
]
