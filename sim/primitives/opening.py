"""Arithmetic on calendars: stretches in which something is open (see `sim.network.OPENING`)."""

from __future__ import annotations

import numpy as np

from sim.primitives._cache import compiled, entry
from sim.units import NEVER


@compiled
def _stretch(openings, first, last, time):
    """The first stretch of a calendar that ends after a time; ``last`` if there is none."""
    low, high = first, last
    while low < high:
        middle = (low + high) // 2
        if openings[middle].end <= time:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def is_open(calendars, openings, calendar, time):
    """Whether a calendar is open at a time: from a stretch's begin to before its end."""
    row = calendars[calendar]
    at = _stretch(openings, row.first, row.last, time)
    return at < row.last and openings[at].begin <= time


@compiled
def next_open_us(calendars, openings, calendar, time):
    """The first time, not before the given one, at which a calendar is open; `NEVER` if there is none."""
    row = calendars[calendar]
    at = _stretch(openings, row.first, row.last, time)
    if at >= row.last:
        return np.int64(NEVER)
    return max(time, openings[at].begin)


@compiled
def next_round_us(calendars, openings, calendar, time):
    """The first begin of a stretch that is not before a time; `NEVER` if there is none."""
    row = calendars[calendar]
    at = _stretch(openings, row.first, row.last, time)
    if at < row.last and openings[at].begin < time:
        at += 1
    if at >= row.last:
        return np.int64(NEVER)
    return openings[at].begin


@compiled
def after_open_us(calendars, openings, calendar, time, length):
    """The time at which a calendar has been open for a length since a time; `NEVER` if it is not open that long.

    A length of zero ends at once, open or not.
    """
    if length <= 0:
        return time
    row = calendars[calendar]
    at = _stretch(openings, row.first, row.last, time)
    if at >= row.last:
        return np.int64(NEVER)
    goal = openings[at].before + max(time - openings[at].begin, 0) + length
    low, high = at, row.last - 1
    while low < high:  # the first stretch at whose end at least the goal has passed
        middle = (low + high) // 2
        if openings[middle].before + openings[middle].end - openings[middle].begin < goal:
            low = middle + 1
        else:
            high = middle
    end = openings[low].begin + goal - openings[low].before
    return end if end <= openings[low].end else np.int64(NEVER)


@entry
def open_at(calendars, openings, calendar, time):
    """`is_open` for callers outside compiled code."""
    return is_open(calendars, openings, calendar, time)


@entry
def next_open_at(calendars, openings, calendar, time):
    """`next_open_us` for callers outside compiled code."""
    return next_open_us(calendars, openings, calendar, time)


@entry
def next_round_at(calendars, openings, calendar, time):
    """`next_round_us` for callers outside compiled code."""
    return next_round_us(calendars, openings, calendar, time)


@entry
def after_open_at(calendars, openings, calendar, time, length):
    """`after_open_us` for callers outside compiled code."""
    return after_open_us(calendars, openings, calendar, time, length)
