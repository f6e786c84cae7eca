"""Faults in queues: who waits where, who is taken, what happens while waiting."""

from __future__ import annotations

import heapq

from sim.codes import QueueRule
from sim.reference import Agent, Reference, Visit
from sim.units import NEVER


class TimersNeverCancelled(Reference):
    """Patience runs on into a later visit of the strand."""

    def abandon(self, visit: Visit) -> None:
        now = visit.strand.visit
        super().abandon(now if now is not None and now.waiting else visit)


class OverflowOfAnEarlierVisit(Reference):
    """An overflow of an earlier visit moves the case on in a later one."""

    def overflow(self, visit: Visit, line: int) -> None:
        now = visit.strand.visit
        same = now is not None and now.waiting and now.queue == visit.queue
        super().overflow(now if same and now is not None else visit, line)


class PriorityIgnored(Reference):
    """Whoever has waited longest is served first, whatever the priority."""

    def priority_of(self, visit: Visit) -> int:
        return 1


class StepPriorityIgnored(Reference):
    """The stream's priority holds at every step."""

    def priority_of(self, visit: Visit) -> int:
        return int(visit.case.priority or self.streams[visit.case.stream].priority)


class MarkedPriorityIgnored(Reference):
    """A mark sets no priority."""

    def priority_of(self, visit: Visit) -> int:
        return int(self.steps[visit.step].priority or self.streams[visit.case.stream].priority)


class HeadStartIgnored(Reference):
    """Nobody has a head start."""

    def rank_of(self, visit: Visit) -> int:
        return super().rank_of(visit) + self.streams[visit.case.stream].head_start * (
            not self.queues[visit.queue].deadline
        )


class DeadlineIgnored(Reference):
    """Queues that serve by deadline take everybody as due within the same time."""

    def rank_of(self, visit: Visit) -> int:
        deadline, visit.case.deadline = visit.case.deadline, NEVER
        rank = super().rank_of(visit)
        visit.case.deadline = deadline
        return rank


class OverflowStopsAtTheSecondLine(Reference):
    """A visit never gets beyond its second line."""

    def await_overflow(self, visit: Visit) -> None:
        if visit.level == 0:
            super().await_overflow(visit)


class OverflowLeavesTheFirstLine(Reference):
    """Who stands in a later line has left the first."""

    def join(self, visit: Visit, line: int) -> None:
        for other in self.lines[self.queues[visit.queue].line_first : line]:
            other[:] = [entry for entry in other if entry[-1] is not visit]
            heapq.heapify(other)
        super().join(visit, line)


class OneWaitingPlaceMore(Reference):
    """A queue holds one case more than it has places."""

    def blocked(self, visit: Visit) -> bool:
        self.waiting[visit.queue] -= 1
        blocked = super().blocked(visit)
        self.waiting[visit.queue] += 1
        return blocked


class BalkingFromOneMore(Reference):
    """Customers balk at a queue that is longer by one."""

    def balks(self, visit: Visit) -> bool:
        self.waiting[visit.queue] -= 1
        balks = super().balks(visit)
        self.waiting[visit.queue] += 1
        return balks


class PatientOnesBalk(Reference):
    """Who never hangs up does not join either."""

    def patience_table(self, visit: Visit) -> int:
        return max(super().patience_table(visit), 0) if not visit.waiting else super().patience_table(visit)


class CallbacksHangUp(Reference):
    """Who is called back has the patience of those who wait on the line."""

    def await_patience(self, visit: Visit) -> None:
        callback, visit.callback = visit.callback, False
        super().await_patience(visit)
        visit.callback = callback


class BranchesOfAForkHangUp(Reference):
    """A branch of a fork has the stream's patience."""

    def patience_table(self, visit: Visit) -> int:
        table: int = self.steps[visit.step].patience
        return self.streams[visit.case.stream].patience if table == -2 else table


class EscalationKeepsItsPlace(Reference):
    """A better priority does not change the place in the lines."""

    def escalate(self, visit: Visit) -> None:
        before = visit.priority
        super().escalate(visit)
        visit.priority = before


class EscalationInTheFirstLineOnly(Reference):
    """A better priority counts in the first line only."""

    def escalate(self, visit: Visit) -> None:
        level, visit.level = visit.level, 0
        super().escalate(visit)
        visit.level = level


class LongestWaitByRank(Reference):
    """The longest wait is that with the head start."""

    def order(self, visit: Visit, rule: int) -> tuple[int, ...]:
        found = super().order(visit, rule)
        return (visit.rank, *found[1:]) if rule == QueueRule.LONGEST_WAIT else found


class WeightsIgnored(Reference):
    """All queues weigh the same."""

    def order(self, visit: Visit, rule: int) -> tuple[int, ...]:
        return super().order(visit, QueueRule.LONGEST_WAIT if rule == QueueRule.WEIGHTED_WAIT else rule)


class LastIdleFirst(Reference):
    """Who became free last takes the case."""

    def free_agent(self, group: int, reserve: int) -> Agent | None:
        idle = self.idle[group]
        for agent in reversed(list(idle)):
            del idle[agent]
            idle[agent] = None
        return super().free_agent(group, reserve)


class LoadForgotten(Reference):
    """Who has worked least is who is free longest."""

    def free_agent(self, group: int, reserve: int) -> Agent | None:
        for agent in self.idle[group]:
            agent.worked = 0
        return super().free_agent(group, reserve)


class ReserveIgnored(Reference):
    """No agent stays free for another queue."""

    def free_agent(self, group: int, reserve: int) -> Agent | None:
        return super().free_agent(group, 0)


class ReserveAtReleaseCountsTheAgent(Reference):
    """Who is released counts as free: one fewer stays."""

    def best_waiting(self, agent: Agent) -> Visit | None:
        self.idle[agent.group][agent] = None
        found = super().best_waiting(agent)
        del self.idle[agent.group][agent]
        return found


class BestSkilledByList(Reference):
    """Groups are asked as listed, whatever their speeds."""

    def asked(self, line: int) -> list[tuple[int, int]]:
        row = self.line_rows[line]
        listed = self.servers[row.server_first : row.server_last]
        return [(one.group, one.reserve) for one in listed if self.skills[one.group][row.queue].speed > 0]


FAULTS = (
    TimersNeverCancelled, OverflowOfAnEarlierVisit, PriorityIgnored, StepPriorityIgnored, MarkedPriorityIgnored,
    HeadStartIgnored, DeadlineIgnored, OverflowStopsAtTheSecondLine, OverflowLeavesTheFirstLine, OneWaitingPlaceMore,
    BalkingFromOneMore, PatientOnesBalk, CallbacksHangUp, BranchesOfAForkHangUp, EscalationKeepsItsPlace,
    EscalationInTheFirstLineOnly, LongestWaitByRank, WeightsIgnored, LastIdleFirst, LoadForgotten, ReserveIgnored,
    ReserveAtReleaseCountsTheAgent, BestSkilledByList,
)  # fmt: skip
