"""Run a model on one of the two engines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Protocol

from sim.codes import Status
from sim.errors import ParameterError, Problem
from sim.log import Log
from sim.network import Chance, Network
from sim.units import NEVER

if TYPE_CHECKING:
    from sim.build import Model

Engine = Literal["kernel", "reference"]
ENGINES: tuple[Engine, ...] = ("kernel", "reference")
_PARTS: dict[Engine, int] = {"kernel": 1, "reference": 64}
"""Portions of the horizon in which a run reports; the kernel also stops whenever its buffers are full."""
_CHUNK_ROWS = 1 << 15
"""Rows of a table that the kernel hands out at once: few enough to be counted while they are in the processor's cache,
many enough that starting to judge cases does not matter (docs/decisions.md)."""


class Running(Protocol):
    """One replication under way on either engine."""

    def advance(self, until: int) -> Status:
        """Handle events before a time, or until rows must be taken."""

    def take(self) -> Log:
        """Rows since the last call."""

    def lend(self) -> Log:
        """The same, perhaps not copied: they hold until the run goes on."""

    @property
    def now(self) -> int:
        """Time of the last event."""


def start(engine: str, network: Network, chance: Chance) -> Running:
    """A replication before its first event.

    Raises
    ------
    ParameterError
        If there is no such engine.
    """
    if engine == "kernel":
        from sim.kernel import Kernel

        return Kernel(network, chance, _CHUNK_ROWS)
    if engine == "reference":
        from sim.reference import Reference

        return Reference(network, chance)
    raise ParameterError(Problem("no such engine", allowed=", ".join(ENGINES), given=engine))


def chunks(
    model: Model, seed: int = 1, replication: int = 0, engine: Engine = "kernel", *, lend: bool = False
) -> Iterator[tuple[int, Log]]:
    """Run one replication, handing out rows as they come; what is lent must be counted before the next chunk.

    Yields
    ------
    (int, Log)
        The time reached (microseconds) and the rows since the last chunk.
    """
    running = start(engine, model.network, model.chance(seed, replication))
    end = model.network.end
    part, parts, status = 1, _PARTS[engine], Status.REACHED
    while status != Status.CLOSED:
        status = running.advance(end * part // parts if part < parts else NEVER)
        part += status == Status.REACHED
        yield running.now, running.lend() if lend else running.take()


def run(model: Model, seed: int = 1, replication: int = 0, engine: Engine = "kernel") -> Log:
    """All rows of one replication.

    Parameters
    ----------
    model : Model
        From `sim.build.build`.
    seed, replication : int
        Address of its chance.
    engine : {"kernel", "reference"}
        Both write the same rows.
    """
    return Log.join([log for _, log in chunks(model, seed, replication, engine)])
