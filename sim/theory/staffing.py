"""From a target to a number of people."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from scipy import optimize, stats

from sim.theory.checks import ROUNDING, number, refuse
from sim.theory.erlang import Queue, answered_and_lost, call_queue, service_level, steady_state

_MOST_AGENTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """What a queue has to meet, in the long run; None where there is no such target.

    Attributes
    ----------
    service_level : float, optional
        Least share, above 0 and below 1, by the formula (see `service_level`).
    within : float
        Acceptable wait of the service level, in the unit of the queue's rates; seconds for `agents_for`.
    formula : {"SL1", "SL2", "SL3", "SL4"}
    asa : float, optional
        Longest mean wait of the served, same unit.
    abandonment : float, optional
        Largest share that hang up of all that were not blocked, above 0 and below 1.
    occupancy : float, optional
        Largest share of agents' time with a contact, above 0 and below 1.

    Raises
    ------
    ParameterError
        If a value is out of range or there is no target at all.
    """

    service_level: float | None = None
    within: float = 0.0
    formula: str = "SL4"
    asa: float | None = None
    abandonment: float | None = None
    occupancy: float | None = None

    def __post_init__(self) -> None:
        number("acceptable wait", self.within)
        if self.asa is not None:
            number("average speed of answer", self.asa, above=True)
        shares = {n: getattr(self, n) for n in ("service_level", "abandonment", "occupancy")}
        for name, share in shares.items():
            if share is not None and not 0 < share < 1:
                refuse(f"{name.replace('_', ' ')} out of range", allowed="above 0, below 1", given=f"{share:g}")
        if self.asa is None and not any(shares.values()):
            refuse("no target", allowed="a service level, average speed of answer, abandonment or occupancy")

    def met(self, queue: Queue) -> bool:
        """Whether a queue meets every part of the target."""
        if self.service_level is not None and service_level(queue, self.within, self.formula) < self.service_level:
            return False
        state = steady_state(queue)
        answered, lost = answered_and_lost(queue)
        most = (
            (self.asa, state.mean_wait_served),
            (self.abandonment, lost / (answered + lost)),
            (self.occupancy, state.occupancy),
        )
        return all(limit is None or value <= limit for limit, value in most)


def agents_for(
    target: Target,
    calls_per_hour: float,
    aht_s: float,
    patience_s: float | None = None,
    waiting_places: int | None = None,
) -> int:
    """The smallest number of agents with which a planner's queue meets a target: Erlang C, or A with a patience.

    Parameters
    ----------
    target : Target
        Its times in seconds.
    calls_per_hour, aht_s, patience_s, waiting_places
        As for `call_queue`.

    Raises
    ------
    ParameterError
        If a value is out of range or a million agents do not suffice.
    """
    return agents_needed(target.met, call_queue(calls_per_hour, aht_s, _MOST_AGENTS, patience_s, waiting_places))


def agents_needed(meets: Callable[[Queue], bool], queue: Queue) -> int:
    """The smallest number of agents with which a queue meets a target.

    Parameters
    ----------
    meets : callable
        Whether a queue meets it (`Target.met`, say); more agents must not undo that.
    queue : Queue
        Rates and places; its own number of agents is not used.

    Raises
    ------
    ParameterError
        If a million agents do not suffice.
    """
    low = math.floor(queue.load / (1 - ROUNDING)) + 1 if queue.endless else 1
    high = low
    while not meets(replace(queue, agents=high)):
        low, high = high + 1, 2 * high
        if high > _MOST_AGENTS:
            refuse("no number of agents meets the target", allowed="a target below 100 %")
    while low < high:
        middle = (low + high) // 2
        if meets(replace(queue, agents=middle)):
            high = middle
        else:
            low = middle + 1
    return high


def square_root_staffing(load: float, probability_of_waiting: float) -> float:
    """Agents by the square-root rule R + beta sqrt(R) (Halfin and Whitt 1981, theorem 1).

    ``beta`` solves P(wait) = 1 / (1 + beta Phi(beta) / phi(beta)).

    Parameters
    ----------
    load : float
        Offered load R in erlangs.
    probability_of_waiting : float
        Strictly between 0 and 1.

    Raises
    ------
    ParameterError
        If a value is out of range.
    """
    if not 0 < probability_of_waiting < 1 or not 0 < load < math.inf:
        refuse(
            "no square-root staffing",
            allowed="a load above 0 and a probability between 0 and 1",
            given=f"{load:g}, {probability_of_waiting:g}",
        )
    goal = math.log(1 / probability_of_waiting - 1) if probability_of_waiting > 1e-300 else 690.0

    def gap(log_beta: float) -> float:
        beta = math.exp(log_beta)
        return log_beta + float(stats.norm.logcdf(beta) - stats.norm.logpdf(beta)) - goal

    return load + math.exp(float(optimize.brentq(gap, -100.0, 4.0))) * math.sqrt(load)


def modified_offered_load(
    rates: Sequence[float], length: float, mean_service: float, start: float = 0.0
) -> list[float]:
    """Mean number of busy agents in M(t)/M/infinity over each interval of constant rate.

    The load dm/dt = lambda(t) - m / E[S] follows the arrivals with a lag (Jennings, Mandelbaum, Massey and Whitt 1996,
    section 4); exact for exponential service.

    Parameters
    ----------
    rates : sequence of float (intervals)
        Arrival rate in each interval.
    length, mean_service : float
        Length of an interval and mean service time, in the unit of the rates.
    start : float
        Load at the beginning.

    Returns
    -------
    list of float (intervals)
        Time average of the load in each interval, erlangs.

    Raises
    ------
    ParameterError
        If a value is out of range.
    """
    number("length of an interval", length, above=True)
    number("mean service time", mean_service, above=True)
    number("load at the beginning", start)
    share = math.exp(-length / mean_service)
    found, load = [], start
    for rate in rates:
        number("arrival rate", rate)
        final = rate * mean_service
        found.append(final + (load - final) * (1 - share) * mean_service / length)
        load = final + (load - final) * share
    return found
