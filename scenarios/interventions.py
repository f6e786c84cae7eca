"""Named changes of a scenario: patches at paths, switched on alone or together.

Each intervention of a scenario file holds patches, done in this order:

- ``set``: a new value; the last key of the path may be new.
- ``scale``: a number, duration or share times a factor; or everything in a table of numbers, every duration or number
  of a distribution, every head count of shifts. Shares stay within 100 %. What is counted stays whole: halves are
  rounded up.
- ``add``: a number, duration or share on top of what is there, or of every number of a table; a mapping is merged, a
  list gets one entry more; a distribution becomes longer by a duration, or greater by a number.
- ``remove``: the entry goes.

A path is keys with dots between them, ``[0]`` for the first entry of a list, ``"..."`` around a key with a dot in it.
"""

from __future__ import annotations

import copy
import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.errors import ParameterError, Problem, ScenarioError
from sim.schema import Document, paths_of, spell
from sim.schema.distribution import Distribution
from sim.units import exact_duration, parse_duration, parse_share

Path = tuple[Any, ...]

_PART = re.compile(r'"([^"]*)"|\[(\d+)\]|([^.\["]+)')
_DISTRIBUTION = {str(field.alias) for field in Distribution.model_fields.values()}
_WHOLE = (
    *("waiting places", "attempts", "priority", "weight", "reserve", "when waiting", "at once", "turns", "count"),
    *("at most", "base", "hand over priority", "one to"),
)
_LENGTHS = ("constant", "mean", "median", "between", "values", "plus", "at most")
"""Fields of a distribution that are its own durations or numbers, not shares and shapes."""
_AFTER = "after "
_TABLE_FRAME = ("from", "every", "holidays")


@dataclass(eq=False)
class _Misplaced(Exception):
    """A patch that does not fit the scenario."""

    what: str
    allowed: str = ""
    given: str = ""
    fix: str = ""


def names(document: Document) -> dict[str, str]:
    """Interventions of a document, each with its reason."""
    return {name: change.why for name, change in document.scenario.interventions.items()}


def apply(document: Document, chosen: Sequence[str]) -> Document:
    """The document with interventions switched on, in the order given.

    Raises
    ------
    ScenarioError
        If an intervention does not exist, is named twice, lacks one that it requires before it, undoes another that it
        does not require, has a path that leads nowhere, or makes a scenario that cannot run.
    """
    _check_choice(document, chosen)
    data = copy.deepcopy(document.data)
    touched: dict[str, list[Path]] = {}
    for name in chosen:
        touched[name] = []
        for patch in _patches(document, name):
            _check_overlap(document, patch, touched)
            patch.on(data)
            touched[name].append(patch.path)
    _forget_sources(data, [spell(path) for paths in touched.values() for path in paths])
    return _checked(document.with_data(data), chosen)


def patched(document: Document, patches: Mapping[str, Mapping[str, Any]]) -> Document:
    """The document with patches that are no intervention of its own: values by path, by action.

    Raises
    ------
    ParameterError
        If a path leads nowhere, or a value does not fit there.
    """
    data = copy.deepcopy(document.data)
    for action, values in patches.items():
        for text, value in values.items():
            change(data, action, text, value)
    _forget_sources(data, [spell(path_of(text)) for values in patches.values() for text in values])
    return document.with_data(data)


def _forget_sources(data: dict[str, Any], changed: list[str]) -> None:
    """A number that was changed, or is gone, no longer rests on what the baseline's rested on."""
    if data.get("sources"):
        left = {spell(path) for path in paths_of(data)}
        data["sources"] = {
            place: source
            for place, source in data["sources"].items()
            if place in left and not any(place.startswith(path) or path.startswith(place) for path in changed)
        }


def _checked(document: Document, chosen: Sequence[str]) -> Document:
    try:
        _ = document.scenario
    except ScenarioError as error:
        together = " and ".join(repr(name) for name in chosen)
        raise ScenarioError(*(replace(p, what=f"with {together} on: {p.what}") for p in error.problems)) from None
    return document


def _check_choice(document: Document, chosen: Sequence[str]) -> None:
    known = document.scenario.interventions
    for place, name in enumerate(chosen):
        before = chosen[:place]
        if name not in known:
            what = f"no such intervention: {name!r}"
            raise ScenarioError(
                Problem(what, file=document.file, allowed=_listed(known), given=name, fix=_near(name, known))
            )
        if name in before:
            raise ScenarioError(Problem(f"intervention {name!r} is named twice", allowed="each once"))
        for needed in known[name].requires:
            if needed not in before:
                what = f"{name!r} requires {needed!r}, which is not switched on before it"
                raise ScenarioError(document.problem(("interventions", name, "requires"), what, fix=f"Add {needed!r}."))


@dataclass(frozen=True, slots=True)
class _Patch:
    document: Document
    intervention: str
    action: str
    text: str
    value: Any
    path: Path

    def on(self, data: dict[str, Any]) -> None:
        """Change the data."""
        try:
            change(data, self.action, self.text, self.value)
        except ParameterError as error:
            problem = error.problems[0]
            raise self.error(problem.what, allowed=problem.allowed, given=problem.given, fix=problem.fix) from None

    def error(self, what: str, **details: str) -> ScenarioError:
        place = ("interventions", self.intervention, self.action, self.text)
        return ScenarioError(self.document.problem(place, what, **details))


def _patches(document: Document, name: str) -> Iterator[_Patch]:
    change = document.scenario.interventions[name]
    removed = dict.fromkeys(change.remove)
    for action, values in (("set", change.set), ("scale", change.scale), ("add", change.add), ("remove", removed)):
        for text, value in values.items():
            yield _Patch(document, name, action, text, value, parsed_path(document, name, action, text))


def parsed_path(document: Document, name: str, action: str, text: str) -> Path:
    """The path of a patch as keys and indices."""
    try:
        return path_of(text)
    except ParameterError as error:
        problem = error.problems[0]
        place = ("interventions", name, action, text)
        raise ScenarioError(
            document.problem(place, problem.what, allowed=problem.allowed, given=problem.given)
        ) from None


def change(data: dict[str, Any], action: str, text: str, value: Any) -> None:
    """Change data in place as one patch of an intervention does.

    Raises
    ------
    ParameterError
        If the path leads nowhere, or the value does not fit there.
    """
    path = path_of(text)
    try:
        owner, key = _owner(data, path, new=action in ("set", "add"))
        _ACTIONS[action](owner, key, value, path)
    except _Misplaced as error:
        raise ParameterError(Problem(error.what, allowed=error.allowed, given=error.given, fix=error.fix)) from None


def path_of(text: str) -> Path:
    """A path as keys and indices.

    Raises
    ------
    ParameterError
        If it cannot be read as one.
    """
    path: list[Any] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if not match:
            allowed = 'keys with dots between them, [0] for a list\'s first entry, "..." around a key with a dot'
            raise ParameterError(Problem("not a path", allowed=allowed, given=text))
        quoted, index, plain = match.groups()
        path.append(int(index) if index is not None else (quoted if quoted is not None else plain.strip()))
        position = match.end() + (text[match.end() : match.end() + 1] == ".")
    return tuple(path)


def _check_overlap(document: Document, patch: _Patch, touched: dict[str, list[Path]]) -> None:
    """A later ``set`` or ``remove`` must not undo in silence what an earlier intervention did."""
    if patch.action not in ("set", "remove"):
        return
    required = document.scenario.interventions[patch.intervention].requires
    for other, paths in touched.items():
        if other == patch.intervention or other in required:
            continue
        for path in paths:
            shared = min(len(path), len(patch.path))
            if path[:shared] == patch.path[:shared]:
                what = f"{patch.intervention!r} would undo what {other!r} does at {spell(path)}"
                raise patch.error(what, fix=f"Switch on one of them, or let {patch.intervention!r} require {other!r}.")


def value_at(data: Any, path: Path) -> Any:
    """What stands at a path of plain data; keys may be given as texts.

    Raises
    ------
    KeyError, IndexError, TypeError
        If nothing does.
    """
    for key in path:
        named = {str(known): known for known in data} if isinstance(data, dict) and key not in data else {}
        data = data[named.get(str(key), key)]
    return data


def _near(name: object, known: Any) -> str:
    close = difflib.get_close_matches(str(name), [str(key) for key in known], n=1)
    return f"Did you mean {close[0]!r}?" if close else ""


def _listed(known: Any) -> str:
    return ", ".join(str(key) for key in known) or "nothing"


def _owner(data: Any, path: Path, new: bool) -> tuple[Any, Any]:
    """The mapping or list that holds the end of a path, and the key as it stands there."""
    if not path:
        raise _Misplaced("an empty path", allowed="such as demand.calls.per hour")
    for place in range(len(path) - 1):
        data = data[_key(data, path, place, new=False)]
    return data, _key(data, path, len(path) - 1, new)


def _key(data: Any, path: Path, place: int, new: bool) -> Any:
    part, so_far = path[place], spell(path[:place]) or "the scenario"
    if isinstance(data, list) and isinstance(part, int):
        if part < len(data):
            return part
        raise _Misplaced(
            f"{so_far} has no entry [{part}]", allowed=f"[0] to [{len(data) - 1}]" if data else "an empty list"
        )
    if isinstance(data, dict) and not isinstance(part, int):
        for key in data:
            if str(key) == part:
                return key
        if new:
            return part
        raise _Misplaced(f"{so_far} has no {part!r}", allowed=_listed(data), given=str(part), fix=_near(part, data))
    kind = "a list; use [0], [1] ..." if isinstance(data, list) else f"{data!r}, with nothing beneath it"
    raise _Misplaced(f"{so_far} is {kind if not isinstance(data, dict) else 'a mapping; use keys'}", given=str(part))


def _set(owner: Any, key: Any, value: Any, path: Path) -> None:
    owner[key] = copy.deepcopy(value)


def _scale(owner: Any, key: Any, factor: Any, path: Path) -> None:
    if not math.isfinite(factor):
        raise _Misplaced(f"cannot scale {spell(path)}", allowed="a finite number", given=f"{factor}")
    owner[key] = _scaled(owner[key], float(factor), path)


def _add(owner: Any, key: Any, value: Any, path: Path) -> None:
    present = owner[key] if isinstance(owner, list) or key in owner else None
    owner[key] = copy.deepcopy(value) if present is None else _sum(present, value, path)


def _remove(owner: Any, key: Any, value: Any, path: Path) -> None:
    del owner[key]


_ACTIONS: dict[str, Callable[[Any, Any, Any, Path], None]] = {
    "set": _set,
    "scale": _scale,
    "add": _add,
    "remove": _remove,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_table(value: Any) -> bool:
    """Whether only numbers stand beneath, apart from the frame of a table (from, every, holidays)."""
    if isinstance(value, dict):
        return all(key in _TABLE_FRAME or _is_table(part) for key, part in value.items())
    if isinstance(value, list):
        return all(_is_table(part) for part in value)
    return _is_number(value)


def _each(value: Any, change: Callable[[Any, Path], Any], path: Path) -> Any:
    """A table with every number changed."""
    if isinstance(value, dict):
        return {key: part if key in _TABLE_FRAME else _each(part, change, (*path, key)) for key, part in value.items()}
    if isinstance(value, list):
        return [_each(part, change, (*path, place)) for place, part in enumerate(value)]
    return change(value, path)


def _number(value: float, path: Path) -> float | int:
    """A number that fits its place: whole where people or places are counted (halves up), never below zero."""
    if not math.isfinite(value):
        raise _Misplaced(f"{spell(path)} would be no number any more", allowed="finite numbers", given=f"{value}")
    if value < 0:
        raise _Misplaced(f"{spell(path)} would fall below zero", allowed="0 or more", given=f"{value:g}")
    counted = path[-1] in _WHOLE or path[0] == "customers" or (path[0] == "people" and "agents" in path[2:])
    if counted and "attributes" not in path:
        return math.floor(round(value, 9) + 0.5)
    return int(value) if value == int(value) else value


def _scaled(value: Any, factor: float, path: Path) -> Any:
    if _is_number_law(value, path):
        return _numbers(value, lambda number, place: _number(number * factor, place), path)
    if _is_table(value):
        return _each(value, lambda number, place: _number(number * factor, place), path)
    if isinstance(value, str):
        return _scaled_text(value, factor, path)
    if isinstance(value, dict) and set(value) <= _DISTRIBUTION:
        return _lengths(value, lambda text: _scaled_text(text, factor, path))
    if isinstance(value, dict) and "shifts" in path[-2:]:
        return _agents(value, lambda number, place: _number(number * factor, place), path)
    raise _not_a_quantity(value, path)


def _not_a_quantity(value: Any, path: Path) -> _Misplaced:
    beneath = f"one of its entries: {_listed(value)}" if isinstance(value, dict) else "a number, duration or share"
    return _Misplaced(f"{spell(path)} is not a quantity", allowed=beneath, given=repr(value)[:60])


def _scaled_text(text: str, factor: float, path: Path) -> str:
    if text.strip().endswith("%"):
        return _share(parse_share(text) * 100 * factor, f"{text} x {factor:g}", path)
    if text.startswith(_AFTER):
        return _AFTER + _scaled_text(text.removeprefix(_AFTER), factor, path)
    return exact_duration(math.floor(parse_duration(text) * factor + 0.5))


def _share(percent: float, given: str, path: Path) -> str:
    if not 0 <= percent <= 100:
        beyond = "exceed 100 %" if percent > 100 else "fall below zero"
        raise _Misplaced(f"{spell(path)} would {beyond}", allowed="0 % to 100 %", given=given)
    return f"{percent:.12g} %"


def _is_number_law(value: Any, path: Path) -> bool:
    """Whether it is the distribution of an attribute that is a number."""
    return isinstance(value, dict) and "attributes" in path[:-1] and set(value) <= _DISTRIBUTION


def _numbers(value: dict[str, Any], change: Callable[[float, Path], Any], path: Path) -> dict[str, Any]:
    """A distribution of numbers with each of them changed, and its shares and shape left alone."""
    found = {key: _each(part, change, (*path, key)) if key in _LENGTHS else part for key, part in value.items()}
    if "quantiles" in value:
        found["quantiles"] = [[share, change(number, path)] for share, number in value["quantiles"]]
    if "mixture" in value:
        parts = ((part["share"], part["of"]) for part in value["mixture"])
        found["mixture"] = [
            {"share": share, "of": _numbers(of, change, path) if isinstance(of, dict) else change(of, path)}
            for share, of in parts
        ]
    return found


def _lengths(value: Any, change: Callable[[str], str]) -> Any:
    """A distribution with every duration changed and its shares and shape left alone."""
    if isinstance(value, dict):
        return {key: _lengths(part, change) for key, part in value.items()}
    if isinstance(value, list):
        return [_lengths(part, change) for part in value]
    return change(value) if isinstance(value, str) and _is_duration(value) else value


def _is_duration(text: str) -> bool:
    try:
        parse_duration(text)
    except ParameterError:
        return False
    return True


def _agents(value: dict[Any, Any], change: Callable[[Any, Path], Any], path: Path) -> dict[Any, Any]:
    """Shifts with every head count changed."""
    return {
        key: change(part, (*path, key)) if key == "agents"
        else _agents(part, change, (*path, key)) if isinstance(part, dict)
        else part
        for key, part in value.items()
    }  # fmt: skip


def _sum(present: Any, value: Any, path: Path) -> Any:
    if _is_number(value) and _is_number_law(present, path):
        return {**present, "plus": _number(present.get("plus", 0) + value, path)}
    if _is_number(value) and _is_table(present):
        return _each(present, lambda number, place: _number(number + value, place), path)
    if _is_number(value) and isinstance(present, dict) and "shifts" in path[-2:]:
        return _agents(present, lambda number, place: _number(number + value, place), path)
    if isinstance(value, str) and isinstance(present, dict) and set(present) <= _DISTRIBUTION:
        return {**present, "plus": _longer(present.get("plus", "0 s"), value, path)}
    if isinstance(value, str) and isinstance(present, str):
        return _longer(present, value, path)
    if isinstance(present, list):
        return [*present, copy.deepcopy(value)]
    if isinstance(present, dict) and isinstance(value, dict):
        return _merged(present, value, path)
    raise _Misplaced(
        f"cannot add to {spell(path)}",
        allowed=_addable(present),
        given=repr(value)[:60],
        fix="Use 'set' to replace it.",
    )


def _longer(present: str, value: str, path: Path) -> str:
    if present.strip().endswith("%") and value.strip().endswith("%"):
        return _share((parse_share(present) + parse_share(value)) * 100, f"{present} + {value}", path)
    if present.startswith(_AFTER):
        return _AFTER + _longer(present.removeprefix(_AFTER), value, path)
    return exact_duration(parse_duration(present) + parse_duration(value))


def _merged(present: dict[Any, Any], value: dict[Any, Any], path: Path) -> dict[Any, Any]:
    merged = dict(present)
    for key, part in value.items():
        merged[key] = _sum(merged[key], part, (*path, key)) if key in merged else copy.deepcopy(part)
    return merged


def _addable(present: Any) -> str:
    if isinstance(present, dict):
        return "a mapping, or a number for every number beneath" if _is_table(present) else "a mapping"
    return "a number" if _is_number(present) else "a duration, or a share where one is"
