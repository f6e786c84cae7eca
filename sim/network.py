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


class Tables(NamedTuple):
    """Quantile tables in seconds; table 0 is the unit exponential.

    ``left`` and ``right`` (tables x cells) are a cell's values at its ends. Where ``left`` is NaN, ``right`` is the
    number of the cell's first segment; segments of one cell follow each other and the last ends at 1.
    """

    left: Floats
    right: Floats
    segment_start: Floats
    segment_end: Floats
    segment_left: Floats
    segment_right: Floats


class Streams(NamedTuple):
    """One entry per stream."""

    id: Ints  # 32-bit address
    entry: Ints  # first step
    priority: Ints  # 1 is served first
    head_start: Ints  # microseconds that a case counts as having waited already
    patience: Ints  # table, -1: waits for ever
    redial_share: Floats
    redial_after: Ints  # table
    redial_most: Ints  # attempts in all, at most
    replay_first: Ints  # part of `Chance.recorded`, first = last: not replayed
    replay_last: Ints


class Steps(NamedTuple):
    """One entry per step, all processes one after the other."""

    id: Ints
    local: Ints  # number inside its process: which repetition counter
    kind: Ints  # Step
    queue: Ints
    talk: Ints  # tables
    hold: Ints
    wrap: Ints
    delay: Ints
    patience: Ints  # table; -1: never hangs up here; -2: the stream's
    priority: Ints  # 0: the stream's
    next: Ints
    branch_first: Ints  # part of `branch_*`
    branch_last: Ints
    outcome: Ints  # Outcome of an end step
    branch_upto: Floats  # cumulative shares
    branch_target: Ints


class Queues(NamedTuple):
    """Queues, the lines of each (one per delay after which more groups may serve it) and who serves a line."""

    waiting_places: Ints  # -1: no limit
    line_first: Ints  # part of `line_*`
    line_last: Ints
    line_queue: Ints
    line_after: Ints  # wait after which this line's groups may serve
    line_group_first: Ints  # part of `server_*`
    line_group_last: Ints
    server_group: Ints  # groups of each line, in the order in which they are asked
    server_speed: Floats


class Groups(NamedTuple):
    """Groups; agents of a group are numbered one after the other."""

    agent_first: Ints
    agent_last: Ints
    rule: Ints  # AgentRule
    line_first: Ints  # part of `served_*`
    line_last: Ints
    served_line: Ints
    served_speed: Floats


class Roster(NamedTuple):
    """Log-ons and log-offs in the order of their keys. Agent -1: the head count changes by one, whoever it is."""

    time: Ints
    key: Ints
    kind: Ints  # Kind.LOG_OFF or Kind.LOG_ON
    group: Ints
    agent: Ints


class Network(NamedTuple):
    """A scenario without its chance."""

    tables: Tables
    streams: Streams
    steps: Steps
    queues: Queues
    groups: Groups
    roster: Roster
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
