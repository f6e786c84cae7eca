"""All fits of a call log, put together: what comes, how long it takes, who waits how long, who serves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.demand import Days, Level, Volume, lean, observed_days, profiles
from calibration.durations import Durations, share_interval
from calibration.history import History
from calibration.mapping import Mapping
from calibration.patience import FEWEST as FEWEST_HANGUPS
from calibration.patience import Patience
from calibration.people import Roster
from calibration.reading import Progress, quiet
from calibration.redials import Redials
from calibration.skills import AgentGroup, Skills
from sim.errors import DataError, Problem
from sim.units import DAY_US, MINUTE_US, NEVER, SECOND_US

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

INTERVAL_US = 30 * MINUTE_US
FEWEST_CONTACTS = 30
OTHER = "other"
_LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Class_:
    """Customers of a type who count as having waited a while already: their name, share and head start."""

    value: str
    share: tuple[float, float, float]
    n: int
    head_start: int


@dataclass(frozen=True, slots=True)
class TypeFit:
    """What was fitted for one type of contact.

    Attributes
    ----------
    name : str
    volume : Volume
    shares : float array (7 x intervals)
        Share of each weekday's contacts in each interval.
    lean_ : float
        Weight, in contacts, of the shape over all types in each weekday's shape.
    counts : float array (days x intervals)
        Contacts seen, first attempts only.
    talk, hold, wrap : Durations or None
    patience : Patience
    pooled_patience : bool
        Whether patience was taken from all types, this one having too few hang-ups.
    redials : Redials
    classes : tuple of Class_
    """

    name: str
    volume: Volume
    shares: Floats
    lean_: float
    counts: Floats
    talk: Durations
    hold: Durations | None
    wrap: Durations | None
    patience: Patience
    pooled_patience: bool
    redials: Redials
    classes: tuple[Class_, ...]

    def per_hour(self, interval_us: int) -> Floats:
        """Arrivals per hour (7 x intervals)."""
        return self.volume.per_day_[:, None] * self.shares * (60 * MINUTE_US / interval_us)


@dataclass(frozen=True, slots=True)
class GroupFit:
    """A group of agents and its roster."""

    group: AgentGroup
    roster: Roster


@dataclass(frozen=True)
class Fits:
    """Everything fitted to a history.

    Attributes
    ----------
    history : History
    kind : Series of str
        Each contact's type as the scenario names it.
    first : bool array
        Contacts that are first attempts.
    days : Days
        Contacts per day over all types.
    level : Level
        Of demand.
    types : tuple of TypeFit
        Most contacts first.
    groups : tuple of GroupFit
    staff_days : Days
        Person-hours per day, upper end of the bracket.
    staff_level : Level
        Of staffing.
    """

    history: History
    mapping: Mapping
    interval_us: int
    kind: pd.Series
    first: Flags
    days: Days
    level: Level
    types: tuple[TypeFit, ...]
    groups: tuple[GroupFit, ...]
    staff_days: Days
    staff_level: Level

    @property
    def pause_s(self) -> float:
        """Work after a contact that the log does not show, seconds (mean over groups, weighted by pauses seen)."""
        seen = sum(group.roster.pauses_ for group in self.groups)
        return sum(group.roster.pause_s_ * group.roster.pauses_ for group in self.groups) / seen if seen else 0.0


def fit_history(history: History, mapping: Mapping, interval_us: int = INTERVAL_US, progress: Progress = quiet) -> Fits:
    """Fit everything.

    Raises
    ------
    DataError
        If there are too few contacts, or nobody was served.
    """
    _enough(history)
    kind = _kinds(history)
    redials = {name: Redials().fit(history.only((kind == name).to_numpy())) for name in kind.unique()}
    first = _first_attempts(kind, redials)
    days, level = _level(history, first)
    shapes, _ = profiles(_by_weekday(_counts(history, first, interval_us), days))
    everyone = Patience().fit(history.wait_s, ~history.table["answered"].to_numpy())
    shared = _Shared(history, mapping, interval_us, days, level, shapes, everyone)
    types = []
    names = list(kind.value_counts().index)
    for number, name in enumerate(names):
        progress(f"fitting {name}", number / len(names))
        chosen = (kind == name).to_numpy()
        types.append(_type(str(name), chosen, chosen & first, redials[name], shared))
    progress("finding out who was on duty", 0.9)
    groups = _groups(history, kind)
    staff_days, staff_level = _staff_level(history, groups)
    fitted = tuple(types)
    return Fits(history, mapping, interval_us, kind, first, days, level, fitted, groups, staff_days, staff_level)


def _enough(history: History) -> None:
    served = int(history.table["answered"].sum())
    if served < FEWEST_CONTACTS:
        raise DataError(
            Problem(
                "too few answered contacts to calibrate on",
                file=history.source,
                allowed=f"{FEWEST_CONTACTS} or more",
                given=str(served),
                fix="Widen the window, or check which outcomes count as answered.",
            )
        )


def _kinds(history: History) -> pd.Series:
    """Types; those with few contacts are one, and join the largest if they are still few."""
    kind = history.table["type"].astype(object)
    counts = kind.value_counts()
    rare = counts[counts < FEWEST_CONTACTS]
    if len(rare) == len(counts):
        return pd.Series("contact", index=kind.index, dtype=object)
    name = OTHER if rare.sum() >= FEWEST_CONTACTS else str(counts.index[0])
    return kind.where(~kind.isin(rare.index), name)


def _first_attempts(kind: pd.Series, redials: dict[str, Redials]) -> Flags:
    first = np.ones(len(kind), dtype=bool)
    for name, found in redials.items():
        first[np.flatnonzero((kind == name).to_numpy())[found.is_redial_]] = False
    return first


def _counts(history: History, chosen: Flags, interval_us: int) -> Floats:
    """Contacts by day and interval of the local day."""
    counts = np.zeros((history.days, DAY_US // interval_us))
    np.add.at(counts, (history.day[chosen], (history.local_us % DAY_US // interval_us)[chosen]), 1)
    return counts


def _by_weekday(counts: Floats, days: Days) -> Floats:
    total = np.zeros((7, counts.shape[1]))
    np.add.at(total, days.weekday[days.observed], counts[days.observed])
    return total


def _level(history: History, first: Flags) -> tuple[Days, Level]:
    total = np.bincount(history.day[first], minlength=history.days).astype(float)
    days = Days(total, history.weekdays, observed_days(total, history.weekdays))
    return days, Level().fit(days)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the fits of all types lean on."""

    history: History
    mapping: Mapping
    interval_us: int
    days: Days
    level: Level
    shapes: Floats
    patience: Patience


def _type(name: str, chosen: Flags, first: Flags, redials: Redials, shared: _Shared) -> TypeFit:
    history = shared.history
    part = history.only(chosen)
    counts = _counts(history, first, shared.interval_us)
    days = Days(counts.sum(axis=1), shared.days.weekday, shared.days.observed)
    shares, weight = lean(_by_weekday(counts, days), shared.shapes)
    table = part.table[part.table["answered"]]
    patience = Patience().fit(part.wait_s, ~part.table["answered"].to_numpy())
    pooled = patience.abandoned_ < FEWEST_HANGUPS <= shared.patience.abandoned_
    return TypeFit(
        name=name,
        volume=Volume().fit(days, shared.level.factor_),
        shares=shares,
        lean_=weight,
        counts=counts,
        talk=Durations().fit((table["ended"] - table["started"] - table["hold"]).clip(lower=0).to_numpy() / SECOND_US),
        hold=_if_any(table["hold"].to_numpy() / SECOND_US),
        wrap=_if_any((table["released"] - table["ended"]).to_numpy() / SECOND_US),
        patience=shared.patience if pooled else patience,
        pooled_patience=pooled,
        redials=redials,
        classes=_classes(part, shared.mapping),
    )


def _if_any(seconds: Floats) -> Durations | None:
    return Durations().fit(seconds) if (seconds > 0).any() else None


def _classes(part: History, mapping: Mapping) -> tuple[Class_, ...]:
    table = part.table
    known = np.ones(len(table), dtype=bool)
    if mapping.priority.known_when == "queued":
        known = (table["started"] - table["enqueued"] > mapping.clock_tolerance).to_numpy()
    found = []
    for value, head_start in mapping.priority.head_start.items():
        share = float((table["priority"][known] == value).mean()) if known.any() else 0.0
        if share >= _LEAST_SHARE:
            found.append(Class_(value, share_interval(share, int(known.sum())), int(known.sum()), head_start))
    return tuple(found)


def _groups(history: History, kind: pd.Series) -> tuple[GroupFit, ...]:
    skills = Skills().fit(history, kind)
    if not skills.groups_:
        raise DataError(
            Problem(
                "no answered contact names its agent, so nobody's presence can be inferred",
                "columns.agent",
                file=history.source,
                fix="Name the column of the agent in the mapping.",
            )
        )
    agent = history.table["agent"]
    return tuple(_group(history, kind, group, agent.isin(group.agents)) for group in skills.groups_)


def _group(history: History, kind: pd.Series, group: AgentGroup, mine: pd.Series) -> GroupFit:
    return GroupFit(group, Roster().fit(history, mine.to_numpy(), kind.isin(group.types).to_numpy()))


def _staff_level(history: History, groups: tuple[GroupFit, ...]) -> tuple[Days, Level]:
    hours = sum(group.roster.upper_.sum(axis=1) for group in groups) / 4
    total = np.asarray(hours, dtype=float)
    days = Days(total, history.weekdays, observed_days(20 * total, history.weekdays))
    return days, Level().fit(days)


def people_on(fits: Fits, history: History) -> Fits:
    """The same fits with the roster of other days, inferred in the same way for the same groups."""
    names = [group.group for group in fits.groups]
    kind = kinds_of(fits, history)
    groups = []
    for number, group in enumerate(names):
        others = set().union(*(other.agents for other in names)) - group.agents
        # agents who were not seen before count with the largest group
        largest = number == int(np.argmax([other.served for other in names]))
        agents = history.table["agent"]
        mine = ~agents.isin(others) if largest else agents.isin(group.agents)
        groups.append(_group(history, kind, group, mine))
    return replace(fits, history=history, groups=tuple(groups))


def arrivals_by_stream(fits: Fits, history: History) -> dict[str, list[dt.datetime]]:
    """Recorded local times of joining the queue, by stream.

    Where a customer's class is known only if the contact queued, the contacts of unknown class are dealt out by the
    class's share, in even steps.
    """
    kind = kinds_of(fits, history)
    redial = np.zeros(len(kind), dtype=bool)
    for one in fits.types:
        if one.redials.used_:
            chosen = (kind == one.name).to_numpy()
            redial[np.flatnonzero(chosen)[Redials().fit(history.only(chosen)).is_redial_]] = True
    local = pd.Series(history.local_us.view("datetime64[us]"))
    found: dict[str, list[dt.datetime]] = {}
    for one in fits.types:
        chosen = (kind == one.name).to_numpy() & ~redial
        names = _stream_of(one, history.table[chosen], fits.mapping)
        for stream in stream_names(one):
            found[stream] = [moment.to_pydatetime() for moment in local[chosen][names == stream]]
    return found


def kinds_of(fits: Fits, history: History) -> pd.Series:
    """Types of other contacts as these fits name them."""
    names = [one.name for one in fits.types]
    kind = history.table["type"].astype(object)
    return kind.where(kind.isin(names), OTHER if OTHER in names else names[0])


def stream_names(one: TypeFit) -> list[str]:
    """Streams of a type: its ordinary customers, then each class with a head start."""
    return [one.name, *(f"{one.name}, priority {known.value}" for known in one.classes)]


def _stream_of(one: TypeFit, table: pd.DataFrame, mapping: Mapping) -> NDArray[np.object_]:
    names = np.full(len(table), one.name, dtype=object)
    unknown = np.zeros(len(table), dtype=bool)
    if mapping.priority.known_when == "queued":
        waited = np.where(table["started"] == NEVER, NEVER, table["started"] - table["enqueued"])
        unknown = waited <= mapping.clock_tolerance
    turn = np.arange(len(table)) * ((5**0.5 - 1) / 2) % 1  # even steps (golden section)
    floor = 0.0
    for known, stream in zip(one.classes, stream_names(one)[1:], strict=True):
        dealt = unknown & (turn >= floor) & (turn < floor + known.share[0])
        names[dealt | (~unknown & (table["priority"] == known.value).to_numpy())] = stream
        floor += known.share[0]
    return names
