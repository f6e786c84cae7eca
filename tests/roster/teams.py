"""Rosters of small scenarios, and their rows as text."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np

from sim.calendars import Clock
from sim.codes import Kind
from sim.primitives import replication_key
from sim.roster import roster_of
from sim.schema import Document
from sim.units import parse_duration

MONDAY = "2026-03-02"


def scenario_of(people, start=MONDAY, horizon="5 days", **top):
    """A scenario with these groups, who all have the one skill."""
    groups = {name: {"skills": ["s"], **group} for name, group in people.items()}
    data = {
        "queuewise": 1,
        "name": "people",
        "start": start,
        "horizon": horizon,
        "demand": {"calls": {"type": "t", "per hour": 6}},
        "people": groups,
        "process": {"t": {"serve": {"work": "s", "talk": "1 min"}, "done": {"end": "solved"}}},
        **top,
    }
    return Document.from_data(data, "people").scenario


class Team:
    """The roster of one scenario, replication by replication."""

    def __init__(self, people, **top):
        self.scenario = scenario_of(people, **top)
        self.clock = Clock(ZoneInfo(self.scenario.time_zone), self.scenario.start, self.scenario.horizon)
        self.roster = roster_of(self.scenario, self.clock)

    def rows(self, replication=0):
        return self.roster.rows(replication_key(1, replication))

    def text(self, replication=0):
        """Rows such as ``Mon 08:00 on 0.1``: group and agent; ``end`` where a shift ends, and a pace that is not 1."""
        return [self._line(row) for row in self.rows(replication)]

    def _line(self, row):
        when = self.clock.wall(int(row["time"])).strftime("%a %H:%M")
        who = f"{row['group']}.{row['agent']}" if row["agent"] >= 0 else f"{row['group']}"
        if row["kind"] == Kind.LOG_ON:
            return f"{when} on {who}" + (f" {row['pace']:g}" if row["pace"] != 1 else "")
        return f"{when} {'end' if row['last'] else 'off'} {who}"

    def there(self, group=0, replication=0, at="12:00"):
        """Agents on duty at a time of each day (days x agents), from the rows alone."""
        rows = self.rows(replication)
        rows = rows[rows["group"] == group]
        hours, minutes = map(int, at.split(":"))
        days = self.scenario.horizon // parse_duration("1 day")
        first = self.scenario.start.date()
        moments = [self.clock.at(first + dt.timedelta(days=n), hours * 60 + minutes) for n in range(days)]
        now = np.zeros(list(self.scenario.people.values())[group].size, bool)
        found, done = [], 0
        for upto in np.searchsorted(rows["time"], moments, side="right"):
            for row in rows[done:upto]:
                now[row["agent"]] = row["kind"] == Kind.LOG_ON
            found.append(now.copy())
            done = upto
        return np.array(found)

    def heads(self, group=0, replication=0):
        """Pairs of a wall time and the head count from then on."""
        rows = self.rows(replication)
        rows = rows[rows["group"] == group]
        change = np.where(rows["kind"] == Kind.LOG_ON, 1, -1)
        counts = {}
        for time, total in zip(rows["time"].tolist(), np.cumsum(change).tolist(), strict=True):
            counts[self.clock.wall(time).strftime("%a %H:%M")] = total
        return list(counts.items())
