"""Which sums are kept, by name."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

from sim.primitives.sums import CaseSum, OpinionSum, QueueSum

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
