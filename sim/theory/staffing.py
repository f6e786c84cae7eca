"""From a target to a number of people."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from scipy import optimize, stats

from sim.errors import ParameterError, Problem
from sim.theory.erlang import Queue

_MOST_AGENTS = 1_000_000


def agents_needed(meets: Callable[[Queue], bool], queue: Queue) -> int:
    """The smallest number of agents with which a queue meets a target.

    Parameters
    ----------
    meets : callable
        Whether a queue meets it; more agents must not undo that.
    queue : Queue
        Rates and places; its own number of agents is not used.

    Raises
    ------
    ParameterError
        If a million agents do not suffice.
    """
    low = 1
    if queue.patience_rate == 0 and queue.waiting_places is None:
        low = math.floor(queue.load) + 1
    high = low
    while not meets(replace(queue, agents=high)):
        low, high = high + 1, 2 * high
        if high > _MOST_AGENTS:
            raise ParameterError(Problem("no number of agents meets the target", allowed="a target below 100 %"))
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
    """
    if not 0 < probability_of_waiting < 1 or not load > 0:
        raise ParameterError(
            Problem("no square-root staffing", allowed="a load above 0 and a probability between 0 and 1",
                    given=f"{load:g}, {probability_of_waiting:g}")
        )  # fmt: skip

    def gap(beta: float) -> float:
        ratio = math.exp(stats.norm.logcdf(beta) - stats.norm.logpdf(beta))
        return 1 / (1 + beta * ratio) - probability_of_waiting

    return load + float(optimize.brentq(gap, 1e-9, 30.0)) * math.sqrt(load)


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
    """
    if not length > 0 or not mean_service > 0:
        raise ParameterError(Problem("lengths out of range", allowed="above 0", given=f"{length:g}, {mean_service:g}"))
    share = math.exp(-length / mean_service)
    found, load = [], start
    for rate in rates:
        final = rate * mean_service
        found.append(final + (load - final) * (1 - share) * mean_service / length)
        load = final + (load - final) * share
    return found
