"""Customers who hang up and try again: seen only where the log names nearly every customer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calibration.durations import Durations, share_interval
from calibration.history import History
from sim.units import HOUR_US, SECOND_US

WINDOW_US = 2 * HOUR_US
_KNOWN = 0.9
_FEWEST = 20


class Redials:
    """Who tries again within two hours of a hang-up, beyond what served customers do.

    Attributes
    ----------
    known_ : float
        Share of contacts whose customer is named. Where many are not, who comes again is not seen either.
    n_, again_ : int
        Hang-ups of named customers (the last two hours left out), and those followed by another contact.
    after_served_ : float
        Share of served contacts followed by another in the same time: what would come anyway.
    share_ : tuple of float
        Chance of a redial, less what would come anyway, with its 95 % interval.
    after_ : Durations
        Time from a hang-up to the next attempt.
    used_ : bool
        Whether this is sure enough to go into the scenario.
    is_redial_ : bool array
        Contacts that are further attempts; all False unless ``used_``.
    """

    def fit(self, history: History) -> Redials:
        """Fit to all contacts of a kind."""
        table = history.table
        named = (table["customer"] != "").to_numpy()
        hung = ~table["answered"].to_numpy()
        self.known_ = float(named.mean()) if len(named) else 0.0
        next_at, forerunner = _next_contacts(history)
        gone = np.where(hung, table["ended"].to_numpy(), table["released"].to_numpy())
        follows = (next_at >= gone) & (next_at - gone <= WINDOW_US)
        seen = named & (gone <= table["enqueued"].max() - WINDOW_US) if len(table) else named
        self.n_, self.again_ = int((hung & seen).sum()), int((hung & seen & follows).sum())
        served = seen & ~hung
        self.after_served_ = float(follows[served].mean()) if served.any() else 0.0
        self.share_ = self._share()
        self.after_ = Durations().fit((next_at - gone)[hung & named & follows] / SECOND_US)
        self.used_ = self.known_ >= _KNOWN and self.again_ >= _FEWEST and self.share_[1] > 0
        again = (forerunner >= 0) & (hung & follows)[np.maximum(forerunner, 0)]
        self.is_redial_: NDArray[np.bool_] = again & self.used_
        return self

    def _share(self) -> tuple[float, float, float]:
        if not self.n_:
            return 0.0, 0.0, 1.0
        plain = share_interval(self.again_ / self.n_, self.n_)
        anyway = self.after_served_
        low, middle, high = ((value - anyway) / max(1e-9, 1 - anyway) for value in (plain[1], plain[0], plain[2]))
        return max(0.0, middle), max(0.0, low), max(0.0, high)


def _next_contacts(history: History) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each contact when its customer came next (-1: never), and which contact came before it (-1: none)."""
    table = history.table
    order = np.lexsort((table["enqueued"].to_numpy(), table["customer"].to_numpy().astype(str)))
    customer = table["customer"].to_numpy().astype(str)[order]
    enqueued = table["enqueued"].to_numpy()[order]
    same = (customer[1:] == customer[:-1]) & (customer[1:] != "")
    next_at, before = np.full(len(order), -1), np.full(len(order), -1)
    next_at[order[:-1][same]] = enqueued[1:][same]
    before[order[1:][same]] = order[:-1][same]
    return next_at, before
