"""Where each number of a scenario comes from: fact, claim or assumption, read from its ``sources``.

A source covers the value at its path and everything beneath it that has no source of its own. Its text has one form:

- ``fact: where it stands``
- ``claim: what is promised`` (typed in, not found); marks with the same text are one claim
- ``assumed 20 % to 45 %: why``, or ``assumed x 0.8 to x 1.25: why`` for a factor on what stands there.
  After the range may come ``, tuned`` (chosen so that the baseline shows the facts) or ``, held`` (studies do not
  vary it). Marks with the same text are one assumption.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from scenarios.interventions import value_at
from sim.errors import Problem, ScenarioError
from sim.schema import Document, paths_of, spell

Kind = Literal["fact", "claim", "assumed"]
Role = Literal["varied", "tuned", "held"]
Path = tuple[Any, ...]

FORMS = "'fact: ...', 'claim: ...', 'assumed LOW to HIGH: why' or 'assumed x LOW to x HIGH, held: why'"
_FRAME = ("queuewise", "name", "about", "time zone", "start", "interval", "sources", "currency")
"""Top-level keys that say how one looks, not what is so."""
_SIMPLE = re.compile(r"(fact|claim): (\S.*)", re.DOTALL)
_ASSUMED = re.compile(r"assumed (x )?(.+?) to (x )?(.+?)(?:, (tuned|held))?: (\S.*)", re.DOTALL)
_WORDS = ("why", "requires")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a number rests on.

    Attributes
    ----------
    path : tuple
        Of the value in the scenario's data.
    kind : {"fact", "claim", "assumed"}
    reason : str
    low, high : str
        Range of an assumption, as written; empty for facts and claims.
    factor : bool
        Whether the range is of a factor on the value.
    role : {"varied", "tuned", "held"}
    """

    path: Path
    kind: Kind
    reason: str
    low: str = ""
    high: str = ""
    factor: bool = False
    role: Role = "varied"

    @property
    def place(self) -> str:
        """The path as people write it."""
        return spell(self.path)

    @property
    def range(self) -> str:
        """The range as people write it."""
        by = "x " if self.factor else ""
        return f"{by}{self.low} to {by}{self.high}" if self.low else ""


def marks(document: Document) -> list[Mark]:
    """The marks of a scenario, in the order of its sources.

    Raises
    ------
    ScenarioError
        If a source has none of the forms.
    """
    paths = {spell(path): path for path in paths_of(document.data)}
    return [_read(document, paths[place], place, text) for place, text in document.scenario.sources.items()]


def _read(document: Document, path: Path, place: str, text: str) -> Mark:
    text = " ".join(text.split())
    if simple := _SIMPLE.fullmatch(text):
        return Mark(path, "fact" if simple[1] == "fact" else "claim", simple[2])
    assumed = _ASSUMED.fullmatch(text)
    if not assumed or bool(assumed[1]) != bool(assumed[3]):
        problem = document.problem(("sources", place), "a source without a mark", allowed=FORMS, given=text[:60])
        raise ScenarioError(problem)
    role: Role = "tuned" if assumed[5] == "tuned" else "held" if assumed[5] == "held" else "varied"
    return Mark(path, "assumed", assumed[6], assumed[2], assumed[4], bool(assumed[1]), role)


def of(path: Path, known: list[Mark]) -> Mark | None:
    """The mark that covers a path: the one with the longest path that leads there."""
    above = [mark for mark in known if path[: len(mark.path)] == mark.path]
    return max(above, key=lambda mark: len(mark.path), default=None)


def numbers(document: Document) -> Iterator[Path]:
    """Paths of all numbers of a scenario: values with a digit, and entries under a key with one."""
    for path in paths_of(document.data):
        value = value_at(document.data, path)
        if path[0] in _FRAME or isinstance(value, (dict, list)) or set(_WORDS) & set(path):
            continue
        texts = [value, *(key for key in path[1:] if isinstance(key, str) and _is_quantity(key))]
        if any(re.search(r"\d", str(text)) for text in texts):
            yield path


def unmarked(document: Document) -> list[Problem]:
    """Numbers that no source covers, each as a problem at its place."""
    known = marks(document)
    fix = f"Add it, or what stands above it, to 'sources': {FORMS}."
    return [document.problem(p, "a number without a source", fix=fix) for p in numbers(document) if not of(p, known)]


def _is_quantity(key: str) -> bool:
    """Whether a key is a quantity itself, such as hours or a date, rather than a name with a digit."""
    return bool(re.match(r"\d", key))
