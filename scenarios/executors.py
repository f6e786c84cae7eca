"""Where work is done: processes of this machine, or a Dask cluster; both are executors of the standard library."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.synchronize import Event
from threading import Thread, current_thread, main_thread
from typing import Any

from scenarios import library
from sim.build import build
from sim.errors import ParameterError, Problem, UnsupportedError
from sim.run import run

_halt: Event | None = None
_ANSWER_S = 10
_ADDRESS = re.compile(r"((tcp|tls|ucx|ws|wss)://)?[^/\s]+:\d+/?")
_SUCH = "such as tcp://10.0.0.7:8786"


class Processes(ProcessPoolExecutor):
    """Processes of this machine that can be told to stop in the middle of a task."""

    folder_is_shared = True

    def __init__(self, workers: int) -> None:
        context = get_context("spawn")
        self.halt_event = context.Event()
        super().__init__(workers, context, initializer=_enter, initargs=(self.halt_event,))
        self.workers = workers

    def start(self) -> None:
        """Start the processes, deaf to interrupts from the first moment on."""
        with _deaf():
            for one in [self.submit(int) for _ in range(self.workers)]:
                one.result()

    def halt(self) -> None:
        """Tell tasks under way to end."""
        self.halt_event.set()


@contextmanager
def _deaf() -> Iterator[None]:
    """Ignore interrupts, and let processes that are started meanwhile inherit that."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _enter(halt: Event) -> None:
    """Leave interrupts to the process that started this one, and end with it, however that ends."""
    global _halt
    _halt = halt
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def halted() -> bool:
    """Whether the task that asks was told to end."""
    return _halt is not None and _halt.is_set()


def compile_kernel() -> str:
    """Fill the cache of compiled code, so that workers need not compile it each for itself; the machine's name."""
    document = library.read("order-line")
    short = document.with_data({**document.data, "horizon": "1 h"})
    run(build(short.scenario))
    return socket.gethostname()


@contextmanager
def processes(workers: int) -> Iterator[Processes]:
    """Worker processes for the time of a ``with``; what has not begun by its end is not begun.

    Raises
    ------
    ParameterError
        If there are less than one.
    """
    if workers < 1:
        raise ParameterError(Problem("no workers", allowed="1 or more", given=str(workers)))
    compile_kernel()
    pool = Processes(workers)
    try:
        pool.start()
        yield pool
    except BaseException:
        pool.halt()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class Cluster(Executor):
    """A running Dask cluster, seen as an executor.

    Parameters
    ----------
    client : distributed.Client
    folder_is_shared : bool
        Whether workers see the results folder under the same path, and write to it themselves.

    Attributes
    ----------
    losses : tuple of type
        What a future raises when workers, or the scheduler, are lost.
    """

    def __init__(self, client: Any, folder_is_shared: bool) -> None:
        self.client = client
        self.folder_is_shared = folder_is_shared
        self.losses = _losses()
        self.workers = max(1, sum(client.nthreads().values()))
        self._pool = client.get_executor(pure=False)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand out a call."""
        found: Future[Any] = self._pool.submit(fn, *args, **kwargs)
        return found


def _losses() -> tuple[type[BaseException], ...]:
    from distributed import CancelledError, KilledWorker

    return KilledWorker, CancelledError


@contextmanager
def dask(address: str, *, folder_is_shared: bool = True) -> Iterator[Cluster]:
    """Workers of a running Dask cluster (extra ``cluster``); each machine compiles the fast engine once beforehand.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.7:8786``.
    folder_is_shared : bool
        Whether workers write to the results folder themselves; otherwise they send results back.

    Raises
    ------
    UnsupportedError
        If the extra is not installed.
    ParameterError
        If nobody answers there, or no worker has joined.
    """
    client = _client(address)
    try:
        hosts = {worker.rsplit(":", 1)[0]: worker for worker in client.scheduler_info(n_workers=-1)["workers"]}
        if not hosts:
            raise ParameterError(Problem("a Dask cluster without workers", given=address, fix="Start workers first."))
        client.run(compile_kernel, workers=list(hosts.values()))
        yield Cluster(client, folder_is_shared)
    finally:
        client.close()


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        what = "Dask is not installed"
        raise UnsupportedError(Problem(what, fix="Install it with: pip install 'queuewise[cluster]'.")) from None
    if not _ADDRESS.fullmatch(address):  # Dask would try for half a minute, and end with a traceback
        raise ParameterError(Problem("not the address of a scheduler", "--dask", allowed=_SUCH, given=address))
    try:
        return Client(address, timeout=_ANSWER_S, set_as_default=False)
    except (OSError, ValueError):
        what = f"no Dask scheduler answers within {_ANSWER_S} s"
        fix = "Start one with: dask scheduler; and workers with: dask worker ADDRESS."
        raise ParameterError(Problem(what, allowed=_SUCH, given=address, fix=fix)) from None
