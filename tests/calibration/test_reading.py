"""Every rule by which a history is read, on files small enough to check by eye."""

import gzip
from datetime import date

import numpy as np
import pandas as pd
import pytest

from calibration.files import read_frame
from calibration.mapping import mapping_from
from calibration.reading import read_history
from sim.errors import DataError
from sim.units import NEVER, SECOND_US

HEAD = "id,kind,arrived,answered,ended,agent"
PLAIN = {
    "contact": "id",
    "type": "kind",
    "arrived": "arrived",
    "started": "answered",
    "ended": "ended",
    "agent": "agent",
}
START = 1_767_949_200_000_000  # 2026-01-09 09:00 UTC, microseconds since 1970


def rows(*lines, head=HEAD):
    return "\n".join([head, *lines]) + "\n"


def good(number=1, day="2026-01-09"):
    """A contact that waited 30 s and was served for two minutes."""
    return f"{number},a,{day} 09:00:00,{day} 09:00:30,{day} 09:02:30,ann"


@pytest.fixture
def read(tmp_path):
    def reader(text, name="calls.csv", **mapping):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_history(path, mapping_from({"columns": PLAIN, **mapping}))[0]

    return reader


def reasons(history):
    return {drop.reason: (drop.rows, drop.example_row) for drop in history.drops.drops}


def test_a_contact_becomes_utc_microseconds(read):
    one = read(rows(good())).table.iloc[0]
    assert one["contact"] == "1"
    assert one["type"] == "a"
    assert one["agent"] == "ann"
    assert bool(one["answered"])
    assert one["enqueued"] == START
    assert one["started"] == START + 30 * SECOND_US
    assert one["ended"] == one["released"] == START + 150 * SECOND_US


def test_local_time_is_placed_by_the_zone(read):
    history = read(rows(good()), **{"time zone": "Asia/Jerusalem"})
    assert history.table["enqueued"].iloc[0] == START - 2 * 3600 * SECOND_US
    assert history.first == date(2026, 1, 9)
    assert history.minute[0] == 9 * 60


def test_a_hang_up_ends_when_the_customer_left(read):
    history = read(rows(good(), "2,a,2026-01-09 09:00:00,,2026-01-09 09:00:40,"))
    one = history.table.iloc[1]
    assert not one["answered"]
    assert one["started"] == one["released"] == NEVER
    assert history.wait_s[1] == 40.0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("calls.csv", rows(good())),
        ("calls.csv", rows(good()).replace(",", ";")),
        ("calls.tsv", rows(good()).replace(",", "\t")),
        ("calls.tsv.gz", gzip.compress(rows(good()).replace(",", "\t").encode(), mtime=0)),
        ("calls.csv", b"\xef\xbb\xbf" + rows(good()).encode()),
        ("calls.csv", rows(good()).encode("utf-16")),
        ("calls.csv", rows(good()).replace("ann", "müller").encode("cp1252")),
        ("calls.csv", rows(good()).replace("ann", "王").encode("gb18030")),
    ],
)
def test_text_files_of_every_kind(read, name, content):
    assert read(content, name).table["enqueued"].tolist() == [START]


def test_names_keep_their_letters(read):
    assert read(rows(good()).replace("ann", "王").encode("gb18030")).table["agent"].tolist() == ["王"]
    assert read(rows(good()).replace("ann", "müller").encode()).table["agent"].tolist() == ["müller"]


def frame():
    moments = pd.to_datetime(["2026-01-09 09:00:00", "2026-01-09 09:00:30", "2026-01-09 09:02:30"])
    return pd.DataFrame(
        {
            "id": ["1"],
            "kind": ["a"],
            "arrived": moments[:1],
            "answered": moments[1:2],
            "ended": moments[2:],
            "agent": "ann",
        }
    )


def test_a_workbook(tmp_path):
    frame().to_excel(tmp_path / "calls.xlsx", index=False, engine="xlsxwriter")
    history, _ = read_history(tmp_path / "calls.xlsx", mapping_from({"columns": PLAIN}))
    assert history.table["ended"].tolist() == [START + 150 * SECOND_US]


def test_a_sheet_that_is_not_there(tmp_path):
    frame().to_excel(tmp_path / "calls.xlsx", index=False, engine="xlsxwriter")
    with pytest.raises(DataError, match=r"Nope.*Say 'sheet:'"):
        read_history(tmp_path / "calls.xlsx", mapping_from({"columns": PLAIN, "sheet": "Nope"}))


def test_a_parquet_file_keeps_its_moments(tmp_path):
    frame().to_parquet(tmp_path / "calls.parquet")
    history, _ = read_history(tmp_path / "calls.parquet", mapping_from({"columns": PLAIN}))
    assert history.table["ended"].tolist() == [START + 150 * SECOND_US]


def test_parquet_moments_with_a_zone_are_utc_already(tmp_path):
    data = frame()
    for column in ("arrived", "answered", "ended"):
        data[column] = data[column].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")
    data.to_parquet(tmp_path / "calls.parquet")
    mapping = mapping_from({"columns": PLAIN, "time zone": "Asia/Jerusalem"})
    history, _ = read_history(tmp_path / "calls.parquet", mapping)
    assert history.table["enqueued"].tolist() == [START]


def test_moments_with_an_offset(read):
    line = "1,a,2026-01-09T10:00:00+01:00,2026-01-09T10:00:30+01:00,2026-01-09T10:02:30+01:00,ann"
    assert read(rows(line), **{"time zone": "Asia/Tokyo"}).table["enqueued"].tolist() == [START]


def test_lengths_stand_in_for_moments(read):
    text = rows("1,2026-01-09 09:00:00,30,0:02:00,15,bob", head="id,arrived,wait,talk,acw,agent")
    columns = {"contact": "id", "arrived": "arrived", "wait": "wait", "talk": "talk", "wrap": "acw", "agent": "agent"}
    one = read(text, columns=columns).table.iloc[0]
    assert one["started"] == START + 30 * SECOND_US
    assert one["ended"] == START + 150 * SECOND_US
    assert one["released"] == START + 165 * SECOND_US


def test_date_and_time_of_day_in_separate_columns_roll_over_midnight(read):
    text = rows("1,a,260109,23:59:58,0:00:10,0:03:00,ann", head="id,kind,day,arrived,answered,ended,agent")
    history = read(text, date={"column": "day", "format": "%y%m%d"}, times="%H:%M:%S")
    one = history.table.iloc[0]
    assert (one["started"] - one["enqueued"], one["ended"] - one["started"]) == (12 * SECOND_US, 170 * SECOND_US)
    assert history.first == history.last == date(2026, 1, 9)


def test_not_applicable_times_are_missing(read):
    text = rows(good(), "2,a,2026-01-09 09:00:00,0:00:00,2026-01-09 09:00:40,")
    assert read(text, **{"not applicable": ["0:00:00"]}).table["answered"].tolist() == [True, False]


def test_rows_that_cannot_be_used_are_counted_with_an_example(read):
    history = read(
        rows(
            good(1),
            good(2),
            good(3),
            good(1),
            "5,a,2026-01-09 09:00:00,2026-01-09 09:05:00,2026-01-09 09:04:00,ann",
            "6,a,yesterday,2026-01-09 09:00:30,2026-01-09 09:02:30,ann",
            "7,a,,2026-01-09 09:00:30,2026-01-09 09:02:30,ann",
            good(8),
        )
    )
    assert reasons(history) == {
        "contact listed twice: same id": (1, 5),
        "arrived: not a time": (1, 7),
        "no time of arrival": (1, 8),
        "end before start": (1, 6),
    }
    assert (history.drops.read, history.drops.kept, history.drops.dropped) == (8, 4, 4)


def test_a_local_time_that_clocks_skip_is_dropped(read):
    lost = "2,a,2026-03-29 02:30:00,2026-03-29 02:31:00,2026-03-29 03:10:00,ann"
    history = read(rows(good(day="2026-03-29"), lost), **{"time zone": "Europe/Berlin"})
    assert reasons(history) == {"arrived: a local time that clocks skipped (Europe/Berlin)": (1, 3)}


def test_a_local_time_that_comes_twice_is_the_first(read):
    twice = "1,a,2026-10-25 02:30:00,2026-10-25 02:30:30,2026-10-25 02:32:00,ann"
    arrived = read(rows(twice), **{"time zone": "Europe/Berlin"}).table["enqueued"].iloc[0]
    assert pd.Timestamp(arrived, unit="us") == pd.Timestamp("2026-10-25 00:30:00")


def test_window_and_filter(read):
    lines = [good(number, f"2026-01-{day:02d}") for number, day in enumerate((8, 9, 10, 11), 1)]
    lines.append(good(9, "2026-01-09").replace(",a,", ",b,"))
    history = read(rows(*lines), window={"from": date(2026, 1, 9), "to": date(2026, 1, 10)}, keep={"kind": ["a"]})
    assert history.table["contact"].tolist() == ["2", "3"]
    assert reasons(history) == {
        "filtered out: kind is not a": (1, 6),
        "before the window, which begins on 2026-01-09": (1, 2),
        "after the window, which ends on 2026-01-10": (1, 5),
    }


def test_clocks_may_disagree_a_little(read):
    early = "2,a,2026-01-09 09:00:00,2026-01-09 08:59:58,2026-01-09 09:02:00,ann"
    too_early = "3,a,2026-01-09 09:00:00,2026-01-09 08:59:50,2026-01-09 09:02:00,ann"
    history = read(rows(good(), early, too_early))
    assert history.wait_s.tolist() == [30.0, 0.0]
    assert reasons(history) == {"answered more than 2 s before joining the queue": (1, 4)}


@pytest.mark.parametrize(
    ("means", "answered"), [("served", [True, True]), ("hang-up", [True, False]), ("drop", [True])]
)
def test_services_too_short_to_be_one(read, means, answered):
    short = "2,a,2026-01-09 09:01:00,2026-01-09 09:01:20,2026-01-09 09:01:24,ann"
    history = read(rows(good(), short), **{"short service": {"below": "10 s", "means": means}})
    assert history.table["answered"].tolist() == answered
    if means == "hang-up":
        assert history.wait_s[1] == 20.0


OUTCOMES = {"columns": {**PLAIN, "outcome": "out"}, "outcomes": {"answered": ["A"], "abandoned": ["H"], "drop": ["P"]}}


def test_outcomes_by_their_text(read):
    text = rows(*(f"{good(n)},{out}" for n, out in enumerate("AHPA", 1)), head=HEAD + ",out")
    history = read(text, **OUTCOMES)
    assert history.table["answered"].tolist() == [True, False, True]
    assert reasons(history) == {"outcome P: dropped by the mapping": (1, 4)}


def test_an_outcome_that_the_mapping_does_not_explain(read):
    text = rows(f"{good()},A", f"{good(2)},X", head=HEAD + ",out")
    with pytest.raises(DataError, match=r"does not explain.*allowed: A, H, P; given: 'X'"):
        read(text, **OUTCOMES)


@pytest.mark.parametrize(("rule", "kept"), [("at once", 2), ("left before", 1)])
def test_hang_ups_without_a_time_in_the_queue(read, rule, kept):
    history = read(rows(good(), "2,a,2026-01-09 09:00:00,,,"), **{"never queued": rule})
    assert len(history.table) == kept
    assert history.drops.dropped == 2 - kept


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "calls.csv: an empty file"),
        (HEAD.encode(), "no rows below the header"),
        (b"\x1f\x8bnonsense", "a damaged gzip file"),
        (rows(good(), "1,2,3,4,5,6,7,8").encode(), "not a table: Expected 6 fields in line 3, saw 8"),
        (rows(good()).replace("arrived", "came").encode(), "no column named 'arrived'.*allowed: id, kind, came"),
        (
            rows(good(), "2,a,09.01.2026 09:00:00,09.01.2026 09:00:30,09.01.2026 09:02:30,ann").encode(),
            r"column 'arrived': timestamps in two formats: %Y-%m-%d %H:%M:%S, and in row 3 %d.%m.%Y %H:%M:%S",
        ),
        (
            rows("1,a,01/02/2026 09:00,01/02/2026 09:01,01/02/2026 09:05,ann").encode(),
            r"read in two ways; allowed: %d/%m/%Y %H:%M or %m/%d/%Y %H:%M",
        ),
        (rows("1,a,soon,later,never,ann").encode(), "column 'arrived': not times that can be read"),
        (
            rows(good(), *("9,a,2026-01-09 09:00:00,2026-01-09 09:05:00,2026-01-09 09:04:00,ann",) * 1).encode()
            + b"8,a,2026-01-09 09:00:00,2026-01-09 09:05:00,2026-01-09 09:04:00,ann\n",
            r"more than half of the rows cannot be used \(2 of 3\).*end before start \(first in row 3\)",
        ),
    ],
)
def test_files_that_cannot_be_used(read, content, message):
    with pytest.raises(DataError, match=message) as found:
        read(content)
    assert str(found.value).count("\n") == 0


def test_a_file_that_is_missing(tmp_path):
    with pytest.raises(DataError, match=r"No such file or directory\. Check the path"):
        read_frame(tmp_path / "none.csv")


def test_an_unknown_zone(read):
    with pytest.raises(DataError, match=r"time zone: no such time zone; allowed: an IANA name.*given: Mars/Base"):
        read(rows(good()), **{"time zone": "Mars/Base"})


def test_day_first_is_found_where_only_one_reading_fits(read):
    text = rows("1,a,13/02/2026 09:00,13/02/2026 09:01,13/02/2026 09:05,ann")
    assert read(text).first == date(2026, 2, 13)


def test_nothing_is_left_of_a_window_without_rows(read):
    with pytest.raises(DataError, match=r"no row is left.*1 rows: after the window"):
        read(rows(good()), window={"to": date(2025, 1, 1)})


def test_a_long_file_is_read_whole(tmp_path):
    n = 200_000
    start = pd.Timestamp("2026-01-05").value // 1000 + np.arange(n) * 7 * SECOND_US
    text = pd.DataFrame({"id": np.arange(n), "kind": "a", "agent": "ann"})
    for name, later in (("arrived", 0), ("answered", 5), ("ended", 60)):
        moments = pd.Series((start + later * SECOND_US).view("datetime64[us]"))
        text[name] = moments.dt.strftime("%Y-%m-%d %H:%M:%S")
    text.to_csv(tmp_path / "big.csv", index=False)
    history, _ = read_history(tmp_path / "big.csv", mapping_from({"columns": PLAIN}))
    assert len(history.table) == n
    assert np.array_equal(history.table["enqueued"].to_numpy(), start)
