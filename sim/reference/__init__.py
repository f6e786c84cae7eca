"""The readable engine: a case is a SimPy process. docs/semantics.md says what it means, section by section.

Events that the meaning knows are scheduled with their key as SimPy's priority (2 or more, where SimPy's own use 0 and
1): all consequences of an event, which SimPy triggers with its own priorities, come before the next key.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import simpy

from sim.codes import CASE_BITS, AgentRule, Ending, Kind, Outcome, Status, Step, event_key
from sim.log import TABLES, Log
from sim.network import Chance, Network
from sim.primitives import Purpose, arrival_block, length_us, rate_of, round_us, took_us, work_us
from sim.reference.parts import NONE, Agent, Case, Draws, Visit, rows
from sim.units import NEVER

__all__ = ["Agent", "Case", "Draws", "Reference", "Visit"]

_BLOCK = 256
Flow = Generator[simpy.Event, Any, None]


class Reference:
    """One replication of a network.

    Parameters
    ----------
    network, chance
        From `sim.build`.
    """

    def __init__(self, network: Network, chance: Chance) -> None:
        self.env = simpy.Environment(initial_time=0)
        self.network, self.chance = network, chance
        self.draws = Draws(network, chance)
        self.streams, self.steps, self.branches, self.queues = map(
            rows, (network.streams, network.steps, network.branches, network.queues)
        )
        self.line_rows, self.servers, self.groups, self.served = map(
            rows, (network.lines, network.servers, network.groups, network.served)
        )
        self.skills = [rows(group) for group in network.skills[0]]
        self.agents = [
            [Agent(number, group) for number in range(row.agent_first, row.agent_last)]
            for group, row in enumerate(self.groups)
        ]
        self.idle: list[dict[Agent, None]] = [{} for _ in self.agents]  # in the order of becoming free
        self.debt = [0] * len(self.agents)
        self.lines: list[list[tuple[int, int, int, int, Visit]]] = [[] for _ in self.line_rows]
        self.waiting = [0] * len(self.queues)
        self.cases: dict[int, Case] = {}
        self.last_event = 0
        self.closed = False
        self.written: dict[str, list[tuple[int, ...]]] = {"visits": [], "cases": [], "sessions": []}
        self.env.process(self.roster())
        for stream in range(len(self.streams)):
            self.env.process(self.arrivals(stream))

    # Running ---------------------------------------------------------------------------------------------------

    def advance(self, until: int) -> Status:
        """Handle every event before a time."""
        limit = until if self.network.drain else min(until, self.network.end)
        while self.env.peek() < limit:
            self.env.step()
        if self.env.peek() == float("inf") or (not self.network.drain and until >= self.network.end):
            self.close()
        return Status.CLOSED if self.closed else Status.REACHED

    def take(self) -> Log:
        """The rows written since the last call."""
        written, self.written = self.written, {name: [] for name in self.written}
        return Log(
            *(np.array(written[name], dtype=np.int64).reshape(-1, len(columns)) for name, columns in TABLES.items())
        )

    def timer(self, time: int, kind: Kind, subject: int, sequence: int) -> simpy.Event:
        """An event at a time, in its place among simultaneous ones."""
        event = simpy.Event(self.env)
        event._ok, event._value = True, None
        self.env.schedule(event, priority=event_key(kind, subject, sequence), delay=time - self.env.now)  # type: ignore[arg-type]
        return event

    def call(self, time: int, kind: Kind, visit: Visit, what: Callable[[], None]) -> None:
        """Do something for a visit at a time."""
        event = self.timer(time, kind, visit.case.address, visit.number)
        assert event.callbacks is not None
        event.callbacks.append(lambda _: what())

    @property
    def now(self) -> int:
        """The present time, microseconds."""
        return self.env.now  # type: ignore[return-value]

    # Arrival ---------------------------------------------------------------------------------------------------

    def arrivals(self, stream: int) -> Flow:
        """Cases of a stream, one after the other."""
        for number, time in enumerate(self.arrival_times(stream)):
            if time >= self.network.end:
                return
            yield self.timer(time, Kind.ARRIVAL, stream << CASE_BITS | number, 0)
            self.last_event = self.now
            case = Case(stream, number, self.now)
            self.cases[case.address] = case
            self.env.process(self.life(case))

    def arrival_times(self, stream: int) -> Generator[int, None, None]:
        """Times of a stream, recorded or drawn a block at a time."""
        first, last = self.streams[stream].replay_first, self.streams[stream].replay_last
        if first < last:
            yield from self.chance.recorded[first:last].tolist()
            return
        block = np.empty(_BLOCK, dtype=np.int64)
        number, target, piece = 0, 0.0, int(self.chance.rate_first[stream])
        while piece < self.chance.rate_last[stream]:
            target, piece = arrival_block(
                self.network.tables, self.chance, stream, self.streams[stream].id, number, target, piece, block
            )
            number += _BLOCK
            yield from block.tolist()

    # Steps -----------------------------------------------------------------------------------------------------

    def life(self, case: Case) -> Flow:
        """A case through its attempts."""
        while True:
            outcome = yield from self.attempt(case)
            if outcome in (Outcome.SOLVED, Outcome.UNSOLVED) or not self.redials(case):
                break
            after = self.draws.seconds(
                self.streams[case.stream].redial_after, case, NONE, Purpose.REDIAL_AFTER, case.attempt
            )
            yield self.timer(self.now + length_us(after, 1.0), Kind.REDIAL, case.address, case.attempt + 1)
            self.last_event = self.now
            case.attempt += 1
            case.last_group = NONE
        self.end_case(case, outcome)

    def redials(self, case: Case) -> bool:
        """Whether the customer tries again."""
        if case.attempt + 1 >= self.streams[case.stream].redial_most:
            return False
        share: float = self.streams[case.stream].redial_share
        return self.draws.uniform(case, NONE, Purpose.REDIAL, case.attempt) < share

    def attempt(self, case: Case) -> Generator[simpy.Event, Any, Outcome]:
        """A case through its process, from the first step to an end or until it is lost."""
        step = int(self.network.entries["step"][self.streams[case.stream].entry_first])
        while True:
            kind = self.steps[step].kind
            if kind == Step.END:
                return Outcome(self.steps[step].outcome)
            repetition = case.repetitions.get(step, 0)
            case.repetitions[step] = repetition + 1
            if kind == Step.BRANCH:
                step = self.branch(case, step, repetition)
                continue
            case.visit = visit = Visit(case, case.visits, step, repetition, self.now)
            case.visits += 1
            if kind == Step.DELAY:
                yield from self.delay(visit)
            else:
                ending = yield from self.work(visit)
                if ending != Ending.SERVED:
                    return Outcome.BLOCKED if ending == Ending.BLOCKED else Outcome.ABANDONED
            step = self.steps[step].next

    def branch(self, case: Case, step: int, repetition: int) -> int:
        """The step that a draw chooses."""
        draw = self.draws.uniform(case, step, Purpose.BRANCH, repetition)
        option = self.steps[step].branch_first
        while not self.branches[option].low <= draw < self.branches[option].high:
            option += 1
        target: int = self.branches[option].target
        return target

    def delay(self, visit: Visit) -> Flow:
        """A stay that needs nobody."""
        seconds = self.draws.seconds(
            self.steps[visit.step].delay, visit.case, visit.step, Purpose.DELAY, visit.repetition
        )
        visit.started = self.now
        yield self.timer(self.now + length_us(seconds, 1.0), Kind.DELAY_END, visit.case.address, visit.number)
        self.last_event = self.now
        visit.ended = self.now
        self.record(visit, Ending.DELAYED)

    def work(self, visit: Visit) -> Generator[simpy.Event, Any, Ending]:
        """A stay in a queue and in service."""
        queue, case = self.steps[visit.step].queue, visit.case
        visit.over = self.env.event()
        if not self.find_agent(visit, self.queues[queue].line_first):
            if 0 <= self.queues[queue].waiting_places <= self.waiting[queue]:
                visit.ended = self.now
                self.record(visit, Ending.BLOCKED)
                return Ending.BLOCKED
            self.wait(visit)
        served = yield visit.over
        if not served:
            return Ending.ABANDONED
        yield self.timer(visit.ended, Kind.COMPLETION, case.address, visit.number)
        self.last_event = self.now
        case.waited += visit.started - visit.enqueued
        case.worked += visit.released - visit.started
        self.record(visit, Ending.SERVED)
        assert visit.agent is not None
        agent = visit.agent
        if visit.released == self.now:
            self.release(agent)
        else:
            self.call(visit.released, Kind.WRAP_END, visit, lambda: self.end_wrap(agent))
        return Ending.SERVED

    # Waiting ---------------------------------------------------------------------------------------------------

    def wait(self, visit: Visit) -> None:
        """Join the queue: its first line, with timers for the end of patience and for the next line."""
        queue, case = self.steps[visit.step].queue, visit.case
        self.waiting[queue] += 1
        self.join(visit, self.queues[queue].line_first)
        table = self.steps[visit.step].patience
        table = self.streams[case.stream].patience if table == -2 else table
        if table >= 0:
            seconds = self.draws.seconds(table, case, visit.step, Purpose.PATIENCE, visit.repetition)
            patience = round_us(seconds)
            if patience < NEVER:
                self.call(self.now + patience, Kind.ABANDONMENT, visit, lambda: self.abandon(visit))
        self.await_overflow(visit)

    def join(self, visit: Visit, line: int) -> None:
        """Stand in a line."""
        case = visit.case
        priority = self.steps[visit.step].priority or self.streams[case.stream].priority
        since = visit.enqueued - self.streams[case.stream].head_start
        heapq.heappush(self.lines[line], (priority, since, case.address, visit.number, visit))

    def await_overflow(self, visit: Visit) -> None:
        """Set the time at which the next line is open to the visit, if there is one."""
        queue = self.steps[visit.step].queue
        following = self.queues[queue].line_first + visit.level + 1
        if following < self.queues[queue].line_last:
            at = visit.enqueued + self.line_rows[following].after
            self.call(at, Kind.OVERFLOW, visit, lambda: self.overflow(visit, following))

    def overflow(self, visit: Visit, line: int) -> None:
        """More groups may serve the visit."""
        if not visit.waiting:
            return
        self.last_event = self.now
        visit.level += 1
        if self.find_agent(visit, line):
            self.waiting[self.steps[visit.step].queue] -= 1
        else:
            self.join(visit, line)
            self.await_overflow(visit)

    def abandon(self, visit: Visit) -> None:
        """Patience is over."""
        if not visit.waiting:
            return
        self.last_event = self.now
        self.waiting[self.steps[visit.step].queue] -= 1
        visit.ended = self.now
        visit.case.waited += self.now - visit.enqueued
        self.record(visit, Ending.ABANDONED)
        assert visit.over is not None
        visit.over.succeed(False)

    # Service ---------------------------------------------------------------------------------------------------

    def find_agent(self, visit: Visit, line: int) -> bool:
        """Start service if one of a line's groups has a free agent."""
        for server in range(self.line_rows[line].server_first, self.line_rows[line].server_last):
            group = self.servers[server].group
            idle = self.idle[group]
            if idle:
                if self.groups[group].rule == AgentRule.LISTED_ORDER:
                    agent = min(idle, key=lambda a: a.number)
                else:
                    agent = next(iter(idle))
                del idle[agent]
                self.start(visit, agent)
                return True
        return False

    def start(self, visit: Visit, agent: Agent) -> None:
        """An agent and a case meet; how long it takes is settled here."""
        case, step = visit.case, visit.step

        rate = int(rate_of(self.skills[agent.group][self.steps[step].queue].speed, agent.pace))

        def work(table: int, purpose: Purpose) -> int:
            return int(work_us(self.draws.seconds(table, case, step, purpose, visit.repetition)))

        visit.agent, visit.started = agent, self.now
        hold = work(self.steps[step].hold, Purpose.HOLD)
        visit.hold = int(took_us(hold, rate))
        visit.ended = self.now + int(took_us(work(self.steps[step].talk, Purpose.TALK) + hold, rate))
        visit.released = visit.ended + int(took_us(work(self.steps[step].wrap, Purpose.WRAP), rate))
        case.first_response = min(case.first_response, self.now)
        case.handovers += case.last_group not in (NONE, agent.group)
        case.last_group = agent.group
        assert visit.over is not None
        visit.over.succeed(True)

    def end_wrap(self, agent: Agent) -> None:
        """The agent's part of a visit is over."""
        self.last_event = self.now
        self.release(agent)

    def release(self, agent: Agent) -> None:
        """An agent is free: leaves if due, takes the best waiting case, or waits for one."""
        if agent.leaving or self.debt[agent.group]:
            self.debt[agent.group] -= not agent.leaving
            self.log_off(agent)
            return
        best: tuple[Any, ...] | None = None
        for served in range(self.groups[agent.group].served_first, self.groups[agent.group].served_last):
            line = self.lines[self.served[served].line]
            while line and not line[0][-1].waiting:
                heapq.heappop(line)
            if line and (best is None or line[0][:3] < best[:3]):
                best = line[0]
        if best is None:
            self.idle[agent.group][agent] = None
            return
        visit: Visit = best[-1]
        self.waiting[self.steps[visit.step].queue] -= 1
        self.start(visit, agent)

    # People come and go ----------------------------------------------------------------------------------------

    def roster(self) -> Flow:
        """Log-ons and log-offs, one after the other."""
        for time, key, kind, group, number, pace, _last in self.chance.roster.tolist():
            event = simpy.Event(self.env)
            event._ok, event._value = True, None
            self.env.schedule(event, priority=key, delay=time - self.now)
            yield event
            if number < 0:
                self.one_more(group, pace) if kind == Kind.LOG_ON else self.one_less(group)
            elif kind == Kind.LOG_ON:
                self.come(self.agents[group][number], pace)
            else:
                self.go(self.agents[group][number])

    def one_less(self, group: int) -> None:
        """The head count falls: whoever became free last goes, or the next to be released."""
        if self.idle[group]:
            agent, _ = self.idle[group].popitem()
            self.log_off(agent)
        else:
            self.debt[group] += 1

    def one_more(self, group: int, pace: float) -> None:
        """The head count rises: somebody who was to go stays, or the first who is away comes."""
        if self.debt[group]:
            self.debt[group] -= 1
        else:
            self.come(next(agent for agent in self.agents[group] if agent.on_since == NEVER), pace)

    def come(self, agent: Agent, pace: float) -> None:
        """An agent logs on, or stays after all."""
        agent.pace = pace
        if agent.on_since == NEVER:
            agent.on_since = self.now
            self.release(agent)
        agent.leaving = False

    def go(self, agent: Agent) -> None:
        """An agent logs off, now or when released."""
        if agent in self.idle[agent.group]:
            del self.idle[agent.group][agent]
            self.log_off(agent)
        elif agent.on_since != NEVER:
            agent.leaving = True

    def log_off(self, agent: Agent) -> None:
        """An agent is gone."""
        self.written["sessions"].append((agent.group, agent.number, agent.on_since, self.now))
        agent.on_since, agent.leaving = NEVER, False

    # Rows and the end ------------------------------------------------------------------------------------------

    def record(self, visit: Visit, ending: Ending) -> None:
        """Write a visit's row."""
        case, agent = visit.case, visit.agent
        self.written["visits"].append((
            case.stream, case.number, case.attempt, visit.number, visit.step, self.steps[visit.step].queue,
            agent.group if agent else NONE, agent.number if agent else NONE,
            visit.enqueued, visit.started, visit.ended, visit.released, visit.hold, ending, 0, 0,
        ))  # fmt: skip
        case.visit = None

    def end_case(self, case: Case, outcome: Outcome) -> None:
        """Write a case's row and forget it."""
        ended = NEVER if outcome == Outcome.OPEN else self.now
        solved = self.now if outcome == Outcome.SOLVED else NEVER
        self.written["cases"].append((
            case.stream, case.number, case.arrived, case.first_response, ended, outcome,
            case.attempt + 1, case.visits, case.handovers, case.waited, case.worked,
            solved, 0, 0, 0, NONE, 0,
        ))  # fmt: skip
        del self.cases[case.address]

    def close(self) -> None:
        """Write what is still open at the closing time."""
        if self.closed:
            return
        self.closed = True
        closing = max(self.network.end, self.last_event)
        for _, case in sorted(self.cases.items()):
            visit = case.visit
            if visit is not None:
                if visit.waiting:
                    ending = Ending.STILL_WAITING
                else:
                    ending = Ending.STILL_IN_SERVICE if visit.agent else Ending.STILL_DELAYED
                visit.ended = visit.released = NEVER
                visit.hold = 0
                self.record(visit, ending)
            self.end_case(case, Outcome.OPEN)
        for agent in (agent for group in self.agents for agent in group):
            if agent.on_since != NEVER:
                self.written["sessions"].append((agent.group, agent.number, agent.on_since, closing))
