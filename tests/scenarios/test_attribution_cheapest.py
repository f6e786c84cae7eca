"""The cheapest set that meets the targets: against trying all, where none does, and judged by fresh replications."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.attribution.cheapest import FRESH, Care, Pricing, cheapest, eased, pricing_of
from scenarios.attribution.game import Game
from scenarios.attribution.orders import Precedence
from scenarios.programme.targets import Target
from sim.errors import ParameterError

NAMES = "abcdefgh"
ENOUGH = Target("good", "good", 0.75, words="good enough")


class Desk:
    """A game of eight interventions with decreasing returns and interactions, and what each costs."""

    def __init__(self, seed, noise=0.01):
        chance = np.random.default_rng(seed)
        self.precedence = Precedence.of({name: {"d": ["b"], "g": ["b", "c"]}.get(name, []) for name in NAMES})
        self.gain, self.pair = chance.uniform(0, 1, 8), np.triu(chance.normal(0, 0.02, (8, 8)), 1)
        self.costs, self.noise = chance.integers(1, 9, 8).astype(float), noise
        self.cells = []

    def good(self, mask):
        on = np.array([mask >> one & 1 for one in range(8)])
        return 1 - np.exp(-(on @ self.gain)) + on @ self.pair @ on

    def cost(self, mask):
        return sum(cost for one, cost in enumerate(self.costs) if mask >> one & 1)

    def worth(self, cells):
        self.cells += cells
        luck = [self.noise * np.random.default_rng(number).normal() for _, number in cells]
        return np.array(
            [[self.good(mask) + more, 50 + self.cost(mask)] for (mask, _), more in zip(cells, luck, strict=True)]
        )

    @property
    def game(self):
        return Game(self.precedence, ("good", "cost"), self.worth)

    @property
    def given(self):
        return pricing_of(dict(zip(NAMES, self.costs, strict=True)), NAMES, ("good", "cost"), "cost")

    def least(self, goal):
        return min(self.cost(mask) for mask in self.precedence.table.masks.tolist() if self.good(mask) >= goal)


@pytest.mark.parametrize("budget", [10_000, 180], ids=["every set", "a search"])
@pytest.mark.parametrize("seed", range(4))
def test_cheapest_set_is_that_of_trying_all(seed, budget):
    desk = Desk(seed)
    found = cheapest(desk.game, [ENOUGH], desk.given, Care(3, 10, budget))
    assert found.all == (budget > 1000)
    assert found.sufficient.cost.mean == desk.least(0.75)
    assert desk.good(mask_of(found.sufficient.names)) >= 0.75
    assert (found.closest, found.as_whole) == (None, None)
    assert len({mask for mask, _ in desk.cells}) <= (128 if found.all else 70)
    assert {number for _, number in desk.cells} == {0, 1, 2, *range(FRESH, FRESH + 10)}


def mask_of(names):
    return sum(1 << NAMES.index(name) for name in names)


def test_simulated_cost_is_against_nothing_switched_on():
    desk = Desk(1)
    pricing = pricing_of({}, NAMES, ("good", "cost"), "cost")
    found = cheapest(desk.game, [ENOUGH], pricing, Care(3, 10, 180))
    assert pricing.kind == "simulated"
    assert found.sufficient.cost.mean == pytest.approx(desk.least(0.75))


def test_without_costs_the_number_counts():
    desk = Desk(2)
    found = cheapest(desk.game, [ENOUGH], pricing_of({}, NAMES, ("good",), "cost"), Care(3, 10, 10_000))
    least = min(mask.bit_count() for mask in desk.precedence.table.masks.tolist() if desk.good(mask) >= 0.75)
    assert (found.price, len(found.sufficient.names)) == ("number", least)


def test_where_no_set_does_the_closest_and_one_as_good_as_the_whole():
    desk = Desk(3, noise=0.0)
    wanted = Target("good", "good", 2.0, words="out of reach")
    found = cheapest(desk.game, [wanted], desk.given, Care(3, 10, 10_000, within=0.1))
    assert found.sufficient is None
    masks = desk.precedence.table.masks.tolist()
    assert desk.good(mask_of(found.closest.names)) == pytest.approx(max(map(desk.good, masks)))
    goal = desk.good(255) - 0.1 * (desk.good(255) - desk.good(0))
    assert found.as_whole.cost.mean == desk.least(goal)
    assert found.as_whole.targets[0].target.goal == pytest.approx(goal, abs=1e-6)
    assert not found.whole.met
    assert found.whole.chance.mean == 0


def test_chance_that_a_run_meets_all_targets():
    """Two targets on the same luck: a run meets both if it meets the harder one."""
    precedence = Precedence.of({"a": []})
    game = Game(precedence, ("x",), lambda cells: np.array([[mask + number % 10 / 10] for mask, number in cells]))
    targets = [Target("easy", "x", 1.2), Target("hard", "x", 1.4)]
    found = cheapest(game, targets, Pricing("number", np.ones(1)), Care(10, 100, 50))
    assert [one.chance.mean for one in found.sufficient.targets] == [0.8, 0.6]
    assert found.sufficient.chance.mean == 0.6
    assert found.sufficient.chance.low == pytest.approx(0.497, abs=0.001)  # Clopper and Pearson, 60 of 100
    assert found.sufficient.met  # on average, 1.45


def test_set_that_only_luck_let_pass_is_not_taken():
    """Screening replications flatter 'a'; the fresh ones do not."""
    precedence = Precedence.of({"a": [], "b": []})

    def worth(cells):
        return np.array([[(mask & 1) * (number < FRESH) + (mask >> 1)] for mask, number in cells], float)

    pricing = pricing_of({"a": 1.0, "b": 2.0}, "ab", ("x",), "cost")
    found = cheapest(Game(precedence, ("x",), worth), [Target("x", "x", 1.0)], pricing, Care(3, 5, 50))
    assert found.sufficient.names == ("b",)


def test_eased_goals():
    targets = [Target("met", "x", 0.5), Target("missed", "x", 0.9), Target("low", "x", 1.0, at_most=True)]
    goals = [one.goal for one in eased(targets, np.array([0.2, 0.2, 5.0]), np.array([0.6, 0.6, 3.0]), 0.25)]
    assert goals == pytest.approx([0.5, 0.5, 3.5])


def test_what_makes_no_sense_is_refused():
    desk = Desk(0)
    with pytest.raises(ParameterError, match="no targets"):
        cheapest(desk.game, [], desk.given, Care())
    with pytest.raises(ParameterError, match="--fresh: too few replications; allowed: 2 or more; given: 1"):
        Care(5, 1).checked()
    with pytest.raises(ParameterError, match=r"--search: not a number of runs; allowed: 0 \(no search\) or more"):
        Care(budget=-5).checked()
    with pytest.raises(ParameterError, match="--within: not a margin"):
        Care(within=1.5).checked()
