"""What takes months to come about in a scenario, put into the arrays: eras, paces, ways in by date and share."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from sim.build import Model
from sim.codes import Kind, event_key
from sim.network import ENTRY, ROSTER, Network, Records
from sim.roster import Roster
from sim.units import NEVER

MAIN = re.compile(r".*: (work|delay|branch|mark|spawn|fork) \d+$")
"""Names of steps where a case may begin: those of a main chain."""
PACES = (1.0, 1.0, 0.5, 0.75, 1.3, 0.61)


def vary(model: Model, rng: random.Random) -> Model:
    """A model with more eras, paces and ways in, each with its chance."""
    network, roster = model.network, model.roster
    if rng.random() < 0.45:
        network, eras = _with_eras(network, rng)
        roster = cast(Roster, _Varied(roster, eras, (1.0,)))
    if rng.random() < 0.45:
        roster = cast(Roster, _Varied(roster, np.array([], ROSTER), tuple(rng.choices(PACES, k=17))))
    if rng.random() < 0.45:
        network = _with_entries(model, network, rng)
    return replace(model, network=network, roster=roster)


@dataclass(frozen=True)
class _Varied:
    """A roster with further rows, and with paces for who logs on."""

    base: Roster
    eras: Records
    paces: tuple[float, ...]

    def rows(self, key: np.uint64) -> Records:
        rows = self.base.rows(key).copy()
        places = rows["group"] * 5 + np.maximum(rows["agent"], 0) * 3 + rows["time"] // 60_000_000
        rows["pace"] *= np.where(rows["kind"] == Kind.LOG_ON, np.array(self.paces)[places % len(self.paces)], 1.0)
        rows = np.concatenate([rows, self.eras])
        return rows[np.lexsort((rows["key"], rows["time"]))]


def _with_eras(network: Network, rng: random.Random) -> tuple[Network, Records]:
    """One or two further eras at borders of the calendar, and perhaps the way back."""
    known = len(network.skills)
    skills = [network.skills, *(_era(network, rng)[None] for _ in range(rng.choice([1, 2])))]
    unit = network.end // max(network.end // 60_000_000, 1)
    times = sorted(rng.randrange(0, network.end // unit + 1) * unit for _ in range(rng.choice([1, 3, 6])))
    targets = [known + place % (len(skills) - 1) for place in range(len(times))]
    if rng.random() < 0.5:
        targets[-1] = 0
    rows = [(time, event_key(Kind.ERA, 0, 100 + place), Kind.ERA, 0, era, 1.0, 0)
            for place, (time, era) in enumerate(zip(times, targets, strict=True)) if time < network.end]  # fmt: skip
    return network._replace(skills=np.concatenate(skills)), np.array(rows, ROSTER)


def _era(network: Network, rng: random.Random) -> Records:
    """The first era with some skills lost, slower, more or less able, or one contact fewer at once."""
    made = network.skills[0].copy()
    for _, skill in np.ndenumerate(made):
        if skill["speed"] > 0:
            skill["speed"] *= rng.choice([0.0, 0.5, 1.0, 1.0, 2.0, 0.7])
            skill["solves"] = rng.choice([skill["solves"], 0.0, 0.5, 1.0])
            skill["at_once"] = max(1, skill["at_once"] - rng.choice([0, 0, 1]))
    return made


def _with_entries(model: Model, network: Network, rng: random.Random) -> Network:
    """For each stream up to three ways in before the one that holds for all."""
    streams, entries = network.streams.copy(), list[tuple[float, ...]]()
    for stream in streams:
        old = network.entries[stream["entry_first"] : stream["entry_last"]].tolist()
        steps = _main_steps(model, int(old[-1][-1]))
        new = [_entry(network, rng, steps) for _ in range(rng.choice([0, 1, 2, 3]))] if steps else []
        stream["entry_first"] = len(entries)
        entries += [*new, *old]
        stream["entry_last"] = len(entries)
    return network._replace(streams=streams, entries=np.array(entries, ENTRY))


def _main_steps(model: Model, first: int) -> list[int]:
    """Steps of the main chain of the process that begins at a step (there may be copies of it, of the same names)."""
    names = model.names.steps
    process = names[first].split(": ")[0]
    last = first + len({name for name in names if name.startswith(f"{process}: ")})
    return [number for number in range(first, last) if MAIN.match(names[number])]


def _entry(network: Network, rng: random.Random, steps: list[int]) -> tuple[float, ...]:
    minutes = network.end // 60_000_000
    begin, end = sorted(rng.randrange(0, minutes + 2) * 60_000_000 for _ in range(2))
    begin, end = rng.choice([(begin, max(end, begin + 1)), (-NEVER, NEVER), (begin, NEVER)])
    shares = rng.choice([(1.0, 1.0), (0.5, 0.5), (0.0, 1.0), (1.0, 0.2)])
    limits = rng.choice([(-1, 0.0, 0.0), (0, 2.0, 6.0), (0, 0.0, 5.0)]) if len(network.attributes) else (-1, 0.0, 0.0)
    return (begin, end, *shares, *limits, rng.choice(steps))
