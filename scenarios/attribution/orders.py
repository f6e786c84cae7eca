"""Orders in which interventions can be switched on when some require others.

Interventions with their prerequisites are a partial order. What can stand together is a down-set of it (an
intervention only with all that it requires), written as an integer with a bit for each intervention; an order in which
all can be switched on, each after what it requires, is a linear extension. Both fall apart into components that share
no prerequisite, so they are counted inside each component (a recursion over its down-sets) and then interleaved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from math import comb, log, prod

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from sim.errors import ParameterError, Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Order = tuple[int, ...]

MOST = 62
"""Interventions at most: a combination is a 64-bit integer."""
_MOST_DOWN_SETS = 500_000


def bits(mask: int) -> Iterator[int]:
    """Places of the bits of a combination."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


@dataclass(frozen=True)
class Component:
    """Interventions that hang together by prerequisites.

    Attributes
    ----------
    members : tuple of int
    below, above : dict
        From each down-set to the number of orders that lead to it, and that lead from it to the whole component.
    """

    members: Order
    below: dict[int, int]
    above: dict[int, int]

    @property
    def whole(self) -> int:
        """All members."""
        return reduce(int.__or__, (1 << one for one in self.members), 0)


@dataclass(frozen=True)
class Precedence:
    """Interventions and what each requires.

    Attributes
    ----------
    names : tuple of str
        In the order of the roll-out.
    before : tuple of int
        Of each, the combination of all that it requires, directly or not.
    """

    names: tuple[str, ...]
    before: tuple[int, ...]

    @staticmethod
    def of(requires: Mapping[str, Sequence[str]]) -> Precedence:
        """From the names that each requires directly, all of them keys.

        Raises
        ------
        ParameterError
            If there are none or too many, one requires what is no key, or itself by way of others.
        """
        names = tuple(requires)
        if not 1 <= len(names) <= MOST:
            raise ParameterError(Problem("a number of interventions that cannot be attributed to",
                                         allowed=f"1 to {MOST}", given=str(len(names))))  # fmt: skip
        place = {name: number for number, name in enumerate(names)}
        return Precedence(names, tuple(_required(name, requires, place, ()) for name in names))

    def __len__(self) -> int:
        return len(self.names)

    @property
    def whole(self) -> int:
        """All interventions."""
        return (1 << len(self.names)) - 1

    def feasible(self, mask: int) -> bool:
        """Whether a combination holds all that its members require."""
        return all(self.before[one] & ~mask == 0 for one in bits(mask))

    def with_required(self, one: int) -> int:
        """An intervention and all that it requires."""
        return self.before[one] | 1 << one

    def with_dependants(self, one: int) -> int:
        """An intervention and all that require it."""
        return sum(1 << other for other in range(len(self)) if self.with_required(other) >> one & 1)

    def next(self, mask: int) -> list[int]:
        """What can be switched on next."""
        return [one for one in range(len(self)) if not mask >> one & 1 and self.before[one] & ~mask == 0]

    def listed(self, mask: int) -> tuple[str, ...]:
        """Names of a combination, in the order of the roll-out."""
        return tuple(self.names[one] for one in bits(mask))

    @property
    def follows(self) -> bool:
        """Whether the order of the roll-out puts each after what it requires."""
        return all(self.before[one] >> one == 0 for one in range(len(self)))

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """What hangs together, each with its down-sets counted.

        Raises
        ------
        ParameterError
            If there are too many down-sets in one.
        """
        left, found = self.whole, []
        while left:
            mask = self._connected(next(bits(left)))
            found.append(self._counted(mask))
            left &= ~mask
        return tuple(found)

    def _connected(self, start: int) -> int:
        mask, seen = 1 << start, 0
        while mask != seen:
            seen = mask
            for one in bits(seen):
                mask |= self.with_required(one) | self.with_dependants(one)
        return mask

    def _counted(self, mask: int) -> Component:
        layers = [{0: 1}]
        held = 1
        for _ in range(mask.bit_count()):
            layer: dict[int, int] = {}
            for below, ways in layers[-1].items():
                for one in self._next_in(below, mask):
                    layer[below | 1 << one] = layer.get(below | 1 << one, 0) + ways
            held += len(layer)
            if held > _MOST_DOWN_SETS:
                what = "too many interventions that hang together to count their orders"
                raise ParameterError(Problem(what, allowed=f"up to {_MOST_DOWN_SETS:,} combinations",
                                             given=", ".join(self.listed(mask))[:200]))  # fmt: skip
            layers.append(layer)
        above = {mask: 1}
        for layer in reversed(layers[:-1]):
            for below in layer:
                above[below] = sum(above[below | 1 << one] for one in self._next_in(below, mask))
        return Component(tuple(bits(mask)), {k: n for layer in layers for k, n in layer.items()}, above)

    def _next_in(self, below: int, mask: int) -> list[int]:
        return [one for one in bits(mask & ~below) if self.before[one] & ~below == 0]

    @property
    def orders(self) -> int:
        """Number of orders in which all can be switched on."""
        sizes = [len(part.members) for part in self.components]
        interleaved = prod(comb(sum(sizes[: k + 1]), size) for k, size in enumerate(sizes))
        return interleaved * prod(part.below[part.whole] for part in self.components)

    @property
    def combinations(self) -> int:
        """Number of combinations that can stand together."""
        return prod(len(part.below) for part in self.components)

    @property
    def listable(self) -> bool:
        """Whether there are few enough combinations to list them."""
        return self.combinations <= _MOST_DOWN_SETS

    @cached_property
    def table(self) -> Table:
        """All combinations that can stand together."""
        return Table.of(self)

    def sample(self, chance: np.random.Generator) -> Order:
        """An order, each as likely as any other."""
        labels = np.repeat(np.arange(len(self.components)), [len(part.members) for part in self.components])
        chance.shuffle(labels)
        inside = [iter(self._inside(part, chance)) for part in self.components]
        return tuple(next(inside[label]) for label in labels)

    def _inside(self, part: Component, chance: np.random.Generator) -> Order:
        found, mask = [], 0
        while mask != part.whole:
            free = self._next_in(mask, part.whole)
            ways = np.array([part.above[mask | 1 << one] / part.above[mask] for one in free])
            found.append(free[int(chance.choice(len(free), p=ways / ways.sum()))])
            mask |= 1 << found[-1]
        return tuple(found)

    def mirrored(self, order: Order) -> Order:
        """The order backwards, but inside each component forwards: as likely as the order itself.

        What came late comes early, so that the mean over both varies less. To interleave components backwards and
        keep each component's own order is a one-to-one map of orders, so a mirrored uniform order is uniform.
        """
        label = {one: number for number, part in enumerate(self.components) for one in part.members}
        inside = [iter([one for one in order if label[one] == number]) for number in range(len(self.components))]
        return tuple(next(inside[label[one]]) for one in reversed(order))


def _required(name: str, requires: Mapping[str, Sequence[str]], place: Mapping[str, int], on: tuple[str, ...]) -> int:
    if name in on:
        raise ParameterError(Problem(f"{name!r} requires itself", given=" -> ".join([*on, name])))
    mask = 0
    for other in requires[name]:
        if other not in place:
            what = f"{name!r} requires {other!r}, which is not among the interventions"
            raise ParameterError(Problem(what, allowed=", ".join(place), fix=f"Add {other!r}."))
        mask |= 1 << place[other] | _required(other, requires, place, (*on, name))
    return mask


@dataclass(frozen=True)
class Table:
    """Every combination that can stand together, in the order of its integer.

    Attributes
    ----------
    precedence : Precedence
    masks : int array
    below, above : float array
        Logarithms of the number of orders that lead to each, and that lead from it to the whole.
    """

    precedence: Precedence
    masks: Ints
    below: Floats
    above: Floats

    @staticmethod
    def of(precedence: Precedence) -> Table:
        """Interleave the components' down-sets.

        Raises
        ------
        ParameterError
            If there are too many.
        """
        if not precedence.listable:
            raise ParameterError(Problem("too many combinations to list", allowed=f"up to {_MOST_DOWN_SETS:,}",
                                         given=f"{precedence.combinations:,}"))  # fmt: skip
        masks, below, above = np.zeros(1, np.int64), np.zeros(1), np.zeros(1)
        sizes, left = np.zeros(1), np.zeros(1)
        for part in precedence.components:
            own = np.array(sorted(part.below), np.int64)
            size = np.array([int(mask).bit_count() for mask in own.tolist()], np.float64)
            down = np.array([log(part.below[mask]) for mask in own.tolist()]) - gammaln(size + 1)
            up = np.array([log(part.above[mask]) for mask in own.tolist()]) - gammaln(len(part.members) - size + 1)
            masks = (masks[:, None] | own).ravel()
            below, above = (below[:, None] + down).ravel(), (above[:, None] + up).ravel()
            sizes = (sizes[:, None] + size).ravel()
            left = (left[:, None] + len(part.members) - size).ravel()
        by = np.argsort(masks)
        return Table(precedence, masks[by], (below + gammaln(sizes + 1))[by], (above + gammaln(left + 1))[by])

    def __len__(self) -> int:
        return len(self.masks)

    def steps(self, one: int) -> tuple[Ints, Ints, Floats]:
        """Where an intervention can come: rows without it and with it, and the share of orders for each."""
        before = self.precedence.before[one]
        start = np.flatnonzero((self.masks >> one & 1 == 0) & (self.masks & before == before))
        end = self.rows(self.masks[start] | 1 << one)
        return start, end, _shares(self.below[start] + self.above[end])

    def squares(self, one: int, other: int) -> tuple[Ints, Ints, Ints, Ints, Floats]:
        """Where two can stand side by side, either first: rows with none, one, the other, both; shares of orders."""
        both = 1 << one | 1 << other
        before = self.precedence.before[one] | self.precedence.before[other]
        if before & both:
            nothing = np.zeros(0, np.int64)
            return nothing, nothing, nothing, nothing, np.zeros(0)
        start = np.flatnonzero((self.masks & both == 0) & (self.masks & before == before))
        of = self.masks[start]
        end = self.rows(of | both)
        return (
            start,
            self.rows(of | 1 << one),
            self.rows(of | 1 << other),
            end,
            _shares(self.below[start] + self.above[end]),
        )

    def rows(self, masks: Ints) -> Ints:
        """Rows of combinations."""
        return np.searchsorted(self.masks, masks).astype(np.int64)


def _shares(logarithms: Floats) -> Floats:
    found: Floats = np.exp(logarithms - logarithms.max()) if len(logarithms) else logarithms
    return found / found.sum() if len(found) else found
