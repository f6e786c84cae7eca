"""The readable engine with a notebook: which elements of a scenario acted, not merely stood in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from sim.codes import KIND_SHIFT, AgentRule, Kind, QueueRule, Source, Status
from sim.network import Chance, Network
from sim.reference import Agent, Case, Reference, Strand, Visit
from sim.units import NEVER

_SOURCES = {
    Source.CHANCE: "branch by chance",
    Source.EASE: "branch by ease",
    Source.ATTRIBUTE: "branch on an attribute",
    Source.GROUP: "branch on who served",
    Source.CALENDAR: "branch on a calendar",
    Source.REPETITION: "branch on repetition",
    Source.ARRIVED: "branch on the arrival",
}


class Witness(Reference):
    """Counts in ``acts`` and, for each pair of kinds at one instant, in ``ties``."""

    def __init__(self, network: Network, chance: Chance) -> None:
        self.acts: Counter[str] = Counter()
        self.ties: Counter[tuple[Kind, Kind]] = Counter()
        self.passed: Counter[int] = Counter()  # branches and marks
        self._last: tuple[int, Kind] = (-1, Kind.LOG_OFF)
        super().__init__(network, chance)

    def advance(self, until: int) -> Status:
        limit = min(until, self.network.stop)
        while self.env.peek() < limit:
            self._watch()
            self.env.step()
        return super().advance(until)

    def _watch(self) -> None:
        time, priority = self.env._queue[0][:2]
        if priority >> KIND_SHIFT:
            kind = Kind(priority >> KIND_SHIFT)
            if self._last[0] == time:
                self.ties[min(kind, self._last[1]), max(kind, self._last[1])] += 1
                self.acts["arrivals at one instant"] += kind == self._last[1] == Kind.ARRIVAL
            self._last = (int(time), kind)
            self.acts["drained beyond the end"] += time >= self.network.end

    # Cases -----------------------------------------------------------------------------------------------------

    def spared(self, case: Case) -> bool:
        spared = super().spared(case)
        self.acts["spared"] += spared
        return spared

    def enters(self, case: Case, entry: int) -> bool:
        holds = super().enters(case, entry)
        row = self.entries[entry]
        self.acts["way in by attribute"] += holds and row.attribute >= 0
        self.acts["way in by share"] += holds and row.share_begin != row.share_end
        return holds

    def redials(self, case: Case) -> bool:
        again = super().redials(case)
        most = self.streams[case.stream].redial_most
        self.acts["redial"] += again
        self.acts["attempts used up"] += 1 < most <= case.attempt + 1
        return again

    def end_case(self, case: Case, outcome: int) -> None:
        super().end_case(case, outcome)
        self.acts["deadline missed"] += case.deadline < case.ended

    def chase(self, case: Case, number: int, completions: int) -> None:
        open_, chases = 0 in case.strands, case.chases
        super().chase(case, number, completions)
        self.acts["chasing timer without a contact"] += open_ and case.chases == chases

    # Steps -----------------------------------------------------------------------------------------------------

    def branch(self, case: Case, step: int, repetition: int) -> int:
        target = super().branch(case, step, repetition)
        self.passed[step] += 1
        row = self.steps[step]
        self.acts[_SOURCES[row.source]] += 1
        self.acts["branch back"] += target < step
        self.acts["by difficulty"] += row.source == Source.EASE and self.streams[case.stream].difficulty > 0
        return target

    def mark(self, case: Case, step: int) -> None:
        before = case.priority, case.deadline
        super().mark(case, step)
        self.passed[step] += 1
        self.acts["priority of a mark"] += case.priority != before[0]
        self.acts["deadline of a mark"] += case.deadline != before[1]
        self.acts["deadline of working time"] += self.steps[step].due >= 0 and self.steps[step].calendar >= 0

    def fork(self, strand: Strand, step: int) -> Any:
        self.acts["fork"] += 1
        self.acts["fork in a fork"] += strand.fork is not None
        return super().fork(strand, step)

    # Who serves ------------------------------------------------------------------------------------------------

    def find_agent(self, visit: Visit, line: int) -> bool:
        free = {group for group, _ in self.asked(line) if self.idle[group]}
        listed = [
            self.servers[s].group for s in range(self.line_rows[line].server_first, self.line_rows[line].server_last)
        ]
        found = super().find_agent(visit, line)
        if found and visit.agent:
            self.acts["two groups free"] += len(free) > 1
            earlier = listed[: listed.index(visit.agent.group)]
            self.acts["best skilled"] += any(group in free and self.idle[group] for group in earlier)
        return found

    def free_agent(self, group: int, reserve: int) -> Agent | None:
        agent = super().free_agent(group, reserve)
        idle, rule = list(self.idle[group]), self.groups[group].rule
        self.acts["reserve"] += agent is None and bool(idle)
        if agent is not None:
            first = min(one.number for one in idle)
            self.acts["longest idle"] += rule == AgentRule.LONGEST_IDLE and agent.number > first
            self.acts["listed order"] += rule == AgentRule.LISTED_ORDER and agent is not idle[0]
            self.acts["least loaded"] += rule == AgentRule.LEAST_LOADED and agent is not idle[0]
        return agent

    def best_waiting(self, agent: Agent) -> Visit | None:
        visit = super().best_waiting(agent)
        row = self.groups[agent.group]
        if visit is not None:
            self._note_choice(agent, visit, row)
        return visit

    def _note_choice(self, agent: Agent, visit: Visit, row: Any) -> None:
        waiting = self._waiting(visit)
        self.groups[agent.group] = replace(row, takes=QueueRule.PRIORITY)
        other = super().best_waiting(agent) is not visit
        self.groups[agent.group] = row
        self.acts["longest wait"] += other and row.takes == QueueRule.LONGEST_WAIT
        self.acts["weighted wait"] += other and row.takes == QueueRule.WEIGHTED_WAIT
        self.acts["agent came and took a case"] += agent.on_since == self.now
        self.acts["took one of several queues"] += any(self._other_queues(agent, visit))
        by_deadline = self.queues[self.steps[visit.step].queue].deadline
        for late in waiting:
            before, same = late.enqueued < visit.enqueued, late.priority == visit.priority
            self.acts["priority passed an earlier case"] += before and not same
            self.acts["deadline passed an earlier case"] += before and same and bool(by_deadline)
            self.acts["head start passed an earlier case"] += before and same and not by_deadline
            self.acts["tie broken by address"] += same and late.rank == visit.rank

    def _waiting(self, visit: Visit) -> list[Visit]:
        """Others who wait in the lines of a visit's queue."""
        queue = self.queues[self.steps[visit.step].queue]
        entries = [entry for line in range(queue.line_first, queue.line_last) for entry in self.lines[line]]
        return list({entry[-1]: None for entry in entries if entry[-1].waiting and entry[-1] is not visit})

    def _other_queues(self, agent: Agent, visit: Visit) -> list[Visit]:
        row = self.groups[agent.group]
        heads = [self.head(self.served[served].line) for served in range(row.served_first, row.served_last)]
        queue = self.steps[visit.step].queue
        return [head for head in heads if head is not None and self.steps[head.step].queue != queue]

    # Waiting ---------------------------------------------------------------------------------------------------

    def wait(self, visit: Visit) -> None:
        super().wait(visit)
        row = self.steps[visit.step]
        self.acts["patience of a step"] += row.patience >= 0
        self.acts["never hangs up"] += not visit.patient
        self.acts["priority of a step"] += row.priority > 0 and not visit.strand.case.priority
        self.acts["branch of a fork waits"] += visit.strand.fork is not None

    def overflow(self, visit: Visit, line: int) -> None:
        waited, level = visit.waiting, visit.level
        super().overflow(visit, line)
        self.acts["overflow idle"] += not waited
        self.acts["overflow served"] += waited and not visit.waiting
        self.acts["overflow joined"] += waited and visit.waiting
        self.acts["second overflow"] += waited and level > 0

    def abandon(self, visit: Visit) -> None:
        self.acts["abandonment idle"] += not visit.waiting
        self.acts["patience drawn 0"] += visit.waiting and visit.enqueued == self.now
        self.acts["chasing contact lost"] += visit.waiting and visit.strand.chasing
        super().abandon(visit)

    # Service ---------------------------------------------------------------------------------------------------

    def start(self, visit: Visit, agent: Agent) -> None:
        queue, kept = self.steps[visit.step].queue, visit.strand.kept
        skill = self.skills[agent.group][queue]
        self.acts["speed"] += skill.speed != 1.0
        self.acts["pace"] += agent.pace != 1.0
        self.acts["later era"] += skill != self.eras[0][agent.group][queue]
        self.acts["awaited with the agent who hands over"] += kept is not None and kept.ended < self.now
        super().start(visit, agent)

    def add_contact(self, visit: Visit, agent: Agent) -> None:
        super().add_contact(visit, agent)
        self.acts["two contacts at once"] += len(agent.contacts) == 2
        self.acts["three contacts at once"] += len(agent.contacts) == 3
        self.acts["slowdown"] += len(agent.contacts) > 1 and any(one.slowdown for one in agent.contacts)

    def call_off(self, strand: Strand) -> None:
        self.acts["warm hand-over called off"] += strand.kept is not None
        super().call_off(strand)

    def release(self, agent: Agent) -> None:
        debt, leaving = self.debt[agent.group], agent.leaving
        gone = not agent.contacts
        super().release(agent)
        self.acts["agent left at release"] += gone and leaving
        self.acts["debt paid"] += gone and debt > 0 and not leaving

    # People ----------------------------------------------------------------------------------------------------

    def change_era(self, era: int) -> None:
        idle = [agent for group in self.idle for agent in group]
        super().change_era(era)
        self.acts["era changed"] += 1
        self.acts["era brought free agents work"] += any(agent.contacts for agent in idle)

    def one_less(self, group: int) -> None:
        free, debt = bool(self.idle[group]), self.debt[group]
        super().one_less(group)
        self.acts["head count fell, free"] += free
        self.acts["head count fell, nobody free"] += self.debt[group] > debt
        self.acts["head count fell, work suspended"] += not free and self.debt[group] == debt

    def one_more(self, group: int, pace: float) -> None:
        self.acts["debt taken back"] += self.debt[group] > 0
        super().one_more(group, pace)

    def come(self, agent: Agent, pace: float) -> None:
        self.acts["leaving taken back"] += agent.leaving
        self.acts["on duty from before"] += self.now == 0
        super().come(agent, pace)

    def go(self, agent: Agent, last: bool) -> None:
        contacts = list(agent.contacts)
        super().go(agent, last)
        self.acts["end of a shift suspended work"] += len(agent.contacts) < len(contacts)
        self.acts["end of a shift left work"] += bool(agent.contacts)

    # The end ---------------------------------------------------------------------------------------------------

    def close(self) -> None:
        if not self.closed:
            waiting = [case for case in self.cases.values() if 0 in case.strands]
            placed = {case for case in waiting if case.strands[0].visit or case.strands[0].forked}
            self.acts["between attempts"] += sum(case.ended == NEVER and case not in placed for case in waiting)
            self.acts["waits to come back"] += sum(case.ended < NEVER for case in waiting)
        super().close()
