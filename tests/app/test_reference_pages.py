"""Generated pages are as the program would write them now; the schema accepts what the reader accepts."""

from __future__ import annotations

import json

import jsonschema
import pytest

from app.reference_examples import EXAMPLES
from app.reference_pages import DOCS, pages, scenario_schema
from scenarios import library
from scenarios.interventions import apply
from sim.build import build
from sim.schema import Document, Scenario, load


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


def merged(texts):
    """Parts of a scenario as one; a key that two of them give is an error."""

    def join(whole, part):
        for key, value in part.items():
            if isinstance(value, dict) and key in whole:
                join(whole[key], value)
            else:
                assert key not in whole, key
                whole[key] = value
        return whole

    found = {}
    for text in texts:
        join(found, Document.from_text(text).data)
    return found


def test_examples_are_one_scenario_that_runs():
    document = Document.from_data(merged(EXAMPLES.values()))
    jsonschema.validate(plain(document.data), scenario_schema())
    model = build(document.scenario)
    assert set(model.names.streams) == {"billing by phone", "repairs by chat", "complaints"}
    for name in document.scenario.interventions:
        assert apply(document, [name]).scenario


def test_every_example_stands_on_the_page():
    page = pages()["scenario-format.md"]
    for name, text in EXAMPLES.items():
        assert f"### {name}\n" in page
        assert text in page


def test_every_part_stands_on_the_page():
    page, parts = pages()["scenario-format.md"], Scenario.model_json_schema()["$defs"]
    assert [name for name, part in parts.items() if "properties" in part and f"### {name}\n" not in page] == []


@pytest.mark.parametrize(
    ("before", "after"), [("per hour:", "per hours:"), ("agents: 3}", "agents: three}"), ("end: solved", "end: well")]
)
def test_schema_refuses_what_the_reader_refuses(folder, good, before, after):
    (folder / "bad.yaml").write_text(good.replace(before, after))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain(load("bad.yaml").data), scenario_schema())


def test_command_prints_the_schema(queuewise):
    assert json.loads(queuewise("schema").out) == scenario_schema()
