"""What an engine sees: flat arrays, made once per scenario (`Network`) and once per replication (`Chance`).

Streams, steps, queues, groups, agents and tables are numbered in the order in which the scenario lists them; -1 means
none. Times are microseconds since the scenario's start.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Shorts = NDArray[np.int32]
Floats = NDArray[np.float64]
Records = NDArray[np.void]


def record(**fields: type) -> np.dtype[np.void]:
    """A row with named fields: ``int`` and ``float`` have eight bytes, NumPy's own types as many as they say."""
    return np.dtype([(name, np.dtype(kind)) for name, kind in fields.items()], align=True)


SEGMENT = record(start=float, end=float, left=float, right=float)
"""An exact piece of a cell of a quantile table; ``start`` and ``end`` are places inside the cell."""

STREAM = record(
    id=int,  # 32-bit address
    entry_first=int,  # part of `Network.entries`; the last one holds for every case
    entry_last=int,
    priority=int,  # 1 is served first
    head_start=int,  # microseconds that a case counts as having waited already
    patience=int,  # table, -1: waits for ever
    redial_share=float,
    redial_after=int,  # table
    redial_most=int,  # attempts in all, at most
    replay_first=int,  # part of `Chance.recorded`; first = last: not replayed
    replay_last=int,
    initial_first=int,  # part of `Network.initials`: cases open before the start
    initial_last=int,
    difficulty=float,  # how far success depends on the case (1) rather than on chance (0)
    spared=float,  # share of arrivals that do not happen, easy ones first
    customer_first=int,  # part of `State.left`; first = last: customers are not counted
    customer_last=int,
    leave_solved=float,  # chance to leave for good, by how the case ended
    leave_unsolved=float,
    leave_lost=float,
    leave_late=float,  # at least this when it ended after its deadline
    chase_entry=int,  # first step of a chasing contact; -1: nobody chases
    chase_first=int,  # tables
    chase_every=int,
    chase_share=float,
    chase_most=int,  # timers in all
)

ENTRY = record(
    begin=int,  # arrivals from here ...
    end=int,  # ... to before there
    share_begin=float,  # share of them at its begin and at its end, in a straight line between
    share_end=float,
    attribute=int,  # number of the attribute that must lie in low ... high; -1: none
    low=float,
    high=float,
    step=int,  # first step
)
"""A way into a process for part of a stream's cases: phases. The first that holds is taken."""

INITIAL = record(arrived=int, step=int, since=int)
"""A case open before the start: times at or before 0."""

ATTRIBUTE = record(id=int, table=int)
"""An attribute of cases: its 32-bit address and the table of its values (seconds stand for units)."""

STEP = record(
    id=int,  # 32-bit address
    kind=np.int8,  # codes.Step
    source=np.int8,  # codes.Source of a branch
    wait=np.int8,  # codes.Wait, of a delay
    lead_when=np.int8,  # codes.Lead
    suspends=np.int8,  # 1: work is handed back when the agent's shift ends
    outcome=np.int8,  # codes.Outcome of an end step
    queue=np.int32,
    next=np.int32,
    unsolved=np.int32,  # where a case goes that the agent could not solve; -1: `next`
    branch_first=np.int32,  # part of `Network.branches`: ways out of a branch, strands of a fork
    branch_last=np.int32,
    attribute=np.int32,  # of a branch on an attribute
    lead=np.int32,  # tables
    talk=np.int32,
    hold=np.int32,
    wrap=np.int32,
    delay=np.int32,
    briefing=np.int32,  # table: the agent holds the customer until the next one takes over, and briefs; -1: cold
    patience=np.int32,  # table; -1: never hangs up here; -2: the stream's
    priority=np.int32,  # 0: the stream's; at a MARK step the case's from here on, 0: unchanged
    calendar=np.int32,  # of a delay, of a branch on a calendar, of a mark's deadline
    local=np.int32,  # number inside its process: which repetition counter
    reopen_after=np.int32,  # table, of an end step
    reopen_step=np.int32,
    reopen_most=np.int32,
    reopen_share=float,  # chance to come back, hard cases first
    due=int,  # of a mark: deadline, microseconds after the arrival (of its calendar's open time); -1: unchanged
    spawn_stream=np.int32,  # of a spawn; `delay` says after which time
    spawn_place=np.int32,  # number of this stream among those that give rise to that one, and how many do
    spawn_width=np.int32,
)
"""A step; what an engine looks at most stands first, in one line of the processor's cache."""

BRANCH = record(low=float, high=float, target=int)
"""A way out of a branch step, open from ``low`` to before ``high``; or a strand of a fork."""

CALENDAR = record(first=int, last=int)
"""A calendar: its part of `Network.openings`."""

OPENING = record(begin=int, end=int, before=int)
"""A stretch in which a calendar is open, and the open time before it since the calendar's first."""

QUEUE = record(
    waiting_places=int,  # -1: any number
    line_first=int,
    line_last=int,
    ask=int,  # codes.Ask
    deadline=int,  # 1: served in the order of deadlines; a case without one counts as due `within` after joining
    within=int,
    weight=int,
    escalate_before=int,  # microseconds before the deadline
    escalate_priority=int,  # 0: never
    balk_from=int,  # waiting cases from which on some do not join; -1: nobody balks
    balk_share=float,
    callback_from=int,  # waiting cases from which on a callback is offered; -1: never
    callback_share=float,
    callback_answers=float,
    callback_unanswered=int,  # table: work of a call that nobody answers
)
"""A queue and its lines, one per wait after which more groups may serve."""

LINE = record(queue=int, after=int, server_first=int, server_last=int)
"""A line: its queue, the wait after which it is joined, and its part of `Network.servers`."""

SERVER = record(group=int, reserve=int)
"""A group that serves a line, in the order in which groups are asked, and how many of it must stay free."""

GROUP = record(agent_first=int, agent_last=int, rule=int, takes=int, served_first=int, served_last=int, contacts=int)
"""A group: its agents, codes.AgentRule, codes.QueueRule, its part of `Network.served`, most contacts at once."""

SERVED = record(line=int, reserve=int)
"""A line that a group serves."""

SKILL = record(speed=float, solves=float, at_once=int, slowdown=int)
"""What a group does in a queue: speed (0: cannot), share that it solves, contacts that it may hold at once while
one of them is of this kind, and what each further contact adds to everybody's duration, in 1/65536."""

ROSTER = record(time=int, key=int, kind=int, group=int, agent=int, pace=float, last=int)
"""A change of the roster (codes.Kind LOG_ON, LOG_OFF or ERA; for ERA ``agent`` is the era's number).

``agent`` -1: the head count changes by one, whoever it is. ``pace`` of a log-on multiplies the agent's speed.
``last`` of a log-off: 1 at the end of a shift, where work may be suspended; 0 at a break.
"""


class Tables(NamedTuple):
    """Quantile tables in seconds; table 0 is the unit exponential.

    ``cells`` (tables x (cells + 1)) holds the value at the left end of each cell, and that at the end of all:
    a cell ends where the next one begins. A NaN is the mark of a cell with segments and says which (`first_segment` of
    `sim.primitives.quantile`); segments of one cell follow each other and the last ends beyond 1.
    """

    cells: Floats
    segments: Records


class Network(NamedTuple):
    """A scenario without its chance. Arrays hold rows of the types above."""

    tables: Tables
    streams: Records
    entries: Records
    initials: Records
    attributes: Records
    steps: Records
    branches: Records
    calendars: Records
    openings: Records
    queues: Records
    lines: Records
    servers: Records
    groups: Records
    served: Records
    skills: Records  # eras x groups x queues
    customers: int  # counted customers of all streams
    end: int  # arrivals cease here
    stop: int  # everything does: the same, or later in a run that drains


class Chance(NamedTuple):
    """What differs between replications: the key of all draws, each stream's cumulative rate, who is there."""

    key: np.uint64
    rate_first: Ints  # one entry per stream: part of `rate_*`; first = last for a replayed stream
    rate_last: Ints
    rate_time: Ints
    rate_cumulative: Floats
    recorded: Ints  # recorded arrival times of replayed streams
    roster: Records  # in the order of its keys
