"""Runs of scenarios that have numbers, kept in a results folder: what is there is not run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from scenarios.attribution.game import Cell, Game
from scenarios.attribution.orders import Floats
from scenarios.attribution.outcomes import Outcomes
from scenarios.attribution.programme import Programme
from scenarios.experiments import evaluate
from scenarios.interventions import apply
from scenarios.store import Folder
from sim.schema import Document

Progress = Callable[[str, float], None]
Group = tuple[range, tuple[int, ...]]
"""Replications, and the numbers of the scenarios to run in all of them."""
Said = dict[str, str]
Scenario = Callable[[int], Document]


@dataclass
class Count:
    """Runs expected and done, for one bar of progress."""

    expected: int
    report: Progress
    done: int = 0

    def show(self, more: int) -> None:
        """Report, with so many more under way."""
        done = self.done + more
        expected = max(self.expected, done)
        self.report(f"{done} of about {expected} runs", done / max(expected, 1))


@dataclass(frozen=True)
class Bench:
    """Where scenarios are run.

    Attributes
    ----------
    seed : int
    folder : Folder
    executor : Executor or None
        None: in this process.
    count : Count
    """

    seed: int
    folder: Folder
    executor: Executor | None
    count: Count

    def run(
        self,
        asked: Sequence[Group],
        outcomes: Outcomes,
        scenario: Callable[[int], Document],
        said: Callable[[int], Said],
    ) -> Iterator[tuple[int, range, Floats]]:
        """Values of scenarios that have numbers: number, replications, values (replications x outcomes).

        Parameters
        ----------
        asked : sequence of Group
        outcomes : Outcomes
        scenario : callable
            The scenario of a number.
        said : callable
            What sets it apart, kept beside the results.
        """
        for (numbers, keys), documents in _ahead(asked, scenario):
            for one in evaluate(
                {str(key): documents[key] for key in keys}, numbers, self.seed, folder=self.folder,
                executor=self.executor, measures=outcomes.asked, parameters={str(key): said(key) for key in keys},
                progress=lambda done, total: self.count.show(done),
            ):  # fmt: skip
                yield int(one.name), numbers, outcomes.of(one)
            self.count.done += len(numbers) * len(keys)
            self.count.show(0)


def game_of(programme: Programme, bench: Bench) -> Game:
    """A programme as a game whose cells are run on a bench."""

    def scenario(mask: int) -> Document:
        return apply(programme.document, [*programme.always, *programme.precedence.listed(mask)])

    def said(mask: int) -> Said:
        return {"interventions": ", ".join(programme.precedence.listed(mask)) or "none"}

    def worth(cells: Sequence[Cell]) -> Floats:
        found: dict[Cell, Floats] = {}
        for mask, numbers, values in bench.run(groups(cells), programme.outcomes, scenario, said):
            found |= {(mask, number): row for number, row in zip(numbers, values, strict=True)}
        return np.array([found[cell] for cell in cells])

    return Game(programme.precedence, programme.outcomes.names, worth)


def groups(cells: Sequence[Cell]) -> list[Group]:
    """Cells as combinations that are run in the same stretch of replications."""
    numbers: dict[int, set[int]] = {}
    for mask, number in cells:
        numbers.setdefault(mask, set()).add(number)
    found: dict[range, list[int]] = {}
    for mask, own in numbers.items():
        for stretch in _stretches(sorted(own)):
            found.setdefault(stretch, []).append(mask)
    return [(stretch, tuple(masks)) for stretch, masks in found.items()]


def _stretches(numbers: Sequence[int]) -> list[range]:
    """Numbers in rising order as ranges without gaps."""
    ends = [place for place, (one, other) in enumerate(pairwise(numbers), 1) if other != one + 1]
    return [range(numbers[begin], numbers[end - 1] + 1) for begin, end in pairwise([0, *ends, len(numbers)])]


def _ahead(asked: Sequence[Group], scenario: Callable[[int], Document]) -> Iterator[tuple[Group, dict[int, Document]]]:
    """Groups with their scenarios; the next group's are made while this one runs."""

    def make(group: Group) -> dict[int, Document]:
        return {key: scenario(key) for key in group[1]}

    with ThreadPoolExecutor(1) as beside:
        waiting = [beside.submit(make, group) for group in asked[:1]]
        for place, group in enumerate(asked):
            documents = waiting.pop().result()
            waiting += [beside.submit(make, other) for other in asked[place + 1 : place + 2]]
            yield group, documents
