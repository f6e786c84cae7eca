"""Assumptions marked as tuned, chosen inside their ranges so that the baseline shows the facts.

Done once, before any intervention is looked at; then the values stand in the scenario and are not touched again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scenarios.programme.parameters import Floats, Parameter, values_at
from scenarios.programme.proposals import Surface, aimed, fit, hypercube
from scenarios.programme.study import BASELINE, Job, Study, Variant


@dataclass(frozen=True, slots=True)
class Tuned:
    """A tuned assumption: what stands in the scenario, and what should (a factor on it, for ranges of factors)."""

    parameter: Parameter
    value: float


@dataclass(frozen=True, slots=True)
class Tuning:
    """Values to write into the scenario, and what the facts' measures are before and with them, means over months."""

    values: list[Tuned]
    before: dict[str, float]
    after: dict[str, float]


_NEAR = 0.4
"""Width of the stretch around the present value, as a part of its range, in which settings are tried."""


def tune(study: Study, points: int = 16, months: int = 6) -> Tuning:
    """Look for values near the present ones with which the baseline shows the middle of each fact's range.

    Parameters
    ----------
    study : Study
    points : int
        Trial settings of the tuned assumptions, a Latin hypercube around the present ones.
    months : int
        Replications to judge the present and the found values by.
    """
    facts = study.task.case.facts
    present = np.array([one.place for one in tuned_of(study)])
    before = _means(study, [one.present for one in tuned_of(study)], months)
    surface = _through(_surface(study, points, present), present, np.array([before[fact.measure] for fact in facts]))
    found = aimed(present[None, :], surface, facts, study.task.seed, inner=0.0)[0]
    values = values_at(tuned_of(study), found)
    after = _means(study, values, months)
    return Tuning([Tuned(*pair) for pair in zip(tuned_of(study), values, strict=True)], before, after)


def tuned_of(study: Study) -> list[Parameter]:
    """The assumptions marked as tuned."""
    return [one for one in study.task.parameters if one.mark.role == "tuned"]


def _surface(study: Study, points: int, present: Floats) -> Surface:
    """A linear picture of the facts near the present values."""
    facts = study.task.case.facts
    cube = np.clip(present + _NEAR * (hypercube(points, len(present), study.task.seed + 3) - 0.5), 0, 1)
    jobs = [_job(study, place, values_at(tuned_of(study), point)) for place, point in enumerate(cube)]
    seen = study.results(jobs, "settings of the tuned assumptions")
    return fit(cube, np.array([[measures[fact.measure] for fact in facts] for measures in seen]))


def _through(surface: Surface, place: Floats, seen: Floats) -> Surface:
    """The picture moved so that it shows what was seen at a place."""
    return replace(surface, level=surface.level + seen - surface.level - surface.slope @ (place - 0.5))


def _job(study: Study, number: int, values: list[float]) -> Job:
    """The baseline with tuned assumptions at these values and all others as they stand."""
    chosen = dict(zip([one.name for one in tuned_of(study)], values, strict=True))
    full = tuple(chosen.get(one.name, one.present) for one in study.task.parameters)
    return Job(number, full, Variant(BASELINE), "tune")


def _means(study: Study, values: list[float], months: int) -> dict[str, float]:
    found = study.results([_job(study, number, values) for number in range(months)], "the baseline")
    return {fact.measure: float(np.mean([one[fact.measure] for one in found])) for fact in study.task.case.facts}
