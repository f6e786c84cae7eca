"""A smooth picture of a game from some of its combinations: it guides where to look and makes sampling cheaper.

Kernel ridge regression with the kernel t ** (number of interventions in which two combinations differ): a Gaussian
process on the corners of a cube, whose main effects weigh most, pairs less, and so on. Nothing that is reported rests
on the picture being right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.attribution.game import Game
from scenarios.attribution.orders import Floats, Ints

_NEARNESS = (0.92, 0.75, 0.5)
_RIDGE = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Picture:
    """A fitted picture.

    Attributes
    ----------
    players : int
    seen : int
        Interventions that it looks at; others make no difference to it.
    masks : int array
        Combinations that it was fitted to.
    level : float array (outcomes)
    nearness : float array (outcomes)
        The kernel's base, by outcome.
    weights : float array (fitted combinations x outcomes)
    """

    players: int
    seen: int
    masks: Ints
    level: Floats
    nearness: Floats
    weights: Floats

    def at(self, masks: Ints | Sequence[int]) -> Floats:
        """Expected values (combinations x outcomes)."""
        wanted = np.asarray(masks, np.int64) & self.seen
        found = np.empty((len(wanted), len(self.level)))
        for begin in range(0, len(wanted), _ROWS):
            rows = slice(begin, begin + _ROWS)
            apart = _apart(self.players, wanted[rows], self.masks)
            for nearness in set(self.nearness.tolist()):
                columns = self.nearness == nearness
                found[rows, columns] = _kernel(nearness, self.players)[apart] @ self.weights[:, columns]
        return found + self.level


def fit(players: int, masks: Ints | Sequence[int], values: Floats, unseen: int = 0) -> Picture:
    """Fit a picture; nearness and ridge are those with the least error in leaving one out.

    Parameters
    ----------
    players : int
    masks : sequence of int
        Combinations; one may come more than once.
    values : float array (combinations x outcomes)
    unseen : int
        Interventions that are known to make no difference.
    """
    seen = (1 << players) - 1 & ~unseen
    of = np.asarray(masks, np.int64) & seen
    level = values.mean(axis=0)
    apart = _apart(players, of, of)
    least = np.full(values.shape[1], np.inf)
    nearness, weights = np.zeros_like(least), np.zeros_like(values)
    for near in _NEARNESS:
        own, turn = np.linalg.eigh(_kernel(near, players)[apart])
        turned = turn.T @ (values - level)
        for ridge in _RIDGE:
            inverse = 1 / (np.maximum(own, 0) + ridge)
            solved = turn @ (inverse[:, None] * turned)
            error = ((solved / ((turn**2) @ inverse)[:, None]) ** 2).sum(axis=0)
            better = error < least
            least[better], nearness[better] = error[better], near
            weights[:, better] = solved[:, better]
    return Picture(players, seen, of, level, nearness, weights)


def picture_of(
    game: Game, replications: set[int] | None = None, columns: Sequence[int] | None = None, unseen: int = 0
) -> Picture:
    """A picture of what is known of a game: of some replications, of some outcomes.

    What a replication adds to all its combinations is taken out: the mean of nothing and the whole.
    """
    chosen = slice(None) if columns is None else list(columns)
    cells = [cell for cell in sorted(game.known) if replications is None or cell[1] in replications]
    cells = [cell for cell in cells if (0, cell[1]) in game.known and (game.precedence.whole, cell[1]) in game.known]
    ends = {number: _middle(game, number) for _, number in cells}
    centre = np.mean([game.known[0, number] - ends[number] for number in ends], axis=0)
    values = np.array([game.known[cell] - ends[cell[1]] - centre for cell in cells])
    return fit(len(game.precedence), [mask for mask, _ in cells], values[:, chosen], unseen)


def _middle(game: Game, number: int) -> Floats:
    found: Floats = (game.known[0, number] + game.known[game.precedence.whole, number]) / 2
    return found


def _kernel(nearness: float, players: int) -> Floats:
    """The kernel by number of interventions that differ."""
    return np.power(nearness, np.arange(players + 1.0))


def _apart(players: int, some: Ints, others: Ints) -> Ints:
    """In how many interventions combinations differ."""
    here, there = (2.0 * (masks[:, None] >> np.arange(players) & 1) - 1 for masks in (some, others))
    return np.rint((players - here @ there.T) / 2).astype(np.int64)
