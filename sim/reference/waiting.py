"""Waiting for service: who serves, who is turned away, and what ends a wait."""

from __future__ import annotations

from sim.codes import AgentRule, Ask, Ending, Flag, Kind
from sim.primitives import Purpose
from sim.reference.parts import NONE, Agent, Visit
from sim.reference.service import Service
from sim.units import NEVER

_LONGEST_IDLE = int(AgentRule.LONGEST_IDLE)
_BLOCKED, _BALKED, _ABANDONED = Ending.BLOCKED, Ending.BALKED, Ending.ABANDONED
_ABANDONMENT, _OVERFLOW, _ESCALATION = Kind.ABANDONMENT, Kind.OVERFLOW, Kind.ESCALATION
_CALLBACK, _ESCALATED = int(Flag.CALLBACK), int(Flag.ESCALATED)


class Waiting(Service):
    """A visit at a work step, until it is over."""

    def seek_service(self, visit: Visit) -> Ending | None:
        """Be served at once, or wait; if turned away, how (`Ending.SERVED`, 0, is none of these)."""
        if self.find_agent(visit, self.queues[visit.queue].line_first):
            return None
        ending = self.turned_away(visit)
        if ending is None:
            self.wait(visit)
        else:
            self.lose(visit, ending)
        return ending

    # Who serves ------------------------------------------------------------------------------------------------

    def find_agent(self, visit: Visit, line: int) -> bool:
        """Start service if one of a line's groups may serve the visit."""
        for group, reserve in self.able.get(line) or self.asked(line):
            agent = self.free_agent(group, reserve)
            if agent is None and self.groups[group].contacts > 1:
                agent = self.agent_with_room(group, visit.queue)
            if agent is not None:
                self.idle[group].pop(agent, None)
                self.start(visit, agent)
                return True
        return False

    def asked(self, line: int) -> list[tuple[int, int]]:
        """Groups of a line that can serve, in the order in which they are asked, and their reserves."""
        row = self.line_rows[line]
        queue = row.queue
        able = [
            (server.group, server.reserve)
            for server in self.servers[row.server_first : row.server_last]
            if self.skills[server.group][queue].speed > 0
        ]
        if self.queues[queue].ask == Ask.BEST_SKILLED:
            able.sort(key=lambda asked: -self.skills[asked[0]][queue].speed)
        self.able[line] = able
        return able

    def free_agent(self, group: int, reserve: int) -> Agent | None:
        """The free agent of a group who takes a case, if enough others stay free."""
        idle = self.idle[group]
        if len(idle) <= reserve:
            return None
        rule = self.groups[group].rule
        if rule == _LONGEST_IDLE:
            return next(iter(idle))
        if rule == AgentRule.LISTED_ORDER:
            return min(idle, key=lambda agent: agent.number)
        return min(idle, key=lambda agent: agent.worked)  # the first of equals: the longest idle

    def agent_with_room(self, group: int, queue: int) -> Agent | None:
        """An agent of a group who has contacts and may hold one more."""
        if self.debt[group]:
            return None
        able = [
            agent
            for agent in self.agents[group]
            if agent.contacts and not agent.leaving and self.may_take(agent, queue)
        ]
        return min(able, key=lambda agent: (len(agent.contacts), agent.number), default=None)

    # Not joining -----------------------------------------------------------------------------------------------

    def turned_away(self, visit: Visit) -> Ending | None:
        """How a visit ends that does not join: blocked or balked."""
        row = self.queues[visit.queue]
        if visit.resumed or visit.strand.fork is not None:
            return None
        if row.waiting_places >= 0 and self.blocked(visit):
            return _BLOCKED
        return _BALKED if row.balk_from >= 0 and self.balks(visit) else None

    def blocked(self, visit: Visit) -> bool:
        """Whether the queue is full."""
        queue = visit.queue
        return self.queues[queue].waiting_places <= self.waiting[queue]  # type: ignore[no-any-return]

    def balks(self, visit: Visit) -> bool:
        """Whether the customer sees the queue and does not join."""
        queue = visit.queue
        row = self.queues[queue]
        if row.balk_from > self.waiting[queue] or self.patience_table(visit) < 0:
            return False
        draw = self.draws.uniform(visit.case, visit.step, Purpose.BALK, visit.repetition)
        return bool(draw < row.balk_share)

    def lose(self, visit: Visit, ending: Ending) -> None:
        """A visit is over without service; an agent who was to hand it over is released."""
        visit.ended = self.now
        self.record(visit, ending)
        self.call_off(visit.strand)

    # Joining ---------------------------------------------------------------------------------------------------

    def wait(self, visit: Visit) -> None:
        """Join the queue: its first line, with timers for all that may happen there."""
        queue = self.queues[visit.queue]
        if queue.callback_from >= 0 and self.called_back(visit):
            visit.callback = True
            visit.flags |= _CALLBACK
        self.waiting[visit.queue] += 1
        visit.waiting = True
        visit.priority = self.priority_of(visit)
        self.join(visit, queue.line_first)
        self.await_patience(visit)
        if queue.line_first + 1 < queue.line_last:
            self.await_overflow(visit)
        if queue.escalate_priority:
            self.await_escalation(visit)
        if visit.callback:
            self.call_off(visit.strand)

    def patience_table(self, visit: Visit) -> int:
        """Table of the patience of a visit; -1: it never hangs up."""
        if visit.resumed or visit.strand.fork is not None:
            return NONE
        table: int = self.steps[visit.step].patience
        return self.streams[visit.case.stream].patience if table == -2 else table

    def called_back(self, visit: Visit) -> bool:
        """Whether the customer would rather be called back than wait."""
        queue = visit.queue
        row = self.queues[queue]
        if row.callback_from > self.waiting[queue] or self.patience_table(visit) < 0:
            return False
        draw = self.draws.uniform(visit.case, visit.step, Purpose.CALLBACK, visit.repetition)
        return bool(draw < row.callback_share)

    def await_patience(self, visit: Visit) -> None:
        """Set the end of patience, if there is one."""
        table = self.patience_table(visit)
        if table < 0 or visit.callback:
            return
        visit.patient = True
        patience = self.draws.patience(table, visit.case, visit.step, visit.repetition)
        if patience < NEVER:
            at = max(visit.enqueued + patience, self.now)
            self.call(at, _ABANDONMENT, visit, self.abandon)

    def await_overflow(self, visit: Visit) -> None:
        """Set the time at which the next line is open to the visit, if there is one."""
        queue = visit.queue
        following = self.queues[queue].line_first + visit.level + 1
        if following < self.queues[queue].line_last:
            at = max(visit.enqueued + self.line_rows[following].after, self.now)
            self.call(at, _OVERFLOW, visit, lambda visit: self.overflow(visit, following))

    def await_escalation(self, visit: Visit) -> None:
        """Set the time at which the deadline is near, if there is one."""
        row, deadline = self.queues[visit.queue], visit.case.deadline
        if deadline < NEVER:
            at = max(deadline - row.escalate_before, self.now)
            self.call(at, _ESCALATION, visit, self.escalate)

    # Ends of a wait --------------------------------------------------------------------------------------------

    def overflow(self, visit: Visit, line: int) -> None:
        """More groups may serve the visit."""
        if not visit.waiting:
            return
        self.last_event = self.now
        visit.level += 1
        if not self.find_agent(visit, line):
            self.join(visit, line)
            self.await_overflow(visit)

    def escalate(self, visit: Visit) -> None:
        """The deadline is near: a better priority, and so another place in each line joined."""
        if not visit.waiting:
            return
        self.last_event = self.now
        queue = self.queues[visit.queue]
        if queue.escalate_priority < visit.priority:
            visit.priority = queue.escalate_priority
            visit.flags |= _ESCALATED
            for line in range(queue.line_first, queue.line_first + visit.level + 1):
                self.join(visit, line)

    def abandon(self, visit: Visit) -> None:
        """Patience is over."""
        if not visit.waiting:
            return
        self.last_event = self.now
        self.leave_lines(visit)
        visit.case.waited += self.now - visit.enqueued
        self.lose(visit, _ABANDONED)
        assert visit.over is not None
        visit.over.succeed(_ABANDONED)
