"""What commands say: results on standard output, everything else on standard error; or one JSON document."""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from app import progress

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.progress import Progress

_PATIENCE_S = 2.0
_PLAIN_WIDTH = 120


@dataclass(frozen=True)
class Output:
    """Where a command's words go.

    Attributes
    ----------
    as_json : bool
        Whether standard output carries one JSON document and nothing else.
    """

    as_json: bool = False

    def show(self, *renderables: RenderableType) -> None:
        """Results for people; nothing under JSON."""
        if not self.as_json:
            console = _console(stderr=False)
            for one in renderables:
                console.print(one)

    def note(self, text: str) -> None:
        """A remark on standard error."""
        print(text, file=sys.stderr, flush=True)

    def document(self, data: dict[str, Any]) -> None:
        """The JSON document; nothing for people."""
        if self.as_json:
            print(to_json(data))


def _console(stderr: bool) -> Any:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PLAIN_WIDTH
    return Console(file=stream, width=width, highlight=False, soft_wrap=False, markup=False)


def to_json(data: Any) -> str:
    """JSON text; what is not finite becomes null."""
    return json.dumps(_finite(data), ensure_ascii=False, allow_nan=False, indent=2, default=str)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass
class Bar:
    """A progress bar on standard error, from the moment at which the work has taken two seconds.

    It is called in two ways: by replications (done, asked, part of the present one) and by steps (text, share).
    """

    what: str
    begun: float = field(default_factory=time.monotonic)
    bar: Progress | None = None

    def replications(self, done: int, asked: int, part: float) -> None:
        """Report replications."""
        progress.report(self.what, done + part, asked)
        self._report(f"{self.what}: {min(done + (part > 0), asked)} of {asked}", (done + part) / max(asked, 1))

    def part(self, name: str, done: int, asked: int) -> None:
        """Report replications of one part of the work."""
        progress.report(name, done, asked)
        self._report(f"{name}: {done} of {asked}", done / max(asked, 1))

    def step(self, text: str, share: float) -> None:
        """Report a step of other work."""
        progress.report(self.what, share, 1.0)
        self._report(f"{self.what}: {text}", share)

    def _report(self, text: str, share: float) -> None:
        if self.bar is None and time.monotonic() - self.begun > _PATIENCE_S and sys.stderr.isatty():
            self.bar = _new_bar()
        if self.bar is not None:
            self.bar.update(self.bar.task_ids[0], description=text, completed=min(max(share, 0.0), 1.0))

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.bar is not None:
            self.bar.stop()


def _new_bar() -> Progress:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=_console(stderr=True), transient=True)
    bar.add_task("", total=1.0)
    bar.start()
    return bar


def prepare(engine: str, output: Output) -> None:
    """Say why the first run of a version takes longer, if it will."""
    if engine != "kernel":
        return
    from sim.primitives import cache_folder

    if not any(cache_folder().rglob("loop.advance-*.nbc")):
        output.note("Preparing the fast engine, once: about a minute.")
