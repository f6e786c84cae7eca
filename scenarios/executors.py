"""Where work is done: processes of this machine, or a Dask cluster; both are executors of the standard library."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Event

from scenarios import library
from sim.build import build
from sim.run import run

_halt: Event | None = None


class Processes(ProcessPoolExecutor):
    """Processes of this machine that can be told to stop in the middle of a task."""

    def __init__(self, workers: int) -> None:
        context = get_context("spawn")
        self.halt_event = context.Event()
        super().__init__(workers, context, initializer=_enter, initargs=(self.halt_event,))
        self.workers = workers

    def halt(self) -> None:
        """Tell tasks under way to end."""
        self.halt_event.set()


def _enter(halt: Event) -> None:
    """Leave interrupts to the process that started this one."""
    global _halt
    _halt = halt
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def halted() -> bool:
    """Whether the task that asks should end."""
    return _halt is not None and _halt.is_set()


def compile_kernel() -> None:
    """Fill the cache of compiled code, so that workers need not compile it each for itself."""
    document = library.read("order-line")
    short = document.with_data({**document.data, "horizon": "1 h"})
    run(build(short.scenario))


@contextmanager
def processes(workers: int) -> Iterator[Processes]:
    """Worker processes for the time of a ``with``; what has not begun by its end is not begun."""
    compile_kernel()
    pool = Processes(workers)
    try:
        yield pool
    except BaseException:
        pool.halt()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
