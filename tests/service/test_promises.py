"""Promises of tiers against times worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.codes import Ending, Flag, Outcome
from sim.metrics import find, parts
from sim.metrics.lives import Open
from sim.metrics.periods import periods_met, ratios
from sim.network import CALENDAR, OPENING
from sim.primitives import after_open_at
from sim.units import HOUR_US, NEVER
from tests.metrics.rows import case, frame, log, visit
from tests.service.judged import DAY, HOUR, calendar, counted, number, service, tier

OFFICE = calendar((9, 17), (33, 41), (57, 65))  # three days from nine to five


def delayed(begin, end, step=3, **more):
    ending = Ending.STILL_DELAYED if end is None else Ending.DELAYED
    return visit(begin, None, end, end, ending=ending, queue=-1, step=step, **more)


def test_a_promise_counts_from_the_arrival():
    rows = log(cases=[case(0, 3 * HOUR, 5 * HOUR), case(0, 3 * HOUR + 1, 5 * HOUR, case=1)])
    assert number(counted(service(tier(respond=3)), rows), "respond_attainment") == 0.5  # at most three hours
    assert number(counted(service(tier(solve=5)), rows), "solve_attainment") == 1


def test_open_late_and_lost_cases_have_not_kept_theirs():
    rows = log(
        cases=[
            case(0, None, None, Outcome.OPEN),
            case(0, None, HOUR, Outcome.ABANDONED, case=1),
            case(0, 5 * HOUR, 6 * HOUR, case=2),
            case(0, 1, 6 * HOUR, Outcome.UNSOLVED, case=3),
            case(0, 1, 2 * HOUR, case=4),
        ]
    )
    totals = counted(service(tier(respond=4, solve=4)), rows)
    assert number(totals, "respond_attainment") == 2 / 5
    assert number(totals, "solve_attainment") == 1 / 5
    assert number(totals, "solve_promises") == 5


def test_what_has_not_fallen_due_does_not_count():
    rows = log(cases=[case(0, 1, None, Outcome.OPEN), case(9 * HOUR, 9 * HOUR, 9 * HOUR, case=1)])
    totals = counted(service(tier(solve=4)), rows, end=10 * HOUR)
    assert number(totals, "solve_promises") == 1  # due at 4; the other, kept already, at 13
    assert number(totals, "solve_attainment") == 0


def test_a_promise_belongs_to_the_interval_in_which_it_falls_due():
    totals = counted(service(tier(solve=4)), log(cases=[case(1.5 * HOUR, 2 * HOUR, 3 * HOUR)]), end=8 * HOUR)
    kept, due = parts(find("solve_attainment"), totals)
    assert due.tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 0]
    assert kept.tolist() == due.tolist()


def test_only_open_time_counts():
    # From 16:00 on day one: an hour that day, eight on the next, one on the third: ten hours are over at 58.
    rows = log(cases=[case(16 * HOUR, None, 58 * HOUR), case(16 * HOUR, None, 58 * HOUR + 1, case=1)])
    totals = counted(service(tier(solve=10, calendar=0), calendars=(OFFICE,)), rows)
    assert number(totals, "solve_attainment") == 0.5
    assert np.flatnonzero(parts(find("solve_attainment"), totals)[1]).tolist() == [58]


def test_solved_while_closed_is_in_time_if_the_last_open_minute_was():
    rows = log(cases=[case(10 * HOUR, None, 20 * HOUR)])
    assert number(counted(service(tier(solve=7, calendar=0), calendars=(OFFICE,)), rows), "solve_attainment") == 1
    assert number(counted(service(tier(solve=6, calendar=0), calendars=(OFFICE,)), rows), "solve_attainment") == 0


def test_the_clock_stands_still_while_the_customer_is_awaited():
    # Four hours promised; awaited from 1 to 3 and, overlapping in another strand, from 2 to 4: due at 7.
    waits = [delayed(HOUR, 3 * HOUR), delayed(2 * HOUR, 4 * HOUR, strand=1, visit=1)]
    waits += [delayed(4 * HOUR, 5 * HOUR, step=4, visit=2)]  # somebody else is awaited: that counts
    for solved, kept in ((7 * HOUR, 1), (7 * HOUR + 1, 0)):
        totals = counted(service(tier(solve=4, pauses=(3,))), log(waits, [case(0, None, solved)]))
        assert number(totals, "solve_attainment") == kept
        assert np.flatnonzero(parts(find("solve_attainment"), totals)[1]).tolist() == [7]


def test_a_pause_after_the_promise_fell_due_changes_nothing():
    totals = counted(service(tier(solve=4, pauses=(3,))), log([delayed(5 * HOUR, 9 * HOUR)], [case(0, 1, 9 * HOUR)]))
    assert number(totals, "solve_attainment") == 0
    assert np.flatnonzero(parts(find("solve_attainment"), totals)[1]).tolist() == [4]


def test_pauses_while_closed_are_none():
    waits = [delayed(15 * HOUR, 34 * HOUR)]  # two hours on day one, one on day two
    rows = log(waits, [case(10 * HOUR, None, 38 * HOUR)])
    totals = counted(service(tier(solve=10, calendar=0, pauses=(3,)), calendars=(OFFICE,)), rows)
    assert number(totals, "solve_attainment") == 1  # 7 + 5 hours of open time less three
    assert np.flatnonzero(parts(find("solve_attainment"), totals)[1]).tolist() == [39]  # due at 7 + 6 - 3 = 10


def test_a_customer_who_is_still_awaited_makes_nothing_due():
    totals = counted(
        service(tier(solve=4, pauses=(3,))), log([delayed(HOUR, None)], [case(0, None, None, Outcome.OPEN)])
    )
    assert number(totals, "solve_promises") == 0


def test_an_offer_is_the_end_of_the_first_visit_served_at_its_steps():
    judged = service(tier(offer=2, offered_at=(5, 6)))
    visits = [
        visit(0, HOUR, HOUR + 1, step=4),
        visit(HOUR, None, 1.2 * HOUR, step=5, visit=1, ending=Ending.ABANDONED),
        visit(HOUR, 1.5 * HOUR, 2 * HOUR, step=6, visit=2),
        visit(HOUR, 3 * HOUR, 4 * HOUR, step=5, visit=3),
    ]
    assert number(counted(judged, log(visits, [case(0, 1, 9 * HOUR)])), "offer_attainment") == 1
    assert number(counted(judged, log(visits[:2], [case(0, 1, 9 * HOUR)])), "offer_attainment") == 0
    assert number(counted(judged, log([], [case(0, 1, 1.9 * HOUR)])), "offer_attainment") == 1  # solved before


def test_what_a_bot_settles_in_time_is_answered():
    rows = log(cases=[case(0, None, 60)])
    assert number(counted(service(tier(respond=0.1)), rows), "respond_attainment") == 1


def test_the_first_solution_counts_whether_or_not_the_case_comes_back():
    rows = log(cases=[case(0, 1, 30 * HOUR, reopened=1, solved=HOUR)])
    assert number(counted(service(tier(solve=2)), rows), "solve_attainment") == 1


def test_true_and_assigned_tier():
    tiers = (tier(solve=1, name="urgent"), tier(solve=8, name="ordinary"))
    judged = service(*tiers, wrong_tier=((2, 1),))
    rows = log(
        visits=[visit(0, 0, 60, step=2), visit(0, 0, 60, step=1, case=1)],
        cases=[case(0, 0, 4 * HOUR), case(0, 0, 4 * HOUR, case=1), case(0, 0, 60, case=2)],
    )
    totals = counted(judged, rows)
    assert number(totals, "solve_attainment", 0) == 1 / 3
    assert math.isnan(number(totals, "solve_attainment", 1))
    assert number(totals, "assigned_solve_attainment", 0) == 1 / 2
    assert number(totals, "assigned_solve_attainment", 1) == 1
    assert number(totals, "assigned_solve_attainment") == 2 / 3
    assert number(totals, "tier_assigned_right", 0) == pytest.approx(2 / 3)


def test_chunks_do_not_matter():
    judged = service(tier(respond=1, offer=2, solve=4, offered_at=(5,), pauses=(3,)))
    visits = [
        visit(0, HOUR, 1.5 * HOUR, step=5, case=0),
        delayed(2 * HOUR, 4 * HOUR, case=0, visit=1),
        visit(0, 2 * HOUR, 3 * HOUR, step=5, case=1),
    ]
    cases = [case(0, HOUR, 5.5 * HOUR, case=0), case(0, 2 * HOUR, 3 * HOUR, case=1)]
    whole = counted(judged, log(visits, cases))
    pieces = counted(judged, log(visits[:1]), log(visits[1:2]), log(visits[2:], cases[1:]), log([], cases[:1]))
    assert np.array_equal(whole.tier, pieces.tier)
    assert whole.tier.sum() > 0
    assert len(pieces.pending.visits.visits) == 0


def test_visits_of_open_cases_are_all_that_is_kept():
    totals = counted(service(tier(solve=4)), log([visit(0, 0, 1), visit(0, 0, 1, case=1)], [case(0, 0, 1)]))
    assert totals.pending.visits.visits[:, 1].tolist() == [1]


def test_cases_of_the_warm_up_and_of_lost_customers_are_promised_nothing():
    rows = log(cases=[case(0, 1, HOUR), case(5 * HOUR, None, 5 * HOUR, Outcome.GONE, case=1, solved=None)])
    totals = counted(service(tier(solve=2)), rows, warm_up_us=HOUR_US)
    assert number(totals, "solve_promises") == 0


def test_days_that_meet_are_another_thing_than_the_mean():
    # One promise of an hour a day at midnight: kept on the first and third of four days.
    cases = [case(day * DAY, day * DAY, day * DAY + (60 if day % 2 == 0 else 2 * HOUR), case=day) for day in range(4)]
    totals = counted(service(tier(solve=1)), log(cases=cases), end=4 * DAY)
    metric = find("solve_attainment")
    assert ratios(metric, totals, "day").tolist() == [1, 0, 1, 0]
    assert periods_met(metric, totals, 0.9, "day") == (2, 4)
    assert periods_met(metric, totals, 0.9, "week") == (0, 0)  # no whole week
    assert number(totals, "solve_attainment") == 0.5


def test_only_whole_weeks_count():
    # The run starts on Monday, 2 March 2026; the warm-up takes the first day, the last week lacks its Sunday.
    cases = [case(day * DAY, day * DAY, day * DAY + 60, case=day) for day in range(20)]
    totals = counted(service(tier(solve=1)), log(cases=cases), end=20 * DAY, warm_up_us=24 * HOUR_US)
    assert periods_met(find("solve_attainment"), totals, 0.9, "week") == (1, 1)
    assert periods_met(find("solve_attainment"), totals, 0.9, "day") == (19, 19)


@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(1, 20)), min_size=1, max_size=6),
    st.integers(0, 200),
    st.integers(1, 80),
)
def test_open_time_agrees_with_the_engines_arithmetic(gaps, time, length):
    edges = np.cumsum([part for gap in gaps for part in gap])
    stretches = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    clock = calendar(*stretches)
    begins = [begin * HOUR_US for begin, _ in stretches]
    rows = np.array(list(zip(begins, clock.end, clock.before, strict=True)), OPENING)
    expected = after_open_at(np.array([(0, len(rows))], CALENDAR), rows, 0, time * HOUR_US, length * HOUR_US)
    goal = clock.opened_us(np.array([time * HOUR_US])) + length * HOUR_US
    assert clock.reached_us(goal)[0] == (expected if expected < NEVER else NEVER)
    by_hand = sum(max(min(end, time) - begin, 0) for begin, end in stretches)
    assert clock.opened_us(np.array([time * HOUR_US]))[0] == by_hand * HOUR_US


def test_many_cases_are_joined_with_their_visits():
    rng = np.random.default_rng(3)
    visits = [
        visit(0, 0, 1, case=int(one), flags=Flag.LOOKED_UP * (place % 3 == 1))
        for place, one in enumerate(rng.integers(0, 50, 400))
    ]
    rows = log(visits, [case(0, 0, HOUR, case=one) for one in rng.permutation(60)])
    lives = Open().close(frame(service=service(tier(solve=4))), 7, rows.visits, rows.cases)
    assert len(lives) == 60
    for place, one in enumerate(lives.cases[1]):
        mine = rows.visits[rows.visits[:, 1] == one]
        assert lives.lived.look_ups[place] == (mine[:, 15] > 0).sum()


def test_time_in_approval_counts_rounds_waits_and_every_level():
    visits = [
        delayed(0, HOUR, step=5),  # the round
        visit(HOUR, 1.5 * HOUR, 2 * HOUR, step=6, visit=1),
        visit(2 * HOUR, 2 * HOUR, 2.5 * HOUR, step=7, visit=2),
        visit(0, 0, HOUR, step=1, case=1),
        visit(0, None, None, None, step=6, case=2, ending=Ending.STILL_WAITING),
    ]
    cases = [case(0, 1, 4 * HOUR), case(0, 1, HOUR, case=1), case(0, None, None, Outcome.OPEN, case=2)]
    totals = counted(service(approvals=(5, 6, 7)), log(visits, cases))
    assert number(totals, "approval_time") == 2.5 * HOUR
    assert number(totals, "approved_share") == pytest.approx(1 / 3)
    assert number(totals, "settled_without_person") == 0


def test_settled_without_a_person():
    cases = [case(0, None, HOUR), case(0, 1, HOUR, case=1), case(0, None, HOUR, Outcome.ABANDONED, case=2)]
    assert number(counted(None, log(cases=cases)), "settled_without_person") == pytest.approx(1 / 3)
