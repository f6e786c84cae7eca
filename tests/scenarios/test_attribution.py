"""Shares of a programme's effect: orders, Shapley values under prerequisites, interactions, sampling."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from scenarios.attribution.attribute import attribute
from scenarios.attribution.effort import Effort
from scenarios.attribution.game import Game
from scenarios.attribution.orders import Precedence
from scenarios.attribution.picture import fit
from scenarios.attribution.runs import groups
from scenarios.attribution.shapley import along, interaction, pairs, passed, shares
from sim.errors import ParameterError

TREE = {"a": [], "b": ["a"], "c": ["b"], "d": [], "e": ["a"], "f": []}


@st.composite
def precedences(draw):
    """Up to six players, each requiring some of those before it."""
    names = "abcdef"[: draw(st.integers(1, 6))]
    return Precedence.of({
        name: draw(st.lists(st.sampled_from(names[:place]), unique=True, max_size=2)) if place else []
        for place, name in enumerate(names)
    })  # fmt: skip


def all_orders(precedence):
    """Every order that respects prerequisites, by trying all."""
    return [order for order in permutations(range(len(precedence)))
            if all(precedence.feasible(mask) for mask in passed(order))]  # fmt: skip


def of_all(precedence, worth):
    """Values of the combinations of the table."""
    return np.array([worth(int(mask)) for mask in precedence.table.masks])


@settings(max_examples=40)
@given(precedences())
def test_orders_and_combinations_are_counted_as_by_trying_all(precedence):
    orders = all_orders(precedence)
    assert precedence.orders == len(orders)
    feasible = [mask for mask in range(1 << len(precedence)) if precedence.feasible(mask)]
    assert precedence.combinations == len(feasible)
    assert precedence.table.masks.tolist() == feasible


@settings(max_examples=40)
@given(precedences(), st.integers(0, 1000))
def test_shares_are_means_over_all_orders_and_add_up(precedence, seed):
    worth = np.random.default_rng(seed).normal(size=1 << len(precedence))
    found = shares(precedence.table, of_all(precedence, lambda mask: worth[mask]))
    gains = [along(order, [worth[mask] for mask in passed(order)]) for order in all_orders(precedence)]
    assert found == pytest.approx(np.mean(gains, axis=0))
    assert found.sum() == pytest.approx(worth[-1] - worth[0])


@settings(max_examples=25)
@given(precedences(), st.integers(0, 1000))
def test_interactions_are_means_over_orders_that_bring_the_two_side_by_side(precedence, seed):
    worth = np.random.default_rng(seed).normal(size=1 << len(precedence))
    values = of_all(precedence, lambda mask: worth[mask])
    for pair in pairs(precedence.table):
        crossed = [
            worth[mask | one | other] - worth[mask | one] - worth[mask | other] + worth[mask]
            for order in all_orders(precedence)
            for place, mask in enumerate(passed(order))
            if set(order[place : place + 2]) == set(pair)
            for one, other in [(1 << pair[0], 1 << pair[1])]
            if precedence.feasible(mask | one) and precedence.feasible(mask | other)
        ]
        assert interaction(precedence.table, values, pair) == pytest.approx(np.mean(crossed))


def test_shares_computed_by_hand():
    """Gloves (Shapley): who has the only right glove gets two thirds. And one that requires another: three orders."""
    gloves = Precedence.of({"left": [], "also left": [], "right": []})
    found = shares(gloves.table, of_all(gloves, lambda mask: float(mask & 4 > 0 and mask & 3 > 0)))
    assert found == pytest.approx([1 / 6, 1 / 6, 4 / 6])
    chain = Precedence.of({"a": [], "b": ["a"], "c": []})
    worth = {0b000: 0.0, 0b001: 3.0, 0b100: 1.0, 0b011: 5.0, 0b101: 6.0, 0b111: 12.0}
    # abc: 3, 2, 7; acb: 3, 6, 3; cab: 5, 6, 1
    assert shares(chain.table, of_all(chain, worth.__getitem__)) == pytest.approx([11 / 3, 14 / 3, 11 / 3])


def test_interaction_without_prerequisites_is_that_of_grabisch_and_roubens():
    free = Precedence.of({name: [] for name in "abcd"})
    worth = np.random.default_rng(3).normal(size=16)
    expected = sum(
        factorial(mask.bit_count()) * factorial(2 - mask.bit_count()) / factorial(3)
        * (worth[mask | 9] - worth[mask | 1] - worth[mask | 8] + worth[mask])
        for mask in (0, 2, 4, 6)
    )  # fmt: skip
    assert interaction(free.table, worth[free.table.masks], (0, 3)) == pytest.approx(expected)


def test_equals_share_alike_and_a_dummy_gets_nothing():
    precedence = Precedence.of({"a": [], "b": [], "idle": [], "also": ["idle"]})
    found = shares(precedence.table, of_all(precedence, lambda mask: float((mask & 3).bit_count() ** 2)))
    assert found == pytest.approx([2, 2, 0, 0])


def test_orders_are_drawn_evenly_and_mirrored_ones_too():
    precedence = Precedence.of(TREE)
    chance = np.random.default_rng(1)
    drawn = [precedence.sample(chance) for _ in range(6_000)]
    for found in (drawn, [precedence.mirrored(order) for order in drawn]):
        counts = Counter(found)
        assert set(counts) == set(all_orders(precedence))
        assert chisquare(list(counts.values())).pvalue > 0.001
    orders = all_orders(precedence)
    assert {precedence.mirrored(order) for order in orders} == set(orders)


@pytest.mark.parametrize(
    ("requires", "message"),
    [
        ({"a": ["b"], "b": ["a"]}, "requires itself"),
        ({"a": ["x"]}, "'a' requires 'x', which is not among the interventions"),
        ({}, "allowed: 1 to 62; given: 0"),
    ],
)
def test_prerequisites_that_cannot_be(requires, message):
    with pytest.raises(ParameterError, match=message):
        Precedence.of(requires)


def test_many_free_interventions_are_counted_but_not_listed():
    precedence = Precedence.of({f"p{n}": [] for n in range(30)})
    assert precedence.orders == factorial(30)
    assert sorted(precedence.sample(np.random.default_rng(1))) == list(range(30))
    with pytest.raises(ParameterError, match="too many combinations to list"):
        _ = precedence.table


# ------------------------------------------------------------------------------------------------ attribution of games
NOISE = 0.3


def saturating(precedence, noise=NOISE, seed=7):
    """A game with strong overlaps, a dummy, and replications that have their own luck with each player."""
    own = np.array([2.0, 1.0, 0.5, 3.0, 0.0, 1.5])[: len(precedence)]

    def worth(cells):
        found = []
        for mask, number in cells:
            on = np.array([mask >> one & 1 for one in range(len(own))])
            luck = np.random.default_rng((seed, number)).normal(size=len(own) + 1) * noise
            found.append([10 * np.exp(-(on @ own) / 3) + luck[0] + on @ (luck[1:] * (own > 0)), 100 + on.sum()])
        return np.array(found)

    return Game(precedence, ("wait", "score"), worth)


UNITS = {"wait": "s", "score": "points"}


def truth(precedence):
    game = saturating(precedence, noise=0.0)
    return shares(precedence.table, game.values(precedence.table.masks.tolist(), [0])[0])


def test_all_combinations_give_the_shares_of_each_replication():
    precedence = Precedence.of(TREE)
    game = saturating(precedence)
    effort = Effort.of(precedence, 28 * 6, 6)
    assert effort.all
    found = attribute(game, effort, 1, UNITS)
    wait, score = found.outcomes
    assert [one.share.mean for one in score.owed] == pytest.approx([1] * 6)
    each = [shares(precedence.table, game.values(precedence.table.masks.tolist(), [n])[0])[:, 0] for n in range(6)]
    assert [one.share.mean for one in wait.owed] == pytest.approx(np.mean(each, axis=0))
    assert sum(one.share.mean for one in wait.owed) == pytest.approx(wait.effect.mean)
    assert sum(one.step.mean for one in wait.owed) == pytest.approx(wait.effect.mean)
    assert wait.owed[2].with_ == ("a", "b")
    assert wait.owed[0].taken == ("b", "c", "e")
    assert wait.owed[0].dropped.mean == pytest.approx(np.mean(
        [game.known[63, n][0] - game.known[0b101000, n][0] for n in range(6)]
    ))  # fmt: skip
    assert (wait.interactions[0].first, wait.interactions[0].second) == ("a", "d")
    assert wait.interactions[0].mean.low > 0  # both shorten the wait, together less than their sum
    assert "All 28 combinations" in found.method


def test_sampled_shares_add_up_in_each_replication_and_a_dummy_gets_exactly_nothing():
    precedence = Precedence.of({**TREE, "e": []})
    game = saturating(precedence)
    found = attribute(game, Effort(8, 1, 3, 0), 1, UNITS)
    wait, score = found.outcomes
    assert sum(one.share.mean for one in wait.owed) == pytest.approx(wait.effect.mean, abs=1e-9)
    assert wait.owed[4].share.high - wait.owed[4].share.low < 1e-12
    assert [one.share.mean for one in score.owed] == pytest.approx([1] * 6)
    assert wait.saved > 0.2
    assert "16 of 120 orders sampled" in found.method


def test_intervals_of_sampled_shares_cover_the_truth():
    """150 attributions with other customers and orders: 95 % intervals of five shares; binomial limits for 0.95."""
    precedence = Precedence.of({name: TREE[name] for name in "abcd"})
    expected = truth(precedence)[:, 0]
    covered = []
    for seed in range(150):
        found = attribute(saturating(precedence, seed=seed), Effort(8, 1, 2, 0), seed, UNITS)
        owed = [one.share for one in found.outcomes[0].owed]
        covered.append([one.low <= value <= one.high for one, value in zip(owed, expected, strict=True)])
    assert 0.91 < np.mean(covered) < 0.98


def test_control_variate_makes_intervals_narrower():
    precedence = Precedence.of({name: [] for name in "abcdef"})
    game = saturating(precedence, noise=0.05)
    found = attribute(game, Effort(12, 1, 2, 0), 1, UNITS)
    assert found.outcomes[0].saved > 0.5


def test_budget_decides_what_is_run():
    precedence = Precedence.of({f"p{n}": [] for n in range(11)})
    assert Effort.of(precedence, 2**11 * 2, 2).all
    effort = Effort.of(precedence, 500, 20)
    game = Game(precedence, ("size",), lambda cells: np.array([[mask.bit_count()] for mask, _ in cells]))
    found = attribute(game, effort, 1, {"size": ""})
    assert effort.runs * 0.7 < found.runs <= effort.runs <= 500
    assert found.effort.replications >= 10
    with pytest.raises(ParameterError, match="--budget: a budget too small for intervals; allowed: 142 runs or more"):
        Effort.of(precedence, 100, 20)
    with pytest.raises(ParameterError, match="--replications: too few"):
        Effort.of(precedence, 100, 1)


@pytest.mark.parametrize(("players", "replications"), [(1, 500), (4, 20), (4, 3), (11, 20)])
def test_a_budget_that_is_called_enough_is_enough(players, replications):
    precedence = Precedence.of({f"p{n}": [] for n in range(players)})
    with pytest.raises(ParameterError, match=r"allowed: (\d+) runs or more") as caught:
        Effort.of(precedence, 3, replications)
    enough = int(caught.value.problems[0].allowed.split()[0])
    for budget in range(enough, enough + 200):
        effort = Effort.of(precedence, budget, replications)
        assert effort.runs <= budget
        assert min(effort.replications, effort.beside) >= 2
    with pytest.raises(ParameterError, match=f"allowed: {enough} runs"):
        Effort.of(precedence, enough - 1, replications)


def test_outcome_that_is_not_defined_says_where():
    game = Game(Precedence.of({"a": []}), ("csi",), lambda cells: np.full((len(cells), 1), np.nan))
    with pytest.raises(ParameterError, match="csi is not defined in replication 3 with a switched on"):
        game.run([(1, 3)])


def test_cells_are_run_once():
    asked = []
    game = saturating(Precedence.of({"a": [], "b": []}))
    counted = Game(game.precedence, game.outcomes, lambda cells: (asked.extend(cells), game.worth(cells))[1])
    counted.values([0, 1, 3], [0, 1])
    counted.values([1, 2], [1, 2])
    assert sorted(asked) == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2), (3, 0), (3, 1)]


def test_cells_are_grouped_by_stretches_of_replications():
    found = groups([(0, 0), (0, 1), (5, 3), (0, 3), (7, 0), (7, 1)])
    assert found == [(range(0, 2), (0, 7)), (range(3, 4), (0, 5))]


def test_picture_finds_a_smooth_game():
    chance = np.random.default_rng(2)
    masks = chance.integers(0, 1 << 10, 200)
    on = masks[:, None] >> np.arange(10) & 1
    values = (np.exp(-on @ np.linspace(0.1, 0.5, 10)))[:, None]
    picture = fit(10, masks[:150], values[:150])
    left = values[150:] - picture.at(masks[150:])
    assert left.std() < 0.3 * values.std()
