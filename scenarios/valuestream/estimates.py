"""From the sums of replications to maps with confidence intervals."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from scenarios.estimate import STUDENT, Estimate, linear
from scenarios.logs import Runs, reduce_logs
from scenarios.replications import Progress
from scenarios.valuestream.counting import Sums, tally
from scenarios.valuestream.leadtime import PARTS, Part
from scenarios.valuestream.maps import COLUMNS, Move, ProcessMap, StepLine, ValueStream
from scenarios.valuestream.outline import Mark, Outline, outline
from sim.build import Model
from sim.units import SECOND_US


def value_stream(model: Model, runs: Runs, confidence: float = 0.95, progress: Progress | None = None) -> ValueStream:
    """Run a scenario and map it.

    Parameters
    ----------
    model : Model
    runs : Runs
    confidence : float
    progress : callable, optional
    """
    known = outline(model)
    found = reduce_logs(model, runs, lambda log: tally(log, known), progress)
    return ValueStream(model.scenario.name, len(found), runs.replications, maps_of(known, found, confidence))


def maps_of(known: Outline, found: list[Sums], confidence: float = 0.95) -> list[ProcessMap]:
    """Maps of all processes whose cases ended, from the sums of replications."""
    if not found:
        return []
    return [
        _map(known, found, number, confidence)
        for number in range(len(known.processes))
        if any(one.closed[number] for one in found)
    ]


def _ratio(above: list[Any], below: list[Any], unit: str, confidence: float) -> Estimate:
    """A ratio of sums over replications (`scenarios.estimate.linear`); times from microseconds to seconds."""
    scale = 1 / SECOND_US if unit == "s" else 1.0
    one = linear(np.array(above, float)[:, None] * scale, np.array(below, float)[:, None])
    mean = float(one.mean[0])
    if np.isnan(mean):
        return Estimate(None, None, None, unit, len(above), "not defined: no such cases")
    if len(above) == 1:
        return Estimate(mean, None, None, unit, 1, "one replication: no confidence interval")
    low, high = (float(limit[0]) for limit in one.interval(confidence))
    method = f"{confidence:.0%}: ratio of sums over replications, linearised, {STUDENT}"
    return Estimate(mean, max(low, 0.0), min(high, 1.0 if unit == "share" else np.inf), unit, len(above), method)


def _map(known: Outline, found: list[Sums], process: int, confidence: float) -> ProcessMap:
    closed = [one.closed[process] for one in found]

    def per_case(above: list[Any], unit: str = "s") -> Estimate:
        return _ratio(above, closed, unit, confidence)

    lead = [one.lead_us[process] for one in found]
    parts = {PARTS[part]: per_case([one.parts_us[process, part] for one in found]) for part in Part}
    lines = [_line(known, found, (process, step), confidence) for step in range(len(known.steps))
             if any(one.steps["visits"][process, step] for one in found)]  # fmt: skip
    own = [line for line in lines if not known.chasing[known.steps.index(line.step)]]
    at_steps = sum(one.numbers[f"{name}_per_case"].mean or 0.0 for one in own for name in ("wait", "touch", "delay"))
    in_parts = sum(one.mean or 0.0 for name, one in parts.items() if name != PARTS[Part.APART])
    return ProcessMap(
        process=known.processes[process],
        cases=float(np.mean(closed)),
        left_open=float(np.mean([one.left_open[process] for one in found])),
        lead_s=per_case(lead),
        efficiency=_ratio([one.parts_us[process, Part.ADDS] for one in found], lead, "share", confidence),
        right=per_case([one.right[process] for one in found], "share"),
        parts_s=parts,
        side_by_side_s=max(at_steps - in_parts, 0.0),
        steps=lines,
        moves=_move_list(known, found, process),
    )


def _line(known: Outline, found: list[Sums], place: tuple[int, int], confidence: float) -> StepLine:
    process, step = place

    def sums(name: str) -> list[Any]:
        return [one.closed[process] if name == "closed" else one.steps[name][place] for one in found]

    return StepLine(
        process=known.processes[process],
        step=known.steps[step],
        works=known.works[step],
        value=known.values[step],
        numbers={name: _ratio(sums(one.over), sums(one.under), one.unit, confidence) for name, one in COLUMNS.items()},
    )


def _move_list(known: Outline, found: list[Sums], process: int) -> list[Move]:
    total: Counter[tuple[int, int]] = Counter()
    for one in found:
        total.update({(a, b): times for (of, a, b), times in one.moves.items() if of == process})
    cases = sum(int(one.closed[process]) for one in found)
    leaving: Counter[int] = Counter()
    for (origin, _), times in total.items():
        leaving[origin] += times
    for step in range(len(known.steps)):  # who forks leaves once, by several ways
        leaving[step] = sum(int(one.steps["visits"][process, step]) for one in found)
    leaving[len(known.steps) + Mark.ARRIVES] = cases
    return [
        Move(known.node(origin), known.node(target), times / cases, times / leaving[origin])
        for (origin, target), times in sorted(total.items())
    ]
