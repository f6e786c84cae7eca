"""People for a service level by formula: Erlang C, Erlang A and the same queue with any patience.

The queue is M/M/n+G: Poisson arrivals, exponential handling, n people, patience of any distribution. Baccelli and
Hebuterne (1981); Zeltyn and Mandelbaum (2005), section 3: with H(x) the integral of P(patience > u) from 0 to x, the
offered wait V has the density v(x) = arrivals * exp(arrivals * H(x) - n x / AHT) / (e + arrivals * J), where J is the
integral of the exponential and e = 1 / B(n - 1) (Erlang B). Without patience this is Erlang C, with exponential
patience Erlang A.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.metrics.values import DUE, GOOD
from sim.theory.erlang import erlang_b

Floats = NDArray[np.float64]

_LEVEL = 1e-12
_SMALLEST = 1e-300
_MOST_PEOPLE = 100_000


@dataclass(frozen=True, slots=True)
class ImpatientQueue:
    """A queue in equilibrium.

    Attributes
    ----------
    arrivals_per_s, aht_s, within_s : float
    patience_s : float array
        Equally likely patiences, infinite for those who wait for ever; empty if nobody gives up.
    formula : {"SL1", "SL2", "SL3", "SL4"}
    """

    arrivals_per_s: float
    aht_s: float
    within_s: float
    patience_s: Floats
    formula: str

    @property
    def load(self) -> float:
        """Offered load, in people."""
        return self.arrivals_per_s * self.aht_s

    def shares(self, people: int) -> dict[str, float]:
        """Shares of all contacts: answered, abandoned, and each within the acceptable wait.

        Nobody is answered in the long run where people are too few for contacts that never give up.
        """
        lasting = float(np.isinf(self.patience_s).mean()) if self.patience_s.size else 1.0
        if self.load * lasting >= people:
            return {"answered": 1.0, "answered_in_time": 0.0, "abandoned": 0.0, "abandoned_in_time": 0.0}
        starts, gone, waiting, at_once = self._pieces(people)
        in_time = starts < self.within_s
        whole = at_once + waiting.sum()
        losing = waiting * gone
        gone_by_then = gone[starts == self.within_s][0]
        return {
            "answered": float(1 - losing.sum() / whole),
            "answered_in_time": float((at_once + (waiting - losing)[in_time].sum()) / whole),
            "abandoned": float(losing.sum() / whole),
            "abandoned_in_time": float((losing[in_time].sum() + gone_by_then * waiting[~in_time].sum()) / whole),
        }

    def service_level(self, people: int) -> float:
        """Service level by the formula, 0 to 1."""
        shares = self.shares(people)
        good, due = (sum(sign * shares[name] for name, sign in t[self.formula]) for t in (GOOD, DUE))
        return good / due if due > 0 else 1.0

    def people_for(self, level: float) -> int:
        """Fewest people that reach a service level; 0 where nothing arrives."""
        if self.load == 0:
            return 0
        low, high = 0, 1
        while self.service_level(high) < level and high < _MOST_PEOPLE:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.service_level(middle) >= level else (middle, high)
        return high

    def _pieces(self, people: int) -> tuple[Floats, Floats, Floats, float]:
        """The density's integral, exact between the patiences of the sample, where its logarithm is a straight line.

        Returns
        -------
        (starts, gone, waiting, at_once)
            Start of each piece in seconds, the share whose patience is over in it, the integral of the density over
            it, and the weight of no wait, the last two up to a common factor.
        """
        finite = self.patience_s[np.isfinite(self.patience_s)]
        starts = np.unique(np.concatenate([[0.0, self.within_s], finite]))
        gone = np.searchsorted(self.patience_s, starts, side="right") / max(self.patience_s.size, 1)
        slope = self.arrivals_per_s * (1 - gone) - people / self.aht_s
        heights = np.concatenate([[0.0], np.cumsum(slope[:-1] * np.diff(starts))])
        peak = heights.max()
        tops = np.exp(heights - peak)
        rises = np.append(np.diff(tops), -tops[-1])
        level = np.abs(slope) < _LEVEL
        lengths = np.append(np.diff(starts), 0.0)
        waiting = np.where(level, tops * lengths, rises / np.where(level, 1.0, slope))
        return starts, gone, self.arrivals_per_s * waiting, self._idle_weight(people) * math.exp(-peak)

    def _idle_weight(self, people: int) -> float:
        """1 / B(people - 1); so many people that nobody waits weigh as much as numbers allow."""
        return 1 / max(erlang_b(self.load, people - 1), _SMALLEST)
