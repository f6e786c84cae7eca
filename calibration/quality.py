"""A real log as what a service-quality report counts (`scenarios.indicators`): contacts, and the cases behind them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.history import NOBODY, History
from calibration.mapping import Mapping
from calibration.moments import to_local
from scenarios.indicators import SERVED_ONLY, Contacts, repeated, service
from sim.errors import DataError, Problem
from sim.schema.standards import DIMENSIONS
from sim.units import SECOND_US, exact_duration

Flags = NDArray[np.bool_]


def contacts_from(
    history: History, mapping: Mapping, within_us: int = 20 * SECOND_US, complaints: tuple[str, ...] = ()
) -> Contacts:
    """Contacts and cases of a history.

    Parameters
    ----------
    history, mapping
        From `calibration.read_history`.
    within_us : int
        Acceptable wait, for the service level (SL4).
    complaints : tuple of str
        Types that are complaints: each is laid to the customer's last answered contact before it.

    Raises
    ------
    DataError
        If a type of complaint does not occur, or nobody's complaint can be told because no customer is known.
    """
    table = history.table
    when = _local(history, "enqueued")
    whose = pd.DataFrame(
        {
            "when": when,
            "department": table["department"],
            "person": table["agent"],
            "channel": table["channel"],
            "step": table["type"],
        }
    )
    _check_complaints(history, complaints)
    first, last = pd.Timestamp(history.first), pd.Timestamp(history.last) + pd.Timedelta(days=1)
    kept = f"{history.drops.kept:,} of {history.drops.read:,} rows are used."
    if mapping.kind == "events":
        return Contacts(
            history.source, _activities(table, whose), _event_cases(history, whose), first, last, (kept, *_EVENTS)
        )
    told = f"Service level: answered within {exact_duration(within_us)}, SL4."
    cases = _answered_cases(table, whose, complaints)
    lost = whose[~table["answered"].to_numpy(bool)]
    nobodys = frozenset(dimension for dimension in DIMENSIONS if (lost[dimension] == NOBODY).any())
    notes = (kept, told, *((SERVED_ONLY,) if nobodys & {"department", "person"} else ()))
    return Contacts(history.source, _calls(table, whose, within_us), cases, first, last, notes, nobodys)


_EVENTS = (
    "An event log does not show when a case began to wait for people: no waits, no service level.",
    "A case counts as ended at its last activity; cases that go on after the log's end count so too.",
)


def _local(history: History, column: str) -> pd.Series:
    local = to_local(history.table[column].to_numpy(), history.zone)
    return pd.Series(local.astype("datetime64[us]"), index=history.table.index)


def _check_complaints(history: History, complaints: tuple[str, ...]) -> None:
    known = [str(name) for name in history.table["type"].unique()]
    for one in complaints:
        if one not in known:
            allowed = ", ".join(sorted(known))
            raise DataError(Problem("no such type", "--complaints", history.source, allowed=allowed, given=one))
    if complaints and not (history.table["customer"] != NOBODY).any():
        what = "no customer is known, so no complaint can be laid to a contact"
        raise DataError(Problem(what, "columns.customer", history.source, fix="Name the column of the customer."))


def _calls(table: pd.DataFrame, whose: pd.DataFrame, within_us: int) -> pd.DataFrame:
    answered = table["answered"].to_numpy(bool)
    left = np.where(answered, table["started"], table["ended"])
    wait = left - table["enqueued"].to_numpy()
    good, due = service(wait <= within_us, answered, ~answered, np.full(len(table), "SL4"))
    length = np.where(answered, table["released"] - table["started"], 0)
    found = whose.assign(
        offered=1,
        answered=answered.astype(int),
        abandoned=(~answered).astype(int),
        settled=1,
        in_time=good.astype(int),
        due=due.astype(int),
        wait_s=np.where(answered, wait, 0) / SECOND_US,
        handled=answered.astype(int),
        handle_s=length / SECOND_US,
    )
    if not (table["customer"] != NOBODY).any():
        return found
    known, again = repeated(whose["when"], table["customer"], table["type"], answered)
    return found.assign(known=known.astype(int), repeated=again.astype(int))


def _answered_cases(table: pd.DataFrame, whose: pd.DataFrame, complaints: tuple[str, ...]) -> pd.DataFrame:
    """Answered contacts that are no complaints, and which of them one followed."""
    rows = table["answered"].to_numpy(bool) & ~table["type"].isin(complaints).to_numpy()
    if not complaints:
        return whose[rows].iloc[:0]
    about = pd.DataFrame({"customer": table["customer"], "at": whose["when"], "row": np.arange(len(table))})
    told = about[table["type"].isin(complaints) & (table["customer"] != NOBODY)].sort_values("at", kind="stable")
    heard = about[rows & (table["customer"] != NOBODY)].sort_values("at", kind="stable")
    last = pd.merge_asof(told, heard, on="at", by="customer", allow_exact_matches=False, suffixes=("", "_before"))
    complained = np.zeros(len(table), bool)
    complained[last["row_before"].dropna().to_numpy(int)] = True
    return whose.assign(concluded=1, complained=complained.astype(int))[rows]


def _activities(table: pd.DataFrame, whose: pd.DataFrame) -> pd.DataFrame:
    length = (table["ended"] - table["started"]).to_numpy() / SECOND_US
    return whose.assign(offered=1, handled=1, handle_s=length)


def _event_cases(history: History, whose: pd.DataFrame) -> pd.DataFrame:
    """One row per case, laid to whoever did its last activity."""
    rows = whose.assign(
        case=history.table["customer"], begun=_local(history, "started"), done=_local(history, "ended")
    ).sort_values(["case", "begun", "done"], kind="stable")
    changed = (rows["person"] != rows.groupby("case")["person"].shift(1)) & rows.duplicated("case")
    groups = rows.assign(handovers=changed.astype(int)).groupby("case", sort=False)
    last = groups.tail(1).set_index("case")
    length = (groups["done"].max() - groups["begun"].min()).dt.total_seconds()
    dimensions = last[["department", "person", "channel", "step"]]
    found = dimensions.assign(
        when=groups["done"].max(), ended=1, resolved=1, resolve_s=length, handovers=groups["handovers"].sum()
    )
    return found.reset_index(drop=True)
