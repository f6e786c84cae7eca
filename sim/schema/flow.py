"""How cases move through a process: what follows what, ways to the end, forks and their joins, cycles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sim.codes import Step as Kind
from sim.schema.finding import Finding
from sim.schema.process import Step

Steps = dict[str, Step]


def below(steps: Steps, name: str) -> str | None:
    """The step listed below another."""
    names = list(steps)
    place = names.index(name) + 1
    return names[place] if place < len(names) else None


def following(steps: Steps, name: str) -> str | None:
    """The one step after a step: its ``next``, or the step below; none after a branch, a fork or an end."""
    step = steps[name]
    if step.kind in (Kind.BRANCH, Kind.FORK, Kind.END):
        return None
    return step.next or below(steps, name)


def successors(steps: Steps, name: str) -> list[str]:
    """Names of the steps that may follow a step at once."""
    step = steps[name]
    after = following(steps, name)
    return list(dict.fromkeys([*([after] if after else []), *step.targets]))


def reachable(start: Iterable[str], follow: Callable[[str], Iterable[str]]) -> set[str]:
    """Everything that can be reached by following, the start included."""
    seen: set[str] = set()
    todo = list(start)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(follow(name))
    return seen


Placed = Callable[[str], tuple[Any, ...]]
"""From the name of a step to its place in the scenario."""


def flow_findings(steps: Steps, named: dict[str, list[str]], placed: Placed) -> Iterator[Finding]:
    """What is wrong with the way of cases through a process whose steps all exist.

    Parameters
    ----------
    steps : dict
        Primitive steps by name.
    named : dict
        From a step to those that the scenario names there: ways with a share of 0 % lead somewhere, too, since shares
        are turned up and down.
    placed : callable
        From a step to its place.
    """
    after = {name: successors(steps, name) for name in steps}
    dead_ends = [
        Finding(
            placed(name),
            "end missing: the last step leads nowhere",
            "close: {end: solved}, or a 'next'",
            fix="Add an end step below it.",
        )
        for name, step in steps.items()
        if step.kind not in (Kind.BRANCH, Kind.FORK, Kind.END) and following(steps, name) is None
    ]
    yield from dead_ends
    yield from _unreached(steps, after, named, placed)
    if not dead_ends:
        yield from _endless(steps, after, placed)
    joins: dict[str, str] = {}
    misjoined = list(_forks(steps, joins, placed))
    yield from misjoined
    if not misjoined:
        yield from _still_cycles(steps, _still_ways(steps, after, joins), placed)


def _unreached(
    steps: Steps, after: dict[str, list[str]], named: dict[str, list[str]], placed: Placed
) -> Iterator[Finding]:
    """Steps to which nothing leads."""
    reached = reachable([next(iter(steps))], lambda name: [*after[name], *named[name]])
    for name in steps:
        if name not in reached:
            yield Finding(
                placed(name),
                "a step that no case reaches",
                "steps on a way from the first",
                fix="Lead to it by 'next' or 'branch', or remove it.",
            )


def _endless(steps: Steps, after: dict[str, list[str]], placed: Placed) -> Iterator[Finding]:
    """Steps from which no way leads to an end."""
    before: dict[str, list[str]] = {name: [] for name in steps}
    for name, targets in after.items():
        for target in targets:
            before[target].append(name)
    finishing = reachable([name for name, step in steps.items() if step.end], before.__getitem__)
    for name in steps:
        if name not in finishing:
            yield Finding(placed(name), "no way from here to an end", "a branch or 'next' that leads to an end step")


def _still_ways(steps: Steps, after: dict[str, list[str]], joins: dict[str, str]) -> dict[str, list[str]]:
    """From each step to those that may follow while the clock stands still.

    From a join nothing follows but by way of its fork: when all its branches may take no time.
    """
    still = {
        name: [n for n in follow if not takes_time(steps[n])] if name not in joins.values() else []
        for name, follow in after.items()
    }
    for _ in joins:  # one more level of forks inside forks each time, at least
        for fork, join in joins.items():
            beyond = [n for n in after[join] if not takes_time(steps[n])]
            instant = all(
                not takes_time(steps[start]) and join in reachable([start], still.__getitem__)
                for start in steps[fork].targets
            )
            if instant and not set(beyond) <= set(still[fork]):
                still[fork] = [*still[fork], *beyond]
    return still


def _still_cycles(steps: Steps, still: dict[str, list[str]], placed: Placed) -> Iterator[Finding]:
    """Cycles that may take no time at all would keep the clock from moving."""
    for name in steps:
        if not takes_time(steps[name]) and name in reachable(still[name], still.__getitem__):
            yield Finding(
                placed(name),
                "a cycle that may take no time",
                "a work or delay step in it that always takes time",
                fix="Give a step of the cycle a duration above zero.",
            )
            return


def takes_time(step: Step) -> bool:
    """Whether a visit of the step surely moves the clock."""
    lengths = [step.talk, step.hold, step.delay]
    if step.lead_when == "always":
        lengths.append(step.before)
    return any(length is not None and length.takes_time for length in lengths)


def _forks(steps: Steps, joins: dict[str, str], placed: Placed) -> Iterator[Finding]:
    """Branches of a fork come to one join (noted in ``joins``), and nothing leads into or out of them."""
    contexts: dict[str, tuple[str, ...]] = {}
    todo: list[tuple[str, tuple[str, ...]]] = [(next(iter(steps)), ())]
    while todo:
        name, context = todo.pop()
        finding = _misjoined(steps, name, context, joins, placed)
        if finding is None and contexts.get(name, context) != context:
            what = "a way into or out of a branch of a fork"
            finding = Finding(placed(name), what, "branches that begin at the fork and all end at its join")
        if finding is not None:
            yield finding
            return
        if name not in contexts:
            contexts[name] = context
            todo += _entered(steps, name, context)


def _misjoined(
    steps: Steps, name: str, context: tuple[str, ...], joins: dict[str, str], placed: Placed
) -> Finding | None:
    """An end inside a fork, a join outside of one, or a second join."""
    kind = steps[name].kind
    if kind == Kind.END and context:
        what = f"an end inside a branch of fork {context[-1]!r}"
        return Finding(placed(name), what, "a way to the fork's join; an end after it")
    if kind == Kind.JOIN and not context:
        return Finding(placed(name), "a join that no fork leads to", "a join at the end of every branch of a fork")
    if kind == Kind.JOIN and joins.setdefault(context[-1], name) != name:
        what = f"a second join of fork {context[-1]!r}"
        return Finding(placed(name), what, f"one join for all its branches: {joins[context[-1]]}")
    return None


def _entered(steps: Steps, name: str, context: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Steps after a step, each with the forks whose branches it is in."""
    step = steps[name]
    if step.kind == Kind.FORK:
        return [(target, (*context, name)) for target in step.targets]
    if step.kind == Kind.JOIN:
        context = context[:-1]
    found = [(target, context) for target in successors(steps, name)]
    return [*found, (step.reopens.at, ())] if step.reopens else found


def inside_forks(steps: Steps) -> set[str]:
    """Steps in branches of forks, their joins included."""

    def follow(name: str) -> list[str]:
        return [] if steps[name].kind == Kind.JOIN else successors(steps, name)

    return {name for fork in steps.values() if fork.kind == Kind.FORK for name in reachable(fork.targets, follow)}
