"""Lines of waiting visits, by (priority, rank, address, visit): who leaves one without being taken is removed late.

A line has a tier for each priority that occurs, up to eight: those of all further ones share the last. A bit says of
each tier whether anybody stands there. As long as everybody joins behind the others a tier is a row, from its first
place on; else it is a binary heap, until it is empty.
"""

from __future__ import annotations

from sim.kernel._compiled import compiled, fetch, lowest, nth, plain, seldom
from sim.kernel.bounds import MOST_TIERS
from sim.kernel.state import Place, Scalar

_WAITING, _TIGHT, _JOINS, _TIERS = plain(Place.WAITING, Scalar.TIGHT_LINE, Scalar.MOST_JOINS, Scalar.TIERS)
_ONE, _NOBODY, _LAST = plain(1, 1 << MOST_TIERS, MOST_TIERS - 1)


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
def _swap(row, i, j):
    one, other = row[nth(i)], row[nth(j)]
    one.priority, other.priority = other.priority, one.priority
    one.rank, other.rank = other.rank, one.rank
    one.address, other.address = other.address, one.address
    one.slot, other.slot = other.slot, one.slot
    one.visit, other.visit = other.visit, one.visit


@compiled
def join_line(state, number, slot):
    """Add the present visit of a strand at its priority and rank; note when the next event might not find room."""
    strand = state.strands[nth(slot)]
    place = state.tier_of[nth(strand.priority)]
    state.standing[nth(number)] |= _ONE << place
    tier = number * state.scalars[_TIERS] + place
    row, at = state.tiers[nth(tier)], state.tier_last[nth(tier)]
    entry = row[nth(at)]
    entry.priority, entry.rank, entry.address = strand.priority, strand.rank, strand.address
    entry.slot, entry.visit = slot, strand.visit
    state.tier_last[nth(tier)] = at + 1
    if at > 0 and (state.is_heap[nth(tier)] or not before(row[nth(at - 1)], entry)):
        _rise(state, tier)
    if seldom(state.tier_last[nth(tier)] + state.scalars[_JOINS] > len(row)):
        state.scalars[_TIGHT] = 1


@compiled
def _rise(state, tier):
    """Put the last of a tier at its place in the heap, which a row is when it begins at the front."""
    row, first = state.tiers[nth(tier)], state.tier_first[nth(tier)]
    state.is_heap[nth(tier)] = 1
    if first > 0:
        state.tier_first[nth(tier)] = 0
        state.tier_last[nth(tier)] -= first
        for i in range(state.tier_last[nth(tier)]):
            _copy(row[nth(i)], row[nth(first + i)])
    at = state.tier_last[nth(tier)] - 1
    while at > 0:
        above = (at - 1) >> 1
        if before(row[nth(above)], row[nth(at)]):
            break
        _swap(row, above, at)
        at = above


@compiled
def _front(state, number):
    """The first tier of a line in which anybody stands; of an empty line its first one. No jump asks which."""
    place = lowest(state.standing[nth(number)] | _NOBODY) & _LAST
    return number * state.scalars[_TIERS] + place


@compiled
def head(state, number):
    """Who stands first in a line that is not empty."""
    return _first_of(state, _front(state, number))


@compiled
def _first_of(state, tier):
    return state.tiers[nth(tier), nth(state.tier_first[nth(tier)])]


@compiled
def _is_waiting(state, entry):
    strand = state.strands[nth(entry.slot)]
    return strand.place == _WAITING and strand.address == entry.address and strand.visit == entry.visit


@compiled
def _settle(row, at, size):
    while True:
        below = 2 * at + 1
        if below >= size:
            return
        if below + 1 < size and before(row[nth(below + 1)], row[nth(below)]):
            below += 1
        if before(row[nth(at)], row[nth(below)]):
            return
        _swap(row, at, below)
        at = below


@compiled
def has_head(state, number):
    """Whether anybody waits in a line; who has left is dropped from its head."""
    while state.standing[nth(number)] != 0 and not _is_waiting(state, head(state, number)):
        _drop_head(state, number, _front(state, number))
    return state.standing[nth(number)] != 0


@compiled
def take_head(state, number):
    """Remove who stands first in a line, to be served: their slot. The next one begins to be read.

    Of an empty line that is whoever stood in its first tier before, or strand 0: reading them does no harm.
    """
    tier = _front(state, number)
    slot = _first_of(state, tier).slot
    _drop_head(state, number, tier)
    following = head(state, number).slot
    fetch(state.strands[nth(following)])
    fetch(state.cases[nth(following)])
    return slot


@compiled
def _drop_head(state, number, tier):
    """Remove who stands first in a line, from its first tier that is not empty."""
    if state.is_heap[nth(tier)]:
        row, last = state.tiers[nth(tier)], state.tier_last[nth(tier)] - 1
        state.tier_last[nth(tier)] = last
        _copy(row[0], row[nth(last)])
        _settle(row, 0, last)
    else:
        state.tier_first[nth(tier)] += 1
    if state.tier_first[nth(tier)] == state.tier_last[nth(tier)]:
        _empty(state, number, tier)


@compiled
def _empty(state, number, tier):
    """Nobody is left in a tier of a line."""
    state.tier_first[nth(tier)], state.tier_last[nth(tier)], state.is_heap[nth(tier)] = 0, 0, 0
    state.standing[nth(number)] &= ~(_ONE << (tier - number * state.scalars[_TIERS]))


@compiled
def make_room(state):
    """Drop those who have left from tiers that are nearly full; whether that frees enough room."""
    last, room = state.tier_last, state.tiers.shape[1]
    for tier in range(len(last)):
        if last[tier] + state.scalars[_JOINS] > room:
            _tidy(state, tier)
            if 2 * last[tier] > room:
                return False
    state.scalars[_TIGHT] = 0
    return True


@compiled
def _tidy(state, tier):
    """Drop all who have left a tier; a row stays one."""
    row = state.tiers[nth(tier)]
    kept = 0
    for i in range(state.tier_first[nth(tier)], state.tier_last[nth(tier)]):
        if _is_waiting(state, row[nth(i)]):
            _copy(row[nth(kept)], row[nth(i)])
            kept += 1
    state.tier_first[nth(tier)], state.tier_last[nth(tier)] = 0, kept
    if kept == 0:
        _empty(state, tier // state.scalars[_TIERS], tier)
    elif state.is_heap[nth(tier)]:
        for at in range(kept // 2 - 1, -1, -1):
            _settle(row, at, kept)
