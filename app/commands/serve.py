"""``queuewise app``: the pages in the browser, on this machine only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.console import Output
from sim.errors import ParameterError, Problem

ADDRESS = "127.0.0.1"
FOLDER = "QUEUEWISE_RESULTS"
"""Names the results folder of the pages."""


def serve(
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 8501,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Results folder of the pages; ./queuewise-results unless given.")
    ] = None,
) -> None:
    """Open the pages in the browser: choose a scenario, change people and process, run, compare."""
    if not 1 <= port <= 65535:
        raise ParameterError(Problem("not a port", "--port", allowed="1 to 65535", given=str(port)))
    Output().note(f"Queuewise is at http://{ADDRESS}:{port}, for this machine only. Ctrl-C ends it.")
    server = subprocess.Popen(_command(port, browser), env=_environment(folder))
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())  # whoever ends the command ends the pages
    if _wait(server) not in (0, 130, -signal.SIGINT, -signal.SIGTERM):
        raise typer.Exit(1)


def _environment(folder: Path | None) -> dict[str, str]:
    """The environment of the pages, with the folder that they keep results in.

    Raises
    ------
    StoreError
        If it cannot be made or written to.
    """
    if folder is None:
        return dict(os.environ)

    from scenarios.store import Folder

    return {**os.environ, FOLDER: str(Folder.create(folder).path.absolute())}


def _wait(server: subprocess.Popen[bytes]) -> int:
    """Exit code of the pages; an interrupt reaches them too, and they end by themselves."""
    try:
        return server.wait()
    except KeyboardInterrupt:
        return server.wait()


def _command(port: int, browser: bool) -> list[str]:
    main = Path(__file__).resolve().parent.parent / "web" / "main.py"
    flags = {
        "server.address": ADDRESS,
        "server.port": str(port),
        "server.headless": str(not browser).lower(),
        "browser.gatherUsageStats": "false",
    }
    settings = [part for name, value in flags.items() for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", str(main), *settings]
