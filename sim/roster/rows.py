"""From stretches of work to the rows that engines see."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.codes import KIND_SHIFT, SEQUENCE_MASK, SUBJECT_SHIFT, Kind
from sim.network import ROSTER, Floats, Ints, Records

GROUP_SHIFT = 20
ANYBODY = -1


@dataclass(frozen=True, slots=True)
class Duty:
    """Stretches of work of a group in one replication.

    Attributes
    ----------
    agent : int64 array
        Number in the group; `ANYBODY` where people are only counted.
    day : int64 array
        The day to which the stretch belongs.
    begin, end : int64 array
    pace : float64 array
    heads : int64 array
        How many people work then; 1 where agents are told apart.
    """

    agent: Ints
    day: Ints
    begin: Ints
    end: Ints
    pace: Floats
    heads: Ints

    @staticmethod
    def named(rows: Records) -> Duty:
        """Of agents who are told apart."""
        count = len(rows)
        pace = rows["pace"] if "pace" in (rows.dtype.names or ()) else np.ones(count)
        ones = np.ones(count, np.int64)
        return Duty(rows["agent"], rows["day"], rows["begin"], rows["end"], pace, ones)

    @staticmethod
    def counted(begin: Ints, end: Ints, heads: Ints) -> Duty:
        """Of head counts."""
        nobody = np.full(len(begin), ANYBODY)
        return Duty(nobody, nobody, begin, end, np.ones(len(begin)), heads)

    def within(self, begin: int, end: int) -> Duty:
        """The part of it between two times."""
        starts, ends = np.maximum(self.begin, begin), np.minimum(self.end, end)
        return replace(self, begin=starts, end=ends)._where(starts < ends)

    @property
    def total_us(self) -> int:
        """Time of all people together."""
        return int(((self.end - self.begin) * self.heads).sum())

    def _where(self, kept: np.ndarray) -> Duty:
        return Duty(*(getattr(self, name)[kept] for name in self.__slots__))


def rows_of(parts: list[tuple[int, Duty]], eras: Records, end_us: int) -> Records:
    """Roster rows of all groups and eras before the end, in the order of their keys.

    Parameters
    ----------
    parts : list of (int, Duty)
        Numbers of groups, each with stretches of its people; those of one group may not overlap for one agent.
    """
    made = [eras]
    for group in sorted({group for group, _ in parts}):
        duties = [duty.within(0, end_us) for number, duty in parts if number == group]
        joined = Duty(*(np.concatenate([getattr(duty, name) for duty in duties]) for name in Duty.__slots__))
        named = joined.agent != ANYBODY
        if named.any():
            made.append(_named(group, joined._where(named), end_us))
        if not named.all():
            made.append(_counted(group, joined._where(~named), end_us))
    return _ordered(np.concatenate(made))


def _named(group: int, duty: Duty, end_us: int) -> Records:
    """Log-ons and log-offs of agents, of one stretch at least; stretches that touch at the same pace are one."""
    duty = duty._where(np.lexsort((duty.begin, duty.agent)))
    same = duty.agent[1:] == duty.agent[:-1]
    touches = same & (duty.begin[1:] == duty.end[:-1])
    joins = touches & (duty.pace[1:] == duty.pace[:-1])
    goes_on = same & (touches | (duty.day[1:] == duty.day[:-1]))
    on = duty._where(np.append([True], ~joins))
    ending = np.append(~joins, [True])
    last = np.append(~goes_on, [True])
    off = duty._where(ending)
    leaving = off.end < end_us
    return np.concatenate([
        _made(Kind.LOG_ON, group, on.begin, on.agent, on.pace, np.zeros(len(on.begin), np.int64)),
        _made(Kind.LOG_OFF, group, off.end[leaving], off.agent[leaving], off.pace[leaving], last[ending][leaving]),
    ])  # fmt: skip


def _counted(group: int, duty: Duty, end_us: int) -> Records:
    """Changes of the head count."""
    times, place = np.unique(np.concatenate([duty.begin, duty.end]), return_inverse=True)
    change = np.zeros(len(times), np.int64)
    np.add.at(change, place, np.concatenate([duty.heads, -duty.heads]))
    made = []
    for kind, count in ((Kind.LOG_ON, change), (Kind.LOG_OFF, -change)):
        count = np.where(times < end_us, np.maximum(count, 0), 0)
        when = np.repeat(times, count)
        made.append(_made(kind, group, when, np.full(len(when), ANYBODY), np.ones(len(when)), kind == Kind.LOG_OFF))
    return np.concatenate(made)


def _made(kind: Kind, group: int, time: Ints, agent: Ints, pace: Floats, last: object) -> Records:
    rows = np.zeros(len(time), ROSTER)
    rows["time"], rows["kind"], rows["group"], rows["agent"] = time, kind, group, agent
    rows["pace"] = np.where(rows["kind"] == Kind.LOG_ON, pace, 1.0)
    rows["last"] = last
    return rows


def _ordered(rows: Records) -> Records:
    """Rows in the order of their keys; a key's sequence is the row's number among equals."""
    subject = np.where(rows["kind"] == Kind.ERA, 0, rows["group"] << GROUP_SHIFT | np.maximum(rows["agent"], 0))
    rows["key"] = rows["kind"] << KIND_SHIFT | subject << SUBJECT_SHIFT
    rows = rows[np.lexsort((rows["key"], rows["time"]))]
    place = np.arange(len(rows))
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = (rows["time"][1:] != rows["time"][:-1]) | (rows["key"][1:] != rows["key"][:-1])
    number = place - np.maximum.accumulate(np.where(begins, place, 0))
    rows["key"] |= np.minimum(number, SEQUENCE_MASK)
    return rows
