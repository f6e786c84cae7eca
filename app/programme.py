"""What a study of a programme says, as rows of texts: the terminal and the report show the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.numbers import POINTS, difference, interval, together, with_unit
from app.tables import Sheet, sheet_tables

if TYPE_CHECKING:
    from rich.console import Group

    from scenarios.estimate import Estimate
    from scenarios.programme.judgement import FactFound, Judgement, TargetFound
    from scenarios.programme.study import Case


def sheets(found: Judgement, case: Case) -> list[Sheet]:
    """Facts, targets, interventions alone, claims, assumptions."""
    return [_facts(found, case), _targets(found, case), _alone(found, case), _claims(found), _assumptions(found)]


def judgement_tables(found: Judgement, case: Case) -> list[Group]:
    """The first four sheets for the terminal, with few columns."""
    return sheet_tables(sheets(found, _brief(case))[:4])


_SHOWN_UNITS = ("share", "s", "h", "per h")
_BRIEF = ("response", "CSI", "complaints at first attempt", "cost")


def _brief(case: Case) -> Case:
    from dataclasses import replace

    return replace(case, compared=tuple(name for name in case.compared if name in _BRIEF) or case.compared[:4])


def shown(one: Estimate, unit: str) -> str:
    """A mean with its interval."""
    return interval(one.mean, one.low, one.high, unit)


def verdict(one: TargetFound) -> str:
    """Met, or by how much the mean misses it; not decided where the goal lies in the mean's interval."""
    if one.score.mean is None:
        return "not defined"
    if one.score.low is not None and one.score.high is not None and one.score.low < one.target.goal < one.score.high:
        return f"not decided: {gap(abs(one.margin), one.target.unit)} {'above' if one.met else 'short'}"
    return "met" if one.met else f"missed by {gap(-one.margin, one.target.unit)}"


def gap(size: float, unit: str) -> str:
    """How far a goal is away; shares differ by percentage points."""
    text = with_unit(size, unit)
    return f"{text} {unit}" if unit == "points" else text.replace("%", POINTS)


def needed(limits: tuple[float | None, float | None, float | None]) -> str:
    """Least share of a claim, with its interval; what no share reaches, and what needs none."""
    least, low, high = limits
    if least is None:
        return "not reached" if low is None else f"not reached ({100 * low:.0f} % or more)"
    if least == 0 and high == 0:
        return "0 %"
    top = "not reached" if high is None else f"{100 * high:.0f}"
    return f"{100 * least:.0f} % ({100 * (low or 0):.0f} to {top})"


def accepted(found: Judgement) -> str:
    """How many parameter sets were tried, and how many show the facts."""
    one = found.acceptance
    return (
        f"{one.kept} of {one.tried} proposed parameter sets ({100 * one.rate:.0f} %) show every fact by their own run, "
        f"{found.sets} are used; of {one.first} sets drawn from the ranges as they are, {one.first_kept} do."
    )


def _fact_row(one: FactFound, case: Case) -> tuple[str, ...]:
    estimate = shown(one.mean, case.unit(one.fact.measure))
    return one.fact.name, one.fact.words, estimate, "yes" if one.holds else "no"


def _facts(found: Judgement, case: Case) -> Sheet:
    rows = [_fact_row(one, case) for one in (*found.facts, *found.shown)]
    columns = ("What is said of today", "Said", "Simulated (95 % interval)", "Holds")
    return Sheet("Today: what the baseline shows", columns, rows, accepted(found), (0, 1))


def _targets(found: Judgement, case: Case) -> Sheet:
    rows = [
        (
            one.target.words,
            shown(one.baseline, case.unit(one.target.measure)),
            shown(one.programme, case.unit(one.target.measure)),
            shown(one.score, one.target.unit),
            _spread(one),
            verdict(one),
            shown(one.chance, "share"),
        )
        for one in found.targets
    ]
    columns = ("Target", "Baseline", "Programme", "Reached", "Nine in ten months", "Verdict", "Months that meet it")
    note = (
        f"Means over {found.sets} parameter sets, each with one month, the same customers in baseline and programme. "
        "'Verdict' is about the mean; 'months that meet it' counts single months, over all that is not known."
    )
    return Sheet("Targets", columns, rows, note, (0, 5))


def _spread(one: TargetFound) -> str:
    if not one.spread:
        return "–"
    low, _, high = together(one.spread, one.target.unit)
    return f"{low} to {high}"


def _alone(found: Judgement, case: Case) -> Sheet:
    rows = [
        (
            one.name if not one.with_ else f"{one.name} (with {', '.join(one.with_)})",
            *(
                difference(each.mean, each.low, each.high, case.unit(name))
                for name, each in ((name, one.differences[name]) for name in case.compared)
            ),
        )
        for one in found.alone
    ]
    n = max((one.n for each in found.alone for one in each.differences.values()), default=0)
    note = f"Differences from the baseline in pairs of the same customers and assumptions, {n} pairs, 95 % intervals."
    heads = (f"{name}{_counted(case.unit(name))}" for name in case.compared)
    return Sheet("Each intervention alone", ("Intervention", *heads), rows, note)


def _counted(unit: str) -> str:
    """The unit for the head of a column, where the numbers do not show it."""
    return "" if unit in _SHOWN_UNITS else f" ({unit})"


def _claims(found: Judgement) -> Sheet:
    names: Sequence[str] = [one.target.name for one in found.targets]
    rows = [(name, *(needed(claim.needed[name]) for claim in found.claims)) for name in names]
    note = (
        "The least share of a claim with which the target is met on average, the programme otherwise whole: 0 % where "
        "it is met without the claim, 'not reached' where even the whole claim does not do."
    )
    columns = ("Target", *(claim.text for claim in found.claims))
    return Sheet("What share of each claim the targets need", columns, rows, note)


def _assumptions(found: Judgement) -> Sheet:
    rows = [
        (
            one.name + (f" and {one.places - 1} more" if one.places > 1 else ""),
            one.mark.role,
            one.mark.range,
            str(one.present),
            f"{one.kept[0]} to {one.kept[-1]}" if one.kept else "–",
            one.mark.reason,
        )
        for one in found.parameters
    ]
    columns = ("Assumption", "Role", "Range", "Stands", "Nine in ten kept sets", "Why")
    note = (
        "An assumption has the name of its key in the scenario's file. Tuned: what stands was chosen within the range, "
        "so that the baseline shows today's facts."
    )
    return Sheet("Assumptions that were varied", columns, rows, note, (0, 1, 2, 3, 4, 5))
