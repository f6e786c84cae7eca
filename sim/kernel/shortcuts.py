"""What no chance can change: quantities that are always the same, and branches that always go the same way.

A process that many streams share asks each case of what kind it is, and of a stream all are of one kind. Nothing is
drawn for that, and a case goes straight to where the branch would send it.
"""

from __future__ import annotations

import math

import numpy as np

from sim.codes import Source, Step
from sim.network import Floats, Network


def fixed_values(network: Network) -> Floats:
    """The one value of each quantile table, NaN: it has several."""
    cells = network.tables.cells
    return np.where((cells == cells[:, :1]).all(axis=1), cells[:, 0], math.nan)


def shortened(network: Network, fixed: Floats) -> Network:
    """The same network with the branches left out that always go the same way."""
    leads_to = np.arange(-1, len(network.steps))  # shifted by one: no step leads to none
    for step in np.flatnonzero(network.steps["kind"] == Step.BRANCH):
        leads_to[step + 1] = _only_way(network, fixed, int(step))
    for _ in range(len(network.steps).bit_length()):
        leads_to = leads_to[leads_to + 1]
    steps, branches, entries, initials, streams = (
        array.copy() for array in (network.steps, network.branches, network.entries, network.initials, network.streams)
    )
    for array, names in (
        (steps, ("next", "unsolved", "reopen_step")),
        (branches, ("target",)),
        (entries, ("step",)),
        (initials, ("step",)),
        (streams, ("chase_entry",)),
    ):
        for name in names:
            array[name] = leads_to[array[name] + 1]
    return network._replace(steps=steps, branches=branches, entries=entries, initials=initials, streams=streams)


def _only_way(network: Network, fixed: Floats, step: int) -> int:
    """Where a branch leads whatever is drawn; the step itself: that depends."""
    row = network.steps[step]
    is_drawn = row["source"] in (Source.CHANCE, Source.EASE)
    value = fixed[network.attributes["table"][row["attribute"]]] if row["source"] == Source.ATTRIBUTE else math.nan
    if not is_drawn and math.isnan(value):
        return step
    ways = network.branches[row["branch_first"] : row["branch_last"]]
    for low, high, target in ways[:-1].tolist():
        if is_drawn and max(low, 0.0) < min(high, 1.0):  # it is possible; all draws lie between 0 and 1
            return int(target) if low <= 0.0 and high >= 1.0 else step
        if low <= value < high:
            return int(target)
    return int(ways["target"][-1])
