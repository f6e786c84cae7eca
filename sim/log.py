"""The log: rows that an engine wrote, the same for both engines bit for bit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.codes import Case, Ending, Outcome, Session, Visit

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Log:
    """Rows of one replication, or of a chunk of it.

    Attributes
    ----------
    visits : int64 array (rows x len(Visit))
    cases : int64 array (rows x len(Case))
    sessions : int64 array (rows x len(Session))
        Columns as in `sim.codes`; times in microseconds since the start, `NEVER` where something did not happen.
    """

    visits: Rows
    cases: Rows
    sessions: Rows

    @staticmethod
    def join(chunks: list[Log]) -> Log:
        """All rows of chunks that follow each other."""
        return Log(*(np.concatenate([getattr(chunk, table) for chunk in chunks]) for table in TABLES))

    def same_as(self, other: Log) -> bool:
        """Whether both logs hold the same rows in the same order."""
        return all(np.array_equal(getattr(self, table), getattr(other, table)) for table in TABLES)


TABLES: dict[str, type[IntEnum]] = {"visits": Visit, "cases": Case, "sessions": Session}


@dataclass(frozen=True, slots=True)
class Names:
    """Names behind the numbers of a log, each in the scenario's order."""

    streams: tuple[str, ...]
    steps: tuple[str, ...]
    queues: tuple[str, ...]
    groups: tuple[str, ...]


def _named(numbers: pd.Series, names: tuple[str, ...]) -> pd.Series:
    return numbers.map(dict(enumerate(names))).fillna("")


def table(log: Log, name: str, names: Names) -> pd.DataFrame:
    """One table of the log with names in place of numbers; times stay integer microseconds.

    Parameters
    ----------
    log, names
        The log and the names of its scenario.
    name : {"visits", "cases", "sessions"}
        Which table.
    """
    columns = TABLES[name]
    frame = pd.DataFrame(getattr(log, name), columns=[column.name.lower() for column in columns])
    for column in ("stream", "step", "queue", "group"):
        if column in frame:
            frame[column] = _named(frame[column], getattr(names, column + "s"))
    for column, code in (("ending", Ending), ("outcome", Outcome)):
        if column in frame:
            frame[column] = frame[column].map({int(c): c.name.lower().replace("_", " ") for c in code})
    return frame
