"""The best of many alternatives with a stated guarantee: the fully sequential procedure KN of Kim and Nelson (2001).

Every alternative is run a first time; from then on, whoever is beaten beyond what chance can explain is dropped, and
only the others are run on. If the best is better than every other by at least the indifference zone delta, it is
selected with probability 1 - alpha or more. Where others are closer than that the proof is silent; one of those within
delta is then selected (measured by `tests.repeated.coverage`). It holds for normal observations, independent from
replication to replication, whatever their dependence between alternatives: common random numbers may be used, and make
differences sharp. Alternatives are looked at after batches of replications instead of after each; the boundary that
the proof uses is crossed wrongly no more often by a process that is looked at more rarely (Jennison, Johnstone and
Turnbull 1982).

Beside the sizes it used stand those of two-stage procedures with the same guarantee and the same first stage: equal
allocation under common random numbers (Clark and Yang 1986, a Bonferroni procedure), and Rinott's (1978) without.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from scenarios.estimate import Values, checked_confidence
from scenarios.experiments import evaluate
from scenarios.ranking import Aim
from scenarios.store import Folder
from sim.errors import ParameterError, Problem
from sim.run import Engine
from sim.schema import Document

Observe = Callable[[Sequence[str], range], Mapping[str, Values]]
"""From alternatives and numbers of replications to a value for each of these."""
FIRST = 20
MOST = 1000
_FEWEST = 5
_GROWTH = 10
_NODES = 400


@dataclass(frozen=True, slots=True)
class Aims:
    """What a selection promises.

    Attributes
    ----------
    delta : float
        Indifference zone, in the metric's unit: a difference worth detecting.
    aim : {"highest", "lowest"}
        What is best.
    confidence : float
        Probability of a correct selection.
    first : int
        Replications of every alternative at first, from which variances are taken.
    most : int
        Replications of an alternative at most; a selection that is not decided by then promises nothing.
    """

    delta: float
    aim: Aim = "highest"
    confidence: float = 0.95
    first: int = FIRST
    most: int = MOST

    def checked(self, alternatives: int) -> Aims:
        """The same, if it can be promised.

        Raises
        ------
        ParameterError
            If there are too few alternatives or replications, no indifference zone, or a promise below chance.
        """
        checked_confidence(self.confidence)
        for fine, what, place, allowed, given in (
            (alternatives >= 2, "nothing to select from", "", "two alternatives or more", str(alternatives)),
            (self.delta > 0, "no indifference zone", "--delta", "above 0", f"{self.delta:g}"),
            (self.first >= _FEWEST, "too few replications at first", "--first", f"{_FEWEST} or more", str(self.first)),
            (self.most > self.first, "fewer replications at most than at first", "--most", f"above {self.first}",
             str(self.most)),
        ):  # fmt: skip
            if not fine:
                raise ParameterError(Problem(what, place, allowed=allowed, given=given))
        if self.confidence <= 1 / alternatives:
            allowed = f"above {1 / alternatives:.0%}, which blind choice reaches"
            raise ParameterError(Problem("a promise below chance", "--confidence", allowed=allowed))
        return self


@dataclass(frozen=True, slots=True)
class Alternative:
    """What became of one alternative.

    Attributes
    ----------
    name : str
    n : int
        Replications that it was given.
    mean : float
        Over these.
    dropped_by : str or None
        Who beat it; None: it was there at the end.
    equal, rinott : int
        Replications that equal allocation under common random numbers, and Rinott's procedure, would have given it.
    """

    name: str
    n: int
    mean: float
    dropped_by: str | None
    equal: int
    rinott: int


@dataclass(frozen=True, slots=True)
class Selection:
    """The alternative selected, and what it cost to find it.

    Attributes
    ----------
    best : str
        With the best mean of those left.
    decided : bool
        Whether the promise holds; not if the most replications came before all but one were dropped.
    left : tuple of str
        Who was still there at the end.
    alternatives : tuple of Alternative
        The best first.
    aims : Aims
    """

    best: str
    decided: bool
    left: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    aims: Aims

    @property
    def total(self) -> int:
        """Replications of all alternatives together."""
        return sum(one.n for one in self.alternatives)

    @property
    def equal(self) -> int:
        """What equal allocation under common random numbers would have taken."""
        return sum(one.equal for one in self.alternatives)

    @property
    def rinott(self) -> int:
        """What Rinott's procedure, without common random numbers, would have taken."""
        return sum(one.rinott for one in self.alternatives)

    @property
    def method(self) -> str:
        """The procedure and its promise, in words."""
        promise = (
            f"the best is selected with at least {self.aims.confidence:.0%}, if it leads by the indifference zone"
            if self.decided
            else f"stopped at {self.aims.most:,} replications before it was decided: nothing is promised"
        )
        how = f"fully sequential, common random numbers, first stage of {self.aims.first}"
        return f"Kim and Nelson (2001), {how}: {promise}"

    def table(self) -> pd.DataFrame:
        """One row per alternative."""
        return pd.DataFrame([asdict(one) for one in self.alternatives])

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "best": self.best,
            "decided": self.decided,
            "left": list(self.left),
            "aim": self.aims.aim,
            "delta": self.aims.delta,
            "confidence": self.aims.confidence,
            "first": self.aims.first,
            "most": self.aims.most,
            "method": self.method,
            "replications": {"used": self.total, "equal_allocation": self.equal, "rinott": self.rinott},
            "alternatives": [asdict(one) for one in self.alternatives],
        }


def select(observe: Observe, names: Sequence[str], aims: Aims) -> Selection:
    """Select the best alternative.

    Parameters
    ----------
    observe : callable
        Asked for replications in the order of their numbers; alternatives that are dropped are not asked for again.
    names : sequence of str
    aims : Aims

    Raises
    ------
    ParameterError
        If nothing can be promised (`Aims.checked`), or an observation is not a number.
    """
    aims.checked(len(names))
    race = _Race(observe, tuple(names), aims)
    race.run()
    return race.selection()


class _Race:
    """Alternatives under way; values are turned so that the greatest is the best."""

    def __init__(self, observe: Observe, names: tuple[str, ...], aims: Aims) -> None:
        self.observe, self.names, self.aims = observe, names, aims
        self.sign = 1.0 if aims.aim == "highest" else -1.0
        self.values: dict[str, Values] = {name: np.empty(0) for name in names}
        self.left = list(names)
        self.dropped: dict[str, str] = {}
        self._more(range(aims.first))
        self.firsts = np.array([self.values[name] for name in names])
        self.place = {name: number for number, name in enumerate(names)}
        self.variances = paired_variances(self.firsts)
        self.reach = h_squared(len(names), aims.first, aims.confidence) * self.variances / aims.delta**2

    @property
    def n(self) -> int:
        """Replications of those who are left."""
        return len(self.values[self.left[0]])

    def run(self) -> None:
        """Screen and run on until one is left, the boundary is closed, or the most replications are used."""
        self._screen()
        while len(self.left) > 1 and self.n <= self._longest() and self.n < self.aims.most:
            following = min(self.n + batch_after(self.n), math.floor(self._longest()) + 1, self.aims.most)
            self._more(range(self.n, following))
            self._screen()

    def _longest(self) -> float:
        """Replications after which the boundary of every pair that is left is closed."""
        places = [self.place[name] for name in self.left]
        return float(self.reach[np.ix_(places, places)].max())

    def _more(self, numbers: range) -> None:
        found = self.observe(tuple(self.left), numbers)
        for name in self.left:
            new = np.asarray(found[name], np.float64)
            if np.isnan(new).any():
                number = numbers[int(np.flatnonzero(np.isnan(new))[0])]
                what = f"not defined for {name!r} in replication {number}"
                raise ParameterError(Problem(what, "--metric", fix="Select by a metric that every run has."))
            self.values[name] = np.append(self.values[name], self.sign * new)

    def _screen(self) -> None:
        """Drop whoever is behind somebody by more than the boundary allows."""
        places = np.array([self.place[name] for name in self.left])
        means = np.array([self.values[name].mean() for name in self.left])
        allowed = np.maximum(self.aims.delta / 2 * (self.reach[np.ix_(places, places)] / self.n - 1), 0.0)
        behind = means[None, :] - means[:, None] - allowed  # by how much the second beats the first
        np.fill_diagonal(behind, -math.inf)
        by = behind.argmax(axis=1)
        gone = [number for number in range(len(places)) if behind[number, by[number]] > 0]
        self.dropped |= {self.left[number]: self.left[by[number]] for number in gone}
        self.left = [name for number, name in enumerate(self.left) if number not in gone]

    def selection(self) -> Selection:
        """What was found."""
        means = {name: float(values.mean()) for name, values in self.values.items()}
        best = max(self.left, key=lambda name: means[name])
        equal = clark_yang(self.variances, self.aims)
        rinott = rinott_sizes(self.firsts.var(axis=1, ddof=1), self.aims)
        order = sorted(self.names, key=lambda name: (name != best, name not in self.left, -means[name]))
        return Selection(
            best=best,
            decided=len(self.left) == 1 or self.n > self._longest(),
            left=tuple(self.left),
            alternatives=tuple(
                Alternative(
                    name, len(self.values[name]), self.sign * means[name], self.dropped.get(name), equal,
                    rinott[self.place[name]],
                )
                for name in order
            ),
            aims=self.aims,
        )  # fmt: skip


def batch_after(n: int) -> int:
    """How many replications are run before the next look: a tenth more, five at least."""
    return max(_FEWEST, n // _GROWTH)


def paired_variances(firsts: Values) -> Values:
    """Variances of all differences between alternatives, from first stages (alternatives x replications)."""
    return np.array([(firsts - one).var(axis=1, ddof=1) for one in firsts])


def h_squared(alternatives: int, first: int, confidence: float) -> float:
    """The constant of the boundary, with c = 1 (Kim and Nelson 2001, section 3)."""
    eta = ((2 * (1 - confidence) / (alternatives - 1)) ** (-2 / (first - 1)) - 1) / 2
    return 2 * eta * (first - 1)


def clark_yang(variances: Values, aims: Aims) -> int:
    """Replications of each alternative under equal allocation and common random numbers (Clark and Yang 1986)."""
    t = stats.t.ppf(1 - (1 - aims.confidence) / (len(variances) - 1), aims.first - 1)
    return max(aims.first, math.ceil(float(t**2 * variances.max() / aims.delta**2)))


def rinott_sizes(variances: Values, aims: Aims) -> list[int]:
    """Replications of each alternative under Rinott's procedure, from their own variances."""
    h = rinott(len(variances), aims.first, aims.confidence)
    return [max(aims.first, math.ceil(float(h**2 * one / aims.delta**2))) for one in variances]


@lru_cache(maxsize=64)
def rinott(alternatives: int, first: int, confidence: float) -> float:
    """Rinott's constant h.

    The solution of E[E[Phi(h / sqrt(v (1 / X + 1 / Y))) | Y] ** (k - 1)] = 1 - alpha, X and Y being chi-squared with
    v = first - 1 degrees of freedom.
    """
    degrees = first - 1
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    drawn = stats.chi2.ppf((nodes + 1) / 2, degrees)
    root = np.sqrt(degrees * (1 / drawn[:, None] + 1 / drawn[None, :]))
    weights = weights / 2

    def missing(h: float) -> float:
        inner = weights @ special.ndtr(h / root)
        return float(weights @ inner ** (alternatives - 1)) - confidence

    return float(optimize.brentq(missing, 1e-6, 200.0))


# --- scenarios as alternatives ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Field:
    """Scenarios to select from, the metric that decides, and where their runs are kept.

    Attributes
    ----------
    documents : mapping of str to Document
    metric : str
    of : str or None
        Queue, group, stream, tier or cost line; all together unless given.
    folder : Folder
    seed : int
    engine : {"kernel", "reference"}
    executor : Executor or None
    told : callable or None
        Called with the number of alternatives left and of replications that each has.
    """

    documents: Mapping[str, Document]
    metric: str
    of: str | None
    folder: Folder
    seed: int = 1
    engine: Engine = "kernel"
    executor: Executor | None = None
    told: Callable[[int, int], None] | None = None

    def observe(self, names: Sequence[str], numbers: range) -> dict[str, Values]:
        """Each replication's own value of the metric: NaN where it is not defined."""
        if self.told:
            self.told(len(names), numbers.start)
        outcomes = evaluate(
            {name: self.documents[name] for name in names}, numbers, self.seed,
            folder=self.folder, executor=self.executor, engine=self.engine,
        )  # fmt: skip
        found = {}
        for one in outcomes:
            above, below = one.values(self.metric, self.of)
            with np.errstate(invalid="ignore", divide="ignore"):
                found[one.name] = np.where(below > 0, above / below, np.nan)
        return found
