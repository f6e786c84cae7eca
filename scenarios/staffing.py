"""People per interval for a service-level target: a formula's first guess, corrected by simulation.

The formula takes each interval as a queue that has settled. The simulation knows what the formula does not: contacts
carried over from one interval to the next, redials, handling times and patience as they are, busy and quiet days.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from scenarios.estimate import Estimate, checked_confidence
from scenarios.replications import Progress
from scenarios.staffing_search import Demand, Heads, Search, Target, Trial
from sim.errors import ParameterError, Problem, UnsupportedError
from sim.schema import Document, Scenario
from sim.units import MINUTE_US, SECOND_US, exact_duration

__all__ = ["Staffing", "Target", "scheduled", "staff"]


@dataclass(frozen=True)
class Staffing:
    """People that a target needs.

    Attributes
    ----------
    group, queue : str
    target : Target
    shrinkage : float
        Share of paid time in which people are not available, 0 to 1.
    method : {"Erlang A", "Erlang C"}
        Formula of the first guess; Erlang A with the patience that the scenario says.
    table : DataFrame
        One row per weekday and interval: ``weekday``, ``time``, ``offered`` (contacts per hour), ``aht_s``, ``erlang``
        (people by formula), ``required`` (after simulation), ``scheduled`` (with shrinkage, rounded up),
        ``service_level`` with its confidence limits ``low`` and ``high``; ``holds``: whether it surely reaches the
        target by itself; ``why`` simulation and formula differ.
    hours : dict
        Hours per week by formula, required and scheduled.
    service_level : Estimate
        Of the whole run, checked with chance that the search did not see.
    document : Document
        The scenario with the required people.
    rounds : int
        Simulations used.
    holds : bool
        Whether the target holds with its confidence wherever it was asked.
    notes : tuple of str
    """

    group: str
    queue: str
    target: Target
    shrinkage: float
    method: str
    table: pd.DataFrame
    hours: dict[str, float]
    service_level: Estimate
    document: Document
    rounds: int
    holds: bool
    notes: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """As JSON has it; what is not defined is None."""
        rows = self.table.astype(object).where(self.table.notna(), None).to_dict("records")
        return {
            "group": self.group,
            "queue": self.queue,
            "target": {
                "service_level": self.target.service_level,
                "within_s": self.target.within_us / SECOND_US,
                "confidence": self.target.confidence,
                "overall": self.target.overall,
            },
            "shrinkage": self.shrinkage,
            "method": self.method,
            "intervals": rows,
            "hours_per_week": self.hours,
            "metrics": {"service_level": self.service_level.plain()},
            "replications": self.service_level.n,
            "rounds": self.rounds,
            "holds": self.holds,
            "notes": list(self.notes),
        }

    @staticmethod
    def read(data: dict[str, Any], document: Document) -> Staffing:
        """From `plain`, and the scenario with the required people."""
        asked, level = data["target"], data["metrics"]["service_level"]
        shares = dict.fromkeys(("offered", "aht_s", "service_level", "low", "high"), "float64")
        return Staffing(
            group=data["group"],
            queue=data["queue"],
            target=Target(
                asked["service_level"], round(asked["within_s"] * SECOND_US), asked["confidence"], asked["overall"]
            ),
            shrinkage=data["shrinkage"],
            method=data["method"],
            table=pd.DataFrame(data["intervals"]).astype(shares),
            hours=data["hours_per_week"],
            service_level=Estimate(
                level["mean"], level["low"], level["high"], level["unit"], data["replications"], level.get("reason", "")
            ),
            document=document,
            rounds=data["rounds"],
            holds=data["holds"],
            notes=tuple(data["notes"]),
        )


def staff(
    document: Document,
    target: Target | None = None,
    *,
    shrinkage: float = 0.0,
    replications: int = 20,
    seed: int = 1,
    progress: Progress | None = None,
) -> Staffing:
    """People per weekday and interval that the target needs, for a scenario with one group and one queue.

    Parameters
    ----------
    document : Document
        Its own head counts are not used.
    target : Target, optional
        The queue's service level and goal in the scenario unless given; 80 % where it says none.
    shrinkage : float
        Share of paid time in which people are not available; scheduled = required / (1 - shrinkage), rounded up.
    replications : int
        Per simulation; the fewer, the more people it takes to be sure.
    seed : int
        The search uses this seed and the final check the next.
    progress : callable, optional
        Called with (simulations done, at most, part of the present one).

    Raises
    ------
    ParameterError
        If target or shrinkage is not a share between 0 and 1.
    UnsupportedError
        If the scenario has several groups or queues.
    """
    group, queue = _single(document.scenario)
    target = target or _own_target(document.scenario, queue)
    _check(target, shrinkage, replications)
    search = Search(document, group, queue, target, replications, seed, progress)
    demand = search.measure()
    guess = {key: queue_of.people_for(target.service_level) for key, queue_of in demand.queues.items()}
    heads = search.by_level(demand) if target.overall else search.by_interval(guess)
    heads, checked = search.check(heads)
    return _report(search, demand, guess, heads, checked, shrinkage)


def _single(scenario: Scenario) -> tuple[str, str]:
    skills = {step.work for steps in scenario.expanded.process.values() for step in steps.values() if step.work}
    for what, found in (("group", list(scenario.people)), ("skill", sorted(skills))):
        if len(found) != 1:
            raise UnsupportedError(
                Problem(
                    f"staffing works for one {what} at a time",
                    allowed=f"a scenario with one {what}",
                    given=", ".join(found),
                    fix="Keep one in a scenario of its own, or vary the head counts yourself and compare.",
                )
            )
    return next(iter(scenario.people)), next(iter(skills))


def _own_target(scenario: Scenario, queue: str) -> Target:
    routing = scenario.routing.get(queue)
    level = (routing.service_level if routing else None) or scenario.service_level
    return Target(level.goal if level.goal is not None else 0.8, level.within)


def _check(target: Target, shrinkage: float, replications: int) -> None:
    checked_confidence(target.confidence)
    if not 0 < target.service_level < 1:
        allowed = "between 0 and 1, such as 0.8; 1 would need people without end"
        raise ParameterError(
            Problem("not a service level to reach", allowed=allowed, given=f"{target.service_level:g}")
        )
    if not target.confidence > 0.5:
        raise ParameterError(
            Problem("not a confidence to rely on", allowed="above 0.5", given=f"{target.confidence:g}")
        )
    if not 0 <= shrinkage < 1:
        allowed = "0 or more and below 1, such as 0.24"
        raise ParameterError(Problem("not a shrinkage", allowed=allowed, given=f"{shrinkage:g}"))
    if replications < 2:
        raise ParameterError(Problem("too few replications to be sure of anything", allowed="2 or more", given="1"))


def _report(search: Search, demand: Demand, guess: Heads, heads: Heads, checked: Trial, shrinkage: float) -> Staffing:
    nothing = (math.nan, math.nan, math.nan)
    short = set(checked.short(search.target))
    rows = []
    for number, key in enumerate(heads):
        mean, low, high = checked.table.get(key, nothing)
        before = list(heads)[number - 1]
        rows.append({
            "weekday": key[0],
            "time": key[1],
            "offered": demand.offered[key],
            "aht_s": demand.aht_s,
            "erlang": guess[key],
            "required": heads[key],
            "scheduled": scheduled(heads[key], shrinkage),
            "service_level": mean,
            "low": low,
            "high": high,
            "holds": key not in short,
            "why": _why(heads[key] - guess[key], demand.offered[key] - demand.offered[before]),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    length_h = search.document.scenario.interval / (60 * MINUTE_US)
    hours = {name: float(table[name].sum() * length_h) for name in ("erlang", "required", "scheduled")}
    holds = search.reaches(checked) if search.target.overall else not short
    return Staffing(
        search.group,
        search.queue,
        search.target,
        shrinkage,
        "Erlang A" if demand.impatient else "Erlang C",
        table,
        hours,
        checked.overall,
        search.with_people(heads),
        search.rounds,
        holds,
        _notes(search, holds, len(short), len(checked.table)),
    )


def scheduled(required: int, shrinkage: float) -> int:
    """People to schedule so that as many as required are there: required / (1 - shrinkage), rounded up."""
    return math.ceil(round(required / (1 - shrinkage), 9))


def _why(more: int, rise: float) -> str:
    """Why simulation and formula differ; the formula takes the interval as settled."""
    if more == 0:
        return ""
    if more > 0:
        return (
            "contacts carried over from the busier interval before" if rise < 0
            else "a margin for chance: handling, patience and days vary more than the formula says"
        )  # fmt: skip
    return (
        "the queue starts shorter than a settled one" if rise > 0
        else "queues of the formula take longer to build up than the interval lasts"
    )  # fmt: skip


def _notes(search: Search, holds: bool, short: int, all_: int) -> tuple[str, ...]:
    target = search.target
    where = "the whole run" if target.overall else "each weekday and interval by itself"
    notes = [
        f"{target.service_level:.0%} within {exact_duration(target.within_us)} is asked of {where} with "
        f"{target.confidence:.0%} confidence, from {search.replications} replications with chance "
        "that the search did not see.",
        "The formula takes each interval as settled, with exponential handling; simulation corrects it.",
        "Nobody is asked for where nothing new arrives: who redials after closing is not served.",
    ]
    if not holds:
        notes.append(f"It does not surely hold in {short} of {all_} intervals; more replications tell more.")
    return tuple(notes)
