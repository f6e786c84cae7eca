"""Numbers as readers see them."""

from __future__ import annotations

import pytest

from app.numbers import difference, in_two, interval, with_unit


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.8237, "share", "82.4 %"),
        (0.0, "share", "0 %"),
        (0, "contacts", "0"),
        (7.0, "contacts", "7"),
        (4120.4, "contacts", "4,120"),
        (0.4167, "contacts", "0.417"),
        (12.345, "contacts", "12.3"),
        (31.52, "s", "31.5 s"),
        (119.9, "s", "120 s"),
        (150.0, "s", "2.50 min"),
        (3 * 3600.0, "s", "3 h"),
        (3 * 86400.0, "s", "3 days"),
        (870.25, "h", "870 h"),
        (0.123, "per case", "0.12"),
        (-0.0001, "share", "0.0 %"),
        (None, "s", "–"),
    ],
)
def test_value(value, unit, text):
    assert with_unit(value, unit) == text


def test_interval_keeps_one_unit():
    assert interval(61.0, 55.0, 130.0, "s") == "1.02 min (0.917 to 2.17)"
    assert interval(0.5, 0.4, 0.6, "share") == "50.0 % (40.0 to 60.0)"
    assert interval(0.5, None, None, "share") == "50.0 %"
    assert interval(None, None, None, "share") == "–"


def test_number_and_limits_share_the_unit_when_they_stand_apart():
    assert in_two(interval(5262.0, 3110.0, 7416.0, "s")) == ("1.46 h", "0.864 to 2.06")
    assert in_two(interval(5262.0, None, None, "s")) == ("87.7 min", "")
    assert in_two(difference(-90.0, -130.0, -50.0, "s")) == ("−1.50 min", "−2.17 to −0.833")


def test_differences_are_signed_and_shares_differ_by_points():
    assert difference(-0.031, -0.042, 0.001, "share") == "−3.1 pp (−4.2 to +0.1)"
    assert difference(12.0, 8.0, 16.0, "s") == "+12 s (+8 to +16)"
    assert difference(0.0, 0.0, 0.0, "contacts") == "0 (0 to 0)"
    assert difference(None, None, None, "s") == "–"
