"""What combinations of interventions are worth, however that is found out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from scenarios.attribution.orders import Floats, Precedence
from scenarios.estimate import Estimate, half_width
from sim.errors import ParameterError, Problem

Cell = tuple[int, int]
"""A combination and the number of a replication."""
Worth = Callable[[Sequence[Cell]], Floats]
"""Values of cells (cells x outcomes); it may run them side by side, and keeps what it has run."""


@dataclass(frozen=True)
class Game:
    """Interventions as players.

    Attributes
    ----------
    precedence : Precedence
    outcomes : tuple of str
        What is measured in each run.
    worth : callable
    known : dict
        Cells whose values are known by now.
    """

    precedence: Precedence
    outcomes: tuple[str, ...]
    worth: Worth
    known: dict[Cell, Floats] = field(default_factory=dict)

    def run(self, cells: Iterable[Cell]) -> None:
        """Find out what cells are worth, those that are not known yet, together.

        Raises
        ------
        ParameterError
            If an outcome is not defined in one.
        """
        missing = [cell for cell in dict.fromkeys(cells) if cell not in self.known]
        if not missing:
            return
        found = np.asarray(self.worth(missing), np.float64)
        for cell, values in zip(missing, found, strict=True):
            self._check(cell, values)
            self.known[cell] = values

    def _check(self, cell: Cell, values: Floats) -> None:
        if not np.isfinite(values).all():
            name = self.outcomes[int(np.flatnonzero(~np.isfinite(values))[0])]
            with_ = ", ".join(self.precedence.listed(cell[0])) or "nothing"
            raise ParameterError(
                Problem(f"{name} is not defined in replication {cell[1]} with {with_} switched on",
                        fix="Attribute another metric, or measure a longer time.")
            )  # fmt: skip

    def values(self, masks: Sequence[int], replications: Sequence[int]) -> Floats:
        """Values (replications x combinations x outcomes)."""
        self.run((mask, number) for number in replications for mask in masks)
        return np.array([[self.known[mask, number] for mask in masks] for number in replications])

    def gains(self, masks: Sequence[int], replications: Sequence[int]) -> Floats:
        """Values less those of nothing in the same replication."""
        return self.values(masks, replications) - self.values([0], replications)


def estimate(values: Floats, unit: str, confidence: float) -> Estimate:
    """Mean of independent numbers with its Student interval."""
    n, mean = len(values), float(np.mean(values))
    if n < 2:
        return Estimate(mean, None, None, unit, n, "one replication: no confidence interval")
    half = float(half_width((values - mean)[:, None], confidence)[0])
    return Estimate(mean, mean - half, mean + half, unit, n, f"{confidence:.0%}: mean over replications, Student t")
