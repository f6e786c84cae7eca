"""One queue with general service, and classes with priority."""

from __future__ import annotations

from collections.abc import Sequence

from sim.theory.checks import ROUNDING, number, refuse
from sim.theory.erlang import erlang_c


def _each(what: str, values: Sequence[float]) -> None:
    for value in values:
        number(what, value)


def _stable(load: float, agents: int) -> None:
    if not load < agents * (1 - ROUNDING):
        refuse(
            "more work than agents",
            allowed=f"a load below {agents}",
            given=f"{load:.4g} erlangs",
            fix="Add agents or take work away.",
        )


def mg1_wait(arrival_rate: float, mean: float, cv: float) -> float:
    """Mean wait of M/G/1, first come first served (Pollaczek 1930, Khinchine 1932).

    Parameters
    ----------
    arrival_rate, mean : float
        Rate of arrivals and mean service time, same unit.
    cv : float
        Coefficient of variation of the service time.

    Raises
    ------
    ParameterError
        If a value is out of range or the load reaches 1.
    """
    return mg1_priorities([arrival_rate], [mean], [cv])[0]


def mg1_priorities(rates: Sequence[float], means: Sequence[float], cvs: Sequence[float]) -> list[float]:
    """Mean wait of each class of M/G/1 with non-preemptive priority, the first class first (Cobham 1954, equation 3).

    Parameters
    ----------
    rates, means, cvs : sequences of float (classes)
        Arrival rate, mean and coefficient of variation of the service time.

    Raises
    ------
    ParameterError
        If a value is out of range, the load reaches 1, or the sequences differ in length.
    """
    if not len(rates) == len(means) == len(cvs):
        refuse(
            "classes do not match",
            allowed="one rate, mean and coefficient of variation for each class",
            given=f"{len(rates)}, {len(means)} and {len(cvs)}",
        )
    _each("arrival rate", rates)
    _each("mean service time", means)
    _each("coefficient of variation", cvs)
    loads = [rate * mean for rate, mean in zip(rates, means, strict=True)]
    _stable(sum(loads), 1)
    residual = sum(r * m**2 * (1 + c**2) for r, m, c in zip(rates, means, cvs, strict=True)) / 2
    return _staircase(residual, loads)


def cobham(rates: Sequence[float], service_rate: float, agents: int) -> list[float]:
    """Mean wait of each class of M/M/s with non-preemptive priority and equal service (Cobham 1954, equation 8).

    Parameters
    ----------
    rates : sequence of float (classes)
        Arrival rates, the most urgent class first.
    service_rate : float
        Of one agent, for every class.
    agents : int

    Raises
    ------
    ParameterError
        If a value is out of range or the load reaches the number of agents.
    """
    _each("arrival rate", rates)
    number("service rate", service_rate, above=True)
    load = sum(rates) / service_rate
    _stable(load, agents)
    residual = erlang_c(load, agents) / (agents * service_rate)
    return _staircase(residual, [rate / (agents * service_rate) for rate in rates])


def _staircase(residual: float, loads: Sequence[float]) -> list[float]:
    """Residual / ((1 - load of more urgent classes) (1 - that and the class's own)) for each class."""
    above, found = 0.0, []
    for load in loads:
        found.append(residual / ((1 - above) * (1 - above - load)))
        above += load
    return found
