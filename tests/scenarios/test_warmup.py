"""Warm-up: MSER and Welch by hand, a known transient, and which scenarios ask for none."""

import numpy as np
import pytest

from scenarios import library
from scenarios.logs import Runs
from scenarios.warmup import _cut, length_text, mser, warm_up, welch
from sim.build import build
from sim.errors import ParameterError
from sim.schema import Document
from sim.theory import Queue, over_time
from sim.units import DAY_US, HOUR_US, WEEK_US

DATA = {
    "queuewise": 1, "name": "round the clock", "start": "2026-03-02", "horizon": "8 days", "interval": "1 h",
    "demand": {"calls": {"type": "call", "per hour": 54}},
    "people": {"desk": {"agents": 10, "skills": ["call"]}},
    "process": {"call": {"answer": {"work": "call", "talk": {"mean": "10 min", "shape": "exponential"}},
                         "close": {"end": "solved"}}},
}  # fmt: skip


def document(**more):
    return Document.from_data(DATA | more)


def test_mser_by_hand():
    # The first three values are far off, the rest alternates: the criterion is written out for every cut
    values = np.array([100.0, 50.0, 20.0] + [0.0, 1.0] * 20)
    left = [((values[d:] - values[d:].mean()) ** 2).sum() / (len(values) - d) ** 2 for d in range(len(values) - 5)]
    assert int(np.argmin(left)) == 3
    assert mser(values, 1) == 3


def test_mser_takes_five_together_and_refuses_short_series():
    settled = np.tile([0.0, 1.0, 0.0, 1.0, 0.5], 20)
    early = settled.copy()
    early[:7] += 10
    assert mser(early) == 10  # the batch that holds the seventh value goes too
    assert mser(np.ones(100)) == 0
    assert mser(np.arange(49.0)) is None  # nine batches
    assert mser(np.concatenate([np.full(70, 9.0), settled[:30]])) is None  # cut in the second half


def test_welch_is_a_mean_that_shrinks_towards_the_ends():
    assert welch(np.array([1.0, 2.0, 6.0, 4.0, 7.0]), 1) == pytest.approx([1, 3, 4, 17 / 3, 7])
    assert welch(np.array([1.0, 2.0, 6.0, 4.0, 7.0]), 2)[2] == 4


def test_a_queue_from_empty_is_cut_once_it_has_settled():
    found = warm_up(document(), Runs(40, seed=2), ["open_cases", "queue_length"])
    assert found.nature.kind == "steady state"
    assert found.cycle == ""
    # What theory says of the mean number present: at the cut it lacks less than a twentieth of its limit
    queue = Queue(54, 6, 10)
    law = over_time(queue, found.needed_us / HOUR_US).end
    settled = over_time(queue, 400).end
    present, limit = (float(one @ np.arange(len(one))) for one in (law, settled))
    assert 0 < found.needed_us < 3 * DAY_US
    assert present > 0.9 * limit
    assert found.cuts[0].settled == pytest.approx(limit, rel=0.1)
    assert f"write 'warm-up: {length_text(found.needed_us)}'" in found.words


def test_an_interval_without_a_value_is_no_warm_up():
    # Nobody has come yet in the first half hour, and nothing changes later: nothing is to be cut
    model = build(document().scenario)
    sums = np.ones((3, 2, model.frame.intervals))
    sums[:, :, 0] = 0.0
    cut = _cut("mean_wait", sums, model, model.frame.interval_us)
    assert cut.starts_us[0] == model.frame.interval_us
    assert cut.warm_up_us == 0


def test_open_cases_are_counted_as_little_says():
    # Mean open cases = rate x mean time in the system; here all is work of ten minutes, nobody waits
    plenty = document(people={"desk": {"agents": 60, "skills": ["call"]}})
    cut = warm_up(plenty, Runs(10), ["open_cases"]).cuts[0]
    assert cut.settled == pytest.approx(9.0, rel=0.03)
    assert cut.values[0] < 9


def test_its_own_warm_up_is_set_aside_and_compared():
    found = warm_up(document(**{"warm-up": "5 days"}), Runs(10), ["open_cases"])
    assert found.given_us == 5 * DAY_US
    assert len(found.cuts[0].values) == 8 * 24
    assert "The scenario leaves out 5 days, which covers it." in found.words


def test_an_operation_that_closes_and_empties_needs_none():
    found = warm_up(library.read("help-desk"), Runs(3))
    assert found.nature.kind == "terminating"
    assert found.needed_us == 0
    assert found.words.startswith("No warm-up: it closes and is empty whenever it opens again")


def test_a_warm_up_that_throws_away_mornings_is_said():
    data = library.read("help-desk").data | {"warm-up": "1 day"}
    found = warm_up(Document.from_data(data), Runs(3))
    assert "leaves out 1 day, which throws away what is asked about" in found.words


def test_work_left_overnight_makes_it_steady_and_whole_weeks_are_taken():
    found = warm_up(library.read("claims-process"), Runs(2))
    assert found.nature.kind == "steady state"
    assert "work was left from before" in found.nature.why
    assert (found.cycle, found.step_us) == ("week", WEEK_US)
    assert found.needed_us is None
    assert "Too short a run to tell (8 weeks): it has 8 values of 1 week" in found.words


def test_a_daily_pattern_takes_whole_days():
    daily = document(
        demand={"calls": {"type": "call", "per hour": {"mon-sun": {"00:00-08:00": 20, "08:00-24:00": 50}}}},
        horizon="20 days",
    )
    found = warm_up(daily, Runs(3), ["open_cases"])
    assert (found.cycle, len(found.cuts[0].values), found.cuts[0].batch) == ("day", 20, 1)


def test_a_season_is_said():
    season = document(
        demand={"calls": {"type": "call", "per hour": 50, "season": {"mar": 0.8, "apr": 1.2}}}, horizon="12 weeks"
    )
    found = warm_up(season, Runs(2), ["open_cases"])
    assert found.drift > 0.1
    assert found.needed_us is None or "Demand itself differs from week to week" in found.words


def test_open_cases_at_the_start_are_what_is_asked_about():
    calls = DATA["demand"]["calls"] | {"open cases": [{"count": 3, "arrived": "2026-03-01 10:00", "at": "answer"}]}
    assert warm_up(document(demand={"calls": calls}), Runs(2)).nature.kind == "from today's cases"


def test_the_user_may_say_otherwise():
    found = warm_up(document(), Runs(2), kind="terminating")
    assert (found.needed_us, found.nature.given) == (0, True)
    assert warm_up(library.read("help-desk"), Runs(2), kind="steady state").nature.kind == "steady state"


def test_series_must_exist_by_interval():
    with pytest.raises(ParameterError, match="wait_p90 exists for whole runs only; allowed: open_cases, offered"):
        warm_up(document(), Runs(2), ["wait_p90"])
