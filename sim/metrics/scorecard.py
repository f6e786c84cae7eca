"""Weighted indicators as one score per agent, team and channel.

score = Σ weight × value ÷ Σ weight, over the indicators that exist for whom it is about; weights are taken as given, so
sets that add up to 95 or 105 are comparable. Whether a scorecard changes how people behave is not in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from sim.metrics.frame import Frame
from sim.metrics.service import Indicator
from sim.metrics.sums import AgentSum, CaseSum, OpinionSum
from sim.metrics.totals import Totals
from sim.units import HOUR_US

Sums = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Score:
    """Somebody's score.

    Attributes
    ----------
    kind : {"agent", "team", "channel"}
    name : str
        Group and number in it, group, or channel.
    score : float
        0 to 100; NaN if no indicator exists.
    values : dict of str to float
        Each indicator, 0 to 100; NaN where it does not exist.
    measured : dict of str to float
        The measures behind them in their own units; NaN for a number given.
    """

    kind: str
    name: str
    score: float
    values: dict[str, float]
    measured: dict[str, float]


def _share(over: AgentSum, under: AgentSum) -> Callable[[Sums], float]:
    return lambda sums: float(sums[over] / sums[under]) if sums[under] else math.nan


MEASURES: dict[str, Callable[[Sums], float]] = {
    "satisfaction": lambda sums: _share(AgentSum.SCORE, AgentSum.SCORED)(sums) / 1000,
    "first contact": _share(AgentSum.FIRST_CONTACT, AgentSum.ENDED),
    "solved": _share(AgentSum.SOLVED, AgentSum.ENDED),
    "stays solved": lambda sums: 1 - _share(AgentSum.CAME_BACK, AgentSum.ENDED)(sums),
    "praise": _share(AgentSum.PRAISED, AgentSum.SURVEYED),
    "contacts per hour": lambda sums: _share(AgentSum.CONTACTS, AgentSum.STAFFED)(sums) * HOUR_US,
}
"""How each measure follows from the sums (`AgentSum`) of an agent, a team or a channel."""


def scores(totals: Sequence[Totals], first_agents: Sequence[int]) -> list[Score]:
    """Scores of agents, teams and channels over all replications together.

    Parameters
    ----------
    totals : sequence of Totals
        At least one, of a scenario with a scorecard.
    first_agents : sequence of int
        Number of each group's first agent in the log.
    """
    frame = totals[0].frame
    card = frame.service.scorecard if frame.service is not None else ()
    if not card:
        return []
    return [_score(card, *one) for one in _about(frame, totals, first_agents)]


def _about(frame: Frame, totals: Sequence[Totals], first_agents: Sequence[int]) -> Iterator[tuple[str, str, Sums]]:
    agents: Sums = np.sum([one.agent for one in totals], axis=0, dtype=np.int64)
    borders = [*first_agents, agents.shape[1]]
    for group, name in enumerate(frame.groups):
        yield "team", name, agents[:, borders[group] : borders[group + 1]].sum(axis=1)
    for channel in dict.fromkeys(frame.channels):
        yield "channel", channel, _channel(frame, totals, channel)
    for group, name in enumerate(frame.groups):
        for agent in range(borders[group], borders[group + 1]):
            yield "agent", f"{name} {agent - borders[group] + 1}", agents[:, agent]


def _channel(frame: Frame, totals: Sequence[Totals], channel: str) -> Sums:
    """Sums of a channel's cases as those of an agent; nobody's time is a channel's."""
    streams = [number for number, one in enumerate(frame.channels) if one == channel]
    case = reduce(add, (one.case[:, streams].sum(axis=(1, 2)) for one in totals))
    found = np.zeros(len(AgentSum), np.int64)
    found[AgentSum.ENDED] = case[CaseSum.ENDED]
    found[AgentSum.FIRST_CONTACT] = case[CaseSum.FIRST_CONTACT]
    found[AgentSum.SOLVED] = case[CaseSum.SOLVED]
    found[AgentSum.CAME_BACK] = case[CaseSum.CAME_BACK]
    if totals[0].opinion.size:
        opinion = reduce(add, (one.opinion[:, streams].sum(axis=(1, 2)) for one in totals))
        for kind in ("SCORED", "SCORE", "SURVEYED", "PRAISED"):
            found[AgentSum[kind]] = opinion[OpinionSum[kind]]
    return found


def _score(card: Sequence[Indicator], kind: str, name: str, sums: Sums) -> Score:
    measured = {one.name: MEASURES[one.measure](sums) if one.measure else math.nan for one in card}
    values = {one.name: _value(one, measured[one.name]) for one in card}
    known = [one for one in card if not math.isnan(values[one.name])]
    weight = sum(one.weight for one in known)
    score = sum(one.weight * values[one.name] for one in known) / weight if weight else math.nan
    return Score(kind, name, score, values, measured)


def _value(indicator: Indicator, measured: float) -> float:
    """An indicator from 0 to 100."""
    if indicator.given is not None:
        return indicator.given
    part = (measured - indicator.worst) / (indicator.best - indicator.worst)
    return float(np.clip(100 * part, 0.0, 100.0))
