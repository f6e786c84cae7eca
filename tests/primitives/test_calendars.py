"""Wall time on the time line: there and back, never backwards, the length of days; against the system's own zones."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.calendars import Clock, local_seconds, to_utc
from sim.units import DAY_US, HOUR_US, MINUTE_US

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns"]
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31))


def clock(zone, day=dt.date(2026, 1, 1)):
    return Clock(ZoneInfo(zone), dt.datetime.combine(day, dt.time()), 400 * DAY_US)


@given(st.sampled_from(ZONES), DAYS, st.integers(0, 1439))
def test_there_and_back(zone, day, minute):
    """A wall time comes back as itself, or, if the clocks skip it, as the first one after the gap."""
    wall = dt.datetime.combine(day, dt.time(minute // 60, minute % 60))
    instant = to_utc(wall, ZoneInfo(zone))
    back = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if back != wall:
        assert wall < back
        before = (instant - dt.timedelta(minutes=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert before < wall
    else:
        earlier = instant - dt.timedelta(hours=1)
        assert earlier.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall  # the first of two


@given(st.sampled_from(ZONES), DAYS, st.integers(0, 1439), st.integers(0, 600))
def test_time_does_not_run_backwards(zone, day, minute, more):
    made = clock(zone)
    assert made.at(day, minute) <= made.at(day, minute + more)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("Europe/Berlin", dt.date(2026, 3, 29), 23), ("Europe/Berlin", dt.date(2026, 10, 25), 25),
     ("America/New_York", dt.date(2026, 3, 8), 23), ("America/New_York", dt.date(2026, 11, 1), 25),
     ("Australia/Lord_Howe", dt.date(2026, 4, 5), 24.5), ("Australia/Lord_Howe", dt.date(2026, 10, 4), 23.5),
     ("Asia/Kolkata", dt.date(2026, 3, 29), 24)],
)  # fmt: skip
def test_the_length_of_a_day(zone, day, hours):
    made = clock(zone)
    assert made.at(day, 1440) - made.at(day, 0) == hours * HOUR_US


def test_both_ends_of_the_gap_and_of_the_repeated_hour():
    made = clock("Europe/Berlin", dt.date(2026, 3, 29))
    assert [made.at(dt.date(2026, 3, 29), m) // MINUTE_US for m in (119, 120, 150, 180)] == [119, 120, 120, 120]
    made = clock("Europe/Berlin", dt.date(2026, 10, 25))
    assert [made.at(dt.date(2026, 10, 25), m) // MINUTE_US for m in (120, 179, 180)] == [120, 179, 240]


@given(st.sampled_from(ZONES), st.integers(0, 399 * 24 * 60))
def test_local_seconds_agree_with_the_wall(zone, minute):
    import numpy as np

    made = clock(zone)
    wall = made.wall(minute * MINUTE_US)
    seconds = local_seconds(made.zone, made.start_utc, np.array([minute * MINUTE_US]))[0]
    assert dt.datetime(1970, 1, 1) + dt.timedelta(seconds=int(seconds)) == wall
