"""Stretches of time that may overlap: their union, owner by owner."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.primitives import cut_covered

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
    cut_covered(joined, begins, ends)
    left = begins < ends
    return owners[left], begins[left], ends[left]
