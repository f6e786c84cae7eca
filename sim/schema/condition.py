"""Conditions on a case, as a branch, a ``when`` or a lane writes them: ``amount > 1000``, ``open office``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from sim.codes import Source
from sim.errors import ParameterError
from sim.schema.base import Misfit
from sim.schema.common import read_moment
from sim.units import parse_share

CONDITION_FORMS = (
    "amount > 1000, customer = enterprise, customer is not enterprise, served by a group, open a calendar, "
    "times < 3, arrived before 2026-05-01"
)
LABELS = ("channel", "segment", "region")
"""What every stream says of itself; conditions read it like an attribute."""

_COMPARED = re.compile(r"(.+?)\s*(>=|<=|=|>|<|\bis not\b|\bis\b)\s*(.+)")
_PREFIXES = {"served by ": Source.GROUP, "open ": Source.CALENDAR, "closed ": Source.CALENDAR}


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold: a source, its name (attribute, group or calendar), a relation and a value.

    ``value`` is a number (times, closed or open), a text (of an attribute: a word or a number), or a local time.
    """

    source: Source
    name: str
    relation: str
    value: Any
    text: str

    @property
    def subject(self) -> tuple[Source, str]:
        """What is looked at (for groups: who served last): conditions on one subject fit into one branch."""
        return self.source, "" if self.source == Source.GROUP else self.name

    @property
    def number(self) -> float | None:
        """The value as a number, if it is one."""
        try:
            number = float(self.value)
        except (TypeError, ValueError):
            return None
        return number if isfinite(number) else None


def read_condition(raw: Any) -> Condition:
    """Read a condition.

    Raises
    ------
    Misfit
        If it is none.
    """
    if isinstance(raw, Condition):
        return raw
    text = " ".join(raw.split()) if isinstance(raw, str) else ""
    for prefix, source in _PREFIXES.items():
        if text.startswith(prefix):
            return Condition(source, text.removeprefix(prefix), "=", float(prefix != "closed "), text)
    for relation in ("before", "after"):
        if text.startswith(f"arrived {relation} "):
            moment = read_moment(text.removeprefix(f"arrived {relation} "))
            return Condition(Source.ARRIVED, "", "<" if relation == "before" else ">=", moment, text)
    match = _COMPARED.fullmatch(text)
    if not match:
        raise Misfit("not a condition", allowed=CONDITION_FORMS, given=repr(raw))
    name, relation, value = match.groups()
    found = Condition(Source.ATTRIBUTE, name, "=" if relation == "is" else relation, value, text)
    if found.relation not in ("=", "is not") and found.number is None:
        raise Misfit("not a number to compare with", allowed="such as amount > 1000", given=text)
    return _times(found) if name == "times" else found


def _times(condition: Condition) -> Condition:
    """How often the case has been at the branch before."""
    if condition.number is None or condition.number != int(condition.number) or condition.number < 0:
        raise Misfit("not a number of times", allowed="such as times < 3", given=condition.text)
    return Condition(Source.REPETITION, "", condition.relation, condition.number, condition.text)


def read_way(raw: Any) -> Condition | float | str:
    """Read what opens a way out of a branch: a share, ``otherwise``, or a condition."""
    if isinstance(raw, Condition):
        return raw
    if raw == "otherwise":
        return "otherwise"
    try:
        return parse_share(raw)
    except ParameterError as error:
        if isinstance(raw, str) and re.search(r"[a-z]", raw, re.IGNORECASE):
            return read_condition(raw)
        problem = error.problems[0]
        raise Misfit(problem.what, f"{problem.allowed}, otherwise, or a condition", problem.given) from None


Conditions = Annotated[
    list[Condition],
    PlainValidator(lambda raw: [read_condition(one) for one in (raw if isinstance(raw, list) else [raw])]),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
                    "description": f"a condition, or a list of which all must hold: {CONDITION_FORMS}"}),
]  # fmt: skip

Way = Annotated[
    Condition | float | str,
    PlainValidator(read_way),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}],
                    "description": f"a share, `otherwise`, or a condition: {CONDITION_FORMS}"}),
]  # fmt: skip
