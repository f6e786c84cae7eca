"""The commands map, quality and backlog: tables, files, JSON and pages say the same."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

OPEN = "    open cases:\n      - {count: 3, arrived: 2026-03-01 09:00, at: answer}\n"
STANDARDS = """\
standards:
  quick answers: {metric: service_level, value: 80 %, owner: Ms Li, since: 2026-03-02, review: 2027-01-01}
  few lost: {metric: abandonment_rate, of: {channel: phone}, value: 50 %}
"""


@pytest.fixture
def weeks(folder, good):
    """The good scenario over two weeks, with open cases and standards."""
    text = good.replace("horizon: 1 day", "horizon: 14 days").replace("    type: call\n", "    type: call\n" + OPEN)
    text = text.replace("talk: {mean: 4 min, cv: 0.8}}", "talk: {mean: 4 min, cv: 0.8}, patience: none}")
    (folder / "weeks.yaml").write_text(text + STANDARDS, encoding="utf-8")
    return "weeks.yaml"


class Tags(HTMLParser):
    """Tags that balance, and what would be loaded from elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.open, self.loaded = [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag not in {"meta", "br", "hr", "img", "input", "link"}:
            self.open.append(tag)
        self.loaded += [
            value for name, value in attrs if name in ("src", "href") and not value.startswith(("#", "data:"))
        ]

    def handle_startendtag(self, tag, attrs):
        return

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def checked_page(path):
    text = path.read_text(encoding="utf-8")
    assert Tags(text).loaded == []
    plots = re.findall(r"<svg.*?</svg>", text, flags=re.S)
    for svg in plots:
        ElementTree.fromstring(svg)
    return text, plots


def rows(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_map(queuewise, folder):
    files = ["--report", "m.html", "--dot", "m.dot", "--csv", "m.csv"]
    found = queuewise("map", "good.yaml", "-n", "3", *files, "--json")
    assert (found.code, found.err) == (0, "Graph: m.dot\nTable: m.csv\nReport: m.html\n")
    one = found.data["processes"]["call"]
    assert found.data["run"]["replications"] == 3
    answer = next(step for step in one["steps"] if step["step"] == "call: answer")
    assert (answer["value"], answer["works"]) == ("adds", True)
    assert sum(part["mean"] for part in one["parts"].values()) == pytest.approx(one["lead_time"]["mean"])
    table = rows(folder / "m.csv")
    assert [row["step"] for row in table] == ["call: answer", "call: again"]
    assert float(table[0]["touch"]) == pytest.approx(answer["touch"]["mean"])
    dot = (folder / "m.dot").read_text(encoding="utf-8")
    assert dot.startswith('digraph "One desk" {')
    page, plots = checked_page(folder / "m.html")
    assert len(plots) == 2
    assert "Process map of call" in plots[1]
    assert f"{100 * one['efficiency']['mean']:.1f} %" in page
    assert 'download="map.dot"' in page
    shown = queuewise("map", "good.yaml", "-n", "3", "--all").out
    for piece in ("answer", "yes", "tries again", "process-cycle efficiency", "work that adds value"):
        assert piece in shown


def test_map_of_one_process_with_an_intervention(queuewise):
    found = queuewise("map", "good.yaml", "-n", "2", "--with", "one more", "--process", "call", "--json").data
    assert set(found["processes"]) == {"call"}
    assert found["scenario"]["interventions"] == ["one more"]


def test_quality_of_a_scenario(queuewise, folder, weeks):
    found = queuewise("quality", weeks, "--csv", "q.csv", "--report", "q.html", "--json")
    assert (found.code, found.err) == (0, "Table: q.csv\nReport: q.html\n")
    data = found.data
    assert [one["whole"] for one in data["periods"]] == [True, True]
    assert set(data["by_dimension"]) == {"department", "person", "channel", "step"}
    assert set(data["by_dimension"]["person"]) >= {"desk 1", "desk 5"}
    level = data["indicators"]["service_level"]["values"][1]
    quick = data["standards"]["quick answers"]
    assert quick["value"] == pytest.approx(level)
    assert quick["attained"] == (level >= 0.8)
    assert quick["gap"] == pytest.approx(level - 0.8)
    assert data["standards"]["few lost"]["stage"] == "check"
    mine = [row for row in rows(folder / "q.csv") if row["indicator"] == "service_level" and not row["dimension"]]
    assert [float(row["value"]) for row in mine] == pytest.approx(data["indicators"]["service_level"]["values"])
    page, plots = checked_page(folder / "q.html")
    assert len(plots) == len(data["indicators"])
    for piece in ("Ms Li", "desk 1", "quick answers", "p′-chart", "Plan: not in force yet"):
        assert piece in page
    shown = queuewise("quality", weeks).out
    assert "Standards" in shown
    assert f"{'yes' if quick['attained'] else 'no'}, by {100 * abs(quick['gap']):.1f} pp" in shown
    assert "By person, 2026-W11" in shown


def test_quality_of_a_log(queuewise, folder):
    from scenarios.library import SAMPLE

    (folder / "s.yaml").write_text(STANDARDS.split("  few lost")[0], encoding="utf-8")
    files = ["--history", str(SAMPLE / "history.csv.gz"), "--mapping", str(SAMPLE / "mapping.yaml")]
    found = queuewise("quality", *files, "--standards", "s.yaml", "--within", "30 s", "--json", "--report", "q.html")
    assert found.code == 0, found.err
    assert found.data["history"]["file"].endswith("history.csv.gz")
    assert "quick answers" in found.data["standards"]
    assert "unsolved_rate" not in found.data["indicators"]
    checked_page(folder / "q.html")
    shorter = queuewise("quality", *files, "--within", "10 s", "--json").data["indicators"]["service_level"]["now"]
    assert shorter < found.data["indicators"]["service_level"]["now"]


def test_quality_by_month_has_nothing_to_judge_in_a_fortnight(queuewise, weeks, folder):
    assert "No whole month lies in the log" in queuewise("quality", weeks, "--by", "month", "--report", "q.html").out
    checked_page(folder / "q.html")


def test_backlog(queuewise, folder, weeks):
    files = ["--csv", "b.csv", "--report", "b.html"]
    found = queuewise("backlog", weeks, "-n", "5", "--by", "2026-03-02 08:30", *files, "--json")
    assert (found.code, found.err) == (0, "Table: b.csv\nReport: b.html\n")
    cases = found.data["cases"]
    assert [case["number"] for case in cases] == [1, 2, 3]
    assert all(case["median_s"] > 8 * 3600 for case in cases)  # nobody is there before eight
    assert all(case["median_s"] <= case["p90_s"] for case in cases)
    assert [row["step"] for row in rows(folder / "b.csv")] == ["call: answer"] * 3
    page, plots = checked_page(folder / "b.html")
    assert len(plots) == 1
    assert "Done in time" in page
    shown = queuewise("backlog", weeks, "-n", "5").out
    assert "calls 3" in shown
    assert "5 replications say little about a 90th percentile" in shown
    assert "The last of them is done: median" in shown


def test_open_cases_of_a_file(queuewise, folder, weeks):
    (folder / "today.csv").write_text("case,arrived,at\nC-9,2026-03-01 09:00,answer\n", encoding="utf-8")
    files = ["--open-cases", "today.csv", "-n", "3"]
    found = queuewise("backlog", "good.yaml", *files, "--report", "b.html", "--json")
    assert found.code == 0, found.err
    assert "1 open cases from today.csv, in place of the scenario's own." in found.err
    assert [case["case"] for case in found.data["cases"]] == ["C-9"]
    assert found.data["scenario"]["open_cases"] == "today.csv"
    assert "open cases of today.csv" in checked_page(folder / "b.html")[0]
    with_it, without = (queuewise("run", weeks, "-n", "3", *more, "--json").data for more in (files[:2], []))
    assert with_it["metrics"]["staffed_hours"] == without["metrics"]["staffed_hours"]
    assert with_it["metrics"]["busy_hours"]["mean"] < without["metrics"]["busy_hours"]["mean"]  # one, in place of three
    (folder / "today.csv").write_text("case,arrived,at\nC-9,2026-03-01 09:00,nowhere\n", encoding="utf-8")
    wrong = queuewise("run", "good.yaml", *files, "--report", "r.html")
    assert wrong.code == 2
    assert wrong.err.startswith("today.csv:2: column 'at': no such step")
    assert not (folder / "r.html").exists()


def test_a_log_has_no_chance(queuewise):
    for option, value in (("--seed", "7"), ("--replication", "1"), ("--engine", "reference")):
        found = queuewise("quality", "--history", "calls.csv", option, value)
        assert (found.code, found.err) == (2, f"{option}: has no meaning for a log; given: {value}. Leave it out.\n")


def test_an_interrupt_keeps_what_is_finished(queuewise, monkeypatch):
    import scenarios.logs as logs

    whole, runs = logs.chunks, []

    def chunks(model, seed, number, engine):
        runs.append(number)
        if number == 2:
            raise KeyboardInterrupt
        return whole(model, seed, number, engine)

    monkeypatch.setattr(logs, "chunks", chunks)
    found = queuewise("map", "good.yaml", "-n", "4", "--json")
    assert found.code == 130
    assert found.data["run"]["replications"] == 2
    assert "rest on 2 of 4 replications" in found.err
