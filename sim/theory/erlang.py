"""M/M/s/r+M: Poisson arrivals, exponential service and patience, s agents, r waiting places; Erlang B, C and A.

What an arrival meets is a birth-and-death process. Who finds j others waiting must see off j + 1 departures, at rates
s mu + i theta (i = j ... 0). With a = s mu / theta the sum V of these times satisfies exp(-theta V) ~ Beta(a, j + 1)
(Renyi's 1953 representation of order statistics), so every probability and moment below is exact and needs no
numerical integration. Without impatience V is Erlang(j + 1, s mu).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.theory.checks import ROUNDING, number, refuse, whole

Floats = NDArray[np.float64]
_TINY = 1e-17
_MOST_STATES = 5_000_000


@dataclass(frozen=True, slots=True)
class Queue:
    """One group of equal agents and its callers.

    Attributes
    ----------
    arrival_rate, service_rate : float
        Per unit of time; service_rate of one agent.
    agents : int
    patience_rate : float
        1 / mean patience; 0: nobody hangs up.
    waiting_places : int or None
        None: any number.

    Raises
    ------
    ParameterError
        If a value is out of range, or nobody hangs up, places are unlimited and the load reaches the number of agents.
    """

    arrival_rate: float
    service_rate: float
    agents: int
    patience_rate: float = 0.0
    waiting_places: int | None = None

    def __post_init__(self) -> None:
        number("arrival rate", self.arrival_rate)
        number("service rate", self.service_rate, above=True)
        object.__setattr__(self, "agents", whole("agents", self.agents, least=1))
        number("patience rate", self.patience_rate)
        if self.waiting_places is not None:
            object.__setattr__(self, "waiting_places", whole("waiting places", self.waiting_places))
        if self.endless and self.load >= self.agents * (1 - ROUNDING):
            refuse(
                "more work than agents: without hang-ups the queue grows for ever",
                allowed=f"more than {self.load:.4g} agents",
                given=f"{self.agents} agents",
                fix="Add agents, or give a patience (Erlang A).",
            )

    @property
    def endless(self) -> bool:
        """Whether nobody hangs up and nobody is turned away (M/M/s, Erlang C)."""
        return self.patience_rate == 0 and self.waiting_places is None

    @property
    def load(self) -> float:
        """Offered load: arrival rate x mean service time, in erlangs."""
        return self.arrival_rate / self.service_rate

    @property
    def drain(self) -> float:
        """Rate at which contacts are completed while everybody is busy."""
        return self.agents * self.service_rate


def call_queue(
    calls_per_hour: float,
    aht_s: float,
    agents: int,
    patience_s: float | None = None,
    waiting_places: int | None = None,
) -> Queue:
    """A queue from a planner's numbers, with the second as the unit of time.

    Parameters
    ----------
    calls_per_hour, aht_s : float
        Calls offered an hour and average handling time in seconds.
    agents : int
    patience_s : float, optional
        Mean patience in seconds; without it, or if it is infinite, nobody hangs up.
    waiting_places : int, optional

    Raises
    ------
    ParameterError
        As `Queue`.
    """
    number("calls per hour", calls_per_hour)
    number("average handling time", aht_s, above=True, unit=" s")
    if patience_s is None or patience_s == math.inf:
        return Queue(calls_per_hour / 3600, 1 / aht_s, agents, 0.0, waiting_places)
    number("mean patience", patience_s, above=True, unit=" s")
    return Queue(calls_per_hour / 3600, 1 / aht_s, agents, 1 / patience_s, waiting_places)


@dataclass(frozen=True, slots=True)
class Performance:
    """What a queue does to its contacts; times in the unit of its rates.

    Attributes
    ----------
    probability_of_waiting, probability_of_abandoning, probability_of_blocking : float
        Of an offered contact.
    mean_wait : float
        Of all that were not blocked.
    mean_wait_served, variance_wait_served : float
        Of the served; the first is the average speed of answer (ASA).
    mean_wait_abandoned : float
        Of those who hang up; NaN if nobody does.
    queue_length, variance_queue_length : float
        Number waiting.
    occupancy : float
        Share of agents' time with a contact.
    """

    probability_of_waiting: float
    probability_of_abandoning: float
    probability_of_blocking: float
    mean_wait: float
    mean_wait_served: float
    variance_wait_served: float
    mean_wait_abandoned: float
    queue_length: float
    variance_queue_length: float
    occupancy: float

    @property
    def abandonment_rate(self) -> float:
        """Share that hang up of all that were not blocked."""
        accepted = 1.0 - self.probability_of_blocking
        return self.probability_of_abandoning / accepted if accepted > 0 else 0.0


def erlang_b(load: float, agents: int) -> float:
    """Blocking probability of M/G/s/s (Erlang 1917), by the recursion B(n) = a B(n-1) / (n + a B(n-1)).

    Parameters
    ----------
    load : float
        Offered load in erlangs.
    agents : int

    Raises
    ------
    ParameterError
        If a value is out of range.
    """
    number("load", load, unit=" erlangs")
    blocking = 1.0
    for n in range(1, whole("agents", agents) + 1):
        blocking = load * blocking / (n + load * blocking)
    return blocking


def erlang_c(load: float, agents: int) -> float:
    """Probability of waiting of M/M/s (Erlang 1917): C = B / (1 - rho (1 - B)).

    Parameters
    ----------
    load : float
        Offered load in erlangs, below the number of agents.
    agents : int

    Raises
    ------
    ParameterError
        If a value is out of range or the load reaches the number of agents.
    """
    number("load", load, unit=" erlangs")
    Queue(load, 1.0, agents)
    blocking = erlang_b(load, agents)
    return blocking / (1 - load / agents * (1 - blocking))


def departure_rates(queue: Queue, room: int) -> Floats:
    """Rates at which 1, 2, ... agents + room contacts present become one fewer."""
    present = np.arange(1, queue.agents + room + 1)
    waiting = np.maximum(present - queue.agents, 0)
    rates: Floats = np.minimum(present, queue.agents) * queue.service_rate + waiting * queue.patience_rate
    return rates


def enough_room(queue: Queue) -> int:
    """Waiting places; where any number may wait, those beyond which the probabilities are below 1e-17 of the largest.

    Raises
    ------
    ParameterError
        If there are more than five million.
    """
    room: float = _unbounded_room(queue) if queue.waiting_places is None else queue.waiting_places
    if queue.agents + room > _MOST_STATES:
        refuse(
            "too many states to count",
            allowed=f"{_MOST_STATES:,} contacts present",
            given=f"{queue.agents + room:,.0f}",
            fix="Use a shorter patience, fewer waiting places or another number of agents.",
        )
    return math.ceil(room)


def _unbounded_room(queue: Queue) -> float:
    """Waiting places that matter where any number may wait."""
    rate, drain, patience = queue.arrival_rate, queue.drain, queue.patience_rate
    if rate == 0:
        return 0
    geometric = math.log(_TINY) / math.log(rate / drain) if rate < drain else math.inf
    normal = math.inf
    if patience:  # above the peak the probabilities fall at least as fast as a Poisson law's
        peak = max(0.0, (rate - drain) / patience)
        normal = peak + 10 * math.sqrt(peak + rate / patience + 10) + 40 * math.sqrt(min(rate, drain) / patience)
    return min(geometric, normal) + 50


def _steady_states(queue: Queue) -> Floats:
    """Long-run probabilities of 0, 1, ... contacts present, cut where they vanish."""
    if queue.arrival_rate == 0:
        empty: Floats = np.eye(1, queue.agents + 1)[0]
        return empty
    leave = departure_rates(queue, enough_room(queue))
    weights = np.concatenate([[0.0], np.cumsum(math.log(queue.arrival_rate) - np.log(leave))])
    states = np.exp(weights - weights.max())
    shares: Floats = states / states.sum()
    return shares


def _met_by_the_waiting(queue: Queue, states: Floats) -> Floats:
    """Probabilities that an arrival waits and finds 0, 1, ... others waiting."""
    met = states[queue.agents :]
    return met if queue.waiting_places is None else met[: queue.waiting_places]


def _blocking(queue: Queue, states: Floats) -> float:
    """Probability that an arrival finds every place taken."""
    return 0.0 if queue.waiting_places is None else float(states[queue.agents + queue.waiting_places :].sum())


def steady_state(queue: Queue) -> Performance:
    """Steady state of M/M/s/r+M (Palm 1957; Riordan 1962, chapter 5; Garnett, Mandelbaum and Reiman 2002).

    Raises
    ------
    ParameterError
        If so many may wait that their number cannot be counted (`enough_room`).
    """
    return _erlang_c_state(queue) if queue.endless else performance(queue, _steady_states(queue))


def performance(queue: Queue, states: Floats) -> Performance:
    """Performance where the number present has a given law, in the long run or on average over a stretch of time.

    Poisson arrivals see time averages (Wolff 1982), so one law serves for agents and arrivals alike.

    Parameters
    ----------
    queue : Queue
    states : float array (agents + places + 1)
        Probabilities of 0, 1, ... contacts present; shorter or longer where any number may wait.
    """
    s, present = queue.agents, np.arange(len(states))
    ahead = np.maximum(present - s, 0)
    length = float(states @ ahead)
    met = _met_by_the_waiting(queue, states)
    ends = _ends(queue, len(met))
    answered, lost = answered_and_lost(queue, states)
    wait_served, wait_lost = float(met @ ends.wait_served), float(met @ ends.wait_lost)
    asa = wait_served / answered
    return Performance(
        probability_of_waiting=float(met.sum()),
        probability_of_abandoning=lost,
        probability_of_blocking=_blocking(queue, states),
        mean_wait=(wait_served + wait_lost) / (answered + lost),
        mean_wait_served=asa,
        variance_wait_served=float(met @ ends.square_wait_served) / answered - asa**2,
        mean_wait_abandoned=wait_lost / lost if lost > 0 else math.nan,
        queue_length=length,
        variance_queue_length=float(states @ ahead**2) - length**2,
        occupancy=float(states @ np.minimum(present, s)) / s,
    )


def _erlang_c_state(queue: Queue) -> Performance:
    """Erlang C: waits of those who wait are exponential at rate s mu - lambda, the number waiting geometric."""
    waiting, rho = erlang_c(queue.load, queue.agents), queue.load / queue.agents
    spare = queue.drain - queue.arrival_rate
    mean, length = waiting / spare, waiting * rho / (1 - rho)
    return Performance(
        probability_of_waiting=waiting,
        probability_of_abandoning=0.0,
        probability_of_blocking=0.0,
        mean_wait=mean,
        mean_wait_served=mean,
        variance_wait_served=2 * waiting / spare**2 - mean**2,
        mean_wait_abandoned=math.nan,
        queue_length=length,
        variance_queue_length=waiting * rho * (1 + rho) / (1 - rho) ** 2 - length**2,
        occupancy=rho,
    )


@dataclass(frozen=True, slots=True)
class _Ends:
    """How the waits of those who find 0, 1, ... others waiting end: probabilities, E[W; end] and E[W squared; end]."""

    served: Floats
    lost: Floats
    wait_served: Floats
    square_wait_served: Floats
    wait_lost: Floats


def _ends(queue: Queue, count: int) -> _Ends:
    """Moments of the Beta law's logarithm as sums of positive terms, which also hold without impatience."""
    place = np.arange(1.0, count + 1)
    rates = queue.drain + place * queue.patience_rate
    served, lost = queue.drain / rates, place * queue.patience_rate / rates
    mean, spread = np.cumsum(1 / rates), np.cumsum(1 / rates**2)
    return _Ends(served, lost, served * mean, served * (mean**2 + spread), np.cumsum(lost) / rates)


def waits(queue: Queue, within: float, states: Floats | None = None) -> tuple[float, float]:
    """Probabilities that an offered contact is answered, and that it hangs up, within a time.

    With x = exp(-theta t), B ~ Beta(a, j + 1): answered within t has probability E[B; B >= x], which is
    a / (a + j + 1) (1 - I_x(a + 1, j + 1)); neither has happened by t with probability x I_x(a, j + 1).

    Parameters
    ----------
    queue : Queue
    within : float
        In the unit of the queue's rates.
    states : float array, optional
        Law of the number present (see `performance`); that of the steady state unless given.

    Raises
    ------
    ParameterError
        If the time is negative or no number.
    """
    number("time", within)
    if states is None and queue.endless:
        spare = queue.drain - queue.arrival_rate
        return 1.0 - erlang_c(queue.load, queue.agents) * math.exp(-spare * within), 0.0
    if states is None:
        states = _steady_states(queue)
    met = _met_by_the_waiting(queue, states)
    answered, lost = _ended_within(queue, np.arange(1.0, len(met) + 1), within)
    return float(states[: queue.agents].sum()) + float(met @ answered), float(met @ lost)


def _ended_within(queue: Queue, place: Floats, within: float) -> tuple[Floats, Floats]:
    """Probabilities that who waits in the first, second ... place is answered, and hangs up, within a time."""
    drain, theta = queue.drain, queue.patience_rate
    if theta == 0:
        return special.gammainc(place, drain * within), np.zeros_like(place)
    a, over = drain / theta, -math.expm1(-theta * within)
    answered = a / (a + place) * special.betainc(place, a + 1, over)
    lost = over + (1 - over) * special.betainc(place, a, over) - answered
    return answered, np.maximum(lost, 0.0)


def service_level(queue: Queue, within: float, formula: str = "SL4", states: Floats | None = None) -> float:
    """Service level by one of four formulas; A and L are answered and lost, with T those within the time.

    SL1 = (A_T + L_T) / (A + L), SL2 = A_T / A, SL3 = A_T / (A + L), SL4 = A_T / (A + L - L_T). So SL1 is the
    distribution function of the wait of all that were not blocked, SL2 that of the served.

    Parameters
    ----------
    queue : Queue
    within : float
        Acceptable wait, in the unit of the queue's rates.
    formula : {"SL1", "SL2", "SL3", "SL4"}
    states : float array, optional
        As for `waits`.

    Raises
    ------
    ParameterError
        If there is no such formula, or the time is negative or no number.
    """
    answered_in_time, lost_in_time = waits(queue, within, states)
    answered, lost = answered_and_lost(queue, states)
    if formula == "SL1":
        return (answered_in_time + lost_in_time) / (answered + lost)
    if formula == "SL2":
        return answered_in_time / answered
    if formula == "SL3":
        return answered_in_time / (answered + lost)
    if formula == "SL4":
        return answered_in_time / (answered + lost - lost_in_time)
    refuse("no such formula", allowed="SL1, SL2, SL3, SL4", given=formula)


def answered_and_lost(queue: Queue, states: Floats | None = None) -> tuple[float, float]:
    """Probabilities that an offered contact is answered, and that it hangs up."""
    if states is None and queue.endless:
        return 1.0, 0.0
    if states is None:
        states = _steady_states(queue)
    met = _met_by_the_waiting(queue, states)
    ends = _ends(queue, len(met))
    return float(states[: queue.agents].sum()) + float(met @ ends.served), float(met @ ends.lost)
