"""Runs of combinations, kept in a folder as those of a programme's study are, so that nothing is run twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from scenarios.attribution.game import Cell, Game
from scenarios.attribution.orders import Floats
from scenarios.attribution.programme import Programme
from scenarios.programme.claims import Claim
from scenarios.programme.parameters import Parameter
from scenarios.programme.study import Case, Job, Progress, Size, Study, Task, Variant, studying


@dataclass(frozen=True)
class AsItStands(Task):
    """A task that varies no assumption."""

    @cached_property
    def parameters(self) -> list[Parameter]:
        """None."""
        return []

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """None."""
        return {}


@dataclass
class Count:
    """Cells expected, done and under way, for one bar of progress."""

    expected: int
    done: int = 0
    batch: int = 0


@contextmanager
def playing(
    programme: Programme, seed: int, folder: Path, workers: int, progress: Progress, expected: int
) -> Iterator[Game]:
    """A game whose cells are run on so many processes; an interrupt keeps what is finished.

    Parameters
    ----------
    programme : Programme
    seed : int
    folder : Path
        For results; what is there already is not run again.
    workers : int
    progress : callable
        Called with a text and the part that is done.
    expected : int
        Cells that will be asked for, about.
    """
    case = Case(programme.precedence.names, programme.measures, (), programme.targets, units=programme.units)
    count = Count(expected)
    with studying(AsItStands(programme.document, case, seed), Size(), folder, workers, _over(progress, count)) as study:
        yield Game(programme.precedence, tuple(programme.measures), _worth(programme, study, count))


def _over(progress: Progress, count: Count) -> Progress:
    """Progress of one part as progress of all."""

    def report(text: str, share: float) -> None:
        done = count.done + share * count.batch
        progress(f"{done:.0f} runs of about {max(count.expected, round(done))}", done / max(count.expected, done, 1))

    return report


def _worth(programme: Programme, study: Study, count: Count) -> Callable[[Sequence[Cell]], Floats]:
    names = tuple(programme.measures)

    def worth(cells: Sequence[Cell]) -> Floats:
        count.batch = len(cells)
        found = study.results([_job(programme, cell) for cell in cells], "runs")
        count.done, count.batch = count.done + len(cells), 0
        return np.array([[one[name] for name in names] for one in found])

    return worth


def _job(programme: Programme, cell: Cell) -> Job:
    mask, number = cell
    return Job(number, (), Variant("combination", (*programme.always, *programme.precedence.listed(mask))), "game")
