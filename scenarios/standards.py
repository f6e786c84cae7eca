"""The register of standards: what was to be attained, whether it was, by how much, since when, and what is next.

It follows the plan–do–check–act cycle (Shewhart; Deming, Out of the Crisis, 1986). *Plan*: set, not yet in force. *Do*:
in force, and no whole period has been seen yet. *Check*: the last whole period attained it. *Act*: that period missed
it, or the date of its review has come.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from scenarios.indicators import Indicator, indicator
from scenarios.quality import Quality, Series
from sim.errors import Problem, ScenarioError
from sim.schema import Document
from sim.schema.standards import DIMENSIONS, Dimension, Standard

Stage = Literal["plan", "do", "check", "act"]


@dataclass(frozen=True)
class Standing:
    """How a standard stands.

    Attributes
    ----------
    name : str
    standard : Standard
    of : str
        Whose, in words; empty: all together.
    value : float or None
        Of the last whole period since it is in force.
    attained : bool or None
        There; None where no whole period has been seen.
    gap : float or None
        How much the value is better (above 0) or worse than the standard.
    since : str
        Label of the period from which on it has been attained, or missed, without a break.
    run : int
        How many whole periods that is.
    met, seen : int
        Whole periods in force that attained it, and all of them.
    stage : {"plan", "do", "check", "act"}
    advice : str
        What follows from it.
    """

    name: str
    standard: Standard
    of: str
    value: float | None
    attained: bool | None
    gap: float | None
    since: str
    run: int
    met: int
    seen: int
    stage: Stage
    advice: str

    @property
    def indicator(self) -> Indicator:
        """What it is about."""
        return indicator(self.standard.metric)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        standard = self.standard
        return {
            "metric": standard.metric,
            "of": self.of,
            "standard": standard.value,
            "direction": standard.direction,
            "unit": self.indicator.unit,
            "owner": standard.owner,
            "in_force_since": standard.since and standard.since.isoformat(),
            "revision": standard.revision,
            "review": standard.review and standard.review.isoformat(),
            "industry": standard.industry,
            "value": self.value,
            "attained": self.attained,
            "gap": self.gap,
            "since": self.since,
            "periods_in_a_row": self.run,
            "periods_attained": self.met,
            "periods_seen": self.seen,
            "stage": self.stage,
            "advice": self.advice,
        }


def register(document: Document, standards: Mapping[str, Standard], report: Quality) -> list[Standing]:
    """How each standard stands in a report.

    Parameters
    ----------
    document : Document
        Where the standards were written, for messages.
    standards : mapping of str
    report : Quality

    Raises
    ------
    ScenarioError
        If a standard is of something that the report does not have, or that it has twice.
    """
    found, problems = [], []
    for name, standard in standards.items():
        whose = _resolve(document, name, standard, report)
        if isinstance(whose, Problem):
            problems.append(whose)
        else:
            found.append(_standing(name, standard, whose, report))
    if problems:
        raise ScenarioError(*problems)
    return found


Whose = tuple[Dimension, str] | None


def _resolve(document: Document, name: str, standard: Standard, report: Quality) -> Whose | Problem:
    """The dimension and member that a standard is of; None: all together."""
    path: tuple[Any, ...] = ("standards", name)
    if standard.metric not in report.whole:
        known = ", ".join(report.whole)
        return document.problem((*path, "metric"), "not measured here", allowed=known, given=standard.metric)
    if standard.of is None:
        return None
    given = standard.of if isinstance(standard.of, dict) else dict.fromkeys(DIMENSIONS, standard.of)
    where = [(dimension, member) for dimension, member in given.items() if member in report.parts.get(dimension, {})]
    text = str(next(iter(given.values())))
    if len(where) == 1:
        return _measured(document, path, standard, where[0], report)
    if where:
        fix = f"Say which: of: {{{where[0][0]}: {text}}}"
        allowed = ", ".join(dimension for dimension, _ in where)
        return document.problem((*path, "of"), f"{text!r} is a name of several things", allowed, text, fix)
    allowed = "; ".join(f"{one}: {', '.join(list(report.parts[one])[:8])}" for one in given if one in report.parts)
    return document.problem((*path, "of"), "nothing of this name is in the report", allowed, text)


def _measured(
    document: Document, path: tuple[Any, ...], standard: Standard, whose: tuple[Dimension, str], report: Quality
) -> Whose | Problem:
    """Whose it is, if the report measures it there."""
    dimension, member = whose
    known = report.parts[dimension]
    if any(standard.metric in of for of in known.values()):
        return whose
    what = f"not measured by {dimension}"
    allowed = ", ".join(known[member])
    return document.problem((*path, "metric"), what, allowed, standard.metric, "Leave 'of' out: all together.")


def _standing(name: str, standard: Standard, whose: Whose, report: Quality) -> Standing:
    known = report.whole if whose is None else report.parts[whose[0]][whose[1]]
    of = "" if whose is None else whose[1]
    one = known.get(standard.metric)
    seen = _seen(standard, one, report)
    if one is None or not seen:
        planned = standard.since is not None and report.periods[-1].end <= standard.since
        stage: Stage = "plan" if planned else "do"
        text = "Not in force yet." if planned else "No whole period has been seen since it is in force."
        return Standing(name, standard, of, None, None, None, "", 0, 0, 0, stage, text)
    gaps = [_gap(standard, float(one.values[number])) for number in seen]
    attained, run = gaps[-1] >= 0, 1
    while run < len(gaps) and (gaps[-run - 1] >= 0) == attained:
        run += 1
    due = standard.review is not None and standard.review <= report.periods[seen[-1]].end
    met = sum(gap >= 0 for gap in gaps)
    advice = _advice(standard, (attained, run, met, len(gaps)), due)
    since = report.periods[seen[-run]].label
    value = float(one.values[seen[-1]])
    stage = "check" if attained and not due else "act"
    return Standing(name, standard, of, value, attained, gaps[-1], since, run, met, len(gaps), stage, advice)


def _seen(standard: Standard, one: Series | None, report: Quality) -> list[int]:
    """Whole periods that lie in the standard's time and have a value."""
    since = standard.since or dt.date.min
    return [
        number
        for number, period in enumerate(report.periods)
        if one is not None and period.whole and period.start >= since and np.isfinite(one.values[number])
    ]


def _gap(standard: Standard, value: float) -> float:
    return value - standard.value if standard.direction == "at least" else standard.value - value


def _advice(standard: Standard, history: tuple[bool, int, int, int], due: bool) -> str:
    """What follows: attained for long: raise it; missed once: look; missed again and again: act on the cause."""
    attained, run, met, seen = history
    said = []
    if not attained and met == 0 and seen > 1:
        said.append("Never attained so far: is it within reach of these people and this budget?")
    elif not attained:
        said.append("Missed: look for the cause." if run == 1 else f"Missed {run} periods in a row: act on the cause.")
    elif run >= _LONG:
        said.append(f"Attained {run} periods in a row: could it be raised?")
    if standard.industry is not None and _gap(standard, standard.industry) > 0:
        said.append("Easier than the industry's: raise it.")
    if due:
        said.append("Its review is due.")
    return " ".join(said) or "Keep it."


_LONG = 6
