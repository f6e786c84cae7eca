"""The queue of events: a binary heap on (time, key)."""

from __future__ import annotations

from sim.codes import CASE_BITS, KIND_SHIFT, SEQUENCE_MASK, SUBJECT_SHIFT, Kind
from sim.kernel._compiled import compiled, nth, plain
from sim.kernel.state import Place, Scalar

(_EVENTS,) = plain(Scalar.EVENTS)
_COMPLETION, _WRAP_END, _OVERFLOW, _ABANDONMENT, _CHASING, _ARRIVAL = plain(
    Kind.COMPLETION, Kind.WRAP_END, Kind.OVERFLOW, Kind.ABANDONMENT, Kind.CHASING, Kind.ARRIVAL
)
_WAITING, _IN_SERVICE, _ENDED = plain(Place.WAITING, Place.IN_SERVICE, Place.ENDED)
SUBJECT_MASK = (1 << (KIND_SHIFT - SUBJECT_SHIFT)) - 1
CASE_MASK = (1 << CASE_BITS) - 1


@compiled
def make_key(kind, subject, sequence):
    """As `sim.codes.event_key`."""
    return (kind << KIND_SHIFT) | (subject << SUBJECT_SHIFT) | (sequence & SEQUENCE_MASK)


@compiled
def _is_before(event, time, key):
    return event.time < time or (event.time == time and event.key < key)


@compiled
def _put(event, time, key, slot):
    event.time, event.key, event.slot = time, key, slot


@compiled
def push(state, time, key, slot):
    """Add an event."""
    events = state.events
    at = state.scalars[_EVENTS]
    state.scalars[_EVENTS] = at + 1
    while at > 0:
        above = (at - 1) >> 1
        if _is_before(events[nth(above)], time, key):
            break
        _put(events[nth(at)], events[nth(above)].time, events[nth(above)].key, events[nth(above)].slot)
        at = above
    _put(events[nth(at)], time, key, slot)


@compiled
def pop(state):
    """Remove the first event."""
    last = state.scalars[_EVENTS] - 1
    state.scalars[_EVENTS] = last
    if last > 0:
        event = state.events[nth(last)]
        _sift(state.events, 0, last, event.time, event.key, event.slot)


@compiled
def _sift(events, at, size, time, key, slot):
    """Put an event at a place or below it."""
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and _is_before(events[nth(below + 1)], events[nth(below)].time, events[nth(below)].key):
            below += 1
        if not _is_before(events[nth(below)], time, key):
            break
        _put(events[nth(at)], events[nth(below)].time, events[nth(below)].key, events[nth(below)].slot)
        at = below
    _put(events[nth(at)], time, key, slot)


@compiled
def contact_at(state, agent, key):
    """Which of an agent's contacts an event is about; -1: none."""
    for at in range(state.agents[agent].contacts):
        contact = state.contacts[agent, at]
        if contact.address == (key >> SUBJECT_SHIFT) & SUBJECT_MASK and (
            contact.visit & SEQUENCE_MASK == key & SEQUENCE_MASK
        ):
            return at
    return -1


@compiled
def _is_wrapped(state, time, key, agent):
    """Whether a wrap ends at this very time; with one contact at a time it is never moved."""
    if state.teams[nth(state.agents[agent].group)].most == 1:
        return True
    at = contact_at(state, agent, key)
    return at >= 0 and state.contacts[agent, at].slot < 0 and state.contacts[agent, at].end == time


@compiled
def is_idle_event(state, time, key, slot):
    """Whether what an event belongs to is over or has moved."""
    kind = key >> KIND_SHIFT
    if kind == _ARRIVAL:
        return False
    if kind == _WRAP_END:
        return not _is_wrapped(state, time, key, slot)
    if kind == _CHASING:
        return state.strands[nth(slot)].address != (key >> SUBJECT_SHIFT) & SUBJECT_MASK or (
            state.strands[nth(slot)].place == _ENDED
        )
    if kind != _COMPLETION and (kind < _OVERFLOW or kind > _ABANDONMENT):
        return False
    strand = state.strands[nth(slot)]
    if strand.address != (key >> SUBJECT_SHIFT) & SUBJECT_MASK or strand.visit & SEQUENCE_MASK != key & SEQUENCE_MASK:
        return True
    if kind == _COMPLETION:
        return strand.place != _IN_SERVICE or strand.ended != time
    return strand.place != _WAITING


@compiled
def compact(state):
    """Drop idle events and restore the heap."""
    events = state.events
    kept = 0
    for i in range(state.scalars[_EVENTS]):
        event = events[i]
        if not is_idle_event(state, event.time, event.key, event.slot):
            _put(events[kept], event.time, event.key, event.slot)
            kept += 1
    state.scalars[_EVENTS] = kept
    for at in range(kept // 2 - 1, -1, -1):
        _sift(events, at, kept, events[at].time, events[at].key, events[at].slot)
