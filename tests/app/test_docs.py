"""Examples of the documentation run as they stand; complete scenarios in it can run; its links lead somewhere."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from app.cli import call
from scenarios.interventions import apply, names
from sim.schema import Document

pytestmark = pytest.mark.docs

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
RUNNING = [ROOT / "README.md", ROOT / "docs" / "command-line.md"]
HOW_TO = [
    ROOT / "docs" / f"{name}.md"
    for name in ("value-stream", "service-quality", "open-cases", "attribution", "studies", "sweeps")
]
"""Pages whose YAML blocks begin with the name of the file that they are."""


def blocks(path, language):
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), flags=re.S | re.M)


def commands(path):
    """Lines that begin with ``$``: what is typed."""
    return [line[2:].split("   #")[0].strip() for block in blocks(path, "console") for line in block.splitlines()
            if line.startswith("$ ")]  # fmt: skip


@pytest.mark.parametrize("path", RUNNING, ids=lambda path: path.stem)
def test_examples_run_in_order(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    typed = commands(path)
    assert len(typed) >= 5
    run_all(typed)


@pytest.mark.parametrize("path", HOW_TO, ids=lambda path: path.stem)
def test_how_to_pages_run(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written = blocks(path, "yaml")
    for block in written:
        name = re.match(r"# (\S+\.yaml)\n", block)
        assert name, block
        Path(name[1]).write_text(block, encoding="utf-8")
    for name, block in re.findall(r"`(\S+\.csv)`:\n\n```csv\n(.*?)^```", path.read_text("utf-8"), flags=re.S | re.M):
        Path(name).write_text(block, encoding="utf-8")
    typed = commands(path)
    assert len(typed) >= 4
    run_all(typed)


def run_all(typed):
    for line in typed:
        command, _, target = line.partition(" > ")
        program, *arguments = shlex.split(command)
        assert program == "queuewise", line
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()) as err:
            code = call(arguments)
        assert code == 0, (line, err.getvalue())
        assert out.getvalue(), line
        if target:
            Path(target).write_text(out.getvalue(), encoding="utf-8")


def test_first_scenario_and_what_is_added_to_it_can_run():
    whole, helper, longer, ideas = blocks(ROOT / "docs" / "first-scenario.md", "yaml")
    document = Document.from_text(whole + ideas.split("  both desks as one:")[0])
    assert document.scenario.name == "Order line"
    for name in names(document):
        apply(document, [name])
    more = whole.replace("process:", "  back office: {agents: 2, skills: {orders: {speed: 0.8}}}\n\nprocess:") + helper
    assert Document.from_text(more + ideas).scenario.routing["orders"].waiting_places == 20
    rework = whole.split("process:")[0].replace("[orders]", "[orders, call backs]") + longer
    assert "call back" in Document.from_text(rework).scenario.process["order"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_links_lead_somewhere(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target
    for page in re.findall(r"`([a-z-]+\.md)`", text):
        assert (path.parent / page).exists() or (ROOT / "docs" / page).exists(), page
