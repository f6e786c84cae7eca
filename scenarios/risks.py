"""The risk register: what each risk does to the operation if it happens, times its likelihood."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from scenarios.comparison import Difference, compare
from scenarios.estimate import checked_confidence
from scenarios.interventions import apply
from scenarios.logs import Runs
from scenarios.replications import Progress, Result, replicate
from sim.build import build
from sim.errors import ParameterError, Problem, ScenarioError
from sim.metrics import find
from sim.schema import Document
from sim.schema.change import Disruption, Risk

METRICS = ("service_level", "first_response_time", "lost_rate")
"""What a risk is weighed by, unless others are given; the first ranks the risks."""
_DISRUPTION = {str(field.alias) for field in Disruption.model_fields.values()}


@dataclass(frozen=True, slots=True)
class RiskEffect:
    """One metric under one risk.

    Attributes
    ----------
    risk, metric, unit : str
    likelihood : float
    usual : float or None
        The metric without the risk.
    effect, low, high : float or None
        Difference that the risk makes if it happens, paired, with its interval; None for a risk of costs alone.
    expected, expected_low, expected_high : float or None
        Likelihood times these.
    rest, rest_low, rest_high : float or None
        The difference if the response's interventions are on, against the same interventions without the risk.
    expected_rest : float or None
        Likelihood times it; None without interventions.
    """

    risk: str
    metric: str
    unit: str
    likelihood: float
    usual: float | None
    effect: float | None
    low: float | None
    high: float | None
    expected: float | None
    expected_low: float | None
    expected_high: float | None
    rest: float | None
    rest_low: float | None
    rest_high: float | None
    expected_rest: float | None


@dataclass(frozen=True, slots=True)
class Register:
    """A risk register.

    Attributes
    ----------
    effects : tuple of RiskEffect
    risks : dict of str to Risk
        As written, in the order of their weight: harm expected in the first metric, then costs expected.
    metrics : tuple of str
    confidence : float
    n : int
        Paired replications.
    """

    effects: tuple[RiskEffect, ...]
    risks: dict[str, Risk]
    metrics: tuple[str, ...]
    confidence: float
    n: int

    def get(self, risk: str, metric: str) -> RiskEffect:
        """One metric under one risk."""
        return next(one for one in self.effects if (one.risk, one.metric) == (risk, metric))

    def plain(self) -> dict[str, Any]:
        """As JSON has it: ``{"risks": {name: {likelihood, response, ..., metrics: {name: {...}}}}}``."""
        found = {}
        for name, risk in self.risks.items():
            metrics = {metric: asdict(self.get(name, metric)) for metric in self.metrics}
            for values in metrics.values():
                del values["risk"], values["metric"], values["likelihood"]
            said = {key: getattr(risk, key) for key in ("likelihood", "response", "by", "measure", "owner", "costs")}
            found[name] = said | {"expected_costs": risk.likelihood * risk.costs, "metrics": metrics}
        return {"confidence": self.confidence, "replications": self.n, "risks": found}

    def table(self) -> pd.DataFrame:
        """One row per risk and metric, the heaviest risk first, with response, measure, owner and expected costs."""
        rows: list[dict[str, Any]] = []
        for name, risk in self.risks.items():
            said = {"response": risk.response, "by": ", ".join(risk.by), "measure": risk.measure, "owner": risk.owner,
                    "costs": risk.costs, "expected_costs": risk.likelihood * risk.costs}  # fmt: skip
            rows += [asdict(self.get(name, metric)) | said for metric in self.metrics]
        return pd.DataFrame(rows)


def register(
    document: Document,
    metrics: Sequence[str] = METRICS,
    runs: Runs | None = None,
    *,
    confidence: float = 0.95,
    workers: int = 1,
    progress: Progress | None = None,
) -> Register:
    """Run a scenario with and without each of its risks, under the same chance.

    Parameters
    ----------
    document : Document
    metrics : sequence of str
        What is harmed; the first decides which risk weighs most. One that is named twice counts once.
    runs : Runs, optional
    confidence : float
        Of each interval by itself.
    workers : int
    progress : callable, optional

    Raises
    ------
    ScenarioError
        If the scenario names no risks.
    ParameterError
        If there is no such metric, or there are fewer than two replications.
    KeyboardInterrupt
        If a run was interrupted: some risks would rest on fewer replications than others.
    """
    runs, risks = (runs or Runs()), document.scenario.risks
    checked_confidence(confidence)
    metrics = list(dict.fromkeys(find(name).name for name in metrics))
    if runs.replications < 2:
        what = "too few replications to compare with and without a risk"
        raise ParameterError(Problem(what, allowed="2 or more", given=str(runs.replications)))
    if not risks:
        raise ScenarioError(Problem("no risks to weigh", file=document.file, fix="Add them under 'risks'."))
    study = _Study(runs, tuple(metrics), confidence, workers, progress, {})
    effects = [one for name, risk in risks.items() for one in study.effects_of(document, name, risk)]
    ranked = sorted(risks, key=lambda name: _weight(risks[name], name, effects, metrics[0]))
    return Register(
        tuple(effects), {name: risks[name] for name in ranked}, tuple(metrics), confidence, runs.replications
    )


def with_risk(document: Document, name: str) -> Document:
    """The scenario in which a risk happens."""
    written = {key: value for key, value in document.data["risks"][name].items() if key in _DISRUPTION}
    disruptions = {**document.data.get("disruptions", {}), f"risk: {name}": written}
    return document.with_data({**document.data, "disruptions": disruptions})


@dataclass(frozen=True, slots=True)
class _Study:
    runs: Runs
    metrics: tuple[str, ...]
    confidence: float
    workers: int
    progress: Progress | None
    usual: dict[tuple[str, ...], Result]

    def effects_of(self, document: Document, name: str, risk: Risk) -> list[RiskEffect]:
        """All metrics under a risk, without a response and with it."""
        bare = self._differences(document, name, ()) if risk.disruption.has_effect else {}
        answered = self._differences(document, name, tuple(risk.by)) if bare and risk.by else {}
        return [_effect(name, risk, metric, bare.get(metric), answered.get(metric)) for metric in self.metrics]

    def _differences(self, document: Document, name: str, by: tuple[str, ...]) -> dict[str, Difference]:
        chosen = apply(document, by) if by else document
        if by not in self.usual:
            self.usual[by] = self._run(chosen)
        found = compare(self.usual[by], {name: self._run(with_risk(chosen, name))}, self.confidence, self.metrics)
        return {one.metric: one for one in found.differences}

    def _run(self, document: Document) -> Result:
        runs = self.runs
        model = build(document.scenario)
        found = replicate(
            model, runs.replications, runs.seed, runs.engine, workers=self.workers, progress=self.progress
        )
        if not found.complete:
            raise KeyboardInterrupt
        return found


def _effect(name: str, risk: Risk, metric: str, bare: Difference | None, answered: Difference | None) -> RiskEffect:
    def times(value: float | None) -> float | None:
        return None if value is None else risk.likelihood * value

    mean, low, high = (bare.mean, bare.low, bare.high) if bare else (None, None, None)
    rest = (answered.mean, answered.low, answered.high) if answered else (None, None, None)
    return RiskEffect(
        name, metric, find(metric).unit, risk.likelihood, bare.baseline if bare else None,
        mean, low, high, times(mean), times(low), times(high), *rest, times(rest[0]),
    )  # fmt: skip


def _weight(risk: Risk, name: str, effects: list[RiskEffect], metric: str) -> tuple[float, float]:
    """The greatest harm first, where nothing is left to measure before all others; then the greatest costs."""
    costs = -risk.likelihood * risk.costs
    if not risk.disruption.has_effect:
        return 0.0, costs
    expected = next(one.expected for one in effects if (one.risk, one.metric) == (name, metric))
    if expected is None:
        return -math.inf, costs
    better = find(metric).better
    return {"higher": expected, "lower": -expected, "neither": -abs(expected)}[better], costs
