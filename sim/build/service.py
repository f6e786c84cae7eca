"""What is judged after the log, as numbers and arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from sim.codes import Step as Kind
from sim.metrics import service as judged
from sim.metrics.presence import parts_of
from sim.metrics.service import EFFECTS, TARGETS
from sim.network import Tables
from sim.schema.judged import steps_named
from sim.schema.people import Group
from sim.schema.service import ONCE, REPEATED, Losses, Money, Satisfaction, Tier
from sim.units import DAY_US

if TYPE_CHECKING:
    from sim.build import Model

_YEAR_US = 365 * DAY_US
_FIELDS = tuple(Losses.model_fields)
"""Fields of losses, in the order of `EFFECTS`."""


def all_parts(model: Model) -> frozenset[str]:
    """Every part that a scenario has (`sim.metrics.frame.PARTS`)."""
    return frozenset([*parts_of(model.network), *_parts(model)])


def _parts(model: Model) -> Iterator[str]:
    scenario = model.scenario
    groups = scenario.people.values()
    if any(group.cost is not None or _are_away(group) for group in groups):
        yield "paid hours"
    written = [step for steps in scenario.process.values() for step in steps.values()]
    if any(step.bot is not None for step in written):
        yield "bot"
    if any(step.approve is not None for step in written):
        yield "approvals"
    if scenario.repeat_within is not None:
        yield "repeats"
    wrong = any(_wrong_tiers(model))
    if wrong:
        yield "assigned tiers"
    for number, target in enumerate(TARGETS):
        if any(tier.limits[number] is not None for tier in scenario.tiers.values()):
            yield f"{target} within"
            if wrong:
                yield f"assigned {target} within"
    if _has_money(model):
        yield "money"
    if scenario.satisfaction is not None:
        yield from _satisfaction_parts(scenario.satisfaction)


def _are_away(group: Group) -> bool:
    shrinkage = group.shrinkage
    return bool(shrinkage.planned or shrinkage.unplanned or group.training or group.rotation)


def _satisfaction_parts(satisfaction: Satisfaction) -> Iterator[str]:
    yield "satisfaction"
    names = [_effect(name) for name, _ in satisfaction.loses.named()]
    yield from (f"loss: {name}" for name in names)
    for dimension, weights in satisfaction.servqual.items():
        if any(weight > 0 and name in names for name, weight in weights.items()):
            yield f"SERVQUAL: {dimension}"
    if any(loss.range_ is not None for _, loss in satisfaction.loses.named()):
        yield "ranges"


def _effect(field: str) -> str:
    return EFFECTS[_FIELDS.index(field)]


def service_of(model: Model) -> judged.Service | None:
    """What is judged after the log; None if nothing is."""
    scenario = model.scenario
    given = (scenario.tiers, scenario.satisfaction, scenario.scorecard, scenario.approvals)
    if not any(given) and not _has_money(model):
        return None
    return judged.Service(
        tiers=tuple(_tier(model, name, tier) for name, tier in scenario.tiers.items()),
        tier_of=tuple(_tier_of(model, number) for number in range(len(scenario.demand))),
        wrong_tier=tuple(_wrong_tiers(model)),
        approvals=tuple(_pieces_of_approvals(model)),
        opinion=None if scenario.satisfaction is None else _opinion(scenario.satisfaction),
        customers=model.network.customers,
        money=_money(model) if _has_money(model) else None,
        scorecard=_scorecard(model),
        arrays=_arrays(model),
    )


def _tier(model: Model, name: str, tier: Tier) -> judged.Tier:
    return judged.Tier(
        name=name,
        limits_us=tier.limits,
        offered_at=_steps(model, tier.offered_at),
        calendar=-1 if tier.clock == "always" else list(model.scenario.calendars).index(tier.clock),
        pauses=tuple(_awaiting(model, tier.pauses)),
        goal=tier.goal,
    )


def _awaiting(model: Model, awaited: Iterable[str]) -> Iterator[int]:
    """Numbers of the steps that await somebody."""
    for process, steps in model.scenario.expanded.process.items():
        for name, step in steps.items():
            if step.awaits is not None and step.awaits in awaited:
                yield from _numbers(model, process, name)


def _numbers(model: Model, process: str, piece: str) -> list[int]:
    """Numbers of a primitive step, one for each copy of its process."""
    label = f"{process}: {piece}"
    return [number for number, name in enumerate(model.names.steps) if name == label]


def _steps(model: Model, names: Iterable[str]) -> tuple[int, ...]:
    """Numbers of the primitive steps that written steps became: those where people work, if there are any."""
    expanded = model.scenario.expanded
    written = {("process", *step) for name in names for step in steps_named(model.scenario, name)}
    found = [
        number
        for (process, piece), place in expanded.places.items()
        if place in written
        for number in _numbers(model, process, piece)
    ]
    worked = [number for number in found if model.network.steps["kind"][number] == Kind.WORK]
    return tuple(worked or found)


def _tier_of(model: Model, stream: int) -> judged.TierOf:
    tier = list(model.scenario.demand.values())[stream].tier
    names = list(model.scenario.tiers)
    if tier is None or not names:
        return judged.TierOf()
    held = model.attributes[stream]["tier"]
    return judged.TierOf(held.number, tuple(names.index(word) if word in names else -1 for word in held.words))


def _wrong_tiers(model: Model) -> Iterator[tuple[int, int]]:
    """Steps at which a case is taken for another tier, and for which."""
    names = list(model.scenario.tiers)
    for process, steps in model.scenario.process.items():
        for name, step in steps.items():
            if step.classify is not None and step.classify.wrong_tier is not None:
                for skill in step.classify.wrong:
                    for number in _numbers(model, process, f"{name}: at {skill}"):
                        yield number, names.index(step.classify.wrong_tier)


def _pieces_of_approvals(model: Model) -> Iterator[int]:
    for process, steps in model.scenario.process.items():
        for name, step in steps.items():
            if step.approve is not None:
                for level in range(len(model.scenario.approvals[step.approve].levels)):
                    yield from _numbers(model, process, f"{name}: level {level + 1}")
                    yield from _numbers(model, process, f"{name}: level {level + 1} round")


def _opinion(satisfaction: Satisfaction) -> judged.Opinion:
    survey = satisfaction.survey
    return judged.Opinion(
        base=satisfaction.base,
        own=satisfaction.own,
        effects=tuple(_loss(satisfaction.loses, name) for name in _FIELDS),
        answer=survey.answer,
        promoter=survey.promoters_from,
        detractor=survey.detractors_below,
        dimensions=tuple(_dimension(satisfaction, dimension) for dimension in judged.DIMENSIONS),
    )


def _loss(losses: Losses, name: str) -> judged.Effect:
    loss = getattr(losses, name)
    if loss is None:
        return judged.Effect(0.0, 0.0, 0.0, 0.0)
    lowest, highest = loss.span
    most = highest * (1 if name in ONCE else REPEATED) if loss.at_most is None else loss.at_most
    return judged.Effect(loss.points, most, lowest, highest, 1.0 if loss.chance is None else loss.chance)


def _dimension(satisfaction: Satisfaction, dimension: str) -> tuple[float, ...]:
    """Weights of the effects that the model weighs; all alike (and no metric) where it weighs none of a dimension."""
    by_name: dict[str, float] = {name: weight for of, given in satisfaction.servqual.items() if of == dimension
               for name, weight in given.items()}  # fmt: skip
    weighed = {_effect(name) for name, _ in satisfaction.loses.named()}
    found = tuple(by_name.get(name, 0.0) if name in weighed else 0.0 for name in EFFECTS)
    return found if any(found) else (1.0,) * len(EFFECTS)


def _has_money(model: Model) -> bool:
    return model.scenario.money is not None or any(g.cost is not None for g in model.scenario.people.values())


def _money(model: Model) -> judged.Money:
    scenario = model.scenario
    money = scenario.money or Money()
    part = (scenario.horizon - scenario.warm_up) / _YEAR_US
    payments = money.payments
    return judged.Money(
        people=tuple(group.cost or 0.0 for group in scenario.people.values()),
        contact=tuple(money.per_contact.get(stream.channel, 0.0) for stream in scenario.demand.values()),
        visit=tuple(money.per_visit.get(queue, 0.0) for queue in model.names.queues),
        amounts=tuple(
            held[payments.amount].number if payments and payments.amount in held else -1 for held in model.attributes
        ),
        paid_at=_steps(model, payments.at) if payments else (),
        overpaid=payments.overpaid if payments else 0.0,
        excess=payments.by if payments else 0.0,
        catches=tuple(_catches(model)),
        leaving=money.leaving_customer,
        budget=tuple((f"budget: {name}", amount * part) for name, amount in money.budget.items()),
    )


def _catches(model: Model) -> Iterator[tuple[int, float]]:
    for process, steps in model.scenario.process.items():
        for name, step in steps.items():
            if step.approve is not None:
                for number, level in enumerate(model.scenario.approvals[step.approve].levels):
                    for piece in _numbers(model, process, f"{name}: level {number + 1}"):
                        yield piece, level.catches


def _scorecard(model: Model) -> tuple[judged.Indicator, ...]:
    return tuple(
        judged.Indicator(name, one.weight, one.measure or "", one.given, *one.ends)
        for name, one in (model.scenario.scorecard or {}).items()
    )


def _arrays(model: Model) -> judged.Arrays:
    network = model.network
    asked = {held["tier"].number for held in model.attributes if "tier" in held}
    payments = model.scenario.money.payments if model.scenario.money else None
    if payments:
        asked |= {held[payments.amount].number for held in model.attributes if payments.amount in held}
    needed = sorted({int(network.attributes["table"][number]) for number in asked if number >= 0})
    tables = network.attributes["table"].astype(np.int64)
    places = np.array([needed.index(table) if table in needed else -1 for table in tables.tolist()], np.int64)
    return judged.Arrays(
        stream_ids=network.streams["id"].astype(np.int64),
        step_ids=network.steps["id"].astype(np.int64),
        attribute_ids=network.attributes["id"].astype(np.int64),
        attribute_tables=places,
        tables=Tables(network.tables.cells[needed], network.tables.segments),
        calendars=tuple(_calendar(model, number) for number in range(len(model.scenario.calendars))),
    )


def _calendar(model: Model, number: int) -> judged.Calendar:
    row = model.network.calendars[number]
    part = model.network.openings[row["first"] : row["last"]]
    return judged.Calendar(*(part[name].astype(np.int64) for name in ("begin", "end", "before")))
