"""Which sums are kept, by name."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

from sim.primitives.sums import CaseSum, QueueSum

__all__ = [
    "SUMS",
    "AgentSum",
    "CaseSum",
    "Duration",
    "GroupSum",
    "MoneySum",
    "OpinionSum",
    "QueueSum",
    "Scope",
    "TierSum",
]

Scope = Literal["queue", "group", "case", "tier", "opinion", "money"]


class GroupSum(IntEnum):
    """Sums per group and interval in which the time passes, inside the window; microseconds."""

    STAFFED = 0
    BUSY = 1
    PAID = 2  # spread evenly over the window


class TierSum(IntEnum):
    """Sums per tier and interval in which a promise falls due; the first block by true, the second by assigned tier."""

    RESPOND_DUE = 0
    RESPOND_KEPT = 1
    OFFER_DUE = 2
    OFFER_KEPT = 3
    SOLVE_DUE = 4
    SOLVE_KEPT = 5
    ASSIGNED_RESPOND_DUE = 6
    ASSIGNED_RESPOND_KEPT = 7
    ASSIGNED_OFFER_DUE = 8
    ASSIGNED_OFFER_KEPT = 9
    ASSIGNED_SOLVE_DUE = 10
    ASSIGNED_SOLVE_KEPT = 11
    CASES = 12  # by the interval of arrival
    ASSIGNED_RIGHT = 13


class OpinionSum(IntEnum):
    """Sums per stream and interval of arrival of cases that ended; scores in thousandths of a point."""

    SCORED = 0
    SCORE = 1
    SCORE_LOW = 2
    SCORE_HIGH = 3
    SURVEYED = 4
    SURVEY_SCORE = 5
    SURVEY_LOW = 6
    SURVEY_HIGH = 7
    RESPONDENTS = 8  # customers who answered at least once; cases where customers are not counted
    PROMOTERS = 9
    DETRACTORS = 10
    LOST_TO_WAIT = 11  # points, in the order of `EFFECTS`
    LOST_TO_REDIALS = 12
    LOST_TO_HAND_OVERS = 13
    LOST_TO_LOOK_UPS = 14
    LOST_TO_LATE = 15
    LOST_TO_BROKEN_PROMISE = 16
    LOST_TO_APPROVAL = 17
    LOST_TO_CHASING = 18
    LOST_TO_REOPENING = 19
    LOST_TO_UNSOLVED = 20
    LOST_TO_LOST = 21
    LOST_TO_INCONSISTENT = 22
    LOST_TO_COLD = 23
    RELIABILITY = 24  # in the order of `DIMENSIONS`
    RESPONSIVENESS = 25
    ASSURANCE = 26
    EMPATHY = 27
    TANGIBLES = 28
    PRAISED = 29  # surveys with a promoter's score


class MoneySum(IntEnum):
    """Sums per cost line and interval, in thousandths of the currency."""

    COST = 0


class AgentSum(IntEnum):
    """Sums per agent over the whole run: of the cases that the agent served last, and of the agent's own time."""

    STAFFED = 0
    CONTACTS = 1
    ENDED = 2
    FIRST_CONTACT = 3
    SOLVED = 4
    CAME_BACK = 5
    SCORED = 6
    SCORE = 7
    SURVEYED = 8
    PRAISED = 9  # answered with a promoter's score


class Duration(IntEnum):
    """Durations kept as histograms, in totals only."""

    WAIT = 0  # per queue
    FIRST_RESPONSE = 1  # per stream
    RESOLVE = 2
    BACKLOG_AGE = 3


SUMS: dict[Scope, type[IntEnum]] = {
    "queue": QueueSum,
    "group": GroupSum,
    "case": CaseSum,
    "tier": TierSum,
    "opinion": OpinionSum,
    "money": MoneySum,
}
