"""What differs between two scenarios, place by place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sim.schema import Document, spell

_NOT_MEANING = ("name", "about", "interventions", "sources")


@dataclass(frozen=True, slots=True)
class Change:
    """One place that differs; None where it stands in one scenario only."""

    path: str
    before: Any
    after: Any


def changes(before: Document, after: Document) -> list[Change]:
    """Places where two scenarios differ, in the order of the first.

    Names, descriptions, sources and proposed interventions do not count. A list counts as one place.
    """
    return [
        change
        for key in dict.fromkeys([*before.data, *after.data])
        if key not in _NOT_MEANING
        for change in _differences(before.data.get(key), after.data.get(key), (key,))
    ]


def _differences(before: Any, after: Any, path: tuple[Any, ...]) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict) and _alike(before, after):
        for key in dict.fromkeys([*before, *after]):
            yield from _differences(before.get(key), after.get(key), (*path, key))
    elif before != after:
        yield Change(spell(path), before, after)


def _alike(before: dict[Any, Any], after: dict[Any, Any]) -> bool:
    """Whether two mappings have a key in common, so that it pays to look inside."""
    return bool(set(before) & set(after))
