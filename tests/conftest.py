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


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium under Playwright; skipped where there is none, except in CI."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium on PATH (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
