"""Lines in front of queues: who stands where, and which waiting case an agent takes."""

from __future__ import annotations

import heapq

from sim.codes import QueueRule
from sim.reference.parts import Agent, Visit
from sim.reference.world import World
from sim.units import NEVER

_PRIORITY, _LONGEST_WAIT = int(QueueRule.PRIORITY), int(QueueRule.LONGEST_WAIT)


class Lines(World):
    """Standing in lines."""

    def priority_of(self, visit: Visit) -> int:
        """The case's priority, once a mark has set it; else the step's, else the stream's."""
        case = visit.case
        priority: int = case.priority or self.steps[visit.step].priority or self.streams[case.stream].priority
        return priority

    def rank_of(self, visit: Visit) -> int:
        """Place among equal priorities: time of joining less the head start, or the deadline."""
        case, queue = visit.case, self.queues[visit.queue]
        rank: int = visit.enqueued - self.streams[case.stream].head_start
        if not queue.deadline:
            return rank
        return case.deadline if case.deadline < NEVER else rank + queue.within

    def join(self, visit: Visit, line: int) -> None:
        """Stand in a line."""
        entry = (visit.priority, visit.rank, visit.case.address, visit.number, visit)
        heapq.heappush(self.lines[line], entry)

    def leave_lines(self, visit: Visit) -> None:
        """Wait no longer; entries left behind in lines are passed over by `head`."""
        visit.waiting = False
        self.waiting[visit.queue] -= 1

    def head(self, line: int) -> Visit | None:
        """The first in a line."""
        entries = self.lines[line]
        while entries:
            visit = entries[0][-1]
            if visit.waiting and visit.priority == entries[0][0]:
                return visit
            heapq.heappop(entries)
        return None

    def may_take(self, agent: Agent, queue: int) -> bool:
        """Whether an agent may have one contact more, of this queue."""
        skill, contacts = self.skills[agent.group][queue], agent.contacts
        if skill.speed <= 0 or not contacts:
            return bool(skill.speed > 0)
        held = len(contacts)
        return held < skill.at_once and all(held < contact.at_once for contact in contacts)

    def best_waiting(self, agent: Agent) -> Visit | None:
        """The waiting case that an agent takes: by the group's rule, of the heads of the lines."""
        group = self.groups[agent.group]
        heads = self.heads(agent)
        if len(heads) > 1:
            return min(heads, key=lambda visit: self.order(visit, group.takes))
        return heads[0] if heads else None

    def heads(self, agent: Agent) -> list[Visit]:
        """The heads of the lines from which an agent may take a case."""
        others_free = NEVER if agent.contacts else len(self.idle[agent.group])
        heads = []
        for line, queue, reserve in self.serves[agent.group]:
            if self.lines[line] and others_free >= reserve and self.may_take(agent, queue):
                visit = self.head(line)
                if visit is not None:
                    heads.append(visit)
        return heads

    def order(self, visit: Visit, rule: int) -> tuple[int, ...]:
        """By what a group compares waiting cases: the least is taken."""
        by_priority = (visit.priority, visit.rank, visit.case.address, visit.number)
        if rule == _PRIORITY:
            return by_priority
        if rule == _LONGEST_WAIT:
            return visit.enqueued, *by_priority
        weight = self.queues[visit.queue].weight
        return -weight * (self.now - visit.enqueued), *by_priority
