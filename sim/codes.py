"""Codes that both engines, the log and the metrics share: defined once, by name."""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """Kinds of event, in the order in which simultaneous ones are handled (docs/semantics.md)."""

    LOG_OFF = 1
    LOG_ON = 2
    COMPLETION = 3
    WRAP_END = 4
    DELAY_END = 5
    OVERFLOW = 10
    ABANDONMENT = 12
    REDIAL = 13
    ARRIVAL = 14


KIND_SHIFT = 56
SUBJECT_SHIFT = 16
SEQUENCE_MASK = (1 << SUBJECT_SHIFT) - 1
CASE_BITS = 32
"""A case's address is its stream's number and, in the low 32 bits, its number in the stream; 40 bits in all."""


class Step(IntEnum):
    """Kinds of step."""

    WORK = 0
    DELAY = 1
    BRANCH = 2
    END = 3


class AgentRule(IntEnum):
    """Which free agent of a group takes the case."""

    LONGEST_IDLE = 0
    LISTED_ORDER = 1


class Ending(IntEnum):
    """How a visit ended."""

    SERVED = 0
    ABANDONED = 1
    BLOCKED = 2
    DELAYED = 3
    STILL_WAITING = 4
    STILL_IN_SERVICE = 5
    STILL_DELAYED = 6


class Outcome(IntEnum):
    """How a case ended."""

    SOLVED = 0
    UNSOLVED = 1
    ABANDONED = 2
    BLOCKED = 3
    OPEN = 4


class Visit(IntEnum):
    """Columns of the log's visits: one row per stay of a case at a work or delay step."""

    STREAM = 0
    CASE = 1
    ATTEMPT = 2
    VISIT = 3
    STEP = 4
    QUEUE = 5
    GROUP = 6
    AGENT = 7
    ENQUEUED = 8
    STARTED = 9
    ENDED = 10
    RELEASED = 11
    HOLD = 12
    ENDING = 13


class Case(IntEnum):
    """Columns of the log's cases: one row per case."""

    STREAM = 0
    CASE = 1
    ARRIVED = 2
    FIRST_RESPONSE = 3  # first start of service
    ENDED = 4
    OUTCOME = 5
    ATTEMPTS = 6
    VISITS = 7  # work and delay visits begun
    HANDOVERS = 8  # starts of service by another group than the one before in the same attempt
    WAITED = 9  # in queues, visits that are over
    WORKED = 10  # talk, hold and wrap of visits whose service is over


class Session(IntEnum):
    """Columns of the log's sessions: one row per stretch in which an agent was logged on."""

    GROUP = 0
    AGENT = 1
    ON = 2
    OFF = 3


class Status(IntEnum):
    """Why `advance` came back."""

    REACHED = 0  # every event before the given time is handled
    BUFFER_FULL = 1  # the rows must be taken
    STATE_FULL = 2  # the state must be enlarged
    CLOSED = 3  # the run is over and everything open is written


def event_key(kind: int, subject: int, sequence: int) -> int:
    """The part of an event's key that follows its time, as one integer: SimPy's priority and the kernel's heap key."""
    return kind << KIND_SHIFT | subject << SUBJECT_SHIFT | sequence & SEQUENCE_MASK
