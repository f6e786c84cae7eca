"""What is measured in a run, by name: a metric, perhaps of one queue or tier, or a measure of the service programme."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scenarios.attribution.orders import Floats
from scenarios.experiments import Outcome
from scenarios.programme import flagship
from scenarios.programme.measures import Run
from sim.build import build
from sim.metrics import Frame, find, metrics_of, owner
from sim.schema import Document

Measure = Callable[[Run], float]
OF = " of "
_OWN = "programme: "
"""Before the names of measures that are no metrics, since they may be called the same."""


def is_flagship(document: Document) -> bool:
    """Whether a scenario is the library's service programme or a copy of it."""
    return set(flagship.PROGRAMME) <= set(document.scenario.interventions)


@dataclass(frozen=True)
class Outcomes:
    """Outcomes of runs.

    Attributes
    ----------
    names : tuple of str
        ``asa``, ``asa of billing``, or names of measures.
    units : mapping of str to str
    measures : mapping of str to callable
        Measures by name that are no metrics of the registry.
    """

    names: tuple[str, ...]
    units: Mapping[str, str]
    measures: Mapping[str, Measure]

    @property
    def asked(self) -> dict[str, Measure]:
        """Measures as `scenarios.experiments.evaluate` takes them."""
        return {_OWN + name: measure for name, measure in self.measures.items()}

    def of(self, one: Outcome) -> Floats:
        """Values of a scenario that was run (replications x outcomes)."""
        return np.column_stack([self._values(one, name) for name in self.names])

    def _values(self, one: Outcome, name: str) -> Floats:
        metric, _, of = name.partition(OF)
        above, below = one.values(_OWN + name) if name in self.measures else one.values(metric, of or None)
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = np.where(below != 0, above / below, np.nan)
        return found


@dataclass(frozen=True)
class Names:
    """What outcomes of a scenario can be called."""

    document: Document

    @cached_property
    def frame(self) -> Frame:
        """Names of queues, tiers and so on."""
        return build(self.document.scenario).frame

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """Measures that have names of their own."""
        return dict(flagship.MEASURES) if is_flagship(self.document) else {}

    @cached_property
    def defined(self) -> set[str]:
        """Metrics of the registry that say something about the scenario."""
        return {metric.name for metric in metrics_of(self.frame)}

    def known(self, name: str) -> str:
        """The name, if it stands for something.

        Raises
        ------
        ParameterError
            If there is no such metric, queue, tier ...
        """
        if name not in self.measures:
            metric, _, of = name.partition(OF)
            owner(self.frame, find(metric), of or None)
        return name

    def unit(self, name: str) -> str:
        """Its unit."""
        return flagship.CASE.unit(name) if name in self.measures else find(name.partition(OF)[0]).unit

    def outcomes(self, names: Iterable[str]) -> Outcomes:
        """Outcomes of these names, each once."""
        chosen = tuple(dict.fromkeys(names))
        return Outcomes(chosen, {name: self.unit(name) for name in chosen}, self.measures)
