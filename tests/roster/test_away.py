"""Who is away, has left or works elsewhere: by the draws' addresses, by theory, and the same whatever else changes."""

import datetime as dt
import math

import numpy as np
import pytest
from scipy import stats

from sim.primitives import Purpose, name_id, replication_key, uniform
from sim.roster.away import employed_of
from tests.roster.teams import Team

MONDAY = dt.date(2026, 3, 2).toordinal()
DAY = {"hours": "08:00-16:00"}


def team(agents=10, horizon="20 days", **group):
    return Team({"a": {"shifts": {"day": {**DAY, "agents": agents}}, **group}}, horizon=horizon)


def draw(agent, address, step, purpose, repetition):
    return uniform(replication_key(1, 0), agent, address, step, int(purpose), repetition)


def test_unplanned_absence_is_drawn_for_each_agent_and_day():
    made = team(5, "4 days", shrinkage={"unplanned": "30 %"})
    expected = [[draw(n, name_id("a"), MONDAY + day, Purpose.ABSENCE, 0) >= 0.3 for n in range(5)] for day in range(4)]
    assert made.there().tolist() == expected
    assert not np.all(expected)


def test_a_pinned_id_goes_before_the_name():
    there = Team({"b": {"shifts": {"day": {**DAY, "agents": 9}}, "shrinkage": {"unplanned": 0.3}, "id": name_id("a")}})
    assert np.array_equal(there.there(), team(9, "5 days", shrinkage={"unplanned": 0.3}).there())


def test_planned_days_off_are_spread_evenly_and_fall_on_everybody_alike():
    """A quarter of ten: two or three away each day; each of them a quarter of the time (binomial, 99.9 %)."""
    there = team(10, "200 days", shrinkage={"planned": "25 %"}).there()
    assert set((~there).sum(axis=1).tolist()) == {2, 3}
    low, high = stats.binom.interval(0.9999, 200, 0.25)
    assert ((low <= (~there).sum(axis=0)) & ((~there).sum(axis=0) <= high)).all()


def test_a_common_shock_multiplies_the_unplanned_share_of_its_days():
    """On days drawn for it 10 % become 50 %, with the same draws."""
    made = team(20, "30 days", shrinkage={"unplanned": 0.1, "common shock": 0.2})
    shock = [draw(1 << 31, name_id("a"), MONDAY + day, Purpose.SHOCK, 0) < 0.2 for day in range(30)]
    expected = [
        [draw(n, name_id("a"), MONDAY + day, Purpose.ABSENCE, 0) >= (0.5 if shock[day] else 0.1) for n in range(20)]
        for day in range(30)
    ]
    assert 0 < sum(shock) < 30
    assert made.there().tolist() == expected


def test_groups_may_share_the_days_of_the_shock():
    """With a factor that keeps everybody away the days show by themselves."""
    shrinkage = {"unplanned": 0.001, "common shock": 0.3, "shock factor": 1000}
    group = {"shifts": {"day": {**DAY, "agents": 5}}}
    together = Team({name: {**group, "shrinkage": {**shrinkage, "shared": "flu"}} for name in "ab"}, horizon="30 days")
    apart = Team({name: {**group, "shrinkage": shrinkage} for name in "ab"}, horizon="30 days")
    closed = [~together.there(number).any(axis=1) for number in (0, 1)]
    assert 0 < closed[0].sum() < 30
    assert np.array_equal(*closed)
    assert not np.array_equal(*(~apart.there(number).any(axis=1) for number in (0, 1)))


def test_the_same_people_are_away_whatever_else_changes():
    """More colleagues, other hours, another group before theirs, an earlier start: agent and date decide."""
    away = {"unplanned": "20 %"}
    base = team(8, "10 days", shrinkage=away).there()
    more = team(12, "10 days", shrinkage=away, training={"hours per week": 2}).there()
    shifted = Team({"z": {"agents": 2}, "a": {"shifts": {"late": {"hours": "10:00-20:00", "agents": 8}},
                                              "shrinkage": away}}, start="2026-02-27", horizon="13 days")  # fmt: skip
    assert np.array_equal(base, more[:, :8])
    assert np.array_equal(base, shifted.there(1)[3:])


def test_a_greater_share_takes_the_same_people_and_more():
    few, many = (team(30, "10 days", shrinkage={"unplanned": share}).there() for share in (0.1, 0.3))
    assert (few | ~many).all()
    assert few.sum() > many.sum()


def test_a_head_count_loses_those_of_its_people_who_are_away():
    """Person i of n: three in the morning are the first three of the five at noon."""
    table = {"every day": {"08:00-12:00": 3, "12:00-16:00": 5}}
    made = Team({"a": {"agents": table, "shrinkage": {"unplanned": "40 %"}}}, horizon="3 days")
    there = [[draw(n, name_id("a"), MONDAY + day, Purpose.ABSENCE, 0) >= 0.4 for n in range(5)] for day in range(3)]
    count = {name: heads for name, heads in made.heads()}
    for day, name in enumerate(("Mon", "Tue", "Wed")):
        morning, noon = sum(there[day][:3]), sum(there[day])
        assert count.get(f"{name} 08:00", 0) == morning
        assert count.get(f"{name} 12:00", morning) == noon
        assert count[f"{name} 16:00"] == 0


def test_the_share_away_over_many_days():
    """Unplanned 10 %, shock 5 % of days with factor 5: 10 % x (1 + 5 % x 4) = 12 % (normal interval by day, 99.9 %)."""
    there = team(50, "600 days", shrinkage={"unplanned": 0.1, "common shock": 0.05}).there()
    by_day = (~there).mean(axis=1)
    half = stats.norm.ppf(0.9995) * by_day.std(ddof=1) / math.sqrt(600)
    assert abs(by_day.mean() - 0.12) < half


def left(made):
    """Day on which each agent is gone, counted from the start; -1: never."""
    plan = made.roster.parts[0].plan
    employed = employed_of(plan, replication_key(1, 0))[1:]  # from the start's day
    gone = ~employed & (np.cumsum(employed, axis=0) > 0)
    return np.where(gone.any(axis=0), gone.argmax(axis=0), -1)


def test_a_year_takes_the_share_that_leaves_in_a_year():
    """Of 2,000 people 25 % leave in 365 days (exact binomial interval, 99.9 %), 13.4 % in the first half."""
    made = team(2000, "366 days", attrition="25 %")
    went = left(made)
    for days, share in ((365, 0.25), (182.5, 1 - math.sqrt(0.75))):
        count = int(((went >= 0) & (went < days)).sum())
        low, high = stats.binomtest(count, 2000).proportion_ci(0.999)
        assert low < share < high


def test_who_left_does_not_come_back_and_is_not_paid():
    made = team(40, "100 days", attrition="90 %")
    there, went = made.there(), left(made)
    assert (went > 0).sum() > 5
    for agent, day in enumerate(went.tolist()):
        assert there[:, agent].tolist() == [day < 0 or number < day for number in range(100)]
    paid = made.roster.paid_us(replication_key(1, 0), 0, made.clock.end_us)
    assert paid[0] == there.sum() * 8 * 3_600_000_000


def test_new_people_leave_early():
    """Of 1,000 hired on the third day, 20 % leave within 30 days, evenly."""
    hire = {"on": dt.date(2026, 3, 4), "agents": 1000, "shift": "day", "leave": {"share": 0.2, "within": "30 d"}}
    went = left(team(0, "60 days", hires=[hire]))
    low, high = stats.binomtest(int((went >= 0).sum()), 1000).proportion_ci(0.999)
    assert low < 0.2 < high
    days = went[went >= 0] - 2
    assert days.min() >= 0
    assert days.max() < 30
    assert stats.chisquare(np.bincount(days // 10, minlength=3)).pvalue > 0.001


def test_rotation_takes_its_share_of_a_year():
    """Half of 200 people for 73 days a year: a tenth of them at any time; each at most once in a year, all 73 days.

    Only stays of two years that meet are longer.
    """
    made = team(200, "600 days", rotation={"share": "50 %", "for": "73 days"})
    away = ~made.there()
    half = stats.norm.ppf(0.9995) * away.mean(axis=0).std(ddof=1) / math.sqrt(200)
    assert abs(away.mean() - 0.1) < half
    inner = away[100:-100].T.astype(int)
    starts, ends = np.diff(inner, axis=1) == 1, np.diff(inner, axis=1) == -1
    stays = [np.flatnonzero(e)[0] - np.flatnonzero(s)[0] for s, e in zip(starts, ends, strict=True)
             if s.sum() == e.sum() == 1 and np.flatnonzero(e)[0] > np.flatnonzero(s)[0]]  # fmt: skip
    assert min(stays) == 73
    assert max(stays) <= 146
    assert np.mean(np.array(stays) == 73) > 0.9


@pytest.mark.parametrize("unplanned", [0, 1])
def test_a_mentor_works_when_the_new_one_is_away(unplanned):
    """Nobody new: the mentor of eight o'clock is at work. All away: nobody is."""
    hire = {"on": dt.date(2026, 3, 2), "agents": 1, "shift": "day", "mentors": {"hours a day": 1, "for": "40 d"},
            "leave": {"share": 1, "within": "20 d"}}  # fmt: skip
    made = team(1, "40 days", hires=[hire], shrinkage={"unplanned": unplanned})
    mentor, new = made.there(at="08:30").T
    if unplanned:
        assert not mentor.any()
        assert not new.any()
    else:
        assert 0 < new.sum() < 20
        assert np.array_equal(mentor, ~new)


def test_replications_differ_and_each_comes_again():
    made = team(10, shrinkage={"unplanned": 0.3})
    assert not np.array_equal(made.there(replication=0), made.there(replication=1))
    assert np.array_equal(made.rows(3), team(10, shrinkage={"unplanned": 0.3}).rows(3))
