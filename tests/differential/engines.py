"""Running one replication to its end on either engine, in portions, with as little room as wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.build import Model
from sim.codes import Status
from sim.kernel import Kernel
from sim.kernel.bounds import Room
from sim.log import Log
from sim.reference import Reference
from sim.run import Running
from sim.units import NEVER

TINY: dict[str, Any] = {"buffer_rows": 8, "room": Room(slots=2, line=2, looks=1)}
"""Least room for the kernel: it must ask for more, hand out rows and tidy up all the time."""
SEED = 20260302


def finish(running: Running, end: int, portions: int = 1) -> tuple[Log, dict[Status, int]]:
    """All rows, and how often `advance` came back for which reason."""
    taken: list[Log] = []
    returns = dict.fromkeys(Status, 0)
    part = 1
    while not returns[Status.CLOSED]:
        status = running.advance(end * part // portions if part < portions else NEVER)
        part += status == Status.REACHED
        returns[status] += 1
        taken.append(running.take())
    return Log.join(taken), returns


def kernel_log(model: Model, replication: int = 0, portions: int = 1, room: dict[str, Any] | None = None) -> Log:
    """The compiled engine's rows."""
    kernel = Kernel(model.network, model.chance(SEED, replication), **(room or {}))
    return finish(kernel, model.network.end, portions)[0]


def reference_log(model: Model, make: Callable[..., Any] = Reference, replication: int = 0, portions: int = 1) -> Log:
    """The readable engine's rows; ``make`` may be a variant of it."""
    return finish(make(model.network, model.chance(SEED, replication)), model.network.end, portions)[0]
