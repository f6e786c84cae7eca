"""What a pilot shows, against what is known without simulation."""

import math

import pytest
from scipy import stats

from scenarios.logs import Runs
from scenarios.pilot import MEASURES, study_pilot
from sim.errors import ParameterError, ScenarioError
from sim.schema import Document

DATA = {
    "queuewise": 1,
    "name": "two cities",
    "start": "2026-03-02",
    "horizon": "2 days",
    "demand": {"north": {"type": "call", "per hour": 5, "region": "North"},
               "south": {"type": "call", "per hour": 20, "region": "South"}},
    "people": {"front": {"agents": 60, "skills": ["call"]}},
    "process": {"call": {"answer": {"work": "call", "talk": {"mean": "4 min", "shape": "exponential"}},
                         "well": {"branch": {"bad": "30 %", "close": "otherwise"}},
                         "close": {"end": "solved"}, "bad": {"end": "unsolved"}}},
    "interventions": {"better": {"set": {"process.call.well.branch.bad": "10 %"}},
                      "slower": {"scale": {"process.call.answer.talk": 2}}},
}  # fmt: skip


def document(**changes):
    phase = {"from": "2026-03-02", "interventions": ["better"], "regions": ["North"], **changes.pop("phase", {})}
    return Document.from_data({**DATA, "phases": {"pilot": phase}, **changes}, "two cities")


@pytest.fixture(scope="module")
def pilot():
    return study_pilot(document(), "pilot", Runs(150))


def test_the_error_of_a_share_is_that_of_two_samples(pilot):
    """30 % of some 240 and 960 cases: independent, so the binomial error (chi-square interval, 99.9 %)."""
    found = pilot.get("solved at the first attempt")
    assert found.pilot == pytest.approx(240, rel=0.05)
    assert found.others == pytest.approx(960, rel=0.05)
    expected = math.sqrt(0.3 * 0.7 * (1 / 240 + 1 / 960))
    low, high = stats.chi2.interval(0.999, 149)
    assert math.sqrt(low / 149) < found.error / expected < math.sqrt(high / 149)
    assert found.alone == pytest.approx(expected, rel=0.05)
    assert found.usual == pytest.approx(0.7, abs=0.01)


def test_the_effect_is_the_change_of_the_branch(pilot):
    """20 points, the same draws with and without; a pilot of this size sees 9.3 points with 80 %."""
    found = pilot.get("solved at the first attempt")
    assert found.low < 0.2 < found.high
    assert found.high - found.low < found.error / 3
    assert found.detectable == pytest.approx((1.959964 + 0.841621) * found.error, rel=1e-5)
    assert found.power > 0.999


def test_what_does_not_vary_has_no_error(pilot):
    found = pilot.get("hand-overs")
    assert (found.usual, found.error, found.detectable, found.power) == (0, None, None, None)
    assert [one.measure for one in pilot.detections] == list(MEASURES)
    assert list(pilot.table()["measure"]) == list(MEASURES)


def test_work_that_the_phase_leaves_alone_differs_by_nothing(pilot):
    """Lots of people: nobody's work depends on anybody else's."""
    found = pilot.get("work")
    assert found.effect == found.low == found.high == 0
    assert found.power == pytest.approx(0.05)


def test_cases_that_share_their_day_say_less_than_as_many_alone():
    """Each city has its own three or so people and its own busy days: its waits rise and fall together."""
    far = {"work": "far call", "talk": {"mean": "4 min", "shape": "exponential"}}
    demand = {
        "north": {"type": "far", "per hour": 20, "region": "North", "busyness": "30 %"},
        "south": {"type": "call", "per hour": 20, "region": "South", "busyness": "30 %"},
    }
    people = {"front": {"agents": 2, "skills": ["call"]}, "back": {"agents": 2, "skills": ["far call"]}}
    process = {**DATA["process"], "far": {"answer": far, "close": {"end": "solved"}}}
    interventions = {"slower": {"scale": {"process.far.answer.talk": 1.1}}}
    given = document(people=people, demand=demand, process=process, interventions=interventions,
                     phase={"interventions": ["slower"]})  # fmt: skip
    waits = study_pilot(given, "pilot", Runs(40)).get("first response time")
    assert waits.error > 3 * waits.alone
    assert waits.effect > 0


def test_the_same_runs_give_the_same_study(pilot):
    assert study_pilot(document(), "pilot", Runs(150)) == pilot


@pytest.mark.parametrize(
    ("phase", "runs", "error", "message"),
    [("pilott", Runs(2), ScenarioError, "no such phase: 'pilott'; allowed: pilot"),
     ("all", Runs(2), ScenarioError, "nobody to compare with"),
     ("pilot", Runs(1), ParameterError, "too few replications")],
)  # fmt: skip
def test_what_shows_nothing(phase, runs, error, message):
    whole = {"all": {"from": "2026-03-02", "interventions": ["better"]}}
    given = Document.from_data({**DATA, "phases": whole}) if phase == "all" else document()
    with pytest.raises(error, match=message):
        study_pilot(given, phase, runs)


def test_a_measure_that_was_not_studied(pilot):
    with pytest.raises(ParameterError, match="not a measure of this pilot; allowed: first response time"):
        pilot.get("mood")
