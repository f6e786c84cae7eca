"""Ctrl-C: heeded where the work says how far it is, and only if it says nothing for a second, wherever it is.

An exception raised just anywhere can be lost: NumPy forgets whatever is raised while it looks for attributes, and
llvmlite cannot pass on what is raised while its compiler calls it back, and then lacks what was compiled.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_PATIENCE_S, _COMPILER_S = 1.0, 0.05
_COMPILER = "llvmlite.binding."
_asked, _reminds = False, False
_timer: threading.Timer | None = None


@contextmanager
def heard(even_if_deaf: bool) -> Iterator[None]:
    """Take interrupts for the time of a ``with``.

    Parameters
    ----------
    even_if_deaf : bool
        Whether a process that was started deaf to them, as shells start what runs in the background, hears them too.
    """
    before = signal.getsignal(signal.SIGINT)
    takes = even_if_deaf or before is signal.default_int_handler
    if not takes or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, _hear)
    try:
        yield
    finally:
        timer = _forget()
        if timer is not None:
            timer.join()  # or its reminder might come to who hears next
        signal.signal(signal.SIGINT, before)


def heed() -> None:
    """End the work if that was asked for; to be called where nothing is half done.

    Raises
    ------
    KeyboardInterrupt
        Once for each time.
    """
    if _asked:
        _forget()
        raise KeyboardInterrupt


def _forget() -> threading.Timer | None:
    """What was asked for is done; the timer that would have reminded of it."""
    global _asked, _timer
    _asked, timer, _timer = False, _timer, None
    if timer is not None:
        timer.cancel()
    return timer


def _hear(number: int, frame: FrameType | None) -> None:
    global _asked, _reminds, _timer
    reminded, _reminds = _reminds, False
    if reminded and not _asked:
        return  # heeded while the reminder was on its way
    compiles = _compiles(frame)
    if _asked and not compiles:
        heed()
    _forget()
    _asked, _timer = True, threading.Timer(_COMPILER_S if compiles else _PATIENCE_S, _remind)
    _timer.daemon = True
    _timer.start()


def _remind() -> None:
    global _reminds
    if not _asked:
        return
    _reminds = True
    if os.name == "posix":  # a signal to the main thread also ends its waiting
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)


def _compiles(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith(_COMPILER):
            return True
        frame = frame.f_back
    return False
