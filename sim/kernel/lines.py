"""Lines of waiting visits: a binary heap each on (priority, since, address); who has left is removed late."""

from __future__ import annotations

from sim.kernel.state import Place, Scalar
from sim.primitives._cache import compiled

_WAITING, _TIGHT = int(Place.WAITING), int(Scalar.TIGHT_LINE)


@compiled
def before(one, other):
    """Whether an entry ranks before another."""
    if one.priority != other.priority:
        return one.priority < other.priority
    if one.since != other.since:
        return one.since < other.since
    return one.address < other.address


@compiled
def _copy(into, entry):
    into.priority, into.since, into.address = entry.priority, entry.since, entry.address
    into.slot, into.visit = entry.slot, entry.visit


@compiled
def _swap(line, i, j):
    one, other = line[i], line[j]
    one.priority, other.priority = other.priority, one.priority
    one.since, other.since = other.since, one.since
    one.address, other.address = other.address, one.address
    one.slot, other.slot = other.slot, one.slot
    one.visit, other.visit = other.visit, one.visit


@compiled
def join_line(state, number, priority, since, slot):
    """Add the present visit of a case; note when that was the last room."""
    line, case = state.lines[number], state.cases[slot]
    at = state.line_size[number]
    entry = line[at]
    entry.priority, entry.since, entry.address = priority, since, case.address
    entry.slot, entry.visit = slot, case.visits
    state.line_size[number] = at + 1
    while at > 0:
        above = (at - 1) >> 1
        if before(line[above], line[at]):
            break
        _swap(line, above, at)
        at = above
    if state.line_size[number] == len(line):
        state.scalars[_TIGHT] = number


@compiled
def _is_waiting(state, entry):
    case = state.cases[entry.slot]
    return case.place == _WAITING and case.address == entry.address and case.visits == entry.visit


@compiled
def _settle(line, at, size):
    while True:
        below = 2 * at + 1
        if below >= size:
            return
        if below + 1 < size and before(line[below + 1], line[below]):
            below += 1
        if before(line[at], line[below]):
            return
        _swap(line, at, below)
        at = below


@compiled
def has_head(state, number):
    """Whether anybody waits in a line; who has left is dropped from its head."""
    line = state.lines[number]
    while state.line_size[number] > 0 and not _is_waiting(state, line[0]):
        last = state.line_size[number] - 1
        state.line_size[number] = last
        _copy(line[0], line[last])
        _settle(line, 0, last)
    return state.line_size[number] > 0


@compiled
def tidy(state, number):
    """Drop all who have left; whether at least half the room is free afterwards."""
    line = state.lines[number]
    kept = 0
    for i in range(state.line_size[number]):
        if _is_waiting(state, line[i]):
            _copy(line[kept], line[i])
            kept += 1
    state.line_size[number] = kept
    for at in range(kept // 2 - 1, -1, -1):
        _settle(line, at, kept)
    return 2 * kept <= len(line)
