"""Generated pages are as the program would write them now; the schema accepts what the reader accepts."""

from __future__ import annotations

import json

import jsonschema
import pytest

from app.reference_pages import DOCS, pages, scenario_schema
from scenarios import library
from sim.schema import load


@pytest.mark.parametrize("name", pages())
def test_page_is_current(name):
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "run: python -m app.reference_pages"


def plain(data):
    if isinstance(data, dict):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    return data if isinstance(data, (str, int, float, bool)) else str(data)


@pytest.mark.parametrize(
    "path", [*map(library.path_of, library.names()), library.SAMPLE / "known.yaml"], ids=lambda p: p.stem
)
def test_schema_accepts_the_library(path):
    jsonschema.validate(plain(load(path).data), scenario_schema())


@pytest.mark.parametrize(
    ("before", "after"), [("per hour:", "per hours:"), ("agents: 3}", "agents: three}"), ("end: solved", "end: well")]
)
def test_schema_refuses_what_the_reader_refuses(folder, good, before, after):
    (folder / "bad.yaml").write_text(good.replace(before, after))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain(load("bad.yaml").data), scenario_schema())


def test_command_prints_the_schema(queuewise):
    assert json.loads(queuewise("schema").out) == scenario_schema()
