"""Who is on duty when: head counts and shifts of a scenario as log-on and log-off rows.

What chance has no part in is expanded once (`plan`); who is away, has left or sits with a mentor is drawn for each
replication (`away`); the rows that engines see are made from both (`rows`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.calendars import Clock
from sim.network import ROSTER, Ints, Records
from sim.roster.away import employed_of, on_duty, stretches_of
from sim.roster.plan import Plan, plan_of
from sim.roster.rows import Duty, rows_of
from sim.schema.model import Scenario
from sim.units import NEVER


def agent_counts(scenario: Scenario) -> list[int]:
    """How many agents each group has at most."""
    return [group.size for group in scenario.people.values()]


@dataclass(frozen=True, slots=True)
class Part:
    """The people of a group as one scenario has them, from one time to before another."""

    plan: Plan
    group: int
    begin: int = -NEVER
    end: int = NEVER

    def duty(self, key: np.uint64) -> Duty:
        """Who is on duty when in a replication, cut to the part's time."""
        return stretches_of(self.plan, key).within(self.begin, self.end)


@dataclass(frozen=True)
class Roster:
    """Who is on duty when, before chance.

    Attributes
    ----------
    parts : tuple of Part
        Each group's people, or several for a group that changes with time.
    eras : Records
        Rows of kind ERA.
    end_us : int
        Changes from here on do not happen.
    """

    parts: tuple[Part, ...]
    eras: Records
    end_us: int

    def rows(self, key: np.uint64) -> Records:
        """Log-ons and log-offs of one replication before the end, in the order of their keys."""
        return rows_of([(part.group, part.duty(key)) for part in self.parts], self.eras, self.end_us)

    def paid_us(self, key: np.uint64, begin: int, end: int) -> Ints:
        """Paid time of each group between two times: shifts of everybody employed, whether there or not."""
        found = np.zeros(1 + max((part.group for part in self.parts), default=-1), np.int64)
        for part in self.parts:
            paid = on_duty(part.plan, employed_of(part.plan, key))
            found[part.group] += paid.within(max(begin, part.begin), min(end, part.end)).total_us
        return found

    def between(self, begin: int, end: int, groups: dict[int, int]) -> tuple[Part, ...]:
        """The parts inside a time, groups numbered anew."""
        return tuple(
            replace(part, group=groups[part.group], begin=max(part.begin, begin), end=min(part.end, end))
            for part in self.parts
            if part.begin < end and begin < part.end
        )


def roster_of(scenario: Scenario, clock: Clock, eras: Records | None = None) -> Roster:
    """The roster of a scenario, with the rows at which eras begin."""
    parts = tuple(Part(plan_of(scenario, name, clock), number) for number, name in enumerate(scenario.people))
    return Roster(parts, np.zeros(0, ROSTER) if eras is None else eras, clock.end_us)
