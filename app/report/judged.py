"""What a report shows of the model of satisfaction and of the scorecard: every weight, and what it did."""

from __future__ import annotations

import math
from typing import Any

from app.numbers import NOTHING, points
from scenarios.replications import Result
from sim.metrics.service import EFFECTS, Effect


def judged(result: Result, confidence: float) -> dict[str, Any]:
    """Tables for the page; empty where the scenario has no such thing."""
    return {"opinion": _opinion(result, confidence), "scores": _scores(result)}


def _opinion(result: Result, confidence: float) -> dict[str, Any]:
    """Each effect with its weight, range and most, and the points that it costs a case on average."""
    model = result.frame.service.opinion if result.frame.service else None
    if model is None:
        return {}
    weighed = [(name, effect) for name, effect in zip(EFFECTS, model.effects, strict=True) if effect.most > 0]
    return {
        "model": model,
        "effects": [
            (name, _weight(effect), f"{effect.most:g}", _chance(effect), result.estimate(lost, confidence=confidence))
            for name, effect in weighed
            for lost in [f"lost_to_{name.replace(' ', '_').replace('-', '_')}"]
        ],
    }


def _weight(effect: Effect) -> str:
    spread = effect.lowest < effect.highest
    return f"{effect.points:g}" + (f" ({effect.lowest:g} to {effect.highest:g})" if spread else "")


def _chance(effect: Effect) -> str:
    return NOTHING if effect.chance == 1 else f"{100 * effect.chance:g} %"


def _scores(result: Result) -> dict[str, Any]:
    """Teams and channels, then the agents by their score."""
    card = result.scorecard()
    if not card or result.frame.service is None:
        return {}
    agents = sorted((one for one in card if one.kind == "agent"), key=lambda one: -_known(one.score))
    return {
        "weights": {one.name: f"{one.weight:g}" for one in result.frame.service.scorecard},
        "rows": [
            (one.kind, one.name, points(one.score), [points(value) for value in one.values.values()])
            for one in [*(one for one in card if one.kind != "agent"), *agents]
        ],
    }


def _known(score: float) -> float:
    return -1.0 if math.isnan(score) else score
