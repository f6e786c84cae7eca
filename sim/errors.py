"""Every error that a user can mend.

The tree: QueuewiseError -> ScenarioError (a scenario file), DataError (a history file), ParameterError (a number
given to a formula or an option), UnsupportedError (this engine cannot do that). ``str(error)`` is the whole message.
"""

from __future__ import annotations

from dataclasses import dataclass


class QueuewiseError(Exception):
    """Something the user can mend; its text is complete and needs no traceback."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where it stands, what it is, what is allowed, what was given, what to do next."""

    what: str
    path: str = ""
    file: str = ""
    line: int | None = None
    column: int | None = None
    allowed: str = ""
    given: str = ""
    fix: str = ""

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f":{self.line}" + (f":{self.column}" if self.column is not None else "")
        parts = [part for part in (place, self.path) if part]
        text = ": ".join([*parts, self.what])
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        if self.given:
            text += f"; given: {self.given}"
        if self.fix:
            text += f". {self.fix}"
        return text


class ProblemsError(QueuewiseError):
    """One or more problems, a line each.

    Parameters
    ----------
    *problems
        What is wrong; a plain text stands for a problem without a place.
    """

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = tuple(p if isinstance(p, Problem) else Problem(p) for p in problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ScenarioError(ProblemsError):
    """A scenario that cannot be understood or cannot run."""


class DataError(ProblemsError):
    """A history file or mapping that cannot be used."""


class ParameterError(ProblemsError):
    """A number given to a formula, a command or an option that has no meaning there."""


class UnsupportedError(ProblemsError):
    """Something this engine cannot do and another can."""
