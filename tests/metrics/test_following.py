"""What cases lived through, and the sums of opinions, against plain counting; chunks do not matter."""

from __future__ import annotations

import pickle
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.codes import Case, Ending, Flag, Outcome, Session, Visit
from sim.log import Log
from sim.metrics import Totals
from sim.metrics.lives import Open
from sim.metrics.packed import pack, unpack
from sim.metrics.service import Effect, Money
from sim.metrics.sums import CaseSum, OpinionSum, QueueSum
from sim.primitives import Purpose, uniforms_at
from sim.units import HOUR_US, NEVER
from tests.metrics.rows import frame
from tests.service.judged import opinion, service, tier

KEY = 7
APPROVAL, OFFER, PAYMENT, PAUSE, WRONG = 1, 2, 3, 4, 5
CHANCE = 0.5
JUDGED = service(
    tier(solve=4, offer=2, offered_at=(OFFER,), pauses=(PAUSE,)),
    approvals=(APPROVAL,),
    wrong_tier=((WRONG, 0),),
    opinion=opinion(
        own=9.0, answer=0.7, cold=Effect(2.0, 9.0, 1.0, 3.0, CHANCE), inconsistent=Effect(3.0, 9.0, 1.0, 4.0, CHANCE)
    ),
    customers=3,
    money=Money((0.0,), (1.0,), (2.5,), paid_at=(PAYMENT,), catches=((APPROVAL, 0.4),)),
)


@st.composite
def lives(draw):
    """Rows of some cases: visits of a case before its own row, all mixed; some cases have no row yet."""
    rows = []
    for number in range(draw(st.integers(0, 5))):
        times = sorted(draw(st.lists(st.integers(0, 9), min_size=8, max_size=8)))
        mine = [
            ("visit", one_visit(draw, number, *times[place : place + 3])) for place in range(draw(st.integers(0, 5)))
        ]
        mine += [("case", one_case(draw, number, times))] * draw(st.sampled_from([0, 1, 1, 1]))
        rows.append(mine)
    mixed = []
    while any(rows):
        mixed.append(draw(st.sampled_from([one for one in rows if one])).pop(0))
    return mixed


def one_visit(draw, number, enqueued, started, ended):
    row = np.zeros(len(Visit), np.int64)
    ending = draw(st.sampled_from([Ending.SERVED, Ending.SERVED, *Ending]))
    served = ending in (Ending.SERVED, Ending.SUSPENDED, Ending.HANDING)
    row[Visit.CASE], row[Visit.STEP], row[Visit.ENDING] = number, draw(st.integers(0, 5)), ending
    row[Visit.QUEUE] = -1 if ending in (Ending.DELAYED, Ending.STILL_DELAYED) else 0
    row[Visit.AGENT] = draw(st.integers(0, 2)) if served else -1
    row[Visit.ENQUEUED], row[Visit.ENDED] = enqueued * HOUR_US, ended * HOUR_US
    row[Visit.STARTED] = row[Visit.RELEASED] = started * HOUR_US if served else NEVER
    row[Visit.VISIT], row[Visit.STRAND] = draw(st.integers(0, 9)), draw(st.integers(0, 1))
    row[Visit.FLAGS] = draw(st.sampled_from([0, Flag.LOOKED_UP]))
    return row


def one_case(draw, number, times):
    row = np.zeros(len(Case), np.int64)
    row[Case.CASE], row[Case.OUTCOME], row[Case.CUSTOMER] = (
        number,
        draw(st.sampled_from(Outcome)),
        draw(st.integers(-1, 2)),
    )
    row[Case.ARRIVED], row[Case.SOLVED], row[Case.ENDED] = times[0] * HOUR_US, times[3] * HOUR_US, times[7] * HOUR_US
    row[Case.FIRST_RESPONSE], row[Case.ATTEMPTS] = NEVER, 1
    row[Case.REOPENED] = draw(st.integers(0, 1))
    return row


def chunk(rows):
    tables = ([row for kind, row in rows if kind == name] for name in ("visit", "case"))
    visits, cases = (np.array(t, np.int64).reshape(-1, len(c)) for t, c in zip(tables, (Visit, Case), strict=True))
    return Log(visits, cases, np.empty((0, len(Session)), np.int64))


def window():
    return frame(service=JUDGED, interval_us=3 * HOUR_US, end_us=8 * HOUR_US, warm_up_us=HOUR_US)


def below(row, purpose, repetition, chance):
    """Whether the draw of a visit is below a chance."""
    out, arrays = np.empty(1), JUDGED.arrays
    address = [row[Visit.CASE], arrays.stream_ids[0], arrays.step_ids[row[Visit.STEP]], repetition]
    uniforms_at(np.uint64(KEY), np.array([address], np.int64), int(purpose), out)
    return out[0] < chance


def plain(row, visits):
    """What a case lived through, from all its visits in order."""
    served = [one for one in visits if one[Visit.ENDING] == Ending.SERVED]
    met = [one for one in served if one[Visit.STEP] != APPROVAL]
    at = {step: [one for one in visits if one[Visit.STEP] == step] for step in range(6)}
    over = [one for one in at[APPROVAL] if one[Visit.ENDING] < Ending.STILL_WAITING]
    back = [one[Visit.ENQUEUED] for one in visits if one[Visit.STRAND] == 0 and one[Visit.ENQUEUED] >= row[Case.SOLVED]]
    return {
        "contacts": sum(one[Visit.QUEUE] >= 0 and one[Visit.STARTED] < NEVER for one in visits),
        "met": len(met),
        "agent": met[-1][Visit.AGENT] if met else -1,
        "look_ups": sum(one[Visit.FLAGS] == Flag.LOOKED_UP for one in visits),
        "inconsistent": sum(below(one, Purpose.OPINION, 2 * one[Visit.VISIT], CHANCE) for one in met[1:]),
        "cold": sum(below(one, Purpose.OPINION, 2 * one[Visit.VISIT] + 1, CHANCE) for one in met),
        "approval_us": sum(one[Visit.ENDED] - one[Visit.ENQUEUED] for one in over),
        "back_us": min(back, default=NEVER) if row[Case.REOPENED] else NEVER,
        "paid": any(one[Visit.ENDING] in (Ending.SERVED, Ending.DELAYED) for one in at[PAYMENT]),
        "caught": any(below(one, Purpose.CATCH, 0, 0.4) for one in served if one[Visit.STEP] == APPROVAL),
        "wrong_tier": 0 if at[WRONG] else -1,
        "trips": 2.5 * len(served),
    }


@given(lives(), st.lists(st.integers(0, 30), max_size=3))
def test_cases_live_through_their_visits(rows, cuts):
    found, pauses, held = {}, [], Open()
    borders = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    for first, last in pairwise(borders):
        log = chunk(rows[first:last])
        lived = held.close(window(), KEY, log.visits, log.cases)
        pauses += [(int(lived.cases[Case.CASE, pause[0]]), *pause[1:]) for pause in lived.pauses.T.tolist()]
        for place, number in enumerate(lived.cases[Case.CASE].tolist()):
            found[number] = {name: getattr(lived.lived, name)[place] for name in plain(lived.cases[:, place], [])}
            found[number]["offered_us"] = lived.lived.offered_us[0, place]
    check(rows, found, pauses)
    closed = {int(row[Case.CASE]) for kind, row in rows if kind == "case" and row[Case.OUTCOME] != Outcome.GONE}
    assert len(held.visits) == sum(kind == "visit" and int(row[Visit.CASE]) not in closed for kind, row in rows)


def check(rows, found, pauses):
    expected, paused = {}, []
    for kind, row in rows:
        if kind != "case" or row[Case.OUTCOME] == Outcome.GONE or row[Case.ARRIVED] < HOUR_US:
            continue
        number = int(row[Case.CASE])
        mine = [one for kind, one in rows if kind == "visit" and one[Visit.CASE] == number]
        mine = [one for one in mine if one[Visit.ENDING] != Ending.HANDING]
        offers = [one for one in mine if one[Visit.STEP] == OFFER and one[Visit.ENDING] == Ending.SERVED]
        expected[number] = plain(row, mine)
        expected[number]["offered_us"] = min((one[Visit.ENDED] for one in offers), default=NEVER)
        stood = [one for one in mine if one[Visit.STEP] == PAUSE]
        paused += [(number, PAUSE, int(one[Visit.ENQUEUED]), int(one[Visit.ENDED])) for one in stood]
    assert found == expected
    assert sorted(pauses) == sorted(paused)


@given(lives(), st.lists(st.integers(0, 30), max_size=3))
def test_chunks_give_the_sums_of_the_whole_cell_by_cell(rows, cuts):
    whole, parts = Totals.empty(window(), KEY), Totals.empty(window(), KEY)
    whole.add(chunk(rows), 0)
    borders = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    for first, last in pairwise(borders):
        parts.add(chunk(rows[first:last]), 0)
    for name in ("queue", "group", "case", "tier", "opinion", "money", "agent"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))
    check_customers(whole, rows)


def check_customers(totals, rows):
    """Who answered is somebody who has a case that ended, and nobody counts twice."""
    ended = [row for kind, row in rows if kind == "case" and row[Case.OUTCOME] not in (Outcome.OPEN, Outcome.GONE)]
    counted = [int(row[Case.CUSTOMER]) for row in ended if row[Case.ARRIVED] >= HOUR_US]
    most = counted.count(-1) + len(set(counted) - {-1})
    respondents, promoters, detractors = (
        totals.opinion[kind].sum() for kind in (OpinionSum.RESPONDENTS, OpinionSum.PROMOTERS, OpinionSum.DETRACTORS)
    )
    assert 0 <= promoters + detractors <= respondents <= most


@given(lives())
def test_totals_travel_unchanged_in_the_middle_of_a_run(rows):
    half = len(rows) // 2
    whole, first = Totals.empty(window(), KEY), Totals.empty(window(), KEY)
    whole.add(chunk(rows), 0)
    first.add(chunk(rows[:half]), 0)
    second = pickle.loads(pickle.dumps(first))
    second.add(chunk(rows[half:]), 0)
    assert all(np.array_equal(a, b) for a, b in zip(whole.observed, second.observed, strict=True))
    assert np.array_equal(whole.opinion, second.opinion)
    assert np.array_equal(whole.case, second.case)


@given(
    st.lists(st.lists(st.sampled_from([0, 0, 0, 1, -1, 300, 1 << 40, -(1 << 62)]), min_size=6, max_size=6), max_size=4)
)
def test_packed_arrays_are_the_same_again(rows):
    array = np.array(rows, np.int64).reshape(-1, 2, 3)
    assert np.array_equal(unpack(*pack(array)), array)


def test_totals_of_a_long_run_travel_small():
    totals = Totals.empty(frame(interval_us=1_000_000, end_us=10**11))  # 100,000 intervals
    totals.queue[0, 0, ::10] = 1000
    assert len(pickle.dumps(totals)) < totals.queue.nbytes / 100


def test_rows_that_nobody_may_change_are_counted_too():
    rows = chunk([("visit", np.zeros(len(Visit), np.int64)), ("case", np.zeros(len(Case), np.int64))])
    for table in (rows.visits, rows.cases):
        table.flags.writeable = False
    totals = Totals.empty(frame())
    totals.add(rows, 0)
    assert totals.case[CaseSum.CASES].sum() == totals.queue[QueueSum.OFFERED].sum() == 1
