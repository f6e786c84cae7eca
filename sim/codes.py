"""Codes that both engines, the log and the metrics share: defined once, by name."""

from __future__ import annotations

from enum import IntEnum, IntFlag


class Kind(IntEnum):
    """Kinds of event, in the order in which simultaneous ones are handled (docs/semantics.md)."""

    ERA = 1
    LOG_OFF = 2
    LOG_ON = 3
    COMPLETION = 4
    WRAP_END = 5
    DELAY_END = 6
    BRIEFING_END = 7
    OVERFLOW = 10
    ESCALATION = 11
    ABANDONMENT = 12
    REDIAL = 13
    REOPENING = 14
    CHASING = 15
    ARRIVAL = 16


KIND_SHIFT = 56
SUBJECT_SHIFT = 16
SEQUENCE_MASK = (1 << SUBJECT_SHIFT) - 1
CASE_BITS = 32
"""A case's address is its stream's number and, in the low 32 bits, its number in the stream; 40 bits in all."""
FIRST_SPAWNED = 1 << 31
"""Numbers of cases that other cases gave rise to begin here."""
FIRST_INITIAL = 3 << 30
"""Numbers of cases that were open before the start begin here."""
RATE_ONE = 1 << 16
"""Pace at which a unit of work takes a microsecond."""
NO_STEP = -1


class Step(IntEnum):
    """Kinds of step."""

    WORK = 0
    DELAY = 1
    BRANCH = 2
    END = 3
    MARK = 4  # sets priority or deadline
    SPAWN = 5  # gives rise to a case of another stream
    FORK = 6
    JOIN = 7


class Source(IntEnum):
    """What a branch looks at; a way out holds from its ``low`` up to, not including, its ``high``."""

    CHANCE = 0  # a uniform draw
    EASE = 1  # the same, as far as the stream says tied to the case's latent difficulty: easy cases are low
    ATTRIBUTE = 2
    GROUP = 3  # number of the group that served last, -1: none
    CALENDAR = 4  # 1 if the calendar is open now, else 0
    REPETITION = 5  # how often the case has been here before
    ARRIVED = 6  # time of arrival, microseconds


class Wait(IntEnum):
    """What a delay step waits for."""

    TIME = 0  # a drawn duration
    WORKING_TIME = 1  # a drawn duration, counted while a calendar is open
    OPENING = 2  # until a calendar is open
    ROUND = 3  # until a calendar next opens: rounds at set hours


class Lead(IntEnum):
    """When a work step begins with looking the customer up."""

    ALWAYS = 0
    NEW_PERSON = 1  # the agent is not the one who served the case last
    HAND_OVER = 2  # somebody else has served the case before


class AgentRule(IntEnum):
    """Which free agent of a group takes the case."""

    LONGEST_IDLE = 0
    LISTED_ORDER = 1
    LEAST_LOADED = 2  # who has worked least since log-on


class QueueRule(IntEnum):
    """Which waiting case a free agent of a group takes, of the heads of the lines."""

    PRIORITY = 0
    LONGEST_WAIT = 1
    WEIGHTED_WAIT = 2  # the queue's weight times the wait


class Ask(IntEnum):
    """Which of the groups with a free agent serves an arriving case."""

    LISTED_ORDER = 0
    BEST_SKILLED = 1  # the greatest speed


class Ending(IntEnum):
    """How a visit ended."""

    SERVED = 0
    ABANDONED = 1
    BLOCKED = 2
    DELAYED = 3
    STILL_WAITING = 4
    STILL_IN_SERVICE = 5
    STILL_DELAYED = 6
    SUSPENDED = 7  # the agent's shift ended; a further visit goes on with the rest
    BALKED = 8  # saw the queue and did not join
    UNANSWERED = 9  # called back, and did not pick up
    HANDING = 10  # not a visit: time of an agent who holds and briefs at a warm hand-over


class Outcome(IntEnum):
    """How a case ended."""

    SOLVED = 0
    UNSOLVED = 1
    ABANDONED = 2
    BLOCKED = 3
    OPEN = 4
    GONE = 5  # the customer had left before: nothing happened


class Flag(IntFlag):
    """What a visit's row may say besides."""

    CALLBACK = 1  # the customer chose to be called back
    ESCALATED = 2  # its priority was raised before the deadline
    RESUMED = 4  # went on with suspended work
    UNSOLVED = 8  # served, but the agent could not solve it
    LOOKED_UP = 16  # service began with looking the customer up


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
    STRAND = 14  # 0: the case itself; others: branches of a fork and chasing contacts, as they began
    FLAGS = 15  # codes.Flag


class Case(IntEnum):
    """Columns of the log's cases: one row per case."""

    STREAM = 0
    CASE = 1
    ARRIVED = 2
    FIRST_RESPONSE = 3  # first start of service of the case itself, not of a chasing contact
    ENDED = 4
    OUTCOME = 5
    ATTEMPTS = 6
    VISITS = 7  # work and delay visits begun
    HANDOVERS = 8  # starts of service by another group than the one before in the same attempt
    WAITED = 9  # in queues, visits that are over
    WORKED = 10  # work of visits whose service is over
    SOLVED = 11  # first time at which it was solved
    REOPENED = 12  # how often it came back after an end
    CHASES = 13  # chasing contacts begun
    VARIANT = 14  # which of the stream's ways in it took (`Network.entries`), counted from the stream's first
    CUSTOMER = 15  # number among the stream's customers; -1: not counted
    LEFT = 16  # 1: the customer left for good


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
