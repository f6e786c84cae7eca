"""Where and when a random scenario plays."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

DAY_MIN = 24 * 60
GOES_FORWARD = {"Europe/Berlin": dt.date(2026, 3, 28), "America/New_York": dt.date(2026, 3, 7)}
GOES_BACK = {"Europe/Berlin": dt.date(2026, 10, 24), "America/New_York": dt.date(2026, 10, 31)}


@dataclass(frozen=True)
class Setting:
    """Where and when: the unit of all times, the start, the length in units, and whether all times lie on the grid."""

    unit_s: int
    zone: str
    start: dt.datetime
    length: int
    grid: bool

    @property
    def border_min(self) -> int:
        """Six units, in which calendars are written."""
        return self.unit_s // 10

    @property
    def borders(self) -> int:
        """Borders in the run, or in a day if that is less."""
        return min(self.length // 6 + 2, DAY_MIN // self.border_min)

    def moment(self, units: float) -> str:
        """A wall time."""
        return str(self.start + dt.timedelta(seconds=units * self.unit_s))

    def hour(self, border: int) -> str:
        """The hour of a border, counted from the start."""
        minute = (self.start.hour * 60 + self.start.minute + border * self.border_min) % DAY_MIN
        return f"{minute // 60:02d}:{minute % 60:02d}"

    def hours(self, first: int, last: int) -> str:
        """Hours between two borders."""
        return f"{self.hour(first)}-{self.hour(last)}"


def random_setting(rng: random.Random) -> Setting:
    """By day in units of 10 s, or a night in which the clocks change in units of 5 min."""
    grid = rng.random() < 0.65
    if rng.random() < 0.2:
        changes = rng.choice([GOES_FORWARD, GOES_BACK])
        zone = rng.choice(list(changes))
        start = dt.datetime.combine(changes[zone], dt.time(rng.choice([18, 21, 23])))
        return Setting(300, zone, start, rng.randint(90, 240), grid)
    zone = rng.choice(["UTC", "Asia/Shanghai", "Asia/Kolkata", "America/New_York"])
    day = dt.date(2026, rng.randint(1, 12), 16)
    start = dt.datetime.combine(day, rng.choice([dt.time(8), dt.time(12, 30), dt.time(23, 45)]))
    return Setting(10, zone, start, rng.randint(90, 240), grid)
