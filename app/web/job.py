"""Work in the background: a page starts it, looks at it again and again, and may stop it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sim.errors import QueuewiseError
from sim.primitives import cache_folder


@dataclass
class Job:
    """One piece of work on a thread of its own, so that pages stay quick.

    Attributes
    ----------
    kind : str
        What it does, for the page that waits for it.
    target : callable
        Called with the job; its value becomes ``result``. It calls ``report`` and asks ``stopped`` often.
    shares : dict of str to float
        Part done (0 to 1) of each of its parts, in the order of their first report.
    notes : dict of str to str
        What each part is doing.
    result : object
        None until done.
    error : str
        Why it failed; empty if it did not.
    left_s : float or None
        Seconds that are left, where that can be told.
    """

    kind: str
    target: Callable[[Job], Any]
    shares: dict[str, float] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    result: Any = None
    error: str = ""
    left_s: float | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _cold: bool = False

    def start(self) -> Job:
        """Begin."""
        self._cold = self.kind != "log" and not any(cache_folder().glob("kernel*"))
        self._thread = threading.Thread(target=self._run, name=f"queuewise {self.kind}", daemon=True)
        self._thread.start()
        return self

    def _run(self) -> None:
        try:
            self.result = self.target(self)
        except QueuewiseError as error:
            self.error = str(error)
        except Exception as error:
            logging.getLogger(__name__).exception("unexpected error in %s", self.kind)
            self.error = f"{type(error).__name__}: {error}"

    def report(self, part: str, share: float, note: str = "") -> None:
        """Say how far a part is."""
        self.notes[part] = note
        self.shares[part] = min(max(share, 0.0), 1.0)

    @property
    def preparing(self) -> bool:
        """Whether it is the first compilation of the fast engine that takes so long."""
        return self._cold and not any(self.shares.values())

    @property
    def running(self) -> bool:
        """Whether it still works."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Ask it to end with what is finished."""
        self._stop.set()

    def stopped(self) -> bool:
        """Whether it was asked to end."""
        return self._stop.is_set()

    def wait(self, seconds: float) -> None:
        """Wait until it ends, so long at most."""
        if self._thread is not None:
            self._thread.join(seconds)
