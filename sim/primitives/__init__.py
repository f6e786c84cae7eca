"""Primitives that both engines share: written once, compiled once, the same bits for every caller.

Draws (`philox`), quantile tables (`quantile`), arrival times (`arrivals`) and the rounding of seconds to time.
"""

from sim.primitives import _cache as _cache  # first: it tells Numba where compiled code lives
from sim.primitives.arrivals import next_arrival_us
from sim.primitives.philox import Purpose, name_id, philox4x32, replication_key, uniform, uniform_bits
from sim.primitives.quantile import CELLS, TAIL, quantile_us, round_us

__all__ = [
    "CELLS",
    "TAIL",
    "Purpose",
    "name_id",
    "next_arrival_us",
    "philox4x32",
    "quantile_us",
    "replication_key",
    "round_us",
    "uniform",
    "uniform_bits",
]
