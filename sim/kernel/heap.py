"""The queue of events: a binary heap on (time, key)."""

from __future__ import annotations

from sim.codes import CASE_BITS, KIND_SHIFT, SEQUENCE_MASK, SUBJECT_SHIFT, Kind
from sim.kernel.state import Place, Scalar
from sim.primitives._cache import compiled

_EVENTS = int(Scalar.EVENTS)
_OVERFLOW, _ABANDONMENT = int(Kind.OVERFLOW), int(Kind.ABANDONMENT)
_WAITING = int(Place.WAITING)
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
        if _is_before(events[above], time, key):
            break
        _put(events[at], events[above].time, events[above].key, events[above].slot)
        at = above
    _put(events[at], time, key, slot)


@compiled
def pop(state):
    """Remove the first event."""
    last = state.scalars[_EVENTS] - 1
    state.scalars[_EVENTS] = last
    if last > 0:
        event = state.events[last]
        _sift(state.events, 0, last, event.time, event.key, event.slot)


@compiled
def _sift(events, at, size, time, key, slot):
    """Put an event at a place or below it."""
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and _is_before(events[below + 1], events[below].time, events[below].key):
            below += 1
        if not _is_before(events[below], time, key):
            break
        _put(events[at], events[below].time, events[below].key, events[below].slot)
        at = below
    _put(events[at], time, key, slot)


@compiled
def is_idle_timer(state, key, slot):
    """Whether an overflow or abandonment is of a visit that no longer waits."""
    kind = key >> KIND_SHIFT
    if kind != _OVERFLOW and kind != _ABANDONMENT:
        return False
    case = state.cases[slot]
    return (
        case.place != _WAITING
        or case.address != (key >> SUBJECT_SHIFT) & SUBJECT_MASK
        or (case.visits - 1) & SEQUENCE_MASK != key & SEQUENCE_MASK
    )


@compiled
def compact(state):
    """Drop idle timers and restore the heap."""
    events = state.events
    kept = 0
    for i in range(state.scalars[_EVENTS]):
        event = events[i]
        if not is_idle_timer(state, event.key, event.slot):
            _put(events[kept], event.time, event.key, event.slot)
            kept += 1
    state.scalars[_EVENTS] = kept
    for at in range(kept // 2 - 1, -1, -1):
        _sift(events, at, kept, events[at].time, events[at].key, events[at].slot)
