"""Faults in a case's life: ways in, steps, redials, ends, chasing, and the rows at the end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sim.codes import Ending, Outcome, Source, Wait
from sim.primitives import Purpose, next_round_at
from sim.reference import Case, Reference, Strand, Visit
from sim.units import NEVER


class AttemptsNotCounted(Reference):
    """One attempt too many."""

    def redials(self, case: Case) -> bool:
        row = self.streams[case.stream]
        self.streams[case.stream] = replace(row, redial_most=row.redial_most + (row.redial_most > 1))
        try:
            return super().redials(case)
        finally:
            self.streams[case.stream] = row


class HandoversAcrossAttempts(Reference):
    """Another group in the next attempt counts as a hand-over."""

    def after_loss(self, case: Case, ending: Ending) -> Any:
        last = case.last_group
        step = yield from super().after_loss(case, ending)
        case.last_group = last
        return step


class RedialsStartAnew(Reference):
    """A redial takes the last way in."""

    def after_loss(self, case: Case, ending: Ending) -> Any:
        step = yield from super().after_loss(case, ending)
        return step if step < 0 else int(self.entries[self.streams[case.stream].entry_last - 1].step)


class LaterEntryFirst(Reference):
    """Of ways in that hold the later one is taken."""

    def find_way_in(self, case: Case) -> None:
        first, last = self.streams[case.stream].entry_first, self.streams[case.stream].entry_last
        holding = [entry for entry in range(first, last - 1) if self.enters(case, entry)]
        case.entry = holding[-1] if holding else last - 1
        case.variant = case.entry - first


class NobodySpared(Reference):
    """Nobody is spared."""

    def spared(self, case: Case) -> bool:
        return False


class CustomersStay(Reference):
    """Who has left comes again."""

    def leave(self, case: Case) -> None:
        super().leave(case)
        if case.customer >= 0:
            self.gone[case.customer] = False


class LatenessForgiven(Reference):
    """Customers do not mind that a case ended late."""

    def leaving_chance(self, case: Case) -> float:
        deadline, case.deadline = case.deadline, NEVER
        chance = super().leaving_chance(case)
        case.deadline = deadline
        return chance


class EasyCasesComeBack(Reference):
    """Easy cases are opened again."""

    def comes_back(self, case: Case, step: int) -> bool:
        row = self.steps[step]
        if row.reopen_share >= 1 or case.reopened >= row.reopen_most:
            return super().comes_back(case, step)
        return self.draws.ease(case, step, Purpose.REOPEN, case.repetitions[step] - 1) < row.reopen_share


class ReopenedOnceMore(Reference):
    """A case comes back once more than allowed."""

    def comes_back(self, case: Case, step: int) -> bool:
        row = self.steps[step]
        self.steps[step] = replace(row, reopen_most=row.reopen_most + 1)
        comes = super().comes_back(case, step)
        self.steps[step] = row
        return comes


class SpawnedPlacesTurned(Reference):
    """Follow-ups of one step bear the numbers of another's."""

    def spawn(self, case: Case, step: int, repetition: int) -> None:
        row = self.steps[step]
        self.steps[step] = replace(row, spawn_place=row.spawn_width - 1 - row.spawn_place)
        super().spawn(case, step, repetition)
        self.steps[step] = row


class SpawnedOnTime(Reference):
    """A follow-up begins at once."""

    def spawn(self, case: Case, step: int, repetition: int) -> None:
        row = self.steps[step]
        self.steps[step] = replace(row, delay=-1)
        super().spawn(case, step, repetition)
        self.steps[step] = row


class JoinOfTheFirst(Reference):
    """A fork goes on when its first branch is over."""

    def side(self, strand: Strand, fork: Any, step: int) -> Any:
        _, join = yield from self.course(strand, step)
        self.strand_over(strand)
        if not fork.joined.triggered:
            fork.joined.succeed(self.steps[join].next)


class CalendarsIgnored(Reference):
    """Time runs on while a calendar is closed."""

    def delayed_until(self, case: Case, step: int, repetition: int) -> int:
        row = self.steps[step]
        if row.wait != Wait.WORKING_TIME:
            return super().delayed_until(case, step, repetition)
        self.steps[step] = replace(row, wait=Wait.TIME)
        until = super().delayed_until(case, step, repetition)
        self.steps[step] = row
        return until


class RoundMissedAtItsInstant(Reference):
    """Who comes at the very time of a round waits for the next."""

    def delayed_until(self, case: Case, step: int, repetition: int) -> int:
        row = self.steps[step]
        if row.wait != Wait.ROUND:
            return super().delayed_until(case, step, repetition)
        return int(next_round_at(self.network.calendars, self.network.openings, row.calendar, self.now + 1))


class DeadlinesCountClosedHours(Reference):
    """A deadline runs while its calendar is closed."""

    def mark(self, case: Case, step: int) -> None:
        row = self.steps[step]
        self.steps[step] = replace(row, calendar=-1)
        super().mark(case, step)
        self.steps[step] = row


class AnybodyServed(Reference):
    """A branch asks whether anybody has served."""

    def looked_at(self, case: Case, step: int, repetition: int) -> float:
        found = super().looked_at(case, step, repetition)
        return min(found, 0.0) if self.steps[step].source == Source.GROUP else found


class ChasingWithoutSilence(Reference):
    """The customer asks although somebody was there meanwhile."""

    def chase(self, case: Case, number: int, completions: int) -> None:
        super().chase(case, number, case.completions)


class ChasingOnTheLine(Reference):
    """Who holds the line asks too."""

    def silent(self, case: Case) -> bool:
        visit = case.strands[0].visit
        return super().silent(case) or (visit is not None and visit.waiting)


class ChasingTwiceAtOnce(Reference):
    """A second chasing contact begins beside the first."""

    def silent(self, case: Case) -> bool:
        marked = [strand for strand in case.strands.values() if strand.chasing]
        for strand in marked:
            strand.chasing = False
        silent = super().silent(case)
        for strand in marked:
            strand.chasing = True
        return silent


class OneTimerMore(Reference):
    """One chasing timer too many."""

    def set_chasing(self, case: Case, number: int) -> None:
        row = self.streams[case.stream]
        self.streams[case.stream] = replace(row, chase_most=row.chase_most + 1)
        super().set_chasing(case, number)
        self.streams[case.stream] = row


class OpenCasesJoinNow(Reference):
    """Cases open before the start have not waited yet."""

    def go_on(self, case: Case, step: int) -> None:
        case.since = 0
        super().go_on(case, step)


class UnsolvedCountsAsSolved(Reference):
    """Every case that reaches an end is solved."""

    def end_case(self, case: Case, outcome: int) -> None:
        super().end_case(case, Outcome.SOLVED if outcome == Outcome.UNSOLVED else outcome)


class LastSolutionCounts(Reference):
    """A case counts as solved when it was solved last."""

    def end_case(self, case: Case, outcome: int) -> None:
        case.solved = NEVER if outcome == Outcome.SOLVED else case.solved
        super().end_case(case, outcome)


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


FAULTS = (
    AttemptsNotCounted, HandoversAcrossAttempts, RedialsStartAnew, LaterEntryFirst, NobodySpared, CustomersStay,
    LatenessForgiven, EasyCasesComeBack, ReopenedOnceMore, SpawnedPlacesTurned, SpawnedOnTime, JoinOfTheFirst,
    CalendarsIgnored, RoundMissedAtItsInstant, DeadlinesCountClosedHours, AnybodyServed, ChasingWithoutSilence,
    ChasingOnTheLine, ChasingTwiceAtOnce, OneTimerMore, OpenCasesJoinNow, UnsolvedCountsAsSolved, LastSolutionCounts,
    ClosingInOrderOfArrival, OpenWaitsDropped, ClosingAtTheHorizon,
)  # fmt: skip
