"""What a planner should hear first about a result: targets met or missed, overload, numbers to be careful with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from scenarios.estimate import Estimate
from scenarios.replications import Result
from sim.units import exact_duration

Kind = Literal["met", "missed", "undecided", "overload", "busy", "blocked", "short"]

_WAITING_SHARE = 0.02
_GROWTH = 1.5
_BUSY = 0.95
_BLOCKED_SHARE = 0.005


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark.

    Attributes
    ----------
    kind : {"met", "missed", "undecided", "overload", "busy", "blocked", "short"}
        Against a goal by the confidence interval; more demand than capacity; people with hardly a free minute;
        contacts turned away; too few replications.
    about : str
        Queue or group; empty for the whole.
    text : str
        In plain words.
    """

    kind: Kind
    about: str
    text: str


def findings(result: Result, confidence: float = 0.95) -> list[Finding]:
    """Remarks on a result, the most important kinds first."""
    if not result.totals:
        return []
    queues, groups = result.by_queue(confidence), result.by_group(confidence)
    found = [_overload(result, name, metrics) for name, metrics in queues.items()]
    found += [_goal(result, number, metrics["service_level"]) for number, metrics in enumerate(queues.values())]
    found += [_blocked(name, metrics) for name, metrics in queues.items()]
    found += [_busy(name, metrics["occupancy"]) for name, metrics in groups.items()]
    return [one for one in [*found, _few(result)] if one is not None]


def _overload(result: Result, queue: str, metrics: dict[str, Estimate]) -> Finding | None:
    """A queue that ends long and is longer in the second half of the run than in the first."""
    waiting, offered = metrics["still_waiting"].mean, metrics["offered"].mean
    if not waiting or not offered or waiting < 1 or waiting < _WAITING_SHARE * offered:
        return None
    lengths = result.by_interval("queue_length", queue)["mean"].to_numpy()
    first, second = np.array_split(lengths, 2)
    if second.size == 0 or second.mean() < _GROWTH * first.mean():
        return None
    text = (
        f"{queue}: {waiting:,.0f} of {offered:,.0f} contacts were still waiting at the end. More comes in than the "
        "people can do, so the queue grows as long as one watches: mean waits are lower bounds, percentiles count open "
        "waits as censored, and both would be longer over a longer time."
    )
    return Finding("overload", queue, text)


def _goal(result: Result, number: int, level: Estimate) -> Finding | None:
    frame = result.frame
    goal, queue = frame.goal[number], frame.queues[number]
    if goal is None or level.mean is None or level.low is None or level.high is None:
        return None
    within = exact_duration(frame.threshold_us[number])
    asked = f"{100 * goal:.3g} % within {within}"
    seen = f"{100 * level.mean:.1f} % ({100 * level.low:.1f} to {100 * level.high:.1f})"
    if level.low >= goal:
        return Finding("met", queue, f"{queue}: the goal of {asked} is met: {seen}.")
    if level.high < goal:
        return Finding("missed", queue, f"{queue}: the goal of {asked} is missed: {seen}.")
    return Finding(
        "undecided", queue, f"{queue}: {seen} does not yet tell whether {asked} is met; run more replications."
    )


def _blocked(queue: str, metrics: dict[str, Estimate]) -> Finding | None:
    share, number = metrics["blocking_rate"].mean, metrics["blocked"].mean
    if share is None or number is None or share < _BLOCKED_SHARE:
        return None
    return Finding(
        "blocked", queue, f"{queue}: {number:,.0f} contacts ({100 * share:.1f} %) found no waiting place left."
    )


def _busy(group: str, occupancy: Estimate) -> Finding | None:
    if occupancy.mean is None or occupancy.mean < _BUSY:
        return None
    seen = f"{100 * occupancy.mean:.1f} %"
    text = f"{group}: occupancy {seen}. People who are hardly ever free cannot keep that up for long."
    return Finding("busy", group, text)


def _few(result: Result) -> Finding | None:
    if len(result.totals) > 1:
        return None
    return Finding(
        "short", "", "One replication shows one possible course of events and no interval; run at least ten."
    )
