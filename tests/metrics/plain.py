"""Counting as one would do it by hand, row by row and second by second of the window: slow, plain, and apart."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter

from sim.codes import Case as C
from sim.codes import Ending, Flag, Outcome
from sim.codes import Visit as V
from sim.metrics.sums import CaseSum, Duration, QueueSum
from sim.primitives import DURATION_CELLS, EDGES_US
from sim.units import NEVER

ANSWERED = (Ending.SERVED, Ending.STILL_IN_SERVICE, Ending.SUSPENDED)


class Plain:
    """Sums by (kind, owner, column) and lengths by (duration, whether cut off, owner, cell)."""

    def __init__(self, frame, closing_us):
        self.frame, self.closing_us = frame, closing_us
        self.queue, self.case, self.busy, self.lengths, self.agent = (Counter() for _ in range(5))

    def column(self, time_us):
        if time_us >= self.frame.end_us:
            return self.frame.intervals
        return next(n for n in range(self.frame.intervals) if time_us < (n + 1) * self.frame.interval_us)

    def length(self, kind, owner, length_us, cut_off):
        cell = min(max(bisect_right(EDGES_US, length_us) - 1, 0), DURATION_CELLS - 1)
        self.lengths[kind, cut_off, owner, cell] += 1

    def spread(self, begin_us, end_us):
        """Time inside the window, by interval."""
        for n in range(self.frame.intervals):
            first = max(n * self.frame.interval_us, self.frame.warm_up_us, begin_us)
            last = min((n + 1) * self.frame.interval_us, self.frame.end_us, end_us)
            if first < last:
                yield n, last - first

    def visit(self, row):
        if row[V.QUEUE] < 0:
            return
        if row[V.STARTED] != NEVER and row[V.GROUP] not in self.frame.several:
            for n, time in self.spread(row[V.STARTED], row[V.RELEASED]):
                self.busy[row[V.GROUP], n] += time
        if row[V.ENDING] == Ending.HANDING:
            return
        left = min(row[V.STARTED], row[V.ENDED], self.closing_us)
        for n, time in self.spread(row[V.ENQUEUED], left):
            self.queue[QueueSum.WAITING_TIME, row[V.QUEUE], n] += time
        if row[V.ENQUEUED] >= self.frame.warm_up_us:
            found = {**self.work(row), **self.contact(row, left - row[V.ENQUEUED])}
            for kind, value in found.items():
                self.queue[kind, row[V.QUEUE], self.column(row[V.ENQUEUED])] += value

    def work(self, row):
        ending, flags = row[V.ENDING], row[V.FLAGS]
        worked = ending in (Ending.SERVED, Ending.SUSPENDED)
        self.agent[row[V.AGENT]] += ending == Ending.SERVED
        return {
            QueueSum.HANDLED: ending == Ending.SERVED,
            QueueSum.WRAP: row[V.RELEASED] - row[V.ENDED] if ending == Ending.SERVED else 0,
            QueueSum.SUSPENDED: ending == Ending.SUSPENDED,
            QueueSum.TALK: row[V.ENDED] - row[V.STARTED] - row[V.HOLD] if worked else 0,
            QueueSum.HOLD: row[V.HOLD] if worked else 0,
            QueueSum.STARTS: ending in ANSWERED,
            QueueSum.LOOKUPS: bool(flags & Flag.LOOKED_UP),
            QueueSum.PASSED_ON: bool(flags & Flag.UNSOLVED),
        }

    def contact(self, row, wait):
        ending, flags = row[V.ENDING], row[V.FLAGS]
        if flags & Flag.RESUMED:
            return {}
        in_time = wait <= self.frame.threshold_us[row[V.QUEUE]]
        if ending not in (Ending.BLOCKED, Ending.BALKED):
            self.length(Duration.WAIT, row[V.QUEUE], wait, ending == Ending.STILL_WAITING)
        return {
            QueueSum.OFFERED: 1,
            QueueSum.ANSWERED: ending in ANSWERED,
            QueueSum.ANSWERED_IN_TIME: ending in ANSWERED and in_time,
            QueueSum.WAIT_ANSWERED: wait * (ending in ANSWERED),
            QueueSum.ABANDONED: ending == Ending.ABANDONED,
            QueueSum.ABANDONED_IN_TIME: ending == Ending.ABANDONED and in_time,
            QueueSum.WAIT_ABANDONED: wait * (ending == Ending.ABANDONED),
            QueueSum.STILL_WAITING: ending == Ending.STILL_WAITING,
            QueueSum.WAIT_OPEN: wait * (ending == Ending.STILL_WAITING),
            QueueSum.BLOCKED: ending == Ending.BLOCKED,
            QueueSum.BALKED: ending == Ending.BALKED,
            QueueSum.UNANSWERED: ending == Ending.UNANSWERED,
            QueueSum.REDIALS: row[V.ATTEMPT] > 0,
            QueueSum.CALLBACKS: bool(flags & Flag.CALLBACK),
            QueueSum.ESCALATED: bool(flags & Flag.ESCALATED),
        }

    def one_case(self, row):
        """Count a case into the cell of its stream and its arrival."""
        found = {}
        if row[C.ENDED] >= self.frame.end_us:
            age = self.frame.end_us - row[C.ARRIVED]
            found = {CaseSum.BACKLOG: 1, CaseSum.BACKLOG_AGE: age}
            self.length(Duration.BACKLOG_AGE, row[C.STREAM], age, False)
        if row[C.ARRIVED] >= self.frame.warm_up_us:
            gone = row[C.OUTCOME] == Outcome.GONE
            found |= {CaseSum.GONE: 1} if gone else {**self.outcome(row), **self.times(row)}
        for kind, value in found.items():
            self.case[kind, row[C.STREAM], self.column(row[C.ARRIVED])] += value

    def outcome(self, row):
        outcome, ended, known = row[C.OUTCOME], row[C.OUTCOME] != Outcome.OPEN, row[C.CUSTOMER] >= 0
        at_once = row[C.ATTEMPTS] == 1 and not (row[C.HANDOVERS] or row[C.REOPENED] or row[C.CHASES])
        here = self.frame.repeat_us is None
        return {
            CaseSum.CASES: 1,
            CaseSum.SOLVED: outcome == Outcome.SOLVED,
            CaseSum.UNSOLVED: outcome == Outcome.UNSOLVED,
            CaseSum.ABANDONED: outcome == Outcome.ABANDONED,
            CaseSum.BLOCKED: outcome == Outcome.BLOCKED,
            CaseSum.OPEN: not ended,
            CaseSum.ENDED: ended,
            CaseSum.UNAIDED: outcome == Outcome.SOLVED and row[C.FIRST_RESPONSE] == NEVER,
            CaseSum.ATTEMPTS: row[C.ATTEMPTS],
            CaseSum.HANDOVERS: row[C.HANDOVERS],
            CaseSum.HANDED_OVER: row[C.HANDOVERS] > 0,
            CaseSum.REOPENINGS: row[C.REOPENED],
            CaseSum.CAME_BACK: row[C.REOPENED] > 0,
            CaseSum.CHASES: row[C.CHASES],
            CaseSum.CHASED: row[C.CHASES] > 0,
            CaseSum.FIRST_CONTACT: here and at_once and outcome == Outcome.SOLVED,
            CaseSum.FIRST_CONTACT_DUE: here and ended,
            CaseSum.COUNTED_CUSTOMERS: known and ended,
            CaseSum.LEFT: row[C.LEFT] if known else 0,
        }

    def times(self, row):
        stream, arrived, outcome = row[C.STREAM], row[C.ARRIVED], row[C.OUTCOME]
        responded, solved, open_ = row[C.FIRST_RESPONSE] != NEVER, outcome == Outcome.SOLVED, outcome == Outcome.OPEN
        response = min(row[C.FIRST_RESPONSE], self.closing_us) - arrived
        resolve = min(row[C.ENDED], self.closing_us) - arrived
        for kind, length, over in (
            (Duration.FIRST_RESPONSE, response, responded),
            (Duration.RESOLVE, resolve, solved),
        ):
            if over or open_:
                self.length(kind, stream, length, not over)
        first = row[C.SOLVED] != NEVER
        return {
            CaseSum.RESPONDED: responded,
            CaseSum.RESPONSE_TIME: response if responded else 0,
            CaseSum.RESOLVE_TIME: resolve if solved else 0,
            CaseSum.FIRST_SOLVED: first,
            CaseSum.FIRST_SOLVED_TIME: row[C.SOLVED] - arrived if first else 0,
        }
