"""What a service-quality report counts: contacts and cases as tables, from a simulated log or a real one.

Both tables have one row per contact or case, with the time by which it is counted (local wall time, ``when``), whom it
is laid to (`DIMENSIONS`: ``department``, ``person``, ``channel``, ``step``; empty: nobody), and numbers that indicators
add up. A number that a source does not know is a column that is missing; its indicators are then left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.build import Model
from sim.build.numbers import Numbers
from sim.codes import FIRST_INITIAL, FIRST_SPAWNED, Case, Ending, Flag, Outcome, Visit
from sim.errors import ParameterError, Problem
from sim.log import Log
from sim.metrics import Frame
from sim.schema.model import Scenario
from sim.schema.standards import LENGTHS, UPWARD, Dimension, IndicatorName
from sim.units import DAY_US, NEVER, SECOND_US

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Unit = Literal["share", "s", "count", "per case"]
Better = Literal["higher", "lower", "neither"]

REPEAT_DAYS = 7
SERVED_ONLY = "Departments and persons answer for what they served; who gave up before counts in nobody's numbers."


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: a ratio of two columns' sums, or one column's sum.

    Attributes
    ----------
    name, label : str
    definition : str
        In words.
    table : {"contacts", "cases"}
    over, under : str
        Columns above and below the line; nothing below: a count.
    """

    name: IndicatorName
    label: str
    definition: str
    table: Literal["contacts", "cases"]
    over: str
    under: str = ""

    @property
    def unit(self) -> Unit:
        """Unit of its values."""
        if not self.under:
            return "count"
        if self.name == "handovers_per_case":
            return "per case"
        return "s" if self.name in LENGTHS else "share"

    @property
    def better(self) -> Better:
        """Which way is better."""
        if not self.under or self.name == "handling_time":
            return "neither"
        return "higher" if self.name in UPWARD else "lower"


# fmt: off
INDICATORS: tuple[Indicator, ...] = (
    Indicator("contacts", "Contacts", "Contacts that asked for service, tries again included.", "contacts", "offered"),
    Indicator("service_level", "Service level",
              "Contacts served within the acceptable wait, by the formula and wait that hold for them (SL4 unless the "
              "scenario says otherwise).", "contacts", "in_time", "due"),
    Indicator("abandonment_rate", "Abandoned", "Contacts that gave up, among answered and abandoned.",
              "contacts", "abandoned", "settled"),
    Indicator("asa", "ASA", "Mean wait of the answered.", "contacts", "wait_s", "answered"),
    Indicator("handling_time", "Handling time",
              "Talk, hold and wrap per contact served to its end, with what was done before an interruption.",
              "contacts", "handle_s", "handled"),
    Indicator("unsolved_rate", "Not solved",
              "Contacts that the agent could not solve and had to pass on, among the answered.",
              "contacts", "unsolved", "answered"),
    Indicator("repeat_rate", "Repeated",
              f"Answered contacts whose customer asked again for the same kind of thing within {REPEAT_DAYS} days; "
              "laid to whoever served the first.", "contacts", "repeated", "known"),
    Indicator("cases", "Cases ended", "Cases that ended, at their first solution if they were solved.",
              "cases", "ended"),
    Indicator("solved_rate", "Solved", "Cases that ended solved, among those that ended.", "cases", "solved", "ended"),
    Indicator("first_contact_resolution", "First contact", "Cases solved by one visit to one person, which did not "
              "come back, among those that ended.", "cases", "first_time", "ended"),
    Indicator("reopened_rate", "Reopened", "Cases that came back after an end, among those that ended. Those that come "
              "back after the log's end are not seen: the latest periods look too good.", "cases", "reopened", "ended"),
    Indicator("complaint_rate", "Complaints", "Cases that gave rise to a complaint, among those that ended; laid to "
              "whoever served the case last. Complaints after the log's end are not seen.",
              "cases", "complained", "concluded"),
    Indicator("handovers_per_case", "Hand-overs", "Starts of service by another group than the one before, per case.",
              "cases", "handovers", "ended"),
    Indicator("time_to_resolve", "Time to resolve", "From arrival to the first solution, of cases solved.",
              "cases", "resolve_s", "resolved"),
)
# fmt: on


def indicator(name: str) -> Indicator:
    """The indicator of a name that is one."""
    return next(one for one in INDICATORS if one.name == name)


@dataclass(frozen=True)
class Contacts:
    """What a report counts.

    Attributes
    ----------
    source : str
        A scenario's name or a file's.
    contacts, cases : DataFrame
        As this module says.
    first, last : datetime64
        Local wall time from which and up to which everything was recorded.
    notes : tuple of str
        What a reader should know of the source.
    served_only : set of str
        Dimensions in which a contact that nobody served is nobody's: there, giving up cannot be laid to anyone.
    """

    source: str
    contacts: pd.DataFrame
    cases: pd.DataFrame
    first: pd.Timestamp
    last: pd.Timestamp
    notes: tuple[str, ...] = ()
    served_only: frozenset[Dimension] = frozenset()

    def applies(self, one: Indicator, dimension: Dimension) -> bool:
        """Whether an indicator says something of a dimension's members."""
        return one.name != "abandonment_rate" or dimension not in self.served_only

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Both tables, by their names."""
        return {"contacts": self.contacts, "cases": self.cases}

    def indicators(self) -> list[Indicator]:
        """Those that the source knows enough for."""
        return [one for one in INDICATORS if {one.over, one.under} - {""} <= set(self.tables[one.table].columns)]

    def members(self, dimension: Dimension) -> list[str]:
        """Names in a dimension, the most frequent first."""
        both = pd.concat([self.contacts[dimension], self.cases[dimension]])
        return [str(name) for name in both[both != ""].value_counts().index]


# --- from a simulated log --------------------------------------------------------------------------------------------


def contacts_of(log: Log, model: Model, complaints: tuple[str, ...] = ()) -> Contacts:
    """Contacts and cases of one simulated log.

    Parameters
    ----------
    log, model
        The log, and what was run.
    complaints : tuple of str
        Streams of cases that count as complaints about the case that gave rise to them; all that do arise so, if empty.
    """
    frame = model.frame
    wall = _Wall(frame)
    names = _People(model)
    return Contacts(
        source=model.scenario.name,
        contacts=_visits(log, frame, wall, names),
        cases=_cases(log, wall, names, senders_of(model.scenario, complaints)),
        first=wall.at(np.array([frame.warm_up_us]))[0],
        last=wall.at(np.array([frame.end_us]))[0],
        notes=(
            "Simulated: one possible course of events, which chance would make different the next time.",
            SERVED_ONLY,
        ),
        served_only=frozenset({"department", "person"}),
    )


class _Wall:
    """Local wall time of times of a run."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def at(self, times_us: Ints) -> pd.DatetimeIndex:
        start = pd.Timestamp(self.frame.start_utc)
        moments = start + pd.to_timedelta(np.where(times_us == NEVER, 0, times_us), unit="us")
        return pd.DatetimeIndex(moments).tz_convert(self.frame.zone).tz_localize(None)


class _People:
    """Names of departments and persons by the log's numbers; -1 has none."""

    def __init__(self, model: Model) -> None:
        self.model = model
        groups = model.network.groups
        first, last = groups["agent_first"], groups["agent_last"]
        self.persons = np.full(int(last.max(initial=0)) + 1, "", dtype=object)
        for name, begin, end in zip(model.names.groups, first, last, strict=True):
            self.persons[begin:end] = [f"{name} {number}" for number in range(1, end - begin + 1)]
        self.groups = np.array([*model.names.groups, ""], dtype=object)
        self.steps = np.array([*model.names.steps, ""], dtype=object)
        self.channels = np.array([*model.frame.channels, ""], dtype=object)

    def columns(self, stream: Ints, step: Ints, group: Ints, agent: Ints) -> dict[str, NDArray[np.object_]]:
        """The four dimensions."""
        return {
            "department": self.groups[group],
            "person": self.persons[agent],
            "channel": self.channels[stream],
            "step": self.steps[step],
        }


def _visits(log: Log, frame: Frame, wall: _Wall, names: _People) -> pd.DataFrame:
    rows = log.visits[(log.visits[:, Visit.QUEUE] >= 0) & (log.visits[:, Visit.ENDING] != Ending.HANDING)]
    rows = rows[(rows[:, Visit.ENQUEUED] >= frame.warm_up_us) & (rows[:, Visit.ENQUEUED] < frame.end_us)]
    stream, step, queue, group, agent = rows[:, Visit.STREAM : Visit.AGENT + 1].T[[0, 4, 5, 6, 7]]
    enqueued, started, ended, released = rows[:, Visit.ENQUEUED : Visit.RELEASED + 1].T
    ending, fresh = rows[:, Visit.ENDING], (rows[:, Visit.FLAGS] & Flag.RESUMED) == 0
    worked = np.isin(ending, (Ending.SERVED, Ending.SUSPENDED))
    answered = fresh & (started != NEVER) & (ending != Ending.UNANSWERED)
    abandoned = np.isin(ending, (Ending.ABANDONED, Ending.UNANSWERED))
    wait = np.where(answered, started, np.where(abandoned, ended, enqueued)) - enqueued
    good, due = _service(frame, queue, wait, answered, abandoned)
    return pd.DataFrame(
        {
            "when": wall.at(enqueued),
            **names.columns(stream, step, group, agent),
            "offered": fresh.astype(int),
            "answered": answered.astype(int),
            "abandoned": abandoned.astype(int),
            "settled": (answered | abandoned).astype(int),
            "in_time": good.astype(int),
            "due": due.astype(int),
            "wait_s": np.where(answered, wait, 0) / SECOND_US,
            "handled": (ending == Ending.SERVED).astype(int),
            "handle_s": np.where(worked, released - started, 0) / SECOND_US,
            "unsolved": ((rows[:, Visit.FLAGS] & Flag.UNSOLVED) != 0).astype(int),
        }
    )


def _service(frame: Frame, queue: Ints, wait: Ints, answered: Flags, abandoned: Flags) -> tuple[Flags, Flags]:
    """Which contacts were served in time and which count below the line, by their queue's formula (docs/metrics.md)."""
    soon = wait <= np.array(frame.threshold_us, np.int64)[queue]
    return service(soon, answered, abandoned, np.array(frame.formula)[queue])


def service(soon: Flags, answered: Flags, abandoned: Flags, formula: NDArray[np.str_]) -> tuple[Flags, Flags]:
    """Contacts above and below the line of a service level.

    Parameters
    ----------
    soon, answered, abandoned : flags
        Whether the wait was acceptable, and how it ended.
    formula : array of {"SL1", "SL2", "SL3", "SL4"}
    """
    good = soon & (answered | (abandoned & (formula == "SL1")))
    gave_up = abandoned & np.where(formula == "SL4", ~soon, formula != "SL2")
    return good, answered | gave_up


def _cases(log: Log, wall: _Wall, names: _People, senders: dict[int, list[int]]) -> pd.DataFrame:
    frame, rows = wall.frame, log.cases
    solved_at = rows[:, Case.SOLVED]
    done = np.where(solved_at != NEVER, solved_at, rows[:, Case.ENDED])
    counted = (rows[:, Case.OUTCOME] != Outcome.GONE) & (done >= frame.warm_up_us) & (done < frame.end_us)
    rows, done, solved = rows[counted], done[counted], solved_at[counted] != NEVER
    group, agent, step, served = _last_server(log, rows)
    told = {"complained": np.isin(_address(rows), complained(log.cases, senders)).astype(int)} if senders else {}
    once = (rows[:, Case.ATTEMPTS] == 1) & (rows[:, Case.REOPENED] == 0) & (served == 1)
    return pd.DataFrame(
        {
            "when": wall.at(done),
            **names.columns(rows[:, Case.STREAM], step, group, agent),
            "ended": 1,
            "concluded": 1,
            "solved": solved.astype(int),
            "resolved": solved.astype(int),
            "first_time": (solved & once).astype(int),
            "reopened": (rows[:, Case.REOPENED] > 0).astype(int),
            **told,
            "handovers": rows[:, Case.HANDOVERS],
            "resolve_s": np.where(solved, done - rows[:, Case.ARRIVED], 0) / SECOND_US,
        }
    )


def _address(rows: Ints) -> Ints:
    return rows[:, Case.STREAM] << 32 | rows[:, Case.CASE]


def _last_server(log: Log, cases: Ints) -> tuple[Ints, ...]:
    """Group, agent and step of each case's last service (-1: none), and how many services it had."""
    visits = log.visits[(log.visits[:, Visit.STARTED] != NEVER) & (log.visits[:, Visit.QUEUE] >= 0)]
    visits = visits[(visits[:, Visit.ENDING] != Ending.HANDING) & ((visits[:, Visit.FLAGS] & Flag.RESUMED) == 0)]
    visits = visits[np.isin(visits[:, Visit.ENDING], (Ending.SERVED, Ending.SUSPENDED))]
    key = visits[:, Visit.STREAM] << 32 | visits[:, Visit.CASE]
    order = np.lexsort((visits[:, Visit.STARTED], key))
    key, visits = key[order], visits[order]
    first, after = (np.searchsorted(key, _address(cases), side) for side in ("left", "right"))
    served = after - first
    last = np.where(served > 0, after - 1, 0)
    if not len(visits):
        return (*(np.full(len(cases), -1) for _ in range(3)), served)
    group, agent, step = (
        np.where(served > 0, visits[last, column], -1) for column in (Visit.GROUP, Visit.AGENT, Visit.STEP)
    )
    return group, agent, step, served


def complained(cases: Ints, senders: dict[int, list[int]]) -> Ints:
    """Addresses of the cases that gave rise to others.

    A case that arose from another has the number 2³¹ + the other's number × width + place: place says which of the
    ``width`` steps of streams gave rise to it (docs/semantics.md).

    Parameters
    ----------
    cases : int64 array (rows x len(Case))
    senders : dict of int to list of int
        For each stream of complaints, the streams whose cases give rise to its cases, step by step, in order.
    """
    arisen = cases[(cases[:, Case.CASE] >= FIRST_SPAWNED) & (cases[:, Case.CASE] < FIRST_INITIAL)]
    found = [np.zeros(0, np.int64)]
    for target, streams in senders.items():
        number = arisen[arisen[:, Case.STREAM] == target, Case.CASE] - FIRST_SPAWNED
        found.append(np.array(streams, np.int64)[number % len(streams)] << 32 | number // len(streams))
    return np.concatenate(found)


def senders_of(scenario: Scenario, complaints: tuple[str, ...] = ()) -> dict[int, list[int]]:
    """For each stream whose cases arise from others (or of some streams only), the streams that those belong to.

    Raises
    ------
    ParameterError
        If a stream of complaints is none that arises from others.
    """
    numbers = Numbers(scenario)
    found = {name: [numbers.stream[sender] for sender, _ in numbers.senders(name)] for name in scenario.demand}
    found = {name: senders for name, senders in found.items() if senders}
    for one in complaints:
        if one not in found:
            what = f"no case gives rise to cases of {one!r}"
            raise ParameterError(Problem(what, "--complaints", allowed=", ".join(found) or "none here", given=one))
    return {numbers.stream[name]: senders for name, senders in found.items() if not complaints or name in complaints}


def repeated(when: pd.Series, customer: pd.Series, kind: pd.Series, answered: Flags) -> tuple[Flags, Flags]:
    """Answered contacts of known customers, and which of them the same customer followed by another of that kind.

    Parameters
    ----------
    when : Series of datetime64
    customer, kind : Series of str
        An empty customer is unknown.
    answered : flags
    """
    known = answered & (customer != "").to_numpy()
    order = np.lexsort((when, kind, customer))
    who, what, at = customer.to_numpy()[order], kind.to_numpy()[order], when.to_numpy()[order]
    soon = at[1:] - at[:-1] <= np.timedelta64(REPEAT_DAYS * DAY_US, "us")
    follows = np.append((who[1:] == who[:-1]) & (what[1:] == what[:-1]) & soon, False)[: len(who)]
    found = np.zeros(len(who), bool)
    found[order] = follows
    return known, known & found
