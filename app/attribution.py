"""What an attribution says, as rows of texts: the terminal and the report show the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.numbers import NOTHING, difference, interval, with_unit
from app.programme import gap
from app.tables import Sheet
from sim.metrics import METRICS

if TYPE_CHECKING:
    from scenarios.attribution.attribute import Attribution, Interaction, Outcome, Owed
    from scenarios.attribution.cheapest import Cheapest, TargetMet, Verified
    from scenarios.estimate import Estimate
    from scenarios.programme.targets import Target

WARNING = (
    "This is no shopping list. A share is a mean over all orders of switching on; nobody gets it by buying that one "
    "intervention (see 'alone') or loses it by leaving it out (see 'last'), and shares of some do not add up to what "
    "these do together. To choose, look at sets: below, or with 'queuewise compare --with ... --together'."
)
SETS = "The cheapest set that meets the targets"
_PRICES = {
    "given": "costs as the file gives them",
    "simulated": "costs as simulated, over the measured time, against nothing switched on",
    "number": "the number of interventions, since no costs are known",
}


def sheets(found: Attribution, best: Cheapest | None) -> list[Sheet]:
    """For each outcome its shares and interactions; then the cheapest sets."""
    shown = [sheet for one in found.outcomes for sheet in (_owed(one), *_interactions(one))]
    shown[0] = replace(shown[0], note=f"{shown[0].note}{how(found)}\n{WARNING}")
    return [*shown, *(_sets(best) if best else [])]


def how(found: Attribution) -> str:
    """How the columns of shares were made."""
    return (
        f"Share: {found.method} The shares add up to the effect. Alone: with what it requires, against today. Last: "
        "what goes when it and all that require it are left out. These and the last column: "
        f"{found.effort.beside} replications."
    )


def label(name: str) -> str:
    """An outcome for readers: a metric's label, or the name that it has."""
    metric, between, of = name.partition(" of ")
    known = {one.name: one.label for one in METRICS}
    return f"{known[metric]}{between}{of}" if metric in known else name


def goal(target: Target) -> str:
    """A target as it was put, a metric by its label."""
    words = target.words or target.name
    return label(target.measure) + words.removeprefix(target.measure) if words.startswith(target.measure) else words


def signed(one: Estimate, unit: str) -> str:
    """A difference with its interval."""
    return difference(one.mean, one.low, one.high, unit)


def level(one: Estimate, unit: str) -> str:
    """A mean with its interval."""
    return interval(one.mean, one.low, one.high, unit)


def levels(one: Outcome) -> str:
    """What the outcome is without and with the programme."""
    return f"{level(one.baseline, one.unit)} today, {level(one.programme, one.unit)} with all of it"


def _owed(one: Outcome) -> Sheet:
    rows = [_row(owed, one.unit) for owed in one.owed]
    total = ("together", signed(one.effect, one.unit), "", "", "")
    columns = ("Intervention", "Share", "Alone", "Last", "In the order of the roll-out")
    note = f"{levels(one)}.\n{_saved(one)}"
    return Sheet(f"{label(one.name)}: shares of the effect", columns, [*rows, total], note)


def _saved(one: Outcome) -> str:
    if one.saved is None:
        return ""
    saved = with_unit(max(one.saved, 0.0), "share")
    return f"A control variate takes {saved} off the variance of the shares.\n"


def _row(owed: Owed, unit: str) -> tuple[str, ...]:
    name = f"{owed.name} (requires {', '.join(owed.with_)})" if owed.with_ else owed.name
    return name, *(signed(each, unit) for each in (owed.share, owed.alone, owed.dropped, owed.step))


def _interactions(one: Outcome) -> list[Sheet]:
    if not one.interactions:
        return []
    rows = [_pair(each, one.unit) for each in one.interactions]
    columns = ("Pair", "Side by side, over all orders", "Before anything else", "In the whole programme")
    note = (
        "What two do together beyond the sum of what each does; of the other sign than their effects: they overlap, of "
        "the same sign: they help each other."
    )
    if one.interactions[0].mean is None:
        note += " The pairs were picked by a fitted picture of all runs, so other pairs may interact as well."
    return [Sheet(f"{label(one.name)}: largest interactions", columns, rows, note)]


def _pair(one: Interaction, unit: str) -> tuple[str, ...]:
    mean = NOTHING if one.mean is None else signed(one.mean, unit)
    return f"{one.first} and {one.second}", mean, signed(one.start, unit), signed(one.end, unit)


def verdicts(best: Cheapest) -> list[tuple[str, str, str]]:
    """What the search says: kind of finding, first words, the rest."""
    looked = f"of {'all ' if best.all else ''}{best.sets:,} sets compared"
    if best.sufficient:
        one = best.sufficient
        rest = f"{_listed(one)}: {cost(best, one)}, {looked}. A run meets all targets with probability {_chance(one)}."
        return [("met", "The cheapest set found that meets every target.", rest)]
    found = [("missed", "No set found meets every target", f"({looked}). {_misses('The whole programme', best.whole)}")]
    if best.closest:
        rest = f"{_listed(best.closest)}: {cost(best, best.closest)}. {_misses('It', best.closest)}"
        found.append(("undecided", "The set that comes closest.", rest))
    if best.as_whole:
        within = with_unit(best.care.within, "share")
        first = f"The cheapest set found that reaches what the whole programme reaches, less {within} of its gain."
        rest = f"{_listed(best.as_whole)}: {cost(best, best.as_whole)}. The whole: {cost(best, best.whole)}."
        found.append(("undecided", first, rest))
    return found


def _listed(one: Verified) -> str:
    return ", ".join(one.names) or "nothing at all"


def cost(best: Cheapest, one: Verified) -> str:
    """What a set costs."""
    if best.price == "number":
        return f"{len(one.names)} intervention{'' if len(one.names) == 1 else 's'}"
    return f"cost {signed(one.cost, one.cost.unit) if best.price == 'simulated' else with_unit(one.cost.mean, '')}"


def _chance(one: Verified) -> str:
    return interval(one.chance.mean, one.chance.low, one.chance.high, "share")


def _misses(what: str, one: Verified) -> str:
    missed = [f"{goal(each.target)} by {_short(each)}" for each in one.targets if not each.met]
    return f"{what} misses {'; '.join(missed)}." if missed else f"{what} misses none on average."


def _short(one: TargetMet) -> str:
    unit = one.target.unit
    if one.score.mean is None:
        return NOTHING
    return gap(-one.target.margin(one.score.mean), unit)


def _sets(best: Cheapest) -> list[Sheet]:
    named = {
        "the cheapest that meets all": best.sufficient,
        "the closest": best.closest,
        "as good as the whole": best.as_whole,
        "the whole programme": best.whole,
    }
    shown = [one for one in named.values() if one is not None]
    goals = [goal(each.target) for each in best.whole.targets]
    rows = [
        ("Interventions", *(", ".join(one.names) or NOTHING for one in shown)),
        ("Cost", *(cost(best, one).removeprefix("cost ") for one in shown)),
        *((words, *(_reached(one.targets[place]) for one in shown)) for place, words in enumerate(goals)),
        ("A run meets all targets", *(_chance(one) for one in shown)),
    ]
    columns = ("", *(name for name, one in named.items() if one is not None))
    said = " ".join(f"{first} {rest}" for _, first, rest in verdicts(best))
    note = (
        f"{said}\nCost: {_PRICES[best.price]}. Sets were compared in {best.care.screening} replications; these numbers "
        f"are from {best.care.fresh} others. For each target: what is reached on average, and the probability that a "
        "run meets it (for 'as good': the eased goal)."
    )
    if not best.all:
        note += " Not every set was run: a picture of the runs proposed which to try."
    return [Sheet(SETS, columns, rows, note)]


def _reached(one: TargetMet) -> str:
    chance = with_unit(one.chance.mean, "share")
    return f"{level(one.score, one.target.unit)}; in {chance} of runs"
