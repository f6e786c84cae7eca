"""The queue of events: those far ahead in buckets, near ones in a run or in a binary heap, both on (time, key).

The bucket that comes next is opened when nothing nearer is left: its events, put in order, are the run. What is set
before the end of that bucket goes to the heap. Events in the run still count as far ones.
"""

from __future__ import annotations

import numpy as np

from sim.codes import CASE_BITS, KIND_SHIFT, SEQUENCE_MASK, SUBJECT_SHIFT, Kind
from sim.kernel._compiled import LANES, below, compiled, fetch, fetch_at, nth, outlined, plain, seldom
from sim.kernel.state import RUN, Place, Scalar
from sim.units import NEVER

_EVENTS, _FAR, _FAR_FREE, _BUCKET, _NEAR, _WIDTH_BITS, _COMING = plain(
    Scalar.EVENTS, Scalar.FAR, Scalar.FAR_FREE, Scalar.BUCKET, Scalar.NEAR, Scalar.WIDTH_BITS, Scalar.COMING
)
_COMPLETION, _WRAP_END, _OVERFLOW, _ABANDONMENT, _CHASING, _ARRIVAL = plain(
    Kind.COMPLETION, Kind.WRAP_END, Kind.OVERFLOW, Kind.ABANDONMENT, Kind.CHASING, Kind.ARRIVAL
)
_RUN_FIRST, _RUN_LAST, _UNLISTED, _FORESEEN = plain(Scalar.RUN_FIRST, Scalar.RUN_LAST, Scalar.UNLISTED, Scalar.FORESEEN)
_WAITING, _IN_SERVICE, _ENDED = plain(Place.WAITING, Place.IN_SERVICE, Place.ENDED)
SUBJECT_MASK = (1 << (KIND_SHIFT - SUBJECT_SHIFT)) - 1
CASE_MASK = (1 << CASE_BITS) - 1
AFTER_ALL, _SMALL, _SIGN = plain(NEVER + 1, 32, 63)
_RUN_BITS, _LATEST = plain(RUN.bit_length() - 1, 1 << 55)


@compiled
def make_key(kind, subject, sequence):
    """As `sim.codes.event_key`."""
    return (kind << KIND_SHIFT) | (subject << SUBJECT_SHIFT) | (sequence & SEQUENCE_MASK)


@compiled
def is_before(event, time, key):
    """Whether an event comes before a time and key."""
    return event.time < time or (event.time == time and event.key < key)


@compiled
def _put(event, time, key, slot):
    event.time, event.key, event.slot = time, key, slot


@compiled
def push(state, time, key, slot):
    """Add an event."""
    if time < state.scalars[_NEAR] or seldom(_comes_nearer(state, time)):
        push_near(state, time, key, slot)
    else:
        _put_far(state, time, key, slot)


@compiled
def _comes_nearer(state, time):
    """Whether a heap that is small, and all there is, takes in an event that is not far ahead: up to its bucket."""
    scalars = state.scalars
    if scalars[_FAR] > 0 or scalars[_EVENTS] >= _SMALL:
        return False
    bucket = time >> scalars[_WIDTH_BITS]
    if bucket >= min(scalars[_BUCKET] + _SMALL, len(state.buckets) - 1):
        return False
    scalars[_BUCKET] = bucket + 1
    scalars[_NEAR] = (bucket + 1) << scalars[_WIDTH_BITS]
    return True


@compiled
def _put_far(state, time, key, slot):
    """Add an event to its bucket; the last bucket holds all that come after.

    The bucket lists it when the next one is set: by then the bucket has been read.
    """
    scalars = state.scalars
    place = scalars[_FAR_FREE]
    event = state.far[nth(place)]
    scalars[_FAR_FREE] = event.after
    scalars[_FAR] += 1
    event.time, event.key, event.slot = time, key, slot
    fetch_at(state.buckets, nth(_bucket_of(state, time)))
    _list_last(state)
    scalars[_UNLISTED] = place


@compiled
def _bucket_of(state, time):
    return min(time >> state.scalars[_WIDTH_BITS], len(state.buckets) - 1)


@compiled
def _list_last(state):
    """Put the event far ahead that was set last into the list of its bucket."""
    place = state.scalars[_UNLISTED]
    if place >= 0:
        state.scalars[_UNLISTED] = -1
        event = state.far[nth(place)]
        bucket = _bucket_of(state, event.time)
        event.after = state.buckets[nth(bucket)]
        state.buckets[nth(bucket)] = place


@compiled
def come_near(state):
    """Open buckets until an event is in the run or none is left; timers that are idle by then are dropped."""
    scalars = state.scalars
    scalars[_RUN_FIRST], scalars[_RUN_LAST] = 0, 0
    _list_last(state)
    while scalars[_RUN_LAST] == 0 and scalars[_FAR] > 0:
        bucket = scalars[_BUCKET]
        scalars[_BUCKET] = bucket + 1
        scalars[_NEAR] = (bucket + 1) << scalars[_WIDTH_BITS] if bucket + 1 < len(state.buckets) else AFTER_ALL
        _open(state, bucket)
    _put_in_order(state.gathered, state.run, scalars[_RUN_LAST])
    state.run[nth(scalars[_RUN_LAST])].time = AFTER_ALL
    place = state.buckets[nth(min(scalars[_BUCKET], len(state.buckets) - 1))]
    scalars[_FORESEEN] = place
    if place >= 0:
        fetch(state.far[nth(place)])


@compiled
def foresee(state):
    """Begin to read what the next event is about, and one more of those in the next bucket.

    No jump asks whether there is one, since no processor could foresee it: reading another place does no harm.
    """
    scalars = state.scalars
    slot = state.run[nth(scalars[_RUN_FIRST])].slot
    fetch(state.strands[nth(slot)])
    fetch(state.cases[nth(slot)])
    place = scalars[_FORESEEN]
    event = state.far[nth(max(place, 0))]
    fetch_at(state.strands, nth(event.slot))
    scalars[_FORESEEN] = event.after | (place >> _SIGN)
    fetch(state.far[nth(max(event.after, 0))])


@compiled
def _open(state, bucket):
    """The events of a bucket join the run, or if that is full the heap; timers that are idle by now are dropped.

    No jump asks which are idle, since no processor could foresee it. Ranks are by time and different from each other.
    """
    scalars, far, gathered, begin = state.scalars, state.far, state.gathered, bucket << state.scalars[_WIDTH_BITS]
    place = state.buckets[nth(bucket)]
    state.buckets[nth(bucket)] = -1
    while place >= 0:
        event, count = far[nth(place)], scalars[_RUN_LAST]
        time, key, slot, following = event.time, event.key, event.slot, event.after
        event.after = scalars[_FAR_FREE]
        scalars[_FAR_FREE] = place
        comes = 1 - np.int64(_is_past(state, key, slot))
        if seldom(count == RUN):
            scalars[_FAR] -= 1
            if comes:
                push_near(state, time, key, slot)
        else:
            gathered[0, nth(count)], gathered[1, nth(count)], gathered[2, nth(count)] = time, key, slot
            gathered[3, nth(count)] = (min(time - begin, _LATEST) << _RUN_BITS) | count
            scalars[_RUN_LAST] = count + comes
            scalars[_FAR] -= 1 - comes
        place = following


@outlined
def _put_in_order(gathered, run, count):
    """Sort the events of a run. Each one's place is how many have a lower rank: no jump that cannot be foreseen.

    Those at the same time, and in the last bucket those too far away for their rank, are put right one by one.
    """
    times, keys, slots, ranks = gathered[0], gathered[1], gathered[2], gathered[3]
    for i in range(LANES):
        ranks[nth(count + i)] = AFTER_ALL
    for i in range(count):
        place = 0
        for first in range(0, count, LANES):
            place += below(ranks, first, ranks[nth(i)])
        _put(run[nth(place)], times[nth(i)], keys[nth(i)], slots[nth(i)])
    in_order = True
    for i in range(1, count):
        in_order &= run[nth(i - 1)].time < run[nth(i)].time
    if seldom(not in_order):
        _put_right(run, count)


@compiled
def _put_right(run, count):
    """Sort events that are nearly in order."""
    for i in range(1, count):
        time, key, slot, at = run[nth(i)].time, run[nth(i)].key, run[nth(i)].slot, i
        while at > 0 and not is_before(run[nth(at - 1)], time, key):
            _put(run[nth(at)], run[nth(at - 1)].time, run[nth(at - 1)].key, run[nth(at - 1)].slot)
            at -= 1
        _put(run[nth(at)], time, key, slot)


@compiled
def _tidy(state, bucket):
    """Drop the idle events of a bucket."""
    scalars, far = state.scalars, state.far
    place, kept = state.buckets[nth(bucket)], -1
    while place >= 0:
        event = far[nth(place)]
        following = event.after
        if _is_over(state, event.time, event.key, event.slot):
            event.after = scalars[_FAR_FREE]
            scalars[_FAR_FREE] = place
            scalars[_FAR] -= 1
        else:
            event.after = kept
            kept = place
        place = following
    state.buckets[nth(bucket)] = kept


@compiled
def push_near(state, time, key, slot):
    """Add an event to the heap."""
    at = state.scalars[_EVENTS]
    state.scalars[_EVENTS] = at + 1
    _rise(state.events, at, time, key, slot)


@compiled
def _rise(events, at, time, key, slot):
    """Put an event at a free place or above it."""
    while at > 0:
        above = (at - 1) >> 1
        if is_before(events[nth(above)], time, key):
            break
        _put(events[nth(at)], events[nth(above)].time, events[nth(above)].key, events[nth(above)].slot)
        at = above
    _put(events[nth(at)], time, key, slot)


@compiled
def pop(state):
    """Remove the first event.

    The last one takes its place: the free place sinks to the bottom, from where the last one hardly ever rises
    (Wegener 1993, "bottom-up heapsort"); so the way down asks nothing that a processor cannot foresee.
    """
    last = state.scalars[_EVENTS] - 1
    state.scalars[_EVENTS] = last
    events = state.events
    event = events[nth(last)]
    time, key, slot = event.time, event.key, event.slot
    event.time = AFTER_ALL
    if last > 0:
        _rise(events, _sink(events, 0, last), time, key, slot)


@compiled
def push_coming(state, time, key):
    """Add the first arrival of a stream."""
    at = state.scalars[_COMING]
    state.scalars[_COMING] = at + 1
    _rise(state.coming, at, time, key, 0)


@compiled
def replace_coming(state, time, key):
    """The first arrival has come: the stream's next one takes its place, or if it is never the last of the heap."""
    size = state.scalars[_COMING]
    if seldom(time == NEVER):
        size -= 1
        state.scalars[_COMING] = size
        last = state.coming[nth(size)]
        time, key, last.time = last.time, last.key, AFTER_ALL
        if size == 0:
            return
    _rise(state.coming, _sink(state.coming, 0, size), time, key, 0)


@compiled
def _sink(events, at, size):
    """Move a free place to the bottom; behind the last event stands one that comes after all."""
    below = 2 * at + 1
    while below < size:
        one, other = events[nth(below)], events[nth(below + 1)]
        below += (other.time < one.time) | ((other.time == one.time) & (other.key < one.key))
        _put(events[nth(at)], events[nth(below)].time, events[nth(below)].key, events[nth(below)].slot)
        at = below
        below = 2 * at + 1
    return at


@compiled
def contact_at(state, agent, key):
    """Which of an agent's contacts an event is about; -1: none."""
    for at in range(state.agents[nth(agent)].contacts):
        contact = state.contacts[nth(agent), nth(at)]
        if contact.address == (key >> SUBJECT_SHIFT) & SUBJECT_MASK and (
            contact.visit & SEQUENCE_MASK == key & SEQUENCE_MASK
        ):
            return at
    return -1


@compiled
def whose_next_end(state, time, key, slot):
    """The agent with several contacts for whose next end an event is set; -1: nobody."""
    kind, agent = key >> KIND_SHIFT, -1
    if kind == _COMPLETION:
        agent = state.strands[nth(slot)].agent
    elif kind == _WRAP_END:
        agent = slot
    if agent >= 0 and (state.agents[nth(agent)].due != time or state.agents[nth(agent)].due_key != key):
        return -1
    return agent


@compiled
def _is_over(state, time, key, slot):
    """Whether an event may be dropped."""
    return is_idle_event(state, time, key, slot) and whose_next_end(state, time, key, slot) < 0


@compiled
def _is_wrapped(state, time, key, agent):
    """Whether a wrap ends at this very time; with one contact at a time it is never moved."""
    if state.agents[nth(agent)].most == 1:
        return True
    at = contact_at(state, agent, key)
    return at >= 0 and state.contacts[nth(agent), nth(at)].slot < 0 and state.contacts[nth(agent), nth(at)].end == time


@compiled
def _is_past(state, key, slot):
    """Whether what a timer belongs to, a case or a wait, is over; never of other events, and found without a jump."""
    kind = key >> KIND_SHIFT
    chases, waits = kind == _CHASING, (kind >= _OVERFLOW) & (kind <= _ABANDONMENT)
    strand = state.strands[nth(slot * np.int64(chases | waits))]  # of other events the slot may be an agent's
    other = strand.address != (key >> SUBJECT_SHIFT) & SUBJECT_MASK
    ended = chases & (strand.place == _ENDED)
    moved = waits & ((strand.visit & SEQUENCE_MASK != key & SEQUENCE_MASK) | (strand.place != _WAITING))
    return ((chases | waits) & other) | ended | moved


@compiled
def is_idle_event(state, time, key, slot):
    """Whether what an event belongs to is over, or ends at another time."""
    kind = key >> KIND_SHIFT
    if kind == _ARRIVAL:
        return False
    if seldom(kind == _WRAP_END):
        return not _is_wrapped(state, time, key, slot)
    if kind != _COMPLETION:
        return _is_past(state, key, slot)
    strand = state.strands[nth(slot)]
    if strand.address != (key >> SUBJECT_SHIFT) & SUBJECT_MASK or strand.visit & SEQUENCE_MASK != key & SEQUENCE_MASK:
        return True
    return strand.place != _IN_SERVICE or strand.ended != time


@compiled
def compact(state):
    """Drop idle events and restore the heap."""
    _list_last(state)
    for bucket in range(state.scalars[_BUCKET], len(state.buckets)):
        _tidy(state, bucket)
    events = state.events
    kept = 0
    for i in range(state.scalars[_EVENTS]):
        event = events[i]
        if not _is_over(state, event.time, event.key, event.slot):
            _put(events[kept], event.time, event.key, event.slot)
            kept += 1
    state.scalars[_EVENTS] = 0
    if kept == 0:
        events[0].time = AFTER_ALL
    for _ in range(kept):
        event = events[nth(state.scalars[_EVENTS])]
        push_near(state, event.time, event.key, event.slot)
