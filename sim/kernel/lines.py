"""Lines of waiting visits, by (priority, rank, address, visit): who leaves one without being taken is removed late.

As long as everybody joins behind the others a line is a row, from `line_first` on; else it is a binary heap, until it
is empty.
"""

from __future__ import annotations

from sim.kernel._compiled import compiled, fetch, nth, plain, seldom
from sim.kernel.state import Place, Scalar

_WAITING, _TIGHT, _JOINS = plain(Place.WAITING, Scalar.TIGHT_LINE, Scalar.MOST_JOINS)


@compiled
def before(one, other):
    """Whether an entry stands before another."""
    if one.priority != other.priority:
        return one.priority < other.priority
    if one.rank != other.rank:
        return one.rank < other.rank
    if one.address != other.address:
        return one.address < other.address
    return one.visit < other.visit


@compiled
def _copy(into, entry):
    into.priority, into.rank, into.address = entry.priority, entry.rank, entry.address
    into.slot, into.visit = entry.slot, entry.visit


@compiled
def _swap(line, i, j):
    one, other = line[nth(i)], line[nth(j)]
    one.priority, other.priority = other.priority, one.priority
    one.rank, other.rank = other.rank, one.rank
    one.address, other.address = other.address, one.address
    one.slot, other.slot = other.slot, one.slot
    one.visit, other.visit = other.visit, one.visit


@compiled
def join_line(state, number, slot):
    """Add the present visit of a strand at its priority and rank; note when the next event might not find room."""
    line, strand = state.lines[nth(number)], state.strands[nth(slot)]
    at = state.line_size[nth(number)]
    entry = line[nth(at)]
    entry.priority, entry.rank, entry.address = strand.priority, strand.rank, strand.address
    entry.slot, entry.visit = slot, strand.visit
    state.line_size[nth(number)] = at + 1
    if at > 0 and (state.is_heap[nth(number)] or not before(line[nth(at - 1)], entry)):
        _rise(state, number)
    if seldom(state.line_size[nth(number)] + state.scalars[_JOINS] > len(line)):
        state.scalars[_TIGHT] = 1


@compiled
def _rise(state, number):
    """Put the last of a line at its place in the heap, which a row is when it begins at the front."""
    line, first = state.lines[nth(number)], state.line_first[nth(number)]
    state.is_heap[nth(number)] = 1
    if first > 0:
        state.line_first[nth(number)] = 0
        state.line_size[nth(number)] -= first
        for i in range(state.line_size[nth(number)]):
            _copy(line[nth(i)], line[nth(first + i)])
    at = state.line_size[nth(number)] - 1
    while at > 0:
        above = (at - 1) >> 1
        if before(line[nth(above)], line[nth(at)]):
            break
        _swap(line, above, at)
        at = above


@compiled
def head(state, number):
    """Who stands first in a line that is not empty."""
    return state.lines[nth(number), nth(state.line_first[nth(number)])]


@compiled
def _is_waiting(state, entry):
    strand = state.strands[nth(entry.slot)]
    return strand.place == _WAITING and strand.address == entry.address and strand.visit == entry.visit


@compiled
def _settle(line, at, size):
    while True:
        below = 2 * at + 1
        if below >= size:
            return
        if below + 1 < size and before(line[nth(below + 1)], line[nth(below)]):
            below += 1
        if before(line[nth(at)], line[nth(below)]):
            return
        _swap(line, at, below)
        at = below


@compiled
def has_head(state, number):
    """Whether anybody waits in a line; who has left is dropped from its head."""
    while state.line_size[nth(number)] > 0 and not _is_waiting(state, head(state, number)):
        _drop_head(state, number)
    return state.line_size[nth(number)] > 0


@compiled
def take_head(state, number):
    """Remove who stands first in a line, to be served: their slot. The next one begins to be read.

    Of an empty line that is whoever stood there before: reading them does no harm.
    """
    slot = head(state, number).slot
    _drop_head(state, number)
    following = head(state, number).slot
    fetch(state.strands[nth(following)])
    fetch(state.cases[nth(following)])
    return slot


@compiled
def _drop_head(state, number):
    """Remove who stands first in a line that is not empty."""
    if state.is_heap[nth(number)]:
        line, last = state.lines[nth(number)], state.line_size[nth(number)] - 1
        state.line_size[nth(number)] = last
        _copy(line[0], line[nth(last)])
        _settle(line, 0, last)
    else:
        state.line_first[nth(number)] += 1
    if state.line_first[nth(number)] == state.line_size[nth(number)]:
        state.line_first[nth(number)], state.line_size[nth(number)], state.is_heap[nth(number)] = 0, 0, 0


@compiled
def make_room(state):
    """Drop those who have left from lines that are nearly full; whether that frees enough room."""
    size, room = state.line_size, state.lines.shape[1]
    for number in range(len(size)):
        if size[number] + state.scalars[_JOINS] > room:
            _tidy(state, number)
            if 2 * size[number] > room:
                return False
    state.scalars[_TIGHT] = 0
    return True


@compiled
def _tidy(state, number):
    """Drop all who have left a line; a row stays one."""
    line = state.lines[nth(number)]
    kept = 0
    for i in range(state.line_first[nth(number)], state.line_size[nth(number)]):
        if _is_waiting(state, line[nth(i)]):
            _copy(line[nth(kept)], line[nth(i)])
            kept += 1
    state.line_first[nth(number)], state.line_size[nth(number)] = 0, kept
    if state.is_heap[nth(number)]:
        for at in range(kept // 2 - 1, -1, -1):
            _settle(line, at, kept)
