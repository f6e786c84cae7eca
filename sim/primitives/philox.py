"""Chance as a pure function of addresses: Philox 4x32-10.

Salmon, Moraes, Dror, Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", section 4. A draw's address is
(seed, replication | case in stream, stream, step, purpose and repetition): the first two make the key, the others
the counter. No generator is kept anywhere, so a change in one part of a scenario leaves every other draw where it was.
"""

from __future__ import annotations

import hashlib
from enum import IntEnum

import numpy as np

from sim.primitives._cache import compiled, entry

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
"""The Weyl constants, added to the key after each round."""
_M0, _M1 = np.uint64(MULTIPLIERS[0]), np.uint64(MULTIPLIERS[1])
_W0, _W1 = np.uint64(WEYL[0]), np.uint64(WEYL[1])
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_11 = np.uint64(11)
ROUNDS = 10


class Purpose(IntEnum):
    """What a draw is for; part of its address."""

    ARRIVAL = 1
    BUSYNESS = 2
    PATIENCE = 3
    TALK = 4
    HOLD = 5
    WRAP = 6
    DELAY = 7
    BRANCH = 8
    REDIAL = 9
    REDIAL_AFTER = 10
    LEAD = 11
    DIFFICULTY = 12
    BY_CASE = 13  # whether a success depends on the case or on chance
    SOLVE = 14
    ATTRIBUTE = 15
    PHASE = 16
    SPARE = 17
    CUSTOMER = 18
    LEAVE = 19
    REOPEN = 20
    REOPEN_AFTER = 21
    CHASE = 22
    CHASE_AFTER = 23
    BALK = 24
    CALLBACK = 25
    ANSWER = 26
    UNANSWERED = 27
    BRIEFING = 28
    ABSENCE = 29
    SHOCK = 30
    ATTRITION = 31
    OPINION = 32  # after the log: satisfaction, surveys
    CATCH = 33  # after the log: overpayment caught


@compiled
def philox4x32(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox on a counter of four and a key of two 32-bit words, each held in a uint64.

    Returns
    -------
    tuple of four uint64
        The four 32-bit words of the answer.
    """
    for _ in range(ROUNDS):
        p0 = (c0 & _LOW) * _M0  # only low halves count; a product's high half that stays with it does no harm
        p1 = (c2 & _LOW) * _M1
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1, (p0 >> _32) ^ c3 ^ k1, p0
        k0 += _W0
        k1 += _W1
    return c0 & _LOW, c1 & _LOW, c2 & _LOW, c3 & _LOW


@compiled
def last_word(purpose, repetition):
    """The last word of an address."""
    return (np.uint64(purpose) << np.uint64(24)) | (np.uint64(repetition) & np.uint64(0xFFFFFF))


@compiled
def uniform_bits(key, case, stream_id, step_id, purpose, repetition):
    """Fifty-three random bits at an address.

    Parameters
    ----------
    key : uint64
        From `replication_key`.
    case, stream_id, step_id, purpose, repetition : int
        The address inside the replication; ids have 32 bits, purpose 8, repetition 24.

    Returns
    -------
    int64
        Uniform on 0 ... 2**53 - 1.
    """
    w0, w1, _, _ = philox4x32(
        np.uint64(case) & _LOW,
        np.uint64(stream_id) & _LOW,
        np.uint64(step_id) & _LOW,
        last_word(purpose, repetition),
        key & _LOW,
        key >> _32,
    )
    return np.int64(((w0 << _32) | w1) >> _11)


@compiled
def uniform(key, case, stream_id, step_id, purpose, repetition):
    """A uniform number strictly between 0 and 1 at an address."""
    return uniform_of(uniform_bits(key, case, stream_id, step_id, purpose, repetition))


@compiled
def uniform_of(bits):
    """Bits as a uniform number strictly between 0 and 1 (the middle of one of 2**53 equal cells)."""
    return (bits + 0.5) * (1.0 / 9007199254740992.0)


@entry
def uniforms(key, first_case, address, out):
    """Uniform numbers at the addresses of cases that follow each other; ``address`` as in `quantiles_s`."""
    for i in range(len(out)):
        out[i] = uniform(key, first_case + i, address[0], address[1], address[2], address[3])


@entry
def uniforms_at(key, addresses, purpose, out):
    """Uniform numbers at any addresses: rows of case, stream id, step id and repetition."""
    for i in range(len(out)):
        out[i] = uniform(key, addresses[i, 0], addresses[i, 1], addresses[i, 2], purpose, addresses[i, 3])


def replication_key(seed: int, replication: int) -> np.uint64:
    """Key of one replication: Philox at counter (replication, 0, 0, 0) under the seed's 64 bits."""
    words = philox4x32(
        np.uint64(replication & 0xFFFFFFFF),
        np.uint64(replication >> 32),
        np.uint64(0),
        np.uint64(0),
        np.uint64(seed & 0xFFFFFFFF),
        np.uint64((seed >> 32) & 0xFFFFFFFF),
    )
    return np.uint64(int(words[0]) | (int(words[1]) << 32))


def name_id(name: str) -> int:
    """Thirty-two bits that stand for a name in addresses (first bytes of BLAKE2b of its UTF-8 text)."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "little")
