"""A small operation for tests of the schema, and its model."""

import copy
from typing import Any

from sim.build import Model, build
from sim.schema import Document

BASE: dict[str, Any] = {
    "queuewise": 1,
    "name": "one desk",
    "start": "2026-03-02",
    "horizon": "1 week",
    "demand": {"calls": {"type": "call", "per hour": 6}},
    "people": {"desk": {"agents": 2, "skills": ["talk"]}},
    "process": {"call": {"answer": {"work": "talk", "talk": "1 min"}, "close": {"end": "solved"}}},
}


def document(**changes: Any) -> Document:
    """The small operation with parts in place of its own; parts that are mappings are merged on the first level."""
    data = copy.deepcopy(BASE)
    for key, value in changes.items():
        name = key.replace("_", " ")
        data[name] = {**data.get(name, {}), **value} if isinstance(value, dict) else value
    return Document.from_data(data)


def model(**changes: Any) -> Model:
    """Its model."""
    return build(document(**changes).scenario)


def stream(**keys: Any) -> dict[str, Any]:
    """The one stream, with further keys."""
    return {"calls": {**BASE["demand"]["calls"], **keys}}


def call(steps: dict[str, Any]) -> dict[str, Any]:
    """The one process: steps, then its end."""
    return {"call": {**steps, "close": {"end": "solved"}}}


WORK = {"work": "talk", "talk": "1 min"}
