import pytest

from app.web.job import Job
from app.web.work import BASELINE, Alternative, in_order, one_for_each
from sim.errors import ScenarioError
from sim.schema import Document


def run(desk, names, replications=3, seed=1):
    desk.simulate(names, replications, seed, "reference")
    desk.job.wait(60)
    desk.collect()


def test_an_alternative_applies_interventions_then_staffing(desk):
    desk.put(Alternative("A", ("one more",), {"desk": {"agents": {"mon": {"08:00-10:00": 9}}}}))
    changed = desk.document_of("A").data
    assert changed["people"]["desk"]["agents"] == {"mon": {"08:00-10:00": 9}}
    assert changed["people"]["desk"]["skills"] == ["call"]
    assert desk.baseline.data["people"]["desk"]["agents"]["mon-fri"]["08:00-09:00"] == 4


def test_staffing_that_makes_no_sense_is_refused_with_its_place(desk):
    desk.put(Alternative("A", (), {"desk": {"agents": -1}}))
    with pytest.raises(ScenarioError, match=r"people\.desk\.agents"):
        desk.document_of("A")


def test_prerequisites_come_first_and_go_together(desk):
    assert in_order(desk.baseline, ["two more"]) == ("one more", "two more")
    assert [one.interventions for one in one_for_each(desk.baseline)] == [
        ("one more",),
        ("one more", "two more"),
        ("shorter talk",),
    ]
    desk.put(Alternative("A", ("one more", "two more", "shorter talk")))
    assert desk.switched("A", "one more", False).interventions == ("shorter talk",)
    assert desk.switched("A", "two more", False).interventions == ("one more", "shorter talk")


def test_another_scenario_clears_the_desk_and_a_bad_one_does_not(desk, small):
    desk.put(Alternative("A"))
    with pytest.raises(ScenarioError, match="needs 'name', which is missing"):
        desk.open(Document.from_data({"queuewise": 1}), "file")
    assert desk.baseline is small
    assert list(desk.alternatives) == ["A"]
    desk.open(small, "library")
    assert desk.alternatives == {}


def test_names_stay_apart(desk):
    desk.put(Alternative("A"))
    assert desk.copy("A") == "A 2"
    assert desk.free_name("A") == "A 3"
    assert not desk.rename("A", "A 2")
    assert not desk.rename("A", BASELINE)
    assert desk.rename("A", "first")
    assert list(desk.alternatives) == ["first", "A 2"]


def test_what_was_run_is_not_run_again(desk):
    desk.put(Alternative("A", ("one more",)))
    run(desk, ["A"])
    assert list(desk.runs) == [BASELINE, "A"]
    before = dict(desk.runs)
    desk.put(Alternative("B", ("shorter talk",)))
    run(desk, ["A", "B"])
    assert desk.runs["A"] is before["A"]
    assert desk.is_current("B")
    run(desk, ["A"], replications=4)
    assert len(desk.runs["A"].result.totals) == 4
    assert "B" not in desk.runs
    desk.put(Alternative("A", ("shorter talk",)))
    assert not desk.is_current("A")


def test_stopping_keeps_what_is_finished(desk):
    desk.put(Alternative("A", ("one more",)))
    desk.simulate(["A"], 100_000, 1, "reference")
    while not any(desk.job.shares.values()) or desk.job.notes[BASELINE].startswith("0"):
        desk.job.wait(0.01)
    desk.job.stop()
    desk.job.wait(60)
    desk.collect()
    result = desk.runs[BASELINE].result
    assert 0 < len(result.totals) < 100_000
    assert not result.complete
    assert "A" not in desk.runs
    assert desk.done.stopped()


def test_a_job_says_why_it_failed(desk):
    def fails(job):
        raise ScenarioError("no such thing")

    def breaks(job):
        raise RuntimeError("broken")

    for target, words in ((fails, "no such thing"), (breaks, "RuntimeError: broken")):
        job = Job("log", target).start()
        job.wait(10)
        assert job.error == words
        assert job.result is None
        assert not job.running
