"""What is done with a case, step by step."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sim.schema.base import (
    Misfit,
    Part,
    Share,
    exactly_one,
)
from sim.schema.common import PinnedId
from sim.schema.distribution import Length


class Step(Part):
    """One step of a process: ``work`` (a skill), ``delay``, ``branch`` or ``end``; then ``next``, or the step below.

    Handling is ``talk`` + ``hold`` (with the customer) + ``wrap`` (after). ``patience`` here replaces the stream's;
    ``none`` means that nobody hangs up. ``priority`` here replaces the stream's.
    """

    work: str | None = None
    talk: Length | None = None
    hold: Length | None = None
    wrap: Length | None = None
    patience: Literal["none"] | Length | None = None
    priority: Annotated[int, Field(ge=1, le=1000)] | None = None
    delay: Length | None = None
    branch: dict[str, Share | Literal["otherwise"]] | None = None
    end: Literal["solved", "unsolved"] | None = None
    next: str | None = None
    id: PinnedId | None = None

    @model_validator(mode="after")
    def _is_one_kind(self) -> Step:
        kind = exactly_one(self, "work", "delay", "branch", "end", what="a step")
        if kind != "work":
            for name in ("talk", "hold", "wrap", "patience", "priority"):
                if getattr(self, name) is not None:
                    raise Misfit(f"{name!r} goes with 'work' only", given=f"{name} beside {kind}", inside=(name,))
        elif self.talk is None:
            raise Misfit("work needs 'talk': how long it takes", allowed="talk: 5 min, hold and wrap if wanted")
        for name in ("talk", "hold", "wrap", "delay"):
            length = getattr(self, name)
            if length is not None and not length.surely_ends:
                raise Misfit(f"a {name} that may never end", allowed="'never' with patience only", inside=(name,))
        if kind in ("branch", "end") and self.next is not None:
            raise Misfit(f"a step of kind {kind} has no 'next'", inside=("next",))
        if kind == "branch":
            _ = self.branches
        return self

    @property
    def branches(self) -> list[tuple[str, float]]:
        """Targets and shares of a branch, the open one filled up."""
        named = self.branch or {}
        given = sum(share for share in named.values() if share != "otherwise")
        opens = [name for name, share in named.items() if share == "otherwise"]
        if len(opens) > 1 or (not opens and abs(given - 1) > 1e-9) or given > 1 + 1e-9:
            raise Misfit(
                "shares of a branch must add up to 100 %",
                allowed="shares that add up, or one 'otherwise'",
                given=f"{100 * given:.6g} %",
                inside=("branch",),
            )
        return [(name, 1 - given if share == "otherwise" else float(share)) for name, share in named.items()]
