"""Runs of combinations, kept in a results folder: what is there is not run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from scenarios.attribution.game import Cell, Game
from scenarios.attribution.orders import Floats
from scenarios.attribution.programme import Programme
from scenarios.experiments import Outcome, evaluate
from scenarios.interventions import apply
from scenarios.store import Folder
from sim.schema import Document

Progress = Callable[[str, float], None]
Group = tuple[range, tuple[int, ...]]
"""Replications, and the combinations to run in all of them."""
_OWN = "programme: "
"""Before the names of measures that are no metrics, since they may be called the same."""


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
class Runner:
    """What runs combinations of a programme.

    Attributes
    ----------
    programme : Programme
    seed : int
    folder : Folder
    executor : Executor or None
        None: in this process.
    count : Count
    """

    programme: Programme
    seed: int
    folder: Folder
    executor: Executor | None
    count: Count

    @property
    def game(self) -> Game:
        """The programme as a game."""
        return Game(self.programme.precedence, self.programme.outcomes, self.worth)

    def worth(self, cells: Sequence[Cell]) -> Floats:
        """Outcomes of combinations in replications, in their order."""
        found: dict[Cell, Floats] = {}
        for group, documents in _ahead(groups(cells), self._documents):
            for mask, values in self._run(group[0], documents):
                found |= {(mask, number): row for number, row in zip(group[0], values, strict=True)}
        return np.array([found[cell] for cell in cells])

    def _documents(self, group: Group) -> dict[str, Document]:
        programme = self.programme
        chosen = {mask: [*programme.always, *programme.precedence.listed(mask)] for mask in group[1]}
        return {str(mask): apply(programme.document, names) for mask, names in chosen.items()}

    def _run(self, numbers: range, documents: Mapping[str, Document]) -> Iterator[tuple[int, Floats]]:
        measures = {_OWN + name: measure for name, measure in self.programme.measures.items()}
        for one in evaluate(
            documents, numbers, self.seed, folder=self.folder, executor=self.executor, measures=measures,
            parameters={name: self._said(int(name)) for name in documents},
            progress=lambda done, total: self.count.show(done),
        ):  # fmt: skip
            self.count.done += len(numbers)
            self.count.show(0)
            yield int(one.name), np.column_stack([self._values(one, name) for name in self.programme.outcomes])

    def _said(self, mask: int) -> dict[str, str]:
        return {"interventions": ", ".join(self.programme.precedence.listed(mask)) or "none"}

    def _values(self, one: Outcome, name: str) -> Floats:
        above, below = one.values(*self.programme.metric(name, _OWN))
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = np.where(below != 0, above / below, np.nan)
        return found


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


def _ahead(
    asked: Sequence[Group], make: Callable[[Group], dict[str, Document]]
) -> Iterator[tuple[Group, dict[str, Document]]]:
    """Groups with their scenarios; the next group's are made while this one runs."""
    with ThreadPoolExecutor(1) as beside:
        waiting = [beside.submit(make, group) for group in asked[:1]]
        for place, group in enumerate(asked):
            documents = waiting.pop().result()
            waiting += [beside.submit(make, other) for other in asked[place + 1 : place + 2]]
            yield group, documents
