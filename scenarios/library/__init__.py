"""The scenarios that come with Queuewise: a YAML file or a folder of them each, found by name."""

from __future__ import annotations

from pathlib import Path

from sim.schema import BASELINE, Document, load

_FOLDER = Path(__file__).parent
SAMPLE = _FOLDER / "sample"
"""The sample history (synthetic): history.csv.gz, its mapping.yaml, and known.yaml, the scenario that made it."""


def names() -> list[str]:
    """Names of the scenarios, sorted."""
    folders = [path.parent.name for path in _FOLDER.glob(f"*/{BASELINE}")]
    return sorted([path.stem for path in _FOLDER.glob("*.yaml")] + folders)


def plan_names() -> list[str]:
    """Names of the plans of sweeps, sorted."""
    return sorted(path.stem for path in (_FOLDER / "plans").glob("*.yaml"))


def plan_path(name: str) -> Path:
    """The file of a plan of that name, whether it exists or not."""
    return _FOLDER / "plans" / f"{name}.yaml"


def path_of(name: str) -> Path:
    """The file or folder of a scenario of that name, whether it exists or not."""
    folder = _FOLDER / name
    return folder if (folder / BASELINE).is_file() else _FOLDER / f"{name}.yaml"


def text_of(name: str) -> str:
    """A scenario as it is written; the files of a folder one after the other, the baseline first."""
    path = path_of(name)
    if path.is_file():
        return path.read_text(encoding="utf-8")
    files = sorted(path.glob("*.yaml"), key=lambda file: (file.name != BASELINE, file.name))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def read(name: str) -> Document:
    """A scenario of the library.

    Raises
    ------
    ScenarioError
        If there is none of that name.
    """
    return load(path_of(name))
