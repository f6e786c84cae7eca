"""Precision, warm-up, selection, checklists and comparisons of many, as a user types them."""

import pytest


def test_run_until_narrow(queuewise, folder):
    answer = queuewise("run", "good.yaml", "--precision", "offered 30", "--stress", "study.md")
    assert answer.code == 0
    assert "Precision after" in answer.out
    assert "looked at after each replication from number 20 on" in answer.out
    text = (folder / "study.md").read_text()
    assert text.startswith("# STRESS-DES checklist: One desk")
    assert "Wanted: Offered to ± 30 (contacts)." in text
    data = queuewise("run", "good.yaml", "--precision", "offered 30", "--json").data
    assert data["precision"]["reached"]
    assert data["run"]["replications"] == data["precision"]["replications"] == data["run"]["asked"]
    assert data["precision"]["wanted"][0]["half_width"] <= 30


def test_a_precision_that_is_not_reached_is_said(queuewise):
    answer = queuewise("run", "good.yaml", "--precision", "asa 0.01 s", "--most", "22")
    assert answer.code == 0
    assert "about" in next(line for line in answer.out.splitlines() if "10 ms" in line or "0.01" in line)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "good.yaml", "--precision", "asa"), "--precision: not a precision"),
        (("run", "good.yaml", "-n", "5", "--precision", "asa 1 s"), "too few replications before the first look"),
        (("warmup", "good.yaml", "--terminating", "--steady"), "cannot be both"),
        (("warmup", "good.yaml", "--horizon", "long"), "--horizon: not a duration"),
        (("select", "good.yaml", "--metric", "asa", "--delta", "2"), "not a duration"),
        (("select", "good.yaml", "--metric", "offered", "--delta", "2"), "neither better high nor better low"),
        (("select", "good.yaml", "--metric", "asa", "--delta", "2 s", "--with", "magic"), "no such intervention"),
        (("select", "good.yaml", "--metric", "asa", "--delta", "2 s", "--highest", "--lowest"), "cannot both be best"),
        (("select", "--metric", "asa", "--delta", "2 s"), "a scenario, or --plan PLAN"),
        (("select", "--plan", "p.yaml", "-m", "asa", "--delta", "2 s", "-w", "shorter"), "no meaning beside --plan"),
        (("stress", "good.yaml", "--out", "nowhere/x.md"), "no such folder"),
    ],
)
def test_what_cannot_be_done(queuewise, arguments, message):
    answer = queuewise(*arguments)
    assert answer.code == 2
    assert message in answer.err
    assert answer.out == ""


def test_warm_up(queuewise, folder):
    answer = queuewise("warmup", "good.yaml", "-n", "3", "--report", "warm.html")
    assert answer.code == 0
    assert answer.out.startswith("No warm-up: it closes and is empty whenever it opens again")
    page = (folder / "warm.html").read_text()
    assert "<svg" in page
    assert "Terminating" in page
    assert "Welch's moving mean takes" in page
    data = queuewise("warmup", "good.yaml", "-n", "3", "--steady", "--horizon", "12 days", "--json").data
    assert data["warm_up"]["nature"] == {"kind": "steady state", "why": "you said so", "given": True}
    assert {one["series"] for one in data["warm_up"]["series"]} == {
        "open_cases", "queue_length", "mean_wait", "occupancy",
    }  # fmt: skip


def test_select_among_interventions(queuewise, folder):
    answer = queuewise(
        "select", "good.yaml", "--metric", "asa", "--delta", "5 s", "--folder", "runs", "--csv", "chosen.csv",
        "--with", "one more", "--with", "shorter", "--with", "one more + shorter", "--first", "10",
    )  # fmt: skip
    assert answer.code == 0
    assert "one more + shorter" in answer.out
    assert "Kim and Nelson (2001)" in answer.out
    assert (folder / "chosen.csv").read_text().splitlines()[0].startswith("name,n,mean,dropped_by")
    data = queuewise("select", "good.yaml", "-m", "asa", "--delta", "5 s", "--folder", "runs", "--json", "--first",
                     "10", "--without-baseline").data  # fmt: skip
    assert data["selection"]["best"] in ("one more", "shorter")
    assert {one["name"] for one in data["selection"]["alternatives"]} == {"one more", "shorter"}
    used = data["selection"]["replications"]
    assert used["used"] == sum(one["n"] for one in data["selection"]["alternatives"])


def test_select_among_the_points_of_a_plan(queuewise, folder):
    (folder / "plan.yaml").write_text(
        "sweep: 1\nscenario: good.yaml\npaths:\n  people.desk.shifts.late.agents: {values: [1, 3]}\n"
    )
    data = queuewise("select", "--plan", "plan.yaml", "-m", "asa", "--delta", "10 s", "--first", "10", "--json").data
    assert data["selection"]["best"] == "2: 3"
    assert {one["name"] for one in data["selection"]["alternatives"]} == {"baseline", "1: 1", "2: 3"}


def test_compare_many(queuewise, folder):
    answer = queuewise("compare", "good.yaml", "-w", "one more", "-w", "shorter", "-n", "5", "--pairs", "--metric",
                       "asa", "--report", "many.html", "--stress", "many.md")  # fmt: skip
    assert answer.code == 0
    for said in ("All pairs", "Ranks", "may be the best"):
        assert said in answer.out
    page = (folder / "many.html").read_text()
    assert '<h2 id="ranks">Ranks</h2>' in page
    assert "Compared with the base model: one more, shorter." in (folder / "many.md").read_text()
    data = queuewise("compare", "good.yaml", "-w", "one more", "-w", "shorter", "-n", "5", "--pairs", "--metric", "asa",
                     "--json").data["comparison"]  # fmt: skip
    assert [one["baseline"] for one in data["pairs"]] == ["baseline", "one more"]
    places = data["ranks"]["asa"]["places"]
    assert [one["rank"] for one in places] == [1, 2, 3]
    assert places[0]["may_be_best"]
    assert 0 <= data["differences"]["shorter"]["asa"]["p_holm"] <= 1


def test_chances_that_targets_are_met(queuewise, folder, good):
    (folder / "goal.yaml").write_text(good + "service level: {within: 20 s, goal: 80 %}\n")
    answer = queuewise("compare", "goal.yaml", "-w", "shorter", "-n", "4", "--metric", "asa", "--report", "goal.html")
    assert "Chance that a target is met" in answer.out
    assert "80.0 % in a run" in answer.out
    assert '<h2 id="targets">' in (folder / "goal.html").read_text()
    data = queuewise("compare", "goal.yaml", "-w", "shorter", "-n", "4", "--metric", "asa", "--json").data
    assert {(one["scenario"], one["per"]) for one in data["comparison"]["targets"]} == {
        ("baseline", "run"), ("shorter", "run"),
    }  # fmt: skip


def test_stress_prints_or_writes(queuewise, folder):
    shown = queuewise("stress", "good.yaml").out
    written = queuewise("stress", "good.yaml", "--out", "draft.md")
    assert written.out.startswith("Left open for you: 1.1, ")
    assert (folder / "draft.md").read_text() == shown
    data = queuewise("stress", "good.yaml", "--json").data
    assert "4.3" in data["open"]
    assert len(data["items"]) == 24
