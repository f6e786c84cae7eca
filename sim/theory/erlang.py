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

from sim.errors import ParameterError, Problem

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
    """

    arrival_rate: float
    service_rate: float
    agents: int
    patience_rate: float = 0.0
    waiting_places: int | None = None

    def __post_init__(self) -> None:
        _check("arrival rate", self.arrival_rate, self.arrival_rate >= 0, "0 or more")
        _check("service rate", self.service_rate, self.service_rate > 0, "above 0")
        _check("agents", self.agents, self.agents >= 1 and self.agents == int(self.agents), "1, 2, 3 ...")
        _check("patience rate", self.patience_rate, self.patience_rate >= 0, "0 or more")
        if self.waiting_places is not None:
            _check("waiting places", self.waiting_places, self.waiting_places >= 0, "0 or more")
        if self.endless and self.load >= self.agents:
            raise ParameterError(
                Problem(
                    "more work than agents: without hang-ups the queue grows for ever",
                    allowed=f"more than {self.load:.4g} agents",
                    given=f"{self.agents} agents",
                    fix="Add agents, or give a patience (Erlang A).",
                )
            )

    @property
    def endless(self) -> bool:
        """Whether nobody hangs up and nobody is turned away (M/M/s, Erlang C)."""
        return self.patience_rate == 0 and self.waiting_places is None

    @property
    def load(self) -> float:
        """Offered load: arrival rate x mean service time, in erlangs."""
        return self.arrival_rate / self.service_rate


def _check(what: str, value: float, good: bool, allowed: str) -> None:
    if not good or not math.isfinite(value):
        raise ParameterError(Problem(f"{what} out of range", allowed=allowed, given=f"{value:g}"))


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
        Mean patience in seconds; without it nobody hangs up.
    waiting_places : int, optional
    """
    _check("average handling time", aht_s, aht_s > 0, "above 0 s")
    if patience_s is not None:
        _check("mean patience", patience_s, patience_s > 0, "above 0 s")
    return Queue(calls_per_hour / 3600, 1 / aht_s, agents, 1 / patience_s if patience_s else 0.0, waiting_places)


@dataclass(frozen=True, slots=True)
class Performance:
    """Steady state of a queue; times in the unit of its rates.

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


def erlang_b(load: float, agents: int) -> float:
    """Blocking probability of M/G/s/s (Erlang 1917), by the recursion B(n) = a B(n-1) / (n + a B(n-1)).

    Parameters
    ----------
    load : float
        Offered load in erlangs.
    agents : int
    """
    _check("load", load, load >= 0, "0 or more erlangs")
    _check("agents", agents, agents >= 0, "0 or more")
    blocking = 1.0
    for n in range(1, agents + 1):
        blocking = load * blocking / (n + load * blocking)
    return blocking


def erlang_c(load: float, agents: int) -> float:
    """Probability of waiting of M/M/s (Erlang 1917): C = B / (1 - rho (1 - B)).

    Raises
    ------
    ParameterError
        If the load reaches the number of agents.
    """
    Queue(load, 1.0, agents)
    blocking = erlang_b(load, agents)
    return blocking / (1 - load / agents * (1 - blocking))


def _states(queue: Queue) -> Floats:
    """Probabilities of 0, 1, ... contacts present, cut where they vanish; not for endless queues."""
    s, r = queue.agents, queue.waiting_places
    if queue.arrival_rate == 0:
        empty: Floats = np.eye(1, s + 1)[0]
        return empty
    room = r if r is not None else _enough_room(queue)
    n = np.arange(1, s + room + 1)
    leave = np.minimum(n, s) * queue.service_rate + np.maximum(n - s, 0) * queue.patience_rate
    weights = np.concatenate([[0.0], np.cumsum(math.log(queue.arrival_rate) - np.log(leave))])
    states = np.exp(weights - weights.max())
    shares: Floats = states / states.sum()
    return shares


def _enough_room(queue: Queue) -> int:
    """Waiting places beyond which the probabilities are below 1e-17 of the largest."""
    rate, drain, patience = queue.arrival_rate, queue.agents * queue.service_rate, queue.patience_rate
    geometric = math.log(_TINY) / math.log(rate / drain) if rate < drain else math.inf
    # Above the peak the probabilities fall at least as fast as a Poisson law's.
    peak = max(0.0, (rate - drain) / patience)
    normal = peak + 10 * math.sqrt(peak + rate / patience + 10) + 40 * math.sqrt(min(rate, drain) / patience)
    room = math.ceil(min(geometric, normal)) + 50
    if room > _MOST_STATES:
        raise ParameterError(
            Problem("too many waiting for a steady state", allowed="a shorter patience, or more agents")
        )
    return room


def _waiting(queue: Queue) -> tuple[Floats, Floats]:
    """Numbers j that an arrival that must wait finds waiting, and the probability of each."""
    states = _states(queue)
    s = queue.agents
    found = states[s:]
    if queue.waiting_places is not None:
        found = found[: queue.waiting_places]
    return np.arange(len(found), dtype=np.float64), found


def steady_state(queue: Queue) -> Performance:
    """Steady state of M/M/s/r+M (Palm 1957; Riordan 1962, chapter 5; Garnett, Mandelbaum and Reiman 2002).

    Raises
    ------
    ParameterError
        If nobody hangs up, places are unlimited and the load reaches the number of agents (on making the `Queue`).
    """
    if queue.endless:
        return _erlang_c_state(queue)
    states = _states(queue)
    s = queue.agents
    blocked = float(states[-1]) if queue.waiting_places is not None else 0.0
    j, found = _waiting(queue)
    ahead = np.maximum(np.arange(len(states)) - s, 0.0)
    length = float(states @ ahead)
    busy = float(states @ np.minimum(np.arange(len(states)), s))
    served, first, second = _served_moments(queue, j)
    accepted = 1.0 - blocked
    lost = float(found @ (1 - served)) if queue.patience_rate else 0.0
    answered = accepted - lost
    wait_served, square = float(found @ first), float(found @ second)
    mean = length / queue.arrival_rate if queue.arrival_rate else 0.0
    return Performance(
        probability_of_waiting=float(found.sum()),
        probability_of_abandoning=lost,
        probability_of_blocking=blocked,
        mean_wait=mean / accepted,
        mean_wait_served=wait_served / answered,
        variance_wait_served=square / answered - (wait_served / answered) ** 2,
        mean_wait_abandoned=(mean - wait_served) / lost if lost > 0 else math.nan,
        queue_length=length,
        variance_queue_length=float(states @ ahead**2) - length**2,
        occupancy=busy / s,
    )


def _erlang_c_state(queue: Queue) -> Performance:
    """Erlang C: waits of those who wait are exponential at rate s mu - lambda, the number waiting geometric."""
    waiting, rho = erlang_c(queue.load, queue.agents), queue.load / queue.agents
    spare = queue.agents * queue.service_rate - queue.arrival_rate
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


def _served_moments(queue: Queue, j: Floats) -> tuple[Floats, Floats, Floats]:
    """P(served), E[W; served] and E[W squared; served] of who finds j others waiting."""
    drain, theta = queue.agents * queue.service_rate, queue.patience_rate
    if theta == 0:
        return np.ones_like(j), (j + 1) / drain, (j + 1) * (j + 2) / drain**2
    a, b = drain / theta, j + 1
    served = a / (a + b)
    logs = special.digamma(a + b + 1) - special.digamma(a + 1)
    spread = special.polygamma(1, a + 1) - special.polygamma(1, a + b + 1)
    return served, served * logs / theta, served * (logs**2 + spread) / theta**2


def waits(queue: Queue, within: float) -> tuple[float, float]:
    """Probabilities that an offered contact is answered, and that it hangs up, within a time.

    With x = exp(-theta t), B ~ Beta(a, j + 1): answered within t has probability E[B; B >= x], which is
    a / (a + j + 1) (1 - I_x(a + 1, j + 1)); neither has happened by t with probability x I_x(a, j + 1).
    """
    _check("time", within, within >= 0, "0 or more")
    if queue.endless:
        spare = queue.agents * queue.service_rate - queue.arrival_rate
        return 1.0 - erlang_c(queue.load, queue.agents) * math.exp(-spare * within), 0.0
    j, found = _waiting(queue)
    at_once = 1.0 - float(found.sum())
    if queue.waiting_places is not None:
        at_once -= float(_states(queue)[-1])
    drain, theta = queue.agents * queue.service_rate, queue.patience_rate
    if theta == 0:
        return at_once + float(found @ special.gammainc(j + 1, drain * within)), 0.0
    a, x = drain / theta, math.exp(-theta * within)
    answered = a / (a + j + 1) * (1 - special.betainc(a + 1, j + 1, x))
    lost = 1 - x * special.betainc(a, j + 1, x) - answered
    return at_once + float(found @ answered), float(found @ lost)


def service_level(queue: Queue, within: float, formula: str = "SL4") -> float:
    """Service level by one of four formulas; A and L are answered and lost, with T those within the time.

    SL1 = (A_T + L_T) / (A + L), SL2 = A_T / A, SL3 = A_T / (A + L), SL4 = A_T / (A + L - L_T).

    Raises
    ------
    ParameterError
        If there is no such formula.
    """
    state = steady_state(queue)
    answered_in_time, lost_in_time = waits(queue, within)
    lost = state.probability_of_abandoning
    ended = 1.0 - state.probability_of_blocking
    if formula == "SL1":
        return (answered_in_time + lost_in_time) / ended
    if formula == "SL2":
        return answered_in_time / (ended - lost)
    if formula == "SL3":
        return answered_in_time / ended
    if formula == "SL4":
        return answered_in_time / (ended - lost_in_time)
    raise ParameterError(Problem("no such formula", allowed="SL1, SL2, SL3, SL4", given=formula))
