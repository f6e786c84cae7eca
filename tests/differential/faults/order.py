"""Faults in the order of simultaneous events and in the addresses of draws."""

from __future__ import annotations

from typing import Any, ClassVar

import simpy

from sim.codes import KIND_SHIFT, Kind, Source, event_key
from sim.network import Chance, Network
from sim.primitives import Purpose
from sim.reference import Agent, Case, Reference
from sim.reference.world import Flow


class _Reordered(Reference):
    """Some kinds of event take another place."""

    places: ClassVar[dict[Kind, int]] = {}

    def schedule(self, event: simpy.Event, time: int, kind: Kind, subject: int, sequence: int) -> None:
        event._ok = True
        key = event_key(0, subject, sequence) + (self.places.get(kind, int(kind)) << KIND_SHIFT)
        self.env.schedule(event, key, time - self.env.now)


class CompletionsAfterOverflows(_Reordered):
    """Who is about to be free and who is about to wait longer change places."""

    places: ClassVar[dict[Kind, int]] = {Kind.COMPLETION: 11}


class AbandonmentsAfterArrivals(_Reordered):
    """A place that is given up comes too late for who arrives at that instant."""

    places: ClassVar[dict[Kind, int]] = {Kind.ABANDONMENT: 17}


class EscalationsBeforeCompletions(_Reordered):
    """A better priority comes before the agent who is free at that instant."""

    places: ClassVar[dict[Kind, int]] = {Kind.ESCALATION: 3}


class ChasingBeforeCompletions(_Reordered):
    """The customer asks at the very instant at which the answer is there."""

    places: ClassVar[dict[Kind, int]] = {Kind.CHASING: 3}


class ArrivalsInReverse(Reference):
    """Of arrivals at one instant the later stream's comes first."""

    def schedule(self, event: simpy.Event, time: int, kind: Kind, subject: int, sequence: int) -> None:
        reverse = (1 << 40) - 1 - subject if kind == Kind.ARRIVAL else subject
        super().schedule(event, time, kind, reverse, sequence)


class ReleaseAfterNextStep(Reference):
    """The case enters the next step before the agent of the last is released."""

    def release(self, agent: Agent) -> None:
        event = self.env.timeout(0)
        event.callbacks.append(lambda _: super(ReleaseAfterNextStep, self).release(agent))


class ForkInReverse(Reference):
    """Branches of a fork begin from the last."""

    def agenda(self, flow: Flow) -> None:
        self._turned = [flow, *getattr(self, "_turned", [])]
        event = self.env.event()
        event.callbacks.append(lambda _: self._begin())
        event.succeed()

    def _begin(self) -> None:
        turned, self._turned = self._turned, []
        for flow in turned:
            self.env.process(flow)


class FirstRepetitionAlways(Reference):
    """A duration drawn again at a step is the same."""

    def __init__(self, network: Network, chance: Chance) -> None:
        super().__init__(network, chance)
        honest = self.draws.work
        self.draws.work = lambda table, case, step, purpose, _: honest(table, case, step, purpose, 0)  # type: ignore[method-assign]


class ChasingForgetsRepetitions(Reference):
    """With a chasing contact the case begins to count anew."""

    def new_strand(self, case: Case, **fields: Any) -> Any:
        if fields.get("chasing"):
            case.repetitions.clear()
        return super().new_strand(case, **fields)


class DifficultyIgnored(Reference):
    """Chance decides although the stream says that the case does."""

    def __init__(self, network: Network, chance: Chance) -> None:
        super().__init__(network, chance)
        self.draws.ease = self.draws.uniform  # type: ignore[method-assign]


class AttributeDrawnAtEachStep(Reference):
    """An attribute changes from step to step."""

    def looked_at(self, case: Case, step: int, repetition: int) -> float:
        row = self.steps[step]
        if row.source != Source.ATTRIBUTE:
            return super().looked_at(case, step, repetition)
        table = int(self.network.attributes[row.attribute]["table"])
        return self.draws.seconds(table, case, step, Purpose.ATTRIBUTE, repetition)


FAULTS = (
    CompletionsAfterOverflows, AbandonmentsAfterArrivals, EscalationsBeforeCompletions, ChasingBeforeCompletions,
    ArrivalsInReverse, ReleaseAfterNextStep, ForkInReverse, FirstRepetitionAlways, ChasingForgetsRepetitions,
    DifficultyIgnored, AttributeDrawnAtEachStep,
)  # fmt: skip
