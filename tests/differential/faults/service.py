"""Faults in service: looking up, rates, several contacts at once, warm hand-overs, suspended work."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from sim.codes import Flag, Lead
from sim.primitives import Purpose
from sim.reference import Agent, Reference, Strand, Visit
from sim.units import NEVER


class SpeedForgotten(Reference):
    """Everybody works at the same speed."""

    def start(self, visit: Visit, agent: Agent) -> None:
        skills = self.skills[agent.group]
        honest = skills[visit.queue]
        skills[visit.queue] = replace(honest, speed=1.0)
        try:
            super().start(visit, agent)
        finally:
            skills[visit.queue] = honest


class PaceForgotten(Reference):
    """New people work as fast as all."""

    def come(self, agent: Agent, pace: float) -> None:
        super().come(agent, 1.0)


class RoundingTruncated(Reference):
    """Work is cut to whole units."""

    def drawn(self, visit: Visit, table: int, purpose: Purpose) -> int:
        seconds = self.draws.seconds(table, visit.case, visit.step, purpose, visit.repetition)
        return min(math.floor(seconds * 1e6), 1 << 46)


class AlwaysLookedUp(Reference):
    """The customer is looked up each time."""

    def leads(self, visit: Visit, agent: Agent) -> bool:
        return True


class NewPersonIsAHandOver(Reference):
    """The first agent of a case looks up although nobody handed over."""

    def leads(self, visit: Visit, agent: Agent) -> bool:
        return self.steps[visit.step].lead_when == Lead.ALWAYS or agent is not visit.case.last_agent


class LookedUpByGroup(Reference):
    """A colleague of the same group knows the case."""

    def leads(self, visit: Visit, agent: Agent) -> bool:
        last = visit.case.last_agent
        return super().leads(visit, last if last is not None and last.group == agent.group else agent)


class ChasingContactsAreHandOvers(Reference):
    """Who answers a chasing contact has served the case."""

    def start(self, visit: Visit, agent: Agent) -> None:
        super().start(visit, agent)
        if visit.strand.chasing and not visit.unanswered:
            self.meet(visit, agent)


class FirstResponseOfAnyStrand(Reference):
    """A branch of a fork answers for the case."""

    def meet(self, visit: Visit, agent: Agent) -> None:
        super().meet(visit, agent)
        visit.case.first_response = min(visit.case.first_response, self.now)


class EverythingSolved(Reference):
    """Whoever serves a case can solve it."""

    def unsolved(self, visit: Visit) -> bool:
        return False


class UnansweredCallsAreServed(Reference):
    """Everybody picks up when called back."""

    def unanswered(self, visit: Visit) -> bool:
        return False


class OneContactMore(Reference):
    """An agent takes one contact more than allowed."""

    def may_take(self, agent: Agent, queue: int) -> bool:
        skill = self.skills[agent.group][queue]
        most = min([skill.at_once, *(contact.at_once for contact in agent.contacts)])
        crowded = self.groups[agent.group].contacts > 1
        return super().may_take(agent, queue) or bool(crowded and skill.speed > 0 and len(agent.contacts) == most)


class SlowdownForgotten(Reference):
    """Several contacts at once take no longer."""

    def start(self, visit: Visit, agent: Agent) -> None:
        super().start(visit, agent)
        visit.slowdown = 0


class OthersKeepTheirPace(Reference):
    """A further contact slows only itself down."""

    def add_contact(self, visit: Visit, agent: Agent) -> None:
        agent.contacts.append(visit)
        self.set_end(visit, agent)


class WrapLeavesThePlace(Reference):
    """A contact in its wrap takes no place."""

    def may_take(self, agent: Agent, queue: int) -> bool:
        contacts = agent.contacts
        agent.contacts = [contact for contact in contacts if contact.serving] or contacts[:1]
        may = super().may_take(agent, queue)
        agent.contacts = contacts
        return may


class FewestContactsForgotten(Reference):
    """Of those with room the lowest number takes the case."""

    def agent_with_room(self, group: int, queue: int) -> Agent | None:
        if super().agent_with_room(group, queue) is None:
            return None
        able = (one for one in self.agents[group] if one.contacts and not one.leaving and self.may_take(one, queue))
        return next(able)


class ColdHandOver(Reference):
    """Nobody stays to brief the next one."""

    def hands_over_warm(self, visit: Visit, agent: Agent) -> bool:
        return False


class BriefingHoldsNobody(Reference):
    """Who has handed over is free at once, before the briefing is over."""

    def briefing(self, strand: Strand) -> int:
        kept = strand.kept
        work = super().briefing(strand)
        assert kept is not None
        self.let_go(kept)
        return work

    def end_briefing(self, visit: Visit) -> None:
        self.last_event = self.now


class ReleasedBeforeTheLoss(Reference):
    """Who waits to hand over a customer who hangs up is released before the row of the loss."""

    def lose(self, visit: Visit, ending: Any) -> None:
        self.call_off(visit.strand)
        super().lose(visit, ending)


class SuspendedWorkBeginsAnew(Reference):
    """Whoever goes on with suspended work does all of it."""

    def work_of(self, visit: Visit, agent: Agent) -> int:
        resumed, visit.resumed = visit.resumed, False
        left = super().work_of(visit, agent)
        visit.resumed = resumed
        return left


class SuspendedWorkAtTheEnd(Reference):
    """Suspended work waits behind everybody."""

    def resume(self, before: Visit) -> Visit:
        visit = super().resume(before)
        visit.rank = self.rank_of(visit)
        return visit


class NothingIsSuspended(Reference):
    """Work goes on beyond the end of the shift."""

    def may_suspend(self, visit: Visit) -> bool:
        return False


class UnsolvedIsSilence(Reference):
    """A visit that solved nothing does not keep the customer from asking."""

    def account(self, visit: Visit) -> None:
        visit.case.completions -= visit.ended < NEVER and bool(visit.flags & Flag.UNSOLVED)
        super().account(visit)


FAULTS = (
    SpeedForgotten, PaceForgotten, RoundingTruncated, AlwaysLookedUp, NewPersonIsAHandOver, LookedUpByGroup,
    ChasingContactsAreHandOvers, FirstResponseOfAnyStrand, EverythingSolved, UnansweredCallsAreServed, OneContactMore,
    SlowdownForgotten, OthersKeepTheirPace, WrapLeavesThePlace, FewestContactsForgotten, ColdHandOver,
    BriefingHoldsNobody, ReleasedBeforeTheLoss, SuspendedWorkBeginsAnew, SuspendedWorkAtTheEnd, NothingIsSuspended,
    UnsolvedIsSilence,
)  # fmt: skip
