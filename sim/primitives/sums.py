"""Which sums the compiled counting keeps, by name."""

from __future__ import annotations

from enum import IntEnum


class QueueSum(IntEnum):
    """Sums per queue and interval of joining; times in microseconds."""

    OFFERED = 0
    ANSWERED = 1
    ANSWERED_IN_TIME = 2
    ABANDONED = 3
    ABANDONED_IN_TIME = 4
    BLOCKED = 5
    STILL_WAITING = 6
    WAIT_ANSWERED = 7
    WAIT_ABANDONED = 8
    WAIT_OPEN = 9
    HANDLED = 10
    TALK = 11
    HOLD = 12
    WRAP = 13
    REDIALS = 14
    WAITING_TIME = 15  # by the interval in which it passes, inside the window
    BALKED = 16
    CALLBACKS = 17
    UNANSWERED = 18
    SUSPENDED = 19  # visits handed back, each time
    ESCALATED = 20
    LOOKUPS = 21
    STARTS = 22  # starts of service, resumed work included
    PASSED_ON = 23  # served, but not solved by the agent


class CaseSum(IntEnum):
    """Sums per stream and interval of arrival; times in microseconds."""

    CASES = 0
    SOLVED = 1
    UNSOLVED = 2
    ABANDONED = 3
    BLOCKED = 4
    OPEN = 5
    RESPONDED = 6
    RESPONSE_TIME = 7
    RESOLVE_TIME = 8
    HANDOVERS = 9
    ATTEMPTS = 10
    BACKLOG = 11  # open at the horizon's end, whenever they arrived
    BACKLOG_AGE = 12
    GONE = 13  # customers who had left before; in no other sum
    ENDED = 14
    HANDED_OVER = 15  # cases with at least one hand-over
    CAME_BACK = 16  # cases with at least one reopening
    REOPENINGS = 17
    CHASED = 18  # cases with at least one chasing contact
    CHASES = 19
    FIRST_SOLVED = 20  # solved at least once
    FIRST_SOLVED_TIME = 21
    FIRST_CONTACT = 22  # solved at first contact, of those below
    FIRST_CONTACT_DUE = 23
    COUNTED_CUSTOMERS = 24  # cases of counted customers that ended
    LEFT = 25
    LOOKUPS = 26  # kept only where some step begins with a look-up
    UNAIDED = 27  # solved, and no person ever served the case itself
    APPROVED = 28  # cases with at least one approval that is over; kept only where there are approvals
    APPROVAL_TIME = 29


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
    LOST_TO_WAIT = 11  # points, in the order of `sim.metrics.service.EFFECTS`
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
    RELIABILITY = 24  # in the order of `sim.metrics.service.DIMENSIONS`
    RESPONSIVENESS = 25
    ASSURANCE = 26
    EMPATHY = 27
    TANGIBLES = 28
    PRAISED = 29  # surveys with a promoter's score
