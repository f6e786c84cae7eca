"""Work as ``queuewise`` processes of their own: begun here, found again later by whoever looks into the folder."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import app
from app.commands.serve import FOLDER
from app.progress import STOP, VARIABLE, Progress
from app.web.job import Job
from scenarios.store import Folder, StoreError
from scenarios.store.files import write_whole
from sim.errors import Problem

TASKS = "tasks"
_POLL_S = 0.1
_LAST_WORDS = 2_000
_DIED = "The process was killed, ran out of memory, or ended with the machine; what was finished is kept."
State = Literal["running", "stopping", "done", "stopped", "failed", "died"]
Kind = Literal["runs", "learn", "sweep", "staffing"]
ANSWER = "answer.txt"
_KEEPING = ("runs", "learn", "sweep")
"""Kinds whose commands write rows into the results folder."""


def results_path() -> Path:
    """The results folder: as named, or beside the working directory, or among the user's data."""
    named = os.environ.get(FOLDER)
    if named:
        return Path(named).absolute()
    here = Path.cwd() / "queuewise-results"
    if here.is_dir() or os.access(Path.cwd(), os.W_OK):
        return here
    data = os.environ.get("XDG_DATA_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".local" / "share"
    return Path(data, "queuewise", "results")


def kept() -> Folder:
    """The results folder, made if it is not there.

    Raises
    ------
    StoreError
        If it cannot be made or written to.
    """
    return Folder.create(results_path())


@dataclass(frozen=True)
class Order:
    """What was asked for; written down before the process begins.

    Attributes
    ----------
    kind : {"runs", "learn", "sweep", "staffing"}
    title : str
        For the list.
    arguments : list of str
        Of ``queuewise``, files relative to the task's folder.
    about : dict
        What the page that began it needs to go on with it.
    begun : float
        Seconds since 1970.
    """

    kind: Kind
    title: str
    arguments: list[str]
    about: dict[str, Any] = field(default_factory=dict)
    begun: float = field(default_factory=time.time)


@dataclass(frozen=True)
class Task:
    """A task by its folder, in which everything about it stands; nothing of it is in memory.

    Attributes
    ----------
    path : Path
        ``order.json``, the files that the command reads, ``progress.json``, ``answer.txt`` (its standard output),
        ``words.txt`` (what else it said),
        ``pid``, ``alive`` (locked while the process lives), ``stop`` (there once it was asked to end).
    """

    path: Path

    @property
    def name(self) -> str:
        """Name of the task."""
        return self.path.name

    @property
    def order(self) -> Order:
        """What was asked for."""
        return Order(**json.loads((self.path / "order.json").read_text(encoding="utf-8")))

    @property
    def progress(self) -> Progress:
        """How far it is; nothing done if it has not said anything yet."""
        return Progress.read(self.path / "progress.json") or Progress(begun=self.order.begun, pid=0)

    @property
    def state(self) -> State:
        """What has become of it; a process that ended without a word has died, unless it was asked to end."""
        if self.alive:
            return "stopping" if self.stopping else "running"
        said = self.progress.state
        if said != "running":
            return said
        return "stopped" if self.stopping else "died"

    @property
    def alive(self) -> bool:
        """Whether the process still lives, by the lock that goes with it."""
        return _is_locked(self.path / "alive") or (os.name != "posix" and self.progress.state == "running")

    @property
    def stopping(self) -> bool:
        """Whether it was asked to end."""
        return (self.path / STOP).exists()

    def stop(self) -> None:
        """Ask it to end with what is finished."""
        (self.path / STOP).touch()
        with contextlib.suppress(OSError, ValueError):
            if self.alive:
                os.kill(int((self.path / "pid").read_text()), signal.SIGINT)

    def last_words(self) -> str:
        """The end of what it said."""
        try:
            said = (self.path / "words.txt").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return said.strip()[-_LAST_WORDS:]

    def remove(self) -> None:
        """Forget it, unless it lives; results stay."""
        if not self.alive:
            shutil.rmtree(self.path, ignore_errors=True)

    def wait(self, seconds: float) -> State:
        """What has become of it after so many seconds, or as soon as it has ended."""
        end = time.monotonic() + seconds
        while self.alive and time.monotonic() < end:
            time.sleep(_POLL_S)
        return self.state


def tasks(folder: Path | None = None) -> list[Task]:
    """Every task of a results folder, the latest first."""
    found = [Task(path.parent) for path in ((folder or results_path()) / TASKS).glob("*/order.json")]
    return sorted(found, key=lambda task: task.order.begun, reverse=True)


def launch(order: Order, files: Mapping[str, str | bytes]) -> Task:
    """Begin a task in the results folder.

    Parameters
    ----------
    order : Order
    files : mapping of str to str or bytes
        What the command reads.

    Raises
    ------
    StoreError
        If the folder cannot be written to.
    """
    folder = kept()
    path = folder.path / TASKS / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    try:
        path.mkdir(parents=True)
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (path / Path(name).name).write_bytes(data)
        write_whole(path / "order.json", json.dumps(asdict(order), ensure_ascii=False).encode())
        keeping = ["--folder", str(folder.path)] if order.kind in _KEEPING else []
        _start(path, [*order.arguments, *keeping])
    except OSError as error:
        shutil.rmtree(path, ignore_errors=True)
        what, fix = f"work cannot be begun: {error.strerror or error}", "Name another one: queuewise app --folder DIR."
        raise StoreError(Problem(what, file=str(path), fix=fix)) from None
    return Task(path)


def _start(path: Path, arguments: Sequence[str]) -> None:
    """Start the process, in a session of its own: it outlives the pages, and their Ctrl-C is not its."""
    root = str(Path(app.__file__).resolve().parent.parent)
    inside = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    with (
        (path / ANSWER).open("wb") as answer,
        (path / "words.txt").open("wb") as words,
        _held(path / "alive") as locks,
    ):
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", *arguments],
            cwd=path,
            env={**os.environ, VARIABLE: str(path / "progress.json"), "PYTHONPATH": inside, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=words,
            pass_fds=locks,
            start_new_session=True,
        )
    (path / "pid").write_text(str(process.pid))
    _Reaper.take(process)


class _Reaper:
    """Processes begun here, so that they are taken leave of once they end."""

    begun: ClassVar[list[subprocess.Popen[bytes]]] = []

    @classmethod
    def take(cls, process: subprocess.Popen[bytes]) -> None:
        """Add one."""
        cls.begun = [*(one for one in cls.begun if one.poll() is None), process]


@contextlib.contextmanager
def _held(file: Path) -> Iterator[tuple[int, ...]]:
    """A lock that a process inherits: it goes with the last process that holds it, however that ends."""
    with file.open("w") as stream:
        try:
            import fcntl
        except ImportError:
            yield ()
            return
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield (stream.fileno(),)


def _is_locked(file: Path) -> bool:
    try:
        import fcntl

        with file.open("r") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (ImportError, FileNotFoundError):
        return False
    except BlockingIOError:
        return True
    return False


def follow(task: Task, read: Callable[[], Any], titles: Mapping[str, str]) -> Callable[[Job], Any]:
    """A job's target that looks at a task until it ends, then reads what it left in the folder.

    Parameters
    ----------
    task : Task
    read : callable
        Reads the results.
    titles : mapping of str to str
        From the task's own names of its parts to the visitor's.
    """

    def target(job: Job) -> Any:
        for title in titles.values():
            job.report(title, 0.0)
        while task.alive:
            _show(job, task.progress, titles)
            if job.stopped() and not task.stopping:
                task.stop()
            time.sleep(_POLL_S)
        _show(job, task.progress, titles)
        if task.state == "failed":
            job.error = task.progress.error or task.last_words()
        elif task.state == "died":
            job.error = f"{_DIED} {task.last_words()}".strip()
        elif task.state == "stopped":
            job.stop()
        return read()

    return target


def _show(job: Job, progress: Progress, titles: Mapping[str, str]) -> None:
    for part, (done, asked) in progress.parts.items():
        if part in titles:
            job.report(titles[part], done / max(asked, 1), f"{int(done)} / {int(asked)}" if asked > 1 else "")
    job.left_s = progress.left_s
