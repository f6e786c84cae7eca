"""Faults in who comes and goes."""

from __future__ import annotations

from sim.reference import Agent, Reference
from sim.units import NEVER


class DebtForgotten(Reference):
    """A head count that falls while everybody is busy does not fall."""

    def one_less(self, group: int) -> None:
        if self.idle[group] or any(map(self.may_suspend_all, self.agents[group])):
            super().one_less(group)

    def one_more(self, group: int, pace: float) -> None:
        if any(agent.on_since == NEVER for agent in self.agents[group]):
            super().one_more(group, pace)


class DebtNeverTakenBack(Reference):
    """A head count that rises brings somebody although another was still to go."""

    def one_more(self, group: int, pace: float) -> None:
        away = [agent for agent in self.agents[group] if agent.on_since == NEVER]
        if self.debt[group] and away:
            self.come(away[0], pace)
        else:
            super().one_more(group, pace)


class FirstIdleLeaves(Reference):
    """When the head count falls, who has been free longest goes."""

    def one_less(self, group: int) -> None:
        if self.idle[group]:
            agent = next(iter(self.idle[group]))
            del self.idle[group][agent]
            self.log_off(agent)
        else:
            super().one_less(group)


class LowestNumberSuspends(Reference):
    """When the head count falls, the first agent hands work back."""

    def one_less(self, group: int) -> None:
        able = [agent for agent in self.agents[group] if self.may_suspend_all(agent)]
        if able and not self.idle[group]:
            self.suspend(able[0])
        else:
            super().one_less(group)


class LeavingNotTakenBack(Reference):
    """Who comes back before having left goes all the same."""

    def come(self, agent: Agent, pace: float) -> None:
        leaving = agent.leaving
        super().come(agent, pace)
        agent.leaving = leaving


class BreaksSuspend(Reference):
    """Work is handed back at a break too."""

    def go(self, agent: Agent, last: bool) -> None:
        super().go(agent, True)


class ErasChangeNothing(Reference):
    """Speeds and abilities stay what they were."""

    def change_era(self, era: int) -> None:
        super().change_era(0)


class ErasCallNobody(Reference):
    """Who is free does not look again when abilities change."""

    def change_era(self, era: int) -> None:
        self.skills = self.eras[era]
        self.able.clear()


class LoadKeptOverNight(Reference):
    """Who has worked least counts from the first day."""

    def come(self, agent: Agent, pace: float) -> None:
        worked = agent.worked
        super().come(agent, pace)
        agent.worked = max(agent.worked, worked)


FAULTS = (
    DebtForgotten, DebtNeverTakenBack, FirstIdleLeaves, LowestNumberSuspends, LeavingNotTakenBack, BreaksSuspend,
    ErasChangeNothing, ErasCallNobody, LoadKeptOverNight,
)  # fmt: skip
