"""Stretches of time that may overlap: their union, owner by owner."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def union(owners: Ints, begins: Ints, ends: Ints, of: Ints | None = None) -> tuple[Ints, Ints, Ints]:
    """The stretches without what an earlier one of the same agent or case covers already.

    Parameters
    ----------
    owners : int64 array (stretches)
        Handed back with what is left.
    begins, ends : int64 arrays (stretches)
    of : int64 array (stretches), optional
        Whose stretches are joined; the owners' unless given.

    Returns
    -------
    tuple of int64 arrays
        Owners, begins and ends of stretches that do not overlap, in order of ``of`` and time.
    """
    joined = owners if of is None else of
    order = np.lexsort((begins, joined))
    owners, begins, ends, joined = owners[order], begins[order], ends[order], joined[order]
    before = _latest_before(joined, ends)
    begins = np.maximum(begins, before)
    left = begins < ends
    return owners[left], begins[left], ends[left]


def _latest_before(owners: Ints, ends: Ints) -> Ints:
    """Latest end of the earlier stretches of the same owner; the smallest number for an owner's first.

    Owners and the ranks of ends make one number, so that one running maximum serves all owners.
    """
    number = len(ends)
    first = np.ones(number, np.bool_)
    first[1:] = owners[1:] != owners[:-1]
    ranked = np.argsort(ends, kind="stable")
    rank = np.empty(number, np.int64)
    rank[ranked] = np.arange(number)
    latest = np.maximum.accumulate((np.cumsum(first) - 1) * number + rank) % max(number, 1)
    before = np.full(number, np.iinfo(np.int64).min)
    before[1:] = np.where(first[1:], before[0] if number else 0, ends[ranked[latest[:-1]]])
    return before
