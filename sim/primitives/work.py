"""Work and the time that it takes: whole numbers throughout, so that both engines agree to the last microsecond.

A rate is a whole number of 1/65536 units of work a microsecond (`sim.codes.RATE_ONE` is one).
"""

from __future__ import annotations

import numpy as np

from sim.codes import RATE_ONE
from sim.primitives._cache import compiled
from sim.primitives.quantile import round_us

_ONE = np.int64(RATE_ONE)
_BITS = RATE_ONE.bit_length() - 1
MOST_WORK = np.int64(1 << 46)
"""The longest work, some 2.2 years at rate one; longer draws are cut to it."""


@compiled
def rate_of(speed, pace):
    """The rate of an agent: speed in the queue times the agent's own pace, at least 1 and at most 2**16 times one."""
    return max(np.int64(1), np.int64(min(np.floor(speed * pace * 65536.0 + 0.5), 4294967296.0)))


@compiled
def shared_rate(rate, contacts, slowdown):
    """The rate at which each of several contacts goes on (``slowdown`` in 1/65536 for each further contact)."""
    if contacts == 1:
        return rate
    return max(np.int64(1), rate * _ONE // (_ONE + (contacts - 1) * slowdown))


@compiled
def work_us(seconds):
    """Seconds of work, rounded to units."""
    return min(round_us(seconds), MOST_WORK)


@compiled
def took_us(work, rate):
    """Microseconds that work takes at a rate, rounded up."""
    if rate == _ONE:
        return work
    return (work * _ONE + rate - 1) // rate


@compiled
def done_us(elapsed_us, rate):
    """Units of work done in a time at a rate, rounded down."""
    return (elapsed_us * rate) >> _BITS


@compiled
def share_at(begin, end, share_begin, share_end, time):
    """A share on the straight line between its values at two times."""
    return share_begin + (share_end - share_begin) * (np.float64(time - begin) / np.float64(end - begin))
