"""An interrupt is neither lost nor raised where it does harm."""

import signal
import time

import numpy as np
import pytest

from app import interrupts, progress


@pytest.fixture(autouse=True)
def hears():
    """Tests may run in a process that is deaf to interrupts."""
    before = signal.getsignal(signal.SIGINT)
    with interrupts.heard(even_if_deaf=True):
        yield
    assert signal.getsignal(signal.SIGINT) is before


def interrupt():
    signal.raise_signal(signal.SIGINT)


def test_an_interrupt_ends_the_work_where_it_says_how_far_it_is():
    interrupt()
    with pytest.raises(KeyboardInterrupt):
        progress.report("work", 1, 2)
    progress.report("what is finished is shown", 2, 2)


def test_work_that_says_nothing_for_a_second_is_ended_wherever_it_is():
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        interrupt()
        time.sleep(60)
    assert 0.5 < time.monotonic() - begun < 30
    progress.report("heard once", 1, 2)


def test_an_interrupt_that_was_heeded_is_not_called_to_mind():
    interrupt()
    with pytest.raises(KeyboardInterrupt):
        progress.report("work", 1, 2)
    interrupts._remind()
    interrupts._reminds = True  # on its way when the work ended
    interrupt()
    progress.report("what is finished is shown", 2, 2)


def test_a_second_interrupt_ends_the_work_at_once():
    interrupt()
    with pytest.raises(KeyboardInterrupt):
        interrupt()


class Odd(type):
    """Is interrupted once while it is looked at for attributes that it does not have."""

    asked = 0

    def __getattr__(cls, name):
        Odd.asked += 1
        if Odd.asked == 1:
            interrupt()
        raise AttributeError(name)


def test_what_numpy_forgets_is_not_lost():
    """As happens where an array is compared with a member of an enumeration, in Python 3.11."""
    assert not (np.arange(2) == Odd("thing", (), {})).any()
    assert Odd.asked
    with pytest.raises(KeyboardInterrupt):
        progress.report("work", 1, 2)


def test_the_compiler_is_left_in_peace():
    inside = {"__name__": "llvmlite.binding.executionengine", "interrupt": interrupt}
    exec("def called_back():\n    interrupt()\n    interrupt()\n    return 'compiled'", inside)
    assert inside["called_back"]() == "compiled"
    with pytest.raises(KeyboardInterrupt):
        time.sleep(60)


def test_who_is_deaf_stays_deaf_unless_others_follow_the_work():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interrupts.heard(even_if_deaf=False):
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    with interrupts.heard(even_if_deaf=True):
        assert signal.getsignal(signal.SIGINT) is interrupts._hear
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    signal.signal(signal.SIGINT, interrupts._hear)
