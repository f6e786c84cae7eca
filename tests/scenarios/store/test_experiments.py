"""Many scenarios into a folder: the numbers of `replicate`, only what is missing, on processes and on a cluster."""

import os
import signal
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import pandas as pd
import pytest

from scenarios import experiments
from scenarios.executors import dask, processes
from scenarios.experiments import evaluate
from scenarios.replications import replicate
from scenarios.store import Folder, StoreError
from sim.build import build
from sim.errors import ParameterError, ScenarioError
from sim.metrics import metrics_of, owners, quantile, total
from sim.schema import Document, load
from tests.scenarios.tiny import numbers, tiny
from tests.service.test_scenario import TEXT as JUDGED


@dataclass(frozen=True)
class Rows:
    """Rows of the log, as a number of one's own."""

    table: str

    def __call__(self, run):
        return float(len(getattr(run.log, self.table)))


def test_numbers_are_those_of_the_replications(tmp_path):
    document = load("tests/app/good.yaml")
    result = replicate(build(document.scenario), 5, seed=4)
    (outcome,) = evaluate({"good": document}, 5, seed=4, folder=tmp_path / "out", block=2)
    for metric in metrics_of(result.frame):
        for of, owner in [(None, None), *enumerate(owners(result.frame, metric.scope))]:
            above, below = outcome.values(metric.name, owner)
            for number, one in enumerate(result.totals):
                own = (quantile(metric, one, of), 1.0) if metric.quantile else total(metric, one, of)
                np.testing.assert_allclose((above[number], below[number]), own, rtol=1e-12, err_msg=metric.name)


def test_a_result_can_be_made_again(tmp_path):
    document = tiny()
    (outcome,) = evaluate({"a": document}, 3, folder=tmp_path / "out", sums=True)
    again, first = outcome.result(), replicate(build(document.scenario), 3)
    for made, known in zip(again.totals, first.totals, strict=True):
        assert made.frame == known.frame
        assert made.key == known.key
        for name in ("queue", "group", "case", "tier", "money"):
            np.testing.assert_array_equal(getattr(made, name), getattr(known, name))
        for made_one, known_one in zip(made.observed, known.observed, strict=True):
            np.testing.assert_array_equal(made_one, known_one)
    pd.testing.assert_frame_equal(again.by_interval("asa"), first.by_interval("asa"))


def test_everything_said_of_a_stored_result_is_said_of_a_fresh_one(tmp_path):
    document = Document.from_text(JUDGED)
    (outcome,) = evaluate({"a": document}, 4, folder=tmp_path / "out", sums=True)
    stored, fresh = outcome.result(), replicate(build(document.scenario), 4)
    assert stored.scorecard()
    assert stored.scorecard() == fresh.scorecard()
    assert stored.estimates() == fresh.estimates()
    for kind in ("queue", "group", "stream", "tier", "cost line"):
        assert stored.by(kind) == fresh.by(kind)
    assert stored.goals() == fresh.goals()


def test_narrow_sums_are_added_without_overflow(tmp_path):
    (outcome,) = evaluate({"a": tiny()}, 40, folder=tmp_path / "out", sums=True)
    fresh = replicate(build(tiny().scenario), 40)
    stored = outcome.result()
    again, known = reduce(add, stored.totals), reduce(add, fresh.totals)
    assert {one.observed[0].dtype for one in stored.totals} == {np.dtype(np.int8)}
    assert known.observed[0].max() > np.iinfo(np.int8).max
    for made_one, known_one in zip(again.observed, known.observed, strict=True):
        np.testing.assert_array_equal(made_one, known_one)


def test_sums_are_run_if_they_were_not_kept(tmp_path):
    (outcome,) = evaluate({"a": tiny()}, 2, folder=tmp_path / "out")
    with pytest.raises(StoreError, match="sums by interval were not kept"):
        outcome.result()
    (outcome,) = evaluate({"a": tiny()}, 2, folder=tmp_path / "out", sums=True)
    assert len(outcome.result().totals) == 2


def count_runs(monkeypatch):
    from scenarios import experiments

    run, seen = experiments._run, []

    def counted(task, *args):
        seen.append((task.name, *task.block.numbers))
        return run(task, *args)

    monkeypatch.setattr(experiments, "_run", counted)
    return seen


def test_only_what_is_missing_is_run(tmp_path, monkeypatch):
    seen, folder = count_runs(monkeypatch), Folder.create(tmp_path / "out")
    list(evaluate({"a": tiny(2)}, 4, folder=folder, block=4))
    found = {
        one.name: one
        for one in evaluate({"a": tiny(2), "same": tiny(2, name="b"), "b": tiny(3)}, 6, folder=folder, block=4)
    }
    assert seen == [("a", 0, 1, 2, 3), ("a", 4, 5), ("b", 0, 1, 2, 3), ("b", 4, 5)]
    np.testing.assert_array_equal(found["a"].values("asa"), found["same"].values("asa"))
    later = next(evaluate({"a": tiny(2)}, range(4, 6), folder=folder))
    np.testing.assert_array_equal(later.values("asa")[0], found["a"].values("asa")[0][4:])


def test_measures_of_ones_own(tmp_path, monkeypatch):
    seen = count_runs(monkeypatch)
    how = {"folder": tmp_path / "out", "measures": {"rows": Rows("cases")}}
    (outcome,) = evaluate({"a": tiny()}, 3, **how)
    model = build(tiny().scenario)
    from sim.run import run

    assert list(outcome.values("rows")[0]) == [len(run(model, 1, number).cases) for number in range(3)]
    list(evaluate({"a": tiny()}, 3, **how))
    assert len(seen) == 3
    list(evaluate({"a": tiny()}, 3, folder=tmp_path / "out", measures={"rows": Rows("visits")}))
    assert len(seen) == 6  # another measure under the same name


def test_a_variant_that_cannot_run(tmp_path):
    bad = tiny(people={"desk": {"agents": 2, "skills": ["sing"]}})
    with pytest.raises(ScenarioError, match="bad: a step nobody can do"):
        list(evaluate({"good": tiny(), "bad": bad}, 2, folder=tmp_path / "out"))
    told = {}
    found = list(evaluate({"bad": bad, "good": tiny()}, 2, folder=tmp_path / "out", failed=told.__setitem__))
    assert [one.name for one in found] == ["good"]
    assert "a step nobody can do" in str(told["bad"][0])


def test_no_replications(tmp_path):
    with pytest.raises(ParameterError, match="no replications"):
        evaluate({"a": tiny()}, 0, folder=tmp_path / "out")
    with pytest.raises(ParameterError, match="no workers"), processes(0):
        pass


def test_stopping_keeps_what_is_finished(tmp_path):
    done = []
    found = list(evaluate({"a": tiny(2), "b": tiny(3)}, 4, folder=tmp_path / "out", block=2,
                          progress=lambda *now: done.append(now), stop=lambda: done[-1][0] == 6))  # fmt: skip
    assert [one.name for one in found] == ["a"]
    assert sorted(set(done)) == [(0, 8), (2, 8), (4, 8), (6, 8)]
    assert len(Folder.open(tmp_path / "out").results.spans) == 3


def test_processes_write_the_same(tmp_path):
    variants = {str(agents): tiny(agents) for agents in (2, 3, 4)}
    list(evaluate(variants, 4, folder=tmp_path / "here", block=2))
    with processes(2) as pool:
        found = list(evaluate(variants, 4, folder=tmp_path / "there", executor=pool, block=2))
        with pytest.raises(ScenarioError, match="a step nobody can do"):
            list(evaluate({"bad": tiny(people={"desk": {"agents": 2, "skills": ["sing"]}})}, 2,
                          folder=tmp_path / "there", executor=pool))  # fmt: skip
        for process in pool._processes.values():
            process.kill()
        with pytest.raises(StoreError, match=r"a worker process was killed.*goes on from what is finished"):
            list(evaluate({"5": tiny(5)}, 4, folder=tmp_path / "there", executor=pool))
    assert {one.name for one in found} == {"2", "3", "4"}
    for part in ("results", "scenarios"):
        here, there = (
            {file.name: file.read_bytes() for file in (tmp_path / where / part).iterdir() if file.suffix == ".parquet"}
            for where in ("here", "there")
        )
        assert here.items() <= there.items()


def test_nobody_answers():
    with pytest.raises(ParameterError, match="no Dask scheduler answers"), dask("tcp://127.0.0.1:9"):
        pass


@pytest.mark.parametrize("address", ["nonsense", "http://127.0.0.1:80", "tcp://node1"])
def test_what_is_no_address_is_not_tried(address):
    with pytest.raises(ParameterError, match="--dask: not the address of a scheduler; allowed: such as"), dask(address):
        pass


@pytest.mark.long
@pytest.mark.parametrize("shared", [True, False])
def test_a_cluster_of_processes_gives_the_same_files(tmp_path, shared):
    distributed = pytest.importorskip("distributed")
    variants = {str(agents): tiny(agents) for agents in (2, 3, 4)}
    list(evaluate(variants, 4, folder=tmp_path / "here", block=2))
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        dask(cluster.scheduler_address, folder_is_shared=shared) as pool,
    ):
        list(evaluate(variants, 4, folder=tmp_path / "there", executor=pool, block=2))
    pd.testing.assert_frame_equal(numbers(tmp_path / "here"), numbers(tmp_path / "there"))


def die(task):
    os._exit(1)


@pytest.mark.long
def test_workers_of_a_cluster_stand_elsewhere_and_die(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,
        dask(cluster.scheduler_address) as pool,
    ):
        monkeypatch.chdir(tmp_path)  # the worker has another working directory
        list(evaluate({"2": tiny(2)}, 2, folder="out", executor=pool))
        assert Folder.open(tmp_path / "out").results.spans
        cluster.scheduler.allowed_failures = 0
        monkeypatch.setattr(experiments, "_run", die)
        with pytest.raises(StoreError, match=r"a worker process was killed.*goes on from what is finished"):
            list(evaluate({"3": tiny(3)}, 2, folder="out", executor=pool))


def test_interrupts_are_left_to_the_main_process():
    with processes(1) as pool:
        assert pool.submit(signal.getsignal, signal.SIGINT).result() == signal.SIG_IGN
