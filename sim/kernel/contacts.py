"""An agent's contacts: one at a time, or several that slow each other down."""

from __future__ import annotations

from sim.codes import Kind
from sim.kernel._compiled import compiled, lowest, nth, plain
from sim.kernel.heap import make_key, push, whose_next_end
from sim.kernel.state import Scalar
from sim.primitives import done_us, shared_rate, took_us
from sim.units import NEVER

_NOW, _ERA, _RELEASED, _ONE, _ALL = plain(Scalar.NOW, Scalar.ERA, Scalar.RELEASED, 1, -1)
_COMPLETION, _WRAP_END = plain(Kind.COMPLETION, Kind.WRAP_END)


@compiled
def note_load(state, agent):
    """Keep, and answer, how many contacts an agent has to whom more may be given.

    0 for one who has none, is to leave or is full. No jump asks whether the number has changed.
    """
    person = state.agents[nth(agent)]
    load, most = person.contacts, person.most
    for at in range(load):
        most = min(most, state.contacts[nth(agent), nth(at)].at_once)
    if person.leaving or load >= most:
        load = 0
    noted, word, bit = state.loads[nth(agent)], agent >> 6, _ONE << (agent & 63)
    state.loads[nth(agent)] = load
    state.by_load[nth(noted), nth(word)] &= ~bit
    state.by_load[nth(load), nth(word)] |= bit
    return load


@compiled
def least_loaded(state, first, last, most):
    """Of the agents from a first to before a last one that with the fewest contacts, below a most; -1: nobody.

    Of several with as few it is the first.
    """
    for load in range(1, most):
        for word in range(first >> 6, ((last - 1) >> 6) + 1):
            bits = state.by_load[nth(load), nth(word)]
            if word == first >> 6:
                bits &= _ALL << (first & 63)
            if bits != 0:
                agent = (word << 6) + lowest(bits)
                if agent < last:
                    return agent
    return -1


@compiled
def may_hold(world, agent, queue):
    """Whether an agent with contacts may hold one more, of a queue that the group can serve."""
    state = world.state
    person = state.agents[nth(agent)]
    most = world.network.skills[state.scalars[_ERA], person.group, queue].at_once
    for at in range(person.contacts):
        most = min(most, state.contacts[nth(agent), nth(at)].at_once)
    return person.contacts < min(most, person.most)


@compiled
def add_contact(world, slot, agent, slowdown, at_once):
    """A service begins beside the agent's others, which go on at a new rate; while one is released, more may begin."""
    state = world.state
    strand, person, now = state.strands[nth(slot)], state.agents[nth(agent)], state.scalars[_NOW]
    held = person.contacts
    _change_rates(state, agent, held, held + 1)
    strand.ended = now + took_us(strand.work, shared_rate(strand.rate, held + 1, slowdown))
    contact = state.contacts[nth(agent), nth(held)]
    contact.address, contact.visit, contact.slot, contact.since = strand.address, strand.visit, slot, now
    contact.counted, contact.work, contact.rate, contact.end = now, strand.work, strand.rate, strand.ended
    contact.slowdown, contact.at_once = slowdown, at_once
    person.contacts = held + 1
    if note_load(state, agent) == 0 and state.scalars[_RELEASED] == agent:
        state.scalars[_RELEASED] = -1  # no line need be asked: the agent may hold no more
    if state.scalars[_RELEASED] != agent:
        set_next_end(state, agent)


@compiled
def wrap_contact(state, slot):
    """The agent's part of one of several contacts begins; how long it takes as things are."""
    strand, now = state.strands[nth(slot)], state.scalars[_NOW]
    agent = strand.agent
    at = 0
    while state.contacts[nth(agent), nth(at)].slot != slot:
        at += 1
    contact = state.contacts[nth(agent), nth(at)]
    length = took_us(strand.wrap, shared_rate(contact.rate, state.agents[nth(agent)].contacts, contact.slowdown))
    contact.slot, contact.counted, contact.work = -1, now, strand.wrap
    contact.end = now + length
    state.agents[nth(agent)].due = NEVER
    set_next_end(state, agent)
    return length


@compiled
def end_contact(state, agent, number):
    """A contact is over; the agent's others go on at a new rate."""
    person, now = state.agents[nth(agent)], state.scalars[_NOW]
    held = person.contacts
    person.contacts = held - 1
    if person.most == 1:
        person.worked += now - person.since
        person.slot = -1
        return
    person.worked += now - state.contacts[nth(agent), nth(number)].since
    for at in range(number, held - 1):
        _copy(state.contacts[nth(agent), nth(at)], state.contacts[nth(agent), nth(at + 1)])
    note_load(state, agent)
    _change_rates(state, agent, held, held - 1)


@compiled
def _copy(into, other):
    into.address, into.visit, into.slot, into.since = other.address, other.visit, other.slot, other.since
    into.counted, into.work, into.rate, into.end = other.counted, other.work, other.rate, other.end
    into.slowdown, into.at_once = other.slowdown, other.at_once


@compiled
def _change_rates(state, agent, held, then):
    """Take off the work done on an agent's contacts while some were held; find their ends for as many as are then."""
    now = state.scalars[_NOW]
    for at in range(state.agents[nth(agent)].contacts):
        contact = state.contacts[nth(agent), nth(at)]
        contact.work = work_left(contact, now, held)
        contact.counted = now
        contact.end = now + took_us(contact.work, shared_rate(contact.rate, then, contact.slowdown))
        if contact.slot >= 0:
            state.strands[nth(contact.slot)].ended = contact.end


@compiled
def set_next_end(state, agent):
    """Set an event for that of an agent's contacts which ends first, unless one is set that comes no later."""
    person = state.agents[nth(agent)]
    time, key, slot = person.due, person.due_key, -1
    for at in range(person.contacts):
        contact = state.contacts[nth(agent), nth(at)]
        if contact.end <= time:
            kind = _COMPLETION if contact.slot >= 0 else _WRAP_END
            its_key = make_key(kind, contact.address, contact.visit)
            if contact.end < time or its_key < key:
                time, key, slot = contact.end, its_key, contact.slot if contact.slot >= 0 else agent
    if slot >= 0:
        person.due, person.due_key = time, key
        push(state, time, key, slot)


@compiled
def move_on(state, time, key, slot):
    """An event does not happen now: if it is set for an agent's next end, that has moved to later and is set anew."""
    agent = whose_next_end(state, time, key, slot)
    if agent >= 0:
        state.agents[nth(agent)].due = NEVER
        set_next_end(state, agent)


@compiled
def work_left(contact, now, held):
    """Work of a contact that is not done yet."""
    return max(0, contact.work - done_us(now - contact.counted, shared_rate(contact.rate, held, contact.slowdown)))
