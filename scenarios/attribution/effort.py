"""How many runs an attribution takes, and what they are spent on."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.attribution.orders import Precedence
from sim.errors import ParameterError, Problem

NAMED = 8
"""Pairs whose interaction is simulated when not all combinations are."""
_BESIDE = 0.3
"""Part of a budget for what stands beside the shares."""


@dataclass(frozen=True, slots=True)
class Effort:
    """A plan of runs.

    Attributes
    ----------
    replications : int
        Batches; each has its own chance and, where orders are sampled, its own orders.
    pairs : int
        Sampled orders and their mirrored twins in each replication; 0: all combinations are run.
    beside : int
        Replications of alone, dropped, roll-out and interactions.
    runs : int
        At most.
    """

    replications: int
    pairs: int
    beside: int
    runs: int

    @property
    def all(self) -> bool:
        """Whether all combinations are run."""
        return self.pairs == 0

    @property
    def orders(self) -> int:
        """Orders sampled."""
        return 2 * self.pairs * self.replications

    @staticmethod
    def of(precedence: Precedence, budget: int, replications: int) -> Effort:
        """All combinations if the budget allows, else as many orders as fit; fewer replications if not one pair does.

        Raises
        ------
        ParameterError
            If there are too few replications for an interval, or the budget is too small for two.
        """
        if replications < 2:
            raise ParameterError(Problem("too few replications for intervals", "--replications", allowed="2 or more",
                                         given=str(replications)))  # fmt: skip
        if len(precedence) == 1:  # one order, so there is nothing to sample
            replications = min(replications, max(2, budget // 2))
        exact = precedence.combinations * replications
        if exact <= budget:
            return Effort(replications, 0, replications, exact)
        beside, pair = 3 * len(precedence) + 2 * NAMED, 2 * (len(precedence) - 1)
        least = 2 * (beside + pair + 2)
        if budget < least:
            raise ParameterError(
                Problem("a budget too small for intervals", "--budget", given=str(budget),
                        allowed=f"{min(least, exact)} runs or more")
            )  # fmt: skip
        few = max(2, min(replications, int(_BESIDE * budget / beside)))
        left = budget - few * beside
        many = min(replications, left // (pair + 2))
        pairs = (left - 2 * many) // (pair * many)
        return Effort(many, pairs, few, few * beside + many * (2 + pairs * pair))
