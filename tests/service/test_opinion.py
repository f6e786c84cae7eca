"""Scores of what cases lived through, worked out by hand."""

import math

import numpy as np
import pytest

from sim.codes import Ending, Flag, Outcome
from sim.metrics.service import EFFECTS, Effect
from sim.units import SECOND_US
from tests.metrics.rows import case, frame, log, visit
from tests.service.judged import HOUR, counted, number, opinion, service, tier


def score(rows, *, tiers=(), **effects):
    more = {name: effects.pop(name) for name in ("approvals",) if name in effects}
    return number(counted(service(*tiers, opinion=opinion(**effects), **more), rows), "satisfaction")


def test_each_effect_costs_its_points():
    visits = [
        visit(0, 0, 60, flags=Flag.LOOKED_UP),
        visit(60, 60, 120, flags=Flag.LOOKED_UP, visit=1),
        visit(120, 120, 180, flags=Flag.LOOKED_UP, visit=2),
    ]
    lived = log(
        visits,
        [case(0, 1, HOUR, waited=90 * SECOND_US, attempts=3, handovers=2, chases=1, reopened=2)],
    )
    by_hand = {"wait": 2 * 1.5, "redials": 2 * 2, "hand_overs": 2 * 2, "look_ups": 2 * 2, "chasing": 2, "reopening": 4}
    for effect, points in by_hand.items():
        assert score(lived, **{effect: 2.0}) == pytest.approx(100 - points), effect
    assert score(lived, **dict.fromkeys(by_hand, 2.0)) == pytest.approx(100 - sum(by_hand.values()))


def test_how_a_case_ended():
    for outcome, effects in (
        (Outcome.UNSOLVED, {"unsolved": 10.0}),
        (Outcome.ABANDONED, {"lost": 10.0}),
        (Outcome.BLOCKED, {"lost": 10.0}),
    ):
        rows = log(cases=[case(0, 1, HOUR, outcome)])
        assert score(rows, **effects) == 90
        assert score(log(cases=[case(0, 1, HOUR)]), **effects) == 100


def test_losses_have_a_most_and_scores_an_end():
    rows = log(cases=[case(0, 1, HOUR, handovers=7)])
    assert score(rows, hand_overs=Effect(5.0, 12.0, 5.0, 5.0)) == 88
    assert score(rows, hand_overs=Effect(20.0, 200.0, 20.0, 20.0)) == 0


def test_open_cases_have_no_opinion_yet():
    totals = counted(service(opinion=opinion(base=80.0)), log(cases=[case(0, 1, None, Outcome.OPEN), case(0, 1, 9)]))
    assert number(totals, "survey_answers") == 1
    assert number(totals, "csi") == 80


def test_promises_that_fell_due_before_the_end():
    promised = (tier(respond=1, solve=4),)
    late = log(cases=[case(0, 2 * HOUR, 5 * HOUR)])
    assert score(late, tiers=promised, late=6.0) == 88  # both
    assert score(log(cases=[case(0, 2 * HOUR, 3 * HOUR)]), tiers=promised, late=6.0) == 94
    lost = log(cases=[case(0, None, 60, Outcome.ABANDONED)])  # gave up long before either was due
    assert score(lost, tiers=promised, late=6.0) == 100


def test_a_broken_promise_needs_one_that_was_told():
    promised = (tier(solve=4),)
    rows = log(cases=[case(0, 1, 5 * HOUR, case=number) for number in range(4000)])
    assert score(rows, tiers=promised, broken_promise=10.0) == 90
    told = Effect(10.0, 10.0, 10.0, 10.0, chance=0.3)
    assert score(rows, tiers=promised, broken_promise=told) == pytest.approx(97, abs=10 * 3 * math.sqrt(0.21 / 4000))


def test_time_in_approval():
    visits = [
        visit(0, None, HOUR, HOUR, step=5, queue=-1, ending=Ending.DELAYED),  # the round
        visit(HOUR, 1.5 * HOUR, 2 * HOUR, step=6, visit=1),
        visit(2 * HOUR, 3 * HOUR, 4 * HOUR, step=7, visit=2),
    ]
    assert score(log(visits, [case(0, 1, 4 * HOUR)]), approvals=(5, 6), approval=3.0) == 94


def test_tone_and_contradictions_are_drawn_per_contact():
    contacts, cases_ = 3, 3000
    visits = [visit(0, 0, 60, case=one, visit=turn) for one in range(cases_) for turn in range(contacts)]
    rows = log(visits, [case(0, 1, HOUR, case=one) for one in range(cases_)])
    for name, chance, per_case in (("cold", 0.2, 3), ("inconsistent", 0.35, 2)):
        found = score(rows, **{name: Effect(5.0, 50.0, 5.0, 5.0, chance=chance)})
        error = 5 * math.sqrt(per_case * chance * (1 - chance) / cases_)
        assert found == pytest.approx(100 - 5 * per_case * chance, abs=4 * error), name
    assert score(rows, cold=Effect(5.0, 50.0, 5.0, 5.0, chance=1.0), approvals=(0,)) == 100  # no customer there


def test_the_customers_own_part_has_the_given_spread_and_the_survey_its_share():
    rows = log(cases=[case(0, 1, HOUR, case=one) for one in range(5000)])
    totals = counted(service(opinion=opinion(base=50.0, own=8.0, answer=0.25)), rows)
    assert number(totals, "satisfaction") == pytest.approx(50, abs=4 * 8 / math.sqrt(5000))
    assert number(totals, "survey_answers") == pytest.approx(1250, abs=4 * math.sqrt(5000 * 0.25 * 0.75))
    assert number(totals, "csi") == pytest.approx(50, abs=4 * 8 / math.sqrt(1250))


def test_opinions_do_not_depend_on_what_else_happened():
    one = log(cases=[case(0, 1, HOUR, case=3)])
    many = log(cases=[case(0, 1, HOUR, case=number) for number in range(9)])
    judged = service(opinion=opinion(base=50.0, own=8.0))
    alone = number(counted(judged, one), "satisfaction")
    others = counted(judged, log(cases=[row for row in many.cases if row[1] != 3]))
    assert number(counted(judged, many), "satisfaction") * 9 == pytest.approx(
        number(others, "satisfaction") * 8 + alone, abs=1e-3
    )


def test_ranges_bracket_the_score():
    rows = log(cases=[case(0, 1, HOUR, handovers=2)])
    totals = counted(service(opinion=opinion(hand_overs=Effect(3.0, 30.0, 1.0, 6.0))), rows)
    assert [number(totals, name) for name in ("csi_low", "csi", "csi_high")] == [88, 94, 98]


def test_points_lost_explain_the_score():
    rows = log(cases=[case(0, 1, HOUR, handovers=2, chases=1), case(0, 1, HOUR, case=1)])
    totals = counted(service(opinion=opinion(hand_overs=3.0, chasing=4.0)), rows)
    assert number(totals, "lost_to_hand_overs") == 3
    assert number(totals, "lost_to_chasing") == 2
    assert number(totals, "satisfaction") == 95


def test_servqual_weighs_what_each_effect_left():
    model = opinion(hand_overs=Effect(5.0, 20.0, 5.0, 5.0), chasing=Effect(4.0, 4.0, 4.0, 4.0))
    weights = [0.0] * len(EFFECTS)
    weights[EFFECTS.index("hand-overs")], weights[EFFECTS.index("chasing")] = 3.0, 1.0
    weighed = (tuple(weights),) * 5
    judged = service(opinion=type(model)(*(getattr(model, f) for f in model.__slots__[:-1]), weighed))
    totals = counted(judged, log(cases=[case(0, 1, HOUR, handovers=1, chases=1)]))
    # 5 of 20 points lost leave 75, 4 of 4 leave none.
    assert number(totals, "servqual_assurance") == pytest.approx((3 * 75 + 1 * 0) / 4)


def test_nps_counts_customers_by_the_mean_of_their_surveys():
    # Customer 0: 100 and 60, passive at 80; 1: 60, a detractor; 2: 100, a promoter; one who is not counted: 100.
    lived = [(0, 0), (0, 4), (1, 4), (2, 0), (-1, 0)]
    cases = [case(0, 1, HOUR, case=n, customer=who, handovers=many) for n, (who, many) in enumerate(lived)]
    judged = service(opinion=opinion(hand_overs=10.0), customers=3)
    totals = counted(judged, log(cases=cases))
    assert number(totals, "nps") == pytest.approx(100 * (2 - 1) / 4)
    assert number(totals, "promoters_share") == 0.5
    assert number(totals, "detractors_share") == 0.25
    one_by_one = counted(judged, *(log(cases=[row]) for row in cases))
    assert np.array_equal(totals.opinion.sum(axis=2), one_by_one.opinion.sum(axis=2))


def test_without_counted_customers_each_case_stands_for_one():
    cases = [case(0, 1, HOUR, case=n, handovers=n) for n in range(5)]  # 100, 90, 80, 70, 60
    totals = counted(service(opinion=opinion(hand_overs=10.0)), log(cases=cases))
    assert number(totals, "nps") == pytest.approx(100 * (2 - 1) / 5)


def test_drawing_without_a_key_is_refused():
    with pytest.raises(ValueError, match="needs the replication's key"):
        counted(service(opinion=opinion()), log(cases=[case(0, 1, HOUR)]), key=None)


def test_a_plain_frame_keeps_nothing():
    totals = counted(None, log([visit(0, 0, 60)], [case(0, 1, HOUR, Outcome.OPEN)]))
    assert totals.opinion.size == totals.tier.size == totals.money.size == totals.agent.size == 0
    assert len(totals.pending.visits.visits) == 0
    assert not frame().follows
