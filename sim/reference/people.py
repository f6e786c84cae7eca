"""People come and go: head counts, shifts, suspended work, eras."""

from __future__ import annotations

import simpy

from sim.codes import Ending, Kind
from sim.reference.parts import Agent, Visit
from sim.reference.service import Service
from sim.reference.world import Flow
from sim.units import NEVER


class People(Service):
    """The roster."""

    def roster(self) -> Flow:
        """Changes of the roster, one after the other."""
        for time, key, kind, group, number, pace, last in self.chance.roster.tolist():
            if time >= self.network.end:
                return
            event = simpy.Event(self.env)
            event._ok, event._value = True, None
            self.env.schedule(event, priority=key, delay=time - self.now)
            yield event
            if kind == Kind.ERA:
                self.change_era(number)
            elif kind == Kind.LOG_ON:
                self.one_more(group, pace) if number < 0 else self.come(self.agents[group][number], pace)
            else:
                self.one_less(group) if number < 0 else self.go(self.agents[group][number], bool(last))

    def change_era(self, era: int) -> None:
        """Speeds and abilities change: who is free may now take something."""
        self.skills = self.eras[era]
        self.able.clear()
        for idle in self.idle:
            for agent in list(idle):
                del idle[agent]
                self.release(agent)

    # Head counts -----------------------------------------------------------------------------------------------

    def one_less(self, group: int) -> None:
        """The head count falls: whoever became free last goes, or suspends, or is the next to be released."""
        if self.idle[group]:
            agent, _ = self.idle[group].popitem()
            self.log_off(agent)
            return
        able = [agent for agent in self.agents[group] if self.may_suspend_all(agent)]
        if able:
            self.suspend(max(able, key=lambda agent: agent.number))
        else:
            self.debt[group] += 1

    def one_more(self, group: int, pace: float) -> None:
        """The head count rises: somebody who was to go stays, or the first who is away comes."""
        if self.debt[group]:
            self.debt[group] -= 1
        else:
            self.come(next(agent for agent in self.agents[group] if agent.on_since == NEVER), pace)

    # Shifts ----------------------------------------------------------------------------------------------------

    def come(self, agent: Agent, pace: float) -> None:
        """An agent logs on, or stays after all."""
        agent.pace, agent.leaving = pace, False
        if agent.on_since == NEVER:
            agent.on_since, agent.worked = self.now, 0
            self.release(agent)

    def go(self, agent: Agent, last: bool) -> None:
        """An agent logs off, now or when released; at the end of a shift work may be suspended."""
        if agent in self.idle[agent.group]:
            del self.idle[agent.group][agent]
            self.log_off(agent)
        elif agent.on_since != NEVER:
            agent.leaving = True
            if last:
                self.suspend(agent)

    # Suspended work --------------------------------------------------------------------------------------------

    def may_suspend(self, visit: Visit) -> bool:
        """Whether work may be handed back: in the customer's part, where the step says so."""
        return bool(visit.serving and not visit.unanswered and self.steps[visit.step].suspends)

    def may_suspend_all(self, agent: Agent) -> bool:
        """Whether an agent who is not due to leave could go at once by handing everything back."""
        return bool(agent.contacts) and not agent.leaving and all(map(self.may_suspend, agent.contacts))

    def suspend(self, agent: Agent) -> None:
        """An agent hands back what may be suspended, and goes if nothing else is left."""
        visits = sorted(
            filter(self.may_suspend, agent.contacts),
            key=lambda visit: (visit.started, visit.case.address, visit.number),
        )
        for visit in visits:
            self.hand_back(visit, agent)
        if visits and not agent.contacts:
            self.log_off(agent)
        for visit in visits:
            assert visit.over is not None
            visit.over.succeed(Ending.SUSPENDED)

    def hand_back(self, visit: Visit, agent: Agent) -> None:
        """A visit is over for now; what is left of its work is kept."""
        self.take_off(visit)
        visit.serving, visit.hold = False, 0
        visit.ended = visit.released = self.now
        self.account(visit)
        agent.worked += self.now - visit.started
        self.record(visit, Ending.SUSPENDED)
        self.remove_contact(visit, agent)
