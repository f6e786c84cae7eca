"""Where a study's runs are made and kept: options, executors, and what is said when it is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.console import Output
from sim.errors import ParameterError, Problem

Folder = Annotated[Path, typer.Option("--folder", metavar="DIR", help="Results; what is there is not run again.")]
Dask = Annotated[
    str | None, typer.Option("--dask", metavar="ADDRESS", help="Run on a Dask cluster, such as tcp://10.0.0.7:8786.")
]
SendBack = Annotated[
    bool, typer.Option("--send-back", help="The cluster's workers do not see the folder: they send results back.")
]


def check_executor(workers: int, dask: str | None, send_back: bool) -> None:
    """Refuse what has no meaning where the runs are made.

    Raises
    ------
    ParameterError
        If results are to be sent back from nowhere, or a cluster's workers are counted here.
    """
    if send_back and dask is None:
        raise ParameterError(Problem("only workers of a cluster send results back", "--send-back", allowed="--dask"))
    if workers != 1 and dask is not None:
        what = "a cluster has the workers that it has"
        raise ParameterError(Problem(what, "--workers", given=str(workers), fix="Leave --workers or --dask out."))


@contextmanager
def executor_of(workers: int, address: str | None, folder_is_shared: bool) -> Iterator[Executor | None]:
    """Where to run: a cluster, processes of this machine, or this process itself."""
    from scenarios.executors import dask, processes

    if address is not None:
        with dask(address, folder_is_shared=folder_is_shared) as cluster:
            yield cluster
    elif workers == 1:
        yield None
    else:
        with processes(workers) as pool:
            yield pool


@contextmanager
def goes_on_later(folder: Path, output: Output) -> Iterator[None]:
    """A study that is stopped ends with 130, and says where its finished runs are."""
    try:
        yield
    except KeyboardInterrupt:
        output.note(f"Stopped. What is finished is kept in {folder}; the same command goes on from there.")
        raise typer.Exit(130) from None
