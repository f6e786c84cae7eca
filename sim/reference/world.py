"""What every part of the readable engine stands on: the clock, the scenario's rows, who and what is there, the log.

Events that the meaning knows are scheduled with their key as SimPy's priority (2 or more, where SimPy's own use 0 and
1). The *agenda* of the meaning is SimPy's own queue at priority 1, which is first in, first out: a strand that moves
on waits for an event that is made to succeed, so all moves come one after the other, before the next key.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import simpy

from sim.codes import Ending, Kind, event_key
from sim.network import Chance, Network
from sim.reference.draws import Draws
from sim.reference.parts import NONE, Agent, Case, Fork, Strand, Visit, rows
from sim.units import NEVER

Flow = Generator[simpy.Event, Any, None]


class World:
    """The state of one replication."""

    def __init__(self, network: Network, chance: Chance) -> None:
        self.env = simpy.Environment(initial_time=0)
        self.network, self.chance = network, chance
        self.draws = Draws(network, chance)
        self.streams, self.entries, self.steps, self.branches = map(
            rows, (network.streams, network.entries, network.steps, network.branches)
        )
        self.queues, self.line_rows, self.servers, self.groups, self.served = map(
            rows, (network.queues, network.lines, network.servers, network.groups, network.served)
        )
        self.eras = [[rows(group) for group in era] for era in network.skills]
        self.skills = self.eras[0]  # of the present era: a row for each group and queue
        self.able: dict[int, list[tuple[int, int]]] = {}  # what `asked` found for a line in the present era
        self.serves = [
            [
                (served.line, self.line_rows[served.line].queue, served.reserve)
                for served in self.served[row.served_first : row.served_last]
            ]
            for row in self.groups
        ]  # lines that each group serves, with their queue and reserve
        self.agents = [
            [Agent(number, group) for number in range(row.agent_first, row.agent_last)]
            for group, row in enumerate(self.groups)
        ]
        self.idle: list[dict[Agent, None]] = [{} for _ in self.agents]  # in the order of becoming free
        self.debt = [0] * len(self.agents)
        self.lines: list[list[tuple[int, int, int, int, Visit]]] = [[] for _ in self.line_rows]
        self.waiting = [0] * len(self.queues)
        self.cases: dict[int, Case] = {}
        self.may_leave = [
            max(row.leave_solved, row.leave_unsolved, row.leave_lost, row.leave_late) > 0 for row in self.streams
        ]  # whether customers of a stream leave for good
        self.gone = [False] * network.customers
        self.last_event = 0
        self.written: dict[str, list[tuple[int, ...]]] = {"visits": [], "cases": [], "sessions": []}

    # The clock -------------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """The present time, microseconds."""
        return self.env._now  # type: ignore[return-value]

    def timer(self, time: int, kind: Kind, subject: int, sequence: int) -> simpy.Event:
        """An event at a time, in its place among simultaneous ones."""
        event = simpy.Event(self.env)
        event._value = None
        self.schedule(event, time, kind, subject, sequence)
        return event

    def schedule(self, event: simpy.Event, time: int, kind: Kind, subject: int, sequence: int) -> None:
        """Let an event that has its value happen at a time, in its place among simultaneous ones."""
        env = self.env
        event._ok = True
        env.schedule(event, event_key(kind, subject, sequence), time - env._now)  # type: ignore[arg-type]

    def call(self, time: int, kind: Kind, visit: Visit, what: Callable[[Visit], None]) -> None:
        """Do something with a visit at a time."""
        event = self.timer(time, kind, visit.case.address, visit.number)
        assert event.callbacks is not None
        event.callbacks.append(lambda _: what(visit))

    def agenda(self, flow: Flow) -> None:
        """Put the begin of a strand on the agenda."""

        def begin(_: simpy.Event) -> None:
            self.env.process(flow)

        event = self.env.event()
        event.callbacks.append(begin)
        event.succeed()

    # Rows ------------------------------------------------------------------------------------------------------

    def record(self, visit: Visit, ending: Ending) -> None:
        """Write a visit's row: the strand is at no visit any more."""
        strand, agent = visit.strand, visit.agent
        case = strand.case
        self.written["visits"].append((
            case.stream, case.number, case.attempt, visit.number, visit.step, visit.queue,
            NONE if agent is None else agent.group, NONE if agent is None else agent.number,
            visit.enqueued, visit.started, visit.ended, visit.released, visit.hold, ending, strand.number, visit.flags,
        ))  # fmt: skip
        strand.visit = None

    def record_handing(self, visit: Visit, until: int) -> None:
        """Write the row of an agent who stayed after a visit until a hand-over was done, or called off."""
        strand, agent = visit.strand, visit.agent
        assert agent is not None
        self.written["visits"].append((
            strand.case.stream, strand.case.number, strand.case.attempt, visit.number, visit.step,
            visit.queue, agent.group, agent.number,
            visit.ended, visit.ended, until, until, 0, Ending.HANDING, strand.number, 0,
        ))  # fmt: skip

    def record_case(self, case: Case) -> None:
        """Write a case's row and forget it."""
        customer = NONE if case.customer == NONE else case.customer - self.streams[case.stream].customer_first
        self.written["cases"].append((
            case.stream, case.number, case.arrived, case.first_response, case.ended, case.outcome,
            case.attempt + 1, case.visits, case.handovers, case.waited, case.worked,
            case.solved, case.reopened, case.chases, case.variant, customer, case.left,
        ))  # fmt: skip
        del self.cases[case.address]

    # Strands and agents ----------------------------------------------------------------------------------------

    def new_strand(self, case: Case, chasing: bool = False, fork: Fork | None = None) -> Strand:
        """A further strand of a case."""
        strand = Strand(case, case.strands_begun, chasing, fork)
        case.strands[strand.number] = strand
        case.strands_begun += 1
        return strand

    def strand_over(self, strand: Strand) -> None:
        """A strand has come to its end; so has the case if it was the last."""
        case = strand.case
        del case.strands[strand.number]
        if not case.strands:
            self.record_case(case)

    def log_off(self, agent: Agent) -> None:
        """An agent is gone."""
        self.written["sessions"].append((agent.group, agent.number, agent.on_since, self.now))
        agent.on_since, agent.leaving = NEVER, False
