"""The readable engine with one fault each: what the comparison of engines must notice."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from typing import Any

import simpy

from sim import reference
from sim.codes import KIND_SHIFT, Ending, Kind, Outcome, event_key
from sim.network import Chance, Network
from sim.reference import Agent, Case, Reference, Visit
from sim.units import NEVER


class CompletionsAfterOverflows(Reference):
    """A tie swapped: who is about to be free and who is about to wait longer change places."""

    def timer(self, time: int, kind: Kind, subject: int, sequence: int) -> simpy.Event:
        swapped = {Kind.COMPLETION: 11}.get(kind, int(kind))
        event = simpy.Event(self.env)
        event._ok, event._value = True, None
        self.env.schedule(event, priority=event_key(swapped, subject, sequence), delay=time - self.now)
        return event


class AbandonmentsAfterArrivals(Reference):
    """A tie swapped: a place that is given up comes too late for who arrives at that instant."""

    def timer(self, time: int, kind: Kind, subject: int, sequence: int) -> simpy.Event:
        return super().timer(time, Kind(kind), subject, sequence) if kind != Kind.ABANDONMENT else self._late(
            time, subject, sequence)  # fmt: skip

    def _late(self, time: int, subject: int, sequence: int) -> simpy.Event:
        event = simpy.Event(self.env)
        event._ok, event._value = True, None
        self.env.schedule(event, priority=15 << KIND_SHIFT | event_key(0, subject, sequence), delay=time - self.now)
        return event


class ArrivalsInReverse(Reference):
    """A tie swapped: of arrivals at one instant the later stream's comes first."""

    def timer(self, time: int, kind: Kind, subject: int, sequence: int) -> simpy.Event:
        reverse = (1 << 40) - 1 - subject if kind == Kind.ARRIVAL else subject
        return super().timer(time, kind, reverse, sequence)


class TimersNeverCancelled(Reference):
    """A timer not cancelled, its generation ignored: patience runs on into a later visit of the case."""

    def abandon(self, visit: Visit) -> None:
        now = visit.case.visit
        super().abandon(now if now is not None and now.waiting else visit)


class OverflowOfAnEarlierVisit(Reference):
    """A timer not cancelled: an overflow of an earlier visit moves the case on in a later one."""

    def overflow(self, visit: Visit, line: int) -> None:
        now = visit.case.visit
        same = now is not None and now.waiting and self.steps[now.step].queue == self.steps[visit.step].queue
        super().overflow(now if same and now is not None else visit, line)


class LastIdleFirst(Reference):
    """Who became free last takes the case."""

    def find_agent(self, visit: Visit, line: int) -> bool:
        for server in range(self.line_rows[line].server_first, self.line_rows[line].server_last):
            idle = self.idle[self.servers[server].group]
            for agent in reversed(list(idle)):
                del idle[agent]
                idle[agent] = None
            if idle:
                break
        return super().find_agent(visit, line)


class ReleaseBeforeNextRow(Reference):
    """The case enters the next step before the agent of the last is released."""

    def release(self, agent: Agent) -> None:
        event = self.env.timeout(0)
        event.callbacks.append(lambda _: super(ReleaseBeforeNextRow, self).release(agent))


class FirstRepetitionAlways(Reference):
    """A wrong repetition in an address: a duration drawn again at a step is the same."""

    def __init__(self, network: Network, chance: Chance) -> None:
        super().__init__(network, chance)
        honest = self.draws.seconds
        self.draws.seconds = lambda table, case, step, purpose, _: honest(table, case, step, purpose, 0)


class PriorityIgnored(Reference):
    """Whoever has waited longest is served first, whatever the priority."""

    def join(self, visit: Visit, line: int) -> None:
        since = visit.enqueued - self.streams[visit.case.stream].head_start
        heapq.heappush(self.lines[line], (1, since, visit.case.address, visit.number, visit))


class StepPriorityIgnored(Reference):
    """The stream's priority holds at every step."""

    def join(self, visit: Visit, line: int) -> None:
        stream = self.streams[visit.case.stream]
        entry = (stream.priority, visit.enqueued - stream.head_start, visit.case.address, visit.number, visit)
        heapq.heappush(self.lines[line], entry)


class HeadStartIgnored(Reference):
    """Nobody has a head start."""

    def join(self, visit: Visit, line: int) -> None:
        priority = self.steps[visit.step].priority or self.streams[visit.case.stream].priority
        heapq.heappush(self.lines[line], (priority, visit.enqueued, visit.case.address, visit.number, visit))


class DebtForgotten(Reference):
    """A head count that falls while everybody is busy does not fall."""

    def one_less(self, group: int) -> None:
        if self.idle[group]:
            super().one_less(group)

    def one_more(self, group: int) -> None:
        if any(agent.on_since == NEVER for agent in self.agents[group]):
            super().one_more(group)


class DebtNeverTakenBack(Reference):
    """A head count that rises brings somebody although another was still to go."""

    def one_more(self, group: int) -> None:
        away = [agent for agent in self.agents[group] if agent.on_since == NEVER]
        if self.debt[group] and away:
            self.come(away[0])
        else:
            super().one_more(group)


class FirstIdleLeaves(Reference):
    """When the head count falls, who has been free longest goes."""

    def one_less(self, group: int) -> None:
        if self.idle[group]:
            agent = next(iter(self.idle[group]))
            del self.idle[group][agent]
            self.log_off(agent)
        else:
            super().one_less(group)


class LeavingNotTakenBack(Reference):
    """Who comes back before having left goes all the same."""

    def come(self, agent: Agent) -> None:
        leaving = agent.leaving
        super().come(agent)
        agent.leaving = leaving


class OverflowStopsAtTheSecondLine(Reference):
    """A visit never gets beyond its second line."""

    def await_overflow(self, visit: Visit) -> None:
        if visit.level == 0:
            super().await_overflow(visit)


class OverflowLeavesTheFirstLine(Reference):
    """Who stands in a later line has left the first."""

    def join(self, visit: Visit, line: int) -> None:
        for other in self.lines[self.queues[self.steps[visit.step].queue].line_first : line]:
            other[:] = [entry for entry in other if entry[-1] is not visit]
            heapq.heapify(other)
        super().join(visit, line)


class OneWaitingPlaceMore(Reference):
    """A queue holds one case more than it has places."""

    def work(self, visit: Visit) -> Any:
        queue = self.steps[visit.step].queue
        self.waiting[queue] -= 1
        try:
            flow = super().work(visit)
            first = next(flow)
        except StopIteration as stop:
            self.waiting[queue] += 1
            return stop.value
        self.waiting[queue] += 1
        got = yield first
        return (yield from _rest(flow, got))


def _rest(flow: Any, got: Any) -> Any:
    while True:
        try:
            event = flow.send(got)
        except StopIteration as stop:
            return stop.value
        got = yield event


class AttemptsNotCounted(Reference):
    """One attempt too many."""

    def redials(self, case: Case) -> bool:
        row = self.streams[case.stream]
        more = row._replace(redial_most=row.redial_most + (row.redial_most > 1))
        self.streams[case.stream] = more
        try:
            return super().redials(case)
        finally:
            self.streams[case.stream] = row


class HandoversAcrossAttempts(Reference):
    """Another group in the next attempt counts as a hand-over."""

    def attempt(self, case: Case) -> Any:
        visits = [row for row in self.written["visits"] if row[:2] == (case.stream, case.number) and row[6] >= 0]
        case.last_group = visits[-1][6] if visits else case.last_group
        return super().attempt(case)


class SpeedForgotten(Reference):
    """Everybody works at the same pace."""

    def start(self, visit: Visit, agent: Agent, speed: float) -> None:
        super().start(visit, agent, 1.0)


class ClosingInOrderOfArrival(Reference):
    """Open cases are written in the order in which they came."""

    def close(self) -> None:
        self.cases = _Unsorted(self.cases)
        super().close()


class _Unsorted(dict[int, Case]):
    def items(self) -> Any:
        return [_Equal(pair) for pair in super().items()]


class _Equal(tuple[Any, ...]):
    __slots__ = ()

    def __lt__(self, other: object) -> bool:
        return False


class OpenWaitsDropped(Reference):
    """Who still waits at the end is not written."""

    def record(self, visit: Visit, ending: Ending) -> None:
        if ending != Ending.STILL_WAITING:
            super().record(visit, ending)


class ClosingAtTheHorizon(Reference):
    """Sessions of a drained run end at the horizon although work went on."""

    def close(self) -> None:
        self.last_event = 0
        super().close()


class UnsolvedCountsAsSolved(Reference):
    """Every case that reaches an end is solved."""

    def end_case(self, case: Case, outcome: Outcome) -> None:
        super().end_case(case, Outcome.SOLVED if outcome == Outcome.UNSOLVED else outcome)


def truncated(seconds: float, speed: float) -> int:
    """Rounding that cuts."""
    scaled = seconds / speed * 1e6
    return NEVER if not scaled < 2.0**60 else min(math.floor(scaled), 1 << 55)


class RoundingTruncated(Reference):
    """Durations are cut to whole microseconds."""

    def start(self, visit: Visit, agent: Agent, speed: float) -> None:
        honest, reference.length_us = reference.length_us, truncated
        try:
            super().start(visit, agent, speed)
        finally:
            reference.length_us = honest


FAULTS: tuple[Callable[..., Reference], ...] = (
    CompletionsAfterOverflows, AbandonmentsAfterArrivals, ArrivalsInReverse, TimersNeverCancelled,
    OverflowOfAnEarlierVisit, LastIdleFirst, ReleaseBeforeNextRow, FirstRepetitionAlways, PriorityIgnored,
    StepPriorityIgnored, HeadStartIgnored, DebtForgotten, DebtNeverTakenBack, FirstIdleLeaves, LeavingNotTakenBack,
    OverflowStopsAtTheSecondLine, OverflowLeavesTheFirstLine, OneWaitingPlaceMore, AttemptsNotCounted,
    HandoversAcrossAttempts, SpeedForgotten, ClosingInOrderOfArrival, OpenWaitsDropped, ClosingAtTheHorizon,
    UnsolvedCountsAsSolved, RoundingTruncated,
)  # fmt: skip
