"""Shapley values of a game whose players come in an order that respects prerequisites.

A player's share is the mean, over all orders in which each comes after what it requires, of what is gained when it
comes: the Shapley value under precedence constraints of Faigle and Kern (1992, Int. J. Game Theory 21, 249-266).
Without prerequisites it is Shapley's (1953). The shares add up to what the whole gains over nothing, in each
replication.

The interaction of two is the mean of v(S, i, j) - v(S, i) - v(S, j) + v(S) over the orders in which the two stand side
by side and either could be first; without prerequisites, the Shapley interaction index of Grabisch and Roubens (1999,
Int. J. Game Theory 28, 547-565). Two of which one requires the other have none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from scenarios.attribution.orders import Floats, Order, Table

Pair = tuple[int, int]


def shares(table: Table, values: Floats) -> Floats:
    """Shares of players.

    Parameters
    ----------
    table : Table
    values : float array (combinations of the table x ...)
        What each combination is worth.

    Returns
    -------
    float array (players x ...)
    """
    found = []
    for one in range(len(table.precedence)):
        start, end, weights = table.steps(one)
        found.append(np.tensordot(weights, values[end] - values[start], 1))
    return np.array(found)


def interaction(table: Table, values: Floats, pair: Pair) -> Floats | None:
    """Interaction of two players; None where one requires the other."""
    none, one, other, both, weights = table.squares(*pair)
    if not len(weights):
        return None
    found: Floats = np.tensordot(weights, values[both] - values[one] - values[other] + values[none], 1)
    return found


def pairs(table: Table) -> list[Pair]:
    """Pairs of players that can interact."""
    before = table.precedence.before
    return [(one, other) for one, other in combinations(range(len(before)), 2)
            if not (before[one] >> other & 1 or before[other] >> one & 1)]  # fmt: skip


def passed(order: Order) -> Iterator[int]:
    """Combinations that an order passes, from nothing to the whole."""
    mask = 0
    yield mask
    for one in order:
        mask |= 1 << one
        yield mask


def along(order: Order, values: Sequence[Floats] | Floats) -> Floats:
    """What each player gains when it comes in an order (players x ...); values in the order of `passed`."""
    gained = np.diff(np.asarray(values, np.float64), axis=0)
    found = np.empty_like(gained)
    found[list(order)] = gained
    return found
