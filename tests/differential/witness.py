"""The readable engine with a notebook: which elements of a scenario acted, not merely stood in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from sim.codes import KIND_SHIFT, AgentRule, Ending, Kind, Outcome, Status
from sim.network import Chance, Network
from sim.reference import Agent, Case, Reference, Visit
from sim.units import NEVER


class Witness(Reference):
    """Counts in ``acts`` and, for each pair of kinds at one instant, in ``ties``."""

    def __init__(self, network: Network, chance: Chance) -> None:
        self.acts: Counter[str] = Counter()
        self.ties: Counter[tuple[Kind, Kind]] = Counter()
        self._last: tuple[int, Kind] = (-1, Kind.LOG_OFF)
        self._hangs_up = False
        self._wraps: dict[int, int] = {}  # end of the last wrap of a case
        super().__init__(network, chance)

    def advance(self, until: int) -> Status:
        limit = until if self.network.drain else min(until, self.network.end)
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
            self._last = (time, kind)
            self.acts["drained beyond the end"] += time >= self.network.end

    # Arrival and steps -----------------------------------------------------------------------------------------

    def life(self, case: Case) -> Any:
        row = self.streams[case.stream]
        self.acts["recorded arrivals" if row.replay_first < row.replay_last else "drawn arrivals"] += 1
        return super().life(case)

    def redials(self, case: Case) -> bool:
        again = super().redials(case)
        most = self.streams[case.stream].redial_most
        self.acts["redial"] += again
        self.acts["attempts used up"] += 1 < most <= case.attempt + 1
        return again

    def branch(self, case: Case, step: int, repetition: int) -> int:
        target = super().branch(case, step, repetition)
        self.acts["branch"] += 1
        self.acts["branch back"] += target < step
        return target

    # Waiting ---------------------------------------------------------------------------------------------------

    def find_agent(self, visit: Visit, line: int) -> bool:
        free = self._free(line)
        found = super().find_agent(visit, line)
        if found and visit.agent:
            rule = self.groups[visit.agent.group].rule
            mates = [agent for agent in free if agent.group == visit.agent.group]
            first = min(agent.number for agent in mates)
            self.acts["two groups free"] += len({agent.group for agent in free}) > 1
            self.acts["longest idle, not the first"] += rule == AgentRule.LONGEST_IDLE and visit.agent.number > first
            self.acts["listed order, not the longest idle"] += visit.agent is not mates[0]
        return found

    def _free(self, line: int) -> list[Agent]:
        row = self.line_rows[line]
        groups = [self.servers[server].group for server in range(row.server_first, row.server_last)]
        return [agent for group in groups for agent in self.idle[group]]

    def wait(self, visit: Visit) -> None:
        self.acts["patience of a step"] += self.steps[visit.step].patience != -2
        self.acts["priority of a step"] += self.steps[visit.step].priority > 0
        self._hangs_up = False
        super().wait(visit)
        self.acts["never hangs up"] += not self._hangs_up

    def call(self, time: int, kind: Kind, visit: Visit, what: Callable[[], None]) -> None:
        self._hangs_up |= kind == Kind.ABANDONMENT
        super().call(time, kind, visit, what)

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
        super().abandon(visit)

    # Service ---------------------------------------------------------------------------------------------------

    def start(self, visit: Visit, agent: Agent, speed: float) -> None:
        self.acts["hand-over"] += visit.case.last_group not in (-1, agent.group)
        super().start(visit, agent, speed)
        waited = visit.level > 0 or visit.started > visit.enqueued
        self.acts["served after a wait" if waited else "served at once"] += 1
        self.acts["served on a redial"] += visit.case.attempt > 0
        self.acts["speed"] += speed != 1.0
        self.acts["hold"] += visit.hold > 0
        self.acts["service of no time"] += visit.ended == visit.started

    def release(self, agent: Agent) -> None:
        debt, leaving = self.debt[agent.group], agent.leaving
        waiting = self._waiting_for(agent)
        super().release(agent)
        self.acts["agent left at release"] += leaving
        self.acts["debt paid"] += debt > 0 and not leaving
        if waiting and agent.on_since != NEVER:
            self._taken(waiting, [visit for visit in waiting if visit.agent is agent])

    def _waiting_for(self, agent: Agent) -> list[Visit]:
        row = self.groups[agent.group]
        lines = [self.lines[self.served[served].line] for served in range(row.served_first, row.served_last)]
        return [entry[-1] for line in lines for entry in line if entry[-1].waiting]

    def _taken(self, waiting: list[Visit], taken: list[Visit]) -> None:
        visit, others = taken[0], [other for other in waiting if other is not taken[0]]
        self.acts["agent came and took a case"] += taken[0].agent is not None and taken[0].agent.on_since == self.now
        self.acts["wait of nothing at all"] += visit.enqueued == self.now
        self.acts["second queue's case taken"] += any(
            self.steps[other.step].queue < self.steps[visit.step].queue for other in others
        )
        for other in others:
            before = other.enqueued < visit.enqueued
            same = self._priority(other) == self._priority(visit)
            self.acts["priority passed an earlier case"] += before and not same
            self.acts["head start passed an earlier case"] += before and same
            self.acts["tie broken by address"] += same and self._since(other) == self._since(visit)

    def _priority(self, visit: Visit) -> int:
        return int(self.steps[visit.step].priority or self.streams[visit.case.stream].priority)

    def _since(self, visit: Visit) -> int:
        return int(visit.enqueued - self.streams[visit.case.stream].head_start)

    # People ----------------------------------------------------------------------------------------------------

    def one_less(self, group: int) -> None:
        self.acts["head count fell, free" if self.idle[group] else "head count fell, nobody free"] += 1
        super().one_less(group)

    def one_more(self, group: int) -> None:
        self.acts["debt taken back"] += self.debt[group] > 0
        super().one_more(group)

    def come(self, agent: Agent) -> None:
        self.acts["leaving taken back"] += agent.leaving
        self.acts["on duty from before"] += self.now == 0
        super().come(agent)

    # Rows ------------------------------------------------------------------------------------------------------

    def record(self, visit: Visit, ending: Ending) -> None:
        super().record(visit, ending)
        places = self.queues[self.steps[visit.step].queue].waiting_places if ending == Ending.BLOCKED else -1
        self.acts["blocked, no place at all"] += places == 0
        self.acts["next step while the agent wraps"] += visit.enqueued < self._wraps.get(visit.case.address, 0)
        if ending == Ending.SERVED:
            self.acts["wrap"] += visit.released > visit.ended
            self._wraps[visit.case.address] = visit.released
        else:
            self.acts[_WORDS[ending]] += 1

    def end_case(self, case: Case, outcome: Outcome) -> None:
        self.acts["ended unsolved"] += outcome == Outcome.UNSOLVED
        super().end_case(case, outcome)

    def close(self) -> None:
        if not self.closed:
            self.acts["between attempts"] += sum(case.visit is None for case in self.cases.values())
        super().close()


_WORDS = {
    Ending.ABANDONED: "abandoned",
    Ending.BLOCKED: "blocked",
    Ending.DELAYED: "delay",
    Ending.STILL_WAITING: "still waiting",
    Ending.STILL_IN_SERVICE: "still in service",
    Ending.STILL_DELAYED: "still delayed",
}
