"""The folder: whole files or none, many writers, joined files, and what goes wrong in one line."""

import errno
import fcntl
import os
import threading
import time

import pandas as pd
import pytest

from scenarios.experiments import evaluate
from scenarios.store import Folder, StoreError, files
from scenarios.store.blocks import Block
from scenarios.store.listing import Selection, scenarios, table
from scenarios.store.views import ask
from sim.errors import ParameterError
from tests.scenarios.tiny import numbers, tiny


def visible(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet"))


def leftovers(folder):
    return list(folder.rglob("*.part"))


@pytest.fixture
def filled(tmp_path):
    variants = {"two": tiny(2), "three": tiny(3)}
    parameters = {"two": {"people.desk.agents": 2}, "three": {"people.desk.agents": 3}}
    list(evaluate(variants, 6, folder=tmp_path / "out", parameters=parameters, block=2))
    return tmp_path / "out"


def test_pandas_alone_reads_it(filled):
    results, said = pd.read_parquet(filled / "results"), pd.read_parquet(filled / "scenarios")
    both = results.merge(said[["run", "name"]], on="run")
    sums = both[(both["metric"] == "cases") & (both["owner"] == "")].groupby("name", observed=True)
    assert sums["replication"].count().to_dict() == {"three": 6, "two": 6}
    assert set(results.columns) >= {"replication", "metric", "of", "owner", "numerator", "denominator"}


def test_missing_blocks_are_cut_at_multiples(filled):
    folder = Folder.open(filled)
    run = folder_run(folder, "two")
    assert [(block.first, block.last) for block in folder.missing(run, range(12), 4)] == [(6, 8), (8, 12)]
    assert folder.missing(run, range(6), 4) == []


def folder_run(folder, name):
    from scenarios.store import run_of, scenario_key

    return run_of(scenario_key(tiny({"two": 2, "three": 3}[name]).data), 1, "kernel")


def test_joined_files_hold_the_same(filled):
    before = numbers(filled)
    folder = Folder.open(filled)
    run = folder_run(folder, "three")
    rows = folder.results.read(run).num_rows
    folder.results.join()
    assert len(visible(filled / "results")) == 1
    assert visible(filled / "results")[0].startswith("joined-")
    pd.testing.assert_frame_equal(numbers(filled), before)
    assert folder.results.read(run).num_rows == rows
    assert folder.missing(run, range(6), 2) == []


def test_without_locks_small_files_stay(filled, monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    before = visible(filled / "results")
    monkeypatch.setattr(fcntl, "flock", flock)
    Folder.open(filled).results.join()
    assert visible(filled / "results") == before


def test_a_reader_does_not_notice_that_files_are_joined_under_it(filled):
    reading, joining = Folder.open(filled), Folder.open(filled)
    run = folder_run(reading, "two")
    rows = reading.results.read(run).num_rows
    joining.results.join()
    assert reading.results.read(run).num_rows == rows


def test_blocks_that_stand_twice_count_once(filled, monkeypatch):
    before = numbers(filled)
    monkeypatch.setattr(files, "_remove", lambda given: None)  # killed after the joined file was written
    folder = Folder.open(filled)
    folder.results.join()
    assert len(visible(filled / "results")) == 7
    pd.testing.assert_frame_equal(numbers(filled), before)
    monkeypatch.undo()
    folder.results.join()
    assert len(visible(filled / "results")) == 1
    pd.testing.assert_frame_equal(numbers(filled), before)


def test_overlapping_blocks_count_once(filled):
    before = numbers(filled)
    folder = Folder.open(filled)
    run = folder_run(folder, "two")
    data = folder.results.read(run)
    wider = Block(run, 0, 6)
    folder.write(wider, files.as_bytes(data))
    pd.testing.assert_frame_equal(numbers(filled), before)
    assert folder.results.read(run).num_rows == data.num_rows


def test_many_writers(tmp_path):
    variants = {str(agents): tiny(agents) for agents in range(1, 5)}

    def work():
        list(evaluate(variants, 4, folder=tmp_path / "out", block=2))
        Folder.open(tmp_path / "out").results.join()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    list(evaluate(variants, 4, folder=tmp_path / "alone", block=2))
    pd.testing.assert_frame_equal(numbers(tmp_path / "out"), numbers(tmp_path / "alone"))
    assert leftovers(tmp_path / "out") == []


def test_a_full_disk_is_one_line_and_leaves_nothing_half_written(filled, monkeypatch):
    before = visible(filled)

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(StoreError) as caught:
        list(evaluate({"four": tiny(4)}, 2, folder=filled))
    assert "No space left on device" in str(caught.value)
    assert "goes on from what is finished" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert visible(filled) == before
    assert leftovers(filled) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_as_the_system_says_it(tmp_path):
    with pytest.raises(OSError, match="No space left"):  # what `told` is given
        files.Path("/dev/full").write_bytes(b"x" * 100_000)


def test_a_folder_that_may_not_be_written_to(tmp_path, monkeypatch):
    def refuse(self, *args, **more):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))

    monkeypatch.setattr(files.Path, "touch", refuse)
    with pytest.raises(StoreError, match=r"^\S+: results cannot be written: Permission denied. Choose a folder"):
        Folder.create(tmp_path / "out")


def test_other_folders_are_left_alone(tmp_path):
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(StoreError, match="not a results folder"):
        Folder.create(tmp_path)
    with pytest.raises(StoreError, match="not a results folder"):
        Folder.open(tmp_path)
    (tmp_path / "queuewise.json").write_text('{"queuewise results": 99}')
    with pytest.raises(StoreError, match="another version"):
        Folder.open(tmp_path)


def test_a_manifest_that_says_something_else(filled):
    (filled / "queuewise.json").write_text("[]")
    with pytest.raises(StoreError, match="another version"):
        Folder.open(filled)


def cut(file):
    file.write_bytes(file.read_bytes()[:100])


def test_a_damaged_block_is_named_and_run_again_once_deleted(filled):
    before = numbers(filled)
    broken = sorted((filled / "results").glob("*.parquet"))[0]
    cut(broken)
    for read in (
        lambda: numbers(filled),
        lambda: Folder.open(filled).results.join(),
        lambda: [one.estimate("asa") for one in evaluate({"two": tiny(2), "three": tiny(3)}, 6, folder=filled)],
    ):
        with pytest.raises(StoreError, match=rf"{broken.name}: not a whole Parquet file .*Delete it"):
            read()
    broken.unlink()
    list(evaluate({"two": tiny(2), "three": tiny(3)}, 6, folder=filled, block=2))
    pd.testing.assert_frame_equal(numbers(filled), before)


@pytest.mark.parametrize("place", ["results/joined-1.parquet", "scenarios/1.parquet"])
def test_other_damaged_files_are_named(filled, place):
    (filled / place).write_bytes(b"half")
    with pytest.raises(StoreError, match=rf"{place}: not a whole Parquet file"):
        scenarios(Folder.open(filled), Selection())


def test_files_that_are_no_blocks_are_left_alone(filled):
    before = numbers(filled)
    for name in ("rows.parquet", "._0a-0000000-0000002.parquet"):
        (filled / "results" / name).write_bytes(b"not ours")
    pd.testing.assert_frame_equal(numbers(filled), before)


def test_what_a_killed_process_left_behind_is_cleared(filled):
    gone, living = (files.new_part(filled / "results") for _ in range(2))
    dead = gone.with_name(gone.name.replace(f".{os.getpid()}.", ".999999999."))
    dead.write_bytes(b"half")
    living.write_bytes(b"half")
    Folder.create(filled)
    assert leftovers(filled) == [living]


def test_a_file_that_nobody_holds_is_cleared_whoever_has_the_number_of_its_process_now(filled):
    held, given_up = (files.new_part(filled / "results") for _ in range(2))
    with files._alone(held):
        for one in (held, given_up):
            one.write_bytes(b"half")
            os.utime(one, (time.time() - 60,) * 2)
        Folder.create(filled)
        assert leftovers(filled) == [held]
    Folder.create(filled)
    assert leftovers(filled) == []


def test_what_is_being_written_is_held(filled):
    target = filled / "results" / "new.parquet"
    with files._written(target) as temporary:
        temporary.write_bytes(b"all")
        os.utime(temporary, (time.time() - 60,) * 2)
        Folder.create(filled)
        assert leftovers(filled) == [temporary]
    assert (target.read_bytes(), leftovers(filled)) == (b"all", [])


def test_scenarios_by_name_and_value(filled):
    folder = Folder.open(filled)
    assert list(scenarios(folder, Selection(where=("people.desk.agents >= 3",)))["name"]) == ["three"]
    assert list(scenarios(folder, Selection(names=("t*o",)))["name"]) == ["two"]
    with pytest.raises(ParameterError, match=r"no scenario of this folder varies that; allowed: people.desk.agents"):
        scenarios(folder, Selection(where=("people.desk.agent = 3",)))
    with pytest.raises(ParameterError, match="not a condition"):
        scenarios(folder, Selection(where=("people",)))


def test_values_stay_what_they_are_beside_scenarios_without_them(filled):
    list(evaluate({"slow": tiny(4)}, 2, folder=filled, parameters={"slow": {"demand.calls.per hour": 20}}))
    found = table(Folder.open(filled), Selection(metrics=("asa",))).set_index("name")
    assert [(type(one), one) for one in found["people.desk.agents"]] == [(type(None), None), (int, 3), (int, 2)]


def test_estimates_are_those_of_the_runs(filled):
    found = table(Folder.open(filled), Selection(owners=True))
    found = found.set_index(["name", "metric", "of", "owner"])
    for outcome in evaluate({"two": tiny(2)}, 6, folder=filled):
        for metric, of, owner in (("asa", "queue", ""), ("asa", "queue", "talk"), ("cases", "stream", "mails")):
            own = outcome.estimate(metric, owner or None)
            row = found.loc["two", metric, of, owner]
            assert (row["mean"], row["low"], row["high"]) == pytest.approx((own.mean, own.low, own.high), rel=1e-12)
    with pytest.raises(ParameterError, match="no such metric in this folder"):
        table(Folder.open(filled), Selection(metrics=("asa", "happiness")))


def test_an_empty_folder_can_be_asked(tmp_path):
    folder = Folder.create(tmp_path / "out")
    assert ask(folder, "select count(*) as n from results")["n"][0] == 0
    assert table(folder, Selection()).empty
