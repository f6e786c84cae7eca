"""A queue on its way: M/M/s/r+M over a stretch of time from a given start, an opening that begins empty, say.

Uniformisation (Jensen 1953; Grassmann 1977): events are thinned from a Poisson process of rate Lambda, whose jumps
move the law of the number present by one fixed stochastic step. The law after a time T is the mixture of the laws v(k)
after k jumps by Poisson(Lambda T); its time average weighs v(k) by P(more than k jumps) / (Lambda T). Only positive
terms are added.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from sim.theory.checks import number, refuse
from sim.theory.erlang import Floats, Queue, departure_rates, enough_room

_MOST_WORK = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """Law of the number of contacts present in a stretch of time.

    Attributes
    ----------
    mean : float array (states)
        Probabilities of 0, 1, ... contacts present on average over the stretch, which is also what its arrivals find:
        the argument `states` of `performance`, `waits` and `service_level`.
    end : float array (states)
        The same at the end: `start` of the next stretch.
    """

    mean: Floats
    end: Floats


def over_time(queue: Queue, length: float, start: Floats | None = None) -> Stretch:
    """Law of the number present in a stretch of time with constant rates and agents.

    Waits computed from it are exact if agents stay until the stretch's last wait ends; contacts count by the time they
    arrive. Where agents become fewer from one stretch to the next, contacts in progress go back to the queue's head.

    Parameters
    ----------
    queue : Queue
    length : float
        In the unit of the queue's rates.
    start : float array (states), optional
        Probabilities of 0, 1, ... contacts present at the beginning; none unless given.

    Raises
    ------
    ParameterError
        If the length is not above 0, the start is no probability law, or states times jumps exceed ten billion.
    """
    number("length", length, above=True)
    law = np.ones(1) if start is None else _law(start)
    up, down = _moves(queue, len(law))
    fastest = float((up + down).max())
    jumps = fastest * length
    most = math.ceil(jumps + 9 * math.sqrt(jumps) + 40)
    if most * len(up) > _MOST_WORK:
        refuse(
            "too long a stretch",
            allowed=f"{_MOST_WORK / len(up) / fastest:.3g} in the unit of the rates",
            given=f"{length:g}",
            fix="Use the steady state, or a shorter stretch.",
        )
    return _mixtures(np.pad(law, (0, len(up) - len(law))), up / fastest, down / fastest, jumps, most)


def _law(start: Floats) -> Floats:
    law = np.asarray(start, dtype=np.float64)
    if law.ndim != 1 or not (law >= 0).all() or not abs(law.sum() - 1) < 1e-6:
        refuse("the start is no probability law", allowed="shares of 0, 1, ... contacts that add up to 1")
    return law


def _moves(queue: Queue, begun: int) -> tuple[Floats, Floats]:
    """Rates up and down from 0, 1, ... contacts present, with room for those present at the beginning."""
    beyond = max(0, begun - 1 - queue.agents)
    places = queue.waiting_places
    room = enough_room(queue) + beyond if places is None else max(enough_room(queue), beyond)
    down = np.concatenate([[0.0], departure_rates(queue, room)])
    full = len(down) - 1 if places is None else queue.agents + places
    up = np.where(np.arange(len(down)) < full, queue.arrival_rate, 0.0)
    return up, down


def _mixtures(law: Floats, up: Floats, down: Floats, jumps: float, most: int) -> Stretch:
    """Mix the laws after 0, 1, ... jumps, up and down being a jump's chances; scaled to 1 at the end."""
    counts = np.arange(most + 1)
    now, later = stats.poisson.pmf(counts, jumps), stats.poisson.sf(counts, jumps)
    stay = 1 - up - down
    end, mean = now[0] * law, later[0] * law
    for k in range(1, most + 1):
        step = law * stay
        step[1:] += (law * up)[:-1]
        step[:-1] += (law * down)[1:]
        law = step
        end += now[k] * law
        mean += later[k] * law
    return Stretch(mean / mean.sum(), end / end.sum())
