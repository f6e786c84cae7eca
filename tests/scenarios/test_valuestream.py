"""Value-stream maps of logs made by hand, computed on paper."""

from __future__ import annotations

import numpy as np
import pytest
from handmade import case, delay, log, work

from scenarios.valuestream import PARTS, Mark, Outline, Part, maps_of, tally
from sim.codes import Ending, Flag, Outcome
from sim.units import MINUTE_US

ANSWER, PAPERS, DECIDE, CHASE = range(4)
OUTLINE = Outline(
    processes=("claim", "chase"),
    process_of_stream=(0,),
    steps=("claim: answer", "claim: papers", "claim: decide", "chase: ask"),
    values=("adds", "none", "necessary", "none"),
    works=(True, False, True, True),
    chasing=(False, False, False, True),
    step_of=(0, 1, 2, 3),
)


def places(moves, process=0):
    return {(OUTLINE.node(a), OUTLINE.node(b)): n for (of, a, b), n in moves.items() if of == process}


def parts(sums, process=0):
    return dict(zip(Part, (sums.parts_us[process] / MINUTE_US).tolist(), strict=True))


def straight(number=0, at=0):
    """Waits 2, talks 3 (wrap 1), papers 10, waits 5, decided in 4."""
    visits = [
        work(number, 0, ANSWER, (at, at + 2, at + 5, at + 6)),
        delay(number, 1, PAPERS, at + 5, at + 15),
        work(number, 2, DECIDE, (at + 15, at + 20, at + 24, at + 24)),
    ]
    return visits, case(number, at, at + 24)


def test_a_straight_way():
    visits, one = straight()
    sums = tally(log(visits, [one]), OUTLINE)
    assert sums.closed.tolist() == [1, 0]
    assert sums.lead_us[0] == 24 * MINUTE_US
    expected = {Part.ADDS: 3, Part.NECESSARY: 4, Part.OTHER: 0, Part.WAIT: 7, Part.DELAY: 10, Part.APART: 0}
    assert parts(sums) == expected
    assert places(sums.moves) == {
        ("arrives", "claim: answer"): 1,
        ("claim: answer", "claim: papers"): 1,
        ("claim: papers", "claim: decide"): 1,
        ("claim: decide", "solved"): 1,
    }
    assert sums.steps["touch_us"][0].tolist() == [4 * MINUTE_US, 0, 4 * MINUTE_US, 0]
    [found] = maps_of(OUTLINE, [sums])
    assert found.efficiency.mean == pytest.approx(3 / 24)
    assert found.lead_s.mean == 24 * 60
    assert found.side_by_side_s == 0
    assert [line.step for line in found.steps] == ["claim: answer", "claim: papers", "claim: decide"]
    assert found.steps[2].wait_share == pytest.approx(5 / 9)


def test_redial_and_reopening_are_time_apart_and_places_of_their_own():
    visits = [
        work(0, 0, ANSWER, (0, None, 3, None), Ending.ABANDONED),
        work(0, 1, ANSWER, (10, 11, 14, 14), attempt=1),
        work(0, 2, ANSWER, (60, 60, 65, 65), attempt=1),
    ]
    sums = tally(log(visits, [case(0, 0, 65, attempts=2, reopened=1)]), OUTLINE)
    assert parts(sums) == {
        Part.ADDS: 8, Part.NECESSARY: 0, Part.OTHER: 0, Part.WAIT: 4, Part.DELAY: 0, Part.APART: 7 + 46,
    }  # fmt: skip
    assert places(sums.moves) == {
        ("arrives", "claim: answer"): 1,
        ("claim: answer", "tries again"): 1,
        ("tries again", "claim: answer"): 1,
        ("claim: answer", "comes back"): 1,
        ("comes back", "claim: answer"): 1,
        ("claim: answer", "solved"): 1,
    }
    [found] = maps_of(OUTLINE, [sums])
    [line] = found.steps
    assert (line.numbers["visits"].mean, line.numbers["first_pass"].mean, found.right.mean) == (3, 0, 0)
    assert line.numbers["lost"].mean == pytest.approx(1 / 3)
    assert line.numbers["touch"].mean == 4 * 60  # 8 minutes in 2 served visits


def test_branches_side_by_side_count_once_and_the_best_of_them():
    visits = [
        work(0, 0, ANSWER, (0, 0, 5, 5)),
        delay(0, 1, PAPERS, 5, 25, strand=1),
        work(0, 2, DECIDE, (5, 10, 15, 15), strand=2),
        work(0, 3, ANSWER, (25, 26, 30, 30)),
    ]
    sums = tally(log(visits, [case(0, 0, 30)]), OUTLINE)
    assert parts(sums) == {
        Part.ADDS: 9, Part.NECESSARY: 5, Part.OTHER: 0, Part.WAIT: 5 + 1, Part.DELAY: 10, Part.APART: 0,
    }  # fmt: skip
    assert places(sums.moves) == {
        ("arrives", "claim: answer"): 1,
        ("claim: answer", "claim: papers"): 1,
        ("claim: answer", "claim: decide"): 1,
        ("claim: papers", "claim: answer"): 1,
        ("claim: decide", "claim: answer"): 1,
        ("claim: answer", "solved"): 1,
    }
    [found] = maps_of(OUTLINE, [sums])
    assert [move.share for move in found.moves if move.origin == "claim: answer"] == [0.5, 0.5, 0.5]  # of two visits
    assert found.side_by_side_s == 10 * 60  # steps: 5 + 20 + 10 + 5 = 40; the case took 30


def test_a_fork_inside_a_branch():
    visits = [
        work(0, 0, ANSWER, (0, 0, 5, 5), strand=1),  # the case forks at once
        work(0, 1, DECIDE, (0, 0, 9, 9), strand=2),
        delay(0, 2, PAPERS, 5, 7, strand=3),  # strand 1 forks after its answer
        delay(0, 3, PAPERS, 5, 6, strand=4),
        work(0, 4, DECIDE, (7, 7, 8, 8), strand=1),
        work(0, 5, ANSWER, (9, 9, 12, 12)),
    ]
    sums = tally(log(visits, [case(0, 0, 12)]), OUTLINE)
    assert places(sums.moves) == {
        ("arrives", "claim: answer"): 1,
        ("arrives", "claim: decide"): 1,
        ("claim: answer", "claim: papers"): 2,
        ("claim: papers", "claim: decide"): 2,
        ("claim: decide", "claim: answer"): 2,
        ("claim: answer", "solved"): 1,
    }


def test_suspended_work_is_one_visit_whose_night_is_a_wait():
    visits = [
        work(0, 0, DECIDE, (0, 0, 30, 30), Ending.SUSPENDED),
        work(0, 1, DECIDE, (30, 930, 950, 950), flags=int(Flag.RESUMED)),
    ]
    sums = tally(log(visits, [case(0, 0, 950)]), OUTLINE)
    assert sums.steps["visits"][0, DECIDE] == sums.steps["served"][0, DECIDE] == sums.steps["once"][0, DECIDE] == 1
    assert (parts(sums)[Part.NECESSARY], parts(sums)[Part.WAIT]) == (50, 900)
    assert places(sums.moves) == {("arrives", "claim: decide"): 1, ("claim: decide", "solved"): 1}


def test_a_chasing_contact_is_no_part_of_the_cases_way():
    visits = [
        work(0, 0, ANSWER, (0, 0, 5, 5)),
        delay(0, 1, PAPERS, 5, 105),
        work(0, 2, CHASE, (50, 51, 53, 53), strand=1),
    ]
    sums = tally(log(visits, [case(0, 0, 105, chases=1)]), OUTLINE)
    assert parts(sums)[Part.DELAY] == 100
    assert places(sums.moves)["asks where it stands", "chase: ask"] == 1
    assert ("chase: ask", "solved") not in places(sums.moves)
    [found] = maps_of(OUTLINE, [sums])
    assert found.side_by_side_s == 0
    assert found.steps[-1].numbers["touch"].mean == 120


def test_open_cases_and_those_of_the_warm_up_are_left_out_and_told():
    first, one = straight()
    second, two = straight(1, at=100)
    third = [work(2, 0, ANSWER, (150, None, None, None), Ending.STILL_WAITING)]
    rows = [one, two, case(2, 150, None, Outcome.OPEN), case(3, 160, 160, Outcome.GONE)]
    late = Outline(**{name: getattr(OUTLINE, name) for name in OUTLINE.__slots__} | {"warm_up_us": 50 * MINUTE_US})
    sums = tally(log(first + second + third, rows), late)
    assert (sums.closed[0], sums.left_open[0], sums.steps["visits"][0, ANSWER]) == (1, 1, 1)


def test_handing_rows_are_no_visits():
    visits, one = straight()
    visits.append(work(0, 0, ANSWER, (5, 5, 7, 7), Ending.HANDING))
    assert tally(log(visits, [one]), OUTLINE).steps["visits"][0].tolist() == [1, 1, 1, 0]


def test_a_case_without_any_visit_and_an_empty_log():
    sums = tally(log([], [case(0, 0, 0, Outcome.UNSOLVED)]), OUTLINE)
    assert places(sums.moves) == {("arrives", "unsolved"): 1}
    empty = tally(log([], []), OUTLINE)
    assert maps_of(OUTLINE, [empty]) == []


def test_parts_add_up_to_the_lead_time_whatever_the_strands():
    chance = np.random.default_rng(5)
    visits, cases = [], []
    for number in range(200):
        arrived = int(chance.integers(0, 500))
        for visit in range(int(chance.integers(1, 7))):
            a, b, c = (arrived + np.sort(chance.integers(0, 90, 3))).tolist()
            kind, strand = chance.integers(0, 2), int(chance.integers(0, 3))
            visits.append(
                work(number, visit, ANSWER, (a, b, c, c), strand=strand) if kind
                else delay(number, visit, PAPERS, a, c, strand=strand)
            )  # fmt: skip
        cases.append(case(number, arrived, arrived + 90))
    sums = tally(log(visits, cases), OUTLINE)
    assert sums.parts_us[0].sum() == sums.lead_us[0] == 200 * 90 * MINUTE_US
    assert (sums.parts_us >= 0).all()
    worked = {}  # minutes in which somebody works at a case, counted one by one
    for row in visits:
        if row[5] >= 0:
            worked.setdefault(row[1], set()).update(range(row[9] // MINUTE_US, row[10] // MINUTE_US))
    assert sums.parts_us[0, Part.ADDS] == sum(map(len, worked.values())) * MINUTE_US


def test_interval_of_a_ratio_over_replications():
    runs = [tally(log(*(lambda v, c: (v, [c]))(*straight(at=at))), OUTLINE) for at in (0, 1)]
    visits, _ = straight()
    runs.append(tally(log(visits, [case(0, 0, 54)]), OUTLINE))  # 30 minutes of nothing more
    [found] = maps_of(OUTLINE, runs, 0.9)
    lead = np.array([24, 24, 54.0]) * 60
    assert found.lead_s.mean == pytest.approx(lead.mean())
    # Student's t with two degrees of freedom is 2.919986; it leans by 1, of which 0.9 / t counts.
    t = 2.919986
    far = t / 0.3 * (np.cbrt(1 - 0.9 - 0.135 / t**2) - 1)
    assert found.lead_s.high == pytest.approx(lead.mean() - far * lead.std(ddof=1) / 3**0.5, rel=1e-6)
    assert found.parts_s[PARTS[Part.APART]].mean == pytest.approx(600)
    assert len(Mark) == 8
