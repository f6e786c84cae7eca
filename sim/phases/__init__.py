"""Phases: a scenario in which others hold for cases that arrive in a phase, and for people while it lasts.

A phase's scenario is the base with the phase's interventions. All are made one model:

- *Processes* that differ stand in it beside the base's, with the same addresses of steps, so that a case has the same
  draws in either; a case takes the way in of its phase when it arrives, and keeps to it (`ways`).
- *Queues* whose routing differs are queues of their own for the cases of the phase.
- *Streams* that differ in more than their rate are streams of their own with part of the rate (`demand`).
- *People and skills* are those of the phase in force by date, whatever cases they serve (`people`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from sim.build import Model, build_numbered, clock_of
from sim.build.numbers import Numbers
from sim.phases.demand import rates_over
from sim.phases.merge import Variant, merge
from sim.phases.people import agent_borders, roster_over, skills_over
from sim.phases.ways import entries_over
from sim.roster import Roster
from sim.schema.model import Scenario

__all__ = ["PhasedModel", "Variant", "combine"]


@dataclass(frozen=True)
class PhasedModel(Model):
    """A model with phases.

    Attributes
    ----------
    ways : mapping of str to tuple of str
        For each stream the phase behind each of its ways in (column VARIANT of the log's cases); the last is the base.
    set_aside : tuple of (str, str)
        Phases and what they change without effect: what is counted after the log has the base's rules.
    """

    ways: Mapping[str, tuple[str, ...]]
    set_aside: tuple[tuple[str, str], ...]


def combine(base: Scenario, variants: Sequence[Variant]) -> PhasedModel:
    """One model of a scenario and its phases.

    Parameters
    ----------
    base : Scenario
    variants : sequence of Variant
        Phases in their listed order, each with its scenario.

    Raises
    ------
    ScenarioError
        If a phase changes what cannot change within a run.
    """
    clock = clock_of(base)
    merged = merge(base, variants, clock)
    numbers = Numbers(merged.scenario, merged.besides)
    model = build_numbered(numbers)
    skills, eras = skills_over(merged, numbers, clock)
    entries, streams, ways = entries_over(merged, numbers, model.network.streams)
    changed = {
        "network": model.network._replace(
            entries=entries, streams=streams, skills=skills, groups=agent_borders(merged, numbers, model.network.groups)
        ),
        "roster": Roster(roster_over(merged, numbers, clock), eras, clock.end_us),
        "rates": rates_over(merged, clock, model.rates),
    }
    rest = {one.name: getattr(model, one.name) for one in fields(Model)}
    set_aside = tuple(dict.fromkeys(merged.set_aside))
    return PhasedModel(**{**rest, **changed}, ways=ways, set_aside=set_aside)
