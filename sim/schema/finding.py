"""A problem that a check across parts finds, and the sentence about a name that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem and the path where it stands."""

    path: tuple[Any, ...]
    what: str
    allowed: str = ""
    given: str = ""
    fix: str = ""


def unknown(name: str, known: Iterable[str], what: str, path: tuple[Any, ...]) -> Finding:
    """A name that does not exist, with the nearest one that does."""
    known = [str(one) for one in known]
    close = difflib.get_close_matches(str(name), known, n=1)
    fix = f"Did you mean {close[0]!r}?" if close else ""
    return Finding(path, f"no such {what}: {name!r}", ", ".join(known) or "none exist", str(name), fix)
