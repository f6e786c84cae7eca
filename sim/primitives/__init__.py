"""Primitives that both engines share: written once, compiled once, the same bits for every caller.

Draws (`philox`), quantile tables (`quantile`), arrival times (`arrivals`) the rounding of seconds to time,
work and rates (`work`), calendars (`opening`). After the log: sums of its rows (`counting`, `histogram`,
`following`, `scoring`).
"""

from sim.primitives._cache import cache_folder
from sim.primitives.arrivals import arrival_block, next_arrival_us
from sim.primitives.blocks import lengths_us, rounded_us, works_us
from sim.primitives.counting import (
    CaseSums,
    Lengths,
    QueueSums,
    Window,
    add_into,
    count_cases,
    count_visits,
    cut_covered,
    no_steps,
    spread_into,
)
from sim.primitives.following import Course, Lived, empty_index, follow_visits, nothing_lived
from sim.primitives.histogram import DURATION_CELLS, EDGES_US, GRID, duration_cell
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
from sim.primitives.pair import uniform_pair
from sim.primitives.philox import (
    Purpose,
    name_id,
    philox4x32,
    replication_key,
    uniform,
    uniform_bits,
    uniform_of,
    uniforms,
    uniforms_at,
)
from sim.primitives.quantile import CELLS, TAIL, length_us, quantile_s, quantile_us, quantiles_at, quantiles_s, round_us
from sim.primitives.scoring import Scored, Weights, count_opinions
from sim.primitives.work import done_us, rate_of, share_at, shared_rate, took_us, work_us

__all__ = [
    "CELLS",
    "DURATION_CELLS",
    "EDGES_US",
    "GRID",
    "TAIL",
    "CaseSums",
    "Course",
    "Lengths",
    "Lived",
    "Purpose",
    "QueueSums",
    "Scored",
    "Weights",
    "Window",
    "add_into",
    "after_open_at",
    "after_open_us",
    "arrival_block",
    "cache_folder",
    "count_cases",
    "count_opinions",
    "count_visits",
    "cut_covered",
    "done_us",
    "duration_cell",
    "empty_index",
    "follow_visits",
    "is_open",
    "length_us",
    "lengths_us",
    "name_id",
    "next_arrival_us",
    "next_open_at",
    "next_open_us",
    "next_round_at",
    "next_round_us",
    "no_steps",
    "nothing_lived",
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
    "spread_into",
    "took_us",
    "uniform",
    "uniform_bits",
    "uniform_of",
    "uniform_pair",
    "uniforms",
    "uniforms_at",
    "work_us",
    "works_us",
]
