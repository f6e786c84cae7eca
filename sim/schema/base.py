"""What every part of the schema shares: strict keys with spaces, durations and shares as text, located misfits."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from sim.errors import ParameterError
from sim.units import DURATION_FORMS, parse_duration, parse_share

T = TypeVar("T")


class Misfit(ValueError):
    """A value that does not fit; ``inside`` leads from the field being read to the very place."""

    def __init__(self, what: str, allowed: str = "", given: str = "", fix: str = "", inside: tuple[Any, ...] = ()):
        super().__init__(what)
        self.what, self.allowed, self.given, self.fix, self.inside = what, allowed, given, fix, inside


def fits(read: Callable[[Any], T], value: Any, inside: tuple[Any, ...] = ()) -> T:
    """Read a value, turning the reader's own error into a located `Misfit`."""
    try:
        return read(value)
    except ParameterError as error:
        problem = error.problems[0]
        raise Misfit(problem.what, problem.allowed, problem.given, problem.fix, inside) from None
    except Misfit as misfit:
        raise Misfit(misfit.what, misfit.allowed, misfit.given, misfit.fix, (*inside, *misfit.inside)) from None


def to_key(name: str) -> str:
    """A field's name as the scenario file writes it."""
    return name.rstrip("_").replace("_", " ")


class Part(BaseModel):
    """A mapping of the scenario file: keys are fields with spaces for underscores, unknown ones are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_key, populate_by_name=False, arbitrary_types_allowed=True
    )

    @model_validator(mode="before")
    @classmethod
    def _keys_are_known(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in data:
            if key not in known:
                close = difflib.get_close_matches(str(key), known, n=1, cutoff=0.6)
                raise Misfit(
                    f"unknown key {str(key)!r}",
                    allowed=", ".join(known),
                    fix=f"Did you mean {close[0]!r}?" if close else "",
                    inside=(key,),
                )
        return data


def exactly_one(part: Part, *names: str, what: str) -> str:
    """Name of the single field among some that is given.

    Raises
    ------
    Misfit
        If none or several are given.
    """
    given = [name for name in names if getattr(part, name) is not None]
    if len(given) != 1:
        raise Misfit(
            f"{what} needs exactly one of: {', '.join(to_key(name) for name in names)}",
            given=", ".join(to_key(name) for name in given) or "none",
        )
    return given[0]


Duration = Annotated[
    int,
    BeforeValidator(lambda value: fits(parse_duration, value)),
    WithJsonSchema({"type": "string", "description": DURATION_FORMS}),
]
"""Microseconds, written as text with a unit."""


def _positive(value: int) -> int:
    if value <= 0:
        raise Misfit("must last longer than nothing", allowed="a duration above zero", given="0 s")
    return value


PositiveDuration = Annotated[Duration, AfterValidator(_positive)]

Share = Annotated[
    float,
    BeforeValidator(lambda value: fits(parse_share, value)),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string"}]}),
]
"""A share between 0 and 1, written as ``12 %`` or ``0.12``."""


def _number(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise Misfit("not a number", allowed="a number, without quotes or unit", given=repr(value))


Number = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]
Amount = Annotated[float, BeforeValidator(_number), Field(ge=0, allow_inf_nan=False)]
PositiveNumber = Annotated[float, BeforeValidator(_number), Field(gt=0, allow_inf_nan=False)]
