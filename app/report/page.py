"""From a template and its values to a page that holds its style and plots itself."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app import numbers
from app.files import write_text
from app.results import short_label
from app.tables import Sheet
from sim.metrics import METRICS, Metric, find
from sim.units import exact_duration

_FOLDER = Path(__file__).parent / "templates"
_ABREAST = 6
_WITH_LIMITS = re.compile(r"([^()]+) \(([^()]+)\)")


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(_FOLDER)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    made.trim_blocks = made.lstrip_blocks = True
    made.filters["duration"] = exact_duration
    made.globals.update(
        number=numbers.with_unit,
        interval=numbers.interval,
        difference=numbers.difference,
        in_two=numbers.in_two,
        numbers_in=numbers_in,
        side_by_side=side_by_side,
        metric=find,
        short=short_label,
        metrics=METRICS,
        style=Markup((_FOLDER / "style.css").read_text(encoding="utf-8")),
    )
    return made


def render(template: str, **values: Any) -> str:
    """The text of a page."""
    return _environment().get_template(template).render(made=dt.datetime.now().astimezone(), **values)


def write_page(path: Path, template: str, **values: Any) -> None:
    """Write a page, whole or not at all."""
    write_text(path, render(template, **values))


def known_metrics(names: Iterable[str]) -> list[Metric]:
    """The metrics among names such as ``asa`` and ``asa of orders``, each once, for their definitions."""
    wanted = {name.partition(" of ")[0] for name in names}
    return [one for one in METRICS if one.name in wanted]


def numbers_in(text: str) -> list[tuple[str, str]]:
    """A cell's numbers, each with its limits, so that lines break between them; one text where it is anything else."""
    found = [_WITH_LIMITS.fullmatch(part) for part in text.split("; ")]
    if not any(found):
        return [(text, "")]
    return [(one[1], one[2]) if one else (part, "") for one, part in zip(found, text.split("; "), strict=True)]


def side_by_side(sheet: Sheet) -> list[list[int]]:
    """Which columns stand in one table: the first in each, of the others no more than a page can show."""
    others = [at for at in range(len(sheet.columns)) if at]
    if len(sheet.texts) > 1:
        return [[0, *others]]
    size = math.ceil(len(others) / max(math.ceil(len(others) / _ABREAST), 1))
    return [[0, *others[start : start + size]] for start in range(0, len(others), size)]


def words(value: Any) -> str:
    """A value of a scenario file as one reads it aloud: ``mean 4 min, cv 0.9``."""
    if isinstance(value, dict):
        nested = any(isinstance(item, dict) for item in value.values())
        between, after = ("; ", ": ") if nested else (", ", " ")
        return between.join(f"{key}{after}{words(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        between = "; " if any(isinstance(item, (dict, list)) for item in value) else ", "
        return between.join(words(item) for item in value)
    return str(value)
