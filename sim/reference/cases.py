"""A case from its arrival to its end: ways in, redials, coming back, leaving, chasing."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from sim.codes import CASE_BITS, FIRST_INITIAL, Ending, Kind, Outcome
from sim.primitives import Purpose, arrival_block, share_at
from sim.reference.parts import NONE, Case, Strand
from sim.reference.steps import Steps
from sim.reference.world import Flow
from sim.units import NEVER

_BLOCK = 256
_ARRIVAL, _REDIAL, _REOPENING, _CHASING = Kind.ARRIVAL, Kind.REDIAL, Kind.REOPENING, Kind.CHASING
_SERVED = Ending.SERVED
_SOLVED, _UNSOLVED = int(Outcome.SOLVED), int(Outcome.UNSOLVED)
Next = Generator[simpy.Event, Any, int]
"""Leads to the step at which a case goes on; -1: nowhere."""


class Cases(Steps):
    """Cases come and go."""

    # Arrival ---------------------------------------------------------------------------------------------------

    def arrivals(self, stream: int) -> Flow:
        """Cases of a stream, one after the other."""
        first, end = stream << CASE_BITS, self.network.end
        for number, time in enumerate(self.arrival_times(stream)):
            if time >= end:
                return
            yield self.timer(time, _ARRIVAL, first | number, 0)
            self.arrive(stream, number)

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

    def arrive(self, stream: int, number: int) -> None:
        """A case of a stream arrives, unless its need is spared or its customer has left."""
        self.last_event = now = self.now
        case, row = Case(stream, number, now, stream << CASE_BITS | number), self.streams[stream]
        if row.spared > 0 and self.spared(case):
            return
        self.cases[case.address] = case
        if row.customer_first < row.customer_last:
            self.find_customer(case)
            if self.gone[case.customer]:
                self.end_case(case, Outcome.GONE)
                self.record_case(case)
                return
        if row.chase_entry >= 0:
            self.set_chasing(case, 0)
        self.find_way_in(case)
        self.env.process(self.life(self.new_strand(case), self.entries[case.entry].step))

    def spared(self, case: Case) -> bool:
        """Whether this need no longer arises; easy ones go first."""
        share: float = self.streams[case.stream].spared
        return self.draws.ease(case, NONE, Purpose.SPARE, 0) < share

    def find_customer(self, case: Case) -> None:
        """Whose case it is: the stream counts its customers."""
        first, last = self.streams[case.stream].customer_first, self.streams[case.stream].customer_last
        case.customer = first + int(self.draws.uniform(case, NONE, Purpose.CUSTOMER, 0) * (last - first))

    def find_way_in(self, case: Case) -> None:
        """The first of the stream's entries that holds; the last holds always."""
        row = self.streams[case.stream]
        entry, last = row.entry_first, row.entry_last - 1
        while entry < last and not self.enters(case, entry):
            entry += 1
        case.entry, case.variant = entry, entry - row.entry_first

    def enters(self, case: Case, entry: int) -> bool:
        """Whether an entry holds for a case: by its time, its attribute and its share."""
        row = self.entries[entry]
        if not row.begin <= case.arrived < row.end:
            return False
        if row.attribute >= 0 and not row.low <= self.draws.attribute(case, row.attribute) < row.high:
            return False
        share = share_at(row.begin, row.end, row.share_begin, row.share_end, case.arrived)
        return bool(self.draws.uniform(case, NONE, Purpose.PHASE, 0) < share)

    # Open before the start -------------------------------------------------------------------------------------

    def open_before(self, stream: int) -> Flow:
        """Cases of a stream that were open before the start, one after the other."""
        row = self.streams[stream]
        for place, initial in enumerate(self.network.initials[row.initial_first : row.initial_last].tolist()):
            number = FIRST_INITIAL + place
            address = stream << CASE_BITS | number
            yield self.timer(0, Kind.ARRIVAL, address, 0)
            arrived, step, since = initial
            self.go_on(Case(stream, number, arrived, address, since=since), step)

    def go_on(self, case: Case, step: int) -> None:
        """A case that was open before the start is where it was."""
        self.last_event = self.now
        self.cases[case.address] = case
        case.entry = self.streams[case.stream].entry_last - 1
        if self.streams[case.stream].chase_entry >= 0:
            self.set_chasing(case, 0)
        self.env.process(self.life(self.new_strand(case), step))

    # Life ------------------------------------------------------------------------------------------------------

    def life(self, strand: Strand, step: int) -> Flow:
        """A case through its attempts and returns."""
        case = strand.case
        while step >= 0:
            ending, step = yield from self.course(strand, step)
            if ending != _SERVED:
                step = yield from self.after_loss(case, ending)
                continue
            row = self.steps[step]
            self.end_case(case, row.outcome)
            step = (
                (yield from self.come_back(case, step))
                if row.reopen_share > 0 and self.comes_back(case, step)
                else NONE
            )
        if self.may_leave[case.stream]:
            self.leave(case)
        self.strand_over(strand)

    def after_loss(self, case: Case, ending: Ending) -> Next:
        """Who was lost tries again, or the case ends."""
        if not self.redials(case):
            self.end_case(case, Outcome.BLOCKED if ending == Ending.BLOCKED else Outcome.ABANDONED)
            return NONE
        table = self.streams[case.stream].redial_after
        after = self.draws.time(table, case, NONE, Purpose.REDIAL_AFTER, case.attempt)
        yield self.timer(self.now + after, _REDIAL, case.address, case.attempt + 1)
        self.last_event = self.now
        case.attempt += 1
        case.last_group, case.last_agent = NONE, None
        return int(self.entries[case.entry].step)

    def redials(self, case: Case) -> bool:
        """Whether the customer tries again."""
        if case.attempt + 1 >= self.streams[case.stream].redial_most:
            return False
        share: float = self.streams[case.stream].redial_share
        return self.draws.uniform(case, NONE, Purpose.REDIAL, case.attempt) < share

    def come_back(self, case: Case, step: int) -> Next:
        """A case that ended at an end step is opened again after a time."""
        repetition = case.repetitions[step] - 1
        after = self.draws.time(self.steps[step].reopen_after, case, step, Purpose.REOPEN_AFTER, repetition)
        yield self.timer(self.now + after, _REOPENING, case.address, case.reopened)
        self.last_event = self.now
        case.reopened += 1
        case.ended, case.outcome = NEVER, Outcome.OPEN
        case.last_group, case.last_agent = NONE, None
        return int(self.steps[step].reopen_step)

    def comes_back(self, case: Case, step: int) -> bool:
        """Whether a case that ended is opened again; hard ones are first."""
        row = self.steps[step]
        if case.reopened >= row.reopen_most:
            return False
        ease = self.draws.ease(case, step, Purpose.REOPEN, case.repetitions[step] - 1)
        return ease >= 1.0 - row.reopen_share  # type: ignore[no-any-return]

    def end_case(self, case: Case, outcome: int) -> None:
        """A case has ended, for now or for good."""
        case.ended, case.outcome = self.now, outcome
        if outcome == _SOLVED and case.solved == NEVER:
            case.solved = case.ended

    def leave(self, case: Case) -> None:
        """After the end of a case its customer may leave for good."""
        chance = self.leaving_chance(case)
        if chance > 0 and self.draws.uniform(case, NONE, Purpose.LEAVE, 0) < chance:
            case.left = True
            if case.customer >= 0:
                self.gone[case.customer] = True

    def leaving_chance(self, case: Case) -> float:
        """Chance to leave, by how the case ended and whether that was late."""
        row = self.streams[case.stream]
        if case.outcome == _SOLVED:
            chance: float = row.leave_solved
        else:
            chance = row.leave_unsolved if case.outcome == _UNSOLVED else row.leave_lost
        return max(chance, row.leave_late) if case.deadline < case.ended else chance

    # Chasing ---------------------------------------------------------------------------------------------------

    def set_chasing(self, case: Case, number: int) -> None:
        """Set the time at which the customer may ask where the case stands."""
        row = self.streams[case.stream]
        if number >= row.chase_most:
            return
        table = row.chase_every if number else row.chase_first
        at = self.now + self.draws.time(table, case, NONE, Purpose.CHASE_AFTER, number)
        completions = case.completions
        if at < self.network.end:
            event = self.timer(at, _CHASING, case.address, number)
            assert event.callbacks is not None
            event.callbacks.append(lambda _: self.chase(case, number, completions))

    def chase(self, case: Case, number: int, completions: int) -> None:
        """A customer who has heard nothing may ask."""
        if 0 not in case.strands:
            return
        self.last_event = self.now
        self.set_chasing(case, number + 1)
        row = self.streams[case.stream]
        silent = case.completions == completions and self.silent(case)
        if silent and self.draws.uniform(case, NONE, Purpose.CHASE, number) < row.chase_share:
            case.chases += 1
            self.agenda(self.contact(self.new_strand(case, chasing=True), row.chase_entry))

    def silent(self, case: Case) -> bool:
        """Whether nobody speaks with the customer, who does not hold the line either."""
        strand, visit = case.strands[0], case.strands[0].visit
        if case.ended < NEVER or any(other.chasing for other in case.strands.values()):
            return False
        delayed = visit is not None and visit.over is None
        waits = visit is not None and visit.waiting and not visit.patient
        return strand.forked or delayed or waits

    def contact(self, strand: Strand, step: int) -> Flow:
        """A chasing contact, until it ends or is lost."""
        yield from self.course(strand, step)
        self.strand_over(strand)
