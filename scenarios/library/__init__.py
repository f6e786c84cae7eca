"""The scenarios that come with Queuewise: one YAML file each, found by name."""

from __future__ import annotations

from pathlib import Path

from sim.schema import Document, load

_FOLDER = Path(__file__).parent
SAMPLE = _FOLDER / "sample"
"""The sample history (synthetic): history.csv.gz, its mapping.yaml, and known.yaml, the scenario that made it."""


def names() -> list[str]:
    """Names of the scenarios, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def path_of(name: str) -> Path:
    """The file of a scenario of that name, whether it exists or not."""
    return _FOLDER / f"{name}.yaml"


def read(name: str) -> Document:
    """A scenario of the library.

    Raises
    ------
    ScenarioError
        If there is none of that name.
    """
    return load(path_of(name))
