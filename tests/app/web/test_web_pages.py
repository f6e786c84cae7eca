import re

import pytest

from app.texts import LANGUAGES, Texts
from app.web.shell import PAGES
from app.web.work import BASELINE, Alternative
from scenarios import library


@pytest.fixture(params=list(LANGUAGES))
def language(request):
    return request.param


@pytest.fixture
def has_run(desk):
    """A desk with a baseline and two alternatives that have run."""
    desk.put(Alternative("more", ("one more",)))
    desk.put(Alternative("shorter", ("shorter talk",)))
    desk.simulate(["more", "shorter"], 3, 1, "reference")
    desk.job.wait(60)
    desk.collect()
    return desk


def test_every_page_opens_in_every_language_with_and_without_a_scenario(visit, language, desk):
    for before in (None, desk):
        visitor = visit(before, language)
        for page in PAGES:
            visitor.page(page)
            assert visitor.at.title[0].value == Texts(language)(f"nav.{page}")
            if before is None and page in ("change", "run", "compare"):
                assert Texts(language)("need_scenario") in visitor.words()


def test_the_language_changes_in_the_sidebar(visit):
    visitor = visit().set("selectbox", "chosen-language", "zh")
    assert visitor.at.title[0].value == "场景"
    assert visitor.page("run").at.title[0].value == "运行"


def test_a_scenario_of_the_library_opens(visit):
    visitor = visit()
    for name in library.names():
        visitor.set("selectbox", "library", name).click("open-library")
        assert visitor.desk.baseline.data == library.read(name).data
        assert visitor.at.subheader[0].value == visitor.desk.baseline.scenario.name
        assert visitor.at.sidebar.markdown[0].value == f"**{visitor.desk.baseline.scenario.name}**"


def upload(visitor, key, name, content):
    visitor.at.file_uploader(key=key).upload(name, content, "application/octet-stream").run()
    return visitor.check()


def test_a_scenario_file_opens(visit, small_text):
    visitor = visit().set("segmented_control", "way", "file")
    upload(visitor, "scenario-file", "mine.yaml", small_text.encode())
    assert "“A small desk” can run." in visitor.words()
    visitor.click("open-file")
    assert visitor.desk.baseline.scenario.name == "A small desk"


def test_problems_of_a_file_are_told_with_their_lines_beside_the_text(visit, small_text):
    wrong = small_text.replace("talk: {mean: 4 min", "talk: {mean: 4").replace("per hour: 60", "per hour: -60")
    visitor = visit().set("segmented_control", "way", "file")
    upload(visitor, "scenario-file", "mine.yaml", wrong.encode())
    errors = [one.value for one in visitor.at.error]
    assert len(errors) == 2
    assert errors[0].startswith("mine.yaml:10:23: demand.calls.per hour: out of range; allowed: 0 or more")
    assert errors[1].startswith("mine.yaml:15:33: process.call.answer.talk.mean: not a duration")
    assert visitor.at.code[0].value.strip() == wrong.strip()
    assert visitor.desk.document is None


def test_a_file_that_is_not_text_is_refused(visit):
    visitor = visit().set("segmented_control", "way", "file")
    upload(visitor, "scenario-file", "mine.yaml", b"\xff\xfe\x00")
    assert "not text in UTF-8" in visitor.words()


def test_alternatives_from_interventions_respect_prerequisites(visit, desk):
    visitor = visit(desk).page("change").click("new")
    assert visitor.at.toggle(key="Alternative: two more").disabled
    assert "Requires: one more. Switch that on first." in visitor.words()
    visitor.set("toggle", "Alternative: one more", True)
    visitor.set("toggle", "Alternative: two more", True)
    assert visitor.desk.alternatives["Alternative"].interventions == ("one more", "two more")
    assert "Interventions: one more, two more." in visitor.words()
    told = visitor.at.dataframe[-1].value
    assert told.iloc[0].to_list() == ["people.desk.agents.mon-fri.08:00-09:00", "4", "6"]
    visitor.set("toggle", "Alternative: one more", False)
    assert visitor.desk.alternatives["Alternative"].interventions == ()
    assert "still the same as the baseline" in visitor.words()


def test_one_alternative_for_each_intervention(visit, desk):
    visitor = visit(desk).page("change").click("each")
    assert list(visitor.desk.alternatives) == ["one more", "two more", "shorter talk"]
    assert "each" not in [button.key for button in visitor.at.button]


def test_alternatives_are_renamed_copied_and_removed(visit, desk):
    visitor = visit(desk).page("change").click("new")
    visitor.set("text_input", "name of Alternative", "Plan B")
    assert list(visitor.desk.alternatives) == ["Plan B"]
    visitor.click("copy")
    assert list(visitor.desk.alternatives) == ["Plan B", "Plan B 2"]
    assert visitor.at.selectbox(key="alternative").value == "Plan B 2"
    visitor.click("remove")
    assert list(visitor.desk.alternatives) == ["Plan B"]


def edit(visitor, column, value):
    """Write into the first row of the staffing table."""
    editor = next(one for one in visitor.at.data_editor if one.key.startswith("people"))
    visitor.at.session_state[editor.key] = {"edited_rows": {0: {column: value}}, "added_rows": [], "deleted_rows": []}
    visitor.at.run()
    return visitor.check()


def test_staffing_is_edited_in_a_table(visit, desk):
    visitor = visit(desk).page("change").click("new")
    edit(visitor, "mon", 9)
    agents = visitor.desk.document_of("Alternative").data["people"]["desk"]["agents"]
    assert agents["mon"] == {"08:00-08:30": 9, "08:30-09:00": 4, "09:00-10:00": 5}
    assert agents["tue-fri"] == {"08:00-09:00": 4, "09:00-10:00": 5}
    visitor.page("run").page("change")
    assert visitor.desk.document_of("Alternative").data["people"]["desk"]["agents"] == agents
    visitor.click("undo")
    assert visitor.desk.alternatives["Alternative"].staffing == {}


def test_a_shift_that_makes_no_sense_is_told_and_can_be_undone(visit, desk, small):
    shifts = {"all": {"hours": "08:00-10:00", "agents": 4}}
    people = {"desk": {"shifts": shifts, "skills": ["call"]}}
    desk.open(small.with_data(small.data | {"people": people, "interventions": {}}), "file")
    visitor = visit(desk).page("change").click("new")
    edit(visitor, "hours", "eight to ten")
    assert "people.desk.shifts.all.hours" in visitor.at.error[0].value
    visitor.page("run").click("start")
    assert "people.desk.shifts.all.hours" in visitor.at.error[0].value
    visitor.page("change").click("undo")
    assert not visitor.at.error


def test_a_run_reports_and_finishes(visit, desk, language):
    desk.put(Alternative("more", ("one more",)))
    visitor = visit(desk, language).page("run")
    visitor.set("selectbox", "engine", "reference").click("start").finish()
    assert list(visitor.desk.runs) == [BASELINE, "more"]
    assert [len(run.result.totals) for run in visitor.desk.runs.values()] == [3, 3]
    assert Texts(language)("run.done") in visitor.words()
    assert list(visitor.at.dataframe[0].value.index) == [Texts(language)("baseline"), "more"]


def test_a_run_can_be_stopped_from_the_page(visit, desk):
    visitor = visit(desk).page("run")
    visitor.set("selectbox", "engine", "reference").set("number_input", "replications", 10_000).click("start")
    while (visitor.desk.job.notes.get(BASELINE) or "0").startswith("0"):
        visitor.desk.job.wait(0.02)
    visitor.click("stop").finish()
    done = len(visitor.desk.runs[BASELINE].result.totals)
    assert 0 < done < 10_000
    assert f"Baseline: {done} of 10000 replications are finished." in visitor.words()


def test_results_of_an_older_version_are_marked(visit, has_run):
    has_run.put(Alternative("more", ("one more", "two more")))
    for page in ("run", "compare"):
        assert "more was changed after this run." in visit(has_run).page(page).words()


def test_differences_are_shown_with_intervals_and_verdicts(visit, has_run, language):
    visitor = visit(has_run, language).page("compare")
    values, differences = (one.value for one in visitor.at.dataframe[:2])
    assert list(values.index) == [Texts(language)("baseline"), "more", "shorter"]
    assert list(differences.index) == ["more", "shorter"]
    staffed = has_run.runs["more"].result.estimate("staffed_hours")
    heading = next(column for column in values if "h" in values[column].iloc[0])
    assert values.loc["more", heading].startswith(f"{staffed.mean:.3g} h")
    assert Texts(language)("verdict.no_difference_shown") in differences.to_string()


def test_the_page_of_differences_can_leave_alternatives_out(visit, has_run):
    visitor = visit(has_run).page("compare").set("multiselect", "compared", ["more"])
    assert list(visitor.at.dataframe[1].value.index) == ["more"]
    visitor.set("multiselect", "compared", [])
    assert "Run at least one alternative" in visitor.words()


@pytest.mark.parametrize("when", ["day", "mon", "horizon"])
def test_metrics_over_the_day(visit, has_run, when):
    visitor = visit(has_run).page("compare").set("segmented_control", "section", "over_time")
    visitor.set("selectbox", "over-when", when)
    for metric in ("occupancy", "mean_wait", "offered"):
        visitor.set("selectbox", "over-metric", metric)
        assert visitor.at.get("vega_lite_chart")
    visitor.set("segmented_control", "over-band", "spread")
    assert "nine of ten single runs" in visitor.words()


def test_where_nothing_was_counted_the_chart_says_so(visit, has_run):
    visitor = visit(has_run).page("compare").set("segmented_control", "section", "over_time")
    visitor.set("selectbox", "over-when", "sun")
    assert "Nothing was counted here." in visitor.words()


def test_reports_and_scenario_files_can_be_taken_along(visit, has_run, language):
    visitor = visit(has_run, language).page("compare").set("segmented_control", "section", "report")
    assert {"report", "single", "scenario"} <= {one.key for one in visitor.at.download_button}


def test_required_staff_for_several_skills_is_refused_in_words(visit, desk):
    desk.open(library.read("help-desk"), "library")
    desk.simulate([], 2, 1, "kernel")
    desk.job.wait(120)
    visitor = visit(desk).page("compare").set("segmented_control", "section", "required").click("staff").finish()
    assert "staffing works for one group at a time" in visitor.at.error[0].value


def test_required_staff_can_be_kept_as_an_alternative(visit, has_run):
    visitor = visit(has_run).page("compare").set("segmented_control", "section", "required")
    visitor.set("selectbox", "where", "overall").click("staff").finish(120)
    found = visitor.desk.staffing
    assert found.group == "desk"
    assert list(visitor.at.dataframe[0].value["required"]) == list(
        found.table[found.table["weekday"] == "mon"]["required"]
    )
    visitor.click("keep")
    kept = visitor.desk.document_of("Required staff of desk")
    assert kept.data["people"] == found.document.data["people"]


def test_the_simulation_stands_beside_the_formula(visit):
    visitor = visit().page("learn").click("simulate").finish(120)
    table = visitor.at.dataframe[0].value
    assert list(table.columns) == ["Metric", "Erlang A", "Simulation (95% interval)"]
    for formula, simulated in zip(table.iloc[:, 1], table.iloc[:, 2], strict=True):
        low, high = (float(part) for part in re.search(r"\(([\d.]+) to ([\d.]+)\)", simulated).groups())
        width = high - low
        assert low - width <= float(formula.split()[0]) <= high + width
    visitor.set("number_input", "agents", 12)
    assert list(visitor.at.dataframe[0].value.columns) == ["Metric", "Erlang A"]


def test_erlang_c_needs_more_agents_than_work(visit):
    """8 erlangs on 10 agents keep them busy for 80 % of the time; 7 agents cannot do them."""
    visitor = visit().page("learn").set("toggle", "impatient", False)
    table = visitor.at.dataframe[0].value
    assert list(table.columns) == ["Metric", "Erlang C"]
    assert table["Erlang C"].iloc[-1] == "80.0 %"
    visitor.set("number_input", "agents", 7)
    assert "more work than agents" in visitor.at.error[0].value


def test_a_call_log_is_mapped_calibrated_and_opened(visit, language):
    visitor = visit(None, language).set("segmented_control", "way", "log")
    upload(visitor, "mapping-file", "mapping.yaml", (library.SAMPLE / "mapping.yaml").read_bytes())
    upload(visitor, "log-file", "history.csv.gz", (library.SAMPLE / "history.csv.gz").read_bytes())
    assert visitor.at.text_input(key="zone").value == "Europe/Berlin"
    visitor.click("calibrate").finish(240)
    calibration = visitor.desk.calibration
    assert visitor.desk.baseline.scenario.name == "Calibrated from history.csv.gz"
    assert calibration.drops.read == calibration.drops.kept + calibration.drops.dropped
    rows = next(one.value for one in visitor.at.dataframe if "rows read" in one.value.iloc[:, 0].to_list())
    assert rows.iloc[0, 1] == f"{calibration.drops.read:,}"
    assert {"evidence", "evidence scenario", "evidence mapping"} <= {one.key for one in visitor.at.download_button}


def test_the_sample_history_needs_no_file(visit):
    visitor = visit().set("segmented_control", "way", "log").set("toggle", "sample", True)
    assert visitor.at.text_input(key="zone").value == "Europe/Berlin"
    assert visitor.at.data_editor[0].value["column"]["released"] == "wrap_end"


def test_the_mapping_is_guessed_and_corrected_in_a_table(visit):
    log = b"call id,arrived,started,ended,who\n1,2026-03-02 08:00:00,2026-03-02 08:00:05,2026-03-02 08:04:00,Ann\n"
    visitor = visit().set("segmented_control", "way", "log")
    upload(visitor, "log-file", "calls.csv", log)
    guessed = visitor.at.data_editor[0].value["column"]
    assert guessed[["contact", "arrived", "started", "ended"]].to_list() == ["call id", "arrived", "started", "ended"]
    assert guessed.isna()["agent"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("calls.csv", b"", "calls.csv"),
        ("calls.csv", b"colour,shape\nred,round\n", "the columns' names do not say enough"),
        ("calls.xlsx", b"not a workbook", "calls.xlsx"),
    ],
)
def test_a_file_that_is_no_call_log_is_refused_in_words(visit, name, content, words):
    visitor = visit().set("segmented_control", "way", "log")
    upload(visitor, "log-file", name, content)
    error = visitor.at.error[0].value
    assert words in error
    assert "/" not in error.replace("docs/", "").replace("and/or", "")


def test_uploaded_files_are_removed(visit, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    visitor = visit().set("segmented_control", "way", "log")
    upload(visitor, "log-file", "calls.csv", b"colour,shape\nred,round\n")
    assert list(tmp_path.iterdir()) == []
