"""A real call log: a bank's call centre in January 1999, call by call (not part of this project)."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from calibration import calibrate, load_mapping, read_history
from calibration.hindcast import METRICS, hindcast

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT.parent / "shared" / "data" / "bank-calls-1999" / "january.tsv.gz"
MAPPING = ROOT / "docs" / "mappings" / "bank-calls-1999.yaml"

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="needs ../shared/data/bank-calls-1999, which is not shipped")


@pytest.fixture(scope="module")
def history():
    return read_history(FILE, load_mapping(MAPPING))[0]


def test_every_row_is_accounted_for(history):
    """31,599 rows; 240 phantom calls; 1,198 who left the voice menu (counted in the file by hand)."""
    counted = {drop.reason.split(":")[0]: drop.rows for drop in history.drops.drops}
    assert history.drops.read == 31_599
    assert counted["outcome PHANTOM"] == 240
    assert counted["left before the queue (no time in the queue)"] == 1_198
    assert history.drops.kept + history.drops.dropped == history.drops.read
    assert history.drops.kept > 30_000


def test_waits_agree_with_the_files_own_column(history):
    """The file's q_time, by which 13,585 answered calls waited, averages 36.6 s over all; ours start at vru_exit."""
    waits = history.wait_s
    assert (waits >= 0).all()
    assert np.mean(waits) == pytest.approx(36.6, rel=0.05)


def test_two_days_are_missing_and_said_to_be(history):
    found = calibrate(FILE, load_mapping(MAPPING), (None, dt.date(1999, 1, 24)))
    assert "Mon 11 Jan, Tue 12 Jan" in found.evidence.section("data").warnings[0]
    streams = found.document.scenario.demand
    assert streams["PS, priority 2"].head_start == 90_000_000
    assert (
        0.5 < streams["PS, priority 2"].per_week / (streams["PS"].per_week + streams["PS, priority 2"].per_week) < 0.75
    )


def test_the_last_week_is_predicted_with_the_errors_that_the_page_states(history):
    tried = hindcast(history, load_mapping(MAPPING), dt.date(1999, 1, 24), replications=6)
    assert len(tried.cells_of("wait", "weekday")) == 7
    assert len(tried.cells_of("wait", "hour")) >= 15
    assert abs(tried.whole("offered").error) < 0.15 * tried.whole("offered").recorded
    both = tried.reasons["recorded arrivals and the days' own roster"]
    for metric in METRICS:
        recorded = tried.whole(metric).recorded
        assert both[metric] == pytest.approx(recorded, rel=0.2), metric
