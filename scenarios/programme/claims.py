"""What if a claim holds only in part: interventions whose promised effects are scaled down."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from scenarios.interventions import parsed_path, value_at
from scenarios.programme.marks import Path, marks
from sim.errors import ParameterError, ScenarioError
from sim.schema import Document, paths_of
from sim.units import parse_duration, parse_share


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that the programme promises: numbers in patches of interventions.

    Attributes
    ----------
    text : str
        What is promised.
    paths : tuple of paths
        ``("interventions", name, "set" or "scale", path of the patch, ...)``.
    """

    text: str
    paths: tuple[Path, ...]


def claims(document: Document) -> list[Claim]:
    """Claims about interventions, in the order of the sources; marks with the same text are one claim."""
    found: dict[str, list[Path]] = {}
    for mark in marks(document):
        if mark.kind == "claim" and mark.path[0] == "interventions":
            found.setdefault(mark.reason, []).append(mark.path)
    return [Claim(text, tuple(paths)) for text, paths in found.items()]


def kept(document: Document, claim: Claim, share: float) -> Document:
    """The scenario with a claim kept to a share only: 1 as promised, 0 as in the baseline.

    Raises
    ------
    ScenarioError
        If the claim is not about numbers, or the baseline has no number in its place.
    """
    data = copy.deepcopy(document.data)
    for path in claim.paths:
        leaves = [(*path, *rest) for rest in _leaves(value_at(document.data, path))]
        for leaf in leaves:
            owner = value_at(data, leaf[:-1])
            owner[leaf[-1]] = _weaker(document, leaf, share)
    return document.with_data(data)


def _leaves(value: Any) -> list[Path]:
    if not isinstance(value, (dict, list)):
        return [()]
    return [path for path in paths_of(value) if not isinstance(value_at(value, path), (dict, list))]


def _weaker(document: Document, path: Path, share: float) -> Any:
    _, name, action, patch, *rest = path
    promised = value_at(document.data, path)
    if action == "scale":
        return 1 + share * (promised - 1)
    target = (*parsed_path(document, name, action, patch), *rest)
    try:
        present = value_at(document.data, target)
        return between(present, promised, share)
    except (KeyError, IndexError, TypeError, ParameterError):
        what = "a claim without a number in the baseline to compare with"
        raise ScenarioError(
            document.problem(path, what, fix="Give the baseline a number there, 0 if need be.")
        ) from None


def between(present: Any, promised: Any, share: float) -> Any:
    """A number, share or duration on the way from one to another; words stay as promised unless nothing is kept."""
    if present == promised:
        return promised
    form = _form(promised)
    if form is None:
        return promised if share > 0 else present
    scale, read, write = form
    start, end = read(present) * scale, read(promised) * scale
    return write(start + share * (end - start))


def _form(value: Any) -> Any:
    if isinstance(value, str):
        for scale, read, write in ((100, parse_share, "{:.8g} %"), (1e-6, parse_duration, "{:.6f} s")):
            try:
                read(value)
            except ParameterError:
                continue
            return scale, read, write.format
        return None
    whole = isinstance(value, int) and not isinstance(value, bool)
    return 1, float, round if whole else _ten_digits


def _ten_digits(value: float) -> float:
    return float(f"{value:.10g}")
