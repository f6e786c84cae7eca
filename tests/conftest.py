"""What every test shares: Hypothesis profiles, headless plotting, and a browser for the tests that drive one."""

import os
import shutil

import hypothesis
import pytest

os.environ["MPLBACKEND"] = "Agg"
os.environ["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] = "false"

# No deadline: the first call of a compiled function compiles it.
# In CI the examples are fixed, so that a failure there is the change's own.
hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")

# Alone in its container, on nobody's account, and quiet: nothing is fetched that a test does not ask for.
CHROMIUM_FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

# Asserts in shared test code say what differed, like those in tests.
pytest.register_assert_rewrite("tests.engines.trace")


def pytest_configure(config):
    """Compile the fast engine once, before workers start: none of them waits for it or reports it."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    from sim.build import build
    from sim.run import run
    from sim.schema import Document

    run(build(Document.from_text(_SMALLEST).scenario))


_SMALLEST = """
queuewise: 1
name: smallest
start: 2026-03-02
horizon: 1 h
demand: {calls: {type: call, per hour: 60}}
people: {agents: {agents: 2, skills: [call]}}
process: {call: {answer: {work: call, talk: 1 min}, close: {end: solved}}}
"""


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium under Playwright; skipped where there is none, except in CI."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium on PATH (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
