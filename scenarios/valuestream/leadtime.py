"""What each instant of a case's lead time is, so that the parts add up to it exactly."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from scenarios.valuestream.rows import Ints, Rows, total
from sim.codes import Case, Visit


class Part(IntEnum):
    """What an instant of a case's lead time is; of several at once the first counts."""

    ADDS = 0
    NECESSARY = 1
    OTHER = 2  # worked on, without adding value
    WAIT = 3
    DELAY = 4
    APART = 5  # nothing: between two attempts, or ended for the time being


PARTS = {
    Part.ADDS: "work that adds value",
    Part.NECESSARY: "necessary work",
    Part.OTHER: "work that adds no value",
    Part.WAIT: "waiting for people",
    Part.DELAY: "delayed",
    Part.APART: "between attempts, or ended for the time being",
}


def lead_parts(rows: Rows, lead: Ints) -> Ints:
    """Time of each case that is of each `Part` (parts x cases)."""
    own = ~rows.chasing
    case, step = rows.case[own], rows.column(Visit.STEP)[own]
    enqueued, started, ended = (rows.column(c)[own] for c in (Visit.ENQUEUED, Visit.STARTED, Visit.ENDED))
    work = np.array([_PART_OF[value] for value in rows.outline.values], np.int64)[step]
    works = rows.column(Visit.QUEUE)[own] >= 0
    begins = np.where(works, np.minimum(started, ended), ended)
    idle = np.where(works, Part.WAIT, np.where(work == Part.ADDS, Part.ADDS, Part.DELAY))
    stretches = [(case, idle, enqueued, begins), (case, work, begins, ended)]
    owner, part, begin, end = (np.concatenate(columns) for columns in zip(*stretches, strict=True))
    begin = np.maximum(begin, rows.cases[owner, Case.ARRIVED])
    end = np.minimum(end, rows.cases[owner, Case.ENDED])
    several = rows.forked[owner]
    alone, beside = ~several & (end > begin), several & (end > begin)
    found = _added(owner[alone], part[alone], (end - begin)[alone], len(rows.cases))
    found += _sweep(owner[beside], part[beside], begin[beside], end[beside], len(rows.cases))
    found[Part.APART] = lead - found.sum(axis=0)
    return found


_PART_OF = {"adds": Part.ADDS, "necessary": Part.NECESSARY, "none": Part.OTHER}


def _added(owner: Ints, part: Ints, length: Ints, owners: int) -> Ints:
    return total(part * owners + owner, length, len(Part) * owners).reshape(len(Part), owners)


def _sweep(owner: Ints, part: Ints, begin: Ints, end: Ints, owners: int) -> Ints:
    """Length of the union of an owner's stretches, by the first part that holds (parts x owners).

    Between two borders of an owner's stretches, whatever has begun more often than it has ended holds.
    """
    who, when = np.concatenate([owner, owner]), np.concatenate([begin, end])
    change, which = np.repeat([1, -1], len(owner)), np.concatenate([part, part])
    order = np.lexsort((when, who))
    who, when, which, change = who[order], when[order], which[order], change[order]
    at_once = np.cumsum(np.where(which == np.arange(Part.APART)[:, None], change, 0), axis=1)
    length = np.append(np.diff(when), 0)
    holds = np.append(who[1:] == who[:-1], False)[: len(who)] & at_once.any(axis=0)
    first = (at_once > 0).argmax(axis=0)
    return _added(who[holds], first[holds], length[holds], owners)
