"""An agent's contacts: one at a time, or several that slow each other down."""

from __future__ import annotations

from sim.codes import Kind
from sim.kernel._compiled import compiled, nth, plain
from sim.kernel.heap import make_key, push
from sim.kernel.state import NOT_ASKED, Scalar
from sim.primitives import done_us, shared_rate, took_us

_NOW, _ERA = plain(Scalar.NOW, Scalar.ERA)
_COMPLETION, _WRAP_END = plain(Kind.COMPLETION, Kind.WRAP_END)


@compiled
def note_load(state, agent):
    """Keep how many contacts an agent has whom more may be given; who has none or is to leave is not asked."""
    person = state.agents[nth(agent)]
    state.loads[nth(agent)] = NOT_ASKED if person.leaving or person.contacts == 0 else person.contacts


@compiled
def may_hold(world, agent, queue):
    """Whether an agent with contacts may hold one more, of a queue that the group can serve."""
    state = world.state
    person = state.agents[agent]
    most = world.network.skills[state.scalars[_ERA], person.group, queue].at_once
    for at in range(person.contacts):
        most = min(most, state.contacts[agent, at].at_once)
    return person.contacts < min(most, state.teams[person.group].most)


@compiled
def add_contact(world, slot, agent, slowdown, at_once):
    """A service begins beside the agent's others, which go on at a new rate."""
    state = world.state
    strand, person, now = state.strands[slot], state.agents[agent], state.scalars[_NOW]
    held = person.contacts
    _change_rates(state, agent, held, held + 1)
    strand.ended = now + took_us(strand.work, shared_rate(strand.rate, held + 1, slowdown))
    contact = state.contacts[agent, held]
    contact.address, contact.visit, contact.slot, contact.since = strand.address, strand.visit, slot, now
    contact.counted, contact.work, contact.rate, contact.end = now, strand.work, strand.rate, strand.ended
    contact.slowdown, contact.at_once = slowdown, at_once
    person.contacts = held + 1
    note_load(state, agent)


@compiled
def wrap_contact(state, slot):
    """The agent's part of one of several contacts begins; how long it takes as things are."""
    strand, now = state.strands[slot], state.scalars[_NOW]
    agent = strand.agent
    at = 0
    while state.contacts[agent, at].slot != slot:
        at += 1
    contact = state.contacts[agent, at]
    length = took_us(strand.wrap, shared_rate(contact.rate, state.agents[agent].contacts, contact.slowdown))
    contact.slot, contact.counted, contact.work, contact.end = -1, now, strand.wrap, now + length
    return length


@compiled
def end_contact(state, agent, number):
    """A contact is over; the agent's others go on at a new rate."""
    person, now = state.agents[agent], state.scalars[_NOW]
    held = person.contacts
    person.contacts = held - 1
    if state.teams[person.group].most == 1:
        person.worked += now - person.since
        person.slot = -1
        return
    note_load(state, agent)
    person.worked += now - state.contacts[agent, number].since
    for at in range(number, held - 1):
        _copy(state.contacts[agent, at], state.contacts[agent, at + 1])
    _change_rates(state, agent, held, held - 1)


@compiled
def _copy(into, other):
    into.address, into.visit, into.slot, into.since = other.address, other.visit, other.slot, other.since
    into.counted, into.work, into.rate, into.end = other.counted, other.work, other.rate, other.end
    into.slowdown, into.at_once = other.slowdown, other.at_once


@compiled
def _change_rates(state, agent, held, then):
    """Take off the work done on an agent's contacts while some were held; set their ends for as many as are then."""
    now = state.scalars[_NOW]
    for at in range(state.agents[agent].contacts):
        contact = state.contacts[agent, at]
        contact.work = work_left(contact, now, held)
        contact.counted = now
        end = now + took_us(contact.work, shared_rate(contact.rate, then, contact.slowdown))
        if end != contact.end:
            contact.end = end
            if contact.slot >= 0:
                state.strands[contact.slot].ended = end
                push(state, end, make_key(_COMPLETION, contact.address, contact.visit), contact.slot)
            else:
                push(state, end, make_key(_WRAP_END, contact.address, contact.visit), agent)


@compiled
def work_left(contact, now, held):
    """Work of a contact that is not done yet."""
    return max(0, contact.work - done_us(now - contact.counted, shared_rate(contact.rate, held, contact.slowdown)))
