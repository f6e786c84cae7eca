"""A strand's way through the steps of its process."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator
from typing import Any

import simpy

from sim.codes import CASE_BITS, FIRST_SPAWNED, Ending, Flag, Kind, Source, Step, Wait
from sim.primitives import Purpose, after_open_at, next_open_at, next_round_at, open_at
from sim.reference.parts import Case, Fork, Strand, Visit
from sim.reference.waiting import Waiting
from sim.reference.world import Flow
from sim.units import NEVER

_WORK, _DELAY, _BRANCH, _END, _MARK, _SPAWN, _FORK, _JOIN = map(int, Step)
_SERVED, _SUSPENDED, _DELAYED = Ending.SERVED, Ending.SUSPENDED, Ending.DELAYED
_DELAY_END = Kind.DELAY_END
_UNSOLVED = int(Flag.UNSOLVED)
Way = tuple[Ending, int]
"""How a step ended, and the step that comes next (of a strand that is lost: the step where it was)."""


class Steps(Waiting):
    """One method for each kind of step."""

    def course(self, strand: Strand, step: int) -> Generator[simpy.Event, Any, Way]:
        """From a step to an end or a join, or until the strand is lost."""
        ending, kind = _SERVED, self.steps[step].kind
        while ending == _SERVED and kind not in (_END, _JOIN):
            repetition = self.repetition(strand.case, step)
            if kind == _WORK:
                ending, step = yield from self.work_step(strand, step, repetition)
            elif kind == _DELAY:
                step = yield from self.delay(strand, step, repetition)
            elif kind == _FORK:
                step = yield from self.fork(strand, step)
            else:
                step = self.pass_through(strand.case, step, repetition)
            kind = self.steps[step].kind
        if ending == _SERVED:
            self.repetition(strand.case, step)
            if strand.kept is not None:
                self.call_off(strand)
        return ending, step

    def repetition(self, case: Case, step: int) -> int:
        """How often the case has entered a step before this time."""
        before = case.repetitions.get(step, 0)
        case.repetitions[step] = before + 1
        return before

    # Work and delay --------------------------------------------------------------------------------------------

    def new_visit(self, strand: Strand, step: int, repetition: int, enqueued: int) -> Visit:
        """A strand begins a visit, numbered through the whole case."""
        case = strand.case
        visit = Visit(strand, case, case.visits, step, self.steps[step].queue, repetition, enqueued)
        strand.visit = visit
        case.visits += 1
        return visit

    def work_step(self, strand: Strand, step: int, repetition: int) -> Generator[simpy.Event, Any, Way]:
        """A visit at a work step, and more of them while its work is suspended."""
        case = strand.case
        joined = self.now if case.visits or case.since == NEVER else case.since
        visit = self.new_visit(strand, step, repetition, joined)
        visit.rank = self.rank_of(visit)
        visit.over = over = simpy.Event(self.env)
        ending: Ending = self.seek_service(visit) or (yield over)
        while ending == _SUSPENDED:
            visit = self.resume(visit)
            visit.over = over = simpy.Event(self.env)
            ending = self.seek_service(visit) or (yield over)
        if ending != _SERVED:
            return ending, step
        row = self.steps[step]
        return ending, row.unsolved if row.unsolved >= 0 and visit.flags & _UNSOLVED else row.next

    def resume(self, before: Visit) -> Visit:
        """A further visit of the same step that goes on with suspended work, in the first one's place."""
        visit = self.new_visit(before.strand, before.step, before.repetition, self.now)
        visit.resumed, visit.left, visit.rank = True, before.left, before.rank
        visit.flags = int(Flag.RESUMED)
        return visit

    def delay(self, strand: Strand, step: int, repetition: int) -> Generator[simpy.Event, Any, int]:
        """A stay that needs nobody."""
        self.call_off(strand)
        visit = self.new_visit(strand, step, repetition, self.now)
        visit.started = self.now
        until = self.delayed_until(strand.case, step, repetition)
        yield (self.timer(until, _DELAY_END, strand.case.address, visit.number) if until < NEVER else self.env.event())
        self.last_event = self.now
        visit.ended = self.now
        self.record(visit, _DELAYED)
        return int(self.steps[step].next)

    def delayed_until(self, case: Case, step: int, repetition: int) -> int:
        """When a delay that begins now ends."""
        row, calendars = self.steps[step], (self.network.calendars, self.network.openings)
        if row.wait == Wait.OPENING:
            return int(next_open_at(*calendars, row.calendar, self.now))
        if row.wait == Wait.ROUND:
            return int(next_round_at(*calendars, row.calendar, self.now))
        length = self.draws.time(row.delay, case, step, Purpose.DELAY, repetition)
        if row.wait == Wait.WORKING_TIME:
            return int(after_open_at(*calendars, row.calendar, self.now, length))
        return self.now + length

    # Steps of no time ------------------------------------------------------------------------------------------

    def pass_through(self, case: Case, step: int, repetition: int) -> int:
        """A step of no time."""
        row = self.steps[step]
        if row.kind == _BRANCH:
            return self.branch(case, step, repetition)
        if row.kind == _MARK:
            self.mark(case, step)
        else:
            self.spawn(case, step, repetition)
        return int(row.next)

    def branch(self, case: Case, step: int, repetition: int) -> int:
        """The first way out that holds."""
        row = self.steps[step]
        looked_at = self.looked_at(case, step, repetition)
        for way in self.branches[row.branch_first : row.branch_last]:
            if way.low <= looked_at < way.high:
                return int(way.target)
        raise AssertionError(f"no way out of step {step}")

    def looked_at(self, case: Case, step: int, repetition: int) -> float:
        """What a branch looks at."""
        row = self.steps[step]
        if row.source == Source.CHANCE:
            return self.draws.uniform(case, step, Purpose.BRANCH, repetition)
        if row.source == Source.EASE:
            return self.draws.ease(case, step, Purpose.BRANCH, repetition)
        if row.source == Source.ATTRIBUTE:
            return self.draws.attribute(case, row.attribute)
        if row.source == Source.CALENDAR:
            return float(open_at(self.network.calendars, self.network.openings, row.calendar, self.now))
        if row.source == Source.GROUP:
            return case.last_group
        return repetition if row.source == Source.REPETITION else case.arrived

    def mark(self, case: Case, step: int) -> None:
        """Set the case's priority, deadline, or both."""
        row = self.steps[step]
        if row.priority:
            case.priority = row.priority
        if row.due >= 0 and row.calendar >= 0:
            openings = self.network.calendars, self.network.openings
            case.deadline = int(after_open_at(*openings, row.calendar, case.arrived, row.due))
        elif row.due >= 0:
            case.deadline = case.arrived + row.due

    def spawn(self, case: Case, step: int, repetition: int) -> None:
        """Give rise to a case of another stream, once."""
        if repetition or case.number >= FIRST_SPAWNED:
            return
        row = self.steps[step]
        at = self.now + self.draws.time(row.delay, case, step, Purpose.DELAY, repetition)
        if at < self.network.end:
            number = FIRST_SPAWNED + case.number * row.spawn_width + row.spawn_place
            event = self.timer(at, Kind.ARRIVAL, row.spawn_stream << CASE_BITS | number, 0)
            assert event.callbacks is not None
            event.callbacks.append(lambda _: self.arrive(row.spawn_stream, number))

    @abstractmethod
    def arrive(self, stream: int, number: int) -> None:
        """A case of a stream arrives."""

    # Fork and join ---------------------------------------------------------------------------------------------

    def fork(self, strand: Strand, step: int) -> Generator[simpy.Event, Any, int]:
        """One strand for each branch; this one goes on when all have joined."""
        self.call_off(strand)
        ways = self.branches[self.steps[step].branch_first : self.steps[step].branch_last]
        fork = Fork(self.env.event(), len(ways))
        for way in ways:
            side = self.new_strand(strand.case, chasing=strand.chasing, fork=fork)
            self.agenda(self.side(side, fork, way.target))
        strand.forked = True
        step = yield fork.joined
        strand.forked = False
        return step

    def side(self, strand: Strand, fork: Fork, step: int) -> Flow:
        """A branch of a fork, up to its join."""
        _, join = yield from self.course(strand, step)
        self.strand_over(strand)
        fork.open -= 1
        if not fork.open:
            fork.joined.succeed(self.steps[join].next)
