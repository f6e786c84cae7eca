"""Stored results read back, compared and explored: against scipy, against results in memory, against what was run."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from scenarios.comparison import compare, independent_difference
from scenarios.estimate import Linear
from scenarios.experiments import evaluate
from scenarios.folders import run_into, stored_result
from scenarios.replications import replicate
from scenarios.store import Folder
from scenarios.store.contents import contents, grid_of, metrics_in
from scenarios.stored import compare_stored, read_rows
from scenarios.sweeps.stored import best_first, explore, in_order, parallel, stored_sweeps
from sim.build import build
from sim.errors import ParameterError
from sim.metrics import find
from tests.scenarios.tiny import tiny

METRICS = ("asa", "occupancy", "abandonment_rate", "wait_p90")


@pytest.fixture
def folder(tmp_path):
    return Folder.create(tmp_path / "kept")


def rows_of(folder):
    return {
        one.stored.name + str(one.stored.seed): one for one in read_rows(folder, contents(folder), METRICS).values()
    }


def of_means(values):
    """A mean of plain numbers as a ratio of sums."""
    values = np.asarray(values, float)
    return Linear(np.array([values.mean()]), (values - values.mean()).reshape(-1, 1))


def test_a_result_is_made_again_as_far_as_it_is_finished(folder):
    document = tiny()
    run_into(folder, {"a": document}, (3, 5, "reference"))
    found = stored_result(folder, document, range(8), 5, "reference")
    plain = replicate(build(document.scenario), 3, 5, "reference")
    assert (found.asked, found.replications, found.complete) == (8, (0, 1, 2), False)
    assert found.estimates() == plain.estimates()
    assert stored_result(folder, document, range(8), 6, "reference") is None


def test_an_interrupt_gives_back_what_is_finished(folder):
    def interrupt(name, done, asked):
        if (name, done) == ("b", 1):
            raise KeyboardInterrupt

    documents = {"a": tiny(2), "b": tiny(3), "c": tiny(4)}
    found = run_into(folder, documents, (3, 1, "reference"), progress=interrupt)
    assert {name: len(result.totals) for name, result in found.items()} == {"a": 3, "b": 1}


def test_stored_differences_are_those_of_results_in_memory(folder):
    found = run_into(folder, {"a": tiny(2), "b": tiny(3)}, (6, 1, "reference"))
    rows = rows_of(folder)
    stored = compare_stored(rows["a1"], {"b": rows["b1"]}, 0.9, METRICS)
    wanted = compare(found["a"], {"b": found["b"]}, 0.9, METRICS)
    for one, other in zip(stored.comparison.differences, wanted.differences, strict=True):
        assert one.verdict == other.verdict
        for name in ("mean", "low", "high", "family_low", "family_high", "p_holm", "variance_reduction"):
            value, expected = getattr(one, name), getattr(other, name)
            assert value == (None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-12)), name
    assert stored.pairings == {"b": "paired"}
    assert (stored.comparison.n, stored.comparison.family) == (6, 4)


def test_pairing_takes_what_is_in_common_and_says_so(folder):
    """Seed 2 has other customers; under seed 1 only the first four replications are in common."""
    run_into(folder, {"a": tiny(2)}, (6, 1, "reference"))
    short = run_into(folder, {"b": tiny(3)}, (4, 1, "reference"))["b"]
    run_into(folder, {"b": tiny(3)}, (5, 2, "reference"))
    rows = rows_of(folder)
    stored = compare_stored(rows["a1"], {"short": rows["b1"], "other": rows["b2"]}, 0.95, ["asa"])
    assert stored.pairings == {"short": "fewer", "other": "independent"}
    assert stored.common == {"short": 4, "other": 0}
    base = replicate(build(tiny(2).scenario), 4, 1, "reference")
    wanted = compare(base, {"short": short}, 0.95, ["asa"]).get("short", "asa")
    assert stored.comparison.get("short", "asa").low == pytest.approx(wanted.low)
    assert stored.other_stretch == stored.other_versions == ()


def test_another_stretch_of_time_is_named(folder):
    run_into(folder, {"a": tiny()}, (2, 1, "reference"))
    longer = tiny()
    run_into(folder, {"b": longer.with_data({**longer.data, "horizon": "5 h"})}, (2, 1, "reference"))
    rows = rows_of(folder)
    assert compare_stored(rows["a1"], {"b": rows["b1"]}, 0.95, ["asa"]).other_stretch == ("b",)


def test_one_replication_is_too_few(folder):
    run_into(folder, {"a": tiny(2), "b": tiny(3)}, (1, 1, "reference"))
    rows = rows_of(folder)
    with pytest.raises(ParameterError, match="too few replications for a comparison"):
        compare_stored(rows["a1"], {"b": rows["b1"]}, 0.95, ["asa"])
    with pytest.raises(ParameterError, match="nothing to compare with"):
        compare_stored(rows["a1"], {}, 0.95, ["asa"])


def test_independent_differences_are_those_of_welch():
    random = np.random.default_rng(1)
    first, second = random.normal(10, 1, 9), random.normal(12, 3, 14)
    one = independent_difference(find("asa"), "b", of_means(first), of_means(second), (0.95, 0.99))
    wanted = stats.ttest_ind(second, first, equal_var=False)
    for confidence, low, high in ((0.95, one.low, one.high), (0.99, one.family_low, one.family_high)):
        assert (low, high) == pytest.approx(tuple(wanted.confidence_interval(confidence)))
    assert one.p_holm == pytest.approx(wanted.pvalue)
    assert one.variance_reduction is None


def test_independent_differences_of_constants():
    same = independent_difference(find("asa"), "b", of_means([3, 3]), of_means([3, 3, 3]), (0.95, 0.95))
    assert (same.mean, same.low, same.high, same.p_holm) == (0, 0, 0, 1)
    other = independent_difference(find("asa"), "b", of_means([3, 3]), of_means([4, 4, 4]), (0.95, 0.95))
    assert (other.mean, other.p_holm, other.verdict) == (1, 0, "worse")


def test_every_scenario_is_listed_once_under_a_name_of_its_own(folder):
    run_into(folder, {"a": tiny(2), "b": tiny(3)}, (2, 1, "reference"))
    run_into(folder, {"again": tiny(2)}, (4, 1, "reference"))
    run_into(folder, {"b": tiny(3)}, (2, 7, "reference"))
    found = contents(folder)
    assert len({one.run for one in found}) == len({one.label for one in found}) == len(found) == 3
    assert {one.label for one in found} == {"tiny: a", "tiny: b · seed 1", "tiny: b · seed 7"}
    assert {one.label: one.asked for one in found}["tiny: a"] == 4
    assert "asa" in metrics_in(folder, found[0].run)


def swept(folder, values=(1, 2, 3), rates=(15, 20), replications=3, seed=1, **more):
    points = {
        f"{place}": {"people.desk.agents": agents, "demand.calls.per hour": rate}
        for place, (agents, rate) in enumerate((agents, rate) for agents in values for rate in rates)
    }
    variants = {
        name: tiny(point["people.desk.agents"], point["demand.calls.per hour"], **more)
        for name, point in points.items()
    }
    how = {"folder": folder, "engine": "reference", "parameters": points}
    return {one.name: one for one in evaluate(variants, replications, seed, **how)}


def test_a_sweep_is_found_and_read_as_it_was_run(folder):
    outcomes = swept(folder)
    (sweep,) = stored_sweeps(contents(folder))
    assert [factor.name for factor in sweep.factors] == ["people.desk.agents", "demand.calls.per hour"]
    assert (sweep.title, sweep.replications, sweep.finished(folder)) == ("tiny", 3, 6)
    found = explore(folder, sweep, METRICS, 0.9)
    table = found.table().set_index("combination")
    assert list(table.index) == sorted(outcomes)
    for name, one in outcomes.items():
        for metric in METRICS:
            wanted = one.estimate(metric, confidence=0.9)
            if wanted.mean is None:
                assert np.isnan(table.loc[name, metric])
                continue
            assert table.loc[name, metric] == pytest.approx(wanted.mean)
            assert table.loc[name, f"{metric} low"] == pytest.approx(wanted.low)
            assert table.loc[name, f"{metric} high"] == pytest.approx(wanted.high)
    shares = found.shares("occupancy")
    assert sum(shares.values()) == pytest.approx(found.explained("occupancy"))  # a balanced grid: factors add up


def test_sweeps_of_other_scenarios_seeds_or_sizes_stay_apart(folder):
    swept(folder)
    swept(folder, seed=2)
    swept(folder, replications=2, values=(4, 5))
    swept(folder, name="other")
    longer = {"horizon": "5 h"}
    swept(folder, **longer)
    sweeps = stored_sweeps(contents(folder))
    assert len(sweeps) == 5 - 1  # "other" says the same under another name: its runs are those of the first
    assert len({sweep.key for sweep in sweeps}) == len(sweeps)


def test_a_sweep_that_was_run_again_after_an_update_stays_apart(folder):
    swept(folder)
    those = contents(folder)
    updated = [replace(one, versions="newer", run=f"newer {one.run}") for one in those]
    first, second = stored_sweeps([*updated, *those])
    assert first.key != second.key


def test_a_sweep_of_a_scenario_that_was_changed_beside_the_factors_stays_apart(folder):
    swept(folder)
    data = tiny().data
    data["people"]["others"] = {"agents": 1, "skills": ["write"]}
    variants = {
        str(n): tiny(people={**data["people"], "desk": {**data["people"]["desk"], "agents": n}}) for n in (1, 2)
    }
    points = {name: {"people.desk.agents": int(name), "demand.calls.per hour": 20} for name in variants}
    list(evaluate(variants, 3, folder=folder, engine="reference", parameters=points))
    assert sorted(len(sweep.points) for sweep in stored_sweeps(contents(folder))) == [2, 6]


def test_a_second_plan_over_the_same_factors_adds_its_points(folder):
    swept(folder, values=(1, 2))
    swept(folder, values=(3, 4))
    (sweep,) = stored_sweeps(contents(folder))
    assert len(sweep.points) == len(sweep.runs) == len(set(sweep.runs.values())) == 8
    assert sorted({point["people.desk.agents"] for point in sweep.points.values()}) == [1, 2, 3, 4]


def test_what_is_not_finished_is_left_out(folder):
    swept(folder)
    (sweep,) = stored_sweeps(contents(folder))
    run = sweep.runs["2"]
    next(file for file in folder.results.spans if file.name.startswith(run)).unlink()
    folder.refresh()
    found = explore(folder, sweep, ["asa"])
    assert (sweep.finished(folder), len(found.finished)) == (5, 5)
    assert "2" not in found.finished
    above, _ = grid_of(folder, [run], ["asa"], 3)
    assert np.isnan(above).any()


def test_the_best_keeps_to_limits(folder):
    swept(folder)
    (sweep,) = stored_sweeps(contents(folder))
    table = explore(folder, sweep, ["staffed_hours", "occupancy"]).table()
    best = best_first(table, "occupancy", -1, lambda rows: rows["staffed_hours"] <= 6)
    assert best["occupancy"].is_monotonic_increasing
    assert set(best["people.desk.agents"]) == {1, 2}  # three hours are measured: 3 and 6 hours of work, not 9


def test_axes_run_from_the_least_to_the_greatest(folder):
    swept(folder)
    (sweep,) = stored_sweeps(contents(folder))
    table = explore(folder, sweep, ["occupancy"]).table()
    lines, marks = parallel(table, ["people.desk.agents", "occupancy"], lambda axis, value: str(value))
    agents = lines[lines["axis"] == "people.desk.agents"]
    assert dict(zip(agents["text"], agents["place"], strict=True)) == {"1": 0.0, "2": 0.5, "3": 1.0}
    assert marks[marks["axis"] == "people.desk.agents"]["text"].tolist() == ["1", "2", "3"]
    occupancy = lines[lines["axis"] == "occupancy"]["place"]
    assert (occupancy.min(), occupancy.max()) == (0.0, 1.0)
    assert len(lines) == 2 * len(table)


def test_values_are_put_in_order():
    assert in_order(["10 min", "90 s", "10 min", "1 h"]) == ["90 s", "10 min", "1 h"]
    assert in_order([3, 1, 2, 1]) == [1, 2, 3]
    assert in_order(["phone", "chat"]) == ["chat", "phone"]
