"""Service: an agent and a case meet, do the work, part; several contacts at once; warm hand-overs."""

from __future__ import annotations

from functools import lru_cache

from sim.codes import RATE_ONE, Ending, Flag, Kind, Lead
from sim.primitives import Purpose, done_us, rate_of, shared_rate, took_us
from sim.reference.lines import Lines
from sim.reference.parts import NONE, Agent, Strand, Visit
from sim.units import NEVER

_COMPLETION, _WRAP_END, _BRIEFING_END = Kind.COMPLETION, Kind.WRAP_END, Kind.BRIEFING_END
_SERVED, _UNANSWERED = Ending.SERVED, Ending.UNANSWERED
_TALK, _HOLD, _WRAP = Purpose.TALK, Purpose.HOLD, Purpose.WRAP
_LOOKED_UP, _UNSOLVED = int(Flag.LOOKED_UP), int(Flag.UNSOLVED)
_rate_of = lru_cache(rate_of)


class Service(Lines):
    """From the start of service to the release of the agent."""

    # Start -----------------------------------------------------------------------------------------------------

    def start(self, visit: Visit, agent: Agent) -> None:
        """An agent and a case meet; how much work it is is settled here."""
        if visit.waiting:
            self.leave_lines(visit)
        visit.agent, visit.started, visit.serving = agent, self.now, True
        skill = self.skills[agent.group][visit.queue]
        visit.rate = _rate_of(skill.speed, agent.pace)
        visit.slowdown, visit.at_once = skill.slowdown, skill.at_once
        if visit.callback:
            visit.unanswered = self.unanswered(visit)
        visit.left = self.work_of(visit, agent)
        if not (visit.unanswered or visit.strand.chasing):
            self.meet(visit, agent)
        self.add_contact(visit, agent)

    def unanswered(self, visit: Visit) -> bool:
        """Whether nobody picks up when called back."""
        answers: float = self.queues[visit.queue].callback_answers
        return self.draws.uniform(visit.case, visit.step, Purpose.ANSWER, visit.repetition) >= answers

    def work_of(self, visit: Visit, agent: Agent) -> int:
        """Units of work until the completion; hold and wrap are noted in the visit."""
        row = self.steps[visit.step]
        if visit.unanswered:
            return self.drawn(visit, self.queues[row.queue].callback_unanswered, Purpose.UNANSWERED)
        if row.wrap >= 0 and (row.briefing < 0 or self.groups[agent.group].contacts > 1):
            visit.wrap = self.drawn(visit, row.wrap, _WRAP)
        if visit.resumed:
            return visit.left
        work = self.drawn(visit, row.talk, _TALK)
        if row.hold >= 0:
            hold = self.drawn(visit, row.hold, _HOLD)
            visit.hold = self.took(hold, visit.rate)
            work += hold
        if row.lead >= 0 or visit.strand.kept is not None:
            work += self.lead(visit, agent)
        return work

    def drawn(self, visit: Visit, table: int, purpose: Purpose) -> int:
        """Units of a part of the work; none if there is no such part."""
        if table < 0:
            return 0
        return self.draws.work(table, visit.case, visit.step, purpose, visit.repetition)

    def took(self, work: int, rate: int) -> int:
        """Time that work takes; most agents work at rate one."""
        return work if rate == RATE_ONE else took_us(work, rate)

    def lead(self, visit: Visit, agent: Agent) -> int:
        """Work before the talk: looking the customer up, and being briefed at a warm hand-over."""
        row, work = self.steps[visit.step], 0
        if row.lead >= 0 and self.leads(visit, agent):
            visit.flags |= _LOOKED_UP
            work = self.drawn(visit, row.lead, Purpose.LEAD)
        return work + self.briefing(visit.strand) if visit.strand.kept else work

    def leads(self, visit: Visit, agent: Agent) -> bool:
        """Whether the customer is looked up: always, for a person who is new to the case, or at a hand-over."""
        when, last = self.steps[visit.step].lead_when, visit.case.last_agent
        if when == Lead.ALWAYS:
            return True
        return agent is not last and (when == Lead.NEW_PERSON or last is not None)

    def meet(self, visit: Visit, agent: Agent) -> None:
        """The case has been served: its first response, a hand-over, and by whom."""
        case = visit.case
        if visit.strand.number == 0 and case.first_response == NEVER:
            case.first_response = visit.started
        if case.last_group not in (NONE, agent.group):
            case.handovers += 1
        case.last_group, case.last_agent = agent.group, agent

    # Contacts --------------------------------------------------------------------------------------------------

    def add_contact(self, visit: Visit, agent: Agent) -> None:
        """One contact more: the others go on at another pace."""
        contacts = agent.contacts
        contacts.append(visit)
        if len(contacts) > 1:
            for contact in contacts[:-1]:
                self.repace(contact, agent)
        self.set_end(visit, agent)

    def remove_contact(self, visit: Visit, agent: Agent) -> None:
        """One contact less: the others go on at another pace."""
        agent.contacts.remove(visit)
        for contact in agent.contacts:
            self.repace(contact, agent)

    def repace(self, contact: Visit, agent: Agent) -> None:
        """Take off what is done and go on at the pace for as many contacts as there are now."""
        self.take_off(contact)
        self.set_end(contact, agent)

    def take_off(self, contact: Visit) -> None:
        """Take off the work that is done."""
        contact.left = max(contact.left - done_us(self.now - contact.since, contact.pace), 0)

    def set_end(self, visit: Visit, agent: Agent) -> None:
        """Set the end of what is left of a contact's present part."""
        now, number = self.now, len(agent.contacts)
        visit.pace = visit.rate if number == 1 else shared_rate(visit.rate, number, visit.slowdown)
        visit.since, visit.until = now, now + self.took(visit.left, visit.pace)
        if visit.wrapping:
            self.call(visit.until, _WRAP_END, visit, self.end_wrap)
        elif self.groups[agent.group].contacts > 1 or self.steps[visit.step].suspends:
            self.call(visit.until, _COMPLETION, visit, self.complete_shared)
        else:
            self.set_over(visit)

    def set_over(self, visit: Visit) -> None:
        """Set an end that nothing can change: the visit is over by itself then, its completion coming first."""
        over = visit.over
        assert over is not None
        assert over.callbacks is not None
        over.callbacks.insert(0, lambda _: self.complete(visit))
        over._value = _UNANSWERED if visit.unanswered else _SERVED
        self.schedule(over, visit.until, _COMPLETION, visit.case.address, visit.number)

    # Completion, wrap, release ---------------------------------------------------------------------------------

    def complete(self, visit: Visit) -> None:
        """The customer's part is over."""
        agent = visit.agent
        assert agent is not None
        self.last_event = visit.ended = visit.released = visit.until
        visit.serving = False
        if visit.wrap:
            visit.released += self.took(visit.wrap, visit.pace)
        if self.steps[visit.step].unsolved >= 0 and self.unsolved(visit):
            visit.flags |= _UNSOLVED
        visit.case.completions += 1
        self.account(visit)
        self.record(visit, _UNANSWERED if visit.unanswered else _SERVED)
        if visit.wrap or self.steps[visit.step].briefing >= 0:
            self.part(visit, agent)
        else:
            self.end_contact(visit, agent)

    def complete_shared(self, visit: Visit) -> None:
        """The customer's part is over, unless its end was set anew meanwhile."""
        if not visit.serving or visit.until != self.now:
            return
        assert visit.over is not None
        self.complete(visit)
        visit.over.succeed(_UNANSWERED if visit.unanswered else _SERVED)

    def unsolved(self, visit: Visit) -> bool:
        """Whether the agent could not solve it, at a step that says where the case goes then."""
        if visit.unanswered:
            return False
        assert visit.agent is not None
        ease = self.draws.ease(visit.case, visit.step, Purpose.SOLVE, visit.repetition)
        return bool(ease >= self.skills[visit.agent.group][visit.queue].solves)

    def account(self, visit: Visit) -> None:
        """Add a visit that is over to what its case waited and how long it was worked on."""
        case = visit.case
        case.waited += visit.started - visit.enqueued
        case.worked += visit.released - visit.started

    def part(self, visit: Visit, agent: Agent) -> None:
        """After the completion the agent stays for a warm hand-over, wraps up, or is released after all."""
        if self.steps[visit.step].briefing >= 0 and self.hands_over_warm(visit, agent):
            visit.strand.kept = visit
            agent.contacts.remove(visit)
        elif visit.wrap:
            visit.wrapping, visit.left = True, visit.wrap
            self.set_end(visit, agent)
        else:
            self.end_contact(visit, agent)

    def end_wrap(self, visit: Visit) -> None:
        """The agent's part of a visit is over."""
        if not visit.wrapping or visit.until != self.now:
            return
        self.last_event = self.now
        assert visit.agent is not None
        visit.wrapping = False
        self.end_contact(visit, visit.agent)

    def end_contact(self, visit: Visit, agent: Agent) -> None:
        """One contact of an agent is over."""
        agent.worked += self.now - visit.started
        self.remove_contact(visit, agent)
        self.release(agent)

    def release(self, agent: Agent) -> None:
        """An agent may be free: leaves if due, takes the best waiting cases, or waits for one."""
        group = agent.group
        if not agent.contacts and (agent.leaving or self.debt[group]):
            self.debt[group] -= not agent.leaving
            self.log_off(agent)
            return
        several = self.groups[group].contacts > 1
        while not (agent.leaving or (agent.contacts and (self.debt[group] or not several))):
            visit = self.best_waiting(agent)
            if visit is None:
                break
            self.start(visit, agent)
        if not agent.contacts:
            self.idle[group][agent] = None

    # Warm hand-over --------------------------------------------------------------------------------------------

    def hands_over_warm(self, visit: Visit, agent: Agent) -> bool:
        """Whether the agent stays with the strand after a step with a briefing: who has one contact at a time does."""
        return self.groups[agent.group].contacts <= 1 and not visit.unanswered

    def briefing(self, strand: Strand) -> int:
        """Work of being briefed by the agent who stayed; that agent's part of it is written and set."""
        visit, strand.kept = strand.kept, None
        assert visit is not None
        work = self.drawn(visit, self.steps[visit.step].briefing, Purpose.BRIEFING)
        until = self.now + self.took(work, visit.rate)
        self.record_handing(visit, until)
        self.call(until, _BRIEFING_END, visit, self.end_briefing)
        return work

    def end_briefing(self, visit: Visit) -> None:
        """The agent who handed over warm is released."""
        self.last_event = self.now
        self.let_go(visit)

    def call_off(self, strand: Strand) -> None:
        """No warm hand-over after all: whoever stayed is released now."""
        if strand.kept is not None:
            visit, strand.kept = strand.kept, None
            self.record_handing(visit, self.now)
            self.let_go(visit)

    def let_go(self, visit: Visit) -> None:
        """Release the agent who stayed after a visit."""
        assert visit.agent is not None
        visit.agent.worked += self.now - visit.started
        self.release(visit.agent)
