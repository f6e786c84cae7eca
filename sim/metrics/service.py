"""What is judged after the log: promises by tier, opinions, money. A scenario's values as numbers and arrays.

Steps, streams, groups and calendars go by their numbers in the log and in `sim.network`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.network import Tables
from sim.primitives import Purpose, quantiles_at, uniforms_at
from sim.units import NEVER

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TARGETS = ("respond", "offer", "solve")
"""What a tier promises: the first reply by a person, a solution offered, the case solved."""
NO_STEP = 0xFFFFFFFF
"""Stands for a step in the addresses of draws that belong to a case."""


@dataclass(frozen=True, slots=True)
class Tier:
    """What a tier promises.

    Attributes
    ----------
    name : str
    limits_us : tuple of int or None
        Time promised for each of `TARGETS`.
    offered_at : tuple of int
        Steps; the first visit served at one of them is the offer.
    calendar : int
        Whose open time counts (`Arrays.calendars`); -1: all time.
    pauses : tuple of int
        Delay steps at which the clock stands still.
    goal : float or None
        Share of each promise to be kept, 0 to 1.
    """

    name: str
    limits_us: tuple[int | None, ...]
    offered_at: tuple[int, ...] = ()
    calendar: int = -1
    pauses: tuple[int, ...] = ()
    goal: float | None = None


@dataclass(frozen=True, slots=True)
class TierOf:
    """The tier of a stream's cases: by an attribute's number and the tier for each of its words, or one for all."""

    attribute: int = -1
    tiers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar's stretches and the open time before each."""

    begin: Ints
    end: Ints
    before: Ints

    def opened_us(self, times_us: Ints) -> Ints:
        """Open time up to each time, since the calendar's first stretch (`sim.primitives.opening`)."""
        at = np.minimum(np.searchsorted(self.end, times_us, side="right"), len(self.end) - 1)
        inside = np.clip(times_us - self.begin[at], 0, self.end[at] - self.begin[at])
        found: Ints = self.before[at] + inside
        return found

    def reached_us(self, opened_us: Ints) -> Ints:
        """First time by which the calendar has been open that long; `NEVER` if it never is."""
        ends = self.before + self.end - self.begin
        at = np.searchsorted(ends, opened_us)
        known = np.minimum(at, len(ends) - 1)
        found: Ints = np.where(at < len(ends), self.begin[known] + opened_us - self.before[known], NEVER)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """Arrays of a network that judging needs.

    Attributes
    ----------
    stream_ids, step_ids : int64 arrays
        Addresses of streams and steps.
    attribute_ids, attribute_tables : int64 arrays
        Address of each attribute, and its row in `tables`; -1: not needed here.
    tables : Tables
        Only those that are needed.
    calendars : tuple of Calendar
    """

    stream_ids: Ints
    step_ids: Ints
    attribute_ids: Ints
    attribute_tables: Ints
    tables: Tables
    calendars: tuple[Calendar, ...] = ()


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws of one replication at the addresses of cases (docs/semantics.md).

    ``key`` is the replication's; without it, whoever asks for a draw gets an error.
    """

    key: int | None
    arrays: Arrays

    def attribute(self, number: int, streams: Ints, cases: Ints) -> Floats:
        """An attribute of cases."""
        out = np.empty(len(cases))
        addresses = self._addresses(streams, cases, self.arrays.attribute_ids[number], 0)
        table = int(self.arrays.attribute_tables[number])
        quantiles_at(self.arrays.tables, table, self._known(), addresses, int(Purpose.ATTRIBUTE), out)
        return out

    def of_cases(self, purpose: Purpose, streams: Ints, cases: Ints, repetition: int) -> Floats:
        """Uniform numbers of cases, at no step."""
        out = np.empty(len(cases))
        uniforms_at(self._known(), self._addresses(streams, cases, NO_STEP, repetition), int(purpose), out)
        return out

    def _addresses(self, streams: Ints, cases: Ints, step: int, repetition: int) -> Ints:
        found = np.empty((len(cases), 4), np.int64)
        found[:, 0], found[:, 1] = cases, self.arrays.stream_ids[streams]
        found[:, 2], found[:, 3] = step, repetition
        return found

    def _known(self) -> np.uint64:
        if self.key is None:
            raise ValueError("what is drawn after the log needs the replication's key")
        return np.uint64(self.key)


EFFECTS = (
    *("wait", "redials", "hand-overs", "look-ups", "late", "broken promise", "approval", "chasing", "reopening"),
    *("unsolved", "lost", "inconsistent", "cold"),
)
"""What may spoil an opinion."""
DIMENSIONS = ("reliability", "responsiveness", "assurance", "empathy", "tangibles")
"""The five of SERVQUAL (Parasuraman, Zeithaml, Berry 1988)."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one thing that happened to a case costs its score: points for each unit, up to the most.

    ``chance`` is that of an inconsistent answer or a cold tone in a contact, or of having been promised a time.
    """

    points: float
    most: float
    lowest: float
    highest: float
    chance: float = 1.0


@dataclass(frozen=True, slots=True)
class Opinion:
    """The model from what a case lived through to a score (`sim.metrics.opinion`).

    Attributes
    ----------
    base, own : float
        Score of a case without any trouble, and the standard deviation of what is the customer's own.
    effects : tuple of Effect
        In the order of `EFFECTS`.
    answer : float
        Share of customers who answer a survey.
    promoter, detractor : float
        A customer whose mean score is at least the one is a promoter; below the other, a detractor.
    dimensions : tuple of tuple of float
        Weight of each effect in each of `DIMENSIONS`.
    """

    base: float
    own: float
    effects: tuple[Effect, ...]
    answer: float
    promoter: float
    detractor: float
    dimensions: tuple[tuple[float, ...], ...]


LINES = ("contacts", "visits", "payments", "overpayments", "customers who left")
"""Lines of what cases cost, after a line for each group and before those of the budget."""


@dataclass(frozen=True, slots=True)
class Money:
    """What things cost, in the scenario's currency.

    Attributes
    ----------
    people : tuple of float
        Of a paid hour, by group.
    contact : tuple of float
        Of each contact that began in a queue, by stream: line, postage, licence.
    visit : tuple of float
        Of each service, by queue: travel, material.
    amounts : tuple of int
        Number of the attribute that is paid out to a case of each stream; -1: nothing is.
    paid_at : tuple of int
        Steps at which it is paid.
    overpaid, excess : float
        Share of payments that are too high, and by which share of the amount.
    catches : tuple of (int, float)
        Steps at which somebody approves, and the share of overpayments seen there.
    leaving : float
        What a customer is worth who leaves for good.
    budget : tuple of (str, float)
        Lines that do not depend on what happens, for the whole measured window.
    """

    people: tuple[float, ...]
    contact: tuple[float, ...]
    visit: tuple[float, ...]
    amounts: tuple[int, ...] = ()
    paid_at: tuple[int, ...] = ()
    overpaid: float = 0.0
    excess: float = 0.0
    catches: tuple[tuple[int, float], ...] = ()
    leaving: float = 0.0
    budget: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """A weighted indicator of a scorecard: a measure that counts 0 at one end and 100 at the other, or a number given.

    Attributes
    ----------
    name : str
    weight : float
    measure : str
        One of `sim.metrics.scorecard.MEASURES`; empty where the number is ``given``.
    given : float or None
        0 to 100.
    worst, best : float
        What counts 0 and 100.
    """

    name: str
    weight: float
    measure: str
    given: float | None
    worst: float
    best: float


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that is judged after the log.

    Attributes
    ----------
    tiers : tuple of Tier
    tier_of : tuple of TierOf
        One per stream.
    wrong_tier : tuple of (int, int)
        Steps that say that a case was taken for another tier, and which.
    approvals : tuple of int
        Steps at which a case waits for, or gets, an approval.
    opinion : Opinion or None
    customers : int
        How many customers are counted.
    money : Money or None
    scorecard : tuple of Indicator
        None: no sums are kept for each agent.
    arrays : Arrays
        Not compared: the fields beside it tell scenarios apart.
    """

    tiers: tuple[Tier, ...] = ()
    tier_of: tuple[TierOf, ...] = ()
    wrong_tier: tuple[tuple[int, int], ...] = ()
    approvals: tuple[int, ...] = ()
    opinion: Opinion | None = None
    customers: int = 0
    money: Money | None = None
    scorecard: tuple[Indicator, ...] = ()
    arrays: Arrays | None = field(default=None, compare=False, repr=False)
