"""Plain data as YAML for people: short mappings on one line, long lists folded, comments above their keys."""

from __future__ import annotations

import datetime as dt
import json
import re
import textwrap
from collections import Counter
from typing import Any

Path_ = tuple[str, ...]

WIDTH = 112
_PLAIN = re.compile(r"[A-Za-zÀ-ɏ一-鿿][\w .,/+%()\-–—à-ÿ一-鿿]*|\d+(\.\d+)? (us|ms|s|min|h|days|weeks|%)")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "none", "~"}
_IN_FLOW = re.compile(r"[,\[\]{}]")


def yaml_text(data: dict[str, Any], comments: dict[Path_, list[str]], flat: tuple[str, ...]) -> str:
    """Write a mapping.

    Parameters
    ----------
    data
        Dicts, lists, texts, numbers and dates. A dict that stands in several places is written once, under an anchor.
    comments
        Lines to put above the key at a path.
    flat
        Keys whose mappings go on one line, like all mappings without a mapping inside that fit one.
    """
    seen: Counter[int] = Counter()
    _count(data, seen)
    writer = _Writer(comments, flat, {key for key, count in seen.items() if count > 1})
    return "\n".join(writer.mapping(data, (), 0)) + "\n"


def _count(data: Any, seen: Counter[int]) -> None:
    if isinstance(data, dict):
        seen[id(data)] += 1
        for value in data.values() if seen[id(data)] == 1 else ():
            _count(value, seen)


class _Writer:
    def __init__(self, comments: dict[Path_, list[str]], flat: tuple[str, ...], shared: set[int]) -> None:
        self.comments, self.flat, self.shared = comments, flat, shared
        self.anchors: dict[int, str] = {}

    def mapping(self, data: dict[Any, Any], path: Path_, indent: int) -> list[str]:
        lines = []
        for key, value in data.items():
            here = (*path, str(key))
            for text in self.comments.get(here, []):
                start = " " * indent + "# "
                lines += textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=start + "  ")
            lines += self.entry(key, value, here, indent)
        return lines

    def entry(self, key: Any, value: Any, path: Path_, indent: int) -> list[str]:
        head = f"{' ' * indent}{scalar(key)}:"
        if id(value) in self.anchors:
            return [f"{head} *{self.anchors[id(value)]}"]
        if id(value) in self.shared and isinstance(value, dict):
            self.anchors[id(value)] = re.sub(r"\W+", "-", "-".join(path[-2:]))
            head += f" &{self.anchors[id(value)]}"
        if isinstance(value, dict) and value and not self._on_one_line(value, path, indent):
            return [head, *self.mapping(value, path, indent + 2)]
        return fold(f"{head} ", value, indent + 4)

    def _on_one_line(self, value: dict[Any, Any], path: Path_, indent: int) -> bool:
        if any((*path, str(key)) in self.comments for key in value):
            return False
        if path[-1] in self.flat or "values" in value:
            return True
        nested = any(isinstance(inner, dict) for inner in value.values())
        return not nested and len(flow(value)) + indent + len(path[-1]) < WIDTH and len(path) > 1


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value)


def fold(head: str, value: Any, indent: int) -> list[str]:
    """A value on one line, or broken at the commas of its long list."""
    text = head + flow(value)
    lines = []
    while len(text) > WIDTH:
        cut = _last_comma(text)
        if cut <= indent:
            break
        lines.append(text[:cut].rstrip())
        text = " " * indent + text[cut:].lstrip()
    return [*lines, text]


def _last_comma(text: str) -> int:
    """After the last comma before the width that stands outside quotes; between pairs, if there are any."""
    quoted, between, inside = False, 0, 0
    for place, mark in enumerate(text[:WIDTH]):
        quoted ^= mark == '"'
        if mark == "," and not quoted:
            inside = place + 1
            between = inside if text[place - 1] in "]}" else between
    return between or inside


def scalar(value: Any) -> str:
    """A text, number, date or truth value; quoted where YAML would read something else."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, dt.datetime):
        return f'"{value:%Y-%m-%d %H:%M:%S}"'
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return f"{value:.12g}" if isinstance(value, float) else str(value)
    text = str(value)
    plain = _PLAIN.fullmatch(text) and not _IN_FLOW.search(text) and text.lower() not in _WORDS
    return text if plain and text == text.strip() else json.dumps(text, ensure_ascii=False)
