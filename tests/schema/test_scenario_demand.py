"""Rates by hand: business days of the month, trend, surges, public holidays, customers and orders."""

import datetime as dt

import numpy as np
import pytest

from sim.build import build
from sim.schema.base import Misfit
from sim.schema.demand import read_month_part
from sim.units import DAY_US, HOUR_US
from tests.schema.small import document, model, stream

DAY = 6 * 24  # cases of an ordinary day


def by_day(**keys):
    """Expected cases of each day of March 2026 (31 days from the 1st, a Sunday), in ordinary days."""
    made = model(start="2026-03-01", horizon="31 days", demand=stream(**keys))
    days = np.bincount(made.rates.day, made.rates.expected, minlength=32)[1:]
    return {day + 1: value / DAY for day, value in enumerate(days) if value != pytest.approx(DAY)}


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("last 3 business days", [27, 30, 31]),  # Friday, Monday, Tuesday
        ("first 2 business days", [2, 3]),  # the 1st is a Sunday
        ("last 1 business day", [31]),
        ("first 2 days", [1, 2]),
        ("last 2 days", [30, 31]),
    ],
)
def test_part_of_a_month(key, days):
    assert by_day(month={key: 1.5}) == pytest.approx(dict.fromkeys(days, 1.5))


def test_parts_of_a_month_that_meet_multiply():
    assert by_day(month={"first 2 days": 2, "first 1 business day": 1.5}) == pytest.approx({1: 2, 2: 3})


def test_business_days_of_a_calendar():
    """Open on Saturdays and closed on Mondays: the last two days are the 28th, a Saturday, and the 31st."""
    keys = {"month": {"last 2 business days": 2}, "calendar": "shop"}
    made = document(start="2026-03-01", horizon="31 days", calendars={"shop": {"tue-sat": "09:00-18:00"}},
                    demand=stream(**keys))  # fmt: skip
    rates = build(made.scenario).rates
    days = np.bincount(rates.day, rates.expected, minlength=32)[1:]
    assert np.flatnonzero(days > DAY * 1.5).tolist() == [27, 30]


def test_trend_is_compound_growth_in_thirty_days():
    """2 % from the 1st to the 31st, its square root of the square root after a quarter of that."""
    shares = by_day(trend="2 %")
    assert 1 not in shares
    assert shares[31] == pytest.approx(1.02)
    assert shares[16] ** 2 == pytest.approx(1.02)
    assert by_day(trend="-2 %")[31] == pytest.approx(0.98)


def test_surges_begin_and_end_within_days():
    surge = {"from": "2026-03-05 12:00", "to": "2026-03-06 06:00", "factor": 3, "why": "promotion"}
    assert by_day(surges=[surge]) == pytest.approx({5: 2, 6: 1.5})
    other = {"from": "2026-03-05 18:00", "to": "2026-03-07", "factor": 2}
    assert by_day(surges=[surge, other]) == pytest.approx({5: (2 + 1 * 3 + 1 * 6) / 4, 6: (6 + 3 * 2) / 4})


def test_public_holidays_are_special_days():
    """Labour Day in Germany, 1 May 2026; a date goes before the country's holidays."""
    keys = {"holidays": "DE", "special days": {"holidays": 0.5, dt.date(2026, 5, 14): 2}}
    made = model(start="2026-05-01", horizon="15 days", demand=stream(**keys))
    days = np.bincount(made.rates.day, made.rates.expected, minlength=16)[1:] / DAY
    assert days[[0, 1, 13]] == pytest.approx([0.5, 1, 2])  # Ascension, the 14th, has its own factor


def test_rates_from_customers_and_orders():
    """10,000 customers with 1.46 contacts a year are 40 a day; 500 orders a week with 0.14 contacts are 10 a day."""
    customers = {"calls": {"type": "call", "customers": {"base": "installed", "contacts per year": 1.46}}}
    made = model(customers={"installed": 10_000}, demand=customers)
    assert made.rates.expected.sum() == pytest.approx(7 * 40)
    assert (made.network.streams["customer_first"][0], made.network.streams["customer_last"][0]) == (0, 10_000)
    orders = {"calls": {"type": "call", "orders": {"per week": 500, "contacts each": 0.14}}}
    assert model(demand=orders).rates.expected.sum() == pytest.approx(70)


def test_streams_share_a_base_by_its_name():
    one = {"type": "call", "per week": 7, "customers": {"base": "homes"}}
    made = model(customers={"homes": 50, "firms": 9}, demand={
        "calls": one, "own": {**one, "customers": {"base": 5}}, "firms": {**one, "customers": {"base": "firms"}},
        "mail": one, "none": {"type": "call", "per week": 1},
    })  # fmt: skip
    parts = [(row["customer_first"], row["customer_last"]) for row in made.network.streams]
    assert parts == [(0, 50), (50, 55), (55, 64), (0, 50), (0, 0)]
    assert made.network.customers == 64


def test_an_hour_of_a_surge_leaves_the_rest_of_its_stretch_alone():
    surge = {"from": "2026-03-02 01:00", "to": "2026-03-02 02:00", "factor": 10}
    rates = model(demand=stream(surges=[surge])).rates
    assert rates.time[1:4].tolist() == [HOUR_US, 2 * HOUR_US, DAY_US]
    assert rates.expected[1:4] == pytest.approx([6, 60, 132])


@pytest.mark.parametrize("text", ["last business days", "middle 3 days", "last 0 days", "first 40 days", 3])
def test_what_is_no_part_of_a_month(text):
    with pytest.raises(Misfit, match="not a part of a month"):
        read_month_part(text)
