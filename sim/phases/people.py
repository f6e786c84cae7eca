"""People and their skills by date: those of the phase in force."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sim.build.eras import eras_of
from sim.build.numbers import Numbers
from sim.build.queues import no_skills, skill_row
from sim.calendars import Clock
from sim.network import Records
from sim.phases.merge import BASE, Merged
from sim.roster import Part, roster_of
from sim.units import NEVER


def in_force(merged: Merged, clock: Clock) -> list[tuple[int, int, int]]:
    """Begin, end and variant (`BASE`: none) of stretches of time; of phases that meet, the one listed later."""
    spans = [one.span(clock) for one in merged.variants]
    borders = sorted({-NEVER, NEVER, *(time for span in spans for time in span)})
    found: list[tuple[int, int, int]] = []
    for begin, end in pairwise(borders):
        holding = [number for number, span in enumerate(spans) if span[0] <= begin < span[1]]
        variant = holding[-1] if holding else BASE
        if found and found[-1][2] == variant:
            found[-1] = (found[-1][0], end, variant)
        else:
            found.append((begin, end, variant))
    return found


def roster_over(merged: Merged, numbers: Numbers, clock: Clock) -> tuple[Part, ...]:
    """Each group's people, phase by phase."""
    stretches = in_force(merged, clock)
    rosters = {variant: roster_of(merged.scenario_of(variant), clock) for _, _, variant in stretches}
    parts: list[Part] = []
    for begin, end, variant in stretches:
        labels = merged.groups_of(variant)
        groups = {n: numbers.group[labels[name]] for n, name in enumerate(merged.scenario_of(variant).people)}
        parts += rosters[variant].between(begin, end, groups)
    return tuple(parts)


def agent_borders(merged: Merged, numbers: Numbers, groups: Records) -> Records:
    """Groups with room for the most agents that they ever have."""
    sizes = np.zeros(len(numbers.group), np.int64)
    for variant in range(BASE, len(merged.variants)):
        for name, label in merged.groups_of(variant).items():
            size = merged.scenario_of(variant).people[name].size
            sizes[numbers.group[label]] = max(sizes[numbers.group[label]], size)
    borders = np.concatenate([[0], np.cumsum(sizes)])
    groups = groups.copy()
    groups["agent_first"], groups["agent_last"] = borders[:-1], borders[1:]
    return groups


def skills_over(merged: Merged, numbers: Numbers, clock: Clock) -> tuple[Records, Records]:
    """Skills by era, and the roster's rows at which eras begin."""
    stretches = in_force(merged, clock)
    tables = {variant: _skills(merged, numbers, variant) for _, _, variant in stretches}

    def usual(begin: int) -> Records:
        return next(tables[variant] for start, end, variant in stretches if start <= begin < end)

    return eras_of(numbers, clock, usual, [begin for begin, _, _ in stretches])


def _skills(merged: Merged, numbers: Numbers, variant: int) -> Records:
    """What each group does in each queue while a variant is in force.

    In the queues of another phase, whose cases may still be there, its people do what they do there.
    """
    table = no_skills(numbers)
    others = [number for number in range(len(merged.variants)) if number != variant]
    for number in [*others, BASE, *([] if variant == BASE else [variant])]:
        queues, groups = merged.queues_of(number), merged.groups_of(number)
        table[0][:, [numbers.queue[name] for name in queues.values()]] = no_skills(numbers)[0, 0, 0]
        for name, group in merged.scenario_of(number).people.items():
            for skill, value in group.skills.items():
                table[0, numbers.group[groups[name]], numbers.queue[queues[skill]]] = skill_row(value)
    return table
