"""What a programme is to reach, and whether a month reaches it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Form = Literal["value", "cut", "gain"]
Measures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Target:
    """A value that a measure must reach.

    Attributes
    ----------
    name : str
    measure : str
        Which measure of a run.
    goal : float
    form : {"value", "cut", "gain"}
        Of the programme's month itself; the part by which it is below the baseline's month (0.4: 40 % shorter); or how
        much it lies above it.
    at_most : bool
        Whether less is better, and the goal an upper limit.
    unit : str
        Of the goal, for readers: ``share``, ``points``, ``s`` ...
    words : str
        As the case puts it.
    """

    name: str
    measure: str
    goal: float
    form: Form = "value"
    at_most: bool = False
    unit: str = ""
    words: str = ""

    @property
    def better(self) -> int:
        """1 if more of the measure is better, -1 if less is."""
        return -1 if self.at_most or self.form == "cut" else 1

    def score(self, baseline: Measures, programme: Measures) -> float:
        """What is compared with the goal; NaN where a measure is not defined."""
        before, after = baseline[self.measure], programme[self.measure]
        if self.form == "value":
            return after
        if self.form == "gain":
            return after - before
        return 1 - after / before if before else math.nan

    def margin(self, score: float) -> float:
        """By how much a score is on the good side of the goal; negative: missed by so much."""
        return self.goal - score if self.at_most else score - self.goal

    def met(self, score: float) -> bool:
        """Whether a score reaches the goal; an undefined one does not."""
        return self.margin(score) >= 0
