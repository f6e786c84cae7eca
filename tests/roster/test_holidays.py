"""Public holidays and make-up days, against the calendars that governments published."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sim.calendars import Clock, openings, rounds
from sim.errors import ParameterError
from sim.network import CALENDAR
from sim.primitives import next_round_at, open_at
from sim.publicdays import DayType, day_type, parse_country
from sim.schema.base import Misfit
from sim.schema.daytable import parse_day_table
from sim.units import DAY_US, HOUR_US


def types(country, *days):
    return [day_type(country, dt.date.fromisoformat(day)) for day in days]


def test_china_moves_weekends():
    """The State Council's General Office on 2026: National Day off from 1 to 7 October (Thursday to Wednesday).

    For it 20 September (Sunday) and 10 October (Saturday) are worked. Spring Festival is off from 15 to 23 February;
    for it 14 and 28 February (Saturdays) are worked.
    """
    off = [f"2026-{day}" for day in ("10-01", "10-02", "10-05", "10-06", "10-07", "02-16", "02-18", "02-20", "02-23")]
    worked = ["2026-09-20", "2026-10-10", "2026-02-14", "2026-02-28"]
    assert types("CN", *off) == [DayType.HOLIDAY] * len(off)
    assert types("CN", *worked) == [DayType.MAKE_UP] * len(worked)
    assert types("CN", "2026-10-08", "2026-10-11", "2026-02-24") == [DayType.ORDINARY] * 3


def test_a_make_up_day_of_the_year_before():
    """30 December 2006 (Sat) was worked for 2 January 2007."""
    assert types("CN", "2006-12-30") == [DayType.MAKE_UP]


def test_parts_of_a_country():
    """Epiphany is free in Bavaria, not in Berlin; German Unity Day everywhere."""
    assert types("DE-BY", "2026-01-06", "2026-10-03") == [DayType.HOLIDAY] * 2
    assert types("DE-BE", "2026-01-06", "2026-10-03") == [DayType.ORDINARY, DayType.HOLIDAY]


@pytest.mark.parametrize(
    ("country", "message"),
    [("CHN", "no such country; allowed: a country such as CN"), (None, "no such country"),
     ("DE-XX", "no such part of the country; allowed: DE, DE-BB")],
)  # fmt: skip
def test_an_unknown_country(country, message):
    with pytest.raises(ParameterError, match=message):
        parse_country(country)


def test_a_table_closes_on_holidays_and_works_make_up_days_like_mondays():
    table = parse_day_table({"mon": {"09:00-17:00": 5}, "tue-fri": {"09:00-17:00": 3}, "holidays": "CN"})
    days = ["2026-10-05", "2026-10-08", "2026-10-10", "2026-10-11"]  # Monday off, Thursday, Saturday worked, Sunday
    assert [[s.value for s in table.on(dt.date.fromisoformat(day))] for day in days] == [[], [3], [5], []]


def test_a_table_may_say_what_holds_on_holidays_and_on_a_date_among_them():
    given = {"every day": 4, "holidays": "CN", "public holidays": {"10:00-14:00": 2}, "2026-10-02": 1}
    table = parse_day_table(given)
    assert [table.on(dt.date(2026, 10, day))[0].value for day in (1, 2, 8)] == [2, 1, 4]
    assert max(table.all_values()) == 4


@pytest.mark.parametrize(
    ("given", "message", "inside"),
    [({"mon": 1, "public holidays": 2}, "'public holidays' without a country", ("public holidays",)),
     ({"mon": 1, "holidays": "ZZ"}, "no such country", ("holidays",)),
     ({"sun": {"22:00-08:00": 1}, "mon": {"09:00-17:00": 1}, "sat": {"06:00-12:00": 1}, "holidays": "CN",
       "public holidays": {"07:00-12:00": 1}}, "hours of sun overlap those of the day after", ())],
)  # fmt: skip
def test_a_table_that_does_not_fit(given, message, inside):
    with pytest.raises(Misfit, match=message) as caught:
        parse_day_table(given)
    assert caught.value.inside == inside


OFFICE = {"mon-fri": {"09:00-12:00": 1, "12:00-17:00": 1}}


def clock(zone="UTC", start="2026-03-02", days=7):
    return Clock(ZoneInfo(zone), dt.datetime.fromisoformat(start), days * DAY_US)


def test_openings_join_what_touches_and_reach_beyond_the_run():
    """A week from Monday: 8 hours a day, 5 days a week, from 40 days before to 400 days beyond."""
    made = openings(parse_day_table(OFFICE), clock())
    inside = made[(made["begin"] >= 0) & (made["begin"] < 7 * DAY_US)]
    assert inside["begin"].tolist() == [day * DAY_US + 9 * HOUR_US for day in range(5)]
    assert set((made["end"] - made["begin"]).tolist()) == {8 * HOUR_US}
    assert made["before"].tolist() == [number * 8 * HOUR_US for number in range(len(made))]
    assert made["begin"][0] == -40 * DAY_US + 9 * HOUR_US  # 21 January, a Wednesday
    assert made["end"][-1] > 400 * DAY_US


def test_openings_over_a_night_and_on_a_short_day():
    """Open round the clock is one stretch; the night of 28 March in Berlin has an hour less."""
    always = openings(parse_day_table(1), clock())
    assert len(always) == 1
    night = openings(parse_day_table({"sat": {"22:00-06:00": 1}}), clock("Europe/Berlin", "2026-03-23"))
    lengths = dict(zip(night["begin"].tolist(), (night["end"] - night["begin"]).tolist(), strict=True))
    assert lengths[5 * DAY_US + 22 * HOUR_US] == 7 * HOUR_US


def test_openings_leave_out_holidays_and_stretches_of_nothing():
    made = openings(parse_day_table({**OFFICE, "2026-03-03": 0, "holidays": "CN"}), clock("Asia/Shanghai", days=60))
    begun = {(9 * HOUR_US + day * DAY_US) in made["begin"] for day in (1, 35)}  # 3 March; 6 April, day off
    assert begun == {False}


def test_a_round_at_its_very_instant_takes_no_time():
    made = rounds(parse_day_table({"mon-fri": 1}), [15 * 60, 10 * 60], clock())
    calendars = np.array([(0, len(made))], CALENDAR)
    tomorrow = DAY_US + 10 * HOUR_US
    times = {0: 10 * HOUR_US, 10 * HOUR_US: 10 * HOUR_US, 10 * HOUR_US + 1: 15 * HOUR_US, 15 * HOUR_US + 1: tomorrow}
    assert {time: int(next_round_at(calendars, made, 0, time)) for time in times} == times
    assert next_round_at(calendars, made, 0, 4 * DAY_US + 16 * HOUR_US) == 7 * DAY_US + 10 * HOUR_US  # over the weekend
    assert not open_at(calendars, made, 0, 11 * HOUR_US)
