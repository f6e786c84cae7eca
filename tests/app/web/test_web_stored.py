"""Pages on the results folder: tasks, stored results, sweeps."""

import time

import pytest

from app import numbers
from app.results import COMPARED
from app.texts import LANGUAGES, Texts
from app.web import tasks
from app.web.tasks import Order, launch
from app.web.work import BASELINE, Alternative
from scenarios.comparison import compare
from scenarios.folders import run_into
from scenarios.interventions import apply
from scenarios.store import Folder
from scenarios.sweeps.plan import read_plan
from scenarios.sweeps.running import run_sweep
from sim.metrics import metrics_of

PLAN = """\
sweep: 1
scenario: small.yaml
engine: reference
replications: 4
paths:
  people.desk.agents: {add: [0, 1]}
  process.call.answer.talk.mean: [3 min, 4 min, 5 min]
best: {metric: asa, where: {service_level: {at least: 0.5}}}
"""


@pytest.fixture(params=list(LANGUAGES))
def language(request):
    return request.param


@pytest.fixture
def stored(small, results_folder):
    """Two scenarios under seed 1, one of them with fewer replications, and one under seed 2."""
    folder = Folder.create(results_folder)
    more, shorter = apply(small, ["one more"]), apply(small, ["shorter talk"])
    found = run_into(folder, {BASELINE: small, "more": more}, (6, 1, "reference"))
    found |= run_into(folder, {"shorter": shorter}, (4, 1, "reference"))
    return found | {"other": run_into(folder, {"more": more}, (6, 2, "reference"))["more"]}


@pytest.fixture
def plan(tmp_path, small_text):
    (tmp_path / "small.yaml").write_text(small_text)
    (tmp_path / "plan.yaml").write_text(PLAN)
    return read_plan(tmp_path / "plan.yaml")


@pytest.fixture
def swept(plan, results_folder):
    return run_sweep(plan, Folder.create(results_folder))


def label(visitor, words):
    return next(one for one in visitor.at.multiselect(key="stored").options if words in one)


def test_stored_results_are_listed_and_compared_like_those_of_the_page(visit, stored, language):
    visitor = visit(None, language).page("stored")
    listed = visitor.at.dataframe[0].value
    assert len(listed) == 4
    assert sorted(listed.iloc[:, 1]) == [4, 6, 6, 6]
    base, more = label(visitor, BASELINE), label(visitor, "more · seed 1")
    visitor.set("multiselect", "stored", [base, more]).set("selectbox", "stored-base", base)
    differences = visitor.at.dataframe[2].value
    metrics = [name for name in COMPARED if name in set(shown(stored[BASELINE]))]
    wanted = compare(stored[BASELINE], {more: stored["more"]}, metrics=metrics)
    words = Texts(language)
    for one, text in zip(wanted.differences, differences.loc[more], strict=True):
        number = words.number(numbers.difference(one.mean, one.low, one.high, one.unit))
        assert text == f"{number} · {words('verdict.' + one.verdict.replace(' ', '_'))}"
    assert Texts(language)("stored.paired", names=more, n=6) in visitor.words()


def shown(result):
    return [metric.name for metric in metrics_of(result.frame)]


def test_it_is_said_what_is_not_paired(visit, stored):
    visitor = visit().page("stored")
    base = label(visitor, BASELINE)
    chosen = [base, label(visitor, "more · seed 2"), label(visitor, "shorter")]
    visitor.set("multiselect", "stored", chosen).set("selectbox", "stored-base", base)
    assert f"{chosen[1]}: not paired." in visitor.words()
    assert f"{chosen[2]}: paired by the 4 replications that both have" in visitor.words()
    assert list(visitor.at.dataframe[2].value.index) == chosen[1:]


def test_the_list_is_filtered(visit, stored):
    visitor = visit().page("stored").set("text_input", "stored-filter", "SHORTER")
    assert len(visitor.at.dataframe[0].value) == 1
    assert "1 of 4 are listed." in visitor.words()


def test_an_empty_folder_says_so(visit):
    for page in ("stored", "sweep"):
        assert "There are no stored results yet." in visit().page(page).words()
    assert "These pages have not started anything yet." in visit().page("tasks").words()


@pytest.mark.parametrize("page", ["stored", "sweep"])
@pytest.mark.parametrize("place", ["queuewise.json", "scenarios/0.parquet", "results/joined-0.parquet"])
def test_a_damaged_folder_is_said_in_one_line(visit, stored, results_folder, page, place):
    (results_folder / place).write_bytes(b"{}")
    visitor = visit().page(page)
    assert [place.split("/")[-1] in one.value or "another version" in one.value for one in visitor.at.error] == [True]


def test_a_sweep_is_explored(visit, swept, plan, language):
    """The best of all six has the shortest talk and one more agent; the table has every combination."""
    visitor = visit(None, language).page("sweep").set("selectbox", "sweep-chosen", visitor_key(swept))
    visitor.set("selectbox", f"sought {visitor_key(swept)}", "asa")
    assert visitor.at.segmented_control(key="seek asa").value == "lowest"
    best, effects, table = (one.value for one in visitor.at.dataframe)
    assert best.iloc[0, 2:4].tolist() == ["1", "3 min"]
    means = {name: outcome.estimate("asa").mean for name, outcome in swept.outcomes.items()}
    assert best.iloc[0, 0] == min(means, key=means.get)
    assert table["combination"].tolist() == sorted(means, key=means.get)
    assert table["asa"].tolist() == pytest.approx(sorted(means.values()))
    assert list(effects.iloc[:, 0]) == ["add people.desk.agents", "process.call.answer.talk.mean"]
    assert len(visitor.at.get("vega_lite_chart")) == 2
    assert "sweep-csv" in {one.key for one in visitor.at.download_button}


def visitor_key(swept):
    from scenarios.store.contents import contents
    from scenarios.sweeps.stored import stored_sweeps

    folder = next(iter(swept.outcomes.values())).folder
    return stored_sweeps(contents(folder))[0].key


def test_limits_and_filters_leave_combinations_out(visit, swept):
    key = visitor_key(swept)
    visitor = visit().page("sweep").set("selectbox", f"sought {key}", "asa")
    visitor.set("multiselect", f"filter {key} process.call.answer.talk.mean", ["4 min", "5 min"])
    assert len(visitor.at.dataframe[-1].value) == 4
    visitor.set("selectbox", f"limited {key}", "staffed_hours").set("number_input", "limit staffed_hours", 9.5)
    assert visitor.at.segmented_control(key="bound staffed_hours").value == "at_most"
    assert len(visitor.at.dataframe[-1].value) == 2
    visitor.set("number_input", "limit staffed_hours", 1.0)
    assert "No finished combination keeps to the limit" in visitor.words()


def test_a_sweep_that_is_not_finished_shows_what_is(visit, plan, results_folder):
    folder = Folder.create(results_folder)
    run_sweep(plan, folder, stop=lambda: len(list(folder.results.path.glob("*.parquet"))) >= 3)
    visitor = visit().page("sweep")
    assert len(visitor.at.dataframe[-1].value) == 3
    assert "The finished combinations do not tell the factors apart yet." not in visitor.words()


def test_a_sweep_is_started_and_stopped_from_the_page(visit, results_folder, small_text):
    visitor = visit().page("sweep")
    slow = PLAN.replace("replications: 4", "replications: 4000")
    files = [("plan.yaml", slow.encode(), "application/yaml"), ("small.yaml", small_text.encode(), "application/yaml")]
    visitor.at.file_uploader(key="plan").set_value(files).run()
    visitor.check().set("selectbox", "plan-name", "plan.yaml").set("number_input", "workers", 1).click("sweep-go")
    (task,) = tasks.tasks()
    end = time.monotonic() + 60
    while not task.progress.done and time.monotonic() < end:
        time.sleep(0.1)
    visitor.at.run()
    assert "plan.yaml** · sweep" in visitor.words()
    assert "No combination is finished yet." in visitor.words()
    visitor.click(f"stop {task.name}")
    assert task.wait(60) == "stopped"
    visitor.page("tasks")
    assert "stopped; what was finished is kept" in visitor.words()


def test_tasks_are_opened_after_a_reload(visit, desk, language):
    desk.put(Alternative("more", ("one more",)))
    desk.simulate(["more"], 3, 1, "reference")
    (task,) = tasks.tasks()
    visitor = visit(None, language).page("tasks")
    visitor.click(f"open {task.name}").page("run").finish()
    assert list(visitor.desk.runs) == [BASELINE, "more"]
    assert Texts(language)("run.done") in visitor.words()


def test_a_failed_task_is_told_and_forgotten(visit):
    task = launch(Order("sweep", "none", ["sweep", "none.yaml"]), {})
    task.wait(60)
    visitor = visit().page("tasks")
    assert "none.yaml: cannot be read" in visitor.at.error[0].value
    visitor.click(f"forget {task.name}")
    assert "These pages have not started anything yet." in visitor.words()


def test_pages_answer_within_a_second(visit, swept, stored):
    visitor = visit().page("sweep")
    took = []
    for page in ("stored", "sweep", "tasks") * 2:
        began = time.process_time()
        visitor.page(page)
        took.append(time.process_time() - began)
    assert max(took[3:]) < 1
