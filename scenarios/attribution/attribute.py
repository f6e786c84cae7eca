"""A programme's effect shared out among its interventions, beside what each does alone, dropped, and as rolled out.

With the budget for it, every combination that can stand together is run. Otherwise orders are sampled: each
replication has its own customers and its own pairs of an order and its mirrored twin, so the spread of replications'
shares holds the error of both. A picture of the game, fitted to other replications than those that it is used
for, serves as control variate: its own shares are known exactly and only what it leaves is sampled; a wrong picture
makes intervals wider, not wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scenarios.attribution.effort import NAMED, Effort
from scenarios.attribution.game import Game, estimate
from scenarios.attribution.orders import Floats, Order, Precedence, Table
from scenarios.attribution.picture import Picture, picture_of
from scenarios.attribution.shapley import Pair, along, interaction, pairs, passed, shares
from scenarios.estimate import Estimate, checked_confidence

_FOLDS = 5
_ROUNDING = 1e-12
_FEWEST = 6
"""Replications from which on a picture is used."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What of one outcome is owed to one intervention.

    Attributes
    ----------
    name : str
    with_ : tuple of str
        What it requires.
    taken : tuple of str
        What goes when it is dropped, since it requires it.
    share : Estimate
        Mean over orders.
    alone : Estimate
        With what it requires, against nothing.
    dropped : Estimate
        What the programme loses without it and those that require it.
    step : Estimate
        When it comes in the order of the roll-out.
    """

    name: str
    with_: tuple[str, ...]
    taken: tuple[str, ...]
    share: Estimate
    alone: Estimate
    dropped: Estimate
    step: Estimate


@dataclass(frozen=True, slots=True)
class Interaction:
    """How much two interventions do together beyond what each does.

    Attributes
    ----------
    first, second : str
    mean : Estimate or None
        Over orders in which the two stand side by side; None unless all combinations were run.
    start, end : Estimate
        Before anything else is done (each with what it requires), and in the whole programme.
    """

    first: str
    second: str
    mean: Estimate | None
    start: Estimate
    end: Estimate


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome: its effect, and to what it is owed; `owed` in the order of the roll-out, largest interactions first.

    ``saved``: part of the variance of the shares that the control variate removes; None where there is none.
    """

    name: str
    unit: str
    baseline: Estimate
    programme: Estimate
    effect: Estimate
    owed: list[Owed]
    interactions: list[Interaction]
    saved: float | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """What `attribute` found.

    Attributes
    ----------
    outcomes : list of Outcome
    effort : Effort
    orders, combinations : int
        How many there are, not how many were run.
    runs : int
        Cells that were needed.
    confidence : float
    """

    outcomes: list[Outcome]
    effort: Effort
    orders: int
    combinations: int
    runs: int
    confidence: float

    @property
    def method(self) -> str:
        """How shares and their errors were found."""
        level, n = f"{self.confidence:.0%}", self.effort.replications
        if self.effort.all:
            return (
                f"All {self.combinations:,} combinations that can stand together, in {n} replications each; {level} "
                "intervals (Student t) over replications."
            )
        return (
            f"{self.effort.orders:,} of {self.orders:,} orders sampled, half of them mirrored twins, in {n} "
            f"replications with orders of their own; {level} intervals (Student t) over replications hold the error of "
            "sampling orders and that of replications together."
        )

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        found = asdict(self)
        found["method"] = self.method
        return found


def attribute(game: Game, effort: Effort, seed: int, units: Mapping[str, str], confidence: float = 0.95) -> Attribution:
    """Run what an attribution needs, and share out.

    Parameters
    ----------
    game : Game
    effort : Effort
    seed : int
        Of the sampled orders.
    units : mapping of str to str
        Of the outcomes.
    confidence : float
    """
    checked_confidence(confidence)
    found = _exact(game, effort) if effort.all else _sampled(game, effort, seed)
    beside = _Beside.of(game, range(effort.beside))
    chosen = _chosen(game, effort)
    between = {pair: _interaction(game, pair, effort) for pair in chosen}
    ends = game.values([0, game.precedence.whole], range(effort.replications))
    outcomes = []
    for number, name in enumerate(game.outcomes):

        def said(values: Floats, column: int = number, unit: str = units[name]) -> Estimate:
            return estimate(values[..., column], unit, confidence)

        outcomes.append(
            Outcome(
                name, units[name], said(ends[:, 0]), said(ends[:, 1]), said(ends[:, 1] - ends[:, 0]),
                [_owed(game.precedence, one, (found.shares, beside), said) for one in range(len(game.precedence))],
                _ranked([_named(game.precedence, pair, values, said) for pair, values in between.items()]),
                None if found.saved is None else float(found.saved[number]),
            )
        )  # fmt: skip
    order = game.precedence
    return Attribution(outcomes, effort, order.orders, order.combinations, len(game.known), confidence)


@dataclass(frozen=True, slots=True)
class _Shares:
    """Shares by replication (replications x players x outcomes), and what a control variate saved (outcomes)."""

    shares: Floats
    saved: Floats | None = None


def _exact(game: Game, effort: Effort) -> _Shares:
    table = game.precedence.table
    values = game.values(table.masks.tolist(), range(effort.replications))
    return _Shares(np.array([shares(table, one) for one in values]))


def _sampled(game: Game, effort: Effort, seed: int) -> _Shares:
    orders = [_orders(game.precedence, effort.pairs, seed, number) for number in range(effort.replications)]
    game.run((mask, number) for number, own in enumerate(orders) for order in own for mask in passed(order))
    plain = np.array([
        np.mean([along(order, [game.known[mask, number] for mask in passed(order)]) for order in own], axis=0)
        for number, own in enumerate(orders)
    ])  # fmt: skip
    if effort.replications < _FEWEST or not game.precedence.listable:
        return _Shares(plain)
    return _controlled(game, orders, plain)


def _orders(precedence: Precedence, pairs_: int, seed: int, number: int) -> list[Order]:
    """Orders of a replication: pairs of one and its mirrored twin."""
    chance = np.random.default_rng((seed, number))
    drawn = [precedence.sample(chance) for _ in range(pairs_)]
    return [order for one in drawn for order in (one, precedence.mirrored(one))]


def _controlled(game: Game, orders: Sequence[Sequence[Order]], plain: Floats) -> _Shares:
    """Sampled shares plus what a picture's sampled shares miss of its own exact ones, as far as that helps."""
    missed = np.zeros_like(plain)
    for unseen, columns in _without_effect(plain).items():
        for fold in range(_FOLDS):
            numbers = set(range(fold, len(orders), _FOLDS))
            picture = picture_of(game, set(range(len(orders))) - numbers, columns, unseen)
            for number, values in _missed(game.precedence.table, picture, {n: orders[n] for n in numbers}).items():
                missed[number][:, columns] = values
    found = plain + _factor(plain, missed) * missed
    before, after = (np.var(one, axis=0, ddof=1).sum(axis=0) for one in (plain, found))
    return _Shares(found, np.where(before > 0, 1 - after / np.where(before > 0, before, 1), 0.0))


def _without_effect(plain: Floats) -> dict[int, list[int]]:
    """From interventions that never made a difference, as a combination, to the outcomes of which that is so."""
    found: dict[int, list[int]] = {}
    for column in range(plain.shape[2]):
        gains = np.abs(plain[:, :, column])
        idle = np.flatnonzero(gains.max(axis=0) <= _ROUNDING * gains.max())
        found.setdefault(sum(1 << int(one) for one in idle), []).append(column)
    return found


def _missed(table: Table, picture: Picture, orders: Mapping[int, Sequence[Order]]) -> dict[int, Floats]:
    """By replication, shares of a picture less those along the orders."""
    known = shares(table, picture.at(table.masks))
    return {
        number: known - np.mean([along(order, picture.at(list(passed(order)))) for order in own], axis=0)
        for number, own in orders.items()
    }


def _factor(plain: Floats, missed: Floats) -> Floats:
    """How much of a control variate to use (outcomes): one factor for all players, so that shares still add up."""
    apart = [values - values.mean(axis=0) for values in (plain, missed)]
    both, own = (apart[0] * apart[1]).sum(axis=(0, 1)), (apart[1] ** 2).sum(axis=(0, 1))
    found: Floats = np.clip(np.where(own > 0, -both / np.where(own > 0, own, 1), 0.0), 0, 1)
    return found


@dataclass(frozen=True, slots=True)
class _Beside:
    """What each intervention does alone, dropped and as rolled out (replications x players x outcomes)."""

    alone: Floats
    dropped: Floats
    step: Floats

    @staticmethod
    def of(game: Game, replications: range) -> _Beside:
        order = game.precedence
        players = range(len(order))
        alone = [order.with_required(one) for one in players]
        without = [order.whole & ~order.with_dependants(one) for one in players]
        rolled = [(1 << count) - 1 for count in range(len(order) + 1)]
        game.run((mask, number) for number in replications for mask in (*alone, *without, *rolled))
        whole = game.values([order.whole], replications)
        steps = np.diff(game.values(rolled, replications), axis=1)
        return _Beside(game.gains(alone, replications), whole - game.values(without, replications), steps)


def _owed(precedence: Precedence, one: int, values: tuple[Floats, _Beside], said: Any) -> Owed:
    sampled, beside = values
    return Owed(
        precedence.names[one],
        precedence.listed(precedence.before[one]),
        precedence.listed(precedence.with_dependants(one) & ~(1 << one)),
        *(said(each[:, one]) for each in (sampled, beside.alone, beside.dropped, beside.step)),
    )


def _chosen(game: Game, effort: Effort) -> list[Pair]:
    """Pairs to look at: all if that costs nothing, else those that a picture expects to interact most."""
    if not game.precedence.listable:
        return []
    table = game.precedence.table
    possible = pairs(table)
    if effort.all or len(possible) <= NAMED:
        return possible
    values = picture_of(game).at(table.masks)
    size = np.maximum(np.abs(values[-1] - values[0]), 1e-12)
    expected = [np.abs(interaction(table, values, pair) / size) for pair in possible]
    best = [np.argsort(-np.array(expected)[:, column])[:NAMED] for column in range(values.shape[1])]
    ranked = dict.fromkeys(int(one) for row in zip(*best, strict=True) for one in row)
    return [possible[one] for one in list(ranked)[:NAMED]]


@dataclass(frozen=True, slots=True)
class _Together:
    """Interaction of a pair by replication (replications x outcomes)."""

    mean: Floats | None
    start: Floats
    end: Floats


def _interaction(game: Game, pair: Pair, effort: Effort) -> _Together:
    order, numbers = game.precedence, range(effort.beside)
    one, other = (order.with_required(each) for each in pair)
    gone, too = (order.with_dependants(each) for each in pair)
    whole = order.whole
    start = game.values([one | other, one, other, one & other], numbers)
    end = game.values([whole, whole & ~gone, whole & ~too, whole & ~(gone | too)], numbers)
    mean = None
    if effort.all:
        values = game.values(order.table.masks.tolist(), numbers)
        mean = np.array([interaction(order.table, each, pair) for each in values])
    return _Together(mean, _crossed(start), _crossed(end))


def _crossed(values: Floats) -> Floats:
    """Both less one less the other plus neither."""
    found: Floats = values[:, 0] - values[:, 1] - values[:, 2] + values[:, 3]
    return found


def _named(precedence: Precedence, pair: Pair, values: _Together, said: Any) -> Interaction:
    mean = None if values.mean is None else said(values.mean)
    first, second = (precedence.names[one] for one in pair)
    return Interaction(first, second, mean, said(values.start), said(values.end))


def _ranked(found: list[Interaction]) -> list[Interaction]:
    def size(one: Interaction) -> float:
        shown = (one.mean,) if one.mean else (one.start, one.end)
        return max(abs(each.mean or 0.0) for each in shown)

    return sorted(found, key=size, reverse=True)[:NAMED]
