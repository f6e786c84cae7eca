"""Moves of cases from one place of the map to another."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np

from scenarios.valuestream.outline import Mark
from scenarios.valuestream.rows import Flags, Ints, Rows
from sim.codes import Case, Outcome, Visit

_END_MARK = {
    Outcome.SOLVED: Mark.SOLVED,
    Outcome.UNSOLVED: Mark.UNSOLVED,
    Outcome.ABANDONED: Mark.GAVE_UP,
    Outcome.BLOCKED: Mark.TURNED_AWAY,
}


def moves_of(rows: Rows, of_case: Ints) -> Counter[tuple[int, int, int]]:
    """How often a case of a process went from one place of the map to another."""
    fresh = ~rows.resumed
    forked = rows.forked
    simple = ~forked[rows.case]
    found: Counter[tuple[int, int, int]] = Counter()
    places = len(rows.outline.steps) + len(Mark)
    _count(found, _straight(rows, of_case, fresh & simple & (rows.column(Visit.STRAND) == 0), ~forked), places)
    _count(found, _asking(rows, fresh & rows.chasing), places)
    own, table = rows.case[fresh & ~rows.chasing], rows.visits[fresh & ~rows.chasing]
    for case in np.flatnonzero(forked):
        first, last = np.searchsorted(own, [case, case + 1])
        end = len(rows.outline.steps) + _END_MARK[Outcome(int(rows.cases[case, Case.OUTCOME]))]
        begin = len(rows.outline.steps) + Mark.ARRIVES
        found.update((int(of_case[case]), *move) for move in _forked(table[first:last], begin, end))
    return found


def _count(found: Counter[tuple[int, int, int]], moves: Ints, places: int) -> None:
    process, origin, target = moves.T
    codes, times = np.unique((process * places + origin) * places + target, return_counts=True)
    for code, number in zip(codes.tolist(), times.tolist(), strict=True):
        found[code // places**2, code // places % places, code % places] += number


def _straight(rows: Rows, of_case: Ints, own: Flags, cases: Flags) -> Ints:
    """Moves (process, from, to) of cases that never fork."""
    steps, table = len(rows.outline.steps), rows.visits[own]
    case, step, process = rows.case[own], table[:, Visit.STEP], rows.process[own]
    same = case[1:] == case[:-1]
    first, last = np.append(True, ~same)[: len(case)], np.append(~same, True)[: len(case)]
    alone = cases.copy()
    alone[case] = False
    marks = np.array([_END_MARK.get(Outcome(o), Mark.ARRIVES) for o in rows.cases[:, Case.OUTCOME]], np.int64) + steps
    begin = steps + Mark.ARRIVES
    again = same & (table[1:, Visit.ATTEMPT] > table[:-1, Visit.ATTEMPT])
    back = same & ~again & (table[1:, Visit.ENQUEUED] > _last_end(rows, own)[:-1])
    on = (process[1:], step[:-1], step[1:])
    return np.concatenate(
        [
            _columns(process[first], np.full(int(first.sum()), begin), step[first]),
            _columns(of_case[alone], np.full(int(alone.sum()), begin), marks[alone]),
            _columns(process[last], step[last], marks[case[last]]),
            _columns(*(column[same & ~again & ~back] for column in on)),
            _by_way_of(steps + Mark.TRIES_AGAIN, *(column[again] for column in on)),
            _by_way_of(steps + Mark.COMES_BACK, *(column[back] for column in on)),
        ]
    )


def _by_way_of(mark: int, process: Ints, origin: Ints, target: Ints) -> Ints:
    between = np.full(len(process), mark)
    return np.concatenate([_columns(process, origin, between), _columns(process, between, target)])


def _last_end(rows: Rows, own: Flags) -> Ints:
    """End of each visit; of a visit that was suspended, the end of the last stretch of its work."""
    visits, ended = rows.visits, rows.visits[:, Visit.ENDED].copy()
    same = (rows.case[1:] == rows.case[:-1]) & (visits[1:, Visit.STRAND] == visits[:-1, Visit.STRAND])
    for row in np.flatnonzero(same & rows.resumed[1:])[::-1]:
        ended[row] = ended[row + 1]
    return ended[own]


def _columns(*columns: Ints) -> Ints:
    return np.stack(columns, axis=1).astype(np.int64)


def _asking(rows: Rows, own: Flags) -> Ints:
    """Moves of chasing contacts: from the asking to their steps; what follows their last step is of no interest."""
    table, steps = rows.visits[own], len(rows.outline.steps)
    strand = rows.case[own] * (1 << 20) + table[:, Visit.STRAND]
    same = strand[1:] == strand[:-1]
    first = np.append(True, ~same)[: len(strand)]
    process, step = rows.process[own], table[:, Visit.STEP]
    asked = np.full(int(first.sum()), steps + Mark.ASKS)
    return np.concatenate(
        [_columns(process[first], asked, step[first]), _columns(process[1:][same], step[:-1][same], step[1:][same])]
    )


def _forked(table: Ints, begin: int, end: int) -> list[tuple[int, int]]:
    """Moves of a case with forks, between its begin and its end.

    A strand comes from the visit at whose end it appeared, and leads on to the next visit of that visit's strand.
    """
    strands: dict[int, list[Ints]] = {0: []}
    for row in table[np.argsort(table[:, Visit.VISIT])]:
        strands.setdefault(int(row[Visit.STRAND]), []).append(row)
    parents = {strand: _parent(strands, strand) for strand in strands if strand}
    forks, moves = set(parents.values()), []
    places = {strand: [int(row[Visit.STEP]) for row in visits] for strand, visits in strands.items()}
    way = [begin, *places[0], end]
    for strand, (parent, before) in parents.items():
        above = way if parent == 0 else [begin, *places[parent], end]
        moves += [(above[before], places[strand][0]), (places[strand][-1], above[before + 1])]
    for strand, visited in places.items():
        stretch = enumerate(pairwise(way)) if strand == 0 else enumerate(pairwise(visited), 1)
        moves += [move for number, move in stretch if (strand, number) not in forks]
    return moves


def _parent(strands: dict[int, list[Ints]], strand: int) -> tuple[int, int]:
    """The strand that forked, and how many visits it had had: the latest visit that ended when this strand began."""
    first = strands[strand][0]
    ended = [
        (int(row[Visit.VISIT]), other, number)
        for other, visits in strands.items()
        for number, row in enumerate(visits, 1)
        if other < strand and row[Visit.ENDED] == first[Visit.ENQUEUED] and row[Visit.VISIT] < first[Visit.VISIT]
    ]
    return max(ended)[1:] if ended else (0, 0)
