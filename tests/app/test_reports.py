"""Reports: complete, self-contained, honest about what they rest on."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from app.programme import Sheet
from app.report.figures import Curve, Panel, by_day
from app.report.page import numbers_in, side_by_side
from app.report.profile import BANDS, Profile
from sim.metrics import find

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """Tags that balance, texts, and everything that would be loaded from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.texts: list[str] = []
        self.plots = 0
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        self.plots += tag == "svg"
        self.loaded += [value for name, value in attrs if name in ("src", "href") and not str(value).startswith("#")]

    def handle_startendtag(self, tag, attrs):
        return

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.texts.append(data.strip())


def page(path):
    text = path.read_text(encoding="utf-8")
    found = Page(text)
    # inside plots there are references to parts of the same plot only
    assert [one for one in found.loaded if one] == []
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"|<metadata>.*?</metadata>', "", text, flags=re.S)
    for svg in re.findall(r"<svg.*?</svg>", text, flags=re.S):
        ElementTree.fromstring(svg)
    return found, text


def table(text, heading):
    """The first table below a heading, as rows of texts."""
    inside = re.search(f'id="{heading}".*?<table>(.*?)</table>', text, flags=re.S)[1]
    rows = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.S) for row in re.findall(r"<tr.*?</tr>", inside, re.S)
    ]
    return [[re.sub("<[^>]*>", "", cell).strip() for cell in row] for row in rows]


def test_run_report(queuewise, folder):
    answer = queuewise("run", "good.yaml", "-n", "4", "--with", "one more", "--report", "out.html", "--json")
    assert answer.err == "Report: out.html\n"
    found, text = page(folder / "out.html")
    assert found.plots == 5
    level = answer.data["metrics"]["service_level"]
    assert f"{100 * level['mean']:.1f} %" in found.texts
    assert f"{100 * level['low']:.1f} to {100 * level['high']:.1f}" in found.texts
    for metric in map(find, answer.data["metrics"]):
        assert metric.definition.split(",")[0].replace("'", "&#39;") in text
    for piece in ("one more", "Europe/Berlin", "good.yaml, with one more", "kernel", "mean 3 min, shape exponential"):
        assert piece in text
    assert "&lt;" not in "".join(found.texts)


def test_comparison_report(queuewise, folder):
    arguments = ["--with", "one more", "--with", "shorter", "-n", "4", "--report", "out.html"]
    data = queuewise("compare", "good.yaml", *arguments, "--json").data
    found, text = page(folder / "out.html")
    assert found.plots == 4
    assert "a third person late." in text
    assert "people.desk.shifts.late.agents" in text
    one = data["comparison"]["differences"]["shorter"]["occupancy"]
    assert f"{100 * one['mean']:+.1f} pp".replace("-", "−") in text
    assert one["verdict"] in found.texts
    rows = table(text, "differences")
    assert rows[0] == ["Metric", "Baseline", "Alternative", "With it", "Difference", "Verdict"]
    assert {len(row) for row in rows} == {6}, "as wide as this for any number of alternatives"
    assert [row[2] for row in rows[1:3]] == ["one more", "shorter"]
    assert rows[-1][-1] in ("better", "worse", "higher", "lower", "no difference shown")
    assert f"for all {data['comparison']['family']} differences together" in text


def test_overload_is_said_in_plain_words(queuewise, folder, good):
    text = good.replace(": 30}", ": 300}").replace("    patience: {mean: 3 min, shape: exponential}\n", "")
    (folder / "heavy.yaml").write_text(text)
    answer = queuewise("run", "heavy.yaml", "-n", "3", "--report", "out.html", "--json")
    assert answer.code == 0
    kinds = [one["kind"] for one in answer.data["findings"]]
    assert kinds[0] == "overload"
    assert "busy" in kinds
    metrics = answer.data["metrics"]
    assert metrics["still_waiting"]["mean"] > 1000
    assert metrics["queue_length"]["mean"] > 100
    for name, one in metrics.items():
        assert one["mean"] is None or one["mean"] >= 0, name
    _, page_text = page(folder / "out.html")
    assert "still waiting at the end" in page_text
    assert "mean waits are lower bounds" in page_text


def test_report_of_one_replication_claims_no_interval(queuewise, folder):
    answer = queuewise("run", "good.yaml", "-n", "1", "--report", "out.html")
    assert "run at least ten" in answer.out
    assert "one replication: no confidence interval" in page(folder / "out.html")[1]


def test_names_are_escaped(queuewise, folder, good):
    (folder / "odd.yaml").write_text(good.replace("One desk", "<script>alert(1)</script> & sons"))
    queuewise("run", "odd.yaml", "-n", "2", "--report", "out.html")
    assert "<script" not in page(folder / "out.html")[1]


def test_no_page_is_left_when_writing_fails(queuewise, folder, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", broken)
    answer = queuewise("run", "good.yaml", "-n", "2", "--report", "out.html")
    assert answer.code == 2
    assert answer.err == "out.html: cannot be written: No space left on device\n"
    assert sorted(path.name for path in folder.iterdir()) == ["good.yaml"]


@pytest.mark.parametrize("days", [1, 5, 21])
def test_plots_of_short_and_long_runs(queuewise, folder, good, days):
    (folder / "long.yaml").write_text(good.replace("horizon: 1 day", f"horizon: {days} days"))
    assert queuewise("run", "long.yaml", "-n", "2", "--report", "out.html").code == 0
    found, _ = page(folder / "out.html")
    labels = [text for text in found.texts if re.fullmatch(r"(Mon|Tue|Wed|Thu|Fri)( \d\d Mar)?", text)]
    assert len(set(labels)) == min(days, 5)
    assert all((" " in label) == (days <= 8) for label in labels)


def test_sheets_break_between_columns_and_numbers():
    sheet = Sheet("Many", ("Who", *(f"m{n}" for n in range(14))), [("a (b)", *["+1.0 pp (−0.5 to +2.5)"] * 14)])
    assert side_by_side(sheet) == [[0, 1, 2, 3, 4, 5], [0, 6, 7, 8, 9, 10], [0, 11, 12, 13, 14]]
    assert side_by_side(replace(sheet, texts=(0, 1))) == [list(range(15))]
    assert numbers_in("94.4 % (94.0 to 94.9); 100.0 %") == [("94.4 %", "94.0 to 94.9"), ("100.0 %", "")]
    assert numbers_in("a; b") == [("a; b", "")]
    assert numbers_in("one (with two) and more") == [("one (with two) and more", "")]


def test_long_names_of_curves_stand_whole_above_the_plot():
    starts = np.arange(0, 1440, 60)
    flat = {name: np.ones((5, 24)) for name in BANDS}
    days = ("Mon", "Tue", "Wed", "Thu", "Fri")
    names = [f"an alternative with a rather long name, number {number}" for number in range(6)]
    curves = [Curve(name, Profile(days, starts, 60, flat), "#0072B2") for name in names]
    plots = [by_day([Panel("desk", "contacts", curves[:count])] * 2, "plot") for count in (1, 6)]
    for plot, count, times in zip(plots, (1, 6), (2, 1), strict=True):
        root = ElementTree.fromstring(str(plot))
        left = float(root.attrib["viewBox"].split()[0])
        texts = [one for one in root.iter("{http://www.w3.org/2000/svg}text") if (one.text or "") in names]
        assert len(texts) == count * times
        assert min(float(one.attrib["x"]) for one in texts) > left
