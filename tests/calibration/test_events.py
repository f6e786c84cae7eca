"""Event logs: a known process simulated, exported as events, calibrated, and run again."""

import numpy as np
import pandas as pd
import pytest

from calibration import calibrate
from calibration.events import BEGIN, DONE
from calibration.mapping import mapping_from
from sim.build import build
from sim.codes import Ending, Visit
from sim.errors import DataError
from sim.run import run
from sim.schema import Document, load

MAPPING = {
    "kind": "events",
    "columns": {"contact": "case", "activity": "activity", "started": "start", "ended": "end", "agent": "who"},
}
TRUTH = {
    "queuewise": 1,
    "name": "two steps",
    "start": "2026-01-05",
    "horizon": "3 weeks",
    "demand": {"cases": {"type": "case", "per hour": {"mon-fri": {"08:00-18:00": 12}}}},
    "people": {"desk": {"agents": {"mon-fri": {"08:00-18:00": 6}}, "skills": ["triage", "repair"]}},
    "process": {
        "case": {
            "triage": {"work": "triage", "talk": {"mean": "5 min", "cv": 0.5}},
            "after": {"branch": {"repair": 0.3, "close": "otherwise"}},
            "repair": {"work": "repair", "talk": {"mean": "20 min", "shape": "exponential"}},
            "again": {"branch": {"triage": 0.1, "close": "otherwise"}},
            "close": {"end": "solved"},
        }
    },
}


def events(truth):
    model = build(Document.from_data(truth).scenario)
    visits = run(model, 7).visits
    done = visits[visits[:, Visit.ENDING] == Ending.SERVED]
    start = pd.Timestamp("2026-01-05")
    return pd.DataFrame(
        {
            "case": done[:, Visit.CASE],
            "activity": np.array(model.names.queues)[done[:, Visit.QUEUE]],
            "who": [f"agent {number}" for number in done[:, Visit.AGENT]],
            "start": start + pd.to_timedelta(done[:, Visit.STARTED], unit="us"),
            "end": start + pd.to_timedelta(done[:, Visit.ENDED], unit="us"),
        }
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    file = tmp_path_factory.mktemp("events") / "events.csv"
    events(TRUTH).to_csv(file, index=False)
    return file


@pytest.fixture(scope="module")
def found(path):
    return calibrate(path, mapping_from(MAPPING))


def share(found, name):
    return next(row for row in found.evidence.section("routing").rows if row.name == name)


@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("triage: then repair", 0.3),
        (f"triage: then {DONE}", 0.7),
        ("repair: then triage", 0.1),
        (f"{BEGIN}: then triage", 1),
    ],
)
def test_shares_of_transitions_are_recovered(found, name, truth):
    row = share(found, name)
    assert row.low - 0.02 <= truth <= row.high + 0.02
    assert row.n > 300


def test_durations_and_new_cases_are_recovered(found):
    fits = found.fits
    assert fits.activities["triage"].mean_[0] == pytest.approx(300, rel=0.05)
    assert fits.activities["repair"].mean_[0] == pytest.approx(1200, rel=0.15)
    assert fits.volume.per_week_[1] < 5 * 10 * 12 < fits.volume.per_week_[2]


def test_the_scenario_reads_back_and_does_the_same_work(found, tmp_path):
    found.write(tmp_path / "process.yaml")
    document = load(tmp_path / "process.yaml")
    model = build(document.scenario)
    visits = run(model, 1).visits
    served = visits[visits[:, Visit.ENDING] == Ending.SERVED]
    queue = np.array(model.names.queues)[served[:, Visit.QUEUE]]
    # triage per case 1 / (1 - 0.3 x 0.1), repair 0.3 of that
    assert (queue == "repair").sum() / (queue == "triage").sum() == pytest.approx(0.3, rel=0.2)
    assert len(np.unique(served[:, Visit.CASE])) == pytest.approx(600, rel=0.2)


def test_hours_on_duty_lie_in_their_bracket(found):
    row = found.evidence.section("people").rows[0]
    assert row.low < row.estimate <= row.high
    assert row.low < 5 * 10 * 6


def test_an_event_log_without_starts_is_refused():
    columns = {key: value for key, value in MAPPING["columns"].items() if key != "started"}
    with pytest.raises(DataError, match="the mapping names no column for 'started'"):
        mapping_from({"kind": "events", "columns": columns})


def test_events_without_people_are_refused(path, tmp_path):
    frame = pd.read_csv(path).assign(who="")
    frame.to_csv(tmp_path / "nobody.csv", index=False)
    with pytest.raises(DataError, match="no activity names who did it"):
        calibrate(tmp_path / "nobody.csv", mapping_from(MAPPING))


def test_too_few_cases_are_refused(path, tmp_path):
    pd.read_csv(path).head(10).to_csv(tmp_path / "few.csv", index=False)
    with pytest.raises(DataError, match="too few cases to calibrate on; allowed: 30 or more; given: "):
        calibrate(tmp_path / "few.csv", mapping_from(MAPPING))
