"""Write the generated pages of ``docs/`` anew: ``python -m app.reference_pages``.

``docs/metrics.md`` comes from the registry of metrics, ``docs/schema.json`` and ``docs/scenario-format.md`` from the
classes that read a scenario file, ``docs/sweep-schema.json`` from those that read the plan of a sweep.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.console import to_json
from app.files import write_text
from app.reference_examples import EXAMPLES
from scenarios.sweeps.plan import Plan
from sim.metrics.page import page as metrics_page
from sim.schema import Scenario
from sim.schema.base import Part
from sim.units import DURATION_FORMS, exact_duration

DOCS = Path(__file__).resolve().parent.parent / "docs"

_SHARE = [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string"}]
_INTRODUCTION = """\
# What a scenario file can say

Made from the program by `python -m app.reference_pages`; do not edit. The same as JSON Schema, for editors that check
while one types: `schema.json`, or `queuewise schema`. `semantics.md` says what each thing means, event by event.

A scenario file is YAML: keys and values, indented. Every key that is not listed here is an error, with file, line and
column. The scenarios of the library (`queuewise scenarios`) are meant to be copied and changed.

- The examples below are parts of one scenario.
- **Durations** are a number and a unit: `90 s`, `5 min`, `1 h 30 min`, `2 days`, `1 week`.
- **Shares** are `12 %` or `0.12`.
- **Days** are `mon` ... `sun`, a span such as `mon-fri`, `every day`, or one date such as `2026-05-01`.
- **Conditions** look at a case: `amount > 1000`, `customer = enterprise`, `customer is not enterprise` (attributes, the
  `tier`, and the stream's `channel`, `segment` and `region`), `served by technicians` (who served last), `open office`,
  `closed office` (calendars), `times < 3` (how often the case has been here before), `arrived before 2026-05-01`.
- **Hours** are `"08:00-16:30"`, in quotes; an end before the start lies on the next day.

## Tables

Head counts, rates and weights by day and hour. Days that are not named have nothing; a date replaces its weekday.

```yaml
agents:
  mon-fri: {"08:00-12:00": 12, "12:00-20:00": 9}     # hours and numbers
  sat: 4                                             # all day
  2026-05-01: 0                                      # one date
per hour:
  every day: {from: "08:00", every: 30 min, values: [20, 35, 50, 44]}
```

With `per hour` a value is a rate; with `week` it is that stretch's part of the week's contacts: only proportions count.
"""


def scenario_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, short forms (a text for a mapping, a list of skills) included."""
    schema: dict[str, Any] = _defaults_as_text(Scenario.model_json_schema())
    parts = schema["$defs"]
    for name, short in _SHORT_FORMS.items():
        parts[name] = {"anyOf": [short, parts[name]]}
    skills = parts["Group"]["properties"]["skills"]
    parts["Group"]["properties"]["skills"] = {"anyOf": [{"type": "array", "items": {"type": "string"}}, skills]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def sweep_schema() -> dict[str, Any]:
    """JSON Schema of the plan of a sweep, a list of values alone included."""
    schema: dict[str, Any] = Plan.model_json_schema()
    parts = schema["$defs"]
    parts["Varied"] = {"anyOf": [{"type": "array"}, parts["Varied"]]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


_SHORT_FORMS: dict[str, dict[str, Any]] = {
    "Distribution": {"type": "string", "description": DURATION_FORMS},
    "Busyness": {"type": ["string", "number"], "description": "a share"},
    "Loss": {"type": "number", "description": "points"},
    "Approval": {"type": "array", "items": {"$ref": "#/$defs/Level"}, "description": "its levels"},
}
"""What may stand in place of a mapping."""


def _defaults_as_text(node: Any) -> Any:
    """Durations that are filled in, as they would be written."""
    if isinstance(node, list):
        return [_defaults_as_text(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _defaults_as_text(item) for key, item in node.items()}
    if found.get("description") == DURATION_FORMS and isinstance(found.get("default"), int):
        found["default"] = exact_duration(found["default"])
    return found


def scenario_page() -> str:
    """The page about the format as Markdown."""
    schema = _defaults_as_text(Scenario.model_json_schema())
    parts = {"Scenario": schema, **schema["$defs"]}
    return _INTRODUCTION + "\n".join(line for line in _rooms(parts)) + "\n"


def _rooms(parts: dict[str, Any]) -> Iterator[str]:
    """Parts under the headings of the rooms that they belong to, in the order in which a reader meets them."""
    order = _order(parts)
    for module, heading in _ROOMS.items():
        yield f"\n## {heading}"
        for name in order:
            if _CLASSES[name].__module__.rpartition(".")[2] in module.split():
                yield from _section(name, parts[name])


_ROOMS = {
    "model common": "The whole",
    "demand": "Demand: who contacts us",
    "process": "Process: what is done with a case",
    "shorthand": "Bots, classification, approvals, lanes",
    "people": "People: who works",
    "routing": "Routing: who serves whom",
    "service standards": "Promises, satisfaction, money, standards",
    "change": "Change: disruptions, risks, phases",
    "distribution": "Distributions: how a duration varies",
}
"""Headings of the page, by the modules of `sim.schema` whose parts stand under them."""


def _parts_beneath(owner: type[Part]) -> Iterator[tuple[str, type[Part]]]:
    for part in owner.__subclasses__():
        yield part.__name__, part
        yield from _parts_beneath(part)


_CLASSES = dict(_parts_beneath(Part))


def pages() -> dict[str, str]:
    """Every generated page, by its name in ``docs/``."""
    return {
        "metrics.md": metrics_page(),
        "schema.json": to_json(scenario_schema()) + "\n",
        "scenario-format.md": scenario_page(),
        "sweep-schema.json": to_json(sweep_schema()) + "\n",
    }


def _order(parts: dict[str, Any]) -> list[str]:
    """Parts in the order in which a reader meets them."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name in found or "properties" not in parts[name]:
            return
        found.append(name)
        for reference in _references(parts[name]["properties"]):
            visit(reference)

    visit("Scenario")
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rpartition("/")[2]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _references(item)


def _section(name: str, part: dict[str, Any]) -> Iterator[str]:
    yield f"\n### {name}\n"
    if text := part.get("description"):
        yield from (" ".join(one.split()) + "\n" for one in text.replace("``", "`").split("\n\n"))
    if example := EXAMPLES.get(name):
        yield f"```yaml\n{example}```\n"
    yield "| key | value | if left out |"
    yield "|---|---|---|"
    for key, value in part["properties"].items():
        default = "needed" if key in part.get("required", []) else _default(value)
        yield f"| `{key}` | {_kind(value)} | {default} |"


def _default(value: dict[str, Any]) -> str:
    default = value.get("default")
    if default is None or default in ({}, [], ""):
        return "nothing"
    return f"`{default}`"


def _kind(value: dict[str, Any]) -> str:
    """What may stand there, in a few words."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if value.get("description") == DURATION_FORMS:
        return "a duration"
    if [one for one in value.get("anyOf", []) if one != {"type": "null"}] == _SHARE:
        return "a share"
    if str(value.get("description", "")).startswith("a number, or days"):
        return "a number or a [table](#tables)"
    if "prefixItems" in value:
        return f"a list of two: {' and '.join(_kind(one) for one in value['prefixItems'])}"
    if "enum" in value:
        return " or ".join(f"`{one}`" for one in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    if "anyOf" in value and "description" not in value:
        kinds = (_kind(one) for one in value["anyOf"] if one.get("type") != "null")
        return " or ".join(dict.fromkeys(kinds))
    if "description" in value:
        return " ".join(str(value["description"]).split())
    return _container(value)


def _container(value: dict[str, Any]) -> str:
    if value.get("type") == "array":
        return f"a list of {_kind(value.get('items', {}))}"
    if value.get("type") == "object":
        inner = value.get("additionalProperties")
        return f"names, each with {_kind(inner)}" if isinstance(inner, dict) else "a mapping"
    return {"integer": "a whole number", "number": "a number", "string": "text"}.get(
        str(value.get("type")), "any value"
    )


def main() -> None:
    """Write them all."""
    for name, text in pages().items():
        write_text(DOCS / name, text)


if __name__ == "__main__":
    main()
