"""People that a formula asks for in each interval, to stand beside those who are there."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scenarios.replications import Result
from scenarios.staffing_search import Key, offered_per_hour, patience_of
from sim.schema import Scenario
from sim.theory.impatience import ImpatientQueue
from sim.units import SECOND_US, exact_duration

_USUAL_GOAL = 0.8


@dataclass(frozen=True, slots=True)
class Required:
    """People by formula.

    Attributes
    ----------
    people : dict of (weekday, time) to int
        Weekday mon ... sun and local time HH:MM at which an interval starts.
    text : str
        Which formula, for which service level.
    """

    people: dict[Key, int]
    text: str


def required(scenario: Scenario, result: Result) -> Required | None:
    """People that Erlang's formula asks for in each interval, the queues of a single group taken as one.

    First attempts count, not redials: with the people required, few would have to try again. Baccelli and Hebuterne
    (1981); see `sim.theory.impatience`. None where the formula has no say: several groups, or queues with different
    targets.
    """
    frame = result.frame
    targets = set(zip(frame.threshold_us, frame.formula, frame.goal, strict=True))
    aht = result.estimate("aht").mean
    if len(frame.groups) != 1 or len(targets) != 1 or not aht:
        return None
    within, formula, goal = targets.pop()
    level = _USUAL_GOAL if goal is None else goal
    patience = patience_of(scenario, result)
    offered, again = (offered_per_hour(result, metric) for metric in ("offered", "redials"))
    people = {
        key: ImpatientQueue((offered[key] - again[key]) / 3600, aht, within / SECOND_US, patience, formula).people_for(
            level
        )
        for key in offered
    }
    name = "Erlang A, patience as in the scenario" if any(math.isfinite(one) for one in patience) else "Erlang C"
    return Required(people, f"{100 * level:g} % within {exact_duration(within)} ({name})")
