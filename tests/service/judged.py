"""A frame with something to judge, and how to count rows in it."""

import numpy as np

from sim.metrics import Totals, find, value
from sim.metrics.service import EFFECTS, Arrays, Calendar, Effect, Money, Opinion, Service, Tier, TierOf
from sim.network import Tables
from sim.units import HOUR_US, SECOND_US
from tests.metrics.rows import frame

HOUR = 3600
DAY = 24 * HOUR
NOTHING = Effect(0.0, 0.0, 0.0, 0.0)


def calendar(*stretches):
    """Stretches as (begin, end) in hours."""
    begin, end = (np.array(side, np.int64) * HOUR_US for side in zip(*stretches, strict=True))
    return Calendar(begin, end, np.cumsum(end - begin) - (end - begin))


def arrays(*calendars, streams=1, steps=8):
    """Addresses that are numbers, no attributes."""
    empty = np.empty((0, 0))
    return Arrays(
        np.arange(streams), 100 + np.arange(steps), np.array([], np.int64), np.array([], np.int64),
        Tables(empty, np.array([])), calendars,
    )  # fmt: skip


def tier(respond=None, offer=None, solve=None, **more):
    """A tier with promises in hours."""
    limits = tuple(None if hours is None else round(hours * HOUR_US) for hours in (respond, offer, solve))
    return Tier(more.pop("name", "all"), limits, **more)


def service(*tiers, calendars=(), **more):
    """What is judged; all cases belong to the first tier unless said otherwise."""
    of = more.pop("tier_of", (TierOf(-1, (0,) if tiers else ()),))
    return Service(tiers=tiers, tier_of=of, arrays=arrays(*calendars, streams=len(of)), **more)


def opinion(base=100.0, own=0.0, answer=1.0, **effects):
    """A model of satisfaction with the effects named; they may be numbers: points, up to ten times."""
    given = {name.replace("_", " "): points for name, points in effects.items()}
    given = {{"hand overs": "hand-overs", "look ups": "look-ups"}.get(name, name): e for name, e in given.items()}
    made = [given.get(name, NOTHING) for name in EFFECTS]
    found = tuple(one if isinstance(one, Effect) else Effect(one, 10 * one, one, one) for one in made)
    return Opinion(base, own, found, answer, 90.0, 70.0, ((1.0,) * len(EFFECTS),) * 5)


def money(**more):
    return Money(**({"people": (0.0,), "contact": (0.0,), "visit": (0.0,)} | more))


def counted(judged, *chunks, end=10 * DAY, key=7, paid_us=None, **changes):
    """Totals of chunks over some days, in intervals of an hour."""
    window = frame(service=judged, end_us=end * SECOND_US, interval_us=HOUR_US, **changes)
    totals = Totals.empty(window, key, paid_us)
    for rows in chunks:
        totals.add(rows, end * SECOND_US)
    return totals


def number(totals, name, of=None):
    return value(find(name), totals, of)
