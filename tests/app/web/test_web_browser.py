"""The main path in a real browser, from `queuewise app` to the downloaded report; clicks and seconds are printed.

``QUEUEWISE_SCREENSHOTS`` names a folder for its pictures (docs/images).
"""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

_QUICK_S = 1.0
"""How long a page may take to answer from stored results."""
_SLACK = 3.0
"""How much slower a machine that tests in parallel may be."""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the pages are, started as a user starts them."""
    port, server = started(tmp_path_factory.mktemp("results"))
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def started(folder):
    """A free port and the command that serves the pages there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from app.cli import main; main()", "app", "--port", str(port), "--no-browser"]
    command += ["--folder", str(folder)]
    return port, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for(url, seconds=60):
    end = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(url, timeout=2).read()
        except (urllib.error.URLError, OSError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


class Person:
    """Somebody at the browser who counts their clicks."""

    def __init__(self, page, pictures):
        self.page, self.pictures, self.clicks, self.answers = page, pictures, 0, {}

    def click(self, target):
        self.clicks += 1
        began = time.monotonic()
        target.click()
        self.settle()
        return time.monotonic() - began

    def button(self, name):
        return self.click(self.page.get_by_role("button", name=name, exact=True))

    def choice(self, name):
        return self.click(self.page.get_by_test_id("stMain").get_by_text(name, exact=True))

    def link(self, name):
        """Go to a page and wait until it is there, not the one before; how long it takes is kept."""
        began = time.monotonic()
        self.click(self.page.get_by_test_id("stSidebarNav").get_by_text(name, exact=True))
        self.page.get_by_role("heading", level=1, name=name, exact=True).wait_for(timeout=60_000)
        self.settle()
        self.answers[name] = time.monotonic() - began

    def settle(self):
        self.page.wait_for_timeout(80)
        self.page.locator("[data-test-script-state=notRunning]").wait_for(timeout=60_000)
        assert not self.page.get_by_test_id("stException").count()

    def sees(self, text, seconds=120):
        self.page.get_by_text(text).first.wait_for(timeout=seconds * 1000)
        self.settle()

    def picture(self, name):
        """A picture of the whole page as it is now."""
        if self.pictures is None:
            return
        self.page.wait_for_timeout(1200)
        height = self.page.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight")
        self.page.set_viewport_size({"width": 1280, "height": min(max(height, 700), 2200)})
        self.page.wait_for_timeout(800)
        self.page.screenshot(path=self.pictures / f"{name}.png")
        self.page.set_viewport_size({"width": 1280, "height": 900})


@pytest.fixture
def person(chromium, address, request):
    folder = os.environ.get("QUEUEWISE_SCREENSHOTS")
    language = getattr(request, "param", "en-US")
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, locale=language)
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for(timeout=60_000)
    found = Person(page, Path(folder) if folder else None)
    found.settle()
    yield found
    page.close()


def pick(person, label, option):
    """Choose in a select box, two clicks."""
    box = person.page.get_by_test_id("stMain").get_by_test_id("stSelectbox").filter(has_text=label)
    person.click(box.locator("input"))
    person.click(person.page.get_by_role("option", name=option))


def test_from_opening_the_page_to_the_downloaded_report(person, tmp_path):
    began = time.monotonic()
    pick(person, "Scenario of the library", "Help desk of a clinic")
    person.button("Open this scenario")
    person.picture("app-scenario")
    person.link("Change")
    person.button("One alternative for each of 5 interventions")
    person.picture("app-change")
    person.link("Run")
    person.button("Run")
    person.sees("Done.", 300)
    person.link("Compare")
    person.picture("app-compare")
    person.choice("Over the day")
    pick(person, "Of", "software")
    person.picture("app-over-the-day")
    person.choice("Report")
    with person.page.expect_download(timeout=120_000) as waiting:
        person.button("Download the report of the comparison")
    report = tmp_path / "report.html"
    waiting.value.save_as(report)
    seconds = time.monotonic() - began
    print(f"\nfrom the page to the report: {person.clicks} clicks, {seconds:.1f} s")
    print("pages answered after", {page: f"{took:.2f} s" for page, took in person.answers.items()})
    text = report.read_text(encoding="utf-8")
    assert "Help desk of a clinic" in text
    assert "two more on the early shift" in text
    assert "Service level" in text
    assert "Traceback" not in text
    assert person.clicks <= 20
    person.link("Run")
    person.link("Compare")
    assert person.answers["Compare"] < _QUICK_S * _SLACK


def test_a_table_of_head_counts_is_edited(person):
    pick(person, "Scenario of the library", "Claims")
    person.button("Open this scenario")
    person.link("Change")
    person.button("New alternative")
    cells = person.page.get_by_test_id("stDataFrame").first
    cells.scroll_into_view_if_needed()
    person.page.wait_for_timeout(500)
    box = cells.bounding_box()
    person.page.mouse.click(box["x"] + 130, box["y"] + 52)
    person.page.wait_for_timeout(300)
    person.page.keyboard.press("Enter")  # open the cell
    person.page.wait_for_timeout(300)
    person.page.keyboard.press("Control+A")
    person.page.keyboard.type("17")
    person.page.wait_for_timeout(300)
    person.page.keyboard.press("Enter")
    person.sees("Staffing changed: call takers.", 20)
    person.picture("app-staffing")
    person.link("Run")
    person.link("Change")
    person.sees("Staffing changed: call takers.", 20)
    person.button("Undo the changes of this table")
    person.sees("still the same as the baseline", 20)


def test_required_staff_and_erlang(person):
    pick(person, "Scenario of the library", "Order line")
    person.button("Open this scenario")
    person.link("Run")
    person.button("Run")
    person.sees("Done.", 300)
    person.link("Compare")
    person.choice("Required staff")
    person.button("Find the required staff")
    person.sees("Required staff of desk", 300)
    person.picture("app-required")
    person.link("Learn")
    person.button("Simulate it too")
    person.sees("Offered load: 8 erlangs for 10 agents.", 60)
    person.picture("app-learn")


def run_holiday_peak(person, replications):
    """Begin so many replications, and wait until some are finished."""
    pick(person, "Scenario of the library", "Holiday peak")
    person.button("Open this scenario")
    person.link("Run")
    number = person.page.get_by_test_id("stNumberInputField").first
    number.fill(str(replications))
    number.press("Enter")
    person.settle()
    person.button("Run")
    person.sees(re.compile(rf"Baseline\s+[1-9]\d* / {replications}"), 300)


def test_a_long_run_leaves_the_pages_quick_and_can_be_stopped(person):
    run_holiday_peak(person, 10_000)
    person.picture("app-running")
    person.link("Learn")
    person.link("Run")
    assert max(person.answers["Learn"], person.answers["Run"]) < 3 * _SLACK
    began = time.monotonic()
    person.button("Stop and keep what is finished")
    person.sees("Stopped. What was finished is kept.", 60)
    print(f"\nstopped after {time.monotonic() - began:.1f} s; pages meanwhile: {person.answers}")
    person.sees(re.compile(r"Baseline: \d+ of 10000 replications are finished\."), 10)


def test_a_run_is_found_again_after_a_reload_and_stopped(person):
    run_holiday_peak(person, 9_000)
    person.page.reload()
    person.sees("No scenario is open yet.", 30)
    person.link("Tasks")
    person.sees(re.compile(r"\d+ / 9000 · about .* left"), 30)
    person.button("Stop and keep what is finished")
    person.sees(re.compile(r"\d+ of 9000 were finished\."), 60)
    person.click(person.page.get_by_role("button", name="Open again", exact=True).first)  # the latest stands first
    person.sees(re.compile(r"Baseline: \d+ of 9000 replications are finished\."), 60)


def test_a_call_log_is_calibrated_on_the_spot(person):
    person.choice("Call log")
    person.choice("Use the sample history (synthetic)")
    person.picture("app-call-log")
    person.button("Calibrate")
    person.sees("Evidence: history.csv.gz", 240)
    person.picture("app-evidence")


@pytest.mark.parametrize("person", ["zh-CN"], indirect=True)
def test_a_chinese_browser_gets_chinese_pages(person):
    person.sees("从场景库、您自己的文件或通话记录开始。", 20)
    person.button("打开此场景")
    person.link("修改")
    person.button("新建方案")
    person.picture("app-chinese")
    assert person.page.get_by_role("heading", level=1).inner_text() == "修改"


def test_the_pages_end_with_the_command(tmp_path):
    port, server = started(tmp_path / "results")
    wait_for(f"http://127.0.0.1:{port}/_stcore/health")
    server.terminate()
    assert server.wait(20) == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5)
