"""The risk register, as tables of the terminal and of pages have it."""

from __future__ import annotations

from app.numbers import NOTHING, difference, with_unit
from scenarios.risks import Register, RiskEffect
from sim.schema.change import Risk

COLUMNS = (
    *("Risk", "Likelihood", "If it happens", "Times likelihood", "With the response", "Response", "Expected costs"),
)
TEXTS = (0, 5)
"""Columns that are no numbers."""


def risk_rows(found: Register, metric: str) -> list[tuple[str, ...]]:
    """One metric: a row for each risk, the heaviest first."""
    return [_row(name, risk, found.get(name, metric)) for name, risk in found.risks.items()]


def _row(name: str, risk: Risk, one: RiskEffect) -> tuple[str, ...]:
    return (
        name,
        with_unit(risk.likelihood, "share"),
        difference(one.effect, one.low, one.high, one.unit),
        difference(one.expected, one.expected_low, one.expected_high, one.unit),
        difference(one.rest, one.rest_low, one.rest_high, one.unit),
        risk.response,
        f"{risk.likelihood * risk.costs:,.0f}" if risk.costs else NOTHING,
    )


def remarks(found: Register) -> list[str]:
    """What a reader must know of these numbers."""
    said = ["'Times likelihood' is what a risk does on average, over all the times in which it happens or does not."]
    bare = [name for name, risk in found.risks.items() if not risk.disruption.has_effect]
    if bare:
        said.append(f"Of costs alone, without an effect that can be simulated: {', '.join(bare)}.")
    if any(risk.by for risk in found.risks.values()):
        said.append(
            "'With the response': what the risk still does once the interventions that answer it are on, against the "
            "same interventions without the risk."
        )
    return said
