"""Which people serve which queue, in which order, and how many may wait."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from sim.schema.base import (
    Misfit,
    Part,
    fits,
)
from sim.schema.common import ServiceLevel
from sim.units import parse_duration


class Routing(Part):
    """One queue, named as its skill: who serves it, after which wait others do too, and how many may wait."""

    to: list[str | dict[str, Any]] | None = None
    waiting_places: Annotated[int, Field(ge=0)] | None = None
    service_level: ServiceLevel | None = None

    @model_validator(mode="after")
    def _targets_read(self) -> Routing:
        _ = self.targets
        return self

    @property
    def targets(self) -> list[tuple[str, int]] | None:
        """Groups in the order in which they are asked, each with the wait (microseconds) after which it may serve."""
        if self.to is None:
            return None

        found = []
        for number, entry in enumerate(self.to):
            if isinstance(entry, str):
                found.append((entry, 0))
                continue
            items = list(entry.items())
            text = str(items[0][1]) if len(items) == 1 else ""
            if not text.startswith("after "):
                raise Misfit("not a group", allowed="name, or {name: after 40 s}", inside=("to", number))
            found.append((str(items[0][0]), fits(parse_duration, text.removeprefix("after "), ("to", number))))
        names = [name for name, _ in found]
        if not names or len(set(names)) < len(names):
            raise Misfit("no group, or a group twice", allowed="each group once", given=str(names), inside=("to",))
        return found
