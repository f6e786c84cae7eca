"""Unions of stretches against a count of every moment."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.metrics.stretches import union


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 12)), max_size=20))
def test_a_union_covers_each_moment_once(stretches):
    owners, begins, lengths = np.array(stretches, np.int64).reshape(-1, 3).T
    found = union(owners, begins, begins + lengths)
    for owner in range(3):
        covered = {t for one, begin, length in stretches if one == owner for t in range(begin, begin + length)}
        moments = [t for one, begin, end in zip(*found, strict=True) if one == owner for t in range(begin, end)]
        assert sorted(moments) == sorted(covered)


def test_stretches_of_different_agents_of_a_group_do_not_cover_each_other():
    groups, begins, ends = union(np.zeros(2, np.int64), np.array([0, 5]), np.array([10, 15]), np.array([7, 8]))
    assert groups.tolist() == [0, 0]
    assert (ends - begins).tolist() == [10, 10]
