"""Calendars by hand: days of 23 and 25 hours, midnight, what began before the start; head counts, shifts and rates.

Berlin goes from 02:00 to 03:00 on 29 March 2026 (01:00 UTC) and back from 03:00 to 02:00 on 25 October (01:00 UTC).
"""

import pytest

from sim.errors import ScenarioError
from sim.units import HOUR_US
from tests.engines.trace import agents, check, model

NOBODY = {"a": {"at": [10**6]}}
H = 3600


def on_duty(start, heads, **top):
    """A group whose sessions are its head counts, since nobody calls."""
    top = {"time zone": "Europe/Berlin", "horizon": "1 day"} | top
    return model(NOBODY, {"g": heads}, start=start, **top)


def shifts(**fields):
    return {"shifts": {"one": {"agents": 1} | fields}, "skills": ["s"]}


def test_a_border_inside_the_gap_is_the_first_instant_after_it(engine):
    """02:30 does not exist: the second agent comes at 03:00 summer time, two hours after midnight, for one hour."""
    made = on_duty("2026-03-29", agents({"every day": {"00:00-02:30": 1, "02:30-04:00": 2}}), horizon="20 h")
    check(engine, made, sessions=f"g1 {2 * H} {3 * H}\ng0 0 {3 * H}")


def test_hours_that_lie_in_the_gap_are_empty(engine):
    made = on_duty("2026-03-29", agents({"every day": {"02:00-03:00": 3, "05:00-06:00": 1}}))
    check(engine, made, sessions=f"g0 {4 * H} {5 * H}")


def test_a_shift_across_the_gap_is_an_hour_shorter_and_its_break_follows_the_wall(engine):
    """01:00 to 05:00 are three hours; the break from 03:00 to 03:30 begins when the clocks have changed."""
    made = on_duty("2026-03-29", shifts(hours="01:00-05:00", **{"break": {"at": "03:00", "for": "30 min"}}))
    check(engine, made, sessions=f"g0 {H} {2 * H}\ng0 {2.5 * H:g} {4 * H}")


def test_a_wall_time_that_comes_twice_is_the_first_of_the_two(engine):
    """In October 02:30 comes 2.5 and 3.5 hours after midnight, and 03:00 after four hours."""
    made = on_duty("2026-10-25", agents({"every day": {"00:00-02:30": 1, "02:30-03:00": 2}}))
    check(engine, made, sessions=f"g1 {2.5 * H:g} {4 * H}\ng0 0 {4 * H}")


def test_a_whole_day_in_october_has_25_hours(engine):
    made = on_duty("2026-10-25", agents({"2026-10-25": 1}), horizon="30 h")
    check(engine, made, sessions=f"g0 0 {25 * H}")


def test_a_whole_day_in_march_has_23_hours(engine):
    made = on_duty("2026-03-29", agents({"2026-03-29": 1}), horizon="30 h")
    check(engine, made, sessions=f"g0 0 {23 * H}")


@pytest.mark.parametrize("heads", [agents({"mon": {"22:00-02:00": 1}}), shifts(hours="22:00-02:00", days="mon")])
def test_hours_across_midnight_belong_to_the_day_on_which_they_begin(engine, heads):
    """From Monday 21:00; and from Tuesday 00:30, when whoever began on Monday is on duty."""
    evening = on_duty("2026-03-02 21:00", heads, **{"time zone": "UTC"})
    check(engine, evening, sessions=f"g0 {H} {5 * H}")
    night = on_duty("2026-03-03 00:30", heads, **{"time zone": "UTC"})
    check(engine, night, sessions=f"g0 0 {1.5 * H:g}")


def test_a_shift_that_is_over_before_the_start_brings_nobody(engine):
    made = on_duty("2026-03-02 18:00", shifts(hours="08:00-17:00"), horizon="12 h", **{"time zone": "UTC"})
    check(engine, made, sessions="")


def test_a_start_in_the_middle_of_a_break(engine):
    """At 12:10 the break of 12:00 to 12:30 goes on for twenty minutes."""
    heads = shifts(hours="08:00-17:00", **{"break": {"at": "12:00", "for": "30 min"}})
    made = on_duty("2026-03-02 12:10", heads, horizon="6 h", **{"time zone": "UTC"})
    check(engine, made, sessions=f"g0 1200 {4 * H + 50 * 60}")


def test_a_single_date_replaces_its_weekday(engine):
    made = on_duty("2026-03-02", agents({"every day": {"08:00-10:00": 1}, "2026-03-03": {"09:00-10:00": 2}}),
                   horizon="2 days", **{"time zone": "UTC"})  # fmt: skip
    check(engine, made, sessions=f"g0 {8 * H} {10 * H}\ng1 {33 * H} {34 * H}\ng0 {33 * H} {34 * H}")


def test_hours_of_a_date_that_overlap_the_night_before_are_refused():
    with pytest.raises(ScenarioError, match=r"hours of 2026-03-06 overlap those of the day after.*given: 06:00"):
        on_duty("2026-03-06", agents({"fri": {"22:00-06:00": 2}, "2026-03-07": {"00:00-08:00": 3}}))


def test_recorded_arrivals_of_the_hour_that_comes_twice_are_of_the_first(engine):
    made = model({"a": {"at": [2.5 * H, 3 * H]}}, {"g": agents(2)}, start="2026-10-25", horizon="1 day",
                 **{"time zone": "Europe/Berlin"})  # fmt: skip
    check(engine, made, cases=f"a0 {2.5 * H:g} {2.5 * H:g} {2.5 * H + 60:g} solved 1 1 0 0 60\n"
                              f"a1 {4 * H} {4 * H} {4 * H + 60} solved 1 1 0 0 60")  # fmt: skip


def expected(start, **stream):
    """Ends of pieces in hours, and the arrivals expected in each; the first entry is the start."""
    made = model({"a": stream}, {"g": agents(1)}, start=start, horizon="23 h", **{"time zone": "Europe/Berlin"})
    return list(zip((made.rates.time / HOUR_US).tolist(), made.rates.expected.tolist(), strict=True))


def test_a_rate_across_the_gap_lasts_an_hour_less_and_across_the_repeated_hour_one_more():
    rate = {"per hour": {"sun": {"01:00-04:00": 6}}}
    assert expected("2026-03-29", **rate) == [(0, 0), (1, 0), (3, 12)]
    assert expected("2026-10-25", **rate) == [(0, 0), (1, 0), (5, 24)]


def test_a_rate_that_is_under_way_at_the_start():
    """From 01:30 to 04:00 summer time are one and a half hours."""
    assert expected("2026-03-29 01:30", **{"per hour": {"sun": {"01:00-04:00": 6}}}) == [(0, 0), (1.5, 9)]


def test_a_week_is_spread_by_its_weights_and_a_short_day_gets_less():
    """Sunday weighs 2 of 8: 42 of 168 a week, 1.75 an hour, 40.25 in 23 hours."""
    rate = {"per week": 168, "week": {"mon-sat": 1, "sun": 2}}
    assert expected("2026-03-29", **rate) == [(0, 0), (23, pytest.approx(40.25, rel=1e-12))]


def test_season_and_special_days_multiply():
    rate = {"per hour": 10, "season": {"mar": 1.5, "apr": 7}, "special days": {"2026-03-29": 0.5}}
    assert expected("2026-03-29", **rate) == [(0, 0), (23, pytest.approx(10 * 1.5 * 0.5 * 23, rel=1e-12))]
