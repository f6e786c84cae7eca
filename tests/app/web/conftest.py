"""A small scenario, and pages that are run without a browser."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import app.web
from app.web import tasks
from app.web.work import Work
from sim.schema import Document

SMALL = """\
queuewise: 1
name: A small desk
about: Two hours, one queue.
time zone: Europe/Berlin
start: 2026-03-02 08:00
horizon: 2 h
interval: 30 min
service level: {within: 20 s, goal: 80 %}
demand:
  calls: {type: call, per hour: 60, patience: {mean: 3 min, shape: exponential}}
people:
  desk: {agents: {mon-fri: {"08:00-09:00": 4, "09:00-10:00": 5}}, skills: [call]}
process:
  call:
    answer: {work: call, talk: {mean: 4 min, shape: exponential}}
    done: {end: solved}
interventions:
  one more: {why: more people, add: {people.desk.agents: 1}}
  two more: {why: even more people, requires: [one more], add: {people.desk.agents: 1}}
  shorter talk: {why: a better script, scale: {process.call.answer.talk: 0.9}}
"""


@pytest.fixture(autouse=True)
def results_folder(tmp_path, monkeypatch):
    """A results folder of the test's own; what still works there is stopped at the end."""
    folder = tmp_path / "kept"
    monkeypatch.setenv(tasks.FOLDER, str(folder))
    yield folder
    for task in tasks.tasks(folder):
        task.stop()
        task.wait(20)


@pytest.fixture
def small():
    return Document.from_text(SMALL, "small.yaml")


@pytest.fixture
def small_text():
    return SMALL


@pytest.fixture
def desk(small):
    work = Work()
    work.open(small, "file")
    work.replications = 3
    return work


class Visit:
    """A visitor of the pages."""

    def __init__(self, desk=None, language="en"):
        self.at = AppTest.from_file(app.web.MAIN, default_timeout=60)
        self.at.session_state["language"] = language
        if desk is not None:
            self.at.session_state["work"] = desk
        self.at.run()
        self.check()

    @property
    def desk(self):
        return self.at.session_state["work"]

    def page(self, name):
        self.at.switch_page(f"screens/{name}.py").run()
        return self.check()

    def click(self, key):
        self.at.button(key=key).click().run()
        return self.check()

    def set(self, kind, key, value):
        getattr(self.at, kind)(key=key).set_value(value).run()
        return self.check()

    def finish(self, seconds=60):
        """Wait for the job in the background, looking at the page as a browser does."""
        end = time.monotonic() + seconds
        while self.desk.job is not None and time.monotonic() < end:
            self.desk.job.wait(0.2)
            self.at.run()
        assert self.desk.job is None
        return self.check()

    def check(self):
        assert not self.at.exception, [one.stack_trace for one in self.at.exception]
        return self

    def words(self):
        """Everything that is written on the page."""
        kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "success")
        return "\n".join(str(one.value) for kind in kinds for one in getattr(self.at, kind))


@pytest.fixture
def visit():
    return Visit


@pytest.fixture
def root():
    return Path(app.web.__file__).parent
