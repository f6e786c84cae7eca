"""A scenario file as text and data, with the place of every value, so that each message can point at it."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from sim.errors import Problem, ScenarioError
from sim.schema.base import Misfit, Part
from sim.schema.checks import check
from sim.schema.model import Scenario

Path_ = tuple[Any, ...]
P = TypeVar("P", bound=Part)
_LARGEST_BYTES = 20_000_000
BASELINE = "baseline.yaml"
"""The file that makes a folder a scenario."""


@dataclass(frozen=True)
class Document:
    """A scenario as plain data, where it came from, and where each value stands.

    Attributes
    ----------
    data : dict
        The mapping as written: dicts, lists, texts, numbers, dates.
    file : str
        Name for messages.
    places : dict
        From the path of a value (tuple of keys and indices) to its line and column, counted from 1.
    files : dict
        Of a scenario that is a folder: from a top-level key to the file that holds it.
    """

    data: dict[str, Any]
    file: str = ""
    places: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def from_data(data: dict[str, Any], name: str = "") -> Document:
        """A document that was made by a program."""
        return Document(data, name)

    @staticmethod
    def from_text(text: str, name: str = "") -> Document:
        """Read YAML text.

        Raises
        ------
        ScenarioError
            If it is not YAML, or not a mapping.
        """
        places: dict[Path_, tuple[int, int]] = {}
        try:
            tree = YAML(typ="rt", pure=True).load(text)
            data = _plain(tree, (), places)
        except RecursionError:
            raise ScenarioError(Problem("lists or mappings too deep inside each other", file=name)) from None
        except MarkedYAMLError as error:
            raise ScenarioError(_yaml_problem(error, name)) from None
        except (YAMLError, ValueError) as error:
            raise ScenarioError(Problem(f"not readable as YAML: {error}".split("\n")[0], file=name)) from None
        if not isinstance(tree, CommentedMap):
            what = "an empty file" if tree is None else "not a mapping of keys to values"
            raise ScenarioError(
                Problem(what, file=name, allowed="a scenario: queuewise, name, start, horizon, demand, people, process")
            )
        return Document(data, name, places)

    def with_data(self, data: dict[str, Any]) -> Document:
        """The same document with other data; places stay for paths that still exist."""
        return Document(data, self.file, self.places, self.files)

    def joined(self, other: Document) -> Document:
        """The document with the top-level keys of another file, which must be others.

        Raises
        ------
        ScenarioError
            If a key stands in both.
        """
        twice = [key for key in other.data if key in self.data]
        if twice:
            where = self.files.get(twice[0], self.file)
            fix = "Keep one of the two."
            raise ScenarioError(other.problem((twice[0],), f"{twice[0]!r} stands in {where} as well", fix=fix))
        files = {**self.files, **dict.fromkeys(other.data, other.file)}
        return Document({**self.data, **other.data}, self.file, {**self.places, **other.places}, files)

    def problem(self, path: Path_, what: str, allowed: str = "", given: str = "", fix: str = "") -> Problem:
        """A problem at a path, with line and column as near as they are known."""
        known = path
        while known and known not in self.places:
            known = known[:-1]
        line, column = self.places.get(known, (None, None))
        file = self.files.get(path[0], self.file) if path else self.file
        return Problem(what, spell(path), file, line, column, allowed, given, fix)

    def read_as(self, part: type[P]) -> P:
        """The document as something else than a scenario.

        Raises
        ------
        ScenarioError
            With every problem found, each with its place.
        """
        try:
            return part.model_validate(self.data)
        except ValidationError as error:
            raise ScenarioError(*_problems(self, error)) from None

    @cached_property
    def scenario(self) -> Scenario:
        """The validated scenario.

        Raises
        ------
        ScenarioError
            With every problem found, each with its place.
        """
        try:
            scenario = Scenario.model_validate(self.data)
        except ValidationError as error:
            raise ScenarioError(*_problems(self, error)) from None
        problems = [self.problem(f.path, f.what, f.allowed, f.given, f.fix) for f in check(scenario)]
        problems += self._lost_sources(scenario)
        if problems:
            raise ScenarioError(*problems)
        return scenario

    def _lost_sources(self, scenario: Scenario) -> list[Problem]:
        """Sources of what does not stand in the scenario."""
        known = {spell(path) for path in paths_of(self.data)} if scenario.sources else set()
        return [
            self.problem(("sources", path), "a source of nothing", "a path of this scenario", path, _near(path, known))
            for path in scenario.sources
            if path not in known
        ]


def load(path: str | Path) -> Document:
    """Read a scenario: a file, or a folder with a ``baseline.yaml`` and further files beside it.

    Each file of a folder holds top-level keys of its own (interventions in one, sources in another).

    Raises
    ------
    ScenarioError
        If a file is missing, too large, not UTF-8 or not YAML, or if two files of a folder hold the same key.
    """
    path = Path(path)
    if not path.is_dir():
        return _load_file(path)
    document = _load_file(path / BASELINE)
    for other in sorted(path.glob("*.yaml")):
        if other.name != BASELINE:
            document = document.joined(_load_file(other))
    return document


def _load_file(path: Path) -> Document:
    name = str(path)
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ScenarioError(Problem("too large for a scenario", file=name, allowed="up to 20 MB"))
        return Document.from_text(path.read_text(encoding="utf-8-sig"), name)
    except OSError as error:
        raise ScenarioError(Problem(f"cannot be read: {error.strerror}", file=name, fix="Check the path.")) from None
    except UnicodeDecodeError:
        raise ScenarioError(Problem("not a text file in UTF-8", file=name)) from None


def spell(path: Path_) -> str:
    """A path as people write it: ``people.front line.agents.mon-fri``, ``routing.billing.to[1]``."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += ("." if text else "") + str(key)
    return text


def paths_of(data: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Every path of a scenario's data."""
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, part in parts:
        yield (*path, key)
        yield from paths_of(part, (*path, key))


def _near(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]!r}?" if close else ""


def _plain(node: Any, path: Path_, places: dict[Path_, tuple[int, int]]) -> Any:
    if isinstance(node, CommentedMap):
        result = {}
        for key, value in node.items():
            plain_key = _scalar(key)
            line, column = node.lc.key(key) if key in (node.lc.data or {}) else (node.lc.line, node.lc.col)
            places[(*path, plain_key)] = (line + 1, column + 1)
            result[plain_key] = _plain(value, (*path, plain_key), places)
        return result
    if isinstance(node, CommentedSeq):
        for index in range(len(node)):
            line, column = node.lc.item(index)
            places[(*path, index)] = (line + 1, column + 1)
        return [_plain(value, (*path, index), places) for index, value in enumerate(node)]
    return _scalar(node)


def _scalar(value: Any) -> Any:
    """Builtin values in place of the YAML reader's own."""
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, dt.datetime):
        return dt.datetime(*value.timetuple()[:6], value.microsecond, value.tzinfo)
    return value


def _yaml_problem(error: MarkedYAMLError, name: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    what = str(error.problem or error.context or "not readable as YAML").strip().split("\n")[0]
    line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
    if what.startswith("found duplicate key"):
        return Problem("a key given twice", what.split('"')[1], name, line, column, fix="Keep one of the two.")
    fix = "Check indentation, colons and quotes there."
    return Problem(f"not readable as YAML: {what}", "", name, line, column, fix=fix)


def _problems(document: Document, error: ValidationError) -> list[Problem]:
    found: dict[str, Problem] = {}
    for item in error.errors(include_url=False):
        path = _real_path(document.data, item["loc"])
        misfit = item.get("ctx", {}).get("error")
        if isinstance(misfit, Misfit):
            path = (*path, *misfit.inside)
            problem = document.problem(path, misfit.what, misfit.allowed, misfit.given, misfit.fix)
        elif item["type"] == "missing":
            owner = spell(path) or "the scenario"
            problem = document.problem(path, f"{owner} needs {item['loc'][-1]!r}, which is missing")
        else:
            what, allowed = _own_words(item)
            problem = document.problem(path, what, allowed, _brief(item.get("input")))
        found.setdefault(problem.path, problem)
    return list(found.values())


_LIMITS = {"ge": "{} or more", "gt": "above {}", "le": "{} at most", "lt": "below {}"}
_KINDS = {
    "int_parsing": ("not a whole number", "0, 1, 2 ..., without quotes or unit"),
    "int_type": ("not a whole number", "0, 1, 2 ..., without quotes or unit"),
    "int_from_float": ("not a whole number", "0, 1, 2 ..."),
    "string_type": ("not a text", "a text; put it in quotes"),
    "list_type": ("not a list", "[..., ...], or a line with a dash for each"),
    "dict_type": ("not a mapping", "keys and values"),
    "model_type": ("not a mapping", "keys and values"),
}


def _own_words(item: Any) -> tuple[str, str]:
    """What is wrong with a value and what is allowed, in place of the validator's words."""
    known = _KINDS.get(item["type"])
    if known:
        return known
    context = item.get("ctx", {})
    for name, form in _LIMITS.items():
        if name in context:
            return "out of range", form.format(context[name])
    if item["type"] == "literal_error":
        return "not one of the words that it may be", str(context["expected"]).replace(" or ", ", ")
    message = str(item["msg"]).removeprefix("Value error, ").removeprefix("Input ").replace("Input ", "")
    return message[:1].lower() + message[1:], ""


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _real_path(data: Any, location: tuple[Any, ...]) -> Path_:
    """The part of a validator's location that exists in the data (it also names its own union members)."""
    path: list[Any] = []
    for key in location:
        in_list = isinstance(data, list) and isinstance(key, int) and key < len(data)
        if in_list or (isinstance(data, dict) and key in data):
            data = data[key]
            path.append(key)
    return tuple(path)
