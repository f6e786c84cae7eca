"""Closed forms of queueing theory: first guesses for planners, and truth for the tests of the engines.

All times and rates of a call use one unit of the caller's choice; `call_queue` takes what a planner knows.
"""

from sim.theory.erlang import Performance, Queue, call_queue, erlang_b, erlang_c, service_level, steady_state, waits
from sim.theory.priorities import cobham, mg1_priorities, mg1_wait
from sim.theory.staffing import agents_needed, modified_offered_load, square_root_staffing

__all__ = [
    "Performance",
    "Queue",
    "agents_needed",
    "call_queue",
    "cobham",
    "erlang_b",
    "erlang_c",
    "mg1_priorities",
    "mg1_wait",
    "modified_offered_load",
    "service_level",
    "square_root_staffing",
    "steady_state",
    "waits",
]
