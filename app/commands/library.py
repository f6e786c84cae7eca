"""``queuewise scenarios`` and ``queuewise schema``: what comes with Queuewise, and the format of scenario files."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.commands.options import Json
from app.console import Output, to_json
from app.inputs import open_scenario


def scenarios(
    name: Annotated[str | None, typer.Argument(help="Show this one's interventions.")] = None,
    text: Annotated[bool, typer.Option("--text", help="Print the file itself, to copy and change.")] = False,
    as_json: Json = False,
) -> None:
    """List the scenarios that come with Queuewise, or one of them with its interventions."""
    from scenarios import library

    output = Output(as_json)
    if name is not None and text:
        open_scenario(name)
        print(library.text_of(name), end="")
        return
    listed = library.names() if name is None else [name]
    found = [_entry(one) for one in listed]
    for one in found:
        output.show(f"{one['name']}: {one['title']}\n    {one['about']}")
        if name is not None:
            output.show(*(f"  --with {other!r}\n      {why}" for other, why in one["interventions"].items()))
    output.document({"scenarios": found})


def _entry(name: str) -> dict[str, Any]:
    from scenarios.interventions import names

    document = open_scenario(name)
    scenario = document.scenario
    return {
        "name": name,
        "title": scenario.name,
        "about": scenario.about,
        "file": document.file,
        "interventions": names(document),
    }


def schema(sweep: Annotated[bool, typer.Option("--sweep", help="Of the plans of sweeps instead.")] = False) -> None:
    """Print the JSON Schema of scenario files, for editors that check while you type."""
    from app.reference_pages import scenario_schema, sweep_schema

    print(to_json(sweep_schema() if sweep else scenario_schema()))
