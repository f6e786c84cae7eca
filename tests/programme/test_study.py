"""A whole study of a small desk: sets that show the facts, results that are kept, and what is concluded."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from app.programme import needed, sheets
from app.report.programme import write_programme_report
from scenarios.programme.judgement import judge
from scenarios.programme.proposals import shows
from scenarios.programme.study import Size, Variant, do
from scenarios.programme.tuning import tune
from sim.errors import ParameterError, ScenarioError
from tests.programme.desk import CASE, SIZE, TEXT, Here, study, task


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    one = study(tmp_path_factory.mktemp("results"))
    return one, judge(one, months=5)


def test_every_kept_set_shows_the_facts_by_its_own_run(judged):
    one, found = judged
    sets, acceptance = one.kept_sets()
    assert len(sets) == SIZE.sets == found.sets
    assert all(shows(CASE.facts, measures) for measures in one.under(sets, Variant("baseline")))
    assert acceptance.kept >= SIZE.sets
    assert acceptance.first == SIZE.first


def test_result_of_a_set_is_that_of_its_scenario_run_by_itself(judged):
    one, _ = judged
    sets, _acceptance = one.kept_sets()
    assert do(one.task, sets[0]) == one.store.get(sets[0])


def test_targets_compare_months_of_the_same_set(judged):
    one, found = judged
    sets, _ = one.kept_sets()
    base = [row["wait"] for row in one.under(sets, Variant("baseline"))]
    whole = [row["wait"] for row in one.under(sets, Variant("programme", CASE.programme))]
    wait, idle = found.targets
    assert wait.score.mean == pytest.approx(np.mean(1 - np.array(whole) / np.array(base)))
    assert wait.met
    assert wait.chance.mean == 1.0
    assert not idle.met
    assert idle.margin < -0.3


def test_intervention_alone_brings_what_it_requires(judged):
    _, found = judged
    more, shorter, whole = found.alone
    assert (more.name, more.with_, shorter.with_) == ("one more", (), ("one more",))
    assert more.differences["occupancy"].high < 0
    assert shorter.differences["occupancy"].mean == pytest.approx(whole.differences["occupancy"].mean)
    assert shorter.differences["occupancy"].mean < more.differences["occupancy"].mean


def test_claims_are_scanned_from_nothing_to_the_whole(judged):
    _, found = judged
    [claim] = found.claims
    assert claim.text == "a fifth shorter"
    busy = claim.scores["idle"]
    assert busy[0] > busy[1] > busy[2]
    assert claim.needed["idle"][0] is None
    assert claim.needed["wait"][0] == 0.0


def test_stopped_study_goes_on_where_it_was(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        judge(study(tmp_path, stop_after=7), months=5)
    kept = list(tmp_path.rglob("*.json"))
    assert len(kept) == 7
    one = study(tmp_path)
    again = judge(one, months=5)
    files = len(list(tmp_path.rglob("*.json")))
    assert one.pool.done == files - 7
    assert again.targets == judge(study(tmp_path, stop_after=0), months=5).targets
    assert not list(tmp_path.rglob(".*"))


def test_damaged_result_is_made_anew(tmp_path):
    one = study(tmp_path)
    before = one.own(1)
    [file] = tmp_path.rglob("*.json")
    file.write_text("{")
    assert study(tmp_path).own(1) == before
    assert json.loads(file.read_text())["measures"]["cases"] == before[0]["cases"]


def test_changed_scenario_starts_anew(tmp_path):
    study(tmp_path).own(1)
    other = study(tmp_path, text=TEXT.replace("30 min", "25 min"))
    other.own(1)
    assert other.pool.done == 1
    assert len(list(tmp_path.iterdir())) == 2


def test_tuning_leads_to_the_middle_of_the_facts(tmp_path):
    longer = TEXT.replace("mean: 5 min", "mean: 5.3 min")
    one = study(tmp_path, text=longer)
    found = tune(one, points=10, months=4)
    [talk] = found.values
    assert talk.parameter.name == "process.call.answer.talk"
    assert talk.value < 1
    assert abs(found.after["occupancy"] - 0.82) < abs(found.before["occupancy"] - 0.82)


def test_number_without_source_is_found_before_anything_runs():
    with pytest.raises(ScenarioError, match=r"people.desk.agents: a number without a source"):
        task(TEXT.replace('  people: "fact: c"\n', "")).check()
    task().check()


@pytest.mark.parametrize(
    ("sizes", "option"),
    [((1, 1, 1), "--sets"), ((10, 1, 2), "--compared"), ((10, 11, 2), "--compared"), ((10, 2, 11), "--claims")],
)
def test_sizes_that_say_nothing(sizes, option):
    with pytest.raises(ParameterError, match=option):
        Size.of(*sizes)


def test_report_and_tables_show_what_was_found(judged, tmp_path):
    one, found = judged
    page = tmp_path / "page.html"
    write_programme_report(page, one.task.document, CASE, found, (1, SIZE))
    text = page.read_text()
    assert "40 % shorter" in text
    assert "hardly busy: missed by" in text
    assert "Met on average: 1 of 2 targets. Missed: 1." in text
    assert '<h2 id="measures">' in text
    facts, targets, alone, claims, assumptions = sheets(found, CASE)
    assert [row[3] for row in facts.rows][:2] == ["yes", "yes"]
    assert targets.rows[0][5] == "met"
    assert alone.rows[1][0] == "shorter (with one more)"
    paid = replace(CASE, units={**CASE.units, "occupancy": "CNY"})
    assert sheets(found, paid)[2].columns == ("Intervention", "wait", "occupancy (CNY)")
    assert [row[1] for row in claims.rows] == ["0 %", "not reached"]
    assert len(assumptions.rows) == 2
    json.dumps(found.plain())


def test_words_for_what_is_needed():
    assert needed((0.4, 0.3, None)) == "40 % (30 to not reached)"
    assert needed((0.4, 0.3, 0.5)) == "40 % (30 to 50)"
    assert needed((None, None, None)) == "not reached"


def test_here_stops_when_told():
    with pytest.raises(KeyboardInterrupt):
        Here(task(), 0).submit(None, None)
