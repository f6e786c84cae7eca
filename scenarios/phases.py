"""The phases of a scenario file: what a run looks like that follows its programme."""

from __future__ import annotations

from scenarios.interventions import apply
from sim.errors import Problem, ScenarioError
from sim.phases import PhasedModel, Variant, combine
from sim.schema import Document


def phased(document: Document) -> PhasedModel:
    """A model in which the interventions of each phase hold for its cases, and its people are there while it lasts.

    Raises
    ------
    ScenarioError
        If there are no phases, if the interventions of one do not go together, or if one changes what cannot change
        within a run.
    """
    scenario = document.scenario
    if not scenario.phases:
        raise ScenarioError(Problem("no phases to follow", file=document.file, fix="Add them under 'phases'."))
    variants = [
        Variant(name, phase, apply(document, phase.interventions).scenario) for name, phase in scenario.phases.items()
    ]
    return combine(scenario, variants)
