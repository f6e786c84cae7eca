"""The command line, called as a user calls it, in an empty folder of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli import call

GOOD = Path(__file__).with_name("good.yaml")


@dataclass(frozen=True)
class Answer:
    """What a command left behind: exit code, both streams, and the folder's files."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Standard output, which must be one JSON document."""
        return json.loads(self.out)


@pytest.fixture
def good() -> str:
    """A small scenario that can run, as text."""
    return GOOD.read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, good: str) -> Path:
    """The present folder, with ``good.yaml`` in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(good, encoding="utf-8")
    return tmp_path


@pytest.fixture
def queuewise(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Call a command by its arguments."""

    def run(*arguments: str) -> Answer:
        capsys.readouterr()
        code = call(arguments)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return run
