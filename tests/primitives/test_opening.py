"""Calendars' arithmetic against plain Python that looks at every stretch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.network import CALENDAR, OPENING
from sim.primitives import after_open_at, next_open_at, next_round_at, open_at
from sim.units import NEVER


@st.composite
def calendars(draw):
    """Two calendars of short stretches that may touch, between other stretches in one array."""
    made = []
    for _ in range(2):
        borders = sorted(draw(st.sets(st.integers(-40, 60), max_size=12)))
        spans = list(zip(borders[::2], borders[1::2], strict=False))
        if draw(st.booleans()) and spans:
            spans = [
                part for begin, end in spans for part in ((begin, begin + 1), (begin + 1, end)) if part[0] < part[1]
            ]
        made.append(spans)
    return made


def arrays(spans_of):
    rows, bounds = [], []
    for spans in spans_of:
        first, before = len(rows), 0
        for begin, end in spans:
            rows.append((begin, end, before))
            before += end - begin
        bounds.append((first, len(rows)))
    return np.array(bounds, CALENDAR), np.array(rows, OPENING)


def instants(spans):
    """Every instant at which a calendar is open."""
    return [time for begin, end in spans for time in range(begin, end)]


@given(calendars(), st.integers(0, 1), st.integers(-50, 70))
def test_open_and_when_next(spans_of, which, time):
    open_then = instants(spans_of[which])
    found = arrays(spans_of)
    assert bool(open_at(*found, which, time)) == (time in open_then)
    assert next_open_at(*found, which, time) == min((t for t in open_then if t >= time), default=NEVER)
    begins = [begin for begin, _ in spans_of[which] if begin >= time]
    assert next_round_at(*found, which, time) == min(begins, default=NEVER)


@given(calendars(), st.integers(0, 1), st.integers(-50, 70), st.integers(0, 60))
def test_the_time_after_so_much_open_time(spans_of, which, time, length):
    """The first instant up to which `length` open instants have passed since the time."""
    after = [t for t in instants(spans_of[which]) if t >= time]
    expected = time if length == 0 else after[length - 1] + 1 if length <= len(after) else NEVER
    assert after_open_at(*arrays(spans_of), which, time, length) == expected


@given(calendars(), st.integers(0, 1), st.integers(-50, 70), st.integers(1, 30), st.integers(1, 30))
def test_open_time_adds_up(spans_of, which, time, one, more):
    found = arrays(spans_of)
    between = after_open_at(*found, which, time, one)
    if between != NEVER:
        assert after_open_at(*found, which, between, more) == after_open_at(*found, which, time, one + more)


@pytest.mark.parametrize(
    ("time", "length", "expected"),
    [(0, 5, 15), (10, 10, 20), (12, 8, 20), (12, 9, 31), (20, 1, 31), (25, 10, 40), (25, 11, NEVER), (40, 1, NEVER),
     (25, 0, 25), (40, 0, 40)],
)  # fmt: skip
def test_by_hand(time, length, expected):
    """Open from 10 to 20 and from 30 to 40."""
    found = arrays([[(10, 20), (30, 40)]])
    assert after_open_at(*found, 0, time, length) == expected
