"""docs/elements.md is held to the program: its tests exist, its examples read, and no element is missing."""

import ast
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sim.schema import change, demand, people, process, routing, shorthand
from sim.schema.base import to_key

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "elements.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]
EXAMPLES = [row[2].strip("`") for row in ROWS if len(row) == 4 and row[2].startswith("`")]
PROOFS = [row[-1].strip("`") for row in ROWS if "::" in row[-1]]
PARTS = (
    demand.Stream, demand.Redial, demand.Customers, demand.Orders, demand.Leaves, demand.Chasing, demand.OpenCases,
    demand.Surge, demand.Busyness, process.Step, process.Mark, process.Reopens, routing.Routing, routing.Escalation,
    routing.Balking, routing.Callback, people.Group, people.Shift, people.Skill, people.Shrinkage, people.Training,
    people.Rotation, people.Hire, people.EarlyLeave, people.Mentors, shorthand.Bot, shorthand.Classify, shorthand.Level,
    shorthand.Lane, shorthand.Deputies, shorthand.Approval, change.Disruption, change.Phase, change.Ramp,
)  # fmt: skip
ELSEWHERE = {"adds value"}
"""Keys that change no run: they are for tables after it."""


def read(text):
    return YAML(typ="safe").load(text)


def keys(data):
    if isinstance(data, dict):
        return set(data) | {key for value in data.values() for key in keys(value)}
    return {key for value in data for key in keys(value)} if isinstance(data, list) else set()


@pytest.mark.parametrize("proof", sorted(set(PROOFS)))
def test_every_test_named_on_the_page_exists(proof):
    file, name = proof.split("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_element_has_a_test():
    assert len(PROOFS) == len([row for row in ROWS if row[0] not in ("element", "law")])
    assert len(PROOFS) > 90


def test_every_key_stands_in_an_example():
    """Of the parts of a scenario that an engine or a roster sees."""
    shown = set().union(*(keys(read(example)) for example in EXAMPLES))
    missing = {
        (part.__name__, to_key(name)) for part in PARTS for name in part.model_fields if to_key(name) not in shown
    }
    assert {(part, key) for part, key in missing if key not in ELSEWHERE} == set()
