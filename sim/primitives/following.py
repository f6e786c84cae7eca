"""What cases lived through, from their visits: each visit is read once when its case's row has come."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.codes import CASE_BITS, Case, Ending, Flag, Outcome, Visit
from sim.primitives._cache import entry, inner
from sim.primitives.philox import Purpose, uniform
from sim.units import NEVER

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_NEVER = np.int64(NEVER)
_LOOKED_UP = int(Flag.LOOKED_UP)
_MIX = np.uint64(0x9E3779B97F4A7C15)
APPROVAL, PAYMENT, PAUSE, OFFER, WRONG_TIER, CATCH = 1, 2, 4, 8, 16, 32
"""What a step may mean for the cases that come to it (`Course.meaning`)."""
INCONSISTENT, COLD = 0, 1
"""What may happen in a contact by chance."""


class Course(NamedTuple):
    """What steps and queues mean for the cases that come to them.

    Attributes
    ----------
    meaning : int64 array (steps)
        Sum of `APPROVAL`, `PAYMENT` and so on; steps beyond its end mean nothing.
    offers : bool array (tiers x steps)
        Where a visit served is the offer that a tier promises.
    wrong_tier : int64 array (steps)
        Place of the step among those that say that a case was taken for another tier; the last counts.
    seen : float array (steps)
        Share of overpayments that an approval sees.
    trips : float array (queues)
        Cost of a service.
    chances : float array (2)
        That a contact with the customer contradicts an earlier one, and that it is cold.
    stream_ids, step_ids : int64 arrays
        Addresses of draws.
    key : uint64
        Of the replication's draws.
    """

    meaning: Ints
    offers: NDArray[np.bool_]
    wrong_tier: Ints
    seen: Floats
    trips: Floats
    chances: Floats
    stream_ids: Ints
    step_ids: Ints
    key: np.uint64


class Lived(NamedTuple):
    """What happened to cases in their visits (cases).

    Attributes
    ----------
    contacts : int64 array
        Services that began.
    met : int64 array
        Services for the customer, that is not for an approval.
    agent : int64 array
        Who gave the last of these; -1: nobody.
    look_ups, inconsistent, cold : int64 arrays
        How often.
    approval_us : int64 array
        Time at steps of approval, in visits that are over.
    back_us : int64 array
        When it came back after its first solution; `NEVER` if it did not.
    paid, caught : bool arrays
        Whether it came to a payment, and whether an approval would see that too much is paid.
    wrong_tier : int64 array
        See `Course.wrong_tier`; -1: none.
    trips : float array
        Cost of its services.
    offered_us : int64 array (tiers x cases)
        First service that is an offer; `NEVER` if there was none.
    """

    contacts: Ints
    met: Ints
    agent: Ints
    look_ups: Ints
    inconsistent: Ints
    cold: Ints
    approval_us: Ints
    back_us: Ints
    paid: NDArray[np.bool_]
    caught: NDArray[np.bool_]
    wrong_tier: Ints
    trips: Floats
    offered_us: Ints


def nothing_lived(cases: int, tiers: int) -> Lived:
    """What happened to cases before their first visit."""
    zeros = [np.zeros(cases, np.int64) for _ in range(6)]
    return Lived(
        contacts=zeros[0],
        met=zeros[1],
        agent=np.full(cases, -1),
        look_ups=zeros[2],
        inconsistent=zeros[3],
        cold=zeros[4],
        approval_us=zeros[5],
        back_us=np.full(cases, NEVER),
        paid=np.zeros(cases, np.bool_),
        caught=np.zeros(cases, np.bool_),
        wrong_tier=np.full(cases, -1),
        trips=np.zeros(cases),
        offered_us=np.full((tiers, cases), NEVER),
    )


class Index(NamedTuple):
    """Cases found by their address.

    Attributes
    ----------
    slots : int64 array (a power of two)
        Number of a case's row, -1: free. A case is in the first free slot from the one that its address says on.
    addresses : int64 array (a power of two)
        Of the case in each slot.
    cases : int64 array (rows x len(Case))
    place : int64 array (rows)
        Where what it lived through goes; -1: nowhere.
    """

    slots: Ints
    addresses: Ints
    cases: Ints
    place: Ints


def empty_index(cases: Ints, place: Ints) -> Index:
    """An index with room for some cases, none of which is in it."""
    room = 1 << (2 * len(cases) + 1).bit_length()
    return Index(np.full(room, -1), np.empty(room, np.int64), cases, place)


@inner
def _slot(index, address):
    """The slot of a case, or the free one where it belongs."""
    mask = np.uint64(len(index.slots) - 1)
    slot = ((np.uint64(address) * _MIX) >> np.uint64(20)) & mask
    while index.slots[slot] >= 0 and index.addresses[slot] != address:
        slot = (slot + np.uint64(1)) & mask
    return slot


@entry
def follow_visits(visits, index, enter, course, lived, kept, pauses):
    """Give each visit to its case.

    Parameters
    ----------
    visits : int64 array (rows x len(Visit))
        In the order in which they were written.
    index : Index
        Its cases are entered if ``enter`` is 1.
    course : Course
    lived : Lived
    kept : int64 array (rows)
        Filled with the numbers of visits whose case has not come.
    pauses : int64 array (rows x 4)
        Filled with the pauses: place of the case, step, begin and end.

    Returns
    -------
    (int, int)
        How many visits are kept, and how many pauses there are.
    """
    if enter:
        _enter(index)
    return _follow(visits, index, course, lived, kept, pauses)


@inner
def _enter(index):
    """Put cases into the index; customers who had left have none."""
    for i in range(len(index.cases)):
        if index.cases[i, Case.OUTCOME] != Outcome.GONE:
            address = index.cases[i, Case.STREAM] << CASE_BITS | index.cases[i, Case.CASE]
            slot = _slot(index, address)
            index.slots[slot], index.addresses[slot] = i, address


@inner
def _follow(visits, index, course, lived, kept, pauses):
    waiting, paused = 0, 0
    for i in range(len(visits)):
        row = visits[i]
        at = index.slots[_slot(index, row[Visit.STREAM] << CASE_BITS | row[Visit.CASE])]
        if at < 0:
            kept[waiting] = i
            waiting += 1
        elif index.place[at] >= 0 and row[Visit.ENDING] != Ending.HANDING:
            place, step = index.place[at], row[Visit.STEP]
            meaning = course.meaning[step] if step < len(course.meaning) else 0
            _live(lived, place, row, index.cases[at])
            _meet(course, lived, place, row, meaning)
            if meaning:
                _pass(course, lived, place, row, meaning)
            if meaning & PAUSE:
                pauses[paused] = place, step, row[Visit.ENQUEUED], row[Visit.ENDED]
                paused += 1
    return waiting, paused


@inner
def _live(lived, place, row, case):
    """What does not depend on where the visit was."""
    lived.look_ups[place] += (row[Visit.FLAGS] & _LOOKED_UP) != 0
    lived.contacts[place] += row[Visit.QUEUE] >= 0 and row[Visit.STARTED] != _NEVER
    back = row[Visit.STRAND] == 0 and case[Case.REOPENED] > 0 and row[Visit.ENQUEUED] >= case[Case.SOLVED]
    if back:
        lived.back_us[place] = min(lived.back_us[place], row[Visit.ENQUEUED])


@inner
def _meet(course, lived, place, row, meaning):
    """A service: its cost, and what the customer noticed of it."""
    if row[Visit.ENDING] != Ending.SERVED:
        return
    if len(course.trips):
        lived.trips[place] += course.trips[row[Visit.QUEUE]]
    if not meaning & APPROVAL:
        lived.agent[place] = row[Visit.AGENT]
        if lived.met[place] and _happens(course, row, INCONSISTENT):
            lived.inconsistent[place] += 1
        if _happens(course, row, COLD):
            lived.cold[place] += 1
        lived.met[place] += 1


@inner
def _happens(course, row, which):
    if course.chances[which] <= 0.0:
        return False
    stream, step = course.stream_ids[row[Visit.STREAM]], course.step_ids[row[Visit.STEP]]
    repetition = row[Visit.VISIT] * 2 + which
    return uniform(course.key, row[Visit.CASE], stream, step, Purpose.OPINION, repetition) < course.chances[which]


@inner
def _pass(course, lived, place, row, meaning):
    """What it means to have been at the visit's step."""
    step, ending = row[Visit.STEP], row[Visit.ENDING]
    if meaning & APPROVAL and ending < Ending.STILL_WAITING:
        lived.approval_us[place] += row[Visit.ENDED] - row[Visit.ENQUEUED]
    if meaning & PAYMENT and (ending == Ending.SERVED or ending == Ending.DELAYED):
        lived.paid[place] = True
    if meaning & WRONG_TIER:
        lived.wrong_tier[place] = max(lived.wrong_tier[place], course.wrong_tier[step])
    if meaning & OFFER and ending == Ending.SERVED:
        for tier in range(len(course.offers)):
            if course.offers[tier, step]:
                lived.offered_us[tier, place] = min(lived.offered_us[tier, place], row[Visit.ENDED])
    if meaning & CATCH and ending == Ending.SERVED:
        stream, address = course.stream_ids[row[Visit.STREAM]], course.step_ids[step]
        drawn = uniform(course.key, row[Visit.CASE], stream, address, Purpose.CATCH, 0)
        lived.caught[place] |= drawn < course.seen[step]
