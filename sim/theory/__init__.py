"""Closed forms of queueing theory: first guesses for planners, and truth for the tests of the engines.

All times and rates of a call use one unit of the caller's choice; `call_queue` and `agents_for` take what a planner
knows.
"""

from sim.theory.erlang import (
    Performance,
    Queue,
    call_queue,
    erlang_b,
    erlang_c,
    performance,
    service_level,
    steady_state,
    waits,
)
from sim.theory.priorities import cobham, mg1_priorities, mg1_wait
from sim.theory.staffing import Target, agents_for, agents_needed, modified_offered_load, square_root_staffing
from sim.theory.transient import Stretch, over_time

__all__ = [
    "Performance",
    "Queue",
    "Stretch",
    "Target",
    "agents_for",
    "agents_needed",
    "call_queue",
    "cobham",
    "erlang_b",
    "erlang_c",
    "mg1_priorities",
    "mg1_wait",
    "modified_offered_load",
    "over_time",
    "performance",
    "service_level",
    "square_root_staffing",
    "steady_state",
    "waits",
]
