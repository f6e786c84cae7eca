"""Mappings: read, refused, guessed, saved."""

import pandas as pd
import pytest

from calibration.mapping import guess_mapping, load_mapping, mapping_from
from sim.errors import DataError

COLUMNS = {"arrived": "a", "started": "b", "ended": "c"}


def write(tmp_path, text):
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    return path


def test_a_saved_mapping_reads_back_the_same(tmp_path):
    mapping = mapping_from(
        {
            "time zone": "Asia/Jerusalem",
            "columns": {"contact": ["line", "call"], "outcome": "out", **COLUMNS},
            "date": {"column": "day", "format": "%y%m%d"},
            "not applicable": ["0:00:00"],
            "outcomes": {"answered": ["A"], "drop": ["P"]},
            "priority": {"head start": {2: "90 s"}, "known when": "queued"},
            "short service": {"below": "10 s"},
            "clock tolerance": "15 s",
            "window": {"from": "1999-01-01"},
        }
    )
    mapping.save(tmp_path / "saved.yaml")
    assert load_mapping(tmp_path / "saved.yaml") == mapping
    assert mapping.priority.head_start == {"2": 90_000_000}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("columns: {arived: a}", r"mapping.yaml:1:11: columns.arived: unknown key 'arived'.*Did you mean 'arrived'\?"),
        (
            "kind: calls\ncolumns: {arrived: a, started: b}",
            r"mapping.yaml:2:1: columns: .*no column for 'ended or talk'",
        ),
        (
            "columns: {arrived: a, started: b, ended: c}\nclock tolerance: 3",
            r"yaml:2:1: clock tolerance: not a duration",
        ),
        ("columns: [a, b]", r"mapping.yaml:1:1: columns"),
        (
            "columns: {arrived: a, started: b, ended: c}\noutcomes: {answered: [A]}",
            "'outcomes' without an outcome column",
        ),
        ("columns: {arrived: a,", "not readable as YAML"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_where(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        load_mapping(write(tmp_path, text))


def test_a_mapping_that_is_missing(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        load_mapping(tmp_path / "none.yaml")


def test_a_guess_from_the_names_of_columns():
    frame = pd.DataFrame(
        {
            "Call ID": ["1", "2"],
            "Queue": ["x", "x"],
            "Arrived": ["2026-01-09 09:00", "2026-01-09 09:01"],
            "AnswerTime": ["2026-01-09 09:00", ""],
            "End Time": ["2026-01-09 09:02", "2026-01-09 09:03"],
            "Agent": ["ann", ""],
            "Outcome": ["Answered", "Abandoned"],
        }
    )
    mapping = guess_mapping(frame)
    assert mapping.columns.named() == {
        "contact": ["Call ID"],
        "type": ["Queue"],
        "arrived": ["Arrived"],
        "started": ["AnswerTime"],
        "ended": ["End Time"],
        "agent": ["Agent"],
        "outcome": ["Outcome"],
    }
    assert mapping.outcomes.answered == ["Answered"]
    assert mapping.outcomes.abandoned == ["Abandoned"]


def test_columns_that_say_nothing_are_not_guessed():
    with pytest.raises(DataError, match=r"names do not say enough.*given: x, y"):
        guess_mapping(pd.DataFrame({"x": ["1"], "y": ["2"]}))
