"""The whole way on the sample history, whose truth is known: calibrate, write, read back, hindcast."""

import datetime as dt
import json

import numpy as np
import pytest

from calibration import Calibration, calibrate, calibrate_history, read_frame, read_history
from calibration.hindcast import METRICS, Contacts, hindcast, measure
from calibration.hindcast import _prediction as prediction
from calibration.reading import contacts
from calibration.recovery import checks, coverage, study
from calibration.sample import HISTORY, SCENARIO, sample_mapping, write_sample
from calibration.write import write_files
from sim.build import build
from sim.errors import DataError
from sim.run import run
from sim.schema import Document, load


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    return calibrate(HISTORY, sample_mapping())


@pytest.fixture(scope="module")
def truth():
    return load(SCENARIO).scenario


def test_the_shipped_sample_is_what_the_simulator_makes(tmp_path):
    assert write_sample(tmp_path).read_bytes() == HISTORY.read_bytes()
    assert HISTORY.stat().st_size < 1_000_000
    assert "SYNTHETIC" in (HISTORY.parent / "README.md").read_text()


def test_nothing_of_the_sample_is_dropped(calibration):
    assert calibration.drops.dropped == 0
    assert calibration.drops.read == len(calibration.history.table)


def test_the_truth_is_recovered(calibration, truth):
    """Of all intervals about 95 in 100 hold; fewer than 85 by chance: below one in a thousand (binomial)."""
    found = [check for one in calibration.fits.types for check in checks(one, truth)]
    assert len(found) > 30
    assert np.mean([check.holds for check in found]) > 0.85
    for check in found:
        if check.kind in ("mean talk", "mean wrap", "median patience", "redial share"):
            assert check.estimate == pytest.approx(check.truth, rel=0.15), check


def test_people_on_duty_are_recovered_within_the_bracket(calibration, truth):
    weekdays = truth.people["desk"].agents.weekdays
    hours = sum(s.value * (s.end_min - s.start_min) / 60 for day in weekdays for s in day)
    row = next(row for row in calibration.evidence.section("people").rows if row.unit == "h")
    assert row.low < row.estimate <= row.high
    assert row.estimate == pytest.approx(hours, rel=0.05)


def test_the_calibrated_scenario_waits_as_the_history_did(calibration):
    assert calibration.staffing.simulated_wait_s == pytest.approx(calibration.staffing.recorded_wait_s, rel=0.1)
    levels, waits = zip(*calibration.staffing.tried, strict=True)
    assert list(levels) == sorted(levels)
    assert list(waits) == sorted(waits, reverse=True)


def test_the_scenario_file_reads_back_and_runs(calibration, tmp_path):
    path = tmp_path / "calibrated.yaml"
    calibration.write(path)
    document = load(path)
    assert document.data == calibration.document.data
    assert document.scenario.start == dt.datetime(2026, 2, 8)
    visits = run(build(document.scenario)).visits
    assert len(visits) == pytest.approx(3800, rel=0.15)


def test_each_fitted_number_has_a_comment(calibration):
    lines = calibration.text.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("    patience:"))
    patience = calibration.fits.types[0].patience
    comments = " ".join(line.strip(" #") for line in lines[place - 4 : place])
    assert f"median patience: {patience.law_.median()[0]:.4g} s, 95 % {patience.law_.median()[1]:.4g} to" in comments
    assert f"n = {patience.n_:,}" in comments
    assert all(len(line) <= 120 for line in lines[: lines.index("sources:")])


def test_every_path_of_the_evidence_stands_in_the_scenario(calibration):
    for row in calibration.evidence.rows():
        data = calibration.document.data
        for key in row.path:
            if not isinstance(data, dict) or key == "cv":
                break
            assert key in data, row.path
            data = data[key]


def test_every_source_stands_in_the_scenario(calibration):
    """The schema refuses sources of nothing; each kind of number has one."""
    sources = calibration.document.scenario.sources
    assert "demand.orders.patience" in sources
    assert "process.repairs.answer.talk" in sources
    assert "people.agents.agents" in sources
    assert all(text.startswith("fitted: ") for text in sources.values())


def test_evidence_is_plain_json(calibration):
    data = calibration.evidence.to_data()
    again = json.loads(json.dumps(data, allow_nan=False))
    assert again["sections"][0]["key"] == "data"
    for section in calibration.evidence.sections:
        for plot in section.plots:
            for series in plot.series:
                assert len(series.x) == len(series.y)


def test_a_file_that_exists_is_not_overwritten(calibration, tmp_path):
    path = tmp_path / "calibrated.yaml"
    path.write_text("mine")
    with pytest.raises(DataError, match=r"calibrated.yaml: exists already. Choose another name"):
        calibration.write(path)
    assert path.read_text() == "mine"
    calibration.write(path, force=True)
    assert path.read_text().startswith("# Calibrated from history.csv.gz")


def test_of_several_files_none_is_written_if_one_exists(tmp_path):
    (tmp_path / "b").write_text("old")
    with pytest.raises(DataError, match="exists already"):
        write_files([(tmp_path / "a", "new"), (tmp_path / "b", "new")])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b"]


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        write_files([(tmp_path / "file" / "below", "new")])
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


# --- hindcast --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tried():
    mapping = sample_mapping()
    history, _ = read_history(HISTORY, mapping)
    return hindcast(history, mapping, dt.date(2026, 2, 1), replications=10)


def test_a_hindcast_of_the_simulators_own_history_holds(tried):
    """The fourth week comes from the same scenario as the first three: prediction intervals should hold it."""
    assert (tried.first, tried.last) == (dt.date(2026, 2, 2), dt.date(2026, 2, 7))
    assert all(tried.whole(metric).inside for metric in METRICS)
    cells = [cell for cell in tried.cells if cell.cut == "weekday"]
    assert len(cells) == 6 * 4
    assert np.mean([cell.inside for cell in cells]) > 0.8


def test_the_parts_of_an_error_add_up(tried):
    for metric in METRICS:
        parts = sum(tried.attribution(metric).values())
        assert parts == pytest.approx(tried.reasons["forecast"][metric] - tried.whole(metric).recorded)


def test_the_largest_error_is_named_with_its_parts(tried):
    text = tried.explanation()
    assert text.startswith("Largest error: ")
    assert all(f"from {part}" in text for part in ("volume", "roster", "everything else"))
    assert text in tried.section().text


def test_tables_show_what_was_measured(tried):
    table = tried.table("weekday")
    assert [row[0] for row in table.rows] == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    monday = {cell.metric: cell for cell in tried.cells if cell.cut == "weekday" and cell.key == 0}
    assert table.rows[0][1:3] == [monday["offered"].recorded, monday["offered"].simulated]
    assert table.rows[0][3] == 100 * monday["abandoned"].recorded
    assert len(table.columns) == len(table.rows[0])


def test_replayed_arrivals_have_the_recorded_volume(tried):
    """All but redials come as recorded; redials are simulated."""
    assert tried.reasons["recorded arrivals"]["offered"] == pytest.approx(tried.whole("offered").recorded, rel=0.05)


def test_metrics_by_hand():
    """Ten offered in two days: served after 10, 20, 30 s; hung up after 5 s and 50 s; five more served at once."""
    wait = np.array([10.0, 20, 30, 5, 50, 0, 0, 0, 0, 0])
    served = np.array([1, 1, 1, 0, 0, 1, 1, 1, 1, 1], dtype=bool)
    found = measure(Contacts(np.zeros(10, int), np.zeros(10, int), wait, served, 2), np.ones(10, dtype=bool), 2)
    assert found["offered"] == 5
    assert found["abandoned"] == 0.2
    assert found["wait"] == 60 / 8
    assert found["service level"] == 7 / 9


def test_prediction_interval_by_hand():
    """Three runs 1, 2, 3: mean 2, s = 1, t(2) = 4.3027, so 2 -+ 4.3027 x sqrt(4/3)."""
    mean, low, high = prediction(np.array([1.0, 2, 3]), 100.0)
    assert mean == 2
    assert low == 0
    assert high == pytest.approx(2 + 4.30265 * np.sqrt(4 / 3), abs=1e-4)
    assert prediction(np.array([1.0, 2, 3]), 5.0)[2] == 5.0


@pytest.mark.parametrize("day", [dt.date(2026, 2, 7), dt.date(2025, 12, 31)])
def test_a_hindcast_needs_days_on_both_sides(day):
    mapping = sample_mapping()
    history, _ = read_history(HISTORY, mapping)
    with pytest.raises(DataError, match="no days left to fit or to simulate; allowed: 2026-01-12 to 2026-02-06"):
        hindcast(history, mapping, day)


# --- recovery --------------------------------------------------------------------------------------------------------


def test_other_seeds_are_recovered_too():
    table = coverage(study(3))
    assert table.loc["pooled", "n"] > 100
    assert table.loc["pooled", "coverage"] > 0.88
    assert abs(table.loc["pooled", "bias"]) < 0.02


@pytest.mark.long
def test_over_two_hundred_seeds_the_intervals_cover_as_often_as_they_say():
    table = coverage(study(200))
    assert 0.93 <= table.loc["pooled", "coverage"] <= 0.97


# --- histories that have little to say -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows():
    return read_frame(HISTORY)


def recalibrated(rows):
    mapping = sample_mapping()
    found = calibrate_history(contacts(rows.reset_index(drop=True), mapping, None, "part"), mapping)
    document = Document.from_text(found.text)
    assert document.data == found.document.data
    run(build(document.scenario))
    json.dumps(found.evidence.to_data(), allow_nan=False)
    return found


def test_one_day_gives_a_scenario_without_intervals_of_days(rows):
    found = recalibrated(rows[rows["arrived"].str.startswith("2026-01-12")])
    assert "too few days or observations for an interval" in found.text
    assert "The history has no Tuesday" in found.evidence.section("data").warnings[0]


def test_forty_calls_are_enough_to_run(rows):
    assert recalibrated(rows.head(40)).fits.history.days == 1


def test_nobody_hung_up(rows):
    found = recalibrated(rows[rows["outcome"] == "answered"])
    assert all("patience" not in stream for stream in found.document.data["demand"].values())
    assert "Nobody hung up" in found.evidence.section("patience orders").warnings[-1]


def test_handling_that_takes_no_time(rows):
    served = rows["outcome"] == "answered"
    found = recalibrated(rows.assign(ended=rows["answered"].where(served, rows["ended"]), wrap_end="").head(2000))
    assert found.document.data["process"]["orders"]["answer"]["talk"] == "0 s"


def test_names_that_yaml_would_misread(rows):
    names = {"orders": 'a/b: "x"', "repairs": "é, {y}", "invoices": "true"}
    found = recalibrated(rows.assign(call_type=rows["call_type"].map(names)).head(4000))
    assert set(found.document.data["demand"]) == set(names.values())


def test_rare_types_join(rows):
    few = rows[(rows["call_type"] != "invoices") | (rows["call_type"].eq("invoices").cumsum() <= 10)]
    assert [one.name for one in recalibrated(few).fits.types] == ["orders", "repairs"]


def test_a_guessed_mapping_is_enough_for_the_sample():
    assert calibrate(HISTORY).mapping.columns.agent == "agent"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"agent": ""}, "columns.agent: no answered contact names its agent"),
        ({"outcome": "abandoned"}, "too few answered contacts to calibrate on; allowed: 30 or more; given: 0"),
    ],
)
def test_histories_that_say_too_little(rows, change, message):
    with pytest.raises(DataError, match=message):
        recalibrated(rows.assign(**change))
