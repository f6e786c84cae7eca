"""Costs and scorecards by hand."""

import math

import numpy as np
import pytest

from sim.codes import Ending, Outcome
from sim.metrics import find, parts
from sim.metrics.scorecard import scores
from sim.metrics.service import Arrays, Indicator
from sim.network import SEGMENT, Tables
from sim.primitives import CELLS
from sim.units import HOUR_US, SECOND_US
from tests.metrics.rows import case, log, session, visit
from tests.service.judged import DAY, HOUR, counted, money, number, opinion, service

LINES = {name: number for number, name in enumerate(
    ("people", "contacts", "visits", "payments", "overpayments", "left"))}  # fmt: skip


def with_amount(amount, **more):
    """Payments of a constant amount at step 5."""
    judged = service(money=money(amounts=(0,), paid_at=(5,), **more))
    table = np.full((1, CELLS + 1), float(amount))
    numbers = (np.arange(1), 100 + np.arange(8), np.array([900]), np.array([0]))
    arrays = Arrays(*numbers, Tables(table, np.array([], SEGMENT)))
    return type(judged)(**{f: getattr(judged, f) for f in judged.__slots__ if f != "arrays"}, arrays=arrays)


def paying(number, **more):
    return [visit(0, 0, 60, case=one, step=5, visit=9, **more) for one in range(number)]


def cases(number):
    return [case(0, 1, HOUR, case=one) for one in range(number)]


def test_time_logged_on_is_paid_unless_pay_is_known():
    rows = log(sessions=[session(HOUR, 3 * HOUR), session(0, HOUR, agent=1)])
    judged = service(money=money(people=(40.0,)))
    assert number(counted(judged, rows), "cost") == 120
    assert number(counted(judged, rows), "paid_hours") == 3
    known = counted(judged, rows, paid_us=np.array([5 * HOUR_US]))
    assert number(known, "cost") == pytest.approx(200)
    assert number(known, "paid_hours") == pytest.approx(5)
    assert number(known, "shrinkage") == pytest.approx(2 / 5)


def test_paid_time_spreads_evenly_over_the_window_to_the_microsecond():
    judged = service(money=money(people=(1.0,)))
    totals = counted(judged, end=7 * HOUR, warm_up_us=HOUR_US, paid_us=np.array([HOUR_US + 1]))
    paid = totals.group[2, 0]
    assert paid.sum() == HOUR_US + 1
    assert paid[0] == paid[-1] == 0
    assert np.ptp(paid[1:-1]) <= 1


def test_contacts_visits_and_customers_who_left():
    judged = service(money=money(contact=(0.5,), visit=(120.0,), leaving=2000.0))
    visits = [
        visit(0, 0, 60),
        visit(0, None, 60, ending=Ending.ABANDONED, visit=1),
        visit(0, 30, None, ending=Ending.STILL_IN_SERVICE, visit=2),
        visit(0, None, 60, 60, ending=Ending.DELAYED, queue=-1, visit=3),
    ]
    totals = counted(judged, log(visits, [case(0, 1, HOUR, left=1), case(0, 1, HOUR, case=1)]))
    by_line = [number(totals, "cost", line) for line in LINES.values()]
    assert by_line == [0, 2 * 0.5, 120, 0, 0, 2000]
    assert number(totals, "cost") == 2121
    assert number(totals, "cost_per_case") == 2121 / 2
    assert number(totals, "cost_per_case", LINES["visits"]) == 60


def test_payments_are_made_once_to_cases_that_come_there():
    rows = log([*paying(2), visit(60, 60, 90, step=5, visit=10), visit(0, 0, 9, step=4, case=2)], cases(3))
    totals = counted(with_amount(380.0), rows)
    assert number(totals, "cost", LINES["payments"]) == 760
    waiting = log(paying(1, ending=Ending.STILL_WAITING), [case(0, None, None, Outcome.OPEN)])
    assert number(counted(with_amount(380.0), waiting), "cost") == 0


def test_overpayment_is_caught_by_each_level_of_its_own():
    size = 6000
    approvals = [visit(0, 0, 60, case=one, step=step, visit=step) for one in range(size) for step in (6, 7)]
    rows = log([*paying(size), *approvals], cases(size))
    judged = with_amount(100.0, overpaid=0.5, excess=0.2, catches=((6, 0.3), (7, 0.5)))
    found = number(counted(judged, rows), "cost", LINES["overpayments"]) / 20
    share = 0.5 * 0.7 * 0.5
    assert found == pytest.approx(size * share, abs=4 * math.sqrt(size * share * (1 - share)))
    delegated = number(counted(judged, log(paying(size), cases(size))), "cost", LINES["overpayments"]) / 20
    assert delegated == pytest.approx(size * 0.5, abs=4 * math.sqrt(size * 0.25))
    everything = with_amount(100.0, overpaid=1.0, excess=0.2, catches=((6, 1.0),))
    assert number(counted(everything, rows), "cost", LINES["overpayments"]) == 0


def test_a_budget_is_there_whatever_happens():
    judged = service(money=money(budget=(("budget: systems", 240.0),)))
    totals = counted(judged, end=DAY)
    assert number(totals, "cost") == pytest.approx(240)
    above, _ = parts(find("cost"), totals, len(LINES))
    assert above[:-1] == pytest.approx(np.full(24, 10.0))
    assert number(totals, "cost", LINES["contacts"]) == 0


CARD = (
    Indicator("content", 40, "satisfaction", None, 50, 100),
    Indicator("first", 15, "first contact", None, 0, 1),
    Indicator("volume", 40, "contacts per hour", None, 0, 10),
    Indicator("ideas", 5, "", 50.0, 0, 1),
)


def scored(card, rows):
    totals = counted(service(opinion=opinion(hand_overs=10.0), scorecard=card), rows, agents=2)
    return {(one.kind, one.name): one for one in scores([totals], [0])}


def test_a_scorecard_weighs_its_indicators_for_agents_teams_and_channels():
    rows = log(
        visits=[
            visit(0, 0, 60, agent=0),
            visit(60, 60, 90, agent=1, visit=1),
            visit(0, 0, 60, agent=0, case=1),
        ],
        cases=[case(0, 1, HOUR, handovers=2), case(0, 1, HOUR, case=1)],
        sessions=[session(0, 1800), session(0, 3600, agent=1)],
    )
    found = scored(CARD, rows)
    first, second = found["agent", "desk 1"], found["agent", "desk 2"]
    # The second agent served case 0 last, with 80 points: 60 on the way from 50 to 100.
    assert second.values == {"content": 60, "first": 0, "volume": 10, "ideas": 50}
    assert second.score == (40 * 60 + 15 * 0 + 40 * 10 + 5 * 50) / 100
    assert first.values == {"content": 100, "first": 100, "volume": 40, "ideas": 50}
    team = found["team", "desk"]
    assert team.values == {"content": 80, "first": 50, "volume": pytest.approx(20), "ideas": 50}
    channel = found["channel", "phone"]
    assert math.isnan(channel.values["volume"])  # nobody's hours belong to a channel: the other weights share
    assert channel.score == (40 * 80 + 15 * 50 + 5 * 50) / 60


def test_weights_count_by_their_share_whatever_they_add_up_to():
    rows = log([visit(0, 0, 60)], [case(0, 1, HOUR)], [session(0, 3600)])
    doubled = tuple(Indicator(one.name, 2 * one.weight, *(getattr(one, f) for f in one.__slots__[2:])) for one in CARD)
    assert scored(CARD, rows)["team", "desk"].score == scored(doubled, rows)["team", "desk"].score


def test_who_served_nobody_has_what_is_given_alone():
    rows = log([visit(0, 0, 60)], [case(0, 1, HOUR)], [session(0, 3600)])
    assert scored(CARD, rows)["agent", "desk 2"].score == 50
    assert SECOND_US * 3600 == HOUR_US
