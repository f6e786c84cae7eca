"""How far a command is, for others to read: ``QUEUEWISE_PROGRESS`` names the file that says so."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from app import interrupts

VARIABLE = "QUEUEWISE_PROGRESS"
STOP = "stop"
"""Name of the file beside the progress file that asks a command not to begin."""
State = Literal["running", "done", "stopped", "failed"]
_EVERY_S = 0.25


@dataclass
class Progress:
    """What the file says.

    Attributes
    ----------
    state : {"running", "done", "stopped", "failed"}
    parts : dict of str to (float, float)
        Done and asked for, of each part of the work.
    done, asked : float
        Of all parts known so far.
    left_s : float or None
        Seconds that are left, at the pace so far.
    begun : float
        When it began, in seconds since 1970.
    pid : int
        Its process.
    error : str
        Why it failed.
    """

    state: State = "running"
    parts: dict[str, tuple[float, float]] = field(default_factory=dict)
    done: float = 0.0
    asked: float = 0.0
    left_s: float | None = None
    begun: float = field(default_factory=time.time)
    pid: int = field(default_factory=os.getpid)
    error: str = ""

    def count(self, part: str, done: float, asked: float) -> None:
        """Take over how far a part is."""
        self.parts[part] = (done, asked)
        self.done = sum(one for one, _ in self.parts.values())
        self.asked = sum(one for _, one in self.parts.values())
        passed = time.time() - self.begun
        self.left_s = passed * (self.asked - self.done) / self.done if self.done > 0 else None

    @staticmethod
    def read(path: Path) -> Progress | None:
        """What a file says; nothing if it is not there or is none."""
        try:
            said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            known = {one.name for one in fields(Progress)}
            found = Progress(**{name: value for name, value in said.items() if name in known})
            found.parts = {name: (done, asked) for name, (done, asked) in found.parts.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return None
        return found


class _Writer:
    """Writes the file, a few times a second at most; what it cannot write is no reason to end the work."""

    def __init__(self, path: Path) -> None:
        self.path, self.progress, self.written = path, Progress(), 0.0
        self.write()

    def count(self, part: str, done: float, asked: float) -> None:
        self.progress.count(part, done, asked)
        if time.monotonic() - self.written > _EVERY_S or done >= asked:
            self.write()

    def write(self) -> None:
        """Under a temporary name, then renamed: whoever reads sees all of it."""
        self.written = time.monotonic()
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            temporary.write_text(json.dumps(asdict(self.progress), ensure_ascii=False), encoding="utf-8")
            temporary.replace(self.path)
        except OSError:
            temporary.unlink(missing_ok=True)


_writer: _Writer | None = None


def begin() -> None:
    """Open the file if one is named."""
    global _writer
    path = os.environ.get(VARIABLE)
    _writer = _Writer(Path(path)) if path else None


def followed() -> bool:
    """Whether others follow the command, and may end it."""
    return _writer is not None


def unwanted() -> bool:
    """Whether the command was asked to stop before it could hear an interrupt."""
    return _writer is not None and _writer.path.with_name(STOP).exists()


def expect(part: str, asked: float) -> None:
    """Say beforehand how much a part will be, so that the time left counts it."""
    report(part, 0.0, asked)


def report(part: str, done: float, asked: float) -> None:
    """Say how far a part is; an interrupt ends the work here.

    Raises
    ------
    KeyboardInterrupt
        If one has come.
    """
    if _writer:
        _writer.count(part, done, asked)
    interrupts.heed()


def fail(text: str) -> None:
    """Say why the work cannot be done."""
    if _writer:
        _writer.progress.error = text


def end(state: State) -> None:
    """Say how the work ended."""
    if _writer:
        _writer.progress.state, _writer.progress.left_s = state, None
        _writer.write()
