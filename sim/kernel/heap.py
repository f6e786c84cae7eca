"""The queue of events: those far ahead in buckets, near ones in a run or in a binary heap, both on (time, key).

The bucket that comes next is opened when nothing nearer is left: its events, put in order, are the run. What is set
before the end of that bucket goes to the heap. Events in the run still count as far ones.
"""

from __future__ import annotations

from sim.codes import CASE_BITS, KIND_SHIFT, SEQUENCE_MASK, SUBJECT_SHIFT, Kind
from sim.kernel._compiled import compiled, fetch, fetch_at, nth, outlined, plain, seldom
from sim.kernel.state import Place, Scalar
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
AFTER_ALL, _SMALL = plain(NEVER + 1, 32)


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
    """Open buckets until an event is in the run or none is left; chasing timers that are idle by then are dropped."""
    scalars = state.scalars
    scalars[_RUN_FIRST], scalars[_RUN_LAST] = 0, 0
    _list_last(state)
    while scalars[_RUN_LAST] == 0 and scalars[_FAR] > 0:
        bucket = scalars[_BUCKET]
        scalars[_BUCKET] = bucket + 1
        scalars[_NEAR] = (bucket + 1) << scalars[_WIDTH_BITS] if bucket + 1 < len(state.buckets) else AFTER_ALL
        if state.buckets[nth(bucket)] >= 0:
            _empty(state, bucket, True)
    _put_in_order(state.gathered[0], state.gathered[1], state.gathered[2], state.run, scalars[_RUN_LAST])
    state.run[nth(scalars[_RUN_LAST])].time = AFTER_ALL
    place = state.buckets[nth(min(scalars[_BUCKET], len(state.buckets) - 1))]
    scalars[_FORESEEN] = place
    if place >= 0:
        fetch(state.far[nth(place)])


@compiled
def foresee(state):
    """Begin to read what the next event is about, and one more of those in the next bucket."""
    scalars = state.scalars
    slot = state.run[nth(scalars[_RUN_FIRST])].slot
    fetch(state.strands[nth(slot)])
    fetch(state.cases[nth(slot)])
    place = scalars[_FORESEEN]
    if place >= 0:
        event = state.far[nth(place)]
        fetch_at(state.strands, nth(event.slot))
        scalars[_FORESEEN] = event.after
        fetch(state.far[nth(max(event.after, 0))])


@compiled
def _come(state, time, key, slot):
    """An event is near: it joins the run, or if that is full the heap."""
    scalars, gathered, count = state.scalars, state.gathered, state.scalars[_RUN_LAST]
    if seldom(count == gathered.shape[1]):
        scalars[_FAR] -= 1
        push_near(state, time, key, slot)
    else:
        gathered[0, nth(count)], gathered[1, nth(count)], gathered[2, nth(count)] = time, key, slot
        scalars[_RUN_LAST] = count + 1


@outlined
def _put_in_order(times, keys, slots, run, count):
    """Sort the events of a run. Each one's place is how many come before it: no jump that cannot be foreseen."""
    for i in range(count):
        time, key = times[nth(i)], keys[nth(i)]
        place = 0
        for j in range(count):
            same = times[nth(j)] == time
            place += (times[nth(j)] < time) | (same & (keys[nth(j)] < key)) | (same & (keys[nth(j)] == key) & (j < i))
        event = run[nth(place)]
        event.time, event.key, event.slot = time, key, slots[nth(i)]


@compiled
def _empty(state, bucket, is_open):
    """Drop the idle events of a bucket, if it is open only the chasing timers, of which most are idle.

    The others come if it is open, else they stay.
    """
    scalars, far = state.scalars, state.far
    place, kept = state.buckets[nth(bucket)], -1
    while place >= 0:
        event = far[nth(place)]
        following = event.after
        is_asked = not is_open or event.key >> KIND_SHIFT == _CHASING
        idle = is_asked and _is_over(state, event.time, event.key, event.slot)
        if is_open and not idle:
            _come(state, event.time, event.key, event.slot)
        if is_open or idle:
            event.after = scalars[_FAR_FREE]
            scalars[_FAR_FREE] = place
            scalars[_FAR] -= idle
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
    if state.teams[nth(state.agents[nth(agent)].group)].most == 1:
        return True
    at = contact_at(state, agent, key)
    return at >= 0 and state.contacts[nth(agent), nth(at)].slot < 0 and state.contacts[nth(agent), nth(at)].end == time


@compiled
def is_idle_event(state, time, key, slot):
    """Whether what an event belongs to is over, or ends at another time."""
    kind = key >> KIND_SHIFT
    if kind == _ARRIVAL:
        return False
    if seldom(kind == _WRAP_END):
        return not _is_wrapped(state, time, key, slot)
    if seldom(kind == _CHASING):
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
    _list_last(state)
    for bucket in range(state.scalars[_BUCKET], len(state.buckets)):
        _empty(state, bucket, False)
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
