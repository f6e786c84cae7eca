"""Who is away, has left or sits with a mentor in one replication: draws at addresses of people and days.

An agent's draws depend on the group, the agent's number and the date alone, so whoever is ill in one scenario is ill in
every other that is run with the same seed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.network import Floats
from sim.primitives import Purpose, uniform, uniforms
from sim.roster.plan import NO_TURN, Plan
from sim.roster.rows import Duty

Marks = NDArray[np.bool_]
_GROUP = 1 << 31
"""Stands for the agent's number where a draw belongs to the whole group."""
_UNPLANNED, _PLANNED, _ROTATES, _ROTATES_FROM = range(4)
_EARLY, _EARLY_AFTER, _LEAVES = range(3)
_YEAR_DAYS = 365


def stretches_of(plan: Plan, key: np.uint64) -> Duty:
    """Who is on duty when."""
    if plan.counted and plan.certain and plan.classes == 1 and (plan.heads["training"] == NO_TURN).all():
        return Duty.counted(plan.heads["begin"], plan.heads["end"], plan.heads["heads"])
    employed = employed_of(plan, key)
    there = employed & ~_absent(plan, key) & ~_rotating(plan, key)
    if plan.counted:
        return on_duty(plan, there)
    pieces = plan.pieces
    works = plan.days[:, None] >= plan.people["works"][None, :]
    busy = _sessions(plan, there & works)
    kept = there[pieces["day"], pieces["agent"]]
    held = pieces["session"] >= 0
    kept[held] &= ~busy[pieces["day"][held], pieces["session"][held]]
    return Duty.named(pieces[kept])


def on_duty(plan: Plan, there: Marks) -> Duty:
    """Whole shifts, or head counts, of those who are there (days x people)."""
    if not plan.counted:
        return Duty.named(plan.spans[there[plan.spans["day"], plan.spans["agent"]]])
    heads = plan.heads
    upto = np.zeros((len(plan.days), len(plan.people) + 1), np.int64)
    found = np.zeros(len(heads), np.int64)
    turn = np.arange(len(plan.people)) % plan.classes
    for training in np.unique(heads["training"]):
        at_work = there if training == NO_TURN else there & (turn != training)
        np.cumsum(at_work, axis=1, out=upto[:, 1:])
        rows = heads["training"] == training
        found[rows] = upto[heads["day"][rows], heads["heads"][rows]]
    return Duty.counted(heads["begin"], heads["end"], found)


def employed_of(plan: Plan, key: np.uint64) -> Marks:
    """Who is employed on which day (days x people)."""
    people, days = plan.people, plan.days
    since = np.maximum(people["hired"], days[0] + 1)
    leaves = np.full(len(people), np.iinfo(np.int64).max)
    if plan.attrition > 0:
        years = np.log1p(-_people_draws(plan, key, _LEAVES)) / np.log1p(-plan.attrition)
        leaves = since + np.floor(np.minimum(years, 1e6) * _YEAR_DAYS).astype(np.int64)
    if people["early_share"].any():
        early = _people_draws(plan, key, _EARLY) < people["early_share"]
        after = np.floor(_people_draws(plan, key, _EARLY_AFTER) * people["early_days"]).astype(np.int64)
        leaves = np.where(early, np.minimum(leaves, since + after), leaves)
    return (days[:, None] >= people["hired"]) & (days[:, None] < leaves)


def _people_draws(plan: Plan, key: np.uint64, repetition: int) -> Floats:
    drawn = np.empty(len(plan.people))
    uniforms(key, 0, (plan.id, 0, int(Purpose.ATTRITION), repetition), drawn)
    return drawn


def _absent(plan: Plan, key: np.uint64) -> Marks:
    """Who is away for a day: planned days off spread evenly, unplanned ones by chance (days x people)."""
    planned, unplanned = plan.shrinkage.planned, _unplanned(plan, key)
    away = np.zeros((len(plan.days), len(plan.people)), np.bool_)
    drawn = np.empty(len(plan.people))
    for number, day in enumerate(plan.days.tolist()):
        if unplanned[number] > 0:
            uniforms(key, 0, (plan.id, day, int(Purpose.ABSENCE), _UNPLANNED), drawn)
            away[number] = drawn < unplanned[number]
        if planned > 0:
            begin = uniform(key, _GROUP, plan.id, day, int(Purpose.ABSENCE), _PLANNED)
            borders = np.floor(begin + planned * np.arange(len(plan.people) + 1))
            away[number] |= borders[1:] > borders[:-1]
    return away


def _unplanned(plan: Plan, key: np.uint64) -> Floats:
    """Chance of an unplanned absence by day: more on days of the common shock and in a wave."""
    shrinkage = plan.shrinkage
    chance = np.full(len(plan.days), shrinkage.unplanned)
    if shrinkage.common_shock > 0:
        draws = [uniform(key, _GROUP, plan.shock_id, day, int(Purpose.SHOCK), 0) for day in plan.days.tolist()]
        chance[np.array(draws) < shrinkage.common_shock] *= shrinkage.shock_factor
    return np.minimum(chance + plan.extra, 1.0)


def _rotating(plan: Plan, key: np.uint64) -> Marks:
    """Who works elsewhere: once in a year for those drawn for it, from a day drawn in that year (days x people)."""
    away = np.zeros((len(plan.days), len(plan.people)), np.bool_)
    if plan.rotation_share == 0:
        return away
    chosen, begin = np.empty(len(plan.people)), np.empty(len(plan.people))
    first, last = plan.days[0] - plan.rotation_days, plan.days[-1]
    for year in range(first // _YEAR_DAYS, last // _YEAR_DAYS + 1):
        uniforms(key, 0, (plan.id, year, int(Purpose.ABSENCE), _ROTATES), chosen)
        uniforms(key, 0, (plan.id, year, int(Purpose.ABSENCE), _ROTATES_FROM), begin)
        since = year * _YEAR_DAYS + np.floor(begin * _YEAR_DAYS).astype(np.int64)
        days = plan.days[:, None]
        away |= (chosen < plan.rotation_share) & (days >= since) & (days < since + plan.rotation_days)
    return away


def _sessions(plan: Plan, there: Marks) -> Marks:
    """Which sessions with mentors are held: somebody whom they are for is there (days x sessions)."""
    if len(plan.sessions) == 0:
        return np.zeros((len(plan.days), 0), np.bool_)
    upto = np.zeros((len(plan.days), len(plan.people) + 1), np.int64)
    np.cumsum(there, axis=1, out=upto[:, 1:])
    held: Marks = upto[:, plan.sessions["last"]] > upto[:, plan.sessions["first"]]
    return held
