"""What an engine sees: flat arrays, made once per scenario (`Network`) and once per replication (`Chance`).

Streams, steps, queues, groups, agents and tables are numbered in the order in which the scenario lists them; -1 means
none. Times are microseconds since the scenario's start.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Records = NDArray[np.void]


def record(**fields: type) -> np.dtype[np.void]:
    """A row with named fields, ``int`` or ``float``, eight bytes each."""
    return np.dtype([(name, np.int64 if kind is int else np.float64) for name, kind in fields.items()], align=True)


SEGMENT = record(start=float, end=float, left=float, right=float)
"""An exact piece of a cell of a quantile table; ``start`` and ``end`` are places inside the cell."""

STREAM = record(
    id=int,  # 32-bit address
    entry=int,  # first step
    priority=int,  # 1 is served first
    head_start=int,  # microseconds that a case counts as having waited already
    patience=int,  # table, -1: waits for ever
    redial_share=float,
    redial_after=int,  # table
    redial_most=int,  # attempts in all, at most
    replay_first=int,  # part of `Chance.recorded`; first = last: not replayed
    replay_last=int,
)

STEP = record(
    id=int,  # 32-bit address
    local=int,  # number inside its process: which repetition counter
    kind=int,  # codes.Step
    queue=int,
    talk=int,  # tables
    hold=int,
    wrap=int,
    delay=int,
    patience=int,  # table; -1: never hangs up here; -2: the stream's
    priority=int,  # 0: the stream's
    next=int,
    branch_first=int,  # part of `Network.branches`
    branch_last=int,
    outcome=int,  # codes.Outcome of an end step
)

BRANCH = record(upto=float, target=int)
"""A way out of a branch step: cumulative share and step."""

QUEUE = record(waiting_places=int, line_first=int, line_last=int)
"""A queue: how many may wait (-1: any number) and its lines, one per wait after which more groups may serve."""

LINE = record(queue=int, after=int, server_first=int, server_last=int)
"""A line: its queue, the wait after which it is joined, and its part of `Network.servers`."""

SERVER = record(group=int, speed=float)
"""A group that serves a line, in the order in which groups are asked."""

GROUP = record(agent_first=int, agent_last=int, rule=int, served_first=int, served_last=int)
"""A group: its agents, codes.AgentRule, and its part of `Network.served`."""

SERVED = record(line=int, speed=float)
"""A line that a group serves."""

ROSTER = record(time=int, key=int, kind=int, group=int, agent=int)
"""A log-on or log-off (codes.Kind); agent -1: the head count changes by one, whoever it is."""


class Tables(NamedTuple):
    """Quantile tables in seconds; table 0 is the unit exponential.

    ``left`` and ``right`` (tables x cells) are a cell's values at its ends. Where ``left`` is NaN, ``right`` is the
    number of the cell's first segment; segments of one cell follow each other and the last ends at 1.
    """

    left: Floats
    right: Floats
    segments: Records


class Network(NamedTuple):
    """A scenario without its chance. Arrays hold rows of the types above; the roster is in the order of its keys."""

    tables: Tables
    streams: Records
    steps: Records
    branches: Records
    queues: Records
    lines: Records
    servers: Records
    groups: Records
    served: Records
    roster: Records
    end: int  # arrivals cease here; without `drain` everything does
    drain: bool


class Chance(NamedTuple):
    """What differs between replications: the key of all draws, and each stream's cumulative rate."""

    key: np.uint64
    rate_first: Ints  # one entry per stream: part of `rate_*`; first = last for a replayed stream
    rate_last: Ints
    rate_time: Ints
    rate_cumulative: Floats
    recorded: Ints  # recorded arrival times of replayed streams
