"""What is worked out once for a network: bounds of one event, numbers of steps and attributes, groups, tiers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.codes import Ask, Source, Step, Wait
from sim.kernel.ahead import first_works
from sim.kernel.shortcuts import fixed_values, shortened
from sim.network import Floats, Ints, Network, Shorts


class Bounds(NamedTuple):
    """More than one event may do: the room that must be there before it."""

    entries: int  # of the agenda
    strands: int  # new ones
    joins: int  # of one line
    events: int  # set
    rows: int  # of one table


class Room(NamedTuple):
    """First room of a replication; all of it grows."""

    slots: int = 256  # for strands of open cases
    line: int = 64  # for the waiting visits of a line
    events: int = 0
    looks: int = 32  # for so many events there is always room, so that hardly any must be preceded by a look


@dataclass(slots=True)
class Needed:
    """Room for the next replication of a network: what those before it have needed."""

    room: Room

    def note(self, slots: int, line: int, events: int) -> None:
        """A replication has needed more."""
        self.room = Room(*map(max, self.room, (slots, line, events, self.room.looks)))


class Plan(NamedTuple):
    """What is the same in every replication of a network."""

    bounds: Bounds
    counters: Shorts  # per step
    columns: Shorts  # per attribute
    asked: Ints
    tier_of: Ints  # per priority
    first_work: Ints
    fixed: Floats  # per table
    network: Network  # without the branches that always go the same way
    needed: Needed


MOST_TIERS = 8
"""Of a line (`sim.kernel.lines`)."""
_KEPT = 8
_plans: list[tuple[Network, Plan]] = []
"""Of the networks used last: a study runs many replications of each."""


def plan_of(network: Network) -> Plan:
    """What is worked out once for a network."""
    for kept, plan in _plans:
        if kept is network:
            return plan
    fixed = fixed_values(network)
    short = shortened(network, fixed)
    counters, columns = numbers_of(short)
    bounds, needed = bounds_of(short), Needed(Room())
    plan = Plan(bounds, counters, columns, agent_order(short), tier_of(short), first_works(short), fixed, short, needed)
    _plans.insert(0, (network, plan))
    del _plans[_KEPT:]
    return plan


def bounds_of(network: Network) -> Bounds:
    """How much one event may do at most, generously."""
    most = int(network.groups["contacts"].max(initial=1))
    forked = _most_forked(network)
    handed_back = most * bool(network.steps["suspends"].any())
    entries = 2 + 2 * forked + handed_back
    warm = bool((network.steps["briefing"] >= 0).any())
    agents = int(network.groups["agent_last"].max(initial=0)) if len(network.skills) > 1 else 0
    starts = (entries + agents + 1) * (most if warm or most > 1 else 1)
    return Bounds(
        entries=entries + 1,
        strands=2 + forked,
        joins=1 + forked + handed_back,
        events=8 + entries * (5 + _most_spawned(network)) + 3 * starts + most * most,
        rows=3 + 2 * (entries - 2) + (entries + starts) * warm,
    )


def _most_forked(network: Network) -> int:
    """The most strands that begin when a strand moves on, as long as no time passes."""
    found: dict[int, int] = {}

    def forked(step: int) -> int:
        if step < 0:
            return 0
        if step not in found:
            found[step] = 0  # a cycle takes time somewhere
            row = network.steps[step]
            after = [forked(following) for following in _following_at_once(network, step)]
            if row["kind"] == Step.FORK:
                found[step] = len(after) + sum(after)
            else:
                found[step] = max(after, default=0)
        return found[step]

    return 2 * max((forked(step) for step in range(len(network.steps))), default=0)


def _most_spawned(network: Network) -> int:
    """The most cases that a strand gives rise to as long as no time passes and it does not fork: one at each step."""
    kinds = network.steps["kind"].tolist()
    if Step.SPAWN not in kinds:
        return 0
    passed = [step for step, kind in enumerate(kinds) if kind in (Step.BRANCH, Step.MARK, Step.SPAWN)]
    following = {step: _following_at_once(network, step) for step in passed}
    ahead = {step: frozenset([step] if kinds[step] == Step.SPAWN else []) for step in passed}
    known = None
    while known != ahead:
        known = ahead
        ahead = {step: known[step].union(*(known.get(after, ()) for after in following[step])) for step in passed}
    return max(map(len, ahead.values()))


def _following_at_once(network: Network, step: int) -> list[int]:
    row = network.steps[step]
    if row["kind"] in (Step.BRANCH, Step.FORK):
        return [int(target) for target in network.branches["target"][row["branch_first"] : row["branch_last"]]]
    return [int(row["next"])] if row["kind"] in (Step.MARK, Step.SPAWN, Step.JOIN) else []


def numbers_of(network: Network) -> tuple[Shorts, Shorts]:
    """A number for each step, -1: nobody asks it, and one for each attribute; different for any two of one case."""
    steps = np.zeros((len(network.streams), len(network.steps)), bool)
    attributes = np.zeros((len(network.streams), len(network.attributes)), bool)
    following, counted = _following(network), _counted(network)
    for number, stream in enumerate(network.streams):
        within = _within_reach(network, stream, following)
        steps[number, [step for step in within if counted[step]]] = True
        ways = network.entries["attribute"][stream["entry_first"] : stream["entry_last"]]
        asked = np.concatenate([ways, network.steps["attribute"][within]])
        attributes[number, asked[asked >= 0]] = True
    numbers = _apart(steps)
    numbers[~counted] = -1
    return numbers, _apart(attributes)


def _counted(network: Network) -> NDArray[np.bool_]:
    """Whether anything asks how often a case has been at a step before."""
    steps = network.steps
    kind, source = steps["kind"], steps["source"]
    asks = np.isin(source, (Source.CHANCE, Source.EASE, Source.REPETITION))
    counted = (kind == Step.WORK) | (kind == Step.SPAWN) | ((kind == Step.BRANCH) & asks)
    counted |= (kind == Step.DELAY) & (steps["wait"] <= Wait.WORKING_TIME)
    return np.asarray(counted | (steps["reopen_share"] > 0.0))


def _apart(together: NDArray[np.bool_]) -> Shorts:
    """A number for each column, different for any two of one row, and hardly more numbers than a row has columns.

    What many rows have is numbered first.
    """
    rows, columns = together.shape
    numbers, taken = np.zeros(columns, np.int32), np.zeros((0, rows), bool)
    for column in np.argsort(-together.sum(axis=0), kind="stable"):
        free = np.flatnonzero(~(taken & together[:, column]).any(axis=1))
        if not len(free):
            free, taken = np.array([len(taken)]), np.vstack([taken, np.zeros((1, rows), bool)])
        numbers[column] = free[0]
        taken[free[0]] |= together[:, column]
    return numbers


def _following(network: Network) -> list[list[int]]:
    """Where a case may go from each step."""
    steps, targets = network.steps, network.branches["target"].tolist()
    ways = (steps["next"], steps["unsolved"], steps["reopen_step"], steps["branch_first"], steps["branch_last"])
    rows = zip(*(way.tolist() for way in ways), strict=True)
    return [[step for step in [*after, *targets[first:last]] if step >= 0] for *after, first, last in rows]


def _within_reach(network: Network, stream: np.void, following: list[list[int]]) -> list[int]:
    """The steps that a case of a stream may come to."""
    ways = network.entries["step"][stream["entry_first"] : stream["entry_last"]]
    opened = network.initials["step"][stream["initial_first"] : stream["initial_last"]]
    chased = [int(stream["chase_entry"])] if stream["chase_entry"] >= 0 else []
    ahead, found = [*ways.tolist(), *opened.tolist(), *chased], set[int]()
    while ahead:
        step = ahead.pop()
        if step not in found:
            found.add(step)
            ahead += following[step]
    return sorted(found)


def agent_order(network: Network) -> Ints:
    """In which order the groups of each line are asked, in each era."""
    order = np.tile(np.arange(len(network.servers), dtype=np.int64), (len(network.skills), 1))
    for line in network.lines:
        if network.queues["ask"][line["queue"]] == Ask.BEST_SKILLED:
            part = slice(int(line["server_first"]), int(line["server_last"]))
            speeds = network.skills["speed"][:, network.servers["group"][part], line["queue"]]
            order[:, part] += np.argsort(-speeds, axis=1, kind="stable") - np.arange(speeds.shape[1])
    return order


def tier_of(network: Network) -> Ints:
    """The place of each priority's tier in a line: one for each that occurs, the last one for all that are left."""
    given = (network.streams["priority"], network.steps["priority"], network.queues["escalate_priority"])
    priorities = np.unique(np.concatenate(given).clip(min=1))  # 0 stands for none of its own
    return np.searchsorted(priorities, np.arange(priorities[-1] + 1)).clip(max=MOST_TIERS - 1)
