"""What the metrics need to know of a scenario: names, window, intervals, thresholds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from sim.metrics.service import DIMENSIONS, EFFECTS, LINES, Service

PARTS = {
    "balking": "some queue turns customers away by its length",
    "callbacks": "some queue offers to call back",
    "suspension": "some step is interrupted when a shift ends",
    "escalation": "some queue raises priorities before a deadline",
    "look-up": "some step begins with looking the customer up",
    "solving": "some step leads elsewhere when the agent cannot solve the case",
    "hand-over": "some process has several work steps",
    "repeats": "some process has several work steps, reopening or chasing",
    "reopening": "some end brings cases back",
    "chasing": "some customers ask where their case stands",
    "customers": "some stream counts its customers",
    "bot": "some process begins with a bot",
    "approvals": "some step asks for an approval",
    "paid hours": "people cost, are away or in training",
    "respond within": "some tier promises a first reply",
    "offer within": "some tier promises an offer",
    "solve within": "some tier promises a solution",
    "assigned tiers": "cases may be taken for another tier",
    "assigned respond within": "cases may be taken for another tier, and some tier promises a first reply",
    "assigned offer within": "cases may be taken for another tier, and some tier promises an offer",
    "assigned solve within": "cases may be taken for another tier, and some tier promises a solution",
    "satisfaction": "the scenario has a model of satisfaction",
    "ranges": "weights of the model of satisfaction have ranges",
    **{f"loss: {effect}": f"the model of satisfaction weighs {effect!r}" for effect in EFFECTS},
    **{f"SERVQUAL: {name}": f"the model weighs something that belongs to {name}" for name in DIMENSIONS},
    "money": "the scenario counts money",
}
"""What a scenario may have, and a metric may need, and how to tell."""
FORMULAS = ("SL1", "SL2", "SL3", "SL4")


@dataclass(frozen=True, slots=True)
class Frame:
    """The names and borders by which log rows are counted.

    Times are microseconds since the scenario's start. What begins before ``warm_up_us`` is not counted; time is
    measured from ``warm_up_us`` to ``end_us``. Intervals follow each other from the start in steps of ``interval_us``.

    Attributes
    ----------
    queues, groups, streams : tuple of str
        In the order of the numbers in the log.
    channels : tuple of str
        Channel of each stream.
    interval_us, warm_up_us, end_us : int
    threshold_us : tuple of int
        Acceptable wait of each queue.
    formula : tuple of {"SL1", "SL2", "SL3", "SL4"}
        Service-level formula of each queue.
    goal : tuple of float or None
        Service level aimed at in each queue, 0 to 1.
    start_utc : datetime
        The scenario's start, with time zone UTC.
    zone : str
        IANA name of the zone in which intervals are labelled.
    several : tuple of int
        Numbers of the groups whose people may hold several contacts at once.
    repeat_us : int or None
        A case that comes back within this time was not solved at first contact; None: whenever it comes back.
    service : Service or None
        What is judged after the log.
    agents : int
        How many agents the log may name.
    parts : frozenset of str
        What the scenario has that not every scenario has (`PARTS`): metrics of other parts say nothing about it.
    """

    queues: tuple[str, ...]
    groups: tuple[str, ...]
    streams: tuple[str, ...]
    channels: tuple[str, ...]
    interval_us: int
    warm_up_us: int
    end_us: int
    threshold_us: tuple[int, ...]
    formula: tuple[str, ...]
    goal: tuple[float | None, ...]
    start_utc: dt.datetime
    zone: str
    several: tuple[int, ...] = ()
    repeat_us: int | None = None
    service: Service | None = None
    agents: int = 0
    parts: frozenset[str] = frozenset()

    @property
    def follows(self) -> bool:
        """Whether cases are looked at with all their visits."""
        return self.service is not None or self.repeat_us is not None or "look-up" in self.parts

    @property
    def counts_paid(self) -> bool:
        """Whether paid time is told apart from time logged on."""
        return "paid hours" in self.parts

    @property
    def tiers(self) -> tuple[str, ...]:
        """Names of the tiers."""
        return tuple(tier.name for tier in self.service.tiers) if self.service else ()

    @property
    def cost_lines(self) -> tuple[str, ...]:
        """Names of the lines on which money is counted."""
        money = self.service.money if self.service else None
        return () if money is None else (*self.groups, *LINES, *(name for name, _ in money.budget))

    @property
    def intervals(self) -> int:
        """Number of intervals; the last may be cut by the end."""
        return -(-self.end_us // self.interval_us)

    @property
    def window_us(self) -> int:
        """Length of what is measured."""
        return self.end_us - self.warm_up_us

    def starts_us(self) -> NDArray[np.int64]:
        """Start of each interval (intervals)."""
        return np.arange(self.intervals, dtype=np.int64) * self.interval_us

    def lengths_us(self) -> NDArray[np.int64]:
        """Measured part of each interval (intervals); 0 inside the warm-up."""
        starts = self.starts_us()
        ends = np.minimum(starts + self.interval_us, self.end_us)
        lengths: NDArray[np.int64] = np.maximum(ends - np.maximum(starts, self.warm_up_us), 0)
        return lengths

    def wall_starts(self) -> NDArray[np.datetime64]:
        """Local wall time at which each interval starts (intervals), datetime64 without a zone."""
        return _wall_starts(self)


@lru_cache(maxsize=16)
def _wall_starts(frame: Frame) -> NDArray[np.datetime64]:
    zone = ZoneInfo(frame.zone)
    instants = (frame.start_utc + dt.timedelta(microseconds=int(start)) for start in frame.starts_us())
    walls = np.array([instant.astimezone(zone).replace(tzinfo=None) for instant in instants], dtype="datetime64[us]")
    walls.flags.writeable = False
    return walls
